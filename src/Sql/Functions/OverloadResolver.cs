using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>How a call is written, as far as resolution needs to know.</summary>
public sealed record FunctionCallShape(string Name, ImmutableArray<SqlType> ArgumentTypes)
{
    /// <summary>Null = any schema that the search path shows without a qualifier (pg_catalog).</summary>
    public string? Schema { get; init; }

    /// <summary>Names of trailing named arguments (a => 1); null for positional ones; empty when all are positional.</summary>
    public ImmutableArray<string?> ArgumentNames { get; init; } = [];

    /// <summary>The last argument is VARIADIC array.</summary>
    public bool Variadic { get; init; }

    /// <summary>Looks at the function entries that pass; null = all.</summary>
    public Func<FunctionEntry, bool>? Filter { get; init; }
}

/// <summary>What a call means.</summary>
/// <param name="Call">The overload with actual types; null when the call is a cast.</param>
/// <param name="Arguments">For each parameter of <paramref name="Call"/> the index of the written argument that feeds it, or -1 - d for default number d of the function.</param>
/// <param name="CastTarget">Set when name(x) is the same as CAST(x AS name).</param>
public sealed record FunctionResolution(ResolvedCall? Call, ImmutableArray<int> Arguments, SqlType? CastTarget);

/// <summary>An operator with the actual types of this use.</summary>
public sealed record OperatorResolution(OperatorEntry Operator, ResolvedCall Call);

/// <summary>
/// PostgreSQL's overload resolution (manual chapter 10, https://www.postgresql.org/docs/15/typeconv.html). Untyped literals and untyped parameters come in as type unknown.
/// Safe for concurrent use.
/// </summary>
public sealed partial class OverloadResolver(FunctionRegistry registry)
{
    public static OverloadResolver BuiltIn { get; } = new(FunctionRegistry.BuiltIn);

    public FunctionRegistry Registry => registry;

    /// <summary>
    /// Resolves a function call. Errors: 42883 when nothing fits, 42725 when several fit equally well, 42804 for polymorphic arguments that do not agree.
    /// </summary>
    public FunctionResolution ResolveFunction(FunctionCallShape shape)
    {
        var candidates = FunctionCandidates(shape);
        foreach (var candidate in candidates)
            if (candidate.IsExact(shape.ArgumentTypes))
                return ToResolution(candidate, shape);
        if (CastByFunctionName(shape) is { } target)
            return new FunctionResolution(null, [], target);
        var usable = candidates.FindAll(c => CanCoerceAll(c.Types, shape.ArgumentTypes, c.Arguments));
        var best = usable.Count switch
        {
            0 => throw ResolutionErrors.UndefinedFunction(shape),
            1 => usable[0],
            _ => SelectCandidate(usable, shape.ArgumentTypes) ?? throw ResolutionErrors.AmbiguousFunction(shape),
        };
        return ToResolution(best, shape);
    }

    /// <summary>As <see cref="ResolveFunction(FunctionCallShape)"/> for a plain positional call.</summary>
    public FunctionResolution ResolveFunction(string name, params ImmutableArray<SqlType> argumentTypes) => ResolveFunction(new FunctionCallShape(name, argumentTypes));

    /// <summary>Resolves an operator (left null = prefix). Errors as for functions, in the words for operators.</summary>
    public OperatorResolution ResolveOperator(string symbol, SqlType? left, SqlType right) =>
        TryResolveOperator(symbol, left, right, out var ambiguous) ??
        throw (ambiguous ? ResolutionErrors.AmbiguousOperator(symbol, left, right) : ResolutionErrors.UndefinedOperator(symbol, left, right));

    /// <summary>Null when no operator fits or several do.</summary>
    public OperatorResolution? TryResolveOperator(string symbol, SqlType? left, SqlType right) => TryResolveOperator(symbol, left, right, out _);

    OperatorResolution? TryResolveOperator(string symbol, SqlType? left, SqlType right, out bool ambiguous)
    {
        ambiguous = false;
        if (ExactOperator(symbol, left, right) is { } exact)
            return ToResolution(exact, left, right);
        var arity = left is null ? 1 : 2;
        ImmutableArray<SqlType> actual = left is null ? [right] : [left, right];
        var usable = new List<Candidate>();
        foreach (var entry in registry.Operators(symbol))
        {
            if ((entry.Left is null) != (left is null))
                continue;
            var candidate = new Candidate(entry.Function, entry.Function.ArgumentTypes, Identity(arity)) { Operator = entry };
            if (CanCoerceAll(candidate.Types, actual, candidate.Arguments))
                usable.Add(candidate);
        }

        var best = usable.Count switch { 0 => null, 1 => usable[0], _ => SelectCandidate(usable, actual) };
        ambiguous = best is null && usable.Count > 1;
        return best is null ? null : ToResolution(best.Operator!, left, right);
    }

    OperatorEntry? ExactOperator(string symbol, SqlType? left, SqlType right)
    {
        if (left is null)
            return registry.Operator(symbol, null, right);
        // An unknown literal takes the other side's type first (10.2, step 2a).
        var l = IsUnknown(left) ? right : left;
        var r = IsUnknown(right) ? left : right;
        return IsUnknown(l) ? null : registry.Operator(symbol, l, r);
    }

    OperatorResolution ToResolution(OperatorEntry entry, SqlType? left, SqlType right)
    {
        ImmutableArray<SqlType> actual = left is null ? [right] : [left, right];
        var unified = Unify(entry.Function.ArgumentTypes, actual, entry.Function.ReturnType);
        if (unified.Error is { } error)
            throw error;
        return new OperatorResolution(entry, new ResolvedCall(entry.Function, unified.Types, unified.Result!));
    }

    FunctionResolution ToResolution(Candidate candidate, FunctionCallShape shape)
    {
        var arguments = candidate.Arguments;
        var actual = ImmutableArray.CreateBuilder<SqlType>(arguments.Length);
        for (var i = 0; i < arguments.Length; i++)
            actual.Add(arguments[i] >= 0 ? shape.ArgumentTypes[arguments[i]] : candidate.Types[i]);
        var unified = Unify(candidate.Types, actual.MoveToImmutable(), candidate.Function.ReturnType);
        if (unified.Error is { } error)
            throw error;
        var call = new ResolvedCall(candidate.Function, unified.Types, unified.Result!) { VariadicArray = shape.Variadic };
        return new FunctionResolution(call, arguments, null);
    }

    /// <summary>name(x) where name is a type and no function: a cast (10.3, step 3).</summary>
    SqlType? CastByFunctionName(FunctionCallShape shape)
    {
        if (shape.ArgumentTypes.Length != 1 || shape.ArgumentNames.Length > 0 || shape.Variadic || shape.Schema is not (null or "pg_catalog"))
            return null;
        if (SignatureTypes.CastName(shape.Name) is not { } target)
            return null;
        var source = shape.ArgumentTypes[0];
        if (IsUnknown(source))
            return target;
        return FindCastPath(source, target, CastContext.Explicit)?.Kind switch
        {
            CastPathKind.Relabel or CastPathKind.Function => target,
            CastPathKind.ThroughText when source.Oid == PgOid.Record && target.Category == TypeCategory.String => null,
            CastPathKind.ThroughText => target,
            _ => null,
        };
    }

    static ImmutableArray<int> Identity(int length) => length switch
    {
        0 => [],
        1 => s_identity1,
        2 => s_identity2,
        3 => s_identity3,
        _ => [.. Enumerable.Range(0, length)],
    };

    static readonly ImmutableArray<int> s_identity1 = [0];
    static readonly ImmutableArray<int> s_identity2 = [0, 1];
    static readonly ImmutableArray<int> s_identity3 = [0, 1, 2];

    static bool IsUnknown(SqlType type) => type.Oid == PgOid.Unknown;
}
