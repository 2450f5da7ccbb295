using System.Buffers.Binary;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// What stands in the store about loads, under keys of storage id 0, which no table has: the range of a load that nobody else knows of; per table file of a shared load the range that it
/// covers; and, once a shared load is over, its range, written at the instant from which its rows are seen or gone.
/// </summary>
internal static class LoadRecords
{
    private const int RemovalBytes = 4 << 20;

    public static (byte[] Lower, byte[] Upper) Own => Section(1);

    public static (byte[] Lower, byte[] Upper) Shared => Section(4);

    public static (byte[] Lower, byte[] Upper) Ended => Section(5);

    public static byte[] OwnKey(byte[] lower) => [.. Own.Lower, .. lower];

    public static byte[] SharedKey(Timestamp at, int number)
    {
        var key = new byte[RangeLoad.IndexPrefix + sizeof(ulong) + sizeof(int)];
        Shared.Lower.CopyTo(key, 0);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(RangeLoad.IndexPrefix), at.Value);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(RangeLoad.IndexPrefix + sizeof(ulong)), number);
        return key;
    }

    public static byte[] EndedKey(Timestamp at)
    {
        var key = new byte[RangeLoad.IndexPrefix + sizeof(ulong)];
        Ended.Lower.CopyTo(key, 0);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(RangeLoad.IndexPrefix), at.Value);
        return key;
    }

    /// <summary>Two byte strings as one: the length of the first (4 bytes, big endian), then both.</summary>
    public static byte[] Pair(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var pair = new byte[sizeof(int) + first.Length + second.Length];
        BinaryPrimitives.WriteInt32BigEndian(pair, first.Length);
        first.CopyTo(pair.AsSpan(sizeof(int)));
        second.CopyTo(pair.AsSpan(sizeof(int) + first.Length));
        return pair;
    }

    /// <summary>
    /// Removes what loads left behind that did not end with their transaction's commit, and finds again what is hidden from old snapshots. Before the first transaction begins.
    /// </summary>
    public static void Recover(TransactionManager manager)
    {
        foreach (var (key, value, _) in ReadAll(manager, Own))
        {
            var lower = key[RangeLoad.IndexPrefix..];
            RemoveOwnAsync(manager, lower, value).GetAwaiter().GetResult();
            manager.Logger.LoadRemoved(Convert.ToHexString(lower));
        }

        foreach (var load in ReadAll(manager, Shared).GroupBy(r => TimestampIn(r.Key)).ToList())
        {
            // Its own range is not known any more: that from the first to the last of its files holds all of it.
            var ranges = load.Select(r => Split(r.Value)).ToList();
            var lower = ranges.Select(r => r.First).Min(Comparer<byte[]>.Create(Compare))!;
            var upper = ranges.Select(r => r.Second).Max(Comparer<byte[]>.Create(Compare))!;
            RemoveSharedAsync(manager, load.Key, lower, upper).GetAwaiter().GetResult();
            manager.Logger.LoadRemoved(Convert.ToHexString(lower));
        }

        foreach (var (key, value, end) in ReadAll(manager, Ended))
        {
            var (lower, upper) = Split(value);
            var version = new HiddenVersion(TimestampIn(key), lower, upper);
            version.EndAt(end);
            manager.Hidden.Add(version);
        }
    }

    public static async Task RemoveOwnAsync(TransactionManager manager, byte[] lower, byte[] upper)
    {
        var removal = new WriteBatch { FreesSpace = true };
        removal.DeleteRange(lower, upper);
        removal.Delete(OwnKey(lower));
        removal.Put(DroppedRanges.KeyOf(lower), DroppedRanges.ReusableUpper(upper));
        await CommitAsync(manager, removal).ConfigureAwait(false);
    }

    /// <summary>Deletes the rows of a shared load, in several commits; its records go with the last, whose timestamp is returned. The rows stay hidden from older snapshots.</summary>
    public static async Task<Timestamp> RemoveSharedAsync(TransactionManager manager, Timestamp at, byte[] lower, byte[] upper)
    {
        var records = ReadAll(manager, Shared).Where(r => TimestampIn(r.Key) == at).ToList();
        foreach (var (_, value, _) in records)
        {
            var (first, last) = Split(value);
            for (byte[]? from = first; from is not null;)
            {
                var removal = new WriteBatch { FreesSpace = true };
                from = FillRemoval(manager, at, from, last, removal);
                if (removal.Count > 0)
                    await CommitAsync(manager, removal).ConfigureAwait(false);
            }
        }

        var end = new WriteBatch { FreesSpace = true };
        foreach (var (key, _, _) in records)
            end.Delete(key);
        end.Put(EndedKey(at), Pair(lower, upper));
        return await CommitAsync(manager, end).ConfigureAwait(false);
    }

    /// <summary>A commit of the node itself: no reads to validate, and nothing that a reader's validation asks about.</summary>
    public static Task<Timestamp> CommitAsync(TransactionManager manager, WriteBatch batch) =>
        manager.Pipeline.CommitAsync(new CommitRequest(null, batch, new WrittenKeys([], null, []), null, null)).AsTask();

    /// <summary>Takes the keys of one timestamp; returns where to go on, null at the end.</summary>
    private static byte[]? FillRemoval(TransactionManager manager, Timestamp at, byte[] from, byte[] upper, WriteBatch removal)
    {
        try
        {
            using var rows = manager.Store.Scan(from, upper, manager.Store.LastCommit);
            for (var found = rows.SeekToFirst(); found; found = rows.MoveNext())
            {
                if (rows.At != at)
                    continue;
                if (removal.Length >= RemovalBytes)
                    return rows.Key.ToArray();
                removal.Delete(rows.Key);
            }

            return null;
        }
        catch (StorageException failure)
        {
            throw TransactionErrors.From(failure);
        }
    }

    private static List<(byte[] Key, byte[] Value, Timestamp At)> ReadAll(TransactionManager manager, (byte[] Lower, byte[] Upper) section)
    {
        var found = new List<(byte[], byte[], Timestamp)>();
        using var records = manager.Store.Scan(section.Lower, section.Upper, manager.Store.LastCommit);
        for (var valid = records.SeekToFirst(); valid; valid = records.MoveNext())
            found.Add((records.Key.ToArray(), records.Value.ToArray(), records.At));
        return found;
    }

    private static (byte[] First, byte[] Second) Split(byte[] pair)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(pair);
        return (pair[sizeof(int)..(sizeof(int) + length)], pair[(sizeof(int) + length)..]);
    }

    private static Timestamp TimestampIn(byte[] key) => new(BinaryPrimitives.ReadUInt64BigEndian(key.AsSpan(RangeLoad.IndexPrefix)));

    private static int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);

    private static (byte[] Lower, byte[] Upper) Section(byte number) => ([0, 0, 0, 0, 0, number], [0, 0, 0, 0, 0, (byte)(number + 1)]);
}
