using System.Buffers.Binary;

namespace Chitin.Protocol.Frontend;

/// <summary>Big-endian Int32 values as received.</summary>
public readonly ref struct WireInt32List(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Count => _bytes.Length / 4;

    public uint this[int index] => BinaryPrimitives.ReadUInt32BigEndian(_bytes.Slice(index * 4, 4));
}

/// <summary>Format codes as Bind sends them: none = all text, one = for all, else one for each.</summary>
public readonly ref struct WireFormatList
{
    private readonly ReadOnlySpan<byte> _bytes;

    private WireFormatList(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public int Count => _bytes.Length / 2;

    /// <summary>The format of the item at an index of the list that the codes belong to.</summary>
    public WireFormat this[int index] => Count switch
    {
        0 => WireFormat.Text,
        1 => (WireFormat)_bytes[1],
        _ => (WireFormat)_bytes[(index * 2) + 1],
    };

    internal static WireFormatList Read(scoped ref WireReader reader)
    {
        var bytes = reader.ReadBytes(2 * reader.ReadCount());
        for (var i = 0; i < bytes.Length; i += 2)
        {
            var code = BinaryPrimitives.ReadInt16BigEndian(bytes[i..]);
            if (code is not (0 or 1))
                throw ProtocolErrors.UnsupportedFormat(code);
        }

        return new WireFormatList(bytes);
    }
}

/// <summary>Walks the values of a Bind message; their lengths were checked when it was read.</summary>
public ref struct WireValueReader(ReadOnlySpan<byte> values)
{
    private ReadOnlySpan<byte> _rest = values;

    /// <summary>The next value; false for NULL.</summary>
    public bool TryReadNext(out ReadOnlySpan<byte> value)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(_rest);
        _rest = _rest[4..];
        if (length < 0)
        {
            value = default;
            return false;
        }

        value = _rest[..length];
        _rest = _rest[length..];
        return true;
    }
}
