using Chitin.Protocol;
using Chitin.Server.Configuration;
using Chitin.Sessions;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.PgWire;

/// <summary>What all SQL connections share.</summary>
internal sealed class PgServices
{
    /// <summary>Connections beyond the limit that only members of admin may use.</summary>
    public const int ReservedForAdmins = 5;

    public required ServerOptions Options { get; init; }

    public required SessionHost Sessions { get; init; }

    /// <summary>Null in insecure mode.</summary>
    public required NodeCertificates? Certificates { get; init; }

    public required ILogger Logger { get; init; }

    public required TimeProvider Clock { get; init; }

    public required Login Login { get; init; }

    public required CancelGate Cancels { get; init; }

    public WireLimits Limits { get; init; } = WireLimits.Default;

    /// <summary>From the first byte to AuthenticationOk; authentication_timeout of CockroachDB's login (10 s).</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public ConnectionMetrics Metrics { get; } = new();

    /// <summary>Set when the node leaves: nobody new may come in.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Also of those that are not signed in yet.</summary>
    public required SocketLimit Sockets { get; init; }
}

/// <summary>Counters of the SQL port.</summary>
internal sealed class ConnectionMetrics
{
    private long _accepted;
    private long _failed;
    private long _authenticated;

    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Ended before a session was open.</summary>
    public long Failed => Volatile.Read(ref _failed);

    public long Authenticated => Volatile.Read(ref _authenticated);

    public void OnAccepted() => Interlocked.Increment(ref _accepted);

    public void OnFailed() => Interlocked.Increment(ref _failed);

    public void OnAuthenticated() => Interlocked.Increment(ref _authenticated);
}
