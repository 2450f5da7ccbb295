using System.Buffers;
using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>Types whose values are .NET strings: text, varchar, name, unknown, json, cstring and those that travel as text.</summary>
public class TextType(uint oid, string name, string displayName, uint arrayOid, TypeCategory category = TypeCategory.String, short length = -1) : SqlType
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public override uint Oid => oid;

    public override string Name => name;

    public override string DisplayName => displayName;

    public override TypeCategory Category => category;

    public override bool IsPreferred => oid == PgOid.Text;

    public override short Length => length;

    public override uint ArrayOid => arrayOid;

    public override bool IsOrdered => oid is not PgOid.Json;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        if (text.Contains('\0'))
            throw TypeErrors.NullCharacter();
        var value = Datum.FromString(text.ToString());
        return typeModifier >= 0 ? ApplyModifier(value, typeModifier, isExplicit: false) : value;
    }

    public override string Format(Datum value, FormatSettings settings) => value.AsString();

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) => WriteUtf8(value.AsString(), output);

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => WriteUtf8(value.AsString(), output);

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Contains((byte)0))
            throw TypeErrors.NullCharacter();
        try
        {
            return Datum.FromString(s_strict.GetString(data));
        }
        catch (DecoderFallbackException)
        {
            throw TypeErrors.InvalidUtf8();
        }
    }

    public override int Compare(Datum left, Datum right) => TextOrder.Compare(left.AsString(), right.AsString());

    public override bool AreEqual(Datum left, Datum right) => string.Equals(left.AsString(), right.AsString(), StringComparison.Ordinal);

    public override int Hash(Datum value) => string.GetHashCode(value.AsString(), StringComparison.Ordinal);

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteString(value.AsString(), output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => Datum.FromString(KeyCodec.ReadString(ref input));

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => WriteUtf8(value.AsString(), output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromString(Encoding.UTF8.GetString(data));

    protected static void WriteUtf8(string text, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(text.Length * 3);
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}

/// <summary>varchar(n): n counts characters (code points).</summary>
public sealed class VarCharType() : TextType(PgOid.VarChar, "varchar", "character varying", PgOid.VarCharArray)
{
    public override string FormatName(int typeModifier) => typeModifier < 4 ? DisplayName : $"character varying({typeModifier - 4})";

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) =>
        typeModifier < 4 ? value : Datum.FromString(Characters.Limit(value.AsString(), typeModifier - 4, isExplicit, FormatName(typeModifier)));
}

/// <summary>name: at most 63 bytes, silently cut.</summary>
public sealed class NameType() : TextType(PgOid.Name, "name", "name", PgOid.NameArray, TypeCategory.String, 64)
{
    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var value = base.Parse(text, -1, settings);
        return Encoding.UTF8.GetByteCount(value.AsString()) <= 63 ? value : Datum.FromString(Characters.LimitBytes(value.AsString(), 63));
    }
}

/// <summary>char(n): padded with blanks to n characters; trailing blanks do not count in comparisons.</summary>
public sealed class BpCharType() : TextType(PgOid.BpChar, "bpchar", "character", PgOid.BpCharArray)
{
    public override string FormatName(int typeModifier) => typeModifier < 4 ? "bpchar" : $"character({typeModifier - 4})";

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit)
    {
        if (typeModifier < 4)
            return value;
        var text = Characters.Limit(value.AsString(), typeModifier - 4, isExplicit, FormatName(typeModifier));
        var missing = typeModifier - 4 - Characters.Count(text);
        return missing <= 0 ? Datum.FromString(text) : Datum.FromString(text + new string(' ', missing));
    }

    public override int Compare(Datum left, Datum right) => TextOrder.Compare(left.AsString().TrimEnd(' '), right.AsString().TrimEnd(' '));

    public override bool AreEqual(Datum left, Datum right) =>
        left.AsString().AsSpan().TrimEnd(' ').SequenceEqual(right.AsString().AsSpan().TrimEnd(' '));

    public override int Hash(Datum value) => string.GetHashCode(value.AsString().AsSpan().TrimEnd(' '), StringComparison.Ordinal);

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteString(value.AsString().TrimEnd(' '), output);

    public override bool KeyIsLossless => false;
}

/// <summary>json: text that was checked to be JSON, kept as written.</summary>
public sealed class JsonType() : TextType(PgOid.Json, "json", "json", PgOid.JsonArray, TypeCategory.UserDefined)
{
    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        JsonParser.Validate(text);
        return Datum.FromString(text.ToString());
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        var value = base.ReadBinary(data, typeModifier);
        JsonParser.Validate(value.AsString());
        return value;
    }
}

/// <summary>Lengths in characters as SQL counts them: code points, not UTF-16 units.</summary>
public static class Characters
{
    public static int Count(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
        {
            if (char.IsLowSurrogate(unit))
                count--;
        }

        return count;
    }

    /// <summary>Cuts to a number of characters. Without an explicit cast only trailing blanks may be lost (22001).</summary>
    public static string Limit(string text, int limit, bool isExplicit, string typeName)
    {
        if (text.Length <= limit || Count(text) <= limit)
            return text;
        var end = Index(text, limit);
        if (!isExplicit && text.AsSpan(end).IndexOfAnyExcept(' ') >= 0)
            throw new SqlException(SqlState.StringDataRightTruncation, $"value too long for type {typeName}");
        return text[..end];
    }

    public static string LimitBytes(string text, int limit)
    {
        var end = Math.Min(text.Length, limit);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, end)) > limit)
            end--;
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end];
    }

    /// <summary>The UTF-16 index of a character; the text's length when there are fewer.</summary>
    public static int Index(string text, int characters)
    {
        var index = 0;
        for (; characters > 0 && index < text.Length; characters--)
            index += char.IsHighSurrogate(text[index]) && index + 1 < text.Length ? 2 : 1;
        return index;
    }
}

/// <summary>bytea: hex form \x… by default; both forms are read.</summary>
public sealed class ByteaType : SqlType
{
    public override uint Oid => PgOid.Bytea;

    public override string Name => "bytea";

    public override TypeCategory Category => TypeCategory.UserDefined;

    public override short Length => -1;

    public override uint ArrayOid => PgOid.ByteaArray;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        if (text.StartsWith("\\x", StringComparison.Ordinal))
            return Datum.FromBytes(ParseHex(text[2..]));
        var bytes = new ArrayBufferWriter<byte>(Math.Max(1, text.Length));
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                Encoding.UTF8.GetBytes(text.Slice(i, length), bytes);
                i += length - 1;
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '\\')
            {
                bytes.Write("\\"u8);
                i++;
            }
            else if (i + 3 < text.Length && text[i + 1] is >= '0' and <= '3' && text[i + 2] is >= '0' and <= '7' && text[i + 3] is >= '0' and <= '7')
            {
                bytes.Write([(byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'))]);
                i += 3;
            }
            else
                throw TypeErrors.InvalidSyntax(this, "");
        }

        return Datum.FromBytes(bytes.WrittenSpan.ToArray());
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        var bytes = value.AsBytes();
        if (!settings.ByteaEscape)
            return "\\x" + Convert.ToHexStringLower(bytes);
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            if (b == '\\')
                text.Append("\\\\");
            else if (b is < 0x20 or > 0x7e)
                text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
            else
                text.Append((char)b);
        }

        return text.ToString();
    }

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => output.Write(value.AsBytes());

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => Datum.FromBytes(data.ToArray());

    public override int Compare(Datum left, Datum right) => left.AsBytes().AsSpan().SequenceCompareTo(right.AsBytes());

    public override int Hash(Datum value)
    {
        var hash = new HashCode();
        hash.AddBytes(value.AsBytes());
        return hash.ToHashCode();
    }

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteBytes(value.AsBytes(), output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => Datum.FromBytes(KeyCodec.ReadBytes(ref input));

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => output.Write(value.AsBytes());

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromBytes(data.ToArray());

    private static byte[] ParseHex(ReadOnlySpan<char> text)
    {
        var bytes = new byte[(text.Length / 2) + 1];
        var count = 0;
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            if (!char.IsAsciiHexDigit(text[i]))
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid hexadecimal digit: \"{text[i]}\"");
            if (i + 1 >= text.Length)
                throw new SqlException(SqlState.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
            if (!char.IsAsciiHexDigit(text[i + 1]))
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid hexadecimal digit: \"{text[i + 1]}\"");
            bytes[count++] = byte.Parse(text.Slice(i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            i += 2;
        }

        return bytes[..count];
    }
}

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
