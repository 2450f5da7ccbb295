using System.Buffers.Binary;
using Chitin.Cryptography;
using Chitin.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.SimulationTests.Storage;

/// <summary>
/// Writes batches to a store until it is killed. Batch n puts n into all ten keys of row n mod 7; every eleventh batch deletes a row by its range first.
/// After each one that the store has acknowledged, n goes to standard output.
/// </summary>
internal static class StoreWriter
{
    public const string Name = "store-writer";
    public const int Rows = 7;
    public const int KeysPerRow = 10;

    public static StoreOptions Options(string directory, string keyFile) => new()
    {
        Directory = directory,
        Encryption = new EncryptionOptions(directory, keyFile, null, EncryptionOptions.DefaultRotationPeriod),
        MemtableBytes = 1024 * 1024,
        CacheBytes = 4 * 1024 * 1024,
    };

    public static int Run(string[] args)
    {
        using var store = RocksStore.Open(Options(args[0], args[1]), NullLogger.Instance, TimeProvider.System);
        using var output = Console.OpenStandardOutput();
        var acknowledgement = new byte[sizeof(long)];
        var batch = new WriteBatch();
        var random = new Random((int)store.LastCommit.Value);
        for (var n = (long)store.LastCommit.Value + 1; ; n++)
        {
            Fill(batch, n, random);
            store.Write(batch, new Timestamp((ulong)n), sync: true);
            BinaryPrimitives.WriteInt64LittleEndian(acknowledgement, n);
            output.Write(acknowledgement);
            output.Flush();
            if (n % 50 == 0)
                store.Flush();
            if (n % 70 == 0)
                store.AdvanceHistoryLow(new Timestamp((ulong)n - 20));
        }
    }

    /// <summary>Null where a row was deleted last.</summary>
    public static long? ExpectedIn(int row, long lastCommit)
    {
        for (var n = lastCommit; n > 0; n--)
        {
            if (n % 11 == 0 && n / 11 % Rows == row && n % Rows != row)
                return null;
            if (n % Rows == row)
                return n;
        }

        return null;
    }

    public static byte[] Key(long row, int index) => [(byte)'r', (byte)row, (byte)index];

    private static void Fill(WriteBatch batch, long n, Random random)
    {
        batch.Clear();
        var deleted = n / 11 % Rows;
        if (n % 11 == 0 && deleted != n % Rows)
            batch.DeleteRange(Key(deleted, 0), Key(deleted + 1, 0));
        var value = new byte[random.Next(8, 3000)];
        BinaryPrimitives.WriteInt64LittleEndian(value, n);
        for (var i = 0; i < KeysPerRow; i++)
            batch.Put(Key(n % Rows, i), value);
    }
}
