using Chitin.Cryptography;
using Chitin.Storage.Native;
using Microsoft.Extensions.Logging;

namespace Chitin.Storage;

public sealed unsafe partial class RocksStore
{
    /// <summary>Whether there is no store in a directory, nor anything that one would not be made beside: a new one may get a key of its own.</summary>
    public static bool IsAbsent(string directory) => StoreDirectory.IsVacant(directory);

    /// <summary>
    /// Opens a store, or makes one where there is none. Refuses, without having written anything, when the key does not fit, the store is in use
    /// or its files are damaged: <see cref="EncryptionException"/> for keys, <see cref="StorageException"/> for the rest; both name the file.
    /// </summary>
    public static RocksStore Open(StoreOptions options, ILogger logger, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var problem in options.Problems())
            throw StorageErrors.Unsupported(problem);
        RocksLibrary.Load();
        var directory = StoreDirectory.Examine(options.Directory);
        DataKeyRegistry? keys = null;
        RocksDatabase? database = null;
        try
        {
            RequireKeys(directory, options, clock);
            directory.Enter();
            keys = OpenKeys(directory, options, logger, clock);
            if (!directory.IsNew)
                CheckLogs(directory, options, keys, logger);
            var plan = SpacePlan.For(directory.Path, options);
            SpaceGuard.MakeRoomToOpen(directory.Path, plan, logger);
            var spill = SpillDirectory.Open(directory.TemporaryPath);
            database = RocksDatabase.Open(directory, options, plan, keys, logger);
            if (directory.IsNew)
                directory.Complete();
            var store = new RocksStore(directory, keys, database, spill, options, plan, logger, clock);
            store.LogOpened();
            return store;
        }
        catch (Exception e)
        {
            database?.Dispose();
            keys?.Dispose();
            directory.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new StorageException(StorageFailure.InputOutput, $"could not open store {directory.Path}: {e.Message}", directory.Path, e);
            throw;
        }
    }

    /// <summary>
    /// Gives up the commits behind the damage in the write-ahead logs, so that the store opens again at the state before it.
    /// What is given up is moved to <c>salvage-…</c> in the store's directory, still encrypted.
    /// </summary>
    /// <returns>One line for each log that was cut or moved; empty when nothing had to be done.</returns>
    public static IReadOnlyList<string> RepairWal(StoreOptions options, ILogger logger, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        RocksLibrary.Load();
        using var directory = StoreDirectory.Examine(options.Directory);
        if (directory.IsNew)
            throw StorageErrors.Corruption($"there is no store in {directory.Path}", directory.Path);
        directory.Enter();
        using var keys = OpenKeys(directory, options, logger, clock);
        var check = Inspect(directory, options, keys, logger);
        if (check.Damaged is not { } damaged)
            return [];

        var salvage = Path.Combine(directory.Path, $"salvage-{clock.GetUtcNow():yyyyMMdd-HHmmss}");
        StoreDirectory.CreateDirectory(salvage);
        var report = new List<string>();
        foreach (var log in check.Logs.Where(l => l.Number >= damaged.Number))
        {
            var kept = log.Number == damaged.Number && log.End != LogEnd.NoHeader ? log.ValidEnd : 0;
            GiveUp(log, kept, salvage);
            logger.WalRepaired(log.Path, log.Length - kept, kept, salvage);
            report.Add($"{log.Path}: {log.Length - kept} bytes behind byte {kept} moved to {salvage}");
        }

        DurableFile.SyncDirectory(directory.DatabasePath);
        using var database = RocksDatabase.Open(directory, options, SpacePlan.For(directory.Path, options), keys, logger, trackLogs: false);
        database.Flush();   // from now on the cut logs are not needed
        return report;
    }

    private static void RequireKeys(StoreDirectory directory, StoreOptions options, TimeProvider clock)
    {
        if (directory.IsNew)
            StoreKeyFile.Read(options.Encryption.Key).Dispose();
        else
            DataKeyRegistry.Open(directory.Path, options.Encryption, clock, readOnly: true).Dispose();
    }

    private static DataKeyRegistry OpenKeys(StoreDirectory directory, StoreOptions options, ILogger logger, TimeProvider clock)
    {
        if (directory.IsNew)
            return DataKeyRegistry.Create(directory.Path, options.Encryption, clock);
        var before = DataKeyRegistry.ReadActiveStoreKey(directory.Path);
        var keys = DataKeyRegistry.Open(directory.Path, options.Encryption, clock);
        if (before?.Id != keys.ActiveStoreKey.Id)
            logger.KeyChanged(directory.Path, keys.ActiveStoreKey.Id, keys.ActiveStoreKey.Source, keys.Active?.Id.ToString() ?? "none");
        return keys;
    }

    private static WriteAheadLogCheck Inspect(StoreDirectory directory, StoreOptions options, DataKeyRegistry keys, ILogger logger) =>
        WriteAheadLogCheck.Run(directory.DatabasePath, keys, () => RocksDatabase.OldestNeededLog(directory, options, keys, logger));

    private static void CheckLogs(StoreDirectory directory, StoreOptions options, DataKeyRegistry keys, ILogger logger)
    {
        var check = Inspect(directory, options, keys, logger);
        if (check.Damaged is not null)
            throw check.Refusal();
        foreach (var log in check.Logs.Where(l => l.End == LogEnd.Torn))
            logger.TornTail(log.Path, log.ValidEnd, log.Length);
        foreach (var log in check.Stillborn)
            File.Delete(log.Path);
    }

    /// <summary>Keeps the start of a log and puts a copy of the whole aside; a log of which nothing is kept is moved.</summary>
    private static void GiveUp(LogScan log, long kept, string salvage)
    {
        var aside = Path.Combine(salvage, Path.GetFileName(log.Path));
        if (kept == 0)
        {
            File.Move(log.Path, aside);
            return;
        }

        File.Copy(log.Path, aside);
        using var file = new FileStream(log.Path, FileMode.Open, FileAccess.Write);
        file.SetLength(kept);
        file.Flush(flushToDisk: true);
    }

    private void LogOpened()
    {
        _logger.Opened(_directory.Path, _keys.Algorithm.Name(), _keys.ActiveStoreKey.Id, _keys.Active?.Id.ToString() ?? "none");
        if (_keys.Active is null)
            _logger.NotEncrypted(_directory.Path);
    }
}
