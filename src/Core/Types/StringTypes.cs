using System.Buffers;
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
            return typeModifier < 0 ? Datum.FromString(s_strict.GetString(data)) : ApplyModifier(Datum.FromString(s_strict.GetString(data)), typeModifier, isExplicit: false);
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

    private static void WriteUtf8(string text, IBufferWriter<byte> output)
    {
        var room = text.Length <= KeyCodec.ShortText ? text.Length * 3 : Encoding.UTF8.GetByteCount(text);
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(room)));
    }
}

/// <summary>varchar(n): n counts characters (code points).</summary>
public sealed class VarCharType() : TextType(PgOid.VarChar, "varchar", "character varying", PgOid.VarCharArray)
{
    public override string FormatName(int typeModifier) => typeModifier < 4 ? DisplayName : $"character varying({typeModifier - 4})";

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) =>
        typeModifier < 4 ? value : Datum.FromString(Characters.Limit(value.AsString(), typeModifier, isExplicit, this));
}

/// <summary>name: at most 63 bytes, silently cut.</summary>
public sealed class NameType() : TextType(PgOid.Name, "name", "name", PgOid.NameArray, TypeCategory.String, 64)
{
    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var value = base.Parse(text, -1, settings);
        return Encoding.UTF8.GetByteCount(value.AsString()) < Length ? value : Datum.FromString(Characters.LimitBytes(value.AsString(), Length - 1));
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => data.Length < Length
        ? base.ReadBinary(data, -1)
        : throw new SqlException(SqlState.NameTooLong, "identifier too long") { Detail = $"Identifier must be less than {Length} characters." };
}

/// <summary>char(n): padded with blanks to n characters; trailing blanks do not count in comparisons.</summary>
public sealed class BpCharType() : TextType(PgOid.BpChar, "bpchar", "character", PgOid.BpCharArray)
{
    public override string FormatName(int typeModifier) => typeModifier < 4 ? "bpchar" : $"character({typeModifier - 4})";

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit)
    {
        if (typeModifier < 4)
            return value;
        var text = Characters.Limit(value.AsString(), typeModifier, isExplicit, this);
        var missing = typeModifier - 4 - Characters.Count(text);
        return Datum.FromString(missing <= 0 ? text : text.PadRight(text.Length + missing));
    }

    public override int Compare(Datum left, Datum right) => TextOrder.Compare(left.AsString().AsSpan().TrimEnd(' '), right.AsString().AsSpan().TrimEnd(' '));

    public override bool AreEqual(Datum left, Datum right) =>
        left.AsString().AsSpan().TrimEnd(' ').SequenceEqual(right.AsString().AsSpan().TrimEnd(' '));

    public override int Hash(Datum value) => string.GetHashCode(value.AsString().AsSpan().TrimEnd(' '), StringComparison.Ordinal);

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteString(value.AsString().AsSpan().TrimEnd(' '), output);

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

    /// <summary>Cuts to the modifier's number of characters. Without an explicit cast only trailing blanks may be lost (22001).</summary>
    internal static string Limit(string text, int typeModifier, bool isExplicit, SqlType type)
    {
        var limit = typeModifier - 4;
        if (text.Length <= limit || Count(text) <= limit)
            return text;
        var end = Index(text, limit);
        if (!isExplicit && text.AsSpan(end).IndexOfAnyExcept(' ') >= 0)
            throw new SqlException(SqlState.StringDataRightTruncation, $"value too long for type {type.FormatName(typeModifier)}");
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
