using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>What a store says of itself at one moment. Sizes are in bytes; those of RocksDB are estimates.</summary>
public sealed record StoreMetrics
{
    public required CipherAlgorithm Algorithm { get; init; }

    public required string ActiveStoreKeyId { get; init; }

    /// <summary>Null while the store is not encrypted.</summary>
    public required string? ActiveDataKeyId { get; init; }

    public required int TotalFiles { get; init; }

    public required long TotalBytes { get; init; }

    /// <summary>Files under the active data key, or in plaintext while there is none.</summary>
    public required int ActiveKeyFiles { get; init; }

    public required long ActiveKeyBytes { get; init; }

    public required IReadOnlyDictionary<string, int> FilesByKey { get; init; }

    public required long TableBytes { get; init; }

    public required long LiveDataBytes { get; init; }

    public required long EstimatedKeys { get; init; }

    /// <summary>What is free on the store's disk.</summary>
    public required long AvailableBytes { get; init; }

    /// <summary>Ordinary writes are refused for want of space.</summary>
    public required bool IsShortOfSpace { get; init; }

    public required long MemtableBytes { get; init; }

    public required long BlockCacheBytes { get; init; }

    public required long RunningCompactions { get; init; }

    public required long RunningFlushes { get; init; }

    public required long PendingCompactionBytes { get; init; }

    public required long BackgroundErrors { get; init; }

    public required Timestamp HistoryLow { get; init; }

    public required Timestamp LastCommit { get; init; }
}
