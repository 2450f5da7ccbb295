using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sessions.Settings;
using Chitin.Sql.Execution;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.Syntax;
using Chitin.Storage;
using Chitin.Transactions;

namespace Chitin.Sessions;

/// <summary>
/// The transaction block state machine of PostgreSQL (src/backend/access/transam/README). An implicit transaction spans a simple Query message, or the extended-protocol messages up to Sync;
/// BEGIN makes it a block. The transaction below is begun by the first statement that needs one.
/// </summary>
public sealed partial class Session
{
    private readonly List<SavepointEntry> _savepoints = [];
    private readonly List<DeferredCheck> _deferredChecks = [];
    private readonly ConstraintModes _constraintModes = new();
    private BlockState _block;
    private bool _dropsRoles;
    private ITransaction? _transaction;
    private ICatalogTransaction? _catalogTransaction;
    private Principal? _principalAtStart;
    private Principal? _principalAtCommit;
    private long _transactionTimestamp;
    private DateTimeOffset _transactionStartedAt;
    private FormatSettings? _format;
    private CatalogNames? _oidNames;
    private int _formatVersion;
    private IsolationLevel _isolation;
    private string _isolationName = "serializable";
    private bool _deferrable;
    private bool _readOnly;
    private Timestamp? _asOf;

    private enum BlockState : byte { Idle, Implicit, InBlock, Failed }

    private sealed record SavepointEntry(string Name, int Transaction, int Catalog, SessionSettings.State Settings, bool ReadOnly, Principal Principal, int DeferredChecks, int Notifications);

    /// <summary>Starts an implicit transaction's book-keeping if none is under way.</summary>
    private void EnterTransaction()
    {
        if (_block != BlockState.Idle)
            return;
        _block = BlockState.Implicit;
        _transactionCount++;
        _statementInTransaction = 0;
        _transactionStartedAt = _host.Clock.GetUtcNow();
        _transactionTimestamp = Microseconds(_transactionStartedAt);
        _format = null;
        _principalAtStart = Principal;
        Settings.BeginTransaction();
        _isolationName = Settings[s_defaultIsolation].Text;
        _isolation = ToIsolation(_isolationName);
        _readOnly = Settings[s_defaultReadOnly].Number != 0;
        _deferrable = Settings[s_defaultDeferrable].Number != 0;
        _asOf = null;
    }

    private ITransaction EnsureTransaction()
    {
        if (_transaction is { } running)
            return running;
        _transaction = NewTransaction(_asOf);
        _catalogTransaction = _host.Catalog.Begin(_transaction);
        foreach (var savepoint in _savepoints)
            Invariant.Holds(savepoint.Transaction < 0, "savepoints before the first statement are empty");
        return _transaction;
    }

    private ITransaction NewTransaction(Timestamp? asOf) => _host.Transactions.Begin(new TransactionOptions
    {
        Isolation = _isolation,
        ReadOnly = _readOnly || asOf is not null,
        AsOf = asOf,
        LockTimeout = TimeSpan.FromMilliseconds(Settings.GetNumber(s_lockTimeout)),
    });

    private UtilityResult Begin(BeginStatement statement)
    {
        var tag = statement.IsStart ? "START TRANSACTION" : "BEGIN";
        if (_block == BlockState.InBlock)
        {
            Notice(new SqlNotice("WARNING", SqlState.ActiveSqlTransaction, "there is already a transaction in progress"));
            return new UtilityResult(tag);
        }

        EnterTransaction();
        _block = BlockState.InBlock;
        ApplyModes(statement.Modes);
        return new UtilityResult(tag);
    }

    private async ValueTask<UtilityResult> CommitBlockAsync(CommitStatement statement)
    {
        if (_block == BlockState.Failed)
        {
            await EndBlockByRollbackAsync(statement.Chain);
            return new UtilityResult("ROLLBACK");
        }

        if (_block != BlockState.InBlock)
        {
            if (statement.Chain)
                throw SessionErrors.OnlyInBlock("COMMIT AND CHAIN");
            Notice(new SqlNotice("WARNING", SqlState.NoActiveSqlTransaction, "there is no transaction in progress"));
        }

        var modes = CurrentModes;
        // From here on a failure ends the block: what cannot be committed is gone.
        _block = _block == BlockState.Idle ? BlockState.Idle : BlockState.Implicit;
        _retryAllowed = false;
        await CommitTransactionAsync();
        if (statement.Chain)
            Chain(modes);
        return new UtilityResult("COMMIT");
    }

    private async ValueTask<UtilityResult> RollbackBlockAsync(RollbackStatement statement)
    {
        if (_block is BlockState.Idle or BlockState.Implicit)
        {
            if (statement.Chain)
                throw SessionErrors.OnlyInBlock("ROLLBACK AND CHAIN");
            Notice(new SqlNotice("WARNING", SqlState.NoActiveSqlTransaction, "there is no transaction in progress"));
        }

        await EndBlockByRollbackAsync(statement.Chain);
        return new UtilityResult("ROLLBACK");
    }

    private async ValueTask EndBlockByRollbackAsync(bool chain)
    {
        var modes = CurrentModes;
        _block = BlockState.Implicit;
        await AbortTransactionAsync();
        if (chain)
            Chain(modes);
    }

    private (string Isolation, bool ReadOnly, bool Deferrable) CurrentModes => (_isolationName, _readOnly, _deferrable);

    private void Chain((string Isolation, bool ReadOnly, bool Deferrable) modes)
    {
        EnterTransaction();
        _block = BlockState.InBlock;
        (_isolationName, _readOnly, _deferrable) = modes;
        _isolation = ToIsolation(_isolationName);
    }

    /// <summary>Commits whatever is under way and goes to idle. When it throws, the state is as before, for <see cref="AbortTransactionAsync"/>.</summary>
    private async ValueTask CommitTransactionAsync()
    {
        if (_isLong)
            await WorkerThread.SwitchAsync();
        if (_transaction is { } transaction)
        {
            if (_deferredChecks.Count != 0)
                await RunDeferredChecksAsync();
            await CloseAllPortalsAsync(heldToo: false);
            if (_onCommit.Count != 0)
                await RunOnCommitAsync();
            await transaction.CommitAsync(CancellationToken.None);
            AdvisoryLockTable.Shared.ReleaseTransaction(this);
            _host.Metrics.Committed();
            await transaction.DisposeAsync();
            if (_dropsRoles)
                EndSessionsOfDroppedRoles();
        }
        else if (_portals.Count != 0 || _cursors.Count != 0 || _unnamedPortal is not null)
            await CloseAllPortalsAsync(heldToo: false);

        ForgetTransaction();
        if (_block != BlockState.Idle)
        {
            Settings.Commit();
            FollowDatabase();
            if (_principalAtCommit is { } principal)
                BecomePrincipal(principal);
        }

        _principalAtCommit = null;

        _block = BlockState.Idle;
        PublishNotifications();
    }

    /// <summary>Rolls back. An implicit transaction ends in idle; a block ends in the failed state, unless it was made implicit before (COMMIT, ROLLBACK).</summary>
    private async ValueTask AbortTransactionAsync()
    {
        if (_block == BlockState.Idle)
            return;
        await CloseAllPortalsAsync(heldToo: false, aborted: true);
        if (_block is BlockState.InBlock or BlockState.Failed && _savepoints.Count != 0)
        {
            // Work before a savepoint may still be wanted: ROLLBACK TO decides.
            _block = BlockState.Failed;
            return;
        }

        await RollbackEngineAsync();
        if (_block is BlockState.InBlock or BlockState.Failed)
        {
            _block = BlockState.Failed;
            return;
        }

        ForgetTransaction();
        Settings.Rollback();
        FollowDatabase();
        BecomePrincipal(_principalAtStart ?? Principal);
        _principalAtCommit = null;
        _pendingNotifications.Clear();
        _pendingListens.Clear();
        _block = BlockState.Idle;
    }

    private async ValueTask RollbackEngineAsync()
    {
        if (_transaction is not { } transaction)
            return;
        if (_isLong)
            await WorkerThread.SwitchAsync();
        (_transaction, _catalogTransaction) = (null, null);
        AdvisoryLockTable.Shared.ReleaseTransaction(this);
        _host.Metrics.RolledBack();
        try
        {
            await transaction.RollbackAsync();
            await transaction.DisposeAsync();
        }
        catch (Exception e) when (e is SqlException or StorageException or ObjectDisposedException or InvalidOperationException)
        {
            // A transaction that failed to commit is over already; what matters here is that the session forgets it.
            _host.Logger.RollbackFailed(BackendPid, e);
        }
    }

    private void ForgetTransaction()
    {
        (_transaction, _catalogTransaction, _format) = (null, null, null);
        _savepoints.Clear();
        _deferredChecks.Clear();
        _constraintModes.Clear();
        _runs.Clear();
        _retryAllowed = true;
        _isLong = false;
        _dropsRoles = false;
    }

    /// <summary>Whoever signed in as a role that is gone must not go on, least of all as a later role of that name.</summary>
    private void EndSessionsOfDroppedRoles()
    {
        var catalog = _host.Catalog.Current;
        foreach (var session in _host.Registry.Sessions)
        {
            if (!catalog.TryGet<RoleDescriptor>(session._identity.Role.Id, out _))
                session.Terminate(SessionErrors.RoleDropped());
        }
    }

    /// <param name="constraints">Null: all.</param>
    private async ValueTask RunDeferredChecksAsync(IReadOnlyCollection<uint>? constraints = null)
    {
        // A check may queue none: cascades of deferred constraints run before it is queued.
        var environment = MakeEnvironment();
        var checks = _deferredChecks.Where(c => constraints is null || constraints.Contains(c.Constraint)).ToArray();
        _deferredChecks.RemoveAll(c => constraints is null || constraints.Contains(c.Constraint));
        foreach (var check in checks)
            await check.RunAsync(environment);
    }

    private UtilityResult Savepoint(SavepointStatement statement)
    {
        RequireBlock("SAVEPOINT");
        // An open transaction makes the positions valid for all savepoints after this one.
        EnsureTransaction();
        _savepoints.Add(new SavepointEntry(statement.Name, _transaction!.SetSavepoint(), _catalogTransaction!.SetSavepoint(), Settings.Capture(), _readOnly, Principal, _deferredChecks.Count,
            _pendingNotifications.Count));
        return new UtilityResult("SAVEPOINT");
    }

    private UtilityResult Release(ReleaseSavepointStatement statement)
    {
        RequireBlock("RELEASE SAVEPOINT");
        var index = FindSavepoint(statement.Name);
        _savepoints.RemoveRange(index, _savepoints.Count - index);
        return new UtilityResult("RELEASE");
    }

    private async ValueTask<UtilityResult> RollbackToAsync(RollbackToSavepointStatement statement)
    {
        if (_block is not (BlockState.InBlock or BlockState.Failed))
            throw SessionErrors.OnlyInBlock("ROLLBACK TO SAVEPOINT");
        var index = FindSavepoint(statement.Name);
        var savepoint = _savepoints[index];
        await CloseAllPortalsAsync(heldToo: false, aborted: true);
        _transaction!.RollbackTo(savepoint.Transaction);
        _catalogTransaction!.RollbackTo(savepoint.Catalog);
        Settings.Restore(savepoint.Settings);
        _readOnly = savepoint.ReadOnly;
        FollowDatabase();
        BecomePrincipal(savepoint.Principal);
        _deferredChecks.RemoveRange(Math.Min(savepoint.DeferredChecks, _deferredChecks.Count), Math.Max(0, _deferredChecks.Count - savepoint.DeferredChecks));
        _pendingNotifications.RemoveRange(savepoint.Notifications, Math.Max(0, _pendingNotifications.Count - savepoint.Notifications));
        // The savepoint itself stays and may be rolled back to again.
        _savepoints.RemoveRange(index + 1, _savepoints.Count - index - 1);
        _savepoints[index] = savepoint with { Transaction = _transaction.SetSavepoint(), Catalog = _catalogTransaction.SetSavepoint() };
        _block = BlockState.InBlock;
        return new UtilityResult("ROLLBACK");
    }

    private int FindSavepoint(string name)
    {
        for (var i = _savepoints.Count - 1; i >= 0; i--)
        {
            if (_savepoints[i].Name == name)
                return i;
        }

        throw SessionErrors.UnknownSavepoint(name);
    }

    private void RequireBlock(string statement)
    {
        if (_block != BlockState.InBlock)
            throw SessionErrors.OnlyInBlock(statement);
    }

    private UtilityResult SetTransaction(SetTransactionStatement statement)
    {
        if (statement.SessionCharacteristics)
        {
            if (statement.Modes.Isolation is { } isolation)
                SetSetting("default_transaction_isolation", isolation, false);
            if (statement.Modes.ReadOnly is { } readOnly)
                SetSetting("default_transaction_read_only", readOnly ? "on" : "off", false);
            if (statement.Modes.Deferrable is { } deferrable)
                SetSetting("default_transaction_deferrable", deferrable ? "on" : "off", false);
        }
        else if (_block != BlockState.InBlock)
            Notice(new SqlNotice("WARNING", SqlState.NoActiveSqlTransaction, "SET TRANSACTION can only be used in transaction blocks"));
        else
            ApplyModes(statement.Modes);

        return new UtilityResult("SET");
    }

    private void ApplyModes(TransactionModes modes)
    {
        if (modes.Isolation is { } isolation)
            SetIsolation(isolation);
        if (modes.ReadOnly is { } readOnly)
            SetReadOnly(readOnly);
        if (modes.Priority is { } priority)
            Settings.Set("transaction_priority", priority, local: true);
        if (modes.Deferrable is { } deferrable)
            _deferrable = deferrable;
        if (modes.AsOf is { } asOf)
        {
            if (_transaction is not null)
                throw new SqlException(SqlState.ActiveSqlTransaction, "AS OF SYSTEM TIME must be set before any query");
            _asOf = AsOfTimes.Resolve(asOf, _transactionStartedAt, Settings.Format);
            _readOnly = true;
        }
    }

    private void SetIsolation(string name)
    {
        var isolation = ToIsolation(name);
        if (_transaction is not null && isolation != _isolation)
            throw new SqlException(SqlState.ActiveSqlTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query");
        (_isolation, _isolationName) = (isolation, name.ToLowerInvariant());
    }

    private void SetReadOnly(bool readOnly)
    {
        if (!readOnly && _readOnly && _transaction is not null)
            throw new SqlException(SqlState.ActiveSqlTransaction, "transaction read-write mode must be set before any query");
        _readOnly = readOnly;
    }

    /// <summary>READ UNCOMMITTED is READ COMMITTED, REPEATABLE READ is SERIALIZABLE: never weaker than asked for. SHOW gives back what was asked for.</summary>
    private static IsolationLevel ToIsolation(string name) => name.ToLowerInvariant() switch
    {
        "serializable" or "repeatable read" => IsolationLevel.Serializable,
        "read committed" or "read uncommitted" => IsolationLevel.ReadCommitted,
        _ => throw SettingErrors.InvalidValue("transaction_isolation", name),
    };

    private FormatSettings CurrentFormat()
    {
        if (_format is null || _formatVersion != Settings.Version)
        {
            _format = Settings.Format with { NowMicroseconds = _transactionTimestamp, OidNames = _oidNames ??= new CatalogNames(this) };
            _formatVersion = Settings.Version;
        }

        return _format;
    }

    /// <param name="copySink">Where COPY TO writes, when not straight to the client.</param>
    /// <param name="mayBuildLater">See <see cref="StatementEnvironment.MayBuildLater"/>.</param>
    private StatementEnvironment MakeEnvironment(ICopySink? copySink = null, bool mayBuildLater = false) =>
        MakeEnvironment(EnsureTransaction(), _catalogTransaction!, copySink, mayBuildLater);

    private StatementEnvironment MakeEnvironment(ITransaction transaction, ICatalogTransaction catalogTransaction, ICopySink? copySink = null, bool mayBuildLater = false) => new()
    {
        Transaction = transaction,
        CatalogTransaction = catalogTransaction,
        Session = this,
        Format = CurrentFormat(),
        TransactionTimestamp = _transactionTimestamp,
        StatementTimestamp = _statementTimestamp,
        WorkMemory = Settings.GetNumber(s_workMemory) * 1024,
        Memory = _host.Memory,
        SpillArea = _host.SpillArea,
        RowSecurity = Settings.GetNumber(s_rowSecurity) != 0,
        CopySource = _sink.CopySource,
        CopySink = copySink ?? _sink.CopySink,
        DeferredChecks = _deferredChecks,
        ConstraintModes = _constraintModes,
        Interrupt = _interrupt.Token,
        MayBuildLater = mayBuildLater,
    };

    /// <summary>Microseconds since 2000-01-01 UTC.</summary>
    private static long Microseconds(DateTimeOffset instant) => (instant.UtcTicks - 630_822_816_000_000_000) / 10;
}
