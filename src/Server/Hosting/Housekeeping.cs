using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Security;
using Chitin.Sessions;
using Chitin.Storage;
using Chitin.Transactions;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.Hosting;

/// <summary>What a node does every minute: old versions and dropped tables go after gc.ttl, login times are saved. On a full disk the former is done every few seconds.</summary>
internal sealed class Housekeeping(HistoryCollector collector, SessionHost sessions, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan s_urgentInterval = TimeSpan.FromSeconds(2);

    /// <summary>Runs until stopped. A step that fails is logged and tried again at the next turn.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval < s_urgentInterval ? interval : s_urgentInterval, clock);
        var last = clock.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
        {
            var isDue = clock.GetElapsedTime(last) >= interval;
            if (!isDue && !collector.IsUrgent)
                continue;
            if (isDue)
            {
                last = clock.GetTimestamp();
                await TryAsync("saving login times", SaveLogins).ConfigureAwait(false);
            }

            await TryAsync("removing old versions", () => CollectAsync(stopping)).ConfigureAwait(false);
        }
    }

    /// <summary>What is left to be saved at an orderly end.</summary>
    public Task EndAsync() => TryAsync("saving login times", SaveLogins);

    private ValueTask SaveLogins()
    {
        sessions.Logins.Save(sessions.Catalog.Current);
        return ValueTask.CompletedTask;
    }

    private async ValueTask CollectAsync(CancellationToken stopping)
    {
        collector.TimeToLive = ClusterSettings.Duration(ClusterSettings.HistoryTimeToLive, sessions.Catalog.Current);
        await collector.RunAsync(KeySpace.SystemRange, stopping).ConfigureAwait(false);
    }

    private async Task TryAsync(string name, Func<ValueTask> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or SqlException)
        {
            logger.BackgroundWorkFailed(name, e);
        }
    }
}
