using Chitin.Cryptography;
using Chitin.Cryptography.Certificates;
using Chitin.Server;
using Chitin.Server.Configuration;
using Chitin.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(Chitin.WireTests.RunningNode))]

namespace Chitin.WireTests;

/// <summary>One secure node for all tests: TLS, an encrypted store, the user app with a password, who owns the database work.</summary>
public sealed class RunningNode : IAsyncLifetime, IReadinessSink
{
    public const string Password = "correct horse battery staple";

    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<ServerEndpoints> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<int> _run = Task.FromResult(0);

    public ServerEndpoints Endpoints { get; private set; } = new(0, 0);

    public string CertsDirectory => _directory.File("certs");

    public string StoreDirectory => _directory.File("store");

    public string LogDirectory => _directory.File("logs");

    public async ValueTask InitializeAsync()
    {
        var creation = new CertificateCreation { CertsDirectory = CertsDirectory, CaKey = _directory.File("ca.key") };
        var factory = new CertificateFactory(TimeProvider.System);
        factory.CreateCa(creation);
        factory.CreateNode(creation, ["localhost", "127.0.0.1"]);
        factory.CreateClient(creation, "root");
        factory.CreateClient(creation, "app");
        StoreKeyFile.Create(_directory.File("store.key"));
        var options = new ServerOptions
        {
            CertsDirectory = CertsDirectory,
            StoreDirectory = StoreDirectory,
            Encryption = new EncryptionSpecification { Path = StoreDirectory, Key = _directory.File("store.key"), OldKey = EncryptionSpecification.Plain },
            ListenAddress = new ListenAddress("127.0.0.1", 0),
            HttpAddress = new ListenAddress("127.0.0.1", 0),
            CacheBytes = 32L << 20,
            LogDirectory = LogDirectory,
            AuditDirectory = LogDirectory,
        };
        _run = ServerHost.RunAsync(options, this, _stop.Token);
        var first = await Task.WhenAny(_ready.Task, _run);
        Assert.True(first == _ready.Task, "the node did not start; see its log");
        Endpoints = await _ready.Task;
        await using var root = await OpenAsRootAsync();
        await Execute(root, $"CREATE USER app WITH PASSWORD '{Password}'");
        await Execute(root, "CREATE DATABASE work OWNER app");
    }

    public void Ready(ServerEndpoints endpoints) => _ready.TrySetResult(endpoints);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _stop.CancelAsync();
        Assert.Equal(0, await _run);
        _stop.Dispose();
        _directory.Dispose();
    }

    /// <summary>A connection by password, as an application would open it.</summary>
    public string ConnectionString(string user = "app", string database = "work", string password = Password) => new NpgsqlConnectionStringBuilder
    {
        Host = "localhost",
        Port = Endpoints.SqlPort,
        Username = user,
        Password = password,
        Database = database,
        SslMode = SslMode.VerifyFull,
        RootCertificate = Path.Combine(CertsDirectory, "ca.crt"),
        IncludeErrorDetail = true,
    }.ConnectionString;

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString());
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>By certificate.</summary>
    public async Task<NpgsqlConnection> OpenAsRootAsync(string database = "defaultdb")
    {
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString("root", database))
        {
            Password = null,
            SslCertificate = Path.Combine(CertsDirectory, "client.root.crt"),
            SslKey = Path.Combine(CertsDirectory, "client.root.key"),
        };
        var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>What libpq takes. With <paramref name="password"/> false by certificate.</summary>
    public string LibpqString(string user = "app", string database = "work", bool password = true)
    {
        var basis = $"host=localhost port={Endpoints.SqlPort} user={user} dbname={database} sslmode=verify-full sslrootcert={CertsDirectory}/ca.crt";
        return password ? $"{basis} sslcert=/nonexistent" : $"{basis} sslcert={CertsDirectory}/client.{user}.crt sslkey={CertsDirectory}/client.{user}.key";
    }

    public static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<object?> Scalar(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync();
    }
}
