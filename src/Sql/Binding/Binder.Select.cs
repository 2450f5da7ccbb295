using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>SELECT (transformSelectStmt): clauses are bound in PostgreSQL's order, then put together bottom up.</summary>
public sealed partial class Binder
{
    BoundSelection BindSelect(SelectBody select, QueryExpression query, bool resolveUnknown)
    {
        var scope = _scope;
        CheckWindowNames(select);
        scope.NamedWindows = select.Windows;
        scope.Locking = query.Locking;
        var node = BindFrom(select.From);
        scope.AllowSetCalls = true;
        var targets = BindTargets(select.Items);
        if (select.Where is { } where)
        {
            var condition = BindCondition(where, ClauseKind.Where, "WHERE");
            if (condition is not BoundConstant { Value.IsTrue: true })
                node = new BoundFilter(node, condition);
        }

        var having = select.Having is null ? null : BindCondition(select.Having, ClauseKind.Having, "HAVING");
        var order = BindOrderBy(query.OrderBy, targets);
        var grouping = BindGroupBy(select, targets);
        var distinctOn = BindDistinctOn(select, targets, ref order);
        if (select.Distinct)
            CheckDistinct(targets, order);
        if (resolveUnknown || select.Distinct)
        {
            foreach (var target in targets.Items)
                target.Expression = ToTyped(target.Expression, target.Position);
        }

        CheckSelectLocking(select, query);
        node = AddGrouping(node, grouping, having, targets);
        node = AddWindows(node, scope.Windows);
        node = AddSetCalls(node, scope.SetCalls);
        return Assemble(node, targets, order, query, select.Distinct, distinctOn);
    }

    void CheckWindowNames(SelectBody select)
    {
        for (var i = 0; i < select.Windows.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (select.Windows[i].Name == select.Windows[j].Name)
                    throw BindErrors.Windowing($"window \"{select.Windows[i].Name}\" is already defined", At(select.Windows[i].Window));
            }
        }
    }

    void CheckSelectLocking(SelectBody select, QueryExpression query)
    {
        RefuseLocking(query, select.Distinct || !select.DistinctOn.IsEmpty, "DISTINCT clause");
        RefuseLocking(query, !select.GroupBy.IsEmpty, "GROUP BY clause");
        RefuseLocking(query, select.Having is not null, "HAVING clause");
        RefuseLocking(query, _scope.Aggregates.Count > 0, "aggregate functions");
        RefuseLocking(query, _scope.Windows.Count > 0, "window functions");
        RefuseLocking(query, _scope.SetCalls.Count > 0, "set-returning functions in the target list");
    }

    TargetList BindTargets(ImmutableArray<SelectItem> items, ClauseKind clause = ClauseKind.Select)
    {
        var scope = _scope;
        var saved = scope.Clause;
        scope.Clause = clause;
        var targets = new List<Target>(items.Length);
        foreach (var item in items)
        {
            switch (item.Expression)
            {
                case StarExpression star:
                    foreach (var (name, value) in ExpandStar(star))
                        targets.Add(new Target(name, value, At(star), null));
                    break;
                case FieldSelection { Name: null } fields:
                    foreach (var (name, value) in ExpandFields(fields))
                        targets.Add(new Target(name, value, At(fields), null));
                    break;
                default:
                    targets.Add(new Target(item.Alias ?? ColumnNames.Derive(item.Expression), BindExpression(item.Expression), At(item.Expression), item.Expression));
                    break;
            }
        }

        scope.Clause = saved;
        if (targets.Count > 1664)
            throw BindErrors.Error(SqlState.TooManyColumns, "target lists can have at most 1664 entries");
        return new TargetList(targets);
    }

    // ---- ORDER BY, DISTINCT

    List<TargetOrder> BindOrderBy(ImmutableArray<OrderItem> items, TargetList targets)
    {
        var order = new List<TargetOrder>(items.Length);
        foreach (var item in items)
        {
            var index = FindTarget(item.Expression, targets, ClauseKind.OrderBy);
            TypeTarget(targets, index);
            var key = MakeSortKey(targets.Items[index].Expression, item);
            // A second key on the same column orders nothing more.
            if (!order.Exists(o => o.Index == index))
                order.Add(new TargetOrder(index, key.Descending, key.NullsFirst));
        }

        return order;
    }

    void TypeTarget(TargetList targets, int index)
    {
        var target = targets.Items[index];
        target.Expression = ToTyped(target.Expression, target.Position);
    }

    /// <summary>SQL92's reading of ORDER BY and GROUP BY items: an output name, an ordinal, or an expression; the last is added when it is new (findTargetlistEntrySQL92).</summary>
    int FindTarget(SyntaxExpression expression, TargetList targets, ClauseKind clause)
    {
        if (FindTargetByName(expression, targets, clause) is { } index)
            return index;
        var bound = BindIn(clause, expression);
        var existing = targets.IndexOf(bound);
        return existing >= 0 ? existing : targets.AddJunk(bound, At(expression));
    }

    int? FindTargetByName(SyntaxExpression expression, TargetList targets, ClauseKind clause)
    {
        switch (expression)
        {
            case ColumnReference { Parts: [var name] }:
                // In GROUP BY a column of FROM goes before an output name.
                if (clause == ClauseKind.GroupBy && HasColumn(name))
                    return null;
                var found = -1;
                for (var i = 0; i < targets.Items.Count; i++)
                {
                    if (targets.Items[i].Junk || targets.Items[i].Name != name)
                        continue;
                    if (found >= 0 && !BoundEquality.Instance.Equals(targets.Items[found].Expression, targets.Items[i].Expression))
                        throw BindErrors.Error(SqlState.AmbiguousColumn, $"{ClauseName(clause)} \"{name}\" is ambiguous", At(expression));
                    if (found < 0)
                        found = i;
                }

                return found < 0 ? null : found;
            case LiteralExpression { Kind: LiteralKind.Integer } literal:
                if (!int.TryParse(literal.Text, out var ordinal) || ordinal < 1 || ordinal > targets.VisibleCount)
                    throw BindErrors.InvalidReference($"{ClauseName(clause)} position {literal.Text} is not in select list", At(expression));
                return ordinal - 1;
            case LiteralExpression:
                throw BindErrors.Syntax($"non-integer constant in {ClauseName(clause)}", At(expression));
            default:
                return null;
        }
    }

    bool HasColumn(string name) => _scope.Items.Exists(i => i.ColumnsVisible && i.Columns.Any(c => c.Name == name));

    ImmutableArray<int> BindDistinctOn(SelectBody select, TargetList targets, ref List<TargetOrder> order)
    {
        if (select.DistinctOn.IsEmpty)
            return [];
        var on = new List<int>();
        foreach (var expression in select.DistinctOn)
        {
            var index = FindTarget(expression, targets, ClauseKind.DistinctOn);
            TypeTarget(targets, index);
            RequireEquality(targets.Items[index].Expression.Type, At(expression));
            if (!on.Contains(index))
                on.Add(index);
        }

        // ORDER BY must begin with these expressions, in any order; what it leaves out is added.
        for (var i = 0; i < Math.Min(order.Count, on.Count); i++)
        {
            if (!on.Contains(order[i].Index))
                throw BindErrors.InvalidReference("SELECT DISTINCT ON expressions must match initial ORDER BY expressions", At(select.DistinctOn[0]));
        }

        foreach (var index in on)
        {
            if (!order.Exists(o => o.Index == index) && order.Count > 0)
                order.Add(new TargetOrder(index, false, false));
        }

        return [.. on];
    }

    void CheckDistinct(TargetList targets, List<TargetOrder> order)
    {
        foreach (var key in order)
        {
            if (targets.Items[key.Index].Junk)
                throw BindErrors.InvalidReference("for SELECT DISTINCT, ORDER BY expressions must appear in select list", targets.Items[key.Index].Position);
        }

        foreach (var target in targets.Items)
        {
            TypeTarget(targets, targets.Items.IndexOf(target));
            RequireEquality(target.Expression.Type, target.Position);
        }
    }

    // ---- Putting together

    /// <summary>Projection, DISTINCT, ORDER BY, locks and LIMIT over everything below the select list.</summary>
    BoundSelection Assemble(BoundNode node, TargetList targets, List<TargetOrder> order, QueryExpression query, bool distinct, ImmutableArray<int> distinctOn)
    {
        var input = node.Output.ToHashSet();
        var taken = new HashSet<BoundColumn>();
        var items = ImmutableArray.CreateBuilder<(BoundColumn Column, BoundExpression Expression)>(targets.Items.Count);
        foreach (var target in targets.Items)
            items.Add((OutputColumn(target, input, taken), target.Expression));
        node = IsIdentity(node, items) ? node : new BoundProject(node, items.ToImmutable());
        if (distinct)
            node = new BoundDistinct(node, []);
        ImmutableArray<BoundSortKey> keys = [.. order.Select(o => new BoundSortKey(new BoundColumnReference(items[o.Index].Column), o.Descending, o.NullsFirst))];
        if (!keys.IsEmpty)
            node = new BoundSort(node, keys);
        if (!distinctOn.IsEmpty)
            node = new BoundDistinct(node, [.. distinctOn.Select(i => new BoundColumnReference(items[i].Column))]);
        node = AddLocks(node, query.Locking);
        node = AddLimit(node, query, keys);
        if (targets.HasJunk)
        {
            node = new BoundProject(node,
            [
                .. targets.Items.Select((t, i) => (t, items[i].Column)).Where(p => !p.t.Junk).Select(p => (p.Column, (BoundExpression)new BoundColumnReference(p.Column))),
            ]);
        }

        return new BoundSelection(node, [.. targets.Items.Where(t => !t.Junk).Select(t => t.Name)]);
    }

    static bool IsIdentity(BoundNode node, ImmutableArray<(BoundColumn Column, BoundExpression Expression)>.Builder items)
    {
        var output = node.Output;
        if (output.Length != items.Count)
            return false;
        for (var i = 0; i < output.Length; i++)
        {
            if (items[i].Column != output[i])
                return false;
        }

        return output.Length > 0;
    }

    /// <summary>A plain column of the input keeps its identity, once; everything else is a new column.</summary>
    BoundColumn OutputColumn(Target target, HashSet<BoundColumn> input, HashSet<BoundColumn> taken)
    {
        if (target.Expression is BoundColumnReference { Column: var column })
        {
            if (input.Contains(column) && taken.Add(column))
                return column;
            var copy = new BoundColumn(target.Name, column.Type, column.TypeModifier)
            {
                SourceTable = column.SourceTable, SourceColumn = column.SourceColumn, Nullable = column.Nullable,
            };
            NoteShape(copy, target.Expression);
            return copy;
        }

        var made = new BoundColumn(target.Name, target.Expression.Type, target.Expression.TypeModifier);
        NoteShape(made, target.Expression);
        return made;
    }

    /// <summary>Set-returning functions run in layers: one whose arguments use another's rows stands above it.</summary>
    static BoundNode AddSetCalls(BoundNode node, IReadOnlyList<BoundTableCall> calls)
    {
        var rest = calls.ToList();
        while (rest.Count > 0)
        {
            var pending = rest.SelectMany(c => c.Columns).ToHashSet();
            var ready = rest.Where(c => !c.Arguments.Any(a => BoundInspection.FreeColumns(a).Overlaps(pending))).ToList();
            Invariant.Holds(ready.Count > 0, "set-returning calls do not depend on each other in a circle");
            node = new BoundProjectSet(node, [.. ready]);
            rest.RemoveAll(ready.Contains);
        }

        return node;
    }
}
