using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Chitin.Core.Types;

/// <summary>A type whose values are the 64 bits of a datum and are ordered as signed integers.</summary>
public abstract class InlineType : SqlType
{
    private static readonly ulong s_seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>Bytes of the key encoding: 1, 2, 4 or 8.</summary>
    protected abstract int KeySize { get; }

    public override int Compare(Datum left, Datum right) => left.AsInt64().CompareTo(right.AsInt64());

    public override bool AreEqual(Datum left, Datum right) => left.AsInt64() == right.AsInt64();

    public override int Hash(Datum value) => HashInteger(value.AsInt64());

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteInt64(value.AsInt64(), output, KeySize);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => Datum.FromInt64(KeyCodec.ReadInt64(ref input, KeySize));

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteCompact(value.AsInt64(), output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromInt64(KeyCodec.ReadCompact(data));

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(8);
        switch (Length)
        {
            case 1:
                span[0] = (byte)value.AsInt64();
                break;
            case 2:
                BinaryPrimitives.WriteInt16BigEndian(span, (short)value.AsInt64());
                break;
            case 4:
                BinaryPrimitives.WriteInt32BigEndian(span, (int)value.AsInt64());
                break;
            default:
                BinaryPrimitives.WriteInt64BigEndian(span, value.AsInt64());
                break;
        }

        output.Advance(Length);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length != Length)
            throw TypeErrors.InvalidBinary(DisplayName);
        return Datum.FromInt64(Length switch
        {
            1 => data[0],
            2 => BinaryPrimitives.ReadInt16BigEndian(data),
            4 => BinaryPrimitives.ReadInt32BigEndian(data),
            _ => BinaryPrimitives.ReadInt64BigEndian(data),
        });
    }

    /// <summary>int2, int4 and int8 hash alike, so that joins between them may hash.</summary>
    internal static int HashInteger(long value)
    {
        // Murmur's finalizer; the seed keeps clients from choosing values that collide.
        var hash = (ulong)value ^ s_seed;
        hash = (hash ^ (hash >> 33)) * 0xff51_afd7_ed55_8ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ce_b9fe_1a85_ec53;
        return (int)(hash ^ (hash >> 33));
    }
}

public sealed class BoolType : InlineType
{
    public override uint Oid => PgOid.Bool;

    public override string Name => "bool";

    public override string DisplayName => "boolean";

    public override TypeCategory Category => TypeCategory.Boolean;

    public override bool IsPreferred => true;

    public override short Length => 1;

    public override uint ArrayOid => PgOid.BoolArray;

    protected override int KeySize => 1;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var word = text.Trim(" \t\n\r\f\v");
        if (word.Length > 0)
        {
            if (Matches(word, "true", 1) || Matches(word, "yes", 1) || word.Equals("on", StringComparison.OrdinalIgnoreCase) || word is "1")
                return Datum.True;
            if (Matches(word, "false", 1) || Matches(word, "no", 1) || Matches(word, "off", 2) || word is "0")
                return Datum.False;
        }

        throw TypeErrors.InvalidSyntax(this, text);
    }

    public override string Format(Datum value, FormatSettings settings) => value.AsBool() ? "t" : "f";

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings)
    {
        output.GetSpan(1)[0] = value.AsBool() ? (byte)'t' : (byte)'f';
        output.Advance(1);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) =>
        data.Length == 1 ? Datum.FromBool(data[0] != 0) : throw TypeErrors.InvalidBinary(DisplayName);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => Datum.FromBool(KeyCodec.ReadInt64(ref input, 1) != 0);

    private static bool Matches(ReadOnlySpan<char> word, string full, int least) =>
        word.Length >= least && word.Length <= full.Length && full.AsSpan(0, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>int2, int4, int8.</summary>
public sealed class IntegerType(uint oid, string name, string displayName, short length, uint arrayOid, long minimum, long maximum) : InlineType
{
    public override uint Oid => oid;

    public override string Name => name;

    public override string DisplayName => displayName;

    public override TypeCategory Category => TypeCategory.Numeric;

    public override short Length => length;

    public override uint ArrayOid => arrayOid;

    public long Minimum => minimum;

    public long Maximum => maximum;

    protected override int KeySize => length;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var digits = text.Trim(" \t\n\r\f\v");
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return value >= minimum && value <= maximum ? Datum.FromInt64(value) : throw TypeErrors.ValueOutOfRange(this, text);
        var body = digits.Length > 0 && digits[0] is '-' or '+' ? digits[1..] : digits;
        if (body.Length > 0 && body.IndexOfAnyExceptInRange('0', '9') < 0)
            throw TypeErrors.ValueOutOfRange(this, text);
        throw TypeErrors.InvalidSyntax(this, text);
    }

    public override string Format(Datum value, FormatSettings settings) => value.AsInt64().ToString(CultureInfo.InvariantCulture);

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings)
    {
        Utf8Formatter.TryFormat(value.AsInt64(), output.GetSpan(20), out var written);
        output.Advance(written);
    }
}
