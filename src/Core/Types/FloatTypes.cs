using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>float4 and float8. NaN equals itself and sorts last, as in PostgreSQL.</summary>
public sealed class FloatType(bool isDouble) : SqlType
{
    public override uint Oid => isDouble ? PgOid.Float8 : PgOid.Float4;

    public override string Name => isDouble ? "float8" : "float4";

    public override string DisplayName => isDouble ? "double precision" : "real";

    public override TypeCategory Category => TypeCategory.Numeric;

    public override bool IsPreferred => isDouble;

    public override short Length => isDouble ? (short)8 : (short)4;

    public override uint ArrayOid => isDouble ? PgOid.Float8Array : PgOid.Float4Array;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var trimmed = text.Trim(" \t\n\r\f\v");
        if (trimmed.Length == 0 || trimmed.Contains(','))
            throw TypeErrors.InvalidSyntax(this, text);
        if (ParseSpecial(trimmed) is { } special)
            return Datum.FromDouble(special);
        if (!double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || char.IsLetter(trimmed[^1]))
            throw TypeErrors.InvalidSyntax(this, text);
        if (!isDouble)
            value = float.Parse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (double.IsInfinity(value) || (value == 0 && trimmed.IndexOfAnyInRange('1', '9') is var digit and >= 0 && IsBeforeExponent(trimmed, digit)))
            throw TypeErrors.ValueOutOfRangeFloat(trimmed, this);
        return Datum.FromDouble(value);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        var number = value.AsDouble();
        if (double.IsNaN(number))
            return "NaN";
        if (double.IsInfinity(number))
            return number > 0 ? "Infinity" : "-Infinity";
        if (number == 0)
            return double.IsNegative(number) ? "-0" : "0";
        if (settings.ExtraFloatDigits > 0)
            return Shortest(number);
        var precision = Math.Max(1, (isDouble ? 15 : 6) + settings.ExtraFloatDigits);
        return General(number.ToString("E" + (precision - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), precision);
    }

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(8);
        if (isDouble)
            BinaryPrimitives.WriteDoubleBigEndian(span, value.AsDouble());
        else
            BinaryPrimitives.WriteSingleBigEndian(span, (float)value.AsDouble());
        output.Advance(Length);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length != Length)
            throw TypeErrors.InvalidBinary(DisplayName);
        return Datum.FromDouble(isDouble ? BinaryPrimitives.ReadDoubleBigEndian(data) : BinaryPrimitives.ReadSingleBigEndian(data));
    }

    public override int Compare(Datum left, Datum right)
    {
        var a = left.AsDouble();
        var b = right.AsDouble();
        if (double.IsNaN(a) || double.IsNaN(b))
            return double.IsNaN(a).CompareTo(double.IsNaN(b));
        return a < b ? -1 : a > b ? 1 : 0;
    }

    public override int Hash(Datum value)
    {
        var number = value.AsDouble();
        return number == 0 ? 0 : double.IsNaN(number) ? 1 : number.GetHashCode();
    }

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteDouble(value.AsDouble(), output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => Datum.FromDouble(KeyCodec.ReadDouble(ref input));

    /// <summary>-0 becomes 0 in a key.</summary>
    public override bool KeyIsLossless => false;

    public override void EncodeValue(Datum value, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(8);
        if (isDouble)
            BinaryPrimitives.WriteDoubleLittleEndian(span, value.AsDouble());
        else
            BinaryPrimitives.WriteSingleLittleEndian(span, (float)value.AsDouble());
        output.Advance(Length);
    }

    public override Datum DecodeValue(ReadOnlySpan<byte> data) =>
        Datum.FromDouble(isDouble ? BinaryPrimitives.ReadDoubleLittleEndian(data) : BinaryPrimitives.ReadSingleLittleEndian(data));

    private static double? ParseSpecial(ReadOnlySpan<char> text)
    {
        var sign = 1.0;
        if (text[0] is '+' or '-')
        {
            sign = text[0] == '-' ? -1 : 1;
            text = text[1..];
        }

        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
            return double.NaN;
        return text.Equals("infinity", StringComparison.OrdinalIgnoreCase) || text.Equals("inf", StringComparison.OrdinalIgnoreCase)
            ? sign * double.PositiveInfinity
            : null;
    }

    private static bool IsBeforeExponent(ReadOnlySpan<char> text, int digit)
    {
        var exponent = text.IndexOfAny('e', 'E');
        return exponent < 0 || digit < exponent;
    }

    /// <summary>The shortest digits that read back as the number, laid out as PostgreSQL does: exponent form below 1e-4 and from 1e15 (float4: 1e6) on.</summary>
    private string Shortest(double number)
    {
        var text = isDouble ? number.ToString("R", CultureInfo.InvariantCulture) : ((float)number).ToString("R", CultureInfo.InvariantCulture);
        var (negative, digits, exponent) = Digits(text);
        return Layout(negative, digits, exponent, exponent < -4 || exponent >= (isDouble ? 15 : 6));
    }

    private static string General(string scientific, int precision)
    {
        var (negative, digits, exponent) = Digits(scientific);
        return Layout(negative, digits, exponent, exponent < -4 || exponent >= precision);
    }

    private static (bool Negative, string Digits, int Exponent) Digits(string text)
    {
        var negative = text[0] == '-';
        var body = negative ? text[1..] : text;
        var e = body.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(body.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? body : body[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        exponent += (point < 0 ? mantissa.Length : point) - 1;
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.TrimStart('0').TrimEnd('0');
        return (negative, digits.Length == 0 ? "0" : digits, exponent - leading);
    }

    private static string Layout(bool negative, string digits, int exponent, bool scientific)
    {
        string text;
        if (scientific)
        {
            var size = Math.Abs(exponent);
            text = $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{(size < 10 ? "0" : "")}{size}";
        }
        else if (exponent < 0)
            text = "0." + new string('0', -exponent - 1) + digits;
        else if (digits.Length <= exponent + 1)
            text = digits.PadRight(exponent + 1, '0');
        else
            text = digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
        return negative ? "-" + text : text;
    }
}
