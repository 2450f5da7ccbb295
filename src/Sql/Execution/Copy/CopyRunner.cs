using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Copy;

/// <summary>Runs COPY. Neither direction can be run again by itself: the data has come from, or gone to, the client.</summary>
internal static class CopyRunner
{
    public static async ValueTask<IStatementResult> RunFromAsync(SqlEngine engine, CompiledCopyFrom compiled, BoundCopyFrom bound, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        if (environment.Transaction.IsReadOnly)
            throw new SqlException(SqlState.ReadOnlySqlTransaction, "cannot execute COPY FROM in a read-only transaction");
        var source = environment.CopySource ?? throw new SqlException(SqlState.FeatureNotSupported, "COPY FROM STDIN needs a client that can send data");
        environment.Transaction.BeginStatement();
        await source.BeginAsync(compiled.Options.Format, compiled.Columns.Length, cancellationToken);
        var input = new CopyInput(source, cancellationToken);
        var isLarge = await input.IsLargeAsync();
        if (isLarge && TakeNewStorage(engine, bound, environment) is { } moved)
            compiled = moved;
        var rows = isLarge
            ? await TableWriter.OpenLargeLoadAsync(compiled.Writer.Table, environment, mayMoveSnapshot: true, cancellationToken)
            : TableWriter.OpenLoad(compiled.Writer.Table, environment);
        var state = new ExecutionState(compiled.Plan, [], environment);
        var foreignKeys = new ForeignKeyEnforcer(environment, new TargetWriters(environment, table => engine.CompileTarget(table, environment)));
        using var load = new CopyLoad(state, compiled, rows, foreignKeys, cancellationToken);
        try
        {
            await load.RunAsync(input);
        }
        catch (StatementRestartException)
        {
            throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to concurrent update");
        }

        await foreignKeys.FinishAsync();
        return new ChangeResult("COPY", load.Rows, null);
    }

    /// <summary>
    /// A large load into an empty table that nobody else uses at the moment: the table gets new storage, so that the rows can be written to the store as they come instead of being held
    /// until the commit. Null when the table is not empty, is in use, or has new storage already.
    /// </summary>
    private static CompiledCopyFrom? TakeNewStorage(SqlEngine engine, BoundCopyFrom bound, StatementEnvironment environment)
    {
        var (table, catalog, transaction) = (bound.Target.Table, environment.CatalogTransaction, environment.Transaction);
        if (catalog.HasNewStorage(table) || HasRows(table, transaction) || !transaction.TryLockRelation(table.Id) || HasRows(table, transaction))
            return null;

        // A savepoint may ask for a part of it to be undone.
        var storage = catalog.NewId();
        var (first, last) = KeySpace.TableRange(storage);
        if (transaction.OpenLoad(first, last) is null)
            return null;
        catalog.Put(table with { StorageId = storage, Version = table.Version + 1 });
        return engine.CompileAgain(bound, environment);
    }

    private static bool HasRows(TableDescriptor table, ITransaction transaction)
    {
        var (lower, upper) = KeySpace.TableRange(table.StorageId);
        using var rows = transaction.ScanLatest(lower, upper);
        return rows.MoveNext();
    }

    public static async ValueTask<IStatementResult> RunToAsync(
        SqlEngine engine, CompiledStatement compiled, BoundCopyTo bound, Datum[] parameters, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        var sink = environment.CopySink ?? throw new SqlException(SqlState.FeatureNotSupported, "COPY TO STDOUT needs a client that can receive data");
        var options = CopyOptions.From(bound.Options);
        ImmutableArray<CopyColumn> columns = [.. bound.Columns.Select((c, i) => new CopyColumn(bound.Names[i], c.Type, c.TypeModifier))];
        var writer = CopyWriter.Create(options, columns, environment.Format);
        await using var result = await engine.RunAsync(compiled, bound.Query, parameters, environment, null, cancellationToken);
        await sink.BeginAsync(options.Format, columns.Length, cancellationToken);
        writer.WriteHeader(sink.Output);
        if (options.Header)
            await sink.FlushRowAsync(cancellationToken);
        var rows = 0L;
        while (await result.MoveNextAsync(cancellationToken))
        {
            writer.WriteRow(result.Row, sink.Output);
            rows++;
            await sink.FlushRowAsync(cancellationToken);
        }

        writer.WriteEnd(sink.Output);
        await sink.EndAsync(cancellationToken);
        return new ChangeResult("COPY", rows, null);
    }
}

/// <summary>One COPY FROM: data in, rows of the table out. Completes synchronously while data is there and nobody holds a lock that it needs.</summary>
internal sealed class CopyLoad(ExecutionState state, CompiledCopyFrom copy, IRangeLoad? rows, ForeignKeyEnforcer foreignKeys, CancellationToken cancellationToken) : IDisposable
{
    private readonly CopyReader _reader = CopyReader.Create(copy.Options, copy.Writer.Table.Name, copy.Columns, state.Format);
    private readonly TableWriter _writer = new(state, copy.Writer) { MayMoveSnapshot = true, Load = rows };
    private readonly Datum[] _values = new Datum[copy.Columns.Length];
    private readonly bool _hasForeignKeys = copy.Writer.Table.ForeignKeys.Length > 0;

    public long Rows { get; private set; }

    public async ValueTask RunAsync(CopyInput input)
    {
        try
        {
            await ReadAllAsync(input);
        }
        catch (SqlException error) when (rows is not null && !error.IsFatal && error.State != SqlState.QueryCanceled)
        {
            // A row before may be a duplicate that nobody has looked for yet: that is then the error.
            await FinishLoadAsync(rows);
            throw;
        }

        if (rows is not null)
            await FinishLoadAsync(rows);
    }

    private async ValueTask ReadAllAsync(CopyInput input)
    {
        while (true)
        {
            var chunk = await ReadAsync(input);
            if (chunk.IsEmpty)
                break;
            _reader.Feed(chunk.Span);
            await WriteRowsAsync();
        }

        _reader.Complete();
        await WriteRowsAsync();
    }

    private async ValueTask FinishLoadAsync(IRangeLoad load)
    {
        try
        {
            await _writer.FinishLoadAsync(load);
        }
        catch (SqlException error) when (error.State == SqlState.UniqueViolation)
        {
            throw CopyErrors.WithContext(error, WriteContext(error));
        }
    }

    public void Dispose() => _reader.Dispose();

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CopyInput input)
    {
        try
        {
            return await input.ReadAsync();
        }
        catch (SqlException error) when (error is { IsFatal: false, Where: null })
        {
            // The client gave up in the middle (CopyFail).
            throw CopyErrors.WithContext(error, $"COPY {copy.Writer.Table.Name}, line {_reader.Line + 1}");
        }
    }

    /// <summary>Writes the rows that are there in full.</summary>
    private async ValueTask WriteRowsAsync()
    {
        while (_reader.TryRead(_values))
        {
            state.CheckInterrupts();
            if (!TryComplete())
                continue;
            var write = Write();
            if (!write.IsCompletedSuccessfully)
                await FinishAsync(write);
            if (_hasForeignKeys)
                await foreignKeys.ChildLoadedAsync(copy.Writer.Table, _writer.NewRow());
            Rows++;
        }
    }

    /// <summary>Makes the new row in the frame and checks it; false when WHERE leaves it out.</summary>
    private bool TryComplete()
    {
        try
        {
            for (var i = 0; i < _values.Length; i++)
                state.Slots[copy.Targets[i]] = _values[i];
            foreach (var (slot, value) in copy.Defaults)
                state.Slots[slot] = value?.Evaluate(state) ?? Datum.Null;
            if (copy.Where is { } where && !where.Holds(state))
                return false;
            _writer.Complete(copy.Writer.InsertPolicies);
            return true;
        }
        catch (SqlException error)
        {
            throw CopyErrors.WithContext(error, _reader.RowContext);
        }
    }

    /// <summary>A load finds duplicates later: the writer then stands at the row that is one.</summary>
    private string WriteContext(SqlException error) =>
        rows is not null && error.State == SqlState.UniqueViolation ? $"COPY {copy.Writer.Table.Name}, line {_writer.RowNumber}" : _reader.Context;

    private ValueTask Write()
    {
        try
        {
            _writer.RowNumber = _reader.Line;
            return _writer.InsertAsync(cancellationToken);
        }
        catch (SqlException error)
        {
            throw CopyErrors.WithContext(error, WriteContext(error));
        }
    }

    private async ValueTask FinishAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        catch (SqlException error)
        {
            throw CopyErrors.WithContext(error, WriteContext(error));
        }
    }
}
