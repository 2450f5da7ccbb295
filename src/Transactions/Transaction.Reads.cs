using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>Reading, and the snapshot that reads see.</summary>
internal sealed partial class Transaction
{
    private int _statement;
    private TransactionCursor? _openCursors;

    internal IVersionedStore Store => _manager.Store;

    public PinnedValue Get(ReadOnlySpan<byte> key)
    {
        CheckActive();
        ThrowIfCancelled();
        if (TryGetOwn(key, out var own))
            return own;

        if (TracksReads && !IsProtected(key))
        {
            SnapshotOf(key, out var isLoaded);
            if (!isLoaded)
                Reads().AddPoint(key, ReadTimestamp);
        }

        return GetFromStore(key, SnapshotOf(key, out _));
    }

    /// <summary>Whether the transaction has written the key itself; absent when it deleted it.</summary>
    private bool TryGetOwn(ReadOnlySpan<byte> key, out PinnedValue own)
    {
        own = default;
        if (_writes is not { } writes)
            return false;
        switch (writes.TryGet(key, out var value))
        {
            case OwnWrite.Put:
                own = new PinnedValue(value, null, 0);
                return true;
            case OwnWrite.Delete:
                return true;
            default:
                return false;
        }
    }

    public PinnedValue GetUnvalidated(ReadOnlySpan<byte> key)
    {
        CheckActive();
        ThrowIfCancelled();
        if (TryGetOwn(key, out var own))
            return own;

        return GetFromStore(key, SnapshotOf(key, out _));
    }

    public PinnedValue GetLatest(ReadOnlySpan<byte> key)
    {
        CheckActive();
        ThrowIfCancelled();
        if (TryGetOwn(key, out var own))
            return own;

        return GetFromStore(key, LatestOf(key));
    }

    public ITransactionCursor ScanLatest(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        CheckActive();
        ThrowIfCancelled();
        try
        {
            var own = _writes is { IsEmpty: false } writes && writes.Touches(lower, upper) ? writes : null;
            return new TransactionCursor(this, ScanStore(lower, upper, LatestOf(lower)), own, lower, upper, reverse: false, tracksReads: false);
        }
        catch (StorageException failure)
        {
            throw TransactionErrors.From(failure);
        }
    }

    private Timestamp LatestOf(ReadOnlySpan<byte> key)
    {
        var (now, seen) = (IsHistorical ? ReadTimestamp : _manager.Now(), SnapshotOf(key, out _));
        return now > seen ? now : seen;
    }

    public void RequireUnchanged(ReadOnlySpan<byte> key)
    {
        CheckActive();
        Reads().AddPoint(key, ReadTimestamp);
    }

    public ITransactionCursor Scan(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, bool reverse = false)
    {
        CheckActive();
        ThrowIfCancelled();
        try
        {
            var own = _writes is { IsEmpty: false } writes && writes.Touches(lower, upper) ? writes : null;
            var snapshot = SnapshotOf(lower, out var isLoaded);
            var tracksReads = TracksReads && !isLoaded;
            var cursor = new TransactionCursor(this, ScanStore(lower, upper, snapshot), own, lower, upper, reverse, tracksReads);
            if (tracksReads)
                Link(cursor);
            return cursor;
        }
        catch (StorageException failure)
        {
            throw TransactionErrors.From(failure);
        }
    }

    internal int Statement => _statement;

    internal void CheckCancelled() => ThrowIfCancelled();

    /// <summary>A cursor ends: what it passed over becomes a read of its snapshot.</summary>
    internal void Close(TransactionCursor cursor)
    {
        if (cursor.PreviousOpen is { } previous)
            previous.NextOpen = cursor.NextOpen;
        else if (_openCursors == cursor)
            _openCursors = cursor.NextOpen;
        if (cursor.NextOpen is { } next)
            next.PreviousOpen = cursor.PreviousOpen;
        cursor.NextOpen = cursor.PreviousOpen = null;
        if (_state == State.Active && cursor.HasReads)
            cursor.RecordReads(Reads());
    }

    private ReadSet Reads()
    {
        if (_reads is { } reads)
            return reads;
        _reads = new ReadSet();
        _reads.MarkStatement();
        return _reads;
    }

    private PinnedValue GetFromStore(ReadOnlySpan<byte> key, Timestamp at)
    {
        try
        {
            var value = Store.Get(key, at);
            return value.Found && !_manager.Hidden.IsEmpty ? PassOverHidden(key, at, value) : value;
        }
        catch (StorageException failure)
        {
            throw TransactionErrors.From(failure);
        }
    }

    /// <summary>A value whose key lies in the range of a load that the snapshot does not see: only its timestamp tells whether it is one of the load's.</summary>
    private PinnedValue PassOverHidden(ReadOnlySpan<byte> key, Timestamp at, PinnedValue value)
    {
        ReadOnlySpan<byte> behind = (byte[])[.. key, 0];
        if (_manager.Hidden.In(key, behind, at, this) is not { } hidden)
            return value;
        value.Dispose();
        using var versions = new HidingIterator(Store.Scan(key, behind, at), hidden);
        return versions.SeekToFirst() ? new PinnedValue(versions.Value.ToArray(), null, 0) : default;
    }

    /// <summary>The store's iterator first, then the question what is hidden from it; see <see cref="HiddenVersions"/>.</summary>
    internal IStoreIterator ScanStore(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp at)
    {
        var rows = Store.Scan(lower, upper, at);
        return !_manager.Hidden.IsEmpty && _manager.Hidden.In(lower, upper, at, this) is { } hidden ? new HidingIterator(rows, hidden) : rows;
    }

    private void Link(TransactionCursor cursor)
    {
        cursor.NextOpen = _openCursors;
        if (_openCursors is { } first)
            first.PreviousOpen = cursor;
        _openCursors = cursor;
    }

    private void FlushOpenCursors()
    {
        for (var cursor = _openCursors; cursor is not null; cursor = cursor.NextOpen)
            cursor.RecordReads(Reads());
    }

    /// <summary>READ COMMITTED: for each statement. SERIALIZABLE: as long as nothing depends on the old one.</summary>
    private bool MayTakeNewSnapshot()
    {
        if (IsHistorical)
            return false;
        if (Isolation == IsolationLevel.ReadCommitted || !_hasStatement)
            return true;
        return TracksReads && _openCursors is null && _reads is null or { IsEmpty: true };
    }

    private void MoveSnapshot(Timestamp to)
    {
        Invariant.Holds(to >= ReadTimestamp, "a snapshot moves forward");
        if (to == ReadTimestamp)
            return;
        ReadTimestamp = to;
        UpdateSlot();
    }

    /// <summary>The slot stands at the oldest instant that anything in this transaction depends on.</summary>
    private void UpdateSlot()
    {
        var oldest = ReadTimestamp;
        if (_reads?.OldestSince() is { } since && since < oldest)
            oldest = since;
        for (var cursor = _openCursors; cursor is not null; cursor = cursor.NextOpen)
        {
            if (cursor.Snapshot < oldest)
                oldest = cursor.Snapshot;
        }

        if (oldest != _slot.At)
            _slot.Set(oldest);
    }
}
