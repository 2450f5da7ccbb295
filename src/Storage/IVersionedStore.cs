using System.Runtime.CompilerServices;

namespace Chitin.Storage;

/// <summary>
/// An ordered key-value store that keeps every version of a key until the GC window passes. Keys are ordered as unsigned bytes.
/// Two implementations: RocksDB under the encryption bridge, and memory (tests).
/// </summary>
/// <remarks>
/// Reads may run on any thread at once. <see cref="Write"/> is called by one thread at a time, with rising timestamps.
/// Every failure of the disk is a <see cref="StorageException"/>.
/// </remarks>
public interface IVersionedStore : IDisposable
{
    /// <summary>The newest version of <paramref name="key"/> at or before <paramref name="at"/>. Dispose the result: it may pin a block.</summary>
    PinnedValue Get(ReadOnlySpan<byte> key, Timestamp at);

    /// <summary>An iterator over [lower, upper) as of <paramref name="at"/>; it starts unpositioned. An empty upper bound is the end of the store.</summary>
    IStoreIterator Scan(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp at);

    /// <summary>Applies a batch at one timestamp, all or nothing. With <paramref name="sync"/> it returns only when the batch is on disk.</summary>
    /// <remarks>After a failed sync the outcome is unknown: the store refuses all further writes.</remarks>
    void Write(WriteBatch batch, Timestamp commitTimestamp, bool sync);

    /// <summary>
    /// Applies batches in order, each at its own rising timestamp, and returns when all are on disk (one sync). A store that can make the whole group one
    /// atomic write overrides this; here a failure behind the first batch leaves the earlier ones in place and is therefore an unknown outcome.
    /// </summary>
    void WriteGroup(ReadOnlySpan<StampedBatch> group)
    {
        for (var i = 0; i < group.Length; i++)
        {
            try
            {
                Write(group[i].Batch, group[i].CommitTimestamp, sync: i == group.Length - 1);
            }
            catch (StorageException failure) when (i > 0 && failure.Kind != StorageFailure.OutcomeUnknown)
            {
                throw new StorageException(StorageFailure.OutcomeUnknown, "a group of commits was written in part: " + failure.Message, failure.File, failure);
            }
        }
    }

    /// <summary>
    /// Starts a run of keys that come in rising order: it becomes part of the store in one step, beside the log.
    /// </summary>
    /// <param name="at">The timestamp of all its keys, at or before <see cref="LastCommit"/> and above that of any version that they have. Readers at or after it see the run once it is added.</param>
    ISortedRun BeginSortedRun(Timestamp at);

    /// <summary>
    /// Puts keys at one timestamp beside the log: readers at or after it see them at once, and they are durable only after <see cref="FlushUnlogged"/>. The timestamp is as of
    /// <see cref="BeginSortedRun"/>. May be called beside <see cref="Write"/>.
    /// </summary>
    /// <remarks>A crash before may leave any part of them: the caller knows how to remove it.</remarks>
    void WriteUnlogged(WriteBatch batch, Timestamp at);

    /// <summary>Makes everything that was written without the log durable.</summary>
    void FlushUnlogged();

    /// <summary>The highest commit timestamp in the store, found again at open; zero in a new one.</summary>
    Timestamp LastCommit { get; }

    /// <summary>Versions that are shadowed before this mark may be dropped by compaction; reads before it are refused afterwards.</summary>
    void AdvanceHistoryLow(Timestamp low);

    Timestamp HistoryLow { get; }

    /// <summary>
    /// Gives the space of [lower, upper) back, as far as no read at or after <see cref="HistoryLow"/> can see what lies there: it takes nothing away that can be read. Slow, for the background.
    /// Once <paramref name="stopping"/> fires, it ends with an OperationCanceledException, and so does every later call.
    /// </summary>
    void Reclaim(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, CancellationToken stopping)
    {
    }

    /// <summary>
    /// Gives back at once the files that hold nothing but keys of [lower, upper), which nobody may read any more. No key is equal to the upper bound. Deletes in those files go too: the
    /// caller has written a new range delete before, which hides what other files have, and calls <see cref="Reclaim"/> once history begins behind it.
    /// </summary>
    void DropFiles(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
    }

    /// <summary>Ordinary writes fail with <see cref="StorageFailure.DiskFull"/> until space is given back.</summary>
    bool IsShortOfSpace => false;

    /// <summary>Approximate bytes on disk between two keys; the planner and SHOW use it.</summary>
    long ApproximateSize(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper);

    /// <summary>Unversioned small values of the node itself (identity, format version). Durable when it returns.</summary>
    void PutLocal(string name, ReadOnlySpan<byte> value);

    byte[]? GetLocal(string name);
}

/// <summary>A batch and the timestamp at which it becomes visible.</summary>
public readonly record struct StampedBatch(WriteBatch Batch, Timestamp CommitTimestamp);

/// <summary>A value read in place. <c>default</c> is "not found".</summary>
public readonly ref struct PinnedValue
{
    private readonly IValueOwner? _owner;
    private readonly nint _handle;

    public PinnedValue(ReadOnlySpan<byte> value, IValueOwner? owner, nint handle)
    {
        Value = value;
        Found = true;
        _owner = owner;
        _handle = handle;
    }

    public bool Found { get; }

    public ReadOnlySpan<byte> Value { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _owner?.Release(_handle);
}

/// <summary>Takes back what a <see cref="PinnedValue"/> pins.</summary>
public interface IValueOwner
{
    void Release(nint handle);
}

/// <summary>A cursor over keys and their values at one timestamp. Used by one thread at a time. Spans live until the next move.</summary>
public interface IStoreIterator : IDisposable
{
    bool SeekToFirst();

    bool SeekToLast();

    /// <summary>Positions at the first key at or after <paramref name="key"/>.</summary>
    bool Seek(ReadOnlySpan<byte> key);

    /// <summary>Positions at the last key at or before <paramref name="key"/>.</summary>
    bool SeekForPrevious(ReadOnlySpan<byte> key);

    bool MoveNext();

    bool MovePrevious();

    /// <summary>The current key, without its timestamp.</summary>
    ReadOnlySpan<byte> Key { get; }

    ReadOnlySpan<byte> Value { get; }

    /// <summary>The timestamp of the current version; zero when history no longer reaches back to it.</summary>
    Timestamp At { get; }
}

/// <summary>See <see cref="IVersionedStore.BeginSortedRun"/>. Used by one thread at a time. What was not added when it is disposed is gone.</summary>
public interface ISortedRun : IDisposable
{
    /// <summary>Bytes written so far, about.</summary>
    long Length { get; }

    /// <summary>A key above all that were put before.</summary>
    void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>
    /// Ends the run and makes it part of the store, durable when it returns. False: a key that the store has, dead ones too, lies between its first and its last, and nothing was added;
    /// such keys go in by <see cref="IVersionedStore.WriteUnlogged"/>.
    /// </summary>
    bool Add();
}

/// <summary>What went wrong with the disk; <see cref="Kind"/> decides the SQLSTATE that the session reports.</summary>
public enum StorageFailure
{
    /// <summary>58030: the write did not happen.</summary>
    InputOutput,

    /// <summary>53100: no space left.</summary>
    DiskFull,

    /// <summary>40003: a sync failed; whether the write is there is unknown.</summary>
    OutcomeUnknown,

    /// <summary>XX001: a checksum, a MAC or a structure does not match.</summary>
    Corruption,

    /// <summary>The read asks for a version that the GC window has passed.</summary>
    HistoryGone,

    /// <summary>The store has failed before and takes no more writes.</summary>
    ReadOnly,
}

/// <summary>A failure of the disk or of what is on it, with the file where it is known.</summary>
public sealed class StorageException(StorageFailure kind, string message, string? file = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    public StorageFailure Kind { get; } = kind;

    public string? File { get; } = file;
}
