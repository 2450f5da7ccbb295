using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.ArrayAccess;

namespace Chitin.Sql.Functions.Library;

/// <summary>Array functions (manual table 9.52).</summary>
static class ArrayFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterShape(b);
        RegisterChanges(b);
        RegisterSearch(b);
        RegisterText(b);
        RegisterSets(b);
    }

    static void RegisterShape(RegistryBuilder b)
    {
        b.Unary("array_ndims(anyarray) int4", static (a, _) => A(a).Dimensions == 0 ? Datum.Null : Datum.FromInt64(A(a).Dimensions));
        b.Unary("array_dims(anyarray) text", static (a, _) => A(a).Dimensions == 0 ? Datum.Null : Datum.FromString(Dims(A(a))));
        b.Binary("array_length(anyarray, int4) int4", static (a, d, _) => Dimension(A(a), d) is { } i ? Datum.FromInt64(A(a).Lengths[i]) : Datum.Null);
        b.Binary("array_lower(anyarray, int4) int4", static (a, d, _) => Dimension(A(a), d) is { } i ? Datum.FromInt64(A(a).LowerBounds[i]) : Datum.Null);
        b.Binary("array_upper(anyarray, int4) int4", static (a, d, _) => Dimension(A(a), d) is { } i ? Datum.FromInt64(A(a).LowerBounds[i] + A(a).Lengths[i] - 1) : Datum.Null);
        b.Unary("cardinality(anyarray) int4", static (a, _) => Datum.FromInt64(A(a).Elements.Length));
    }

    static void RegisterChanges(RegistryBuilder b)
    {
        b.Typed("array_append(anycompatiblearray, anycompatible) anycompatiblearray called", ArrayOperators.Append);
        b.Typed("array_prepend(anycompatible, anycompatiblearray) anycompatiblearray called", ArrayOperators.Prepend);
        b.Scalar("array_cat(anycompatiblearray, anycompatiblearray) anycompatiblearray called", static (a, _) => ArrayOperators.ConcatOrNull(a[0], a[1]));
        b.Scalar("array_remove(anycompatiblearray, anycompatible) anycompatiblearray called", static (a, _) => a[0].IsNull ? Datum.Null : Remove(A(a[0]), a[1]));
        b.Scalar("array_replace(anycompatiblearray, anycompatible, anycompatible) anycompatiblearray called", static (a, _) => a[0].IsNull ? Datum.Null : Replace(A(a[0]), a[1], a[2]));
        b.Binary("trim_array(anyarray, int4) anyarray", static (a, n, _) => Trim(A(a), n.AsInt32()));
        b.Typed("array_fill(anyelement, int4[]) anyarray called", static call => (a, _) => Fill(call.ReturnType.ElementType!, a[0], a[1], null));
        b.Typed("array_fill(anyelement, int4[], int4[]) anyarray called", static call => (a, _) =>
            Fill(call.ReturnType.ElementType!, a[0], a[1], a[2].IsNull ? throw FunctionErrors.NullNotAllowed("dimension array or low bound array cannot be null") : A(a[2])));
    }

    static void RegisterSearch(RegistryBuilder b)
    {
        b.Scalar("array_position(anycompatiblearray, anycompatible) int4 called", static (a, _) => a[0].IsNull ? Datum.Null : Position(A(a[0]), a[1], null));
        b.Scalar("array_position(anycompatiblearray, anycompatible, int4) int4 called", static (a, _) => a[0].IsNull
            ? Datum.Null
            : Position(A(a[0]), a[1], a[2].IsNull ? throw FunctionErrors.NullNotAllowed("initial position must not be null") : a[2].AsInt32()));
        b.Scalar("array_positions(anycompatiblearray, anycompatible) int4[] called", static (a, _) => a[0].IsNull ? Datum.Null : Positions(A(a[0]), a[1]));
    }

    static void RegisterText(RegistryBuilder b)
    {
        b.Binary("array_to_string(anyarray, text) text stable", static (a, separator, c) => ToText(A(a), separator.AsString(), null, c));
        b.Scalar("array_to_string(anyarray, text, text) text stable called", static (a, c) =>
            a[0].IsNull || a[1].IsNull ? Datum.Null : ToText(A(a[0]), a[1].AsString(), a[2].IsNull ? null : a[2].AsString(), c));
        b.Scalar("string_to_array(text, text) text[] called", static (a, _) => a[0].IsNull ? Datum.Null : OfTexts(Split(a[0].AsString(), a[1], Datum.Null)));
        b.Scalar("string_to_array(text, text, text) text[] called", static (a, _) => a[0].IsNull ? Datum.Null : OfTexts(Split(a[0].AsString(), a[1], a[2])));
        b.Table("string_to_table(text, text) setof text called", static (a, _) => SplitRows(a[0], a[1], Datum.Null));
        b.Table("string_to_table(text, text, text) setof text called", static (a, _) => SplitRows(a[0], a[1], a[2]));
    }

    static void RegisterSets(RegistryBuilder b)
    {
        b.Table("unnest(anyarray) setof anyelement", static (a, c) => Unnest(a, c));
        b.Table("generate_subscripts(anyarray) setof int4", static (a, c) => Subscripts(A(a[0]), Datum.FromInt64(1), false, c));
        b.Table("generate_subscripts(anyarray, int4) setof int4", static (a, c) => Subscripts(A(a[0]), a[1], false, c));
        b.Table("generate_subscripts(anyarray, int4, bool) setof int4", static (a, c) => Subscripts(A(a[0]), a[1], a[2].AsBool(), c));
    }

    static int? Dimension(SqlArray array, Datum number) => number.AsInt32() >= 1 && number.AsInt32() <= array.Dimensions ? number.AsInt32() - 1 : null;

    static string Dims(SqlArray array)
    {
        var text = new StringBuilder();
        for (var i = 0; i < array.Dimensions; i++)
            text.Append('[').Append(array.LowerBounds[i]).Append(':').Append(array.LowerBounds[i] + array.Lengths[i] - 1).Append(']');
        return text.ToString();
    }

    static bool Same(SqlType type, Datum left, Datum right) => left.IsNull || right.IsNull ? left.IsNull && right.IsNull : type.AreEqual(left, right);

    static Datum Remove(SqlArray array, Datum value)
    {
        if (array.Dimensions > 1)
            throw FunctionErrors.NotSupported("removing elements from multidimensional arrays is not supported");
        var kept = Array.FindAll(array.Elements, e => !Same(array.ElementType, e, value));
        if (kept.Length == array.Elements.Length)
            return Datum.FromObject(array);
        return Datum.FromObject(kept.Length == 0 ? SqlArray.Empty(array.ElementType) : new SqlArray(array.ElementType, [kept.Length], array.LowerBounds, kept));
    }

    static Datum Replace(SqlArray array, Datum from, Datum to) => Datum.FromObject(new SqlArray(array.ElementType, array.Lengths, array.LowerBounds,
        Array.ConvertAll(array.Elements, e => Same(array.ElementType, e, from) ? to : e)));

    static Datum Trim(SqlArray array, int count)
    {
        var length = array.Dimensions == 0 ? 0 : array.Lengths[0];
        if (count < 0 || count > length)
            throw new SqlException(SqlState.ArraySubscriptError, $"number of elements to trim must be between 0 and {length}");
        if (count == length)
            return Datum.FromObject(SqlArray.Empty(array.ElementType));
        var kept = array.Elements[..(array.Elements.Length / length * (length - count))];
        // As a slice, the result counts from 1.
        return Datum.FromObject(new SqlArray(array.ElementType, [length - count, .. array.Lengths[1..]], [.. array.Lengths.Select(_ => 1)], kept));
    }

    static Datum Fill(SqlType element, Datum value, Datum lengthsArgument, SqlArray? bounds)
    {
        if (lengthsArgument.IsNull)
            throw FunctionErrors.NullNotAllowed("dimension array or low bound array cannot be null");
        var lengths = A(lengthsArgument);
        if (lengths.Dimensions > 1 || bounds?.Dimensions > 1)
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts") { Detail = "Dimension array must be one dimensional." };
        if (lengths.Elements.Any(e => e.IsNull) || bounds?.Elements.Any(e => e.IsNull) == true)
            throw FunctionErrors.NullNotAllowed("dimension values cannot be null");
        if (bounds is not null && bounds.Elements.Length != lengths.Elements.Length)
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts") { Detail = "Low bound array has different size than dimensions array." };
        if (lengths.Elements.Length > SqlArray.MaxDimensions)
            throw FunctionErrors.LimitExceeded($"number of array dimensions ({lengths.Elements.Length}) exceeds the maximum allowed ({SqlArray.MaxDimensions})");
        var sizes = Array.ConvertAll(lengths.Elements, e => e.AsInt32());
        var total = sizes.Length == 0 ? 0L : 1L;
        foreach (var size in sizes)
            total = TextLimits.CheckElements(total * (size < 0 ? throw FunctionErrors.LimitExceeded("array size exceeds the maximum allowed (134217727)") : size));
        if (total == 0)
            return Datum.FromObject(SqlArray.Empty(element));
        var elements = new Datum[total];
        Array.Fill(elements, value);
        return Datum.FromObject(new SqlArray(element, sizes, bounds is null ? [.. sizes.Select(_ => 1)] : Array.ConvertAll(bounds.Elements, e => e.AsInt32()), elements));
    }

    static Datum Position(SqlArray array, Datum value, int? start)
    {
        if (array.Dimensions > 1)
            throw FunctionErrors.NotSupported("searching for elements in multidimensional arrays is not supported");
        if (array.Dimensions == 0)
            return Datum.Null;
        var lower = array.LowerBounds[0];
        for (var i = Math.Max(0, (start ?? (long)lower) - lower); i < array.Elements.Length; i++)
            if (Same(array.ElementType, array.Elements[i], value))
                return Datum.FromInt64(lower + i);
        return Datum.Null;
    }

    static Datum Positions(SqlArray array, Datum value)
    {
        if (array.Dimensions > 1)
            throw FunctionErrors.NotSupported("searching for elements in multidimensional arrays is not supported");
        var found = new List<Datum>();
        for (var i = 0; i < array.Elements.Length; i++)
            if (Same(array.ElementType, array.Elements[i], value))
                found.Add(Datum.FromInt64(array.LowerBounds[0] + i));
        return Of(SqlTypes.Int4, [.. found]);
    }

    static Datum ToText(SqlArray array, string separator, string? nullText, EvaluationContext context)
    {
        var result = new StringBuilder();
        var first = true;
        foreach (var element in array.Elements)
        {
            if (element.IsNull && nullText is null)
                continue;
            if (!first)
                result.Append(separator);
            first = false;
            result.Append(element.IsNull ? nullText : array.ElementType.Format(element, context.Format));
            TextLimits.Check(result.Length);
        }

        return Datum.FromString(result.ToString());
    }

    /// <summary>A NULL separator splits into characters, an empty one not at all; fields equal to the null text become NULL.</summary>
    static List<string?> Split(string text, Datum separator, Datum nullText)
    {
        var fields = new List<string?>();
        if (text.Length == 0)
            return fields;
        if (separator.IsNull)
            for (var i = 0; i < text.Length; i += CodePoints.UnitsAt(text, i))
                fields.Add(text.Substring(i, CodePoints.UnitsAt(text, i)));
        else if (separator.AsString().Length == 0)
            fields.Add(text);
        else
            fields.AddRange(text.Split(separator.AsString()));
        if (nullText.IsNull)
            return fields;
        for (var i = 0; i < fields.Count; i++)
            if (fields[i] == nullText.AsString())
                fields[i] = null;
        return fields;
    }

    static IEnumerable<Datum[]> SplitRows(Datum text, Datum separator, Datum nullText)
    {
        if (text.IsNull)
            yield break;
        foreach (var field in Split(text.AsString(), separator, nullText))
            yield return [field is null ? Datum.Null : Datum.FromString(field)];
    }

    static IEnumerable<Datum[]> Unnest(Datum[] arguments, EvaluationContext context)
    {
        foreach (var element in A(arguments[0]).Elements)
        {
            context.CheckInterrupts();
            yield return [element];
        }
    }

    static IEnumerable<Datum[]> Subscripts(SqlArray array, Datum dimension, bool reverse, EvaluationContext context)
    {
        if (Dimension(array, dimension) is not { } d)
            yield break;
        var (lower, length) = (array.LowerBounds[d], array.Lengths[d]);
        for (var i = 0; i < length; i++)
        {
            context.CheckInterrupts();
            yield return [Datum.FromInt64(reverse ? lower + length - 1 - i : lower + i)];
        }
    }
}
