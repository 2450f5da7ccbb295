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
        var index = new[] { parent.PrimaryIndex }.Concat(parent.Indexes).FirstOrDefault(x => x.Unique && x.Predicate is null && x.Parts.Length == wanted.Count
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
            if (!Comparable(mine[i].Type, theirs[i].Type))
            {
                throw new SqlException(SqlState.DatatypeMismatch, $"foreign key constraint \"{name}\" cannot be implemented")
                {
                    Detail = $"Key columns \"{mine[i].Name}\" and \"{theirs[i].Name}\" are of incompatible types: {mine[i].Type.DisplayName} and {theirs[i].Type.DisplayName}.",
                };
            }
        }
    }

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
    public static SequenceDescriptor ForColumn(UtilityContext context, string table, string column, SqlType type, SequenceOptions options)
    {
        var sequence = new SequenceDescriptor
        {
            Id = context.Catalog.NewId(),
            Name = $"{table}_{column}_seq",
            DatabaseId = context.Session.Database.Id,
            SchemaId = 0,
            DataType = type,
            Maximum = MaximumOf(type),
        };
        return Apply(sequence, options, isNew: true);
    }

    /// <summary>Applies what was written. 22023 for values that contradict each other.</summary>
    public static SequenceDescriptor Apply(SequenceDescriptor sequence, SequenceOptions options, bool isNew)
    {
        var increment = options.Increment ?? sequence.Increment;
        if (increment == 0)
            throw new SqlException(SqlState.InvalidParameterValue, "INCREMENT must not be zero");
        var maximum = options.Maximum ?? (options.NoMaximum || isNew ? increment > 0 ? MaximumOf(sequence.DataType) : -1 : sequence.Maximum);
        var minimum = options.Minimum ?? (options.NoMinimum || isNew ? increment > 0 ? 1 : MinimumOf(sequence.DataType) : sequence.Minimum);
        if (maximum > MaximumOf(sequence.DataType) || maximum < MinimumOf(sequence.DataType))
            throw new SqlException(SqlState.InvalidParameterValue, $"MAXVALUE ({maximum}) is out of range for sequence data type {sequence.DataType.DisplayName}");
        if (minimum < MinimumOf(sequence.DataType) || minimum > MaximumOf(sequence.DataType))
            throw new SqlException(SqlState.InvalidParameterValue, $"MINVALUE ({minimum}) is out of range for sequence data type {sequence.DataType.DisplayName}");
        if (minimum >= maximum)
            throw new SqlException(SqlState.InvalidParameterValue, $"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})");
        var start = options.Start ?? (isNew ? increment > 0 ? minimum : maximum : sequence.Start);
        if (start < minimum)
            throw new SqlException(SqlState.InvalidParameterValue, $"START value ({start}) cannot be less than MINVALUE ({minimum})");
        if (start > maximum)
            throw new SqlException(SqlState.InvalidParameterValue, $"START value ({start}) cannot be greater than MAXVALUE ({maximum})");
        if (options.Cache is < 1)
            throw new SqlException(SqlState.InvalidParameterValue, $"CACHE ({options.Cache}) must be greater than zero");
        return sequence with
        {
            Increment = increment,
            Minimum = minimum,
            Maximum = maximum,
            Start = start,
            Cache = options.Cache ?? sequence.Cache,
            Cycle = options.Cycle ?? sequence.Cycle,
        };
    }

    public static long MaximumOf(SqlType type) => (type as IntegerType)?.Maximum ?? long.MaxValue;

    public static long MinimumOf(SqlType type) => (type as IntegerType)?.Minimum ?? long.MinValue;
}
