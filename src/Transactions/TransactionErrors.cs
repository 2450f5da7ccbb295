using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>Makes the errors of this layer; texts as PostgreSQL 15 words them.</summary>
internal static class TransactionErrors
{
    private const string RetryHint = "The transaction might succeed if retried.";

    public static SqlException ConcurrentUpdate() =>
        new(SqlState.SerializationFailure, "could not serialize access due to concurrent update") { Hint = RetryHint };

    public static SqlException ReadWriteDependencies() =>
        new(SqlState.SerializationFailure, "could not serialize access due to read/write dependencies among transactions") { Hint = RetryHint };

    public static SqlException Deadlock(long waiter, long holder) => new(SqlState.DeadlockDetected, "deadlock detected")
    {
        Detail = $"Transaction {waiter} waits for transaction {holder}, which waits for it in turn.",
    };

    public static SqlException LockTimeout() => new(SqlState.LockNotAvailable, "canceling statement due to lock timeout");

    public static SqlException RowLocked() => new(SqlState.LockNotAvailable, "could not obtain lock on row");

    public static SqlException Cancelled() => new(SqlState.QueryCanceled, "canceling statement due to user request");

    public static SqlException ReadOnly() => new(SqlState.ReadOnlySqlTransaction, "cannot execute a statement that writes or locks in a read-only transaction");

    public static SqlException TooLarge(long limit) => new(SqlState.ProgramLimitExceeded, $"transaction writes more than {limit} bytes")
    {
        Hint = "Split the work into several transactions.",
    };

    public static SqlException TooMuchOpen(long limit) => new(SqlState.OutOfMemory, $"open transactions have written more than {limit} bytes")
    {
        Hint = "Commit others first, or split the work into several transactions.",
    };

    public static SqlException AsOfInFuture() => new(SqlState.InvalidParameterValue, "AS OF SYSTEM TIME: cannot specify timestamp in the future");

    public static SqlException AsOfTooOld(Timestamp at, Timestamp low) => new(SqlState.SnapshotTooOld, $"snapshot too old: timestamp {at} is before the oldest version that is kept, {low}");

    public static SqlException Stopped(Exception? cause) =>
        new(SqlState.IoError, "the store has failed and accepts no more commits", cause) { Hint = "Restart the server; it recovers from the log." };

    /// <summary>Fatal: the node stops, and this is the last that the client hears.</summary>
    public static SqlException OutcomeUnknown(Exception cause) =>
        new(SqlState.StatementCompletionUnknown, "the outcome of the commit is unknown: the disk failed while it was made durable", cause) { IsFatal = true };

    public static SqlException From(StorageException failure) => failure.Kind switch
    {
        StorageFailure.DiskFull => new(SqlState.DiskFull, "could not write to the store: no space left on device", failure)
        {
            Hint = "Space comes back when tables are dropped or truncated and gc.ttl has passed; SET CLUSTER SETTING gc.ttl can shorten it.",
        },
        StorageFailure.OutcomeUnknown => OutcomeUnknown(failure),
        StorageFailure.Corruption => new(SqlState.DataCorrupted, "the store is damaged: " + failure.Message, failure),
        StorageFailure.HistoryGone => new(SqlState.SnapshotTooOld, "snapshot too old: " + failure.Message, failure),
        StorageFailure.ReadOnly => Stopped(failure),
        _ => new(SqlState.IoError, "could not access the store: " + failure.Message, failure),
    };
}
