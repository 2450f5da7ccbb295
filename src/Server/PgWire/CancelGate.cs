using Chitin.Sessions;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.PgWire;

/// <summary>Cancel requests come from anybody: few at a time, and a wrong one waits a second, so that the 63 bits cannot be tried out.</summary>
internal sealed class CancelGate(SessionRegistry registry, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan s_penalty = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _slots = new(16);

    public async Task CancelAsync(int processId, int secret, string address, CancellationToken cancellationToken)
    {
        // When all slots are taken by wrong ones, further requests are dropped, not queued.
        if (!await _slots.WaitAsync(TimeSpan.FromMilliseconds(200), cancellationToken))
            return;
        try
        {
            if (registry.TryCancel(processId, secret))
                return;
            logger.WrongCancelKey(address);
            await Task.Delay(s_penalty, clock, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();
}
