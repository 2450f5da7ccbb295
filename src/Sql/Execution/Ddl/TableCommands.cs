using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>CREATE TABLE, CREATE TABLE AS, CREATE INDEX, TRUNCATE, ANALYZE. ALTER TABLE stands beside.</summary>
internal sealed partial class TableCommands(SqlEngine engine, UtilityContext context, CancellationToken cancellationToken)
{
    private StatementEnvironment Environment => context.Environment;

    private ICatalogTransaction Catalog => context.Catalog;

    private BindingContext Binding => engine.MakeContext(Environment, []);

    /// <summary>False when IF NOT EXISTS found the table.</summary>
    public async ValueTask<bool> CreateAsync(CreateTableStatement statement, BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[0]!;
        if (Exists(schema, statement.Name.Name, statement.IfNotExists))
            return false;
        var builder = new TableBuilder(context, schema, statement.Name.Name, Binding);
        foreach (var element in statement.Elements)
        {
            if (element is LikeTableElement like)
                builder.AddLike(like, Catalog.Snapshot, Binding);
            else if (element is ColumnDefinition column)
                builder.AddColumn(column);
        }

        foreach (var element in statement.Elements)
            builder.AddConstraints(element);
        var table = builder.Build();
        Catalog.Put(table);
        builder.PutSequences(table);
        table = await AddForeignKeysAsync(table, builder.ForeignKeys, validate: false);
        return true;
    }

    public async ValueTask<IStatementResult> CreateAsAsync(CreateTableAsStatement statement, BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[0]!;
        if (Exists(schema, statement.Name.Name, statement.IfNotExists))
            return new ChangeResult("CREATE TABLE AS", 0, null);
        var query = (BoundQuery)utility.Query!;
        var builder = new TableBuilder(context, schema, statement.Name.Name, Binding);
        for (var i = 0; i < query.Names.Length; i++)
        {
            var column = query.Root.Output[i];
            var type = column.Type.Oid == PgOid.Unknown ? SqlTypes.Text : column.Type;
            builder.AddColumn(i < statement.Columns.Length ? statement.Columns[i] : query.Names[i], type, column.TypeModifier);
        }

        var table = builder.Build();
        Catalog.Put(table);
        if (statement.WithNoData)
            return new ChangeResult("CREATE TABLE AS", 0, null);
        var compiled = SqlEngine.BindCompiled(query, Catalog.Snapshot, Environment)!;
        await using var result = await engine.RunAsync(compiled, query, [], Environment, null, cancellationToken);
        var writer = Writer(table);
        var hidden = table.Columns.Length - query.Names.Length;
        long count = 0;
        while (await result.MoveNextAsync(cancellationToken))
        {
            var row = new Datum[table.Columns.Length];
            result.Row.CopyTo(row);
            for (var i = 0; i < hidden; i++)
                row[query.Names.Length + i] = Datum.FromInt64(RowIds.Next());
            writer.Restore(row);
            await writer.InsertAsync(cancellationToken);
            count++;
        }

        if (writer.Load is { } load)
            await writer.FinishLoadAsync(load);

        return new ChangeResult("SELECT", count, null);
    }

    public async ValueTask CreateIndexAsync(CreateIndexStatement statement, BoundUtility utility)
    {
        var table = Current((TableDescriptor)utility.Objects[0]!);
        var name = statement.Name ?? TableBuilder.MakeIndexName(context, table, statement.Parts);
        if (Catalog.Snapshot.TryGetIndex(table.SchemaId, name, out _, out _) || Catalog.Snapshot.TryGetRelation(table.SchemaId, name, out _))
        {
            if (!statement.IfNotExists)
                throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping"));
            return;
        }

        var index = TableBuilder.MakeIndex(context, table, name, statement.Parts, statement.Unique, Binding) with
        {
            Included = [.. statement.Include.Select(c => TableBuilder.RequireColumn(table, c).Id)],
            Predicate = statement.Where is null ? null : SqlDeparser.ToSql(statement.Where),
            NullsNotDistinct = statement.NullsNotDistinct,
        };
        if (statement.Where is not null)
            TableBuilder.CheckExpression(table, statement.Where, TableExpressionKind.IndexPredicate, Binding);
        if (IndexBuilder.IsWorthwhile(table, Environment))
            Environment.IndexBuild = IndexBuilder.Begin(table, index, Catalog);
        else
            await AddIndexAsync(table, index);
    }

    public async ValueTask TruncateAsync(TruncateStatement statement, BoundUtility utility)
    {
        var tables = utility.Objects.OfType<TableDescriptor>().ToList();
        foreach (var table in tables)
        {
            foreach (var child in table.ReferencedBy.Where(id => tables.TrueForAll(t => t.Id != id)))
            {
                throw new SqlException(SqlState.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint")
                {
                    Detail = Catalog.Snapshot.TryGet<TableDescriptor>(child, out var referencing) ? $"Table \"{referencing.Name}\" references \"{table.Name}\"." : null,
                    Hint = "Truncate the referencing table at the same time, or use TRUNCATE ... CASCADE.",
                };
            }
        }

        foreach (var table in tables)
        {
            await Environment.Transaction.LockRelationAsync(table.Id, RelationLock.Exclusive, cancellationToken);
            var current = Current(table);
            context.DropStorage(current);
            Catalog.Put(current with { StorageId = Catalog.NewId(), Version = current.Version + 1 });
            if (!statement.RestartIdentity)
                continue;
            foreach (var owned in OwnedSequences.Of(Catalog.Snapshot, current))
                context.Session.SetSequenceValue(owned, owned.Start, false);
        }
    }

    public ValueTask AnalyzeAsync(MaintenanceStatement statement, BoundUtility utility)
    {
        if (statement.Analyze || statement.Vacuum)
        {
            foreach (var table in utility.Objects.OfType<TableDescriptor>())
                Catalog.PutStatistics(StatisticsCollector.Collect(table, Environment));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The table as the transaction has it now: waiting for the lock may have let another change in.</summary>
    private TableDescriptor Current(TableDescriptor table) =>
        Catalog.Snapshot.TryGet<TableDescriptor>(table.Id, out var current) ? current : throw new SqlException(SqlState.UndefinedTable, $"relation \"{table.Name}\" does not exist");

    private bool Exists(SchemaDescriptor schema, string name, bool ifNotExists)
    {
        if (!Catalog.Snapshot.TryGetRelation(schema.Id, name, out _))
            return false;
        if (!ifNotExists)
            throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
        context.Session.Notice(new SqlNotice("NOTICE", SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping"));
        return true;
    }

    private TableWriter Writer(TableDescriptor table, bool rowsAreOld = false)
    {
        var (template, plan) = engine.CompileTarget(table, Environment);
        return new TableWriter(new ExecutionState(plan, [], Environment), template) { MayMoveSnapshot = true, RowsAreOld = rowsAreOld, Load = TableWriter.OpenLoad(table, Environment) };
    }

    /// <summary>The table's next definition, with one more index.</summary>
    internal static TableDescriptor WithIndex(TableDescriptor table, IndexDescriptor index) =>
        table with { Indexes = table.Indexes.Add(index), NextIndexKeyId = (ushort)(table.NextIndexKeyId + 1), Version = table.Version + 1 };

    /// <summary>Fills a new index from the table's rows; a duplicate is 23505.</summary>
    private async ValueTask<TableDescriptor> AddIndexAsync(TableDescriptor table, IndexDescriptor index)
    {
        var changed = WithIndex(table, index);
        Catalog.Put(changed);
        // Only the new index is written: the writer's table has no other.
        var (template, plan) = engine.CompileTarget(changed with { Indexes = [index] }, Environment);
        var writer = new TableWriter(new ExecutionState(plan, [], Environment), template) { MayMoveSnapshot = true, RowsAreOld = true };
        var load = OpenIndexLoad(changed, index);
        foreach (var (key, row) in Rows(table))
        {
            writer.Restore(row);
            if (load is null)
            {
                await writer.InsertEntryAsync(template.Indexes[0], key, cancellationToken);
                continue;
            }

            writer.RowNumber++;
            writer.LoadEntry(load, template.Indexes[0], key);
            if (load.IsFull)
                await writer.SendLoadAsync(load);
        }

        if (load is not null)
            await writer.FinishLoadAsync(load);
        await DeferrableUnique.FinishAsync(Environment);
        return changed;
    }

    /// <summary>The load of a new index, whose entries nobody else reads before its descriptor is published.</summary>
    private IRangeLoad? OpenIndexLoad(TableDescriptor table, IndexDescriptor index)
    {
        if (index.Deferrable)
            return null;
        if (Catalog.HasNewStorage(table))
            return TableWriter.OpenLoad(table, Environment);
        var (lower, upper) = KeySpace.IndexRange(table.StorageId, index.KeyId);
        return Environment.Transaction.OpenLoad(lower, upper);
    }

    /// <summary>All rows of a table in descriptor order, one by one as they are asked for. Writes made meanwhile are not seen.</summary>
    private IEnumerable<(byte[] Key, Datum[] Row)> Rows(TableDescriptor table)
    {
        var codec = RowCodec.Of(table);
        var reader = codec.CreateReader(Enumerable.Range(0, table.Columns.Length).ToArray());
        using var cursor = Environment.Transaction.Scan(codec.Prefix, codec.PrefixEnd);
        while (cursor.MoveNext())
        {
            Environment.Interrupt.ThrowIfCancellationRequested();
            var row = new Datum[table.Columns.Length];
            reader.Read(cursor.Key, cursor.Value, row);
            yield return (cursor.Key.ToArray(), row);
        }
    }

    private async ValueTask<TableDescriptor> AddForeignKeysAsync(TableDescriptor table, IReadOnlyList<(string? Name, ImmutableArray<string> Columns, ReferencesClause References)> keys, bool validate)
    {
        foreach (var (name, columns, references) in keys)
        {
            var key = ForeignKeyBuilder.Make(context, table, name, columns, references);
            table = table with { ForeignKeys = table.ForeignKeys.Add(key), Version = table.Version + 1 };
            Catalog.Put(table);
            if (key.ReferencedTable == table.Id)
            {
                table = table with { ReferencedBy = table.ReferencedBy.Add(table.Id), Version = table.Version + 1 };
                Catalog.Put(table);
            }
            else
            {
                await Environment.Transaction.LockRelationAsync(key.ReferencedTable, RelationLock.Exclusive, cancellationToken);
                Catalog.Snapshot.TryGet<TableDescriptor>(key.ReferencedTable, out var parent);
                Catalog.Put(parent! with { ReferencedBy = parent.ReferencedBy.Add(table.Id), Version = parent.Version + 1 });
            }

            if (!validate || references.NotValid)
                continue;
            await ValidateKeyAsync(table, key);
        }

        return table;
    }
}
