using Chitin.Catalog;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Planning;

/// <summary>A node of a physical plan: what is done and how. Immutable; holds no run state.</summary>
internal abstract record PlanNode
{
    /// <summary>Columns that hold values after each row.</summary>
    public abstract ImmutableArray<BoundColumn> Output { get; }

    /// <summary>Estimated rows per execution.</summary>
    public double Rows { get; init; } = 1;

    /// <summary>Estimated cost in the planner's unit (one tuple's CPU work = 0.01, as PostgreSQL's cpu_tuple_cost).</summary>
    public double Cost { get; init; }

    public double StartupCost { get; init; }
}

/// <summary>One bound of an index key: the value and whether it belongs to the range.</summary>
internal sealed record KeyBound(BoundExpression Value, bool Inclusive);

/// <summary>
/// How an index is entered: equal values for the first parts (each a list: several values are several ranges, as from IN), then at most one range on the next part.
/// </summary>
internal sealed record IndexCondition(ImmutableArray<ImmutableArray<BoundExpression>> Equal, KeyBound? Lower, KeyBound? Upper)
{
    public static IndexCondition Full { get; } = new([], null, null);

    /// <summary>Equal holds array parameters (= ANY(array)): element 0 of that part is the array.</summary>
    public int ArrayPart { get; init; } = -1;

    /// <summary>The part is IS NULL: compared with NULL itself.</summary>
    public ImmutableArray<bool> IsNullPart { get; init; } = [];
}

/// <summary>Reads a table by its primary or a secondary index.</summary>
internal sealed record PlanScan(BoundScan Scan, ImmutableArray<BoundColumn> Columns, IndexDescriptor Index, IndexCondition Condition) : PlanNode
{
    /// <summary>Only columns that somebody needs are read.</summary>
    public override ImmutableArray<BoundColumn> Output => Columns;

    public bool Reverse { get; init; }

    /// <summary>The index alone gives every column.</summary>
    public bool IndexOnly { get; init; }

    /// <summary>Checked on each row.</summary>
    public BoundExpression? Filter { get; init; }

    public bool IsPrimary => Index.KeyId == Scan.Table.PrimaryIndex.KeyId;

    /// <summary>At most one row can match: all key parts of a unique index are equal to something.</summary>
    public bool IsPoint { get; init; }

    /// <summary>The row's primary key is kept for the operator above that locks or writes it.</summary>
    public bool KeepsKey { get; init; }
}

internal sealed record PlanVirtualScan(BoundVirtualScan Scan, BoundExpression? Filter) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Scan.Columns;

    /// <summary>The column, by position, whose rows are asked for by value; -1 reads all.</summary>
    public int KeyColumn { get; init; } = -1;

    public BoundExpression? Key { get; init; }
}

internal sealed record PlanValues(BoundValues Values) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Values.Columns;
}

internal sealed record PlanFilter(PlanNode Input, BoundExpression Condition) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

internal sealed record PlanProject(PlanNode Input, ImmutableArray<(BoundColumn Column, BoundExpression Expression)> Items) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output { get; } = [.. Items.Select(i => i.Column), .. Input.Output];
}

internal sealed record PlanNestedLoop(BoundJoinKind Kind, PlanNode Left, PlanNode Right, BoundExpression? Condition) : PlanNode
{
    /// <summary>The right side does not depend on the left row: it is read once and kept.</summary>
    public bool Materialize { get; init; }

    public override ImmutableArray<BoundColumn> Output { get; } =
        Kind is BoundJoinKind.Semi or BoundJoinKind.Anti ? Left.Output : [.. Left.Output, .. Right.Output];
}

/// <summary>The right side is the build side. Keys are equal by their type's default equality.</summary>
internal sealed record PlanHashJoin(BoundJoinKind Kind, PlanNode Left, PlanNode Right, ImmutableArray<(BoundExpression Left, BoundExpression Right)> Keys, BoundExpression? Residual) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output { get; } =
        Kind is BoundJoinKind.Semi or BoundJoinKind.Anti ? Left.Output : [.. Left.Output, .. Right.Output];

    /// <summary>NOT IN: a NULL on either side makes the answer unknown, so that the row is dropped.</summary>
    public bool NullAware { get; init; }
}

/// <summary>Both sides arrive sorted by the keys.</summary>
internal sealed record PlanMergeJoin(BoundJoinKind Kind, PlanNode Left, PlanNode Right, ImmutableArray<(BoundExpression Left, BoundExpression Right)> Keys, BoundExpression? Residual) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output { get; } =
        Kind is BoundJoinKind.Semi or BoundJoinKind.Anti ? Left.Output : [.. Left.Output, .. Right.Output];
}

internal enum AggregateStrategy : byte { Plain, Hashed, Sorted }

internal sealed record PlanAggregate(PlanNode Input, BoundAggregate Aggregate, AggregateStrategy Strategy) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Aggregate.Output;
}

/// <summary>Input arrives sorted by partition and order.</summary>
internal sealed record PlanWindow(PlanNode Input, BoundWindow Window) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output { get; } = [.. Input.Output, .. Window.Calls.Select(c => c.Column)];
}

/// <summary>Sorts; with a Limit only the first rows are kept (top-N).</summary>
internal sealed record PlanSort(PlanNode Input, ImmutableArray<BoundSortKey> Keys, ImmutableArray<BoundColumn> Columns) : PlanNode
{
    /// <summary>What survives the sort: the columns needed above.</summary>
    public override ImmutableArray<BoundColumn> Output => Columns;

    /// <summary>Rows wanted (LIMIT + OFFSET), when known at run time.</summary>
    public BoundExpression? Limit { get; init; }

    public BoundExpression? Offset { get; init; }
}

internal sealed record PlanLimit(PlanNode Input, BoundLimit Limit) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

/// <summary>Keeps the first row of each group. Keys: the expressions of ON, else the statement's columns (the input may carry more). Sorted: groups arrive together.</summary>
internal sealed record PlanDistinct(PlanNode Input, ImmutableArray<BoundExpression> Keys, bool Sorted) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

internal sealed record PlanSetOperation(BoundSetOperation Operation, PlanNode Left, PlanNode Right) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Operation.Columns;
}

internal sealed record PlanProjectSet(PlanNode Input, ImmutableArray<BoundTableCall> Calls) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output { get; } = [.. Input.Output, .. Calls.SelectMany(c => c.Columns)];
}

internal sealed record PlanFunctionScan(BoundFunctionScan Scan) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Scan.Output;
}

internal sealed record PlanCommonTableScan(BoundCommonTableScan Scan) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Scan.Columns;
}

internal sealed record PlanRecursion(BoundRecursion Recursion, PlanNode Initial, PlanNode Term) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Recursion.Columns;
}

/// <summary>The root of FOR UPDATE: run by the asynchronous driver, since a lock may have to be waited for.</summary>
internal sealed record PlanLockRows(PlanNode Input, ImmutableArray<(PlanScanKey Key, LockStrength Strength, LockWait Wait, string Relation)> Targets) : PlanNode
{
    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

/// <summary>Where a scan below keeps the primary key of its current row: a column of type bytea that travels with the row through sorts and joins; NULL for a null-extended row.</summary>
internal sealed record PlanScanKey(BoundScan Scan, BoundColumn KeyColumn);

/// <summary>A whole statement's physical plan.</summary>
internal abstract record StatementPlan
{
    /// <summary>Common tables computed first, in order.</summary>
    public ImmutableArray<CommonTablePlan> CommonTables { get; init; } = [];
}

internal sealed record CommonTablePlan(BoundCommonTable Table, StatementPlan Plan, PlanNode? Recursive, ImmutableArray<BoundColumn> RecursiveOutput);

internal sealed record QueryPlan(BoundQuery Query, PlanNode Root) : StatementPlan
{
    /// <summary>Of a cursor: the tables whose rows can be named by it, with the columns of their primary keys.</summary>
    public ImmutableArray<(uint Table, ImmutableArray<BoundColumn> Key)> Keys { get; init; } = [];
}

internal sealed record InsertPlan(BoundInsert Insert, PlanNode Source) : StatementPlan;

internal sealed record MergePlan(BoundMerge Merge, PlanNode Source, PlanScanKey Key) : StatementPlan;

internal sealed record UpdatePlan(BoundUpdate Update, PlanNode Source, PlanScanKey Key) : StatementPlan;

internal sealed record DeletePlan(BoundDelete Delete, PlanNode Source, PlanScanKey Key) : StatementPlan;
