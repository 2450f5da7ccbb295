using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Relation names: search path, virtual schemas, databases, and what naming them needs.</summary>
public sealed partial class Binder
{
    const string PgCatalog = "pg_catalog";

    internal readonly record struct FoundRelation(RelationDescriptor? Relation, IVirtualTable? Virtual, string Schema)
    {
        public bool IsNone => Relation is null && Virtual is null;

        public uint Id => Relation?.Id ?? Virtual!.Id;

        /// <summary>The database that a computed table tells of when it is not the session's.</summary>
        public DatabaseDescriptor? InDatabase { get; init; }
    }

    /// <summary>A table, view or sequence, or a computed table; none when there is no such name. Records USAGE on the schema, and CONNECT on another database.</summary>
    FoundRelation FindRelation(ObjectName name)
    {
        if (name.Parts.Length > 3)
            throw BindErrors.Syntax($"improper relation name (too many dotted names): {name}", At(name));
        if (name.Schema is null)
            return FindInPath(name.Name);
        var database = _database;
        if (name.Database is { } databaseName && databaseName != database.Name)
        {
            if (!Catalog.TryGetDatabase(databaseName, out var other))
                throw BindErrors.NotSupported($"cross-database references are not implemented: \"{name}\"", At(name));
            database = other;
            NoteDatabase(other);
        }

        if (FindInSchema(database, name.Schema, name.Name) is { IsNone: false } found)
            return found;
        // CockroachDB's database.table: the public schema of that database.
        if (name.Database is null && !Catalog.TryGetSchema(database.Id, name.Schema, out _) && _context.VirtualTables?.IsVirtualSchema(name.Schema) != true &&
            Catalog.TryGetDatabase(name.Schema, out var named) && FindInSchema(named, "public", name.Name) is { IsNone: false } inPublic)
        {
            if (named.Id != _database.Id)
                NoteDatabase(named);
            return inPublic;
        }

        return default;
    }

    FoundRelation FindInPath(string name)
    {
        var virtuals = _context.VirtualTables;
        var namesCatalog = _context.SearchPath.Any(id => Catalog.TryGet<SchemaDescriptor>(id, out var s) && s.Name == PgCatalog);
        if (!namesCatalog && virtuals is not null && virtuals.TryGet(PgCatalog, name, out var system))
            return new FoundRelation(null, system, PgCatalog);
        foreach (var id in _context.SearchPath)
        {
            if (!Catalog.TryGet<SchemaDescriptor>(id, out var schema))
                continue;
            if (virtuals is not null && virtuals.TryGet(schema.Name, name, out var computed))
                return new FoundRelation(null, computed, schema.Name);
            if (Catalog.TryGetRelation(id, name, out var relation))
            {
                NoteSchema(schema);
                return new FoundRelation(relation, null, schema.Name);
            }
        }

        return default;
    }

    FoundRelation FindInSchema(DatabaseDescriptor database, string schemaName, string name)
    {
        if (_context.VirtualTables is { } virtuals && virtuals.TryGet(schemaName, name, out var computed))
            return new FoundRelation(null, computed, schemaName) { InDatabase = database.Id == _context.Database.Id ? null : database };
        if (FindSchema(database, schemaName) is not { } schema || !Catalog.TryGetRelation(schema.Id, name, out var relation))
            return default;
        NoteSchema(schema);
        return new FoundRelation(relation, null, schema.Name);
    }

    /// <summary>pg_temp is the session's own temporary schema, which the search path holds once it exists.</summary>
    SchemaDescriptor? FindSchema(DatabaseDescriptor database, string name)
    {
        if (name == "pg_temp")
        {
            foreach (var id in _context.SearchPath)
            {
                if (Catalog.TryGet<SchemaDescriptor>(id, out var temporary) && temporary.Name.StartsWith("pg_temp", StringComparison.Ordinal))
                    return temporary;
            }

            return null;
        }

        return Catalog.TryGetSchema(database.Id, name, out var schema) ? schema : null;
    }

    void NoteSchema(SchemaDescriptor schema)
    {
        // Inside a view, the name was resolved when the view was made.
        if (_views.Count == 0 && !_silent)
            _recorder.Add(ObjectKind.Schema, schema.Id, schema.Name, Privilege.Usage, _onBehalfOf);
    }

    void NoteDatabase(DatabaseDescriptor database)
    {
        if (_views.Count == 0 && !_silent)
            _recorder.Add(ObjectKind.Database, database.Id, database.Name, Privilege.Connect, _onBehalfOf);
    }

    /// <summary>Notes an access to a relation; silent contexts get an entry that is thrown away.</summary>
    AccessEntry NoteRelation(RelationDescriptor relation, Privilege privilege, uint? onBehalfOf = null)
    {
        if (!_silent)
            _relations[relation.Id] = relation.Version;
        return _silent
            ? new AccessEntry(relation.Kind, relation.Id, relation.Name, privilege, 0, AccessRule.Privileges)
            : _recorder.Add(relation.Kind, relation.Id, relation.Name, privilege, onBehalfOf ?? _onBehalfOf);
    }

    FoundRelation RequireRelation(ObjectName name)
    {
        var found = FindRelation(name);
        return found.IsNone ? throw BindErrors.UndefinedTable(name.ToString(), At(name)) : found;
    }

    /// <summary>A table to be written. Views: 55000 with PostgreSQL's words for views that cannot be written automatically; computed tables and sequences: 42809.</summary>
    TableDescriptor RequireWritableTable(ObjectName name, string verb, string preposition)
    {
        var found = RequireRelation(name);
        switch (found.Relation)
        {
            case TableDescriptor table:
                return table;
            case ViewDescriptor view:
                throw BindErrors.Error(SqlState.ObjectNotInPrerequisiteState, $"cannot {verb} {preposition}view \"{view.Name}\"", At(name),
                    "Views are not automatically updatable.");
            case SequenceDescriptor sequence:
                throw BindErrors.WrongObject($"cannot change sequence \"{sequence.Name}\"", At(name));
            default:
                throw BindErrors.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{found.Virtual!.Name}\" is a system catalog", At(name));
        }
    }

    /// <summary>A WITH item of that name, nearest level first; null when there is none.</summary>
    CommonTableEntry? FindCommonTable(ObjectName name)
    {
        if (name.Schema is not null)
            return null;
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            for (var i = scope.CommonTables.Count - 1; i >= 0; i--)
            {
                if (scope.CommonTables[i].Name == name.Name)
                    return scope.CommonTables[i];
            }
        }

        return null;
    }
}
