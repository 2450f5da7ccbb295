using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>An array value: elements in row-major order, a length and a lower bound per dimension. An empty array has no dimensions.</summary>
public sealed class SqlArray(SqlType elementType, int[] lengths, int[] lowerBounds, Datum[] elements)
{
    public const int MaxDimensions = 6;

    public SqlType ElementType => elementType;

    public int[] Lengths => lengths;

    public int[] LowerBounds => lowerBounds;

    public Datum[] Elements => elements;

    public int Dimensions => lengths.Length;

    public static SqlArray Empty(SqlType elementType) => new(elementType, [], [], []);

    /// <summary>A one-dimensional array from 1.</summary>
    public static SqlArray Of(SqlType elementType, Datum[] elements) => elements.Length == 0 ? Empty(elementType) : new(elementType, [elements.Length], [1], elements);

    /// <summary>The element at subscripts; NULL outside or when their number is wrong.</summary>
    public Datum At(ReadOnlySpan<int> subscripts)
    {
        if (subscripts.Length != Dimensions)
            return Datum.Null;
        var offset = 0;
        for (var i = 0; i < subscripts.Length; i++)
        {
            var index = (long)subscripts[i] - lowerBounds[i];
            if (index < 0 || index >= lengths[i])
                return Datum.Null;
            offset = (offset * lengths[i]) + (int)index;
        }

        return elements[offset];
    }
}

/// <summary>The array type over any element type; text form {…} (8.15.2).</summary>
public sealed class ArrayType(SqlType elementType, uint oid) : SqlType
{
    public override uint Oid => oid;

    public override string Name => "_" + elementType.Name;

    public override string DisplayName => elementType.DisplayName + "[]";

    public override TypeCategory Category => TypeCategory.Array;

    public override short Length => -1;

    public override SqlType? ElementType => elementType;

    public override bool KeyIsLossless => false;

    public override bool IsOrdered => elementType.IsOrdered;

    private char Delimiter => ',';

    public override string FormatName(int typeModifier) => elementType.FormatName(typeModifier) + "[]";

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit)
    {
        if (typeModifier < 0)
            return value;
        var array = value.As<SqlArray>();
        var elements = new Datum[array.Elements.Length];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = array.Elements[i].IsNull ? Datum.Null : elementType.ApplyModifier(array.Elements[i], typeModifier, isExplicit);
        return Datum.FromObject(new SqlArray(elementType, array.Lengths, array.LowerBounds, elements));
    }

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        Datum.FromObject(new ArrayReader(text, elementType, typeModifier, settings).Read());

    public override string Format(Datum value, FormatSettings settings)
    {
        var array = value.As<SqlArray>();
        if (array.Dimensions == 0)
            return "{}";
        var text = new StringBuilder();
        if (array.LowerBounds.Any(b => b != 1))
        {
            for (var i = 0; i < array.Dimensions; i++)
                text.Append(CultureInfo.InvariantCulture, $"[{array.LowerBounds[i]}:{array.LowerBounds[i] + array.Lengths[i] - 1}]");
            text.Append('=');
        }

        var next = 0;
        Write(array, 0, ref next, text, settings);
        return text.ToString();
    }

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var array = value.As<SqlArray>();
        WriteInt(output, array.Dimensions);
        WriteInt(output, Array.Exists(array.Elements, e => e.IsNull) ? 1 : 0);
        WriteInt(output, (int)elementType.Oid);
        for (var i = 0; i < array.Dimensions; i++)
        {
            WriteInt(output, array.Lengths[i]);
            WriteInt(output, array.LowerBounds[i]);
        }

        var buffer = new ArrayBufferWriter<byte>();
        foreach (var element in array.Elements)
        {
            if (element.IsNull)
            {
                WriteInt(output, -1);
                continue;
            }

            buffer.ResetWrittenCount();
            elementType.WriteBinary(element, buffer);
            WriteInt(output, buffer.WrittenCount);
            output.Write(buffer.WrittenSpan);
        }
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        var dimensions = ReadInt(ref data);
        var flags = ReadInt(ref data);
        var element = (uint)ReadInt(ref data);
        if (dimensions is < 0 or > SqlArray.MaxDimensions || flags is not (0 or 1) || (element != elementType.Oid && elementType.Oid != PgOid.Unknown))
            throw TypeErrors.InvalidBinary(DisplayName);
        var lengths = new int[dimensions];
        var bounds = new int[dimensions];
        long count = dimensions == 0 ? 0 : 1;
        for (var i = 0; i < dimensions; i++)
        {
            lengths[i] = ReadInt(ref data);
            bounds[i] = ReadInt(ref data);
            count *= lengths[i];
            if (lengths[i] < 0 || count > data.Length)
                throw TypeErrors.InvalidBinary(DisplayName);
        }

        var elements = new Datum[count];
        for (var i = 0; i < elements.Length; i++)
        {
            var length = ReadInt(ref data);
            if (length < 0)
                continue;
            if (length > data.Length)
                throw TypeErrors.InvalidBinary(DisplayName);
            elements[i] = elementType.ReadBinary(data[..length], typeModifier);
            data = data[length..];
        }

        if (!data.IsEmpty)
            throw TypeErrors.InvalidBinary(DisplayName);
        return Datum.FromObject(count == 0 ? SqlArray.Empty(elementType) : new SqlArray(elementType, lengths, bounds, elements));
    }

    /// <summary>Element by element, NULL last; then by number of elements, dimensions and bounds (array_cmp).</summary>
    public override int Compare(Datum left, Datum right)
    {
        var a = left.As<SqlArray>();
        var b = right.As<SqlArray>();
        var common = Math.Min(a.Elements.Length, b.Elements.Length);
        for (var i = 0; i < common; i++)
        {
            var x = a.Elements[i];
            var y = b.Elements[i];
            var order = x.IsNull || y.IsNull ? x.IsNull.CompareTo(y.IsNull) : elementType.Compare(x, y);
            if (order != 0)
                return order;
        }

        var result = a.Elements.Length.CompareTo(b.Elements.Length);
        if (result == 0)
            result = a.Dimensions.CompareTo(b.Dimensions);
        for (var i = 0; result == 0 && i < a.Dimensions; i++)
        {
            result = a.Lengths[i].CompareTo(b.Lengths[i]);
            if (result == 0)
                result = a.LowerBounds[i].CompareTo(b.LowerBounds[i]);
        }

        return result;
    }

    public override int Hash(Datum value)
    {
        var hash = new HashCode();
        foreach (var element in value.As<SqlArray>().Elements)
            hash.Add(element.IsNull ? 0 : elementType.Hash(element));
        return hash.ToHashCode();
    }

    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        var array = value.As<SqlArray>();
        foreach (var element in array.Elements)
        {
            WriteByte(output, element.IsNull ? (byte)3 : (byte)2);
            if (!element.IsNull)
                elementType.EncodeKey(element, output);
        }

        WriteByte(output, 1);
        WriteByte(output, (byte)array.Dimensions);
        for (var i = 0; i < array.Dimensions; i++)
        {
            KeyCodec.WriteInt64(array.Lengths[i], output, 4);
            KeyCodec.WriteInt64(array.LowerBounds[i], output, 4);
        }
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => throw new NotSupportedException("array keys are lossy");

    public override void EncodeValue(Datum value, IBufferWriter<byte> output)
    {
        var array = value.As<SqlArray>();
        WriteByte(output, (byte)array.Dimensions);
        for (var i = 0; i < array.Dimensions; i++)
        {
            WriteInt(output, array.Lengths[i]);
            WriteInt(output, array.LowerBounds[i]);
        }

        var buffer = new ArrayBufferWriter<byte>();
        foreach (var element in array.Elements)
        {
            buffer.ResetWrittenCount();
            if (!element.IsNull)
                elementType.EncodeValue(element, buffer);
            WriteInt(output, element.IsNull ? -1 : buffer.WrittenCount);
            output.Write(buffer.WrittenSpan);
        }
    }

    public override Datum DecodeValue(ReadOnlySpan<byte> data)
    {
        var dimensions = data[0];
        data = data[1..];
        var lengths = new int[dimensions];
        var bounds = new int[dimensions];
        var count = dimensions == 0 ? 0 : 1;
        for (var i = 0; i < dimensions; i++)
        {
            lengths[i] = ReadInt(ref data);
            bounds[i] = ReadInt(ref data);
            count *= lengths[i];
        }

        var elements = new Datum[count];
        for (var i = 0; i < count; i++)
        {
            var length = ReadInt(ref data);
            if (length < 0)
                continue;
            elements[i] = elementType.DecodeValue(data[..length]);
            data = data[length..];
        }

        return Datum.FromObject(new SqlArray(elementType, lengths, bounds, elements));
    }

    private void Write(SqlArray array, int dimension, ref int next, StringBuilder text, FormatSettings settings)
    {
        text.Append('{');
        for (var i = 0; i < array.Lengths[dimension]; i++)
        {
            if (i > 0)
                text.Append(Delimiter);
            if (dimension < array.Dimensions - 1)
                Write(array, dimension + 1, ref next, text, settings);
            else
                WriteElement(array.Elements[next++], text, settings);
        }

        text.Append('}');
    }

    private void WriteElement(Datum element, StringBuilder text, FormatSettings settings)
    {
        if (element.IsNull)
        {
            text.Append("NULL");
            return;
        }

        var value = elementType.Format(element, settings);
        if (value.Length > 0 && !value.Equals("null", StringComparison.OrdinalIgnoreCase) && value.AsSpan().IndexOfAny("{}\",\\ \t\n\r\v\f") < 0)
        {
            text.Append(value);
            return;
        }

        text.Append('"');
        foreach (var c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\');
            text.Append(c);
        }

        text.Append('"');
    }

    private static void WriteByte(IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    private static void WriteInt(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private int ReadInt(ref ReadOnlySpan<byte> data)
    {
        if (data.Length < 4)
            throw TypeErrors.InvalidBinary(DisplayName);
        var value = BinaryPrimitives.ReadInt32BigEndian(data);
        data = data[4..];
        return value;
    }
}

/// <summary>Reads the text form of arrays.</summary>
internal ref struct ArrayReader(ReadOnlySpan<char> text, SqlType elementType, int typeModifier, FormatSettings settings)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly List<Datum> _elements = [];
    private readonly List<int> _lengths = [];
    private int _position;

    public SqlArray Read()
    {
        SkipSpace();
        var bounds = ReadBounds();
        SkipSpace();
        if (_position >= _text.Length || _text[_position] != '{')
            throw Malformed("Array value must start with \"{\" or dimension information.");
        ReadLevel(0);
        SkipSpace();
        if (_position < _text.Length)
            throw Malformed("Junk after closing right brace.");
        if (_elements.Count == 0)
            return SqlArray.Empty(elementType);
        if (bounds is not null && !bounds.Select(b => b.Upper - b.Lower + 1).SequenceEqual(_lengths))
            throw Malformed("Specified array dimensions do not match array contents.");
        return new SqlArray(elementType, [.. _lengths], bounds is null ? [.. _lengths.Select(_ => 1)] : [.. bounds.Select(b => b.Lower)], [.. _elements]);
    }

    private List<(int Lower, int Upper)>? ReadBounds()
    {
        List<(int, int)>? bounds = null;
        while (_position < _text.Length && _text[_position] == '[')
        {
            var close = _text[_position..].IndexOf(']');
            if (close < 0)
                throw Malformed("Missing \"]\" after array dimensions.");
            var body = _text.Slice(_position + 1, close - 1);
            var colon = body.IndexOf(':');
            var lower = 1;
            if (!int.TryParse(colon < 0 ? body : body[(colon + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var upper)
                || (colon >= 0 && !int.TryParse(body[..colon], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out lower)))
                throw Malformed("\"[\" must introduce explicitly-specified array dimensions.");
            if (upper < lower)
                throw new SqlException(SqlState.ArraySubscriptError, "upper bound cannot be less than lower bound");
            (bounds ??= []).Add((lower, upper));
            _position += close + 1;
            SkipSpace();
        }

        if (bounds is null)
            return null;
        if (_position >= _text.Length || _text[_position] != '=')
            throw Malformed("Missing \"=\" after array dimensions.");
        _position++;
        return bounds;
    }

    private void ReadLevel(int depth)
    {
        if (depth >= SqlArray.MaxDimensions)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"number of array dimensions ({depth + 1}) exceeds the maximum allowed ({SqlArray.MaxDimensions})");
        _position++;
        var count = 0;
        SkipSpace();
        if (_position < _text.Length && _text[_position] == '}')
        {
            _position++;
            if (depth > 0)
                throw Malformed("Unexpected \"}\" character.");
            return;
        }

        while (true)
        {
            SkipSpace();
            if (_position >= _text.Length)
                throw Malformed("Unexpected end of input.");
            if (_text[_position] == '{')
            {
                if (count > 0 && _elements.Count > 0 && _lengths.Count <= depth + 1)
                    throw Malformed("Unexpected \"{\" character.");
                if (_elements.Count > 0 && _lengths.Count <= depth + 1 && count == 0 && depth + 1 > _lengths.Count)
                    throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
                ReadLevel(depth + 1);
            }
            else
            {
                if (_lengths.Count > depth + 1)
                    throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
                ReadElement();
            }

            count++;
            SkipSpace();
            if (_position >= _text.Length)
                throw Malformed("Unexpected end of input.");
            if (_text[_position] == ',')
            {
                _position++;
                continue;
            }

            if (_text[_position] != '}')
                throw Malformed($"Unexpected \"{_text[_position]}\" character.");
            _position++;
            break;
        }

        while (_lengths.Count <= depth)
            _lengths.Add(-1);
        if (_lengths[depth] < 0)
            _lengths[depth] = count;
        else if (_lengths[depth] != count)
            throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }

    private void ReadElement()
    {
        var value = new StringBuilder();
        var quoted = false;
        var significant = 0;
        while (_position < _text.Length && _text[_position] is not (',' or '}'))
        {
            var c = _text[_position];
            if (c == '"')
            {
                if (quoted || value.ToString().Trim().Length > 0)
                    throw Malformed("Unexpected array element.");
                value.Clear();
                quoted = true;
                for (_position++; _position < _text.Length && _text[_position] != '"'; _position++)
                {
                    if (_text[_position] == '\\' && ++_position >= _text.Length)
                        break;
                    value.Append(_text[_position]);
                }

                if (_position >= _text.Length)
                    throw Malformed("Unexpected end of input.");
                _position++;
                continue;
            }

            if (c == '{')
                throw Malformed("Unexpected \"{\" character.");
            if (c == '\\')
            {
                if (++_position >= _text.Length)
                    break;
                value.Append(_text[_position++]);
                significant = value.Length;
                continue;
            }

            if (quoted && !char.IsWhiteSpace(c))
                throw Malformed("Incorrectly quoted array element.");
            if (!quoted)
                value.Append(c);
            _position++;
        }

        var text = quoted ? value.ToString() : value.ToString(0, Math.Max(significant, value.ToString().TrimEnd().Length));
        if (!quoted && text.Length == 0)
            throw Malformed(_position < _text.Length ? $"Unexpected \"{_text[_position]}\" character." : "Unexpected end of input.");
        if (!quoted && significant == 0 && text.Equals("null", StringComparison.OrdinalIgnoreCase))
            _elements.Add(Datum.Null);
        else
            _elements.Add(elementType.Parse(text, typeModifier, settings));
    }

    private void SkipSpace()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
            _position++;
    }

    private readonly SqlException Malformed(string detail) => new(SqlState.InvalidTextRepresentation, $"malformed array literal: \"{_text}\"") { Detail = detail };
}
