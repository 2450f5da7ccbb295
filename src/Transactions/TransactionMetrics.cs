using System.Diagnostics.Metrics;

namespace Chitin.Transactions;

/// <summary>What the layer counts. One per manager; the counts are also readable for SHOW and tests.</summary>
public sealed class TransactionMetrics : IDisposable
{
    public const string MeterName = "Chitin.Transactions";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<int> _groupSizes;
    private readonly Histogram<double> _lockWaits;
    private long _commits;
    private long _aborts;
    private long _restarts;
    private long _waits;
    private long _deadlocks;
    private long _groups;

    public TransactionMetrics()
    {
        _meter.CreateObservableCounter("chitin_txn_commits", () => Commits, description: "Transactions that committed writes");
        _meter.CreateObservableCounter("chitin_txn_aborts", () => Aborts, description: "Commits refused by validation");
        _meter.CreateObservableCounter("chitin_txn_restarts", () => Restarts, description: "Statements run again at a newer snapshot");
        _meter.CreateObservableCounter("chitin_txn_lock_waits", () => LockWaits, description: "Locks that had to be waited for");
        _meter.CreateObservableCounter("chitin_txn_deadlocks", () => Deadlocks, description: "Deadlocks resolved");
        _meter.CreateObservableCounter("chitin_txn_commit_groups", () => Groups, description: "Groups of commits handed to the commit log");
        _groupSizes = _meter.CreateHistogram<int>("chitin_txn_group_size", description: "Commits per group");
        _lockWaits = _meter.CreateHistogram<double>("chitin_txn_lock_wait_seconds", "s", "Time spent waiting for locks");
    }

    public long Commits => Volatile.Read(ref _commits);

    public long Aborts => Volatile.Read(ref _aborts);

    public long Restarts => Volatile.Read(ref _restarts);

    public long LockWaits => Volatile.Read(ref _waits);

    public long Deadlocks => Volatile.Read(ref _deadlocks);

    public long Groups => Volatile.Read(ref _groups);

    public void Dispose() => _meter.Dispose();

    internal void Aborted() => Interlocked.Increment(ref _aborts);

    internal void Restarted() => Interlocked.Increment(ref _restarts);

    internal void Deadlocked() => Interlocked.Increment(ref _deadlocks);

    internal void Grouped(int size)
    {
        Interlocked.Add(ref _commits, size);
        Interlocked.Increment(ref _groups);
        _groupSizes.Record(size);
    }

    internal void Waited(TimeSpan time)
    {
        Interlocked.Increment(ref _waits);
        _lockWaits.Record(time.TotalSeconds);
    }
}
