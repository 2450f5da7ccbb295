using System.Runtime.CompilerServices;

namespace Chitin.Core;

/// <summary>
/// Code that waits for a socket goes on where its bytes arrive: on a thread that serves many connections. What may take long leaves that thread first.
/// </summary>
public static class WorkerThread
{
    /// <summary>Whether this thread is a worker of the pool, which may be kept.</summary>
    public static bool IsCurrent => Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>Goes on on a worker of the pool; costs nothing when it already is one.</summary>
    public static Switch SwitchAsync() => default;

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
