using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;
using Chitin.Sql.SystemViews;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Rows of SHOW statements, in the columns that the binder declared.</summary>
internal static class ShowCommands
{
    public static List<Datum[]> Rows(IShowContext context, BoundUtility utility)
    {
        var statement = (ShowStatement)utility.Syntax;
        var rows = statement.Kind switch
        {
            "TABLES" => Tables(context, utility.Objects),
            "COLUMNS" => utility.Objects.OfType<RelationDescriptor>().SelectMany(r => Columns(ShowDefinitions.System(context), r)),
            "CREATE ALL" => ShowDefinitions.CreateAll(context, statement.Name!),
            "CREATE" => utility.Objects.SelectMany(o => ShowDefinitions.Create(context, o!)),
            "INDEXES" or "INDEX" or "KEYS" => utility.Objects.OfType<TableDescriptor>().SelectMany(ShowDefinitions.Indexes),
            "CONSTRAINTS" or "CONSTRAINT" => utility.Objects.OfType<TableDescriptor>().SelectMany(t => ShowDefinitions.Constraints(context, t)),
            "TYPES" or "ENUMS" => ShowDefinitions.Types(context),
            "SESSIONS" => ShowDefinitions.Sessions(context),
            "QUERIES" => ShowDefinitions.Queries(context),
            "DATABASES" => context.Snapshot.Databases.Where(d => context.Session.Gate.Allows(context.User, d, Privilege.Connect, false, context.Snapshot)).Select(d => new[] { Text(d.Name), Text(RoleName(context, d.Owner)), Datum.Null, Datum.Null, Datum.FromObject(SqlArray.Of(SqlTypes.Text, [])) }),
            "SCHEMAS" => context.Snapshot.Schemas(context.Session.Database.Id).Select(s => Row(s.Name, RoleName(context, s.Owner))),
            "SEQUENCES" => Relations(context, utility.Objects).OfType<SequenceDescriptor>().Select(s => Row(SchemaName(context, s.SchemaId), s.Name)),
            "USERS" or "ROLES" => Roles(context),
            "GRANTS ON ROLE" => ShowGrants.OnRoles(context, statement),
            "GRANTS" => ShowGrants.OnObjects(context, statement, utility),
            "POLICIES" => utility.Objects.OfType<TableDescriptor>().SelectMany(t => t.Policies.Select(p => Policy(context, p))),
            "SYSTEM GRANTS" => ShowGrants.OnSystem(context, statement),
            "DEFAULT PRIVILEGES" => ShowGrants.Defaults(context, statement, utility),
            "SESSION DEFAULTS" => RoleSettingCommands.Show(context, statement),
            "CLUSTER SETTING" => ShowGrants.ClusterSetting(context, statement.Name!),
            "CLUSTER SETTINGS" => ShowGrants.AllClusterSettings(context),
            _ => throw new SqlException(SqlState.FeatureNotSupported, $"SHOW {statement.Kind} is not supported yet"),
        };
        List<Datum[]> list = [.. rows];
        var width = utility.Columns.Length;
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Length < width)
                list[i] = [.. list[i], .. new Datum[width - list[i].Length]];
        }

        return list;
    }

    private static IEnumerable<Datum[]> Tables(IShowContext context, ImmutableArray<Descriptor?> scopes) => Relations(context, scopes).OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => new[]
    {
        Text(SchemaName(context, r.SchemaId)), Text(r.Name), Text(r.Kind.ToString().ToLowerInvariant()), Text(RoleName(context, r.Owner)),
        Datum.FromInt64((long)(context.Snapshot.Statistics(r.Id)?.RowCount ?? 0)),
    });

    private static IEnumerable<Datum[]> Columns(SystemContext system, RelationDescriptor relation) => relation.Columns.Select(c => new[]
    {
        Text(c.Name), Text(c.Type.FormatName(c.TypeModifier)), Datum.FromBool(!c.NotNull), c.Default is null ? Datum.Null : Text(system.Expression(c)!), Text(c.Generated ?? ""),
        Datum.FromObject(SqlArray.Of(SqlTypes.Text, relation is TableDescriptor table
            ? [.. new[] { table.PrimaryIndex }.Concat(table.Indexes).Where(i => i.Parts.Any(p => p.ColumnId == c.Id)).Select(i => Text(i.Name))] : [])),
        Datum.FromBool(c.Hidden),
    });

    private static Datum[] Policy(IShowContext context, RowPolicy policy) =>
    [
        Text(policy.Name), Text(policy.Commands.ToString().ToUpperInvariant()), Text(policy.Restrictive ? "restrictive" : "permissive"),
        Datum.FromObject(SqlArray.Of(SqlTypes.Text, policy.Roles.IsEmpty ? [Text("public")] : [.. policy.Roles.Select(id => Text(RoleName(context, id)))])),
        Text(policy.Using ?? ""), Text(policy.Check ?? ""),
    ];

    private static IEnumerable<Datum[]> Roles(IShowContext context) => context.Snapshot.Roles.Where(r => r.Id is not (RoleIds.Public or RoleIds.Node)).Select(r => new[]
    {
        Text(r.Name),
        Datum.FromObject(SqlArray.Of(SqlTypes.Text, [.. Options(r).Order(StringComparer.Ordinal).Select(Text)])),
        Datum.FromObject(SqlArray.Of(SqlTypes.Text, [.. r.MemberOf.Select(m => Text(RoleName(context, m.Role)))])),
        context.Session.LastLogin(r.Id) is { } at ? Datum.FromInt64(SqlDateTime.FromDateTimeOffset(at)) : Datum.Null,
    });

    private static IEnumerable<string> Options(RoleDescriptor role)
    {
        foreach (var option in Enum.GetValues<RoleOptions>())
        {
            if (option is not (RoleOptions.None or RoleOptions.Login or RoleOptions.NoInherit) && role.Options.HasFlag(option))
                yield return option.ToString().ToUpperInvariant();
        }

        if (!role.CanLogin)
            yield return "NOLOGIN";
        if (role.ValidUntil is { } until)
            yield return $"VALID UNTIL={until:yyyy-MM-dd HH:mm:sszzz}";
    }

    /// <summary>Of a schema or database behind FROM, else of the session's database; a database only for who may connect to it.</summary>
    private static IEnumerable<RelationDescriptor> Relations(IShowContext context, ImmutableArray<Descriptor?> scopes)
    {
        if (scopes.FirstOrDefault() is SchemaDescriptor schema)
            return MayConnect(context, schema.DatabaseId) ? context.Snapshot.Relations(schema.Id).Where(r => r.TemporarySession is null) : [];
        var database = scopes.FirstOrDefault() as DatabaseDescriptor ?? context.Session.Database;
        return MayConnect(context, database.Id) ? Relations(context, database.Id) : [];
    }

    private static bool MayConnect(IShowContext context, uint databaseId) => databaseId == context.Session.Database.Id
        || (context.Snapshot.TryGet<DatabaseDescriptor>(databaseId, out var database) && context.Session.Gate.Allows(context.User, database, Privilege.Connect, false, context.Snapshot));

    private static IEnumerable<RelationDescriptor> Relations(IShowContext context, uint databaseId) =>
        context.Snapshot.Schemas(databaseId).SelectMany(s => context.Snapshot.Relations(s.Id)).Where(r => r.TemporarySession is null);

    private static string SchemaName(IShowContext context, uint id) => context.Snapshot.TryGet<SchemaDescriptor>(id, out var schema) ? schema.Name : "";

    private static string RoleName(IShowContext context, uint id) => context.Snapshot.TryGet<RoleDescriptor>(id, out var role) ? role.Name : "";

    private static Datum[] Row(params ReadOnlySpan<string> values)
    {
        var row = new Datum[values.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = Text(values[i]);
        return row;
    }

    private static Datum Text(string value) => Datum.FromString(value);
}
