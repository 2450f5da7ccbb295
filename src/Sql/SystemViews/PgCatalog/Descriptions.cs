using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Functions.SystemInformation;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_description and pg_shdescription: COMMENT ON.</summary>
internal static class Descriptions
{
    private const uint PgClass = 1259;
    private const uint PgType = 1247;
    private const uint PgConstraint = 2606;
    private const uint PgNamespace = 2615;
    private const uint PgDatabase = 1262;
    private const uint PgAuthid = 1260;

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_description"].From(All, 20).By("objoid", static (c, key) => Of(c, key.AsOid()));
        catalog["pg_shdescription"].From(static c => c.Catalog.Databases.Where(d => d.Comment is not null).Select(d => Cells.Row(d.Id, PgDatabase, d.Comment))
            .Concat(c.Catalog.Roles.Where(r => r.Comment is not null).Select(r => Cells.Row(r.Id, PgAuthid, r.Comment))), 5);
    }

    private static IEnumerable<Datum[]> All(SystemContext c) => c.Schemas.SelectMany(Of)
        .Concat(c.Types.SelectMany(Of))
        .Concat(c.Types.SelectMany(t => (t.Type as Core.Types.DomainType)?.Checks.SelectMany(k => OfConstraint(CatalogOids.Check(t.Id, k.Name), k.Comment)) ?? []))
        .Concat(c.Relations.SelectMany(OfRelation));

    private static IEnumerable<Datum[]> Of(SystemContext c, uint id)
    {
        if (c.TryGetRelation(id, out var relation))
            return OfRelation(relation);
        if (c.FindIndex(id) is var (_, index))
            return OfIndex(index);
        var constraints = CatalogIndex.Of(c.Catalog);
        if (constraints.ForeignKeys.TryGetValue(id, out var key))
            return OfConstraint(id, key.Key.Comment);
        if (constraints.Checks.TryGetValue(id, out var check))
            return OfConstraint(id, check.Check.Comment);
        if (constraints.DomainChecks.TryGetValue(id, out var domainCheck))
            return OfConstraint(id, domainCheck.Comment);
        return c.Catalog.TryGet<SchemaDescriptor>(id, out var schema) ? Of(schema) : c.Catalog.TryGet<TypeDescriptor>(id, out var type) ? Of(type) : [];
    }

    private static IEnumerable<Datum[]> Of(Descriptor descriptor) =>
        descriptor.Comment is { } text ? [Cells.Row(descriptor.Id, descriptor is SchemaDescriptor ? PgNamespace : descriptor is TypeDescriptor ? PgType : PgClass, 0, text)] : [];

    private static IEnumerable<Datum[]> OfRelation(RelationDescriptor relation)
    {
        var rows = Of((Descriptor)relation).Concat(relation.Columns.Where(x => x.Comment is not null && !x.Hidden).Select(x => Cells.Row(relation.Id, PgClass, x.Id, x.Comment)));
        return relation is TableDescriptor table ? rows.Concat(SystemContext.Indexes(table).SelectMany(OfIndex))
            .Concat(table.Checks.SelectMany(k => OfConstraint(CatalogOids.Check(table.Id, k.Name), k.Comment)))
            .Concat(table.ForeignKeys.SelectMany(k => OfConstraint(k.Id, k.Comment))) : rows;
    }

    /// <summary>The index and the constraint that it carries have one OID in two catalogs.</summary>
    private static IEnumerable<Datum[]> OfIndex(IndexDescriptor index) =>
        (index.Comment is { } text ? [Cells.Row(index.Id, PgClass, 0, text)] : Enumerable.Empty<Datum[]>()).Concat(OfConstraint(index.Id, index.ConstraintComment));

    private static IEnumerable<Datum[]> OfConstraint(uint id, string? comment) => comment is null ? [] : [Cells.Row(id, PgConstraint, 0, comment)];
}
