using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// Writes new keys straight to the store while their transaction is still open, so that a load of any size holds little memory: in large batches, which are sorted, checked for keys that
/// are there already, and added to the store as table files. Two kinds: of a range that only the transaction knows of (a table or an index that it has made and not published), and of a
/// table that others use, whose writers it keeps out and whose readers pass over the rows until the commit (<see cref="HiddenVersion"/>). Records of the load stand in the store before
/// its rows and go with the transaction's commit; when the transaction rolls back, or the process dies, the rows are removed by those records.
/// </summary>
/// <remarks>Used by one session at a time. The transaction sees what was loaded after <see cref="FlushAsync"/>. After a failure nothing more is written: the transaction can only be rolled back.</remarks>
public interface IRangeLoad
{
    /// <summary>Enough is waiting that <see cref="SendAsync"/> is due; only between rows, so that a row's keys stay together.</summary>
    bool IsFull { get; }

    /// <param name="key">A key without a visible version.</param>
    /// <param name="value">Its value.</param>
    /// <param name="mustBeNew">It is looked for, in the store and in the load; else the caller knows that it is new.</param>
    /// <param name="row">Rises with the rows; tells which row a <see cref="DuplicateKeyException"/> is about.</param>
    void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool mustBeNew, long row);

    /// <summary>Starts to write what waits, once the batch before it is written. <see cref="DuplicateKeyException"/> when a key of that one is not new.</summary>
    ValueTask SendAsync();

    /// <summary>Returns when all is in the store. Errors as of <see cref="SendAsync"/>.</summary>
    ValueTask FlushAsync();
}

/// <summary>A key of a load is there already: the first such row of the load. The caller makes the error that the client sees.</summary>
public sealed class DuplicateKeyException(byte[] key, byte[] value, long row, Func<byte[], byte[]?> find) : Exception("a key is not new")
{
    public byte[] Key => key;

    /// <summary>The value that it was to have.</summary>
    public byte[] Value => value;

    public long Row => row;

    /// <summary>The value under another key of the same row, if the load has it.</summary>
    public byte[]? Find(byte[] other) => find(other);
}

#pragma warning disable CA1001 // The transaction that owns it ends it by FlushAsync and its commit, or by DiscardAsync; both close the runs.
internal sealed class RangeLoad(TransactionManager manager, Transaction owner, byte[] lower, byte[] upper, bool isShared) : IRangeLoad
#pragma warning restore CA1001
{
    /// <summary>Bytes of a key that tell its index.</summary>
    public const int IndexPrefix = 6;

    private const int BatchBytes = 32 << 20;

    /// <summary>Less is not worth a file of its own.</summary>
    private const int FileBytes = 2 << 20;

    private readonly LoadRanges _written = new();
    private LoadBatch _batch = new();
    private LoadBatch? _sent;
    private LoadBatch? _spare;
    private Task _sending = Task.CompletedTask;
    private HiddenVersion? _hidden;
    private Timestamp _at;
    private int _records;
    private bool _failed;
    private bool _isUnflushed;

    public byte[] Lower => lower;

    public byte[] Upper => upper;

    public bool IsShared => isShared;

    /// <summary>Where its rows are read; zero while none is in the store.</summary>
    public Timestamp Loaded { get; private set; }

    /// <summary>Ranges that cover its keys; for a shared range alone.</summary>
    public LoadRanges Written => _written;

    public bool IsFull => _batch.Bytes >= BatchBytes;

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool mustBeNew, long row) => _batch.Put(key, value, mustBeNew, row);

    public async ValueTask SendAsync()
    {
        await FinishSendingAsync().ConfigureAwait(false);
        if (_batch.IsEmpty || _failed)
            return;
        var sent = _batch;
        (_sent, _batch, _spare) = (sent, _spare ?? new LoadBatch(), null);
        _sending = Task.Run(() => WriteAsync(sent));
    }

    public async ValueTask FlushAsync()
    {
        await SendAsync().ConfigureAwait(false);
        await FinishSendingAsync().ConfigureAwait(false);
        if (_isUnflushed && !_failed)
            await Task.Run(() => RunStorage(manager.Store.FlushUnlogged)).ConfigureAwait(false);
        _isUnflushed = false;
        (_batch, _spare) = (new LoadBatch(), null);
    }

    /// <summary>What the transaction's commit has to write so that the rows stay.</summary>
    public void Keep(WriteBuffer writes)
    {
        if (_at == Timestamp.Zero)
            return;
        if (!isShared)
        {
            writes.Delete(LoadRecords.OwnKey(lower));
            return;
        }

        for (var i = 0; i < _records; i++)
            writes.Delete(LoadRecords.SharedKey(_at, i));
        writes.Put(LoadRecords.EndedKey(_at), LoadRecords.Pair(lower, upper));
    }

    /// <summary>The commit that has kept the rows is about to be visible. Commit thread.</summary>
    public void Show(Timestamp commit) => _hidden?.EndAt(commit);

    /// <summary>Removes what was loaded, and its records. When that fails, the next start does it.</summary>
    public async ValueTask DiscardAsync()
    {
        try
        {
            await FinishSendingAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SqlException or DuplicateKeyException)
        {
            // Its own statement has told of it, or nobody waits for it any more.
            manager.Logger.LoadNotRemoved(failure);
        }

        if (_at == Timestamp.Zero)
            return;
        try
        {
            if (!isShared)
                await LoadRecords.RemoveOwnAsync(manager, lower, upper).ConfigureAwait(false);
            else
                _hidden!.EndAt(await LoadRecords.RemoveSharedAsync(manager, _at, lower, upper).ConfigureAwait(false));
        }
        catch (SqlException failure)
        {
            manager.Logger.LoadNotRemoved(failure);
        }
    }

    private async ValueTask FinishSendingAsync()
    {
        if (_sent is not { } sent)
            return;
        _sent = null;
        _failed = true;
        await _sending.ConfigureAwait(false);
        _failed = false;
        sent.Clear();
        _spare = sent;
    }

    private async Task WriteAsync(LoadBatch batch)
    {
        if (_at == Timestamp.Zero)
            await BeginAsync().ConfigureAwait(false);
        foreach (var part in batch.Parts)
            part.Sort();
        RunStorage(() => new DuplicateFinder(owner, Latest()).Check(batch));
        if (!isShared && batch.Bytes < FileBytes)
        {
            await WriteSmallAsync(batch).ConfigureAwait(false);
            return;
        }

        foreach (var part in batch.Parts)
            await WritePartAsync(part).ConfigureAwait(false);
        if (_at > Loaded)
            Loaded = _at;
    }

    /// <summary>Finds the timestamp of the rows: that of a commit which, in a shared range, writes nothing that it would be seen by.</summary>
    private async Task BeginAsync()
    {
        var begin = new WriteBatch();
        if (!isShared)
        {
            begin.Put(LoadRecords.OwnKey(lower), upper);
            _at = await LoadRecords.CommitAsync(manager, begin).ConfigureAwait(false);
            return;
        }

        foreach (var expired in manager.Hidden.TakeExpired(manager.Store.HistoryLow))
            begin.Delete(LoadRecords.EndedKey(expired.At));
        var at = await LoadRecords.CommitAsync(manager, begin).ConfigureAwait(false);
        _hidden = new HiddenVersion(at, lower, upper) { Owner = owner };
        manager.Hidden.Add(_hidden);
        (_at, Loaded) = (at, at);
    }

    private Timestamp Latest()
    {
        // In a range of its own nothing can be there before something was written.
        if (!isShared)
            return Loaded;
        var now = manager.Now();
        return now > _at ? now : _at;
    }

    /// <summary>One index of a batch, as a file where it can be one. What a shared load covers is on record before.</summary>
    private async Task WritePartAsync(LoadPart part)
    {
        if (isShared)
        {
            var record = new WriteBatch();
            record.Put(LoadRecords.SharedKey(_at, _records++), LoadRecords.Pair(part.First, [.. part.Last, 0]));
            await LoadRecords.CommitAsync(manager, record).ConfigureAwait(false);
            _written.Add(part);
        }

        RunStorage(() =>
        {
            if (part.Bytes >= FileBytes && LoadFile.TryAdd(manager.Store, _at, part))
                return;
            LoadFile.WriteUnlogged(manager.Store, _at, part);
            _isUnflushed = true;
        });
    }

    private async Task WriteSmallAsync(LoadBatch batch)
    {
        var writes = new WriteBatch();
        foreach (var part in batch.Parts)
        {
            foreach (ref readonly var entry in part.Entries)
                writes.Put(batch.KeyOf(entry), batch.ValueOf(entry));
        }

        Loaded = await LoadRecords.CommitAsync(manager, writes).ConfigureAwait(false);
    }

    private static void RunStorage(Action action)
    {
        try
        {
            action();
        }
        catch (StorageException failure)
        {
            throw TransactionErrors.From(failure);
        }
    }
}
