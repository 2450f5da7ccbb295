using System.Globalization;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Authorization;
using Chitin.Security.Principals;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Users, roles, membership and privileges (SECURITY-SPEC 3 and 4). The gate has passed the statement; what depends on single privileges is checked here.</summary>
internal static class RoleCommands
{
    public static ValueTask<string> RunAsync(UtilityContext context, BoundUtility utility, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(utility.Syntax switch
        {
            CreateRoleStatement s => Create(context, s),
            AlterRoleStatement s => Alter(context, s),
            DropRoleStatement s => Drop(context, s),
            GrantRoleStatement s => GrantRoles(context, s),
            RevokeRoleStatement s => RevokeRoles(context, s),
            GrantStatement s => Grant(context, s, utility),
            _ => throw new SqlException(SqlState.FeatureNotSupported, $"{utility.Syntax.GetType().Name.Replace("Statement", "", StringComparison.Ordinal)} is not supported yet"),
        });
    }

    private static string Create(UtilityContext context, CreateRoleStatement statement)
    {
        var name = RoleNames.RequireValid(statement.Name.Name);
        if (context.Snapshot.TryGetRole(name, out _))
        {
            if (!statement.IfNotExists)
                throw new SqlException(SqlState.DuplicateObject, $"a role/user named {name} already exists");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.DuplicateObject, $"role \"{name}\" already exists, skipping"));
            return "CREATE ROLE";
        }

        var role = new RoleDescriptor { Id = context.Catalog.NewRoleId(), Name = name, Options = statement.IsUser ? RoleOptions.Login : RoleOptions.None };
        context.Catalog.Put(Apply(context, role, statement.Options));
        return "CREATE ROLE";
    }

    private static string Alter(UtilityContext context, AlterRoleStatement statement)
    {
        if (statement.Role is null)
            throw new SqlException(SqlState.FeatureNotSupported, "options can be set for one role at a time");
        if (Find(context, statement.Role, statement.IfExists) is not { } role)
            return "ALTER ROLE";
        if (role.Id == RoleIds.Admin)
            throw new SqlException(SqlState.InsufficientPrivilege, "cannot edit admin role");
        if (context.Session.Gate.IsAdmin(role.Id, context.Snapshot) && !context.Session.Gate.IsAdmin(context.User, context.Snapshot))
            throw new SqlException(SqlState.InsufficientPrivilege, "only users with the admin role are allowed to alter another admin");
        context.Catalog.Put(Apply(context, role, statement.Options) with { Version = role.Version + 1 });
        return "ALTER ROLE";
    }

    private static RoleDescriptor Apply(UtilityContext context, RoleDescriptor role, ImmutableArray<RoleOption> options)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            var positive = option.Name.StartsWith("NO", StringComparison.Ordinal) && option.Name is not "NOSQLLOGIN" ? option.Name[2..] : option.Name;
            if (!seen.Add(option.Name))
                throw new SqlException(SqlState.SyntaxError, "redundant role options");
            if (option.Name != positive && seen.Contains(positive))
                throw new SqlException(SqlState.SyntaxError, "conflicting role options");
            role = option.Name switch
            {
                "PASSWORD" => role with { PasswordVerifier = Password(context, option) },
                "VALID UNTIL" => role with { ValidUntil = option.IsNull ? null : DateTimeOffset.Parse(option.Value!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) },
                "SUBJECT" => role with { Subject = option.Value },
                "CONNECTION LIMIT" => role with { ConnectionLimit = int.Parse(option.Value!, CultureInfo.InvariantCulture) },
                "INHERIT" => role with { Options = role.Options & ~RoleOptions.NoInherit },
                "NOINHERIT" => role with { Options = role.Options | RoleOptions.NoInherit },
                _ when Enum.TryParse<RoleOptions>(positive, ignoreCase: true, out var flag) && flag != RoleOptions.None =>
                    role with { Options = option.Name == positive ? role.Options | flag : role.Options & ~flag },
                _ => throw new SqlException(SqlState.SyntaxError, $"unrecognized role option {option.Name.ToLowerInvariant()}"),
            };
        }

        return role;
    }

    private static string? Password(UtilityContext context, RoleOption option)
    {
        if (option.IsNull)
            return null;
        if (context.Services.IsInsecure)
            throw new SqlException(SqlState.InvalidPassword, "setting or updating a password is not supported in insecure mode");
        return context.Services.MakePasswordVerifier(option.Value!);
    }

    private static string Drop(UtilityContext context, DropRoleStatement statement)
    {
        foreach (var name in statement.Roles)
        {
            if (Find(context, name, statement.IfExists) is not { } role)
                continue;
            if (role.Id is RoleIds.Root or RoleIds.Admin or RoleIds.Public or RoleIds.Node)
                throw new SqlException(SqlState.InvalidParameterValue, $"cannot drop special {(role.CanLogin ? "user" : "role")} {role.Name}");
            if (context.Session.Gate.IsAdmin(role.Id, context.Snapshot) && !context.Session.Gate.IsAdmin(context.User, context.Snapshot))
                throw new SqlException(SqlState.InsufficientPrivilege, "must be superuser to drop superusers");
            RequireUnused(context, role);
            foreach (var member in context.Snapshot.Roles.Where(r => r.MemberOf.Any(m => m.Role == role.Id)).ToList())
                context.Catalog.Put(member with { MemberOf = member.MemberOf.RemoveAll(m => m.Role == role.Id), Version = member.Version + 1 });
            context.Catalog.Remove(role);
        }

        return "DROP ROLE";
    }

    private static void RequireUnused(UtilityContext context, RoleDescriptor role)
    {
        foreach (var target in Objects(context.Snapshot))
        {
            if (target.Owner == role.Id)
            {
                throw new SqlException(SqlState.DependentObjectsStillExist, $"role {role.Name} cannot be dropped because some objects depend on it")
                {
                    Detail = $"owner of {target.Kind.ToString().ToLowerInvariant()} {target.Name}",
                };
            }

            if (AclOperations.Mentions(target.Acl, role.Id))
                throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop role/user {role.Name}: grants still exist on {target.Name}");
        }
    }

    private static IEnumerable<Descriptor> Objects(ICatalogSnapshot catalog)
    {
        foreach (var database in catalog.Databases)
        {
            yield return database;
            foreach (var schema in catalog.Schemas(database.Id))
            {
                yield return schema;
                foreach (var relation in catalog.Relations(schema.Id))
                    yield return relation;
                foreach (var type in catalog.Types(schema.Id))
                    yield return type;
            }
        }
    }

    private static string GrantRoles(UtilityContext context, GrantRoleStatement statement)
    {
        foreach (var roleName in statement.Roles)
        {
            var role = Find(context, roleName, false)!;
            foreach (var memberName in statement.Members)
            {
                var member = Find(context, memberName, false)!;
                if (member.Id == role.Id)
                    throw new SqlException(SqlState.InvalidGrantOperation, $"{member.Name} cannot be a member of itself");
                if (context.Session.Gate.IsMember(role.Id, member.Id, context.Snapshot))
                    throw new SqlException(SqlState.InvalidGrantOperation, $"making {member.Name} a member of {role.Name} would create a cycle");
                var old = member.MemberOf.FirstOrDefault(m => m.Role == role.Id);
                var membership = new RoleMembership(role.Id, statement.AdminOption || old?.AdminOption == true, context.User);
                context.Catalog.Put(member with { MemberOf = [.. member.MemberOf.Where(m => m.Role != role.Id), membership], Version = member.Version + 1 });
            }
        }

        return "GRANT";
    }

    private static string RevokeRoles(UtilityContext context, RevokeRoleStatement statement)
    {
        foreach (var roleName in statement.Roles)
        {
            var role = Find(context, roleName, false)!;
            foreach (var memberName in statement.Members)
            {
                var member = Find(context, memberName, false)!;
                if (role.Id == RoleIds.Admin && member.Id == RoleIds.Root)
                    throw new SqlException(SqlState.ObjectInUse, "role/user root cannot be removed from role admin or lose the ADMIN OPTION");
                context.Catalog.Put(member with
                {
                    Version = member.Version + 1,
                    MemberOf = statement.AdminOptionOnly
                        ? [.. member.MemberOf.Select(m => m.Role == role.Id ? m with { AdminOption = false } : m)]
                        : member.MemberOf.RemoveAll(m => m.Role == role.Id),
                });
            }
        }

        return "REVOKE";
    }

    private static string Grant(UtilityContext context, GrantStatement statement, BoundUtility utility)
    {
        var grantees = statement.Grantees.Select(g => g.Special == "PUBLIC" ? RoleIds.Public : Find(context, g, false)!.Id).ToList();
        if (statement.Kind == ObjectKindSyntax.System)
            throw new SqlException(SqlState.FeatureNotSupported, "system privileges are not supported yet") { Hint = "Use the role option of the same name." };
        foreach (var target in utility.Objects.OfType<Descriptor>())
        {
            var current = context.Snapshot.TryGet<Descriptor>(target.Id, out var found) ? found : target;
            var whole = statement.Privileges.Where(p => p.Columns.IsEmpty).ToList();
            if (whole.Count < statement.Privileges.Length)
                throw new SqlException(SqlState.FeatureNotSupported, "column privileges are not supported yet");
            var privileges = whole.Aggregate(Privilege.None, (all, item) => all | PrivilegeNames.RequireValid(item.Name, current.Kind));
            AclOperations.RequireGrantOption(current, privileges, statement.IsGrant, context.User, context.Session.Principal.CurrentUserName, context.Session.Gate, context.Snapshot);
            var grantor = AclOperations.GrantorFor(context.User, current, context.Session.Gate, context.Snapshot);
            var acl = statement.IsGrant
                ? AclOperations.Grant(current.Acl, current.Kind, privileges, grantees, grantor, statement.WithGrantOption)
                : AclOperations.Revoke(current.Acl, current.Kind, privileges, grantees, grantor, current.Owner, AclOperations.ActsAsOwner(context.User, current, context.Session.Gate, context.Snapshot), statement.GrantOptionOnly, statement.Cascade);
            context.Catalog.Put(current with { Acl = acl, Version = current.Version + 1 });
        }

        return statement.IsGrant ? "GRANT" : "REVOKE";
    }

    private static RoleDescriptor? Find(UtilityContext context, RoleName name, bool ifExists)
    {
        var text = name.Special switch
        {
            "CURRENT_USER" or "CURRENT_ROLE" => context.Session.Principal.CurrentUserName,
            "SESSION_USER" => context.Session.Principal.SessionUserName,
            _ => RoleNames.Normalize(name.Name),
        };
        if (context.Snapshot.TryGetRole(text, out var role))
            return role;
        return ifExists ? null : throw new SqlException(SqlState.UndefinedObject, $"role/user {text} does not exist");
    }
}
