using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>Resolves names of reg* types. Unknown names are errors 42P01, 42883, 42704, 3F000 as the type asks.</summary>
public interface IOidNames
{
    uint Resolve(uint regType, string name);

    /// <summary>The name, qualified when the search path needs it; null when the OID is unknown.</summary>
    string? Name(uint regType, uint oid);
}

/// <summary>oid and the types that are one underneath: xid, cid, reg*. Reg types show names when the settings can resolve them.</summary>
public sealed class OidType(uint oid, string name, uint arrayOid, TypeCategory category = TypeCategory.Numeric) : InlineType
{
    private readonly bool _isNamed = name.StartsWith("reg", StringComparison.Ordinal);

    public override uint Oid => oid;

    public override string Name => name;

    public override TypeCategory Category => category;

    public override bool IsPreferred => oid == PgOid.Oid;

    public override short Length => 4;

    public override uint ArrayOid => arrayOid;

    protected override int KeySize => 4;

    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value.AsOid());
        output.Advance(4);
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var value = BinaryPrimitives.ReadUInt32BigEndian(input);
        input = input[4..];
        return Datum.FromInt64(value);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => Datum.FromInt64(base.ReadBinary(data, typeModifier).AsOid());

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var digits = text.Trim(" \t\n\r\f\v");
        if (_isNamed && digits is "-")
            return Datum.FromInt64(0);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return value is >= int.MinValue and <= uint.MaxValue ? Datum.FromInt64((uint)value) : throw TypeErrors.ValueOutOfRange(this, text);
        var body = digits.Length > 1 && digits[0] is '-' or '+' ? digits[1..] : digits;
        if (body.Length > 0 && body.IndexOfAnyExceptInRange('0', '9') < 0)
            throw TypeErrors.ValueOutOfRange(this, text);
        if (_isNamed && settings.OidNames is { } names)
            return Datum.FromInt64(names.Resolve(oid, digits.ToString()));
        throw TypeErrors.InvalidSyntax(this, text);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        if (!_isNamed)
            return value.AsOid().ToString(CultureInfo.InvariantCulture);
        if (value.AsOid() == 0)
            return "-";
        return settings.OidNames?.Name(oid, value.AsOid()) ?? value.AsOid().ToString(CultureInfo.InvariantCulture);
    }

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings)
    {
        if (_isNamed)
        {
            base.WriteText(value, output, settings);
            return;
        }

        Utf8Formatter.TryFormat(value.AsOid(), output.GetSpan(10), out var written);
        output.Advance(written);
    }
}

/// <summary>"char": one byte; those above 127 are shown as \ooo.</summary>
public sealed class CharType : InlineType
{
    public override uint Oid => PgOid.Char;

    public override string Name => "char";

    public override string DisplayName => "\"char\"";

    public override TypeCategory Category => TypeCategory.Internal;

    public override short Length => 1;

    public override uint ArrayOid => PgOid.CharArray;

    protected override int KeySize => 1;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        if (text.Length == 0)
            return Datum.FromInt64(0);
        if (text.Length == 4 && text[0] == '\\' && IsOctal(text[1]) && IsOctal(text[2]) && IsOctal(text[3]))
            return Datum.FromInt64((((text[1] - '0') << 6) | ((text[2] - '0') << 3) | (text[3] - '0')) & 0xff);
        Span<byte> bytes = stackalloc byte[4];
        Encoding.UTF8.GetBytes(text[..(char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1)], bytes);
        return Datum.FromInt64(bytes[0]);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        var code = (int)value.AsInt64();
        return code switch
        {
            0 => "",
            < 128 => ((char)code).ToString(),
            _ => $"\\{code >> 6}{(code >> 3) & 7}{code & 7}",
        };
    }

    private static bool IsOctal(char c) => c is >= '0' and <= '7';
}

/// <summary>tid: block and offset, (0,1); the bits are block * 65536 + offset.</summary>
public sealed class TidType : InlineType
{
    public override uint Oid => PgOid.Tid;

    public override string Name => "tid";

    public override TypeCategory Category => TypeCategory.UserDefined;

    public override short Length => 6;

    public override uint ArrayOid => 1010;

    protected override int KeySize => 8;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var open = text.IndexOf('(');
        var comma = text.IndexOf(',');
        var close = text.IndexOf(')');
        if (open < 0 || comma < open || close < comma
            || !long.TryParse(text[(open + 1)..comma], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var block)
            || !ushort.TryParse(text[(comma + 1)..close], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var offset)
            || block is < int.MinValue or > uint.MaxValue)
            throw TypeErrors.InvalidSyntax(this, text);
        return Datum.FromInt64(((long)(uint)block << 16) | offset);
    }

    public override string Format(Datum value, FormatSettings settings) => $"({value.AsInt64() >> 16},{value.AsInt64() & 0xffff})";

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(6);
        BinaryPrimitives.WriteUInt32BigEndian(span, (uint)(value.AsInt64() >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(span[4..], (ushort)value.AsInt64());
        output.Advance(6);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) =>
        data.Length == 6 ? Datum.FromInt64(((long)BinaryPrimitives.ReadUInt32BigEndian(data) << 16) | BinaryPrimitives.ReadUInt16BigEndian(data[4..])) : throw TypeErrors.InvalidBinary(Name);
}
