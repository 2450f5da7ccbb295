using System.Text.RegularExpressions;

namespace Chitin.Storage;

/// <summary>Makes the errors of the storage layer, so that texts and kinds stand in one place.</summary>
internal static partial class StorageErrors
{
    public static StorageException HistoryGone(Timestamp at, Timestamp low) => new(
        StorageFailure.HistoryGone,
        $"a read at {at} is before the oldest version that is kept, {low}");

    public static StorageException Unsupported(string message) => new(StorageFailure.InputOutput, message);

    public static StorageException Corruption(string message, string? file, Exception? inner = null) =>
        new(StorageFailure.Corruption, message, file, inner);

    public static StorageException InUse(string directory, Exception? inner = null) => new(
        StorageFailure.InputOutput, $"store {directory} is in use by another process", directory, inner);

    public static StorageException NoRoom(string directory, long available, long needed) => new(
        StorageFailure.DiskFull, $"no space left for the store: {directory} has {available} bytes free, and {needed} are needed", directory);

    public static StorageException ReadOnly(StorageException cause) => new(
        StorageFailure.ReadOnly,
        $"the store takes no more writes until it is opened again, because one has failed: {cause.Message}",
        cause.File,
        cause);

    /// <summary>A failed read or maintenance call, from RocksDB's text.</summary>
    public static StorageException FromNative(string text) => Make(KindOf(text, duringWrite: false), text);

    /// <summary>
    /// A failed write, from RocksDB's text. An append that failed leaves a record that recovery does not take; of everything else, a failed sync
    /// above all, it is unknown whether the write will be there after a restart.
    /// </summary>
    public static StorageException FromFailedWrite(string text) => Make(KindOf(text, duringWrite: true), text);

    private static StorageFailure KindOf(string text, bool duringWrite)
    {
        if (text.Contains("Corruption: ", StringComparison.Ordinal))   // also as the cause of another status
            return StorageFailure.Corruption;
        var failedAppend = text.Contains("While append", StringComparison.OrdinalIgnoreCase) ||
            text.Contains("While open", StringComparison.OrdinalIgnoreCase);
        if (duringWrite && !failedAppend)
            return StorageFailure.OutcomeUnknown;
        return text.Contains("No space left", StringComparison.OrdinalIgnoreCase) || text.Contains("quota", StringComparison.OrdinalIgnoreCase)
            ? StorageFailure.DiskFull
            : StorageFailure.InputOutput;
    }

    private static StorageException Make(StorageFailure kind, string text)
    {
        var file = FilePath().Match(text) is { Success: true } match ? match.Value : null;
        var lead = kind switch
        {
            StorageFailure.Corruption => "the store is damaged",
            StorageFailure.DiskFull => "no space left for the store",
            StorageFailure.OutcomeUnknown => "a write could not be made durable, and whether it happened is unknown",
            _ => "the store could not read or write a file",
        };
        return new StorageException(kind, $"{lead}: {text}", file);
    }

    /// <summary>An absolute path of a file as RocksDB names them, in the text of a status.</summary>
    [GeneratedRegex(@"/\S*?/(\d+\.(sst|log|dbtmp)|MANIFEST-\d+|OPTIONS-\d+|CURRENT|IDENTITY|LOCK)\b", RegexOptions.CultureInvariant)]
    private static partial Regex FilePath();
}
