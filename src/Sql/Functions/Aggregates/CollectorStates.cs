using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Json;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions.Aggregates;

/// <summary>string_agg(text, delimiter) and concat_agg(text): the delimiter of a row stands before its value; NULL values are left out.</summary>
sealed class TextConcatState : AggregateState
{
    StringBuilder? _text;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (arguments[0].IsNull)
            return;
        if (_text is null)
            _text = new StringBuilder();
        else if (arguments.Length > 1 && !arguments[1].IsNull)
            _text.Append(arguments[1].AsString());
        _text.Append(arguments[0].AsString());
        TextLimits.Check(_text.Length);
    }

    public override Datum Finish(EvaluationContext context) => _text is null ? Datum.Null : Datum.FromString(_text.ToString());

    public override long ExtraBytes => (_text?.Length ?? 0) * 2L;

    public override void Reset() => _text = null;
}

sealed class BytesConcatState : AggregateState
{
    readonly List<byte> _bytes = [];
    bool _any;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (arguments[0].IsNull)
            return;
        if (_any && !arguments[1].IsNull)
            _bytes.AddRange(arguments[1].AsBytes());
        _any = true;
        _bytes.AddRange(arguments[0].AsBytes());
        TextLimits.Check(_bytes.Count);
    }

    public override Datum Finish(EvaluationContext context) => _any ? Datum.FromBytes([.. _bytes]) : Datum.Null;

    public override long ExtraBytes => _bytes.Count;

    public override void Reset()
    {
        _bytes.Clear();
        _any = false;
    }
}

/// <summary>Values gathered in the order in which they came, with a guess of what they weigh.</summary>
abstract class CollectingState(SqlType type) : AggregateState
{
    protected SqlType ElementType => type;

    long _weight;

    protected List<Datum> Values { get; } = [];

    protected void Collect(Datum value)
    {
        TextLimits.CheckElements(Values.Count + 1L);
        Values.Add(value);
        _weight += Weigh(value);
    }

    long Weigh(Datum value)
    {
        if (value.IsNull || type.Length > 0)
            return 0;
        if (type.Category == TypeCategory.String)
            return value.AsString().Length * 2L + 24;
        if (value.Reference is JsonbValue json)
            return 64 + (2 * json.Size);
        return type.Oid == PgOid.Bytea ? value.AsBytes().Length + 24L : 96;
    }

    public override long ExtraBytes => Values.Count * 16L + _weight;

    public override void Reset()
    {
        Values.Clear();
        _weight = 0;
    }
}

sealed class ArrayState(SqlType element) : CollectingState(element)
{
    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context) => Collect(arguments[0]);

    public override Datum Finish(EvaluationContext context) => Values.Count == 0 ? Datum.Null : ArrayAccess.Of(ElementType, [.. Values]);
}

/// <summary>array_agg of arrays: one dimension more.</summary>
sealed class NestedArrayState(SqlType element) : CollectingState(element)
{
    int[]? _lengths;
    int _count;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (arguments[0].IsNull)
            throw FunctionErrors.NullNotAllowed("cannot accumulate null arrays");
        var array = ArrayAccess.A(arguments[0]);
        if (array.Dimensions == 0)
            throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate empty arrays");
        if (array.Dimensions + 1 > SqlArray.MaxDimensions)
            throw FunctionErrors.LimitExceeded($"number of array dimensions ({array.Dimensions + 1}) exceeds the maximum allowed ({SqlArray.MaxDimensions})");
        _lengths ??= array.Lengths;
        if (!_lengths.AsSpan().SequenceEqual(array.Lengths))
            throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate arrays of different dimensionality");
        _count++;
        foreach (var value in array.Elements)
            Collect(value);
    }

    public override Datum Finish(EvaluationContext context)
    {
        if (_lengths is null)
            return Datum.Null;
        int[] lengths = [_count, .. _lengths];
        return Datum.FromObject(new SqlArray(ElementType, lengths, [.. lengths.Select(_ => 1)], [.. Values]));
    }

    public override void Reset()
    {
        base.Reset();
        _lengths = null;
        _count = 0;
    }
}

/// <summary>json_agg: ", " between elements, a new line before arrays and rows, as PostgreSQL prints it.</summary>
sealed class JsonArrayState(SqlType type) : AggregateState
{
    StringBuilder? _text;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (_text is null)
            _text = new StringBuilder("[");
        else
            _text.Append(!arguments[0].IsNull && (type.IsArray || type.IsRow) ? ", \n " : ", ");
        JsonOutput.Append(_text, type, arguments[0], context.Format);
    }

    public override Datum Finish(EvaluationContext context) => _text is null ? Datum.Null : Datum.FromString(_text + "]");

    public override long ExtraBytes => (_text?.Length ?? 0) * 2L;

    public override void Reset() => _text = null;
}

sealed class JsonObjectState(SqlType keyType, SqlType valueType) : AggregateState
{
    StringBuilder? _text;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (arguments[0].IsNull)
            throw FunctionErrors.Invalid("field name must not be null");
        if (_text is null)
            _text = new StringBuilder("{ ");
        else
            _text.Append(", ");
        JsonbValue.WriteString(_text, JsonOutput.Key(keyType, arguments[0], context.Format));
        _text.Append(" : ");
        JsonOutput.Append(_text, valueType, arguments[1], context.Format);
    }

    public override Datum Finish(EvaluationContext context) => _text is null ? Datum.Null : Datum.FromString(_text + " }");

    public override long ExtraBytes => (_text?.Length ?? 0) * 2L;

    public override void Reset() => _text = null;
}

sealed class JsonbArrayState(SqlType type) : AggregateState
{
    readonly List<JsonbValue> _items = [];
    long _weight;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        TextLimits.CheckElements(_items.Count + 1L);
        _items.Add(JsonOutput.ToJsonb(type, arguments[0], context.Format));
        _weight += 64 + (2 * _items[^1].Size);
    }

    public override Datum Finish(EvaluationContext context) => _items.Count == 0 ? Datum.Null : Datum.FromObject(JsonbValue.FromArray([.. _items]));

    public override long ExtraBytes => _weight;

    public override void Reset()
    {
        _items.Clear();
        _weight = 0;
    }
}

sealed class JsonbObjectState(SqlType keyType, SqlType valueType) : AggregateState
{
    readonly List<KeyValuePair<string, JsonbValue>> _members = [];
    long _weight;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (arguments[0].IsNull)
            throw FunctionErrors.Invalid("field name must not be null");
        TextLimits.CheckElements(_members.Count + 1L);
        _members.Add(new(JsonOutput.Key(keyType, arguments[0], context.Format), JsonOutput.ToJsonb(valueType, arguments[1], context.Format)));
        _weight += 96 + (2 * (_members[^1].Key.Length + _members[^1].Value.Size));
    }

    public override Datum Finish(EvaluationContext context) => _members.Count == 0 ? Datum.Null : Datum.FromObject(JsonbValue.FromObject(_members));

    public override long ExtraBytes => _weight;

    public override void Reset()
    {
        _members.Clear();
        _weight = 0;
    }
}
