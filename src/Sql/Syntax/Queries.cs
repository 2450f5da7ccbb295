namespace Chitin.Sql.Syntax;

/// <summary>A query with everything that may follow its body.</summary>
public sealed record QueryExpression(QueryBody Body) : SyntaxNode
{
    public WithClause? With { get; init; }

    public ImmutableArray<OrderItem> OrderBy { get; init; } = [];

    public SyntaxExpression? Limit { get; init; }

    /// <summary>FETCH FIRST … WITH TIES.</summary>
    public bool WithTies { get; init; }

    public SyntaxExpression? Offset { get; init; }

    public ImmutableArray<LockingClause> Locking { get; init; } = [];

    /// <summary>AS OF SYSTEM TIME expr.</summary>
    public SyntaxExpression? AsOf { get; init; }
}

public abstract record QueryBody : SyntaxNode;

public enum SetOperator : byte { Union, Intersect, Except }

public sealed record SetOperationBody(SetOperator Operator, bool All, QueryExpression Left, QueryExpression Right) : QueryBody;

public sealed record ValuesBody(ImmutableArray<ImmutableArray<SyntaxExpression>> Rows) : QueryBody;

/// <summary>TABLE name.</summary>
public sealed record TableBody(ObjectName Table) : QueryBody;

/// <summary>A parenthesised query with clauses of its own.</summary>
public sealed record NestedBody(QueryExpression Query) : QueryBody;

/// <summary>[SHOW …] used as a row source and RETURNING sources in CTEs use the statement itself.</summary>
public sealed record SelectBody(ImmutableArray<SelectItem> Items) : QueryBody
{
    public bool Distinct { get; init; }

    /// <summary>DISTINCT ON (…); empty without.</summary>
    public ImmutableArray<SyntaxExpression> DistinctOn { get; init; } = [];

    public ImmutableArray<TableReference> From { get; init; } = [];

    public SyntaxExpression? Where { get; init; }

    public ImmutableArray<GroupingElement> GroupBy { get; init; } = [];

    /// <summary>GROUP BY DISTINCT.</summary>
    public bool GroupByDistinct { get; init; }

    public SyntaxExpression? Having { get; init; }

    public ImmutableArray<(string Name, WindowSpecification Window)> Windows { get; init; } = [];

    /// <summary>SELECT … INTO name.</summary>
    public ObjectName? Into { get; init; }
}

public sealed record SelectItem(SyntaxExpression Expression, string? Alias) : SyntaxNode;

public enum GroupingKind : byte { Expression, Empty, Rollup, Cube, Sets }

/// <summary>One element of GROUP BY; Sets nests others.</summary>
public sealed record GroupingElement(GroupingKind Kind, ImmutableArray<SyntaxExpression> Expressions, ImmutableArray<GroupingElement> Sets);

public sealed record WithClause(bool Recursive, ImmutableArray<CommonTable> Tables) : SyntaxNode;

/// <summary>name (columns) AS [NOT] [MATERIALIZED] (query or INSERT/UPDATE/DELETE … RETURNING).</summary>
public sealed record CommonTable(string Name, ImmutableArray<string> Columns, Statement Statement, bool? Materialized) : SyntaxNode
{
    public SearchClause? Search { get; init; }

    public CycleClause? Cycle { get; init; }

    /// <summary>The columns that SEARCH and CYCLE add, in order.</summary>
    public ImmutableArray<string> AddedColumns => [.. Search is null ? [] : new[] { Search.Sequence }, .. Cycle is null ? [] : new[] { Cycle.Mark, Cycle.Path }];
}

/// <summary>SEARCH DEPTH | BREADTH FIRST BY columns SET sequence.</summary>
public sealed record SearchClause(bool Breadth, ImmutableArray<string> Columns, string Sequence) : SyntaxNode;

/// <summary>CYCLE columns SET mark [TO value DEFAULT default] USING path.</summary>
public sealed record CycleClause(ImmutableArray<string> Columns, string Mark, SyntaxExpression Value, SyntaxExpression Default, string Path) : SyntaxNode;

public enum LockStrength : byte { KeyShare, Share, NoKeyUpdate, Update }

public enum LockWait : byte { Wait, NoWait, SkipLocked }

public sealed record LockingClause(LockStrength Strength, ImmutableArray<ObjectName> Of, LockWait Wait) : SyntaxNode;

/// <summary>[catalog.][schema.]name.</summary>
public sealed record ObjectName(ImmutableArray<string> Parts) : SyntaxNode
{
    public string Name => Parts[^1];

    public string? Schema => Parts.Length > 1 ? Parts[^2] : null;

    public string? Database => Parts.Length > 2 ? Parts[^3] : null;

    /// <summary>table@index: the part before the last is a table, not a schema.</summary>
    public bool HasTable { get; init; }

    public override string ToString() => string.Join('.', Parts);
}

public abstract record TableReference : SyntaxNode
{
    public string? Alias { get; init; }

    public ImmutableArray<string> ColumnAliases { get; init; } = [];
}

/// <summary>Only is ONLY t; IndexHint is CockroachDB's t@index (accepted as a hint).</summary>
public sealed record NamedTable(ObjectName Name, bool Only = false, string? IndexHint = null) : TableReference;

public sealed record DerivedTable(QueryExpression Query, bool Lateral) : TableReference;

/// <summary>A column of a function's AS (a int, b text) list.</summary>
public sealed record ColumnDefinitionItem(string Name, TypeName Type);

/// <summary>func(…) [WITH ORDINALITY], or ROWS FROM (f, g).</summary>
public sealed record FunctionTable(ImmutableArray<SyntaxExpression> Functions, bool WithOrdinality, bool Lateral) : TableReference
{
    public ImmutableArray<ColumnDefinitionItem> ColumnDefinitions { get; init; } = [];
}

/// <summary>CockroachDB's [statement] AS t: SHOW, INSERT … RETURNING as a row source.</summary>
public sealed record StatementTable(Statement Statement) : TableReference;

public enum JoinKind : byte { Inner, Left, Right, Full, Cross }

public sealed record JoinTable(JoinKind Kind, TableReference Left, TableReference Right) : TableReference
{
    public bool Natural { get; init; }

    public ImmutableArray<string> Using { get; init; } = [];

    /// <summary>USING (…) AS alias.</summary>
    public string? UsingAlias { get; init; }

    public SyntaxExpression? On { get; init; }
}
