using Chitin.Sql.Binding;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Planning;

/// <summary>EXISTS, IN and their negations in WHERE become semi- and anti-joins where their meaning allows it.</summary>
internal sealed partial class Planner
{
    private static bool IsSemiJoinCandidate(BoundExpression filter) => filter switch
    {
        BoundSubquery { Kind: SubqueryKind.Exists or SubqueryKind.Any } => true,
        BoundNot { Operand: BoundSubquery { Kind: SubqueryKind.Exists or SubqueryKind.Any } } => true,
        _ => false,
    };

    private PlanNode? TryPlanSemiJoin(PlanNode left, BoundExpression filter)
    {
        var negated = filter is BoundNot;
        if ((negated ? ((BoundNot)filter).Operand : filter) is not BoundSubquery subquery || !IsSemiJoinCandidate(filter) || BoundWalker.IsVolatile(subquery.Query))
            return null;
        if (left.Rows <= 1 && left is PlanScan { IsPoint: true })
            return null;
        var conditions = new List<BoundExpression>();
        if (Decorrelate(subquery.Query, conditions) is not { } inner)
            return null;
        if (!conditions.TrueForAll(c => !BoundWalker.ContainsSubquery(c)))
            return null;
        if (subquery.Kind == SubqueryKind.Any)
        {
            if (negated)
                return PlanNotIn(left, subquery, inner, conditions);
            BoundWalker.Conjuncts(subquery.Comparison, conditions);
        }

        Use(inner, conditions);
        var right = PlanNode(inner, [], Wanted.Nothing);
        return BestJoin(negated ? BoundJoinKind.Anti : BoundJoinKind.Semi, left, right, inner, [], conditions);
    }

    /// <summary>NOT IN is not an anti-join when NULLs are about: the hash join counts them.</summary>
    private PlanHashJoin? PlanNotIn(PlanNode left, BoundSubquery subquery, BoundNode inner, List<BoundExpression> correlated)
    {
        if (correlated.Count > 0 || subquery.Comparison is not BoundCall { Operator.Comparison: ComparisonKind.Equal } comparison)
            return null;
        Use(inner, [comparison]);
        var right = PlanNode(inner, [], Wanted.Nothing);
        var (keys, residual) = SplitKeys(left.Output.ToHashSet(), right.Output.ToHashSet(), [comparison]);
        if (keys.Length != 1 || residual.Count > 0)
            return null;
        return new PlanHashJoin(BoundJoinKind.Anti, left, right, keys, null)
        {
            NullAware = true,
            Rows = Math.Max(1, left.Rows / 2),
            StartupCost = right.Cost,
            Cost = left.Cost + right.Cost + ((left.Rows + right.Rows) * 3 * Cost.Operator),
        };
    }

    private void Use(BoundNode inner, List<BoundExpression> conditions)
    {
        BoundWalker.CollectColumns(inner, _used);
        foreach (var condition in conditions)
            BoundWalker.CollectColumns(condition, _used);
    }

    /// <summary>
    /// Takes the conjuncts that mention outer columns out of a subquery's filters; null when something else is correlated. Below an aggregate, a limit or a distinct nothing can move.
    /// </summary>
    private static BoundNode? Decorrelate(BoundNode query, List<BoundExpression> conditions)
    {
        var outer = BoundWalker.OuterColumns(query);
        if (outer.Count == 0)
            return query;
        switch (query)
        {
            case BoundProject project when !project.Items.Any(i => BoundWalker.Columns(i.Expression).Overlaps(outer)):
                var below = Decorrelate(project.Input, conditions);
                if (below is null)
                    return null;
                // The moved conditions may read columns that the projection drops: they stay visible in the frame, so they are passed through.
                var extra = below.Output.Where(c => project.Items.All(i => i.Column != c)).Select(c => (c, (BoundExpression)new BoundColumnReference(c)));
                return new BoundProject(below, [.. project.Items, .. extra]);
            case BoundFilter filter:
                var parts = new List<BoundExpression>();
                BoundWalker.Conjuncts(filter.Condition, parts);
                var input = Decorrelate(filter.Input, conditions);
                if (input is null)
                    return null;
                var kept = new List<BoundExpression>();
                foreach (var part in parts)
                {
                    if (BoundWalker.Columns(part).Overlaps(outer))
                        conditions.Add(part);
                    else
                        kept.Add(part);
                }

                return BoundWalker.Conjunction(kept) is { } condition ? filter with { Input = input, Condition = condition } : input;
            case BoundSort sort:
                return Decorrelate(sort.Input, conditions);
            default:
                return null;
        }
    }
}
