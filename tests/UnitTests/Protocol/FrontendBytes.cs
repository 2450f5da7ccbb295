using System.Buffers.Binary;
using System.Text;

namespace Chitin.UnitTests.Protocol;

/// <summary>Builds frontend messages byte by byte, right and wrong ones.</summary>
internal sealed class FrontendBytes
{
    private readonly List<byte> _bytes = [];

    public FrontendBytes Byte(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public FrontendBytes Int16(int value)
    {
        Span<byte> word = stackalloc byte[2];
        BinaryPrimitives.WriteInt16BigEndian(word, unchecked((short)value));
        _bytes.AddRange(word);
        return this;
    }

    public FrontendBytes Int32(int value)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, value);
        _bytes.AddRange(word);
        return this;
    }

    public FrontendBytes Text(string value)
    {
        _bytes.AddRange(Encoding.UTF8.GetBytes(value));
        return Byte(0);
    }

    public FrontendBytes Raw(params byte[] value)
    {
        _bytes.AddRange(value);
        return this;
    }

    public byte[] Body() => [.. _bytes];

    public byte[] Message(char code) => [(byte)code, .. new FrontendBytes().Int32(_bytes.Count + 4).Body(), .. _bytes];

    public byte[] Startup() => [.. new FrontendBytes().Int32(_bytes.Count + 4).Body(), .. _bytes];
}
