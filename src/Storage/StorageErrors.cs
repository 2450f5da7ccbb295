namespace Chitin.Storage;

/// <summary>Makes the errors of the storage layer, so that texts and kinds stand in one place.</summary>
internal static class StorageErrors
{
    public static StorageException HistoryGone(Timestamp at, Timestamp low) => new(
        StorageFailure.HistoryGone,
        $"a read at {at} is before the oldest version that is kept, {low}");
}
