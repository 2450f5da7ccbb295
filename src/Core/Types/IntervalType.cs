using System.Buffers;
using System.Buffers.Binary;

namespace Chitin.Core.Types;

public sealed class IntervalType : SqlType
{
    public override uint Oid => PgOid.Interval;

    public override string Name => "interval";

    public override TypeCategory Category => TypeCategory.Timespan;

    public override bool IsPreferred => true;

    public override short Length => 16;

    public override uint ArrayOid => PgOid.IntervalArray;

    /// <summary>1 month and 30 days have one key.</summary>
    public override bool KeyIsLossless => false;

    public override string FormatName(int typeModifier) => IntervalFields.Name(typeModifier);

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        Datum.FromObject(IntervalFields.Apply(IntervalParser.Parse(text, typeModifier, settings.IntervalStyle), typeModifier));

    public override string Format(Datum value, FormatSettings settings) => value.As<SqlInterval>().Format(settings.IntervalStyle);

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) => Datum.FromObject(IntervalFields.Apply(value.As<SqlInterval>(), typeModifier));

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var interval = value.As<SqlInterval>();
        var span = output.GetSpan(16);
        BinaryPrimitives.WriteInt64BigEndian(span, interval.Microseconds);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], interval.Days);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], interval.Months);
        output.Advance(16);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length != 16)
            throw TypeErrors.InvalidBinary(Name);
        var value = new SqlInterval(
            BinaryPrimitives.ReadInt32BigEndian(data[12..]), BinaryPrimitives.ReadInt32BigEndian(data[8..]), BinaryPrimitives.ReadInt64BigEndian(data));
        return Datum.FromObject(IntervalFields.Apply(value, typeModifier));
    }

    public override int Compare(Datum left, Datum right) => left.As<SqlInterval>().CompareTo(right.As<SqlInterval>());

    public override int Hash(Datum value) => value.As<SqlInterval>().GetHashCode();

    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt128BigEndian(output.GetSpan(16), value.As<SqlInterval>().ComparisonValue ^ Int128.MinValue);
        output.Advance(16);
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var total = BinaryPrimitives.ReadInt128BigEndian(input) ^ Int128.MinValue;
        input = input[16..];
        var days = total / SqlDateTime.MicrosecondsPerDay;
        return Datum.FromObject(new SqlInterval((int)(days / 30), (int)(days % 30), (long)(total % SqlDateTime.MicrosecondsPerDay)));
    }

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => WriteBinary(value, output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => ReadBinary(data, -1);
}
