using Microsoft.Extensions.Logging;

namespace Chitin.Storage;

/// <summary>Event ids 1000 to 1999.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1000, LogLevel.Information, "Store {Directory} is open: {Algorithm}, store key {StoreKeyId}, data key {DataKeyId}")]
    internal static partial void Opened(this ILogger logger, string directory, string algorithm, string storeKeyId, string dataKeyId);

    [LoggerMessage(1001, LogLevel.Warning, "Store {Directory} is not encrypted")]
    internal static partial void NotEncrypted(this ILogger logger, string directory);

    [LoggerMessage(1002, LogLevel.Warning, "The last write before the store was closed was cut short and is dropped: {File} ends at byte {ValidEnd} of {Length}")]
    internal static partial void TornTail(this ILogger logger, string file, long validEnd, long length);

    [LoggerMessage(1003, LogLevel.Critical, "A write has failed; the store takes no more until it is opened again: {Reason}")]
    internal static partial void WriteFailed(this ILogger logger, string reason);

    [LoggerMessage(1004, LogLevel.Error, "A write has failed for want of space: {Reason}")]
    internal static partial void DiskFull(this ILogger logger, string reason);

    [LoggerMessage(1005, LogLevel.Error, "Store {Directory} is closed while {Count} iterators are in use; its memory stays until the process ends")]
    internal static partial void ClosedInUse(this ILogger logger, string directory, int count);

    [LoggerMessage(1006, LogLevel.Error, "Store {Directory} could not be flushed when it was closed: {Reason}")]
    internal static partial void CloseFlushFailed(this ILogger logger, string directory, string reason);

    [LoggerMessage(1007, LogLevel.Warning, "Write-ahead log {File} was repaired: {Bytes} bytes behind byte {ValidEnd} were given up and moved to {Salvage}")]
    internal static partial void WalRepaired(this ILogger logger, string file, long bytes, long validEnd, string salvage);

    [LoggerMessage(1008, LogLevel.Information, "The store key of {Directory} is now {StoreKeyId} ({Source}); new files get data key {DataKeyId}")]
    internal static partial void KeyChanged(this ILogger logger, string directory, string storeKeyId, string source, string dataKeyId);

    [LoggerMessage(1012, LogLevel.Warning, "Space is short: {Directory} has {Available} bytes free, and {Reserve} are kept; statements that need room fail until there is some")]
    internal static partial void SpaceShort(this ILogger logger, string directory, long available, long reserve);

    [LoggerMessage(1013, LogLevel.Warning, "There is room again: {Directory} has {Available} bytes free")]
    internal static partial void SpaceAgain(this ILogger logger, string directory, long available);

    [LoggerMessage(1014, LogLevel.Warning, "The ballast of {Directory} was given up for want of space: {Bytes} bytes")]
    internal static partial void BallastGivenUp(this ILogger logger, string directory, long bytes);

    [LoggerMessage(1015, LogLevel.Warning, "The ballast of {Directory} could not be made or removed: {Reason}")]
    internal static partial void BallastFailed(this ILogger logger, string directory, string reason);

    [LoggerMessage(1016, LogLevel.Warning, "Compactions of {Directory} {State}")]
    internal static partial void CompactionsSwitched(this ILogger logger, string directory, string state);

    [LoggerMessage(1017, LogLevel.Warning, "How much space {Directory} has could not be found out: {Reason}")]
    internal static partial void SpaceUnknown(this ILogger logger, string directory, string reason);

    [LoggerMessage(1010, LogLevel.Warning, "RocksDB: {Message}")]
    internal static partial void EngineWarning(this ILogger logger, string message);

    [LoggerMessage(1011, LogLevel.Error, "RocksDB: {Message}")]
    internal static partial void EngineError(this ILogger logger, string message);
}
