using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>The two ways in which the sorted keys of one index get into the store beside the log. All failures are <see cref="StorageException"/>.</summary>
internal static class LoadFile
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>As a table file. False when keys that the store has lie between: most of them are seen before the file is written.</summary>
    public static bool TryAdd(IVersionedStore store, Timestamp at, LoadPart part)
    {
        var batch = part.Batch;
        using (var between = store.Scan(part.First, (byte[])[.. part.Last, 0], Timestamp.Max.Previous()))
        {
            if (between.SeekToFirst())
                return false;
        }

        using var run = store.BeginSortedRun(at);
        foreach (ref readonly var entry in part.Entries)
            run.Put(batch.KeyOf(entry), batch.ValueOf(entry));
        return run.Add();
    }

    public static void WriteUnlogged(IVersionedStore store, Timestamp at, LoadPart part)
    {
        var batch = part.Batch;
        var writes = new WriteBatch();
        foreach (ref readonly var entry in part.Entries)
        {
            writes.Put(batch.KeyOf(entry), batch.ValueOf(entry));
            if (writes.Length < ChunkBytes)
                continue;
            store.WriteUnlogged(writes, at);
            writes.Clear();
        }

        if (writes.Count > 0)
            store.WriteUnlogged(writes, at);
    }
}

/// <summary>Looks for keys of a batch that are not new: in the batch itself and in the store.</summary>
internal sealed class DuplicateFinder(Transaction transaction, Timestamp at)
{
    /// <summary>So many steps to the next key in the store are cheaper than a search.</summary>
    private const int Steps = 6;

    /// <summary><see cref="DuplicateKeyException"/> for the first row with a key that is not new. The parts are sorted.</summary>
    public void Check(LoadBatch batch)
    {
        LoadEntry? first = null;
        foreach (var part in batch.Parts)
        {
            if (!part.MustBeNew)
                continue;
            CheckOrder(part, ref first);
            if (at > Timestamp.Zero)
                CheckStore(part, ref first);
        }

        if (first is { } found)
            throw new DuplicateKeyException(batch.KeyOf(found).ToArray(), batch.ValueOf(found).ToArray(), found.Row, key => batch.Find(key));
    }

    private static void CheckOrder(LoadPart part, ref LoadEntry? first)
    {
        var batch = part.Batch;
        var entries = part.Entries;
        for (var i = 1; i < entries.Length; i++)
        {
            if (entries[i].Order == entries[i - 1].Order && batch.KeyOf(entries[i]).SequenceEqual(batch.KeyOf(entries[i - 1])))
                TakeEarlier(entries[i], ref first);
        }
    }

    /// <summary>Walks keys and store together; a gap of the store that many keys fall into costs one step.</summary>
    private void CheckStore(LoadPart part, ref LoadEntry? first)
    {
        var batch = part.Batch;
        var entries = part.Entries;
        using var stored = transaction.ScanStore(part.First, (byte[])[.. part.Last, 0], at);
        var valid = stored.SeekToFirst();
        for (var i = 0; i < entries.Length && valid; i++)
        {
            var key = batch.KeyOf(entries[i]);
            var order = stored.Key.SequenceCompareTo(key);
            for (var step = 0; order < 0 && valid; step++)
            {
                valid = step < Steps ? stored.MoveNext() : stored.Seek(key);
                if (valid)
                    order = stored.Key.SequenceCompareTo(key);
            }

            if (valid && order == 0)
                TakeEarlier(entries[i], ref first);
        }
    }

    private static void TakeEarlier(in LoadEntry entry, ref LoadEntry? first)
    {
        if (first is not { } known || entry.Row < known.Row)
            first = entry;
    }
}

/// <summary>Ranges that cover the keys of a load, for the validation of what others have read; few enough to be asked one by one.</summary>
internal sealed class LoadRanges
{
    private const int KeysPerRange = 1024;
    private const int MaxRanges = 4096;

    private List<(byte[] Lower, byte[] Upper)> _ranges = [];

    public IReadOnlyList<(byte[] Lower, byte[] Upper)> Ranges => _ranges;

    public void Add(LoadPart part)
    {
        var entries = part.Entries;
        for (var from = 0; from < entries.Length; from += KeysPerRange)
        {
            var last = Math.Min(from + KeysPerRange, entries.Length) - 1;
            _ranges.Add((part.Batch.KeyOf(entries[from]).ToArray(), [.. part.Batch.KeyOf(entries[last]), 0]));
        }

        if (_ranges.Count > MaxRanges)
            Merge();
    }

    /// <summary>Unites what overlaps and then neighbours of one index, until half of the room is free.</summary>
    private void Merge()
    {
        _ranges.Sort((a, b) => a.Lower.AsSpan().SequenceCompareTo(b.Lower));
        Unite(_ranges.Count, (left, right) => right.Lower.AsSpan().SequenceCompareTo(left.Upper) <= 0);
        while (_ranges.Count > MaxRanges / 2)
        {
            var before = _ranges.Count;
            Unite(2, (left, right) => left.Lower.AsSpan(0, RangeLoad.IndexPrefix).SequenceEqual(right.Lower.AsSpan(0, RangeLoad.IndexPrefix)));
            if (_ranges.Count == before)
                return;
        }
    }

    private void Unite(int most, Func<(byte[] Lower, byte[] Upper), (byte[] Lower, byte[] Upper), bool> belongs)
    {
        var united = new List<(byte[] Lower, byte[] Upper)>();
        var count = 0;
        foreach (var range in _ranges)
        {
            if (count > 0 && count < most && belongs(united[^1], range))
            {
                if (range.Upper.AsSpan().SequenceCompareTo(united[^1].Upper) > 0)
                    united[^1] = (united[^1].Lower, range.Upper);
                count++;
            }
            else
            {
                united.Add(range);
                count = 1;
            }
        }

        _ranges = united;
    }
}
