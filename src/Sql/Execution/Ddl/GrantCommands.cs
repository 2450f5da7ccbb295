using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Authorization;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>GRANT and REVOKE on objects, columns and the system; default privileges (SECURITY-SPEC 4.2, 4.3). Who may do it is decided here, privilege by privilege.</summary>
internal static class GrantCommands
{
    public static string Objects(UtilityContext context, GrantStatement statement, BoundUtility utility)
    {
        var grantees = Grantees(context, statement);
        foreach (var bound in utility.Objects.OfType<Descriptor>())
        {
            var target = context.Snapshot.TryGet<Descriptor>(bound.Id, out var found) ? found : bound;
            if (target is RoleDescriptor)
                throw new SqlException(SqlState.FeatureNotSupported, "privileges on roles are not supported") { Hint = "GRANT role TO member grants membership." };
            var changed = statement.Privileges.Aggregate(target, (current, item) =>
                item.Columns.IsEmpty ? Whole(context, statement, item, current, grantees) : Columns(context, statement, item, current, grantees));
            context.Catalog.Put(changed with { Version = target.Version + 1 });
        }

        return statement.IsGrant ? "GRANT" : "REVOKE";
    }

    private static Descriptor Whole(UtilityContext context, GrantStatement statement, PrivilegeItem item, Descriptor target, List<uint> grantees)
    {
        var gate = context.Session.Gate;
        var privileges = PrivilegeNames.RequireValid(item.Name, target.Kind);
        AclOperations.RequireGrantOption(target, privileges, statement.IsGrant, context.User, context.Session.Principal.CurrentUserName, gate, context.Snapshot);
        var grantor = AclOperations.GrantorFor(context.User, target, gate, context.Snapshot);
        if (statement.IsGrant)
            return target with { Acl = AclOperations.Grant(target.Acl, target.Kind, privileges, grantees, grantor, statement.WithGrantOption) };
        var asOwner = AclOperations.ActsAsOwner(context.User, target, gate, context.Snapshot);
        target = target with { Acl = AclOperations.Revoke(target.Acl, target.Kind, privileges, grantees, grantor, target.Owner, asOwner, statement.GrantOptionOnly, statement.Cascade) };
        // Revoking on a table revokes on its columns too (PostgreSQL, REVOKE).
        var onColumns = PrivilegeNames.Expand(privileges, target.Kind) & PrivilegeNames.ColumnPrivileges;
        return target is RelationDescriptor relation && onColumns != Privilege.None
            ? relation with { Columns = [.. relation.Columns.Select(c => c.Acl.IsEmpty ? c : c with { Acl = Take(c.Acl, onColumns) })] }
            : target;

        ImmutableArray<AclEntry> Take(ImmutableArray<AclEntry> acl, Privilege bits) =>
            AclOperations.Revoke(acl, ObjectKind.Table, bits, grantees, grantor, target.Owner, asOwner, statement.GrantOptionOnly, statement.Cascade);
    }

    private static RelationDescriptor Columns(UtilityContext context, GrantStatement statement, PrivilegeItem item, Descriptor target, List<uint> grantees)
    {
        if (target is not RelationDescriptor relation || target.Kind == ObjectKind.Sequence)
            throw new SqlException(SqlState.InvalidGrantOperation, "column privileges are only valid for relations");
        var gate = context.Session.Gate;
        var privileges = PrivilegeNames.RequireValid(item.Name, target.Kind, onColumns: true);
        if (privileges == Privilege.All)
            privileges = PrivilegeNames.ColumnPrivileges;
        ImmutableArray<int> ids = [.. item.Columns.Select(name => relation.Columns.FirstOrDefault(c => c.Name == name && !c.Hidden)?.Id
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{relation.Name}\" does not exist"))];
        AclOperations.RequireGrantOption(relation, ids, privileges, statement.IsGrant, context.User, context.Session.Principal.CurrentUserName, gate, context.Snapshot);
        var asOwner = AclOperations.ActsAsOwner(context.User, target, gate, context.Snapshot);
        var grantor = asOwner ? target.Owner : context.User;
        return relation with { Columns = [.. relation.Columns.Select(c => ids.Contains(c.Id) ? c with { Acl = Change(c.Acl) } : c)] };

        ImmutableArray<AclEntry> Change(ImmutableArray<AclEntry> acl) => statement.IsGrant
            ? AclOperations.Grant(acl, ObjectKind.Table, privileges, grantees, grantor, statement.WithGrantOption)
            : AclOperations.Revoke(acl, ObjectKind.Table, privileges, grantees, grantor, relation.Owner, asOwner, statement.GrantOptionOnly, statement.Cascade);
    }

    /// <summary>GRANT SYSTEM: stands in the grantee's own ACL. Needs admin, or the grant option on each privilege.</summary>
    public static string System(UtilityContext context, GrantStatement statement)
    {
        if (statement.Privileges.Any(p => !p.Columns.IsEmpty))
            throw new SqlException(SqlState.SyntaxError, "system privileges have no columns");
        var privileges = statement.Privileges.Aggregate(Privilege.None, (all, item) => all | PrivilegeNames.RequireValid(item.Name, ObjectKind.System));
        RequireSystemGrantOption(context, privileges, statement.IsGrant);
        foreach (var grantee in Grantees(context, statement))
        {
            if (grantee is RoleIds.Admin or RoleIds.Root or RoleIds.Node)
            {
                if (!statement.IsGrant)
                    throw new SqlException(SqlState.InvalidGrantOperation, "admin and root hold all system privileges; they cannot be revoked");
                continue;
            }

            if (grantee == RoleIds.Public && statement.IsGrant && (statement.WithGrantOption || (PrivilegeNames.Expand(privileges, ObjectKind.System) & ~Privilege.ViewActivityRedacted) != 0))
                throw new SqlException(SqlState.InvalidGrantOperation, "system privileges cannot be granted to public");
            var role = context.Snapshot.TryGet<RoleDescriptor>(grantee, out var found) ? found : throw new InvariantException("a role went missing");
            var acl = statement.IsGrant
                ? AclOperations.Grant(role.Acl, ObjectKind.System, privileges, [grantee], RoleIds.Admin, statement.WithGrantOption)
                : AclOperations.Revoke(role.Acl, ObjectKind.System, privileges, [grantee], RoleIds.Admin, RoleIds.Admin, ofAllGrantors: true, statement.GrantOptionOnly, statement.Cascade);
            context.Catalog.Put(role with { Acl = acl, Version = role.Version + 1 });
        }

        return statement.IsGrant ? "GRANT" : "REVOKE";
    }

    private static void RequireSystemGrantOption(UtilityContext context, Privilege privileges, bool isGrant)
    {
        var gate = context.Session.Gate;
        if (gate.IsAdmin(context.User, context.Snapshot))
            return;
        var held = context.Snapshot.Roles.Where(r => gate.IsMember(context.User, r.Id, context.Snapshot)).SelectMany(r => r.Acl)
            .Aggregate(Privilege.None, (all, entry) => all | PrivilegeNames.Expand(entry.GrantOptions, ObjectKind.System));
        var missing = PrivilegeNames.Singles(PrivilegeNames.Expand(privileges, ObjectKind.System) & ~held).Select(PrivilegeNames.Name).Order(StringComparer.Ordinal).ToList();
        if (missing.Count == 0)
            return;
        var what = (privileges & Privilege.All) != 0 ? "ALL" : missing.Count == 1 ? missing[0] : "one or more of " + string.Join(", ", missing);
        throw new SqlException(isGrant ? SqlState.PrivilegeNotGranted : SqlState.PrivilegeNotRevoked, $"user {context.Session.Principal.CurrentUserName} missing WITH GRANT OPTION privilege on {what}");
    }

    public static string Defaults(UtilityContext context, AlterDefaultPrivilegesStatement statement, BoundUtility utility)
    {
        var action = statement.Action;
        var kind = action.Kind switch
        {
            ObjectKindSyntax.Table => ObjectKind.Table,
            ObjectKindSyntax.Sequence => ObjectKind.Sequence,
            ObjectKindSyntax.Type => ObjectKind.Type,
            ObjectKindSyntax.Schema => ObjectKind.Schema,
            _ => ObjectKind.Function,
        };
        if (kind == ObjectKind.Schema && !statement.Schemas.IsEmpty)
            throw new SqlException(SqlState.InvalidGrantOperation, "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS");
        if (action.Privileges.Any(p => !p.Columns.IsEmpty))
            throw new SqlException(SqlState.InvalidGrantOperation, "default privileges cannot be set for columns");
        var privileges = action.Privileges.Aggregate(Privilege.None, (all, item) => all | PrivilegeNames.RequireValid(item.Name, kind));
        List<uint> creators = statement.AllRoles ? [RoleIds.None] : [.. utility.Objects.OfType<RoleDescriptor>().Select(r => r.Id)];
        if (creators.Count == 0)
            creators.Add(context.User);
        List<uint> schemas = [.. utility.Objects.OfType<SchemaDescriptor>().Select(s => s.Id)];
        if (schemas.Count == 0)
            schemas.Add(0);
        var entries = context.Snapshot.DefaultPrivileges;
        foreach (var creator in creators)
        {
            foreach (var schema in schemas)
            {
                foreach (var grantee in Grantees(context, action))
                    entries = Change(entries, new DefaultPrivilege(context.Session.Database.Id, schema, creator, kind, grantee, Privilege.None, Privilege.None), privileges, action);
            }
        }

        context.Catalog.PutDefaultPrivileges(entries);
        return "ALTER DEFAULT PRIVILEGES";
    }

    private static ImmutableArray<DefaultPrivilege> Change(ImmutableArray<DefaultPrivilege> entries, DefaultPrivilege place, Privilege privileges, GrantStatement action)
    {
        var old = entries.FirstOrDefault(e => e with { Privileges = Privilege.None, GrantOptions = Privilege.None } == place);
        // What public has without any entry goes only for a whole database (PostgreSQL, ALTER DEFAULT PRIVILEGES).
        var takesBuiltIn = !action.IsGrant && !action.GrantOptionOnly && place is { Grantee: RoleIds.Public, SchemaId: 0, Kind: ObjectKind.Type or ObjectKind.Function };
        ImmutableArray<AclEntry> acl = old is null ? [] : [new AclEntry(place.Grantee, old.Privileges, old.GrantOptions, RoleIds.Root)];
        acl = action.IsGrant
            ? AclOperations.Grant(acl, place.Kind, privileges, [place.Grantee], RoleIds.Root, action.WithGrantOption)
            : AclOperations.Revoke(acl, place.Kind, privileges, [place.Grantee], RoleIds.Root, RoleIds.Root, ofAllGrantors: true, action.GrantOptionOnly, action.Cascade);
        if (old is not null)
            entries = entries.Remove(old);
        if (acl.IsEmpty)
            return takesBuiltIn ? entries.Add(place) : entries;
        return entries.Add(place with { Privileges = acl[0].Privileges, GrantOptions = acl[0].GrantOptions });
    }

    private static List<uint> Grantees(UtilityContext context, GrantStatement statement) =>
        [.. statement.Grantees.Select(g => g.Special == "PUBLIC" ? RoleIds.Public : RoleCommands.Require(context, g).Id).Distinct()];
}
