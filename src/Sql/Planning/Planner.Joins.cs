using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Planning;

/// <summary>Join order and join methods.</summary>
internal sealed partial class Planner
{
    /// <summary>Up to this many relations all orders are compared; beyond it the cheapest next join is taken.</summary>
    private const int ExhaustiveRelations = 9;

    /// <summary>Up to this many relations both sides of a join may be joins themselves; beyond it one side is a single relation, which leaves n·2ⁿ pairs instead of 3ⁿ.</summary>
    private const int BushyRelations = 6;

    /// <summary>Most relations that are put in order together; a set of them is a word of bits.</summary>
    private const int MaxRelations = 48;

    /// <summary>Inner plans of index loops in the group of joins at hand, by the relation's bit and those of the conditions that lead into it: many orders share them.</summary>
    private Dictionary<(long Relation, long Conditions), PlanNode>? _innerPlans;

    private PlanNode PlanJoin(BoundJoin join, List<BoundExpression> filters, Wanted wanted)
    {
        if (join.Kind == BoundJoinKind.Inner && !join.Lateral)
            return PlanInnerJoins(join, filters);
        if (join.Lateral)
            return PlanLateral(join, filters);
        return PlanOuterJoin(join, filters, wanted);
    }

    /// <summary>Flattens a tree of inner joins and orders its leaves by cost.</summary>
    private PlanNode PlanInnerJoins(BoundJoin join, List<BoundExpression> filters)
    {
        var leaves = new List<BoundNode>();
        var conjuncts = new List<BoundExpression>(filters);
        Flatten(join, leaves, conjuncts);
        conjuncts = [.. conjuncts.SelectMany(FactorOr)];
        var later = conjuncts.Where(c => IsSemiJoinCandidate(c) || BoundWalker.IsVolatile(c)).ToList();
        conjuncts.RemoveAll(later.Contains);
        AddTransitiveEqualities(conjuncts);
        var outputs = leaves.Select(l => l.Output.ToHashSet()).ToList();
        var all = outputs.SelectMany(o => o).ToHashSet();
        var needs = conjuncts.Select(c => (Condition: c, Mask: Mask(c, outputs))).ToList();

        var local = leaves.Select((_, i) => needs.Where(n => n.Mask == 1L << i).Select(n => n.Condition).ToList()).ToList();
        var above = needs.Where(n => n.Mask == 0).Select(n => n.Condition).ToList();
        var joins = needs.Where(n => n.Mask != 0 && (n.Mask & (n.Mask - 1)) != 0).ToList();
        var relations = leaves.Select((leaf, i) => new Relation(1L << i, leaf, local[i], PlanNode(leaf, [.. local[i]], Wanted.Nothing))).ToList();
        var outerPlans = _innerPlans;
        _innerPlans = joins.Count <= 64 ? [] : null;
        var plan = relations.Count <= ExhaustiveRelations ? OrderExhaustively(relations, joins) : OrderGreedily(relations, joins);
        _innerPlans = outerPlans;
        return Filter(plan, [.. above, .. later]);
    }

    private sealed record Relation(long Mask, BoundNode? Leaf, List<BoundExpression> Local, PlanNode Plan);

    /// <summary>Takes joins apart from the top down until there are <see cref="MaxRelations"/> leaves: what is still a join then is planned by itself, as one relation.</summary>
    private static void Flatten(BoundJoin join, List<BoundNode> leaves, List<BoundExpression> conjuncts)
    {
        leaves.Add(join);
        for (var i = 0; i < leaves.Count && leaves.Count < MaxRelations;)
        {
            if (InnerJoin(leaves[i]) is not { } inner)
            {
                i++;
                continue;
            }

            if (leaves[i] is BoundFilter filter)
                BoundWalker.Conjuncts(filter.Condition, conjuncts);
            BoundWalker.Conjuncts(inner.Condition, conjuncts);
            leaves[i] = inner.Left;
            leaves.Insert(i + 1, inner.Right);
        }
    }

    private static BoundJoin? InnerJoin(BoundNode node) => node switch
    {
        BoundJoin { Kind: BoundJoinKind.Inner, Lateral: false } join => join,
        BoundFilter { Input: BoundJoin { Kind: BoundJoinKind.Inner, Lateral: false } join } => join,
        _ => null,
    };

    private static long Mask(BoundExpression expression, List<HashSet<BoundColumn>> outputs)
    {
        var columns = BoundWalker.Columns(expression);
        long mask = 0;
        for (var i = 0; i < outputs.Count; i++)
        {
            if (columns.Overlaps(outputs[i]))
                mask |= 1L << i;
        }

        return mask;
    }

    /// <summary>(a AND b) OR (a AND c) also says a: lets a common join condition be used.</summary>
    private static IEnumerable<BoundExpression> FactorOr(BoundExpression conjunct)
    {
        yield return conjunct;
        if (conjunct is not BoundOr or)
            yield break;
        var branches = or.Operands.Select(o =>
        {
            var parts = new List<BoundExpression>();
            BoundWalker.Conjuncts(o, parts);
            return parts;
        }).ToList();
        foreach (var candidate in branches[0].OfType<BoundCall>().Where(c => c.Operator?.Comparison == ComparisonKind.Equal))
        {
            if (branches.Skip(1).All(b => b.OfType<BoundCall>().Any(c => SameCall(c, candidate))))
                yield return candidate;
        }
    }

    private static bool SameCall(BoundCall a, BoundCall b) =>
        a.Operator == b.Operator && a.Arguments.Length == b.Arguments.Length && a.Arguments.Zip(b.Arguments).All(p =>
            (p.First is BoundColumnReference x && p.Second is BoundColumnReference y && x.Column == y.Column)
            || (p.First is BoundConstant c && p.Second is BoundConstant d && c.Type.Equals(d.Type) && !c.Value.IsNull && !d.Value.IsNull && c.Type.AreEqual(c.Value, d.Value)));

    /// <summary>a = b and a = constant gives b = constant.</summary>
    private static void AddTransitiveEqualities(List<BoundExpression> conjuncts)
    {
        var constants = new Dictionary<BoundColumn, BoundCall>();
        foreach (var conjunct in conjuncts)
        {
            if (conjunct is BoundCall { Operator.Comparison: ComparisonKind.Equal, Arguments: [BoundColumnReference column, BoundConstant or BoundParameter] } call)
                constants.TryAdd(column.Column, call);
        }

        foreach (var conjunct in conjuncts.ToList())
        {
            if (conjunct is not BoundCall { Operator: { Comparison: ComparisonKind.Equal } op, Arguments: [BoundColumnReference left, BoundColumnReference right] } || !op.Left!.Equals(op.Right))
                continue;
            Add(left.Column, right);
            Add(right.Column, left);

            void Add(BoundColumn known, BoundColumnReference target)
            {
                if (constants.TryGetValue(known, out var call) && !constants.ContainsKey(target.Column) && call.Operator == op)
                {
                    var derived = call with { Arguments = [target, call.Arguments[1]] };
                    constants.Add(target.Column, derived);
                    conjuncts.Add(derived);
                }
            }
        }
    }

    private PlanNode OrderExhaustively(List<Relation> relations, List<(BoundExpression Condition, long Mask)> conditions)
    {
        var best = new Dictionary<long, Relation>();
        foreach (var relation in relations)
            best[relation.Mask] = relation;
        var full = (1L << relations.Count) - 1;
        foreach (var subset in Enumerable.Range(1, (int)full).Select(i => (long)i).OrderBy(i => System.Numerics.BitOperations.PopCount((ulong)i)))
        {
            if (best.ContainsKey(subset))
                continue;
            for (var connected = 1; connected >= 0 && !best.ContainsKey(subset); connected--)
            {
                for (var left = (subset - 1) & subset; left > 0; left = (left - 1) & subset)
                {
                    var right = subset & ~left;
                    if (relations.Count > BushyRelations && !System.Numerics.BitOperations.IsPow2(left) && !System.Numerics.BitOperations.IsPow2(right))
                        continue;
                    if (!best.TryGetValue(left, out var a) || !best.TryGetValue(right, out var b))
                        continue;
                    if (connected == 1 && !conditions.Any(c => (c.Mask & left) != 0 && (c.Mask & right) != 0 && (c.Mask & ~subset) == 0))
                        continue;
                    var joined = Join(a, b, conditions);
                    if (!best.TryGetValue(subset, out var known) || joined.Plan.Cost < known.Plan.Cost)
                        best[subset] = joined;
                }
            }
        }

        return best[full].Plan;
    }

    private PlanNode OrderGreedily(List<Relation> relations, List<(BoundExpression Condition, long Mask)> conditions)
    {
        var open = relations.ToList();
        while (open.Count > 1)
        {
            Relation? best = null;
            (Relation Left, Relation Right) pair = (open[0], open[0]);
            foreach (var connected in new[] { true, false })
            {
                foreach (var a in open)
                {
                    foreach (var b in open.Where(o => o != a))
                    {
                        if (connected && !conditions.Any(c => (c.Mask & a.Mask) != 0 && (c.Mask & b.Mask) != 0 && (c.Mask & ~(a.Mask | b.Mask)) == 0))
                            continue;
                        var joined = Join(a, b, conditions);
                        if (best is null || joined.Plan.Rows < best.Plan.Rows || (joined.Plan.Rows == best.Plan.Rows && joined.Plan.Cost < best.Plan.Cost))
                        {
                            best = joined;
                            pair = (a, b);
                        }
                    }
                }

                if (best is not null)
                    break;
            }

            open.Remove(pair.Left);
            open.Remove(pair.Right);
            open.Add(best!);
        }

        return open[0].Plan;
    }

    private Relation Join(Relation left, Relation right, List<(BoundExpression Condition, long Mask)> conditions)
    {
        Preparation.Check();
        var mask = left.Mask | right.Mask;
        var applicable = new List<BoundExpression>();
        var numbers = 0L;
        for (var i = 0; i < conditions.Count; i++)
        {
            var (condition, needs) = conditions[i];
            if ((needs & left.Mask) == 0 || (needs & right.Mask) == 0 || (needs & ~mask) != 0)
                continue;
            applicable.Add(condition);
            numbers |= 1L << i;
        }

        return new Relation(mask, null, [], BestJoin(BoundJoinKind.Inner, left.Plan, right.Plan, right.Leaf, right.Local, applicable, (right.Mask, numbers)));
    }

    /// <summary>The cheapest of loop over an index, hash join, merge join and loop over a kept inner side.</summary>
    /// <param name="cacheKey">Under which the inner plan of an index loop may be kept; null outside a group of inner joins.</param>
    /// <param name="rightLeaf">The inner relation when it is a single one, so that it can be entered by an index with values of the outer row.</param>
    private PlanNode BestJoin(BoundJoinKind kind, PlanNode left, PlanNode right, BoundNode? rightLeaf, List<BoundExpression> rightLocal, List<BoundExpression> conditions,
        (long Relation, long Conditions)? cacheKey = null)
    {
        var selectivity = JoinSelectivity(conditions);
        var rows = JoinRows(kind, left.Rows, right.Rows, selectivity);
        var condition = BoundWalker.Conjunction(conditions);
        var candidates = new List<PlanNode>();
        if (kind is BoundJoinKind.Full or BoundJoinKind.Right)
            candidates.Add(new PlanNestedLoop(kind, left, right, condition) { Rows = rows, Cost = left.Cost + right.Cost + (left.Rows * right.Rows * 2 * Cost.Operator) });
        else
        {
            candidates.Add(new PlanNestedLoop(kind, left, right, condition)
            {
                Materialize = true,
                Rows = rows,
                StartupCost = left.StartupCost,
                Cost = left.Cost + right.Cost + (left.Rows * right.Rows * (Cost.Operator + conditions.Sum(Cost.Of))),
            });
            if (rightLeaf is not null && IndexLoop(kind, left, rightLeaf, rightLocal, conditions, rows, cacheKey) is { } loop)
                candidates.Add(loop);
        }

        var (keys, residual) = SplitKeys(left.Output.ToHashSet(), right.Output.ToHashSet(), conditions);
        if (keys.Length > 0)
        {
            candidates.Add(new PlanHashJoin(kind, left, right, keys, BoundWalker.Conjunction(residual))
            {
                Rows = rows,
                StartupCost = right.Cost + left.StartupCost + (right.Rows * 3 * Cost.Operator),
                Cost = left.Cost + right.Cost + (right.Rows * 4 * Cost.Operator) + (left.Rows * 3 * Cost.Operator) + (rows * Cost.Row),
            });
            if (MergeJoin(kind, left, right, keys, residual, rows) is { } merge)
                candidates.Add(merge);
        }

        return candidates.MinBy(c => c.Cost)!;
    }

    private PlanNestedLoop? IndexLoop(BoundJoinKind kind, PlanNode left, BoundNode leaf, List<BoundExpression> local, List<BoundExpression> conditions, double rows, (long Relation, long Conditions)? cacheKey)
    {
        if (leaf is not (BoundScan or BoundVirtualScan) && !(leaf is BoundProject or BoundFilter && Scan(leaf) is not null))
            return null;
        var cache = cacheKey is null ? null : _innerPlans;
        if (cache is null || !cache.TryGetValue(cacheKey!.Value, out var inner))
        {
            inner = PlanNode(leaf, [.. local, .. conditions], Wanted.Nothing);
            cache?.Add(cacheKey!.Value, inner);
        }

        if (!UsesOuter(inner, left.Output.ToHashSet()))
            return null;
        return new PlanNestedLoop(kind, left, inner, null)
        {
            Rows = rows,
            StartupCost = left.StartupCost,
            Cost = left.Cost + (left.Rows * inner.Cost),
        };
    }

    private static BoundNode? Scan(BoundNode node) => node switch
    {
        BoundScan or BoundVirtualScan => node,
        BoundProject project => Scan(project.Input),
        BoundFilter filter => Scan(filter.Input),
        _ => null,
    };

    /// <summary>Whether an inner plan enters an index with a value of the outer side.</summary>
    private static bool UsesOuter(PlanNode plan, HashSet<BoundColumn> outer) => plan switch
    {
        PlanProject project => UsesOuter(project.Input, outer),
        PlanFilter filter => UsesOuter(filter.Input, outer),
        PlanScan scan => scan.Condition.Equal.SelectMany(e => e).Concat(new[] { scan.Condition.Lower?.Value, scan.Condition.Upper?.Value }.OfType<BoundExpression>())
            .Any(e => BoundWalker.Columns(e).Overlaps(outer)),
        PlanVirtualScan { Key: { } key } => BoundWalker.Columns(key).Overlaps(outer),
        _ => false,
    };

    private static PlanMergeJoin? MergeJoin(BoundJoinKind kind, PlanNode left, PlanNode right,
        ImmutableArray<(BoundExpression Left, BoundExpression Right)> keys, List<BoundExpression> residual, double rows)
    {
        if (kind is BoundJoinKind.Full or BoundJoinKind.Right)
            return null;
        if (!Satisfies(left, [.. keys.Select(k => new BoundSortKey(k.Left, false, false))]) || !Satisfies(right, [.. keys.Select(k => new BoundSortKey(k.Right, false, false))]))
            return null;
        return new PlanMergeJoin(kind, left, right, keys, BoundWalker.Conjunction(residual))
        {
            Rows = rows,
            StartupCost = left.StartupCost + right.StartupCost,
            Cost = left.Cost + right.Cost + ((left.Rows + right.Rows) * 2 * Cost.Operator) + (rows * Cost.Row),
        };
    }

    /// <summary>Equalities between one side and the other, on one type whose hash and equality agree.</summary>
    private static (ImmutableArray<(BoundExpression Left, BoundExpression Right)> Keys, List<BoundExpression> Residual) SplitKeys(
        HashSet<BoundColumn> left, HashSet<BoundColumn> right, List<BoundExpression> conditions)
    {
        var keys = ImmutableArray.CreateBuilder<(BoundExpression, BoundExpression)>();
        var residual = new List<BoundExpression>();
        foreach (var condition in conditions)
        {
            if (condition is BoundCall { Operator: { Comparison: ComparisonKind.Equal } op, Arguments: [var a, var b] }
                && Hashable(a, b) && !BoundWalker.ContainsSubquery(condition))
            {
                var first = BoundWalker.Columns(a);
                var second = BoundWalker.Columns(b);
                if (first.Overlaps(left) && !first.Overlaps(right) && second.Overlaps(right) && !second.Overlaps(left))
                {
                    keys.Add((a, b));
                    continue;
                }

                if (first.Overlaps(right) && !first.Overlaps(left) && second.Overlaps(left) && !second.Overlaps(right))
                {
                    keys.Add((b, a));
                    continue;
                }
            }

            residual.Add(condition);
        }

        return (keys.ToImmutable(), residual);
    }

    private static bool Hashable(BoundExpression a, BoundExpression b) =>
        (a.Type.Equals(b.Type) && a.Type.IsOrdered) || (IsInt(a.Type) && IsInt(b.Type)) || (IsText(a.Type) && IsText(b.Type));

    private double JoinSelectivity(List<BoundExpression> conditions)
    {
        var selectivity = 1.0;
        foreach (var condition in conditions)
        {
            if (condition is BoundCall { Operator.Comparison: ComparisonKind.Equal, Arguments: [var a, var b] }
                && Cost.Strip(a) is BoundColumnReference left && Cost.Strip(b) is BoundColumnReference right)
                selectivity /= Math.Max(_cost.DistinctValues(left.Column), _cost.DistinctValues(right.Column));
            else
                selectivity *= _cost.Selectivity(condition);
        }

        return selectivity;
    }

    private static double JoinRows(BoundJoinKind kind, double left, double right, double selectivity)
    {
        var inner = left * right * selectivity;
        return Math.Max(1, kind switch
        {
            BoundJoinKind.Left => Math.Max(inner, left),
            BoundJoinKind.Right => Math.Max(inner, right),
            BoundJoinKind.Full => Math.Max(inner, left + right),
            BoundJoinKind.Semi => Math.Min(left, inner),
            BoundJoinKind.Anti => Math.Max(1, left - inner),
            _ => inner,
        });
    }

    private PlanNode PlanOuterJoin(BoundJoin join, List<BoundExpression> filters, Wanted wanted)
    {
        var left = join.Left.Output.ToHashSet();
        var right = join.Right.Output.ToHashSet();
        if (join.Kind is BoundJoinKind.Left or BoundJoinKind.Full or BoundJoinKind.Right && Strengthen(join, filters, left, right) is { } stronger && stronger.Kind != join.Kind)
            return PlanNode(stronger, filters, wanted);

        if (join.Kind == BoundJoinKind.Right)
            return PlanOuterJoin(new BoundJoin(BoundJoinKind.Left, join.Right, join.Left, join.Condition), filters, wanted);

        var conditions = new List<BoundExpression>();
        BoundWalker.Conjuncts(join.Condition, conditions);
        var toLeft = new List<BoundExpression>();
        var toRight = new List<BoundExpression>();
        var above = new List<BoundExpression>();
        foreach (var filter in filters)
        {
            var columns = BoundWalker.Columns(filter);
            if (join.Kind != BoundJoinKind.Full && !columns.Overlaps(right) && !BoundWalker.IsVolatile(filter))
                toLeft.Add(filter);
            else
                above.Add(filter);
        }

        foreach (var condition in conditions.ToList())
        {
            var columns = BoundWalker.Columns(condition);
            if (join.Kind is BoundJoinKind.Left or BoundJoinKind.Semi or BoundJoinKind.Anti && !columns.Overlaps(left) && columns.Overlaps(right) && !BoundWalker.IsVolatile(condition))
            {
                toRight.Add(condition);
                conditions.Remove(condition);
            }
        }

        var leftPlan = PlanNode(join.Left, toLeft, wanted);
        var rightPlan = PlanNode(join.Right, [.. toRight], Wanted.Nothing);
        var plan = BestJoin(join.Kind, leftPlan, rightPlan, join.Right, toRight, conditions);
        return Filter(plan, above);
    }

    /// <summary>A filter that no NULL-extended row can pass turns an outer join into a stricter one.</summary>
    private static BoundJoin? Strengthen(BoundJoin join, List<BoundExpression> filters, HashSet<BoundColumn> left, HashSet<BoundColumn> right)
    {
        var rejectsRight = filters.Any(f => RejectsNull(f, right));
        var rejectsLeft = filters.Any(f => RejectsNull(f, left));
        var kind = (join.Kind, rejectsLeft, rejectsRight) switch
        {
            (BoundJoinKind.Left, _, true) => BoundJoinKind.Inner,
            (BoundJoinKind.Right, true, _) => BoundJoinKind.Inner,
            (BoundJoinKind.Full, true, true) => BoundJoinKind.Inner,
            (BoundJoinKind.Full, true, false) => BoundJoinKind.Left,
            (BoundJoinKind.Full, false, true) => BoundJoinKind.Right,
            _ => join.Kind,
        };
        return kind == join.Kind ? null : new BoundJoin(kind, join.Left, join.Right, join.Condition);
    }

    private static bool RejectsNull(BoundExpression filter, HashSet<BoundColumn> columns) => filter switch
    {
        BoundCall { Operator: not null, Function.IsStrict: true } call => call.Arguments.Any(a => IsStrictOn(a, columns)),
        BoundIsNull { Negated: true } isNull => IsStrictOn(isNull.Operand, columns),
        BoundInList { Negated: false } list => IsStrictOn(list.Operand, columns),
        BoundColumnReference reference => columns.Contains(reference.Column),
        _ => false,
    };

    private static bool IsStrictOn(BoundExpression expression, HashSet<BoundColumn> columns) => expression switch
    {
        BoundColumnReference reference => columns.Contains(reference.Column),
        BoundCast cast => IsStrictOn(cast.Operand, columns),
        BoundCall { Function.IsStrict: true } call => call.Arguments.Any(a => IsStrictOn(a, columns)),
        _ => false,
    };

    /// <summary>
    /// A lateral join with a group of inner joins of which only some depend on the left side: those are joined to it first, and the others are then as free as in any inner join.
    /// Null when there is nothing to gain.
    /// </summary>
    private static BoundJoin? Loosen(BoundJoin join)
    {
        if (join.Kind != BoundJoinKind.Inner || join.Right is not BoundJoin { Kind: BoundJoinKind.Inner, Lateral: false })
            return null;
        var leaves = new List<BoundNode>();
        var conditions = new List<BoundExpression>();
        Flatten((BoundJoin)join.Right, leaves, conditions);
        BoundWalker.Conjuncts(join.Condition, conditions);
        var outer = join.Left.Output.ToHashSet();
        var dependent = leaves.Where(l => BoundInspection.FreeColumns(l).Overlaps(outer)).ToList();
        if (dependent.Count == leaves.Count)
            return null;
        var left = dependent.Aggregate(join.Left, (node, leaf) => new BoundJoin(BoundJoinKind.Inner, node, leaf, null, true));
        var others = leaves.Where(l => !dependent.Contains(l)).ToList();
        var right = others.Skip(1).Aggregate(others[0], (node, leaf) => new BoundJoin(BoundJoinKind.Inner, node, leaf, null));
        return new BoundJoin(BoundJoinKind.Inner, left, right, BoundWalker.Conjunction(conditions));
    }

    private PlanNode PlanLateral(BoundJoin join, List<BoundExpression> filters)
    {
        if (Loosen(join) is { } loose)
            return PlanInnerJoins(loose, filters);
        var right = join.Right.Output.ToHashSet();
        var toLeft = filters.Where(f => !BoundWalker.Columns(f).Overlaps(right) && !BoundWalker.IsVolatile(f)).ToList();
        var above = filters.Except(toLeft).ToList();
        var conditions = new List<BoundExpression>();
        BoundWalker.Conjuncts(join.Condition, conditions);
        // The right side runs once for each row of the left: conditions can go into it as if that row were constant.
        var toRight = join.Kind is BoundJoinKind.Inner or BoundJoinKind.Left ? conditions.Where(c => BoundWalker.Columns(c).Overlaps(right) && !BoundWalker.IsVolatile(c) && !BoundWalker.ContainsSubquery(c)).ToList() : [];
        conditions.RemoveAll(toRight.Contains);
        var left = PlanNode(join.Left, toLeft, Wanted.Nothing);
        var inner = PlanNode(join.Right, [.. toRight], Wanted.Nothing);
        var plan = new PlanNestedLoop(join.Kind, left, inner, BoundWalker.Conjunction(conditions))
        {
            Rows = Math.Max(1, left.Rows * inner.Rows),
            Cost = left.Cost + (left.Rows * inner.Cost),
        };
        return Filter(plan, above);
    }
}
