using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.Security.Credentials;
using Chitin.Security.Principals;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Users, roles, membership (SECURITY-SPEC 3). The gate has passed the statement; what depends on single options is asked of <see cref="RoleRules"/> here.</summary>
internal static class RoleCommands
{
    /// <summary>Where timestamptz counts from.</summary>
    private static readonly DateTimeOffset s_epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async ValueTask<string> RunAsync(SqlEngine engine, UtilityContext context, BoundUtility utility, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        switch (utility.Syntax)
        {
            case ReassignOwnedStatement s:
                await OwnershipCommands.ReassignAsync(context, s, cancellationToken);
                return "REASSIGN OWNED";
            case DropOwnedStatement s:
                await OwnershipCommands.DropOwnedAsync(engine, context, s, cancellationToken);
                return "DROP OWNED";
        }

        return utility.Syntax switch
        {
            CreateRoleStatement s => Create(context, s),
            AlterRoleStatement s => Alter(context, s),
            AlterRoleSetStatement s => RoleSettingCommands.AlterRole(context, s),
            DropRoleStatement s => Drop(context, s),
            GrantRoleStatement s => GrantRoles(context, s),
            RevokeRoleStatement s => RevokeRoles(context, s),
            GrantStatement { Kind: ObjectKindSyntax.System } s => GrantCommands.System(context, s),
            GrantStatement s => GrantCommands.Objects(context, s, utility),
            AlterDefaultPrivilegesStatement s => GrantCommands.Defaults(context, s, utility),
            SetStatement { Cluster: true } s => RoleSettingCommands.SetCluster(context, s.Name, s.Values),
            ResetStatement { Cluster: true, Name: { } name } => RoleSettingCommands.SetCluster(context, name, []),
            _ => throw new SqlException(SqlState.FeatureNotSupported, $"{utility.Syntax.GetType().Name.Replace("Statement", "", StringComparison.Ordinal)} is not supported yet"),
        };
    }

    public static RoleDescriptor? Find(IShowContext context, RoleName name, bool ifExists)
    {
        var text = name.Special switch
        {
            "CURRENT_USER" or "CURRENT_ROLE" => context.Session.Principal.CurrentUserName,
            "SESSION_USER" => context.Session.Principal.SessionUserName,
            "PUBLIC" => "public",
            _ => RoleNames.Normalize(name.Name),
        };
        if (context.Snapshot.TryGetRole(text, out var role))
            return role;
        return ifExists ? null : throw new SqlException(SqlState.UndefinedObject, $"role/user {text} does not exist");
    }

    public static RoleDescriptor Require(IShowContext context, RoleName name) => Find(context, name, false)!;

    private static string Create(UtilityContext context, CreateRoleStatement statement)
    {
        var name = RoleNames.RequireValid(statement.Name.Name);
        var changes = Parse(context, statement.Options);
        if (statement.IsUser && (changes.Clear & RoleOptions.Login) == 0)
            changes.AllowLogin();
        RoleRules.RequireCreate(context.Session.Principal, changes, context.Session.Gate, context.Snapshot);
        if (context.Snapshot.TryGetRole(name, out _))
        {
            if (!statement.IfNotExists)
                throw new SqlException(SqlState.DuplicateObject, $"a role/user named {name} already exists");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.DuplicateObject, $"role \"{name}\" already exists, skipping"));
            return "CREATE ROLE";
        }

        var role = Apply(context, new RoleDescriptor { Id = context.Catalog.NewRoleId(), Name = name }, changes);
        context.Catalog.Put(role);
        foreach (var option in statement.Options)
        {
            foreach (var other in option.Roles)
            {
                var named = Require(context, other);
                if (option.Name == "IN ROLE")
                    Join(context, named, role.Id, false);
                else
                    Join(context, role, named.Id, option.Name == "ADMIN");
            }
        }

        return "CREATE ROLE";
    }

    private static string Alter(UtilityContext context, AlterRoleStatement statement)
    {
        if (statement.Role is null)
            throw new SqlException(SqlState.FeatureNotSupported, "options can be set for one role at a time");
        if (Find(context, statement.Role, statement.IfExists) is not { } role)
            return "ALTER ROLE";
        if (statement.Options.FirstOrDefault(o => !o.Roles.IsEmpty) is { } membership)
            throw new SqlException(SqlState.SyntaxError, $"unrecognized role option {membership.Name.ToLowerInvariant()}") { Hint = "Use GRANT and REVOKE to change memberships." };
        var changes = Parse(context, statement.Options);
        var ownPassword = ClusterSettings.IsOn(ClusterSettings.ChangeOwnPassword, context.Snapshot);
        RoleRules.RequireAlter(context.Session.Principal, role, changes, ownPassword, context.Session.Gate, context.Snapshot);
        context.Catalog.Put(Apply(context, role, changes) with { Version = role.Version + 1 });
        return "ALTER ROLE";
    }

    private static RoleOptionChanges Parse(UtilityContext context, ImmutableArray<RoleOption> options) =>
        RoleOptionChanges.Parse(options.Where(o => o.Roles.IsEmpty).Select(o => (o.Name, o.Value, o.IsNull)), text => Timestamp(context, text));

    /// <summary>A timestamptz in the session's zone; infinity is no limit.</summary>
    private static DateTimeOffset? Timestamp(UtilityContext context, string text)
    {
        var value = SqlTypes.TimestampTz.Parse(text, -1, context.Environment.Format).AsInt64();
        return value is long.MaxValue ? null : s_epoch.AddTicks(Math.Clamp(value, -60_000_000_000_000_000, 250_000_000_000_000_000) * TimeSpan.TicksPerMicrosecond);
    }

    private static RoleDescriptor Apply(UtilityContext context, RoleDescriptor role, RoleOptionChanges changes)
    {
        role = role with { Options = changes.ApplyTo(role.Options) };
        if (changes.SetsPassword)
            role = role with { PasswordVerifier = Password(context, changes.Password) };
        if (changes.ValidUntilChanges)
            role = role with { ValidUntil = changes.ValidUntil };
        if (changes.Subject is { } subject)
            role = role with { Subject = subject.Length == 0 ? null : role.Id == RoleIds.Root ? throw new SqlException(SqlState.InvalidParameterValue, "role \"root\" cannot have a SUBJECT") : subject };
        if (changes.ConnectionLimit is { } limit)
            role = role with { ConnectionLimit = limit };
        if (changes.Superuser is not { } superuser)
            return role;
        if (!context.Session.Gate.IsAdmin(context.User, context.Snapshot))
            throw new SqlException(SqlState.InsufficientPrivilege, "only users with the admin role are allowed to change the SUPERUSER attribute");
        var admin = context.Snapshot.TryGet<RoleDescriptor>(RoleIds.Admin, out var found) ? found : throw new InvariantException("the role admin is missing");
        return (superuser ? RoleRules.AddMembership(admin, role, false, context.User, context.Snapshot) : RoleRules.RemoveMembership(admin, role, false)) with { Version = role.Version };
    }

    private static string? Password(UtilityContext context, string? password)
    {
        if (password is null)
            return null;
        if (context.Services.IsInsecure)
            throw new SqlException(SqlState.InvalidPassword, "setting or updating a password is not supported in insecure mode");
        return context.Services.MakePasswordVerifier(password, PasswordPolicy.Of(context.Snapshot));
    }

    private static string Drop(UtilityContext context, DropRoleStatement statement)
    {
        foreach (var name in statement.Roles)
        {
            if (Find(context, name, statement.IfExists) is not { } role)
                continue;
            RoleRules.RequireDrop(context.Session.Principal, role, context.Session.Gate, context.Snapshot);
            OwnershipCommands.RequireUnused(context, role);
            foreach (var member in context.Snapshot.Roles.Where(r => r.MemberOf.Any(m => m.Role == role.Id)).ToList())
                context.Catalog.Put(member with { MemberOf = member.MemberOf.RemoveAll(m => m.Role == role.Id), Version = member.Version + 1 });
            context.Catalog.Remove(role);
        }

        return "DROP ROLE";
    }

    private static void Join(UtilityContext context, RoleDescriptor role, uint memberId, bool adminOption)
    {
        if (role.Id is RoleIds.Public or RoleIds.Node || memberId is RoleIds.Public or RoleIds.Node)
            throw new SqlException(SqlState.ReservedName, "roles public and node have no memberships");
        var member = context.Snapshot.TryGet<RoleDescriptor>(memberId, out var found) ? found : throw new InvariantException("a role went missing");
        var joined = RoleRules.AddMembership(role, member, adminOption, context.User, context.Snapshot);
        if (!ReferenceEquals(joined, member))
            context.Catalog.Put(joined);
    }

    private static string GrantRoles(UtilityContext context, GrantRoleStatement statement)
    {
        foreach (var role in statement.Roles)
        {
            foreach (var member in statement.Members)
                Join(context, Require(context, role), Require(context, member).Id, statement.AdminOption);
        }

        return "GRANT ROLE";
    }

    private static string RevokeRoles(UtilityContext context, RevokeRoleStatement statement)
    {
        foreach (var role in statement.Roles)
        {
            foreach (var name in statement.Members)
            {
                var member = Require(context, name);
                var left = RoleRules.RemoveMembership(Require(context, role), member, statement.AdminOptionOnly);
                if (!ReferenceEquals(left, member))
                    context.Catalog.Put(left);
            }
        }

        return "REVOKE ROLE";
    }
}
