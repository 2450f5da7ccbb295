using System.Text;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Security.Authorization;

namespace Chitin.Sql.SystemViews.CockroachSystem;

/// <summary>
/// The schema "system": users, roles, system privileges and settings in CockroachDB's tables (SECURITY-SPEC 3.3), computed from the catalog. Reading them needs VIEWSYSTEMTABLE.
/// A verifier is shown nowhere: hashedPassword says whether there is one.
/// </summary>
internal static class SystemTables
{
    public static void Register(SystemCatalog catalog)
    {
        catalog.SystemTable("users").From(static c => Roles(c).Select(r => Cells.Row(
            r.Name, r.PasswordVerifier is null ? Datum.Null : Datum.FromBytes(Encoding.ASCII.GetBytes("********")), !r.CanLogin, r.Id, Datum.Null)), 10);
        catalog.SystemTable("role_options").From(static c => Roles(c).SelectMany(r => Options(r).Select(o => Cells.Row(r.Name, o.Name, o.Value, r.Id))), 10);
        catalog.SystemTable("role_members").From(static c => Roles(c).SelectMany(m => m.MemberOf.Select(x => Cells.Row(c.RoleName(x.Role), m.Name, x.AdminOption, x.Role, m.Id)))
            .OrderBy(r => r[0].AsString(), StringComparer.Ordinal).ThenBy(r => r[1].AsString(), StringComparer.Ordinal), 10);
        catalog.SystemTable("database_role_settings").From(static c => c.Catalog.Roles.SelectMany(r => r.Settings.GroupBy(s => s.DatabaseId).Select(g => Cells.Row(
            g.Key, r.Id == RoleIds.Public ? "" : r.Name, Cells.Texts(SqlTypes.Text, g.Select(s => $"{s.Name}={s.Value}")), r.Id == RoleIds.Public ? 0 : r.Id))), 10);
        catalog.SystemTable("privileges").From(static c => c.Catalog.Roles.SelectMany(r => r.Acl.Where(e => e.Grantee == r.Id).Select(e => Cells.Row(
            r.Name, "/global/", Words(e.Privileges), Words(e.GrantOptions), r.Id))), 10);
        catalog.SystemTable("settings").From(static c => c.Catalog.ClusterSettings.Select(s => Cells.Row(
            s.Key, s.Value, Datum.Null, ClusterSettings.All.FirstOrDefault(d => d.Name == s.Key)?.Type.ToString())), 10);
    }

    private static IEnumerable<RoleDescriptor> Roles(SystemContext c) => c.Catalog.Roles.Where(r => r.Id is not (RoleIds.Node or RoleIds.Public)).OrderBy(r => r.Name, StringComparer.Ordinal);

    /// <summary>Options as they are set: NOLOGIN is one, LOGIN is not.</summary>
    private static IEnumerable<(string Name, string? Value)> Options(RoleDescriptor role)
    {
        foreach (var option in Enum.GetValues<RoleOptions>())
        {
            if (option is not (RoleOptions.None or RoleOptions.Login) && (role.Options & option) == option)
                yield return (option.ToString().ToUpperInvariant(), null);
        }

        if (!role.CanLogin)
            yield return ("NOLOGIN", null);
        if (role.ValidUntil is { } until)
            yield return ("VALID UNTIL", $"{until:yyyy-MM-dd HH:mm:sszzz}");
        if (role.Subject is { } subject)
            yield return ("SUBJECT", subject);
    }

    private static Datum Words(Privilege privileges) =>
        Cells.Texts(SqlTypes.Text, (privileges & Privilege.All) != 0 ? ["ALL"] : PrivilegeNames.Singles(privileges).Select(PrivilegeNames.Name));
}
