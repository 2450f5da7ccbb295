using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>FOREIGN KEY as written, made into a descriptor. 42830 when no unique index of the referenced table proves the key.</summary>
internal static class ForeignKeyBuilder
{
    public static ForeignKey Make(UtilityContext context, TableDescriptor table, string? name, ImmutableArray<string> columns, ReferencesClause references)
    {
        var parent = FindParent(context, table, references);
        var mine = columns.Select(c => table.Columns.FirstOrDefault(d => d.Name == c && !d.Hidden)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{c}\" referenced in foreign key constraint does not exist")).ToList();
        var theirs = references.Columns.IsEmpty
            ? parent.HasUserPrimaryKey
                ? parent.PrimaryIndex.Parts.Select(p => parent.Columns.First(c => c.Id == p.ColumnId)).ToList()
                : throw new SqlException(SqlState.UndefinedObject, $"there is no primary key for referenced table \"{parent.Name}\"")
            : references.Columns.Select(c => parent.Columns.FirstOrDefault(d => d.Name == c && !d.Hidden)
                ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{c}\" referenced in foreign key constraint does not exist")).ToList();
        if (mine.Count != theirs.Count)
            throw new SqlException(SqlState.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree");
        RequireComparable(name ?? DefaultName(table, columns), mine, theirs);
        var wanted = theirs.Select(c => c.Id).ToHashSet();
        if (!parent.Indexes.Any(x => x.Unique && HasColumns(x, wanted)) && parent.Indexes.Any(x => x.Deferrable && HasColumns(x, wanted)))
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"cannot use a deferrable unique constraint for referenced table \"{parent.Name}\"");
        var index = new[] { parent.PrimaryIndex }.Concat(parent.Indexes).FirstOrDefault(x => x.Unique && x.State == IndexState.Public && x.Predicate is null && x.Parts.Length == wanted.Count
            && x.Parts.All(p => p.Expression is null && wanted.Contains(p.ColumnId)))
            ?? throw new SqlException(SqlState.InvalidForeignKey, $"there is no unique constraint matching given keys for referenced table \"{parent.Name}\"");
        var keyName = name ?? TableBuilder.Unique(DefaultName(table, columns), n => table.ForeignKeys.Any(k => k.Name == n));
        if (table.ForeignKeys.Any(k => k.Name == keyName) || table.Checks.Any(c => c.Name == keyName))
            throw new SqlException(SqlState.DuplicateObject, $"constraint \"{keyName}\" for relation \"{table.Name}\" already exists");
        return new ForeignKey
        {
            Id = context.Catalog.NewId(),
            Name = keyName,
            Columns = [.. mine.Select(c => c.Id)],
            ReferencedTable = parent.Id,
            ReferencedColumns = [.. theirs.Select(c => c.Id)],
            ReferencedIndex = index.Id,
            Match = references.MatchFull ? ForeignKeyMatch.Full : ForeignKeyMatch.Simple,
            OnDelete = (ForeignKeyAction)references.OnDelete,
            OnUpdate = (ForeignKeyAction)references.OnUpdate,
            SetColumns = [.. references.SetColumns.Select(c => TableBuilder.RequireColumn(table, c).Id)],
            Deferrable = references.Deferrable,
            InitiallyDeferred = references.InitiallyDeferred,
            Validated = !references.NotValid,
        };
    }

    /// <summary>42804 for columns that cannot be compared.</summary>
    public static void RequireComparable(string name, IReadOnlyList<ColumnDescriptor> mine, IReadOnlyList<ColumnDescriptor> theirs)
    {
        for (var i = 0; i < mine.Count; i++)
        {
            if (!Comparable(mine[i].ValueType, theirs[i].ValueType))
            {
                throw new SqlException(SqlState.DatatypeMismatch, $"foreign key constraint \"{name}\" cannot be implemented")
                {
                    Detail = $"Key columns \"{mine[i].Name}\" and \"{theirs[i].Name}\" are of incompatible types: {mine[i].Type.DisplayName} and {theirs[i].Type.DisplayName}.",
                };
            }
        }
    }

    private static bool HasColumns(IndexDescriptor index, HashSet<int> columns) =>
        index.Predicate is null && index.Parts.Length == columns.Count && index.Parts.All(p => p.Expression is null && columns.Contains(p.ColumnId));

    private static TableDescriptor FindParent(UtilityContext context, TableDescriptor table, ReferencesClause references)
    {
        var named = references.Table;
        if (named.Name == table.Name && named.Schema is null)
            return context.Snapshot.TryGet<TableDescriptor>(table.Id, out var self) ? self : table;
        foreach (var schemaId in PlacesOf(context, named))
        {
            if (!context.Snapshot.TryGetRelation(schemaId, named.Name, out var relation) || relation is not TableDescriptor parent)
                continue;
            return parent.DatabaseId == table.DatabaseId ? parent : throw new SqlException(SqlState.FeatureNotSupported, "foreign references between databases are not allowed");
        }

        throw new SqlException(SqlState.UndefinedTable, $"relation \"{named}\" does not exist");
    }

    /// <summary>Where the binder has looked for the name: a schema of the session's database, CockroachDB's database.table, database.schema.table, the search path.</summary>
    private static IEnumerable<uint> PlacesOf(UtilityContext context, ObjectName named)
    {
        if (named.Schema is not { } schemaName)
            return context.Session.SearchPath;
        var database = context.Session.Database;
        if (named.Database is { } databaseName && databaseName != database.Name && !context.Snapshot.TryGetDatabase(databaseName, out database))
            return [];
        if (context.Snapshot.TryGetSchema(database.Id, schemaName, out var schema))
            return [schema.Id];
        return named.Database is null && context.Snapshot.TryGetDatabase(schemaName, out var byName) && context.Snapshot.TryGetSchema(byName.Id, "public", out schema) ? [schema.Id] : [];
    }

    private static string DefaultName(TableDescriptor table, ImmutableArray<string> columns) => $"{table.Name}_{string.Join('_', columns)}_fkey";

    private static bool Comparable(SqlType a, SqlType b) => a.Equals(b) || (a.Category == b.Category && a.Category is TypeCategory.Numeric or TypeCategory.String);
}

/// <summary>Sequences, of their own and of columns.</summary>
internal static class SequenceBuilder
{
    /// <summary>A sequence for serial or identity; database, schema and owner are filled in by the table.</summary>
    public static SequenceDescriptor ForColumn(UtilityContext context, uint schemaId, string table, string column, SqlType type, SequenceOptions options, bool isIdentity = false)
    {
        if (isIdentity)
            OwnedSequences.RequireIntegerType(type, "identity column type");
        var snapshot = context.Snapshot;
        var sequence = new SequenceDescriptor
        {
            Id = context.Catalog.NewId(),
            Name = TableBuilder.Unique($"{table}_{column}_seq", n => snapshot.TryGetRelation(schemaId, n, out _) || snapshot.TryGetIndex(schemaId, n, out _, out _)),
            DatabaseId = context.Session.Database.Id,
            SchemaId = 0,
            DataType = type,
            Maximum = MaximumOf(type),
        };
        return Apply(sequence, options, null);
    }

    /// <summary>ALTER SEQUENCE: new options, type and owner, then RESTART. 22023 when the last value falls out of the new bounds.</summary>
    /// <param name="type">The new type; null: as it was.</param>
    public static void Change(UtilityContext context, SequenceDescriptor sequence, SequenceOptions options, SqlType? type, Func<SequenceDescriptor, SequenceDescriptor> own)
    {
        var changed = Apply(sequence, options, sequence, type);
        var position = options.Restart ? options.RestartWith ?? changed.Start : context.Session.ReadSequence(sequence);
        if (position < changed.Minimum)
            throw Invalid($"RESTART value ({position}) cannot be less than MINVALUE ({changed.Minimum})");
        if (position > changed.Maximum)
            throw Invalid($"RESTART value ({position}) cannot be greater than MAXVALUE ({changed.Maximum})");
        changed = own(changed) with { Version = sequence.Version + 1 };
        context.Catalog.Put(changed);
        if (options.Restart)
            context.Session.SetSequenceValue(changed, position!.Value, false);
    }

    /// <summary>Applies what was written. 22023 for values that contradict each other.</summary>
    /// <param name="old">What is altered; null for a new sequence.</param>
    /// <param name="type">The new type; null: that of <paramref name="sequence"/>. A bound that was the old type's limit becomes the new type's.</param>
    public static SequenceDescriptor Apply(SequenceDescriptor sequence, SequenceOptions options, SequenceDescriptor? old, SqlType? type = null)
    {
        var isNew = old is null;
        type ??= sequence.DataType;
        var increment = options.Increment ?? sequence.Increment;
        if (increment == 0)
            throw Invalid("INCREMENT must not be zero");
        // A bound at the old type's limit moves to the new type's, whatever the direction (sequence.c, init_params).
        var followsMaximum = old is not null && type.Oid != old.DataType.Oid && old.Maximum == MaximumOf(old.DataType);
        var followsMinimum = old is not null && type.Oid != old.DataType.Oid && old.Minimum == MinimumOf(old.DataType);
        var maximum = options.Maximum ?? (followsMaximum || ((options.NoMaximum || isNew) && increment > 0) ? MaximumOf(type) : options.NoMaximum || isNew ? -1 : sequence.Maximum);
        var minimum = options.Minimum ?? (followsMinimum || ((options.NoMinimum || isNew) && increment < 0) ? MinimumOf(type) : options.NoMinimum || isNew ? 1 : sequence.Minimum);
        if (maximum > MaximumOf(type) || maximum < MinimumOf(type))
            throw Invalid($"MAXVALUE ({maximum}) is out of range for sequence data type {type.DisplayName}");
        if (minimum > MaximumOf(type) || minimum < MinimumOf(type))
            throw Invalid($"MINVALUE ({minimum}) is out of range for sequence data type {type.DisplayName}");
        if (minimum >= maximum)
            throw Invalid($"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})");
        var start = options.Start ?? (isNew ? increment > 0 ? minimum : maximum : sequence.Start);
        if (start < minimum)
            throw Invalid($"START value ({start}) cannot be less than MINVALUE ({minimum})");
        if (start > maximum)
            throw Invalid($"START value ({start}) cannot be greater than MAXVALUE ({maximum})");
        if (options.Cache is < 1)
            throw Invalid($"CACHE ({options.Cache}) must be greater than zero");
        return sequence with
        {
            DataType = type,
            Increment = increment,
            Minimum = minimum,
            Maximum = maximum,
            Start = start,
            Cache = options.Cache ?? sequence.Cache,
            Cycle = options.Cycle ?? sequence.Cycle,
        };
    }

    private static SqlException Invalid(string message) => new(SqlState.InvalidParameterValue, message);

    public static long MaximumOf(SqlType type) => (type as IntegerType)?.Maximum ?? long.MaxValue;

    public static long MinimumOf(SqlType type) => (type as IntegerType)?.Minimum ?? long.MinValue;
}
