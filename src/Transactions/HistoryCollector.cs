using Chitin.Storage;
using Microsoft.Extensions.Logging;

namespace Chitin.Transactions;

/// <summary>Moves the store's history low forward: behind <c>gc.ttl</c> and behind every snapshot in use.</summary>
public sealed class HistoryCollector(IVersionedStore store, ITransactionManager transactions, TimeProvider time, ILogger<HistoryCollector> logger)
{
    private readonly HybridClock _clock = new(time);
    private long _ttlTicks = TimeSpan.FromHours(4).Ticks;

    /// <summary>How long old versions are kept (the setting gc.ttl). May be changed at any time.</summary>
    public TimeSpan TimeToLive
    {
        get => new(Volatile.Read(ref _ttlTicks));
        set => Volatile.Write(ref _ttlTicks, value.Ticks);
    }

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
        {
            try
            {
                Collect();
            }
            catch (StorageException failure)
            {
                logger.HistoryFailed(failure);
            }
        }
    }

    /// <summary>One step; returns where history begins now.</summary>
    public Timestamp Collect()
    {
        var age = Timestamp.FromUnixMicroseconds(Math.Max(0, _clock.Wall().UnixMicroseconds - (TimeToLive.Ticks / TimeSpan.TicksPerMicrosecond)));
        var oldest = transactions.OldestSnapshot();
        var low = age < oldest ? age : oldest;
        if (low > store.HistoryLow)
        {
            store.AdvanceHistoryLow(low);
            logger.HistoryAdvanced(low);
        }

        return store.HistoryLow;
    }
}
