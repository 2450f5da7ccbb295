using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Views, sequences, schemas, databases, enums; renaming, owners, comments, dropping.</summary>
internal sealed class ObjectCommands(SqlEngine engine, UtilityContext context, CancellationToken cancellationToken)
{
    private ICatalogTransaction Catalog => context.Catalog;

    /// <summary>What public and ALTER DEFAULT PRIVILEGES give on a new object of the current user.</summary>
    public static ImmutableArray<AclEntry> InitialAcl(UtilityContext context, ObjectKind kind, uint databaseId, uint schemaId) => AclOperations.WithDefaults(
        AclOperations.Initial(kind, context.User), kind, databaseId, schemaId, context.User, context.Snapshot.DefaultPrivileges);

    private ImmutableArray<AclEntry> InitialAcl(ObjectKind kind, SchemaDescriptor schema) => InitialAcl(context, kind, schema.DatabaseId, schema.Id);

    public void CreateView(CreateViewStatement statement, BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[0]!;
        var replaced = utility.Objects.Length > 1 ? utility.Objects[1] as ViewDescriptor : null;
        if (replaced is null && Taken(schema, statement.Name.Name, statement.IfNotExists))
            return;
        if (statement.CheckOption is not null)
            throw new SqlException(SqlState.FeatureNotSupported, "WITH CHECK OPTION is not supported");
        var query = (BoundQuery)utility.Query!;
        ImmutableArray<ColumnDescriptor> columns = [.. query.Root.Output.Select((c, i) => new ColumnDescriptor
        {
            Id = i + 1, Name = i < statement.Columns.Length ? statement.Columns[i] : query.Names[i], Type = c.Type.Oid == PgOid.Unknown ? SqlTypes.Text : c.Type, TypeModifier = c.TypeModifier,
        })];
        if (replaced is not null)
            CheckReplacement(replaced, columns);
        Catalog.Put(new ViewDescriptor
        {
            Id = replaced?.Id ?? Catalog.NewId(), Name = statement.Name.Name, DatabaseId = schema.DatabaseId, SchemaId = schema.Id, TemporarySession = TableBuilder.SessionOf(schema, context), Owner = replaced?.Owner ?? context.User,
            Acl = replaced?.Acl ?? InitialAcl(ObjectKind.View, schema), Columns = columns, Query = utility.QualifiedText ?? statement.QueryText, SecurityInvoker = statement.SecurityInvoker,
            DependsOn = [.. utility.Accesses.Accesses.Where(a => a.Kind is ObjectKind.Table or ObjectKind.View or ObjectKind.Sequence && a.ObjectId != replaced?.Id).Select(a => a.ObjectId)
                .Union(utility.Constants)],
            Version = (replaced?.Version ?? 0) + 1,
        });
    }

    public void CreateSequence(CreateSequenceStatement statement, BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[0]!;
        if (Taken(schema, statement.Name.Name, statement.IfNotExists))
            return;
        var type = TypeOf(statement.Options) ?? SqlTypes.Int8;
        var sequence = SequenceBuilder.Apply(new SequenceDescriptor
        {
            Id = Catalog.NewId(), Name = statement.Name.Name, DatabaseId = schema.DatabaseId, SchemaId = schema.Id, TemporarySession = TableBuilder.SessionOf(schema, context), Owner = context.User, Acl = InitialAcl(ObjectKind.Sequence, schema), DataType = type,
            Maximum = SequenceBuilder.MaximumOf(type),
        }, statement.Options, null);
        Catalog.Put(WithOwner(sequence, statement.Options, utility));
    }

    public void AlterSequence(AlterSequenceStatement statement, BoundUtility utility)
    {
        if (utility.Objects[0] is not SequenceDescriptor sequence)
        {
            Skip(SqlState.UndefinedTable, $"relation \"{statement.Name.Name}\" does not exist, skipping");
            return;
        }

        SequenceBuilder.Change(context, sequence, statement.Options, TypeOf(statement.Options), s => WithOwner(s, statement.Options, utility));
    }

    private SqlType? TypeOf(SequenceOptions options)
    {
        if (options.As is not { } named)
            return null;
        var type = Binder.ResolveType(named, engine.MakeContext(context.Environment, [])).Type;
        OwnedSequences.RequireIntegerType(type, "sequence type");
        return type;
    }

    public void CreateSchema(CreateSchemaStatement statement, BoundUtility utility)
    {
        Invariant.Holds(statement.Elements.IsEmpty, "the session runs schema elements as statements of their own");
        var database = (DatabaseDescriptor)utility.Objects[0]!;
        var owner = utility.Objects.Length > 1 ? utility.Objects[1] as RoleDescriptor : null;
        var name = statement.Name ?? owner?.Name ?? throw new SqlException(SqlState.InvalidSchemaName, "a schema needs a name");
        // Computed tables stand in "system" and "crdb_internal": a schema of such a name would be hidden behind them.
        var exists = name is "system" or "crdb_internal" || Catalog.Snapshot.TryGetSchema(database.Id, name, out _);
        if (name.StartsWith("pg_", StringComparison.Ordinal) && !(exists && statement.IfNotExists))
            throw new SqlException(SqlState.ReservedName, $"unacceptable schema name \"{name}\"") { Detail = "The prefix \"pg_\" is reserved for system schemas." };
        if (exists)
        {
            if (!statement.IfNotExists)
                throw new SqlException(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
            Skip(SqlState.DuplicateSchema, $"schema \"{name}\" already exists, skipping");
            return;
        }

        Catalog.Put(new SchemaDescriptor { Id = Catalog.NewId(), Name = name, DatabaseId = database.Id, Owner = owner?.Id ?? context.User, Acl = InitialAcl(context, ObjectKind.Schema, database.Id, 0) });
    }

    public void CreateDatabase(CreateDatabaseStatement statement, BoundUtility utility)
    {
        if (Catalog.Snapshot.TryGetDatabase(statement.Name, out _))
        {
            if (!statement.IfNotExists)
                throw new SqlException(SqlState.DuplicateDatabase, $"database \"{statement.Name}\" already exists");
            Skip(SqlState.DuplicateDatabase, $"database \"{statement.Name}\" already exists, skipping");
            return;
        }

        var owner = (utility.Objects.Length > 0 ? utility.Objects[0]?.Id : null) ?? context.User;
        var database = new DatabaseDescriptor { Id = Catalog.NewId(), Name = statement.Name, Owner = owner, Acl = DatabaseTemplate.Acl };
        Catalog.Put(database);
        foreach (var schema in DatabaseTemplate.Schemas(database, Catalog.NewId))
            Catalog.Put(schema.Name == "public" && !ClusterSettings.IsOn(ClusterSettings.PublicSchemaCreate, Catalog.Snapshot) ? schema with { Acl = [new AclEntry(RoleIds.Public, Privilege.Usage, Privilege.None, RoleIds.Root)] } : schema);
    }

    public void CreateEnum(CreateEnumStatement statement, BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[0]!;
        if (Catalog.Snapshot.TryGetType(schema.Id, statement.Name.Name, out _))
        {
            if (!statement.IfNotExists)
                throw new SqlException(SqlState.DuplicateObject, $"type \"{statement.Name.Name}\" already exists");
            Skip(SqlState.DuplicateObject, $"type \"{statement.Name.Name}\" already exists, skipping");
            return;
        }

        if (statement.Labels.GroupBy(l => l).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new SqlException(SqlState.DuplicateObject, $"enum label \"{twice.Key}\" used more than once");
        var id = Catalog.NewId();
        Catalog.Put(new TypeDescriptor
        {
            Id = id, Name = statement.Name.Name, DatabaseId = schema.DatabaseId, SchemaId = schema.Id, Owner = context.User, Acl = InitialAcl(ObjectKind.Type, schema),
            Type = new EnumType(id, Catalog.NewId(), statement.Name.Name, EnumType.MakeLabels(statement.Labels)),
        });
    }

    public void AddEnumValue(AddEnumValueStatement statement, BoundUtility utility)
    {
        var descriptor = (TypeDescriptor)utility.Objects[0]!;
        var type = (EnumType)descriptor.Type;
        if (type.Labels.Any(l => l.Label == statement.Label))
        {
            if (!statement.IfNotExists)
                throw new SqlException(SqlState.DuplicateObject, $"enum label \"{statement.Label}\" already exists");
            Skip(SqlState.DuplicateObject, $"enum label \"{statement.Label}\" already exists, skipping");
            return;
        }

        var at = type.Labels.Length;
        if (statement.Neighbour is { } neighbour)
        {
            at = type.Labels.ToList().FindIndex(l => l.Label == neighbour);
            if (at < 0)
                throw new SqlException(SqlState.InvalidParameterValue, $"\"{neighbour}\" is not an existing enum label");
            at += statement.Before == true ? 0 : 1;
        }

        var low = at == 0 ? type.Labels.IsEmpty ? 0 : type.Labels[0].Order - (2 * EnumType.Gap) : type.Labels[at - 1].Order;
        var high = at == type.Labels.Length ? low + (2 * EnumType.Gap) : type.Labels[at].Order;
        if (high - low < 2)
            throw new SqlException(SqlState.ProgramLimitExceeded, "there is no room for another label between these two");
        PutEnum(descriptor, type.Labels.Insert(at, new EnumLabel(statement.Label, low + ((high - low) / 2))));
    }

    public void RenameEnumValue(RenameEnumValueStatement statement, BoundUtility utility)
    {
        var descriptor = (TypeDescriptor)utility.Objects[0]!;
        var labels = ((EnumType)descriptor.Type).Labels;
        var at = labels.ToList().FindIndex(l => l.Label == statement.OldLabel);
        if (at < 0)
            throw new SqlException(SqlState.InvalidParameterValue, $"\"{statement.OldLabel}\" is not an existing enum label");
        if (labels.Any(l => l.Label == statement.NewLabel))
            throw new SqlException(SqlState.DuplicateObject, $"enum label \"{statement.NewLabel}\" already exists");
        PutEnum(descriptor, labels.SetItem(at, labels[at] with { Label = statement.NewLabel }));
    }

    public void AlterOwner(BoundUtility utility)
    {
        if (utility.Objects[0] is { } target)
            OwnershipCommands.ChangeOwner(context, target, (RoleDescriptor)utility.Objects[1]!);
    }

    public void Comment(CommentStatement statement, BoundUtility utility)
    {
        var target = utility.Objects[0]!;
        if (statement.Comment is "")
            statement = statement with { Comment = null };
        if (statement.Kind == AlterObjectKind.Column && target is RelationDescriptor relation)
        {
            var at = relation.Columns.ToList().FindIndex(c => c.Name == statement.Member);
            Catalog.Put(relation with { Columns = relation.Columns.SetItem(at, relation.Columns[at] with { Comment = statement.Comment }), Version = relation.Version + 1 });
        }
        else if (statement.Kind == AlterObjectKind.Index && target is TableDescriptor table)
        {
            // "primary" names the primary key's index, whatever it is called.
            var name = statement.Name.Name;
            var secondary = table.Indexes.FirstOrDefault(i => i.Name == name);
            Catalog.Put(secondary is null
                ? table with { PrimaryIndex = table.PrimaryIndex with { Comment = statement.Comment }, Version = table.Version + 1 }
                : table with { Indexes = table.Indexes.Replace(secondary, secondary with { Comment = statement.Comment }), Version = table.Version + 1 });
        }
        else if (statement.Kind == AlterObjectKind.DomainConstraint && target is TypeDescriptor { Type: DomainType domain } type)
        {
            var check = domain.Checks.First(c => c.Name == statement.Member);
            Catalog.Put(type with { Type = domain.With(newChecks: domain.Checks.Replace(check, check with { Comment = statement.Comment })), Version = type.Version + 1 });
        }
        else if (statement.Kind == AlterObjectKind.Constraint && target is TableDescriptor constrained)
            Catalog.Put(CommentConstraint(constrained, statement.Member!, statement.Comment) with { Version = constrained.Version + 1 });
        else
            Catalog.Put(target with { Comment = statement.Comment, Version = target.Version + 1 });
    }

    private static TableDescriptor CommentConstraint(TableDescriptor table, string name, string? comment)
    {
        if (table.Checks.FirstOrDefault(c => c.Name == name) is { } check)
            return table with { Checks = table.Checks.Replace(check, check with { Comment = comment }) };
        if (table.ForeignKeys.FirstOrDefault(k => k.Name == name) is { } key)
            return table with { ForeignKeys = table.ForeignKeys.Replace(key, key with { Comment = comment }) };
        if (table.PrimaryIndex.Constraint == name)
            return table with { PrimaryIndex = table.PrimaryIndex with { ConstraintComment = comment } };
        return table.Indexes.FirstOrDefault(i => i.Constraint == name) is { } index
            ? table with { Indexes = table.Indexes.Replace(index, index with { ConstraintComment = comment }) }
            : throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{table.Name}\" does not exist");
    }

    public async ValueTask DropAsync(DropStatement statement, BoundUtility utility)
    {
        for (var i = 0; i < utility.Objects.Length; i++)
        {
            switch (utility.Objects[i])
            {
                case null:
                    Skip(SqlState.SuccessfulCompletion, $"{(statement.Kind == AlterObjectKind.Domain ? "type" : statement.Kind.ToString().ToLowerInvariant())} \"{statement.Names[i].Name}\" does not exist, skipping");
                    break;
                case TableDescriptor table when statement.Kind == AlterObjectKind.Index:
                    DropIndex(table, statement.Names[i].Name, statement.Cascade);
                    break;
                case { } target:
                    await DropAsync(target, statement.Cascade, [.. utility.Objects.OfType<Descriptor>().Select(o => o.Id)]);
                    break;
            }
        }
    }

    /// <summary>DROP OWNED: all of them together, so that they may depend on each other; 2BP01 when something else depends on one.</summary>
    public async ValueTask DropAllAsync(ImmutableArray<Descriptor> targets)
    {
        foreach (var target in targets)
            await DropAsync(target, false, [.. targets.Select(o => o.Id)]);
    }

    private async ValueTask DropAsync(Descriptor target, bool cascade, HashSet<uint> together)
    {
        switch (target)
        {
            case RelationDescriptor relation when Catalog.Snapshot.TryGet<RelationDescriptor>(relation.Id, out var current):
                await DropRelationAsync(current, cascade, together);
                break;
            case SchemaDescriptor schema:
                await DropSchemaAsync(schema, cascade);
                break;
            case DatabaseDescriptor database:
                await DropDatabaseAsync(database, cascade);
                break;
            case TypeDescriptor type:
                await DropTypeAsync(type, cascade);
                break;
        }
    }

    /// <summary>Policies of other tables that read the relation go with it.</summary>
    private void DropPolicies(RelationDescriptor relation, bool cascade, HashSet<uint> together)
    {
        foreach (var (owner, policy) in Dependencies.PoliciesOn(Catalog.Snapshot, relation).Where(p => !together.Contains(p.Table.Id)))
        {
            if (!cascade)
                throw StillDepends(relation, $"policy {policy.Name} on table {owner.Name} depends on {Word(relation)} {relation.Name}");
            context.Cascades.Add(policy.Id, $"policy {policy.Name} on table {CascadeLog.Name(context, owner)}");
            if (Catalog.Snapshot.TryGet<TableDescriptor>(owner.Id, out var table))
                Catalog.Put(table with { Policies = table.Policies.RemoveAll(p => p.Id == policy.Id), Version = table.Version + 1 });
        }
    }

    private async ValueTask DropRelationAsync(RelationDescriptor relation, bool cascade, HashSet<uint> together)
    {
        await context.Environment.Transaction.LockRelationAsync(relation.Id, RelationLock.Exclusive, cancellationToken);
        foreach (var view in Dependencies.ViewsOn(Catalog.Snapshot, relation).Where(v => !together.Contains(v.Id)).ToList())
        {
            // It may have fallen with a view that it reads too.
            if (!Catalog.Snapshot.TryGet<ViewDescriptor>(view.Id, out _))
                continue;
            if (!cascade)
                throw StillDepends(relation, $"view {view.Name} depends on {Word(relation)} {relation.Name}");
            context.Cascades.Enter(view.Id, $"view {CascadeLog.Name(context, view)}");
            await DropRelationAsync(view, true, together);
            context.Cascades.Leave();
        }

        DropPolicies(relation, cascade, together);
        switch (relation)
        {
            case TableDescriptor table:
                await DropTableAsync(table, cascade, together);
                return;
            case SequenceDescriptor sequence:
                RefuseIdentity(sequence, together);
                await ReleaseDefaultsAsync(sequence, cascade, together);
                break;
        }

        if (Catalog.Snapshot.TryGet<RelationDescriptor>(relation.Id, out var current))
            Catalog.Remove(current);
    }

    /// <summary>Defaults that call the sequence go with CASCADE.</summary>
    private async ValueTask ReleaseDefaultsAsync(SequenceDescriptor sequence, bool cascade, HashSet<uint> together)
    {
        foreach (var (table, column) in Dependencies.DefaultsOf(context, sequence).Where(d => !together.Contains(d.Table.Id)))
        {
            if (!cascade)
                throw StillDepends(sequence, $"default value for column {column.Name} of table {table.Name} depends on sequence {sequence.Name}");
            await context.Environment.Transaction.LockRelationAsync(table.Id, RelationLock.Exclusive, cancellationToken);
            if (!Catalog.Snapshot.TryGet<TableDescriptor>(table.Id, out var current) || current.Columns.FirstOrDefault(c => c.Id == column.Id) is not { } used)
                continue;
            context.Cascades.Add(table.Id, $"default value for column {column.Name} of table {CascadeLog.Name(context, table)}");
            Catalog.Put(current with { Columns = current.Columns.Replace(used, used with { Default = null, OwnedSequence = used.OwnedSequence == sequence.Id ? 0 : used.OwnedSequence }), Version = current.Version + 1 });
        }
    }

    /// <summary>Views with those that depend on them: ALTER TABLE … DROP COLUMN … CASCADE.</summary>
    public async ValueTask DropViewsAsync(IEnumerable<ViewDescriptor> views)
    {
        foreach (var view in views)
        {
            if (!Catalog.Snapshot.TryGet<ViewDescriptor>(view.Id, out var current))
                continue;
            context.Cascades.Enter(view.Id, $"view {CascadeLog.Name(context, view)}");
            await DropRelationAsync(current, true, []);
            context.Cascades.Leave();
        }
    }

    /// <summary>An identity column needs its sequence, CASCADE or not.</summary>
    private void RefuseIdentity(SequenceDescriptor sequence, HashSet<uint> together)
    {
        if (OwnedSequences.ColumnOf(Catalog.Snapshot, sequence, out var table) is not { Identity: not IdentityKind.None } column || together.Contains(table.Id))
            return;
        throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop sequence {sequence.Name} because column {column.Name} of table {table.Name} requires it")
        {
            Hint = $"You can drop column {column.Name} of table {table.Name} instead.",
        };
    }

    private async ValueTask DropTableAsync(TableDescriptor table, bool cascade, HashSet<uint> together)
    {
        foreach (var childId in table.ReferencedBy.Where(id => id != table.Id).Distinct())
        {
            if (!Catalog.Snapshot.TryGet<TableDescriptor>(childId, out var child))
                continue;
            if (!cascade && !together.Contains(childId))
                throw StillDepends(table, $"constraint {child.ForeignKeys.First(k => k.ReferencedTable == table.Id).Name} on table {child.Name} depends on table {table.Name}");
            await context.Environment.Transaction.LockRelationAsync(child.Id, RelationLock.Exclusive, cancellationToken);
            foreach (var key in child.ForeignKeys.Where(k => k.ReferencedTable == table.Id && !together.Contains(childId)))
                context.Cascades.Add(key.Id, $"constraint {key.Name} on table {CascadeLog.Name(context, child)}");
            Catalog.Put(child with { ForeignKeys = child.ForeignKeys.RemoveAll(k => k.ReferencedTable == table.Id), Version = child.Version + 1 });
        }

        foreach (var key in table.ForeignKeys.Where(k => k.ReferencedTable != table.Id))
        {
            if (!Catalog.Snapshot.TryGet<TableDescriptor>(key.ReferencedTable, out var parent))
                continue;
            var at = parent.ReferencedBy.IndexOf(table.Id);
            if (at >= 0)
                Catalog.Put(parent with { ReferencedBy = parent.ReferencedBy.RemoveAt(at), Version = parent.Version + 1 });
        }

        foreach (var sequence in OwnedSequences.Of(Catalog.Snapshot, table))
            Catalog.Remove(sequence);

        context.DropStorage(table);
        if (Catalog.Snapshot.TryGet<TableDescriptor>(table.Id, out var current))
            Catalog.Remove(current);
    }

    private void DropIndex(TableDescriptor table, string name, bool cascade)
    {
        Catalog.Snapshot.TryGet<TableDescriptor>(table.Id, out var current);
        var index = current!.Indexes.FirstOrDefault(i => i.Name == name);
        if (index is null || index.Constraint is not null)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop index {name} because constraint {name} on table {table.Name} requires it")
            {
                Hint = $"You can drop constraint {name} on table {table.Name} instead.",
            };
        }

        _ = cascade;
        context.DropEntries(current, index);
        Catalog.Put(current with { Indexes = current.Indexes.Remove(index), Version = current.Version + 1 });
    }

    private async ValueTask DropSchemaAsync(SchemaDescriptor schema, bool cascade)
    {
        if (schema.Name is "pg_catalog" or "information_schema")
            throw new SqlException(SqlState.InsufficientPrivilege, $"cannot drop schema {schema.Name} because it is required by the database system");
        // Sequences of columns go with their tables.
        var relations = Catalog.Snapshot.Relations(schema.Id).OrderBy(r => r is SequenceDescriptor { OwnerTable: not 0 }).ToList();
        var types = Catalog.Snapshot.Types(schema.Id).ToList();
        if (!cascade && relations.Count + types.Count > 0)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop schema {schema.Name} because other objects depend on it") { Hint = "Use DROP ... CASCADE to drop the dependent objects too." };
        foreach (var relation in relations)
        {
            if (!Catalog.Snapshot.TryGet<RelationDescriptor>(relation.Id, out var current))
                continue;
            context.Cascades.Enter(relation.Id, $"{Word(relation)} {CascadeLog.Name(context, relation)}");
            await DropRelationAsync(current, true, []);
            context.Cascades.Leave();
        }

        foreach (var type in types)
        {
            if (!Catalog.Snapshot.TryGet<TypeDescriptor>(type.Id, out var current))
                continue;
            context.Cascades.Enter(type.Id, $"type {TypeNames.Format(context.Session, type.Type, -1)}");
            await DropTypeAsync(current, true);
            context.Cascades.Leave();
        }

        Catalog.Remove(schema);
    }

    private async ValueTask DropDatabaseAsync(DatabaseDescriptor database, bool cascade)
    {
        if (database.Id == context.Session.Database.Id)
            throw new SqlException(SqlState.ObjectInUse, "cannot drop the currently open database");
        if (database.Name is "system" or "postgres")
            throw new SqlException(SqlState.InsufficientPrivilege, $"cannot drop database {database.Name} because it is required by the database system");
        _ = cascade;
        foreach (var schema in Catalog.Snapshot.Schemas(database.Id).ToList())
        {
            if (schema.Name is "pg_catalog" or "information_schema")
                Catalog.Remove(schema);
            else
                await DropSchemaAsync(schema, true);
        }

        Catalog.Remove(database);
    }

    /// <summary>Columns, views and domains of the type go with CASCADE.</summary>
    private async ValueTask DropTypeAsync(TypeDescriptor type, bool cascade)
    {
        foreach (var schema in Catalog.Snapshot.Schemas(type.DatabaseId).ToList())
        {
            foreach (var domain in Catalog.Snapshot.Types(schema.Id).Where(t => t.Type is DomainType d && Uses(d.BaseType, type)).ToList())
            {
                if (!cascade)
                    throw StillDepends(type, $"type {domain.Name} depends on type {type.Name}");
                context.Cascades.Enter(domain.Id, $"type {TypeNames.Format(context.Session, domain.Type, -1)}");
                await DropTypeAsync(domain, true);
                context.Cascades.Leave();
            }

            foreach (var composite in Catalog.Snapshot.Types(schema.Id).Where(t => t.Type is CompositeType c && c.Attributes.Any(a => Uses(a.Type, type))).ToList())
            {
                var attribute = ((CompositeType)composite.Type).Attributes.First(a => Uses(a.Type, type));
                if (!cascade)
                    throw StillDepends(type, $"column {attribute.Name} of composite type {composite.Name} depends on type {type.Name}");
                throw new SqlException(SqlState.FeatureNotSupported, $"column {attribute.Name} of composite type {composite.Name} cannot be dropped") { Hint = $"Drop type {composite.Name} first." };
            }

            foreach (var relation in Catalog.Snapshot.Relations(schema.Id).Where(r => r.Columns.Any(c => Uses(c.Type, type))).ToList())
                await DropUsesAsync(relation, type, cascade);
        }

        Catalog.Remove(type);
    }

    private static bool Uses(SqlType used, TypeDescriptor type) => used.Oid == type.Type.Oid || used.Oid == type.Type.ArrayOid;

    private async ValueTask DropUsesAsync(RelationDescriptor relation, TypeDescriptor type, bool cascade)
    {
        if (!Catalog.Snapshot.TryGet<RelationDescriptor>(relation.Id, out var current))
            return;
        foreach (var column in current.Columns.Where(c => Uses(c.Type, type)))
        {
            if (!cascade)
                throw StillDepends(type, $"column {column.Name} of {Word(relation)} {relation.Name} depends on type {type.Name}");
            if (current is not TableDescriptor table)
            {
                await DropViewsAsync([(ViewDescriptor)current]);
                return;
            }

            await context.Environment.Transaction.LockRelationAsync(table.Id, RelationLock.Exclusive, cancellationToken);
            context.Cascades.Enter(table.Id, $"column {column.Name} of table {CascadeLog.Name(context, table)}");
            await new TableCommands(engine, context, cancellationToken).DropColumnAsync(column.Name, table);
            context.Cascades.Leave();
        }
    }

    private static string Word(Descriptor target) => target.Kind.ToString().ToLowerInvariant();

    private static SqlException StillDepends(Descriptor target, string detail) => Dependencies.Remain($"{Word(target)} {target.Name}", detail);

    private static void CheckReplacement(ViewDescriptor old, ImmutableArray<ColumnDescriptor> columns)
    {
        if (columns.Length < old.Columns.Length)
            throw new SqlException(SqlState.InvalidTableDefinition, "cannot drop columns from view");
        for (var i = 0; i < old.Columns.Length; i++)
        {
            if (old.Columns[i].Name != columns[i].Name)
                throw new SqlException(SqlState.InvalidTableDefinition, $"cannot change name of view column \"{old.Columns[i].Name}\" to \"{columns[i].Name}\"");
            if (!old.Columns[i].Type.Equals(columns[i].Type))
                throw new SqlException(SqlState.InvalidTableDefinition, $"cannot change data type of view column \"{columns[i].Name}\" from {old.Columns[i].Type} to {columns[i].Type}");
        }
    }

    private void PutEnum(TypeDescriptor descriptor, ImmutableArray<EnumLabel> labels) => Catalog.Put(descriptor with
    {
        Type = new EnumType(descriptor.Type.Oid, descriptor.Type.ArrayOid, descriptor.Name, labels),
        Version = descriptor.Version + 1,
    });

    private SequenceDescriptor WithOwner(SequenceDescriptor sequence, SequenceOptions options, BoundUtility utility) =>
        OwnedSequences.WithOwner(Catalog.Snapshot, sequence, options, utility.Objects.Length < 2 ? null : utility.Objects[1] as TableDescriptor);

    private bool Taken(SchemaDescriptor schema, string name, bool ifNotExists)
    {
        if (!Catalog.Snapshot.TryGetRelation(schema.Id, name, out _))
            return false;
        if (!ifNotExists)
            throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
        Skip(SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
        return true;
    }

    private void Skip(SqlState state, string message) => context.Session.Notice(new SqlNotice("NOTICE", state, message));
}
