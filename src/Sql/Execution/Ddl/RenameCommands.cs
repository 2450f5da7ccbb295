using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>RENAME and SET SCHEMA, with what is stored as text and names the thing.</summary>
internal sealed class RenameCommands(UtilityContext context)
{
    private ICatalogTransaction Catalog => context.Catalog;

    public void Rename(RenameStatement statement, BoundUtility utility)
    {
        var name = statement.NewName;
        switch (utility.Objects[0])
        {
            case null:
                return;
            case TableDescriptor table when statement.Kind == AlterObjectKind.Column:
                RenameColumn(table, statement.Member!, name);
                return;
            case ViewDescriptor view when statement.Kind == AlterObjectKind.Column:
                RenameColumn(view, statement.Member!, name);
                return;
            case TableDescriptor table when statement.Kind == AlterObjectKind.Constraint:
                Catalog.Put(RenameConstraint(table, statement.Member!, name));
                return;
            case TableDescriptor table when statement.Kind == AlterObjectKind.Index:
                Catalog.Put(RenameIndex(table, statement.Name.Name, name));
                return;
            case RelationDescriptor relation:
                if (Catalog.Snapshot.TryGetRelation(relation.SchemaId, name, out _) || Catalog.Snapshot.TryGetIndex(relation.SchemaId, name, out _, out _))
                    throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
                Move(relation, relation.SchemaId, name);
                return;
            case DatabaseDescriptor when Catalog.Snapshot.TryGetDatabase(name, out _):
                throw new SqlException(SqlState.DuplicateDatabase, $"database \"{name}\" already exists");
            case SchemaDescriptor schema:
                RenameSchema(schema, name);
                return;
            case TypeDescriptor type:
                RenameType(type, name);
                return;
            case { } target:
                Catalog.Put(target with { Name = name, Version = target.Version + 1 });
                return;
        }
    }

    private void RenameType(TypeDescriptor type, string name)
    {
        if (Catalog.Snapshot.TryGetType(type.SchemaId, name, out _))
            throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists");
        Catalog.Put(type with
        {
            Name = name,
            Version = type.Version + 1,
            Type = type.Type switch { EnumType e => new EnumType(e.Oid, e.ArrayOid, name, e.Labels), DomainType d => d.With(newName: name), CompositeType c => c.With(newName: name), var other => other },
        });
    }

    public void SetSchema(BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[1]!;
        switch (utility.Objects[0])
        {
            case RelationDescriptor relation:
                if (Catalog.Snapshot.TryGetRelation(schema.Id, relation.Name, out _))
                    throw new SqlException(SqlState.DuplicateTable, $"relation \"{relation.Name}\" already exists in schema \"{schema.Name}\"");
                if (relation is SequenceDescriptor linked && OwnedSequences.ColumnOf(Catalog.Snapshot, linked, out var owner) is not null)
                    throw new SqlException(SqlState.FeatureNotSupported, "cannot move an owned sequence into another schema") { Detail = $"Sequence \"{linked.Name}\" is linked to table \"{owner.Name}\"." };
                Move(relation, schema.Id, relation.Name);
                break;
            case TypeDescriptor type:
                Catalog.Put(type with { SchemaId = schema.Id, Version = type.Version + 1 });
                break;
        }
    }

    /// <summary>A relation under another name or in another schema; the sequences that its columns own move along to the schema, as PostgreSQL moves them.</summary>
    private void Move(RelationDescriptor relation, uint schemaId, string name)
    {
        if (relation is SequenceDescriptor && Dependencies.ViewsOn(Catalog.Snapshot, relation).FirstOrDefault() is { } user)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot rename sequence \"{relation.Name}\" because view \"{user.Name}\" depends on it");
        var (old, now) = ((SchemaName(relation.SchemaId), relation.Name), (SchemaName(schemaId), name));
        foreach (var view in Dependencies.ViewsOn(Catalog.Snapshot, relation))
            Catalog.Put(view with { Query = StoredText.RenameRelation(view.Query, old, now), Version = view.Version + 1 });
        ChangePolicies(Dependencies.PoliciesOn(Catalog.Snapshot, relation), text => StoredText.RenameRelation(text, old, now));
        Catalog.Put(relation with { SchemaId = schemaId, Name = name, Version = relation.Version + 1 });
        if (schemaId == relation.SchemaId || relation is not TableDescriptor table)
            return;
        foreach (var sequence in OwnedSequences.Of(Catalog.Snapshot, table))
            Catalog.Put(sequence with { SchemaId = schemaId, Version = sequence.Version + 1 });
    }

    private void RenameSchema(SchemaDescriptor schema, string name)
    {
        if (Catalog.Snapshot.TryGetSchema(schema.DatabaseId, name, out _))
            throw new SqlException(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
        if (name.StartsWith("pg_", StringComparison.Ordinal))
            throw new SqlException(SqlState.ReservedName, $"unacceptable schema name \"{name}\"") { Detail = "The prefix \"pg_\" is reserved for system schemas." };
        foreach (var view in Dependencies.Views(Catalog.Snapshot, schema.DatabaseId))
        {
            var query = StoredText.RenameSchema(view.Query, schema.Name, name);
            if (query != view.Query)
                Catalog.Put(view with { Query = query, Version = view.Version + 1 });
        }

        var readers = from other in Catalog.Snapshot.Schemas(schema.DatabaseId)
                      from table in Catalog.Snapshot.Relations(other.Id).OfType<TableDescriptor>()
                      from policy in table.Policies
                      where !policy.DependsOn.IsEmpty
                      select (table, policy);
        ChangePolicies([.. readers], text => StoredText.RenameSchema(text, schema.Name, name));
        Catalog.Put(schema with { Name = name, Version = schema.Version + 1 });
    }

    /// <summary>Edits the expressions of policies, which <paramref name="change"/> sees as the select list of a query.</summary>
    private void ChangePolicies(List<(TableDescriptor Table, RowPolicy Policy)> policies, Func<string, string> change)
    {
        const string prefix = "SELECT ";
        foreach (var (owner, policy) in policies)
        {
            if (Catalog.Snapshot.TryGet<TableDescriptor>(owner.Id, out var table))
                Catalog.Put(table with { Policies = table.Policies.Replace(policy, policy with { Using = Changed(policy.Using), Check = Changed(policy.Check) }), Version = table.Version + 1 });
        }

        string? Changed(string? text) => text is null ? null : change(prefix + text)[prefix.Length..];
    }

    private void RenameColumn(RelationDescriptor relation, string old, string name)
    {
        var at = relation.Columns.ToList().FindIndex(c => c.Name == old && !c.Hidden);
        if (at < 0)
            throw new SqlException(SqlState.UndefinedColumn, $"column \"{old}\" does not exist");
        if (relation.Columns.Any(c => c.Name == name))
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" of relation \"{relation.Name}\" already exists");
        var visible = relation.Columns.Where(c => !c.Hidden).Select(c => c.Name).ToList();
        foreach (var view in Dependencies.ViewsOn(Catalog.Snapshot, relation))
        {
            var query = StoredText.RenameColumn(view.Query, (SchemaName(relation.SchemaId), relation.Name), visible, visible.IndexOf(old));
            Catalog.Put(view with { Query = query, Version = view.Version + 1 });
        }

        ChangePolicies(Dependencies.PoliciesOn(Catalog.Snapshot, relation), text => StoredText.RenameColumn(text, (SchemaName(relation.SchemaId), relation.Name), visible, visible.IndexOf(old)));
        var renamed = relation.Columns[at].Id;
        // In a subquery the same name may be that of another table's column.
        if (relation is TableDescriptor { Policies: var policies } && policies.FirstOrDefault(p => !p.DependsOn.IsEmpty && p.Columns.Contains(renamed)) is { } policy)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot rename column \"{old}\" because policy \"{policy.Name}\" reads it beside a subquery") { Hint = "Drop the policy and create it again." };

        ImmutableArray<ColumnDescriptor> columns = [.. relation.Columns.SetItem(at, relation.Columns[at] with { Name = name }).Select(c => c with { Generated = Renamed(c.Generated) })];
        Catalog.Put(relation is not TableDescriptor table ? relation with { Columns = columns, Version = relation.Version + 1 } : table with
        {
            Columns = columns,
            Version = table.Version + 1,
            Checks = [.. table.Checks.Select(c => c with { Expression = Renamed(c.Expression)! })],
            Policies = [.. table.Policies.Select(p => p.Columns.Contains(renamed) ? p with { Using = Renamed(p.Using), Check = Renamed(p.Check) } : p)],
            Indexes = [.. table.Indexes.Select(i => i with { Predicate = Renamed(i.Predicate), Parts = [.. i.Parts.Select(p => p with { Expression = Renamed(p.Expression) })] })],
        });

        string? Renamed(string? expression) => expression is null ? null : StoredText.RenameColumn(expression, old, name);
    }

    private static TableDescriptor RenameConstraint(TableDescriptor table, string old, string name)
    {
        if (table.Checks.Any(c => c.Name == name) || table.ForeignKeys.Any(k => k.Name == name))
            throw new SqlException(SqlState.DuplicateObject, $"constraint \"{name}\" for relation \"{table.Name}\" already exists");
        var changed = table with
        {
            Version = table.Version + 1,
            Checks = [.. table.Checks.Select(c => c.Name == old ? c with { Name = name } : c)],
            ForeignKeys = [.. table.ForeignKeys.Select(k => k.Name == old ? k with { Name = name } : k)],
            Indexes = [.. table.Indexes.Select(i => i.Constraint == old ? i with { Name = name, Constraint = name } : i)],
            PrimaryIndex = table.PrimaryIndex.Constraint == old ? table.PrimaryIndex with { Name = name, Constraint = name } : table.PrimaryIndex,
        };
        var found = table.Checks.Any(c => c.Name == old) || table.ForeignKeys.Any(k => k.Name == old) || table.Indexes.Any(i => i.Constraint == old) || table.PrimaryIndex.Constraint == old;
        return found ? changed : throw new SqlException(SqlState.UndefinedObject, $"constraint \"{old}\" for table \"{table.Name}\" does not exist");
    }

    private TableDescriptor RenameIndex(TableDescriptor table, string old, string name)
    {
        if (Catalog.Snapshot.TryGetIndex(table.SchemaId, name, out _, out _) || Catalog.Snapshot.TryGetRelation(table.SchemaId, name, out _))
            throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
        // "primary" names the primary key's index, whatever it is called.
        if (old == "primary" && !table.Indexes.Any(i => i.Name == old))
            old = table.PrimaryIndex.Name;
        return table with
        {
            Version = table.Version + 1,
            Indexes = [.. table.Indexes.Select(i => i.Name == old ? i with { Name = name, Constraint = i.Constraint is null ? null : name } : i)],
            PrimaryIndex = table.PrimaryIndex.Name == old ? table.PrimaryIndex with { Name = name, Constraint = table.PrimaryIndex.Constraint is null ? null : name } : table.PrimaryIndex,
        };
    }

    private string SchemaName(uint id) => Catalog.Snapshot.TryGet<SchemaDescriptor>(id, out var schema) ? schema.Name : "";
}
