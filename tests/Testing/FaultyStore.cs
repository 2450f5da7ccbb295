using Chitin.Storage;

namespace Chitin.Testing;

/// <summary>What a <see cref="FaultyStore"/> does to the write that it fails.</summary>
public enum WriteFault
{
    /// <summary>Nothing is written, and later writes may succeed: a full disk.</summary>
    DiskFull,

    /// <summary>Nothing is written, and the store takes no more writes.</summary>
    Refused,

    /// <summary>Nothing is written; the caller learns only that the outcome is unknown.</summary>
    UnknownAndLost,

    /// <summary>The batch is written; the caller learns only that the outcome is unknown.</summary>
    UnknownAndKept,
}

/// <summary>A store over another one that fails one write, one step of a load and one read, each chosen by its number from 0, as a bad disk would.</summary>
public sealed class FaultyStore(IVersionedStore inner) : IVersionedStore
{
    private int _writes = -1;
    private int _reads = -1;
    private int _loads = -1;
    private volatile bool _broken;

    /// <summary>The number of the write that fails; below zero none does.</summary>
    public int FailWriteAt { get; set; } = -1;

    public WriteFault Fault { get; set; }

    /// <summary>
    /// The number of the step of a load (begin, put into, add a run; write or flush beside the log) that fails; below zero none does. The store takes further writes then, but for
    /// <see cref="WriteFault.UnknownAndLost"/>, which here is an error that nothing can be written after.
    /// </summary>
    public int FailLoadAt { get; set; } = -1;

    public int Loads => _loads + 1;

    /// <summary>Called before every step of a load with its number.</summary>
    public Action<int>? OnLoad { get; set; }

    /// <summary>Called before every write with its number.</summary>
    public Action<int>? OnWrite { get; set; }

    /// <summary>The number of the read (get, scan or move of an iterator) that fails; below zero none does.</summary>
    public int FailReadAt { get; set; } = -1;

    public StorageFailure ReadFault { get; set; } = StorageFailure.Corruption;

    public int Writes => _writes + 1;

    public int Reads => _reads + 1;

    public Timestamp LastCommit => inner.LastCommit;

    public Timestamp HistoryLow => inner.HistoryLow;

    public PinnedValue Get(ReadOnlySpan<byte> key, Timestamp at)
    {
        CountRead();
        return inner.Get(key, at);
    }

    public IStoreIterator Scan(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp at)
    {
        CountRead();
        return new FaultyIterator(this, inner.Scan(lower, upper, at));
    }

    public void Write(WriteBatch batch, Timestamp commitTimestamp, bool sync)
    {
        if (_broken)
            throw new StorageException(StorageFailure.ReadOnly, "injected: an earlier write has failed");
        OnWrite?.Invoke(_writes + 1);
        if (Interlocked.Increment(ref _writes) != FailWriteAt)
        {
            inner.Write(batch, commitTimestamp, sync);
            return;
        }

        if (Fault == WriteFault.DiskFull)
            throw new StorageException(StorageFailure.DiskFull, "injected: no space left");
        _broken = true;
        if (Fault == WriteFault.UnknownAndKept)
            inner.Write(batch, commitTimestamp, sync);
        throw Fault == WriteFault.Refused
            ? new StorageException(StorageFailure.InputOutput, "injected: the write did not happen")
            : new StorageException(StorageFailure.OutcomeUnknown, "injected: the sync failed");
    }

    /// <summary>All or nothing, as RocksDB does it. A failing write among many fails all of them.</summary>
    public void WriteGroup(ReadOnlySpan<StampedBatch> group)
    {
        var first = _writes + 1;
        if (group.Length == 1 || _broken || FailWriteAt < first || FailWriteAt >= first + group.Length)
        {
            if (group.Length == 1 || _broken)
            {
                Write(group[0].Batch, group[0].CommitTimestamp, sync: true);
                return;
            }

            _writes += group.Length;
            inner.WriteGroup(group);
            return;
        }

        _writes += group.Length;
        if (Fault == WriteFault.DiskFull)
            throw new StorageException(StorageFailure.DiskFull, "injected: no space left");
        _broken = true;
        if (Fault == WriteFault.UnknownAndKept)
            inner.WriteGroup(group);
        throw Fault == WriteFault.Refused
            ? new StorageException(StorageFailure.InputOutput, "injected: the write did not happen")
            : new StorageException(StorageFailure.OutcomeUnknown, "injected: the sync failed");
    }

    public ISortedRun BeginSortedRun(Timestamp at)
    {
        ISortedRun? run = null;
        StepOfLoad(() => run = inner.BeginSortedRun(at), discard: () => run?.Dispose());
        return new FaultyRun(this, run!);
    }

    public void WriteUnlogged(WriteBatch batch, Timestamp at) => StepOfLoad(() => inner.WriteUnlogged(batch, at));

    public void FlushUnlogged() => StepOfLoad(inner.FlushUnlogged);

    public bool IsShortOfSpace => inner.IsShortOfSpace;

    public void DropFiles(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper) => inner.DropFiles(lower, upper);

    public void AdvanceHistoryLow(Timestamp low) => inner.AdvanceHistoryLow(low);

    public long ApproximateSize(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper) => inner.ApproximateSize(lower, upper);

    public void Reclaim(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, CancellationToken stopping) => inner.Reclaim(lower, upper, stopping);

    public void PutLocal(string name, ReadOnlySpan<byte> value) => inner.PutLocal(name, value);

    public byte[]? GetLocal(string name) => inner.GetLocal(name);

    public void Dispose() => inner.Dispose();

    private void StepOfLoad(Action step, Action? discard = null)
    {
        if (_broken)
            throw new StorageException(StorageFailure.ReadOnly, "injected: an earlier write has failed");
        var number = Interlocked.Increment(ref _loads);
        OnLoad?.Invoke(number);
        if (number != FailLoadAt)
        {
            step();
            return;
        }

        _broken = Fault == WriteFault.UnknownAndLost;
        if (Fault == WriteFault.UnknownAndKept)
        {
            step();
            discard?.Invoke();
        }

        throw Fault == WriteFault.DiskFull
            ? new StorageException(StorageFailure.DiskFull, "injected: no space left")
            : new StorageException(StorageFailure.InputOutput, "injected: a file could not be written");
    }

    private void CountRead()
    {
        if (Interlocked.Increment(ref _reads) == FailReadAt)
            throw new StorageException(ReadFault, "injected: a block cannot be read, or does not match its checksum");
    }

    private sealed class FaultyRun(FaultyStore store, ISortedRun inner) : ISortedRun
    {
        private bool _hasKey;

        public long Length => inner.Length;

        /// <remarks>Only the first is a step that may fail: there are as many as rows.</remarks>
        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            if (!_hasKey)
                store.StepOfLoad(() => { });
            _hasKey = true;
            inner.Put(key, value);
        }

        public bool Add()
        {
            var isAdded = false;
            store.StepOfLoad(() => isAdded = inner.Add());
            return isAdded;
        }

        public void Dispose() => inner.Dispose();
    }

    private sealed class FaultyIterator(FaultyStore store, IStoreIterator inner) : IStoreIterator
    {
        public ReadOnlySpan<byte> Key => inner.Key;

        public ReadOnlySpan<byte> Value => inner.Value;

        public Timestamp At => inner.At;

        public bool SeekToFirst()
        {
            store.CountRead();
            return inner.SeekToFirst();
        }

        public bool SeekToLast()
        {
            store.CountRead();
            return inner.SeekToLast();
        }

        public bool Seek(ReadOnlySpan<byte> key)
        {
            store.CountRead();
            return inner.Seek(key);
        }

        public bool SeekForPrevious(ReadOnlySpan<byte> key)
        {
            store.CountRead();
            return inner.SeekForPrevious(key);
        }

        public bool MoveNext()
        {
            store.CountRead();
            return inner.MoveNext();
        }

        public bool MovePrevious()
        {
            store.CountRead();
            return inner.MovePrevious();
        }

        public void Dispose() => inner.Dispose();
    }
}
