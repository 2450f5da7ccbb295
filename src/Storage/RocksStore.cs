using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Chitin.Core;
using Chitin.Cryptography;
using Chitin.Storage.Native;
using Microsoft.Extensions.Logging;

namespace Chitin.Storage;

/// <summary>
/// The store on disk: RocksDB with user-defined timestamps, every file encrypted under the store's data keys. See <see cref="StoreDirectory"/> for what is where.
/// </summary>
/// <remarks>
/// A failed write whose outcome is unknown ends writing for good: all later writes are refused, <see cref="Failed"/> completes, and the process is to exit.
/// All reads and iterators must be over before it is disposed.
/// </remarks>
public sealed unsafe partial class RocksStore : IVersionedStore, IValueOwner
{
    private const string LocalPrefix = "v/";
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromSeconds(2);

    [ThreadStatic]
    private static ReadContext? t_read;

    private readonly StoreDirectory _directory;
    private readonly DataKeyRegistry _keys;
    private readonly RocksDatabase _database;
    private readonly StoreOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _writing = new();
    private readonly BatchEncoder _encoder = new();
    private readonly SpaceGuard _space;
    private readonly ITimer _watch;
    private readonly TaskCompletionSource<StorageException> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly nint _writeOptions;
    private readonly nint _syncedWriteOptions;
    private readonly nint _unloggedWriteOptions;
    private readonly nint _db;      // copies of the database's handles, for the hot paths
    private readonly nint _data;
    private volatile StorageException? _failure;
    private ulong _lastCommit;
    private ulong _historyLow;
    private volatile bool _disposed;

    private readonly nint _tableFileOptions;
    private long _runs;

    private RocksStore(StoreDirectory directory, DataKeyRegistry keys, RocksDatabase database, SpillDirectory spill, StoreOptions options, SpacePlan plan, ILogger logger, TimeProvider clock)
    {
        (_directory, _keys, _database, Spill, _options, _logger) = (directory, keys, database, spill, options, logger);
        (_db, _data) = (database.Handle, database.Data);
        _space = new SpaceGuard(directory.Path, plan, SizesOnDisk, SwitchCompactions, logger);
        spill.Guard = bytes => _space.Require(bytes, WritePurpose.Ordinary);
        _tableFileOptions = database.TableFileOptions(plan);
        _writeOptions = Rocks.WriteOptionsCreate();
        _syncedWriteOptions = Rocks.WriteOptionsCreate();
        Rocks.WriteOptionsSetSync(_syncedWriteOptions, 1);
        _unloggedWriteOptions = Rocks.WriteOptionsCreate();
        Rocks.WriteOptionsDisableLog(_unloggedWriteOptions, 1);
        _lastCommit = GetLocalRaw(LastCommitKey) is { } value ? BinaryPrimitives.ReadUInt64LittleEndian(value) : 0;
        _historyLow = ReadHistoryLow();
        _watch = clock.CreateTimer(static store => ((RocksStore)store!).WatchSpace(), this, s_watchInterval, s_watchInterval);
    }

    public Timestamp LastCommit => new(Volatile.Read(ref _lastCommit));

    public Timestamp HistoryLow => new(Volatile.Read(ref _historyLow));

    /// <summary>Sealed temporary files of this store.</summary>
    public SpillDirectory Spill { get; }

    public string DirectoryPath => _directory.Path;

    /// <summary>Completes with the cause when the store has stopped taking writes: the process should say so and exit.</summary>
    public Task<StorageException> Failed => _failed.Task;

    private static ReadOnlySpan<byte> LastCommitKey => "c"u8;

    public PinnedValue Get(ReadOnlySpan<byte> key, Timestamp at)
    {
        RequireReadable(at);
        var context = t_read ??= new ReadContext();
        context.SetTimestamp(at);
        nint error = 0;
        nint handle;
        byte none;
        fixed (byte* start = key)
            handle = Rocks.GetPinned(_db, context.Options, _data, start is null ? &none : start, (nuint)key.Length, &error);
        if (handle == 0)
            return error == 0 ? default : throw ReadFailure(error, at);
        nuint length;
        var value = Rocks.PinnableValue(handle, &length);
        return new PinnedValue(new ReadOnlySpan<byte>(value, checked((int)length)), this, handle);
    }

    void IValueOwner.Release(nint handle) => Rocks.PinnableDestroy(handle);

    public IStoreIterator Scan(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp at)
    {
        RequireReadable(at);
        return new RocksIterator(this, lower, upper, at);
    }

    public void Write(WriteBatch batch, Timestamp commitTimestamp, bool sync)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_writing)
        {
            Invariant.Holds(commitTimestamp.Value > _lastCommit, "batches are written with rising timestamps");
            Invariant.Holds(commitTimestamp < Timestamp.Max, "the highest timestamp means 'now' and is never written");
            _space.Require(batch.Length, PurposeOf(batch));
            Write(_encoder.Encode([new StampedBatch(batch, commitTimestamp)], LastCommitKey), sync);
            Volatile.Write(ref _lastCommit, commitTimestamp.Value);
        }
    }

    /// <summary>One write of RocksDB: all of the group or nothing.</summary>
    public void WriteGroup(ReadOnlySpan<StampedBatch> group)
    {
        if (group.IsEmpty)
            return;
        lock (_writing)
        {
            var last = new Timestamp(_lastCommit);
            var length = 0L;
            var purpose = WritePurpose.Freeing;
            foreach (ref readonly var member in group)
            {
                Invariant.Holds(member.CommitTimestamp > last, "batches are written with rising timestamps");
                last = member.CommitTimestamp;
                length += member.Batch.Length;
                if (PurposeOf(member.Batch) is var own && own < purpose)
                    purpose = own;
            }

            Invariant.Holds(last < Timestamp.Max, "the highest timestamp means 'now' and is never written");
            _space.Require(length, purpose);
            Write(_encoder.Encode(group, LastCommitKey), sync: true);
            Volatile.Write(ref _lastCommit, last.Value);
        }
    }

    public void PutLocal(string name, ReadOnlySpan<byte> value)
    {
        _space.Require(name.Length + value.Length, WritePurpose.Freeing);
        lock (_writing)
            Write(_encoder.EncodeLocal(Encoding.UTF8.GetBytes(LocalPrefix + name), value), sync: true);
    }

    public byte[]? GetLocal(string name) => GetLocalRaw(Encoding.UTF8.GetBytes(LocalPrefix + name));

    public void AdvanceHistoryLow(Timestamp low)
    {
        lock (_writing)
        {
            RequireOpen();
            if (low.Value <= _historyLow)
                return;
            nint error = 0;
            var value = low.Value;
            Volatile.Write(ref _historyLow, value);   // first, so that no read begins below the mark that RocksDB is given
            Rocks.IncreaseFullHistoryTsLow(_db, _data, (byte*)&value, sizeof(ulong), &error);
            if (Rocks.TakeError(error) is { } text)
                throw StorageErrors.FromNative(text);
        }
    }

    public long ApproximateSize(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        const byte MemtablesAndFiles = 3;
        RequireOpen();
        ReadOnlySpan<byte> end = upper.IsEmpty ? stackalloc byte[] { 255, 255, 255, 255, 255, 255, 255, 255 } : upper;
        byte none;
        fixed (byte* first = lower, last = end)
        {
            nint start = first is null ? (nint)(&none) : (nint)first, limit = (nint)last, error = 0;
            nuint startLength = (nuint)lower.Length, limitLength = (nuint)end.Length;
            ulong size = 0;
            Rocks.ApproximateSizes(_db, _data, 1, &start, &startLength, &limit, &limitLength, MemtablesAndFiles, &size, &error);
            return Rocks.TakeError(error) is { } text ? throw StorageErrors.FromNative(text) : (long)size;
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        StopWatching();
        FlushBeforeClosing();
        if (CloseIterators())
        {
            _database.Dispose();
            Rocks.WriteOptionsDestroy(_writeOptions);
            Rocks.WriteOptionsDestroy(_syncedWriteOptions);
            Rocks.WriteOptionsDestroy(_unloggedWriteOptions);
            _keys.Dispose();
        }

        Spill.Dispose();
        _directory.Dispose();
    }

    /// <summary>Hands an encoded batch to RocksDB. Under the write lock.</summary>
    private void Write(ReadOnlySpan<byte> encoded, bool sync)
    {
        RequireOpen();
        if (_failure is { } cause)
            throw StorageErrors.ReadOnly(cause);
        nint error = 0;
        fixed (byte* start = encoded)
        {
            var batch = Rocks.WriteBatchCreateFrom(start, (nuint)encoded.Length);
            Rocks.Write(_db, sync ? _syncedWriteOptions : _writeOptions, batch, &error);
            Rocks.WriteBatchDestroy(batch);
        }

        _encoder.Trim();
        if (Rocks.TakeError(error) is { } text)
            throw RecordFailure(StorageErrors.FromFailedWrite(text));
    }

    /// <summary>
    /// Want of space for a table file may pass, and RocksDB comes back by itself. After a failure of the log, or anything else, the handle is done with.
    /// </summary>
    private StorageException RecordFailure(StorageException failure)
    {
        var isOfLog = failure.File?.EndsWith(".log", StringComparison.Ordinal) ?? false;
        if (failure.Kind == StorageFailure.DiskFull && !isOfLog)
        {
            _logger.DiskFull(failure.Message);
            return failure;
        }

        _failure = failure;
        _logger.WriteFailed(failure.Message);
        _failed.TrySetResult(failure);
        return failure;
    }

    private byte[]? GetLocalRaw(ReadOnlySpan<byte> key)
    {
        RequireOpen();
        var options = Rocks.ReadOptionsCreate();
        nint error = 0, handle;
        fixed (byte* start = key)
            handle = Rocks.GetPinned(_db, options, _database.Local, start, (nuint)key.Length, &error);
        Rocks.ReadOptionsDestroy(options);
        if (handle == 0)
            return Rocks.TakeError(error) is { } text ? throw StorageErrors.FromNative(text) : null;
        nuint length;
        var value = Rocks.PinnableValue(handle, &length);
        var copy = new ReadOnlySpan<byte>(value, checked((int)length)).ToArray();
        Rocks.PinnableDestroy(handle);
        return copy;
    }

    private ulong ReadHistoryLow()
    {
        nint error = 0;
        nuint length = 0;
        var mark = Rocks.GetFullHistoryTsLow(_db, _data, &length, &error);
        if (Rocks.TakeError(error) is { } text)
            throw StorageErrors.FromNative(text);
        var value = mark is not null && length == sizeof(ulong) ? *(ulong*)mark : 0;
        if (mark is not null)
            Rocks.Free(mark);
        return value;
    }

    private void RequireReadable(Timestamp at)
    {
        RequireOpen();
        if (at.Value < Volatile.Read(ref _historyLow))
            throw StorageErrors.HistoryGone(at, HistoryLow);
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_disposed, this);

    private StorageException ReadFailure(nint error, Timestamp at)
    {
        var text = Rocks.TakeError(error)!;
        return at < HistoryLow ? StorageErrors.HistoryGone(at, HistoryLow) : StorageErrors.FromNative(text);
    }

    private void FlushBeforeClosing()
    {
        if (_failure is not null)
            return;
        try
        {
            _database.Flush();   // so that the next start has no log to replay
        }
        catch (StorageException e)
        {
            _logger.CloseFlushFailed(_directory.Path, e.Message);   // the log still has everything
        }
    }
}
