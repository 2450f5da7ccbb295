using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.ArrayAccess;

namespace Chitin.Sql.Functions.Library;

/// <summary>Comparison, containment and concatenation of arrays and records (manual 9.19). Values carry their element types, so bodies need no call.</summary>
static class ArrayOperators
{
    internal static void Register(RegistryBuilder b)
    {
        ComparisonOperators.AddBy(b, "anyarray", "anyarray", static (l, r, _) => SqlTypes.ArrayOf(A(l).ElementType).Compare(l, r));
        ComparisonOperators.AddBy(b, "record", "record", static (l, r, _) => SqlTypes.Record.Compare(l, r));
        ComparisonOperators.AddBy(b, "oidvector", "oidvector", static (l, r, _) => SqlTypes.OidVector.Compare(l, r));
        b.Operator("anyarray @> anyarray bool", static (l, r, _) => Datum.FromBool(Contains(A(l), A(r))));
        b.Operator("anyarray <@ anyarray bool", static (l, r, _) => Datum.FromBool(Contains(A(r), A(l))));
        b.Operator("anyarray && anyarray bool", static (l, r, _) => Datum.FromBool(Overlaps(A(l), A(r))));
        b.TypedOperator("anycompatiblearray || anycompatiblearray anycompatiblearray", static _ => static (a, _) => ConcatOrNull(a[0], a[1]), isStrict: false);
        b.TypedOperator("anycompatiblearray || anycompatible anycompatiblearray", Append, isStrict: false);
        b.TypedOperator("anycompatible || anycompatiblearray anycompatiblearray", Prepend, isStrict: false);
    }

    internal static ScalarBody Append(ResolvedCall call)
    {
        var element = call.ReturnType.ElementType!;
        return (a, _) => Datum.FromObject(Append(a[0].IsNull ? SqlArray.Empty(element) : A(a[0]), a[1], atEnd: true));
    }

    internal static ScalarBody Prepend(ResolvedCall call)
    {
        var element = call.ReturnType.ElementType!;
        return (a, _) => Datum.FromObject(Append(a[1].IsNull ? SqlArray.Empty(element) : A(a[1]), a[0], atEnd: false));
    }

    /// <summary>Whether every element of <paramref name="right"/> is in <paramref name="left"/>; NULL equals nothing.</summary>
    internal static bool Contains(SqlArray left, SqlArray right)
    {
        CheckSameElements(left, right);
        var set = SetOf(left);
        foreach (var element in right.Elements)
            if (element.IsNull || !set.Contains(element))
                return false;
        return true;
    }

    static bool Overlaps(SqlArray left, SqlArray right)
    {
        CheckSameElements(left, right);
        var set = SetOf(left);
        foreach (var element in right.Elements)
            if (!element.IsNull && set.Contains(element))
                return true;
        return false;
    }

    static void CheckSameElements(SqlArray left, SqlArray right)
    {
        if (!left.ElementType.Equals(right.ElementType))
            throw new SqlException(SqlState.DatatypeMismatch, "cannot compare arrays of different element types");
    }

    /// <summary>A hash set pays off only for longer arrays; a short one is scanned.</summary>
    static IElementSet SetOf(SqlArray array) => array.Elements.Length <= 8 ? new ScannedSet(array) : new HashedSet(array);

    interface IElementSet
    {
        bool Contains(Datum value);
    }

    sealed class ScannedSet(SqlArray array) : IElementSet
    {
        public bool Contains(Datum value)
        {
            foreach (var element in array.Elements)
                if (!element.IsNull && array.ElementType.AreEqual(element, value))
                    return true;
            return false;
        }
    }

    sealed class HashedSet : IElementSet
    {
        readonly HashSet<Datum> _set;

        internal HashedSet(SqlArray array)
        {
            _set = new HashSet<Datum>(array.Elements.Length, new ElementComparer(array.ElementType));
            foreach (var element in array.Elements)
                if (!element.IsNull)
                    _set.Add(element);
        }

        public bool Contains(Datum value) => _set.Contains(value);
    }

    internal sealed class ElementComparer(SqlType type) : IEqualityComparer<Datum>
    {
        public bool Equals(Datum x, Datum y) => x.IsNull || y.IsNull ? x.IsNull == y.IsNull : type.AreEqual(x, y);

        public int GetHashCode(Datum value) => value.IsNull ? 0 : type.Hash(value);
    }

    internal static Datum ConcatOrNull(Datum left, Datum right)
    {
        if (left.IsNull || right.IsNull)
            return left.IsNull ? right : left;
        return Datum.FromObject(Concat(A(left), A(right)));
    }

    /// <summary>Arrays of equal dimensions are joined along the first; one of a dimension less becomes an outer element of the other. 2202E when neither fits.</summary>
    static SqlArray Concat(SqlArray left, SqlArray right)
    {
        if (left.Dimensions == 0)
            return right;
        if (right.Dimensions == 0)
            return left;
        TextLimits.CheckElements((long)left.Elements.Length + right.Elements.Length);
        Datum[] elements = [.. left.Elements, .. right.Elements];
        int[] lengths, bounds;
        if (left.Dimensions == right.Dimensions)
        {
            RequireEqual(left.Lengths.AsSpan(1), right.Lengths.AsSpan(1), "Arrays with differing element dimensions are not compatible for concatenation.");
            lengths = [left.Lengths[0] + right.Lengths[0], .. left.Lengths[1..]];
            bounds = left.LowerBounds;
        }
        else if (left.Dimensions == right.Dimensions - 1)
        {
            RequireEqual(left.Lengths, right.Lengths.AsSpan(1), "Arrays with differing dimensions are not compatible for concatenation.");
            lengths = [right.Lengths[0] + 1, .. right.Lengths[1..]];
            bounds = right.LowerBounds;
        }
        else if (left.Dimensions == right.Dimensions + 1)
        {
            RequireEqual(left.Lengths.AsSpan(1), right.Lengths, "Arrays with differing dimensions are not compatible for concatenation.");
            lengths = [left.Lengths[0] + 1, .. left.Lengths[1..]];
            bounds = left.LowerBounds;
        }
        else
        {
            throw Incompatible($"Arrays of {left.Dimensions} and {right.Dimensions} dimensions are not compatible for concatenation.");
        }

        return new SqlArray(left.ElementType, lengths, bounds, elements);
    }

    static void RequireEqual(ReadOnlySpan<int> left, ReadOnlySpan<int> right, string detail)
    {
        if (!left.SequenceEqual(right))
            throw Incompatible(detail);
    }

    static SqlException Incompatible(string detail) => new(SqlState.ArraySubscriptError, "cannot concatenate incompatible arrays") { Detail = detail };

    static SqlArray Append(SqlArray array, Datum element, bool atEnd)
    {
        if (array.Dimensions > 1)
            throw new SqlException(SqlState.DataException, "argument must be empty or one-dimensional array");
        TextLimits.CheckElements(array.Elements.Length + 1L);
        Datum[] elements = atEnd ? [.. array.Elements, element] : [element, .. array.Elements];
        return new SqlArray(array.ElementType, [elements.Length], [array.Dimensions == 0 ? 1 : array.LowerBounds[0]], elements);
    }
}
