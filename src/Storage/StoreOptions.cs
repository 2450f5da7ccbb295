using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>How one store is opened.</summary>
public sealed record StoreOptions
{
    /// <summary>The store's directory; made with mode 0700 when it is not there.</summary>
    public required string Directory { get; init; }

    public required EncryptionOptions Encryption { get; init; }

    /// <summary>Bytes for decrypted and decompressed blocks.</summary>
    public long CacheBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Bytes of recent writes that are kept in memory before they become a table file; up to three times as much while writing fast.</summary>
    public long MemtableBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Threads that flush and compact.</summary>
    public int BackgroundThreads { get; init; } = 2;

    /// <summary>Every fault, in words for the operator.</summary>
    public IEnumerable<string> Problems()
    {
        if (CacheBytes is < 1024 * 1024 or > 1L << 40)
            yield return $"the cache has {CacheBytes} bytes; it takes 1 MiB to 1 TiB";
        if (MemtableBytes is < 1024 * 1024 or > 1L << 32)
            yield return $"the memtable has {MemtableBytes} bytes; it takes 1 MiB to 4 GiB";
        if (BackgroundThreads is < 1 or > 64)
            yield return $"there are {BackgroundThreads} background threads; 1 to 64 make sense";
    }
}
