using Chitin.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.Transactions;

/// <summary>Limits of the transaction layer.</summary>
public sealed record TransactionManagerOptions
{
    /// <summary>How much one transaction may write; it is held in memory until commit.</summary>
    public long MaxTransactionBytes { get; init; } = 1L << 30;

    /// <summary>How much all open transactions may have written together; default a quarter of the memory that the process may use, at least what one may write.</summary>
    public long MaxOpenBytes { get; init; } = Math.Max(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>How many keys the record of recent commits holds (about 150 bytes each) before old snapshots lose their chance to commit.</summary>
    public int RecentCommitLimit { get; init; } = 1_000_000;
}

/// <summary>Transactions over one store. Owns the commit thread, not the store or the log: dispose it before them.</summary>
public sealed class TransactionManager : ITransactionManager, IDisposable
{
    private readonly SnapshotRegistry _snapshots;
    private readonly HybridClock _clock;
    private long _lastId;
    private long _openBytes;

    public TransactionManager(
        IVersionedStore store, ICommitLog log, TimeProvider time, ILogger<TransactionManager>? logger = null, TransactionManagerOptions? options = null)
    {
        var sink = logger ?? NullLogger<TransactionManager>.Instance;
        Logger = sink;
        Store = store;
        Options = options ?? new TransactionManagerOptions();
        _clock = new HybridClock(time, above: store.LastCommit);
        _snapshots = new SnapshotRegistry(store.LastCommit);
        Recent = new RecentCommits(sink, Options.RecentCommitLimit);
        Locks = new LockTable(time, Metrics, sink);
        Pipeline = new CommitPipeline(log, _clock, _snapshots, Recent, Metrics, sink);
        Pipeline.Failed += cause => Failed?.Invoke(cause);
        sink.Opened(store.LastCommit, store.HistoryLow);
        LoadRecords.Recover(this);
    }

    /// <summary>Raised once when no more commits can be made and the process must exit (DESIGN part 3, a failed sync). On the commit thread.</summary>
    public event Action<Exception>? Failed;

    public bool IsFailed => Pipeline.IsFailed;

    public TransactionMetrics Metrics { get; } = new();

    /// <summary>What open transactions have written, as far as it is counted.</summary>
    public long OpenBytes => Volatile.Read(ref _openBytes);

    internal IVersionedStore Store { get; }

    internal ILogger Logger { get; }

    internal TransactionManagerOptions Options { get; }

    internal RecentCommits Recent { get; }

    internal LockTable Locks { get; }

    internal HiddenVersions Hidden { get; } = new();

    internal CommitPipeline Pipeline { get; }

    /// <summary>Errors of AS OF: 22023 in the future, 72000 before the oldest version that is kept.</summary>
    public ITransaction Begin(TransactionOptions options)
    {
        var id = Interlocked.Increment(ref _lastId);
        if (options.AsOf is { } instant)
            PrepareAsOf(instant);
        var slot = _snapshots.Enter(options.AsOf, validates: !options.ReadOnly && options.AsOf is null);
        if (options.AsOf is { } at && Store.HistoryLow is var low && at < low)
        {
            SnapshotRegistry.Leave(slot);
            throw TransactionErrors.AsOfTooOld(at, low);
        }

        return new Transaction(this, id, options, slot);
    }

    public Timestamp Now() => _snapshots.Published;

    public Timestamp OldestSnapshot() => _snapshots.Oldest(validatingOnly: false);

    public Timestamp HoldHistory(Timestamp low) => Hidden.HoldHistory(low);

    /// <summary>53200 when open transactions have written too much; nothing is counted then.</summary>
    internal void HoldWrites(long bytes)
    {
        if (Interlocked.Add(ref _openBytes, bytes) <= Options.MaxOpenBytes)
            return;
        ReleaseWrites(bytes);
        throw TransactionErrors.TooMuchOpen(Options.MaxOpenBytes);
    }

    internal void ReleaseWrites(long bytes) => Interlocked.Add(ref _openBytes, -bytes);

    public void Dispose()
    {
        Pipeline.Dispose();
        Metrics.Dispose();
    }

    private void PrepareAsOf(Timestamp instant)
    {
        if (instant <= Now())
            return;
        if (instant > _clock.Wall())
            throw TransactionErrors.AsOfInFuture();
        Pipeline.Settle(instant);
    }
}
