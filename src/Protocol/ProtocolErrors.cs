using Chitin.Core;

namespace Chitin.Protocol;

/// <summary>What is wrong with bytes from a client: 08P01, and 22021 for text that is no UTF-8. Texts as PostgreSQL words them.</summary>
public static class ProtocolErrors
{
    public static SqlException InvalidFormat() => Violation("invalid message format");

    public static SqlException NoDataLeft() => Violation("insufficient data left in message");

    public static SqlException InvalidString() => Violation("invalid string in message");

    public static SqlException InvalidMessageType(byte code) => Fatal($"invalid frontend message type {code}");

    public static SqlException InvalidLength() => Fatal("invalid length of message");

    public static SqlException InvalidStartupLength() => Fatal("invalid length of startup packet");

    public static SqlException InvalidStartupLayout() => Fatal("invalid startup packet layout: expected terminator as last byte");

    public static SqlException UnsupportedFormat(int code) => new(SqlState.InvalidParameterValue, $"unsupported format code: {code}");

    public static SqlException InvalidUtf8() => new(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");

    public static SqlException Violation(string message) => new(SqlState.ProtocolViolation, message);

    /// <summary>The stream is out of step: the connection cannot go on.</summary>
    public static SqlException Fatal(string message) => new(SqlState.ProtocolViolation, message) { IsFatal = true };

    public static SqlException UnsupportedVersion(int version) =>
        new(SqlState.FeatureNotSupported, $"unsupported frontend protocol {(uint)version >> 16}.{version & 0xffff}: server supports 3.0 to 3.0") { IsFatal = true };
}
