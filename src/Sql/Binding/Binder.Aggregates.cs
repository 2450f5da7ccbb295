using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Aggregate calls (parse_agg.c): which query level they belong to, and what may stand inside.</summary>
public sealed partial class Binder
{
    /// <summary>The level of each aggregate and window call bound so far, for the nesting rules.</summary>
    readonly List<Scope> _aggregateUses = [];

    readonly List<Scope> _windowUses = [];

    BoundExpression BindAggregate(FunctionCall call)
    {
        var scope = _scope;
        var (firstUse, firstAggregate, firstWindow) = (_uses.Count, _aggregateUses.Count, _windowUses.Count);
        var saved = (scope.InAggregate, scope.Conditional);
        (scope.InAggregate, scope.Conditional) = (true, null);
        List<BoundExpression> arguments;
        ImmutableArray<BoundSortKey> order;
        BoundExpression? filter;
        try
        {
            arguments = BindArguments(call);
            order = BindSortKeys(call.WithinGroup.IsEmpty ? call.OrderBy : call.WithinGroup, null);
            filter = call.Filter is null ? null : BindCondition(call.Filter, ClauseKind.Filter, "FILTER");
        }
        finally
        {
            (scope.InAggregate, scope.Conditional) = saved;
        }

        var resolved = ResolveAggregate(call, arguments, ref order);
        var owner = OwnerOf(firstUse);
        CheckAggregateAllowed(owner, call);
        if (_aggregateUses.Skip(firstAggregate).Contains(owner))
            throw BindErrors.Grouping("aggregate function calls cannot be nested", At(call));
        if (_windowUses.Skip(firstWindow).Contains(owner))
            throw BindErrors.Grouping("aggregate function calls cannot contain window function calls", At(call));
        var function = (AggregateFunction)resolved.Call!.Function;
        if (call.Distinct)
            order = CheckDistinctAggregate(resolved.Arguments, order, call);
        var bound = new BoundAggregateCall(new BoundColumn(function.Name, resolved.Call.ReturnType), resolved.Call, resolved.Arguments)
        {
            Distinct = call.Distinct && !function.IgnoresDistinct, Filter = filter, OrderBy = order,
        };
        var column = AddAggregate(owner, bound);
        _aggregateUses.Add(owner);
        _uses.Add(owner);
        var reference = new BoundColumnReference(column);
        _origins[reference] = (At(call), function.Name);
        return reference;
    }

    ResolvedFunction ResolveAggregate(FunctionCall call, List<BoundExpression> arguments, ref ImmutableArray<BoundSortKey> order)
    {
        var name = call.Name[^1];
        if (call.WithinGroup.IsEmpty)
        {
            if (call.Star && !_context.Resolver.Registry.Functions(name).Any(f => f is AggregateFunction { ArgumentTypes.IsEmpty: true }))
            {
                throw BindErrors.Error(SqlState.UndefinedFunction, $"function {name}() does not exist", At(call),
                    hint: "No function matches the given name and argument types. You might need to add explicit type casts.");
            }

            if (call.Distinct && arguments.Count == 0)
                throw BindErrors.WrongObject($"DISTINCT specified, but {name} has no arguments", At(call));
            if (name == "count" && !call.Star && arguments.Count == 0)
                throw BindErrors.WrongObject("count(*) must be used to call a parameterless aggregate function", At(call));
            var plain = ResolveFunction(call, arguments, static f => f is AggregateFunction { DirectArguments: < 0 });
            return plain;
        }

        if (call.Distinct)
            throw BindErrors.Syntax("cannot use DISTINCT with WITHIN GROUP", At(call));
        if (!_context.Resolver.Registry.Functions(name).Any(f => f is AggregateFunction { DirectArguments: >= 0 }))
            throw BindErrors.WrongObject($"{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP", At(call));
        if (!call.OrderBy.IsEmpty)
            throw BindErrors.Syntax("cannot use multiple ORDER BY clauses with WITHIN GROUP", At(call));
        if (call.Variadic)
            throw BindErrors.Syntax("cannot use VARIADIC with WITHIN GROUP", At(call));
        var direct = arguments.Count;
        if (_context.Resolver.Registry.Functions(name).Any(f => f is AggregateFunction { IsHypothetical: true }) && direct == order.Length)
        {
            // A hypothetical row is compared with the real ones: column by column in one type.
            for (var i = 0; i < direct; i++)
            {
                var at = call.Arguments[i].Value;
                var pair = Unify([order[i].Expression, arguments[i]], "WITHIN GROUP", At(at), _ => At(at), out _, out _);
                order = order.SetItem(i, order[i] with { Expression = pair[0] });
                arguments[i] = pair[1];
            }
        }

        var all = new List<BoundExpression>(arguments);
        all.AddRange(order.Select(k => k.Expression));
        var resolved = ResolveFunction(call, all, static f => f is AggregateFunction { DirectArguments: >= 0 });
        var coerced = resolved.Arguments;
        order = [.. order.Select((k, i) => k with { Expression = coerced[direct + i] })];
        if (((AggregateFunction)resolved.Call!.Function).IsHypothetical && direct != order.Length)
        {
            throw BindErrors.Error(SqlState.UndefinedFunction,
                $"function {name} does not exist: to use the hypothetical-set aggregate {name}, the number of hypothetical direct arguments (here {direct}) must match the number of ordering columns (here {order.Length})", At(call));
        }

        var directions = order.Select(k => new OrderDirection(k.Descending, k.NullsFirst));
        return resolved with { Call = resolved.Call with { Order = [.. directions] } };
    }

    /// <summary>Sort keys must be arguments, which an implicit cast for the call does not hide.</summary>
    ImmutableArray<BoundSortKey> CheckDistinctAggregate(ImmutableArray<BoundExpression> arguments, ImmutableArray<BoundSortKey> order, SyntaxNode at)
    {
        foreach (var argument in arguments)
            RequireEquality(argument.Type, At(at));
        return
        [
            .. order.Select(key =>
            {
                var argument = arguments.FirstOrDefault(a => BoundEquality.Instance.Equals(a, key.Expression) || BoundEquality.Instance.Equals(WithoutImplicitCast(a), key.Expression)) ??
                               throw BindErrors.InvalidReference("in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list", At(at));
                return key with { Expression = argument };
            }),
        ];
    }

    static BoundExpression WithoutImplicitCast(BoundExpression expression) => expression is BoundCast { Context: CastContext.Implicit } cast ? cast.Operand : expression;

    /// <summary>An equal call of the same level is computed once.</summary>
    static BoundColumn AddAggregate(Scope owner, BoundAggregateCall call)
    {
        foreach (var other in owner.Aggregates)
        {
            if (ReferenceEquals(other.Call.Function, call.Call.Function) && other.Distinct == call.Distinct && other.Arguments.SequenceEqual(call.Arguments, BoundEquality.Instance) &&
                BoundEquality.Instance.Equals(other.Filter, call.Filter) && other.Call.VariadicArray == call.Call.VariadicArray && SameKeys(other.OrderBy, call.OrderBy) &&
                !call.Arguments.Any(BoundInspection.IsVolatile))
                return other.Column;
        }

        owner.Aggregates.Add(call);
        return call.Column;
    }

    static bool SameKeys(ImmutableArray<BoundSortKey> left, ImmutableArray<BoundSortKey> right) =>
        left.Length == right.Length && left.Zip(right).All(p => p.First.Descending == p.Second.Descending && p.First.NullsFirst == p.Second.NullsFirst &&
                                                                BoundEquality.Instance.Equals(p.First.Expression, p.Second.Expression));

    /// <summary>The innermost level, seen from here, whose columns were used since: the level that an aggregate over them belongs to.</summary>
    Scope OwnerOf(int firstUse)
    {
        var used = new HashSet<Scope>(_uses.Skip(firstUse));
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (used.Contains(scope))
                return scope;
        }

        return _scope;
    }

    BoundExpression BindGrouping(FunctionCall call)
    {
        if (call.Arguments.Length > 31)
            throw BindErrors.Error(SqlState.TooManyArguments, "GROUPING must have fewer than 32 arguments", At(call));
        CheckAggregateAllowed(_scope, call);
        var arguments = BindArguments(call);
        var column = new BoundColumn("grouping", SqlTypes.Int4);
        _scope.Groupings.Add(new GroupingReference(column, [.. arguments], At(call)));
        return new BoundColumnReference(column);
    }

    /// <summary>ORDER BY items as plain expressions (no ordinals, no output names).</summary>
    ImmutableArray<BoundSortKey> BindSortKeys(ImmutableArray<OrderItem> items, ClauseKind? clause)
    {
        if (items.IsEmpty)
            return [];
        var keys = ImmutableArray.CreateBuilder<BoundSortKey>(items.Length);
        foreach (var item in items)
        {
            var bound = clause is { } kind ? BindIn(kind, item.Expression) : BindExpression(item.Expression);
            keys.Add(MakeSortKey(ToTyped(bound, At(item.Expression)), item));
        }

        return keys.MoveToImmutable();
    }

    BoundSortKey MakeSortKey(BoundExpression expression, OrderItem item)
    {
        RequireOrder(expression.Type, At(item.Expression));
        var descending = item.UsingOperator switch
        {
            null => item.Descending,
            "<" => false,
            ">" => true,
            _ => throw BindErrors.WrongObject($"operator {item.UsingOperator} is not a valid ordering operator", At(item.Expression), "Ordering operators must be \"<\" or \">\" members of btree operator families."),
        };
        return new BoundSortKey(expression, descending, item.NullsFirst ?? descending);
    }

    static void RequireOrder(SqlType type, int position)
    {
        if (!IsOrdered(type))
        {
            throw BindErrors.Error(SqlState.UndefinedFunction, $"could not identify an ordering operator for type {type.DisplayName}", position,
                hint: "Use an explicit ordering operator or modify the query.");
        }
    }

    static void RequireEquality(SqlType type, int position)
    {
        if (!IsOrdered(type))
            throw BindErrors.Error(SqlState.UndefinedFunction, $"could not identify an equality operator for type {type.DisplayName}", position);
    }

    static bool IsOrdered(SqlType type) => type.ElementType is { } element && type.IsArray ? IsOrdered(element) : type.IsOrdered;
}
