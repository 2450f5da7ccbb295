using System.Collections.ObjectModel;
using Chitin.Core;

namespace Chitin.Protocol.Frontend;

public enum StartupKind : byte { Startup, SslRequest, GssEncryptionRequest, CancelRequest }

/// <summary>What a connection may begin with: StartupMessage, SSLRequest, GSSENCRequest or CancelRequest.</summary>
public sealed class StartupPacket
{
    /// <summary>More than any client sends; keeps a hostile packet from making thousands of entries.</summary>
    public const int MaxParameters = 128;

    private StartupPacket(StartupKind kind) => Kind = kind;

    public StartupKind Kind { get; }

    /// <summary>The minor version asked for; the server answers NegotiateProtocolVersion when it is above 0.</summary>
    public int MinorVersion { get; private init; }

    /// <summary>user, database, options, application_name, other settings. A repeated name: the last one counts.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; private init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Protocol extensions (_pq_.…) that the client asked for; none is known.</summary>
    public IReadOnlyList<string> Extensions { get; private init; } = [];

    public int CancelProcessId { get; private init; }

    public int CancelSecret { get; private init; }

    /// <summary>Reads a packet's body. 0A000 for another major version; 08P01 for a bad layout.</summary>
    public static StartupPacket Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var number = reader.ReadInt32();
        switch (number)
        {
            case ProtocolNumbers.Ssl:
                RequireStartupEnd(reader);
                return new StartupPacket(StartupKind.SslRequest);
            case ProtocolNumbers.GssEncryption:
                RequireStartupEnd(reader);
                return new StartupPacket(StartupKind.GssEncryptionRequest);
            case ProtocolNumbers.Cancel:
                if (reader.Remaining != 8)
                    throw ProtocolErrors.InvalidStartupLength();
                return new StartupPacket(StartupKind.CancelRequest) { CancelProcessId = reader.ReadInt32(), CancelSecret = reader.ReadInt32() };
        }

        if (number >> 16 != 3)
            throw ProtocolErrors.UnsupportedVersion(number);
        return ReadParameters(ref reader, number & 0xffff);
    }

    private static StartupPacket ReadParameters(ref WireReader reader, int minor)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var extensions = new List<string>();
        while (true)
        {
            if (reader.Remaining == 0)
                throw ProtocolErrors.InvalidStartupLayout();
            var name = ReadStartupString(ref reader);
            if (name.Length == 0)
                break;
            if (reader.Remaining == 0)
                throw ProtocolErrors.InvalidStartupLayout();
            var value = ReadStartupString(ref reader);
            if (name.StartsWith("_pq_.", StringComparison.Ordinal))
                extensions.Add(name);
            else
                parameters[name] = value;
            if (parameters.Count + extensions.Count > MaxParameters)
                throw ProtocolErrors.Fatal("too many parameters in startup packet");
        }

        if (reader.Remaining != 0)
            throw ProtocolErrors.InvalidStartupLayout();
        return new StartupPacket(StartupKind.Startup) { MinorVersion = minor, Parameters = parameters, Extensions = extensions };
    }

    private static string ReadStartupString(ref WireReader reader)
    {
        try
        {
            return reader.ReadString();
        }
        catch (SqlException e) when (!e.IsFatal)
        {
            throw new SqlException(e.State, e.Message) { IsFatal = true };
        }
    }

    private static void RequireStartupEnd(WireReader reader)
    {
        if (reader.Remaining != 0)
            throw ProtocolErrors.InvalidStartupLength();
    }
}
