using System.Buffers;

namespace Chitin.Core.Types;

/// <summary>uuid (RFC 9562): read with or without hyphens and braces, printed in lower case with hyphens.</summary>
public sealed class UuidType : SqlType
{
    public override uint Oid => PgOid.Uuid;

    public override string Name => "uuid";

    public override TypeCategory Category => TypeCategory.UserDefined;

    public override short Length => 16;

    public override uint ArrayOid => PgOid.UuidArray;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var body = text.Length > 1 && text[0] == '{' && text[^1] == '}' ? text[1..^1] : text;
        Span<char> digits = stackalloc char[32];
        var count = 0;
        for (var i = 0; i < body.Length; i++)
        {
            // A hyphen may stand after any group of four digits.
            if (body[i] == '-' && count is > 0 and < 32 && count % 4 == 0 && body[i - 1] != '-')
                continue;
            if (!char.IsAsciiHexDigit(body[i]) || count == 32)
                throw TypeErrors.InvalidSyntax(this, text);
            digits[count++] = body[i];
        }

        return count == 32 ? Datum.FromGuid(Guid.ParseExact(digits, "N")) : throw TypeErrors.InvalidSyntax(this, text);
    }

    public override string Format(Datum value, FormatSettings settings) => value.AsGuid().ToString("D");

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings)
    {
        value.AsGuid().TryFormat(output.GetSpan(36), out var written, "D");
        output.Advance(written);
    }

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => Write(value, output);

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) =>
        data.Length == 16 ? Datum.FromGuid(new Guid(data, bigEndian: true)) : throw TypeErrors.InvalidBinary(Name);

    public override int Compare(Datum left, Datum right)
    {
        Span<byte> a = stackalloc byte[16];
        Span<byte> b = stackalloc byte[16];
        left.AsGuid().TryWriteBytes(a, bigEndian: true, out _);
        right.AsGuid().TryWriteBytes(b, bigEndian: true, out _);
        return a.SequenceCompareTo(b);
    }

    public override bool AreEqual(Datum left, Datum right) => left.AsGuid() == right.AsGuid();

    public override int Hash(Datum value) => value.AsGuid().GetHashCode();

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => Write(value, output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var value = new Guid(input[..16], bigEndian: true);
        input = input[16..];
        return Datum.FromGuid(value);
    }

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => Write(value, output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromGuid(new Guid(data, bigEndian: true));

    private static void Write(Datum value, IBufferWriter<byte> output)
    {
        value.AsGuid().TryWriteBytes(output.GetSpan(16), bigEndian: true, out _);
        output.Advance(16);
    }
}
