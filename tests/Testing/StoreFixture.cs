using Chitin.Cryptography;
using Chitin.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.Testing;

/// <summary>A directory with store keys and one store.</summary>
public sealed class StoreFixture : IDisposable
{
    public TemporaryDirectory Directory { get; } = new();

    public string StorePath => Directory.File("store");

    public string DatabasePath => Path.Combine(StorePath, "db");

    public StoreOptions Options(string key, string? oldKey = null, string? path = null) => new()
    {
        Directory = path ?? StorePath,
        Encryption = new EncryptionOptions(path ?? StorePath, Key(key), oldKey is null ? null : Key(oldKey), EncryptionOptions.DefaultRotationPeriod),
        CacheBytes = 8 * 1024 * 1024,
        MemtableBytes = 4 * 1024 * 1024,
    };

    public RocksStore Open(string key = "k", string? oldKey = null) => RocksStore.Open(Options(key, oldKey), NullLogger.Instance, TimeProvider.System);

    /// <summary>The newest or oldest file whose name fits.</summary>
    public string File(string pattern) => System.IO.Directory.GetFiles(DatabasePath, pattern).Order(StringComparer.Ordinal).First();

    public void Dispose() => Directory.Dispose();

    private string Key(string name)
    {
        if (name == "plain")
            return name;
        var path = Directory.File(name + ".key");
        if (!System.IO.File.Exists(path))
            StoreKeyFile.Create(path, 256);
        return path;
    }
}
