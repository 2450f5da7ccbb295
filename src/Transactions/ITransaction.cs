using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// One transaction as the executor sees it. Reads see its own writes over the snapshot. Writes are buffered until commit.
/// </summary>
/// <remarks>
/// Used by one session at a time; no member is safe for concurrent use except <see cref="Cancel"/>.
/// Errors: 40001 serialization failure, 40P01 deadlock, 55P03 lock not available or lock timeout, 57014 cancelled, 25006 write in a read-only transaction,
/// storage failures as 58030/53100/40003/XX001.
/// </remarks>
public interface ITransaction : IAsyncDisposable
{
    long Id { get; }

    Timestamp ReadTimestamp { get; }

    IsolationLevel Isolation { get; }

    bool IsReadOnly { get; }

    /// <summary>AS OF SYSTEM TIME: the snapshot was asked for, and stays.</summary>
    bool IsHistorical { get; }

    /// <summary>The transaction is under way, only reads, and will not move its snapshot again: AS OF SYSTEM TIME, and read-only SERIALIZABLE from its first statement on.</summary>
    bool KeepsSnapshot { get; }

    bool HasWrites { get; }

    /// <summary>How long a lock is waited for, zero = for ever. Starts as in the options; SET lock_timeout changes it.</summary>
    TimeSpan LockTimeout { get; set; }

    /// <summary>Starts a statement: marks the place to which a restart returns, and takes a new snapshot under READ COMMITTED. Own writes made before it stay visible.</summary>
    void BeginStatement();

    /// <summary>Rolls back the writes and forgets the reads of the running statement; called before it is run again or when it failed under a savepoint.</summary>
    void RestartStatement();

    /// <summary>Reads a key and remembers the read for validation. Dispose the result.</summary>
    PinnedValue Get(ReadOnlySpan<byte> key);

    /// <summary>As <see cref="Get"/>, but not validated: for reads whose staleness is harmless or that a lock protects.</summary>
    PinnedValue GetUnvalidated(ReadOnlySpan<byte> key);

    /// <summary>
    /// The commit is refused with 40001 when another writes the key after <see cref="ReadTimestamp"/>, under either isolation level: for what rests on a state
    /// that no lock holds (descriptors).
    /// </summary>
    void RequireUnchanged(ReadOnlySpan<byte> key);

    /// <summary>
    /// A cursor over [lower, upper) that merges own writes. What it passes over is remembered as a range read: from the lower bound to the last key visited, or the
    /// whole range when exhausted. Own writes made after the cursor was opened are not seen by it (a statement does not see its own effects).
    /// </summary>
    ITransactionCursor Scan(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, bool reverse = false);

    /// <summary>
    /// As <see cref="Get"/>, but of the newest committed state under own writes, and not validated: for checks that a lock makes last, such as foreign keys under READ COMMITTED.
    /// </summary>
    PinnedValue GetLatest(ReadOnlySpan<byte> key);

    /// <summary>As <see cref="Scan"/>, of the newest committed state and not validated; see <see cref="GetLatest"/>.</summary>
    ITransactionCursor ScanLatest(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper);

    void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    void Delete(ReadOnlySpan<byte> key);

    /// <summary>Deletes [lower, upper) at commit.</summary>
    void DeleteRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper);

    /// <summary>
    /// Deletes a range that will not be used again, of a table or an index: its space is given back, and nothing of it stays on disk, some time after <c>gc.ttl</c>.
    /// </summary>
    void DropRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper);

    /// <summary>The transaction is for getting space back: its commit may use what the store keeps for that. Deleting or dropping says so by itself.</summary>
    void UseReserve();

    /// <summary>
    /// Opens (again) a load of [lower, upper), a range that no other transaction can know of. Null when it is not possible: after a savepoint, or when the transaction has
    /// put keys there in the usual way. The caller holds the exclusive lock of the relation.
    /// </summary>
    /// <param name="lower">The first key of the range.</param>
    /// <param name="upper">The first key behind the range.</param>
    IRangeLoad? OpenLoad(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper);

    /// <summary>
    /// Opens (again) a load of new keys in a range that others use, and keeps other writers of the relation out until the transaction ends; for those who write now it waits a moment.
    /// Null when it is not possible: others go on writing; after a savepoint; when the transaction has written there in the usual way; or when the range has changed since its snapshot.
    /// </summary>
    /// <param name="mayMoveSnapshot">The running statement has read nothing: the snapshot may move to now.</param>
    ValueTask<IRangeLoad?> OpenSharedLoadAsync(uint relationId, ReadOnlyMemory<byte> lower, ReadOnlyMemory<byte> upper, bool mayMoveSnapshot, CancellationToken cancellationToken);

    /// <summary>Locks a key until the transaction ends. Completes synchronously when nobody is in the way.</summary>
    ValueTask<LockOutcome> LockAsync(ReadOnlyMemory<byte> key, LockMode mode, LockWaitPolicy policy, CancellationToken cancellationToken);

    /// <summary>
    /// Locks a relation (by table id): by every statement that uses the table, against concurrent change of its definition, and by what keeps others out.
    /// A relation lock is held to the end of the transaction; taking one that is already held costs next to nothing.
    /// </summary>
    ValueTask LockRelationAsync(uint relationId, RelationLock mode, CancellationToken cancellationToken);

    /// <summary>Takes the exclusive lock of a relation if nobody else uses the relation now; never waits.</summary>
    bool TryLockRelation(uint relationId);

    /// <summary>
    /// As <see cref="LockRelationAsync"/>, but gives up after a while, also when waiting would be a deadlock: whoever waits for such a lock holds up all that come after, so that
    /// a patient one asks for it several times. False when it was not given.
    /// </summary>
    ValueTask<bool> TryLockRelationAsync(uint relationId, RelationLock mode, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>
    /// The snapshot must see everything committed up to an instant (null = now): the definitions that a statement uses are newer than the snapshot. It moves forward, for which all
    /// reads of earlier statements must still hold; 40001 when they do not or cannot be asked. A snapshot of AS OF SYSTEM TIME stays.
    /// </summary>
    void RequireSnapshot(Timestamp? atLeast);

    /// <summary>A point to which <see cref="RollbackTo"/> returns. Positions are released in stack order by the caller's own book-keeping.</summary>
    int SetSavepoint();

    /// <summary>Undoes all writes after the savepoint; locks taken since may be kept.</summary>
    void RollbackTo(int savepoint);

    /// <summary>Validates, orders and makes durable. After it the transaction is over, whatever the outcome. Returns the commit timestamp (the read timestamp when nothing was written).</summary>
    ValueTask<Timestamp> CommitAsync(CancellationToken cancellationToken);

    ValueTask RollbackAsync();

    /// <summary>Runs once the commit is durable and visible, before the caller of <see cref="CommitAsync"/> goes on, in commit order across transactions (catalog publication).</summary>
    void OnCommit(Action<Timestamp> action);

    /// <summary>Runs when the transaction rolls back.</summary>
    void OnRollback(Action action);

    /// <summary>Wakes a lock wait with 57014 and makes the next operation fail with it. Any thread.</summary>
    void Cancel();
}

/// <summary>A cursor inside a transaction. Spans live until the next move.</summary>
public interface ITransactionCursor : IDisposable
{
    /// <summary>Moves in the cursor's direction; false at the end. The first call positions at the first key.</summary>
    bool MoveNext();

    ReadOnlySpan<byte> Key { get; }

    ReadOnlySpan<byte> Value { get; }
}

/// <summary>Begins transactions over one store. Implemented by TransactionManager.</summary>
public interface ITransactionManager
{
    ITransaction Begin(TransactionOptions options);

    /// <summary>A timestamp at which everything acknowledged so far is visible.</summary>
    Timestamp Now();

    /// <summary>The oldest snapshot in use: garbage collection stays behind it.</summary>
    Timestamp OldestSnapshot();

    /// <summary>Where history may begin when it should begin at <paramref name="low"/>: there or before.</summary>
    Timestamp HoldHistory(Timestamp low);
}
