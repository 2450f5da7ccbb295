using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Chitin.Core.Types;

public sealed class NumericType : SqlType
{
    public override uint Oid => PgOid.Numeric;

    public override string Name => "numeric";

    public override TypeCategory Category => TypeCategory.Numeric;

    public override short Length => -1;

    public override uint ArrayOid => PgOid.NumericArray;

    /// <summary>The scale is lost: 1.0 and 1.00 have one key.</summary>
    public override bool KeyIsLossless => false;

    /// <summary>typmod = ((precision &lt;&lt; 16) | (scale &amp; 0x7ff)) + 4; the scale is signed in 11 bits.</summary>
    public static (int Precision, int Scale) Unpack(int typeModifier) =>
        (((typeModifier - 4) >> 16) & 0xffff, ((((typeModifier - 4) & 0x7ff) ^ 1024) - 1024));

    public static int Pack(int precision, int scale) => ((precision << 16) | (scale & 0x7ff)) + 4;

    public override string FormatName(int typeModifier)
    {
        if (typeModifier < 4)
            return "numeric";
        var (precision, scale) = Unpack(typeModifier);
        return $"numeric({precision},{scale})";
    }

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var value = Datum.FromObject(SqlNumeric.Parse(text));
        return typeModifier >= 4 ? ApplyModifier(value, typeModifier, isExplicit: false) : value;
    }

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit)
    {
        if (typeModifier < 4)
            return value;
        var (precision, scale) = Unpack(typeModifier);
        return Datum.FromObject(value.As<SqlNumeric>().Constrain(precision, scale));
    }

    public override string Format(Datum value, FormatSettings settings) => value.As<SqlNumeric>().ToString();

    public override int Compare(Datum left, Datum right) => left.As<SqlNumeric>().CompareTo(right.As<SqlNumeric>());

    public override int Hash(Datum value) => value.As<SqlNumeric>().GetHashCode();

    /// <summary>numeric_send: digit count, weight, sign, display scale, digits in base 10000.</summary>
    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var number = value.As<SqlNumeric>();
        if (!number.IsFinite)
        {
            WriteHeader(output, 0, 0, number.IsNaN ? 0xC000 : number.Sign > 0 ? 0xD000 : 0xF000, number.IsNaN ? 0 : 0x20);
            return;
        }

        var pad = (4 - (number.Scale % 4)) % 4;
        var rest = BigInteger.Abs(number.Unscaled) * SqlNumeric.Power10(pad);
        var digits = new List<short>();
        while (!rest.IsZero)
        {
            rest = BigInteger.DivRem(rest, 10000, out var digit);
            digits.Add((short)digit);
        }

        var weight = digits.Count - 1 - ((number.Scale + pad) / 4);
        var first = 0;
        while (first < digits.Count && digits[first] == 0)
            first++;
        WriteHeader(output, digits.Count - first, digits.Count == 0 ? 0 : weight, number.Sign < 0 ? 0x4000 : 0, number.Scale);
        for (var i = digits.Count - 1; i >= first; i--)
        {
            BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(2), digits[i]);
            output.Advance(2);
        }
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length < 8)
            throw TypeErrors.InvalidBinary(Name);
        var count = BinaryPrimitives.ReadUInt16BigEndian(data);
        var weight = BinaryPrimitives.ReadInt16BigEndian(data[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        var scale = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        if (data.Length != 8 + (count * 2) || scale > SqlNumeric.MaxScale)
            throw TypeErrors.InvalidBinary(Name);
        switch (sign)
        {
            case 0xC000:
                return Datum.FromObject(SqlNumeric.NaN);
            case 0xD000:
                return Datum.FromObject(SqlNumeric.PositiveInfinity);
            case 0xF000:
                return Datum.FromObject(SqlNumeric.NegativeInfinity);
            case not 0 and not 0x4000:
                throw TypeErrors.InvalidBinary(Name);
        }

        BigInteger value = 0;
        for (var i = 0; i < count; i++)
        {
            var digit = BinaryPrimitives.ReadInt16BigEndian(data[(8 + (i * 2))..]);
            if (digit is < 0 or > 9999)
                throw TypeErrors.InvalidBinary(Name);
            value = (value * 10000) + digit;
        }

        // value * 10000^(weight - count + 1), brought to the display scale.
        var exponent = ((weight - count + 1) * 4) + scale;
        var unscaled = exponent >= 0 ? value * SqlNumeric.Power10(exponent) : BigInteger.Divide(value, SqlNumeric.Power10(-exponent));
        var result = Datum.FromObject(new SqlNumeric(sign == 0x4000 ? -unscaled : unscaled, scale));
        return typeModifier >= 4 ? ApplyModifier(result, typeModifier, isExplicit: false) : result;
    }

    /// <summary>Class byte (-inf 1, negative 2, zero 3, positive 4, inf 5, NaN 6), biased exponent, digit pairs; negative ones inverted.</summary>
    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        var number = value.As<SqlNumeric>();
        if (!number.IsFinite || number.IsZero)
        {
            output.GetSpan(1)[0] = (byte)(number.IsNaN ? 6 : number.IsZero ? 3 : number.Sign > 0 ? 5 : 1);
            output.Advance(1);
            return;
        }

        var digits = BigInteger.Abs(number.Unscaled).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var exponent = digits.Length - number.Scale;
        digits = digits.TrimEnd('0');
        var negative = number.Sign < 0;
        var span = output.GetSpan(6 + (digits.Length / 2) + 1);
        var mask = negative ? (byte)0xff : (byte)0;
        span[0] = negative ? (byte)2 : (byte)4;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)(exponent + 0x4000_0000));
        var length = 5;
        for (var i = 0; i < digits.Length; i += 2)
        {
            var pair = ((digits[i] - '0') * 10) + (i + 1 < digits.Length ? digits[i + 1] - '0' : 0);
            span[length++] = (byte)(pair + 1);
        }

        span[length++] = 0;
        for (var i = 1; i < length; i++)
            span[i] ^= mask;
        output.Advance(length);
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var kind = input[0];
        input = input[1..];
        switch (kind)
        {
            case 1:
                return Datum.FromObject(SqlNumeric.NegativeInfinity);
            case 3:
                return Datum.FromObject(SqlNumeric.Zero);
            case 5:
                return Datum.FromObject(SqlNumeric.PositiveInfinity);
            case 6:
                return Datum.FromObject(SqlNumeric.NaN);
        }

        var mask = kind == 2 ? (byte)0xff : (byte)0;
        var exponent = (int)((BinaryPrimitives.ReadUInt32BigEndian(input) ^ (mask == 0 ? 0 : uint.MaxValue)) - 0x4000_0000);
        input = input[4..];
        BigInteger value = 0;
        var count = 0;
        while ((input[0] ^ mask) != 0)
        {
            value = (value * 100) + (input[0] ^ mask) - 1;
            count += 2;
            input = input[1..];
        }

        input = input[1..];
        var scale = count - exponent;
        var number = scale >= 0 ? new SqlNumeric(value, scale) : new SqlNumeric(value * SqlNumeric.Power10(-scale), 0);
        number = number.TrimScale();
        return Datum.FromObject(kind == 2 ? SqlNumeric.Negate(number) : number);
    }

    /// <summary>Scale (2 bytes) and the integer in two's complement; one byte for NaN and the infinities.</summary>
    public override void EncodeValue(Datum value, IBufferWriter<byte> output)
    {
        var number = value.As<SqlNumeric>();
        if (!number.IsFinite)
        {
            output.GetSpan(1)[0] = (byte)(number.IsNaN ? 0 : number.Sign > 0 ? 1 : 2);
            output.Advance(1);
            return;
        }

        var size = number.Unscaled.GetByteCount();
        var span = output.GetSpan(size + 2);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)number.Scale);
        number.Unscaled.TryWriteBytes(span[2..], out var written);
        output.Advance(2 + written);
    }

    public override Datum DecodeValue(ReadOnlySpan<byte> data)
    {
        if (data.Length == 1)
            return Datum.FromObject(data[0] switch { 0 => SqlNumeric.NaN, 1 => SqlNumeric.PositiveInfinity, _ => SqlNumeric.NegativeInfinity });
        return Datum.FromObject(new SqlNumeric(new BigInteger(data[2..]), BinaryPrimitives.ReadUInt16LittleEndian(data)));
    }

    private static void WriteHeader(IBufferWriter<byte> output, int count, int weight, int sign, int scale)
    {
        var span = output.GetSpan(8);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)count);
        BinaryPrimitives.WriteInt16BigEndian(span[2..], (short)weight);
        BinaryPrimitives.WriteUInt16BigEndian(span[4..], (ushort)sign);
        BinaryPrimitives.WriteUInt16BigEndian(span[6..], (ushort)scale);
        output.Advance(8);
    }
}
