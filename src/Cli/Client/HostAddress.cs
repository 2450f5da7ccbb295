using System.Buffers;
using System.Globalization;
using System.Net;

namespace Chitin.Cli.Client;

/// <summary>Where a node is, and what a client takes when it is not told. The server has code of its own for this: the client knows none of it.</summary>
internal readonly record struct HostAddress(string Host, int Port)
{
    public const int DefaultPort = 26257;

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create(" \t/,;='\"");

    public static string DefaultCertsDirectory => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".chitin-certs");

    /// <summary>host, host:port, :port (of this machine), ipv6, [ipv6]:port; null for what is none of these.</summary>
    public static HostAddress? Parse(string text)
    {
        var (host, rest) = Split(text.Trim());
        if (rest is null || host.Length > 255 || host.AsSpan().ContainsAny(s_forbidden))
            return null;
        var port = DefaultPort;
        if (rest.Length > 1 && !(int.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535))
            return null;
        return new HostAddress(host.Length == 0 ? "localhost" : host, port);
    }

    /// <summary>The host, and what follows it: nothing, or a colon and the port. A null port: neither.</summary>
    private static (string Host, string? Port) Split(string text)
    {
        var colon = text.LastIndexOf(':');
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || !IPAddress.TryParse(text.AsSpan(1, close - 1), out _))
                return (text, null);
            var rest = text[(close + 1)..];
            return (text[1..close], rest.Length == 0 || rest[0] == ':' ? rest : null);
        }

        if (colon < 0)
            return (text, "");
        if (text.IndexOf(':', StringComparison.Ordinal) == colon)
            return (text[..colon], text[colon..]);
        return (text, IPAddress.TryParse(text, out _) ? "" : null);
    }
}
