using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>A bit string; the first bit is the highest of the first byte, unused bits of the last byte are 0.</summary>
public sealed class SqlBits : IEquatable<SqlBits>, IComparable<SqlBits>
{
    private readonly byte[] _bytes;

    /// <param name="bytes">Owned by the value from here on; bits behind the length are cleared.</param>
    /// <param name="length">In bits.</param>
    public SqlBits(byte[] bytes, int length)
    {
        Invariant.Holds(bytes.Length == (length + 7) / 8, "a bit string's bytes match its length");
        if ((length & 7) != 0)
            bytes[^1] &= (byte)(0xff << (8 - (length & 7)));
        _bytes = bytes;
        Length = length;
    }

    /// <summary>In bits.</summary>
    public int Length { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool this[int index] => (_bytes[index >> 3] & (0x80 >> (index & 7))) != 0;

    /// <summary>Cut or padded with 0 on the right.</summary>
    public SqlBits Resize(int length)
    {
        if (length == Length)
            return this;
        var bytes = new byte[(length + 7) / 8];
        _bytes.AsSpan(0, Math.Min(bytes.Length, _bytes.Length)).CopyTo(bytes);
        return new SqlBits(bytes, length);
    }

    /// <summary>Bytes first, then length (bit_cmp).</summary>
    public int CompareTo(SqlBits? other)
    {
        var order = _bytes.AsSpan().SequenceCompareTo(other!._bytes);
        return order != 0 ? order : Length.CompareTo(other.Length);
    }

    public bool Equals(SqlBits? other) => other is not null && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as SqlBits);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        hash.Add(Length);
        return hash.ToHashCode();
    }

    public override string ToString() =>
        string.Create(Length, this, static (text, bits) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = bits[i] ? '1' : '0';
        });
}

/// <summary>bit(n) and bit varying(n); the typmod is n itself.</summary>
public sealed class BitType(bool isVarying) : SqlType
{
    public override uint Oid => isVarying ? PgOid.VarBit : PgOid.Bit;

    public override string Name => isVarying ? "varbit" : "bit";

    public override string DisplayName => isVarying ? "bit varying" : "bit";

    public override TypeCategory Category => TypeCategory.BitString;

    public override bool IsPreferred => isVarying;

    public override short Length => -1;

    public override uint ArrayOid => isVarying ? 1563u : 1561u;

    public override string FormatName(int typeModifier) => typeModifier < 0 ? DisplayName : $"{DisplayName}({typeModifier})";

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var bitsPerDigit = text.Length > 0 && text[0] is 'x' or 'X' ? 4 : 1;
        var digits = text.Length > 0 && text[0] is 'x' or 'X' or 'b' or 'B' ? text[1..] : text;
        var bytes = new byte[((digits.Length * bitsPerDigit) + 7) / 8];
        for (var i = 0; i < digits.Length; i++)
        {
            var c = digits[i];
            if (bitsPerDigit == 1 ? c is not ('0' or '1') : !char.IsAsciiHexDigit(c))
                throw NotDigit(digits, i, bitsPerDigit);
            var value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
            var bit = i * bitsPerDigit;
            bytes[bit >> 3] |= (byte)(value << (8 - bitsPerDigit - (bit & 7)));
        }

        return ApplyModifier(Datum.FromObject(new SqlBits(bytes, digits.Length * bitsPerDigit)), typeModifier, isExplicit: false);
    }

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit)
    {
        var bits = value.As<SqlBits>();
        if (typeModifier <= 0 || bits.Length == typeModifier || (isVarying && bits.Length < typeModifier))
            return value;
        if (isExplicit)
            return Datum.FromObject(bits.Resize(typeModifier));
        throw isVarying
            ? new SqlException(SqlState.StringDataRightTruncation, $"bit string too long for type bit varying({typeModifier})")
            : new SqlException(SqlState.StringDataLengthMismatch, $"bit string length {bits.Length} does not match type bit({typeModifier})");
    }

    public override string Format(Datum value, FormatSettings settings) => value.As<SqlBits>().ToString();

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var bits = value.As<SqlBits>();
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), bits.Length);
        output.Advance(4);
        output.Write(bits.Bytes);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length < 4 || BinaryPrimitives.ReadInt32BigEndian(data) is var length && (length < 0 || data.Length - 4 != (length + 7L) / 8))
            throw TypeErrors.InvalidBinary(DisplayName);
        return ApplyModifier(Datum.FromObject(new SqlBits(data[4..].ToArray(), length)), typeModifier, isExplicit: false);
    }

    public override int Compare(Datum left, Datum right) => left.As<SqlBits>().CompareTo(right.As<SqlBits>());

    public override int Hash(Datum value) => value.As<SqlBits>().GetHashCode();

    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        var bits = value.As<SqlBits>();
        KeyCodec.WriteBytes(bits.Bytes, output);
        KeyCodec.WriteInt64(bits.Length, output, 4);
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var bytes = KeyCodec.ReadBytes(ref input);
        return Datum.FromObject(new SqlBits(bytes, (int)KeyCodec.ReadInt64(ref input, 4)));
    }

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => WriteBinary(value, output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromObject(new SqlBits(data[4..].ToArray(), BinaryPrimitives.ReadInt32BigEndian(data)));

    private static SqlException NotDigit(ReadOnlySpan<char> digits, int position, int bitsPerDigit)
    {
        var length = char.IsHighSurrogate(digits[position]) && position + 1 < digits.Length ? 2 : 1;
        return new SqlException(SqlState.InvalidTextRepresentation,
            string.Create(CultureInfo.InvariantCulture, $"\"{digits.Slice(position, length)}\" is not a valid {(bitsPerDigit == 1 ? "binary" : "hexadecimal")} digit"));
    }
}
