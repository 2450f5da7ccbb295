using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>JOIN with ON, USING and NATURAL (transformFromClauseItem).</summary>
public sealed partial class Binder
{
    FromResult BindJoin(JoinTable join)
    {
        var scope = _scope;
        var savedNull = _nullExtended;
        _nullExtended = savedNull || join.Kind is JoinKind.Right or JoinKind.Full;
        var left = BindTableReference(join.Left);
        _nullExtended = savedNull || join.Kind is JoinKind.Left or JoinKind.Full;
        var right = BindJoinRight(join, left, out var laterals);
        _nullExtended = savedNull;
        CheckConflicts(left.Items, right.Items, join);
        if (join.UsingAlias is { } usingAlias && left.Items.Concat(right.Items).Any(i => i.RelationVisible && i.Name == usingAlias))
            throw BindErrors.DuplicateAlias(usingAlias, At(join));
        foreach (var item in left.Items)
            (item.LateralOnly, item.LateralAllowed) = (false, true);

        var names = join.Natural ? NaturalColumns(left.Main, right.Main) : join.Using;
        BoundExpression? condition = null;
        ImmutableArray<ScopeColumn> merged = [];
        if (!names.IsEmpty)
            (condition, merged) = BindUsing(join, left.Main, right.Main, names);
        else if (join.On is { } on)
            condition = BindJoinCondition(on, left.Items, right.Items);

        var kind = join.Kind switch
        {
            JoinKind.Left => BoundJoinKind.Left,
            JoinKind.Right => BoundJoinKind.Right,
            JoinKind.Full => BoundJoinKind.Full,
            _ => BoundJoinKind.Inner,
        };
        foreach (var item in (join.Kind is JoinKind.Right or JoinKind.Full ? left.Items : []).Concat(join.Kind is JoinKind.Left or JoinKind.Full ? right.Items : []))
            item.MayBeMissing = true;
        var lateral = laterals && IsLateral(left.Node, right.Node);
        var node = new BoundJoin(kind, left.Node, right.Node, condition, lateral);
        return Combine(join, node, left, right, merged, names);
    }

    FromResult BindJoinRight(JoinTable join, FromResult left, out bool laterals)
    {
        var scope = _scope;
        var count = scope.Items.Count;
        foreach (var item in left.Items)
            (item.LateralOnly, item.LateralAllowed) = (true, join.Kind is JoinKind.Inner or JoinKind.Left or JoinKind.Cross);
        scope.Items.AddRange(left.Items);
        var uses = scope.LateralUses;
        try
        {
            var right = BindTableReference(join.Right);
            laterals = scope.LateralUses > uses;
            return right;
        }
        finally
        {
            scope.Items.RemoveRange(count, left.Items.Count);
        }
    }

    /// <summary>ON sees the two sides and outer queries, but not the rest of the FROM list.</summary>
    BoundExpression BindJoinCondition(SyntaxExpression on, List<RangeItem> left, List<RangeItem> right)
    {
        var scope = _scope;
        var saved = scope.Items;
        _shadowed.AddRange(saved);
        scope.Items = [.. left, .. right];
        try
        {
            return BindCondition(on, ClauseKind.JoinOn, "JOIN/ON");
        }
        finally
        {
            scope.Items = saved;
            _shadowed.RemoveRange(_shadowed.Count - saved.Count, saved.Count);
        }
    }

    static ImmutableArray<string> NaturalColumns(RangeItem left, RangeItem right)
    {
        var others = right.Columns.Select(c => c.Name).ToHashSet();
        return [.. left.Columns.Select(c => c.Name).Where(others.Contains)];
    }

    (BoundExpression, ImmutableArray<ScopeColumn>) BindUsing(JoinTable join, RangeItem left, RangeItem right, ImmutableArray<string> names)
    {
        var conditions = new List<BoundExpression>(names.Length);
        var merged = ImmutableArray.CreateBuilder<ScopeColumn>(names.Length);
        for (var i = 0; i < names.Length; i++)
        {
            var name = names[i];
            if (names.IndexOf(name) != i)
                throw BindErrors.Error(SqlState.DuplicateColumn, $"column name \"{name}\" appears more than once in USING clause", 0);
            var l = UsingColumn(join, left, name, "left");
            var r = UsingColumn(join, right, name, "right");
            conditions.Add(BindOperator("=", l, r, join));
            merged.Add(new ScopeColumn(name, Merge(join, l, r)));
        }

        return (MakeAnd(conditions), merged.MoveToImmutable());
    }

    BoundExpression UsingColumn(JoinTable join, RangeItem side, string name, string which)
    {
        var matches = side.Columns.Where(c => c.Name == name).ToList();
        if (matches.Count == 0 && side.HiddenColumns.Any(c => c.Name == name))
            matches.AddRange(side.HiddenColumns.Where(c => c.Name == name));
        switch (matches.Count)
        {
            case 0:
                throw BindErrors.Error(SqlState.UndefinedColumn, $"column \"{name}\" specified in USING clause does not exist in {which} table", 0);
            case 1:
                matches[0].Access?.Use(matches[0].ColumnId);
                return matches[0].Value;
            default:
                throw BindErrors.Error(SqlState.AmbiguousColumn, $"common column name \"{name}\" appears more than once in {which} table", 0);
        }
    }

    BoundExpression Merge(JoinTable join, BoundExpression left, BoundExpression right)
    {
        var type = _resolver.SelectCommonType([left.Type, right.Type], "JOIN/USING");
        var l = CoerceTo(left, type, At(join), "JOIN/USING");
        var r = CoerceTo(right, type, At(join), "JOIN/USING");
        return join.Kind switch
        {
            JoinKind.Full => new BoundCoalesce([l, r], type),
            JoinKind.Right => r,
            JoinKind.Left => l,
            // In an inner join both are equal: the one that needs no conversion.
            _ => ReferenceEquals(l, left) || !ReferenceEquals(r, right) ? l : r,
        };
    }

    static FromResult Combine(JoinTable join, BoundNode node, FromResult left, FromResult right, ImmutableArray<ScopeColumn> merged, ImmutableArray<string> names)
    {
        var columns = ImmutableArray.CreateBuilder<ScopeColumn>();
        columns.AddRange(merged);
        columns.AddRange(left.Main.Columns.Where(c => !names.Contains(c.Name)));
        columns.AddRange(right.Main.Columns.Where(c => !names.Contains(c.Name)));
        var renamed = columns.ToImmutable();
        if (!join.ColumnAliases.IsEmpty)
        {
            if (join.ColumnAliases.Length > renamed.Length)
                throw BindErrors.InvalidReference($"join expression \"{join.Alias}\" has {renamed.Length} columns available but {join.ColumnAliases.Length} columns specified", 0);
            renamed = [.. renamed.Select((c, i) => i < join.ColumnAliases.Length ? c with { Name = join.ColumnAliases[i] } : c)];
        }

        var main = new RangeItem
        {
            Name = join.Alias ?? "unnamed_join", HasAlias = join.Alias is not null, IsJoin = true, RelationVisible = join.Alias is not null, Columns = renamed,
            Scans = [.. left.Items.Concat(right.Items).Where(i => !i.IsJoin).SelectMany(i => i.Scans)], NotLockable = "a join",
        };
        var items = new List<RangeItem>();
        if (join.Alias is null)
        {
            foreach (var item in left.Items.Concat(right.Items))
            {
                item.ColumnsVisible = false;
                items.Add(item);
            }
        }

        if (join is { UsingAlias: { } alias, Alias: null })
            items.Add(new RangeItem { Name = alias, HasAlias = true, IsJoin = true, ColumnsVisible = false, Columns = renamed[..merged.Length], NotLockable = "a join" });
        items.Add(main);
        return new FromResult(node, items, main);
    }
}
