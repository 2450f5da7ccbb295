using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>
/// Collects the library at start. Functions are declared by a signature as the manual prints them:
/// <c>name|alias([variadic] [argname] type [= default], …) result [stable|volatile] [called]</c>, where the result may be <c>setof type</c> or
/// <c>setof (name type, …)</c> and <c>called</c> means called on NULL input (not strict).
/// </summary>
sealed partial class RegistryBuilder
{
    const uint FirstOwnOid = 9000;

    uint _nextOid = FirstOwnOid;

    internal Dictionary<string, List<FunctionEntry>> Functions { get; } = new(1600, StringComparer.Ordinal);

    internal Dictionary<uint, FunctionEntry> FunctionsByOid { get; } = new(2400);

    internal Dictionary<string, List<OperatorEntry>> Operators { get; } = new(64, StringComparer.Ordinal);

    internal Dictionary<(uint, uint), CastEntry> Casts { get; } = new(256);

    internal void Unary(string signature, UnaryBody body) => AddScalar(signature, unary: body);

    internal void Binary(string signature, BinaryBody body) => AddScalar(signature, binary: body);

    internal void Scalar(string signature, ScalarBody body) => AddScalar(signature, body: body);

    /// <summary>A function whose body depends on the actual argument types.</summary>
    internal void Typed(string signature, Func<ResolvedCall, ScalarBody> factory) => AddScalar(signature, factory: factory);

    internal void Table(string signature, TableFunctionBody body) => TypedTable(signature, _ => body);

    internal void TypedTable(string signature, Func<ResolvedCall, TableFunctionBody> factory)
    {
        var s = Signature.Parse(signature);
        foreach (var name in s.Names)
            Add(new TableFunction
            {
                Name = name, Schema = s.Schema, Oid = OidOf(s, name), ArgumentTypes = s.ArgumentTypes, ArgumentNames = s.ArgumentNames, Defaults = s.Defaults,
                IsVariadic = s.IsVariadic, ReturnType = s.ReturnType, IsStrict = s.IsStrict, Volatility = s.Volatility, Columns = s.Columns, BodyFactory = factory,
            });
    }

    internal void Aggregate(string signature, Func<ResolvedCall, AggregateState> create, int direct = -1, bool hypothetical = false, bool ignoresDistinct = false)
    {
        var s = Signature.Parse(signature);
        foreach (var name in s.Names)
            Add(new AggregateFunction
            {
                Name = name, Schema = s.Schema, Oid = OidOf(s, name), ArgumentTypes = s.ArgumentTypes, ArgumentNames = s.ArgumentNames, Defaults = s.Defaults,
                IsVariadic = s.IsVariadic, ReturnType = s.ReturnType, IsStrict = s.IsStrict, Volatility = s.Volatility, CreateState = create,
                DirectArguments = direct, IsHypothetical = hypothetical, IgnoresDistinct = ignoresDistinct,
            });
    }

    internal void Window(string signature, Func<ResolvedCall, WindowState> create)
    {
        var s = Signature.Parse(signature);
        foreach (var name in s.Names)
            Add(new WindowFunction
            {
                Name = name, Schema = s.Schema, Oid = OidOf(s, name), ArgumentTypes = s.ArgumentTypes, ArgumentNames = s.ArgumentNames, Defaults = s.Defaults,
                IsVariadic = s.IsVariadic, ReturnType = s.ReturnType, IsStrict = s.IsStrict, Volatility = s.Volatility, CreateState = create,
            });
    }

    /// <summary>An infix operator, declared as <c>left symbol right result</c>, and the function behind it, which gets PostgreSQL's name where there is one.</summary>
    internal void Operator(string declaration, BinaryBody body, ComparisonKind comparison = ComparisonKind.None, Volatility volatility = Volatility.Immutable)
    {
        var part = declaration.Split(' ');
        AddOperator(part[1], Signature.TypeOf(part[0]), Signature.TypeOf(part[2]), Signature.TypeOf(part[3]), null, body, null, comparison, volatility);
    }

    internal void TypedOperator(string declaration, Func<ResolvedCall, ScalarBody> factory, Volatility volatility = Volatility.Immutable, bool isStrict = true)
    {
        var part = declaration.Split(' ');
        AddOperator(part[1], Signature.TypeOf(part[0]), Signature.TypeOf(part[2]), Signature.TypeOf(part[3]), null, null, factory, ComparisonKind.None, volatility, isStrict);
    }

    /// <summary>A prefix operator, declared as <c>symbol operand result</c>.</summary>
    internal void Prefix(string declaration, UnaryBody body)
    {
        var part = declaration.Split(' ');
        AddOperator(part[0], null, Signature.TypeOf(part[1]), Signature.TypeOf(part[2]), body, null, null, ComparisonKind.None, Volatility.Immutable);
    }

    /// <summary>A cast, declared as <c>source target</c>. Where PostgreSQL has a function named like the target type for it, it is callable as that.</summary>
    internal void Cast(string declaration, CastContext context, UnaryBody? body, Volatility volatility = Volatility.Immutable)
    {
        var part = declaration.Split(' ');
        var source = Signature.TypeOf(part[0]);
        var target = Signature.TypeOf(part[1]);
        Casts.Add((source.Oid, target.Oid), new CastEntry { Source = source, Target = target, Context = context, Body = body, Volatility = volatility });
        if (body is null || FindFunction(target.Name, [source]) is not null || WellKnownOids.Function(target.Name, [source.Oid]) is not (var oid and not 0))
            return;
        Add(new ScalarFunction
        {
            Name = target.Name, Oid = oid, ArgumentTypes = [source], ReturnType = target, Unary = body, Volatility = volatility,
        });
    }

    void AddScalar(string signature, UnaryBody? unary = null, BinaryBody? binary = null, ScalarBody? body = null, Func<ResolvedCall, ScalarBody>? factory = null)
    {
        var s = Signature.Parse(signature);
        foreach (var name in s.Names)
            Add(new ScalarFunction
            {
                Name = name, Schema = s.Schema, Oid = OidOf(s, name), ArgumentTypes = s.ArgumentTypes, ArgumentNames = s.ArgumentNames, Defaults = s.Defaults,
                IsVariadic = s.IsVariadic, ReturnType = s.ReturnType, IsStrict = s.IsStrict, Volatility = s.Volatility,
                Unary = unary, Binary = binary, Body = body, BodyFactory = factory,
            });
    }

    void AddOperator(string symbol, SqlType? left, SqlType right, SqlType result, UnaryBody? unary, BinaryBody? binary, Func<ResolvedCall, ScalarBody>? factory,
        ComparisonKind comparison, Volatility volatility, bool isStrict = true)
    {
        var facts = WellKnownOids.Operator(symbol, left?.Oid ?? 0, right.Oid);
        ImmutableArray<SqlType> types = left is null ? [right] : [left, right];
        var name = facts?.Function ?? $"operator_{left?.Name ?? "prefix"}_{right.Name}_{_nextOid}";
        var function = FindFunction(name, types) as ScalarFunction;
        if (function is null)
        {
            function = new ScalarFunction
            {
                Name = name, Oid = OidOf(name, [.. types.Select(t => t.Oid)]), ArgumentTypes = types, ReturnType = result, Unary = unary, Binary = binary,
                BodyFactory = factory, Volatility = volatility, IsStrict = isStrict,
            };
            Add(function);
        }

        var entry = new OperatorEntry
        {
            Symbol = symbol, Oid = facts?.Oid ?? _nextOid++, Left = left, Right = right, Function = function, Commutator = facts?.Commutator, Negator = facts?.Negator,
            Comparison = comparison,
        };
        if (!Operators.TryGetValue(symbol, out var overloads))
            Operators.Add(symbol, overloads = []);
        overloads.Add(entry);
    }

    FunctionEntry? FindFunction(string name, ImmutableArray<SqlType> types)
    {
        if (Functions.TryGetValue(name, out var overloads))
            foreach (var overload in overloads)
                if (overload.ArgumentTypes.SequenceEqual(types))
                    return overload;
        return null;
    }

    void Add(FunctionEntry entry)
    {
        Invariant.Holds(FindFunction(entry.Name, entry.ArgumentTypes) is null, $"function {entry.Name} is declared once per argument list");
        if (!Functions.TryGetValue(entry.Name, out var overloads))
            Functions.Add(entry.Name, overloads = []);
        overloads.Add(entry);
        FunctionsByOid.Add(entry.Oid, entry);
    }

    uint OidOf(Signature signature, string name)
    {
        Span<uint> oids = stackalloc uint[signature.ArgumentTypes.Length];
        for (var i = 0; i < oids.Length; i++)
            oids[i] = signature.ArgumentTypes[i].Oid;
        return OidOf(name, oids);
    }

    uint OidOf(string name, ReadOnlySpan<uint> arguments) => WellKnownOids.Function(name, arguments) is var oid and not 0 ? oid : _nextOid++;
}
