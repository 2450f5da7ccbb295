namespace Chitin.Sql.Syntax;

/// <summary>A piece of parsed SQL. <see cref="Position"/> is the zero-based character offset of its first token in the statement's text; -1 for made-up nodes.</summary>
public abstract record SyntaxNode
{
    public int Position { get; init; } = -1;
}

/// <summary>A scalar expression as written. Names are folded or quoted already; nothing is resolved.</summary>
public abstract record SyntaxExpression : SyntaxNode;

/// <summary>Integer and Decimal keep their digits as text: the binder picks int4, int8 or numeric.</summary>
public enum LiteralKind : byte { Null, Boolean, Integer, Decimal, String, BitString }

public sealed record LiteralExpression(LiteralKind Kind, string Text) : SyntaxExpression;

/// <summary>$1 is number 1.</summary>
public sealed record ParameterExpression(int Number) : SyntaxExpression;

/// <summary>a, t.a, s.t.a, d.s.t.a.</summary>
public sealed record ColumnReference(ImmutableArray<string> Parts) : SyntaxExpression;

/// <summary>* or t.*; valid in select lists, RETURNING, count(*) is a flag of the call instead.</summary>
public sealed record StarExpression(ImmutableArray<string> Qualifier) : SyntaxExpression
{
    /// <summary>Stands for the word TABLE of TABLE name.</summary>
    public bool IsTable { get; init; }
}

/// <summary>(expr).name; with Name null it is (expr).*.</summary>
public sealed record FieldSelection(SyntaxExpression Operand, string? Name) : SyntaxExpression;

/// <summary>A prefix operator: -x, +x, ~x, @x, |/x, or OPERATOR(schema.op) x.</summary>
public sealed record UnaryExpression(string Operator, SyntaxExpression Operand, string? OperatorSchema = null) : SyntaxExpression;

/// <summary>Any infix operator that the catalog resolves: + - * / % ^ = &lt;&gt; &lt; || -> @> … ("!=" is turned into "&lt;&gt;").</summary>
public sealed record BinaryExpression(string Operator, SyntaxExpression Left, SyntaxExpression Right, string? OperatorSchema = null) : SyntaxExpression;

public sealed record AndExpression(ImmutableArray<SyntaxExpression> Operands) : SyntaxExpression;

public sealed record OrExpression(ImmutableArray<SyntaxExpression> Operands) : SyntaxExpression;

public sealed record NotExpression(SyntaxExpression Operand) : SyntaxExpression;

public sealed record IsNullExpression(SyntaxExpression Operand, bool Negated) : SyntaxExpression;

public enum TruthTest : byte { True, False, Unknown }

public sealed record IsTruthExpression(SyntaxExpression Operand, TruthTest Test, bool Negated) : SyntaxExpression;

public sealed record IsDistinctFromExpression(SyntaxExpression Left, SyntaxExpression Right, bool Negated) : SyntaxExpression;

public sealed record BetweenExpression(SyntaxExpression Operand, SyntaxExpression Low, SyntaxExpression High, bool Negated, bool Symmetric) : SyntaxExpression;

public sealed record InListExpression(SyntaxExpression Operand, ImmutableArray<SyntaxExpression> Items, bool Negated) : SyntaxExpression;

public sealed record InSubqueryExpression(SyntaxExpression Operand, QueryExpression Query, bool Negated) : SyntaxExpression;

public enum PatternKind : byte { Like, ILike, SimilarTo }

public sealed record PatternExpression(PatternKind Kind, SyntaxExpression Operand, SyntaxExpression Pattern, SyntaxExpression? Escape, bool Negated) : SyntaxExpression;

/// <summary>x op ANY (array) / ALL (array), or over a subquery; SOME is ANY.</summary>
public sealed record QuantifiedExpression(SyntaxExpression Left, string Operator, bool All, SyntaxExpression? Array, QueryExpression? Query) : SyntaxExpression;

public sealed record ExistsExpression(QueryExpression Query) : SyntaxExpression;

public sealed record ScalarSubqueryExpression(QueryExpression Query) : SyntaxExpression;

/// <summary>ARRAY(SELECT …).</summary>
public sealed record ArraySubqueryExpression(QueryExpression Query) : SyntaxExpression;

public sealed record CaseWhen(SyntaxExpression Condition, SyntaxExpression Result);

public sealed record CaseExpression(SyntaxExpression? Operand, ImmutableArray<CaseWhen> Whens, SyntaxExpression? Else) : SyntaxExpression;

/// <summary>CAST(x AS t), x::t, and typed literals (date '2020-01-01').</summary>
public sealed record CastExpression(SyntaxExpression Operand, TypeName Type) : SyntaxExpression;

public sealed record CollateExpression(SyntaxExpression Operand, ImmutableArray<string> Collation) : SyntaxExpression;

public sealed record CoalesceExpression(ImmutableArray<SyntaxExpression> Arguments) : SyntaxExpression;

public sealed record NullIfExpression(SyntaxExpression Left, SyntaxExpression Right) : SyntaxExpression;

/// <summary>GREATEST and LEAST.</summary>
public sealed record GreatestLeastExpression(bool Greatest, ImmutableArray<SyntaxExpression> Arguments) : SyntaxExpression;

public sealed record ArrayExpression(ImmutableArray<SyntaxExpression> Elements) : SyntaxExpression;

/// <summary>ROW(a, b) or (a, b).</summary>
public sealed record RowExpression(ImmutableArray<SyntaxExpression> Elements, bool Explicit) : SyntaxExpression;

/// <summary>One [i] or [lower:upper]; a slice bound left out is null.</summary>
public sealed record ArraySubscript(SyntaxExpression? Lower, SyntaxExpression? Upper, bool IsSlice);

public sealed record SubscriptExpression(SyntaxExpression Operand, ImmutableArray<ArraySubscript> Subscripts) : SyntaxExpression;

/// <summary>DEFAULT, where VALUES, SET and INSERT allow it.</summary>
public sealed record DefaultExpression : SyntaxExpression;

/// <summary>WHERE CURRENT OF cursor.</summary>
public sealed record CurrentOfExpression(string Cursor) : SyntaxExpression;

public sealed record FunctionArgument(SyntaxExpression Value, string? Name = null);

/// <summary>
/// A call of a function, aggregate or window function. SQL's keyword forms arrive here under pg_catalog's names: EXTRACT → extract('field', x), SUBSTRING FROM FOR →
/// substring, POSITION → position(substring, string), TRIM → btrim/ltrim/rtrim, OVERLAY → overlay, AT TIME ZONE → timezone(zone, x), CURRENT_DATE, CURRENT_TIMESTAMP(p), CURRENT_USER,
/// SESSION_USER, CURRENT_SCHEMA … → calls of the same lower-case name with <see cref="IsKeyword"/>.
/// </summary>
public sealed record FunctionCall(ImmutableArray<string> Name, ImmutableArray<FunctionArgument> Arguments) : SyntaxExpression
{
    public bool Star { get; init; }

    public bool Distinct { get; init; }

    /// <summary>The last argument is VARIADIC array.</summary>
    public bool Variadic { get; init; }

    public ImmutableArray<OrderItem> OrderBy { get; init; } = [];

    /// <summary>WITHIN GROUP (ORDER BY …).</summary>
    public ImmutableArray<OrderItem> WithinGroup { get; init; } = [];

    public SyntaxExpression? Filter { get; init; }

    public WindowSpecification? Over { get; init; }

    /// <summary>OVER name.</summary>
    public string? OverName { get; init; }

    public bool IsKeyword { get; init; }
}

public enum FrameUnit : byte { Rows, Range, Groups }

public enum FrameBoundKind : byte { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing }

public enum FrameExclusion : byte { NoOthers, CurrentRow, Group, Ties }

public sealed record FrameBound(FrameBoundKind Kind, SyntaxExpression? Offset);

public sealed record WindowFrame(FrameUnit Unit, FrameBound Start, FrameBound End, FrameExclusion Exclusion);

public sealed record WindowSpecification(string? BaseName, ImmutableArray<SyntaxExpression> PartitionBy, ImmutableArray<OrderItem> OrderBy, WindowFrame? Frame) : SyntaxNode;

/// <summary>ORDER BY expr [ASC|DESC|USING op] [NULLS FIRST|LAST].</summary>
public sealed record OrderItem(SyntaxExpression Expression, bool Descending, bool? NullsFirst, string? UsingOperator = null);

/// <summary>A type as written: name parts, modifiers, array dimensions (number of []), interval fields as text in Fields.</summary>
public sealed record TypeName(ImmutableArray<string> Name, ImmutableArray<SyntaxExpression> Modifiers, int ArrayDimensions = 0) : SyntaxNode
{
    /// <summary>INTERVAL YEAR TO MONTH and so on; null without.</summary>
    public string? IntervalFields { get; init; }

    /// <summary>SETOF in function definitions.</summary>
    public bool SetOf { get; init; }
}
