using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Functions.SystemInformation;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_database, pg_tablespace, pg_db_role_setting, pg_default_acl: what all databases share.</summary>
internal static class Databases
{
    private const uint DefaultTablespace = 1663;
    private const uint GlobalTablespace = 1664;
    private const int Utf8 = 6;

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_database"].From(static c => c.Catalog.Databases.Select(d => Row(c, d)), 5)
            .By("oid", static (c, key) => c.Catalog.TryGet<DatabaseDescriptor>(key.AsOid(), out var d) ? [Row(c, d)] : [])
            .By("datname", static (c, key) => c.Catalog.TryGetDatabase(key.AsString(), out var d) ? [Row(c, d)] : []);
        catalog["pg_tablespace"].From(static _ =>
        [
            Cells.Row(DefaultTablespace, "pg_default", RoleIds.Root, Cell.Null, Cell.Null),
            Cells.Row(GlobalTablespace, "pg_global", RoleIds.Root, Cell.Null, Cell.Null),
        ], 2);
        catalog["pg_db_role_setting"].From(RoleSettings, 5);
        catalog["pg_default_acl"].From(DefaultPrivileges, 5);
    }

    private static Datum[] Row(SystemContext c, DatabaseDescriptor d) => Cells.Row(
        d.Id, d.Name, d.Owner, Utf8, 'c', false, true, -1, 0, 0, DefaultTablespace, "C", "C", Cell.Null, Cell.Null, c.Acl(d));

    private static IEnumerable<Datum[]> RoleSettings(SystemContext c) =>
        from role in c.Catalog.Roles
        where c.IsAdmin || role.Id == c.User
        from settings in role.Settings.GroupBy(s => s.DatabaseId)
        select Cells.Row(settings.Key, role.Id == RoleIds.Public ? 0 : role.Id, Cells.Texts(Core.Types.SqlTypes.Text, settings.Select(s => $"{s.Name}={s.Value}")));

    private static IEnumerable<Datum[]> DefaultPrivileges(SystemContext c)
    {
        foreach (var group in c.Catalog.DefaultPrivileges.Where(e => e.DatabaseId == c.Database.Id).GroupBy(e => (e.Creator, e.SchemaId, e.Kind)))
        {
            var (creator, schema, kind) = group.Key;
            var letter = kind switch { ObjectKind.Sequence => 'S', ObjectKind.Type => 'T', ObjectKind.Schema => 'n', ObjectKind.Function => 'f', _ => 'r' };
            var id = CatalogOids.Default(creator ^ (schema << 8), letter);
            var owner = creator == 0 ? RoleIds.Root : creator;
            var given = group.Where(e => e.Privileges != Privilege.None).Select(e => new AclEntry(e.Grantee, e.Privileges, e.GrantOptions, owner));
            // Where public's own right was taken away, the owner's is what is left.
            var acl = c.Acl(group.Any(e => e.Privileges == Privilege.None) ? given.Prepend(new AclEntry(owner, Privilege.All, Privilege.None, owner)) : given, kind);
            yield return Cells.Row(id, creator, schema, letter, acl);
        }
    }
}
