using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security.Authorization;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>
/// pg_stat_… and pg_statio_…: rows are there so that tools find their tables, counters are 0 (see the server's metrics). pg_stats shows what ANALYZE found, without values:
/// those are data.
/// </summary>
internal static class Statistics
{
    public static void Register(SystemCatalog catalog)
    {
        foreach (var (name, filter) in new (string, Func<SystemContext, TableDescriptor, bool>)[] { ("all", static (_, _) => true), ("user", static (c, t) => true), ("sys", static (_, _) => false) })
        {
            catalog[$"pg_stat_{name}_tables"].From(c => c.Tables.Where(t => filter(c, t)).Select(t => Table(c, t)), 20);
            catalog[$"pg_stat_xact_{name}_tables"].From(c => c.Tables.Where(t => filter(c, t)).Select(t => Cells.Row(t.Id, c.SchemaName(t.SchemaId), t.Name, 0, 0, 0, 0, 0, 0, 0, 0)), 20);
            catalog[$"pg_statio_{name}_tables"].From(c => c.Tables.Where(t => filter(c, t)).Select(t => Cells.Row(t.Id, c.SchemaName(t.SchemaId), t.Name, 0, 0, 0, 0, 0, 0, 0, 0)), 20);
            catalog[$"pg_stat_{name}_indexes"].From(c => c.Tables.Where(t => filter(c, t)).SelectMany(t => SystemContext.Indexes(t).Select(i =>
                Cells.Row(t.Id, i.Id, c.SchemaName(t.SchemaId), t.Name, i.Name, 0, 0, 0))), 20);
            catalog[$"pg_statio_{name}_indexes"].From(c => c.Tables.Where(t => filter(c, t)).SelectMany(t => SystemContext.Indexes(t).Select(i =>
                Cells.Row(t.Id, i.Id, c.SchemaName(t.SchemaId), t.Name, i.Name, 0, 0))), 20);
            if (name != "sys")
            {
                catalog[$"pg_statio_{name}_sequences"].From(static c => c.Relations.OfType<SequenceDescriptor>().Select(s => Cells.Row(s.Id, c.SchemaName(s.SchemaId), s.Name, 0, 0)), 10);
            }
        }

        catalog["pg_stat_database"].From(static c => c.Catalog.Databases.Select(d => Cells.Row(
            d.Id, d.Name, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Cell.Null, Cell.Null, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, Cell.Null)), 5);
        catalog["pg_stats"].From(static c => c.Tables.SelectMany(t => Columns(c, t)), 50);
    }

    private static Datum[] Table(SystemContext c, TableDescriptor t) => Cells.Row(
        t.Id, c.SchemaName(t.SchemaId), t.Name, 0, 0, 0, 0, 0, 0, 0, 0, (long)(c.Catalog.Statistics(t.Id)?.RowCount ?? 0), 0, 0, 0, Cell.Null, Cell.Null, Cell.Null, Cell.Null, 0, 0, 0, 0);

    private static IEnumerable<Datum[]> Columns(SystemContext c, TableDescriptor t)
    {
        if (RowSecurity.IsActive(t, c.User, c.Session.Gate, c.Catalog) || c.Catalog.Statistics(t.Id) is not { } statistics)
            yield break;
        foreach (var s in statistics.Columns)
        {
            if (t.Columns.FirstOrDefault(x => x.Id == s.ColumnId && !x.Hidden) is { } column && c.Allows(t, Privilege.Select))
            {
                yield return Cells.Row(
                    c.SchemaName(t.SchemaId), t.Name, column.Name, false, s.NullFraction, (int)s.AverageWidth, s.Distinct, Cell.Null,
                    s.MostCommon.IsEmpty ? Datum.Null : Datum.FromObject(SqlArray.Of(SqlTypes.Float4, [.. s.MostCommon.Select(m => Datum.FromDouble(m.Frequency))])),
                    Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null);
            }
        }
    }
}
