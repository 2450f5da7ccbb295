using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Functions.SystemInformation;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_depend and pg_rewrite, as far as tools read them: which column owns a sequence, which table an index, which relations a view reads, which key a foreign key needs.</summary>
internal static class Dependencies
{
    private const uint PgClass = 1259;
    private const uint PgAttrdef = 2604;
    private const uint PgConstraint = 2606;
    private const uint PgRewrite = 2618;
    private const uint PgNamespace = 2615;
    private const uint PgAuthid = 1260;
    private const uint PgType = 1247;

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_depend"].From(static c => c.Relations.SelectMany(r => OfRelation(c, r)), 100)
            .By("objid", static (c, key) => c.Relations.SelectMany(r => OfRelation(c, r)).Where(row => row[1].AsOid() == key.AsOid()));
        catalog["pg_rewrite"].From(static c => c.Relations.OfType<ViewDescriptor>().Select(Rule), 10)
            .By("ev_class", static (c, key) => c.TryGetRelation(key.AsOid(), out var r) && r is ViewDescriptor view ? [Rule(view)] : []);
        catalog["pg_shdepend"].From(Owners, 100);
    }

    /// <summary>The OID of a view's rule; computed, above all that are given out.</summary>
    private static uint RuleOid(ViewDescriptor view) => CatalogOids.Check(view.Id, "_RETURN");

    private static Datum[] Rule(ViewDescriptor view) => Cells.Row(RuleOid(view), "_RETURN", view.Id, '1', 'O', true, "<>", view.Query);

    private static IEnumerable<Datum[]> OfRelation(SystemContext c, RelationDescriptor relation)
    {
        yield return Depends(PgClass, relation.Id, 0, PgNamespace, relation.SchemaId, 0, 'n');
        switch (relation)
        {
            case SequenceDescriptor { OwnerTable: not 0 } sequence:
                yield return Depends(PgClass, sequence.Id, 0, PgClass, sequence.OwnerTable, sequence.OwnerColumn, c.IsIdentity(sequence) ? 'i' : 'a');
                break;
            case ViewDescriptor view:
                yield return Depends(PgRewrite, RuleOid(view), 0, PgClass, view.Id, 0, 'i');
                foreach (var id in view.DependsOn)
                    yield return Depends(PgRewrite, RuleOid(view), 0, PgClass, id, 0, 'n');
                break;
            case TableDescriptor table:
                foreach (var row in OfTable(c, table))
                    yield return row;
                break;
        }
    }

    private static IEnumerable<Datum[]> OfTable(SystemContext c, TableDescriptor table)
    {
        foreach (var index in SystemContext.Indexes(table))
        {
            if (index.Constraint is not null)
                yield return Depends(PgClass, index.Id, 0, PgConstraint, index.Id, 0, 'i');
            foreach (var part in index.Parts.Where(p => p.ColumnId != 0))
                yield return Depends(index.Constraint is null ? PgClass : PgConstraint, index.Id, 0, PgClass, table.Id, part.ColumnId, 'a');
        }

        foreach (var check in table.Checks)
            yield return Depends(PgConstraint, CatalogOids.Check(table.Id, check.Name), 0, PgClass, table.Id, check.ColumnIds.FirstOrDefault(), 'a');
        foreach (var key in table.ForeignKeys)
        {
            foreach (var column in key.Columns)
                yield return Depends(PgConstraint, key.Id, 0, PgClass, table.Id, column, 'a');
            foreach (var column in key.ReferencedColumns)
                yield return Depends(PgConstraint, key.Id, 0, PgClass, key.ReferencedTable, column, 'n');
            yield return Depends(PgConstraint, key.Id, 0, PgClass, key.ReferencedIndex, 0, 'n');
        }

        foreach (var column in table.Columns.Where(x => !x.Hidden && (x.Default is not null || x.Generated is not null)))
        {
            var id = CatalogOids.Default(table.Id, column.Id);
            yield return Depends(PgAttrdef, id, 0, PgClass, table.Id, column.Id, 'a');
            foreach (var sequence in c.SequencesOf(column))
                yield return Depends(PgAttrdef, id, 0, PgClass, sequence, 0, 'n');
        }

        foreach (var column in table.Columns.Where(x => x.Type.Oid >= PgOid.FirstNormal))
            yield return Depends(PgClass, table.Id, column.Id, PgType, column.Type.Oid, 0, 'n');
    }

    private static IEnumerable<Datum[]> Owners(SystemContext c) => c.Relations.Where(r => r.Owner != RoleIds.Root)
        .Select(r => Cells.Row(c.Database.Id, PgClass, r.Id, 0, PgAuthid, r.Owner, 'o'));

    private static Datum[] Depends(uint catalog, uint id, int column, uint otherCatalog, uint other, int otherColumn, char kind) =>
        Cells.Row(catalog, id, column, otherCatalog, other, otherColumn, kind);
}
