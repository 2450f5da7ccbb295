using Chitin.Catalog;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>The clause that an expression stands in: decides which kinds of function may appear and how refusals are worded.</summary>
internal enum ClauseKind : byte
{
    None, Other, Select, Where, Having, GroupBy, OrderBy, DistinctOn, Limit, Offset, JoinOn, FromFunction, FromSubselect, Filter, WindowPartition, WindowOrder, WindowFrame,
    Values, InsertValues, Returning, UpdateSource, UpdateTarget, CheckConstraint, ColumnDefault, IndexExpression, IndexPredicate, Generated, AlterUsing, CopyWhere, AsOf, Call, ArrayAggregateOrder, MergeWhen, Policy,
}

/// <summary>A column that names can reach: its name and the value it stands for (a column, or COALESCE of both sides of a merged join column).</summary>
/// <param name="Name">The name it is reached by.</param>
/// <param name="Value">A column reference, mostly.</param>
/// <param name="Access">Where its use is noted; null when reading it needs no privilege of its own.</param>
/// <param name="ColumnId">The id in the relation of <paramref name="Access"/>.</param>
internal readonly record struct ScopeColumn(string Name, BoundExpression Value, AccessEntry? Access = null, int ColumnId = 0);

/// <summary>One relation visible in a query: an entry of PostgreSQL's namespace lists (parse_relation.c).</summary>
internal sealed class RangeItem
{
    /// <summary>The alias, or the relation's own name.</summary>
    public required string Name { get; init; }

    public bool HasAlias { get; init; }

    /// <summary>For qualified references to an unaliased relation: the schema it was found in.</summary>
    public RelationDescriptor? Relation { get; init; }

    public string? SchemaName { get; init; }

    public required ImmutableArray<ScopeColumn> Columns { get; init; }

    /// <summary>Columns that exist but * does not show (the hidden row id).</summary>
    public ImmutableArray<ScopeColumn> HiddenColumns { get; init; } = [];

    /// <summary>Columns read are noted here; null when reading needs no privilege (derived tables).</summary>
    public AccessEntry? Access { get; init; }

    /// <summary>The scans whose rows FOR UPDATE locks: the table's own, or those inside a derived table or view.</summary>
    public ImmutableArray<BoundScan> Scans { get; init; } = [];

    /// <summary>What FOR UPDATE OF it is refused as (a join, a function …); null when it can be locked.</summary>
    public string? NotLockable { get; init; }

    public bool IsJoin { get; init; }

    /// <summary>Below the side of an outer join that may be missing: its row as a whole is NULL then.</summary>
    public bool MayBeMissing { get; set; }

    /// <summary>A function that returns one scalar: its name as a whole-row reference is the scalar itself.</summary>
    public bool IsScalarFunction { get; init; }

    /// <summary>Reachable as name.column.</summary>
    public bool RelationVisible { get; set; } = true;

    /// <summary>Reachable as a bare column.</summary>
    public bool ColumnsVisible { get; set; } = true;

    /// <summary>Still in the FROM list that is being read: visible to LATERAL items only.</summary>
    public bool LateralOnly { get; set; }

    /// <summary>False on the wrong side of an outer join.</summary>
    public bool LateralAllowed { get; set; } = true;
}

/// <summary>The names that one query level sees, and what its expressions need of it (aggregates, windows, set-returning functions).</summary>
internal sealed class Scope(Scope? parent)
{
    public Scope? Parent { get; } = parent;

    public List<RangeItem> Items { get; set; } = [];

    /// <summary>Inside a LATERAL item: entries marked LateralOnly can be seen.</summary>
    public bool LateralActive { get; set; }

    /// <summary>How many times a LateralOnly entry was used.</summary>
    public int LateralUses { get; set; }

    public ClauseKind Clause { get; set; } = ClauseKind.None;

    /// <summary>FOR UPDATE and its kin of this query.</summary>
    public ImmutableArray<LockingClause> Locking { get; set; } = [];

    public List<CommonTableEntry> CommonTables { get; } = [];

    /// <summary>WITH items in the order in which they were bound.</summary>
    public List<CommonTableEntry> Completed { get; } = [];

    /// <summary>WITH items that exist but are not visible yet, for the error text.</summary>
    public HashSet<string> HiddenCommonTables { get; } = [];

    public List<BoundAggregateCall> Aggregates { get; } = [];

    public List<GroupingReference> Groupings { get; } = [];

    public List<WindowUse> Windows { get; } = [];

    /// <summary>Set-returning calls in the order in which they were bound: arguments come before the calls that use them.</summary>
    public List<BoundTableCall> SetCalls { get; } = [];

    public ImmutableArray<(string Name, WindowSpecification Window)> NamedWindows { get; set; } = [];

    /// <summary>Whether SELECT-list set-returning functions may be collected here.</summary>
    public bool AllowSetCalls { get; set; }

    /// <summary>CASE or COALESCE while one of them is being bound: set-returning functions are refused there.</summary>
    public string? Conditional { get; set; }

    /// <summary>While the arguments of an aggregate that may belong here are bound.</summary>
    public bool InAggregate { get; set; }

    public bool InWindow { get; set; }

    /// <summary>Scans that FOR UPDATE without names locks.</summary>
    public IEnumerable<RangeItem> LockableItems => Items.Where(i => !i.IsJoin);
}

/// <summary>A use of GROUPING(…).</summary>
internal sealed record GroupingReference(BoundColumn Column, ImmutableArray<BoundExpression> Arguments, int Position);

/// <summary>A window call and its window.</summary>
internal sealed record WindowUse(BoundWindowCall Call, ImmutableArray<BoundExpression> PartitionBy, ImmutableArray<BoundSortKey> OrderBy);

/// <summary>A WITH item while its query is being bound.</summary>
internal sealed class CommonTableEntry(string name, CommonTable syntax, Scope definedIn)
{
    public string Name { get; } = name;

    public CommonTable Syntax { get; } = syntax;

    /// <summary>The scope whose names its query sees.</summary>
    public Scope DefinedIn { get; } = definedIn;

    /// <summary>How many of the scope's common tables it may see (those before it; all with RECURSIVE).</summary>
    public int VisibleTables { get; init; }

    public BoundCommonTable? Table { get; set; }

    /// <summary>Column names and types once known.</summary>
    public ImmutableArray<BoundColumn> Columns { get; set; } = [];

    public int References { get; set; }

    public ImmutableArray<string> Names { get; set; } = [];

    /// <summary>WITH RECURSIVE: its own query may name it.</summary>
    public bool MayRecurse { get; init; }

    /// <summary>Why a reference to itself is refused just now; null when it is not.</summary>
    public string? Problem { get; set; }

    /// <summary>While the recursive term is bound: references read the working table of this table.</summary>
    public (BoundCommonTable Table, Scope Top)? Recursion { get; set; }

    /// <summary>While it is bound at all: a reference is an error unless recursive.</summary>
    public bool IsBeingBound { get; set; }

    public int RecursiveReferences { get; set; }

    /// <summary>It depends on outer columns or on a working table, so that it must be part of the tree.</summary>
    public bool MustInline { get; set; }

    public bool IsDataChanging { get; set; }

    /// <summary>Data-changing without RETURNING: a reference is refused.</summary>
    public bool HasNoResult { get; set; }

    public bool IsRecursive { get; set; }

    public BoundNode? Query => (Table?.Statement as BoundQuery)?.Root;
}
