using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>
/// The new value of an array column whose element or slice is assigned (8.15.4). No name in SQL reaches these functions: only the binder calls them.
/// Arguments: array, value, then for an element its subscripts, for a slice a mask of the bounds that were written (bit 2i lower, 2i + 1 upper) and all bounds in pairs.
/// </summary>
internal static class ArrayAssignment
{
    /// <summary>The most elements that assignment may extend an array to: a far subscript must not take memory without bound.</summary>
    public const int MaxElements = 1 << 20;

    public static ScalarFunction Element { get; } = Make("array_set_element", static (a, t) => SetElement(a, t));

    public static ScalarFunction Slice { get; } = Make("array_set_slice", static (a, t) => SetSlice(a, t));

    private delegate Datum Assign(ReadOnlySpan<Datum> arguments, SqlType elementType);

    private static ScalarFunction Make(string name, Assign assign) => new()
    {
        Name = name, Oid = 0, ArgumentTypes = [], ReturnType = SqlTypes.Void, IsStrict = false,
        BodyFactory = call =>
        {
            var element = call.ReturnType.ElementType!;
            return (arguments, _) => assign(arguments, element);
        },
    };

    private static Datum SetElement(ReadOnlySpan<Datum> arguments, SqlType elementType)
    {
        var array = arguments[0].IsNull ? SqlArray.Empty(elementType) : arguments[0].As<SqlArray>();
        var positions = new int[arguments.Length - 2];
        for (var i = 0; i < positions.Length; i++)
            positions[i] = Bound(arguments[i + 2]);
        if (array.Dimensions == 0)
            return Datum.FromObject(new SqlArray(elementType, [.. positions.Select(_ => 1)], positions, [arguments[1]]));
        RequireDimensions(array.Dimensions == positions.Length);
        if (positions.Length == 1)
            return Spread(array, elementType, positions[0], positions[0], [arguments[1]]);
        var offset = 0;
        for (var i = 0; i < positions.Length; i++)
        {
            var index = (long)positions[i] - array.LowerBounds[i];
            if (index < 0 || index >= array.Lengths[i])
                throw Error("array subscript out of range");
            offset = (offset * array.Lengths[i]) + (int)index;
        }

        Datum[] elements = [.. array.Elements];
        elements[offset] = arguments[1];
        return Datum.FromObject(new SqlArray(elementType, array.Lengths, array.LowerBounds, elements));
    }

    private static Datum SetSlice(ReadOnlySpan<Datum> arguments, SqlType elementType)
    {
        var array = arguments[0].IsNull ? SqlArray.Empty(elementType) : arguments[0].As<SqlArray>();
        var mask = arguments[2].AsInt32();
        var count = (arguments.Length - 3) / 2;
        var (low, high) = (new int[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            var (hasLow, hasHigh) = ((mask & (1 << (2 * i))) != 0, (mask & (2 << (2 * i))) != 0);
            if (array.Dimensions == 0 && !(hasLow && hasHigh) && !arguments[1].IsNull)
            {
                throw new SqlException(SqlState.ArraySubscriptError, "array slice subscript must provide both boundaries")
                {
                    Detail = "When assigning to a slice of an empty array value, slice boundaries must be fully specified.",
                };
            }

            low[i] = hasLow ? Bound(arguments[3 + (2 * i)]) : i < array.Dimensions ? array.LowerBounds[i] : 1;
            high[i] = hasHigh ? Bound(arguments[4 + (2 * i)]) : i < array.Dimensions ? array.LowerBounds[i] + array.Lengths[i] - 1 : 1;
        }

        // A NULL source changes nothing.
        if (arguments[1].IsNull)
            return Datum.FromObject(array);
        var source = arguments[1].As<SqlArray>().Elements;
        if (array.Dimensions == 0)
            return Fill(elementType, low, high, source);
        RequireDimensions(count <= array.Dimensions);
        return array.Dimensions == 1 ? Spread(array, elementType, low[0], high[0], source) : Overwrite(array, elementType, low, high, source);
    }

    private static Datum Fill(SqlType elementType, int[] low, int[] high, Datum[] source)
    {
        long total = 1;
        var lengths = new int[low.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            total *= Math.Max(Span(low[i], high[i]), 0);
            RequireSize(total);
            lengths[i] = (int)Span(low[i], high[i]);
        }

        RequireSource(total, source);
        return Datum.FromObject(new SqlArray(elementType, lengths, low, source[..(int)total]));
    }

    /// <summary>One dimension: the array grows to either side, and what lies between is NULL.</summary>
    private static Datum Spread(SqlArray array, SqlType elementType, int low, int high, Datum[] source)
    {
        var span = Span(low, high);
        var first = Math.Min(low, array.LowerBounds[0]);
        var last = Math.Max(high, (long)array.LowerBounds[0] + array.Lengths[0] - 1);
        RequireSize(Math.Max(last - first + 1, span));
        RequireSource(span, source);
        var elements = new Datum[last - first + 1];
        array.Elements.CopyTo(elements, array.LowerBounds[0] - first);
        Array.Copy(source, 0, elements, low - first, span);
        return Datum.FromObject(new SqlArray(elementType, [elements.Length], [first], elements));
    }

    private static Datum Overwrite(SqlArray array, SqlType elementType, int[] low, int[] high, Datum[] source)
    {
        var (from, lengths) = (new int[array.Dimensions], new int[array.Dimensions]);
        long total = 1;
        for (var i = 0; i < from.Length; i++)
        {
            lengths[i] = i < low.Length ? (int)Math.Min(Span(low[i], high[i]), int.MaxValue) : array.Lengths[i];
            var start = i < low.Length ? (long)low[i] - array.LowerBounds[i] : 0;
            if (start < 0 || start + lengths[i] > array.Lengths[i])
                throw Error("array subscript out of range");
            from[i] = (int)start;
            total *= lengths[i];
        }

        RequireSource(total, source);
        Datum[] elements = [.. array.Elements];
        var next = 0;
        Write(0, 0);
        return Datum.FromObject(new SqlArray(elementType, array.Lengths, array.LowerBounds, elements));

        void Write(int dimension, int offset)
        {
            for (var i = 0; i < lengths[dimension]; i++)
            {
                var position = (offset * array.Lengths[dimension]) + from[dimension] + i;
                if (dimension == lengths.Length - 1)
                    elements[position] = source[next++];
                else
                    Write(dimension + 1, position);
            }
        }
    }

    private static int Bound(Datum value) => value.IsNull
        ? throw new SqlException(SqlState.NullValueNotAllowed, "array subscript in assignment must not be null")
        : value.AsInt32();

    private static long Span(int low, int high) => low > high ? throw Error("upper bound cannot be less than lower bound") : (long)high - low + 1;

    private static void RequireSize(long elements)
    {
        if (elements > MaxElements)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({MaxElements})");
    }

    private static void RequireSource(long elements, Datum[] source)
    {
        if (elements > source.Length)
            throw Error("source array too small");
    }

    private static void RequireDimensions(bool fits)
    {
        if (!fits)
            throw Error("wrong number of array subscripts");
    }

    private static SqlException Error(string message) => new(SqlState.ArraySubscriptError, message);
}
