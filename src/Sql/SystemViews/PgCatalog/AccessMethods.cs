using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.SystemViews.Facts;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_am, pg_opclass, pg_opfamily, pg_amop: heap, btree, and hash for the planner's equalities.</summary>
internal static class AccessMethods
{
    private const uint Heap = 2;
    private const uint Btree = 403;
    private const uint Hash = 405;

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_am"].From(static _ => [Cells.Row(Heap, "heap", 3, 't'), Cells.Row(Btree, "btree", 330, 'i'), Cells.Row(Hash, "hash", 331, 'i')], 3);
        catalog["pg_opclass"].From(static c => IndexFacts.AllClasses.Select(o => Class(c, o)), 70).By("oid", static (c, key) => IndexFacts.AllClasses.Where(o => o.Oid == key.AsOid()).Select(o => Class(c, o)));
        catalog["pg_opfamily"].From(static c => IndexFacts.AllFamilies.Select(f => Cells.Row(f.Oid, f.Method, f.Name, c.SchemaId(SystemCatalog.PgCatalog), RoleIds.Root)), 50);
        catalog["pg_amop"].From(static _ => IndexFacts.AllOperators.Select(o => Cells.Row(
            CatalogOids.Default(o.Family ^ (o.Left << 12) ^ (o.Right << 20), o.Strategy), o.Family, o.Left, o.Right, o.Strategy, 's', o.Operator,
            IndexFacts.AllFamilies.First(f => f.Oid == o.Family).Method, 0)), 280);
    }

    private static Datum[] Class(SystemContext c, OperatorClass o) =>
        Cells.Row(o.Oid, o.Method, o.Name, c.SchemaId(SystemCatalog.PgCatalog), RoleIds.Root, o.Family, o.InputType, o.IsDefault, o.KeyType);
}
