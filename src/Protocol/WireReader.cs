using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Chitin.Protocol;

/// <summary>Reads one message body. Every read is checked against what is left; a shortage is 08P01. Whoever reads a message ends with <see cref="RequireEnd"/>.</summary>
public ref struct WireReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => ReadBytes(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(ReadBytes(2));

    /// <summary>A count: the protocol's Int16 counts are unsigned, so that 65535 parameters fit.</summary>
    public int ReadCount() => BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(ReadBytes(4));

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if ((uint)count > (uint)_rest.Length)
            throw ProtocolErrors.NoDataLeft();
        var result = _rest[..count];
        _rest = _rest[count..];
        return result;
    }

    /// <summary>A zero-terminated string, without its zero; it must be UTF-8 (22021).</summary>
    public ReadOnlySpan<byte> ReadCString()
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
            throw ProtocolErrors.InvalidString();
        var result = _rest[..end];
        _rest = _rest[(end + 1)..];
        return Utf8.IsValid(result) ? result : throw ProtocolErrors.InvalidUtf8();
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadCString());

    public ReadOnlySpan<byte> ReadRest()
    {
        var result = _rest;
        _rest = default;
        return result;
    }

    /// <summary>Leftover bytes are a protocol violation, 08P01.</summary>
    public readonly void RequireEnd()
    {
        if (_rest.Length != 0)
            throw ProtocolErrors.InvalidFormat();
    }
}
