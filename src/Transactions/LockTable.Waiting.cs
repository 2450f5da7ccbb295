namespace Chitin.Transactions;

/// <summary>Waiting: deadlocks, timeouts, cancellation.</summary>
internal sealed partial class LockTable
{
    private readonly Lock _detecting = new();
    private readonly List<LockOwner> _toVisit = [];
    private long _pass;

    /// <summary>
    /// Waits for what <see cref="Acquire"/> queued for. Returns when the lock is held. Errors: 40P01 when the wait closes a circle (the one that
    /// closes it gives way), 55P03 after <paramref name="timeout"/> (zero = never), 57014 when cancelled.
    /// </summary>
    public async ValueTask WaitAsync(LockOwner owner, TimeSpan timeout, Func<bool> isCancelled, CancellationToken cancellationToken)
    {
        var wait = owner.WaitNumber;
        var pending = owner.Wait;
        var started = _time.GetTimestamp();
        var blocker = owner.Held.Count > 0 ? FindDeadlock(owner) : 0;
        if (blocker != 0)
            Abort(owner, wait, LockWaitEnd.Deadlock);
        if (isCancelled())
            Abort(owner, wait, LockWaitEnd.Cancelled);

        LockWaitEnd end;
        var registration = cancellationToken.UnsafeRegister(_ => Abort(owner, wait, LockWaitEnd.Cancelled), null);
        var timer = timeout > TimeSpan.Zero
            ? _time.CreateTimer(_ => Abort(owner, wait, LockWaitEnd.TimedOut), null, timeout, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            end = await pending.ConfigureAwait(false);
        }
        finally
        {
            registration.Unregister();
            timer?.Dispose();
        }

        _metrics.Waited(_time.GetElapsedTime(started));
        switch (end)
        {
            case LockWaitEnd.TimedOut:
                throw TransactionErrors.LockTimeout();
            case LockWaitEnd.Cancelled:
                throw TransactionErrors.Cancelled();
            case LockWaitEnd.Deadlock:
                _metrics.Deadlocked();
                _logger.Deadlock(owner.Id);
                throw TransactionErrors.Deadlock(owner.Id, blocker);
        }
    }

    /// <summary>
    /// Looks for a circle of waits through a new waiter; returns one that waits for it, or 0. Every circle is closed by the wait that starts last, and a wait that
    /// is part of one does not end by itself, so walking the shards one at a time misses none. A circle seen while locks changed hands
    /// might be no circle: only one that is seen twice counts.
    /// </summary>
    private long FindDeadlock(LockOwner start)
    {
        lock (_detecting)
            return FindCircle(start) != 0 ? FindCircle(start) : 0;
    }

    private long FindCircle(LockOwner start)
    {
        var pass = ++_pass;
        _toVisit.Clear();
        _toVisit.Add(start);
        start.DetectorPass = pass;
        for (var i = 0; i < _toVisit.Count; i++)
        {
            var waiter = _toVisit[i];
            if (waiter.WaitingFor is not { } entry)
                continue;
            lock (entry.Home.Gate)
            {
                if (waiter.WaitingFor == entry && AddBlockers(waiter, entry, start, pass))
                    return waiter.Id;
            }
        }

        return 0;
    }

    /// <summary>Adds those whom a waiter waits for: conflicting holders and conflicting waiters in front of it. True when the start is among them.</summary>
    private bool AddBlockers(LockOwner waiter, LockEntry entry, LockOwner start, long pass)
    {
        for (var i = 0; i < entry.HolderCount; i++)
        {
            var holder = entry.HolderAt(i);
            if (holder != waiter && Conflict(waiter.WantedMode, entry.ModeAt(i)) && Visit(holder))
                return true;
        }

        for (var ahead = waiter.PreviousWaiter; ahead is not null; ahead = ahead.PreviousWaiter)
        {
            if (!Conflict(waiter.WantedMode, ahead.WantedMode))
                continue;
            if (Visit(ahead))
                return true;

            // This one conflicts with itself and with all that we conflict with: whoever is further ahead of us is ahead of it too.
            if (ahead.WantedMode >= waiter.WantedMode && ahead.WantedMode >= LockMode.NoKeyUpdate)
                break;
        }

        return false;

        bool Visit(LockOwner blocker)
        {
            if (blocker == start)
                return true;
            if (blocker.DetectorPass != pass)
            {
                blocker.DetectorPass = pass;
                _toVisit.Add(blocker);
            }

            return false;
        }
    }
}
