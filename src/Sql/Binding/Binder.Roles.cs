using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Roles, privileges, settings and SHOW.</summary>
public sealed partial class Binder
{
    /// <summary>
    /// Objects: what GRANT names, patterns expanded. Whether the caller may grant each privilege is decided where it is granted, since the grant option may be held for some only
    /// (01007, 42501).
    /// </summary>
    BoundUtility BindGrant(GrantStatement s)
    {
        var objects = new List<Descriptor?>();
        foreach (var name in s.Objects)
            objects.AddRange(GrantObjects(s.Kind, name));
        foreach (var grantee in s.Grantees)
            RequireGrantee(grantee);
        return Utility(s, [.. objects]);
    }

    void RequireGrantee(RoleName name)
    {
        if (FindRole(name, allowPublic: true) is null)
            throw BindErrors.Error(SqlState.UndefinedObject, $"user or role {name.Name} does not exist", At(name));
    }

    IEnumerable<Descriptor> GrantObjects(ObjectKindSyntax kind, ObjectName name)
    {
        switch (kind)
        {
            case ObjectKindSyntax.Database:
                return [FindDatabase(name) ?? throw BindErrors.UndefinedDatabase(name.Name, At(name))];
            case ObjectKindSyntax.Schema:
                return [RequireSchema(name)];
            case ObjectKindSyntax.Type:
                return [FindTypeObject(name) ?? throw BindErrors.UndefinedType(name.ToString(), At(name))];
            case ObjectKindSyntax.AllTablesInSchema:
                return [.. Catalog.Relations(RequireSchema(name).Id).Where(r => r is TableDescriptor or ViewDescriptor)];
            case ObjectKindSyntax.AllSequencesInSchema:
                return [.. Catalog.Relations(RequireSchema(name).Id).OfType<SequenceDescriptor>()];
            case ObjectKindSyntax.Table or ObjectKindSyntax.None or ObjectKindSyntax.Sequence when name.Name == "*":
                return PatternTables(name);
            case ObjectKindSyntax.Table or ObjectKindSyntax.None:
                return [FindRelationOfKind(name, AlterObjectKind.Table, false, anyKind: true)!];
            case ObjectKindSyntax.Sequence:
                return [FindRelationOfKind(name, AlterObjectKind.Sequence, false)!];
            case ObjectKindSyntax.Role:
                return [RequireRole(new RoleName(name.Name) { Position = name.Position })];
            case ObjectKindSyntax.System or ObjectKindSyntax.AllFunctionsInSchema:
                return [];
            default:
                throw BindErrors.NotSupported($"privileges on {kind.ToString().ToLowerInvariant()} objects are not supported", At(name));
        }
    }

    /// <summary>*, s.* and d.s.*: all tables, views and sequences there (d.* is the public schema of d).</summary>
    List<Descriptor> PatternTables(ObjectName name)
    {
        IEnumerable<SchemaDescriptor> schemas;
        if (name.Parts.Length == 1)
        {
            schemas = _context.SearchPath.Select(id => Catalog.TryGet<SchemaDescriptor>(id, out var s) ? s : null).OfType<SchemaDescriptor>()
                .Where(s => s.Name is not (PgCatalog or "information_schema") && !s.Name.StartsWith("pg_temp", StringComparison.Ordinal)).Take(1);
        }
        else
        {
            var database = name.Database is { } d ? (Catalog.TryGetDatabase(d, out var named) ? named : throw BindErrors.UndefinedDatabase(d, At(name))) : _database;
            if (FindSchema(database, name.Schema!) is { } schema)
                schemas = [schema];
            else if (name.Database is null && Catalog.TryGetDatabase(name.Schema!, out var byName) && FindSchema(byName, "public") is { } inPublic)
                schemas = [inPublic];
            else
                throw BindErrors.UndefinedSchema(name.Schema!, At(name));
        }

        return [.. schemas.SelectMany(s => Catalog.Relations(s.Id))];
    }

    /// <summary>Objects: the roles, then the members.</summary>
    BoundUtility BindRoleMembership(Statement s, ImmutableArray<RoleName> roles, ImmutableArray<RoleName> members)
    {
        var objects = new List<Descriptor?>();
        foreach (var name in roles)
        {
            var role = FindRole(name) ?? throw MissingRole(name);
            _recorder.Add(ObjectKind.Role, role.Id, role.Name, Privilege.None, _onBehalfOf, AccessRule.RoleAdmin);
            objects.Add(role);
        }

        foreach (var name in members)
            objects.Add(RequireRole(name));
        return Utility(s, [.. objects]);
    }

    SqlException MissingRole(RoleName name)
    {
        var error = BindErrors.UndefinedRole(name.Name, At(name));
        return Security.Authorization.RoleOptionChanges.IsOption(name.Name)
            ? BindErrors.Error(error.State, error.Message, At(name), hint: $"{name.Name} is a role option, try using ALTER ROLE to change a role's options.")
            : error;
    }

    /// <summary>Objects: roles named in IN ROLE, ROLE and ADMIN, in order.</summary>
    BoundUtility BindCreateRole(CreateRoleStatement s)
    {
        NoteSystem(Privilege.CreateRole, "CREATEROLE");
        return Utility(s, [.. OptionRoles(s.Options)]);
    }

    List<Descriptor?> OptionRoles(ImmutableArray<RoleOption> options)
    {
        var objects = new List<Descriptor?>();
        foreach (var option in options)
        {
            foreach (var name in option.Roles)
            {
                var role = RequireRole(name);
                if (option.Name.StartsWith("IN", StringComparison.Ordinal))
                    _recorder.Add(ObjectKind.Role, role.Id, role.Name, Privilege.None, _onBehalfOf, AccessRule.RoleAdmin);
                objects.Add(role);
            }
        }

        return objects;
    }

    /// <summary>Objects: the role (null = missing and IF EXISTS, or ALL). One's own password may be changed without CREATEROLE when the cluster allows it.</summary>
    BoundUtility BindAlterRole(AlterRoleStatement s)
    {
        if (s.Role is null)
        {
            NoteAdmin("ALTER ROLE ALL");
            return Utility(s, (Descriptor?)null);
        }

        var role = FindRole(s.Role);
        if (role is null && !s.IfExists)
            throw BindErrors.UndefinedRole(s.Role.Name, At(s.Role));
        var ownPassword = role?.Id == _context.Principal.CurrentUser && s.Options.All(o => o.Name == "PASSWORD") && ClusterSettings.IsOn(ClusterSettings.ChangeOwnPassword, Catalog);
        if (!ownPassword)
            NoteSystem(Privilege.CreateRole, "CREATEROLE");
        // Only admins touch admins.
        if (role?.Id is RoleIds.Root or RoleIds.Admin)
            NoteAdmin($"alter role {role.Name}");
        return Utility(s, role);
    }

    BoundUtility BindAlterRoleSet(AlterRoleSetStatement s)
    {
        if (s.Database is { } name && !Catalog.TryGetDatabase(name, out _))
            throw BindErrors.UndefinedDatabase(name, At(s));
        if (s.Role is null)
        {
            NoteAdmin("ALTER ROLE ALL SET");
            return Utility(s, (Descriptor?)null);
        }

        var role = FindRole(s.Role);
        if (role is null && !s.IfExists)
            throw BindErrors.UndefinedRole(s.Role.Name, At(s.Role));
        // PostgreSQL lets everybody set their own defaults.
        if (role?.Id != _context.Principal.CurrentUser)
            NoteSystem(Privilege.CreateRole, "CREATEROLE");
        if (role?.Id is RoleIds.Root or RoleIds.Admin)
            NoteAdmin($"alter role {role.Name}");
        return Utility(s, role);
    }

    BoundUtility BindDropRole(DropRoleStatement s)
    {
        NoteSystem(Privilege.CreateRole, "CREATEROLE");
        var objects = new List<Descriptor?>();
        foreach (var name in s.Roles)
        {
            var role = FindRole(name);
            if (role is null && !s.IfExists)
                throw BindErrors.UndefinedRole(name.Name, At(name));
            objects.Add(role);
        }

        return Utility(s, [.. objects]);
    }

    /// <summary>Objects: the creating roles (none: the current user), then the schemas.</summary>
    BoundUtility BindAlterDefaultPrivileges(AlterDefaultPrivilegesStatement s)
    {
        var objects = new List<Descriptor?>();
        if (s.AllRoles)
            NoteAdmin("ALTER DEFAULT PRIVILEGES FOR ALL ROLES");
        foreach (var name in s.Creators)
        {
            var role = RequireRole(name);
            NoteMember(role);
            objects.Add(role);
        }

        foreach (var name in s.Schemas)
            objects.Add(RequireSchema(name, s));
        foreach (var grantee in s.Action.Grantees)
            RequireGrantee(grantee);
        return Utility(s, [.. objects]);
    }

    /// <summary>Objects: the roles whose objects change hands, then the new owner.</summary>
    BoundUtility BindReassignOwned(ReassignOwnedStatement s)
    {
        var objects = new List<Descriptor?>();
        foreach (var name in s.From.Append(s.To))
        {
            var role = RequireRole(name);
            NoteMember(role);
            objects.Add(role);
        }

        return Utility(s, [.. objects]);
    }

    BoundUtility BindDropOwned(DropOwnedStatement s)
    {
        var objects = new List<Descriptor?>();
        foreach (var name in s.Roles)
        {
            var role = RequireRole(name);
            NoteMember(role);
            objects.Add(role);
            foreach (var table in Catalog.Schemas(_database.Id).SelectMany(x => Catalog.Relations(x.Id)).OfType<TableDescriptor>().Where(t => t.Audited && t.Owner == role.Id))
                NoteDropped(table);
        }

        return Utility(s, [.. objects]);
    }

    BoundUtility BindClusterSetting(Statement s, string? name)
    {
        var forSql = name?.StartsWith("sql.defaults.", StringComparison.Ordinal) == true;
        NoteSystem(forSql ? Privilege.ModifySqlClusterSetting : Privilege.ModifyClusterSetting, $"set cluster setting '{name}'");
        return Utility(s);
    }

    // ---- SHOW

    BoundUtility BindShow(ShowStatement s)
    {
        var objects = new List<Descriptor?>();
        switch (s.Kind)
        {
            case "POLICIES":
                objects.Add(RequireTable(s.Objects[0]));
                _recorder.Add(ObjectKind.Table, objects[0]!.Id, objects[0]!.Name, Privilege.None, _onBehalfOf, AccessRule.AnyPrivilege);
                break;
            case "COLUMNS" or "INDEXES" or "INDEX" or "KEYS" or "CONSTRAINTS" or "CONSTRAINT" or "CREATE":
                foreach (var name in s.Objects)
                {
                    Descriptor found = s.ObjectKind switch
                    {
                        ObjectKindSyntax.Database => FindDatabase(name) ?? throw BindErrors.UndefinedDatabase(name.Name, At(name)),
                        ObjectKindSyntax.Schema => RequireSchema(name),
                        ObjectKindSyntax.Type => FindTypeObject(name) ?? throw BindErrors.UndefinedType(name.ToString(), At(name)),
                        _ => FindRelationOfKind(name, AlterObjectKind.Table, false, anyKind: true)!,
                    };
                    _recorder.Add(found.Kind, found.Id, found.Name, Privilege.None, _onBehalfOf, AccessRule.AnyPrivilege);
                    objects.Add(found);
                }

                break;
            case "GRANTS" when s.ObjectKind != ObjectKindSyntax.Role:
                foreach (var name in s.Objects)
                    objects.AddRange(GrantObjects(s.ObjectKind, name));
                break;
            case "DEFAULT PRIVILEGES":
                objects.AddRange(s.Objects.Select(name => RequireSchema(name)));
                break;
            case "TABLES" or "SEQUENCES" or "TYPES" or "ENUMS" or "SCHEMAS":
                objects.AddRange(s.Objects.Select(ShownScope));
                break;
            case "CLUSTER SETTING" or "CLUSTER SETTINGS":
                NoteSystem(Privilege.ViewClusterSetting, s.Name is null ? "SHOW CLUSTER SETTINGS" : $"show cluster setting '{s.Name}'");
                break;
        }

        foreach (var role in s.Roles.Concat(s.Grantees))
            RequireRole(role, allowPublic: true);
        return Utility(s, [.. objects]) with { Columns = ShowColumns.Of(s) };
    }

    /// <summary>SHOW TABLES FROM x: a schema, or a database.</summary>
    Descriptor ShownScope(ObjectName name)
    {
        if (name.Schema is { } database)
        {
            if (!Catalog.TryGetDatabase(database, out var other))
                throw BindErrors.UndefinedDatabase(database, At(name));
            return FindSchema(other, name.Name) ?? throw BindErrors.UndefinedSchema(name.Name, At(name));
        }

        if (FindSchema(_database, name.Name) is { } schema)
            return schema;
        return FindDatabase(name) ?? throw BindErrors.Error(SqlState.InvalidCatalogName, $"target database or schema \"{name.Name}\" does not exist", At(name));
    }
}
