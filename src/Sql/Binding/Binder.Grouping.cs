using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>GROUP BY, grouping sets, and the check of ungrouped columns (parse_agg.c, check_ungrouped_columns).</summary>
public sealed partial class Binder
{
    const int MaxGroupingSets = 4096;

    /// <summary>Keys in order of appearance and the sets over them; null without GROUP BY.</summary>
    sealed record GroupBy(List<BoundExpression> Keys, List<ImmutableArray<int>> Sets);

    GroupBy? BindGroupBy(SelectBody select, TargetList targets)
    {
        if (select.GroupBy.IsEmpty)
            return null;
        var keys = new List<BoundExpression>();
        var sets = new List<ImmutableArray<int>> { ImmutableArray<int>.Empty };
        foreach (var element in select.GroupBy)
        {
            var expansion = Expand(element, targets, keys);
            if ((long)sets.Count * expansion.Count > MaxGroupingSets)
                throw BindErrors.Error(SqlState.StatementTooComplex, $"too many grouping sets present (maximum {MaxGroupingSets})");
            sets = [.. from left in sets from right in expansion select (ImmutableArray<int>)[.. left, .. right.Where(k => !left.Contains(k))]];
        }

        if (select.GroupByDistinct)
            sets = [.. sets.DistinctBy(s => string.Join(',', s.Order()))];
        return new GroupBy(keys, sets);
    }

    List<ImmutableArray<int>> Expand(GroupingElement element, TargetList targets, List<BoundExpression> keys)
    {
        switch (element.Kind)
        {
            case GroupingKind.Empty:
                return [ImmutableArray<int>.Empty];
            case GroupingKind.Expression:
                return [[.. element.Expressions.SelectMany(e => GroupKeys(e, targets, keys)).Distinct()]];
            case GroupingKind.Sets:
                return
                [
                    .. element.Expressions.Select(e => (ImmutableArray<int>)[.. GroupKeys(e, targets, keys)]),
                    .. element.Sets.SelectMany(s => Expand(s, targets, keys)),
                ];
        }

        List<ImmutableArray<int>> parts = element.Sets.IsDefaultOrEmpty
            ? [.. element.Expressions.Select(e => (ImmutableArray<int>)[.. GroupKeys(e, targets, keys)])]
            : [.. element.Sets.SelectMany(s => Expand(s, targets, keys))];
        if (element.Kind == GroupingKind.Rollup)
            return [.. Enumerable.Range(0, parts.Count + 1).Reverse().Select(n => (ImmutableArray<int>)[.. parts.Take(n).SelectMany(p => p).Distinct()])];
        if (parts.Count > 12)
            throw BindErrors.Error(SqlState.TooManyColumns, "CUBE is limited to 12 elements");
        return [.. Enumerable.Range(0, 1 << parts.Count).Reverse().Select(mask => (ImmutableArray<int>)[.. parts.Where((_, i) => (mask >> (parts.Count - 1 - i) & 1) != 0).SelectMany(p => p).Distinct()])];
    }

    /// <summary>The key numbers of one GROUP BY item; (a, b) is two.</summary>
    IEnumerable<int> GroupKeys(SyntaxExpression expression, TargetList targets, List<BoundExpression> keys)
    {
        if (expression is RowExpression { Explicit: false } row)
            return [.. row.Elements.SelectMany(e => GroupKeys(e, targets, keys))];
        BoundExpression key;
        if (FindTargetByName(expression, targets, ClauseKind.GroupBy) is { } index)
        {
            TypeTarget(targets, index);
            key = targets.Items[index].Expression;
            CheckGroupKey(key, targets.Items[index].Position);
        }
        else
        {
            key = ToTyped(BindIn(ClauseKind.GroupBy, expression), At(expression));
            // The same expression in the select list is the same value, also when a literal there had no type yet.
            var same = targets.IndexOf(key);
            if (same >= 0)
                key = targets.Items[same].Expression;
        }

        RequireEquality(key.Type, At(expression));
        var existing = keys.FindIndex(k => BoundEquality.Instance.Equals(k, key));
        if (existing < 0)
        {
            existing = keys.Count;
            keys.Add(key);
        }

        return [existing];
    }

    void CheckGroupKey(BoundExpression key, int position)
    {
        var used = BoundInspection.FreeColumns(key);
        if (_scope.Aggregates.Exists(a => used.Contains(a.Column)))
            throw BindErrors.Grouping("aggregate functions are not allowed in GROUP BY", position);
        if (_scope.Windows.Exists(w => used.Contains(w.Call.Column)))
            throw BindErrors.Windowing("window functions are not allowed in GROUP BY", position);
    }

    /// <summary>Adds the aggregation and HAVING, and rewrites everything above it in terms of groups.</summary>
    BoundNode AddGrouping(BoundNode node, GroupBy? grouping, BoundExpression? having, TargetList targets)
    {
        var scope = _scope;
        if (grouping is null && scope.Aggregates.Count == 0 && having is null && scope.Groupings.Count == 0)
            return node;
        var keys = new List<(BoundColumn Column, BoundExpression Expression)>();
        foreach (var key in grouping?.Keys ?? [])
        {
            var source = (key as BoundColumnReference)?.Column;
            var column = new BoundColumn(source?.Name ?? "key", key.Type, key.TypeModifier) { SourceTable = source?.SourceTable ?? 0, SourceColumn = source?.SourceColumn ?? 0 };
            NoteShape(column, key);
            keys.Add((column, key));
        }

        // Set-returning functions that are grouped by run before grouping.
        var inKeys = keys.SelectMany(k => BoundInspection.FreeColumns(k.Expression)).ToHashSet();
        var below = ReachableCalls(scope.SetCalls, inKeys);
        scope.SetCalls.RemoveAll(below.Contains);
        node = AddSetCalls(node, below);

        var sets = grouping?.Sets ?? [];
        var rewriter = new GroupRewriter(this, node.Output, keys, FunctionallyDependent(grouping), sets);
        foreach (var target in targets.Items)
            target.Expression = rewriter.Rewrite(target.Expression);
        having = rewriter.OrNull(having);
        foreach (var call in scope.Aggregates)
        {
            // Direct arguments of ordered-set aggregates have one value per group.
            var direct = ((AggregateFunction)call.Call.Function).DirectArguments < 0 ? 0 : call.Arguments.Length - call.OrderBy.Length;
            for (var i = 0; i < direct; i++)
                rewriter.Rewrite(call.Arguments[i]);
        }

        for (var i = 0; i < scope.Windows.Count; i++)
        {
            var use = scope.Windows[i];
            scope.Windows[i] = new WindowUse(rewriter.RewriteCall(use.Call), rewriter.All(use.PartitionBy), rewriter.All(use.OrderBy));
        }

        for (var i = 0; i < scope.SetCalls.Count; i++)
            scope.SetCalls[i] = rewriter.RewriteCall(scope.SetCalls[i]);
        var groupings = scope.Groupings.Select(g => (g.Column, MatchGrouping(g, keys))).ToImmutableArray();
        var several = sets.Count > 1;
        node = new BoundAggregate(node, [.. keys], [.. scope.Aggregates])
        {
            GroupingSets = several ? [.. sets.Select(s => (ImmutableArray<int>)[.. s, .. Enumerable.Range(grouping!.Keys.Count, keys.Count - grouping.Keys.Count)])] : [],
            Groupings = groupings,
        };
        return having is null or BoundConstant { Value.IsTrue: true } ? node : new BoundFilter(node, having);
    }

    static List<BoundTableCall> ReachableCalls(List<BoundTableCall> calls, HashSet<BoundColumn> wanted)
    {
        var found = new List<BoundTableCall>();
        for (var i = calls.Count - 1; i >= 0; i--)
        {
            if (!calls[i].Columns.Any(wanted.Contains))
                continue;
            found.Insert(0, calls[i]);
            foreach (var argument in calls[i].Arguments)
                wanted.UnionWith(BoundInspection.FreeColumns(argument));
        }

        return found;
    }

    ImmutableArray<int> MatchGrouping(GroupingReference grouping, List<(BoundColumn Column, BoundExpression Expression)> keys)
    {
        var matched = ImmutableArray.CreateBuilder<int>(grouping.Arguments.Length);
        foreach (var argument in grouping.Arguments)
        {
            var index = keys.FindIndex(k => BoundEquality.Instance.Equals(k.Expression, argument));
            if (index < 0)
                throw BindErrors.Grouping("arguments to GROUPING must be grouping expressions of the associated query level", grouping.Position);
            matched.Add(index);
        }

        return matched.MoveToImmutable();
    }

    /// <summary>Columns of tables whose whole primary key is grouped by, in every set: they have one value per group.</summary>
    HashSet<BoundColumn> FunctionallyDependent(GroupBy? grouping)
    {
        var dependent = new HashSet<BoundColumn>();
        if (grouping is null)
            return dependent;
        var common = Enumerable.Range(0, grouping.Keys.Count).Where(k => grouping.Sets.TrueForAll(s => s.Contains(k)));
        var columns = common.Select(k => (grouping.Keys[k] as BoundColumnReference)?.Column).OfType<BoundColumn>().ToHashSet();
        foreach (var item in _scope.Items)
        {
            if (item.Relation is not TableDescriptor { HasUserPrimaryKey: true } table || item.Scans is not [var scan])
                continue;
            var proven = table.PrimaryIndex.Parts.All(p => p.Expression is null && scan.ColumnIds.IndexOf(p.ColumnId) is >= 0 and var i && columns.Contains(scan.Columns[i]));
            if (proven)
                dependent.UnionWith(scan.Columns);
        }

        return dependent;
    }

    /// <summary>Puts group keys in the place of the expressions that they stand for; any other use of an input column is an error (42803).</summary>
    sealed class GroupRewriter : BoundRewriter
    {
        readonly Binder _binder;
        readonly HashSet<BoundColumn> _input;
        readonly List<(BoundColumn Column, BoundExpression Expression)> _keys;
        readonly HashSet<BoundColumn> _dependent;
        readonly Dictionary<BoundExpression, BoundColumn> _map = new(BoundEquality.Instance);
        int _depth;

        public GroupRewriter(Binder binder, ImmutableArray<BoundColumn> input, List<(BoundColumn Column, BoundExpression Expression)> keys, HashSet<BoundColumn> dependent,
            List<ImmutableArray<int>> sets)
        {
            _ = sets;
            (_binder, _input, _keys, _dependent) = (binder, [.. input], keys, dependent);
            foreach (var (column, expression) in keys)
                _map.TryAdd(expression, column);
        }

        public override BoundExpression Rewrite(BoundExpression expression)
        {
            if (expression is not BoundConstant && _map.TryGetValue(expression, out var key))
                return new BoundColumnReference(key);
            if (expression is BoundColumnReference reference && _input.Contains(reference.Column))
                return new BoundColumnReference(Dependent(reference.Column, expression));
            return base.Rewrite(expression);
        }

        BoundColumn Dependent(BoundColumn column, BoundExpression at)
        {
            if (!_dependent.Contains(column))
                throw Ungrouped(column, at);
            var own = new BoundColumn(column.Name, column.Type, column.TypeModifier) { SourceTable = column.SourceTable, SourceColumn = column.SourceColumn };
            var reference = new BoundColumnReference(column);
            _keys.Add((own, reference));
            _map.Add(reference, own);
            return own;
        }

        SqlException Ungrouped(BoundColumn column, BoundExpression at)
        {
            var (position, name) = _binder._origins.TryGetValue(at, out var origin) ? origin : (0, column.Name);
            return _depth == 0
                ? BindErrors.Grouping($"column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function", position)
                : BindErrors.Grouping($"subquery uses ungrouped column \"{name}\" from outer query", position);
        }

        protected override BoundExpression RewriteWholeRow(BoundWholeRow row)
        {
            if (!row.Columns.Any(_input.Contains))
                return row;
            var columns = row.Columns.Select(c => _input.Contains(c) ? _map.GetValueOrDefault(new BoundColumnReference(c)) ?? Dependent(c, row) : c);
            return row with { Columns = [.. columns] };
        }

        protected override BoundExpression RewriteSubquery(BoundSubquery subquery)
        {
            _depth++;
            var query = Rewrite(subquery.Query);
            _depth--;
            var comparison = OrNull(subquery.Comparison);
            return ReferenceEquals(query, subquery.Query) && ReferenceEquals(comparison, subquery.Comparison)
                ? subquery
                : new BoundSubquery(subquery.Kind, query, comparison, subquery.Type, subquery.TypeModifier);
        }
    }
}
