using System.Runtime.CompilerServices;

namespace Chitin.Core;

/// <summary>
/// Code that waits for a socket goes on where its bytes arrive: on a thread that serves many connections. What may take long leaves that thread first.
/// </summary>
public static class WorkerThread
{
    private static readonly Lock s_lock = new();

    /// <summary>Whether this thread is a worker of the pool, which may be kept.</summary>
    public static bool IsCurrent => Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>Goes on on a worker of the pool; costs nothing when it already is one.</summary>
    public static Switch SwitchAsync() => default;

    /// <summary>Around a wait that keeps its thread (sleep, advisory locks): the pool may have one thread more meanwhile, so that sleepers do not keep others from running.</summary>
    public static Blocked Block()
    {
        AddThreads(1);
        return default;
    }

    private static void AddThreads(int change)
    {
        lock (s_lock)
        {
            ThreadPool.GetMinThreads(out var workers, out var completion);
            ThreadPool.SetMinThreads(workers + change, completion);
        }
    }

    /// <summary>Ends what <see cref="Block"/> began.</summary>
    public readonly struct Blocked : IDisposable
    {
        public void Dispose() => AddThreads(-1);
    }

    /// <summary>What <see cref="SwitchAsync"/> awaits.</summary>
    public readonly struct Switch : ICriticalNotifyCompletion
    {
        public bool IsCompleted => IsCurrent;

        public Switch GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => ThreadPool.QueueUserWorkItem(static go => go(), continuation, preferLocal: false);

        public void UnsafeOnCompleted(Action continuation) => ThreadPool.UnsafeQueueUserWorkItem(static go => go(), continuation, preferLocal: false);
    }
}
