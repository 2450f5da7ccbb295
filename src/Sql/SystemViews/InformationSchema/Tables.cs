using System.Globalization;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.SystemViews.InformationSchema;

/// <summary>schemata, tables, columns, views, sequences (PostgreSQL 15, chapter 37): what the user may access.</summary>
internal static class Tables
{
    public static void Register(SystemCatalog catalog)
    {
        catalog.Information("information_schema_catalog_name").From(static c => [Cells.Row(c.Database.Name)], 1);
        catalog.Information("schemata").From(static c => c.Schemas.Where(c.MayAccess).Select(s => Cells.Row(
            c.Database.Name, s.Name, c.RoleName(s.Owner), Cell.Null, Cell.Null, Cell.Null, Cell.Null)), 5);
        catalog.Information("tables").From(All, 200)
            .By("table_name", static (c, key) => All(c).Where(r => r[2].AsString() == key.AsString()));
        catalog.Information("columns").From(static c => SystemColumns(c, null).Concat(c.Relations.SelectMany(r => Columns(c, r))), 4000)
            .By("table_name", static (c, key) => SystemColumns(c, key.AsString()).Concat(c.Schemas.SelectMany(s => c.Catalog.TryGetRelation(s.Id, key.AsString(), out var r) ? Columns(c, r) : [])));
        catalog.Information("domains").From(static c => c.Types.Where(t => t.Type is DomainType).Select(t => Domain(c, t, (DomainType)t.Type)), 10);
        catalog.Information("domain_constraints").From(static c => c.Types.SelectMany(t => (t.Type as DomainType)?.Checks.Select(k => Cells.Row(
            c.Database.Name, c.SchemaName(t.SchemaId), k.Name, c.Database.Name, c.SchemaName(t.SchemaId), t.Name, "NO", "NO")) ?? []), 10);
        catalog.Information("views").From(Views, 100);
        catalog.Information("view_table_usage").From(static c => c.Relations.OfType<ViewDescriptor>().Where(v => c.IsMember(v.Owner) || c.IsAdmin).SelectMany(v => Uses(c, v)), 10);
        catalog.Information("sequences").From(static c => c.Relations.OfType<SequenceDescriptor>().Where(s => !c.IsIdentity(s) && c.MayAccess(s)).Select(s => Sequence(c, s)), 10);
        catalog.Information("character_sets").From(static c =>
            [Cells.Row(Cell.Null, Cell.Null, "UTF8", "UCS", "UTF8", c.Database.Name, SystemCatalog.PgCatalog, "default")], 1);
        catalog.Information("collations").From(static c => Collations.Select(n => Cells.Row(c.Database.Name, SystemCatalog.PgCatalog, n, "NO PAD")), 3);
        catalog.Information("collation_character_set_applicability").From(static c => Collations.Select(n => Cells.Row(
            c.Database.Name, SystemCatalog.PgCatalog, n, Cell.Null, Cell.Null, "UTF8")), 3);
    }

    private static string[] Collations => ["default", "C", "POSIX"];

    private static IEnumerable<SystemTable> SystemTables(SystemContext c) => SystemCatalog.Instance.All.Where(t => c.SchemaId(t.Schema) != 0);

    private static IEnumerable<Datum[]> All(SystemContext c)
    {
        foreach (var r in c.Relations)
        {
            if (r is not SequenceDescriptor && c.MayAccess(r))
                yield return Table(c, c.SchemaName(r.SchemaId), r.Name, r is ViewDescriptor ? "VIEW" : r.TemporarySession is null ? "BASE TABLE" : "LOCAL TEMPORARY", r is TableDescriptor);
        }

        foreach (var table in SystemTables(c))
            yield return Table(c, table.Schema, table.Name, table.IsView ? "VIEW" : "BASE TABLE", false);
    }

    private static Datum[] Table(SystemContext c, string schema, string name, string kind, bool insertable) => Cells.Row(
        c.Database.Name, schema, name, kind, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cells.YesOrNo(insertable), "NO", kind == "LOCAL TEMPORARY" ? "PRESERVE" : null);

    private static IEnumerable<Datum[]> SystemColumns(SystemContext c, string? name) => SystemTables(c).Where(t => name is null || t.Name == name).SelectMany(t => t.Details.Select((x, i) =>
        Column(c, t.Schema, t.Name, new ColumnDescriptor { Id = i + 1, Name = x.Name, Type = x.Type, NotNull = x.NotNull }, null, false)));

    private static IEnumerable<Datum[]> Columns(SystemContext c, RelationDescriptor r) => r is SequenceDescriptor
        ? []
        : r.Columns.Where(x => !x.Hidden && c.MayAccess(r, x)).Select(x =>
            Column(c, c.SchemaName(r.SchemaId), r.Name, x, x.Identity != IdentityKind.None && c.Catalog.TryGet<SequenceDescriptor>(x.OwnedSequence, out var s) ? s : null, r is TableDescriptor));

    private static Datum[] Column(SystemContext c, string schema, string table, ColumnDescriptor x, SequenceDescriptor? identity, bool isUpdatable)
    {
        var type = TypeDescription.Of(c, x.ValueType, x.ValueModifier);
        Cell[] none = TypeDescription.None;
        var domain = x.Type is DomainType && c.Types.FirstOrDefault(t => t.Type.Oid == x.Type.Oid) is { } user ? [c.Database.Name, c.SchemaName(user.SchemaId), user.Name] : none;
        return Cells.Row(
        [
            c.Database.Name, schema, table, x.Name, x.Id, x.Generated is null ? c.Expression(x) : null, Cells.YesOrNo(!x.NotNull), type.DataType, .. type.Length, .. type.Numeric, .. type.Time, .. none,
            .. type.Collation, .. domain, .. type.Udt, .. none, Cell.Null, Number(x.Id), "NO", Cells.YesOrNo(x.Identity != IdentityKind.None),
            x.Identity switch { IdentityKind.Always => "ALWAYS", IdentityKind.ByDefault => "BY DEFAULT", _ => null },
            Number(identity?.Start), Number(identity?.Increment), Number(identity?.Maximum), Number(identity?.Minimum), Cells.YesOrNo(identity?.Cycle == true),
            x.Generated is null ? "NEVER" : "ALWAYS", x.Generated, Cells.YesOrNo(isUpdatable),
        ]);
    }

    private static Datum[] Domain(SystemContext c, TypeDescriptor user, DomainType domain)
    {
        var (baseType, modifier) = DomainType.Base(domain, -1);
        var type = TypeDescription.Of(c, baseType, modifier);
        Cell[] none = TypeDescription.None;
        return Cells.Row([c.Database.Name, c.SchemaName(user.SchemaId), user.Name, type.DataType, .. type.Length, .. none, .. type.Collation, .. type.Numeric, .. type.Time, domain.Default, .. type.Udt, .. none, Cell.Null, "1"]);
    }

    internal static string? Number(long? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<Datum[]> Views(SystemContext c)
    {
        foreach (var view in c.Relations.OfType<ViewDescriptor>().Where(c.MayAccess))
            yield return View(c, c.SchemaName(view.SchemaId), view.Name, c.IsAdmin || c.IsMember(view.Owner) ? view.Query + ";" : null);
        foreach (var table in SystemTables(c).Where(t => t.IsView))
            yield return View(c, table.Schema, table.Name, null);
    }

    private static Datum[] View(SystemContext c, string schema, string name, string? definition) =>
        Cells.Row(c.Database.Name, schema, name, definition, "NONE", "NO", "NO", "NO", "NO", "NO");

    private static IEnumerable<Datum[]> Uses(SystemContext c, ViewDescriptor view)
    {
        foreach (var id in view.DependsOn)
        {
            if (c.TryGetRelation(id, out var used) && used is not SequenceDescriptor)
                yield return Cells.Row(c.Database.Name, c.SchemaName(view.SchemaId), view.Name, c.Database.Name, c.SchemaName(used.SchemaId), used.Name);
        }
    }

    private static Datum[] Sequence(SystemContext c, SequenceDescriptor s) => Cells.Row(
        c.Database.Name, c.SchemaName(s.SchemaId), s.Name, s.DataType.DisplayName, s.DataType.Length * 8, 2, 0, Number(s.Start), Number(s.Minimum), Number(s.Maximum), Number(s.Increment), Cells.YesOrNo(s.Cycle));
}
