using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>Loads: ranges that this transaction writes beside its buffer.</summary>
internal sealed partial class Transaction
{
    private List<RangeLoad>? _loads;

    public IRangeLoad? OpenLoad(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, bool isUnused)
    {
        CheckActive();
        if (IsReadOnly)
            throw TransactionErrors.ReadOnly();
        // What is loaded cannot be undone in part.
        if (_writes is { HasSavepoint: true } || (_writes is { } writes && writes.HoldsKeysIn(lower, upper)))
            return null;
        foreach (var open in _loads ??= [])
        {
            if (open.Lower.AsSpan().SequenceEqual(lower) && open.Upper.AsSpan().SequenceEqual(upper))
                return open;
        }

        var load = new RangeLoad(_manager, lower.ToArray(), upper.ToArray(), isUnused);
        _loads.Add(load);
        return load;
    }

    /// <summary>Where a key, or a range that begins with it, is read: what was loaded is newer than the snapshot.</summary>
    internal Timestamp SnapshotOf(ReadOnlySpan<byte> key, out bool isLoaded)
    {
        isLoaded = false;
        var at = ReadTimestamp;
        if (_loads is null)
            return at;
        foreach (var load in _loads)
        {
            if (key.SequenceCompareTo(load.Lower) < 0 || (load.Upper.Length > 0 && key.SequenceCompareTo(load.Upper) >= 0))
                continue;
            isLoaded = true;
            if (load.Loaded > at)
                at = load.Loaded;
        }

        return at;
    }

    /// <summary>The commit takes the records of the loads away: from then on their rows stay.</summary>
    private void KeepLoads()
    {
        if (_loads is null)
            return;
        foreach (var load in _loads)
        {
            if (load.IsRecorded)
                (_writes ??= new WriteBuffer()).Delete(load.RecordKey);
        }
    }

    private async ValueTask DiscardLoadsAsync()
    {
        if (_loads is not { } loads)
            return;
        _loads = null;
        foreach (var load in loads)
            await load.DiscardAsync().ConfigureAwait(false);
    }
}
