using Chitin.Cryptography;
using Chitin.Server;
using Chitin.Server.Configuration;
using Chitin.Storage;
using Chitin.Testing;
using Npgsql;

namespace Chitin.WireTests;

/// <summary>A node of one test, which may be stopped, damaged and started again: encrypted, without TLS, every name may sign in. Its disk can be made to fail.</summary>
internal sealed class ScratchNode : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private CancellationTokenSource? _stop;
    private readonly string? _disk;
    private int _port;

    /// <param name="disk">Where the store is to be, when not with the node's other files.</param>
    public ScratchNode(string? disk = null)
    {
        _disk = disk;
        StoreKeyFile.Create(_directory.File("store.key"));
    }

    /// <summary>Between the running node and its store.</summary>
    public FaultyStore Disk { get; private set; } = null!;

    /// <summary>The exit code of the running, or last, node.</summary>
    public Task<int> Exit { get; private set; } = Task.FromResult(0);

    public string StoreDirectory => Path.Combine(_disk ?? _directory.Path, "store");

    public string DatabaseDirectory => Path.Combine(StoreDirectory, "db");

    public string Log
    {
        get
        {
            using var file = new FileStream(_directory.File("logs/chitin.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
    }

    public static async Task<ScratchNode> StartAsync(string? disk = null)
    {
        var node = new ScratchNode(disk);
        await node.StartAgainAsync();
        return node;
    }

    public async Task StartAgainAsync() => Assert.Null(await TryStartAsync());

    /// <summary>Null when it serves; its exit code when it did not start.</summary>
    public async Task<int?> TryStartAsync()
    {
        var ready = new Readiness();
        _stop?.Dispose();
        _stop = new CancellationTokenSource();
        var options = new ServerOptions
        {
            Insecure = true,
            StoreDirectory = StoreDirectory,
            Encryption = new EncryptionSpecification { Path = StoreDirectory, Key = _directory.File("store.key"), OldKey = EncryptionSpecification.Plain },
            ListenAddress = new ListenAddress("127.0.0.1", 0),
            HttpAddress = new ListenAddress("127.0.0.1", 0),
            CacheBytes = 16L << 20,
            LogDirectory = _directory.File("logs"),
            AuditDirectory = _directory.File("logs"),
            DrainTimeout = TimeSpan.FromSeconds(2),
            HousekeepingInterval = TimeSpan.FromSeconds(_disk is null ? 60 : 0.5),
            Disk = store => Disk = new FaultyStore(store),
        };
        Exit = Task.Run(() => ServerHost.RunAsync(options, ready, _stop.Token));
        if (await Task.WhenAny(ready.Endpoints, Exit) == Exit)
            return await Exit;
        _port = (await ready.Endpoints).SqlPort;
        return null;
    }

    /// <summary>An orderly end.</summary>
    public async Task StopAsync()
    {
        await _stop!.CancelAsync();
        Assert.Equal(0, await Exit);
    }

    /// <summary>Puts the store as it is now aside, as a kill would leave it.</summary>
    public void TakeImage(string name = "image") => TemporaryDirectory.CopyStore(StoreDirectory, _directory.File(name));

    /// <summary>The stopped node's store becomes the image again.</summary>
    public void RestoreImage(string name = "image")
    {
        Directory.Delete(StoreDirectory, recursive: true);
        TemporaryDirectory.CopyStore(_directory.File(name), StoreDirectory);
    }

    public async Task<NpgsqlConnection> OpenAsync(string user = "root")
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={_port};Username={user};Database=defaultdb;SSL Mode=Disable;Pooling=false;Timeout=30");
        await connection.OpenAsync();
        return connection;
    }

    public async Task RunAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await RunningNode.Execute(connection, sql);
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await OpenAsync();
        return await RunningNode.Scalar(connection, sql);
    }

    /// <summary>The SQLSTATE that a statement ends with.</summary>
    public async Task<string> FailAsync(string sql)
    {
        await using var connection = await OpenAsync();
        return await FailAsync(connection, sql);
    }

    public static async Task<string> FailAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            await RunningNode.Execute(connection, sql);
            return "00000";
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
    }

    /// <summary>As <see cref="FailAsync(NpgsqlConnection, string)"/>; Npgsql leaves a connection after errors of classes 53, 58 and XX, and here it comes back.</summary>
    public static async Task<string> FailAndReopenAsync(NpgsqlConnection connection, string sql)
    {
        var state = await FailAsync(connection, sql);
        await ReopenAsync(connection);
        return state;
    }

    public static async Task ReopenAsync(NpgsqlConnection connection)
    {
        if (connection.State == System.Data.ConnectionState.Open)
            return;
        await connection.CloseAsync();
        await connection.OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop is { } stop)
        {
            await stop.CancelAsync();
            await Exit;
            stop.Dispose();
        }

        _directory.Dispose();
    }

    private sealed class Readiness : IReadinessSink
    {
        private readonly TaskCompletionSource<ServerEndpoints> _endpoints = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ServerEndpoints> Endpoints => _endpoints.Task;

        public void Ready(ServerEndpoints endpoints) => _endpoints.TrySetResult(endpoints);
    }
}
