using Chitin.Catalog;
using Chitin.Security;

namespace Chitin.Sql.Binding;

/// <content>
/// What the server itself will read and change to keep foreign keys. No right is asked for (PostgreSQL 15, CREATE TABLE: the checks run with the owner's), but the auditor
/// counts it as access (SECURITY-SPEC 6.1).
/// </content>
public sealed partial class Binder
{
    void NoteInserted(TableDescriptor table)
    {
        foreach (var key in table.ForeignKeys)
            NoteIntegrity(key.ReferencedTable, key.ReferencedColumns, Privilege.Select);
    }

    /// <param name="columns">Ids of the columns that are assigned.</param>
    void NoteUpdated(TableDescriptor table, IReadOnlyCollection<int> columns)
    {
        foreach (var key in table.ForeignKeys.Where(k => k.Columns.Any(columns.Contains)))
            NoteIntegrity(key.ReferencedTable, key.ReferencedColumns, Privilege.Select);
        NoteReferencing(table, columns, deletes: false, []);
    }

    void NoteDeleted(TableDescriptor table) => NoteReferencing(table, null, deletes: true, []);

    /// <summary>Tables that refer to this one are searched and, by their action, changed; a cascade goes on from there.</summary>
    void NoteReferencing(TableDescriptor table, IReadOnlyCollection<int>? columns, bool deletes, HashSet<(uint, bool)> seen)
    {
        if (!seen.Add((table.Id, deletes)))
            return;
        foreach (var id in table.ReferencedBy)
        {
            if (!Catalog.TryGet<TableDescriptor>(id, out var child))
                continue;
            foreach (var key in child.ForeignKeys.Where(k => k.ReferencedTable == table.Id && (columns is null || k.ReferencedColumns.Any(columns.Contains))))
            {
                var action = deletes ? key.OnDelete : key.OnUpdate;
                if (action is ForeignKeyAction.NoAction or ForeignKeyAction.Restrict)
                {
                    NoteIntegrity(child.Id, key.Columns, Privilege.Select);
                    continue;
                }

                var deletesChild = deletes && action == ForeignKeyAction.Cascade;
                NoteIntegrity(child.Id, key.Columns, deletesChild ? Privilege.Delete : Privilege.Update);
                NoteReferencing(child, deletesChild ? null : key.Columns, deletesChild, seen);
            }
        }
    }

    void NoteIntegrity(uint tableId, ImmutableArray<int> columns, Privilege privilege)
    {
        if (!Catalog.TryGet<TableDescriptor>(tableId, out var table))
            return;
        var entry = _recorder.Add(ObjectKind.Table, table.Id, table.Name, privilege, _onBehalfOf, AccessRule.Integrity);
        foreach (var column in columns)
            entry.Use(column);
    }
}
