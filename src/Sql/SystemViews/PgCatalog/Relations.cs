using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_class, pg_namespace, pg_sequence and what else has one row per relation.</summary>
internal static class Relations
{
    private const uint PgClass = 1259;
    private const uint PgNamespace = 2615;
    private const uint Heap = 2;
    private const uint Btree = 403;

    /// <summary>Everybody reads the computed tables; what a row says is decided where it is made.</summary>
    private static readonly Datum s_systemAcl = Cells.Texts(SqlTypes.AclItem, ["root=arwdDxt/root", "=r/root"]);

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_init_privs"].From(InitialPrivileges, 200);
        catalog["pg_class"].From(Classes, 400)
            .By("oid", static (c, key) => ById(c, key.AsOid()))
            .By("relname", static (c, key) => ByName(c, key.AsString()));
        catalog["pg_namespace"].From(Namespaces, 5).By("oid", static (c, key) => c.Schemas.Where(s => s.Id == key.AsOid()).Select(s => Namespace(c, s)));
        catalog["pg_sequence"].From(static c => c.Relations.OfType<SequenceDescriptor>().Select(Sequence), 10)
            .By("seqrelid", static (c, key) => c.TryGetRelation(key.AsOid(), out var r) && r is SequenceDescriptor s ? [Sequence(s)] : []);
    }

    private static IEnumerable<Datum[]> Namespaces(SystemContext c) => c.Schemas.Select(s => Namespace(c, s));

    private static Datum[] Namespace(SystemContext c, SchemaDescriptor s) => Cells.Row(s.Id, s.Name, s.Owner, c.Acl(s));

    private static Datum[] Sequence(SequenceDescriptor s) => Cells.Row(s.Id, s.DataType.Oid, s.Start, s.Increment, s.Maximum, s.Minimum, s.Cache, s.Cycle);

    /// <summary>The rights that came with the database, so that pg_dump does not grant them again.</summary>
    private static IEnumerable<Datum[]> InitialPrivileges(SystemContext c)
    {
        foreach (var table in SystemCatalog.Instance.All.Where(t => c.SchemaId(t.Schema) != 0))
            yield return Cells.Row(table.Id, PgClass, 0, 'i', s_systemAcl);
        foreach (var schema in DatabaseTemplate.Schemas(c.Database, static () => 0))
        {
            if (c.Catalog.TryGetSchema(c.Database.Id, schema.Name, out var existing))
                yield return Cells.Row(existing.Id, PgNamespace, 0, 'i', c.Acl(schema));
        }
    }

    private static IEnumerable<Datum[]> Classes(SystemContext c)
    {
        foreach (var table in SystemCatalog.Instance.All)
        {
            if (c.SchemaId(table.Schema) is var schema and not 0)
                yield return System(table, schema);
        }

        foreach (var relation in c.Relations)
        {
            yield return Relation(c, relation);
            if (relation is not TableDescriptor owner)
                continue;
            foreach (var index in SystemContext.Indexes(owner))
                yield return Index(c, owner, index);
        }
    }

    private static IEnumerable<Datum[]> ById(SystemContext c, uint id)
    {
        if (c.TryGetRelation(id, out var relation))
            yield return Relation(c, relation);
        else if (c.FindIndex(id) is var (owner, index))
            yield return Index(c, owner, index);
        else if (SystemCatalog.Instance.TryGet(id, out var table) && c.SchemaId(table.Schema) is var schema and not 0)
            yield return System(table, schema);
    }

    private static IEnumerable<Datum[]> ByName(SystemContext c, string name)
    {
        foreach (var schema in c.Schemas)
        {
            if (c.Catalog.TryGetRelation(schema.Id, name, out var relation))
                yield return Relation(c, relation);
            if (c.Catalog.TryGetIndex(schema.Id, name, out var owner, out var index) && c.FindIndex(index.Id) is not null)
                yield return Index(c, owner, index);
            if (SystemCatalog.Instance.TryGet(schema.Name, name, out var table))
                yield return System((SystemTable)table, schema.Id);
        }
    }

    internal static char Kind(RelationDescriptor relation) => relation switch { TableDescriptor => 'r', ViewDescriptor => 'v', _ => 'S' };

    private static Datum[] Relation(SystemContext c, RelationDescriptor r)
    {
        var table = r as TableDescriptor;
        var statistics = table is null ? null : c.Catalog.Statistics(r.Id);
        return Row(
            r.Id, r.Name, r.SchemaId, r.Owner, table is null ? 0 : Heap, r is ViewDescriptor ? 0 : table?.StorageId ?? r.Id, statistics?.RowCount ?? (table is null ? r is SequenceDescriptor ? 1 : 0 : -1),
            table is not null && SystemContext.Indexes(table).Any(), r.TemporarySession is null ? 'p' : 't', Kind(r),
            r is SequenceDescriptor ? 3 : r.Columns.Where(x => !x.Hidden).Select(x => x.Id).DefaultIfEmpty(0).Max(), table?.Checks.Length ?? 0, r is ViewDescriptor,
            table is not null && (table.ForeignKeys.Length > 0 || table.ReferencedBy.Length > 0), table is null ? 'n' : 'd', c.Acl(r),
            r is ViewDescriptor { SecurityInvoker: true } ? Cells.Texts(SqlTypes.Text, ["security_invoker=true"]) : Datum.Null, table);
    }

    private static Datum[] Index(SystemContext c, TableDescriptor table, IndexDescriptor index) => Row(
        index.Id, index.Name, table.SchemaId, table.Owner, Btree, index.Id, c.Catalog.Statistics(table.Id)?.RowCount ?? 0,
        false, table.TemporarySession is null ? 'p' : 't', 'i', index.Parts.Length + index.Included.Length, 0, false, false, 'n', Datum.Null, Datum.Null);

    private static Datum[] System(SystemTable table, uint schema) => Row(
        table.Id, table.Name, schema, RoleIds.Root, table.IsView ? 0 : Heap, 0, table.IsView ? 0 : -1, false, 'p', table.IsView ? 'v' : 'r', table.Columns.Length, 0, table.IsView, false, 'n',
        s_systemAcl, Datum.Null);

    private static Datum[] Row(
        uint id, string name, uint schema, uint owner, uint accessMethod, uint file, double rows, bool hasIndex, char persistence, char kind, int columns, int checks, bool hasRules, bool hasTriggers,
        char replicaIdentity, Datum acl, Datum options, TableDescriptor? policies = null) => Cells.Row(
        id, name, schema, 0, 0, owner, accessMethod, file, 0, 0, rows, 0, 0, hasIndex, false, persistence, kind, columns, checks, hasRules, hasTriggers, false, policies?.RowSecurity == true, policies?.ForceRowSecurity == true, true, replicaIdentity,
        false, 0, 0, 0, acl, options, Cell.Null);
}
