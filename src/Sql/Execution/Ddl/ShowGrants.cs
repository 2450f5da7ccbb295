using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>SHOW GRANTS and its kin, SHOW CLUSTER SETTING (SECURITY-SPEC 4.5, 10). Rows are sorted by all columns.</summary>
internal static class ShowGrants
{
    public static IEnumerable<Datum[]> OnObjects(IShowContext context, ShowStatement statement, BoundUtility utility)
    {
        var all = statement.Objects.IsEmpty;
        var targets = all ? OwnershipCommands.InDatabase(context).Where(o => o is not SchemaDescriptor { Name: "pg_catalog" or "information_schema" }) : utility.Objects.OfType<Descriptor>();
        return Sorted(targets.SelectMany(t => Entries(t).Where(e => Concerns(context, statement, e.Grantee))
            .Select(e => Place(context, t, all).Concat([RoleName(context, e.Grantee), e.Word, e.Grantable ? "t" : "f"]).ToArray())));
    }

    public static IEnumerable<Datum[]> OnRoles(IShowContext context, ShowStatement statement)
    {
        var roles = Ids(context, statement.Roles);
        return Sorted(context.Snapshot.Roles.SelectMany(m => m.MemberOf.Where(r => roles.Count == 0 || roles.Contains(r.Role)).Where(_ => Concerns(context, statement, m.Id))
            .Select(r => new[] { RoleName(context, r.Role), m.Name, r.AdminOption ? "t" : "f" })));
    }

    public static IEnumerable<Datum[]> OnSystem(IShowContext context, ShowStatement statement) =>
        Sorted(context.Snapshot.Roles.Where(r => Concerns(context, statement, r.Id)).SelectMany(r => r.Acl.Where(e => e.Grantee == r.Id).SelectMany(Words)
            .Select(w => new[] { r.Name, w.Word, w.Grantable ? "t" : "f" })));

    /// <summary>What is stored for each creator, and what holds without any entry: all for the creator, USAGE on types and EXECUTE on functions for public.</summary>
    public static IEnumerable<Datum[]> Defaults(IShowContext context, ShowStatement statement, BoundUtility utility)
    {
        var schemas = utility.Objects.OfType<SchemaDescriptor>().Select(s => s.Id).ToHashSet();
        var grantees = Ids(context, statement.Grantees);
        List<uint> creators = statement.Name is not null ? [RoleIds.None] : statement.Roles.IsEmpty ? grantees.Count != 0 ? [] : [context.User] : [.. Ids(context, statement.Roles)];
        var rows = new List<string[]>();
        foreach (var creator in schemas.Count == 0 ? creators : [])
        {
            foreach (var kind in new[] { "routines", "schemas", "sequences", "tables", "types" })
            {
                if (creator != RoleIds.None)
                    rows.Add([RoleName(context, creator), "f", kind, RoleName(context, creator), "ALL", "t"]);
                if (kind is "types" or "routines" && !context.Snapshot.DefaultPrivileges.Any(d => d.Privileges == Privilege.None && d.Creator == creator && d.DatabaseId == context.Session.Database.Id
                    && d.Kind == (kind == "types" ? ObjectKind.Type : ObjectKind.Function)))
                    rows.Add([RoleName(context, creator), creator == RoleIds.None ? "t" : "f", kind, "public", kind == "types" ? "USAGE" : "EXECUTE", "f"]);
            }
        }

        foreach (var entry in context.Snapshot.DefaultPrivileges)
        {
            var isShown = entry.DatabaseId == context.Session.Database.Id && (schemas.Count == 0 ? entry.SchemaId == 0 : schemas.Contains(entry.SchemaId))
                && (grantees.Count != 0 ? grantees.Contains(entry.Grantee) : creators.Contains(entry.Creator));
            if (!isShown)
                continue;
            var kind = entry.Kind == ObjectKind.Function ? "routines" : PrivilegeNames.Word(entry.Kind) + "s";
            rows.AddRange(Words(new AclEntry(entry.Grantee, entry.Privileges, entry.GrantOptions, entry.Creator)).Select(w => new[]
            {
                RoleName(context, entry.Creator), entry.Creator == RoleIds.None ? "t" : "f", kind, RoleName(context, entry.Grantee), w.Word, w.Grantable ? "t" : "f",
            }));
        }

        return Sorted(rows, 1, 5);
    }

    public static IEnumerable<Datum[]> ClusterSetting(IShowContext context, string name) =>
        [[Datum.FromString(ClusterSettings.Get(ClusterSettings.Require(name), context.Snapshot))]];

    public static IEnumerable<Datum[]> AllClusterSettings(IShowContext context) => ClusterSettings.All.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new[]
    {
        Datum.FromString(s.Name), Datum.FromString(ClusterSettings.Get(s, context.Snapshot)), Datum.FromString(s.Type.ToString()), Datum.FromBool(true), Datum.FromString(s.Description),
        Datum.FromString(s.Default), Datum.FromString(context.Snapshot.ClusterSettings.ContainsKey(s.Name) ? "override" : "default"),
    });

    private static bool Concerns(IShowContext context, ShowStatement statement, uint grantee) =>
        statement.Grantees.IsEmpty || Ids(context, statement.Grantees).Any(user => context.Session.Gate.IsMember(user, grantee, context.Snapshot));

    private static HashSet<uint> Ids(IShowContext context, ImmutableArray<RoleName> names) => [.. names.Select(n => RoleCommands.Require(context, n).Id)];

    private static IEnumerable<(uint Grantee, string Word, bool Grantable)> Entries(Descriptor target)
    {
        var columns = target is RelationDescriptor relation
            ? relation.Columns.SelectMany(c => c.Acl.SelectMany(e => Words(e).Select(w => (w.Grantee, $"{w.Word} ({c.Name})", w.Grantable))))
            : [];
        return AclOperations.Effective(target).SelectMany(Words).Concat(columns);
    }

    private static IEnumerable<(uint Grantee, string Word, bool Grantable)> Words(AclEntry entry) => (entry.Privileges & Privilege.All) != 0
        ? [(entry.Grantee, "ALL", (entry.GrantOptions & Privilege.All) != 0)]
        : PrivilegeNames.Singles(entry.Privileges).Select(p => (entry.Grantee, PrivilegeNames.Name(p), (entry.GrantOptions & (p | Privilege.All)) != 0));

    private static string[] Place(IShowContext context, Descriptor target, bool withKind)
    {
        var (schemaId, databaseId) = target switch
        {
            RelationDescriptor r => (r.SchemaId, r.DatabaseId),
            TypeDescriptor t => (t.SchemaId, t.DatabaseId),
            SchemaDescriptor s => (s.Id, s.DatabaseId),
            _ => (0u, target.Id),
        };
        var database = context.Snapshot.TryGet<DatabaseDescriptor>(databaseId, out var d) ? d.Name : "";
        var schema = context.Snapshot.TryGet<SchemaDescriptor>(schemaId, out var found) ? found.Name : "";
        var name = target is RelationDescriptor or TypeDescriptor ? target.Name : "";
        if (withKind)
            return [database, schema, name, PrivilegeNames.Word(target.Kind)];
        return target switch
        {
            DatabaseDescriptor => [database],
            SchemaDescriptor => [database, schema],
            _ => [database, schema, name],
        };
    }

    /// <summary>Texts to values: the columns named, by default the last, are booleans; empty texts are NULL.</summary>
    private static IEnumerable<Datum[]> Sorted(IEnumerable<string[]> rows, params int[] booleans)
    {
        var list = rows.DistinctBy(r => string.Join('\0', r)).ToList();
        list.Sort((a, b) =>
        {
            for (var i = 0; i < a.Length; i++)
            {
                if (string.CompareOrdinal(a[i], b[i]) is not 0 and var order)
                    return order;
            }

            return 0;
        });
        return list.Select(r => r.Select((text, i) => (booleans.Length == 0 ? i == r.Length - 1 : booleans.Contains(i)) ? Datum.FromBool(text == "t")
            : text.Length == 0 ? Datum.Null : Datum.FromString(text)).ToArray());
    }

    private static string RoleName(IShowContext context, uint id) => context.Snapshot.TryGet<RoleDescriptor>(id, out var role) ? role.Name : "";
}
