using Chitin.Core;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Planning;

/// <summary>Sorting, grouping, windows, distinct.</summary>
internal sealed partial class Planner
{
    private PlanNode PlanSort(BoundSort sort, List<BoundExpression> filters, Wanted wanted)
    {
        var input = PlanNode(sort.Input, filters, new Wanted(sort.Keys, wanted.Limit));
        return Satisfies(input, sort.Keys) ? input : Sort(input, sort.Keys);
    }

    /// <summary>
    /// Volatile columns of the select list that no sort key uses are computed after the sort, and so for the rows that LIMIT lets through only
    /// (PostgreSQL, SELECT: ORDER BY; make_sort_input_target). Null when there are none.
    /// </summary>
    private static (BoundSort Sort, ImmutableArray<(BoundColumn, BoundExpression)> Items)? Postpone(BoundSort sort)
    {
        if (sort.Input is not BoundProject project)
            return null;
        var keys = sort.Keys.SelectMany(k => BoundWalker.Columns(k.Expression)).ToHashSet();
        var later = project.Items.Where(i => BoundWalker.IsVolatile(i.Expression) && !BoundWalker.ContainsSubquery(i.Expression) && !keys.Contains(i.Column)).Select(i => i.Column).ToHashSet();
        if (later.Count == 0)
            return null;
        var before = project.Items.Where(i => !later.Contains(i.Column)).ToList();
        var read = project.Items.Where(i => later.Contains(i.Column)).SelectMany(i => BoundWalker.Columns(i.Expression)).Where(project.Input.Output.Contains).Distinct();
        before.AddRange(read.Where(c => before.All(i => i.Column != c)).Select(c => (c, (BoundExpression)new BoundColumnReference(c))));
        return (sort with { Input = new BoundProject(project.Input, [.. before]) },
            [.. project.Items.Select(i => later.Contains(i.Column) ? i : (i.Column, new BoundColumnReference(i.Column)))]);
    }

    private PlanNode PlanSortedLimit(BoundSort sort, BoundLimit limit, double? rows)
    {
        var input = PlanNode(sort.Input, [], new Wanted(sort.Keys, rows));
        if (Satisfies(input, sort.Keys))
            return input;
        return Sort(input, sort.Keys) with { Limit = limit.Limit, Offset = limit.Offset };
    }

    private PlanSort Sort(PlanNode input, ImmutableArray<BoundSortKey> keys)
    {
        var cost = input.Cost + SortCost(input.Rows);
        return new PlanSort(input, keys, [.. input.Output.Distinct().Where(IsUsed)]) { Rows = input.Rows, Cost = cost, StartupCost = cost };
    }

    private PlanNode PlanAggregate(BoundAggregate aggregate, List<BoundExpression> filters)
    {
        // A condition on grouping keys alone holds for whole groups: it can be checked on the rows.
        var map = aggregate.Keys.ToDictionary(k => k.Column, k => k.Expression);
        var computed = aggregate.Output.Where(c => !map.ContainsKey(c)).ToHashSet();
        var below = new List<BoundExpression>();
        var above = new List<BoundExpression>();
        foreach (var filter in filters)
        {
            var columns = BoundWalker.Columns(filter);
            if (aggregate.GroupingSets.IsEmpty && columns.Overlaps(map.Keys) && !columns.Overlaps(computed) && !BoundWalker.IsVolatile(filter)
                && BoundWalker.Substitute(filter, map) is { } moved)
            {
                BoundWalker.CollectColumns(moved, _used);
                below.Add(moved);
            }
            else
                above.Add(filter);
        }

        ImmutableArray<BoundSortKey> order = [.. aggregate.Keys.Select(k => new BoundSortKey(k.Expression, false, false))];
        var plain = aggregate.Keys.IsEmpty && aggregate.GroupingSets.Length <= 1;
        var simple = aggregate.GroupingSets.IsEmpty && !plain;
        var input = plain && below.Count == 0 && PlanExtreme(aggregate) is { } first ? first : PlanNode(aggregate.Input, below, Wanted.Nothing);
        var strategy = plain ? AggregateStrategy.Plain : simple && Satisfies(input, order) ? AggregateStrategy.Sorted : AggregateStrategy.Hashed;
        var groups = plain ? 1 : Math.Max(1, Math.Min(input.Rows, aggregate.Keys.Aggregate(1.0, (n, k) => n * Groups(k.Expression, input.Rows))));
        var cost = input.Cost + (input.Rows * (Cost.Operator * (1 + aggregate.Keys.Length + aggregate.Calls.Length)));
        return Filter(new PlanAggregate(input, aggregate, strategy) { Rows = groups, Cost = cost, StartupCost = cost }, above);
    }

    /// <summary>min or max of one column of one table: the first row of an index in that order that is not NULL. Null when no index gives that order.</summary>
    private PlanLimit? PlanExtreme(BoundAggregate aggregate)
    {
        if (aggregate.Calls is not [{ Distinct: false, Filter: null, OrderBy.IsEmpty: true, Arguments: [BoundColumnReference argument] } call]
            || call.Call.Function is not { Name: "min" or "max" } function)
            return null;
        var filters = new List<BoundExpression>();
        var source = aggregate.Input;
        while (source is BoundFilter filter)
        {
            BoundWalker.Conjuncts(filter.Condition, filters);
            source = filter.Input;
        }

        if (source is not BoundScan scan || filters.Exists(f => BoundWalker.ContainsSubquery(f) || BoundWalker.IsVolatile(f)))
            return null;
        var isMax = function.Name == "max";
        var key = new BoundSortKey(argument, isMax, isMax);
        filters.Add(new BoundIsNull(argument, true));
        _cost.Register(scan);
        var path = BestPath(scan, filters, new Wanted([key], 1));
        if (!Satisfies(path, [key]))
            return null;
        var one = new BoundLimit(aggregate.Input, new BoundConstant(Datum.FromInt64(1), Core.Types.SqlTypes.Int8), null);
        return new PlanLimit(path, one) { Rows = 1, Cost = Share(path, 1), StartupCost = path.StartupCost };
    }

    private double Groups(BoundExpression key, double rows) =>
        Cost.Strip(key) is BoundColumnReference reference ? Math.Min(rows, _cost.DistinctValues(reference.Column)) : Math.Min(rows, 200);

    private PlanNode PlanDistinct(BoundDistinct distinct, List<BoundExpression> filters)
    {
        var columns = distinct.On.IsEmpty ? [.. distinct.Output] : distinct.On.SelectMany(e => BoundWalker.Columns(e)).ToHashSet();
        var below = filters.Where(f => BoundWalker.Columns(f).IsSubsetOf(columns) && !BoundWalker.IsVolatile(f) && !BoundWalker.ContainsSubquery(f)).ToList();
        var above = filters.Except(below).ToList();
        var input = PlanNode(distinct.Input, below, Wanted.Nothing);
        ImmutableArray<BoundExpression> keys = distinct.On.IsEmpty ? [.. distinct.Output.Select(c => new BoundColumnReference(c))] : distinct.On;
        var sorted = IsGrouped(input, keys);
        return Filter(new PlanDistinct(input, keys, sorted) { Rows = Math.Max(1, input.Rows / 2), Cost = input.Cost + (input.Rows * 2 * Cost.Operator) }, above);
    }

    /// <summary>Whether rows with equal keys arrive together: the input is sorted first by exactly these keys, in any order.</summary>
    private static bool IsGrouped(PlanNode input, ImmutableArray<BoundExpression> keys)
    {
        if (input is not PlanSort sort || sort.Keys.Length < keys.Length)
            return false;
        var wanted = keys.Select(k => (k as BoundColumnReference)?.Column).ToHashSet();
        return !wanted.Contains(null) && sort.Keys.Take(wanted.Count).Select(k => (k.Expression as BoundColumnReference)?.Column).ToHashSet().SetEquals(wanted);
    }

    private PlanNode PlanWindow(BoundWindow window)
    {
        ImmutableArray<BoundSortKey> keys = [.. window.PartitionBy.Select(p => new BoundSortKey(p, false, false)), .. window.OrderBy];
        var input = PlanNode(window.Input, [], new Wanted(keys, null));
        if (keys.Length > 0 && !Satisfies(input, keys))
            input = Sort(input, keys);
        return new PlanWindow(input, window) { Rows = input.Rows, Cost = input.Cost + (input.Rows * window.Calls.Length * 2 * Cost.Operator) };
    }
}
