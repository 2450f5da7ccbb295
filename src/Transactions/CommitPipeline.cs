using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Chitin.Core;
using Chitin.Storage;
using Microsoft.Extensions.Logging;

namespace Chitin.Transactions;

/// <summary>
/// Orders commits. One thread takes all that wait as a group, validates each against what was committed before it (earlier members of the group included), gives
/// out rising timestamps, has the commit log make the group durable with one sync, records and publishes it, runs the commit actions in order, releases
/// locks, and completes the sessions.
/// </summary>
/// <remarks>
/// A failure whose outcome is unknown stops it for good: those commits get 40003, later ones 58030, and <see cref="Failed"/> tells the server to exit.
/// A full disk (53100) or a refused write (58030) fails that group only.
/// </remarks>
internal sealed class CommitPipeline : IDisposable
{
    private const int MaxGroup = 1024;
    private const long MaxGroupBytes = 32 << 20;
    private const int PooledBatchBytes = 64 * 1024;
    private const int PooledBatches = 64;

    private readonly object _gate = new();
    private readonly object _settling = new();
    private readonly ConcurrentQueue<WriteBatch> _batches = new();
    private readonly List<CommitRequest> _accepted = [];
    private readonly List<CommitRecord> _records = [];
    private readonly ICommitLog _log;
    private readonly HybridClock _clock;
    private readonly SnapshotRegistry _snapshots;
    private readonly RecentCommits _recent;
    private readonly TransactionMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private List<CommitRequest> _waiting = [];
    private Timestamp _inFlightFrom;
    private Timestamp _forgotten;
    private volatile Exception? _failure;
    private bool _stopping;

    public CommitPipeline(ICommitLog log, HybridClock clock, SnapshotRegistry snapshots, RecentCommits recent, TransactionMetrics metrics, ILogger logger)
    {
        (_log, _clock, _snapshots, _recent, _metrics, _logger) = (log, clock, snapshots, recent, metrics, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "chitin-commit" };
        _thread.Start();
    }

    /// <summary>Raised once, on the commit thread, when the pipeline has stopped for good.</summary>
    public event Action<Exception>? Failed;

    public bool IsFailed => _failure is not null;

    public ValueTask<Timestamp> CommitAsync(CommitRequest request)
    {
        var completion = request.Completion;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_failure is { } cause)
                throw TransactionErrors.Stopped(cause);
            _waiting.Add(request);
            if (_waiting.Count == 1)
                Monitor.Pulse(_gate);
        }

        return completion;
    }

    /// <summary>An empty batch; comes back by itself once it was appended.</summary>
    public WriteBatch RentBatch() => _batches.TryDequeue(out var batch) ? batch : new WriteBatch();

    /// <summary>Returns when every commit at or before an instant is visible and no later commit can get such a timestamp.</summary>
    public void Settle(Timestamp instant)
    {
        lock (_settling)
        {
            _clock.Forward(instant);
            while (_inFlightFrom != Timestamp.Zero && _inFlightFrom <= instant)
                Monitor.Wait(_settling);
        }
    }

    /// <summary>Commits what waits, then stops.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Run()
    {
        var taken = new List<CommitRequest>();
        while (Take(ref taken))
        {
            for (var start = 0; start < taken.Count;)
            {
                var count = GroupLength(taken, start);
                CommitGroup(CollectionsMarshal.AsSpan(taken).Slice(start, count));
                start += count;
            }

            taken.Clear();
        }
    }

    private bool Take(ref List<CommitRequest> empty)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_stopping)
                    return false;
                Monitor.Wait(_gate);
            }

            (empty, _waiting) = (_waiting, empty);
            return true;
        }
    }

    private static int GroupLength(List<CommitRequest> requests, int start)
    {
        var bytes = 0L;
        var end = start;
        while (end < requests.Count && end - start < MaxGroup && (end == start || bytes + requests[end].Batch.Length <= MaxGroupBytes))
            bytes += requests[end++].Batch.Length;
        return end - start;
    }

    private void CommitGroup(ReadOnlySpan<CommitRequest> group)
    {
        _accepted.Clear();
        _records.Clear();
        foreach (var request in group)
        {
            if (_failure is { } cause)
                request.Refuse(TransactionErrors.Stopped(cause));
            else if (Validate(request))
                Accept(request);
            else
                Refuse(request);
        }

        if (_accepted.Count > 0)
        {
            if (Append())
                Publish();
            EndFlight();
            foreach (var request in _accepted)
                ReturnBatch(request.Batch);
        }

        ForgetOld();
    }

    private void Refuse(CommitRequest request)
    {
        _metrics.Aborted();
        request.Refuse(TransactionErrors.ReadWriteDependencies());
    }

    private bool Validate(CommitRequest request)
    {
        if (request.Reads is not { IsEmpty: false } reads)
            return true;
        if (!_recent.Hold(reads.Entries))
            return false;
        foreach (var earlier in _accepted)
        {
            foreach (ref readonly var read in reads.Entries)
            {
                if (earlier.Written.Touches(read))
                    return false;
            }
        }

        return true;
    }

    private void Accept(CommitRequest request)
    {
        lock (_settling)
        {
            request.CommitTimestamp = _clock.Next();
            if (_accepted.Count == 0)
                _inFlightFrom = request.CommitTimestamp;
        }

        _accepted.Add(request);
        _records.Add(new CommitRecord(request.Batch, request.CommitTimestamp));
    }

    private bool Append()
    {
        try
        {
            _log.Append(CollectionsMarshal.AsSpan(_records));
            return true;
        }
        catch (StorageException failure) when (failure.Kind == StorageFailure.DiskFull && _accepted.Count > 1)
        {
            return AppendSingly();
        }
        catch (StorageException failure) when (failure.Kind is not (StorageFailure.OutcomeUnknown or StorageFailure.ReadOnly))
        {
            _logger.GroupRefused(_accepted.Count, failure);
            foreach (var request in _accepted)
                request.Refuse(TransactionErrors.From(failure));
        }
        catch (StorageException failure)
        {
            foreach (var request in _accepted)
                request.Refuse(TransactionErrors.From(failure));
            Fail(failure);
        }
#pragma warning disable CA1031 // Whatever went wrong, the sessions must hear of it and nothing more may be committed.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            foreach (var request in _accepted)
                request.Refuse(TransactionErrors.OutcomeUnknown(failure));
            Fail(failure);
        }

        return false;
    }

    /// <summary>There was no room for the group, of which nothing was written: there may be for some, above all for what frees space. Those that are left stay accepted.</summary>
    private bool AppendSingly()
    {
        var (requests, records) = (_accepted.ToArray(), _records.ToArray());
        _accepted.Clear();
        for (var i = 0; i < requests.Length; i++)
        {
            _records.Clear();
            _records.Add(records[i]);
            if (_failure is { } cause)
            {
                requests[i].Refuse(TransactionErrors.Stopped(cause));
                continue;
            }

            var kept = _accepted.ToArray();
            _accepted.Clear();
            _accepted.Add(requests[i]);
            var isThere = Append();
            _accepted.Clear();
            _accepted.AddRange(kept);
            if (isThere)
                _accepted.Add(requests[i]);
            else
                ReturnBatch(requests[i].Batch);
        }

        return _accepted.Count > 0;
    }

    private void Publish()
    {
        _metrics.Grouped(_accepted.Count);
        foreach (var request in _accepted)
        {
            _recent.Record(request.Written, request.CommitTimestamp);

            // Before any snapshot can be as new as the commit.
            foreach (var load in request.Loads ?? [])
                load.Show(request.CommitTimestamp);
        }

        _snapshots.Publish(_accepted[^1].CommitTimestamp);
        foreach (var request in _accepted)
            RunActions(request);
        foreach (var request in _accepted)
        {
            if (request.Locks is { } locks)
                LockTable.ReleaseAll(locks);
            request.Complete();
        }
    }

    private void RunActions(CommitRequest request)
    {
        if (request.OnCommit is not { } actions)
            return;
        foreach (var action in actions)
        {
            try
            {
                action(request.CommitTimestamp);
            }
#pragma warning disable CA1031 // The commit is durable: its session is told so; but what is published is no longer what is stored, so nothing may follow.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Fail(failure);
            }
        }
    }

    private void Fail(Exception cause)
    {
        if (_failure is not null)
            return;
        lock (_gate)
            _failure = cause;
        _logger.PipelineFailed(cause);
        Failed?.Invoke(cause);
    }

    private void EndFlight()
    {
        lock (_settling)
        {
            _inFlightFrom = Timestamp.Zero;
            Monitor.PulseAll(_settling);
        }
    }

    private void ReturnBatch(WriteBatch batch)
    {
        if (batch.Length > PooledBatchBytes || _batches.Count >= PooledBatches)
            return;
        batch.Clear();
        _batches.Enqueue(batch);
    }

    private void ForgetOld()
    {
        var oldest = _snapshots.Oldest(validatingOnly: true);
        if (oldest <= _forgotten)
            return;
        _forgotten = oldest;
        _recent.Forget(oldest);
    }
}
