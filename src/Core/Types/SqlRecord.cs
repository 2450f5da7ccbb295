using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>A row value: its fields and their types. Names are known to the binder alone, except where JSON output needs them.</summary>
public sealed class SqlRecord(ImmutableArray<SqlType> types, Datum[] fields, ImmutableArray<string> names = default)
{
    /// <summary>Records within records: all that reads them recurses.</summary>
    private const int MaxDepth = 1000;

    private readonly int _depth = DepthOf(types, fields);

    public ImmutableArray<SqlType> Types => types;

    public Datum[] Fields => fields;

    /// <summary>Field names; f1, f2 … for an anonymous row.</summary>
    public string Name(int index) => names.IsDefault ? $"f{index + 1}" : names[index];

    private static int DepthOf(ImmutableArray<SqlType> types, Datum[] fields)
    {
        var depth = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            if (types[i].Oid == PgOid.Record && !fields[i].IsNull)
                depth = Math.Max(depth, fields[i].As<SqlRecord>()._depth);
        }

        return depth < MaxDepth ? depth + 1 : throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
    }
}

/// <summary>The pseudo-type of row values; text form (a,"b c",).</summary>
public sealed class RecordType : SqlType
{
    /// <summary>Longest text of a record, in characters.</summary>
    private const int MaxTextLength = 32 * 1024 * 1024;

    public override uint Oid => PgOid.Record;

    public override string Name => "record";

    public override TypeCategory Category => TypeCategory.Pseudo;

    public override short Length => -1;

    public override uint ArrayOid => PgOid.RecordArray;

    public override bool IsRow => true;

    public override bool KeyIsLossless => false;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        throw new SqlException(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");

    public override string Format(Datum value, FormatSettings settings)
    {
        var record = value.As<SqlRecord>();
        var text = new StringBuilder("(");
        for (var i = 0; i < record.Fields.Length; i++)
        {
            if (i > 0)
                text.Append(',');
            if (record.Fields[i].IsNull)
                continue;
            var field = record.Types[i].Format(record.Fields[i], settings);
            // Quotes within quotes double at each level.
            if (text.Length + field.Length > MaxTextLength)
                throw new SqlException(SqlState.ProgramLimitExceeded, "requested length too large");
            if (field.Length > 0 && field.AsSpan().IndexOfAny("\"\\(), \t\n\r\v\f") < 0)
            {
                text.Append(field);
                continue;
            }

            text.Append('"');
            foreach (var c in field)
            {
                if (c is '"' or '\\')
                    text.Append(c);
                text.Append(c);
            }

            text.Append('"');
        }

        return text.Append(')').ToString();
    }

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var record = value.As<SqlRecord>();
        WriteInt(output, record.Fields.Length);
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < record.Fields.Length; i++)
        {
            WriteInt(output, (int)record.Types[i].Oid);
            buffer.ResetWrittenCount();
            if (!record.Fields[i].IsNull)
                record.Types[i].WriteBinary(record.Fields[i], buffer);
            WriteInt(output, record.Fields[i].IsNull ? -1 : buffer.WrittenCount);
            output.Write(buffer.WrittenSpan);
        }
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) =>
        throw new SqlException(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");

    public override int Compare(Datum left, Datum right)
    {
        var a = left.As<SqlRecord>();
        var b = right.As<SqlRecord>();
        if (a.Fields.Length != b.Fields.Length)
            throw new SqlException(SqlState.DatatypeMismatch, "cannot compare record types with different numbers of columns");
        for (var i = 0; i < a.Fields.Length; i++)
        {
            if (!a.Types[i].Equals(b.Types[i]))
                throw new SqlException(SqlState.DatatypeMismatch, $"cannot compare dissimilar column types {a.Types[i]} and {b.Types[i]} at record column {i + 1}");
            var x = a.Fields[i];
            var y = b.Fields[i];
            var order = x.IsNull || y.IsNull ? x.IsNull.CompareTo(y.IsNull) : a.Types[i].Compare(x, y);
            if (order != 0)
                return order;
        }

        return 0;
    }

    public override int Hash(Datum value)
    {
        var record = value.As<SqlRecord>();
        var hash = new HashCode();
        for (var i = 0; i < record.Fields.Length; i++)
            hash.Add(record.Fields[i].IsNull ? 0 : record.Types[i].Hash(record.Fields[i]));
        return hash.ToHashCode();
    }

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => throw NotStorable();

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => throw NotStorable();

    /// <summary>Count, then per field its type's OID and length-prefixed value: only for spill files, with built-in field types.</summary>
    public override void EncodeValue(Datum value, IBufferWriter<byte> output)
    {
        var record = value.As<SqlRecord>();
        WriteInt(output, record.Fields.Length);
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < record.Fields.Length; i++)
        {
            WriteInt(output, (int)record.Types[i].Oid);
            buffer.ResetWrittenCount();
            if (!record.Fields[i].IsNull)
                record.Types[i].EncodeValue(record.Fields[i], buffer);
            WriteInt(output, record.Fields[i].IsNull ? -1 : buffer.WrittenCount);
            output.Write(buffer.WrittenSpan);
        }
    }

    public override Datum DecodeValue(ReadOnlySpan<byte> data)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(data);
        data = data[4..];
        var types = ImmutableArray.CreateBuilder<SqlType>(count);
        var fields = new Datum[count];
        for (var i = 0; i < count; i++)
        {
            types.Add(SqlTypes.TryGetByOid((uint)BinaryPrimitives.ReadInt32BigEndian(data)) ?? throw NotStorable());
            var length = BinaryPrimitives.ReadInt32BigEndian(data[4..]);
            data = data[8..];
            if (length < 0)
                continue;
            fields[i] = types[i].DecodeValue(data[..length]);
            data = data[length..];
        }

        return Datum.FromObject(new SqlRecord(types.MoveToImmutable(), fields));
    }

    private static void WriteInt(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static SqlException NotStorable() => new(SqlState.InvalidTableDefinition, "column has pseudo-type record");
}

/// <summary>One label and its place: order values leave gaps, so that a label can be put between two others.</summary>
public sealed record EnumLabel(string Label, long Order);

/// <summary>A user-defined enum. A datum's bits are its label's order value.</summary>
public sealed class EnumType(uint oid, uint arrayOid, string name, ImmutableArray<EnumLabel> labels) : InlineType
{
    /// <summary>The gap between labels that are made in order.</summary>
    public const long Gap = 1L << 32;

    private readonly Dictionary<string, long> _orders = labels.ToDictionary(l => l.Label, l => l.Order, StringComparer.Ordinal);
    private readonly Dictionary<long, string> _labels = labels.ToDictionary(l => l.Order, l => l.Label);

    public override uint Oid => oid;

    public override string Name => name;

    public override TypeCategory Category => TypeCategory.Enum;

    public override short Length => 4;

    public override uint ArrayOid => arrayOid;

    /// <summary>In order.</summary>
    public ImmutableArray<EnumLabel> Labels => labels;

    protected override int KeySize => 8;

    public static ImmutableArray<EnumLabel> MakeLabels(IEnumerable<string> names) => [.. names.Select((n, i) => new EnumLabel(n, (i + 1) * Gap))];

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        _orders.TryGetValue(text.ToString(), out var order)
            ? Datum.FromInt64(order)
            : throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input value for enum {name}: \"{text}\"");

    public override string Format(Datum value, FormatSettings settings) =>
        _labels.TryGetValue(value.AsInt64(), out var label) ? label : throw new SqlException(SqlState.DataCorrupted, $"a value of enum {name} has no label");

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => WriteText(value, output, FormatSettings.Default);

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => Parse(Encoding.UTF8.GetString(data), typeModifier, FormatSettings.Default);
}

/// <summary>Types that only stand in signatures (any, anyelement …) or that carry no value (void).</summary>
public sealed class PseudoType(uint oid, string name) : SqlType
{
    public override uint Oid => oid;

    public override string Name => name;

    public override TypeCategory Category => TypeCategory.Pseudo;

    public override short Length => 4;

    public override bool IsOrdered => false;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        oid == PgOid.Void ? Datum.FromString("") : throw new SqlException(SqlState.FeatureNotSupported, $"cannot accept a value of type {name}");

    public override string Format(Datum value, FormatSettings settings) => "";

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => throw TypeErrors.InvalidBinary(name);

    public override int Compare(Datum left, Datum right) => 0;

    public override int Hash(Datum value) => 0;

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => throw NotStorable();

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => throw NotStorable();

    public override void EncodeValue(Datum value, IBufferWriter<byte> output)
    {
    }

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromString("");

    private SqlException NotStorable() => new(SqlState.InvalidTableDefinition, $"column has pseudo-type {name}");
}

/// <summary>int2vector and oidvector: numbers with blanks between; an array from 0 on the wire.</summary>
public sealed class VectorType(uint oid, string name, SqlType elementType, uint arrayOid) : SqlType
{
    private readonly ArrayType _array = new(elementType, oid);

    public override uint Oid => oid;

    public override string Name => name;

    public override TypeCategory Category => TypeCategory.Array;

    public override short Length => -1;

    public override SqlType? ElementType => elementType;

    public override uint ArrayOid => arrayOid;

    public override bool KeyIsLossless => false;

    public static Datum Make(SqlType elementType, IEnumerable<long> values)
    {
        Datum[] elements = [.. values.Select(Datum.FromInt64)];
        return Datum.FromObject(elements.Length == 0 ? SqlArray.Empty(elementType) : new SqlArray(elementType, [elements.Length], [0], elements));
    }

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        Make(elementType, text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => elementType.Parse(t, -1, settings).AsInt64()));

    public override string Format(Datum value, FormatSettings settings) =>
        string.Join(' ', value.As<SqlArray>().Elements.Select(e => elementType.Format(e, settings)));

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => _array.WriteBinary(value, output);

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => _array.ReadBinary(data, typeModifier);

    public override int Compare(Datum left, Datum right) => _array.Compare(left, right);

    public override int Hash(Datum value) => _array.Hash(value);

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => _array.EncodeKey(value, output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => throw new NotSupportedException("vector keys are lossy");

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => _array.EncodeValue(value, output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => _array.DecodeValue(data);
}
