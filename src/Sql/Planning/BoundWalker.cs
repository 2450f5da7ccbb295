using Chitin.Sql.Binding;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Planning;

/// <summary>Walks and rewrites bound trees.</summary>
internal static class BoundWalker
{
    /// <summary>The direct operands of an expression, subqueries' comparisons included.</summary>
    public static IEnumerable<BoundExpression> Operands(BoundExpression expression) => expression switch
    {
        BoundCall call => call.Arguments,
        BoundCast cast => [cast.Operand],
        BoundArrayCast cast => [cast.Operand],
        BoundApplyModifier modifier => [modifier.Operand],
        BoundAnd and => and.Operands,
        BoundOr or => or.Operands,
        BoundNot not => [not.Operand],
        BoundIsNull isNull => [isNull.Operand],
        BoundIsTruth isTruth => [isTruth.Operand],
        BoundIsDistinct distinct => [distinct.Left, distinct.Right],
        BoundInList list => [list.Operand, .. list.Items],
        BoundQuantifiedArray quantified => [quantified.Left, quantified.Array],
        BoundCase @case => [.. @case.Whens.SelectMany(w => new[] { w.Condition, w.Result }), @case.Else],
        BoundLet let => [let.Value, let.Body],
        BoundCoalesce coalesce => coalesce.Arguments,
        BoundNullIf nullIf => [nullIf.Left, nullIf.Right],
        BoundGreatestLeast greatest => greatest.Arguments,
        BoundArray array => array.Elements,
        BoundRow row => row.Elements,
        BoundRowComparison comparison => [.. comparison.Left, .. comparison.Right],
        BoundSubscript subscript => [subscript.Operand, .. subscript.Subscripts.SelectMany(s => new[] { s.Lower, s.Upper }).OfType<BoundExpression>()],
        BoundField field => [field.Operand],
        BoundSubquery { Comparison: { } comparison } => [comparison],
        _ => [],
    };

    /// <summary>The expressions that a node holds itself.</summary>
    public static IEnumerable<BoundExpression> Expressions(BoundNode node) => node switch
    {
        BoundValues values => values.Rows.SelectMany(r => r),
        BoundFilter filter => [filter.Condition],
        BoundProject project => project.Items.Select(i => i.Expression),
        BoundJoin { Condition: { } condition } => [condition],
        BoundAggregate aggregate => [.. aggregate.Keys.Select(k => k.Expression), .. aggregate.Calls.SelectMany(AggregateExpressions)],
        BoundWindow window => [.. window.PartitionBy, .. window.OrderBy.Select(k => k.Expression), .. window.Calls.SelectMany(WindowExpressions)],
        BoundSort sort => sort.Keys.Select(k => k.Expression),
        BoundLimit limit => [.. new[] { limit.Limit, limit.Offset }.OfType<BoundExpression>(), .. limit.TieKeys.Select(k => k.Expression)],
        BoundDistinct distinct => distinct.On,
        BoundProjectSet set => set.Calls.SelectMany(c => c.Arguments),
        BoundFunctionScan scan => scan.Calls.SelectMany(c => c.Arguments),
        _ => [],
    };

    public static IEnumerable<BoundNode> Inputs(BoundNode node) => node switch
    {
        BoundFilter filter => [filter.Input],
        BoundProject project => [project.Input],
        BoundJoin join => [join.Left, join.Right],
        BoundAggregate aggregate => [aggregate.Input],
        BoundWindow window => [window.Input],
        BoundSort sort => [sort.Input],
        BoundLimit limit => [limit.Input],
        BoundDistinct distinct => [distinct.Input],
        BoundSetOperation operation => [operation.Left, operation.Right],
        BoundProjectSet set => [set.Input],
        BoundRecursion recursion => [recursion.Initial, recursion.Term],
        BoundLockRows rows => [rows.Input],
        _ => [],
    };

    /// <summary>Every column that an expression mentions, in its subqueries too.</summary>
    public static void CollectColumns(BoundExpression expression, HashSet<BoundColumn> columns)
    {
        Preparation.Check();
        switch (expression)
        {
            case BoundColumnReference reference:
                columns.Add(reference.Column);
                break;
            case BoundWholeRow row:
                columns.UnionWith(row.Columns);
                break;
            case BoundSubquery subquery:
                CollectColumns(subquery.Query, columns);
                if (subquery.Kind != SubqueryKind.Exists)
                    columns.UnionWith(subquery.Query.Output);
                break;
        }

        foreach (var operand in Operands(expression))
            CollectColumns(operand, columns);
    }

    /// <summary>Every column that a tree mentions. Columns that are compared as whole rows (DISTINCT, set operations) count as mentioned.</summary>
    public static void CollectColumns(BoundNode node, HashSet<BoundColumn> columns)
    {
        Preparation.Check();
        switch (node)
        {
            case BoundSetOperation operation:
                columns.UnionWith(operation.Left.Output);
                columns.UnionWith(operation.Right.Output);
                break;
            case BoundRecursion recursion:
                columns.UnionWith(recursion.Initial.Output);
                columns.UnionWith(recursion.Term.Output);
                break;
            case BoundDistinct { On.Length: 0 } distinct:
                columns.UnionWith(distinct.Output);
                break;
        }

        foreach (var expression in Expressions(node))
            CollectColumns(expression, columns);
        foreach (var input in Inputs(node))
            CollectColumns(input, columns);
    }

    public static HashSet<BoundColumn> Columns(BoundExpression expression)
    {
        var columns = new HashSet<BoundColumn>();
        CollectColumns(expression, columns);
        return columns;
    }

    /// <summary>Columns that a tree makes itself, at any depth: references to others are outer references.</summary>
    public static void CollectProduced(BoundNode node, HashSet<BoundColumn> columns)
    {
        Preparation.Check();
        columns.UnionWith(node.Output);
        foreach (var input in Inputs(node))
            CollectProduced(input, columns);
        if (node is BoundAggregate aggregate)
            columns.UnionWith(aggregate.Keys.Select(k => k.Column));
        foreach (var expression in Expressions(node))
            CollectProduced(expression, columns);
    }

    private static void CollectProduced(BoundExpression expression, HashSet<BoundColumn> columns)
    {
        Preparation.Check();
        if (expression is BoundLet let)
            columns.Add(let.Variable);
        if (expression is BoundSubquery subquery)
            CollectProduced(subquery.Query, columns);
        foreach (var operand in Operands(expression))
            CollectProduced(operand, columns);
    }

    /// <summary>References to columns that the tree does not make: what makes it correlated.</summary>
    public static HashSet<BoundColumn> OuterColumns(BoundNode node)
    {
        var mentioned = new HashSet<BoundColumn>();
        CollectColumns(node, mentioned);
        var produced = new HashSet<BoundColumn>();
        CollectProduced(node, produced);
        mentioned.ExceptWith(produced);
        return mentioned;
    }

    public static bool Any(BoundExpression expression, Func<BoundExpression, bool> predicate)
    {
        Preparation.Check();
        return predicate(expression) || Operands(expression).Any(o => Any(o, predicate));
    }

    public static bool ContainsSubquery(BoundExpression expression) => Any(expression, e => e is BoundSubquery);

    /// <summary>Calls a volatile function, directly or in a subquery: not to be moved, repeated or cached.</summary>
    public static bool IsVolatile(BoundExpression expression) => Any(expression, e => e switch
    {
        BoundCall call => call.Function.Volatility == Volatility.Volatile,
        BoundNextValue => true,
        BoundSubquery subquery => IsVolatile(subquery.Query),
        _ => false,
    });

    public static bool IsVolatile(BoundNode node)
    {
        Preparation.Check();
        return (node is BoundFunctionScan scan && scan.Calls.Any(c => c.Call.Function.Volatility == Volatility.Volatile))
            || node is BoundCommonTableScan { IsWorkingTable: true }
            || Expressions(node).Any(IsVolatile)
            || Inputs(node).Any(IsVolatile);
    }

    /// <summary>Splits nested ANDs.</summary>
    public static void Conjuncts(BoundExpression? expression, List<BoundExpression> conjuncts)
    {
        switch (expression)
        {
            case null:
                break;
            case BoundAnd and:
                foreach (var operand in and.Operands)
                    Conjuncts(operand, conjuncts);
                break;
            case BoundConstant { Value.IsTrue: true }:
                break;
            default:
                conjuncts.Add(expression);
                break;
        }
    }

    public static BoundExpression? Conjunction(IReadOnlyCollection<BoundExpression> conjuncts) => conjuncts.Count switch
    {
        0 => null,
        1 => conjuncts.First(),
        _ => new BoundAnd([.. conjuncts]),
    };

    /// <summary>Replaces column references; null when the expression holds something that cannot be rewritten (a subquery that mentions one of the columns).</summary>
    public static BoundExpression? Substitute(BoundExpression expression, IReadOnlyDictionary<BoundColumn, BoundExpression> map)
    {
        Preparation.Check();
        switch (expression)
        {
            case BoundColumnReference reference:
                return map.TryGetValue(reference.Column, out var replacement) ? replacement : expression;
            case BoundConstant or BoundParameter or BoundNextValue:
                return expression;
            case BoundCall call:
                return Rewrite(call.Arguments, map) is { } arguments ? call with { Arguments = arguments } : null;
            case BoundCast cast:
                return Substitute(cast.Operand, map) is { } operand ? cast with { Operand = operand } : null;
            case BoundApplyModifier modifier:
                return Substitute(modifier.Operand, map) is { } inner ? modifier with { Operand = inner } : null;
            case BoundAnd and:
                return Rewrite(and.Operands, map) is { } ands ? new BoundAnd(ands) : null;
            case BoundOr or:
                return Rewrite(or.Operands, map) is { } ors ? new BoundOr(ors) : null;
            case BoundNot not:
                return Substitute(not.Operand, map) is { } negated ? new BoundNot(negated) : null;
            case BoundIsNull isNull:
                return Substitute(isNull.Operand, map) is { } tested ? isNull with { Operand = tested } : null;
            case BoundIsTruth isTruth:
                return Substitute(isTruth.Operand, map) is { } truth ? isTruth with { Operand = truth } : null;
            case BoundInList list when Substitute(list.Operand, map) is { } left && Rewrite(list.Items, map) is { } items:
                return list with { Operand = left, Items = items };
            case BoundCoalesce coalesce:
                return Rewrite(coalesce.Arguments, map) is { } choices ? coalesce with { Arguments = choices } : null;
            default:
                return Columns(expression).Any(map.ContainsKey) ? null : expression;
        }
    }

    private static ImmutableArray<BoundExpression>? Rewrite(ImmutableArray<BoundExpression> expressions, IReadOnlyDictionary<BoundColumn, BoundExpression> map)
    {
        var rewritten = ImmutableArray.CreateBuilder<BoundExpression>(expressions.Length);
        foreach (var expression in expressions)
        {
            if (Substitute(expression, map) is not { } replacement)
                return null;
            rewritten.Add(replacement);
        }

        return rewritten.MoveToImmutable();
    }

    private static IEnumerable<BoundExpression> AggregateExpressions(BoundAggregateCall call) =>
        [.. call.Arguments, .. call.OrderBy.Select(k => k.Expression), .. call.Filter is null ? [] : new[] { call.Filter }];

    private static IEnumerable<BoundExpression> WindowExpressions(BoundWindowCall call) =>
        [.. call.Arguments, .. new[] { call.Filter, call.Frame.StartOffset, call.Frame.EndOffset }.OfType<BoundExpression>()];
}
