using Chitin.Catalog;
using Chitin.Security;
using Chitin.Sql.Execution;
using Chitin.Transactions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.Sessions;

/// <summary>What all sessions of a node share.</summary>
public sealed class SessionHost
{
    public required ISqlEngine Engine { get; init; }

    public required ITransactionManager Transactions { get; init; }

    public required ICatalog Catalog { get; init; }

    public required IGate Gate { get; init; }

    public required IAuditTrail Audit { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public ISpillArea? SpillArea { get; init; }

    /// <summary>What all statements and cursors may hold together.</summary>
    public SqlMemory Memory { get; init; } = SqlMemory.Unlimited;

    public SessionRegistry Registry { get; init; } = new();

    public NotificationHub Notifications { get; } = new();

    public SequenceService Sequences => _sequences ??= new SequenceService(Transactions);

    public LoginTimes Logins { get; init; } = new();

    public SessionMetrics Metrics { get; init; } = new();

    public DateTimeOffset StartedAt { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>version(): what the server is, after the PostgreSQL version that it stands in for.</summary>
    public string VersionText { get; init; } = $"PostgreSQL {Settings.SettingTable.ServerVersion} (Chitin)";

    public bool IsInsecure { get; init; }

    private SequenceService? _sequences;
}

/// <summary>Who signed in, to which database and from where; what the login found out.</summary>
public sealed record SessionIdentity
{
    public required RoleDescriptor Role { get; init; }

    public required DatabaseDescriptor Database { get; init; }

    public string? ClientAddress { get; init; }

    public int ClientPort { get; init; }

    public bool UsesTls { get; init; }

    /// <summary>cert, scram-sha-256, password, trust.</summary>
    public string AuthenticationMethod { get; init; } = "";

    /// <summary>Settings of the startup packet, in its order; they override those of the role.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Settings { get; init; } = [];
}
