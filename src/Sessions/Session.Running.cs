using System.Diagnostics;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;
using Chitin.Storage;

namespace Chitin.Sessions;

/// <summary>Running one statement: checks, the gate, rows, the audit record.</summary>
public sealed partial class Session
{
    /// <summary>What an audited query may hold back until its record is written; with more, the record is written before the first byte leaves and does not count the rows.</summary>
    private const int MaxHeldRows = 10_000;
    private const long MaxHeldBytes = 4 << 20;

    /// <summary>How often definitions may change between a plan and its locks.</summary>
    private const int MaxPlans = 20;

    private long _statementTimestamp;
    private DateTimeOffset _statementStartedAt;
    private long _startedTicks;
    private PreparedStatement? _engineStatement;
    private Datum[] _engineParameters = [];

    /// <summary>The catalog that the statement's accesses refer to: as it was before the statement, which may be a DROP.</summary>
    private ICatalogSnapshot? _engineCatalog;

    /// <summary>The statement is on record although it still runs.</summary>
    private bool _isOnRecord;

    /// <summary>Where the statement's output begins.</summary>
    private long _runMark;
    private bool _denied;
    private bool _running;
    private string _activityText = "";

    /// <summary>How often what runs was run before, after serialization failures.</summary>
    private int _retries;
    private long _transactionCount;
    private int _statementInTransaction;

    /// <summary>The transaction has run more than short statements: its end may take long too.</summary>
    private bool _isLong;

    /// <summary>Runs a portal for at most <paramref name="maxRows"/> rows (0 = all). Returns the command tag, or null when it was suspended.</summary>
    private async ValueTask<string?> RunPortalAsync(Portal portal, long maxRows, bool describe)
    {
        var statement = portal.Statement;
        if (!IsShort(statement))
        {
            _isLong = true;
            await WorkerThread.SwitchAsync();
        }

        BeginRun(statement);
        try
        {
            if (portal.Result is null)
            {
                if (portal.IsDone)
                    return statement.Syntax is QueryStatement ? "SELECT 0" : throw SessionErrors.PortalDone(portal.Name);
                RequireUsable(statement.Syntax!);
                portal.Result = await StartAsync(statement, portal.Parameters);
                (portal.EngineStatement, portal.EngineParameters) = (_engineStatement, _engineParameters);
            }
            else
                (_engineStatement, _engineParameters) = (portal.EngineStatement, portal.EngineParameters);

            var sent = 0L;
            if (statement.Columns is { } columns)
            {
                _sink.BeginRows(columns, portal.Formats, describe, CurrentFormat());
                sent = await SendRowsAsync(statement, portal.Result, maxRows);
                if (maxRows > 0 && sent == maxRows)
                {
                    if (!_isOnRecord)
                        Audit(statement, "00000", sent, Since(_startedTicks));
                    return null;
                }
            }

            var result = portal.Result;
            var tag = result.CommandTag(sent);
            portal.Result = null;
            portal.IsDone = true;
            await result.DisposeAsync();
            var elapsed = Since(_startedTicks);
            _host.Metrics.StatementDone(elapsed, sent);
            if (!_isOnRecord)
                Audit(statement, "00000", sent != 0 ? sent : result.AffectedRows, elapsed);
            return tag;
        }
        finally
        {
            EndRun();
        }
    }

    private async ValueTask<long> SendRowsAsync(PreparedStatement statement, IStatementResult result, long maxRows)
    {
        var sent = 0L;
        var start = _sink.Mark();
        var mayFlush = _engineStatement is not { IsAudited: true };
        while (maxRows == 0 || sent < maxRows)
        {
            var move = result.MoveNextAsync(_interrupt.Token);
            if (!(move.IsCompletedSuccessfully ? move.Result : await move))
                return sent;
            _sink.Row(result.Row);
            sent++;
            if (!_sink.WantsFlush)
                continue;
            if (!mayFlush)
            {
                if (sent < MaxHeldRows && _sink.Mark() - start < MaxHeldBytes)
                    continue;
                AuditStream(statement);
                mayFlush = true;
            }

            await _sink.FlushAsync(_interrupt.Token);
        }

        return sent;
    }

    /// <summary>Older definitions may have to be read before an older row.</summary>
    private bool IsShort(PreparedStatement statement) => statement.Plan is { } plan
        ? plan.IsShort && _asOf is null && AskedTime(statement.Syntax!) is null
        : statement.Syntax is BeginStatement or SavepointStatement or ReleaseSavepointStatement or SetTransactionStatement || (statement.Syntax is CommitStatement or RollbackStatement && !_isLong);

    /// <summary>In a failed block only its end is understood.</summary>
    private void RequireUsable(Statement syntax)
    {
        if (_block == BlockState.Failed && syntax is not (CommitStatement or RollbackStatement or RollbackToSavepointStatement or ShowStatement { Kind: "TRANSACTION STATUS" }))
            throw SessionErrors.InFailedTransaction();
    }

    private ValueTask<IStatementResult> StartAsync(PreparedStatement statement, Datum[] parameters)
    {
        var syntax = statement.Syntax!;
        return RunsHere(syntax) ? StartUtilityAsync(statement, syntax, parameters) : StartEngineAsync(statement, parameters);
    }

    /// <summary>CREATE SCHEMA … CREATE TABLE …: the elements run as statements of their own, with the new schema first in the search path.</summary>
    private async ValueTask<IStatementResult> CreateSchemaAsync(PreparedStatement statement, CreateSchemaStatement schema)
    {
        if (schema.IfNotExists)
            throw new SqlException(SqlState.FeatureNotSupported, "CREATE SCHEMA IF NOT EXISTS cannot include schema elements");
        var result = await StartEngineAsync(new PreparedStatement(statement.Text, schema with { Elements = [] }, []), []);
        var before = _schemaBeingCreated;
        try
        {
            (_schemaBeingCreated, _searchPath) = (schema.Name ?? schema.Authorization?.Name, default);
            foreach (var element in schema.Elements.OrderBy(ElementOrder))
            {
                await using var made = await StartEngineAsync(new PreparedStatement(statement.Text, element, []), []);
                while (await made.MoveNextAsync(_interrupt.Token))
                {
                    // Definitions have no rows.
                }
            }
        }
        finally
        {
            (_schemaBeingCreated, _searchPath) = (before, default);
        }

        return result;
    }

    /// <summary>Sequences, tables, views, indexes, grants: an element may need those before it (transformCreateSchemaStmt).</summary>
    private static int ElementOrder(Statement element) => element switch
    {
        CreateSequenceStatement => 0,
        CreateTableStatement => 1,
        CreateViewStatement => 2,
        CreateIndexStatement => 3,
        _ => 4,
    };

    private async ValueTask<IStatementResult> StartEngineAsync(PreparedStatement statement, Datum[] parameters)
    {
        if (statement.Syntax is CreateSchemaStatement { Elements.IsEmpty: false } schema)
            return await CreateSchemaAsync(statement, schema);
        EnterTransaction();
        await EnterTimeAsync(statement.Syntax!);
        _statementInTransaction++;
        if (statement.Syntax is MaintenanceStatement { Vacuum: true } && _block == BlockState.InBlock)
            throw SessionErrors.NotInBlock("VACUUM");
        if (statement.Syntax is LockTableStatement && _block != BlockState.InBlock)
            throw SessionErrors.OnlyInBlock("LOCK TABLE");
        var environment = MakeEnvironment(
            statement.Syntax is CopyStatement { IsFrom: false } && _sink.CopySink is { } output ? new AuditedCopySink(output, this, statement) : null,
            mayBuildLater: statement is { Syntax: CreateIndexStatement, IsOneOfMany: false } && _block == BlockState.Implicit && _statementInTransaction == 1);
        await PrepareToRunAsync(statement, parameters, environment);
        if (statement.Plan!.ParameterTypes.Length > parameters.Length)
            throw SessionErrors.NoParameter(parameters.Length + 1);
        _dropsRoles |= statement.Syntax is DropRoleStatement;
        var result = await _host.Engine.ExecuteAsync(statement.Plan!, parameters, environment, _interrupt.Token);
        if (environment.IndexBuild is { } build)
            await BuildIndexAsync(build);
        return result;
    }

    /// <summary>Plan, gate, locks; again from the start when waiting for a lock has let a change in.</summary>
    private async ValueTask PrepareToRunAsync(PreparedStatement statement, Datum[] parameters, StatementEnvironment environment)
    {
        for (var attempt = 0; attempt < MaxPlans; attempt++)
        {
            EnsurePlan(statement, environment);
            _engineStatement = statement;
            _engineParameters = parameters;
            CheckAccess(statement);
            if (_readOnly && !statement.Plan!.IsReadOnly)
                throw SessionErrors.ReadOnly(statement.Syntax is CopyStatement { IsFrom: true } ? "COPY FROM" : CommandName(statement.Syntax!));
            if (await _host.Engine.LockAsync(statement.Plan!, environment, _interrupt.Token))
                return;
        }

        throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to concurrent change of definitions");
    }

    /// <summary>Plans the statement if it was not, or if what it was planned against has changed.</summary>
    private void EnsurePlan(PreparedStatement statement, StatementEnvironment environment)
    {
        if (statement.Plan is { } plan && ReferenceEquals(statement.PlannedFor, Principal) && plan.IsCurrent(environment) && (!statement.IsSimple || statement.MeansTheSame(Principal, Settings.Format)))
            return;
        // Its values were read for the types of before.
        if (statement is { IsLifted: true, Plan: not null })
            throw new LiftedStatementOutdatedException();
        PrepareTemporary(statement.Syntax!);
        var keeps = statement is { IsDescribed: true, IsSimple: false };
        var types = keeps && statement.Plan is not null ? [.. statement.ParameterTypes] : statement.DeclaredTypes;
        var fresh = _host.Engine.Prepare(statement.Syntax!, types, environment);
        if (keeps && !SameShape(statement.Columns, fresh.Columns))
            throw SessionErrors.PlanChanged();
        statement.SetPlan(fresh, Principal, Settings.Format);
    }

    private static bool SameShape(ImmutableArray<ResultColumn>? left, ImmutableArray<ResultColumn>? right)
    {
        if (left is null || right is null)
            return left is null && right is null;
        return left.Value.Length == right.Value.Length && left.Value.Zip(right.Value).All(p => p.First.Type.Oid == p.Second.Type.Oid && p.First.TypeModifier == p.Second.TypeModifier);
    }

    /// <summary>The one gate. A decision holds as long as the catalog's version does; a transaction that has changed the catalog asks anew each time.</summary>
    private void CheckAccess(PreparedStatement statement)
    {
        var catalog = _catalogTransaction!.Snapshot;
        _engineCatalog = catalog;
        var isPublished = !_catalogTransaction.HasChanges;
        if (isPublished && statement.CheckedVersion == catalog.Version)
            return;
        try
        {
            RequireRoles(catalog);
            _host.Gate.Check(statement.Plan!.Accesses, Principal, catalog);
        }
        catch (SqlException e) when (e.State == SqlState.InsufficientPrivilege)
        {
            _denied = true;
            throw;
        }

        statement.IsAudited = _host.Audit.Concerns(statement.Plan.Accesses, catalog, _host.Catalog.Current);
        statement.CheckedVersion = isPublished ? catalog.Version : -1;
    }

    private void BeginRun(PreparedStatement statement)
    {
        _startedTicks = Stopwatch.GetTimestamp();
        _statementStartedAt = _host.Clock.GetUtcNow();
        _statementTimestamp = Microseconds(_statementStartedAt);
        ForgetAudited();
        _runMark = _sink.Mark();
        _activityText = statement.Text;
        Arm();
    }

    private void EndRun() => Disarm();

    /// <summary>What fails from here on is not the statement that ran last.</summary>
    private void ForgetAudited()
    {
        _engineStatement = null;
        _engineParameters = [];
        _engineCatalog = null;
        _denied = false;
        _isOnRecord = false;
    }

    /// <summary>The record of a statement whose rows are about to leave while it runs: nothing of an audited table leaves before its access is on record.</summary>
    private void AuditStream(PreparedStatement statement)
    {
        if (_isOnRecord)
            return;
        Audit(statement, "00000", 0, Since(_startedTicks), streamed: true);
        _isOnRecord = true;
    }

    /// <summary>The record of a statement that touched an audited object or was denied. Throws when it cannot be written: the statement then fails.</summary>
    private void Audit(PreparedStatement statement, string sqlState, long rows, TimeSpan elapsed, string error = "", bool streamed = false)
    {
        if (_engineStatement is not { Plan: not null } engine || (!engine.IsAudited && !_denied))
            return;
        var record = MakeRecord(statement, engine, sqlState, rows, elapsed) with { Parameters = FormatParameters(engine), ErrorText = error, IsStreamed = streamed };
        try
        {
            _host.Audit.Record(record, _engineCatalog ?? Catalog, _host.Catalog.Current);
        }
        catch (SqlException) when (_sink.CanCut(_runMark))
        {
            // Rows that wait for the record do not leave with the error.
            _sink.Cut(_runMark, _sink.Mark());
            throw;
        }
    }

    private AuditedStatement MakeRecord(PreparedStatement statement, PreparedStatement engine, string sqlState, long rows, TimeSpan elapsed) => new()
    {
        StartedAt = _statementStartedAt,
        Principal = Principal,
        ApplicationName = ApplicationName,
        ClientAddress = ClientEndPoint(),
        SessionId = BackendPid,
        Database = Database.Name,
        CommandTag = CommandName(statement.Syntax!),
        // EXECUTE and FETCH say little: the statement that they run counts.
        Text = SqlText.HideSecrets(engine.Text),
        Accesses = engine.Plan!.Accesses,
        Duration = elapsed,
        Rows = rows,
        SqlState = sqlState,
        Denied = _denied,
        Retries = _retries,
        FullTableScan = engine.Plan!.FullTableScan,
        FullIndexScan = engine.Plan!.FullIndexScan,
        Transaction = _transactionCount,
        StatementInTransaction = _statementInTransaction,
    };

    private string ClientEndPoint() => _identity switch
    {
        { ClientAddress: null } => "",
        { ClientAddress: { } address, ClientPort: > 0 and var port } => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}" : $"{address}:{port}",
        { ClientAddress: { } address } => address,
    };

    private ImmutableArray<string> FormatParameters(PreparedStatement statement)
    {
        // The constants of a lifted statement stand in the text of the record.
        if (_engineParameters.Length == 0 || statement.IsLifted)
            return [];
        var format = CurrentFormat();
        var texts = ImmutableArray.CreateBuilder<string>(_engineParameters.Length);
        for (var i = 0; i < _engineParameters.Length; i++)
            texts.Add(_engineParameters[i].IsNull ? "NULL" : statement.ParameterTypes[i].Format(_engineParameters[i], format));
        return texts.MoveToImmutable();
    }

    /// <summary>Turns whatever went wrong into an error for the client, ends the transaction as PostgreSQL does, and records denied and failed statements.</summary>
    public async ValueTask<SqlException> FailAsync(Exception exception)
    {
        var error = ToSqlError(exception);
        _host.Metrics.StatementFailed();
        if (_engineStatement is { IsAudited: true } || _denied)
        {
            try
            {
                Audit(_engineStatement!, error.State.Code, 0, Since(_startedTicks), error.Message);
            }
            catch (Exception e) when (e is SqlException or IOException or StorageException)
            {
                error = ToSqlError(e);
            }
        }

        ForgetAudited();
        _retries = 0;
        await AbortTransactionAsync();
        _sink.Error(error);
        return error;
    }

    private SqlException ToSqlError(Exception exception)
    {
        switch (exception)
        {
            case SqlException { State.Code: "57014" } when _termination is { } termination:
                return termination;
            case SqlException { InnerException: StorageException { Kind: not StorageFailure.HistoryGone } disk } sql:
                _host.Logger.StorageFailed(disk.Kind.ToString(), BackendPid, disk.Message, disk);
                return sql;
            case SqlException sql:
                return sql;
            case OperationCanceledException when _interrupt.IsCancellationRequested:
                return InterruptError();
            case StorageException storage:
                _host.Logger.StorageFailed(storage.Kind.ToString(), BackendPid, storage.Message, storage);
                return FromStorage(storage);
            case InsufficientExecutionStackException:
                return new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
            case OutOfMemoryException:
                return new SqlException(SqlState.OutOfMemory, "out of memory");
            default:
                var incident = Guid.NewGuid();
                _host.Logger.InternalError(incident, BackendPid, exception);
                return new SqlException(SqlState.InternalError, "internal error") { Detail = $"Incident {incident}. The server's log has the details." };
        }
    }

    private static SqlException FromStorage(StorageException storage) => storage.Kind switch
    {
        StorageFailure.DiskFull => new SqlException(SqlState.DiskFull, "could not write: no space left on device"),
        StorageFailure.OutcomeUnknown => new SqlException(SqlState.StatementCompletionUnknown, "the outcome of the commit is unknown") { IsFatal = true },
        StorageFailure.Corruption => new SqlException(SqlState.DataCorrupted, "data on disk is damaged"),
        StorageFailure.HistoryGone => new SqlException(new SqlState("72000"), "snapshot too old"),
        _ => new SqlException(SqlState.IoError, "could not read or write the store"),
    };
}
