using Chitin.Core;
using Chitin.Cryptography;
using Chitin.Storage.Native;

namespace Chitin.Storage;

public sealed unsafe partial class RocksStore
{
    private static readonly TimeSpan s_roomInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Rewrites [lower, upper) down to the last level, so that versions and deleted ranges below the history mark give their space back.
    /// Runs in the calling thread and may take long; call it in the background. An empty upper bound is the end of the store.
    /// </summary>
    public void CompactRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        RequireOpen();
        Compact(_data, lower, upper);
    }

    public void Reclaim(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        _space.PrepareToFree(isCertain: !upper.IsEmpty);
        var errors = Property("rocksdb.background-errors");
        Flush();   // also lets go of the logs
        bool hadRoom;
        using (stopping.UnsafeRegister(static store => ((RocksStore)store!).StopCompacting(), this))
            hadRoom = CompactWithinRoom(lower, upper);
        stopping.ThrowIfCancellationRequested();
        if (!hadRoom)
            throw _space.NoRoom(_space.Reserve);
        if (Property("rocksdb.background-errors") > errors)
            throw StorageErrors.FromNative("a compaction failed; see the log");
    }

    public void DropFiles(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        RequireOpen();
        Invariant.Holds(!upper.IsEmpty, "files are dropped up to a bound");
        nint error = 0;
        fixed (byte* start = lower, end = upper)
            Rocks.DeleteFilesInRange(_db, _data, start, (nuint)lower.Length, end, (nuint)upper.Length, &error);
        if (Rocks.TakeError(error) is { } text)
            throw StorageErrors.FromNative(text);
    }

    /// <summary>
    /// A compaction that ran out of space would take it from commits, and RocksDB would then not try again until much is free: it is stopped before. What it has finished stays.
    /// False: it was stopped.
    /// </summary>
    private bool CompactWithinRoom(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        // A dropped range gives back more than it takes.
        var purpose = upper.IsEmpty ? WritePurpose.Ordinary : WritePurpose.Freeing;
        var isStopped = false;
        using var ended = new ManualResetEvent(false);
        var look = new Timer(
            _ =>
            {
                if (isStopped || _space.LeavesRoom(purpose))
                    return;
                isStopped = true;
                StopCompacting();
            },
            null,
            s_roomInterval,
            s_roomInterval);
        CompactRange(lower, upper);
        look.Dispose(ended);
        ended.WaitOne();
        if (isStopped)
            Rocks.EnableManualCompaction(_db);   // each call of the other is counted
        return !isStopped;
    }

    private void StopCompacting() => Rocks.DisableManualCompaction(_db);

    /// <summary>Rewrites every table file, so that all of them are under the active data key.</summary>
    public void CompactAll()
    {
        Flush();
        Compact(_database.Local, default, default);
        Compact(_data, default, default);
    }

    /// <summary>Writes all memtables to table files.</summary>
    public void Flush()
    {
        RequireOpen();
        _database.Flush();
    }

    /// <summary>
    /// A consistent copy of the store in a new directory, which opens with the same keys. Table files are hard links where the file system allows it.
    /// </summary>
    public void CreateCheckpoint(string path)
    {
        RequireOpen();
        path = Path.GetFullPath(path);
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new StorageException(StorageFailure.InputOutput, $"directory {path} for a checkpoint is not empty", path);
        try
        {
            StoreDirectory.CreateDirectory(path);
            CheckpointDatabase(Path.Combine(path, "db"));
            File.Copy(Path.Combine(_directory.Path, DataKeyRegistry.FileName), Path.Combine(path, DataKeyRegistry.FileName));
            StoreDirectory.WriteFormat(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFailure.InputOutput, $"could not make checkpoint {path}: {e.Message}", path, e);
        }
    }

    public StoreMetrics GetMetrics()
    {
        RequireOpen();
        var files = StoreFiles.List(_directory.DatabasePath);
        var active = _keys.Active?.Id ?? DataKeyId.None;
        return new StoreMetrics
        {
            Algorithm = _keys.Algorithm,
            ActiveStoreKeyId = _keys.ActiveStoreKey.Id,
            ActiveDataKeyId = _keys.Active?.Id.ToString(),
            TotalFiles = files.Count,
            TotalBytes = files.Sum(f => f.Length),
            ActiveKeyFiles = files.Count(f => f.KeyId == active),
            ActiveKeyBytes = files.Where(f => f.KeyId == active).Sum(f => f.Length),
            FilesByKey = files.GroupBy(f => f.KeyId).ToDictionary(g => g.Key == DataKeyId.None ? "plaintext" : g.Key.ToString(), g => g.Count()),
            TableBytes = Property("rocksdb.total-sst-files-size"),
            LiveDataBytes = Property("rocksdb.estimate-live-data-size"),
            EstimatedKeys = Property("rocksdb.estimate-num-keys"),
            AvailableBytes = _space.Available,
            IsShortOfSpace = _space.IsShort,
            MemtableBytes = Property("rocksdb.cur-size-all-mem-tables"),
            BlockCacheBytes = _database.CacheUsage,
            RunningCompactions = Property("rocksdb.num-running-compactions"),
            RunningFlushes = Property("rocksdb.num-running-flushes"),
            PendingCompactionBytes = Property("rocksdb.estimate-pending-compaction-bytes"),
            BackgroundErrors = Property("rocksdb.background-errors"),
            HistoryLow = HistoryLow,
            LastCommit = LastCommit,
        };
    }

    /// <summary>Which keys the store has, and which of its files each encrypts.</summary>
    public IReadOnlyList<StoreKeyStatus> GetEncryptionStatus()
    {
        RequireOpen();
        return EncryptionStatus.Of(_keys, StoreFiles.List(_directory.DatabasePath));
    }

    private void Compact(nint family, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        const byte Force = 2;
        var options = Rocks.CompactOptionsCreate();
        Rocks.CompactOptionsSetExclusive(options, 0);
        Rocks.CompactOptionsSetBottommost(options, Force);
        fixed (byte* start = lower, end = upper)
            Rocks.CompactRange(_db, family, options, start, (nuint)lower.Length, end, (nuint)upper.Length);
        Rocks.CompactOptionsDestroy(options);
    }

    private long Property(string name) => (long)(_database.Property(_data, name) ?? 0);

    private void CheckpointDatabase(string path)
    {
        nint error = 0;
        var checkpoint = Rocks.CheckpointObjectCreate(_db, &error);
        if (error == 0)
        {
            fixed (byte* target = Rocks.NullTerminated(path))
                Rocks.CheckpointCreate(checkpoint, target, 0, &error);
            Rocks.CheckpointObjectDestroy(checkpoint);
        }

        if (Rocks.TakeError(error) is { } text)
            throw StorageErrors.FromNative(text);
    }
}
