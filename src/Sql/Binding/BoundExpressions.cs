using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Binding;

/// <summary>
/// A column of some row source inside one statement, with an identity of its own: every scan, projection or aggregate that makes a new value makes a
/// new BoundColumn. Expressions refer to columns by identity, so that moving a node in the plan changes no expression. A column that a subquery does not
/// produce itself is an outer (correlated) reference.
/// </summary>
public sealed class BoundColumn(string name, SqlType type, int typeModifier = -1)
{
    private static int s_lastId;

    public int Id { get; } = Interlocked.Increment(ref s_lastId);

    public string Name { get; } = name;

    /// <summary>Never a domain: what is read from a column of one is a value of its base type.</summary>
    public SqlType Type { get; } = DomainType.Base(type);

    public int TypeModifier { get; } = DomainType.Base(type, typeModifier).Modifier;

    /// <summary>The table and column it comes from unchanged, for RowDescription; 0 when computed.</summary>
    public uint SourceTable { get; init; }

    public int SourceColumn { get; init; }

    /// <summary>False only when it is known never to be NULL here.</summary>
    public bool Nullable { get; init; } = true;

    public override string ToString() => $"{Name}#{Id}";
}

/// <summary>A typed scalar expression; every coercion is explicit.</summary>
public abstract record BoundExpression(SqlType Type, int TypeModifier = -1)
{
    /// <summary>Never a domain: a conversion to one looks at its constraints and gives a value of the base type.</summary>
    public SqlType Type { get; init; } = DomainType.Base(Type);

    public int TypeModifier { get; init; } = DomainType.Base(Type, TypeModifier).Modifier;
}

public sealed record BoundConstant(Datum Value, SqlType Type, int TypeModifier = -1) : BoundExpression(Type, TypeModifier)
{
    public static BoundConstant True { get; } = new(Datum.True, SqlTypes.Bool);

    public static BoundConstant False { get; } = new(Datum.False, SqlTypes.Bool);

    public static BoundConstant Null(SqlType type) => new(Datum.Null, type);
}

/// <summary>$n; Index is zero-based.</summary>
public sealed record BoundParameter(int Index, SqlType Type) : BoundExpression(Type);

public sealed record BoundColumnReference(BoundColumn Column) : BoundExpression(Column.Type, Column.TypeModifier);

/// <summary>A scalar function call. <see cref="Operator"/> is set when it was written as an operator.</summary>
public sealed record BoundCall(ResolvedCall Call, ImmutableArray<BoundExpression> Arguments, SqlType Type, OperatorEntry? Operator = null, int TypeModifier = -1) : BoundExpression(Type, TypeModifier)
{
    public ScalarFunction Function => (ScalarFunction)Call.Function;
}

/// <summary>
/// A conversion of representation. Cast null: through text (Format and Parse), or no change when the representations agree (relabel); Context says which errors a length limit makes.
/// The modifier is applied by <see cref="BoundApplyModifier"/> outside it.
/// </summary>
public sealed record BoundCast(BoundExpression Operand, CastEntry? Cast, SqlType Type, CastContext Context, bool ThroughText = false) : BoundExpression(Type);

/// <summary>Array to array, element by element.</summary>
public sealed record BoundArrayCast(BoundExpression Operand, CastEntry? ElementCast, bool ThroughText, SqlType Type) : BoundExpression(Type);

/// <summary>Enforces varchar(n), numeric(p,s) ….</summary>
public sealed record BoundApplyModifier(BoundExpression Operand, int Modifier, bool IsExplicit) : BoundExpression(Operand.Type, Modifier);

public sealed record BoundAnd(ImmutableArray<BoundExpression> Operands) : BoundExpression(SqlTypes.Bool);

public sealed record BoundOr(ImmutableArray<BoundExpression> Operands) : BoundExpression(SqlTypes.Bool);

public sealed record BoundNot(BoundExpression Operand) : BoundExpression(SqlTypes.Bool);

public sealed record BoundIsNull(BoundExpression Operand, bool Negated) : BoundExpression(SqlTypes.Bool);

public sealed record BoundIsTruth(BoundExpression Operand, Syntax.TruthTest Test, bool Negated) : BoundExpression(SqlTypes.Bool);

/// <summary>Both sides have one type; compared with its default equality.</summary>
public sealed record BoundIsDistinct(BoundExpression Left, BoundExpression Right, bool Negated) : BoundExpression(SqlTypes.Bool);

/// <summary>
/// x IN (constants or expressions) with one comparison operator; a hash set when all items are constants. Negated is NOT IN. Items have the operand's type after coercion.
/// </summary>
public sealed record BoundInList(BoundExpression Operand, ImmutableArray<BoundExpression> Items, OperatorEntry Equality, bool Negated) : BoundExpression(SqlTypes.Bool);

/// <summary>x op ANY/ALL (array).</summary>
public sealed record BoundQuantifiedArray(BoundExpression Left, BoundExpression Array, OperatorEntry Operator, bool All) : BoundExpression(SqlTypes.Bool);

/// <summary>Searched CASE; the simple form is bound into comparisons (its operand is evaluated once through <see cref="BoundLet"/> when it is not trivial).</summary>
public sealed record BoundCase(ImmutableArray<(BoundExpression Condition, BoundExpression Result)> Whens, BoundExpression Else, SqlType Type, int TypeModifier = -1) : BoundExpression(Type, TypeModifier);

/// <summary>Evaluates Value once, then Body with references to Variable.</summary>
public sealed record BoundLet(BoundColumn Variable, BoundExpression Value, BoundExpression Body) : BoundExpression(Body.Type, Body.TypeModifier);

public sealed record BoundCoalesce(ImmutableArray<BoundExpression> Arguments, SqlType Type) : BoundExpression(Type);

public sealed record BoundNullIf(BoundExpression Left, BoundExpression Right, OperatorEntry Equality, SqlType Type) : BoundExpression(Type);

public sealed record BoundGreatestLeast(bool Greatest, ImmutableArray<BoundExpression> Arguments, SqlType Type) : BoundExpression(Type);

public sealed record BoundArray(ImmutableArray<BoundExpression> Elements, SqlType Type, bool IsMultidimensional = false) : BoundExpression(Type);

/// <summary>A row value; Type is record.</summary>
public sealed record BoundRow(ImmutableArray<BoundExpression> Elements) : BoundExpression(SqlTypes.Record)
{
    /// <summary>Field names when it stands for a whole row of FROM; default for f1, f2 and so on.</summary>
    public ImmutableArray<string> Names { get; init; }

    /// <summary>The elements before untyped literals became text, for a conversion to a composite type; default when they are the same.</summary>
    public ImmutableArray<BoundExpression> Written { get; init; }
}

/// <summary>Row comparison (a, b) op (c, d) with op one of = &lt;&gt; &lt; &lt;= &gt; &gt;=, element operators resolved.</summary>
public sealed record BoundRowComparison(ImmutableArray<BoundExpression> Left, ImmutableArray<BoundExpression> Right, ImmutableArray<OperatorEntry> Equalities,
    ImmutableArray<OperatorEntry> Comparisons, ComparisonKind Kind) : BoundExpression(SqlTypes.Bool);

public sealed record BoundSubscript(BoundExpression Operand, ImmutableArray<(BoundExpression? Lower, BoundExpression? Upper)> Subscripts, bool IsSlice, SqlType Type) : BoundExpression(Type);

/// <summary>Field <paramref name="Index"/> of a record value whose shape was known when bound.</summary>
public sealed record BoundField(BoundExpression Operand, int Index, SqlType Type) : BoundExpression(Type);

/// <summary>A row value of a whole table reference (t as an expression); fields in column order.</summary>
public sealed record BoundWholeRow(ImmutableArray<BoundColumn> Columns, ImmutableArray<string> Names) : BoundExpression(SqlTypes.Record)
{
    /// <summary>The relation is on the side of an outer join that may be missing: a row of NULLs only is NULL.</summary>
    public bool MayBeMissing { get; init; }
}

public enum SubqueryKind : byte
{
    /// <summary>One column, at most one row (21000 otherwise); NULL for none.</summary>
    Scalar,
    Exists,

    /// <summary>Left op ANY (query); IN is = ANY. Comparison is bound over Left and the query's output columns.</summary>
    Any,
    All,

    /// <summary>ARRAY(query).</summary>
    Array,

    /// <summary>A row of several columns (row comparison, multiple assignment); Type is record.</summary>
    Row,
}

/// <summary>
/// A subquery in an expression. For Any/All, <see cref="Comparison"/> is a boolean expression over outer columns and the query's output columns. Negation is a BoundNot around it.
/// </summary>
public sealed record BoundSubquery(SubqueryKind Kind, BoundNode Query, BoundExpression? Comparison, SqlType Type, int TypeModifier = -1) : BoundExpression(Type, TypeModifier);

/// <summary>The value that UPDATE SET x = DEFAULT or an INSERT leaves to the column default: replaced by the binder before planning.</summary>
public sealed record BoundNextValue(Catalog.SequenceDescriptor Sequence, SqlType Type) : BoundExpression(Type);
