using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Authorization;
using Chitin.Security.Principals;

namespace Chitin.Sql.SystemViews.InformationSchema;

/// <summary>Who may do what: one row per grantor, grantee and privilege, where the user is grantor or grantee. The role_… forms leave PUBLIC out.</summary>
internal static class Privileges
{
    private sealed record Grant(string Grantor, string Grantee, bool IsPublic, Privilege Privilege, bool IsGrantable);

    public static void Register(SystemCatalog catalog)
    {
        foreach (var (table, toPublic) in new[] { ("table_privileges", true), ("role_table_grants", false) })
        {
            catalog.Information(table).From(c => Relations(c).SelectMany(r => Grants(c, r, r.Acl, PrivilegeNames.ValidInPostgres(r.Kind), withOwner: true).Where(g => toPublic || !g.IsPublic).Select(g => Cells.Row(
                g.Grantor, g.Grantee, c.Database.Name, c.SchemaName(r.SchemaId), r.Name, Word(g), Cells.YesOrNo(g.IsGrantable), Cells.YesOrNo(g.Privilege == Privilege.Select)))), 50);
        }

        foreach (var (table, toPublic) in new[] { ("column_privileges", true), ("role_column_grants", false) })
            catalog.Information(table).From(c => Relations(c).SelectMany(r => OfColumns(c, r, toPublic)), 100);
        foreach (var (table, toPublic) in new[] { ("usage_privileges", true), ("role_usage_grants", false) })
        {
            catalog.Information(table).From(c => c.Relations.OfType<SequenceDescriptor>().SelectMany(s => Grants(c, s, s.Acl, Privilege.Usage, withOwner: true).Where(g => toPublic || !g.IsPublic).Select(g => Cells.Row(
                g.Grantor, g.Grantee, c.Database.Name, c.SchemaName(s.SchemaId), s.Name, "SEQUENCE", "USAGE", Cells.YesOrNo(g.IsGrantable)))), 20);
        }

        catalog.Information("schema_privileges").From(static c => c.Schemas.SelectMany(s => Grants(c, s, s.Acl, Privilege.Create | Privilege.Usage, withOwner: true).Select(g => Cells.Row(
            g.Grantee, c.Database.Name, s.Name, Word(g), Cells.YesOrNo(g.IsGrantable)))), 10);
        catalog.Information("type_privileges").From(static c => c.Types.SelectMany(t => Grants(c, t, t.Acl, Privilege.Usage, withOwner: true).Select(g => Cells.Row(
            g.Grantee, c.Database.Name, c.SchemaName(t.SchemaId), t.Name, Word(g), Cells.YesOrNo(g.IsGrantable)))), 10);
        catalog.Information("udt_privileges").From(static c => c.Types.SelectMany(t => Grants(c, t, t.Acl, Privilege.Usage, withOwner: true).Select(g => Cells.Row(
            g.Grantor, g.Grantee, c.Database.Name, c.SchemaName(t.SchemaId), t.Name, "TYPE USAGE", Cells.YesOrNo(g.IsGrantable)))), 10);
        catalog.Information("user_privileges").From(static c => Grants(c, c.Database, c.Database.Acl, PrivilegeNames.ValidInPostgres(ObjectKind.Database), withOwner: true).Select(g => Cells.Row(
            g.Grantee, c.Database.Name, Word(g), Cells.YesOrNo(g.IsGrantable))), 10);
        catalog.Information("enabled_roles").From(static c => PgCatalog.Roles.Visible(c).Where(r => c.IsMember(r.Id)).Select(r => Cells.Row(r.Name)), 5);
        catalog.Information("applicable_roles").From(static c => Memberships(c).Select(m => Cells.Row(m.Grantee, m.Role, Cells.YesOrNo(m.Admin))), 5);
        catalog.Information("administrable_role_authorizations").From(static c => Memberships(c).Where(m => m.Admin).Select(m => Cells.Row(m.Grantee, m.Role, Cells.YesOrNo(m.Admin))), 5);
    }

    private static IEnumerable<RelationDescriptor> Relations(SystemContext c) => c.Relations.Where(r => r is not SequenceDescriptor);

    private static string Word(Grant grant) => PrivilegeNames.Name(grant.Privilege);

    /// <summary>As CockroachDB lists them: every role that the user is a member of, directly or not, with the user as grantee.</summary>
    private static IEnumerable<(string Grantee, string Role, bool Admin)> Memberships(SystemContext c)
    {
        var graph = RoleGraph.Of(c.Catalog);
        return PgCatalog.Roles.Visible(c).Where(r => r.Id != c.User && graph.Reach(c.User).Contains(r.Id)).Select(r => (c.RoleName(c.User), r.Name, graph.HasAdminOption(c.User, r.Id)));
    }

    private static IEnumerable<Grant> Grants(SystemContext c, Descriptor target, ImmutableArray<AclEntry> acl, Privilege listed, bool withOwner)
    {
        IEnumerable<AclEntry> entries = acl;
        if (withOwner)
            entries = acl.Where(e => e.Grantee != target.Owner).Prepend(new AclEntry(target.Owner, Privilege.All, Privilege.All, target.Owner));
        foreach (var entry in entries)
        {
            if (!c.IsAdmin && !c.IsGranteeOf(entry) && !c.IsMember(entry.Grantor))
                continue;
            var held = PrivilegeNames.Expand(entry.Privileges, target.Kind) & listed;
            var options = PrivilegeNames.Expand(entry.GrantOptions, target.Kind);
            var isPublic = entry.Grantee == RoleIds.Public;
            foreach (var single in PrivilegeNames.Singles(held))
                yield return new Grant(c.RoleName(entry.Grantor), isPublic ? "PUBLIC" : c.RoleName(entry.Grantee), isPublic, single, (options & single) != 0);
        }
    }

    /// <summary>Grants on the table repeated for each column, then those on the column alone.</summary>
    private static IEnumerable<Datum[]> OfColumns(SystemContext c, RelationDescriptor r, bool toPublic)
    {
        var whole = Grants(c, r, r.Acl, PrivilegeNames.ColumnPrivileges, withOwner: true).ToList();
        foreach (var column in r.Columns.Where(x => !x.Hidden))
        {
            foreach (var g in whole.Concat(Grants(c, r, column.Acl, PrivilegeNames.ColumnPrivileges, withOwner: false)).Distinct().Where(g => toPublic || !g.IsPublic))
                yield return Cells.Row(g.Grantor, g.Grantee, c.Database.Name, c.SchemaName(r.SchemaId), r.Name, column.Name, Word(g), Cells.YesOrNo(g.IsGrantable));
        }
    }
}
