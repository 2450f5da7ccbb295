using Chitin.Storage;

namespace Chitin.Transactions;

public enum IsolationLevel : byte
{
    /// <summary>The default. READ UNCOMMITTED and REPEATABLE READ map upwards: to READ COMMITTED and to this.</summary>
    Serializable,
    ReadCommitted,
}

/// <summary>Row lock strengths in PostgreSQL's order (13.3.2 Row-Level Locks) with its conflict table.</summary>
public enum LockMode : byte { KeyShare, Share, NoKeyUpdate, Update }

/// <summary>Relation locks, weakest first. Each conflicts as the row lock of the same number does.</summary>
public enum RelationLock : byte
{
    /// <summary>Reading rows, and locking them: beside all but <see cref="Exclusive"/>.</summary>
    Read = LockMode.KeyShare,

    /// <summary>Changing rows: beside readers and writers.</summary>
    Write = LockMode.Share,

    /// <summary>A load of many rows without locks on each: beside readers.</summary>
    Load = LockMode.NoKeyUpdate,

    /// <summary>Changing the definition: beside nobody.</summary>
    Exclusive = LockMode.Update,
}

/// <summary>What a locker does when the row is taken.</summary>
public enum LockWaitPolicy : byte
{
    Wait,

    /// <summary>55P03 at once.</summary>
    NoWait,
    SkipLocked,
}

public enum LockOutcome : byte
{
    /// <summary>The lock is held and no version newer than the transaction's snapshot exists: what was read stands.</summary>
    Acquired,

    /// <summary>
    /// The lock is held, but the key changed after the snapshot. The transaction has moved its snapshot forward (all reads of earlier statements
    /// still hold); the caller must roll back the statement's own writes and run the statement again (see <see cref="StatementRestartException"/>).
    /// </summary>
    AcquiredStale,

    /// <summary>SKIP LOCKED and the key is taken by another.</summary>
    Skipped,
}

/// <summary>
/// The running statement must be run again from its start at the transaction's newer snapshot; its locks are kept. Thrown by the executor after
/// <see cref="LockOutcome.AcquiredStale"/> where it cannot simply read the row again, and caught by the statement driver. Never reaches a client.
/// </summary>
public sealed class StatementRestartException() : Exception("the statement runs again at a newer snapshot");

/// <summary>How a transaction starts.</summary>
public sealed record TransactionOptions
{
    public IsolationLevel Isolation { get; init; } = IsolationLevel.Serializable;

    public bool ReadOnly { get; init; }

    /// <summary>AS OF SYSTEM TIME: a read-only transaction at this instant.</summary>
    public Timestamp? AsOf { get; init; }

    /// <summary>0 = wait for ever.</summary>
    public TimeSpan LockTimeout { get; init; }
}

/// <summary>Where commits are made durable, in order (DESIGN part 4). Local: the store's own log. Shared: etcd (later).</summary>
public interface ICommitLog
{
    /// <summary>
    /// Makes batches durable and applies them to the store, in order, all with one sync. Called by one thread at a time. When it throws, none is
    /// acknowledged; a <see cref="StorageException"/> of kind OutcomeUnknown means that they may still be there after a restart.
    /// </summary>
    void Append(ReadOnlySpan<CommitRecord> group);
}

/// <summary>One transaction's writes and the timestamp that the pipeline gave them.</summary>
public readonly record struct CommitRecord(WriteBatch Writes, Timestamp CommitTimestamp);
