using System.Diagnostics;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security;
using Chitin.Sessions.Settings;

namespace Chitin.Sessions;

/// <summary>
/// One signed-in user: settings, prepared statements, portals, cursors and the transaction state machine. It parses and plans through the engine, passes every statement through the
/// gate, records it in the audit trail and puts results into its sink.
/// </summary>
/// <remarks>Driven by one caller at a time. From other threads only <see cref="Cancel"/>, <see cref="Terminate"/>, and what pg_stat_activity reads.</remarks>
public sealed partial class Session : IAsyncDisposable
{
    private static readonly SettingDefinition s_statementTimeout = SettingTable.Find("statement_timeout")!;
    private static readonly SettingDefinition s_lockTimeout = SettingTable.Find("lock_timeout")!;
    private static readonly SettingDefinition s_idleTimeout = SettingTable.Find("idle_session_timeout")!;
    private static readonly SettingDefinition s_idleInTransactionTimeout = SettingTable.Find("idle_in_transaction_session_timeout")!;
    private static readonly SettingDefinition s_workMemory = SettingTable.Find("work_mem")!;
    private static readonly SettingDefinition s_rowSecurity = SettingTable.Find("row_security")!;
    private static readonly SettingDefinition s_defaultReadOnly = SettingTable.Find("default_transaction_read_only")!;
    private static readonly SettingDefinition s_defaultDeferrable = SettingTable.Find("default_transaction_deferrable")!;
    private static readonly SettingDefinition s_defaultIsolation = SettingTable.Find("default_transaction_isolation")!;
    private static readonly ImmutableArray<SettingDefinition> s_reported = [.. SettingTable.All.Where(d => d.IsReported)];

    private readonly SessionHost _host;
    private readonly IResultSink _sink;
    private readonly SessionIdentity _identity;
    private DatabaseDescriptor _database;
    private readonly string?[] _reported = new string?[s_reported.Length];
    private int _reportedVersion;
    private bool _disposed;

    private Session(SessionHost host, SessionIdentity identity, IResultSink sink)
    {
        _host = host;
        _sink = sink;
        _identity = identity;
        _database = identity.Database;
        Principal = new Principal(identity.Role.Id, identity.Role.Name, identity.Role.Id, identity.Role.Name);
        StartedAt = host.Clock.GetUtcNow();
        (BackendPid, CancelSecret) = host.Registry.Register(this);
    }

    /// <summary>
    /// Opens a session for somebody who has proven who they are. Checks CONNECT on the database (42501) and applies role settings and those of the startup packet
    /// (a wrong one of these is fatal).
    /// </summary>
    public static Session Open(SessionHost host, SessionIdentity identity, IResultSink sink)
    {
        var catalog = host.Catalog.Current;
        if (!host.Gate.Allows(identity.Role.Id, identity.Database, Privilege.Connect, false, catalog))
            throw SessionErrors.ConnectDenied(identity.Database.Name);
        var session = new Session(host, identity, sink);
        try
        {
            session.ApplyDefaults(catalog);
            return session;
        }
        catch
        {
            host.Registry.Remove(session);
            throw;
        }
    }

    public SessionSettings Settings { get; } = new();

    /// <summary>The process id that clients see; random.</summary>
    public int BackendPid { get; }

    /// <summary>The other half of the cancel key. Never shown but to the client itself.</summary>
    public int CancelSecret { get; }

    public long Id => BackendPid;

    public Principal Principal { get; private set; }

    /// <summary>Where unqualified names are looked up: the login's database until USE. Any thread may read it.</summary>
    public DatabaseDescriptor Database => _database;

    public SessionIdentity Identity => _identity;

    public DateTimeOffset StartedAt { get; }

    public TransactionState State => _block switch
    {
        BlockState.InBlock => TransactionState.InTransaction,
        BlockState.Failed => TransactionState.Failed,
        _ => TransactionState.Idle,
    };

    /// <summary>Sends ParameterStatus for every reported setting that changed since the last time; at login for all of them.</summary>
    public void ReportSettings()
    {
        if (_reportedVersion == Settings.Version)
            return;
        _reportedVersion = Settings.Version;
        for (var i = 0; i < s_reported.Length; i++)
        {
            var value = Settings[s_reported[i]].Text;
            if (string.Equals(_reported[i], value, StringComparison.Ordinal))
                continue;
            _reported[i] = value;
            _sink.ParameterStatus(s_reported[i].Name, value);
        }
    }

    /// <summary>How long the session may now wait for its client, and the fatal error at the end of it; null = for ever.</summary>
    public (TimeSpan Limit, SqlException Error)? IdleLimit()
    {
        var inTransaction = _block is BlockState.InBlock or BlockState.Failed;
        var limit = Settings.GetNumber(inTransaction ? s_idleInTransactionTimeout : s_idleTimeout);
        return limit == 0 ? null : (TimeSpan.FromMilliseconds(limit), inTransaction ? SessionErrors.IdleInTransaction() : SessionErrors.IdleSession());
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _host.Registry.Remove(this);
        UnlistenAll();
        // A block with savepoints too: nobody is left to roll back to one.
        if (_block != BlockState.Idle)
            _block = BlockState.Implicit;
        await AbortTransactionAsync();
        await CloseAllPortalsAsync(heldToo: true);
        RestorePrincipal(new Principal(_identity.Role.Id, _identity.Role.Name, _identity.Role.Id, _identity.Role.Name));
        await DropTemporaryObjectsAsync();
        Sql.Functions.SystemInformation.AdvisoryLockTable.Shared.ReleaseAll(this);
        _interrupt.Dispose();
        _terminated.Dispose();
    }

    public override string ToString() => $"session {BackendPid}";

    private void ApplyDefaults(ICatalogSnapshot catalog)
    {
        Settings.SetFact("session_authorization", Principal.SessionUserName);
        Settings.SetFact("is_superuser", _host.Gate.IsAdmin(Principal.SessionUser, catalog) ? "on" : "off");
        Settings.SetFact("ssl", _identity.UsesTls ? "on" : "off");
        Settings.SetDefault("database", _database.Name);
        // Precedence: role+database > role > all+database > all; root has none (SECURITY-SPEC 3.2). ALL is kept on the public role.
        if (Principal.SessionUser != RoleIds.Root)
        {
            var all = catalog.TryGet<RoleDescriptor>(RoleIds.Public, out var everyone) ? everyone.Settings : [];
            ApplyRoleSettings(all.Where(s => s.DatabaseId == 0));
            ApplyRoleSettings(all.Where(s => s.DatabaseId == Database.Id));
            ApplyRoleSettings(_identity.Role.Settings.Where(s => s.DatabaseId == 0));
            ApplyRoleSettings(_identity.Role.Settings.Where(s => s.DatabaseId == Database.Id));
        }

        foreach (var (name, value) in _identity.Settings)
        {
            try
            {
                if (name.Equals("database", StringComparison.OrdinalIgnoreCase))
                    throw SettingErrors.CannotChange("database");
                Settings.SetDefault(name, value);
            }
            catch (SqlException e)
            {
                throw new SqlException(e.State, e.Message) { Hint = e.Hint, Detail = e.Detail, IsFatal = true };
            }
        }
    }

    private void ApplyRoleSettings(IEnumerable<RoleSetting> settings)
    {
        foreach (var setting in settings)
        {
            try
            {
                Settings.SetDefault(setting.Name, setting.Value);
            }
            catch (SqlException e)
            {
                // As PostgreSQL: a role default that is no longer valid must not lock the role out.
                _host.Logger.RoleSettingIgnored(BackendPid, setting.Name, e.Message);
            }
        }
    }

    private static TimeSpan Since(long timestamp) => Stopwatch.GetElapsedTime(timestamp);
}

/// <summary>What ReadyForQuery tells.</summary>
public enum TransactionState : byte { Idle, InTransaction, Failed }
