using System.CommandLine;
using Chitin.Cli.Output;
using Npgsql;

namespace Chitin.Cli.Client;

/// <summary>Where and as whom the client commands connect.</summary>
internal sealed class ClientFlags
{
    private readonly Option<string> _url = new("--url") { Description = "postgresql://user@host:port/database?sslmode=…&sslrootcert=…&sslcert=…&sslkey=… (CHITIN_URL). Replaces the other flags." };
    private readonly Option<string> _host = new("--host") { Description = "HOST:PORT of the node (CHITIN_HOST). Default localhost:26257." };
    private readonly Option<string> _user = new("--user", "-u") { Description = "Default root." };
    private readonly Option<string> _database = new("--database", "-d") { Description = "Default defaultdb." };
    private readonly Option<string> _certs = new("--certs-dir") { Description = "Directory of ca.crt and client.<user>.crt/.key (CHITIN_CERTS_DIR). Default: that of the demo in ./chitin-data when there is one, else ~/.chitin-certs." };
    private readonly Option<bool> _insecure = new("--insecure") { Description = "Connect to a node without TLS (CHITIN_INSECURE)." };

    public Command AddTo(Command command)
    {
        foreach (var option in (Option[])[_url, _host, _user, _database, _certs, _insecure])
            command.Options.Add(option);
        return command;
    }

    public ClientTarget Read(ParseResult result)
    {
        if ((result.GetValue(_url) ?? Variable("CHITIN_URL")) is { } url)
            return ClientTarget.OfUrl(url);
        var host = result.GetValue(_host) ?? Variable("CHITIN_HOST") ?? "localhost";
        if (HostAddress.Parse(host) is not { } address)
            throw new CommandException($"--host: \"{host}\" is not an address of the form host:port");
        return new ClientTarget
        {
            Host = address.Host,
            Port = address.Port,
            User = result.GetValue(_user) ?? "root",
            Database = result.GetValue(_database) ?? "defaultdb",
            CertsDirectory = result.GetValue(_insecure) || Variable("CHITIN_INSECURE") is "true" or "1" ? null : result.GetValue(_certs) ?? Variable("CHITIN_CERTS_DIR") ?? DefaultCertsDirectory(),
        };
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string DefaultCertsDirectory() => Directory.Exists(DemoDirectory.CertsOf(DemoDirectory.DefaultPath)) ? DemoDirectory.CertsOf(DemoDirectory.DefaultPath) : HostAddress.DefaultCertsDirectory;
}

/// <summary>A node and the user that a client is there.</summary>
internal sealed record ClientTarget
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string User { get; init; }

    public required string Database { get; init; }

    /// <summary>Null: no TLS.</summary>
    public string? CertsDirectory { get; init; }

    private string? RootCertificate { get; init; }

    private string? ClientCertificate { get; init; }

    private string? ClientKey { get; init; }

    private string? Password { get; init; }

    private SslMode? Mode { get; init; }

    /// <summary>The parts of a libpq URL that this client knows; others are refused.</summary>
    public static ClientTarget OfUrl(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgresql" or "postgres"))
            throw new CommandException("--url: not of the form postgresql://user@host:port/database");
        var user = uri.UserInfo.Split(':', 2);
        var target = new ClientTarget
        {
            Host = uri.Host,
            Port = uri.Port < 0 ? HostAddress.DefaultPort : uri.Port,
            User = user[0].Length == 0 ? "root" : Uri.UnescapeDataString(user[0]),
            Password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null,
            Database = uri.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : "defaultdb",
            Mode = SslMode.VerifyFull,
        };
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var k, var v] ? (k, Uri.UnescapeDataString(v)) : (pair, "");
            target = key switch
            {
                "sslrootcert" => target with { RootCertificate = value },
                "sslcert" => target with { ClientCertificate = value },
                "sslkey" => target with { ClientKey = value },
                "sslmode" => target with
                {
                    Mode = value switch
                    {
                        "disable" => SslMode.Disable,
                        "require" => SslMode.Require,
                        "verify-ca" => SslMode.VerifyCA,
                        "verify-full" => SslMode.VerifyFull,
                        _ => throw new CommandException($"--url: sslmode {value} is not one of disable, require, verify-ca, verify-full"),
                    },
                },
                "application_name" => target,
                _ => throw new CommandException($"--url: unknown parameter {key}"),
            };
        }

        return target;
    }

    /// <summary>Opens one connection. A password comes from PGPASSWORD, else it is asked for.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        var (certificate, key) = (ClientCertificate, ClientKey);
        if (certificate is null && CertsDirectory is { } certs && Path.Combine(certs, $"client.{User}.crt") is var own && File.Exists(own))
            (certificate, key) = (own, Path.ChangeExtension(own, ".key"));
        if (key is not null)
            RequirePrivate(key);
        var mode = Mode ?? (CertsDirectory is null ? SslMode.Disable : SslMode.VerifyFull);
        var authority = RootCertificate ?? (CertsDirectory is null ? null : Path.Combine(CertsDirectory, "ca.crt"));
        if (mode is SslMode.VerifyFull or SslMode.VerifyCA && authority is not null && !File.Exists(authority))
            throw new CommandException($"cannot load certificates: {authority} not found", "give --certs-dir, or --insecure for a node without TLS");
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Username = User,
            Database = Database,
            SslMode = mode,
            RootCertificate = authority,
            SslCertificate = certificate,
            SslKey = key,
            ApplicationName = "chitin sql",
            Pooling = false,
            IncludeErrorDetail = true,
            CommandTimeout = 0,
            Password = GivenPassword ?? (certificate is null && mode != SslMode.Disable ? AskPassword() : null),
        };
        var source = new NpgsqlDataSourceBuilder(builder.ConnectionString);
        source.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return await source.Build().OpenConnectionAsync(cancellation);
    }

    /// <summary>The owner alone may write a key, and none but the owner's group read it (the most that libpq allows, "libpq: Client Certificates").</summary>
    private static void RequirePrivate(string key)
    {
        const UnixFileMode allowed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead;
        if (!OperatingSystem.IsWindows() && File.Exists(key) && File.GetUnixFileMode(key) is var mode && (mode & ~allowed) != 0)
            throw new CommandException($"key file {key} has permissions {Convert.ToString((int)mode, 8)}, which lets others use it", $"chmod 0600 {key}");
    }

    private string? GivenPassword => Password ?? (Environment.GetEnvironmentVariable("PGPASSWORD") is { Length: > 0 } given ? given : null);

    /// <summary>Redirected input holds statements, or the password of another user: it is never read for the own password.</summary>
    private string AskPassword() => Console.IsInputRedirected
        ? throw new CommandException($"no password for user {User}", "set PGPASSWORD, or give --certs-dir with the user's client certificate")
        : Terminal.ReadPassword($"Password for user {User}: ");

    public override string ToString() => $"{User}@{Host}:{Port}/{Database}";
}
