using System.Buffers;
using System.Globalization;
using System.Net;

namespace Chitin.Server.Configuration;

/// <summary>A host and a port to listen on. An empty host means all interfaces; port 0 lets the system choose.</summary>
public readonly record struct ListenAddress(string Host, int Port)
{
    static readonly SearchValues<char> s_forbidden = SearchValues.Create(" \t/,'\"");

    public bool IsAnyInterface => Host.Length == 0 || Host is "0.0.0.0" or "::" or "*";

    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>host, host:port, :port, [ipv6]:port; a missing port takes the default.</summary>
    public static bool TryParse(string text, int defaultPort, out ListenAddress address)
    {
        address = default;
        var host = text.Trim();
        var port = defaultPort;
        if (host.StartsWith('['))
        {
            var close = host.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || !IPAddress.TryParse(host.AsSpan(1, close - 1), out _))
                return false;
            var rest = host[(close + 1)..];
            host = host[1..close];
            if (rest.Length > 0 && (rest[0] != ':' || !TryPort(rest.AsSpan(1), defaultPort, out port)))
                return false;
        }
        else
        {
            var colon = host.LastIndexOf(':');
            if (colon >= 0 && host.IndexOf(':', StringComparison.Ordinal) == colon)
            {
                if (!TryPort(host.AsSpan(colon + 1), defaultPort, out port))
                    return false;
                host = host[..colon];
            }
            else if (colon >= 0 && !IPAddress.TryParse(host, out _))
            {
                return false;
            }
        }

        if (host.Length > 255 || host.AsSpan().ContainsAny(s_forbidden))
            return false;
        address = new ListenAddress(host, port);
        return true;
    }

    public override string ToString() => (Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host) + ":" + Port.ToString(CultureInfo.InvariantCulture);

    static bool TryPort(ReadOnlySpan<char> text, int defaultPort, out int port)
    {
        port = defaultPort;
        return text.IsEmpty || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535);
    }
}
