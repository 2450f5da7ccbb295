using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Authorization;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>has_…_privilege and pg_has_role (manual table 9.67), answered by the gate. Of several privileges in one text any one suffices.</summary>
static class PrivilegeFunctions
{
    delegate Descriptor? Finder(ISessionServices session, string name);

    internal static void Register(RegistryBuilder b)
    {
        Add(b, "has_table_privilege", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "RULE"], static (s, n) => Relation(s, n, sequenceOnly: false));
        Add(b, "has_any_column_privilege", ["SELECT", "INSERT", "UPDATE", "REFERENCES"], static (s, n) => Relation(s, n, sequenceOnly: false), anyColumn: true);
        Add(b, "has_sequence_privilege", ["USAGE", "SELECT", "UPDATE"], static (s, n) => Relation(s, n, sequenceOnly: true));
        Add(b, "has_database_privilege", ["CREATE", "CONNECT", "TEMPORARY", "TEMP"], static (s, n) => s.Catalog.TryGetDatabase(n, out var database)
            ? database
            : throw new SqlException(SqlState.InvalidCatalogName, $"database \"{n}\" does not exist"));
        Add(b, "has_schema_privilege", ["CREATE", "USAGE"], static (s, n) => s.Catalog.TryGetSchema(s.Database.Id, n, out var schema)
            ? schema
            : throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{n}\" does not exist"));
        // Types and functions are open to all; those without a descriptor (built-in ones) too.
        AddOpen(b, "has_type_privilege", ["USAGE"], static (s, n) => _ = CatalogSearch.Type(s, n) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{n}\" does not exist"));
        AddOpen(b, "has_function_privilege", ["EXECUTE"], static (s, n) => new CatalogNames(s).Resolve(PgOid.RegProcedure, n));
        AddOpen(b, "has_language_privilege", ["USAGE"], static (_, n) => RequireOneOf(n, "language", "sql", "internal"));
        AddOpen(b, "has_tablespace_privilege", ["CREATE"], static (_, n) => RequireOneOf(n, "tablespace", "pg_default", "pg_global"));
        ColumnPrivilegeFunctions.Register(b);
        RegisterRoles(b);
        b.Unary("has_system_privilege(text) bool stable", static (p, c) => HasSystem(c, CatalogSearch.Session(c).Principal.CurrentUser, p.AsString()));
        b.Binary("has_system_privilege(name, text) bool stable", static (r, p, c) => HasSystem(c, RoleByName(CatalogSearch.Session(c), r.AsString()), p.AsString()));
        b.Binary("has_system_privilege(oid, text) bool stable", static (r, p, c) => HasSystem(c, r.AsOid(), p.AsString()));
        b.Unary("crdb_internal.has_role_option(text) bool stable", static (o, c) => HasOption(c, o.AsString()));
        b.Unary("row_security_active(oid) bool stable", static (table, c) => IsRowSecurityActive(c, table.AsOid()));
        b.Unary("row_security_active(text) bool stable", static (name, c) => IsRowSecurityActive(c, new CatalogNames(CatalogSearch.Session(c)).Resolve(PgOid.RegClass, name.AsString())));
    }

    /// <summary>By option or grant; with WITH GRANT OPTION by who may pass it on.</summary>
    static Datum HasSystem(EvaluationContext context, uint role, string privileges)
    {
        var session = CatalogSearch.Session(context);
        string[] words = [.. PrivilegeNames.Singles(PrivilegeNames.Valid(ObjectKind.System)).Select(PrivilegeNames.Name)];
        return Datum.FromBool(Parse(privileges, words).Exists(p => p.GrantOption
            ? session.Gate.IsAdmin(role, session.Catalog) || session.Catalog.Roles.Any(r => session.Gate.IsMember(role, r.Id, session.Catalog) && r.Acl.Any(e => (e.GrantOptions & (p.Privilege | Privilege.All)) != 0))
            : session.Gate.HasSystemPrivilege(role, p.Privilege, session.Catalog)));
    }

    /// <summary>Options are not inherited; an admin counts as holding each.</summary>
    static Datum HasOption(EvaluationContext context, string option)
    {
        var session = CatalogSearch.Session(context);
        if (!Enum.TryParse<RoleOptions>(option, ignoreCase: true, out var wanted) || wanted == RoleOptions.None || !RoleOptionChanges.IsOption(option))
            throw new SqlException(SqlState.SyntaxError, $"unrecognized role option {option.ToLowerInvariant()}");
        return Datum.FromBool(session.Gate.IsAdmin(session.Principal.CurrentUser, session.Catalog)
            || (session.Catalog.TryGet<RoleDescriptor>(session.Principal.CurrentUser, out var role) && (role.Options & wanted) != 0));
    }

    static Datum IsRowSecurityActive(EvaluationContext context, uint id)
    {
        var session = CatalogSearch.Session(context);
        return Datum.FromBool(session.Catalog.TryGet<TableDescriptor>(id, out var table) && RowSecurity.IsActive(table, session.Principal.CurrentUser, session.Gate, session.Catalog));
    }

    static void Add(RegistryBuilder b, string name, string[] allowed, Finder find, bool anyColumn = false)
    {
        AddForms(b, name, (session, role, target, privileges) =>
        {
            var descriptor = target.ByName is { } text ? find(session, text) : session.Catalog.TryGet<Descriptor>(target.Oid, out var found) ? found : null;
            if (descriptor is null)
                return IsVirtual(session, target) ? Datum.FromBool(Parse(privileges, allowed).Exists(p => p is (Privilege.Select, false))) : Datum.Null;
            return Datum.FromBool(Parse(privileges, allowed).Exists(p => session.Gate.Allows(role, descriptor, p.Privilege, p.GrantOption, session.Catalog) ||
                (anyColumn && descriptor is RelationDescriptor relation && relation.Columns.Any(c => ColumnPrivilegeFunctions.HoldsColumn(session, role, c, p)))));
        });
    }

    static void RequireOneOf(string name, string kind, params ReadOnlySpan<string> known)
    {
        if (!known.Contains(name))
            throw new SqlException(SqlState.UndefinedObject, $"{kind} \"{name}\" does not exist");
    }

    static bool IsVirtual(ISessionServices session, (string? ByName, uint Oid) target) =>
        target.ByName is null ? session.VirtualTableName(target.Oid) is not null : CatalogSearch.Relation(session, QualifiedName.Parse(target.ByName)) != 0;

    static void AddOpen(RegistryBuilder b, string name, string[] allowed, Action<ISessionServices, string> requireExisting) => AddForms(b, name, (session, _, target, privileges) =>
    {
        if (target.ByName is { } text)
            requireExisting(session, text);
        Parse(privileges, allowed);
        return Datum.True;
    });

    /// <summary>The six forms: role by name, by OID or the current user; object by name or OID.</summary>
    static void AddForms(RegistryBuilder b, string name, Func<ISessionServices, uint, (string? ByName, uint Oid), string, Datum> answer)
    {
        foreach (var objectType in (string[])["text", "oid"])
        {
            var byName = objectType == "text";
            b.Binary($"{name}({objectType}, text) bool stable", (o, p, c) =>
                answer(CatalogSearch.Session(c), CatalogSearch.Session(c).Principal.CurrentUser, byName ? (o.AsString(), 0) : (null, o.AsOid()), p.AsString()));
            b.Scalar($"{name}(name, {objectType}, text) bool stable", (a, c) =>
                answer(CatalogSearch.Session(c), RoleByName(CatalogSearch.Session(c), a[0].AsString()), byName ? (a[1].AsString(), 0) : (null, a[1].AsOid()), a[2].AsString()));
            b.Scalar($"{name}(oid, {objectType}, text) bool stable", (a, c) =>
                answer(CatalogSearch.Session(c), a[0].AsOid(), byName ? (a[1].AsString(), 0) : (null, a[1].AsOid()), a[2].AsString()));
        }
    }

    internal static uint RoleByName(ISessionServices session, string name) => name == "public" ? RoleIds.Public : CatalogSearch.RequireRole(session, name).Id;

    /// <summary>"select, insert with grant option". 22023 for a privilege that such an object does not have.</summary>
    internal static List<(Privilege Privilege, bool GrantOption)> Parse(string text, string[] allowed)
    {
        const string suffix = " WITH GRANT OPTION";
        var parsed = new List<(Privilege, bool)>();
        foreach (var part in text.Split(','))
        {
            var word = part.Trim().ToUpperInvariant();
            var grantOption = word.EndsWith(suffix, StringComparison.Ordinal);
            if (grantOption)
                word = word[..^suffix.Length].TrimEnd();
            if (Array.IndexOf(allowed, word) < 0)
                throw FunctionErrors.Invalid($"unrecognized privilege type: \"{part.Trim()}\"");
            if (word == "RULE")
                continue;
            parsed.Add((Enum.Parse<Privilege>(word == "TEMP" ? "TEMPORARY" : word, ignoreCase: true), grantOption));
        }

        return parsed;
    }

    static Descriptor? Relation(ISessionServices session, string name, bool sequenceOnly)
    {
        var parts = QualifiedName.Parse(name);
        var oid = CatalogSearch.Relation(session, parts);
        if (oid == 0)
            throw CatalogSearch.UndefinedTable(parts);
        if (!session.Catalog.TryGet<RelationDescriptor>(oid, out var relation))
            return null;
        return sequenceOnly && relation is not SequenceDescriptor ? throw new SqlException(SqlState.WrongObjectType, $"\"{name}\" is not a sequence") : relation;
    }

    static void RegisterRoles(RegistryBuilder b)
    {
        foreach (var roleType in (string[])["name", "oid"])
        {
            var byName = roleType == "name";
            uint Role(ISessionServices s, Datum d) => byName ? CatalogSearch.RequireRole(s, d.AsString()).Id : d.AsOid();
            b.Binary($"pg_has_role({roleType}, text) bool stable", (r, p, c) =>
                HasRole(CatalogSearch.Session(c), CatalogSearch.Session(c).Principal.CurrentUser, Role(CatalogSearch.Session(c), r), p.AsString()));
            b.Scalar($"pg_has_role(name, {roleType}, text) bool stable", (a, c) =>
                HasRole(CatalogSearch.Session(c), CatalogSearch.RequireRole(CatalogSearch.Session(c), a[0].AsString()).Id, Role(CatalogSearch.Session(c), a[1]), a[2].AsString()));
            b.Scalar($"pg_has_role(oid, {roleType}, text) bool stable", (a, c) => HasRole(CatalogSearch.Session(c), a[0].AsOid(), Role(CatalogSearch.Session(c), a[1]), a[2].AsString()));
        }
    }

    static Datum HasRole(ISessionServices session, uint member, uint role, string privileges)
    {
        foreach (var part in privileges.Split(','))
        {
            var word = part.Trim().ToUpperInvariant();
            var admin = word.EndsWith(" WITH ADMIN OPTION", StringComparison.Ordinal) || word.EndsWith(" WITH GRANT OPTION", StringComparison.Ordinal);
            if ((admin ? word[..^18].TrimEnd() : word) is not ("MEMBER" or "USAGE"))
                throw FunctionErrors.Invalid($"unrecognized privilege type: \"{part.Trim()}\"");
            if (admin ? IsRoleAdmin(session, member, role) : session.Gate.IsMember(member, role, session.Catalog))
                return Datum.True;
        }

        return Datum.False;
    }

    /// <summary>Admins administer every role; others need the admin option, their own or one of a role they belong to.</summary>
    static bool IsRoleAdmin(ISessionServices session, uint member, uint role) =>
        session.Gate.IsAdmin(member, session.Catalog) || session.Catalog.Roles.Any(holder =>
            holder.MemberOf.Any(m => m.Role == role && m.AdminOption) && session.Gate.IsMember(member, holder.Id, session.Catalog));
}
