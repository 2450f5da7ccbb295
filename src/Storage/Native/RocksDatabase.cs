using System.Runtime.InteropServices;
using Chitin.Cryptography;
using Microsoft.Extensions.Logging;

namespace Chitin.Storage.Native;

/// <summary>
/// An open RocksDB with its options, Env and logger, and two column families: "default" for unversioned values and "data" with timestamps
/// (BytewiseComparatorWithU64Ts). Owns all of it; nothing may use the handles after it is disposed.
/// </summary>
internal sealed unsafe class RocksDatabase : IDisposable
{
    /// <summary>Column family ids are given in order of creation and are part of every batch.</summary>
    public const uint LocalFamily = 0;
    public const uint DataFamily = 1;

    private const int Lz4 = 4;
    private const int PointInTimeRecovery = 2;
    private const int BlockSize = 8 * 1024;
    private const double BloomBitsPerKey = 10;
    private const nuint LocalMemtableBytes = 1024 * 1024;

    private readonly EncryptedEnvironment _environment;
    private readonly InfoLog _log;
    private readonly List<nint> _options = [];
    private readonly nint _cache;
    private bool _closed;

    private RocksDatabase(StoreOptions options, DataKeyRegistry keys, ILogger logger)
    {
        _environment = new EncryptedEnvironment(keys);
        _log = new InfoLog(logger);
        _cache = Rocks.CacheCreateLru((nuint)options.CacheBytes);
    }

    public nint Handle { get; private set; }

    public nint Local { get; private set; }

    public nint Data { get; private set; }

    public long CacheUsage => (long)Rocks.CacheGetUsage(_cache);

    /// <param name="trackLogs">Off only to open a store whose logs were repaired: they do not have the lengths that the MANIFEST remembers.</param>
    public static RocksDatabase Open(StoreDirectory directory, StoreOptions options, SpacePlan plan, DataKeyRegistry keys, ILogger logger, bool trackLogs = true)
    {
        var database = new RocksDatabase(options, keys, logger);
        try
        {
            var settings = database.DatabaseOptions(options, plan, directory.IsNew, trackLogs);
            database.OpenFamilies(settings, directory.DatabasePath, plan, readOnly: false);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The number of the oldest write-ahead log that holds something which is not in a table file. Writes nothing.</summary>
    public static long OldestNeededLog(StoreDirectory directory, StoreOptions options, DataKeyRegistry keys, ILogger logger)
    {
        using var database = new RocksDatabase(options, keys, logger);
        var plan = SpacePlan.For(directory.Path, options);
        var settings = database.DatabaseOptions(options, plan, isNew: false, trackLogs: false);
        fixed (byte* noLogs = Rocks.NullTerminated(directory.TemporaryPath))
            ((delegate* unmanaged<nint, byte*, void>)RocksLibrary.Export("rocksdb_options_set_wal_dir"))(settings, noLogs);   // only the MANIFEST is asked
        database.OpenFamilies(settings, directory.DatabasePath, plan, readOnly: true);
        return (long)(database.Property(database.Local, "rocksdb.min-log-number-to-keep") ?? 0);
    }

    /// <summary>Options for table files that are written outside and added later: as the data family's, under the same Env.</summary>
    public nint TableFileOptions(SpacePlan plan)
    {
        var settings = FamilyOptions(plan, isData: true);
        Rocks.OptionsSetEnv(settings, _environment.Handle);
        Rocks.OptionsSetInfoLog(settings, _log.Handle);
        return settings;
    }

    public ulong? Property(nint family, string name)
    {
        ulong value;
        fixed (byte* text = Rocks.NullTerminated(name))
            return Rocks.PropertyInt(Handle, family, text, &value) == 0 ? value : null;
    }

    /// <summary>Writes all memtables to table files.</summary>
    public void Flush()
    {
        var flushOptions = Rocks.FlushOptionsCreate();
        var families = stackalloc nint[2] { Local, Data };
        nint error = 0;
        Rocks.FlushColumnFamilies(Handle, flushOptions, families, 2, &error);
        Rocks.FlushOptionsDestroy(flushOptions);
        if (Rocks.TakeError(error) is { } text)
            throw StorageErrors.FromNative(text);
    }

    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        if (Handle != 0)
        {
            Rocks.DisableManualCompaction(Handle);
            Rocks.ColumnFamilyHandleDestroy(Local);
            Rocks.ColumnFamilyHandleDestroy(Data);
            Rocks.Close(Handle);
            Handle = 0;
        }

        foreach (var options in _options)
            Rocks.OptionsDestroy(options);
        Rocks.CacheDestroy(_cache);
        _environment.Dispose();
        _log.Dispose();
    }

    private void OpenFamilies(nint settings, string path, SpacePlan plan, bool readOnly)
    {
        nint error = 0;
        var names = new[] { Rocks.NullTerminated("default"), Rocks.NullTerminated("data") };
        var handles = stackalloc nint[2];
        var families = stackalloc nint[2] { FamilyOptions(plan, isData: false), FamilyOptions(plan, isData: true) };
        fixed (byte* directory = Rocks.NullTerminated(path), first = names[0], second = names[1])
        {
            var namePointers = stackalloc nint[2] { (nint)first, (nint)second };
            Handle = readOnly
                ? Rocks.OpenForReadOnlyColumnFamilies(settings, directory, 2, namePointers, families, handles, 0, &error)
                : Rocks.OpenColumnFamilies(settings, directory, 2, namePointers, families, handles, &error);
        }

        if (Rocks.TakeError(error) is { } text)
        {
            Handle = 0;
            throw OpenFailure(path, text);
        }

        (Local, Data) = (handles[0], handles[1]);
        if (Rocks.ColumnFamilyHandleGetId(Local) != LocalFamily || Rocks.ColumnFamilyHandleGetId(Data) != DataFamily)
            throw StorageErrors.Corruption($"the column families of {path} do not have the numbers that batches name", path);
    }

    private static StorageException OpenFailure(string path, string text)
    {
        if (text.Contains("lock", StringComparison.OrdinalIgnoreCase) && text.StartsWith("IO error", StringComparison.Ordinal))
            return StorageErrors.InUse(path);
        // A file that the store needs and that is not there is damage, whatever RocksDB calls it.
        var missing = text.Contains("No such file", StringComparison.Ordinal) || text.Contains("does not exist", StringComparison.Ordinal);
        return StorageErrors.FromNative(missing && !text.StartsWith("Corruption", StringComparison.Ordinal) ? $"Corruption: missing file: {text}" : text);
    }

    private nint DatabaseOptions(StoreOptions options, SpacePlan plan, bool isNew, bool trackLogs)
    {
        var settings = NewOptions();
        Rocks.SetOption(settings, "create_if_missing", isNew ? (byte)1 : (byte)0);
        Rocks.SetOption(settings, "create_missing_column_families", isNew ? (byte)1 : (byte)0);
        Rocks.OptionsSetEnv(settings, _environment.Handle);
        Rocks.OptionsSetInfoLog(settings, _log.Handle);
        Rocks.SetOption(settings, "paranoid_checks", (byte)1);
        Rocks.SetOption(settings, "wal_recovery_mode", PointInTimeRecovery);
        Rocks.SetOption(settings, "track_and_verify_wals_in_manifest", trackLogs ? (byte)1 : (byte)0);
        Rocks.SetOption(settings, "recycle_log_file_num", (nuint)0);   // rewriting a log would use its keystream twice
        Rocks.SetOption(settings, "use_direct_reads", (byte)0);
        Rocks.SetOption(settings, "use_direct_io_for_flush_and_compaction", (byte)0);   // rewrites the last page: the same
        Rocks.SetOption(settings, "atomic_flush", (byte)1);   // both families leave a log together
        Rocks.SetOption(settings, "max_background_jobs", options.BackgroundThreads);
        Rocks.SetOption(settings, "max_total_wal_size", (nuint)plan.Log);
        Rocks.SetOption(settings, "stats_dump_period_sec", 0u);
        Rocks.SetOption(settings, "stats_persist_period_sec", 0u);
        Rocks.SetOption(settings, "bytes_per_sync", (nuint)(1024 * 1024));
        return settings;
    }

    private nint FamilyOptions(SpacePlan plan, bool isData)
    {
        var settings = NewOptions();
        var table = Rocks.TableOptionsCreate();
        Rocks.TableOptionsSetBlockCache(table, _cache);
        Rocks.TableOptionsSetBlockSize(table, BlockSize);
        Rocks.TableOptionsSetFilterPolicy(table, Rocks.FilterPolicyCreateBloomFull(BloomBitsPerKey));   // owned by the table options
        Rocks.TableOptionsSetCacheIndexAndFilterBlocks(table, 0);   // about 2 bytes a row outside the cache, but a third less time for a point read
        Rocks.OptionsSetBlockBasedTableFactory(settings, table);
        Rocks.TableOptionsDestroy(table);
        Rocks.SetOption(settings, "write_buffer_size", isData ? (nuint)plan.Memtable : LocalMemtableBytes);
        Rocks.SetOption(settings, "max_write_buffer_number", 3);
        Rocks.SetOption(settings, "target_file_size_base", (ulong)plan.TableFile);
        Rocks.SetOption(settings, "max_bytes_for_level_base", (ulong)plan.Level);
        Rocks.SetOption(settings, "max_compaction_bytes", (ulong)plan.Compaction);
        if (isData)
        {
            Rocks.SetOption(settings, "disable_auto_compactions", 1);   // until it is known that there is room
            Rocks.SetOption(settings, "compression", Lz4);
            Rocks.OptionsSetComparator(settings, ((delegate* unmanaged<nint>)RocksLibrary.Export("_ZN7rocksdb27BytewiseComparatorWithU64TsEv"))());
            Rocks.SetOption(settings, "memtable_whole_key_filtering", (byte)1);
            Rocks.SetOption(settings, "memtable_prefix_bloom_size_ratio", 0.02);
        }
        else
        {
            Rocks.SetOption(settings, "compression", 0);
        }

        return settings;
    }

    private nint NewOptions()
    {
        var settings = Rocks.OptionsCreate();
        _options.Add(settings);
        return settings;
    }
}
