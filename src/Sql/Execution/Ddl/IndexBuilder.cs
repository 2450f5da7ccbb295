using System.Diagnostics;
using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>
/// CREATE INDEX beside readers and writers. Its first transaction commits the definition in the state <see cref="IndexState.WriteOnly"/> and keeps writers out for that moment only. From then on each
/// of them keeps the index in step. Rows that were there before are filled in by many small transactions: each reads some rows and writes their entries, and its commit is refused when one
/// of the rows was changed meanwhile. When all are done the definition becomes public.
/// </summary>
/// <remarks>
/// A row that nobody has filled in yet has no entry in a unique index, so that a writer may have put one of the same key for another row. Writers therefore look whose an entry is before they take
/// it away or write it over (<see cref="TableWriter"/>), and the filling finds the duplicate. docs/decisions/0004.
/// </remarks>
internal sealed class IndexBuilder(SqlEngine engine, IndexBuild build, StatementEnvironment environment, CancellationToken cancellationToken)
{
    /// <summary>With fewer rows the index is filled at once, under the lock that the definition needs anyway.</summary>
    private const int FewRows = 1000;

    private const long MaxBytes = 4 << 20;

    /// <summary>How long new writers are held up by one try to get between them.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    private ITransaction Transaction => environment.Transaction;

    private ICatalogTransaction Catalog => environment.CatalogTransaction;

    /// <summary>Keeps writers of a table out; where the index may be built later, without holding up the others for longer than a moment. 55P03 after lock_timeout.</summary>
    public static async ValueTask LockWritersOutAsync(uint tableId, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        var transaction = environment.Transaction;
        if (!environment.MayBuildLater)
        {
            await transaction.LockRelationAsync(tableId, RelationLock.Load, cancellationToken);
            return;
        }

        var started = Stopwatch.GetTimestamp();
        while (!await transaction.TryLockRelationAsync(tableId, RelationLock.Load, s_patience, cancellationToken))
        {
            if (transaction.LockTimeout > TimeSpan.Zero && Stopwatch.GetElapsedTime(started) >= transaction.LockTimeout)
                throw new SqlException(SqlState.LockNotAvailable, "canceling statement due to lock timeout");
            await Task.Delay(s_patience, cancellationToken);
        }
    }

    /// <summary>Whether an index of the table is filled by later transactions.</summary>
    public static bool IsWorthwhile(TableDescriptor table, StatementEnvironment environment)
    {
        if (!environment.MayBuildLater || table.TemporarySession is not null)
            return false;
        var codec = RowCodec.Of(table);
        using var cursor = environment.Transaction.Scan(codec.Prefix, codec.PrefixEnd);
        for (var i = 0; i <= FewRows; i++)
        {
            if (!cursor.MoveNext())
                return false;
        }

        return true;
    }

    public static IndexBuild Begin(TableDescriptor table, IndexDescriptor index, ICatalogTransaction catalog)
    {
        catalog.Put(TableCommands.WithIndex(table, index with { State = IndexState.WriteOnly }));
        return new IndexBuild(table.Id, index.Id);
    }

    /// <summary>The next rows, or, when there are none, the definition.</summary>
    public async ValueTask StepAsync()
    {
        // Beside writers, not beside changes of the definition and loads.
        await Transaction.LockRelationAsync(build.TableId, RelationLock.Write, cancellationToken);
        Transaction.RequireSnapshot(null);
        Transaction.BeginStatement();
        var (table, index) = Find() ?? throw new SqlException(SqlState.UndefinedObject, "the index was dropped while it was built");
        if (build.StorageId != table.StorageId)
            build.StartAgain(table.StorageId);
        if (build.IsFilled)
        {
            Replace(table, table.Indexes.Replace(index, index with { State = IndexState.Public }));
            build.Publish();
            return;
        }

        try
        {
            var (template, plan) = engine.CompileTarget(table with { Indexes = [index] }, environment);
            var writer = new TableWriter(new ExecutionState(plan, [], environment), template) { MayMoveSnapshot = build.LocksRow, RowsAreOld = true };
            if (build.LocksRow)
                await FillLockedAsync(table, writer);
            else
                await FillAsync(table, writer);
        }
        catch (StatementRestartException)
        {
            throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to concurrent update");
        }
    }

    public async ValueTask AbandonAsync()
    {
        await LockWritersOutAsync(build.TableId, environment, cancellationToken);
        Transaction.RequireSnapshot(null);
        Transaction.BeginStatement();
        if (Find() is not var (table, index))
            return;
        Replace(table, table.Indexes.Remove(index));
        var (lower, upper) = KeySpace.IndexRange(table.StorageId, index.KeyId);
        Transaction.DropRange(lower, upper);
    }

    private (TableDescriptor Table, IndexDescriptor Index)? Find() =>
        Catalog.Snapshot.TryGet<TableDescriptor>(build.TableId, out var table) && table.Indexes.FirstOrDefault(i => i.Id == build.IndexId) is { State: IndexState.WriteOnly } index
            ? (table, index)
            : null;

    private void Replace(TableDescriptor table, ImmutableArray<IndexDescriptor> indexes) => Catalog.Put(table with { Indexes = indexes, Version = table.Version + 1 });

    private async ValueTask FillAsync(TableDescriptor table, TableWriter writer)
    {
        var codec = RowCodec.Of(table);
        var reader = codec.CreateReader([.. Enumerable.Range(0, table.Columns.Length)]);
        var row = new Datum[table.Columns.Length];
        using var cursor = Transaction.Scan(build.Next.Length == 0 ? codec.Prefix : build.Next, codec.PrefixEnd);
        byte[] key = [];
        long bytes = 0;
        for (var rows = 0; ; rows++)
        {
            if (rows == build.Size || bytes > MaxBytes)
            {
                build.Reached([.. key, 0]);
                return;
            }

            environment.Interrupt.ThrowIfCancellationRequested();
            if (!cursor.MoveNext())
            {
                build.Reached(null);
                return;
            }

            key = cursor.Key.ToArray();
            bytes += key.Length + cursor.Value.Length;
            reader.Read(cursor.Key, cursor.Value, row);
            writer.Restore(row);
            await writer.FillEntryAsync(writer.Template.Indexes[0], key, cancellationToken);
        }
    }

    /// <summary>One row that is locked first: its change by others is waited for, and no read is left that could be out of date.</summary>
    private async ValueTask FillLockedAsync(TableDescriptor table, TableWriter writer)
    {
        var codec = RowCodec.Of(table);
        if (FirstKey(build.Next.Length == 0 ? codec.Prefix : build.Next, codec.PrefixEnd) is not { } key)
        {
            build.Reached(null);
            return;
        }

        await Transaction.LockAsync(key, LockMode.Share, LockWaitPolicy.Wait, cancellationToken);
        var row = new Datum[table.Columns.Length];
        if (ReadLatest(codec, key, row))
        {
            writer.Restore(row);
            await writer.FillEntryAsync(writer.Template.Indexes[0], key, cancellationToken);
        }

        build.Reached([.. key, 0]);
    }

    private byte[]? FirstKey(byte[] lower, byte[] upper)
    {
        using var cursor = Transaction.ScanLatest(lower, upper);
        return cursor.MoveNext() ? cursor.Key.ToArray() : null;
    }

    private bool ReadLatest(RowCodec codec, byte[] key, Datum[] row)
    {
        using var value = Transaction.GetLatest(key);
        if (value.Found)
            codec.CreateReader([.. Enumerable.Range(0, row.Length)]).Read(key, value.Value, row);
        return value.Found;
    }
}
