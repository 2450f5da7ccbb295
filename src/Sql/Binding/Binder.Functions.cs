using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Function calls (parse_func.c): scalar and set-returning; aggregates and windows stand in files of their own.</summary>
public sealed partial class Binder
{
    /// <summary>A call whose overload is chosen; arguments are coerced and complete. Cast is set when the call is a cast.</summary>
    readonly record struct ResolvedFunction(ResolvedCall? Call, ImmutableArray<BoundExpression> Arguments, SqlType? Cast);

    BoundExpression BindFunctionCall(FunctionCall call)
    {
        var name = call.Name[^1];
        if (name == "grouping" && call.Name.Length == 1)
            return BindGrouping(call);
        var overloads = _context.Resolver.Registry.Functions(name);
        if (call.Over is null && call.OverName is null && overloads.Any(f => f is AggregateFunction) && (!call.WithinGroup.IsEmpty || !overloads.All(f => f is WindowFunction)))
        {
            if (overloads.Any(f => f is AggregateFunction { DirectArguments: < 0 }) || !call.WithinGroup.IsEmpty)
                return BindAggregate(call);
        }

        if (call.Over is not null || call.OverName is not null)
            return BindWindowCall(call);
        if (call.Star && overloads.Length == 0)
            throw BindErrors.Error(SqlState.UndefinedFunction, $"function {name}() does not exist", At(call), hint: "No function matches the given name and argument types. You might need to add explicit type casts.");
        if (call.Star)
            throw BindErrors.WrongObject($"{name}(*) specified, but {name} is not an aggregate function", At(call));
        var setCalls = _scope.SetCalls.Count;
        var resolved = ResolveFunction(call, BindArguments(call), null);
        if (resolved.Cast is { } target)
            return CastExplicitly(resolved.Arguments[0], target, -1, call, call.Arguments[0].Value);
        RefuseAggregateDecoration(call, name);
        return resolved.Call!.Function switch
        {
            ScalarFunction when resolved.Call.ReturnType is CompositeType composite => CheckComposite(MakeCall(resolved.Call, resolved.Arguments), composite),
            ScalarFunction => MakeCall(resolved.Call, resolved.Arguments),
            TableFunction function => CollectSetCall(function, resolved, call),
            WindowFunction => throw BindErrors.WrongObject($"window function {name} requires an OVER clause", At(call)),
            AggregateFunction { DirectArguments: >= 0 } => throw BindErrors.WrongObject($"WITHIN GROUP is required for ordered-set aggregate {name}", At(call)),
            _ => throw new InvariantException("aggregates are bound elsewhere"),
        };
    }

    void RefuseAggregateDecoration(FunctionCall call, string name)
    {
        if (call.Distinct)
            throw BindErrors.WrongObject($"DISTINCT specified, but {name} is not an aggregate function", At(call));
        if (!call.WithinGroup.IsEmpty)
            throw BindErrors.WrongObject($"WITHIN GROUP specified, but {name} is not an aggregate function", At(call));
        if (!call.OrderBy.IsEmpty)
            throw BindErrors.WrongObject($"ORDER BY specified, but {name} is not an aggregate function", At(call));
        if (call.Filter is not null)
            throw BindErrors.WrongObject($"FILTER specified, but {name} is not an aggregate function", At(call));
    }

    List<BoundExpression> BindArguments(FunctionCall call)
    {
        var arguments = new List<BoundExpression>(call.Arguments.Length);
        foreach (var argument in call.Arguments)
            arguments.Add(BindExpression(argument.Value));
        return arguments;
    }

    /// <summary>Chooses the overload for bound arguments, extra trailing ones (WITHIN GROUP) included, and coerces them.</summary>
    ResolvedFunction ResolveFunction(FunctionCall call, List<BoundExpression> arguments, Func<FunctionEntry, bool>? filter)
    {
        for (var i = 0; i < arguments.Count; i++)
            arguments[i] = Refresh(arguments[i]);
        var named = call.Arguments.Any(a => a.Name is not null);
        var shape = new FunctionCallShape(call.Name[^1], [.. arguments.Select(a => a.Type)])
        {
            Schema = call.Name.Length > 1 ? call.Name[^2] : null,
            ArgumentNames = named ? [.. call.Arguments.Select(a => a.Name)] : [],
            Variadic = call.Variadic,
            Filter = filter,
        };
        FunctionResolution resolution;
        try
        {
            resolution = _resolver.ResolveFunction(shape);
        }
        catch (SqlException e) when (e.Position == 0)
        {
            throw e.At(At(call));
        }

        if (resolution.CastTarget is { } target)
            return new ResolvedFunction(null, [arguments[0]], target);
        return Complete(resolution, arguments, i => i < call.Arguments.Length ? At(call.Arguments[i].Value) : At(call));
    }

    ResolvedFunction Complete(FunctionResolution resolution, List<BoundExpression> arguments, Func<int, int> positionOf)
    {
        var call = resolution.Call!;
        var types = call.ArgumentTypes;
        var complete = ImmutableArray.CreateBuilder<BoundExpression>(types.Length);
        var changed = false;
        for (var i = 0; i < types.Length; i++)
        {
            var index = resolution.Arguments[i];
            if (index < 0)
            {
                complete.Add(new BoundConstant(call.Function.Defaults[-1 - index], types[i]));
                continue;
            }

            var argument = CoerceArgument(arguments[index], types[i], positionOf(index));
            changed |= !argument.Type.Equals(types[i]);
            complete.Add(argument);
        }

        var final = complete.MoveToImmutable();
        // "any" leaves untyped literals open: they became text.
        return new ResolvedFunction(changed ? call with { ArgumentTypes = [.. final.Select(a => a.Type)] } : call, final, null);
    }

    /// <summary>Calls a built-in function by name, as a syntax form stands for it.</summary>
    BoundExpression CallFunction(string name, List<BoundExpression> arguments, SyntaxNode at)
    {
        for (var i = 0; i < arguments.Count; i++)
            arguments[i] = Refresh(arguments[i]);
        var resolution = _resolver.ResolveFunction(new FunctionCallShape(name, [.. arguments.Select(a => a.Type)]));
        var resolved = Complete(resolution, arguments, _ => At(at));
        return MakeCall(resolved.Call!, resolved.Arguments);
    }

    /// <summary>A set-returning function in a select list: its rows come from a node below, here stands a reference to them.</summary>
    BoundExpression CollectSetCall(TableFunction function, ResolvedFunction resolved, FunctionCall call)
    {
        CheckSetReturningAllowed(call);
        if (_scope.InAggregate)
            throw BindErrors.NotSupported("aggregate function calls cannot contain set-returning function calls", At(call));
        if (_scope.InWindow)
            throw BindErrors.NotSupported("window function calls cannot contain set-returning function calls", At(call));
        var columns = AddSetCall(function, resolved, call.Name[^1]);
        _uses.Add(_scope);
        return function.Columns.Length > 1
            ? new BoundWholeRow(columns, [.. columns.Select(c => c.Name)])
            : new BoundColumnReference(columns[0]);
    }

    /// <summary>Equal calls run in step and give equal rows: one is enough, and ORDER BY finds that of the select list.</summary>
    ImmutableArray<BoundColumn> AddSetCall(TableFunction function, ResolvedFunction resolved, string name)
    {
        if (function.Volatility != Volatility.Volatile)
        {
            foreach (var other in _scope.SetCalls)
            {
                if (ReferenceEquals(other.Call.Function, function) && other.Call.VariadicArray == resolved.Call!.VariadicArray &&
                    other.Arguments.SequenceEqual(resolved.Arguments, BoundEquality.Instance) && !other.Arguments.Any(BoundInspection.IsVolatile))
                    return other.Columns;
            }
        }

        var columns = TableFunctionColumns(function, resolved.Call!, name);
        _scope.SetCalls.Add(new BoundTableCall(resolved.Call!, resolved.Arguments, columns));
        return columns;
    }

    static ImmutableArray<BoundColumn> TableFunctionColumns(TableFunction function, ResolvedCall call, string name) => function.Columns.IsEmpty
        ? [new BoundColumn(name, call.ReturnType)]
        : [.. function.Columns.Select(c => new BoundColumn(c.Name, function.Columns.Length == 1 ? call.ReturnType : ActualType(c.Type, call)))];

    /// <summary>A polymorphic OUT column takes the type that the arguments decided.</summary>
    static SqlType ActualType(SqlType declared, ResolvedCall call)
    {
        if (declared.Oid is not (PgOid.AnyElement or PgOid.AnyNonArray or PgOid.AnyArray or PgOid.AnyEnum))
            return declared;
        for (var i = 0; i < call.Function.ArgumentTypes.Length && i < call.ArgumentTypes.Length; i++)
        {
            if (call.Function.ArgumentTypes[i].Oid == declared.Oid)
                return call.ArgumentTypes[i];
            if (call.Function.ArgumentTypes[i].Oid == PgOid.AnyArray && call.ArgumentTypes[i].ElementType is { } element)
                return element;
        }

        return declared;
    }

    // ---- Functions in FROM

    (BoundNode, RangeItem) BindFunctionTable(FunctionTable reference)
    {
        var calls = new List<BoundTableCall>();
        var names = new List<string>();
        BoundExpression? scalar = null;
        var scope = _scope;
        var saved = (scope.LateralActive, scope.Clause);
        scope.LateralActive = true;
        scope.Clause = ClauseKind.FromFunction;
        try
        {
            foreach (var function in reference.Functions.SelectMany(SpreadUnnest))
                calls.Add(BindTableCall(function, reference, names, out scalar));
        }
        finally
        {
            (scope.LateralActive, scope.Clause) = saved;
        }

        var single = calls.Count == 1;
        var defaultName = reference.Functions.Length == 1 ? ColumnNames.Derive(reference.Functions[0]) : "unnamed_function";
        var alias = reference.Alias ?? defaultName;
        var isScalar = single && calls[0].Columns.Length == 1 && reference.ColumnDefinitions.IsEmpty && calls[0].Call.ReturnType is not CompositeType;
        if (isScalar && reference.Alias is not null && !HasOwnColumnName(calls[0]))
            names[0] = reference.Alias;
        BoundColumn? ordinality = null;
        if (reference.WithOrdinality)
        {
            ordinality = new BoundColumn("ordinality", SqlTypes.Int8);
            names.Add("ordinality");
        }

        BoundNode node = scalar is not null && single && ordinality is null
            ? new BoundProject(BoundValues.SingleRow, [(calls[0].Columns[0], scalar)])
            : new BoundFunctionScan([.. calls], ordinality);
        var columns = Rename([.. node.Output.Select((c, i) => new ScopeColumn(names[i], new BoundColumnReference(c)))], reference.ColumnAliases, alias, reference);
        return (node, new RangeItem
        {
            Name = alias, HasAlias = true, Columns = columns, IsScalarFunction = isScalar && !reference.WithOrdinality, NotLockable = "a function",
        });
    }

    /// <summary>unnest(a, b) in FROM is ROWS FROM (unnest(a), unnest(b)).</summary>
    static IEnumerable<SyntaxExpression> SpreadUnnest(SyntaxExpression function) =>
        function is FunctionCall { Name: [.., "unnest"], Arguments.Length: > 1, Variadic: false } call ? call.Arguments.Select(a => call with { Arguments = [a] }) : [function];

    static bool HasOwnColumnName(BoundTableCall call) => call.Call.Function is TableFunction { Columns.Length: 1 };

    BoundTableCall BindTableCall(SyntaxExpression expression, FunctionTable reference, List<string> names, out BoundExpression? scalar)
    {
        scalar = null;
        if (expression is FunctionCall { Over: null, OverName: null, Star: false } call && !_context.Resolver.Registry.Functions(call.Name[^1]).Any(f => f is AggregateFunction { DirectArguments: < 0 }))
        {
            var resolved = ResolveFunction(call, BindArguments(call), null);
            if (resolved.Call?.Function is TableFunction function)
            {
                RefuseAggregateDecoration(call, call.Name[^1]);
                if (resolved.Call.ReturnType is CompositeType row && function.Columns.IsEmpty && reference.ColumnDefinitions.IsEmpty)
                {
                    names.AddRange(row.Attributes.Select(a => a.Name));
                    return new BoundTableCall(Spread(function, resolved.Call, row), resolved.Arguments, [.. row.Attributes.Select(a => new BoundColumn(a.Name, a.Type, a.TypeModifier))]);
                }

                var columns = reference.ColumnDefinitions.IsEmpty
                    ? TableFunctionColumns(function, resolved.Call, call.Name[^1])
                    : DefinedColumns(function, reference, resolved.Call);
                if (reference.ColumnDefinitions.IsEmpty && function.Columns.IsEmpty && resolved.Call.ReturnType.Oid == PgOid.Record)
                    throw BindErrors.Syntax("a column definition list is required for functions returning \"record\"", At(call));
                names.AddRange(columns.Select(c => c.Name));
                var tableCall = reference.ColumnDefinitions.IsEmpty
                    ? resolved.Call
                    : resolved.Call with { DefinedColumns = [.. columns.Select(c => (c.Name, c.Type, c.TypeModifier))] };
                return new BoundTableCall(tableCall, resolved.Arguments, columns);
            }

            if (resolved.Call is { Function: ScalarFunction, ReturnType.Oid: PgOid.Record } && !reference.ColumnDefinitions.IsEmpty)
            {
                var defined = DefinedColumns(null, reference, resolved.Call);
                names.AddRange(defined.Select(c => c.Name));
                var definedCall = resolved.Call with { DefinedColumns = [.. defined.Select(c => (c.Name, c.Type, c.TypeModifier))] };
                return new BoundTableCall(RecordRow(resolved.Call.ReturnType), [MakeCall(definedCall, resolved.Arguments)], defined);
            }
        }

        var value = ToTyped(BindExpression(expression), At(expression));
        if (!reference.ColumnDefinitions.IsEmpty)
            throw BindErrors.Syntax("a column definition list is only allowed for functions returning \"record\"", At(reference));
        scalar = value;
        if (value is BoundRow or BoundWholeRow || value.Type is CompositeType)
        {
            var fields = FieldsOf(value);
            scalar = null;
            names.AddRange(fields.Select(f => f.Name));
            return new BoundTableCall(RecordRow(value.Type), [value], [.. fields.Select(f => new BoundColumn(f.Name, f.Type))]);
        }

        var column = new BoundColumn(ColumnNames.Derive(expression), value.Type, value.TypeModifier);
        names.Add(column.Name);
        return new BoundTableCall(ScalarRow(value.Type), [value], [column]);
    }

    /// <summary>A function whose rows are values of a composite type, in FROM: their fields are its columns; NULL is a row of NULLs.</summary>
    static ResolvedCall Spread(TableFunction function, ResolvedCall call, CompositeType type) => call with
    {
        Function = new TableFunction
        {
            Name = function.Name, Oid = function.Oid, ArgumentTypes = function.ArgumentTypes, ReturnType = SqlTypes.Record, IsStrict = function.IsStrict, Volatility = function.Volatility,
            BodyFactory = _ =>
            {
                var body = function.BodyFactory(call);
                return (arguments, context) => body(arguments, context).Select(r => r[0].IsNull ? new Datum[type.Attributes.Length] : r[0].As<SqlRecord>().Fields);
            },
        },
    };

    /// <summary>f(…) AS t(a int, b text) for functions that return record.</summary>
    ImmutableArray<BoundColumn> DefinedColumns(TableFunction? function, FunctionTable reference, ResolvedCall call)
    {
        if (call.ReturnType.Oid != PgOid.Record || function is { Columns.IsEmpty: false })
        {
            throw BindErrors.Syntax(function is { Columns.IsEmpty: false }
                ? "a column definition list is redundant for a function with OUT parameters"
                : "a column definition list is only allowed for functions returning \"record\"", At(reference));
        }

        var columns = ImmutableArray.CreateBuilder<BoundColumn>(reference.ColumnDefinitions.Length);
        foreach (var definition in reference.ColumnDefinitions)
        {
            var (type, modifier) = ResolveType(definition.Type);
            columns.Add(new BoundColumn(definition.Name, type, modifier));
        }

        return columns.MoveToImmutable();
    }

    /// <summary>A scalar as a function of one row, for ROWS FROM and WITH ORDINALITY.</summary>
    static ResolvedCall ScalarRow(SqlType type) => new(s_scalarRow, [type], type);

    static ResolvedCall RecordRow(SqlType type) => new(s_recordRow, [type], type);

    static readonly TableFunction s_scalarRow = new()
    {
        Name = "scalar", Oid = 0, ArgumentTypes = [SqlTypes.Any], ReturnType = SqlTypes.Any, IsStrict = false,
        BodyFactory = static _ => static (arguments, _) => [[arguments[0]]],
    };

    static readonly TableFunction s_recordRow = new()
    {
        Name = "record", Oid = 0, ArgumentTypes = [SqlTypes.Record], ReturnType = SqlTypes.Record, IsStrict = false,
        BodyFactory = static call => (arguments, _) => !arguments[0].IsNull ? [arguments[0].As<SqlRecord>().Fields] : call.ArgumentTypes[0] is CompositeType type ? [new Datum[type.Attributes.Length]] : [],
    };
}
