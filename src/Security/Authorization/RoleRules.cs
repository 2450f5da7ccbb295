using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Principals;

namespace Chitin.Security.Authorization;

/// <summary>Who may create, change, drop and grant roles (SECURITY-SPEC 3.2). Each function returns when it is allowed and throws the refusal when not.</summary>
public static class RoleRules
{
    /// <summary>Options whose holder passes the policies or the limits of others: only who has them hands them on.</summary>
    const RoleOptions Elevating = RoleOptions.BypassRls | RoleOptions.Replication | RoleOptions.ModifyClusterSetting | RoleOptions.CreateLogin | RoleOptions.ControlJob;

    /// <summary>The access that CREATE, ALTER and DROP ROLE add to their access set, so that the gate checks and the auditor sees it.</summary>
    public static ObjectAccess ManageRoles(uint onBehalfOf) => new(ObjectKind.System, 0, "", [], Privilege.CreateRole, onBehalfOf, AccessRule.SystemPrivilege);

    public static void RequireCreate(Principal principal, RoleOptionChanges changes, IGate gate, ICatalogSnapshot catalog)
    {
        Require(principal, Privilege.CreateRole, gate, catalog);
        if (changes.SetsPassword || changes.ValidUntilChanges || (changes.Set & (RoleOptions.Login | RoleOptions.CreateLogin)) != 0)
            Require(principal, Privilege.CreateLogin, gate, catalog);
        RequireElevating(principal, changes, gate, catalog);
    }

    /// <param name="ownPasswordAllowed">Cluster setting sql.auth.change_own_password.enabled.</param>
    public static void RequireAlter(Principal principal, RoleDescriptor target, RoleOptionChanges changes, bool ownPasswordAllowed, IGate gate, ICatalogSnapshot catalog)
    {
        if (target.Id is RoleIds.Admin or RoleIds.Public)
            throw Refusals.Denied($"cannot edit {target.Name} role");
        if (target.Id == RoleIds.Node)
            throw new SqlException(SqlState.ReservedName, "role name \"node\" is reserved");
        if (target.Id == principal.CurrentUser && ownPasswordAllowed && changes.IsPasswordOnly)
            return;
        Require(principal, Privilege.CreateRole, gate, catalog);
        if (changes.SetsPassword || changes.ValidUntilChanges || ((changes.Set | changes.Clear) & (RoleOptions.Login | RoleOptions.CreateLogin)) != 0)
            Require(principal, Privilege.CreateLogin, gate, catalog);
        RequireElevating(principal, changes, gate, catalog);
        if (gate.IsAdmin(target.Id, catalog) && !gate.IsAdmin(principal.CurrentUser, catalog))
            throw Refusals.Denied("only users with the admin role are allowed to alter another admin");
        if (target.Id == RoleIds.Root && (changes.Clear & RoleOptions.Login) != 0)
            throw new SqlException(SqlState.InvalidParameterValue, "role \"root\" cannot lose the LOGIN option");
        if (target.Id == RoleIds.Root && changes.Subject is not null)
            throw new SqlException(SqlState.InvalidParameterValue, "role \"root\" cannot have a SUBJECT");
    }

    public static void RequireDrop(Principal principal, RoleDescriptor target, IGate gate, ICatalogSnapshot catalog)
    {
        if (target.Id is RoleIds.Admin or RoleIds.Public)
            throw new SqlException(SqlState.InvalidParameterValue, $"cannot drop special role {target.Name}");
        if (target.Id is RoleIds.Root or RoleIds.Node)
            throw new SqlException(SqlState.InvalidParameterValue, $"cannot drop special user {target.Name}");
        Require(principal, Privilege.CreateRole, gate, catalog);
        if (gate.IsAdmin(target.Id, catalog) && !gate.IsAdmin(principal.CurrentUser, catalog))
            throw Refusals.Denied("must be superuser to drop superusers");
        if (target.Id == principal.SessionUser)
            throw new SqlException(SqlState.ObjectInUse, "session user cannot be dropped");
        if (target.Id == principal.CurrentUser)
            throw new SqlException(SqlState.ObjectInUse, "current user cannot be dropped");
    }

    /// <summary>GRANT role TO …, REVOKE role FROM …: admin, or the admin option on it; for the role admin the option itself.</summary>
    public static void RequireRoleAdmin(Principal principal, RoleDescriptor role, Gate gate, ICatalogSnapshot catalog)
    {
        if (role.Id is RoleIds.Public or RoleIds.Node)
            throw new SqlException(SqlState.InvalidGrantOperation, $"role \"{role.Name}\" cannot be granted or revoked");
        var access = new ObjectAccess(ObjectKind.Role, role.Id, role.Name, [], Privilege.None, principal.CurrentUser, AccessRule.RoleAdmin);
        if (!gate.Decide(access, principal, catalog).Allowed)
            throw Refusals.RoleAdmin(principal.CurrentUserName, role.Id, role.Name);
    }

    /// <summary>The member with the membership added; a plain grant keeps an admin option that is there. A loop is 0LP01.</summary>
    public static RoleDescriptor AddMembership(RoleDescriptor role, RoleDescriptor member, bool adminOption, uint grantor, ICatalogSnapshot catalog)
    {
        if (role.Id == member.Id)
            throw new SqlException(SqlState.InvalidGrantOperation, $"{role.Name} cannot be a member of itself");
        if (!RoleGraph.Path(role.Id, member.Id, catalog).IsEmpty)
            throw new SqlException(SqlState.InvalidGrantOperation, $"making {member.Name} a member of {role.Name} would create a cycle");
        var old = member.MemberOf.FirstOrDefault(m => m.Role == role.Id);
        if (old is null)
            return member with { MemberOf = member.MemberOf.Add(new RoleMembership(role.Id, adminOption, grantor)), Version = member.Version + 1 };
        return old.AdminOption || !adminOption
            ? member
            : member with { MemberOf = member.MemberOf.Replace(old, old with { AdminOption = true }), Version = member.Version + 1 };
    }

    /// <summary>The member without the membership, or only without its admin option. Not being one is no error.</summary>
    public static RoleDescriptor RemoveMembership(RoleDescriptor role, RoleDescriptor member, bool adminOptionOnly)
    {
        if (role.Id == RoleIds.Admin && member.Id == RoleIds.Root)
            throw new SqlException(SqlState.ObjectInUse, "role/user root cannot be removed from role admin or lose the ADMIN OPTION");
        var old = member.MemberOf.FirstOrDefault(m => m.Role == role.Id);
        if (old is null || (adminOptionOnly && !old.AdminOption))
            return member;
        var rest = adminOptionOnly ? member.MemberOf.Replace(old, old with { AdminOption = false }) : member.MemberOf.Remove(old);
        return member with { MemberOf = rest, Version = member.Version + 1 };
    }

    /// <summary>ALTER ROLE … SET.</summary>
    public static void RequireAlterSettings(Principal principal, RoleDescriptor? target, IGate gate, ICatalogSnapshot catalog)
    {
        if (target is null)
        {
            if (!gate.IsAdmin(principal.CurrentUser, catalog))
                throw Refusals.Denied("only users with the admin role are allowed to ALTER ROLE ALL ... SET");
            return;
        }

        if (target.Id is RoleIds.Admin or RoleIds.Public or RoleIds.Node)
            throw Refusals.Denied($"cannot edit {target.Name} role");
        var allowed = gate.HasSystemPrivilege(principal.CurrentUser, Privilege.CreateRole, catalog) || gate.HasSystemPrivilege(principal.CurrentUser, Privilege.ModifyClusterSetting, catalog)
            || gate.HasSystemPrivilege(principal.CurrentUser, Privilege.ModifySqlClusterSetting, catalog) || target.Id == principal.CurrentUser;
        if (!allowed)
            throw Refusals.Denied("ALTER ROLE ... SET requires CREATEROLE, MODIFYCLUSTERSETTING or MODIFYSQLCLUSTERSETTING");
        if (gate.IsAdmin(target.Id, catalog) && !gate.IsAdmin(principal.CurrentUser, catalog))
            throw Refusals.Denied("only users with the admin role are allowed to alter another admin");
    }

    /// <summary>SHOW DEFAULT SESSION VARIABLES: one's own are open; others to whom may change them. ALL is null.</summary>
    public static void RequireShowSettings(Principal principal, RoleDescriptor? target, IGate gate, ICatalogSnapshot catalog)
    {
        if (target?.Id == principal.CurrentUser || gate.HasSystemPrivilege(principal.CurrentUser, Privilege.CreateRole, catalog))
            return;
        throw Refusals.SystemPrivilege(principal.CurrentUserName, Privilege.CreateRole);
    }

    /// <summary>SET ROLE: admin, or a member; asked of the session user.</summary>
    public static void RequireSetRole(uint sessionUser, uint role, string roleName, IGate gate, ICatalogSnapshot catalog)
    {
        if (role is RoleIds.Node or RoleIds.Public || !(gate.IsAdmin(sessionUser, catalog) || gate.IsMember(sessionUser, role, catalog)))
            throw Refusals.Denied($"permission denied to set role \"{roleName}\"");
    }

    /// <summary>SET SESSION AUTHORIZATION to somebody else: admin; asked of who signed in.</summary>
    public static void RequireSetSessionUser(uint signedIn, uint sessionUser, IGate gate, ICatalogSnapshot catalog)
    {
        if (sessionUser != signedIn && !gate.IsAdmin(signedIn, catalog))
            throw Refusals.Denied("permission denied to set session authorization");
    }

    /// <summary>ALTER … OWNER TO: besides owning the object, the user must be a member of the new owner.</summary>
    public static void RequireNewOwner(Principal principal, RoleDescriptor newOwner, IGate gate, ICatalogSnapshot catalog)
    {
        if (!gate.IsAdmin(principal.CurrentUser, catalog) && !gate.IsMember(principal.CurrentUser, newOwner.Id, catalog))
            throw Refusals.Denied($"must be member of role \"{newOwner.Name}\"");
    }

    static void RequireElevating(Principal principal, RoleOptionChanges changes, IGate gate, ICatalogSnapshot catalog)
    {
        var wanted = Gate.OptionPrivileges(changes.Set & Elevating);
        foreach (var privilege in PrivilegeNames.Singles(wanted))
            Require(principal, privilege, gate, catalog);
    }

    static void Require(Principal principal, Privilege privilege, IGate gate, ICatalogSnapshot catalog)
    {
        if (!gate.HasSystemPrivilege(principal.CurrentUser, privilege, catalog))
            throw Refusals.SystemPrivilege(principal.CurrentUserName, privilege);
    }
}
