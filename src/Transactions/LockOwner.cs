using System.Threading.Tasks.Sources;

namespace Chitin.Transactions;

internal enum LockWaitEnd : byte { Granted, TimedOut, Cancelled, Deadlock }

/// <summary>
/// One transaction in the lock table: what it holds and the one lock that it may be waiting for. The wait is an awaitable that is used again for each wait;
/// its continuation never runs on the thread that grants.
/// </summary>
internal sealed class LockOwner(long id) : IValueTaskSource<LockWaitEnd>
{
    private ManualResetValueTaskSourceCore<LockWaitEnd> _wait = new() { RunContinuationsAsynchronously = true };
    private volatile LockEntry? _waitingFor;

    public long Id => id;

    /// <summary>Changed by the owner, and by a granter while the owner waits.</summary>
    public List<LockEntry> Held { get; } = [];

    /// <summary>Set and cleared under the gate of the entry's shard.</summary>
    public LockEntry? WaitingFor => _waitingFor;

    public LockMode WantedMode { get; private set; }

    public int WaitNumber { get; private set; }

    public LockOwner? PreviousWaiter { get; set; }

    public LockOwner? NextWaiter { get; set; }

    /// <summary>The pass of the deadlock detector that saw this owner last.</summary>
    public long DetectorPass { get; set; }

    public void StartWait(LockEntry entry, LockMode mode)
    {
        _wait.Reset();
        WaitNumber++;
        WantedMode = mode;
        _waitingFor = entry;
    }

    public void EndWait(LockWaitEnd end)
    {
        _waitingFor = null;
        _wait.SetResult(end);
    }

    public ValueTask<LockWaitEnd> Wait => new(this, _wait.Version);

    LockWaitEnd IValueTaskSource<LockWaitEnd>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<LockWaitEnd>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<LockWaitEnd>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);
}
