using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Planning;

/// <summary>Access paths: which index, entered how.</summary>
internal sealed partial class Planner
{
    private PlanNode PlanScan(BoundScan scan, List<BoundExpression> filters, Wanted wanted)
    {
        _cost.Register(scan);
        var pushed = filters.Where(f => !IsSemiJoinCandidate(f)).ToList();
        var rest = filters.Where(IsSemiJoinCandidate).ToList();
        return Filter(BestPath(scan, pushed, wanted), rest);
    }

    /// <summary>A computed table, by key where one of its columns is compared with something that is known before it is read.</summary>
    private PlanNode PlanVirtualScan(BoundVirtualScan scan, List<BoundExpression> filters)
    {
        var taken = Split(filters, e => !BoundWalker.ContainsSubquery(e), out var rest);
        var all = new PlanVirtualScan(scan, taken) { Rows = Math.Max(1, scan.Table.EstimatedRows * (taken is null ? 1 : 0.1)), Cost = 1 + (scan.Table.EstimatedRows * 2 * Cost.Row) };
        var conjuncts = new List<BoundExpression>();
        BoundWalker.Conjuncts(taken, conjuncts);
        foreach (var conjunct in conjuncts)
        {
            if (conjunct is not BoundCall { Operator.Comparison: ComparisonKind.Equal, Arguments: [var left, var right] })
                continue;
            for (var i = 0; i < scan.Columns.Length; i++)
            {
                if (!scan.Table.CanFind(i))
                    continue;
                var key = IsVirtualKey(scan, i, left, right) ? right : IsVirtualKey(scan, i, right, left) ? left : null;
                if (key is not null)
                    return Filter(all with { KeyColumn = i, Key = key, Rows = Math.Min(all.Rows, 4), Cost = 0.5 }, rest);
            }
        }

        return Filter(all, rest);
    }

    private static bool IsVirtualKey(BoundVirtualScan scan, int column, BoundExpression side, BoundExpression value) =>
        IsColumn(side, scan.Columns[column]) && KeyCompatible(value.Type, scan.Columns[column].Type) && !BoundWalker.Columns(value).Overlaps(scan.Columns) && !BoundWalker.IsVolatile(value);

    private PlanScan BestPath(BoundScan scan, List<BoundExpression> filters, Wanted wanted)
    {
        var selectivity = filters.Aggregate(1.0, (s, f) => s * _cost.Selectivity(f));
        var rows = Math.Max(1, _cost.TableRows(scan.Table) * selectivity);
        PlanScan? best = null;
        foreach (var index in Indexes(scan, filters))
        {
            foreach (var path in Paths(scan, index, filters, wanted, rows))
            {
                if (best is null || Total(path, wanted) < Total(best, wanted))
                    best = path;
            }
        }

        return best!;
    }

    /// <summary>A path's cost with what a sort above it would add, or with what a limit above it saves.</summary>
    private static double Total(PlanScan path, Wanted wanted)
    {
        if (wanted.Order.IsEmpty)
            return wanted.Limit is { } some ? Share(path, some) : path.Cost;
        if (Satisfies(path, wanted.Order))
            return wanted.Limit is { } limit ? Share(path, limit) : path.Cost;
        return path.Cost + SortCost(path.Rows);
    }

    private static double Share(PlanScan path, double limit) =>
        path.StartupCost + ((path.Cost - path.StartupCost) * Math.Min(1, limit / Math.Max(1, path.Rows)));

    private static double SortCost(double rows) => Cost.Operator * 2 * rows * Math.Max(1, Math.Log2(Math.Max(2, rows)));

    private static IEnumerable<IndexDescriptor> Indexes(BoundScan scan, List<BoundExpression> filters)
    {
        yield return scan.Table.PrimaryIndex;
        foreach (var index in scan.Table.Indexes)
        {
            if (index.State == IndexState.Public && (scan.IndexHint is null || scan.IndexHint == index.Name)
                && (index.Predicate is null || ImpliedFilters(scan, index, filters) is not null))
                yield return index;
        }
    }

    /// <summary>
    /// The filters that make every row of the query one of a partial index; null when the index may lack rows. A part of the predicate is implied by a filter that is the same, and IS NOT
    /// NULL by a comparison of the column (comparisons are strict).
    /// </summary>
    private static List<BoundExpression>? ImpliedFilters(BoundScan scan, IndexDescriptor index, List<BoundExpression> filters)
    {
        if (scan.IndexPredicates is not { } predicates || !predicates.TryGetValue(index.KeyId, out var predicate))
            return null;
        var parts = new List<BoundExpression>();
        BoundWalker.Conjuncts(predicate, parts);
        var same = new List<BoundExpression>();
        foreach (var part in parts)
        {
            if (filters.Find(f => BoundEquality.Instance.Equals(f, part)) is { } filter)
                same.Add(filter);
            else if (part is not BoundIsNull { Negated: true, Operand: BoundColumnReference column } || !filters.Exists(f => Compares(f, column.Column)))
                return null;
        }

        return same;
    }

    private static bool Compares(BoundExpression filter, BoundColumn column) =>
        filter is BoundCall { Operator.Comparison: not ComparisonKind.None, Arguments: [var left, var right] } && (IsColumn(left, column) || IsColumn(right, column));

    private IEnumerable<PlanScan> Paths(BoundScan scan, IndexDescriptor index, List<BoundExpression> filters, Wanted wanted, double rows)
    {
        var match = MatchIndex(scan, index, filters);
        yield return Path(scan, index, match, filters, rows, reverse: false);
        if (!wanted.Order.IsEmpty)
            yield return Path(scan, index, match, filters, rows, reverse: true);
    }

    private PlanScan Path(BoundScan scan, IndexDescriptor index, IndexMatch match, List<BoundExpression> filters, double rows, bool reverse)
    {
        var isPrimary = index.KeyId == scan.Table.PrimaryIndex.KeyId;
        var residual = filters.Where(f => !match.Exact.Contains(f)).ToList();
        var needed = scan.Columns.Where(IsUsed).ToHashSet();
        var indexOnly = !isPrimary && IsCovered(scan, index, needed);
        var isPoint = index.Unique && match.Condition.Equal.Length == index.Parts.Length && match.Condition.IsNullPart.All(n => !n)
            && match.Condition.ArrayPart < 0 && match.Condition.Equal.All(e => e.Length == 1);
        var tableRows = _cost.TableRows(scan.Table);
        var read = isPoint ? 1 : Math.Max(1, tableRows * match.Selectivity);
        var ranges = match.Condition.Equal.Aggregate(1.0, (n, e) => n * e.Length) * (match.Condition.ArrayPart >= 0 ? 10 : 1);
        var perRow = Cost.Row + residual.Sum(Cost.Of) + (isPrimary || indexOnly ? 0 : Cost.PointRead);
        var startup = isPoint && isPrimary ? Cost.PointRead : Cost.OpenIterator * ranges;
        var columns = scan.Columns.Where(IsUsed).ToList();
        if (_keyColumns.TryGetValue(scan, out var key))
            columns.Add(key);
        return new PlanScan(scan, [.. columns], index, match.Condition)
        {
            Rows = isPoint ? 1 : Math.Min(rows, read),
            StartupCost = startup,
            Cost = startup + (read * perRow),
            Reverse = reverse,
            IndexOnly = indexOnly,
            Filter = BoundWalker.Conjunction(residual),
            IsPoint = isPoint,
            KeepsKey = key is not null,
        };
    }

    private static bool IsCovered(BoundScan scan, IndexDescriptor index, HashSet<BoundColumn> needed)
    {
        var covered = new IndexCodec(scan.Table, index).CoveredOrdinals().ToHashSet();
        var rows = RowCodec.Of(scan.Table);
        for (var i = 0; i < scan.Columns.Length; i++)
        {
            if (needed.Contains(scan.Columns[i]) && !covered.Contains(rows.OrdinalById[scan.ColumnIds[i]]))
                return false;
        }

        return true;
    }

    private sealed record IndexMatch(IndexCondition Condition, HashSet<BoundExpression> Exact, double Selectivity);

    private IndexMatch MatchIndex(BoundScan scan, IndexDescriptor index, List<BoundExpression> filters)
    {
        var equal = ImmutableArray.CreateBuilder<ImmutableArray<BoundExpression>>();
        var nullParts = ImmutableArray.CreateBuilder<bool>();
        var exact = new HashSet<BoundExpression>(ReferenceEqualityComparer.Instance);
        var selectivity = 1.0;
        var arrayPart = -1;
        var multiplied = 1;
        if (index.Predicate is not null)
        {
            // The index has no other rows: these need no second look.
            foreach (var filter in ImpliedFilters(scan, index, filters) ?? [])
            {
                exact.Add(filter);
                selectivity *= _cost.Selectivity(filter);
            }
        }

        var isPrimary = index.KeyId == scan.Table.PrimaryIndex.KeyId;
        for (var i = 0; i < index.Parts.Length; i++)
        {
            if (PartColumn(scan, index.Parts[i]) is not { } column)
                break;
            if (FindEquality(scan, column, index.Parts[i].Type, filters, allowNull: !isPrimary, arrayPart < 0, 1000 / multiplied) is { } found)
            {
                equal.Add(found.Values);
                nullParts.Add(found.IsNull);
                if (found.IsArray)
                    arrayPart = i;
                multiplied *= Math.Max(1, found.Values.Length);
                exact.Add(found.Source);
                selectivity *= _cost.Selectivity(found.Source);
                continue;
            }

            var (lower, upper) = FindRange(scan, column, index.Parts[i].Type, filters, exact, ref selectivity);
            return new IndexMatch(new IndexCondition(equal.ToImmutable(), lower, upper) { ArrayPart = arrayPart, IsNullPart = nullParts.ToImmutable() }, exact, selectivity);
        }

        return new IndexMatch(new IndexCondition(equal.ToImmutable(), null, null) { ArrayPart = arrayPart, IsNullPart = nullParts.ToImmutable() }, exact, selectivity);
    }

    private static BoundColumn? PartColumn(BoundScan scan, IndexPart part)
    {
        if (part.Expression is not null)
            return null;
        var position = scan.ColumnIds.IndexOf(part.ColumnId);
        return position < 0 ? null : scan.Columns[position];
    }

    private sealed record Equality(ImmutableArray<BoundExpression> Values, BoundExpression Source, bool IsArray = false, bool IsNull = false);

    private static Equality? FindEquality(BoundScan scan, BoundColumn column, SqlType type, List<BoundExpression> filters, bool allowNull, bool allowArray, int maxValues)
    {
        foreach (var filter in filters)
        {
            switch (filter)
            {
                case BoundCall { Operator.Comparison: ComparisonKind.Equal } call:
                    if (Side(scan, column, type, call) is { } value)
                        return new Equality([value.Value], filter);
                    break;
                case BoundInList { Negated: false, Equality.Comparison: ComparisonKind.Equal } list
                    when list.Items.Length <= maxValues && IsColumn(list.Operand, column) && list.Items.All(v => IsKeyValue(scan, v, type)):
                    return new Equality(list.Items, filter);
                case BoundQuantifiedArray { All: false, Operator.Comparison: ComparisonKind.Equal } any
                    when allowArray && IsColumn(any.Left, column) && any.Array.Type.ElementType is { } element && KeyCompatible(element, type) && IsIndependent(scan, any.Array):
                    return new Equality([any.Array], filter, IsArray: true);
                case BoundIsNull { Negated: false } isNull when allowNull && IsColumn(isNull.Operand, column):
                    return new Equality([BoundConstant.Null(type)], filter, IsNull: true);
                case BoundColumnReference reference when reference.Column == column:
                    return new Equality([BoundConstant.True], filter);
                case BoundNot { Operand: BoundColumnReference reference } when reference.Column == column:
                    return new Equality([BoundConstant.False], filter);
            }
        }

        return null;
    }

    private (KeyBound? Lower, KeyBound? Upper) FindRange(
        BoundScan scan, BoundColumn column, SqlType type, List<BoundExpression> filters, HashSet<BoundExpression> exact, ref double selectivity)
    {
        KeyBound? lower = null;
        KeyBound? upper = null;
        foreach (var filter in filters)
        {
            if (filter is not BoundCall { Operator.Comparison: ComparisonKind.Less or ComparisonKind.LessOrEqual or ComparisonKind.Greater or ComparisonKind.GreaterOrEqual } call
                || Side(scan, column, type, call) is not { } side)
                continue;
            var kind = side.Flipped ? Flip(call.Operator!.Comparison) : call.Operator!.Comparison;
            var bound = new KeyBound(side.Value, kind is ComparisonKind.LessOrEqual or ComparisonKind.GreaterOrEqual);
            if (kind is ComparisonKind.Less or ComparisonKind.LessOrEqual)
            {
                if (upper is not null)
                    continue;
                upper = bound;
            }
            else
            {
                if (lower is not null)
                    continue;
                lower = bound;
            }

            exact.Add(filter);
            selectivity *= _cost.Selectivity(filter);
        }

        return (lower, upper);
    }

    private static ComparisonKind Flip(ComparisonKind kind) => kind switch
    {
        ComparisonKind.Less => ComparisonKind.Greater,
        ComparisonKind.LessOrEqual => ComparisonKind.GreaterOrEqual,
        ComparisonKind.Greater => ComparisonKind.Less,
        ComparisonKind.GreaterOrEqual => ComparisonKind.LessOrEqual,
        _ => kind,
    };

    /// <summary>The other side of column op value, when it can be a key bound.</summary>
    private static (BoundExpression Value, bool Flipped)? Side(BoundScan scan, BoundColumn column, SqlType type, BoundCall call)
    {
        if (call.Arguments.Length != 2)
            return null;
        if (IsColumn(call.Arguments[0], column) && IsKeyValue(scan, call.Arguments[1], type))
            return (call.Arguments[1], false);
        if (IsColumn(call.Arguments[1], column) && IsKeyValue(scan, call.Arguments[0], type))
            return (call.Arguments[0], true);
        return null;
    }

    private static bool IsColumn(BoundExpression expression, BoundColumn column) =>
        Cost.Strip(expression) is BoundColumnReference reference && reference.Column == column;

    private static bool IsKeyValue(BoundScan scan, BoundExpression value, SqlType type) => KeyCompatible(value.Type, type) && IsIndependent(scan, value);

    private static bool IsIndependent(BoundScan scan, BoundExpression value) =>
        !BoundWalker.Columns(value).Overlaps(scan.Columns) && !BoundWalker.IsVolatile(value);

    /// <summary>Whether values of one type, encoded by the key's type, sort among its keys.</summary>
    private static bool KeyCompatible(SqlType value, SqlType key) =>
        value.Equals(key)
        || (IsInt(value) && IsInt(key))
        || (IsText(value) && IsText(key));

    private static bool IsInt(SqlType type) => type.Oid is PgOid.Int2 or PgOid.Int4 or PgOid.Int8;

    private static bool IsText(SqlType type) => type.Oid is PgOid.Text or PgOid.VarChar or PgOid.Name;

    /// <summary>Whether a scan's order begins with the wanted keys. Parts fixed by equality do not count.</summary>
    private static bool Satisfies(PlanNode plan, ImmutableArray<BoundSortKey> keys)
    {
        switch (plan)
        {
            case PlanFilter filter:
                return Satisfies(filter.Input, keys);
            case PlanLimit limit:
                return Satisfies(limit.Input, keys);
            case PlanNestedLoop { Kind: not (BoundJoinKind.Full or BoundJoinKind.Right) } loop:
                return Satisfies(loop.Left, keys);
            case PlanSort sort:
                return keys.Length <= sort.Keys.Length && keys.Zip(sort.Keys).All(p => SameKey(p.First, p.Second));
            case PlanProject project:
                var map = project.Items.ToDictionary(i => i.Column, i => i.Expression);
                return new Wanted(keys, null).Through(map) is { Order: { IsEmpty: false } moved } && Satisfies(project.Input, moved);
            case PlanScan scan:
                return Satisfies(scan, keys);
            default:
                return false;
        }
    }

    private static bool SameKey(BoundSortKey a, BoundSortKey b) =>
        a.Descending == b.Descending && a.NullsFirst == b.NullsFirst
        && a.Expression is BoundColumnReference left && b.Expression is BoundColumnReference right && left.Column == right.Column;

    private static bool Satisfies(PlanScan scan, ImmutableArray<BoundSortKey> keys)
    {
        var condition = scan.Condition;
        if (condition.ArrayPart >= 0 || condition.Equal.Any(e => e.Length > 1))
            return keys.IsEmpty || IsPointScan(scan);
        if (scan.IsPoint)
            return true;
        var part = 0;
        foreach (var key in keys)
        {
            if (Cost.Strip(key.Expression) is not BoundColumnReference reference)
                return false;
            while (part < condition.Equal.Length && PartColumn(scan.Scan, scan.Index.Parts[part]) != reference.Column)
                part++;
            if (part >= scan.Index.Parts.Length || PartColumn(scan.Scan, scan.Index.Parts[part]) != reference.Column)
            {
                if (IsFixed(scan, reference.Column))
                    continue;
                return false;
            }

            var indexPart = scan.Index.Parts[part++];
            if (part <= condition.Equal.Length)
                continue;
            if (indexPart.Descending != scan.Reverse != key.Descending)
                return false;
            if (!scan.IsPrimary && (indexPart.NullsFirst != scan.Reverse) != key.NullsFirst && reference.Column.Nullable)
                return false;
        }

        return true;
    }

    private static bool IsPointScan(PlanScan scan) => scan.IsPoint;

    private static bool IsFixed(PlanScan scan, BoundColumn column)
    {
        for (var i = 0; i < scan.Condition.Equal.Length; i++)
        {
            if (PartColumn(scan.Scan, scan.Index.Parts[i]) == column)
                return true;
        }

        return false;
    }
}
