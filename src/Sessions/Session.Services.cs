using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.Sessions.Settings;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>What expressions and catalog views ask of the session; identity; LISTEN and NOTIFY; sequences.</summary>
public sealed partial class Session : ISessionServices
{
    private const int MaxQueuedNotifications = 10_000;

    private readonly Dictionary<uint, long> _sequenceValues = [];
    private readonly List<(string Channel, string Payload)> _pendingNotifications = [];
    private readonly List<(string? Channel, bool Listen)> _pendingListens = [];
    private readonly HashSet<string> _channels = new(StringComparer.Ordinal);
    private readonly Queue<Notification> _inbox = new();
    private uint _lastSequence;
    private ImmutableArray<uint> _searchPath;
    private (long Catalog, int Settings, uint Role, bool HasChanges) _searchPathKey;

    /// <summary>Raised on any thread when a notification waits and the client may be idle.</summary>
    public event Action? NotificationArrived;

    public bool IsListening => _channels.Count != 0;

    public ICatalogSnapshot Catalog => _catalogTransaction?.Snapshot ?? _host.Catalog.Current;

    public IGate Gate => _host.Gate;

    public string ApplicationName => Settings.Get("application_name") ?? "";

    public string? ClientAddress => _identity.ClientAddress;

    public int ClientPort => _identity.ClientPort;

    public string ServerVersion => _host.VersionText;

    public DateTimeOffset ServerStartTime => _host.StartedAt;

    public DateTimeOffset? LastLogin(uint role) => _host.Logins.Find(role);

    public ImmutableArray<uint> SearchPath
    {
        get
        {
            var catalog = Catalog;
            var key = (catalog.Version, Settings.Version, Principal.CurrentUser, _catalogTransaction?.HasChanges == true);
            if (_searchPath.IsDefault || key != _searchPathKey || key.Item4)
            {
                _searchPath = ResolveSearchPath(catalog);
                _searchPathKey = key;
            }

            return _searchPath;
        }
    }

    /// <summary>What pg_stat_activity shows. Any thread.</summary>
    public SessionActivity Activity() => new(
        BackendPid, Database, Principal, ApplicationName, ClientAddress, ClientPort, StartedAt, _block == BlockState.Idle ? null : _transactionStartedAt, _statementStartedAt,
        _running ? "active" : _block switch { BlockState.InBlock => "idle in transaction", BlockState.Failed => "idle in transaction (aborted)", _ => "idle" }, _activityText, _identity.UsesTls);

    public void Notice(SqlNotice notice)
    {
        if (SeverityRank(notice.Severity) >= SeverityRank(Settings.Get("client_min_messages")!))
            _sink.Notice(notice);
    }

    public long NextSequenceValue(SequenceDescriptor sequence)
    {
        if (_readOnly && sequence.TemporarySession is null)
            throw SessionErrors.ReadOnly("nextval()");
        var value = _host.Sequences.Next(sequence);
        _sequenceValues[sequence.Id] = value;
        _lastSequence = sequence.Id;
        return value;
    }

    public long CurrentSequenceValue(SequenceDescriptor sequence) => _sequenceValues.TryGetValue(sequence.Id, out var value)
        ? value
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"currval of sequence \"{sequence.Name}\" is not yet defined in this session");

    public void SetSequenceValue(SequenceDescriptor sequence, long value, bool isCalled)
    {
        if (_readOnly && sequence.TemporarySession is null)
            throw SessionErrors.ReadOnly("setval()");
        _host.Sequences.Set(sequence, value, isCalled);
        if (isCalled)
        {
            _sequenceValues[sequence.Id] = value;
            _lastSequence = sequence.Id;
        }
    }

    public long? ReadSequence(SequenceDescriptor sequence) => _host.Sequences.Read(sequence) is (var last, true) ? last : null;

    public long LastSequenceValue() => _lastSequence != 0 && _sequenceValues.TryGetValue(_lastSequence, out var value)
        ? value
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    /// <summary>pg_cancel_backend and pg_terminate_backend: one's own role's sessions, those of roles one belongs to, and with CANCELQUERY any but an admin's. 42501 otherwise.</summary>
    public bool SignalBackend(int pid, bool terminate)
    {
        if (_host.Registry.Find(pid) is not { } target)
        {
            Notice(new SqlNotice("WARNING", SqlState.Warning, $"PID {pid} is not a PostgreSQL server process"));
            return false;
        }

        var catalog = Catalog;
        var gate = _host.Gate;
        var allowed = gate.IsAdmin(Principal.CurrentUser, catalog) || (!gate.IsAdmin(target.Principal.SessionUser, catalog) &&
            (gate.IsMember(Principal.CurrentUser, target.Principal.SessionUser, catalog) || gate.HasSystemPrivilege(Principal.CurrentUser, Privilege.CancelQuery, catalog)));
        if (!allowed)
        {
            throw new SqlException(SqlState.InsufficientPrivilege,
                terminate ? "must be a member of the role whose process is being terminated or have the CANCELQUERY privilege" : "must be a member of the role whose query is being canceled or have the CANCELQUERY privilege");
        }

        if (terminate)
            target.Terminate();
        else
            target.Cancel();
        return true;
    }

    /// <summary>Hands waiting notifications to the sink; called when the client is between statements and outside a transaction block.</summary>
    public void FlushNotifications()
    {
        if (_block is BlockState.InBlock or BlockState.Failed)
            return;
        lock (_inbox)
        {
            while (_inbox.TryDequeue(out var notification))
                _sink.Notification(notification.ProcessId, notification.Channel, notification.Payload);
        }
    }

    internal void Deliver(Notification notification)
    {
        lock (_inbox)
        {
            if (_inbox.Count < MaxQueuedNotifications)
            {
                _inbox.Enqueue(notification);
                notification = default;
            }
        }

        // Who does not read them must not believe to have had them all.
        if (notification.Channel is not null)
            Terminate(SessionErrors.NotificationsUnread());

        NotificationArrived?.Invoke();
    }

    public void QueueNotification(string channel, string payload)
    {
        if (channel.Length is 0 or > 63)
            throw new SqlException(SqlState.InvalidParameterValue, channel.Length == 0 ? "channel name cannot be empty" : "channel name too long");
        if (payload.Length >= 8000)
            throw new SqlException(SqlState.InvalidParameterValue, "payload string too long");
        if (_pendingNotifications.Count >= MaxQueuedNotifications)
            throw SessionErrors.TooMany("notifications in one transaction", MaxQueuedNotifications);
        if (!_pendingNotifications.Contains((channel, payload)))
            _pendingNotifications.Add((channel, payload));
    }

    private void PublishNotifications()
    {
        if (_pendingListens.Count != 0)
        {
            foreach (var (channel, listen) in _pendingListens)
                ApplyListen(channel, listen);
            _pendingListens.Clear();
        }

        if (_pendingNotifications.Count == 0)
            return;
        foreach (var (channel, payload) in _pendingNotifications)
            _host.Notifications.Notify(Database.Id, BackendPid, channel, payload);
        _pendingNotifications.Clear();
    }

    private void ApplyListen(string? channel, bool listen)
    {
        if (channel is null)
            UnlistenAll();
        else if (listen && _channels.Add(channel))
            _host.Notifications.Listen(channel, this);
        else if (!listen && _channels.Remove(channel))
            _host.Notifications.Unlisten(channel, this);
    }

    private void UnlistenAll()
    {
        foreach (var channel in _channels)
            _host.Notifications.Unlisten(channel, this);
        _channels.Clear();
    }

    private string? _schemaBeingCreated;

    private ImmutableArray<uint> ResolveSearchPath(ICatalogSnapshot catalog)
    {
        var path = ImmutableArray.CreateBuilder<uint>();
        var names = SessionSettings.SplitList("search_path", Settings.Get("search_path")!);
        var temporary = TemporarySchemaName;
        if (_schemaBeingCreated is { } created)
            Add(created);
        Add(temporary);
        if (!names.Contains("pg_catalog"))
            Add("pg_catalog");
        foreach (var name in names)
            Add(name switch { "$user" => Principal.CurrentUserName, "pg_temp" => temporary, _ => name });
        return path.ToImmutable();

        void Add(string name)
        {
            if (catalog.TryGetSchema(Database.Id, name, out var schema) && !path.Contains(schema.Id))
                path.Add(schema.Id);
        }
    }

    private string TemporarySchemaName => $"pg_temp_{BackendPid}";

    private async ValueTask DropTemporaryObjectsAsync()
    {
        var catalog = _host.Catalog.Current;
        var current = _database;
        // The session may have made some in other databases before USE.
        foreach (var database in catalog.Databases.Where(d => catalog.TryGetSchema(d.Id, TemporarySchemaName, out _)).ToList())
        {
            SwitchTo(database);
            try
            {
                await DropTemporarySchemaAsync();
            }
            finally
            {
                SwitchTo(current);
            }
        }
    }

    private async ValueTask DropTemporarySchemaAsync()
    {
        var text = $"DROP SCHEMA IF EXISTS {TemporarySchemaName} CASCADE";
        var portal = new Portal("", new PreparedStatement(text, _host.Engine.Parse(text)[0], []), [], ResultFormats.Text);
        var wasIdle = _block == BlockState.Idle;
        if (_disposed)
            Uninterrupt();
        try
        {
            portal.Result = await StartAsync(portal.Statement, []);
            await portal.CloseAsync();
            if (wasIdle)
                await CommitTransactionAsync();
        }
        catch (Exception e) when (_disposed)
        {
            // The client has gone; what is left of its temporary tables is dropped at the next start.
            _host.Logger.RollbackFailed(BackendPid, e);
            await AbortTransactionAsync();
        }
    }

    private void SetRole(SetRoleStatement statement)
    {
        var catalog = Catalog;
        RememberPrincipal(statement.Local);
        if (statement.Role is not { } name)
        {
            RestorePrincipal(Principal with { CurrentUser = Principal.SessionUser, CurrentUserName = Principal.SessionUserName });
            Settings.SetFact("role", "none");
            return;
        }

        var role = FindRole(name, catalog);
        RoleRules.RequireSetRole(Principal.SessionUser, role.Id, role.Name, _host.Gate, catalog);
        RestorePrincipal(Principal with { CurrentUser = role.Id, CurrentUserName = role.Name });
        Settings.SetFact("role", role.Name);
    }

    /// <summary>A role that was taken on counts as long as it might be taken on: a REVOKE reaches sessions that are in it. RESET ROLE leads out.</summary>
    private void RequireRoles(ICatalogSnapshot catalog)
    {
        RoleRules.RequireSetSessionUser(_identity.Role.Id, Principal.SessionUser, _host.Gate, catalog);
        if (Principal.CurrentUser != Principal.SessionUser)
            RoleRules.RequireSetRole(Principal.SessionUser, Principal.CurrentUser, Principal.CurrentUserName, _host.Gate, catalog);
    }

    /// <summary>LOCAL lasts until the end of the transaction, also when it commits; what is set without it later in the same transaction stays.</summary>
    private void RememberPrincipal(bool local)
    {
        if (local && _block != BlockState.InBlock)
            Notice(new SqlNotice("WARNING", SqlState.NoActiveSqlTransaction, "SET LOCAL can only be used in transaction blocks"));
        _principalAtCommit = local ? _principalAtCommit ?? Principal : null;
    }

    /// <summary>Goes back to an earlier principal, with the parameters that tell of it.</summary>
    private void BecomePrincipal(Principal principal)
    {
        if (Principal == principal)
            return;
        RestorePrincipal(principal);
        Settings.SetFact("session_authorization", principal.SessionUserName);
        Settings.SetFact("role", principal.CurrentUser == principal.SessionUser ? "none" : principal.CurrentUserName);
        Settings.SetFact("is_superuser", _host.Gate.IsAdmin(principal.SessionUser, _host.Catalog.Current) ? "on" : "off");
    }

    private void SetSessionAuthorization(SetSessionAuthorizationStatement statement)
    {
        RememberPrincipal(statement.Local);
        var own = _identity.Role;
        if (statement.Role is { } name)
        {
            var role = FindRole(name, Catalog);
            RoleRules.RequireSetSessionUser(own.Id, role.Id, _host.Gate, Catalog);
            own = role;
        }

        RestorePrincipal(new Principal(own.Id, own.Name, own.Id, own.Name));
        Settings.SetFact("session_authorization", own.Name);
        Settings.SetFact("role", "none");
        Settings.SetFact("is_superuser", _host.Gate.IsAdmin(own.Id, Catalog) ? "on" : "off");
    }

    private RoleDescriptor FindRole(RoleName name, ICatalogSnapshot catalog)
    {
        var text = name.Special switch
        {
            "CURRENT_USER" or "CURRENT_ROLE" => Principal.CurrentUserName,
            "SESSION_USER" => Principal.SessionUserName,
            _ => name.Name,
        };
        // "node" is the nodes' own identity and "public" is nobody: neither can be taken on.
        return catalog.TryGetRole(text, out var role) && role.Id is not (RoleIds.Node or RoleIds.Public)
            ? role
            : throw new SqlException(SqlState.InvalidParameterValue, $"role \"{text}\" does not exist");
    }

    /// <summary>Plans were bound for a role: with another one they are made anew.</summary>
    private void RestorePrincipal(Principal principal)
    {
        if (Principal == principal)
            return;
        Principal = principal;
        _searchPath = default;
    }

    private UtilityResult CancelOther(CancelStatement statement)
    {
        var text = statement.Target switch
        {
            LiteralExpression literal => literal.Text,
            _ => throw new SqlException(SqlState.FeatureNotSupported, "CANCEL takes a session's number"),
        };
        if (!int.TryParse(text, out var pid))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid session id: {text}");
        SignalBackend(pid, statement.IsSession);
        return new UtilityResult(statement.IsSession ? "CANCEL SESSIONS 1" : "CANCEL QUERIES 1");
    }

    private static int SeverityRank(string severity) => severity.ToLowerInvariant() switch
    {
        "debug5" => 1,
        "debug4" => 2,
        "debug3" => 3,
        "debug2" => 4,
        "debug1" => 5,
        "debug" => 5,
        "log" => 6,
        "notice" => 7,
        "warning" => 8,
        "error" => 9,
        _ => 10,
    };
}

/// <summary>One row of pg_stat_activity.</summary>
public sealed record SessionActivity(
    int ProcessId, DatabaseDescriptor Database, Principal Principal, string ApplicationName, string? ClientAddress, int ClientPort, DateTimeOffset BackendStart,
    DateTimeOffset? TransactionStart, DateTimeOffset QueryStart, string State, string Query, bool UsesTls);
