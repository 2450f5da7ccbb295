using System.Buffers.Binary;
using Chitin.Core;

namespace Chitin.Protocol;

/// <summary>Finds message boundaries in received bytes.</summary>
public static class FrontendFrame
{
    /// <summary>Code and length word.</summary>
    public const int HeaderLength = 5;

    /// <summary>
    /// Whether <paramref name="received"/> starts with a whole message. <paramref name="frameLength"/> is the message's length with its header as soon as the header is there,
    /// also when the rest is still missing; 0 before. An unknown code or a bad length is a fatal 08P01 already then, before anything is buffered for it.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> received, WireLimits limits, out FrontendCode code, out ReadOnlySpan<byte> body, out int frameLength) =>
        TryRead(received, limits, false, out code, out body, out frameLength);

    /// <summary>As <see cref="TryRead(ReadOnlySpan{byte}, WireLimits, out FrontendCode, out ReadOnlySpan{byte}, out int)"/> while the client is not yet authenticated: only 'p' and small.</summary>
    public static bool TryReadBeforeLogin(ReadOnlySpan<byte> received, WireLimits limits, out FrontendCode code, out ReadOnlySpan<byte> body, out int frameLength) =>
        TryRead(received, limits, true, out code, out body, out frameLength);

    private static bool TryRead(ReadOnlySpan<byte> received, WireLimits limits, bool beforeLogin, out FrontendCode code, out ReadOnlySpan<byte> body, out int frameLength)
    {
        code = default;
        body = default;
        frameLength = 0;
        if (received.Length == 0)
            return false;
        code = (FrontendCode)received[0];
        if (!IsKnown(code))
            throw ProtocolErrors.InvalidMessageType(received[0]);
        if (beforeLogin && code is not (FrontendCode.Password or FrontendCode.Terminate))
            throw ProtocolErrors.Fatal($"expected password response, got message type {received[0]}");
        if (received.Length < HeaderLength)
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(received[1..]);
        if (length < 4 || length > limits.For(code))
            throw length < 4 ? ProtocolErrors.InvalidLength() : TooLong(code, limits);
        frameLength = length + 1;
        if (received.Length < frameLength)
            return false;
        body = received[HeaderLength..frameLength];
        return true;
    }

    /// <summary>A startup packet has no code: a length word and a body. Same contract as TryRead.</summary>
    public static bool TryReadStartup(ReadOnlySpan<byte> received, WireLimits limits, out ReadOnlySpan<byte> body, out int frameLength)
    {
        body = default;
        frameLength = 0;
        if (received.Length < 4)
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(received);
        if (length < 8 || length > limits.MaxStartupBytes)
            throw ProtocolErrors.InvalidStartupLength();
        frameLength = length;
        if (received.Length < length)
            return false;
        body = received[4..length];
        return true;
    }

    public static bool IsKnown(FrontendCode code) => code is
        FrontendCode.Bind or FrontendCode.Close or FrontendCode.CopyData or FrontendCode.CopyDone or FrontendCode.CopyFail or FrontendCode.Describe or FrontendCode.Execute or
        FrontendCode.Flush or FrontendCode.FunctionCall or FrontendCode.Parse or FrontendCode.Password or FrontendCode.Query or FrontendCode.Sync or FrontendCode.Terminate;

    private static SqlException TooLong(FrontendCode code, WireLimits limits) => ProtocolErrors.Fatal($"message is longer than {limits.For(code)} bytes");
}
