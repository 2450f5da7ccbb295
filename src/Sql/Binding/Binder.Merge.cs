using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>MERGE (transformMergeStmt, parse_merge.c of PostgreSQL 15).</summary>
public sealed partial class Binder
{
    BoundMerge BindMerge(MergeStatement statement)
    {
        if (statement.With is { Recursive: true })
            throw BindErrors.Syntax("WITH RECURSIVE is not supported for MERGE statement", 0);
        RequireReachable(statement);
        var scope = new Scope(_scope);
        return InScope(scope, () =>
        {
            BindWith(statement.With);
            var table = MergeTable(statement.Table);
            NoteVersion(table);
            var inserts = statement.Actions.Any(a => !a.Matched);
            var scan = MakeScan(table, statement.Alias, inserts);
            var item = TableItem(table, scan.Columns, NoteReadWhenUsed(table), statement.Alias, SchemaNameOf(table), [], statement.Table, scan);
            // The source does not see the target.
            (item.LateralOnly, item.LateralAllowed) = (true, false);
            scope.Items.Add(item);
            var result = BindTableReference(statement.Source);
            if (result.Items.Any(i => i.RelationVisible && i.Name == item.Name))
            {
                throw BindErrors.Error(SqlState.DuplicateAlias, $"name \"{item.Name}\" specified more than once", 0,
                    "The name is used both as MERGE target table and data source.");
            }

            (item.LateralOnly, item.LateralAllowed) = (false, true);
            foreach (var other in result.Items)
                (other.LateralOnly, other.LateralAllowed) = (false, true);
            scope.Items = [item, .. result.Items];
            var condition = BindCondition(statement.Condition, ClauseKind.JoinOn, "JOIN/ON");
            var target = MakeTarget(table);
            target = target with
            {
                InsertPolicies = PolicyChecks(table, target.Row, PolicyCommands.Insert, PolicyCommands.None),
                UpdatePolicies = PolicyChecks(table, target.Row, PolicyCommands.Update, PolicyCommands.Select),
            };
            var actions = statement.Actions.Select(a => BindMergeAction(a, statement, target, scan, item, result.Items)).ToImmutableArray();
            var join = new BoundJoin(inserts ? BoundJoinKind.Left : BoundJoinKind.Inner, result.Node, Protect(scan, table, scan.Columns, PolicyCommands.Select), condition);
            return new BoundMerge(target, scan, FinishWith(join), actions, _accesses);
        });
    }

    /// <summary>42601 for a clause after one of its kind that takes every row.</summary>
    void RequireReachable(MergeStatement statement)
    {
        foreach (var matched in new[] { true, false })
        {
            var ended = false;
            foreach (var action in statement.Actions.Where(a => a.Matched == matched))
            {
                if (ended)
                    throw BindErrors.Syntax("unreachable WHEN clause specified after unconditional WHEN clause", 0);
                ended = action.Condition is null;
            }
        }
    }

    TableDescriptor MergeTable(ObjectName name)
    {
        var found = RequireRelation(name);
        return found.Relation switch
        {
            TableDescriptor table => table,
            ViewDescriptor or SequenceDescriptor => throw BindErrors.Error(SqlState.FeatureNotSupported, $"cannot execute MERGE on relation \"{found.Relation.Name}\"", 0,
                found.Relation is ViewDescriptor ? "This operation is not supported for views." : "This operation is not supported for sequences."),
            _ => throw BindErrors.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{found.Virtual!.Name}\" is a system catalog", At(name)),
        };
    }

    /// <summary>WHEN MATCHED sees both sides, WHEN NOT MATCHED the source alone.</summary>
    BoundMergeAction BindMergeAction(MergeAction action, MergeStatement statement, BoundTarget target, BoundScan scan, RangeItem item, List<RangeItem> others)
    {
        var table = target.Table;
        var scope = new Scope(_scope.Parent) { Items = action.Matched ? [item, .. others] : [.. others] };
        scope.CommonTables.AddRange(_scope.CommonTables);
        if (!action.Matched)
            _shadowed.Add(item);
        try
        {
            return InScope(scope, () =>
            {
                var condition = action.Condition is null ? null : BindCondition(action.Condition, ClauseKind.MergeWhen, "WHEN");
                return new BoundMergeAction(action.Matched, action.Kind, condition, action.Kind switch
                {
                    MergeKind.Update => BindAssignments(action.Assignments, table, target, null, out _),
                    MergeKind.Insert => BindMergeInsert(action, statement, table, target),
                    MergeKind.Delete => NoteMergeDelete(table),
                    _ => [],
                })
                {
                    Policy = action.Kind switch
                    {
                        MergeKind.Update => PolicyCondition(table, scan.Columns, PolicyCommands.Update),
                        MergeKind.Delete => PolicyCondition(table, scan.Columns, PolicyCommands.Delete),
                        _ => null,
                    },
                };
            });
        }
        finally
        {
            _shadowed.Remove(item);
        }
    }

    ImmutableArray<(int, BoundExpression)> NoteMergeDelete(TableDescriptor table)
    {
        NoteRelation(table, Privilege.Delete).UseWhole();
        NoteDeleted(table);
        return [];
    }

    ImmutableArray<(int, BoundExpression)> BindMergeInsert(MergeAction action, MergeStatement statement, TableDescriptor table, BoundTarget target)
    {
        var insert = new InsertStatement(statement.Table)
        {
            Columns = action.Columns, ColumnPositions = action.ColumnPositions, Subscripts = action.Subscripts, Source = action.Values, OverridingSystemValue = action.OverridingSystemValue, Position = action.Position,
        };
        var ordinals = InsertColumns(insert, table);
        var (source, used) = BindInsertSource(insert, table, target, ordinals);
        if (source is not BoundValues values)
            throw BindErrors.NotSupported("set-returning functions are not allowed in VALUES", At(action.Values));
        var access = NoteRelation(table, Privilege.Insert);
        foreach (var ordinal in action.Columns.IsEmpty ? used : ordinals)
            access.Use(table.Columns[ordinal].Id);
        if (action.Values is null)
            access.UseWhole();
        NoteInserted(table);
        return action.Values is null ? [] : [.. used.Zip(values.Rows[0])];
    }
}
