using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>A result column as RowDescription describes it.</summary>
public sealed record ResultColumn(string Name, SqlType Type, int TypeModifier, uint TableOid, short ColumnNumber);

/// <summary>The SQL engine as sessions see it: text → syntax → plan → rows. Holds no session state; safe for concurrent use.</summary>
/// <remarks>
/// Which statements it runs: queries, INSERT/UPDATE/DELETE, TRUNCATE, COPY, EXPLAIN, DDL, roles and privileges, SHOW of objects, ANALYZE/VACUUM. Statements about the session itself
/// (BEGIN … ROLLBACK, savepoints, SET/RESET/SHOW of variables, PREPARE/EXECUTE/DEALLOCATE, cursors, DISCARD, LISTEN/NOTIFY) are run by Sessions.
/// </remarks>
public interface ISqlEngine
{
    ImmutableArray<Statement> Parse(string sql);

    /// <summary>
    /// Binds and plans. Parameter types may be given for a prefix (null = infer). Errors: those of binding (42xxx). No privilege is checked here: the caller passes
    /// <see cref="IPreparedPlan.Accesses"/> to the gate before each execution, so that a grant or a revoke takes effect at the next statement.
    /// </summary>
    IPreparedPlan Prepare(Statement statement, ImmutableArray<SqlType?> parameterTypes, StatementEnvironment environment);

    /// <summary>
    /// Locks the relations that a plan uses (shared; exclusive for definitions) to the end of the transaction and brings the snapshot up to their definitions. False: something that the
    /// plan rests on has changed by then; prepare again, ask the gate again, lock again. Called after the gate has let the statement pass. AS OF SYSTEM TIME locks no reader's relations.
    /// 40001, 40P01, 55P03.
    /// </summary>
    ValueTask<bool> LockAsync(IPreparedPlan plan, StatementEnvironment environment, CancellationToken cancellationToken);

    /// <summary>
    /// Starts a plan that is locked. Data-changing statements, DDL and COPY run to their end before this returns (their RETURNING rows are buffered); queries stream from the cursor.
    /// Restarts (StatementRestartException) are handled inside for everything that runs to its end here, and for queries up to their first row.
    /// </summary>
    ValueTask<IStatementResult> ExecuteAsync(IPreparedPlan plan, Datum[] parameters, StatementEnvironment environment, CancellationToken cancellationToken);

    /// <summary>
    /// One step of an <see cref="IndexBuild"/>, in a transaction of its own that the caller commits; <see cref="IndexBuild.Committed"/> or <see cref="IndexBuild.Conflicted"/> tells the build how
    /// that ended. 40001: ask for the step again. 23505: the rows have duplicates. 42704: somebody has dropped the index.
    /// </summary>
    ValueTask BuildIndexAsync(IndexBuild build, StatementEnvironment environment, CancellationToken cancellationToken);

    /// <summary>Takes the definition and the entries of a build that failed away; in a transaction of its own.</summary>
    ValueTask AbandonIndexAsync(IndexBuild build, StatementEnvironment environment, CancellationToken cancellationToken);
}

/// <summary>An immutable plan; shared between executions, also at the same time.</summary>
public interface IPreparedPlan
{
    Statement Statement { get; }

    ImmutableArray<SqlType> ParameterTypes { get; }

    /// <summary>Null when the statement returns no rows.</summary>
    ImmutableArray<ResultColumn>? Columns { get; }

    AccessSet Accesses { get; }

    /// <summary>Whether the same user in the same database with the same search path would get the same plan under the catalog as it is now. When not, prepare again.</summary>
    bool IsCurrent(StatementEnvironment environment);

    /// <summary>A constant in it was read from the clock ('now', 'today'): a new text with the same words means another value.</summary>
    bool ReadsClock { get; }

    /// <summary>False when another value in the place of a parameter could be answered by a better plan, as where a table has partial indexes.</summary>
    bool FitsAllValues { get; }

    /// <summary>False when it changes data or definitions (refused in a read-only transaction with 25006).</summary>
    bool IsReadOnly { get; }

    /// <summary>It does so little that it may run on a thread which serves other sessions too; see <see cref="WorkerThread"/>.</summary>
    bool IsShort { get; }

    /// <summary>Somewhere in it all rows of a table, or all entries of a secondary index, are read.</summary>
    bool FullTableScan { get; }

    bool FullIndexScan { get; }

    /// <summary>Needs no transaction snapshot (SHOW, EXPLAIN without ANALYZE).</summary>
    bool IsUtility { get; }
}

/// <summary>Everything around one execution. Made by the session.</summary>
public sealed class StatementEnvironment
{
    public required ITransaction Transaction { get; init; }

    public required ICatalogTransaction CatalogTransaction { get; init; }

    public required ISessionServices Session { get; init; }

    public required FormatSettings Format { get; init; }

    /// <summary>Microseconds since 2000-01-01 UTC.</summary>
    public required long TransactionTimestamp { get; init; }

    public required long StatementTimestamp { get; init; }

    /// <summary>work_mem in bytes.</summary>
    public long WorkMemory { get; init; } = 4 << 20;

    /// <summary>Where sorts and hashes that outgrow <see cref="WorkMemory"/> go; null keeps all in memory (tests).</summary>
    public ISpillArea? SpillArea { get; init; }

    /// <summary>What this and all other statements may hold together.</summary>
    public SqlMemory Memory { get; init; } = SqlMemory.Unlimited;

    public bool RowSecurity { get; init; } = true;

    /// <summary>COPY FROM STDIN pulls its data here; null when the client cannot copy.</summary>
    public ICopySource? CopySource { get; init; }

    /// <summary>COPY TO STDOUT pushes here.</summary>
    public ICopySink? CopySink { get; init; }

    /// <summary>Deferred constraint checks of the transaction; run before commit by the session.</summary>
    public List<DeferredCheck> DeferredChecks { get; init; } = [];

    /// <summary>Checks of deferrable unique constraints that wait for the statement's end.</summary>
    public List<Func<StatementEnvironment, ValueTask>> StatementChecks { get; } = [];

    /// <summary>SET CONSTRAINTS, as far as the transaction has come.</summary>
    public ConstraintModes ConstraintModes { get; init; } = new();

    public CancellationToken Interrupt { get; init; }

    /// <summary>The statement is all that its transaction does, so that CREATE INDEX may leave the filling of the index to later transactions.</summary>
    public bool MayBuildLater { get; init; }

    /// <summary>The index that the statement has left to be filled; it is not there before <see cref="ISqlEngine.BuildIndexAsync"/> has come to its end.</summary>
    public IndexBuild? IndexBuild { get; set; }
}

public interface ICopySource
{
    /// <summary>Tells the client to send (CopyInResponse).</summary>
    ValueTask BeginAsync(CopyFormat format, int columns, CancellationToken cancellationToken);

    /// <summary>The next chunk; empty at the end (CopyDone). CopyFail throws 57014.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken);
}

public interface ICopySink
{
    ValueTask BeginAsync(CopyFormat format, int columns, CancellationToken cancellationToken);

    /// <summary>Where CopyData payloads are written; <see cref="FlushRowAsync"/> ends a row.</summary>
    System.Buffers.IBufferWriter<byte> Output { get; }

    ValueTask FlushRowAsync(CancellationToken cancellationToken);

    ValueTask EndAsync(CancellationToken cancellationToken);
}

/// <summary>A running or finished statement.</summary>
public interface IStatementResult : IAsyncDisposable
{
    /// <summary>Moves to the next row. Completes synchronously in nearly all cases (row locks may wait).</summary>
    ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken);

    /// <summary>The current row; reused by the next move.</summary>
    ReadOnlySpan<Datum> Row { get; }

    /// <summary>The command tag for CommandComplete, complete once all rows were read: SELECT 5, INSERT 0 1, CREATE TABLE.</summary>
    string CommandTag(long rowsSent);

    /// <summary>Rows inserted, updated, deleted; for audit.</summary>
    long AffectedRows { get; }

    /// <summary>Of a cursor's query: the tables, by id, of which each row of the result comes from one row.</summary>
    ImmutableArray<uint> KeyedTables => [];

    /// <summary>The primary key values of the current row, per keyed table.</summary>
    Datum[][] RowKeys() => [];
}
