using System.Buffers.Binary;
using System.Diagnostics;
using Chitin.Cryptography;
using Chitin.Storage;
using Chitin.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.SimulationTests.Storage;

public sealed class KilledWriterTests
{
    private const int Rounds = 8;

    [Fact]
    public async Task A_writer_killed_at_any_moment_loses_nothing_acknowledged_and_leaves_no_half_batch()
    {
        using var directory = new TemporaryDirectory();
        var (path, key) = (directory.File("store"), directory.File("key"));
        StoreKeyFile.Create(key);
        var random = new Random(11);
        var lastCommit = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            var acknowledged = Math.Max(await WriteUntilKilledAsync(path, key, random.Next(20, 300)), lastCommit);
            using var store = RocksStore.Open(StoreWriter.Options(path, key), NullLogger.Instance, TimeProvider.System);
            lastCommit = (long)store.LastCommit.Value;
            Assert.InRange(lastCommit, acknowledged, acknowledged + 1);
            CheckRows(store, lastCommit);
        }

        Assert.True(lastCommit > Rounds, $"only {lastCommit} batches were written");
    }

    /// <summary>The last number that the child has acknowledged; it is killed some time after its first.</summary>
    private static async Task<long> WriteUntilKilledAsync(string path, string key, int milliseconds)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [path, key]) { RedirectStandardOutput = true };
        start.Environment[Program.ChildVariable] = StoreWriter.Name;
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.BaseStream;
        var last = 0L;
        var number = new byte[sizeof(long)];
        Task? kill = null;
        while (await output.ReadAtLeastAsync(number, number.Length, throwOnEndOfStream: false) == number.Length)
        {
            last = BinaryPrimitives.ReadInt64LittleEndian(number);
            kill ??= Task.Delay(milliseconds).ContinueWith(_ => child.Kill(), TaskScheduler.Default);
        }

        Assert.NotNull(kill);
        await kill;
        await child.WaitForExitAsync();
        return last;
    }

    private static void CheckRows(RocksStore store, long lastCommit)
    {
        for (var row = 0; row < StoreWriter.Rows; row++)
        {
            var expected = StoreWriter.ExpectedIn(row, lastCommit);
            for (var index = 0; index < StoreWriter.KeysPerRow; index++)
            {
                using var value = store.Get(StoreWriter.Key(row, index), store.LastCommit);
                Assert.Equal(expected, value.Found ? BinaryPrimitives.ReadInt64LittleEndian(value.Value) : null);
            }
        }
    }
}
