using Chitin.Catalog;
using Chitin.Security;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>A statement whose names are resolved. Accesses is complete before anything runs.</summary>
public abstract record BoundStatement(AccessSet Accesses)
{
    /// <summary>Common tables that must be computed (and data-changing ones executed) before the main part, in order.</summary>
    public ImmutableArray<BoundCommonTable> CommonTables { get; init; } = [];

    /// <summary>Relations to lock (shared) before execution, by descriptor id, with the version that was bound.</summary>
    public ImmutableArray<(uint Id, int Version)> Relations { get; init; } = [];
}

public sealed record BoundQuery(BoundNode Root, AccessSet Accesses) : BoundStatement(Accesses)
{
    /// <summary>Names of the result columns (Root.Output may have other names).</summary>
    public required ImmutableArray<string> Names { get; init; }

    /// <summary>AS OF SYSTEM TIME, constant.</summary>
    public BoundExpression? AsOf { get; init; }

    /// <summary>Its rows keep the keys of the rows that they come from.</summary>
    public bool IsCursor { get; init; }
}

/// <summary>RETURNING: expressions over <see cref="BoundTarget.Row"/> (the new row; for DELETE the deleted one) and over FROM/USING columns of the source.</summary>
public sealed record BoundReturning(ImmutableArray<(BoundColumn Column, BoundExpression Expression)> Items, ImmutableArray<string> Names);

/// <summary>Everything that a write to a table must compute and check. Column references in it are those of <see cref="Row"/>.</summary>
public sealed record BoundTarget(TableDescriptor Table)
{
    /// <summary>One BoundColumn per table column, in descriptor order (hidden ones too): the new row.</summary>
    public required ImmutableArray<BoundColumn> Row { get; init; }

    /// <summary>Stored generated columns: position in Row and expression over Row.</summary>
    public ImmutableArray<(int Ordinal, BoundExpression Expression)> Generated { get; init; } = [];

    /// <summary>Columns whose types are domains with constraints: the value, when it keeps them.</summary>
    public ImmutableArray<(int Ordinal, BoundExpression Expression)> Domains { get; init; } = [];

    public ImmutableArray<(string Name, BoundExpression Condition)> Checks { get; init; } = [];

    /// <summary>Row-level security: what a row must satisfy to be inserted. The name is that of a restrictive policy, null for the permissive ones together.</summary>
    public ImmutableArray<(string? Policy, BoundExpression Condition)> InsertPolicies { get; init; } = [];

    /// <summary>The same for a row that an update leaves behind.</summary>
    public ImmutableArray<(string? Policy, BoundExpression Condition)> UpdatePolicies { get; init; } = [];

    /// <summary>Expression indexes and partial indexes: per index (Table.PrimaryIndex, then Table.Indexes) the bound key expressions (null = plain column) and predicate, over Row.</summary>
    public ImmutableArray<(ImmutableArray<BoundExpression?> Parts, BoundExpression? Predicate)> Indexes { get; init; } = [];

    /// <summary>Column defaults by ordinal, for SET NULL/SET DEFAULT actions and COPY.</summary>
    public ImmutableArray<BoundExpression?> Defaults { get; init; } = [];
}

/// <summary>Source yields one column per entry of TargetOrdinals, already coerced; Defaults fill the rest (by ordinal; null = NULL).</summary>
public sealed record BoundInsert(BoundTarget Target, BoundNode Source, ImmutableArray<int> TargetOrdinals, AccessSet Accesses) : BoundStatement(Accesses)
{
    public BoundOnConflict? OnConflict { get; init; }

    public BoundReturning? Returning { get; init; }
}

/// <summary>Arbiter null = any unique index (DO NOTHING without target). Excluded: the columns of the proposed row, in descriptor order; Target.Row is the new row; Existing the current one.</summary>
public sealed record BoundOnConflict(IndexDescriptor? Arbiter, bool DoNothing, ImmutableArray<BoundColumn> Existing, ImmutableArray<BoundColumn> Excluded,
    ImmutableArray<(int Ordinal, BoundExpression Expression)> Assignments, BoundExpression? Where)
{
    /// <summary>Row-level security over Existing: a row that may not be updated is an error.</summary>
    public BoundExpression? Policy { get; init; }
}

/// <summary>
/// Source yields the target's scan columns (all columns of the table, as TargetScan.Columns) and whatever FROM adds. Assignments are over Source's output.
/// A target row that occurs several times is updated once.
/// </summary>
public sealed record BoundUpdate(BoundTarget Target, BoundScan TargetScan, BoundNode Source, ImmutableArray<(int Ordinal, BoundExpression Expression)> Assignments, AccessSet Accesses)
    : BoundStatement(Accesses)
{
    public BoundReturning? Returning { get; init; }
}

public sealed record BoundDelete(BoundTarget Target, BoundScan TargetScan, BoundNode Source, AccessSet Accesses) : BoundStatement(Accesses)
{
    public BoundReturning? Returning { get; init; }
}

/// <summary>
/// MERGE. Source yields the source's rows with the target's scan columns beside them, NULL where no row matched. Of <see cref="Actions"/> the first that fits a row is taken.
/// </summary>
public sealed record BoundMerge(BoundTarget Target, BoundScan TargetScan, BoundNode Source, ImmutableArray<BoundMergeAction> Actions, AccessSet Accesses) : BoundStatement(Accesses);

/// <summary>What happens to a row: Values are the assigned columns of UPDATE or the written ones of INSERT, over Source's output.</summary>
public sealed record BoundMergeAction(bool Matched, MergeKind Kind, BoundExpression? Condition, ImmutableArray<(int Ordinal, BoundExpression Expression)> Values)
{
    /// <summary>Row-level security over the target's columns: a matched row that may not be changed so is an error.</summary>
    public BoundExpression? Policy { get; init; }
}

/// <summary>COPY table FROM STDIN: rows of TargetOrdinals arrive from the client.</summary>
public sealed record BoundCopyFrom(BoundTarget Target, ImmutableArray<int> TargetOrdinals, CopyStatement Options, BoundExpression? Where, AccessSet Accesses) : BoundStatement(Accesses);

/// <summary>COPY table or (query) TO STDOUT; the query may be a data change with RETURNING.</summary>
public sealed record BoundCopyTo(BoundStatement Query, CopyStatement Options, AccessSet Accesses) : BoundStatement(Accesses)
{
    /// <summary>The names of the copied columns.</summary>
    public required ImmutableArray<string> Names { get; init; }

    /// <summary>The copied columns, with their types.</summary>
    public required ImmutableArray<BoundColumn> Columns { get; init; }
}

/// <summary>EXPLAIN; the inner statement's accesses are checked as if it ran.</summary>
public sealed record BoundExplain(BoundStatement Statement, ExplainStatement Options, AccessSet Accesses) : BoundStatement(Accesses);

/// <summary>DDL, roles, privileges, SHOW that is no query: executed by Execution/Ddl, which finds its class by the statement's type. Binder has resolved names and filled Accesses.</summary>
public sealed record BoundUtility(Statement Syntax, AccessSet Accesses) : BoundStatement(Accesses)
{
    /// <summary>Resolved objects, in the order in which the statement names them (null = IF EXISTS and missing).</summary>
    public ImmutableArray<Descriptor?> Objects { get; init; } = [];

    /// <summary>For CREATE TABLE AS, CREATE VIEW: the bound query, with its common tables.</summary>
    public BoundStatement? Query { get; init; }

    /// <summary>For CREATE VIEW: relations that the query names as regclass constants.</summary>
    public ImmutableArray<uint> Constants { get; init; } = [];

    /// <summary>Result columns of a SHOW; empty when the statement returns no rows.</summary>
    public ImmutableArray<(string Name, Core.Types.SqlType Type)> Columns { get; init; } = [];

    /// <summary>For CREATE VIEW: the query's text with every name qualified and every * spelt out, as the descriptor stores it.</summary>
    public string? QualifiedText { get; init; }
}
