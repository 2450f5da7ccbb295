using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

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
        if (trimmed.Length == 0)
            throw TypeErrors.InvalidSyntax(this, text);
        if (ParseSpecial(trimmed) is { } special)
            return Datum.FromDouble(special);
        if (trimmed.IndexOfAnyExcept("0123456789+-.eE") >= 0 || !double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            throw TypeErrors.InvalidSyntax(this, text);
        if (!isDouble)
            value = float.Parse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (double.IsInfinity(value) || (value == 0 && HasNonZeroDigit(trimmed)))
            throw TypeErrors.ValueOutOfRangeFloat(trimmed, this);
        return Datum.FromDouble(value);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        Span<byte> buffer = stackalloc byte[FloatText.MaxLength];
        return Encoding.ASCII.GetString(buffer[..FloatText.Write(value.AsDouble(), isDouble, settings.ExtraFloatDigits, buffer)]);
    }

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) =>
        output.Advance(FloatText.Write(value.AsDouble(), isDouble, settings.ExtraFloatDigits, output.GetSpan(FloatText.MaxLength)));

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

    private static bool HasNonZeroDigit(ReadOnlySpan<char> text)
    {
        var exponent = text.IndexOfAny('e', 'E');
        return (exponent < 0 ? text : text[..exponent]).IndexOfAnyInRange('1', '9') >= 0;
    }
}
