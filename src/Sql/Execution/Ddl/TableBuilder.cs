using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Planning;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Collects what CREATE TABLE says into a descriptor.</summary>
internal sealed class TableBuilder(UtilityContext context, SchemaDescriptor schema, string name, BindingContext binding)
{
    private const int MaxColumns = 1600;

    private readonly List<ColumnDescriptor> _columns = [];
    private readonly List<IndexDescriptor> _indexes = [];
    private readonly List<CheckConstraint> _checks = [];
    private readonly List<SequenceDescriptor> _sequences = [];
    private readonly HashSet<string> _constraintNames = new(StringComparer.Ordinal);
    private readonly uint _id = context.Catalog.NewId();
    private IndexDescriptor? _primary;
    private ushort _nextKeyId = 2;

    public List<(string? Name, ImmutableArray<string> Columns, ReferencesClause References)> ForeignKeys { get; } = [];

    /// <summary>The session whose temporary schema this is; null for all others.</summary>
    public static long? SessionOf(SchemaDescriptor schema, UtilityContext context) =>
        schema.Name.StartsWith("pg_temp", StringComparison.Ordinal) ? context.Session.BackendPid : null;

    public void AddColumn(string columnName, SqlType type, int typeModifier) =>
        Add(new ColumnDescriptor { Id = _columns.Count + 1, Name = columnName, Type = type, TypeModifier = typeModifier });

    public void AddColumn(ColumnDefinition definition)
    {
        var column = ColumnBuilder.Make(context, binding, definition, _columns.Count + 1, schema.Id, name, out var sequence);
        Add(column);
        if (sequence is not null)
            AddSequence(sequence, column.Id);
    }

    public void AddLike(LikeTableElement like, ICatalogSnapshot snapshot, BindingContext _)
    {
        var found = snapshot.TryGetRelation(like.Table.Schema is { } schemaName && snapshot.TryGetSchema(schema.DatabaseId, schemaName, out var other) ? other.Id : schema.Id, like.Table.Name, out var relation);
        if (!found)
            throw new SqlException(SqlState.UndefinedTable, $"relation \"{like.Table}\" does not exist");
        var all = like.Including.Contains("ALL");
        foreach (var column in relation!.Columns.Where(c => !c.Hidden))
        {
            var copy = new ColumnDescriptor
            {
                Id = _columns.Count + 1, Name = column.Name, Type = column.Type, TypeModifier = column.TypeModifier, NotNull = column.NotNull,
                Default = all || like.Including.Contains("DEFAULTS") ? column.Default : null,
                Generated = all || like.Including.Contains("GENERATED") ? column.Generated : null,
            };
            if (column.Identity != IdentityKind.None && (all || like.Including.Contains("IDENTITY")) && snapshot.TryGet<SequenceDescriptor>(column.OwnedSequence, out var model))
            {
                var sequence = SequenceBuilder.ForColumn(context, schema.Id, name, column.Name, column.Type, SequenceOptions.None, isIdentity: true);
                AddSequence(sequence with { Start = model.Start, Increment = model.Increment, Minimum = model.Minimum, Maximum = model.Maximum, Cache = model.Cache, Cycle = model.Cycle }, copy.Id);
                copy = copy with { Identity = column.Identity, OwnedSequence = sequence.Id };
            }

            Add(copy);
        }
    }

    public void AddConstraints(TableElement element)
    {
        switch (element)
        {
            case ColumnDefinition column:
                foreach (var constraint in column.Constraints)
                    AddColumnConstraint(column, constraint);
                break;
            case UniqueTableConstraint unique:
                AddUnique(unique);
                break;
            case CheckTableConstraint check:
                AddCheck(check.Name, check.Expression, null, check.NoInherit);
                break;
            case ForeignKeyTableConstraint key:
                ForeignKeys.Add((key.Name, key.Columns, key.References));
                break;
            case IndexTableElement index:
                var table = Draft();
                var made = MakeIndex(context, table, index.Name ?? MakeIndexName(context, table, index.Parts), index.Parts, index.Unique, binding) with
                {
                    KeyId = _nextKeyId++,
                    Included = [.. index.Include.Select(c => RequireColumn(table, c).Id)],
                    Predicate = index.Where is null ? null : SqlDeparser.ToSql(index.Where),
                };
                _indexes.Add(made);
                break;
        }
    }

    public TableDescriptor Build()
    {
        if (_columns.Count > MaxColumns)
            throw new SqlException(SqlState.TooManyColumns, $"tables can have at most {MaxColumns} columns");
        if (_primary is null)
        {
            var id = _columns.Count + 1;
            _columns.Add(new ColumnDescriptor { Id = id, Name = "rowid", Type = SqlTypes.Int8, NotNull = true, Hidden = true });
        }

        var table = Draft();
        foreach (var column in table.Columns.Where(c => !c.Hidden))
        {
            if (column.Default is not null)
                CheckExpression(table, Parser.ParseExpression(column.Default), TableExpressionKind.Default, binding, column);
            if (column.Generated is not null)
                CheckExpression(table, Parser.ParseExpression(column.Generated), TableExpressionKind.Generated, binding, column);
        }

        return table;
    }

    public void PutSequences(TableDescriptor table)
    {
        foreach (var sequence in _sequences)
            context.Catalog.Put(sequence);
    }

    public static IndexDescriptor MakeIndex(UtilityContext context, TableDescriptor table, string indexName, ImmutableArray<IndexPartSyntax> parts, bool unique, BindingContext binding) => new()
    {
        Id = context.Catalog.NewId(),
        KeyId = table.NextIndexKeyId,
        Name = indexName,
        Unique = unique,
        Parts = [.. parts.Select(p => MakePart(table, p, binding))],
    };

    public static string MakeIndexName(UtilityContext context, TableDescriptor table, ImmutableArray<IndexPartSyntax> parts)
    {
        var stem = $"{table.Name}_{string.Join('_', parts.Select(p => p.Column ?? "expr"))}_idx";
        return Unique(stem, n => context.Snapshot.TryGetIndex(table.SchemaId, n, out _, out _) || context.Snapshot.TryGetRelation(table.SchemaId, n, out _));
    }

    public static string Unique(string stem, Func<string, bool> taken)
    {
        var candidate = stem;
        for (var i = 1; taken(candidate); i++)
            candidate = stem + i;
        return candidate;
    }

    public static ColumnDescriptor RequireColumn(TableDescriptor table, string column) =>
        table.Columns.FirstOrDefault(c => c.Name == column && !c.Hidden) ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{column}\" does not exist");

    public static BoundExpression CheckExpression(TableDescriptor table, SyntaxExpression expression, TableExpressionKind kind, BindingContext binding, ColumnDescriptor? target = null) =>
        Binder.BindTableExpression(expression, table.Name, table.Columns, [.. table.Columns.Select(c => new BoundColumn(c.Name, c.Type, c.TypeModifier))], kind, binding, target);

    /// <summary>Ids of the columns that a check looks at (pg_constraint.conkey).</summary>
    public static ImmutableArray<int> ColumnsOf(BoundExpression check, TableDescriptor table)
    {
        var names = BoundWalker.Columns(check).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        return [.. table.Columns.Where(c => names.Contains(c.Name)).Select(c => c.Id)];
    }

    private static IndexPart MakePart(TableDescriptor table, IndexPartSyntax part, BindingContext binding)
    {
        var nullsFirst = part.NullsFirst ?? part.Descending;
        if (part.Column is { } columnName)
        {
            var column = RequireColumn(table, columnName);
            if (!column.Type.IsOrdered)
                throw new SqlException(SqlState.UndefinedObject, $"data type {column.Type.DisplayName} has no default operator class for access method \"btree\"");
            return new IndexPart { ColumnId = column.Id, Type = column.ValueType, Descending = part.Descending, NullsFirst = nullsFirst };
        }

        var bound = CheckExpression(table, part.Expression!, TableExpressionKind.IndexExpression, binding);
        return new IndexPart { Expression = SqlDeparser.ToSql(part.Expression!), Type = bound.Type, Descending = part.Descending, NullsFirst = nullsFirst };
    }

    private void AddSequence(SequenceDescriptor sequence, int columnId) => _sequences.Add(sequence with
    {
        DatabaseId = schema.DatabaseId,
        SchemaId = schema.Id,
        TemporarySession = SessionOf(schema, context),
        OwnerTable = _id,
        OwnerColumn = columnId,
        Owner = context.User,
        Acl = ObjectCommands.InitialAcl(context, ObjectKind.Sequence, schema.DatabaseId, schema.Id),
    });

    private void Add(ColumnDescriptor column)
    {
        if (_columns.Exists(c => c.Name == column.Name))
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{column.Name}\" specified more than once");
        _columns.Add(column);
    }

    private void AddColumnConstraint(ColumnDefinition column, ColumnConstraint constraint)
    {
        switch (constraint)
        {
            case UniqueColumnConstraint unique:
                AddUnique(new UniqueTableConstraint(unique.PrimaryKey, [new IndexPartSyntax(column.Name, null, false, null)])
                {
                    Name = unique.Name,
                    NullsNotDistinct = unique.NullsNotDistinct,
                    Deferrable = unique.Deferrable,
                    InitiallyDeferred = unique.InitiallyDeferred,
                });
                break;
            case CheckColumnConstraint check:
                AddCheck(check.Name, check.Expression, column.Name, check.NoInherit);
                break;
            case ReferencesConstraint references:
                ForeignKeys.Add((references.Name, [column.Name], references.References));
                break;
        }
    }

    /// <summary>0A000: rows are stored by their primary key, so that two with the same cannot be there even for a while.</summary>
    public static void RefuseDeferrableKey(bool deferrable)
    {
        if (deferrable)
            throw new SqlException(SqlState.FeatureNotSupported, "deferrable primary keys are not supported") { Hint = "Use a UNIQUE constraint that is DEFERRABLE." };
    }

    private void AddUnique(UniqueTableConstraint constraint)
    {
        var (constraintName, parts, isPrimary) = (constraint.Name, constraint.Columns, constraint.PrimaryKey);
        RefuseDeferrableKey(isPrimary && constraint.Deferrable);
        if (isPrimary && _primary is not null)
            throw new SqlException(SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{name}\" are not allowed");
        if (isPrimary)
        {
            foreach (var part in parts)
            {
                var position = _columns.FindIndex(c => c.Name == part.Column);
                if (position < 0)
                    throw new SqlException(SqlState.UndefinedColumn, $"column \"{part.Column}\" named in key does not exist");
                _columns[position] = _columns[position] with { NotNull = true };
            }
        }

        var table = Draft();
        foreach (var part in parts.Where(p => p.Column is not null && _columns.TrueForAll(c => c.Name != p.Column)))
            throw new SqlException(SqlState.UndefinedColumn, $"column \"{part.Column}\" named in key does not exist");
        var indexName = constraintName ?? Unique(isPrimary ? $"{name}_pkey" : $"{name}_{string.Join('_', parts.Select(p => p.Column ?? "expr"))}_key", IsTaken);
        if (IsTaken(indexName))
            throw new SqlException(SqlState.DuplicateTable, $"relation \"{indexName}\" already exists");
        _constraintNames.Add(indexName);
        var index = MakeIndex(context, table, indexName, parts, !constraint.Deferrable, binding) with
        {
            Constraint = indexName,
            NullsNotDistinct = constraint.NullsNotDistinct,
            Deferrable = constraint.Deferrable,
            InitiallyDeferred = constraint.InitiallyDeferred,
            Included = [.. constraint.Include.Select(c => RequireColumn(table, c).Id)],
        };
        if (isPrimary)
            _primary = index with { KeyId = 1, Included = [] };
        else
            _indexes.Add(index with { KeyId = _nextKeyId++ });
    }

    private bool IsTaken(string candidate) => _constraintNames.Contains(candidate) || context.Snapshot.TryGetIndex(schema.Id, candidate, out _, out _);

    private void AddCheck(string? constraintName, SyntaxExpression expression, string? column, bool noInherit)
    {
        var table = Draft();
        var bound = CheckExpression(table, expression, TableExpressionKind.Check, binding);
        var text = SqlDeparser.ToSql(expression);
        var checkName = constraintName ?? Unique(column is null ? $"{name}_check" : $"{name}_{column}_check", n => _checks.Exists(c => c.Name == n));
        if (_checks.Exists(c => c.Name == checkName))
            throw new SqlException(SqlState.DuplicateObject, $"constraint \"{checkName}\" for relation \"{name}\" already exists");
        _checks.Add(new CheckConstraint(checkName, text, ColumnsOf(bound, table), NoInherit: noInherit));
    }

    /// <summary>The table as far as it is known.</summary>
    private TableDescriptor Draft() => new()
    {
        Id = _id,
        Name = name,
        DatabaseId = schema.DatabaseId,
        SchemaId = schema.Id,
        TemporarySession = SessionOf(schema, context),
        Owner = context.User,
        Acl = ObjectCommands.InitialAcl(context, ObjectKind.Table, schema.DatabaseId, schema.Id),
        StorageId = _id,
        Columns = [.. _columns],
        PrimaryIndex = _primary ?? new IndexDescriptor
        {
            Id = _id + 0x4000_0000, KeyId = 1, Name = $"{name}_rowid_{_id}", Unique = true,
            Parts = _columns.Exists(c => c.Hidden) ? [new IndexPart { ColumnId = _columns[^1].Id, Type = SqlTypes.Int8 }] : [],
        },
        Indexes = [.. _indexes],
        Checks = [.. _checks],
        NextColumnId = _columns.Count + 1,
        NextIndexKeyId = _nextKeyId,
    };
}

/// <summary>One column as written.</summary>
internal static class ColumnBuilder
{
    public static ColumnDescriptor Make(UtilityContext context, BindingContext binding, ColumnDefinition definition, int id, uint schemaId, string tableName, out SequenceDescriptor? sequence)
    {
        sequence = null;
        var serial = SerialType(definition.Type);
        var (type, modifier) = serial is null ? Binder.ResolveType(definition.Type, binding) : (serial, -1);
        if (type.Category == TypeCategory.Pseudo)
            throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{definition.Name}\" has pseudo-type {type.DisplayName}");
        var column = new ColumnDescriptor { Id = id, Name = definition.Name, Type = type, TypeModifier = modifier, NotNull = serial is not null };
        RefuseContradictions(definition, serial is not null, tableName);
        foreach (var constraint in definition.Constraints)
        {
            switch (constraint)
            {
                case NotNullConstraint notNull:
                    column = column with { NotNull = notNull.NotNull || column.NotNull };
                    break;
                case DefaultConstraint value:
                    column = column with { Default = value.Expression is LiteralExpression { Kind: LiteralKind.Null } ? null : SqlDeparser.ToSql(value.Expression) };
                    break;
                case GeneratedConstraint generated:
                    column = column with { Generated = SqlDeparser.ToSql(generated.Expression) };
                    break;
                case IdentityConstraint identity:
                    sequence = SequenceBuilder.ForColumn(context, schemaId, tableName, definition.Name, type, identity.Options, isIdentity: true);
                    column = column with { Identity = identity.Always ? IdentityKind.Always : IdentityKind.ByDefault, OwnedSequence = sequence.Id, NotNull = true };
                    break;
            }
        }

        if (serial is not null)
        {
            sequence = SequenceBuilder.ForColumn(context, schemaId, tableName, definition.Name, type, SequenceOptions.None);
            column = column with { OwnedSequence = sequence.Id, Default = column.Default ?? $"nextval({sequence.Id}::regclass)" };
        }

        return column;
    }

    /// <summary>42601 for clauses that exclude each other (transformColumnDefinition).</summary>
    private static void RefuseContradictions(ColumnDefinition definition, bool isSerial, string tableName)
    {
        var defaults = definition.Constraints.OfType<DefaultConstraint>().Count() + (isSerial ? 1 : 0);
        var identities = definition.Constraints.OfType<IdentityConstraint>().Count();
        var generations = definition.Constraints.OfType<GeneratedConstraint>().Count();
        var isNull = definition.Constraints.OfType<NotNullConstraint>().Any(c => !c.NotNull);
        var isNotNull = isSerial || identities > 0 || definition.Constraints.OfType<NotNullConstraint>().Any(c => c.NotNull);
        var problem = isNull && isNotNull ? "conflicting NULL/NOT NULL declarations"
            : defaults > 1 ? "multiple default values specified"
            : identities > 1 ? "multiple identity specifications"
            : generations > 1 ? "multiple generation clauses specified"
            : defaults > 0 && identities > 0 ? "both default and identity specified"
            : defaults > 0 && generations > 0 ? "both default and generation expression specified"
            : identities > 0 && generations > 0 ? "both identity and generation expression specified"
            : null;
        if (problem is not null)
            throw new SqlException(SqlState.SyntaxError, $"{problem} for column \"{definition.Name}\" of table \"{tableName}\"");
    }

    private static SqlType? SerialType(TypeName type) => type.Name is [var word] && type.ArrayDimensions == 0 ? word switch
    {
        "serial" or "serial4" => SqlTypes.Int4,
        "bigserial" or "serial8" => SqlTypes.Int8,
        "smallserial" or "serial2" => SqlTypes.Int2,
        _ => null,
    } : null;
}
