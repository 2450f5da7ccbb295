using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

public enum Volatility : byte
{
    /// <summary>Same arguments, same result, for ever: folded at planning time.</summary>
    Immutable,

    /// <summary>Constant within one statement.</summary>
    Stable,
    Volatile,
}

/// <summary>One scalar overload. Arguments arrive evaluated; when <see cref="IsStrict"/> the evaluator returns NULL without calling if any is NULL.</summary>
public delegate Datum ScalarBody(ReadOnlySpan<Datum> arguments, EvaluationContext context);

public delegate Datum UnaryBody(Datum argument, EvaluationContext context);

public delegate Datum BinaryBody(Datum left, Datum right, EvaluationContext context);

/// <summary>
/// What every kind of function has (a row of pg_proc). Polymorphic pseudo-types (anyelement, anyarray, anynonarray, anyenum) may stand in
/// <see cref="ArgumentTypes"/> and <see cref="ReturnType"/>; the resolver replaces them by actual types in <see cref="ResolvedCall"/>.
/// </summary>
public abstract class FunctionEntry
{
    public required string Name { get; init; }

    public string Schema { get; init; } = "pg_catalog";

    public required uint Oid { get; init; }

    public required ImmutableArray<SqlType> ArgumentTypes { get; init; }

    public ImmutableArray<string> ArgumentNames { get; init; } = [];

    /// <summary>How many trailing arguments have a default; their defaults are SQL NULL or <see cref="Defaults"/>.</summary>
    public ImmutableArray<Datum> Defaults { get; init; } = [];

    /// <summary>The last argument type is an array (or "any") that takes any number of arguments.</summary>
    public bool IsVariadic { get; init; }

    public required SqlType ReturnType { get; init; }

    public bool IsStrict { get; init; } = true;

    public Volatility Volatility { get; init; } = Volatility.Immutable;
}

public sealed class ScalarFunction : FunctionEntry
{
    /// <summary>At least one body is set; the evaluator takes the most specific one.</summary>
    public UnaryBody? Unary { get; init; }

    public BinaryBody? Binary { get; init; }

    public ScalarBody? Body { get; init; }

    /// <summary>For functions that need the actual argument types (array functions, format, to_json …): makes the body for one call.</summary>
    public Func<ResolvedCall, ScalarBody>? BodyFactory { get; init; }
}

/// <summary>A set-returning function: rows of one or more columns.</summary>
public sealed class TableFunction : FunctionEntry
{
    /// <summary>Column names and types for a function with OUT columns; a single unnamed column otherwise.</summary>
    public ImmutableArray<(string Name, SqlType Type)> Columns { get; init; } = [];

    public required Func<ResolvedCall, TableFunctionBody> BodyFactory { get; init; }
}

/// <summary>Yields rows; each array is fresh or may be reused after the next row was asked for.</summary>
public delegate IEnumerable<Datum[]> TableFunctionBody(Datum[] arguments, EvaluationContext context);

public sealed class AggregateFunction : FunctionEntry
{
    public required Func<ResolvedCall, AggregateState> CreateState { get; init; }

    /// <summary>
    /// Ordered-set aggregate: how many arguments stand before WITHIN GROUP; -1 for a plain aggregate. Its state is given the rows in WITHIN GROUP's order, each as the direct
    /// arguments (the same in every row) followed by the ordered ones.
    /// </summary>
    public int DirectArguments { get; init; } = -1;

    /// <summary>rank, dense_rank, percent_rank, cume_dist WITHIN GROUP: as many direct arguments as ordered ones; the binder fills <see cref="ResolvedCall.Order"/>.</summary>
    public bool IsHypothetical { get; init; }

    /// <summary>True when DISTINCT changes nothing (min, max, bool_and).</summary>
    public bool IgnoresDistinct { get; init; }
}

/// <summary>The running state of one aggregate in one group.</summary>
public abstract class AggregateState
{
    /// <summary>Takes one row's arguments; strict aggregates are called only with non-null arguments.</summary>
    public abstract void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context);

    public abstract Datum Finish(EvaluationContext context);

    /// <summary>Approximate bytes held beyond the object itself, for work_mem.</summary>
    public virtual long ExtraBytes => 0;

    /// <summary>Starts over, for window frames that cannot remove rows.</summary>
    public abstract void Reset();
}

/// <summary>A pure window function (row_number, rank, lag …).</summary>
public sealed class WindowFunction : FunctionEntry
{
    public required Func<ResolvedCall, WindowState> CreateState { get; init; }
}

/// <summary>Evaluates a window function over one sorted partition.</summary>
public abstract class WindowState
{
    public abstract Datum Evaluate(IWindowPartition partition, EvaluationContext context);
}

/// <summary>What a window function may see of its partition while the current row is <see cref="Position"/>.</summary>
public interface IWindowPartition
{
    int Position { get; }

    int RowCount { get; }

    /// <summary>First row that is a peer of row <paramref name="position"/> (equal in ORDER BY).</summary>
    int PeerStart(int position);

    /// <summary>One past the last peer.</summary>
    int PeerEnd(int position);

    int FrameStart { get; }

    /// <summary>One past the frame's last row.</summary>
    int FrameEnd { get; }

    /// <summary>Whether a row of the frame is left out by EXCLUDE.</summary>
    bool IsExcluded(int position);

    /// <summary>Argument <paramref name="argument"/> of the call evaluated at a row of the partition.</summary>
    Datum Argument(int argument, int position);
}

/// <summary>An operator (a row of pg_operator). Left is null for a prefix operator.</summary>
public sealed class OperatorEntry
{
    public required string Symbol { get; init; }

    public required uint Oid { get; init; }

    public SqlType? Left { get; init; }

    public required SqlType Right { get; init; }

    /// <summary>The function behind it; its argument types equal Left and Right.</summary>
    public required ScalarFunction Function { get; init; }

    public string? Commutator { get; init; }

    public string? Negator { get; init; }

    /// <summary>For =, &lt;&gt;, &lt;, &lt;=, &gt;, &gt;= of a type's default order: which one, so that the planner can use indexes, merges and hashes without looking at names.</summary>
    public ComparisonKind Comparison { get; init; }
}

public enum ComparisonKind : byte { None, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

public enum CastContext : byte { Implicit, Assignment, Explicit }

/// <summary>A cast (a row of pg_cast, or through text input/output).</summary>
public sealed class CastEntry
{
    public required SqlType Source { get; init; }

    public required SqlType Target { get; init; }

    public required CastContext Context { get; init; }

    /// <summary>Null: the representation is the same, nothing to do.</summary>
    public UnaryBody? Body { get; init; }

    public Volatility Volatility { get; init; } = Volatility.Immutable;
}

/// <summary>A function with its actual types: the resolver's answer and what bound expressions hold.</summary>
/// <param name="Function">The chosen overload.</param>
/// <param name="ArgumentTypes">Actual types after coercion, variadic arguments spread out.</param>
/// <param name="ReturnType">The actual return type.</param>
public sealed record ResolvedCall(FunctionEntry Function, ImmutableArray<SqlType> ArgumentTypes, SqlType ReturnType)
{
    /// <summary>The last argument was written VARIADIC array: it arrives as that array and is not spread out.</summary>
    public bool VariadicArray { get; init; }

    /// <summary>f(…) AS t(a int, b text): the columns that the caller gave a function returning record.</summary>
    public ImmutableArray<(string Name, SqlType Type, int TypeModifier)> DefinedColumns { get; init; } = [];

    /// <summary>The directions of WITHIN GROUP (ORDER BY …), for hypothetical-set aggregates.</summary>
    public ImmutableArray<OrderDirection> Order { get; init; } = [];
}

public readonly record struct OrderDirection(bool Descending, bool NullsFirst);
