using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>Order-preserving encodings that several types share.</summary>
internal static class KeyCodec
{
    public static void WriteInt64(long value, IBufferWriter<byte> output, int size)
    {
        var span = output.GetSpan(size);
        switch (size)
        {
            case 1:
                span[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)(value ^ 0x8000));
                break;
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(span, (uint)(value ^ 0x8000_0000L));
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(span, (ulong)value ^ 0x8000_0000_0000_0000);
                break;
        }

        output.Advance(size);
    }

    public static long ReadInt64(ref ReadOnlySpan<byte> input, int size)
    {
        var value = size switch
        {
            1 => input[0],
            2 => (short)(BinaryPrimitives.ReadUInt16BigEndian(input) ^ 0x8000),
            4 => (int)(BinaryPrimitives.ReadUInt32BigEndian(input) ^ 0x8000_0000),
            _ => (long)(BinaryPrimitives.ReadUInt64BigEndian(input) ^ 0x8000_0000_0000_0000),
        };
        input = input[size..];
        return value;
    }

    /// <summary>Bytes with 0x00 written as 0x00 0xFF, ended by 0x00 0x01: sorts like the bytes, and no encoding is a prefix of another.</summary>
    public static void WriteBytes(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        while (true)
        {
            var zero = bytes.IndexOf((byte)0);
            if (zero < 0)
                break;
            output.Write(bytes[..(zero + 1)]);
            output.GetSpan(1)[0] = 0xff;
            output.Advance(1);
            bytes = bytes[(zero + 1)..];
        }

        output.Write(bytes);
        var end = output.GetSpan(2);
        end[0] = 0;
        end[1] = 1;
        output.Advance(2);
    }

    public static byte[] ReadBytes(ref ReadOnlySpan<byte> input)
    {
        var length = 0;
        var position = 0;
        while (true)
        {
            var zero = input[position..].IndexOf((byte)0);
            length += zero;
            position += zero + 1;
            if (input[position++] == 1)
                break;
            length++;
        }

        var bytes = new byte[length];
        var source = input[..(position - 2)];
        for (int i = 0, j = 0; i < source.Length; i++)
        {
            bytes[j++] = source[i];
            if (source[i] == 0)
                i++;
        }

        input = input[position..];
        return bytes;
    }

    /// <summary>Text no longer than this is given room for the longest UTF-8 form without counting.</summary>
    public const int ShortText = 1024;

    public static void WriteString(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        var room = text.Length <= ShortText ? text.Length * 3 : Encoding.UTF8.GetByteCount(text);
        var span = output.GetSpan(room + 2);
        var count = Encoding.UTF8.GetBytes(text, span);
        span[count] = 0;
        span[count + 1] = 1;
        output.Advance(count + 2);
    }

    public static string ReadString(ref ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(input[..end]);
        input = input[(end + 2)..];
        return text;
    }

    public static void WriteDouble(double value, IBufferWriter<byte> output)
    {
        if (value == 0)
            value = 0;
        if (double.IsNaN(value))
            value = double.NaN;
        var bits = BitConverter.DoubleToInt64Bits(value);
        var ordered = double.IsNaN(value) ? ulong.MaxValue : bits < 0 ? ~(ulong)bits : (ulong)bits ^ 0x8000_0000_0000_0000;
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(8), ordered);
        output.Advance(8);
    }

    public static double ReadDouble(ref ReadOnlySpan<byte> input)
    {
        var ordered = BinaryPrimitives.ReadUInt64BigEndian(input);
        input = input[8..];
        if (ordered == ulong.MaxValue)
            return double.NaN;
        var bits = (ordered & 0x8000_0000_0000_0000) != 0 ? ordered ^ 0x8000_0000_0000_0000 : ~ordered;
        return BitConverter.Int64BitsToDouble((long)bits);
    }

    /// <summary>A signed integer in as few bytes as it needs: the storage form of integers.</summary>
    public static void WriteCompact(long value, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(8);
        var size = value switch
        {
            0 => 0,
            >= sbyte.MinValue and <= sbyte.MaxValue => 1,
            >= short.MinValue and <= short.MaxValue => 2,
            >= int.MinValue and <= int.MaxValue => 4,
            _ => 8,
        };
        switch (size)
        {
            case 1:
                span[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteInt16LittleEndian(span, (short)value);
                break;
            case 4:
                BinaryPrimitives.WriteInt32LittleEndian(span, (int)value);
                break;
            case 8:
                BinaryPrimitives.WriteInt64LittleEndian(span, value);
                break;
        }

        output.Advance(size);
    }

    public static long ReadCompact(ReadOnlySpan<byte> data) => data.Length switch
    {
        0 => 0,
        1 => (sbyte)data[0],
        2 => BinaryPrimitives.ReadInt16LittleEndian(data),
        4 => BinaryPrimitives.ReadInt32LittleEndian(data),
        _ => BinaryPrimitives.ReadInt64LittleEndian(data),
    };
}
