using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>ALTER ROLE … SET, and the cluster settings.</summary>
internal static class RoleSettingCommands
{
    /// <summary>Settings of ALL roles are kept with the role public.</summary>
    public static string AlterRole(UtilityContext context, AlterRoleSetStatement statement)
    {
        var role = statement.Role is null ? null : RoleCommands.Find(context, statement.Role, statement.IfExists);
        if (role is null && statement.Role is not null)
            return "ALTER ROLE";
        RoleRules.RequireAlterSettings(context.Session.Principal, role, context.Session.Gate, context.Snapshot);
        var target = role ?? (context.Snapshot.TryGet<RoleDescriptor>(RoleIds.Public, out var everyone) ? everyone : throw new InvariantException("the role public is missing"));
        var database = statement.Database is { } named && context.Snapshot.TryGetDatabase(named, out var found) ? found.Id : 0;
        var name = statement.Name?.ToLowerInvariant();
        if (name is "database" or "role" or "session_authorization" or "transaction_isolation" or "transaction_read_only" or "tracing")
            throw new SqlException(SqlState.CantChangeRuntimeParam, $"parameter \"{name}\" cannot be set by ALTER ROLE");
        if (name is not null && !name.Contains('.', StringComparison.Ordinal) && context.Session.GetSetting(name) is null)
            throw new SqlException(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");
        var settings = name is null
            ? target.Settings.RemoveAll(s => s.DatabaseId == database)
            : target.Settings.RemoveAll(s => s.DatabaseId == database && s.Name == name);
        if (!statement.Reset && name is not null && !statement.Values.IsEmpty)
            settings = settings.Add(new RoleSetting(database, name, string.Join(", ", statement.Values.Select(v => Text(name, v)))));
        context.Catalog.Put(target with { Settings = settings, Version = target.Version + 1 });
        return "ALTER ROLE";
    }

    /// <summary>SHOW DEFAULT SESSION VARIABLES: of the role, and those of all roles that it does not override. Of others than oneself it needs what ALTER ROLE … SET needs.</summary>
    public static IEnumerable<Datum[]> Show(IShowContext context, ShowStatement statement)
    {
        var role = statement.Roles.IsEmpty ? null : RoleCommands.Require(context, statement.Roles[0]);
        RoleRules.RequireShowSettings(context.Session.Principal, role, context.Session.Gate, context.Snapshot);
        ImmutableArray<RoleSetting> own = role?.Settings ?? [];
        var all = context.Snapshot.TryGet<RoleDescriptor>(RoleIds.Public, out var everyone) ? everyone.Settings : [];
        return own.Select(s => (Setting: s, Inherited: false)).Concat(all.Where(s => !own.Any(o => o.Name == s.Name && o.DatabaseId == s.DatabaseId)).Select(s => (Setting: s, Inherited: role is not null)))
            .OrderBy(x => x.Setting.Name, StringComparer.Ordinal).ThenBy(x => x.Setting.DatabaseId).Select(x => new[]
            {
                Datum.FromString(x.Setting.Name), Datum.FromString(x.Setting.Value),
                context.Snapshot.TryGet<DatabaseDescriptor>(x.Setting.DatabaseId, out var database) ? Datum.FromString(database.Name) : Datum.Null, Datum.FromBool(x.Inherited),
            });
    }

    /// <summary>No values: back to the default.</summary>
    public static string SetCluster(UtilityContext context, string name, ImmutableArray<SyntaxExpression> values)
    {
        var setting = ClusterSettings.Require(name);
        if (values.Length > 1)
            throw new SqlException(SqlState.InvalidParameterValue, $"SET CLUSTER SETTING {setting.Name} takes only one argument");
        var value = values.IsEmpty ? setting.Default : ClusterSettings.Normalize(setting, Text(setting.Name, values[0]));
        context.Environment.Transaction.UseReserve();   // gc.ttl gives space back
        context.Catalog.PutClusterSetting(setting.Name, value == setting.Default ? null : value);
        return "SET CLUSTER SETTING";
    }

    private static string Text(string name, SyntaxExpression value) => value switch
    {
        LiteralExpression { Kind: not LiteralKind.Null } literal => literal.Text,
        UnaryExpression { Operator: "-", Operand: LiteralExpression literal } => "-" + literal.Text,
        ColumnReference reference => string.Join('.', reference.Parts),
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\"") { Position = value.Position + 1 },
    };
}
