using System.Runtime.InteropServices;
using System.Text;

namespace Chitin.Storage.Native;

/// <summary>
/// The functions of RocksDB's C interface (c.h) that the store calls, by their names without "rocksdb_". Handles are <see cref="nint"/>,
/// booleans are bytes, a last parameter <c>nint*</c> takes an error text that <see cref="TakeError"/> frees.
/// </summary>
/// <remarks>Functions that neither block nor call back are bound without the collector's transition.</remarks>
internal static unsafe class Rocks
{
    public static readonly delegate* unmanaged<void*, void> Free = (delegate* unmanaged<void*, void>)Export("free");

    public static readonly delegate* unmanaged<nint> OptionsCreate = (delegate* unmanaged<nint>)Export("options_create");
    public static readonly delegate* unmanaged<nint, void> OptionsDestroy = (delegate* unmanaged<nint, void>)Export("options_destroy");
    public static readonly delegate* unmanaged<nint, nint, void> OptionsSetEnv = (delegate* unmanaged<nint, nint, void>)Export("options_set_env");
    public static readonly delegate* unmanaged<nint, nint, void> OptionsSetInfoLog = (delegate* unmanaged<nint, nint, void>)Export("options_set_info_log");
    public static readonly delegate* unmanaged<nint, nint, void> OptionsSetComparator = (delegate* unmanaged<nint, nint, void>)Export("options_set_comparator");
    public static readonly delegate* unmanaged<nint, nint, void> OptionsSetBlockBasedTableFactory = (delegate* unmanaged<nint, nint, void>)Export("options_set_block_based_table_factory");

    public static readonly delegate* unmanaged<nint> TableOptionsCreate = (delegate* unmanaged<nint>)Export("block_based_options_create");
    public static readonly delegate* unmanaged<nint, void> TableOptionsDestroy = (delegate* unmanaged<nint, void>)Export("block_based_options_destroy");
    public static readonly delegate* unmanaged<nint, nint, void> TableOptionsSetBlockCache = (delegate* unmanaged<nint, nint, void>)Export("block_based_options_set_block_cache");
    public static readonly delegate* unmanaged<nint, nuint, void> TableOptionsSetBlockSize = (delegate* unmanaged<nint, nuint, void>)Export("block_based_options_set_block_size");
    public static readonly delegate* unmanaged<nint, nint, void> TableOptionsSetFilterPolicy = (delegate* unmanaged<nint, nint, void>)Export("block_based_options_set_filter_policy");
    public static readonly delegate* unmanaged<nint, byte, void> TableOptionsSetCacheIndexAndFilterBlocks = (delegate* unmanaged<nint, byte, void>)Export("block_based_options_set_cache_index_and_filter_blocks");
    public static readonly delegate* unmanaged<double, nint> FilterPolicyCreateBloomFull = (delegate* unmanaged<double, nint>)Export("filterpolicy_create_bloom_full");
    public static readonly delegate* unmanaged<nuint, nint> CacheCreateLru = (delegate* unmanaged<nuint, nint>)Export("cache_create_lru");
    public static readonly delegate* unmanaged<nint, void> CacheDestroy = (delegate* unmanaged<nint, void>)Export("cache_destroy");
    public static readonly delegate* unmanaged<nint, nuint> CacheGetUsage = (delegate* unmanaged<nint, nuint>)Export("cache_get_usage");

    public static readonly delegate* unmanaged<int, delegate* unmanaged<nint, uint, byte*, nuint, void>, nint, nint> LoggerCreateCallback = (delegate* unmanaged<int, delegate* unmanaged<nint, uint, byte*, nuint, void>, nint, nint>)Export("logger_create_callback_logger");
    public static readonly delegate* unmanaged<nint, void> LoggerDestroy = (delegate* unmanaged<nint, void>)Export("logger_destroy");
    public static readonly delegate* unmanaged<nint, void> EnvDestroy = (delegate* unmanaged<nint, void>)Export("env_destroy");

    public static readonly delegate* unmanaged<nint, byte*, int, nint*, nint*, nint*, nint*, nint> OpenColumnFamilies = (delegate* unmanaged<nint, byte*, int, nint*, nint*, nint*, nint*, nint>)Export("open_column_families");
    public static readonly delegate* unmanaged<nint, byte*, int, nint*, nint*, nint*, byte, nint*, nint> OpenForReadOnlyColumnFamilies = (delegate* unmanaged<nint, byte*, int, nint*, nint*, nint*, byte, nint*, nint>)Export("open_for_read_only_column_families");
    public static readonly delegate* unmanaged<nint, void> Close = (delegate* unmanaged<nint, void>)Export("close");
    public static readonly delegate* unmanaged<nint, byte, void> CancelAllBackgroundWork = (delegate* unmanaged<nint, byte, void>)Export("cancel_all_background_work");
    public static readonly delegate* unmanaged<nint, void> ColumnFamilyHandleDestroy = (delegate* unmanaged<nint, void>)Export("column_family_handle_destroy");
    public static readonly delegate* unmanaged<nint, uint> ColumnFamilyHandleGetId = (delegate* unmanaged<nint, uint>)Export("column_family_handle_get_id");

    public static readonly delegate* unmanaged<nint> ReadOptionsCreate = (delegate* unmanaged<nint>)Export("readoptions_create");
    public static readonly delegate* unmanaged<nint, void> ReadOptionsDestroy = (delegate* unmanaged<nint, void>)Export("readoptions_destroy");
    public static readonly delegate* unmanaged<nint, byte*, nuint, void> ReadOptionsSetTimestamp = (delegate* unmanaged<nint, byte*, nuint, void>)Export("readoptions_set_timestamp");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, byte*, nuint, void> ReadOptionsSetLowerBound = (delegate* unmanaged[SuppressGCTransition]<nint, byte*, nuint, void>)Export("readoptions_set_iterate_lower_bound");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, byte*, nuint, void> ReadOptionsSetUpperBound = (delegate* unmanaged[SuppressGCTransition]<nint, byte*, nuint, void>)Export("readoptions_set_iterate_upper_bound");

    public static readonly delegate* unmanaged<nint, nint, nint, byte*, nuint, nint*, nint> GetPinned = (delegate* unmanaged<nint, nint, nint, byte*, nuint, nint*, nint>)Export("get_pinned_cf_v2");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*> PinnableValue = (delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*>)Export("pinnable_handle_get_value");
    public static readonly delegate* unmanaged<nint, void> PinnableDestroy = (delegate* unmanaged<nint, void>)Export("pinnable_handle_destroy");

    public static readonly delegate* unmanaged<nint, nint, nint, nint> IteratorCreate = (delegate* unmanaged<nint, nint, nint, nint>)Export("create_iterator_cf");
    public static readonly delegate* unmanaged<nint, void> IteratorDestroy = (delegate* unmanaged<nint, void>)Export("iter_destroy");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, byte> IteratorValid = (delegate* unmanaged[SuppressGCTransition]<nint, byte>)Export("iter_valid");
    public static readonly delegate* unmanaged<nint, byte*, nuint, void> IteratorSeek = (delegate* unmanaged<nint, byte*, nuint, void>)Export("iter_seek");
    public static readonly delegate* unmanaged<nint, byte*, nuint, void> IteratorSeekForPrevious = (delegate* unmanaged<nint, byte*, nuint, void>)Export("iter_seek_for_prev");
    public static readonly delegate* unmanaged<nint, void> IteratorSeekToFirst = (delegate* unmanaged<nint, void>)Export("iter_seek_to_first");
    public static readonly delegate* unmanaged<nint, void> IteratorSeekToLast = (delegate* unmanaged<nint, void>)Export("iter_seek_to_last");
    public static readonly delegate* unmanaged<nint, void> IteratorNext = (delegate* unmanaged<nint, void>)Export("iter_next");
    public static readonly delegate* unmanaged<nint, void> IteratorPrevious = (delegate* unmanaged<nint, void>)Export("iter_prev");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*> IteratorKey = (delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*>)Export("iter_key");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*> IteratorValue = (delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*>)Export("iter_value");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*> IteratorTimestamp = (delegate* unmanaged[SuppressGCTransition]<nint, nuint*, byte*>)Export("iter_timestamp");
    public static readonly delegate* unmanaged<nint, nint*, void> IteratorGetError = (delegate* unmanaged<nint, nint*, void>)Export("iter_get_error");

    public static readonly delegate* unmanaged<nint> WriteOptionsCreate = (delegate* unmanaged<nint>)Export("writeoptions_create");
    public static readonly delegate* unmanaged<nint, void> WriteOptionsDestroy = (delegate* unmanaged<nint, void>)Export("writeoptions_destroy");
    public static readonly delegate* unmanaged<nint, byte, void> WriteOptionsSetSync = (delegate* unmanaged<nint, byte, void>)Export("writeoptions_set_sync");
    public static readonly delegate* unmanaged<nint, int, void> WriteOptionsDisableLog = (delegate* unmanaged<nint, int, void>)Export("writeoptions_disable_WAL");
    public static readonly delegate* unmanaged<byte*, nuint, nint> WriteBatchCreateFrom = (delegate* unmanaged<byte*, nuint, nint>)Export("writebatch_create_from");
    public static readonly delegate* unmanaged<nint, void> WriteBatchDestroy = (delegate* unmanaged<nint, void>)Export("writebatch_destroy");
    public static readonly delegate* unmanaged<nint, nint, nint, nint*, void> Write = (delegate* unmanaged<nint, nint, nint, nint*, void>)Export("write");

    public static readonly delegate* unmanaged<nint, nint, int, nint*, nint*, nint*, void> SetOptions = (delegate* unmanaged<nint, nint, int, nint*, nint*, nint*, void>)Export("set_options_cf");

    public static readonly delegate* unmanaged<nint> FlushOptionsCreate = (delegate* unmanaged<nint>)Export("flushoptions_create");
    public static readonly delegate* unmanaged<nint, void> FlushOptionsDestroy = (delegate* unmanaged<nint, void>)Export("flushoptions_destroy");
    public static readonly delegate* unmanaged<nint, nint, nint*, int, nint*, void> FlushColumnFamilies = (delegate* unmanaged<nint, nint, nint*, int, nint*, void>)Export("flush_cfs");

    public static readonly delegate* unmanaged<nint, nint, byte*, nuint, nint*, void> IncreaseFullHistoryTsLow = (delegate* unmanaged<nint, nint, byte*, nuint, nint*, void>)Export("increase_full_history_ts_low");
    public static readonly delegate* unmanaged<nint, nint, nuint*, nint*, byte*> GetFullHistoryTsLow = (delegate* unmanaged<nint, nint, nuint*, nint*, byte*>)Export("get_full_history_ts_low");
    public static readonly delegate* unmanaged<nint> CompactOptionsCreate = (delegate* unmanaged<nint>)Export("compactoptions_create");
    public static readonly delegate* unmanaged<nint, void> CompactOptionsDestroy = (delegate* unmanaged<nint, void>)Export("compactoptions_destroy");
    public static readonly delegate* unmanaged<nint, byte, void> CompactOptionsSetExclusive = (delegate* unmanaged<nint, byte, void>)Export("compactoptions_set_exclusive_manual_compaction");
    public static readonly delegate* unmanaged<nint, byte, void> CompactOptionsSetBottommost = (delegate* unmanaged<nint, byte, void>)Export("compactoptions_set_bottommost_level_compaction");
    public static readonly delegate* unmanaged<nint, nint, nint, byte*, nuint, byte*, nuint, void> CompactRange = (delegate* unmanaged<nint, nint, nint, byte*, nuint, byte*, nuint, void>)Export("compact_range_cf_opt");
    public static readonly delegate* unmanaged<nint, nint, byte*, nuint, byte*, nuint, nint*, void> DeleteFilesInRange = (delegate* unmanaged<nint, nint, byte*, nuint, byte*, nuint, nint*, void>)Export("delete_file_in_range_cf");
    public static readonly delegate* unmanaged<nint, void> EnableManualCompaction = (delegate* unmanaged<nint, void>)Export("enable_manual_compaction");
    public static readonly delegate* unmanaged<nint, void> DisableManualCompaction = (delegate* unmanaged<nint, void>)Export("disable_manual_compaction");

    public static readonly delegate* unmanaged<nint, nint, int, nint*, nuint*, nint*, nuint*, byte, ulong*, nint*, void> ApproximateSizes = (delegate* unmanaged<nint, nint, int, nint*, nuint*, nint*, nuint*, byte, ulong*, nint*, void>)Export("approximate_sizes_cf_with_flags");
    public static readonly delegate* unmanaged<nint, nint, byte*, ulong*, int> PropertyInt = (delegate* unmanaged<nint, nint, byte*, ulong*, int>)Export("property_int_cf");
    public static readonly delegate* unmanaged<nint, nint*, nint> CheckpointObjectCreate = (delegate* unmanaged<nint, nint*, nint>)Export("checkpoint_object_create");
    public static readonly delegate* unmanaged<nint, byte*, ulong, nint*, void> CheckpointCreate = (delegate* unmanaged<nint, byte*, ulong, nint*, void>)Export("checkpoint_create");
    public static readonly delegate* unmanaged<nint, void> CheckpointObjectDestroy = (delegate* unmanaged<nint, void>)Export("checkpoint_object_destroy");

    public static readonly delegate* unmanaged<nint> EnvOptionsCreate = (delegate* unmanaged<nint>)Export("envoptions_create");
    public static readonly delegate* unmanaged<nint, void> EnvOptionsDestroy = (delegate* unmanaged<nint, void>)Export("envoptions_destroy");
    public static readonly delegate* unmanaged<nint, nint, nint> TableWriterCreate = (delegate* unmanaged<nint, nint, nint>)Export("sstfilewriter_create");
    public static readonly delegate* unmanaged<nint, void> TableWriterDestroy = (delegate* unmanaged<nint, void>)Export("sstfilewriter_destroy");
    public static readonly delegate* unmanaged<nint, byte*, nint*, void> TableWriterOpen = (delegate* unmanaged<nint, byte*, nint*, void>)Export("sstfilewriter_open");
    public static readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, byte*, nuint, nint*, void> TableWriterPut = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, byte*, nuint, nint*, void>)Export("sstfilewriter_put_with_ts");
    public static readonly delegate* unmanaged<nint, nint*, void> TableWriterFinish = (delegate* unmanaged<nint, nint*, void>)Export("sstfilewriter_finish");
    public static readonly delegate* unmanaged<nint> IngestOptionsCreate = (delegate* unmanaged<nint>)Export("ingestexternalfileoptions_create");
    public static readonly delegate* unmanaged<nint, void> IngestOptionsDestroy = (delegate* unmanaged<nint, void>)Export("ingestexternalfileoptions_destroy");
    public static readonly delegate* unmanaged<nint, nint, nint*, nuint, nint, nint*, void> IngestFiles = (delegate* unmanaged<nint, nint, nint*, nuint, nint, nint*, void>)Export("ingest_external_file_cf");

    private static readonly delegate* unmanaged<nuint, void*> s_new = (delegate* unmanaged<nuint, void*>)RocksLibrary.Export("_Znam");

    /// <summary>Memory that the library will delete: made by its own operator new.</summary>
    public static void* Allocate(int length) => s_new((nuint)length);

    private static nint Export(string name) => RocksLibrary.Export("rocksdb_" + name);

    /// <summary>Options are set once, at open: these are looked up by name instead of being kept.</summary>
    public static void SetOption(nint options, string name, byte value) => ((delegate* unmanaged<nint, byte, void>)Export("options_set_" + name))(options, value);

    public static void SetOption(nint options, string name, int value) => ((delegate* unmanaged<nint, int, void>)Export("options_set_" + name))(options, value);

    public static void SetOption(nint options, string name, uint value) => ((delegate* unmanaged<nint, uint, void>)Export("options_set_" + name))(options, value);

    public static void SetOption(nint options, string name, ulong value) => ((delegate* unmanaged<nint, ulong, void>)Export("options_set_" + name))(options, value);

    public static void SetOption(nint options, string name, nuint value) => ((delegate* unmanaged<nint, nuint, void>)Export("options_set_" + name))(options, value);

    public static void SetOption(nint options, string name, double value) => ((delegate* unmanaged<nint, double, void>)Export("options_set_" + name))(options, value);

    /// <summary>The text behind an error pointer, freed; null when there is none.</summary>
    public static string? TakeError(nint error)
    {
        if (error == 0)
            return null;
        var text = Marshal.PtrToStringUTF8(error) ?? "";
        Free((void*)error);
        return text;
    }

    public static byte[] NullTerminated(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
