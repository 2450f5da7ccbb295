using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Chitin.Catalog.Encoding;

/// <summary>A growable byte buffer that is used again and again: clearing it keeps its memory. Not for concurrent use.</summary>
public sealed class ByteWriter(int capacity = 256) : IBufferWriter<byte>
{
    private byte[] _buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets everything behind a position.</summary>
    public void Truncate(int length) => Length = length;

    public byte[] ToArray() => Span.ToArray();

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(Length);
    }

    public void WriteByte(byte value)
    {
        Reserve(1);
        _buffer[Length++] = value;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    public void WriteUInt32BigEndian(uint value)
    {
        Reserve(4);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(Length), value);
        Length += 4;
    }

    public void WriteUInt16BigEndian(ushort value)
    {
        Reserve(2);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(Length), value);
        Length += 2;
    }

    /// <summary>LEB128.</summary>
    public void WriteVarint(uint value)
    {
        Reserve(5);
        while (value >= 0x80)
        {
            _buffer[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Length++] = (byte)value;
    }

    /// <summary>Writable view of a region already written: descending key parts are inverted in place.</summary>
    public Span<byte> Region(int start) => _buffer.AsSpan(start, Length - start);

    /// <summary>Makes room for a length in front of what was written since <paramref name="start"/> and fills it in.</summary>
    public void InsertVarint(int start)
    {
        var size = (uint)(Length - start);
        var width = size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x20_0000 ? 3 : size < 0x1000_0000 ? 4 : 5;
        Reserve(width);
        _buffer.AsSpan(start, (int)size).CopyTo(_buffer.AsSpan(start + width));
        Length = start;
        WriteVarint(size);
        Length = start + width + (int)size;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (_buffer.Length - Length < Math.Max(count, 1))
            Grow(count);
    }

    private void Grow(int count) =>
        Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max((long)_buffer.Length * 2, (long)Length + Math.Max(count, 64))));
}

/// <summary>Reads what <see cref="ByteWriter"/> wrote.</summary>
public static class ByteReader
{
    public static uint ReadVarint(ref ReadOnlySpan<byte> input)
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = input[0];
            input = input[1..];
            value |= (uint)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
    }
}
