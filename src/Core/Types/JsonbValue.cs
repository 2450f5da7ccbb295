using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

public enum JsonKind : byte { Null, Boolean, Number, String, Array, Object }

/// <summary>A jsonb value in canonical form: object keys unique and ordered by byte length, then bytes (as PostgreSQL stores them); the last of equal keys wins.</summary>
public sealed class JsonbValue : IEquatable<JsonbValue>, IComparable<JsonbValue>
{
    private static readonly JsonbValue[] s_none = [];

    /// <summary>Containers within containers: the reader's limit, and that of what functions build.</summary>
    internal const int MaxDepth = 1000;

    /// <summary>PostgreSQL 15's limit on the elements of one container (jsonb.h, JENTRY_OFFLENMASK), here on the whole value, whose parts may be shared: its text is made whole.</summary>
    private const long MaxSize = 0x0FFFFFFF;

    private readonly int _depth;
    private readonly long _size = 8;

    /// <summary>Of its text, about.</summary>
    public long Size => Kind is JsonKind.String ? Text!.Length + 4 : _size;

    private JsonbValue(JsonKind kind) => Kind = kind;

    private JsonbValue(JsonKind kind, IReadOnlyList<JsonbValue> items, IReadOnlyList<string> keys)
    {
        (Kind, Items, Keys) = (kind, items, keys);
        foreach (var item in items)
        {
            _depth = Math.Max(_depth, item._depth);
            _size += item.Size;
        }

        foreach (var key in keys)
            _size += key.Length + 4;
        if (++_depth > MaxDepth)
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        if (_size > MaxSize)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"total size of jsonb {(kind == JsonKind.Array ? "array" : "object")} elements exceeds the maximum of {MaxSize} bytes");
    }

    public static JsonbValue Null { get; } = new(JsonKind.Null);

    public static JsonbValue True { get; } = new(JsonKind.Boolean) { Boolean = true };

    public static JsonbValue False { get; } = new(JsonKind.Boolean);

    public JsonKind Kind { get; }

    public bool Boolean { get; private init; }

    public SqlNumeric? Number { get; private init; }

    public string? Text { get; private init; }

    /// <summary>Elements of an array, or values of an object in key order.</summary>
    public IReadOnlyList<JsonbValue> Items { get; private init; } = s_none;

    public IReadOnlyList<string> Keys { get; private init; } = [];

    public bool IsContainer => Kind is JsonKind.Array or JsonKind.Object;

    public static JsonbValue FromBoolean(bool value) => value ? True : False;

    public static JsonbValue FromNumber(SqlNumeric value) => new(JsonKind.Number) { Number = value };

    public static JsonbValue FromString(string value) => new(JsonKind.String) { Text = value };

    public static JsonbValue FromArray(IReadOnlyList<JsonbValue> items) => new(JsonKind.Array, items, []);

    public static JsonbValue FromObject(IEnumerable<KeyValuePair<string, JsonbValue>> members)
    {
        var sorted = new SortedDictionary<string, JsonbValue>(KeyOrder.Instance);
        foreach (var (key, value) in members)
            sorted[key] = value;
        return new JsonbValue(JsonKind.Object, [.. sorted.Values], [.. sorted.Keys]);
    }

    public static JsonbValue Parse(ReadOnlySpan<char> text) => JsonParser.Parse(text);

    public JsonbValue? Field(string key)
    {
        if (Kind != JsonKind.Object)
            return null;
        var low = 0;
        var high = Keys.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = KeyOrder.Instance.Compare(Keys[middle], key);
            if (order == 0)
                return Items[middle];
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return null;
    }

    /// <summary>An element by position; negative positions count from the end.</summary>
    public JsonbValue? Element(int index)
    {
        // A scalar stands in an array of its own, as jsonb stores it.
        if (Kind is not (JsonKind.Array or JsonKind.Object) && index is 0 or -1)
            return this;
        if (Kind != JsonKind.Array)
            return null;
        if (index < 0)
            index += Items.Count;
        return index >= 0 && index < Items.Count ? Items[index] : null;
    }

    /// <summary>The value at a path of keys and positions, as #> reads it.</summary>
    public JsonbValue? At(IEnumerable<string> path)
    {
        var value = this;
        foreach (var step in path)
        {
            value = value.Kind switch
            {
                JsonKind.Object => value.Field(step),
                JsonKind.Array when int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => value.Element(index),
                _ => null,
            };
            if (value is null)
                return null;
        }

        return value;
    }

    public IEnumerable<KeyValuePair<string, JsonbValue>> Members()
    {
        for (var i = 0; i < Keys.Count; i++)
            yield return new(Keys[i], Items[i]);
    }

    /// <summary>@>: structure and data of the other value are found here (8.14.3).</summary>
    public bool Contains(JsonbValue other)
    {
        if (Kind == JsonKind.Array && other.Kind is not (JsonKind.Array or JsonKind.Object))
            return Items.Any(i => i.Equals(other));
        if (Kind != other.Kind)
            return false;
        return Kind switch
        {
            JsonKind.Object => other.Members().All(m => Field(m.Key) is { } mine && (m.Value.IsContainer ? mine.Contains(m.Value) && mine.Kind == m.Value.Kind : mine.Equals(m.Value))),
            JsonKind.Array => other.Items.All(o => Items.Any(i => o.IsContainer ? i.Kind == o.Kind && i.Contains(o) : i.Equals(o))),
            _ => Equals(other),
        };
    }

    /// <summary>?: a key of an object, a string of an array, or the string itself.</summary>
    public bool HasKey(string key) => Kind switch
    {
        JsonKind.Object => Field(key) is not null,
        JsonKind.Array => Items.Any(i => i.Kind == JsonKind.String && i.Text == key),
        JsonKind.String => Text == key,
        _ => false,
    };

    /// <summary>->> : strings bare, JSON null as null, all else as JSON text.</summary>
    public string? AsText() => Kind switch
    {
        JsonKind.Null => null,
        JsonKind.String => Text,
        _ => ToString(),
    };

    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    public string Pretty()
    {
        var text = new StringBuilder();
        WritePretty(text, 0);
        return text.ToString();
    }

    public bool Equals(JsonbValue? other) => other is not null && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as JsonbValue);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Kind);
        hash.Add(Boolean);
        hash.Add(Number);
        hash.Add(Text);
        foreach (var key in Keys)
            hash.Add(key);
        foreach (var item in Items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    /// <summary>Object > Array > Boolean > Number > String > Null; arrays and objects by size first (8.14.4).</summary>
    public int CompareTo(JsonbValue? other)
    {
        if (Kind != other!.Kind)
        {
            // Historical: an empty array sorts below everything else at top level.
            if (Kind == JsonKind.Array && Items.Count == 0)
                return -1;
            if (other.Kind == JsonKind.Array && other.Items.Count == 0)
                return 1;
            return Rank(Kind).CompareTo(Rank(other.Kind));
        }

        switch (Kind)
        {
            case JsonKind.Boolean:
                return Boolean.CompareTo(other.Boolean);
            case JsonKind.Number:
                return Number!.CompareTo(other.Number!);
            case JsonKind.String:
                return TextOrder.Compare(Text!, other.Text!);
            case JsonKind.Null:
                return 0;
        }

        var order = Items.Count.CompareTo(other.Items.Count);
        for (var i = 0; order == 0 && i < Items.Count; i++)
        {
            if (Kind == JsonKind.Object)
                order = KeyOrder.Instance.Compare(Keys[i], other.Keys[i]);
            if (order == 0)
                order = Items[i].CompareTo(other.Items[i]);
        }

        return order;
    }

    /// <summary>A JSON string literal.</summary>
    public static void WriteString(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"':
                    output.Append("\\\"");
                    break;
                case '\\':
                    output.Append("\\\\");
                    break;
                case '\n':
                    output.Append("\\n");
                    break;
                case '\r':
                    output.Append("\\r");
                    break;
                case '\t':
                    output.Append("\\t");
                    break;
                case '\b':
                    output.Append("\\b");
                    break;
                case '\f':
                    output.Append("\\f");
                    break;
                case < ' ':
                    output.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    output.Append(c);
                    break;
            }
        }

        output.Append('"');
    }

    internal void Encode(IBufferWriter<byte> output)
    {
        WriteByte(output, (byte)(Kind == JsonKind.Boolean && Boolean ? 6 : (byte)Kind));
        switch (Kind)
        {
            case JsonKind.Number:
                var buffer = new ArrayBufferWriter<byte>();
                SqlTypes.Numeric.EncodeValue(Datum.FromObject(Number!), buffer);
                WriteBytes(output, buffer.WrittenSpan);
                break;
            case JsonKind.String:
                WriteBytes(output, Encoding.UTF8.GetBytes(Text!));
                break;
            case JsonKind.Array:
            case JsonKind.Object:
                WriteInt(output, Items.Count);
                for (var i = 0; i < Items.Count; i++)
                {
                    if (Kind == JsonKind.Object)
                        WriteBytes(output, Encoding.UTF8.GetBytes(Keys[i]));
                    Items[i].Encode(output);
                }

                break;
        }
    }

    internal static JsonbValue Decode(ref ReadOnlySpan<byte> input)
    {
        var tag = input[0];
        input = input[1..];
        switch (tag)
        {
            case 6:
                return True;
            case (byte)JsonKind.Null:
                return Null;
            case (byte)JsonKind.Boolean:
                return False;
            case (byte)JsonKind.Number:
                return FromNumber(SqlTypes.Numeric.DecodeValue(ReadBytes(ref input)).As<SqlNumeric>());
            case (byte)JsonKind.String:
                return FromString(Encoding.UTF8.GetString(ReadBytes(ref input)));
        }

        var count = ReadInt(ref input);
        var items = new JsonbValue[count];
        var keys = tag == (byte)JsonKind.Object ? new string[count] : [];
        for (var i = 0; i < count; i++)
        {
            if (keys.Length > 0)
                keys[i] = Encoding.UTF8.GetString(ReadBytes(ref input));
            items[i] = Decode(ref input);
        }

        return new JsonbValue((JsonKind)tag, items, keys);
    }

    private static int Rank(JsonKind kind) => kind switch
    {
        JsonKind.Object => 5,
        JsonKind.Array => 4,
        JsonKind.Boolean => 3,
        JsonKind.Number => 2,
        JsonKind.String => 1,
        _ => 0,
    };

    private void Write(StringBuilder output)
    {
        switch (Kind)
        {
            case JsonKind.Null:
                output.Append("null");
                break;
            case JsonKind.Boolean:
                output.Append(Boolean ? "true" : "false");
                break;
            case JsonKind.Number:
                output.Append(Number);
                break;
            case JsonKind.String:
                WriteString(output, Text!);
                break;
            default:
                output.Append(Kind == JsonKind.Array ? '[' : '{');
                for (var i = 0; i < Items.Count; i++)
                {
                    if (i > 0)
                        output.Append(", ");
                    if (Kind == JsonKind.Object)
                    {
                        WriteString(output, Keys[i]);
                        output.Append(": ");
                    }

                    Items[i].Write(output);
                }

                output.Append(Kind == JsonKind.Array ? ']' : '}');
                break;
        }
    }

    private void WritePretty(StringBuilder output, int depth)
    {
        if (!IsContainer)
        {
            Write(output);
            return;
        }

        output.Append(Kind == JsonKind.Array ? '[' : '{');
        for (var i = 0; i < Items.Count; i++)
        {
            output.Append(i > 0 ? ",\n" : "\n").Append(' ', (depth + 1) * 4);
            if (Kind == JsonKind.Object)
            {
                WriteString(output, Keys[i]);
                output.Append(": ");
            }

            Items[i].WritePretty(output, depth + 1);
        }

        output.Append('\n').Append(' ', depth * 4).Append(Kind == JsonKind.Array ? ']' : '}');
    }

    private static void WriteByte(IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    private static void WriteInt(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static int ReadInt(ref ReadOnlySpan<byte> input)
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(input);
        input = input[4..];
        return value;
    }

    private static void WriteBytes(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        WriteInt(output, bytes.Length);
        output.Write(bytes);
    }

    private static ReadOnlySpan<byte> ReadBytes(ref ReadOnlySpan<byte> input)
    {
        var length = ReadInt(ref input);
        var bytes = input[..length];
        input = input[length..];
        return bytes;
    }

    /// <summary>Shorter keys first, equal lengths by bytes.</summary>
    private sealed class KeyOrder : IComparer<string>
    {
        public static KeyOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var order = Encoding.UTF8.GetByteCount(x!).CompareTo(Encoding.UTF8.GetByteCount(y!));
            return order != 0 ? order : TextOrder.Compare(x!, y!);
        }
    }
}

/// <summary>A strict JSON reader (RFC 8259) with a depth limit.</summary>
public static class JsonParser
{
    public static void Validate(ReadOnlySpan<char> text) => Parse(text);

    public static JsonbValue Parse(ReadOnlySpan<char> text)
    {
        var position = 0;
        var value = ReadValue(text, ref position, 0);
        SkipSpace(text, ref position);
        return position == text.Length ? value : throw Invalid(text, position);
    }

    private static JsonbValue ReadValue(ReadOnlySpan<char> text, ref int position, int depth)
    {
        if (depth >= JsonbValue.MaxDepth)
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        SkipSpace(text, ref position);
        if (position >= text.Length)
            throw Invalid(text, position);
        switch (text[position])
        {
            case '{':
                return ReadObject(text, ref position, depth);
            case '[':
                return ReadArray(text, ref position, depth);
            case '"':
                return JsonbValue.FromString(ReadString(text, ref position));
            case 't':
                return Word(text, ref position, "true", JsonbValue.True);
            case 'f':
                return Word(text, ref position, "false", JsonbValue.False);
            case 'n':
                return Word(text, ref position, "null", JsonbValue.Null);
            default:
                return ReadNumber(text, ref position);
        }
    }

    private static JsonbValue ReadObject(ReadOnlySpan<char> text, ref int position, int depth)
    {
        var members = new List<KeyValuePair<string, JsonbValue>>();
        position++;
        SkipSpace(text, ref position);
        if (Take(text, ref position, '}'))
            return JsonbValue.FromObject(members);
        while (true)
        {
            SkipSpace(text, ref position);
            if (position >= text.Length || text[position] != '"')
                throw Invalid(text, position);
            var key = ReadString(text, ref position);
            SkipSpace(text, ref position);
            if (!Take(text, ref position, ':'))
                throw Invalid(text, position);
            members.Add(new(key, ReadValue(text, ref position, depth + 1)));
            SkipSpace(text, ref position);
            if (Take(text, ref position, '}'))
                return JsonbValue.FromObject(members);
            if (!Take(text, ref position, ','))
                throw Invalid(text, position);
        }
    }

    private static JsonbValue ReadArray(ReadOnlySpan<char> text, ref int position, int depth)
    {
        var items = new List<JsonbValue>();
        position++;
        SkipSpace(text, ref position);
        if (Take(text, ref position, ']'))
            return JsonbValue.FromArray(items);
        while (true)
        {
            items.Add(ReadValue(text, ref position, depth + 1));
            SkipSpace(text, ref position);
            if (Take(text, ref position, ']'))
                return JsonbValue.FromArray(items);
            if (!Take(text, ref position, ','))
                throw Invalid(text, position);
        }
    }

    private static string ReadString(ReadOnlySpan<char> text, ref int position)
    {
        var output = new StringBuilder();
        for (position++; position < text.Length; position++)
        {
            var c = text[position];
            if (c == '"')
            {
                position++;
                return output.ToString();
            }

            if (c < ' ')
                throw Invalid(text, position);
            if (c != '\\')
            {
                output.Append(c);
                continue;
            }

            if (++position >= text.Length)
                break;
            output.Append(text[position] switch
            {
                '"' => '"',
                '\\' => '\\',
                '/' => '/',
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => ReadUnicode(text, ref position),
                _ => throw Invalid(text, position),
            });
        }

        throw Invalid(text, position);
    }

    private static char ReadUnicode(ReadOnlySpan<char> text, ref int position)
    {
        if (position + 4 >= text.Length || !ushort.TryParse(text.Slice(position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            throw Invalid(text, position);
        position += 4;
        if (unit == 0)
        {
            throw new SqlException(SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence") { Detail = "\\u0000 cannot be converted to text." };
        }

        return (char)unit;
    }

    private static JsonbValue ReadNumber(ReadOnlySpan<char> text, ref int position)
    {
        var start = position;
        if (position < text.Length && text[position] == '-')
            position++;
        var digits = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
            position++;
        if (position == digits || (text[digits] == '0' && position - digits > 1))
            throw Invalid(text, start);
        if (position < text.Length && text[position] == '.')
        {
            var fraction = ++position;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
                position++;
            if (position == fraction)
                throw Invalid(text, start);
        }

        if (position < text.Length && text[position] is 'e' or 'E')
        {
            position++;
            if (position < text.Length && text[position] is '+' or '-')
                position++;
            var exponent = position;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
                position++;
            if (position == exponent)
                throw Invalid(text, start);
        }

        if (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] == '.'))
            throw Invalid(text, start);
        return JsonbValue.FromNumber(SqlNumeric.Parse(text[start..position]));
    }

    private static JsonbValue Word(ReadOnlySpan<char> text, ref int position, string word, JsonbValue value)
    {
        if (!text[position..].StartsWith(word, StringComparison.Ordinal) || (position + word.Length < text.Length && char.IsAsciiLetterOrDigit(text[position + word.Length])))
            throw Invalid(text, position);
        position += word.Length;
        return value;
    }

    private static bool Take(ReadOnlySpan<char> text, ref int position, char c)
    {
        if (position >= text.Length || text[position] != c)
            return false;
        position++;
        return true;
    }

    private static void SkipSpace(ReadOnlySpan<char> text, ref int position)
    {
        while (position < text.Length && text[position] is ' ' or '\t' or '\n' or '\r')
            position++;
    }

    private static SqlException Invalid(ReadOnlySpan<char> text, int position)
    {
        if (position >= text.Length)
            return new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type json") { Detail = "The input string ended unexpectedly." };
        var end = position;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            end++;
        return new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type json")
        {
            Detail = $"Token \"{text[position..Math.Max(end, position + 1)]}\" is invalid.",
        };
    }
}

public sealed class JsonbType : SqlType
{
    public override uint Oid => PgOid.Jsonb;

    public override string Name => "jsonb";

    public override TypeCategory Category => TypeCategory.UserDefined;

    public override short Length => -1;

    public override uint ArrayOid => PgOid.JsonbArray;

    public override bool KeyIsLossless => false;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) => Datum.FromObject(JsonParser.Parse(text));

    public override string Format(Datum value, FormatSettings settings) => value.As<JsonbValue>().ToString();

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = 1;
        output.Advance(1);
        Encoding.UTF8.GetBytes(Format(value, FormatSettings.Default), output);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.IsEmpty || data[0] != 1)
            throw TypeErrors.InvalidBinary(Name);
        var text = SqlTypes.Text.ReadBinary(data[1..], -1).AsString();
        return Datum.FromObject(JsonParser.Parse(text));
    }

    public override int Compare(Datum left, Datum right) => left.As<JsonbValue>().CompareTo(right.As<JsonbValue>());

    public override int Hash(Datum value) => value.As<JsonbValue>().GetHashCode();

    /// <summary>Kind, then scalars by their own keys, containers by size and then their parts: the order of Compare.</summary>
    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => EncodeKey(value.As<JsonbValue>(), output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => throw new NotSupportedException("jsonb keys are lossy");

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => value.As<JsonbValue>().Encode(output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data)
    {
        var rest = data;
        return Datum.FromObject(JsonbValue.Decode(ref rest));
    }

    private static void EncodeKey(JsonbValue value, IBufferWriter<byte> output)
    {
        var rank = value.Kind switch
        {
            JsonKind.Array when value.Items.Count == 0 => 0,
            JsonKind.Null => 1,
            JsonKind.String => 2,
            JsonKind.Number => 3,
            JsonKind.Boolean => 4,
            JsonKind.Array => 5,
            _ => 6,
        };
        output.GetSpan(1)[0] = (byte)rank;
        output.Advance(1);
        switch (value.Kind)
        {
            case JsonKind.String:
                KeyCodec.WriteString(value.Text!, output);
                break;
            case JsonKind.Number:
                SqlTypes.Numeric.EncodeKey(Datum.FromObject(value.Number!), output);
                break;
            case JsonKind.Boolean:
                KeyCodec.WriteInt64(value.Boolean ? 1 : 0, output, 1);
                break;
            case JsonKind.Array or JsonKind.Object:
                KeyCodec.WriteInt64(value.Items.Count, output, 4);
                for (var i = 0; i < value.Items.Count; i++)
                {
                    if (value.Kind == JsonKind.Object)
                    {
                        KeyCodec.WriteInt64(Encoding.UTF8.GetByteCount(value.Keys[i]), output, 4);
                        KeyCodec.WriteString(value.Keys[i], output);
                    }

                    EncodeKey(value.Items[i], output);
                }

                break;
        }
    }
}
