using Chitin.Core;

namespace Chitin.Sql.Binding;

/// <summary>Copies a bound tree with changes; parts that do not change are shared. Common tables are left alone.</summary>
internal abstract class BoundRewriter
{
    public virtual BoundExpression Rewrite(BoundExpression expression)
    {
        Preparation.Check();
        return expression switch
        {
            BoundConstant or BoundParameter or BoundColumnReference or BoundNextValue => expression,
            BoundCall e => Same(e.Arguments, out var a) ? e : e with { Arguments = a },
            BoundCast e => Same(e.Operand, out var o) ? e : e with { Operand = o },
            BoundArrayCast e => Same(e.Operand, out var o) ? e : e with { Operand = o },
            BoundApplyModifier e => Same(e.Operand, out var o) ? e : new BoundApplyModifier(o, e.Modifier, e.IsExplicit),
            BoundAnd e => Same(e.Operands, out var a) ? e : new BoundAnd(a),
            BoundOr e => Same(e.Operands, out var a) ? e : new BoundOr(a),
            BoundNot e => Same(e.Operand, out var o) ? e : new BoundNot(o),
            BoundIsNull e => Same(e.Operand, out var o) ? e : new BoundIsNull(o, e.Negated),
            BoundIsTruth e => Same(e.Operand, out var o) ? e : new BoundIsTruth(o, e.Test, e.Negated),
            BoundIsDistinct e => Same(e.Left, out var l) & Same(e.Right, out var r) ? e : new BoundIsDistinct(l, r, e.Negated),
            BoundInList e => Same(e.Operand, out var o) & Same(e.Items, out var i) ? e : new BoundInList(o, i, e.Equality, e.Negated),
            BoundQuantifiedArray e => Same(e.Left, out var l) & Same(e.Array, out var a) ? e : new BoundQuantifiedArray(l, a, e.Operator, e.All),
            BoundCase e => RewriteCase(e),
            BoundLet e => Same(e.Value, out var v) & Same(e.Body, out var b) ? e : new BoundLet(e.Variable, v, b),
            BoundCoalesce e => Same(e.Arguments, out var a) ? e : new BoundCoalesce(a, e.Type),
            BoundNullIf e => Same(e.Left, out var l) & Same(e.Right, out var r) ? e : new BoundNullIf(l, r, e.Equality, e.Type),
            BoundGreatestLeast e => Same(e.Arguments, out var a) ? e : new BoundGreatestLeast(e.Greatest, a, e.Type),
            BoundArray e => Same(e.Elements, out var a) ? e : new BoundArray(a, e.Type, e.IsMultidimensional),
            BoundRow e => Same(e.Elements, out var a) ? e : e with { Elements = a },
            BoundRowComparison e => Same(e.Left, out var l) & Same(e.Right, out var r) ? e : e with { Left = l, Right = r },
            BoundSubscript e => RewriteSubscript(e),
            BoundField e => Same(e.Operand, out var o) ? e : new BoundField(o, e.Index, e.Type),
            BoundWholeRow e => RewriteWholeRow(e),
            BoundSubquery e => RewriteSubquery(e),
            _ => throw new InvariantException($"unknown bound expression {expression.GetType().Name}"),
        };
    }

    public virtual BoundNode Rewrite(BoundNode node)
    {
        Preparation.Check();
        switch (node)
        {
            case BoundScan or BoundVirtualScan or BoundCommonTableScan:
                return node;
            case BoundValues n:
                var rows = Map(n.Rows, (row, self) => self.All(row), this, out var sameRows);
                return sameRows ? n : new BoundValues(rows, n.Columns);
            case BoundFilter n:
                return Same(n.Input, out var i1) & Same(n.Condition, out var condition) ? n : n with { Input = i1, Condition = condition };
            case BoundProject n:
                return RewriteProject(n);
            case BoundJoin n:
                return Same(n.Left, out var left) & Same(n.Right, out var right) & SameOrNull(n.Condition, out var on) ? n : new BoundJoin(n.Kind, left, right, on, n.Lateral);
            case BoundAggregate n:
                return RewriteAggregate(n);
            case BoundWindow n:
                return RewriteWindow(n);
            case BoundSort n:
                return Same(n.Input, out var i2) & SameKeys(n.Keys, out var keys) ? n : new BoundSort(i2, keys);
            case BoundLimit n:
                return Same(n.Input, out var i3) & SameOrNull(n.Limit, out var limit) & SameOrNull(n.Offset, out var offset) & SameKeys(n.TieKeys, out var ties)
                    ? n
                    : new BoundLimit(i3, limit, offset) { WithTies = n.WithTies, TieKeys = ties };
            case BoundDistinct n:
                return Same(n.Input, out var i4) & Same(n.On, out var distinct) ? n : new BoundDistinct(i4, distinct);
            case BoundSetOperation n:
                return Same(n.Left, out var first) & Same(n.Right, out var second) ? n : new BoundSetOperation(n.Operator, n.All, first, second, n.Columns);
            case BoundProjectSet n:
                return Same(n.Input, out var i5) & SameCalls(n.Calls, out var calls) ? n : new BoundProjectSet(i5, calls);
            case BoundFunctionScan n:
                return SameCalls(n.Calls, out var functions) ? n : new BoundFunctionScan(functions, n.Ordinality);
            case BoundRecursion n:
                return Same(n.Initial, out var initial) & Same(n.Term, out var term) ? n : n with { Initial = initial, Term = term };
            case BoundLockRows n:
                return Same(n.Input, out var i6) ? n : new BoundLockRows(i6, n.Targets);
            default:
                throw new InvariantException($"unknown bound node {node.GetType().Name}");
        }
    }

    BoundExpression RewriteCase(BoundCase e)
    {
        var whens = Map(e.Whens, static (w, self) => (self.Rewrite(w.Condition), self.Rewrite(w.Result)), this, out var same);
        return same & Same(e.Else, out var otherwise) ? e : new BoundCase(whens, otherwise, e.Type, e.TypeModifier);
    }

    BoundExpression RewriteSubscript(BoundSubscript e)
    {
        var subscripts = Map(e.Subscripts, static (s, self) => (self.OrNull(s.Lower), self.OrNull(s.Upper)), this, out var same);
        return Same(e.Operand, out var operand) & same ? e : new BoundSubscript(operand, subscripts, e.IsSlice, e.Type);
    }

    protected virtual BoundExpression RewriteWholeRow(BoundWholeRow row) => row;

    protected virtual BoundExpression RewriteSubquery(BoundSubquery e) =>
        Same(e.Query, out var query) & SameOrNull(e.Comparison, out var comparison) ? e : new BoundSubquery(e.Kind, query, comparison, e.Type, e.TypeModifier);

    BoundNode RewriteProject(BoundProject n)
    {
        var sameInput = Same(n.Input, out var input);
        var items = Map(n.Items, static (i, self) => (i.Column, self.Rewrite(i.Expression)), this, out var same);
        return sameInput & same ? n : new BoundProject(input, items);
    }

    BoundNode RewriteAggregate(BoundAggregate n)
    {
        var sameInput = Same(n.Input, out var input);
        var keys = Map(n.Keys, static (k, self) => (k.Column, self.Rewrite(k.Expression)), this, out var sameKeys);
        var calls = Map(n.Calls, static (c, self) => self.RewriteCall(c), this, out var sameCalls);
        return sameInput & sameKeys & sameCalls ? n : new BoundAggregate(input, keys, calls) { GroupingSets = n.GroupingSets, Groupings = n.Groupings };
    }

    public BoundAggregateCall RewriteCall(BoundAggregateCall call) =>
        Same(call.Arguments, out var arguments) & SameOrNull(call.Filter, out var filter) & SameKeys(call.OrderBy, out var order)
            ? call
            : call with { Arguments = arguments, Filter = filter, OrderBy = order };

    BoundNode RewriteWindow(BoundWindow n)
    {
        var sameInput = Same(n.Input, out var input);
        var calls = Map(n.Calls, static (c, self) => self.RewriteCall(c), this, out var sameCalls);
        return sameInput & Same(n.PartitionBy, out var partition) & SameKeys(n.OrderBy, out var order) & sameCalls ? n : new BoundWindow(input, partition, order, calls);
    }

    public BoundWindowCall RewriteCall(BoundWindowCall call)
    {
        var same = Same(call.Arguments, out var arguments) & SameOrNull(call.Filter, out var filter);
        var frame = call.Frame;
        var sameFrame = SameOrNull(frame.StartOffset, out var start) & SameOrNull(frame.EndOffset, out var end);
        return same & sameFrame ? call : call with { Arguments = arguments, Filter = filter, Frame = sameFrame ? frame : frame with { StartOffset = start, EndOffset = end } };
    }

    public BoundTableCall RewriteCall(BoundTableCall call) => Same(call.Arguments, out var arguments) ? call : call with { Arguments = arguments };

    public ImmutableArray<BoundExpression> All(ImmutableArray<BoundExpression> expressions) => Map(expressions, static (e, self) => self.Rewrite(e), this, out _);

    public ImmutableArray<BoundSortKey> All(ImmutableArray<BoundSortKey> keys) =>
        Map(keys, static (k, self) => self.Same(k.Expression, out var e) ? k : k with { Expression = e }, this, out _);

    public BoundExpression? OrNull(BoundExpression? expression) => expression is null ? null : Rewrite(expression);

    protected bool Same(BoundExpression before, out BoundExpression after) => ReferenceEquals(after = Rewrite(before), before);

    protected bool SameOrNull(BoundExpression? before, out BoundExpression? after) => ReferenceEquals(after = OrNull(before), before);

    protected bool Same(BoundNode before, out BoundNode after) => ReferenceEquals(after = Rewrite(before), before);

    protected bool Same(ImmutableArray<BoundExpression> before, out ImmutableArray<BoundExpression> after) => (after = All(before)) == before;

    bool SameKeys(ImmutableArray<BoundSortKey> before, out ImmutableArray<BoundSortKey> after) => (after = All(before)) == before;

    bool SameCalls(ImmutableArray<BoundTableCall> before, out ImmutableArray<BoundTableCall> after)
    {
        after = Map(before, static (c, self) => self.RewriteCall(c), this, out var same);
        return same;
    }

    /// <summary>Identity of all references in an item: records would compare their content.</summary>
    static bool Identical<T>(T left, T right) => (left, right) switch
    {
        (ValueTuple<BoundColumn, BoundExpression> l, ValueTuple<BoundColumn, BoundExpression> r) => ReferenceEquals(l.Item2, r.Item2),
        (ValueTuple<BoundExpression, BoundExpression> l, ValueTuple<BoundExpression, BoundExpression> r) => ReferenceEquals(l.Item1, r.Item1) && ReferenceEquals(l.Item2, r.Item2),
        (ImmutableArray<BoundExpression> l, ImmutableArray<BoundExpression> r) => l == r,
        _ => ReferenceEquals(left, right),
    };

    static ImmutableArray<T> Map<T>(ImmutableArray<T> before, Func<T, BoundRewriter, T> change, BoundRewriter self, out bool same)
    {
        ImmutableArray<T>.Builder? builder = null;
        for (var i = 0; i < before.Length; i++)
        {
            var item = change(before[i], self);
            if (builder is null && !Identical(item, before[i]))
            {
                builder = ImmutableArray.CreateBuilder<T>(before.Length);
                builder.AddRange(before, i);
            }

            builder?.Add(item);
        }

        same = builder is null;
        return builder?.MoveToImmutable() ?? before;
    }
}
