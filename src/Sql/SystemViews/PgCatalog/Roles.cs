using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>
/// pg_roles, pg_user, pg_group, pg_auth_members, and pg_authid and pg_shadow, which only admins read. A verifier is shown nowhere: pg_authid says whether there is one.
/// The identities "node" and "public" are no roles that anybody can take on, and stay out.
/// </summary>
internal static class Roles
{
    private const string Hidden = "********";

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_authid"].From(static c => c.IsAdmin ? Visible(c).Select(r => Authid(c, r)) : throw Denied("pg_authid"), 10);
        catalog["pg_shadow"].From(static c => c.IsAdmin ? Visible(c).Where(r => r.CanLogin).Select(r => User(c, r)) : throw Denied("pg_shadow"), 10);
        catalog["pg_roles"].From(static c => Visible(c).Select(r => Role(c, r)), 10)
            .By("oid", static (c, key) => Visible(c).Where(r => r.Id == key.AsOid()).Select(r => Role(c, r)))
            .By("rolname", static (c, key) => Visible(c).Where(r => r.Name == key.AsString()).Select(r => Role(c, r)));
        catalog["pg_user"].From(static c => Visible(c).Where(r => r.CanLogin).Select(r => User(c, r)), 10);
        catalog["pg_group"].From(static c => Visible(c).Where(r => !r.CanLogin).Select(r => Cells.Row(
            r.Name, r.Id, Cells.Numbers(SqlTypes.Oid, c.Catalog.Roles.Where(m => m.MemberOf.Any(x => x.Role == r.Id)).Select(m => (long)m.Id)))), 5);
        catalog["pg_auth_members"].From(static c => Visible(c).SelectMany(m => m.MemberOf.Select(x => Cells.Row(x.Role, m.Id, x.Grantor, x.AdminOption))), 10);
    }

    internal static IEnumerable<RoleDescriptor> Visible(SystemContext c) => c.Catalog.Roles.Where(r => r.Id is not (RoleIds.Node or RoleIds.Public));

    private static SqlException Denied(string table) => new(SqlState.InsufficientPrivilege, $"permission denied for {(table == "pg_shadow" ? "view" : "table")} {table}");

    private static bool Has(RoleDescriptor role, RoleOptions option) => (role.Options & option) != 0;

    private static bool IsSuper(SystemContext c, RoleDescriptor role) => c.Session.Gate.IsAdmin(role.Id, c.Catalog);

    private static Datum[] Authid(SystemContext c, RoleDescriptor r) => Cells.Row(
        r.Id, r.Name, IsSuper(c, r), !Has(r, RoleOptions.NoInherit), MayCreateRoles(c, r), MayCreateDatabases(c, r), r.CanLogin, Has(r, RoleOptions.Replication), BypassesPolicies(c, r), r.ConnectionLimit,
        r.PasswordVerifier is null ? null : Hidden, r.ValidUntil);

    private static Datum[] Role(SystemContext c, RoleDescriptor r) => Cells.Row(
        r.Name, IsSuper(c, r), !Has(r, RoleOptions.NoInherit), MayCreateRoles(c, r), MayCreateDatabases(c, r), r.CanLogin, Has(r, RoleOptions.Replication), r.ConnectionLimit, Hidden, r.ValidUntil,
        BypassesPolicies(c, r), Settings(c, r), r.Id);

    private static Datum[] User(SystemContext c, RoleDescriptor r) => Cells.Row(
        r.Name, r.Id, MayCreateDatabases(c, r), IsSuper(c, r), Has(r, RoleOptions.Replication), BypassesPolicies(c, r), Hidden, r.ValidUntil, Settings(c, r));

    private static bool MayCreateRoles(SystemContext c, RoleDescriptor r) => Has(r, RoleOptions.CreateRole) || IsSuper(c, r);

    private static bool MayCreateDatabases(SystemContext c, RoleDescriptor r) => Has(r, RoleOptions.CreateDb) || IsSuper(c, r);

    private static bool BypassesPolicies(SystemContext c, RoleDescriptor r) => Has(r, RoleOptions.BypassRls) || IsSuper(c, r);

    /// <summary>ALTER ROLE … SET for all databases; of others, only an admin sees them.</summary>
    private static Datum Settings(SystemContext c, RoleDescriptor r)
    {
        var settings = r.Id == c.User || c.IsAdmin ? r.Settings.Where(s => s.DatabaseId == 0).Select(s => $"{s.Name}={s.Value}").ToList() : [];
        return settings.Count == 0 ? Datum.Null : Cells.Texts(SqlTypes.Text, settings);
    }
}
