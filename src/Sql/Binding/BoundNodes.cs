using Chitin.Catalog;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>A relational node. <see cref="Output"/> lists its columns in order.</summary>
public abstract record BoundNode
{
    public abstract ImmutableArray<BoundColumn> Output { get; }
}

/// <summary>Reads a table. Columns holds one BoundColumn per entry of ColumnIds, in the same order; only columns that are used need be read (the planner prunes).</summary>
public sealed record BoundScan(TableDescriptor Table, ImmutableArray<int> ColumnIds, ImmutableArray<BoundColumn> Columns) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Columns;

    /// <summary>The predicates of the table's partial indexes over <see cref="Columns"/>, by the indexes' key ids; null when there is none.</summary>
    public ImmutableDictionary<ushort, BoundExpression>? IndexPredicates { get; init; }

    /// <summary>Index named by t@index, or null.</summary>
    public string? IndexHint { get; init; }

    public string Alias { get; init; } = "";
}

/// <summary>Rows of a catalog view that is computed (pg_catalog, information_schema, crdb_internal).</summary>
public sealed record BoundVirtualScan(IVirtualTable Table, ImmutableArray<BoundColumn> Columns) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Columns;
}

/// <summary>A computed catalog table. Rows are made from the catalog as the session sees it.</summary>
public interface IVirtualTable
{
    uint Id { get; }

    string Schema { get; }

    string Name { get; }

    ImmutableArray<(string Name, SqlType Type)> Columns { get; }

    /// <summary>How many rows there are, roughly, for the planner.</summary>
    double EstimatedRows => 100;

    IEnumerable<Core.Datum[]> Rows(ISessionServices session, EvaluationContext context);

    /// <summary>Whether rows can be found by the value of that column (its position) without making all of them.</summary>
    bool CanFind(int column) => false;

    /// <summary>The rows whose column holds the key (never NULL), perhaps others too: the caller filters. Only where <see cref="CanFind"/>.</summary>
    IEnumerable<Core.Datum[]> Find(int column, Core.Datum key, ISessionServices session, EvaluationContext context) => Rows(session, context);
}

public sealed record BoundValues(ImmutableArray<ImmutableArray<BoundExpression>> Rows, ImmutableArray<BoundColumn> Columns) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Columns;

    /// <summary>One row without columns: SELECT without FROM.</summary>
    public static BoundValues SingleRow { get; } = new([[]], []);
}

public sealed record BoundFilter(BoundNode Input, BoundExpression Condition) : BoundNode
{
    /// <summary>Row-level security: a row is shown to no other condition before this one has let it pass.</summary>
    public bool IsPolicy { get; init; }

    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

/// <summary>Computes expressions; an item that is a plain column reference keeps that column's identity only if Column is that very column.</summary>
public sealed record BoundProject(BoundNode Input, ImmutableArray<(BoundColumn Column, BoundExpression Expression)> Items) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output { get; } = [.. Items.Select(i => i.Column)];
}

public enum BoundJoinKind : byte { Inner, Left, Right, Full, Semi, Anti }

/// <summary>Joins. Lateral: the right side refers to columns of the left. Semi and Anti output the left side only.</summary>
public sealed record BoundJoin(BoundJoinKind Kind, BoundNode Left, BoundNode Right, BoundExpression? Condition, bool Lateral = false) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output { get; } =
        Kind is BoundJoinKind.Semi or BoundJoinKind.Anti ? Left.Output : [.. Left.Output, .. Right.Output];
}

public sealed record BoundAggregateCall(BoundColumn Column, ResolvedCall Call, ImmutableArray<BoundExpression> Arguments)
{
    public bool Distinct { get; init; }

    public BoundExpression? Filter { get; init; }

    /// <summary>ORDER BY inside the call, or WITHIN GROUP's.</summary>
    public ImmutableArray<BoundSortKey> OrderBy { get; init; } = [];
}

/// <summary>
/// GROUP BY. Keys become columns; GroupingSets (indexes into Keys) has more than one entry for ROLLUP/CUBE/SETS, then keys outside the current set are NULL and
/// Grouping columns give the bit masks of GROUPING(…). No keys and one empty set: one row always.
/// </summary>
public sealed record BoundAggregate(BoundNode Input, ImmutableArray<(BoundColumn Column, BoundExpression Expression)> Keys, ImmutableArray<BoundAggregateCall> Calls) : BoundNode
{
    public ImmutableArray<ImmutableArray<int>> GroupingSets { get; init; } = [];

    public ImmutableArray<(BoundColumn Column, ImmutableArray<int> Keys)> Groupings { get; init; } = [];

    public override ImmutableArray<BoundColumn> Output => [.. Keys.Select(k => k.Column), .. Calls.Select(c => c.Column), .. Groupings.Select(g => g.Column)];
}

public sealed record BoundWindowFrame(FrameUnit Unit, FrameBoundKind Start, BoundExpression? StartOffset, FrameBoundKind End, BoundExpression? EndOffset, FrameExclusion Exclusion)
{
    /// <summary>For RANGE with an offset: key + offset and key - offset, with which the frame's edge is compared.</summary>
    public OperatorEntry? RangeAdd { get; init; }

    public OperatorEntry? RangeSubtract { get; init; }

    public static BoundWindowFrame Default { get; } =
        new(FrameUnit.Range, FrameBoundKind.UnboundedPreceding, null, FrameBoundKind.CurrentRow, null, FrameExclusion.NoOthers);
}

/// <summary>A window or aggregate function over the node's window.</summary>
public sealed record BoundWindowCall(BoundColumn Column, ResolvedCall Call, ImmutableArray<BoundExpression> Arguments, BoundExpression? Filter, BoundWindowFrame Frame);

/// <summary>Window functions that share PARTITION BY and ORDER BY; output = input columns, then one per call.</summary>
public sealed record BoundWindow(BoundNode Input, ImmutableArray<BoundExpression> PartitionBy, ImmutableArray<BoundSortKey> OrderBy, ImmutableArray<BoundWindowCall> Calls) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output { get; } = [.. Input.Output, .. Calls.Select(c => c.Column)];
}

public sealed record BoundSortKey(BoundExpression Expression, bool Descending, bool NullsFirst);

public sealed record BoundSort(BoundNode Input, ImmutableArray<BoundSortKey> Keys) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

/// <summary>LIMIT and OFFSET; WithTies keeps peers of the last row under TieKeys.</summary>
public sealed record BoundLimit(BoundNode Input, BoundExpression? Limit, BoundExpression? Offset) : BoundNode
{
    public bool WithTies { get; init; }

    public ImmutableArray<BoundSortKey> TieKeys { get; init; } = [];

    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

/// <summary>DISTINCT over all output columns, or DISTINCT ON (On); the first row of each group in input order stays.</summary>
public sealed record BoundDistinct(BoundNode Input, ImmutableArray<BoundExpression> On) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Input.Output;
}

/// <summary>Inputs have equal column types, position by position.</summary>
public sealed record BoundSetOperation(SetOperator Operator, bool All, BoundNode Left, BoundNode Right, ImmutableArray<BoundColumn> Columns) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Columns;
}

/// <summary>Set-returning functions in the select list: per input row, as many rows as the longest function gives (others padded with NULL).</summary>
public sealed record BoundProjectSet(BoundNode Input, ImmutableArray<BoundTableCall> Calls) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output { get; } = [.. Input.Output, .. Calls.SelectMany(c => c.Columns)];
}

public sealed record BoundTableCall(ResolvedCall Call, ImmutableArray<BoundExpression> Arguments, ImmutableArray<BoundColumn> Columns);

/// <summary>Functions in FROM (several: ROWS FROM); arguments may refer to outer columns (lateral).</summary>
public sealed record BoundFunctionScan(ImmutableArray<BoundTableCall> Calls, BoundColumn? Ordinality) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output { get; } = [.. Calls.SelectMany(c => c.Columns), .. Ordinality is null ? [] : new[] { Ordinality }];
}

/// <summary>A common table expression that is computed once (materialised): several readers, DML inside, or MATERIALIZED. Others are inlined by the binder.</summary>
public sealed class BoundCommonTable(string name)
{
    public string Name { get; } = name;

    /// <summary>Set after binding. A query or a data-changing statement.</summary>
    public BoundStatement? Statement { get; set; }

    /// <summary>For WITH RECURSIVE: the recursive term; its reads of the working table are BoundCommonTableScan with IsWorkingTable.</summary>
    public BoundNode? RecursiveTerm { get; set; }

    /// <summary>UNION (not ALL) in the recursive definition.</summary>
    public bool RecursiveDistinct { get; set; }

    public ImmutableArray<BoundColumn> Columns { get; set; } = [];
}

public sealed record BoundCommonTableScan(BoundCommonTable Table, ImmutableArray<BoundColumn> Columns, bool IsWorkingTable) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Columns;
}

/// <summary>A recursive common table as part of the tree, because it refers to outer columns. <paramref name="Table"/> names its working table.</summary>
public sealed record BoundRecursion(BoundCommonTable Table, BoundNode Initial, BoundNode Term, ImmutableArray<BoundColumn> Columns) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Columns;
}

/// <summary>FOR UPDATE and so on: locks the rows of Scans (their primary keys) that each output row came from.</summary>
public sealed record BoundLockRows(BoundNode Input, ImmutableArray<(BoundScan Scan, LockStrength Strength, LockWait Wait)> Targets) : BoundNode
{
    public override ImmutableArray<BoundColumn> Output => Input.Output;
}
