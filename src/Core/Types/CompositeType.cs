using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>A named field of a composite type.</summary>
public sealed record CompositeAttribute(string Name, SqlType Type, int TypeModifier = -1);

/// <summary>A composite type (8.16): values are <see cref="SqlRecord"/>s with its attributes as fields.</summary>
public sealed class CompositeType(uint oid, uint arrayOid, string name, ImmutableArray<CompositeAttribute> attributes) : SqlType
{
    private readonly ImmutableArray<SqlType> _types = [.. attributes.Select(a => DomainType.Base(a.Type))];
    private readonly ImmutableArray<string> _names = [.. attributes.Select(a => a.Name)];

    public override uint Oid => oid;

    public override string Name => name;

    public override TypeCategory Category => TypeCategory.Composite;

    public override short Length => -1;

    public override uint ArrayOid => arrayOid;

    public override bool IsRow => true;

    public override bool IsOrdered => _types.All(t => t.IsOrdered);

    public override bool KeyIsLossless => false;

    public ImmutableArray<CompositeAttribute> Attributes => attributes;

    /// <summary>The types of the fields, domains replaced by what they stand for.</summary>
    public ImmutableArray<SqlType> FieldTypes => _types;

    public CompositeType With(string? newName = null, ImmutableArray<CompositeAttribute>? newAttributes = null) => new(oid, arrayOid, newName ?? name, newAttributes ?? attributes);

    /// <summary>A value of the fields, one per attribute.</summary>
    public Datum Make(Datum[] fields) => Datum.FromObject(new SqlRecord(_types, fields, _names));

    /// <summary>(a,"b c",): nothing between commas is NULL, quotes and backslashes protect (record_in). 22P02 for anything else.</summary>
    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var literal = text.ToString();
        var at = 0;
        SkipBlanks(literal, ref at);
        if (at == literal.Length || literal[at++] != '(')
            throw Malformed(literal, "Missing left parenthesis.");
        var fields = new Datum[attributes.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0)
            {
                if (at >= literal.Length || literal[at] != ',')
                    throw Malformed(literal, at < literal.Length ? "Too few columns." : "Unexpected end of input.");
                at++;
            }

            if (ReadField(literal, ref at) is { } field)
                fields[i] = Field(i, attributes[i].Type.Parse(field, attributes[i].TypeModifier, settings));
        }

        if (at >= literal.Length)
            throw Malformed(literal, "Unexpected end of input.");
        if (literal[at++] != ')')
            throw Malformed(literal, "Too many columns.");
        SkipBlanks(literal, ref at);
        return at == literal.Length ? Make(fields) : throw Malformed(literal, "Junk after right parenthesis.");
    }

    public override string Format(Datum value, FormatSettings settings) => SqlTypes.Record.Format(value, settings);

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => SqlTypes.Record.WriteBinary(value, output);

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length < 4 || BinaryPrimitives.ReadInt32BigEndian(data) != attributes.Length)
            throw TypeErrors.InvalidBinary(name);
        data = data[4..];
        var fields = new Datum[attributes.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (data.Length < 8 || (uint)BinaryPrimitives.ReadInt32BigEndian(data) != attributes[i].Type.Oid && (uint)BinaryPrimitives.ReadInt32BigEndian(data) != _types[i].Oid)
                throw TypeErrors.InvalidBinary(name);
            var length = BinaryPrimitives.ReadInt32BigEndian(data[4..]);
            data = data[8..];
            if (length < 0)
                continue;
            if (length > data.Length)
                throw TypeErrors.InvalidBinary(name);
            fields[i] = Field(i, attributes[i].Type.ReadBinary(data[..length], attributes[i].TypeModifier));
            data = data[length..];
        }

        return data.IsEmpty ? Make(fields) : throw TypeErrors.InvalidBinary(name);
    }

    public override int Compare(Datum left, Datum right) => SqlTypes.Record.Compare(left, right);

    public override int Hash(Datum value) => SqlTypes.Record.Hash(value);

    /// <summary>Per field a byte that puts NULL last, then the field's own key.</summary>
    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        var record = value.As<SqlRecord>();
        for (var i = 0; i < _types.Length; i++)
        {
            output.Write([record.Fields[i].IsNull ? (byte)1 : (byte)0]);
            if (!record.Fields[i].IsNull)
                _types[i].EncodeKey(record.Fields[i], output);
        }
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var fields = new Datum[_types.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            var isNull = input[0] != 0;
            input = input[1..];
            if (!isNull)
                fields[i] = _types[i].DecodeKey(ref input);
        }

        return Make(fields);
    }

    /// <summary>The number of fields, then each with its length; -1 for NULL.</summary>
    public override void EncodeValue(Datum value, IBufferWriter<byte> output)
    {
        var record = value.As<SqlRecord>();
        WriteInt(output, record.Fields.Length);
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < record.Fields.Length; i++)
        {
            buffer.ResetWrittenCount();
            if (!record.Fields[i].IsNull)
                _types[i].EncodeValue(record.Fields[i], buffer);
            WriteInt(output, record.Fields[i].IsNull ? -1 : buffer.WrittenCount);
            output.Write(buffer.WrittenSpan);
        }
    }

    public override Datum DecodeValue(ReadOnlySpan<byte> data)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(data);
        data = data[4..];
        var fields = new Datum[_types.Length];
        for (var i = 0; i < count; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(data);
            data = data[4..];
            if (length < 0)
                continue;
            fields[i] = _types[i].DecodeValue(data[..length]);
            data = data[length..];
        }

        return Make(fields);
    }

    private Datum Field(int index, Datum value) => attributes[index].TypeModifier < 0 ? value : attributes[index].Type.ApplyModifier(value, attributes[index].TypeModifier, false);

    private static string? ReadField(string text, ref int at)
    {
        if (at >= text.Length)
            throw Malformed(text, "Unexpected end of input.");
        if (text[at] is ',' or ')')
            return null;
        var field = new StringBuilder();
        var quoted = false;
        for (; quoted || (at < text.Length && text[at] is not (',' or ')')); at++)
        {
            if (at >= text.Length)
                throw Malformed(text, "Unexpected end of input.");
            if (text[at] == '\\')
            {
                if (++at >= text.Length)
                    throw Malformed(text, "Unexpected end of input.");
                field.Append(text[at]);
            }
            else if (text[at] != '"')
                field.Append(text[at]);
            else if (quoted && at + 1 < text.Length && text[at + 1] == '"')
                field.Append(text[at++]);
            else
                quoted = !quoted;
        }

        return field.ToString();
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }

    private static void WriteInt(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static SqlException Malformed(string text, string detail) => new(SqlState.InvalidTextRepresentation, $"malformed record literal: \"{text}\"") { Detail = detail };
}
