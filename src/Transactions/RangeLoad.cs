using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// Writes straight to the store in a key range that only its transaction knows of: a table or an index that the transaction has made and whose descriptor it has not published. The
/// rows reach the store in batches while the transaction is still open, so that a load of any size holds little memory: rising keys of large loads as sorted runs, others through the
/// commit pipeline. A record of the load stands in the store before its first row and goes with the transaction's commit; when the transaction rolls back, or the process dies, the
/// range is removed by that record.
/// </summary>
/// <remarks>Used by one session at a time. The transaction sees what was loaded after <see cref="FlushAsync"/>.</remarks>
public interface IRangeLoad
{
    /// <summary>Enough is waiting that <see cref="FlushAsync"/> or <see cref="SendAsync"/> is due.</summary>
    bool IsFull { get; }

    /// <summary>A key may be put once.</summary>
    void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Whether a key was put before. Rising keys (within one index) are told apart without a look.</summary>
    bool Contains(ReadOnlySpan<byte> key);

    /// <summary>Starts to write what waits; waits only for the batch before it.</summary>
    ValueTask SendAsync();

    /// <summary>Returns when all is in the store.</summary>
    ValueTask FlushAsync();
}

#pragma warning disable CA1001 // The transaction that owns it ends it by FlushAsync and its commit, or by DiscardAsync; both close the runs.
internal sealed class RangeLoad(TransactionManager manager, byte[] lower, byte[] upper, bool isUnused) : IRangeLoad
#pragma warning restore CA1001
{
    /// <summary>Bytes of a key that tell its index.</summary>
    public const int IndexPrefix = 6;

    private const int BatchBytes = 4 << 20;

    private readonly List<IndexKeys> _indexes = [];
    private SortedRuns? _runs;
    private Batch _batch = new();
    private Batch? _sent;
    private Batch? _spare;
    private Task<Timestamp> _sending = Task.FromResult(Timestamp.Zero);

    /// <summary>The keys under which loads are recorded: of storage id 0, which no table has.</summary>
    public static (byte[] Lower, byte[] Upper) Records => ([0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 2]);

    public byte[] Lower => lower;

    public byte[] Upper => upper;

    /// <summary>Where its rows are read; zero while none is in the store.</summary>
    public Timestamp Loaded { get; private set; }

    /// <summary>Something of it may be in the store.</summary>
    public bool IsRecorded { get; private set; }

    public byte[] RecordKey => [.. Records.Lower, .. lower];

    public bool IsFull => _batch.Writes.Length >= BatchBytes;

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => _batch.Put(key, value);

    public bool Contains(ReadOnlySpan<byte> key)
    {
        var prefix = key[..Math.Min(IndexPrefix, key.Length)];
        foreach (var index in _indexes)
        {
            if (!index.Prefix.AsSpan().SequenceEqual(prefix))
                continue;
            if (key.SequenceCompareTo(index.Highest.Span) <= 0)
                return IsThere(index, key);
            index.Highest.Set(key);
            return false;
        }

        var first = new IndexKeys(prefix.ToArray());
        first.Highest.Set(key);
        _indexes.Add(first);
        return false;
    }

    public async ValueTask SendAsync()
    {
        await FinishSendingAsync().ConfigureAwait(false);
        if (_batch.Writes.Count == 0)
            return;
        (_sent, _batch, _spare) = (_batch, _spare ?? new Batch(), null);
        _sending = WriteAsync(_sent.Writes);
    }

    public async ValueTask FlushAsync()
    {
        await SendAsync().ConfigureAwait(false);
        await FinishSendingAsync().ConfigureAwait(false);
        if (_runs is { IsOpen: true } runs)
            await Task.Run(() => RunStorage(runs.Close)).ConfigureAwait(false);
    }

    /// <summary>Removes what was loaded, and its record. When that fails, the next start does it.</summary>
    public async ValueTask DiscardAsync()
    {
        try
        {
            await FinishSendingAsync().ConfigureAwait(false);
        }
        catch (SqlException failure)
        {
            // Its own statement has told of it, or nobody waits for it any more.
            manager.Logger.LoadNotRemoved(failure);
        }

        _runs?.Dispose();
        if (!IsRecorded)
            return;
        try
        {
            await RemoveAsync(manager, lower, upper).ConfigureAwait(false);
        }
        catch (SqlException failure)
        {
            manager.Logger.LoadNotRemoved(failure);
        }
    }

    /// <summary>Removes what loads left behind that did not end with their transaction's commit. Before the first transaction begins.</summary>
    public static void RemoveLeftovers(TransactionManager manager)
    {
        var (first, last) = Records;
        var left = new List<(byte[] Lower, byte[] Upper)>();
        using (var records = manager.Store.Scan(first, last, manager.Store.LastCommit))
        {
            for (var found = records.SeekToFirst(); found; found = records.MoveNext())
                left.Add((records.Key[first.Length..].ToArray(), records.Value.ToArray()));
        }

        foreach (var (from, to) in left)
        {
            RemoveAsync(manager, from, to).AsTask().GetAwaiter().GetResult();
            manager.Logger.LoadRemoved(Convert.ToHexString(from));
        }
    }

    private static async ValueTask RemoveAsync(TransactionManager manager, byte[] lower, byte[] upper)
    {
        var removal = new WriteBatch();
        removal.DeleteRange(lower, upper);
        removal.Delete([.. Records.Lower, .. lower]);
        removal.Put(DroppedRanges.KeyOf(lower), upper);
        await CommitAsync(manager, removal).ConfigureAwait(false);
    }

    private static Task<Timestamp> CommitAsync(TransactionManager manager, WriteBatch batch) =>
        manager.Pipeline.CommitAsync(new CommitRequest(null, batch, new WrittenKeys([], null, []), null, null)).AsTask();

    private async Task<Timestamp> WriteAsync(WriteBatch batch)
    {
        if (!IsRecorded)
        {
            var record = new WriteBatch();
            record.Put(RecordKey, upper);
            IsRecorded = true;
            var at = await CommitAsync(manager, record).ConfigureAwait(false);
            if (isUnused)
                _runs = new SortedRuns(manager.Store, at);
        }

        // A small load is not worth a file of its own.
        if (_runs is not { } runs || (batch.Length < BatchBytes && !runs.IsOpen))
            return await CommitAsync(manager, batch).ConfigureAwait(false);
        var rest = new WriteBatch();
        await Task.Run(() => RunStorage(() => runs.Write(batch, rest))).ConfigureAwait(false);
        return rest.Count == 0 ? runs.At : await CommitAsync(manager, rest).ConfigureAwait(false);
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

    private async ValueTask FinishSendingAsync()
    {
        if (_sent is not { } sent)
            return;
        _sent = null;
        var written = await _sending.ConfigureAwait(false);
        if (written > Loaded)
            Loaded = written;

        // The pipeline keeps small batches for itself.
        if (sent.Writes.Length < BatchBytes)
            return;
        sent.Clear();
        _spare = sent;
    }

    private bool IsThere(IndexKeys index, ReadOnlySpan<byte> key)
    {
        if (_batch.Contains(key) || (_sent is { } sent && sent.Contains(key)))
            return true;
        if (!index.IsSettled)
        {
            // Once for each index: what was written as a run must be readable now.
            index.IsSettled = true;
            FinishSendingAsync().AsTask().GetAwaiter().GetResult();
            if (_runs is { } runs)
                RunStorage(() => runs.Settle(index.Prefix));
        }

        if (Loaded == Timestamp.Zero)
            return false;
        try
        {
            using var found = manager.Store.Get(key, Loaded);
            return found.Found;
        }
        catch (StorageException failure)
        {
            throw TransactionErrors.From(failure);
        }
    }

    /// <summary>What is known of the keys asked for in one index.</summary>
    private sealed class IndexKeys(byte[] prefix)
    {
        public byte[] Prefix => prefix;

        public KeyMark Highest { get; } = new();

        /// <summary>It has no run and gets none.</summary>
        public bool IsSettled { get; set; }
    }

    /// <summary>A batch under way, with its keys once somebody asks for them.</summary>
    private sealed class Batch
    {
        private HashSet<byte[]>? _keys;

        public WriteBatch Writes { get; } = new();

        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            Writes.Put(key, value);
            _keys?.Add(key.ToArray());
        }

        public void Clear()
        {
            Writes.Clear();
            _keys = null;
        }

        public bool Contains(ReadOnlySpan<byte> key)
        {
            if (_keys is null)
            {
                _keys = new HashSet<byte[]>(KeyComparer.Instance);
                foreach (var entry in Writes)
                    _keys.Add(entry.Key.ToArray());
            }

            return _keys.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(key);
        }
    }
}
