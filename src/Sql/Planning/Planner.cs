using Chitin.Catalog;
using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Planning;

/// <summary>
/// Turns a bound statement into a physical plan: predicates move down, subqueries become semi-joins, and costs decide index, join order and join method.
/// One instance per statement; not for concurrent use.
/// </summary>
internal sealed partial class Planner
{
    private readonly ICatalogSnapshot _catalog;
    private readonly HashSet<BoundColumn> _used = [];
    private readonly Dictionary<BoundScan, BoundColumn> _keyColumns = new(ReferenceEqualityComparer.Instance);
    private readonly Cost _cost;

    public Planner(ICatalogSnapshot catalog)
    {
        _catalog = catalog;
        _cost = new Cost(catalog);
    }

    /// <summary>Whether anything reads a column; others are neither decoded nor computed nor kept.</summary>
    public bool IsUsed(BoundColumn column) => _used.Contains(column);

    /// <summary>The column that holds the primary key of a scan's row, when an operator above asks for it.</summary>
    public BoundColumn? KeyColumn(BoundScan scan) => _keyColumns.GetValueOrDefault(scan);

    public StatementPlan Plan(BoundStatement statement)
    {
        var common = PlanCommonTables(statement.CommonTables);
        StatementPlan plan = statement switch
        {
            BoundQuery query => PlanQuery(query),
            BoundInsert insert => PlanInsert(insert),
            BoundUpdate update => PlanUpdate(update),
            BoundDelete delete => PlanDelete(delete),
            BoundMerge merge => PlanMerge(merge),
            _ => throw new Core.InvariantException($"{statement.GetType().Name} has no plan"),
        };
        return plan with { CommonTables = common };
    }

    /// <summary>Plans a subquery inside an expression.</summary>
    public PlanNode PlanSubquery(BoundNode node)
    {
        BoundWalker.CollectColumns(node, _used);
        _used.UnionWith(node.Output);
        return PlanNode(node, [], Wanted.Nothing);
    }

    private ImmutableArray<CommonTablePlan> PlanCommonTables(ImmutableArray<BoundCommonTable> tables)
    {
        var plans = ImmutableArray.CreateBuilder<CommonTablePlan>(tables.Length);
        foreach (var table in tables)
        {
            var plan = Plan(table.Statement!);
            PlanNode? recursive = null;
            if (table.RecursiveTerm is { } term)
                recursive = PlanSubquery(term);
            plans.Add(new CommonTablePlan(table, plan, recursive, table.RecursiveTerm?.Output ?? []));
        }

        return plans.ToImmutable();
    }

    private QueryPlan PlanQuery(BoundQuery query)
    {
        BoundWalker.CollectColumns(query.Root, _used);
        _used.UnionWith(query.Root.Output);
        RegisterLocks(query.Root);
        ImmutableArray<(uint, ImmutableArray<BoundColumn> Key)> keys = query.IsCursor ? [.. UpdatableScans(query.Root).GroupBy(s => s.Table.Id).Where(g => g.Count() == 1).Select(g => KeyOf(g.First()))] : [];
        foreach (var (_, key) in keys)
            _used.UnionWith(key);
        return new QueryPlan(query, PlanNode(query.Root, [], Wanted.Nothing)) { Keys = keys };
    }

    private static (uint, ImmutableArray<BoundColumn>) KeyOf(BoundScan scan) =>
        (scan.Table.Id, [.. scan.Table.PrimaryIndex.Parts.Select(p => scan.Columns[scan.ColumnIds.IndexOf(p.ColumnId)])]);

    /// <summary>The scans whose rows a cursor can name (execCurrent.c): those that FOR UPDATE locks, else the only one of a query that neither joins nor sorts nor groups.</summary>
    private static IEnumerable<BoundScan> UpdatableScans(BoundNode node) => node switch
    {
        BoundLockRows rows => rows.Targets.Select(t => t.Scan),
        BoundScan scan => [scan],
        BoundProject project => UpdatableScans(project.Input),
        BoundFilter filter => UpdatableScans(filter.Input),
        BoundLimit limit => UpdatableScans(limit.Input),
        _ => [],
    };

    private InsertPlan PlanInsert(BoundInsert insert)
    {
        BoundWalker.CollectColumns(insert.Source, _used);
        _used.UnionWith(insert.Source.Output);
        UseReturning(insert.Returning);
        UseTarget(insert.Target);
        if (insert.OnConflict is { } conflict)
        {
            foreach (var (_, expression) in conflict.Assignments)
                BoundWalker.CollectColumns(expression, _used);
            if (conflict.Where is { } where)
                BoundWalker.CollectColumns(where, _used);
            if (conflict.Policy is { } policy)
                BoundWalker.CollectColumns(policy, _used);
        }

        return new InsertPlan(insert, PlanNode(insert.Source, [], Wanted.Nothing));
    }

    private UpdatePlan PlanUpdate(BoundUpdate update)
    {
        BoundWalker.CollectColumns(update.Source, _used);
        _used.UnionWith(update.TargetScan.Columns);
        foreach (var (_, expression) in update.Assignments)
            BoundWalker.CollectColumns(expression, _used);
        UseReturning(update.Returning);
        UseTarget(update.Target);
        var key = RegisterKey(update.TargetScan);
        return new UpdatePlan(update, PlanNode(update.Source, [], Wanted.Nothing), key);
    }

    private DeletePlan PlanDelete(BoundDelete delete)
    {
        BoundWalker.CollectColumns(delete.Source, _used);
        _used.UnionWith(delete.TargetScan.Columns);
        UseReturning(delete.Returning);
        UseTarget(delete.Target);
        var key = RegisterKey(delete.TargetScan);
        return new DeletePlan(delete, PlanNode(delete.Source, [], Wanted.Nothing), key);
    }

    private MergePlan PlanMerge(BoundMerge merge)
    {
        BoundWalker.CollectColumns(merge.Source, _used);
        _used.UnionWith(merge.TargetScan.Columns);
        foreach (var action in merge.Actions)
        {
            foreach (var condition in new[] { action.Condition, action.Policy }.OfType<BoundExpression>())
                BoundWalker.CollectColumns(condition, _used);
            foreach (var (_, expression) in action.Values)
                BoundWalker.CollectColumns(expression, _used);
        }

        UseTarget(merge.Target);
        var key = RegisterKey(merge.TargetScan);
        return new MergePlan(merge, PlanNode(merge.Source, [], Wanted.Nothing), key);
    }

    private void UseReturning(BoundReturning? returning)
    {
        if (returning is null)
            return;
        foreach (var (_, expression) in returning.Items)
            BoundWalker.CollectColumns(expression, _used);
    }

    /// <summary>The columns that writing a row reads, those of subqueries in policies too.</summary>
    internal void UseTarget(BoundTarget target)
    {
        _used.UnionWith(target.Row);
        foreach (var (_, condition) in target.InsertPolicies.Concat(target.UpdatePolicies))
            BoundWalker.CollectColumns(condition, _used);
    }

    private PlanScanKey RegisterKey(BoundScan scan)
    {
        if (!_keyColumns.TryGetValue(scan, out var column))
        {
            _keyColumns.Add(scan, column = new BoundColumn("primary key", SqlTypes.Bytea));
            _used.Add(column);
        }

        return new PlanScanKey(scan, column);
    }

    private void RegisterLocks(BoundNode node)
    {
        if (node is BoundLockRows rows)
        {
            foreach (var (scan, _, _) in rows.Targets)
                RegisterKey(scan);
        }

        foreach (var input in BoundWalker.Inputs(node))
            RegisterLocks(input);
    }

    /// <summary>Plans a node with conjuncts that hold above it, as deep below as they can go.</summary>
    private PlanNode PlanNode(BoundNode node, List<BoundExpression> filters, Wanted wanted)
    {
        Preparation.Check();
        switch (node)
        {
            case BoundFilter { IsPolicy: true } policy:
                // In front: the scan below evaluates its conditions in this order.
                var first = new List<BoundExpression>();
                BoundWalker.Conjuncts(policy.Condition, first);
                if (first.Exists(BoundWalker.ContainsSubquery))
                {
                    // Subqueries are evaluated late: only conditions that can tell nothing about a row go below with them.
                    first.AddRange(filters.Where(IsDiscreet));
                    return Filter(PlanNode(policy.Input, first, wanted), [.. filters.Where(f => !IsDiscreet(f))]);
                }

                filters.InsertRange(0, first);
                return PlanNode(policy.Input, filters, wanted);
            case BoundFilter filter:
                BoundWalker.Conjuncts(filter.Condition, filters);
                return PlanNode(filter.Input, filters, wanted);
            case BoundScan scan:
                return PlanScan(scan, filters, wanted);
            case BoundVirtualScan scan:
                return PlanVirtualScan(scan, filters);
            case BoundJoin:
                return PlanJoin((BoundJoin)node, filters, wanted);
            case BoundProject project:
                return PlanProject(project, filters, wanted);
            case BoundAggregate aggregate:
                return PlanAggregate(aggregate, filters);
            case BoundSort sort when Postpone(sort) is { } later:
                return PlanNode(new BoundProject(later.Sort, later.Items), filters, wanted);
            case BoundSort sort:
                return PlanSort(sort, filters, wanted);
            case BoundLimit { Input: BoundSort sort } limit when Postpone(sort) is { } later:
                return PlanNode(new BoundProject(limit with { Input = later.Sort }, later.Items), filters, wanted);
            case BoundLimit limit:
                return Filter(PlanLimit(limit), filters);
            case BoundDistinct distinct:
                return PlanDistinct(distinct, filters);
            case BoundWindow window:
                return Filter(PlanWindow(window), filters);
            case BoundSetOperation operation:
                return PlanSetOperation(operation, filters);
            case BoundValues values:
                return Filter(new PlanValues(values) { Rows = values.Rows.Length, Cost = values.Rows.Length * Cost.Operator }, filters);
            case BoundProjectSet set:
                return PlanProjectSet(set, filters);
            case BoundFunctionScan scan:
                return Filter(new PlanFunctionScan(scan) { Rows = 100, Cost = 1 }, filters);
            case BoundCommonTableScan scan:
                return Filter(new PlanCommonTableScan(scan) { Rows = 100, Cost = 1 }, filters);
            case BoundRecursion recursion:
                return Filter(new PlanRecursion(recursion, PlanNode(recursion.Initial, [], Wanted.Nothing), PlanNode(recursion.Term, [], Wanted.Nothing)) { Rows = 100, Cost = 10 }, filters);
            case BoundLockRows rows:
                return PlanLockRows(rows, filters);
            default:
                throw new Core.InvariantException($"no plan for {node.GetType().Name}");
        }
    }

    /// <summary>A comparison of a column with a value that is known before the row is read: no error, no side effect.</summary>
    private static bool IsDiscreet(BoundExpression filter) =>
        filter is BoundCall { Operator.Comparison: not Functions.ComparisonKind.None, Arguments: [BoundColumnReference, BoundConstant or BoundParameter] or [BoundConstant or BoundParameter, BoundColumnReference] };

    /// <summary>Puts the filters that are left above a node; subquery filters that can be joins become joins.</summary>
    private PlanNode Filter(PlanNode input, List<BoundExpression> filters)
    {
        if (filters.Count == 0)
            return input;
        var plain = new List<BoundExpression>();
        foreach (var filter in filters)
        {
            if (TryPlanSemiJoin(input, filter) is { } join)
                input = join;
            else
                plain.Add(filter);
        }

        if (plain.Count == 0)
            return input;
        plain.Sort((a, b) => BoundWalker.ContainsSubquery(a).CompareTo(BoundWalker.ContainsSubquery(b)));
        var selectivity = plain.Aggregate(1.0, (s, e) => s * _cost.Selectivity(e));
        return new PlanFilter(input, BoundWalker.Conjunction(plain)!)
        {
            Rows = Math.Max(1, input.Rows * selectivity),
            Cost = input.Cost + (input.Rows * plain.Sum(Cost.Of)),
            StartupCost = input.StartupCost,
        };
    }

    /// <summary>Takes the conjuncts that satisfy a test out of a list.</summary>
    private static BoundExpression? Split(List<BoundExpression> filters, Func<BoundExpression, bool> test, out List<BoundExpression> rest)
    {
        var taken = filters.Where(test).ToList();
        rest = [.. filters.Where(f => !test(f))];
        return BoundWalker.Conjunction(taken);
    }

    private PlanNode PlanProject(BoundProject project, List<BoundExpression> filters, Wanted wanted)
    {
        var map = new Dictionary<BoundColumn, BoundExpression>();
        foreach (var (column, expression) in project.Items)
        {
            if (expression is BoundColumnReference reference && reference.Column == column)
                continue;
            if (!BoundWalker.IsVolatile(expression) && !BoundWalker.ContainsSubquery(expression))
                map[column] = expression;
        }

        var below = new List<BoundExpression>();
        var above = new List<BoundExpression>();
        var computed = project.Items.Where(i => !map.ContainsKey(i.Column) && i.Expression is not BoundColumnReference).Select(i => i.Column).ToHashSet();
        foreach (var filter in filters)
        {
            if (!BoundWalker.IsVolatile(filter) && !BoundWalker.Columns(filter).Overlaps(computed) && BoundWalker.Substitute(filter, map) is { } moved)
            {
                BoundWalker.CollectColumns(moved, _used);
                below.Add(moved);
            }
            else
                above.Add(filter);
        }

        var input = PlanNode(project.Input, below, wanted.Through(map));
        var plan = new PlanProject(input, project.Items)
        {
            Rows = input.Rows,
            Cost = input.Cost + (input.Rows * project.Items.Sum(i => Cost.Of(i.Expression))),
            StartupCost = input.StartupCost,
        };
        return Filter(plan, above);
    }

    private PlanNode PlanProjectSet(BoundProjectSet set, List<BoundExpression> filters)
    {
        var inner = set.Input.Output.ToHashSet();
        var made = set.Calls.SelectMany(c => c.Columns).ToHashSet();
        var below = filters.Where(f => !BoundWalker.Columns(f).Overlaps(made) && BoundWalker.Columns(f).Overlaps(inner)).ToList();
        var above = filters.Except(below).ToList();
        var input = PlanNode(set.Input, below, Wanted.Nothing);
        return Filter(new PlanProjectSet(input, set.Calls) { Rows = input.Rows * 10, Cost = input.Cost + input.Rows }, above);
    }

    private PlanNode PlanLockRows(BoundLockRows rows, List<BoundExpression> filters)
    {
        var input = PlanNode(rows.Input, filters, Wanted.Nothing);
        var missing = new HashSet<BoundScan>(ReferenceEqualityComparer.Instance);
        CollectNullable(input, false, missing);
        foreach (var target in rows.Targets.Where(t => missing.Contains(t.Scan)))
            throw new Core.SqlException(Core.SqlState.FeatureNotSupported, $"{Binder.LockName(target.Strength)} cannot be applied to the nullable side of an outer join");
        var targets = rows.Targets.Select(t => (RegisterKey(t.Scan), t.Strength, t.Wait, t.Scan.Table.Name));
        return new PlanLockRows(input, [.. targets]) { Rows = input.Rows, Cost = input.Cost };
    }

    /// <summary>The scans whose rows an outer join may miss, after joins that cannot have become inner ones.</summary>
    private static void CollectNullable(PlanNode node, bool nullable, HashSet<BoundScan> found)
    {
        switch (node)
        {
            case PlanScan scan when nullable:
                found.Add(scan.Scan);
                break;
            case PlanFilter n:
                CollectNullable(n.Input, nullable, found);
                break;
            case PlanProject n:
                CollectNullable(n.Input, nullable, found);
                break;
            case PlanSort n:
                CollectNullable(n.Input, nullable, found);
                break;
            case PlanLimit n:
                CollectNullable(n.Input, nullable, found);
                break;
            case PlanNestedLoop n:
                CollectNullable(n.Kind, n.Left, n.Right, nullable, found);
                break;
            case PlanHashJoin n:
                CollectNullable(n.Kind, n.Left, n.Right, nullable, found);
                break;
            case PlanMergeJoin n:
                CollectNullable(n.Kind, n.Left, n.Right, nullable, found);
                break;
        }
    }

    private static void CollectNullable(BoundJoinKind kind, PlanNode left, PlanNode right, bool nullable, HashSet<BoundScan> found)
    {
        CollectNullable(left, nullable || kind is BoundJoinKind.Right or BoundJoinKind.Full, found);
        CollectNullable(right, nullable || kind is BoundJoinKind.Left or BoundJoinKind.Full, found);
    }

    private PlanNode PlanLimit(BoundLimit limit)
    {
        var constant = (limit.Limit as BoundConstant)?.Value is { IsNull: false } value ? value.AsInt64() : (long?)null;
        var offset = limit.Offset is null ? 0 : (limit.Offset as BoundConstant)?.Value is { IsNull: false } skipped ? skipped.AsInt64() : 100;
        PlanNode input;
        if (limit.Input is BoundSort sort && !limit.WithTies && limit.Limit is not null)
            input = PlanSortedLimit(sort, limit, constant + offset);
        else
            input = PlanNode(limit.Input, [], limit.Limit is null ? Wanted.Nothing : new Wanted([], constant + offset ?? 10));
        var rows = Math.Min(input.Rows, constant ?? input.Rows);
        var share = input.Rows > 0 ? Math.Min(1, (rows + offset) / input.Rows) : 1;
        return new PlanLimit(input, limit) { Rows = Math.Max(1, rows), Cost = input.StartupCost + ((input.Cost - input.StartupCost) * share), StartupCost = input.StartupCost };
    }

    private PlanNode PlanSetOperation(BoundSetOperation operation, List<BoundExpression> filters)
    {
        var left = PlanNode(operation.Left, Moved(operation, operation.Left, filters), Wanted.Nothing);
        var right = PlanNode(operation.Right, Moved(operation, operation.Right, filters), Wanted.Nothing);
        var rows = operation.Operator switch
        {
            Syntax.SetOperator.Union => left.Rows + right.Rows,
            Syntax.SetOperator.Intersect => Math.Min(left.Rows, right.Rows),
            _ => left.Rows,
        };
        var plan = new PlanSetOperation(operation, left, right) { Rows = Math.Max(1, rows), Cost = left.Cost + right.Cost + ((left.Rows + right.Rows) * Cost.Operator) };
        return Filter(plan, [.. filters.Where(f => !CanMove(operation, f))]);
    }

    private static bool CanMove(BoundSetOperation operation, BoundExpression filter) =>
        !BoundWalker.IsVolatile(filter) && !BoundWalker.ContainsSubquery(filter) && BoundWalker.Columns(filter).Overlaps(operation.Columns)
        && BoundWalker.Substitute(filter, operation.Columns.Zip(operation.Left.Output).ToDictionary(p => p.First, p => (BoundExpression)new BoundColumnReference(p.Second))) is not null;

    private List<BoundExpression> Moved(BoundSetOperation operation, BoundNode side, List<BoundExpression> filters)
    {
        var map = operation.Columns.Zip(side.Output).ToDictionary(p => p.First, p => (BoundExpression)new BoundColumnReference(p.Second));
        var moved = filters.Where(f => CanMove(operation, f)).Select(f => BoundWalker.Substitute(f, map)).OfType<BoundExpression>().ToList();
        foreach (var filter in moved)
            BoundWalker.CollectColumns(filter, _used);
        return moved;
    }
}

/// <summary>What the consumer would like: an order, and how many rows it will read (null = all).</summary>
internal sealed record Wanted(ImmutableArray<BoundSortKey> Order, double? Limit)
{
    public static Wanted Nothing { get; } = new([], null);

    /// <summary>The same wish in terms of a projection's input.</summary>
    public Wanted Through(IReadOnlyDictionary<BoundColumn, BoundExpression> map)
    {
        if (Order.IsEmpty)
            return this;
        var keys = ImmutableArray.CreateBuilder<BoundSortKey>();
        foreach (var key in Order)
        {
            if (BoundWalker.Substitute(key.Expression, map) is not { } expression)
                return Nothing with { Limit = Limit };
            keys.Add(key with { Expression = expression });
        }

        return this with { Order = keys.ToImmutable() };
    }
}
