using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// What a transaction has read and since when it must not have changed: points and ranges, in the order of reading, so that the reads of one statement can be
/// forgotten. Memory is bounded: beyond <see cref="Limit"/> entries neighbours are merged into ranges that cover them, which can only refuse more.
/// </summary>
internal sealed class ReadSet
{
    private const int CollapseFactor = 16;

    private readonly ByteArena _arena = new();
    private readonly int _limit;
    private ReadEntry[] _entries = [];
    private int _count;
    private int _mark;
    private ByteArena.Mark _arenaMark;

    public ReadSet(int limit = 16 * 1024) => _limit = limit;

    public int Limit => _limit;

    public int Count => _count;

    public bool IsEmpty => _count == 0;

    public ReadOnlySpan<ReadEntry> Entries => _entries.AsSpan(0, _count);

    /// <summary>A statement starts: <see cref="ForgetStatement"/> returns to here.</summary>
    public void MarkStatement()
    {
        _mark = _count;
        _arenaMark = _arena.Position;
    }

    public void ForgetStatement()
    {
        _count = _mark;
        _arena.Reset(_arenaMark);
    }

    public void AddPoint(ReadOnlySpan<byte> key, Timestamp since) =>
        Add(new ReadEntry(_arena.Add(key), key.Length, ReadKind.Point, since));

    /// <summary>A range with its upper bound left out; an empty bound is the end of the store.</summary>
    public void AddRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp since) =>
        Add(new ReadEntry(_arena.Add(lower, upper), lower.Length, ReadKind.Range, since));

    public void AddClosedRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> last, Timestamp since) =>
        Add(new ReadEntry(_arena.Add(lower, last), lower.Length, ReadKind.ClosedRange, since));

    /// <summary>The oldest instant that a read depends on; <see cref="Timestamp.Max"/> when nothing was read.</summary>
    public Timestamp OldestSince()
    {
        var oldest = Timestamp.Max;
        foreach (ref readonly var entry in Entries)
        {
            if (entry.Since < oldest)
                oldest = entry.Since;
        }

        return oldest;
    }

    /// <summary>Whether the reads made before the running statement still hold.</summary>
    public bool EarlierStatementsHold(RecentCommits recent) => recent.Hold(_entries.AsSpan(0, _mark));

    /// <summary>The reads before the running statement are known to hold up to <paramref name="now"/>.</summary>
    public void MoveEarlierStatements(Timestamp now)
    {
        foreach (ref var entry in _entries.AsSpan(0, _mark))
            entry = entry with { Since = now };
    }

    private void Add(in ReadEntry entry)
    {
        if (_count == _entries.Length)
        {
            if (_count >= _limit)
                Collapse();
            if (_count == _entries.Length)
                Array.Resize(ref _entries, Math.Max(8, _count * 2));
        }

        _entries[_count++] = entry;
    }

    /// <summary>Merges runs of neighbours; earlier statements and the running one apart.</summary>
    private void Collapse()
    {
        var kept = Collapse(_entries.AsSpan(0, _mark));
        var current = _entries.AsSpan(_mark, _count - _mark);
        var merged = Collapse(current);
        current[..merged].CopyTo(_entries.AsSpan(kept));
        var count = kept + merged;
        Array.Clear(_entries, count, _count - count);
        (_mark, _count) = (kept, count);

        // Merged entries live behind the mark's memory: it cannot be reused any more.
        _arenaMark = _arena.Position;
        if (_count > _entries.Length / 2)
            Array.Resize(ref _entries, _entries.Length * 2);
    }

    private int Collapse(Span<ReadEntry> entries)
    {
        if (entries.Length < _limit / 4)
            return entries.Length;
        entries.Sort(static (a, b) => a.Lower.SequenceCompareTo(b.Lower));
        var count = 0;
        for (var i = 0; i < entries.Length;)
        {
            var end = i + 1;
            while (end < entries.Length && end - i < CollapseFactor && SamePrefix(entries[i].Lower, entries[end].Lower))
                end++;
            entries[count++] = end - i == 1 ? entries[i] : Merge(entries[i..end]);
            i = end;
        }

        return count;
    }

    private ReadEntry Merge(ReadOnlySpan<ReadEntry> run)
    {
        var since = run[0].Since;
        var last = run[0];
        foreach (ref readonly var entry in run)
        {
            if (entry.Since < since)
                since = entry.Since;
            if (last.EndsBefore(entry))
                last = entry;
        }

        var kind = last.Kind == ReadKind.Range ? ReadKind.Range : ReadKind.ClosedRange;
        return new ReadEntry(_arena.Add(run[0].Lower, last.Upper), run[0].Lower.Length, kind, since);
    }

    /// <summary>Merging across indexes would cover whole tables: stay within one storage id and index (the first six bytes).</summary>
    private static bool SamePrefix(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        const int Prefix = 6;
        return left.Length >= Prefix && right.Length >= Prefix && left[..Prefix].SequenceEqual(right[..Prefix]);
    }
}

internal enum ReadKind : byte
{
    Point,

    /// <summary>[lower, upper)</summary>
    Range,

    /// <summary>[lower, upper]</summary>
    ClosedRange,
}

/// <summary>One read: its bounds stand one behind the other.</summary>
internal readonly record struct ReadEntry(ArenaSlice Bounds, int LowerLength, ReadKind Kind, Timestamp Since)
{
    public ReadOnlySpan<byte> Lower => Bounds.Span[..LowerLength];

    /// <summary>The upper bound; of a point its key.</summary>
    public ReadOnlySpan<byte> Upper => Kind == ReadKind.Point ? Bounds.Span : Bounds.Span[LowerLength..];

    public bool Contains(ReadOnlySpan<byte> key) => Lower.SequenceCompareTo(key) <= 0 && !IsBehind(key);

    /// <summary>Whether a key lies behind the end.</summary>
    public bool IsBehind(ReadOnlySpan<byte> key)
    {
        var upper = Upper;
        if (Kind == ReadKind.Range)
            return !upper.IsEmpty && key.SequenceCompareTo(upper) >= 0;
        return key.SequenceCompareTo(upper) > 0;
    }

    /// <summary>Whether this read shares a key with [lower, upper).</summary>
    public bool Overlaps(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper) =>
        !IsBehind(lower) && (upper.IsEmpty || Lower.SequenceCompareTo(upper) < 0);

    public bool EndsBefore(in ReadEntry other)
    {
        if (Kind == ReadKind.Range && Upper.IsEmpty)
            return false;
        if (other.Kind == ReadKind.Range && other.Upper.IsEmpty)
            return true;
        var order = Upper.SequenceCompareTo(other.Upper);
        return order < 0 || (order == 0 && Kind == ReadKind.Range && other.Kind != ReadKind.Range);
    }
}
