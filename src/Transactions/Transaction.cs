using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>A transaction over the store; see <see cref="ITransaction"/> for the contract. Everything it may not need is made on first use.</summary>
internal sealed partial class Transaction : ITransaction
{
    /// <summary>Written bytes are told to the manager in steps, so that small transactions touch nothing that others use.</summary>
    private const long HeldStep = 1024 * 1024;

    private readonly TransactionManager _manager;
    private readonly SnapshotRegistry.Slot _slot;
    private State _state;
    private WriteBuffer? _writes;
    private ReadSet? _reads;
    private List<Action<Timestamp>>? _onCommit;
    private List<Action>? _onRollback;
    private long _heldBytes;
    private int _statementMark;
    private bool _hasStatement;
    private bool _freesSpace;
    private volatile bool _isCancelled;

    public Transaction(TransactionManager manager, long id, TransactionOptions options, SnapshotRegistry.Slot slot)
    {
        _manager = manager;
        _slot = slot;
        Id = id;
        Isolation = options.Isolation;
        IsReadOnly = options.ReadOnly || options.AsOf is not null;
        IsHistorical = options.AsOf is not null;
        LockTimeout = options.LockTimeout;
        ReadTimestamp = slot.At;
    }

    private enum State : byte { Active, Committing, Finished }

    public long Id { get; }

    public Timestamp ReadTimestamp { get; private set; }

    public IsolationLevel Isolation { get; }

    public bool IsReadOnly { get; }

    public bool IsHistorical { get; }

    public bool KeepsSnapshot => _state == State.Active && (IsHistorical || (IsReadOnly && Isolation == IsolationLevel.Serializable && _hasStatement));

    public TimeSpan LockTimeout { get; set; }

    public bool HasWrites => _writes is { IsEmpty: false };

    /// <summary>Reads matter only where a write may follow that depends on them.</summary>
    private bool TracksReads => Isolation == IsolationLevel.Serializable && !IsReadOnly;

    public void BeginStatement()
    {
        CheckActive();
        _isCancelled = false;
        if (MayTakeNewSnapshot())
            MoveSnapshot(_manager.Now());
        _hasStatement = true;
        _reads?.MarkStatement();
        _statementMark = _writes?.SetMark(isSavepoint: false) ?? 0;
        _statement++;
    }

    public void RestartStatement()
    {
        CheckActive();
        _manager.Metrics.Restarted();
        _writes?.RollbackTo(_statementMark);
        _reads?.ForgetStatement();
        for (var cursor = _openCursors; cursor is not null; cursor = cursor.NextOpen)
        {
            if (cursor.Statement == _statement)
                cursor.ForgetReads();
        }

        UpdateSlot();
    }

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Writes().Put(key, value);

    public void Delete(ReadOnlySpan<byte> key) => Writes().Delete(key);

    public void DeleteRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper) => Writes().DeleteRange(lower, upper);

    public void DropRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        DeleteRange(lower, upper);
        Put(DroppedRanges.KeyOf(lower), upper);
    }

    public void UseReserve() => _freesSpace = true;

    public int SetSavepoint()
    {
        CheckActive();
        return (_writes ??= new WriteBuffer()).SetMark(isSavepoint: true);
    }

    public void RollbackTo(int savepoint)
    {
        CheckActive();
        _writes?.RollbackTo(savepoint);
        _statementMark = Math.Min(_statementMark, savepoint);
    }

    public ValueTask<Timestamp> CommitAsync(CancellationToken cancellationToken)
    {
        CheckActive();
        KeepLoads();
        if (HasWrites)
            return CommitWritesAsync(cancellationToken);

        FlushOpenCursors();
        if (_reads is { IsEmpty: false } reads && reads.OldestSince() < ReadTimestamp && !_manager.Recent.Hold(reads.Entries))
        {
            Abandon();
            return ValueTask.FromException<Timestamp>(TransactionErrors.ReadWriteDependencies());
        }

        End();
        if (_onCommit is { } actions)
        {
            foreach (var action in actions)
                action(ReadTimestamp);
        }

        return new ValueTask<Timestamp>(ReadTimestamp);
    }

    public ValueTask RollbackAsync()
    {
        if (_loads is not null && _state == State.Active)
            return DiscardAndAbandonAsync();
        if (_state == State.Active)
            Abandon();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => RollbackAsync();

    public void OnCommit(Action<Timestamp> action)
    {
        CheckActive();
        (_onCommit ??= []).Add(action);
    }

    public void OnRollback(Action action)
    {
        CheckActive();
        (_onRollback ??= []).Add(action);
    }

    public void Cancel()
    {
        _isCancelled = true;

        // Either we see the wait, or the waiter sees the flag.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _locks) is { } locks)
            LockTable.Abort(locks, locks.WaitNumber, LockWaitEnd.Cancelled);
    }

    private async ValueTask<Timestamp> CommitWritesAsync(CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfCancelled();
            FlushOpenCursors();
            var request = MakeRequest();

            // The batch has everything: a large buffer need not live on beside it.
            _writes = null;
            _state = State.Committing;
            var commit = await _manager.Pipeline.CommitAsync(request).ConfigureAwait(false);
            End();
            return commit;
        }
        catch
        {
            await DiscardAndAbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The loaded ranges are removed before the locks go: then their numbers may be used again.</summary>
    private async ValueTask DiscardAndAbandonAsync()
    {
        await DiscardLoadsAsync().ConfigureAwait(false);
        Abandon();
    }

    private CommitRequest MakeRequest()
    {
        var batch = _manager.Pipeline.RentBatch();
        try
        {
            _writes!.WriteTo(batch);
        }
        catch (OverflowException)
        {
            throw TransactionErrors.TooLarge(int.MaxValue);
        }

        batch.FreesSpace = _freesSpace;
        return new CommitRequest(_reads, batch, MakeWrittenKeys(), _locks, _onCommit) { Loads = _loads };
    }

    private WriteBuffer Writes()
    {
        CheckActive();
        if (IsReadOnly)
            throw TransactionErrors.ReadOnly();
        ThrowIfCancelled();
        var writes = _writes ??= new WriteBuffer();
        if (writes.Bytes > _manager.Options.MaxTransactionBytes)
            throw TransactionErrors.TooLarge(_manager.Options.MaxTransactionBytes);
        if (writes.Bytes - _heldBytes >= HeldStep)
            HoldWrites(writes.Bytes);
        return writes;
    }

    private void HoldWrites(long bytes)
    {
        _manager.HoldWrites(bytes - _heldBytes);
        _heldBytes = bytes;
    }

    private void Abandon()
    {
        if (_state == State.Finished)
            return;
        if (_locks is { } locks)
            LockTable.ReleaseAll(locks);
        End();
        if (_onRollback is { } actions)
        {
            foreach (var action in actions)
                action();
        }
    }

    private void End()
    {
        if (_state == State.Active && _locks is { } locks)
            LockTable.ReleaseAll(locks);
        _state = State.Finished;
        SnapshotRegistry.Leave(_slot);
        if (_heldBytes != 0)
            _manager.ReleaseWrites(_heldBytes);
        _heldBytes = 0;
        _writes = null;
        _reads = null;
    }

    private void CheckActive() => Invariant.Holds(_state == State.Active, "the transaction is active");

    private void ThrowIfCancelled()
    {
        if (!_isCancelled)
            return;
        _isCancelled = false;
        throw TransactionErrors.Cancelled();
    }
}
