using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>CREATE, ALTER and DROP.</summary>
public sealed partial class Binder
{
    /// <summary>Objects: the schema, then the tables that REFERENCES and LIKE name, in order (null = the new table itself).</summary>
    BoundUtility BindCreateTable(CreateTableStatement s)
    {
        var objects = new List<Descriptor?> { RequireCreationSchema(s.Name, s.Temporary) };
        foreach (var element in s.Elements)
        {
            switch (element)
            {
                case ColumnDefinition column:
                    NoteColumnType(column);
                    foreach (var references in column.Constraints.OfType<ReferencesConstraint>())
                        objects.Add(NoteReferences(references.References, s.Name));
                    break;
                case ForeignKeyTableConstraint key:
                    objects.Add(NoteReferences(key.References, s.Name));
                    break;
                case LikeTableElement like:
                    var source = RequireRelation(like.Table);
                    if (source.Relation is { } relation)
                        NoteRelation(relation, Privilege.Select).UseWhole();
                    objects.Add(source.Relation);
                    break;
            }
        }

        return Utility(s, [.. objects]);
    }

    /// <summary>serial and its kin are no types; everything else must exist (and user types may be used).</summary>
    void NoteColumnType(ColumnDefinition column)
    {
        if (column.Type.Name[^1] is not ("serial" or "serial2" or "serial4" or "serial8" or "smallserial" or "bigserial"))
            NoteTypeOfColumn(column.Type);
        if (!column.Collation.IsEmpty)
            CheckCollation(column.Collation, column);
    }

    /// <summary>The table that a foreign key refers to: REFERENCES on its columns. Null when it is the table being made or altered.</summary>
    TableDescriptor? NoteReferences(ReferencesClause references, ObjectName? self)
    {
        var found = FindRelation(references.Table);
        if (found.IsNone)
        {
            if (self is not null && references.Table.Name == self.Name && (references.Table.Schema is null || references.Table.Schema == self.Schema))
                return null;
            throw BindErrors.UndefinedTable(references.Table.ToString(), 0);
        }

        if (found.Relation is not TableDescriptor table)
            throw BindErrors.WrongObject($"referenced relation \"{references.Table.Name}\" is not a table", At(references.Table));
        var access = NoteRelation(table, Privilege.References);
        if (references.Columns.IsEmpty)
        {
            foreach (var part in table.PrimaryIndex.Parts)
                access.Use(part.ColumnId);
        }
        else
        {
            foreach (var name in references.Columns)
            {
                var ordinal = OrdinalOf(table, name);
                if (ordinal < 0)
                    throw BindErrors.Error(SqlState.UndefinedColumn, $"column \"{name}\" referenced in foreign key constraint does not exist", At(references));
                access.Use(table.Columns[ordinal].Id);
            }
        }

        return table;
    }

    /// <summary>Objects: the schema.</summary>
    BoundUtility BindCreateTableAs(CreateTableAsStatement s)
    {
        var schema = RequireCreationSchema(s.Name, s.Temporary);
        var query = BindStatement(s.Query);
        if (query is not BoundQuery bound)
            throw BindErrors.NotSupported("CREATE TABLE AS needs a query", At(s));
        if (s.Columns.Length > bound.Names.Length)
            throw BindErrors.Syntax("too many column names were specified", At(s));
        NoteColumnTypes(bound);
        return Utility(s, schema) with { Query = WithCommonTables(bound) };
    }

    /// <summary>Columns of a new relation need USAGE on their types, wherever those come from (PostgreSQL, GRANT).</summary>
    void NoteColumnTypes(BoundQuery query)
    {
        foreach (var type in query.Root.Output.Select(c => c.Type.ElementType ?? c.Type).Distinct())
        {
            if (Catalog.TryGet<TypeDescriptor>(type.Oid, out var descriptor))
                Note(descriptor, Privilege.Usage);
        }
    }

    /// <summary>An inner statement carries the common tables itself.</summary>
    BoundStatement WithCommonTables(BoundStatement statement)
    {
        var complete = statement with { CommonTables = CommonTableOrder.Sort(_commonTables) };
        _commonTables.Clear();
        return complete;
    }

    /// <summary>Objects: the schema, then the view that is replaced (null = none). QualifiedText is what the descriptor stores.</summary>
    BoundUtility BindCreateView(CreateViewStatement s)
    {
        var schema = RequireCreationSchema(s.Name, s.Temporary);
        ViewDescriptor? replaced = null;
        if (s.OrReplace && Catalog.TryGetRelation(schema.Id, s.Name.Name, out var existing))
        {
            replaced = existing as ViewDescriptor ?? throw BindErrors.WrongObject($"\"{s.Name.Name}\" is not a view", At(s.Name));
            NoteOwner(replaced);
            NoteVersion(replaced);
        }

        if (s.Recursive)
            s = MakeRecursive(s);
        if (FindInto(s.Query) is not null)
            throw BindErrors.Syntax("views must not contain SELECT INTO", At(s));
        _edits = [];
        var bound = BindTopQuery(s.Query);
        var text = ApplyEdits(s);
        _edits = null;
        if (_context.Parameters.Count > 0)
            throw BindErrors.Error(SqlState.UndefinedParameter, "there is no parameter $1", At(s));
        if (!s.Temporary && _relations.Keys.Any(id => Catalog.TryGet<RelationDescriptor>(id, out var used) && used.DatabaseId != schema.DatabaseId))
            throw BindErrors.NotSupported("the view cannot refer to other databases", At(s));
        if (s.Columns.Length > bound.Names.Length)
            throw BindErrors.Syntax("CREATE VIEW specifies more column names than columns", At(s));
        var names = s.Columns.Concat(bound.Names.Skip(s.Columns.Length)).ToList();
        if (names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw BindErrors.Error(SqlState.DuplicateColumn, $"column \"{twice.Key}\" specified more than once", At(s));
        if (replaced is not null)
            CheckReplacement(replaced, names, bound);
        NoteColumnTypes(bound);
        return Utility(s, schema, replaced) with { Query = WithCommonTables(bound), QualifiedText = text, Constants = [.. _constants] };
    }

    /// <summary>CREATE RECURSIVE VIEW v (n) AS q is CREATE VIEW v AS WITH RECURSIVE v (n) AS (q) SELECT n FROM v.</summary>
    static CreateViewStatement MakeRecursive(CreateViewStatement s)
    {
        var query = new QueryStatement(s.Query) { Position = s.Query.Position, Text = s.QueryText };
        return s with
        {
            Query = new QueryExpression(new SelectBody([.. s.Columns.Select(c => new SelectItem(new ColumnReference([c]), null))]) { From = [new NamedTable(new ObjectName([s.Name.Name]))] })
            {
                With = new WithClause(true, [new CommonTable(s.Name.Name, s.Columns, query, null)]),
            },
        };
    }

    /// <summary>CREATE OR REPLACE VIEW may add columns at the end and change nothing else (42P16).</summary>
    static void CheckReplacement(ViewDescriptor replaced, List<string> names, BoundQuery query)
    {
        if (names.Count < replaced.Columns.Length)
            throw BindErrors.Error(SqlState.InvalidTableDefinition, "cannot drop columns from view");
        for (var i = 0; i < replaced.Columns.Length; i++)
        {
            var old = replaced.Columns[i];
            if (old.Name != names[i])
            {
                throw BindErrors.Error(SqlState.InvalidTableDefinition, $"cannot change name of view column \"{old.Name}\" to \"{names[i]}\"",
                    hint: "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
            }

            var column = query.Root.Output[i];
            if (!column.Type.Equals(old.Type) || column.TypeModifier != old.TypeModifier)
            {
                throw BindErrors.Error(SqlState.InvalidTableDefinition,
                    $"cannot change data type of view column \"{old.Name}\" from {old.Type.FormatName(old.TypeModifier)} to {column.Type.FormatName(column.TypeModifier)}");
            }
        }
    }

    BoundUtility BindCreateIndex(CreateIndexStatement s)
    {
        var relation = FindRelationOfKind(s.Table, AlterObjectKind.Table, false, anyKind: true)!;
        if (relation is not TableDescriptor table)
            throw BindErrors.WrongObject($"cannot create index on relation \"{relation.Name}\"", At(s.Table), detail: "This operation is not supported for views.");
        Note(table, Privilege.Create);
        return Utility(s, table);
    }

    /// <summary>Objects: the schema, then the table of OWNED BY.</summary>
    BoundUtility BindCreateSequence(CreateSequenceStatement s) => Utility(s, RequireCreationSchema(s.Name, s.Temporary), OwnedByTable(s.Options));

    TableDescriptor? OwnedByTable(SequenceOptions options)
    {
        if (options.As is { } type)
            ResolveType(type);
        if (options.OwnedBy is not { } owner)
            return null;
        if (owner.Parts.Length < 2)
            throw BindErrors.Error(SqlState.SyntaxError, "invalid OWNED BY option", At(owner), hint: "Specify OWNED BY table.column or OWNED BY NONE.");
        var table = RequireTable(new ObjectName(owner.Parts[..^1]) { Position = owner.Position });
        if (OrdinalOf(table, owner.Name) < 0)
            throw BindErrors.UndefinedColumnOfRelation(owner.Name, table.Name, At(owner));
        NoteOwner(table);
        return table;
    }

    /// <summary>Objects: the database, then the role of AUTHORIZATION.</summary>
    BoundUtility BindCreateSchema(CreateSchemaStatement s)
    {
        var database = _database;
        if (s.Database is { } databaseName && databaseName != database.Name && !Catalog.TryGetDatabase(databaseName, out database))
            throw BindErrors.UndefinedDatabase(databaseName, At(s));
        Note(database, Privilege.Create);
        RoleDescriptor? role = null;
        if (s.Authorization is { } name)
        {
            role = RequireRole(name);
            NoteMember(role);
        }

        return Utility(s, database, role);
    }

    BoundUtility BindCreateDatabase(CreateDatabaseStatement s)
    {
        NoteSystem(Privilege.CreateDb, "CREATEDB");
        RoleDescriptor? owner = null;
        if (s.Owner is { } name)
        {
            owner = RequireRole(name);
            NoteMember(owner);
        }

        return Utility(s, owner);
    }

    // ---- ALTER

    /// <summary>Objects: the table (null = IF EXISTS and missing), then the tables that new foreign keys refer to.</summary>
    BoundUtility BindAlterTable(AlterTableStatement s)
    {
        var relation = FindRelationOfKind(s.Table, AlterObjectKind.Table, s.IfExists, anyKind: true);
        if (relation is null)
            return Utility(s, (Descriptor?)null);
        if (relation is not TableDescriptor table)
            throw BindErrors.WrongObject($"\"{s.Table.Name}\" is not a table", At(s.Table));
        var objects = new List<Descriptor?> { table };
        foreach (var action in s.Actions)
        {
            switch (action)
            {
                case SetAuditAction:
                    // The table stands in the set for the record; the right asked for is the admin's.
                    Note(table, Privilege.None);
                    NoteAdmin("change auditing settings on a table");
                    break;
                case RowSecurityAction:
                    NoteOwner(table);
                    break;
                default:
                    Note(table, Privilege.Create);
                    break;
            }

            switch (action)
            {
                case AddColumnAction add:
                    NoteColumnType(add.Column);
                    foreach (var references in add.Column.Constraints.OfType<ReferencesConstraint>())
                        objects.Add(NoteReferences(references.References, null));
                    break;
                case SetTypeAction type:
                    NoteTypeOfColumn(type.Type);
                    break;
                case AddConstraintAction { Constraint: ForeignKeyTableConstraint key }:
                    objects.Add(NoteReferences(key.References, null));
                    break;
            }
        }

        return Utility(s, [.. objects]);
    }

    /// <summary>Objects: the sequence, then the table of OWNED BY.</summary>
    BoundUtility BindAlterSequence(AlterSequenceStatement s)
    {
        var sequence = FindRelationOfKind(s.Name, AlterObjectKind.Sequence, s.IfExists);
        if (sequence is not null)
            Note(sequence, Privilege.Create);
        return Utility(s, sequence, OwnedByTable(s.Options));
    }

    BoundUtility BindRename(RenameStatement s)
    {
        var found = FindObject(s.Kind, s.Name, s.IfExists, anyRelation: s.Kind == AlterObjectKind.Table);
        if (found is not null)
            CheckMember(found, s.Kind, s.Member, s.Name);
        if (found is RelationDescriptor renamed && s.Target is { Schema: not null } target && CreationSchema(target, false).Id != renamed.SchemaId)
            throw BindErrors.Error(SqlState.FeatureNotSupported, "RENAME cannot move a relation to another schema or database", At(target), "ALTER TABLE … SET SCHEMA moves it.");
        switch (s.Kind)
        {
            case var _ when found is null:
                break;
            case AlterObjectKind.Column or AlterObjectKind.Constraint or AlterObjectKind.Index:
                Note(found, Privilege.Create);
                break;
            case AlterObjectKind.Table or AlterObjectKind.View or AlterObjectKind.Sequence:
                Note(found, Privilege.Drop);
                if (found is RelationDescriptor { TemporarySession: null } relation && Catalog.TryGet<SchemaDescriptor>(relation.SchemaId, out var schema))
                    Note(schema, Privilege.Create);
                break;
            case AlterObjectKind.Database:
                NoteSystem(Privilege.CreateDb, "CREATEDB");
                NoteOwner(found);
                break;
            default:
                if (found is SchemaDescriptor)
                {
                    RequireOwnSchema(found, s.Name);
                    if (s.NewName.StartsWith("pg_", StringComparison.Ordinal))
                        throw BindErrors.Error(SqlState.ReservedName, $"unacceptable schema name \"{s.NewName}\"", At(s.Name));
                }

                NoteOwner(found);
                break;
        }

        return Utility(s, found);
    }

    /// <summary>The system's schemas stay as they are, and so does "public", through which database.table finds its tables.</summary>
    void RequireOwnSchema(Descriptor schema, ObjectName name)
    {
        if (schema.Name is "public" or "information_schema" || schema.Name.StartsWith("pg_", StringComparison.Ordinal))
            throw BindErrors.Error(SqlState.InsufficientPrivilege, $"cannot modify schema \"{schema.Name}\"", At(name));
    }

    /// <summary>A column or constraint that a statement names must be there.</summary>
    void CheckMember(Descriptor target, AlterObjectKind kind, string? member, ObjectName name)
    {
        if (kind == AlterObjectKind.DomainConstraint && target is TypeDescriptor { Type: Core.Types.DomainType domain } && !domain.Checks.Any(c => c.Name == member))
            throw BindErrors.Error(SqlState.UndefinedObject, $"constraint \"{member}\" for domain {domain.Name} does not exist", 0);
        if (member is null || target is not RelationDescriptor relation)
            return;
        if (kind == AlterObjectKind.Column && !relation.Columns.Any(c => c.Name == member))
            throw BindErrors.Error(SqlState.UndefinedColumn, $"column \"{member}\" does not exist", At(name));
        if (kind != AlterObjectKind.Constraint || relation is not TableDescriptor table)
            return;
        var exists = table.Checks.Any(c => c.Name == member) || table.ForeignKeys.Any(k => k.Name == member) ||
                     table.Indexes.Append(table.PrimaryIndex).Any(i => i.Constraint == member);
        if (!exists)
            throw BindErrors.Error(SqlState.UndefinedObject, $"constraint \"{member}\" for table \"{table.Name}\" does not exist", 0);
    }

    /// <summary>Objects: the object, then the schema that it moves to.</summary>
    BoundUtility BindSetSchema(SetSchemaStatement s)
    {
        var found = FindObject(s.Kind, s.Name, s.IfExists, anyRelation: s.Kind == AlterObjectKind.Table);
        var schema = RequireSchema(s.Schema, s.Name);
        if (found is not null)
        {
            if (found is RelationDescriptor)
                Note(found, Privilege.Drop);
            else
                NoteOwner(found);
            Note(schema, Privilege.Create);
        }

        return Utility(s, found, schema);
    }

    /// <summary>Objects: the object, then the new owner.</summary>
    BoundUtility BindAlterOwner(AlterOwnerStatement s)
    {
        var found = FindObject(s.Kind, s.Name, s.IfExists, anyRelation: s.Kind == AlterObjectKind.Table);
        var role = RequireRole(s.Owner);
        if (found is SchemaDescriptor { Name: not "public" })
            RequireOwnSchema(found, s.Name);
        if (found is not null)
        {
            NoteOwner(found);
            NoteMember(role);
            if (found is DatabaseDescriptor)
                NoteSystem(Privilege.CreateDb, "CREATEDB");
        }

        return Utility(s, found, role);
    }

    BoundUtility BindComment(CommentStatement s)
    {
        var found = FindObject(s.Kind, s.Name, false)!;
        CheckMember(found, s.Kind, s.Member, s.Name);
        if (s.Kind is AlterObjectKind.Schema or AlterObjectKind.Database or AlterObjectKind.Type or AlterObjectKind.Domain or AlterObjectKind.DomainConstraint)
            NoteOwner(found);
        else
            Note(found, Privilege.Create);
        return Utility(s, found);
    }

    // ---- DROP

    /// <summary>Objects: one per name (for an index its table), null where IF EXISTS found nothing. With CASCADE the views that fall too are noted.</summary>
    BoundUtility BindDrop(DropStatement s)
    {
        var objects = new List<Descriptor?>(s.Names.Length);
        foreach (var name in s.Names)
        {
            var found = FindDropped(s, name);
            objects.Add(found);
            switch (found)
            {
                case null:
                    break;
                case RelationDescriptor relation when s.Kind != AlterObjectKind.Index:
                    Note(relation, Privilege.Drop);
                    if (s.Cascade)
                        NoteDependentViews(relation, []);
                    break;
                case TableDescriptor table:
                    Note(table, Privilege.Create);
                    break;
                case DatabaseDescriptor database:
                    Note(database, Privilege.Drop);
                    // DROP on the database does not do: its tables have rights of their own (SECURITY-SPEC 4.4).
                    foreach (var relation in Catalog.Schemas(database.Id).SelectMany(inside => Catalog.Relations(inside.Id)).Where(r => r.TemporarySession is null))
                        Note(relation, Privilege.Drop);
                    break;
                case SchemaDescriptor schema:
                    NoteOwner(schema);
                    if (s.Cascade)
                        NoteDroppedWith(schema);
                    break;
                default:
                    NoteOwner(found);
                    break;
            }
        }

        return Utility(s, [.. objects]);
    }

    /// <summary>Tables that go with what they stand in: no right on them is asked for, but audited ones do not go without a record.</summary>
    void NoteDroppedWith(SchemaDescriptor schema)
    {
        foreach (var table in Catalog.Relations(schema.Id).OfType<TableDescriptor>().Where(t => t.Audited))
            NoteDropped(table);
    }

    void NoteDropped(TableDescriptor table) => _recorder.Add(table.Kind, table.Id, table.Name, Privilege.Drop, _onBehalfOf, AccessRule.Integrity).UseWhole();

    Descriptor? FindDropped(DropStatement s, ObjectName name)
    {
        try
        {
            if (s.Kind == AlterObjectKind.Table && FindRelation(name).IsNone && !s.IfExists)
                throw BindErrors.Error(SqlState.UndefinedTable, $"table \"{name}\" does not exist");
            return FindObject(s.Kind, name, s.IfExists);
        }
        catch (SqlException e) when (s.IfExists && (e.State == SqlState.InvalidSchemaName || e.State == SqlState.InvalidCatalogName))
        {
            return null;
        }
    }

    void NoteDependentViews(RelationDescriptor relation, HashSet<uint> seen)
    {
        foreach (var schema in Catalog.Schemas(relation.DatabaseId))
        {
            foreach (var view in Catalog.Relations(schema.Id).OfType<ViewDescriptor>())
            {
                if (!view.DependsOn.Contains(relation.Id) || !seen.Add(view.Id))
                    continue;
                Note(view, Privilege.Drop);
                NoteVersion(view);
                NoteDependentViews(view, seen);
            }
        }
    }

    // ---- Tables as a whole

    /// <summary>Objects: the named tables, then with CASCADE those that refer to them.</summary>
    BoundUtility BindTruncate(TruncateStatement s)
    {
        var tables = new List<Descriptor?>();
        foreach (var name in s.Tables)
        {
            var table = RequireTable(name);
            if (!tables.Contains(table))
                tables.Add(table);
        }

        for (var i = 0; s.Cascade && i < tables.Count; i++)
        {
            foreach (var id in ((TableDescriptor)tables[i]!).ReferencedBy)
            {
                if (Catalog.TryGet<TableDescriptor>(id, out var child) && !tables.Exists(t => t!.Id == id))
                    tables.Add(child);
            }
        }

        foreach (var table in tables)
        {
            Note(table!, Privilege.Truncate);
            NoteVersion((TableDescriptor)table!);
        }

        return Utility(s, [.. tables]);
    }

    BoundUtility BindLockTable(LockTableStatement s)
    {
        var objects = new List<Descriptor?>();
        foreach (var name in s.Tables)
        {
            var relation = FindRelationOfKind(name, AlterObjectKind.Table, false, anyKind: true)!;
            Note(relation, s.Mode.Equals("ACCESS SHARE", StringComparison.OrdinalIgnoreCase) ? Privilege.Select : Privilege.Update);
            objects.Add(relation);
        }

        return Utility(s, [.. objects]);
    }

    BoundUtility BindMaintenance(MaintenanceStatement s)
    {
        var objects = new List<Descriptor?>();
        foreach (var (name, columns) in s.Tables)
        {
            var table = RequireTable(name);
            foreach (var column in columns)
            {
                if (OrdinalOf(table, column) < 0)
                    throw BindErrors.UndefinedColumnOfRelation(column, table.Name, At(name));
            }

            Note(table, Privilege.Select);
            objects.Add(table);
        }

        return Utility(s, [.. objects]);
    }
}
