using System.Buffers;

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

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) => Constrain(SqlNumeric.Parse(text), typeModifier);

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) =>
        typeModifier < 4 ? value : Constrain(value.As<SqlNumeric>(), typeModifier);

    public override string Format(Datum value, FormatSettings settings) => value.As<SqlNumeric>().ToString();

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) => value.As<SqlNumeric>().WriteText(output);

    public override int Compare(Datum left, Datum right) => left.As<SqlNumeric>().CompareTo(right.As<SqlNumeric>());

    public override int Hash(Datum value) => value.As<SqlNumeric>().GetHashCode();

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => value.As<SqlNumeric>().WriteWire(output);

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => Constrain(SqlNumeric.ReadWire(data), typeModifier);

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => value.As<SqlNumeric>().WriteKey(output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => Datum.FromObject(SqlNumeric.ReadKey(ref input));

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => value.As<SqlNumeric>().WriteStored(output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromObject(SqlNumeric.ReadStored(data));

    private static Datum Constrain(SqlNumeric value, int typeModifier)
    {
        if (typeModifier < 4)
            return Datum.FromObject(value);
        var (precision, scale) = Unpack(typeModifier);
        return Datum.FromObject(value.Constrain(precision, scale));
    }
}
