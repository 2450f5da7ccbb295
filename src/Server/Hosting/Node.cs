using Chitin.Catalog;
using Chitin.Cryptography;
using Chitin.Cryptography.Certificates;
using Chitin.Security.Audit;
using Chitin.Security.Authorization;
using Chitin.Security.Credentials;
using Chitin.Server.Configuration;
using Chitin.Server.Http;
using Chitin.Server.PgWire;
using Chitin.Sessions;
using Chitin.Sessions.Settings;
using Chitin.Sql.Execution;
using Chitin.Sql.Execution.Ddl;
using Chitin.Sql.SystemViews;
using Chitin.Storage;
using Chitin.Transactions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.Hosting;

/// <summary>The parts of one node, put together from the disk up and taken apart in the opposite order.</summary>
internal sealed class Node : IAsyncDisposable
{
    private static readonly PasswordHasher s_hasher = new();

    private readonly ServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly RocksStore _store;
    private readonly TransactionManager _transactions;
    private readonly SessionHost _sessions;
    private readonly AuditTrail _audit;
    private readonly PgServices _services;
    private readonly NodeCertificates? _certificates;
    private readonly CancellationTokenSource _background = new();
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Housekeeping _housekeeping;
    private readonly Task _housekeepingLoop;
    private WebApplication? _application;

    private Node(ServerOptions options, ILoggerFactory loggers, TimeProvider clock, NodeCertificates? certificates, RocksStore store, IVersionedStore disk, TransactionManager transactions, SessionHost sessions, AuditTrail audit, IPasswordLogin? passwords)
    {
        _options = options;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Chitin.Server");
        _clock = clock;
        _certificates = certificates;
        _store = store;
        _transactions = transactions;
        _sessions = sessions;
        _audit = audit;
        _services = new PgServices
        {
            Options = options,
            Sessions = sessions,
            Certificates = certificates,
            Logger = _logger,
            Clock = clock,
            Login = new Login(sessions, options, passwords),
            Sockets = new SocketLimit(options.MaxConnections),
            Cancels = new CancelGate(sessions.Registry, clock, _logger),
        };
        transactions.Failed += cause => _failed.TrySetResult(cause);
        _ = store.Failed.ContinueWith(static (failure, source) => ((TaskCompletionSource<Exception>)source!).TrySetResult(failure.Result), _failed,
            CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        _housekeeping = new Housekeeping(new HistoryCollector(disk, transactions, clock, loggers.CreateLogger<HistoryCollector>()), sessions, clock, _logger);
        _housekeepingLoop = _housekeeping.RunAsync(options.HousekeepingInterval, _background.Token);
    }

    /// <summary>Completes with the cause when the node must stop at once.</summary>
    public Task<Exception> Failed => _failed.Task;

    public string EncryptionText => _store.GetMetrics().Algorithm == CipherAlgorithm.Plaintext ? "PLAINTEXT" : $"encrypted, {_store.GetMetrics().Algorithm}";

    /// <summary>Certificates, store, transactions, catalog, engine. What it throws names the file that is wrong; nothing stays open then.</summary>
    public static async Task<Node> OpenAsync(ServerOptions options, ILoggerFactory loggers, TimeProvider clock, CancellationToken cancellationToken)
    {
        var certificates = options.Insecure
            ? null
            : new NodeCertificates(CertificateDirectory.OpenForServer(options.CertsDirectory, options.CertPrincipalMap), clock, loggers.CreateLogger("Chitin.Certificates"));
        var opened = new Stack<IDisposable>();
        try
        {
            var store = RocksStore.Open(StoreOptionsOf(options), loggers.CreateLogger("Chitin.Storage"), clock);
            opened.Push(store);
            var disk = options.Disk(store);
            var transactions = new TransactionManager(disk, new LocalCommitLog(disk), clock, loggers.CreateLogger<TransactionManager>());
            opened.Push(transactions);
            var catalog = await CatalogStore.OpenAsync(transactions, cancellationToken);
            var passwords = options.Insecure ? null : new ScramLogin(await ServerSecrets.LoadScramMockAsync(catalog, transactions, cancellationToken), new LoginThrottle(clock), clock);
            var audit = new AuditTrail(AuditLogFile.Open(options.AuditDirectory, clock), loggers.CreateLogger("Chitin.Audit"));
            opened.Push(audit);
            var sessions = MakeSessions(options, loggers, clock, store, transactions, catalog, audit);
            await Leftovers.DropAsync(sessions);
            return new Node(options, loggers, clock, certificates, store, disk, transactions, sessions, audit, passwords);
        }
        catch
        {
            while (opened.TryPop(out var part))
                part.Dispose();
            throw;
        }
    }

    public async Task<ServerEndpoints> ListenAsync()
    {
        var metrics = new MetricsPage(_services, _transactions, _store.GetMetrics, _clock);
        var pages = new HttpPages(metrics, () => !_services.IsDraining && !_failed.Task.IsCompleted);
        (_application, var endpoints) = await Listeners.StartAsync(_options, _services, pages, _loggers);
        return endpoints;
    }

    public void ReloadCertificates() => _certificates?.Reload();

    /// <summary>No new sessions; idle ones end at once, busy ones get the drain time.</summary>
    public async Task DrainAsync()
    {
        _services.IsDraining = true;
        var registry = _sessions.Registry;
        _logger.Draining(registry.Count, _options.DrainTimeout.TotalSeconds);
        var deadline = _clock.GetUtcNow() + _options.DrainTimeout;
        while (registry.Count != 0 && _clock.GetUtcNow() < deadline)
        {
            foreach (var session in registry.Sessions)
            {
                if (session.Activity().State == "idle")
                    session.Terminate(LoginErrors.ShuttingDown());
            }

            await Task.Delay(50);
        }

        await AbortAsync();
    }

    /// <summary>Ends all sessions now.</summary>
    public async Task AbortAsync()
    {
        _services.IsDraining = true;
        foreach (var session in _sessions.Registry.Sessions)
            session.Terminate(LoginErrors.ShuttingDown());
        for (var i = 0; i < 40 && _sessions.Registry.Count != 0; i++)
            await Task.Delay(50);
    }

    public async ValueTask DisposeAsync()
    {
        await _background.CancelAsync();
        if (_application is { } application)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await application.StopAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // Connections that did not end in time are cut.
            }

            await application.DisposeAsync();
        }

        try
        {
            await _housekeepingLoop;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }

        if (!_failed.Task.IsCompleted)
        {
            _sessions.Sequences.Flush();
            await _housekeeping.EndAsync();
        }

        _audit.Dispose();
        _transactions.Dispose();
        _store.Dispose();
        _background.Dispose();
    }

    private static SessionHost MakeSessions(ServerOptions options, ILoggerFactory loggers, TimeProvider clock, RocksStore store, TransactionManager transactions, CatalogStore catalog, AuditTrail audit) => new()
    {
        Engine = new SqlEngine(SystemCatalog.Instance, new DdlServices { MakePasswordVerifier = s_hasher.MakeVerifier, IsInsecure = options.Insecure, Clock = clock }),
        Transactions = transactions,
        Catalog = catalog,
        Gate = new Gate(),
        Audit = audit,
        Clock = clock,
        Logger = loggers.CreateLogger("Chitin.Sessions"),
        SpillArea = new StoreSpillArea(store.Spill),
        Memory = new SqlMemory(options.SqlMemoryBytes),
        Logins = new LoginTimes(store),
        StartedAt = clock.GetUtcNow(),
        VersionText = $"PostgreSQL {SettingTable.ServerVersion} (Chitin {ServerHost.Version})",
        IsInsecure = options.Insecure,
    };

    private static StoreOptions StoreOptionsOf(ServerOptions options)
    {
        var encryption = options.Encryption is { } given
            ? new EncryptionOptions(options.StoreDirectory, given.Key, given.OldKey, given.RotationPeriod)
            : EncryptionOptions.Plain(options.StoreDirectory);
        if (options is { EncryptionIsDefault: true, Encryption: { } byDefault } && !File.Exists(byDefault.Key) && RocksStore.IsAbsent(options.StoreDirectory))
            StoreKeyFile.Create(byDefault.Key);
        return new StoreOptions { Directory = options.StoreDirectory, Encryption = encryption, CacheBytes = options.CacheBytes };
    }
}
