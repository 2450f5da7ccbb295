using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.SystemInformation;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_tables, pg_views, pg_indexes, pg_sequences: names instead of OIDs.</summary>
internal static class RelationViews
{
    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_tables"].From(Tables, 100).By("tablename", static (c, key) => Tables(c).Where(r => r[1].AsString() == key.AsString()));
        catalog["pg_views"].From(Views, 150);
        catalog["pg_indexes"].From(static c => c.Tables.SelectMany(t => SystemContext.Indexes(t).Select(i => Cells.Row(
            c.SchemaName(t.SchemaId), t.Name, i.Name, Cell.Null, Definitions.Index(c.Session, t, i, pretty: false)))), 30);
        catalog["pg_sequences"].From(static c => c.Relations.OfType<SequenceDescriptor>().Select(s => Cells.Row(
            c.SchemaName(s.SchemaId), s.Name, c.RoleName(s.Owner), s.DataType.Oid, s.Start, s.Minimum, s.Maximum, s.Increment, s.Cycle, s.Cache, LastValue(c, s))), 10);
        catalog["pg_rules"].From(static _ => [], 1);
    }

    /// <summary>Only for who may read the sequence.</summary>
    internal static Datum LastValue(SystemContext c, SequenceDescriptor s) =>
        (c.Allows(s, Privilege.Usage) || c.Allows(s, Privilege.Select)) && c.Session.ReadSequence(s) is { } value ? Datum.FromInt64(value) : Datum.Null;

    private static IEnumerable<Datum[]> Tables(SystemContext c)
    {
        foreach (var table in c.Tables)
        {
            yield return Cells.Row(
                c.SchemaName(table.SchemaId), table.Name, c.RoleName(table.Owner), Cell.Null, SystemContext.Indexes(table).Any(), false, table.ForeignKeys.Length > 0 || table.ReferencedBy.Length > 0, table.RowSecurity);
        }

        foreach (var table in SystemCatalog.Instance.All.Where(t => !t.IsView && c.SchemaId(t.Schema) != 0))
            yield return Cells.Row(table.Schema, table.Name, c.RoleName(RoleIds.Root), Cell.Null, false, false, false, false);
    }

    private static IEnumerable<Datum[]> Views(SystemContext c)
    {
        foreach (var view in c.Relations.OfType<ViewDescriptor>())
            yield return Cells.Row(c.SchemaName(view.SchemaId), view.Name, c.RoleName(view.Owner), view.Query + ";");
        foreach (var table in SystemCatalog.Instance.All.Where(t => t.IsView && c.SchemaId(t.Schema) != 0))
            yield return Cells.Row(table.Schema, table.Name, c.RoleName(RoleIds.Root), Cell.Null);
    }
}
