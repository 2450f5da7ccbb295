using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

/// <summary>ARRAY[…]; with sub-arrays, one dimension more.</summary>
internal sealed class ArrayEvaluator(Evaluator[] elements, SqlType type, bool isMultidimensional) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var values = new Datum[elements.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = elements[i].Evaluate(state);
        return isMultidimensional ? Nest(values, type.ElementType!) : Datum.FromObject(SqlArray.Of(type.ElementType!, values));
    }

    /// <summary>The array of a subquery's values; array values become a dimension of the result.</summary>
    public static Datum FromElements(List<Datum> values, SqlType elementType) => elementType.IsArray
        ? Nest([.. values], elementType.ElementType!)
        : Datum.FromObject(SqlArray.Of(elementType, [.. values]));

    private static Datum Nest(Datum[] values, SqlType elementType)
    {
        var arrays = values.Where(v => !v.IsNull).Select(v => v.As<SqlArray>()).Where(a => a.Dimensions > 0).ToArray();
        if (arrays.Length == 0)
            return Datum.FromObject(SqlArray.Empty(elementType));
        var first = arrays[0];
        if (arrays.Length != values.Length || arrays.Any(a => !a.Lengths.AsSpan().SequenceEqual(first.Lengths)))
            throw new SqlException(SqlState.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions");
        if (first.Dimensions >= SqlArray.MaxDimensions)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"number of array dimensions ({first.Dimensions + 1}) exceeds the maximum allowed ({SqlArray.MaxDimensions})");
        return Datum.FromObject(new SqlArray(elementType, [arrays.Length, .. first.Lengths], [1, .. first.LowerBounds], [.. arrays.SelectMany(a => a.Elements)]));
    }
}

internal sealed class ArrayCastEvaluator(Evaluator operand, BoundArrayCast cast) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        if (value.IsNull)
            return value;
        var array = value.As<SqlArray>();
        var source = cast.Operand.Type.ElementType!;
        var target = cast.Type.ElementType!;
        var elements = new Datum[array.Elements.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            var element = array.Elements[i];
            if (element.IsNull)
                continue;
            elements[i] = cast.ThroughText ? target.Parse(source.Format(element, state.Format), -1, state.Format)
                : cast.ElementCast?.Body is { } body ? body(element, state) : element;
        }

        return Datum.FromObject(new SqlArray(target, array.Lengths, array.LowerBounds, elements));
    }
}

/// <summary>a[i], a[l:u]; jsonb subscripts read a field or an element. Outside the bounds an element is NULL and a slice is empty (8.15.3).</summary>
internal sealed class SubscriptEvaluator(Evaluator operand, (Evaluator? Lower, Evaluator? Upper)[] subscripts, bool isSlice, SqlType operandType) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        if (value.IsNull)
            return value;
        if (operandType.Oid == PgOid.Jsonb)
            return EvaluateJson(value.As<JsonbValue>(), state);
        var array = value.As<SqlArray>();
        return isSlice ? Slice(array, state) : Element(array, state);
    }

    private Datum Element(SqlArray array, ExecutionState state)
    {
        Span<int> positions = stackalloc int[subscripts.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            var position = (subscripts[i].Lower ?? subscripts[i].Upper!).Evaluate(state);
            if (position.IsNull)
                return Datum.Null;
            positions[i] = position.AsInt32();
        }

        return array.At(positions);
    }

    private Datum Slice(SqlArray array, ExecutionState state)
    {
        if (array.Dimensions < subscripts.Length)
            return Datum.FromObject(SqlArray.Empty(array.ElementType));
        var from = new int[array.Dimensions];
        var lengths = new int[array.Dimensions];
        for (var i = 0; i < array.Dimensions; i++)
        {
            var low = array.LowerBounds[i];
            var high = low + array.Lengths[i] - 1;
            if (i < subscripts.Length)
            {
                if (!TryBound(subscripts[i].Lower, state, ref low) || !TryBound(subscripts[i].Upper, state, ref high))
                    return Datum.Null;
            }

            low = Math.Max(low, array.LowerBounds[i]);
            high = Math.Min(high, array.LowerBounds[i] + array.Lengths[i] - 1);
            if (low > high)
                return Datum.FromObject(SqlArray.Empty(array.ElementType));
            from[i] = low - array.LowerBounds[i];
            lengths[i] = high - low + 1;
        }

        var elements = new List<Datum>();
        Copy(array, from, lengths, 0, 0, elements);
        return Datum.FromObject(new SqlArray(array.ElementType, lengths, [.. lengths.Select(_ => 1)], [.. elements]));
    }

    private static void Copy(SqlArray array, int[] from, int[] lengths, int dimension, int offset, List<Datum> elements)
    {
        for (var i = 0; i < lengths[dimension]; i++)
        {
            var position = (offset * array.Lengths[dimension]) + from[dimension] + i;
            if (dimension == lengths.Length - 1)
                elements.Add(array.Elements[position]);
            else
                Copy(array, from, lengths, dimension + 1, position, elements);
        }
    }

    private static bool TryBound(Evaluator? bound, ExecutionState state, ref int value)
    {
        if (bound is null)
            return true;
        var given = bound.Evaluate(state);
        if (given.IsNull)
            return false;
        value = given.AsInt32();
        return true;
    }

    private Datum EvaluateJson(JsonbValue value, ExecutionState state)
    {
        JsonbValue? current = value;
        foreach (var (_, step) in subscripts)
        {
            var key = step!.Evaluate(state);
            if (key.IsNull || current is null)
                return Datum.Null;
            current = key.Reference is string text ? current.At([text]) : current.Element(key.AsInt32());
        }

        return current is null ? Datum.Null : Datum.FromObject(current);
    }
}
