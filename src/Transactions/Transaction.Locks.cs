using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>Locks, refresh, and what the commit writes.</summary>
internal sealed partial class Transaction
{
    private LockOwner? _locks;
    private RelationLocks _relations;
    private byte[] _protectedKey = [];
    private int _protectedLength = -1;

    public ValueTask<LockOutcome> LockAsync(ReadOnlyMemory<byte> key, LockMode mode, LockWaitPolicy policy, CancellationToken cancellationToken)
    {
        CheckActive();
        if (IsReadOnly)
            throw TransactionErrors.ReadOnly();
        ThrowIfCancelled();
        switch (_manager.Locks.Acquire(Owner(), key.Span, mode, policy))
        {
            case LockAttempt.Held:
                Protect(key.Span, mode);
                return new ValueTask<LockOutcome>(LockOutcome.Acquired);
            case LockAttempt.Granted:
                return new ValueTask<LockOutcome>(AfterLock(key.Span, mode));
            case LockAttempt.Busy when policy == LockWaitPolicy.SkipLocked:
                return new ValueTask<LockOutcome>(LockOutcome.Skipped);
            case LockAttempt.Busy:
                throw TransactionErrors.RowLocked();
            default:
                return WaitForRowAsync(key, mode, cancellationToken);
        }
    }

    public ValueTask LockRelationAsync(uint relationId, RelationLock mode, CancellationToken cancellationToken)
    {
        CheckActive();
        if (_relations.Holds(relationId, mode))
            return ValueTask.CompletedTask;
        ThrowIfCancelled();
        Span<byte> key = stackalloc byte[sizeof(uint)];
        RelationLocks.WriteKey(relationId, key);
        if (_manager.Locks.Acquire(Owner(), key, (LockMode)mode, LockWaitPolicy.Wait) == LockAttempt.Waiting)
            return WaitForRelationAsync(relationId, mode, cancellationToken);
        _relations.Remember(relationId, mode);
        return ValueTask.CompletedTask;
    }

    public bool TryLockRelation(uint relationId)
    {
        CheckActive();
        if (_relations.Holds(relationId, RelationLock.Exclusive))
            return true;
        Span<byte> key = stackalloc byte[sizeof(uint)];
        RelationLocks.WriteKey(relationId, key);
        if (_manager.Locks.Acquire(Owner(), key, LockMode.Update, LockWaitPolicy.NoWait) == LockAttempt.Busy)
            return false;
        _relations.Remember(relationId, RelationLock.Exclusive);
        return true;
    }

    public async ValueTask<bool> TryLockRelationAsync(uint relationId, RelationLock mode, TimeSpan patience, CancellationToken cancellationToken)
    {
        CheckActive();
        if (_relations.Holds(relationId, mode))
            return true;
        ThrowIfCancelled();
        var key = new byte[sizeof(uint)];
        RelationLocks.WriteKey(relationId, key);
        if (_manager.Locks.Acquire(Owner(), key, (LockMode)mode, LockWaitPolicy.Wait) == LockAttempt.Waiting)
        {
            try
            {
                await WaitAsync(LockTimeout > TimeSpan.Zero && LockTimeout < patience ? LockTimeout : patience, cancellationToken).ConfigureAwait(false);
            }
            catch (SqlException failure) when (failure.State == SqlState.LockNotAvailable || failure.State == SqlState.DeadlockDetected)
            {
                return false;
            }
        }

        _relations.Remember(relationId, mode);
        return true;
    }

    private LockOwner Owner()
    {
        if (_locks is null)
            Volatile.Write(ref _locks, new LockOwner(Id));
        return _locks;
    }

    private async ValueTask<LockOutcome> WaitForRowAsync(ReadOnlyMemory<byte> key, LockMode mode, CancellationToken cancellationToken)
    {
        await WaitAsync(LockTimeout, cancellationToken).ConfigureAwait(false);
        return AfterLock(key.Span, mode);
    }

    private async ValueTask WaitForRelationAsync(uint relationId, RelationLock mode, CancellationToken cancellationToken)
    {
        await WaitAsync(LockTimeout, cancellationToken).ConfigureAwait(false);
        _relations.Remember(relationId, mode);
    }

    private async ValueTask WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await _manager.Locks.WaitAsync(_locks!, timeout, () => _isCancelled, cancellationToken).ConfigureAwait(false);
        }
        catch (SqlException failure) when (failure.State == SqlState.QueryCanceled)
        {
            _isCancelled = false;
            throw;
        }
    }

    /// <summary>The lock is held: has the key changed since the snapshot?</summary>
    private LockOutcome AfterLock(ReadOnlySpan<byte> key, LockMode mode)
    {
        // A KEY SHARE lock (foreign keys) stands beside writers that leave the key alone: what they wrote is none of its business.
        var isStale = _manager.Recent.WrittenAfter(key, ReadTimestamp, strongOnly: mode == LockMode.KeyShare);
        if (isStale)
            Refresh();
        Protect(key, mode);
        return isStale ? LockOutcome.AcquiredStale : LockOutcome.Acquired;
    }

    public void RequireSnapshot(Timestamp? atLeast)
    {
        CheckActive();
        if (IsHistorical || (atLeast is { } instant && instant <= ReadTimestamp))
            return;
        if (MayTakeNewSnapshot())
            MoveSnapshot(_manager.Now());
        else if (IsReadOnly)
            throw TransactionErrors.ConcurrentUpdate();
        else
        {
            // The statement that asks has read nothing yet: all reads are those of earlier ones.
            _reads?.MarkStatement();
            _statement++;
            Refresh();
        }
    }

    /// <summary>Moves the snapshot to now. Under SERIALIZABLE everything that earlier statements read must still hold.</summary>
    private void Refresh()
    {
        // First the target, then the question: a commit that becomes visible in between is asked about too.
        var now = _manager.Now();
        if (Isolation == IsolationLevel.Serializable)
        {
            if (!EarlierStatementsHold())
                throw TransactionErrors.ConcurrentUpdate();
            _reads?.MoveEarlierStatements(now);
        }

        MoveSnapshot(now);
    }

    private bool EarlierStatementsHold()
    {
        if (_reads is { } reads && !reads.EarlierStatementsHold(_manager.Recent))
            return false;
        for (var cursor = _openCursors; cursor is not null; cursor = cursor.NextOpen)
        {
            if (cursor.Statement != _statement && !cursor.ReadsHold(_manager.Recent))
                return false;
        }

        return true;
    }

    /// <summary>The last key locked in a mode that keeps writers away: reading it needs no validation. This is the pattern "lock, then read".</summary>
    private void Protect(ReadOnlySpan<byte> key, LockMode mode)
    {
        if (mode == LockMode.KeyShare)
            return;
        if (_protectedKey.Length < key.Length)
            _protectedKey = new byte[Math.Max(64, key.Length)];
        key.CopyTo(_protectedKey);
        _protectedLength = key.Length;
    }

    private bool IsProtected(ReadOnlySpan<byte> key) => _protectedLength == key.Length && key.SequenceEqual(_protectedKey.AsSpan(0, _protectedLength));

    private WrittenKeys MakeWrittenKeys()
    {
        var writes = _writes!;
        (byte[], byte[])[] ranges = [.. writes.Ranges.Select(r => (r.Lower, r.Upper)), .. LoadedRanges()];
        if (writes.Count > WrittenKeys.MaxKeys)
            return new WrittenKeys([], null, [.. ranges, .. writes.CoveringRanges(WrittenKeys.KeysPerRange)]);

        var keys = new byte[writes.Count][];
        ulong[]? weak = null;
        var count = 0;
        writes.ForEachKey((key, isDelete) =>
        {
            var mode = LockMode.Update;
            if (_locks is null || !_manager.Locks.TryGetHeld(_locks, key, out mode, out keys[count]))
                keys[count] = key.ToArray();
            else if (!isDelete && mode == LockMode.NoKeyUpdate)
                (weak ??= new ulong[(keys.Length + 63) / 64])[count >> 6] |= 1UL << (count & 63);
            count++;
        });
        return new WrittenKeys(keys, weak, ranges);
    }
}
