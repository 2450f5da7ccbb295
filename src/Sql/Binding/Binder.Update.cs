using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>UPDATE and DELETE (transformUpdateStmt, transformDeleteStmt).</summary>
public sealed partial class Binder
{
    BoundUpdate BindUpdate(UpdateStatement statement)
    {
        var scope = new Scope(_scope);
        return InScope(scope, () =>
        {
            BindWith(statement.With);
            var table = RequireWritableTable(statement.Table, "update", "");
            var (scan, item) = TargetScan(table, statement.Alias, statement.Table);
            var node = BindTargetJoin(scan, item, statement.From, statement.Table, out var others);
            var target = MakeTarget(table);
            var extra = new List<(BoundColumn Column, BoundExpression Expression)>();
            var assignments = BindAssignments(statement.Assignments, table, target, extra, out _);
            if (statement.Where is { } where)
                node = new BoundFilter(node, where is CurrentOfExpression current ? BindCurrentOf(current, scan) : BindCondition(where, ClauseKind.Where, "WHERE"));
            var returning = BindReturning(statement.Returning, table, target, statement.Alias ?? table.Name, statement.Alias is not null, others);
            var reads = item.Access!.Counts ? PolicyCommands.Select : PolicyCommands.None;
            node = Protect(node, table, scan.Columns, PolicyCommands.Update | reads);
            target = target with { UpdatePolicies = PolicyChecks(table, target.Row, PolicyCommands.Update, reads) };
            if (extra.Count > 0)
                node = new BoundProject(node, [.. node.Output.Select(c => (c, (BoundExpression)new BoundColumnReference(c))), .. extra]);
            return new BoundUpdate(target, scan, FinishWith(node), assignments, _accesses) { Returning = returning };
        });
    }

    BoundDelete BindDelete(DeleteStatement statement)
    {
        var scope = new Scope(_scope);
        return InScope(scope, () =>
        {
            BindWith(statement.With);
            var table = RequireWritableTable(statement.Table, "delete from", "");
            NoteRelation(table, Privilege.Delete).UseWhole();
            NoteDeleted(table);
            var (scan, item) = TargetScan(table, statement.Alias, statement.Table);
            var node = BindTargetJoin(scan, item, statement.Using, statement.Table, out var others);
            if (statement.Where is { } where)
                node = new BoundFilter(node, where is CurrentOfExpression current ? BindCurrentOf(current, scan) : BindCondition(where, ClauseKind.Where, "WHERE"));
            var target = MakeTarget(table);
            var returning = BindReturning(statement.Returning, table, target, statement.Alias ?? table.Name, statement.Alias is not null, others);
            node = Protect(node, table, scan.Columns, item.Access!.Counts ? PolicyCommands.Delete | PolicyCommands.Select : PolicyCommands.Delete);
            return new BoundDelete(target, scan, FinishWith(node), _accesses) { Returning = returning };
        });
    }

    /// <summary>WHERE CURRENT OF: the primary key is that of the cursor's row, asked for when the statement runs.</summary>
    BoundExpression BindCurrentOf(CurrentOfExpression current, BoundScan scan)
    {
        var parts = scan.Table.PrimaryIndex.Parts;
        var conditions = new List<BoundExpression>(parts.Length);
        for (var i = 0; i < parts.Length; i++)
        {
            var column = scan.Columns[scan.ColumnIds.IndexOf(parts[i].ColumnId)];
            ImmutableArray<BoundExpression> arguments =
            [
                new BoundConstant(Datum.FromString(current.Cursor), SqlTypes.Text), new BoundConstant(Datum.FromInt64(scan.Table.Id), SqlTypes.Oid), new BoundConstant(Datum.FromInt64(i), SqlTypes.Int4),
            ];
            var value = new BoundCall(new ResolvedCall(CursorPosition.KeyPart, [.. arguments.Select(a => a.Type)], column.Type), arguments, column.Type);
            conditions.Add(BindOperator("=", new BoundColumnReference(column), value, current));
        }

        return MakeAnd(conditions);
    }

    /// <summary>The scan of the table that is changed. Reading its columns (WHERE, SET, RETURNING) is SELECT; without any reading none is needed.</summary>
    (BoundScan, RangeItem) TargetScan(TableDescriptor table, string? alias, ObjectName name)
    {
        var scan = MakeScan(table, alias, false);
        return (scan, TableItem(table, scan.Columns, NoteReadWhenUsed(table), alias, SchemaNameOf(table), [], name, scan));
    }

    /// <summary>SELECT on a written table is noted at the first column that is read.</summary>
    AccessEntry NoteReadWhenUsed(TableDescriptor table) => _silent
        ? new AccessEntry(table.Kind, table.Id, table.Name, Privilege.Select, 0, Security.AccessRule.Privileges)
        : _recorder.AddOnUse(table.Kind, table.Id, table.Name, Privilege.Select, _onBehalfOf);

    BoundNode BindTargetJoin(BoundScan scan, RangeItem item, ImmutableArray<TableReference> from, SyntaxNode at, out List<RangeItem> others)
    {
        NoteVersion(scan.Table);
        var scope = _scope;
        others = [];
        BoundNode node = scan;
        if (!from.IsEmpty)
        {
            // FROM items do not see the target table, not even LATERAL ones.
            (item.LateralOnly, item.LateralAllowed) = (true, false);
            scope.Items.Add(item);
            var joined = BindFrom(from);
            (item.LateralOnly, item.LateralAllowed) = (false, true);
            others = [.. scope.Items.Skip(1)];
            node = new BoundJoin(BoundJoinKind.Inner, scan, joined, null);
        }

        scope.Items = [item, .. others];
        return node;
    }

    void NoteVersion(RelationDescriptor relation)
    {
        if (!_silent)
            _relations[relation.Id] = relation.Version;
    }

    /// <summary>
    /// SET clauses. Multiple assignment from a subquery adds a record column to <paramref name="extra"/> (null: the value is bound in place).
    /// </summary>
    ImmutableArray<(int Ordinal, BoundExpression Expression)> BindAssignments(ImmutableArray<Assignment> assignments, TableDescriptor table, BoundTarget target,
        List<(BoundColumn Column, BoundExpression Expression)>? extra, out ImmutableArray<int> ordinals)
    {
        var access = NoteRelation(table, Privilege.Update);
        var bound = ImmutableArray.CreateBuilder<(int, BoundExpression)>();
        var seen = new HashSet<int>();
        var elements = new Dictionary<int, int>();
        foreach (var assignment in assignments)
        {
            if (!assignment.Subscripts.IsEmpty || !assignment.Fields.IsEmpty)
            {
                AddElementAssignment(assignment, table, seen, access, elements, bound);
                continue;
            }

            var targets = assignment.Columns.Select(name => AssignedColumn(name, table, assignment, seen, access)).ToImmutableArray();
            if (!assignment.IsMultiple)
                bound.Add((targets[0], BindAssigned(assignment.Value, table.Columns[targets[0]], target.Defaults[targets[0]], assignment)));
            else
                BindMultiple(assignment, targets, table, target, extra, bound);
        }

        ordinals = [.. bound.Select(b => b.Item1)];
        NoteUpdated(table, [.. ordinals.Select(o => table.Columns[o].Id)]);
        return bound.ToImmutable();
    }

    /// <summary>Several parts of one column may be assigned: each changes what the one before made of it. <paramref name="elements"/>: column ordinal to place in the result.</summary>
    void AddElementAssignment(Assignment assignment, TableDescriptor table, HashSet<int> seen, AccessEntry access, Dictionary<int, int> elements,
        ImmutableArray<(int, BoundExpression)>.Builder bound)
    {
        var known = OrdinalOf(table, assignment.Columns[0]);
        if (elements.TryGetValue(known, out var place))
        {
            bound[place] = (known, BindPartAssignment(assignment, table.Columns[known], bound[place].Item2));
            return;
        }

        var ordinal = AssignedColumn(assignment.Columns[0], table, assignment, seen, access);
        var item = _scope.Items[0];
        var current = item.Columns.First(c => c.ColumnId == table.Columns[ordinal].Id).Value;
        elements.Add(ordinal, bound.Count);
        bound.Add((ordinal, BindPartAssignment(assignment, table.Columns[ordinal], current)));
    }

    BoundExpression BindPartAssignment(Assignment assignment, ColumnDescriptor column, BoundExpression current) =>
        assignment.Fields.IsEmpty ? BindElementAssignment(assignment, column, current) : BindFieldAssignment(assignment, column, current);

    int AssignedColumn(string name, TableDescriptor table, Assignment assignment, HashSet<int> seen, AccessEntry access)
    {
        var ordinal = OrdinalOf(table, name);
        if (ordinal < 0)
            throw BindErrors.UndefinedColumnOfRelation(name, table.Name, At(assignment));
        if (!seen.Add(ordinal))
            throw BindErrors.Syntax($"multiple assignments to same column \"{name}\"", 0);
        access.Use(table.Columns[ordinal].Id);
        return ordinal;
    }

    BoundExpression BindAssigned(SyntaxExpression value, ColumnDescriptor column, BoundExpression? defaultValue, SyntaxNode at)
    {
        if (value is DefaultExpression)
        {
            // A generated column computes itself; naming it with DEFAULT is allowed.
            return column.Generated is not null
                ? new BoundConstant(Datum.Null, column.Type, column.TypeModifier)
                : defaultValue ?? new BoundConstant(Datum.Null, column.Type, column.TypeModifier);
        }

        CheckAssignable(column, at);
        var bound = BindIn(ClauseKind.UpdateSource, value);
        return CoerceForAssignment(bound, column, At(value));
    }

    void CheckAssignable(ColumnDescriptor column, SyntaxNode at)
    {
        if (column.Generated is not null)
        {
            throw BindErrors.Error(SqlState.GeneratedAlways, $"column \"{column.Name}\" can only be updated to DEFAULT", At(at), $"Column \"{column.Name}\" is a generated column.");
        }

        if (column.Identity == IdentityKind.Always)
        {
            throw BindErrors.Error(SqlState.GeneratedAlways, $"column \"{column.Name}\" can only be updated to DEFAULT", At(at),
                $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.");
        }
    }

    void BindMultiple(Assignment assignment, ImmutableArray<int> targets, TableDescriptor table, BoundTarget target, List<(BoundColumn Column, BoundExpression Expression)>? extra,
        ImmutableArray<(int, BoundExpression)>.Builder bound)
    {
        switch (assignment.Value)
        {
            case RowExpression row:
                if (row.Elements.Any(e => e is StarExpression))
                {
                    var values = InClause(ClauseKind.UpdateSource, () => BindElements(row));
                    RequireCount(values.Length, targets, assignment);
                    for (var i = 0; i < targets.Length; i++)
                    {
                        CheckAssignable(table.Columns[targets[i]], assignment);
                        bound.Add((targets[i], CoerceForAssignment(values[i], table.Columns[targets[i]], At(assignment))));
                    }

                    break;
                }

                RequireCount(row.Elements.Length, targets, assignment);
                for (var i = 0; i < targets.Length; i++)
                    bound.Add((targets[i], BindAssigned(row.Elements[i], table.Columns[targets[i]], target.Defaults[targets[i]], assignment)));
                break;
            case ScalarSubqueryExpression subquery:
                BindMultipleQuery(subquery, assignment, targets, table, extra, bound);
                break;
            default:
                if (targets.Length == 1)
                {
                    bound.Add((targets[0], BindAssigned(assignment.Value, table.Columns[targets[0]], target.Defaults[targets[0]], assignment)));
                    break;
                }

                throw BindErrors.NotSupported("source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression", At(assignment));
        }
    }

    void RequireCount(int values, ImmutableArray<int> targets, Assignment assignment)
    {
        if (values != targets.Length)
            throw BindErrors.Syntax("number of columns does not match number of values", At(assignment.Value));
    }

    void BindMultipleQuery(ScalarSubqueryExpression subquery, Assignment assignment, ImmutableArray<int> targets, TableDescriptor table,
        List<(BoundColumn Column, BoundExpression Expression)>? extra, ImmutableArray<(int, BoundExpression)>.Builder bound)
    {
        BoundExpression? shared = null;
        ImmutableArray<SqlType> types = [];
        for (var i = 0; i < targets.Length; i++)
        {
            CheckAssignable(table.Columns[targets[i]], assignment);
            if (shared is null)
            {
                var query = InClause(ClauseKind.UpdateSource, () => BindSubquery(subquery.Query));
                RequireCount(query.Node.Output.Length, targets, assignment);
                types = [.. query.Node.Output.Select(c => c.Type)];
                shared = new BoundSubquery(SubqueryKind.Row, query.Node, null, SqlTypes.Record);
                if (extra is not null)
                {
                    var column = new BoundColumn("row", SqlTypes.Record);
                    extra.Add((column, shared));
                    shared = new BoundColumnReference(column);
                }
            }

            bound.Add((targets[i], CoerceForAssignment(new BoundField(shared, i, types[i]), table.Columns[targets[i]], At(assignment))));
            // ON CONFLICT has no source to compute the row in: each column runs a query of its own.
            if (extra is null)
                shared = null;
        }
    }
}
