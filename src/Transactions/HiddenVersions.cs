using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// The rows of one load into a range that others use. All of them carry one timestamp that no commit has; a snapshot from it up to <see cref="End"/> does not see them. None of their keys
/// had a value that could be seen, so that where they are hidden nothing is there.
/// </summary>
internal sealed class HiddenVersion(Timestamp at, byte[] lower, byte[] upper)
{
    private ulong _end = Timestamp.Max.Value;

    public Timestamp At => at;

    public byte[] Lower => lower;

    public byte[] Upper => upper;

    /// <summary>The transaction that sees them at once; null when it is over.</summary>
    public Transaction? Owner { get; set; }

    /// <summary>The commit that shows them, or the one that has removed the last of them.</summary>
    public Timestamp End => new(Volatile.Read(ref _end));

    public void EndAt(Timestamp end)
    {
        Volatile.Write(ref _end, end.Value);
        Owner = null;
    }
}

/// <summary>
/// What readers must pass over, see <see cref="HiddenVersion"/>. A version is entered before its first row is in the store, and a reader asks after it has opened its iterator: it then
/// either does not have the row or knows of it. Versions stay while history reaches back behind their end, for AS OF SYSTEM TIME.
/// </summary>
internal sealed class HiddenVersions
{
    private readonly Lock _changing = new();
    private volatile HiddenVersion[] _all = [];

    public void Add(HiddenVersion version)
    {
        lock (_changing)
            _all = [.. _all, version];
    }

    /// <summary>The timestamps that a reader of [lower, upper) at a snapshot passes over; null when there are none. An empty upper bound is the end of the store.</summary>
    public Timestamp[]? In(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp snapshot, Transaction reader)
    {
        List<Timestamp>? hidden = null;
        foreach (var version in _all)
        {
            if (version.At <= snapshot && snapshot < version.End && version.Owner != reader &&
                (upper.IsEmpty || upper.SequenceCompareTo(version.Lower) > 0) && (version.Upper.Length == 0 || lower.SequenceCompareTo(version.Upper) < 0))
            {
                (hidden ??= []).Add(version.At);
            }
        }

        return hidden?.ToArray();
    }

    public bool IsEmpty => _all.Length == 0;

    /// <summary>
    /// Where history may begin at most: not inside a version's hidden time, because behind its begin the store forgets timestamps. Never above <paramref name="low"/>.
    /// </summary>
    public Timestamp HoldHistory(Timestamp low)
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var version in _all)
            {
                if (version.At < low && low < version.End)
                    (low, moved) = (version.At, true);
            }
        }

        return low;
    }

    /// <summary>Takes out what no snapshot can ask for any more.</summary>
    public List<HiddenVersion> TakeExpired(Timestamp historyLow)
    {
        lock (_changing)
        {
            var expired = _all.Where(v => v.End <= historyLow).ToList();
            if (expired.Count > 0)
                _all = [.. _all.Except(expired)];
            return expired;
        }
    }
}

/// <summary>An iterator that passes over hidden versions.</summary>
internal sealed class HidingIterator(IStoreIterator inner, Timestamp[] hidden) : IStoreIterator
{
    public ReadOnlySpan<byte> Key => inner.Key;

    public ReadOnlySpan<byte> Value => inner.Value;

    public Timestamp At => inner.At;

    public bool SeekToFirst() => Forward(inner.SeekToFirst());

    public bool SeekToLast() => Backward(inner.SeekToLast());

    public bool Seek(ReadOnlySpan<byte> key) => Forward(inner.Seek(key));

    public bool SeekForPrevious(ReadOnlySpan<byte> key) => Backward(inner.SeekForPrevious(key));

    public bool MoveNext() => Forward(inner.MoveNext());

    public bool MovePrevious() => Backward(inner.MovePrevious());

    public void Dispose() => inner.Dispose();

    private bool Forward(bool found)
    {
        while (found && Array.IndexOf(hidden, inner.At) >= 0)
            found = inner.MoveNext();
        return found;
    }

    private bool Backward(bool found)
    {
        while (found && Array.IndexOf(hidden, inner.At) >= 0)
            found = inner.MovePrevious();
        return found;
    }
}
