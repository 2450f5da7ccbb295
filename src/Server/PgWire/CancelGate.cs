using Chitin.Sessions;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.PgWire;

/// <summary>
/// Cancel requests come from anybody: a wrong one waits a second, and an address has few under way, so that the 63 bits cannot be tried out; nor can wrong ones from elsewhere keep a
/// right one from being heard.
/// </summary>
internal sealed class CancelGate(SessionRegistry registry, TimeProvider clock, ILogger logger)
{
    private const int MaxPerAddress = 16;
    private static readonly TimeSpan s_penalty = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(100);

    private readonly BoundedCounts<string> _underWay = new(MaxPerAddress);

    public async Task CancelAsync(int processId, int secret, string address, CancellationToken cancellationToken)
    {
        // They wait for each other, until the connection's time is over.
        while (!_underWay.TryAdd(address))
            await Task.Delay(s_turn, clock, cancellationToken);
        try
        {
            if (registry.TryCancel(processId, secret))
                return;
            logger.WrongCancelKey(address);
            await Task.Delay(s_penalty, clock, cancellationToken);
        }
        finally
        {
            _underWay.Remove(address);
        }
    }
}
