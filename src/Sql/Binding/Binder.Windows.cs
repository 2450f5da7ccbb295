using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Window calls and window definitions (transformWindowFuncCall, transformWindowDefinitions).</summary>
public sealed partial class Binder
{
    BoundExpression BindWindowCall(FunctionCall call)
    {
        CheckWindowAllowed(call);
        var scope = _scope;
        var name = call.Name[^1];
        var firstWindow = _windowUses.Count;
        var saved = (scope.InWindow, scope.Conditional);
        (scope.InWindow, scope.Conditional) = (true, null);
        List<BoundExpression> arguments;
        BoundExpression? filter;
        try
        {
            arguments = BindArguments(call);
            filter = call.Filter is null ? null : BindCondition(call.Filter, ClauseKind.Filter, "FILTER");
        }
        finally
        {
            (scope.InWindow, scope.Conditional) = saved;
        }

        var resolved = ResolveFunction(call, arguments, static f => f is not AggregateFunction { DirectArguments: >= 0 });
        CheckWindowFunction(resolved, call, name, filter);
        if (_windowUses.Skip(firstWindow).Contains(scope))
            throw BindErrors.Windowing("window function calls cannot be nested", At(call));
        var (partition, order, frame) = BindWindow(call);
        var column = new BoundColumn(name, resolved.Call!.ReturnType);
        column = AddWindow(scope, new WindowUse(new BoundWindowCall(column, resolved.Call, resolved.Arguments, filter, frame), partition, order));
        _windowUses.Add(scope);
        _uses.Add(scope);
        var reference = new BoundColumnReference(column);
        _origins[reference] = (At(call), name);
        return reference;
    }

    /// <summary>An equal call over an equal window is computed once, so that ORDER BY and DISTINCT ON find the one of the select list.</summary>
    static BoundColumn AddWindow(Scope scope, WindowUse use)
    {
        foreach (var other in scope.Windows)
        {
            var (a, b) = (other.Call, use.Call);
            if (ReferenceEquals(a.Call.Function, b.Call.Function) && a.Call.VariadicArray == b.Call.VariadicArray && a.Arguments.SequenceEqual(b.Arguments, BoundEquality.Instance) &&
                BoundEquality.Instance.Equals(a.Filter, b.Filter) && SameFrame(a.Frame, b.Frame) && other.PartitionBy.SequenceEqual(use.PartitionBy, BoundEquality.Instance) &&
                SameKeys(other.OrderBy, use.OrderBy) && !b.Arguments.Any(BoundInspection.IsVolatile))
                return a.Column;
        }

        scope.Windows.Add(use);
        return use.Call.Column;
    }

    static bool SameFrame(BoundWindowFrame left, BoundWindowFrame right) =>
        left.Unit == right.Unit && left.Start == right.Start && left.End == right.End && left.Exclusion == right.Exclusion &&
        BoundEquality.Instance.Equals(left.StartOffset, right.StartOffset) && BoundEquality.Instance.Equals(left.EndOffset, right.EndOffset);

    void CheckWindowFunction(ResolvedFunction resolved, FunctionCall call, string name, BoundExpression? filter)
    {
        if (resolved.Call?.Function is not (WindowFunction or AggregateFunction))
            throw BindErrors.WrongObject($"OVER specified, but {name} is not a window function nor an aggregate function", At(call));
        if (!call.WithinGroup.IsEmpty)
            throw BindErrors.NotSupported($"OVER is not supported for ordered-set aggregate {name}", At(call));
        if (call.Distinct)
            throw BindErrors.NotSupported("DISTINCT is not implemented for window functions", At(call));
        if (!call.OrderBy.IsEmpty)
            throw BindErrors.NotSupported("aggregate ORDER BY is not implemented for window functions", At(call));
        if (filter is not null && resolved.Call.Function is WindowFunction)
            throw BindErrors.NotSupported("FILTER is not implemented for non-aggregate window functions", At(call));
    }

    (ImmutableArray<BoundExpression> Partition, ImmutableArray<BoundSortKey> Order, BoundWindowFrame Frame) BindWindow(FunctionCall call)
    {
        var specification = call.OverName is { } name ? NamedWindow(name, call) : Resolve(call.Over!, []);
        ImmutableArray<BoundExpression> partition =
        [
            .. specification.PartitionBy.Select(e =>
            {
                var bound = ToTyped(BindIn(ClauseKind.WindowPartition, e), At(e));
                RequireEquality(bound.Type, At(e));
                return bound;
            }),
        ];
        var order = BindSortKeys(specification.OrderBy, ClauseKind.WindowOrder);
        var frame = specification.Frame is { } f ? BindFrame(f, ref order, call) : BoundWindowFrame.Default;
        return (partition, order, frame);
    }

    WindowSpecification NamedWindow(string name, SyntaxNode at)
    {
        foreach (var (existing, window) in _scope.NamedWindows)
        {
            if (existing == name)
                return Resolve(window, [name]);
        }

        throw BindErrors.Error(SqlState.UndefinedObject, $"window \"{name}\" does not exist", At(at));
    }

    /// <summary>Puts the definition that a window builds on in its place; what it may override is fixed by SQL:2016 7.15.</summary>
    WindowSpecification Resolve(WindowSpecification window, HashSet<string> seen)
    {
        if (window.BaseName is not { } name)
            return window;
        if (!seen.Add(name))
            throw BindErrors.Error(SqlState.UndefinedObject, $"window \"{name}\" does not exist", At(window));
        WindowSpecification? found = null;
        foreach (var (existing, candidate) in _scope.NamedWindows)
        {
            if (existing == name)
                found = candidate;
        }

        if (found is null)
            throw BindErrors.Error(SqlState.UndefinedObject, $"window \"{name}\" does not exist", At(window));
        var basis = Resolve(found, seen);
        if (!window.PartitionBy.IsEmpty)
            throw BindErrors.Windowing($"cannot override PARTITION BY clause of window \"{name}\"", At(window));
        if (!window.OrderBy.IsEmpty && !basis.OrderBy.IsEmpty)
            throw BindErrors.Windowing($"cannot override ORDER BY clause of window \"{name}\"", At(window));
        if (basis.Frame is not null)
            throw BindErrors.Windowing($"cannot copy window \"{name}\" because it has a frame clause", At(window));
        return window with { BaseName = null, PartitionBy = basis.PartitionBy, OrderBy = window.OrderBy.IsEmpty ? basis.OrderBy : window.OrderBy };
    }

    BoundWindowFrame BindFrame(WindowFrame frame, ref ImmutableArray<BoundSortKey> order, SyntaxNode at)
    {
        CheckFrameBounds(frame, at);
        var hasOffset = frame.Start.Offset is not null || frame.End.Offset is not null;
        if (frame.Unit == FrameUnit.Range && hasOffset && order.Length != 1)
            throw BindErrors.Windowing("RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column", At(at));
        if (frame.Unit == FrameUnit.Groups && order.IsEmpty)
            throw BindErrors.Windowing("GROUPS mode requires an ORDER BY clause", At(at));
        if (frame.Unit != FrameUnit.Range || !hasOffset)
        {
            var name = frame.Unit == FrameUnit.Groups ? "GROUPS" : "ROWS";
            return new BoundWindowFrame(frame.Unit, frame.Start.Kind, BindFrameOffset(frame.Start.Offset, SqlTypes.Int8, name), frame.End.Kind,
                BindFrameOffset(frame.End.Offset, SqlTypes.Int8, name), frame.Exclusion);
        }

        var key = order[0].Expression;
        if (key.Type.Oid == PgOid.Date)
        {
            // date plus interval is a timestamp: the key is compared as one, which orders alike.
            key = TryCoerce(key, SqlTypes.Timestamp, CastContext.Implicit, 0)!;
            order = [order[0] with { Expression = key }];
        }

        var offsetType = key.Type.Category == TypeCategory.Numeric ? key.Type : SqlTypes.Interval;
        var add = _resolver.TryResolveOperator("+", key.Type, offsetType);
        var subtract = _resolver.TryResolveOperator("-", key.Type, offsetType);
        if (add is null || subtract is null || !add.Call.ReturnType.Equals(key.Type))
        {
            throw BindErrors.NotSupported(
                $"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {key.Type.DisplayName}", At(at));
        }

        return new BoundWindowFrame(frame.Unit, frame.Start.Kind, BindFrameOffset(frame.Start.Offset, offsetType, "RANGE"), frame.End.Kind,
            BindFrameOffset(frame.End.Offset, offsetType, "RANGE"), frame.Exclusion)
        {
            RangeAdd = add.Operator, RangeSubtract = subtract.Operator,
        };
    }

    BoundExpression? BindFrameOffset(SyntaxExpression? offset, SqlType type, string unit)
    {
        if (offset is null)
            return null;
        var bound = BindIn(ClauseKind.WindowFrame, offset);
        if (TryCoerce(bound, type, CastContext.Assignment, At(offset)) is not { } coerced)
            throw BindErrors.Mismatch($"argument of {unit} must be type {type.DisplayName}, not type {bound.Type.DisplayName}", At(offset));
        RefuseVariables(coerced, unit, offset);
        return coerced;
    }

    /// <summary>LIMIT and frame offsets are computed once: no column of this level may stand in them.</summary>
    void RefuseVariables(BoundExpression bound, string construct, SyntaxNode at)
    {
        var own = new HashSet<BoundColumn>();
        foreach (var item in _scope.Items)
        {
            foreach (var column in item.Columns)
                own.UnionWith(BoundInspection.FreeColumns(column.Value));
        }

        own.UnionWith(_scope.Aggregates.Select(a => a.Column));
        if (BoundInspection.FreeColumns(bound).Overlaps(own))
            throw BindErrors.InvalidReference($"argument of {construct} must not contain variables", At(at));
    }

    void CheckFrameBounds(WindowFrame frame, SyntaxNode at)
    {
        var message = (frame.Start.Kind, frame.End.Kind) switch
        {
            (FrameBoundKind.UnboundedFollowing, _) => "frame start cannot be UNBOUNDED FOLLOWING",
            (_, FrameBoundKind.UnboundedPreceding) => "frame end cannot be UNBOUNDED PRECEDING",
            (FrameBoundKind.CurrentRow, FrameBoundKind.Preceding) => "frame starting from current row cannot have preceding rows",
            (FrameBoundKind.Following, FrameBoundKind.Preceding or FrameBoundKind.CurrentRow) => "frame starting from following row cannot have preceding rows",
            _ => null,
        };
        if (message is not null)
            throw BindErrors.Windowing(message, At(at));
    }

    /// <summary>One node per distinct window, stacked; calls that share PARTITION BY and ORDER BY share a node.</summary>
    static BoundNode AddWindows(BoundNode input, IReadOnlyList<WindowUse> uses)
    {
        var done = new bool[uses.Count];
        for (var i = 0; i < uses.Count; i++)
        {
            if (done[i])
                continue;
            var calls = ImmutableArray.CreateBuilder<BoundWindowCall>();
            for (var j = i; j < uses.Count; j++)
            {
                if (done[j] || !uses[j].PartitionBy.SequenceEqual(uses[i].PartitionBy, BoundEquality.Instance) || !SameKeys(uses[j].OrderBy, uses[i].OrderBy))
                    continue;
                done[j] = true;
                calls.Add(uses[j].Call);
            }

            input = new BoundWindow(input, uses[i].PartitionBy, uses[i].OrderBy, calls.ToImmutable());
        }

        return input;
    }
}
