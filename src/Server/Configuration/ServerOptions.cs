using System.Net;
using Chitin.Storage;

namespace Chitin.Server.Configuration;

/// <summary>
/// Everything that a node is told at its start. Made from flags, CHITIN_* variables and a settings file by <see cref="ServerOptionsReader"/>;
/// a start with <see cref="Problems"/> is refused and all of them are shown at once.
/// </summary>
public sealed record ServerOptions
{
    public const int DefaultSqlPort = 26257;
    public const int DefaultHttpPort = 8080;

    /// <summary>Where ca.crt, node.crt, node.key … stand. Unused with <see cref="Insecure"/>.</summary>
    public string CertsDirectory { get; init; } = DefaultCertsDirectory;

    public string StoreDirectory { get; init; } = "chitin-data";

    /// <summary>Null means that the store is plaintext, which has to be asked for with --encryption=plain.</summary>
    public EncryptionSpecification? Encryption { get; init; }

    /// <summary>True when no --encryption was given and the key file's name is the default one: the first start makes the key.</summary>
    public bool EncryptionIsDefault { get; init; }

    /// <summary>The SQL port. The default is all interfaces, and loopback with <see cref="Insecure"/>.</summary>
    public ListenAddress ListenAddress { get; init; } = new("", DefaultSqlPort);

    /// <summary>HTTPS (HTTP with <see cref="Insecure"/>): /health, /_status/vars, the UI.</summary>
    public ListenAddress HttpAddress { get; init; } = new("", DefaultHttpPort);

    /// <summary>Bytes of the block cache.</summary>
    public long CacheBytes { get; init; } = 128L << 20;

    /// <summary>Bytes that the statements of all sessions together may hold in memory.</summary>
    public long SqlMemoryBytes { get; init; } = 512L << 20;

    public int MaxConnections { get; init; } = 500;

    /// <summary>Written, mode 0600, once the node accepts connections; removed at its end.</summary>
    public string? PidFile { get; init; }

    /// <summary>No TLS, no authentication: every name may log in without a password.</summary>
    public bool Insecure { get; init; }

    /// <summary>Where chitin.log goes; null means that messages go to stderr.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Where chitin-sql-audit.log goes: --sql-audit-dir, else the log directory, else logs/ in the store's directory.</summary>
    public string AuditDirectory { get; init; } = System.IO.Path.Combine("chitin-data", "logs");

    /// <summary>Certificate principal → database principal (SECURITY-SPEC 1.5).</summary>
    public ImmutableDictionary<string, string> CertPrincipalMap { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>SQL clients without TLS may log in with a password.</summary>
    public bool AcceptSqlWithoutTls { get; init; }

    /// <summary>How long a drain waits for sessions to end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the node tidies up.</summary>
    internal TimeSpan HousekeepingInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where tests put a disk that fails between the node and its store.</summary>
    internal Func<IVersionedStore, IVersionedStore> Disk { get; init; } = static store => store;

    public static string DefaultCertsDirectory => System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".chitin-certs");

    /// <summary>What forbids a start with these options, each with the flag's name; empty when nothing does. Looks at no file.</summary>
    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(StoreDirectory))
            yield return "store: no directory given";
        if (!Insecure && string.IsNullOrWhiteSpace(CertsDirectory))
            yield return "certs-dir: no directory given (or use --insecure)";
        if (Encryption is { } encryption && !encryption.AppliesTo(StoreDirectory))
            yield return $"encryption: no usage of path {encryption.Path} found for encryption setting (the store is {StoreDirectory})";
        if (Encryption is { } same && same.Key == same.OldKey && same.Key != EncryptionSpecification.Plain)
            yield return "encryption: key and old-key are the same file";
        if (CacheBytes < 8L << 20)
            yield return "cache: at least 8MiB are needed";
        if (SqlMemoryBytes < 64L << 20)
            yield return "max-sql-memory: at least 64MiB are needed";
        if (MaxConnections is < 1 or > 100_000)
            yield return "max-connections: must be between 1 and 100000";
        if (ListenAddress.Port != 0 && ListenAddress.Port == HttpAddress.Port && (ListenAddress.Host == HttpAddress.Host || ListenAddress.IsAnyInterface || HttpAddress.IsAnyInterface))
            yield return $"http-addr: port {HttpAddress.Port} is the SQL port already";
        foreach (var (address, flag) in new[] { (ListenAddress, "listen-addr"), (HttpAddress, "http-addr") })
        {
            if (!address.IsAnyInterface && address.Host != "localhost" && !IPAddress.TryParse(address.Host, out _) && Uri.CheckHostName(address.Host) == UriHostNameType.Unknown)
                yield return $"{flag}: \"{address.Host}\" is not a host name or address";
        }

        if (Insecure && AcceptSqlWithoutTls)
            yield return "accept-sql-without-tls: has no meaning with --insecure, which accepts every client without TLS";
        if (string.IsNullOrWhiteSpace(AuditDirectory))
            yield return "sql-audit-dir: no directory given";
    }
}
