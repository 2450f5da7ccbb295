using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// Merges the transaction's own writes, as they were when it was opened, over the store at its snapshot. Where there are none it is the store's iterator and nothing more.
/// What it has passed over is worked out when it is closed or asked, not row by row.
/// </summary>
internal sealed class TransactionCursor : ITransactionCursor
{
    private readonly Transaction _transaction;
    private readonly IStoreIterator _store;
    private readonly WriteBuffer? _writes;
    private readonly WriteBuffer.Cursor? _own;
    private readonly byte[] _lower = [];
    private readonly byte[] _upper = [];
    private readonly bool _reverse;
    private Position _position;
    private bool _storeIsValid;
    private bool _isOnStore;
    private bool _isOnOwn;
    private bool _forgetsReads;
    private bool _disposed;

    public TransactionCursor(
        Transaction transaction, IStoreIterator store, WriteBuffer? writes, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, bool reverse, bool tracksReads)
    {
        (_transaction, _store, _writes, _reverse) = (transaction, store, writes, reverse);
        (Snapshot, Statement) = (transaction.ReadTimestamp, transaction.Statement);
        _forgetsReads = !tracksReads;
        if (tracksReads || writes is not null)
            (_lower, _upper) = (lower.ToArray(), upper.ToArray());
        _own = writes?.OpenCursor(_lower, _upper, reverse);
    }

    private enum Position : byte { BeforeFirst, Inside, AtEnd }

    /// <summary>Where it reads, also after the transaction's snapshot has moved on.</summary>
    public Timestamp Snapshot { get; }

    public int Statement { get; }

    public TransactionCursor? NextOpen { get; set; }

    public TransactionCursor? PreviousOpen { get; set; }

    public ReadOnlySpan<byte> Key => _isOnOwn ? _own!.Key : _store.Key;

    public ReadOnlySpan<byte> Value => _isOnOwn ? _own!.Value : _store.Value;

    public bool MoveNext()
    {
        if (_position == Position.AtEnd)
            return false;
        _transaction.CheckCancelled();
        try
        {
            var found = _own is null ? MoveStore(_position == Position.BeforeFirst) : MoveMerged();
            _position = found ? Position.Inside : Position.AtEnd;
            return found;
        }
        catch (StorageException failure)
        {
            throw TransactionErrors.From(failure);
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _transaction.Close(this);
        _own?.Dispose();
        _store.Dispose();
    }

    public bool HasReads => !_forgetsReads && _position != Position.BeforeFirst;

    public void ForgetReads() => _forgetsReads = true;

    public void RecordReads(ReadSet reads)
    {
        if (!HasReads)
            return;
        if (_position == Position.AtEnd)
            reads.AddRange(_lower, _upper, Snapshot);
        else if (_reverse)
            reads.AddRange(Key, _upper, Snapshot);
        else
            reads.AddClosedRange(_lower, Key, Snapshot);
    }

    /// <summary>Whether what it has passed over is unchanged.</summary>
    public bool ReadsHold(RecentCommits recent)
    {
        var reads = new ReadSet();
        RecordReads(reads);
        return recent.Hold(reads.Entries);
    }

    private bool MoveStore(bool first)
    {
        if (_reverse)
            return first ? _store.SeekToLast() : _store.MovePrevious();
        return first ? _store.SeekToFirst() : _store.MoveNext();
    }

    private bool MoveMerged()
    {
        var own = _own!;
        if (_position == Position.BeforeFirst)
        {
            _storeIsValid = MoveStore(first: true);
            own.Start();
        }
        else
        {
            Advance();
        }

        while (_storeIsValid || own.IsValid)
        {
            var order = !_storeIsValid ? 1 : !own.IsValid ? -1 : _store.Key.SequenceCompareTo(own.Key) * (_reverse ? -1 : 1);
            if (order < 0)
            {
                if (_writes!.FindRange(_store.Key, 0, own.Limit) is { } deleted)
                {
                    SkipRange(deleted);
                    continue;
                }

                (_isOnStore, _isOnOwn) = (true, false);
                return true;
            }

            (_isOnStore, _isOnOwn) = (order == 0, true);
            if (!own.IsDelete)
                return true;
            Advance();
        }

        _isOnOwn = false;
        return false;
    }

    private void Advance()
    {
        if (_isOnStore)
            _storeIsValid = MoveStore(first: false);
        if (_isOnOwn)
            _own!.Advance();
    }

    private void SkipRange(WriteBuffer.RangeDelete range)
    {
        if (!_reverse)
        {
            _storeIsValid = range.Upper.Length > 0 && _store.Seek(range.Upper);
            return;
        }

        _storeIsValid = _store.SeekForPrevious(range.Lower);
        if (_storeIsValid && _store.Key.SequenceEqual(range.Lower))
            _storeIsValid = _store.MovePrevious();
    }
}
