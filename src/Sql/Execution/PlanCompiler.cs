using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Planning;

namespace Chitin.Sql.Execution;

/// <summary>Compiles plan nodes into operator templates: slots for columns, evaluators for expressions.</summary>
internal sealed class PlanCompiler
{
    private readonly Planner _planner;
    private readonly ExpressionCompiler _expressions;

    public PlanCompiler(Planner planner)
    {
        _planner = planner;
        _expressions = new ExpressionCompiler(Slots, node => Compile(_planner.PlanSubquery(node)));
    }

    public SlotMap Slots { get; } = new();

    public ExpressionCompiler Expressions => _expressions;

    /// <summary>Whether anything compiled so far reads all rows of a table, or all entries of another index.</summary>
    public bool FullTableScan { get; private set; }

    public bool FullIndexScan { get; private set; }

    public OperatorTemplate Compile(PlanNode node)
    {
        Preparation.Check();
        return CompileAny(node);
    }

    private OperatorTemplate CompileAny(PlanNode node) => node switch
    {
        PlanScan scan => CompileScan(scan),
        PlanVirtualScan scan => CompileVirtualScan(scan),
        PlanValues values => new ValuesTemplate
        {
            Node = node,
            Rows = [.. values.Values.Rows.Select(r => _expressions.Compile(r))],
            Slots = Slots.Slots(values.Values.Columns),
        },
        PlanFilter filter => CompileFilter(filter),
        PlanProject project => CompileProject(project),
        PlanNestedLoop loop => CompileLoop(loop),
        PlanHashJoin join => CompileHashJoin(join),
        PlanMergeJoin join => CompileMergeJoin(join),
        PlanAggregate aggregate => CompileAggregate(aggregate),
        PlanWindow window => CompileWindow(window),
        PlanSort sort => CompileSort(sort),
        PlanLimit limit => new LimitTemplate
        {
            Node = node,
            Input = Compile(limit.Input),
            Limit = _expressions.CompileOptional(limit.Limit.Limit),
            Offset = _expressions.CompileOptional(limit.Limit.Offset),
            Ties = limit.Limit.WithTies ? _expressions.CompileSortKeys(limit.Limit.TieKeys) : null,
        },
        PlanDistinct distinct => CompileDistinct(distinct),
        PlanSetOperation operation => CompileSetOperation(operation),
        PlanProjectSet set => new ProjectSetTemplate { Node = node, Input = Compile(set.Input), Calls = [.. set.Calls.Select(CompileTableCall)] },
        PlanFunctionScan scan => new FunctionScanTemplate
        {
            Node = node,
            Calls = [.. scan.Scan.Calls.Select(CompileTableCall)],
            OrdinalitySlot = scan.Scan.Ordinality is { } ordinality ? Slots[ordinality] : -1,
        },
        PlanCommonTableScan scan => new CommonTableScanTemplate { Node = node, Table = scan.Scan.Table, IsWorkingTable = scan.Scan.IsWorkingTable, Slots = Slots.Slots(scan.Scan.Columns) },
        PlanRecursion recursion => new RecursionTemplate
        {
            Node = node,
            Table = recursion.Recursion.Table,
            Initial = Compile(recursion.Initial),
            InitialOutput = Slots.Slots(recursion.Recursion.Initial.Output),
            Term = Compile(recursion.Term),
            TermOutput = Slots.Slots(recursion.Recursion.Term.Output),
            Types = [.. recursion.Recursion.Columns.Select(c => c.Type)],
            Slots = Slots.Slots(recursion.Recursion.Columns),
        },
        PlanLockRows rows => Compile(rows.Input),
        _ => throw new InvariantException($"no operator for {node.GetType().Name}"),
    };

    private ScanTemplate CompileScan(PlanScan scan)
    {
        var table = scan.Scan.Table;
        if (scan.Condition is { Equal.IsEmpty: true, Lower: null, Upper: null })
        {
            FullTableScan |= scan.IsPrimary;
            FullIndexScan |= !scan.IsPrimary;
        }

        var rows = RowCodec.Of(table);
        var targets = new int[table.Columns.Length];
        Array.Fill(targets, -1);
        for (var i = 0; i < scan.Scan.ColumnIds.Length; i++)
        {
            if (_planner.IsUsed(scan.Scan.Columns[i]) && rows.OrdinalById[scan.Scan.ColumnIds[i]] is var ordinal and >= 0)
                targets[ordinal] = Slots[scan.Scan.Columns[i]];
        }

        var index = scan.IsPrimary ? null : new IndexCodec(table, scan.Index);
        var condition = scan.Condition;
        var ranges = new KeyRangeBuilder(
            index?.Prefix ?? rows.Prefix,
            [.. scan.Index.Parts],
            scan.IsPrimary,
            [.. condition.Equal.Select(e => _expressions.Compile(e))],
            [.. condition.IsNullPart],
            condition.ArrayPart,
            CompileBound(condition.Lower),
            CompileBound(condition.Upper));
        return new ScanTemplate
        {
            Node = scan,
            Rows = rows,
            Index = index,
            Ranges = ranges,
            RowReader = scan.IndexOnly ? null : rows.CreateReader(targets),
            IndexReader = scan.IndexOnly ? index!.CreateReader(targets) : null,
            Filter = _expressions.CompileOptional(scan.Filter),
            Reverse = scan.Reverse,
            IsPoint = scan.IsPoint,
            KeySlot = _planner.KeyColumn(scan.Scan) is { } key ? Slots[key] : -1,
        };
    }

    private CompiledBound? CompileBound(KeyBound? bound) => bound is null ? null : new CompiledBound(_expressions.Compile(bound.Value), bound.Inclusive);

    private VirtualScanTemplate CompileVirtualScan(PlanVirtualScan scan) => new()
    {
        Node = scan,
        Table = scan.Scan.Table,
        Slots = [.. scan.Scan.Columns.Select(c => _planner.IsUsed(c) ? Slots[c] : -1)],
        KeyColumn = scan.KeyColumn,
        Key = _expressions.CompileOptional(scan.Key),
        Filter = _expressions.CompileOptional(scan.Filter),
    };

    private OperatorTemplate CompileFilter(PlanFilter filter)
    {
        var input = Compile(filter.Input);
        var condition = _expressions.Compile(filter.Condition);
        var own = BoundWalker.Columns(filter.Condition).Overlaps(filter.Input.Output);
        return own || BoundWalker.IsVolatile(filter.Condition)
            ? new FilterTemplate { Node = filter, Input = input, Condition = condition }
            : new GateTemplate { Node = filter, Input = input, Condition = condition };
    }

    private OperatorTemplate CompileProject(PlanProject project)
    {
        var input = Compile(project.Input);
        var inputColumns = project.Input.Output.ToHashSet();
        var items = new List<(int, Evaluator)>();
        foreach (var (column, expression) in project.Items)
        {
            if (expression is BoundColumnReference reference && inputColumns.Contains(reference.Column) && !Slots.Contains(column))
                Slots.Alias(column, reference.Column);
            else if (_planner.IsUsed(column) || BoundWalker.IsVolatile(expression))
                items.Add((Slots[column], _expressions.Compile(expression)));
        }

        return items.Count == 0 ? input : new ProjectTemplate { Node = project, Input = input, Items = [.. items] };
    }

    private OperatorTemplate CompileLoop(PlanNestedLoop loop)
    {
        var left = Compile(loop.Left);
        var right = Compile(loop.Right);
        if (loop.Kind is BoundJoinKind.Full or BoundJoinKind.Right)
        {
            return new FullLoopTemplate
            {
                Node = loop, Kind = loop.Kind, Left = left, Right = right, Condition = _expressions.CompileOptional(loop.Condition),
                LeftSlots = UsedSlots(loop.Left), RightSlots = UsedSlots(loop.Right), RightTypes = UsedTypes(loop.Right),
            };
        }

        return new NestedLoopTemplate
        {
            Node = loop, Kind = loop.Kind, Left = left, Right = right, Condition = _expressions.CompileOptional(loop.Condition),
            LeftSlots = UsedSlots(loop.Left), RightSlots = UsedSlots(loop.Right), RightTypes = UsedTypes(loop.Right), Materialize = loop.Materialize,
        };
    }

    private HashJoinTemplate CompileHashJoin(PlanHashJoin join)
    {
        var left = Compile(join.Left);
        var right = Compile(join.Right);
        return new HashJoinTemplate
        {
            Node = join, Kind = join.Kind, Left = left, Right = right, Condition = _expressions.CompileOptional(join.Residual),
            LeftSlots = UsedSlots(join.Left), RightSlots = UsedSlots(join.Right),
            LeftTypes = UsedTypes(join.Left), RightTypes = UsedTypes(join.Right),
            LeftKeys = _expressions.Compile(join.Keys.Select(k => k.Left)), RightKeys = _expressions.Compile(join.Keys.Select(k => k.Right)),
            KeyTypes = [.. join.Keys.Select(k => k.Left.Type)], NullAware = join.NullAware,
        };
    }

    private MergeJoinTemplate CompileMergeJoin(PlanMergeJoin join)
    {
        var left = Compile(join.Left);
        var right = Compile(join.Right);
        return new MergeJoinTemplate
        {
            Node = join, Kind = join.Kind, Left = left, Right = right, Condition = _expressions.CompileOptional(join.Residual),
            LeftSlots = UsedSlots(join.Left), RightSlots = UsedSlots(join.Right), RightTypes = UsedTypes(join.Right),
            LeftKeys = _expressions.CompileSortKeys([.. join.Keys.Select(k => new BoundSortKey(k.Left, false, false))]),
            RightKeys = _expressions.CompileSortKeys([.. join.Keys.Select(k => new BoundSortKey(k.Right, false, false))]),
        };
    }

    private AggregateTemplate CompileAggregate(PlanAggregate node)
    {
        var input = Compile(node.Input);
        var aggregate = node.Aggregate;
        var all = Enumerable.Range(0, aggregate.Keys.Length).ToArray();
        return new AggregateTemplate
        {
            Node = node,
            Input = input,
            Strategy = node.Strategy,
            Keys = _expressions.Compile(aggregate.Keys.Select(k => k.Expression)),
            KeyTypes = [.. aggregate.Keys.Select(k => k.Expression.Type)],
            KeySlots = Slots.Slots(aggregate.Keys.Select(k => k.Column)),
            Calls = [.. aggregate.Calls.Select(CompileAggregateCall)],
            CallSlots = Slots.Slots(aggregate.Calls.Select(c => c.Column)),
            GroupingSets = aggregate.GroupingSets.IsEmpty ? [all] : [.. aggregate.GroupingSets.Select(s => s.ToArray())],
            Groupings = [.. aggregate.Groupings.Select(g => (Slots[g.Column], g.Keys.ToArray()))],
            InputSlots = UsedSlots(node.Input),
            InputTypes = UsedTypes(node.Input),
        };
    }

    private CompiledAggregate CompileAggregateCall(BoundAggregateCall call)
    {
        var function = (AggregateFunction)call.Call.Function;
        return new CompiledAggregate(function, () => function.CreateState(call.Call), _expressions.Compile(call.Arguments),
            _expressions.CompileOptional(call.Filter), function.IsStrict, [.. call.Arguments.Select(a => a.Type)])
        {
            Order = call.OrderBy.IsEmpty ? null : _expressions.CompileSortKeys(call.OrderBy),
            Distinct = call.Distinct && !function.IgnoresDistinct,
        };
    }

    private WindowTemplate CompileWindow(PlanWindow node)
    {
        var input = Compile(node.Input);
        var window = node.Window;
        return new WindowTemplate
        {
            Node = node,
            Input = input,
            PartitionKeys = _expressions.Compile(window.PartitionBy),
            PartitionTypes = [.. window.PartitionBy.Select(p => p.Type)],
            Order = _expressions.CompileSortKeys(window.OrderBy),
            OrderDescending = window.OrderBy is [{ Descending: true }, ..],
            Calls = [.. window.Calls.Select(CompileWindowCall)],
            Columns = UsedSlots(node.Input),
            ColumnTypes = UsedTypes(node.Input),
            ResultTypes = [.. window.Calls.Select(c => c.Column.Type)],
        };
    }

    private CompiledWindowCall CompileWindowCall(BoundWindowCall call) => new(
        call.Call, _expressions.Compile(call.Arguments), _expressions.CompileOptional(call.Filter),
        call.Call.Function is AggregateFunction { IsStrict: true }, call.Frame,
        _expressions.CompileOptional(call.Frame.StartOffset), _expressions.CompileOptional(call.Frame.EndOffset), Slots[call.Column])
    {
        RangeAdd = call.Frame.RangeAdd is { } add ? ExpressionCompiler.Binary(add) : null,
        RangeSubtract = call.Frame.RangeSubtract is { } subtract ? ExpressionCompiler.Binary(subtract) : null,
    };

    private SortTemplate CompileSort(PlanSort sort)
    {
        var input = Compile(sort.Input);
        var columns = sort.Columns.Where(_planner.IsUsed).ToList();
        return new SortTemplate
        {
            Node = sort,
            Input = input,
            Keys = _expressions.CompileSortKeys(sort.Keys),
            Columns = Slots.Slots(columns),
            ColumnTypes = [.. columns.Select(c => c.Type)],
            Limit = _expressions.CompileOptional(sort.Limit),
            Offset = _expressions.CompileOptional(sort.Offset),
        };
    }

    private DistinctTemplate CompileDistinct(PlanDistinct distinct)
    {
        var input = Compile(distinct.Input);
        return new DistinctTemplate
        {
            Node = distinct, Input = input, Keys = _expressions.Compile(distinct.Keys), KeyTypes = [.. distinct.Keys.Select(k => k.Type)], Sorted = distinct.Sorted,
            Columns = UsedSlots(distinct.Input), ColumnTypes = UsedTypes(distinct.Input),
        };
    }

    private SetOperationTemplate CompileSetOperation(PlanSetOperation node)
    {
        var left = Compile(node.Left);
        var right = Compile(node.Right);
        return new SetOperationTemplate
        {
            Node = node,
            Operator = node.Operation.Operator,
            All = node.Operation.All,
            Left = left,
            Right = right,
            LeftSlots = Slots.Slots(node.Operation.Left.Output),
            RightSlots = Slots.Slots(node.Operation.Right.Output),
            OutputSlots = Slots.Slots(node.Operation.Columns),
            Types = [.. node.Operation.Columns.Select(c => c.Type)],
        };
    }

    private TableCall CompileTableCall(BoundTableCall call)
    {
        var function = (TableFunction)call.Call.Function;
        return new TableCall(function.BodyFactory(call.Call), _expressions.Compile(call.Arguments), Slots.Slots(call.Columns), function.IsStrict);
    }

    private int[] UsedSlots(PlanNode node) => Slots.Slots(node.Output.Where(_planner.IsUsed).Distinct());

    private SqlType[] UsedTypes(PlanNode node) => [.. node.Output.Where(_planner.IsUsed).Distinct().Select(c => c.Type)];
}
