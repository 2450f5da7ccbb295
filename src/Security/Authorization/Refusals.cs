using Chitin.Catalog;
using Chitin.Core;

namespace Chitin.Security.Authorization;

/// <summary>The texts of refused accesses, as CockroachDB words them (SECURITY-SPEC 4.3).</summary>
static class Refusals
{
    public static SqlException For(ObjectAccess access, AccessDecision decision, Principal principal, ICatalogSnapshot catalog)
    {
        var role = access.OnBehalfOf is RoleIds.None || access.OnBehalfOf == principal.CurrentUser ? principal.CurrentUserName : RoleName(access.OnBehalfOf, catalog);
        if (decision.Reason == AccessReason.UnknownObject)
            return new SqlException(SqlState.UndefinedObject, $"{PrivilegeNames.WordInRefusal(access.Kind)} \"{access.ObjectName}\" does not exist");
        return access.Rule switch
        {
            AccessRule.Admin => Denied($"only users with the admin role are allowed to {access.ObjectName}"),
            AccessRule.Owner => Denied($"must be owner of {PrivilegeNames.Word(access.Kind)} {access.ObjectName}"),
            AccessRule.AnyPrivilege => Denied($"user {role} has no privileges on {PrivilegeNames.WordInRefusal(access.Kind)} {access.ObjectName}"),
            AccessRule.RoleAdmin => RoleAdmin(role, access.ObjectId, access.ObjectName),
            AccessRule.RoleMember => Denied($"must be member of role \"{access.ObjectName}\""),
            AccessRule.SystemPrivilege when decision.Missing is Privilege.ModifyClusterSetting or Privilege.ModifySqlClusterSetting or Privilege.ViewClusterSetting =>
                Denied($"only users with {SettingPrivileges(decision.Missing)} system privilege are allowed to {access.ObjectName}"),
            AccessRule.SystemPrivilege => SystemPrivilege(role, decision.Missing),
            _ when access.Kind == ObjectKind.System => SystemPrivilege(role, decision.Missing),
            // Either will do; DROP is what CockroachDB asks for.
            _ when decision.Missing == Privilege.Truncate => Denied($"user {role} does not have DROP privilege on {PrivilegeNames.WordInRefusal(access.Kind)} {access.ObjectName}"),
            _ => Denied($"user {role} does not have {PrivilegeNames.Name(decision.Missing)} privilege on {PrivilegeNames.WordInRefusal(access.Kind)} {access.ObjectName}"),
        };
    }

    /// <summary>Who may change settings may see them, and those for SQL may be changed by fewer rights (SECURITY-SPEC 4.3).</summary>
    static string SettingPrivileges(Privilege missing) => missing switch
    {
        Privilege.ModifyClusterSetting => "MODIFYCLUSTERSETTING",
        Privilege.ModifySqlClusterSetting => "MODIFYCLUSTERSETTING or MODIFYSQLCLUSTERSETTING",
        _ => "MODIFYCLUSTERSETTING, MODIFYSQLCLUSTERSETTING or VIEWCLUSTERSETTING",
    };

    public static SqlException Denied(string message) => new(SqlState.InsufficientPrivilege, message);

    public static SqlException SystemPrivilege(string role, Privilege missing) => missing switch
    {
        Privilege.CreateDb => Denied("permission denied to create database"),
        Privilege.CreateRole or Privilege.CreateLogin => Denied($"user {role} does not have {PrivilegeNames.Name(missing)} privilege"),
        _ => Denied($"user {role} does not have {PrivilegeNames.Name(missing)} system privilege"),
    };

    public static SqlException RoleAdmin(string user, uint role, string roleName) => Denied(role == RoleIds.Admin
        ? $"{user} is not a role admin for role admin"
        : $"{user} is not a superuser or role admin for role {roleName}");

    static string RoleName(uint id, ICatalogSnapshot catalog) => catalog.TryGet<RoleDescriptor>(id, out var role) ? role.Name : $"unknown ({id})";
}
