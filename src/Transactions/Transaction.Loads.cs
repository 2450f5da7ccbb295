using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>Loads: keys that this transaction writes beside its buffer.</summary>
internal sealed partial class Transaction
{
    /// <summary>How long a load waits for those who write to the table now, before it does without.</summary>
    private static readonly TimeSpan s_loadPatience = TimeSpan.FromSeconds(1);

    private List<RangeLoad>? _loads;

    public IRangeLoad? OpenLoad(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        CheckActive();
        if (IsReadOnly)
            throw TransactionErrors.ReadOnly();
        if (_writes is { HasSavepoint: true } || (_writes is { } writes && writes.HoldsKeysIn(lower, upper)))
            return null;
        return FindLoad(lower, upper) ?? AddLoad(lower, upper, isShared: false);
    }

    public async ValueTask<IRangeLoad?> OpenSharedLoadAsync(
        uint relationId, ReadOnlyMemory<byte> lower, ReadOnlyMemory<byte> upper, bool mayMoveSnapshot, CancellationToken cancellationToken)
    {
        CheckActive();
        if (IsReadOnly)
            throw TransactionErrors.ReadOnly();

        // What is loaded cannot be undone in part, and has a timestamp below that of the buffer.
        if (_writes is { HasSavepoint: true } || (_writes is { } writes && writes.Touches(lower.Span, upper.Span)))
            return null;
        if (FindLoad(lower.Span, upper.Span) is { } open)
            return open;
        // Without the lock the rows go the usual way, which needs none.
        if (!await TryLockRelationAsync(relationId, RelationLock.Load, s_loadPatience, cancellationToken).ConfigureAwait(false))
            return null;

        // From here on nobody else writes there: what has not changed since the snapshot will not.
        if (!IsUnchanged(lower.Span, upper.Span))
        {
            if (!mayMoveSnapshot || (Isolation == IsolationLevel.Serializable && !EarlierStatementsHold()))
                return null;
            Refresh();
        }

        return AddLoad(lower.Span, upper.Span, isShared: true);
    }

    /// <summary>Where a key, or a range that begins with it, is read: what was loaded is newer than the snapshot. Nobody else writes there, so that the read needs no validation.</summary>
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

    private RangeLoad? FindLoad(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        foreach (var open in _loads ?? [])
        {
            if (open.Lower.AsSpan().SequenceEqual(lower) && open.Upper.AsSpan().SequenceEqual(upper))
                return open;
        }

        return null;
    }

    private RangeLoad AddLoad(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, bool isShared)
    {
        var load = new RangeLoad(_manager, this, lower.ToArray(), upper.ToArray(), isShared);
        (_loads ??= []).Add(load);
        return load;
    }

    private bool IsUnchanged(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        var read = new ReadSet();
        read.AddRange(lower, upper, ReadTimestamp);
        return _manager.Recent.Hold(read.Entries);
    }

    /// <summary>The commit takes the records of the loads away: from then on their rows stay.</summary>
    private void KeepLoads()
    {
        foreach (var load in _loads ?? [])
            load.Keep(_writes ??= new WriteBuffer());
    }

    private IEnumerable<(byte[] Lower, byte[] Upper)> LoadedRanges() => _loads?.SelectMany(l => l.Written.Ranges) ?? [];

    private async ValueTask DiscardLoadsAsync()
    {
        if (_loads is not { } loads)
            return;
        _loads = null;
        foreach (var load in loads)
            await load.DiscardAsync().ConfigureAwait(false);
    }
}
