using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// Writes straight to the store in a key range that only its transaction knows of: a table or an index that the transaction has made and whose descriptor it has not published. The
/// rows go through the commit pipeline in batches while the transaction is still open, so that a load of any size holds little memory. A record of the load stands in the store
/// from the first batch on and goes with the transaction's commit; when the transaction rolls back, or the process dies, the range is removed by that record.
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

internal sealed class RangeLoad(TransactionManager manager, byte[] lower, byte[] upper) : IRangeLoad
{
    private const int BatchBytes = 4 << 20;
    private const int IndexPrefix = 6;

    private readonly List<HighMark> _marks = [];
    private Batch _batch = new();
    private Batch? _sent;
    private Batch? _spare;
    private Task<Timestamp> _sending = Task.FromResult(Timestamp.Zero);
    private bool _isRecorded;

    /// <summary>The keys under which loads are recorded: of storage id 0, which no table has.</summary>
    public static (byte[] Lower, byte[] Upper) Records => ([0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 2]);

    public byte[] Lower => lower;

    public byte[] Upper => upper;

    /// <summary>Where its rows are read; zero while none is in the store.</summary>
    public Timestamp Loaded { get; private set; }

    /// <summary>Something of it may be in the store.</summary>
    public bool IsRecorded => _isRecorded;

    public byte[] RecordKey => [.. Records.Lower, .. lower];

    public bool IsFull => _batch.Writes.Length >= BatchBytes;

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!_isRecorded)
        {
            _isRecorded = true;
            _batch.Writes.Put(RecordKey, upper);
        }

        _batch.Put(key, value);
    }

    public bool Contains(ReadOnlySpan<byte> key)
    {
        var prefix = key[..Math.Min(IndexPrefix, key.Length)];
        foreach (var mark in _marks)
        {
            if (!mark.Key.AsSpan(0, Math.Min(IndexPrefix, mark.Length)).SequenceEqual(prefix))
                continue;
            if (key.SequenceCompareTo(mark.Key.AsSpan(0, mark.Length)) > 0)
            {
                mark.Set(key);
                return false;
            }

            return IsThere(key);
        }

        var first = new HighMark();
        first.Set(key);
        _marks.Add(first);
        return false;
    }

    public async ValueTask SendAsync()
    {
        await FinishSendingAsync();
        if (_batch.Writes.Count == 0)
            return;
        (_sent, _batch, _spare) = (_batch, _spare ?? new Batch(), null);
        _sending = manager.Pipeline.CommitAsync(new CommitRequest(null, _sent.Writes, new WrittenKeys([], null, []), null, null)).AsTask();
    }

    public async ValueTask FlushAsync()
    {
        await SendAsync();
        await FinishSendingAsync();
    }

    /// <summary>Removes what was loaded, and its record. When that fails, the next start does it.</summary>
    public async ValueTask DiscardAsync()
    {
        if (!_isRecorded)
            return;
        try
        {
            await FinishSendingAsync();
            await RemoveAsync(manager, lower, upper);
        }
        catch (Core.SqlException failure)
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
        await manager.Pipeline.CommitAsync(new CommitRequest(null, removal, new WrittenKeys([], null, []), null, null));
    }

    private async ValueTask FinishSendingAsync()
    {
        if (_sent is null)
            return;
        var sent = _sent;
        _sent = null;
        Loaded = await _sending.ConfigureAwait(false);

        // The pipeline keeps small batches for itself.
        if (sent.Writes.Length >= BatchBytes)
        {
            sent.Clear();
            _spare = sent;
        }
    }

    private bool IsThere(ReadOnlySpan<byte> key)
    {
        if (_batch.Contains(key) || (_sent is { } sent && sent.Contains(key)))
            return true;
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

    /// <summary>The highest key asked for in one index.</summary>
    private sealed class HighMark
    {
        public byte[] Key { get; private set; } = new byte[64];

        public int Length { get; private set; }

        public void Set(ReadOnlySpan<byte> key)
        {
            if (Key.Length < key.Length)
                Key = new byte[key.Length * 2];
            key.CopyTo(Key);
            Length = key.Length;
        }
    }
}
