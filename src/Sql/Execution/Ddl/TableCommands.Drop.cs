using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>DROP COLUMN, and constraints: dropped, validated, altered.</summary>
internal sealed partial class TableCommands
{
    /// <summary>The table's own constraints and indexes over the column go with it; 2BP01 for what others have built on it, unless CASCADE takes that too.</summary>
    private async ValueTask DropColumnAsync(TableDescriptor table, DropColumnAction drop)
    {
        var column = table.Columns.FirstOrDefault(c => c.Name == drop.Column && !c.Hidden);
        if (column is null)
        {
            if (!drop.IfExists)
                throw new SqlException(SqlState.UndefinedColumn, $"column \"{drop.Column}\" of relation \"{table.Name}\" does not exist");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.UndefinedColumn, $"column \"{drop.Column}\" of relation \"{table.Name}\" does not exist, skipping"));
            return;
        }

        var what = $"column {column.Name} of table {table.Name}";
        var views = ViewsOn(table, column).ToList();
        if (views.Count > 0 && !drop.Cascade)
            throw Dependencies.Remain(what, $"view {views[0].Name} depends on {what}");
        await new ObjectCommands(engine, context, cancellationToken).DropViewsAsync(views);

        table = Current(table);
        foreach (var generated in table.Columns.Where(c => c.Generated is { } text && BoundWalkerText.Mentions(text, column.Name)).ToList())
        {
            if (!drop.Cascade)
                throw Dependencies.Remain(what, $"column {generated.Name} of table {table.Name} depends on {what}");
            context.Cascades.Enter(table.Id, $"column {generated.Name} of table {CascadeLog.Name(context, table)}");
            await DropColumnAsync(Current(table), new DropColumnAction(generated.Name, true, true));
            context.Cascades.Leave();
        }

        table = Current(table);
        if (table.Policies.FirstOrDefault(p => p.Columns.Contains(column.Id)) is { } policy && !drop.Cascade)
            throw Dependencies.Remain(what, $"policy {policy.Name} on table {table.Name} depends on {what}");
        // A subquery elsewhere that has the column's name may read it.
        foreach (var (owner, reading) in Dependencies.PoliciesOn(Catalog.Snapshot, table).Where(p => MayRead(p.Policy, table, column)))
        {
            if (!drop.Cascade)
                throw Dependencies.Remain(what, $"policy {reading.Name} on table {owner.Name} depends on {what}");
            Catalog.Put(Current(owner) with { Policies = Current(owner).Policies.RemoveAll(p => p.Id == reading.Id), Version = Current(owner).Version + 1 });
        }

        Catalog.Put(table with { Policies = table.Policies.RemoveAll(p => p.Columns.Contains(column.Id)), Version = table.Version + 1 });
        await DropReferencesAsync(Current(table), what, drop.Cascade, k => k.ReferencedColumns.Contains(column.Id));
        table = Current(table);
        foreach (var key in table.ForeignKeys.Where(k => k.Columns.Contains(column.Id)))
        {
            DropForeignKey(table, key);
            table = Current(table);
        }

        foreach (var index in table.Indexes.Where(i => Uses(i, column)))
        {
            context.DropEntries(table, index);
            table = table with { Indexes = table.Indexes.Remove(index) };
        }

        table = table with { Checks = table.Checks.RemoveAll(c => BoundWalkerText.Mentions(c.Expression, column.Name)), Version = table.Version + 1 };
        if (table.PrimaryIndex.Parts.Any(p => p.ColumnId == column.Id))
            await DropPrimaryKeyAsync(table, column);
        else
            Catalog.Put(table with { Columns = table.Columns.Remove(column) });
        foreach (var sequence in OwnedSequences.Of(Catalog.Snapshot, table, column.Id))
            Catalog.Remove(sequence);
    }

    /// <summary>The column with all that depends on it, of the table as it is now.</summary>
    public ValueTask DropColumnAsync(string column, TableDescriptor table) => DropColumnAsync(Current(table), new DropColumnAction(column, true, true));

    /// <summary>By name; a policy that counts the table's columns (after one was renamed) reads all of them.</summary>
    private bool MayRead(RowPolicy policy, TableDescriptor table, ColumnDescriptor column)
    {
        var name = (Catalog.Snapshot.TryGet<SchemaDescriptor>(table.SchemaId, out var schema) ? schema.Name : "", table.Name);
        return new[] { policy.Using, policy.Check }.OfType<string>().Any(text => BoundWalkerText.Mentions(text, column.Name) || StoredText.CountsColumns("SELECT " + text, name));
    }

    private async ValueTask DropConstraintAsync(TableDescriptor table, DropConstraintAction drop)
    {
        var what = $"constraint {drop.Name} on table {table.Name}";
        if (table.ForeignKeys.FirstOrDefault(k => k.Name == drop.Name) is { } key)
        {
            DropForeignKey(table, key);
            return;
        }

        if (table.Checks.FirstOrDefault(c => c.Name == drop.Name) is { } check)
        {
            Catalog.Put(table with { Checks = table.Checks.Remove(check), Version = table.Version + 1 });
            return;
        }

        if (table.Indexes.FirstOrDefault(i => i.Constraint == drop.Name) is { } index)
        {
            await DropReferencesAsync(table, what, drop.Cascade, k => k.ReferencedIndex == index.Id);
            table = Current(table);
            context.DropEntries(table, index);
            Catalog.Put(table with { Indexes = table.Indexes.Remove(index), Version = table.Version + 1 });
        }
        else if (table.PrimaryIndex.Constraint == drop.Name)
        {
            await DropReferencesAsync(table, what, drop.Cascade, k => k.ReferencedIndex == table.PrimaryIndex.Id);
            await DropPrimaryKeyAsync(Current(table), null);
        }
        else if (drop.IfExists)
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.UndefinedObject, $"constraint \"{drop.Name}\" of relation \"{table.Name}\" does not exist, skipping"));
        else
            throw UndefinedConstraint(table, drop.Name);
    }

    /// <summary>Rows that were there before a constraint NOT VALID are looked at.</summary>
    private async ValueTask ValidateConstraintAsync(TableDescriptor table, string name)
    {
        if (table.ForeignKeys.FirstOrDefault(k => k.Name == name) is { } key)
        {
            if (key.Validated)
                return;
            await ValidateKeyAsync(table, key);
            Catalog.Put(table with { ForeignKeys = table.ForeignKeys.Replace(key, key with { Validated = true }), Version = table.Version + 1 });
        }
        else if (table.Checks.FirstOrDefault(c => c.Name == name) is { } check)
        {
            if (check.Validated)
                return;
            ValidateRows(table, Rows(table), name);
            Catalog.Put(table with { Checks = table.Checks.Replace(check, check with { Validated = true }), Version = table.Version + 1 });
        }
        else if (table.PrimaryIndex.Constraint == name || table.Indexes.Any(i => i.Constraint == name))
            throw new SqlException(SqlState.WrongObjectType, $"constraint \"{name}\" of relation \"{table.Name}\" is not a foreign key or check constraint");
        else
            throw UndefinedConstraint(table, name);
    }

    private void AlterConstraint(TableDescriptor table, AlterConstraintAction alter)
    {
        if (table.ForeignKeys.FirstOrDefault(k => k.Name == alter.Name) is not { } key)
        {
            throw table.Checks.Any(c => c.Name == alter.Name) || table.PrimaryIndex.Constraint == alter.Name || table.Indexes.Any(i => i.Constraint == alter.Name)
                ? new SqlException(SqlState.WrongObjectType, $"constraint \"{alter.Name}\" of relation \"{table.Name}\" is not a foreign key constraint")
                : UndefinedConstraint(table, alter.Name);
        }

        Catalog.Put(table with
        {
            ForeignKeys = table.ForeignKeys.Replace(key, key with { Deferrable = alter.Deferrable, InitiallyDeferred = alter.InitiallyDeferred }),
            Version = table.Version + 1,
        });
    }

    /// <summary>Foreign keys of this and other tables that refer to what goes.</summary>
    private async ValueTask DropReferencesAsync(TableDescriptor table, string what, bool cascade, Func<ForeignKey, bool> refers)
    {
        foreach (var childId in table.ReferencedBy.Distinct())
        {
            if (!Catalog.Snapshot.TryGet<TableDescriptor>(childId, out var child))
                continue;
            foreach (var key in child.ForeignKeys.Where(k => k.ReferencedTable == table.Id && refers(k)))
            {
                if (!cascade)
                    throw Dependencies.Remain(what, $"constraint {key.Name} on table {child.Name} depends on {what}");
                await Environment.Transaction.LockRelationAsync(child.Id, RelationLock.Exclusive, cancellationToken);
                if (child.Id != table.Id || !key.Columns.SequenceEqual(key.ReferencedColumns))
                    context.Cascades.Add(key.Id, $"constraint {key.Name} on table {CascadeLog.Name(context, child)}");
                DropForeignKey(Current(child), key);
            }
        }
    }

    private void DropForeignKey(TableDescriptor child, ForeignKey key)
    {
        var changed = child with { ForeignKeys = child.ForeignKeys.RemoveAll(k => k.Id == key.Id), Version = child.Version + 1 };
        // One entry per key.
        if (key.ReferencedTable == child.Id)
            changed = changed with { ReferencedBy = changed.ReferencedBy.Remove(child.Id) };
        else if (Catalog.Snapshot.TryGet<TableDescriptor>(key.ReferencedTable, out var parent))
            Catalog.Put(parent with { ReferencedBy = parent.ReferencedBy.Remove(child.Id), Version = parent.Version + 1 });
        Catalog.Put(changed);
    }

    private static SqlException UndefinedConstraint(TableDescriptor table, string name) =>
        new(SqlState.UndefinedObject, $"constraint \"{name}\" of relation \"{table.Name}\" does not exist");
}
