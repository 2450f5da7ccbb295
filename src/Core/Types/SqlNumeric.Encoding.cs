using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Chitin.Core.Types;

/// <summary>The wire, key and storage forms.</summary>
public sealed partial class SqlNumeric
{
    private const int WireNegative = 0x4000;
    private const int WireNaN = 0xC000;
    private const int WirePositiveInfinity = 0xD000;
    private const int WireNegativeInfinity = 0xF000;

    // Key heads of positive finite values; a negative value is the complement of its magnitude's key.
    private const byte KeyNegativeInfinity = 0x01;
    private const byte KeyZero = 0x80;
    private const byte KeySmallExponent = 0x81;
    private const byte KeyShortBase = 0x82;
    private const byte KeyLargeExponent = 0xd3;
    private const byte KeyPositiveInfinity = 0xfe;
    private const byte KeyNaN = 0xff;
    private const int KeyShortBias = 40;
    private const int KeyLongBias = 0x80_0000;

    // Heads of stored values; anything below is the scale itself.
    private const byte StoredWideScale = 0xf0;
    private const byte StoredNaN = 0xfd;
    private const byte StoredPositiveInfinity = 0xfe;
    private const byte StoredNegativeInfinity = 0xff;

    /// <summary>numeric_send: digit count, weight, sign, display scale, digits in base 10000.</summary>
    internal void WriteWire(IBufferWriter<byte> output)
    {
        if (!IsFinite)
        {
            WriteWireHeader(output.GetSpan(8), 0, 0, IsNaN ? WireNaN : Sign > 0 ? WirePositiveInfinity : WireNegativeInfinity, IsNaN ? 0 : 0x20);
            output.Advance(8);
            return;
        }

        var pad = -_scale & 3;
        var whole = Math.Max(0, DigitCount() - _scale);
        var align = -whole & 3;
        byte[]? rented = null;
        var room = align + whole + _scale + pad;
        var text = room <= 128 ? stackalloc byte[room] : (rented = ArrayPool<byte>.Shared.Rent(room)).AsSpan(0, room);
        text.Fill((byte)'0');
        WriteDigits(text[..^pad]);
        // Groups of four decimal digits, without zero groups at either end.
        var first = 0;
        var groups = room / 4;
        while (first < groups && IsZeroGroup(text, first))
            first++;
        var last = groups;
        while (last > first && IsZeroGroup(text, last - 1))
            last--;
        var count = last - first;
        var weight = count == 0 ? 0 : ((align + whole) / 4) - 1 - first;
        var span = output.GetSpan(8 + (2 * count));
        WriteWireHeader(span, count, weight, Sign < 0 ? WireNegative : 0, _scale);
        for (var i = 0; i < count; i++)
        {
            var group = text.Slice((first + i) * 4, 4);
            BinaryPrimitives.WriteInt16BigEndian(span[(8 + (2 * i))..], (short)(((group[0] - '0') * 1000) + ((group[1] - '0') * 100) + ((group[2] - '0') * 10) + group[3] - '0'));
        }

        output.Advance(8 + (2 * count));
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>numeric_recv. 22P03 for malformed bytes.</summary>
    internal static SqlNumeric ReadWire(ReadOnlySpan<byte> data)
    {
        if (data.Length < 8)
            throw TypeErrors.InvalidBinary("numeric");
        var count = BinaryPrimitives.ReadUInt16BigEndian(data);
        var weight = BinaryPrimitives.ReadInt16BigEndian(data[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        var scale = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        if (data.Length != 8 + (count * 2))
            throw TypeErrors.InvalidBinary("numeric");
        switch (sign)
        {
            case WireNaN:
                return NaN;
            case WirePositiveInfinity:
                return PositiveInfinity;
            case WireNegativeInfinity:
                return NegativeInfinity;
            case not 0 and not WireNegative:
                throw InvalidExternal("sign");
        }

        if (scale > MaxScale)
            throw InvalidExternal("scale");
        var value = ReadWireDigits(data[8..], count);
        // value * 10000^(weight - count + 1), brought to the display scale; digits behind it are cut.
        var exponent = ((weight - count + 1) * 4) + scale;
        var unscaled = value.IsZero ? value : exponent >= 0 ? value * Power10(exponent) : BigInteger.Divide(value, Power10(-exponent));
        return new SqlNumeric(sign == WireNegative ? -unscaled : unscaled, scale);
    }

    /// <summary>
    /// A head that orders signs and exponents (one byte for exponents from -40 to 40), then pairs of decimal digits plus one, then 0.
    /// Equal values of different scales have one key.
    /// </summary>
    internal void WriteKey(IBufferWriter<byte> output)
    {
        if (!IsFinite || IsZero)
        {
            output.GetSpan(1)[0] = IsNaN ? KeyNaN : IsZero ? KeyZero : Sign > 0 ? KeyPositiveInfinity : KeyNegativeInfinity;
            output.Advance(1);
            return;
        }

        var count = DigitCount();
        byte[]? rented = null;
        var digits = count <= 128 ? stackalloc byte[count] : (rented = ArrayPool<byte>.Shared.Rent(count)).AsSpan(0, count);
        WriteDigits(digits);
        var exponent = count - _scale;
        digits = digits.TrimEnd((byte)'0');
        var span = output.GetSpan(6 + (digits.Length / 2));
        var length = WriteKeyHead(span, exponent);
        for (var i = 0; i < digits.Length; i += 2)
        {
            var pair = ((digits[i] - '0') * 10) + (i + 1 < digits.Length ? digits[i + 1] - '0' : 0);
            span[length++] = (byte)(pair + 1);
        }

        span[length++] = 0;
        if (Sign < 0)
        {
            for (var i = 0; i < length; i++)
                span[i] = (byte)~span[i];
        }

        output.Advance(length);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>The value with the smallest scale that holds it.</summary>
    internal static SqlNumeric ReadKey(ref ReadOnlySpan<byte> input)
    {
        var head = input[0];
        input = input[1..];
        switch (head)
        {
            case KeyNegativeInfinity:
                return NegativeInfinity;
            case KeyZero:
                return Zero;
            case KeyPositiveInfinity:
                return PositiveInfinity;
            case KeyNaN:
                return NaN;
        }

        var mask = head < KeyZero ? (byte)0xff : (byte)0;
        head ^= mask;
        var exponent = head - KeyShortBase - KeyShortBias;
        if (head is KeySmallExponent or KeyLargeExponent)
        {
            exponent = (((input[0] ^ mask) << 16) | ((input[1] ^ mask) << 8) | (input[2] ^ mask)) - KeyLongBias;
            input = input[3..];
        }

        var length = input.IndexOf(mask);
        var value = ReadKeyDigits(input[..length], mask);
        input = input[(length + 1)..];
        var scale = (2 * length) - exponent;
        var number = scale >= 0 ? new SqlNumeric(value, scale) : new SqlNumeric(value * Power10(-scale), 0);
        number = number.TrimScale();
        return mask != 0 ? Negate(number) : number;
    }

    /// <summary>The scale in one byte (three from 240 on), then the integer in two's complement, little endian, in as few bytes as it needs.</summary>
    internal void WriteStored(IBufferWriter<byte> output)
    {
        var span = output.GetSpan(3);
        if (!IsFinite)
        {
            span[0] = IsNaN ? StoredNaN : Sign > 0 ? StoredPositiveInfinity : StoredNegativeInfinity;
            output.Advance(1);
            return;
        }

        var head = 1;
        if (_scale < StoredWideScale)
            span[0] = (byte)_scale;
        else
        {
            span[0] = StoredWideScale;
            BinaryPrimitives.WriteInt16LittleEndian(span[1..], _scale);
            head = 3;
        }

        output.Advance(head);
        if (_large is null)
        {
            span = output.GetSpan(8);
            BinaryPrimitives.WriteInt64LittleEndian(span, _small);
            output.Advance(_small == 0 ? 0 : (72 - BitOperations.LeadingZeroCount((ulong)(_small ^ (_small >> 63)))) / 8);
            return;
        }

        var large = (BigInteger)_large;
        large.TryWriteBytes(output.GetSpan(large.GetByteCount()), out var written);
        output.Advance(written);
    }

    internal static SqlNumeric ReadStored(ReadOnlySpan<byte> data)
    {
        switch (data[0])
        {
            case StoredNaN:
                return NaN;
            case StoredPositiveInfinity:
                return PositiveInfinity;
            case StoredNegativeInfinity:
                return NegativeInfinity;
        }

        int scale = data[0];
        data = data[1..];
        if (scale == StoredWideScale)
        {
            scale = BinaryPrimitives.ReadInt16LittleEndian(data);
            data = data[2..];
        }

        if (data.Length > 8)
            return new SqlNumeric(new BigInteger(data), scale);
        var small = data.Length > 0 && (data[^1] & 0x80) != 0 ? -1L : 0;
        for (var i = data.Length - 1; i >= 0; i--)
            small = (small << 8) | data[i];
        return FromScaled(small, scale);
    }

    /// <summary>Writes the digits of the magnitude, right-aligned; bytes to the left stay as they are.</summary>
    private void WriteDigits(Span<byte> buffer)
    {
        if (_large is null)
        {
            var rest = _small < 0 ? 0UL - (ulong)_small : (ulong)_small;
            for (var i = buffer.Length; rest != 0;)
            {
                (rest, var digit) = Math.DivRem(rest, 10);
                buffer[--i] = (byte)('0' + digit);
            }

            return;
        }

        var text = BigInteger.Abs((BigInteger)_large).ToString(CultureInfo.InvariantCulture);
        System.Text.Encoding.ASCII.GetBytes(text, buffer[^text.Length..]);
    }

    private static bool IsZeroGroup(ReadOnlySpan<byte> text, int group) => BinaryPrimitives.ReadUInt32LittleEndian(text[(group * 4)..]) == 0x30303030;

    private static void WriteWireHeader(Span<byte> span, int count, int weight, int sign, int scale)
    {
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)count);
        BinaryPrimitives.WriteInt16BigEndian(span[2..], (short)weight);
        BinaryPrimitives.WriteUInt16BigEndian(span[4..], (ushort)sign);
        BinaryPrimitives.WriteUInt16BigEndian(span[6..], (ushort)scale);
    }

    private static BigInteger ReadWireDigits(ReadOnlySpan<byte> data, int count)
    {
        long small = 0;
        var text = count > 4 ? new char[count * 4] : null;
        for (var i = 0; i < count; i++)
        {
            var digit = BinaryPrimitives.ReadInt16BigEndian(data[(i * 2)..]);
            if (digit is < 0 or > 9999)
                throw InvalidExternal("digit");
            if (text is null)
                small = (small * 10000) + digit;
            else
                digit.TryFormat(text.AsSpan(i * 4), out _, "D4", CultureInfo.InvariantCulture);
        }

        return text is null ? small : BigInteger.Parse(text, CultureInfo.InvariantCulture);
    }

    private static int WriteKeyHead(Span<byte> span, int exponent)
    {
        if (exponent is >= -KeyShortBias and <= KeyShortBias)
        {
            span[0] = (byte)(KeyShortBase + KeyShortBias + exponent);
            return 1;
        }

        var biased = exponent + KeyLongBias;
        span[0] = exponent < 0 ? KeySmallExponent : KeyLargeExponent;
        span[1] = (byte)(biased >> 16);
        span[2] = (byte)(biased >> 8);
        span[3] = (byte)biased;
        return 4;
    }

    private static BigInteger ReadKeyDigits(ReadOnlySpan<byte> pairs, byte mask)
    {
        if (pairs.Length <= 9)
        {
            long small = 0;
            foreach (var pair in pairs)
                small = (small * 100) + (pair ^ mask) - 1;
            return small;
        }

        var text = new char[pairs.Length * 2];
        for (var i = 0; i < pairs.Length; i++)
        {
            var pair = (pairs[i] ^ mask) - 1;
            text[2 * i] = (char)('0' + (pair / 10));
            text[(2 * i) + 1] = (char)('0' + (pair % 10));
        }

        return BigInteger.Parse(text, CultureInfo.InvariantCulture);
    }

    private static SqlException InvalidExternal(string part) => new(SqlState.InvalidBinaryRepresentation, $"invalid {part} in external \"numeric\" value");
}
