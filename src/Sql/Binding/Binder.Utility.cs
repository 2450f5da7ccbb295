using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>
/// Definitions, roles, privileges, SHOW: names are resolved and accesses noted; Execution does the rest. The privileges are those of SECURITY-SPEC 4.4 (CockroachDB's rule; the
/// gate accepts the owner for each of them, as PostgreSQL does).
/// </summary>
public sealed partial class Binder
{
    BoundStatement BindUtility(Statement statement) => statement switch
    {
        CreateTableStatement s => BindCreateTable(s),
        CreateTableAsStatement s => BindCreateTableAs(s),
        CreateViewStatement s => BindCreateView(s),
        CreateIndexStatement s => BindCreateIndex(s),
        CreateSequenceStatement s => BindCreateSequence(s),
        CreateSchemaStatement s => BindCreateSchema(s),
        CreateDatabaseStatement s => BindCreateDatabase(s),
        CreateEnumStatement s => Utility(s, RequireCreationSchema(s.Name, false)),
        AlterTableStatement s => BindAlterTable(s),
        AlterSequenceStatement s => BindAlterSequence(s),
        CreateCompositeStatement s => BindCreateComposite(s),
        CreateDomainStatement s => BindCreateDomain(s),
        AlterDomainStatement s => BindAlterDomain(s),
        AddEnumValueStatement s => Utility(s, RequireOwnedEnum(s.Type)),
        RenameEnumValueStatement s => Utility(s, RequireOwnedEnum(s.Type)),
        RenameStatement s => BindRename(s),
        SetSchemaStatement s => BindSetSchema(s),
        AlterOwnerStatement s => BindAlterOwner(s),
        CommentStatement s => BindComment(s),
        DropStatement s => BindDrop(s),
        TruncateStatement s => BindTruncate(s),
        LockTableStatement s => BindLockTable(s),
        MaintenanceStatement s => BindMaintenance(s),
        GrantStatement s => BindGrant(s),
        GrantRoleStatement s => BindRoleMembership(s, s.Roles, s.Members),
        RevokeRoleStatement s => BindRoleMembership(s, s.Roles, s.Members),
        CreateRoleStatement s => BindCreateRole(s),
        AlterRoleStatement s => BindAlterRole(s),
        AlterRoleSetStatement s => BindAlterRoleSet(s),
        DropRoleStatement s => BindDropRole(s),
        AlterDefaultPrivilegesStatement s => BindAlterDefaultPrivileges(s),
        ReassignOwnedStatement s => BindReassignOwned(s),
        DropOwnedStatement s => BindDropOwned(s),
        SetStatement { Cluster: true } s => BindClusterSetting(s, s.Name),
        ResetStatement { Cluster: true } s => BindClusterSetting(s, s.Name),
        CreatePolicyStatement s => BindCreatePolicy(s),
        AlterPolicyStatement s => BindAlterPolicy(s),
        DropPolicyStatement s => BindDropPolicy(s),
        ShowStatement s => BindShow(s),
        UnsupportedStatement s => throw BindErrors.NotSupported($"{s.What} is not supported", At(s)),
        _ when IsSessionStatement(statement) => new BoundUtility(statement, _accesses),
        _ => throw BindErrors.NotSupported($"{statement.GetType().Name} is not supported", At(statement)),
    };

    /// <summary>Statements about the session itself touch no object; Sessions runs them.</summary>
    static bool IsSessionStatement(Statement statement) => statement is
        BeginStatement or CommitStatement or RollbackStatement or SavepointStatement or ReleaseSavepointStatement or RollbackToSavepointStatement or SetTransactionStatement or
        SetConstraintsStatement or SetStatement or SetRoleStatement or SetSessionAuthorizationStatement or ResetStatement or DiscardStatement or PrepareStatement or ExecuteStatement or
        DeallocateStatement or DeclareCursorStatement or FetchStatement or CloseStatement or ListenStatement or UnlistenStatement or NotifyStatement or NoOperationStatement or CancelStatement;

    BoundUtility Utility(Statement statement, params ReadOnlySpan<Descriptor?> objects) => new(statement, _accesses) { Objects = [.. objects] };

    // ---- Notes

    void Note(Descriptor target, Privilege privilege) => _recorder.Add(target.Kind, target.Id, target.Name, privilege, _onBehalfOf).UseWhole();

    void NoteOwner(Descriptor target) => _recorder.Add(target.Kind, target.Id, target.Name, Privilege.None, _onBehalfOf, AccessRule.Owner);

    void NoteAdmin(string action) => _recorder.Add(ObjectKind.System, 0, action, Privilege.None, _onBehalfOf, AccessRule.Admin);

    void NoteSystem(Privilege privilege, string name) => _recorder.Add(ObjectKind.System, 0, name, privilege, _onBehalfOf, AccessRule.SystemPrivilege);

    void NoteMember(RoleDescriptor role) => _recorder.Add(ObjectKind.Role, role.Id, role.Name, Privilege.None, _onBehalfOf, AccessRule.RoleMember);

    // ---- Where new objects go

    /// <summary>The schema of a new object: the named one, or the first of the search path that can take it. Needs CREATE there. 3F000.</summary>
    SchemaDescriptor RequireCreationSchema(ObjectName name, bool temporary)
    {
        var schema = CreationSchema(name, temporary);
        if (temporary && !schema.Name.StartsWith("pg_temp", StringComparison.Ordinal))
            throw BindErrors.Error(SqlState.InvalidTableDefinition, "cannot create temporary relation in non-temporary schema", At(name));
        if (temporary || schema.Name.StartsWith("pg_temp", StringComparison.Ordinal))
            return schema;
        if (schema.Name is PgCatalog or "information_schema" or "crdb_internal")
        {
            throw BindErrors.Error(SqlState.InsufficientPrivilege, $"permission denied to create \"{schema.Name}.{name.Name}\"", At(name), "System catalog modifications are currently disallowed.");
        }

        Note(schema, Privilege.Create);
        return schema;
    }

    SchemaDescriptor CreationSchema(ObjectName name, bool temporary)
    {
        if (name.Parts.Length > 3)
            throw BindErrors.Syntax($"improper relation name (too many dotted names): {name}", At(name));
        var database = _database;
        if (name.Database is { } databaseName && databaseName != database.Name)
        {
            database = Catalog.TryGetDatabase(databaseName, out var other)
                ? other
                : throw BindErrors.NotSupported($"cross-database references are not implemented: \"{name}\"", At(name));
            NoteDatabase(other);
        }

        if (name.Schema is { } schemaName)
        {
            if (FindSchema(database, schemaName) is { } named)
                return named;
            if (_context.VirtualTables?.IsVirtualSchema(schemaName) == true)
                throw BindErrors.Error(SqlState.InsufficientPrivilege, $"permission denied to create \"{name}\"", At(name), "System catalog modifications are currently disallowed.");
            // CockroachDB's database.table.
            if (name.Database is null && Catalog.TryGetDatabase(schemaName, out var byDatabase) && FindSchema(byDatabase, "public") is { } inPublic)
            {
                if (byDatabase.Id != _database.Id)
                    NoteDatabase(byDatabase);
                return inPublic;
            }

            throw BindErrors.UndefinedSchema(schemaName, At(name));
        }

        foreach (var id in _context.SearchPath)
        {
            if (!Catalog.TryGet<SchemaDescriptor>(id, out var schema))
                continue;
            var isTemporary = schema.Name.StartsWith("pg_temp", StringComparison.Ordinal);
            if (isTemporary == temporary && schema.Name != PgCatalog)
                return schema;
        }

        throw BindErrors.Error(SqlState.InvalidSchemaName, "no schema has been selected to create in", At(name));
    }

    /// <summary>schema, or CockroachDB's database.schema. 3D000, 3F000.</summary>
    SchemaDescriptor RequireSchema(ObjectName name) => FindSchema(name) ?? throw BindErrors.UndefinedSchema(name.Name, At(name));

    SchemaDescriptor? FindSchema(ObjectName name)
    {
        if (name.Schema is not { } databaseName || databaseName == _database.Name)
            return FindSchema(_database, name.Name);
        if (!Catalog.TryGetDatabase(databaseName, out var database))
            throw BindErrors.UndefinedDatabase(databaseName, At(name));
        NoteDatabase(database);
        return FindSchema(database, name.Name);
    }

    SchemaDescriptor RequireSchema(string name, SyntaxNode? at) =>
        FindSchema(_database, name) ?? throw BindErrors.UndefinedSchema(name, At(at));

    // ---- Roles

    /// <summary>A role by name or keyword; PUBLIC only where <paramref name="allowPublic"/>. 42704.</summary>
    RoleDescriptor RequireRole(RoleName name, bool allowPublic = false) => FindRole(name, allowPublic) ?? throw BindErrors.UndefinedRole(name.Name, At(name));

    RoleDescriptor? FindRole(RoleName name, bool allowPublic = false)
    {
        switch (name.Special)
        {
            case "PUBLIC":
                return allowPublic && Catalog.TryGet<RoleDescriptor>(RoleIds.Public, out var everyone)
                    ? everyone
                    : throw BindErrors.Error(SqlState.ReservedName, "role name \"public\" is reserved", At(name));
            case "SESSION_USER":
                return Catalog.TryGet<RoleDescriptor>(_context.Principal.SessionUser, out var session) ? session : null;
            case not null:
                return Catalog.TryGet<RoleDescriptor>(_context.Principal.CurrentUser, out var current) ? current : null;
            default:
                return Catalog.TryGetRole(name.Name, out var role) ? role : null;
        }
    }

    // ---- Existing objects

    /// <summary>A relation of a kind, for DDL. Null with IF EXISTS and nothing of that name; 42809 when it is something else.</summary>
    RelationDescriptor? FindRelationOfKind(ObjectName name, AlterObjectKind kind, bool ifExists, bool anyKind = false)
    {
        var found = FindRelation(name);
        if (found.Virtual is { } system)
            throw BindErrors.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog", At(name));
        if (found.Relation is not { } relation)
        {
            if (ifExists)
                return null;
            throw MissingObject(kind, name);
        }

        var matches = anyKind || kind switch
        {
            AlterObjectKind.Table => relation is TableDescriptor,
            AlterObjectKind.View => relation is ViewDescriptor,
            AlterObjectKind.Sequence => relation is SequenceDescriptor,
            _ => false,
        };
        if (!matches)
            throw WrongKind(name, kind, relation);
        NoteVersion(relation);
        return relation;
    }

    /// <summary>Without a position, as PostgreSQL has it: these statements look their objects up when they run.</summary>
    SqlException MissingObject(AlterObjectKind kind, ObjectName name) => kind switch
    {
        AlterObjectKind.Table => BindErrors.Error(SqlState.UndefinedTable, $"relation \"{name}\" does not exist", 0),
        AlterObjectKind.View => BindErrors.Error(SqlState.UndefinedTable, $"view \"{name}\" does not exist", 0),
        AlterObjectKind.Sequence => BindErrors.Error(SqlState.UndefinedTable, $"sequence \"{name}\" does not exist", 0),
        AlterObjectKind.Index => BindErrors.Error(SqlState.UndefinedObject, $"index \"{name}\" does not exist", 0),
        AlterObjectKind.Schema => BindErrors.UndefinedSchema(name.Name, 0),
        AlterObjectKind.Database => BindErrors.UndefinedDatabase(name.Name, 0),
        AlterObjectKind.Type or AlterObjectKind.Domain or AlterObjectKind.DomainConstraint => BindErrors.UndefinedType(name.ToString(), 0),
        _ => BindErrors.UndefinedTable(name.ToString(), 0),
    };

    SqlException WrongKind(ObjectName name, AlterObjectKind wanted, RelationDescriptor actual)
    {
        var word = wanted.ToString().ToLowerInvariant();
        var command = actual.Kind.ToString().ToUpperInvariant();
        return BindErrors.WrongObject($"\"{name.Name}\" is not {(word[0] is 'i' ? "an" : "a")} {word}", At(name), $"Use DROP {command} to remove a {command.ToLowerInvariant()}.");
    }

    TableDescriptor RequireTable(ObjectName name)
    {
        if (FindRelationOfKind(name, AlterObjectKind.Table, false, anyKind: true) is TableDescriptor table)
            return table;
        throw BindErrors.WrongObject($"\"{name.Name}\" is not a table", At(name));
    }

    TypeDescriptor? FindTypeObject(ObjectName name) => FindUserType(name.Schema, name.Name);

    TypeDescriptor RequireOwnedType(ObjectName name)
    {
        var type = FindTypeObject(name) ?? throw BindErrors.UndefinedType(name.ToString(), At(name));
        NoteOwner(type);
        return type;
    }

    TypeDescriptor RequireOwnedEnum(ObjectName name) => RequireOwnedType(name) is { Type: Core.Types.EnumType } type ? type : throw BindErrors.WrongObject($"{name} is not an enum", 0);

    (TableDescriptor Table, IndexDescriptor Index)? FindIndex(ObjectName name)
    {
        if (name.HasTable)
        {
            if (FindRelation(new ObjectName(name.Parts[..^1]) { Position = name.Position }).Relation is not TableDescriptor owner)
                return null;
            // The primary key's index is "primary" in CockroachDB's statements.
            var named = owner.Indexes.Append(owner.PrimaryIndex).FirstOrDefault(i => i.Name == name.Name) ?? (name.Name == "primary" ? owner.PrimaryIndex : null);
            return named is null ? null : (owner, named);
        }

        foreach (var id in SchemasFor(name))
        {
            if (Catalog.TryGetIndex(id, name.Name, out var table, out var index))
                return (table, index);
        }

        return null;
    }

    DatabaseDescriptor? FindDatabase(ObjectName name) => Catalog.TryGetDatabase(name.Name, out var database) ? database : null;

    /// <summary>Any object that ALTER … OWNER, RENAME, COMMENT or DROP names. Null only with IF EXISTS.</summary>
    Descriptor? FindObject(AlterObjectKind kind, ObjectName name, bool ifExists, bool anyRelation = false)
    {
        Descriptor? found = kind switch
        {
            AlterObjectKind.Table or AlterObjectKind.View or AlterObjectKind.Sequence or AlterObjectKind.Column or AlterObjectKind.Constraint =>
                FindRelationOfKind(name, kind, ifExists, anyRelation || kind is AlterObjectKind.Column or AlterObjectKind.Constraint),
            AlterObjectKind.Index => FindIndex(name)?.Table,
            AlterObjectKind.Schema => FindSchema(name),
            AlterObjectKind.Database => FindDatabase(name),
            _ => FindTypeObject(name),
        };
        if (found is null && !ifExists)
            throw MissingObject(kind, name);
        if (kind is AlterObjectKind.Domain or AlterObjectKind.DomainConstraint && found is TypeDescriptor { Type: not Core.Types.DomainType })
            throw BindErrors.WrongObject($"\"{name}\" is not a domain", 0);
        return found;
    }
}
