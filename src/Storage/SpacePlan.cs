namespace Chitin.Storage;

/// <summary>
/// Sizes that follow from that of the disk, in bytes. A memtable that cannot be written as a table file stops RocksDB until there is room for one, so on a small disk memtables, the log, table
/// files and levels are small, and what is kept free is more than a memtable.
/// </summary>
/// <param name="Memtable">Of each of at most three.</param>
/// <param name="Reserve">Free space that ordinary writes leave alone, beside room for the memtables that are not on disk yet.</param>
/// <param name="Ballast">Of the file that is given up when even the reserve goes. Above what RocksDB asks for before it comes back from a full disk, a memtable of each family; and enough for most compactions.</param>
/// <param name="Log">All write-ahead logs together.</param>
/// <param name="TableFile">One table file.</param>
/// <param name="Level">The first sorted level.</param>
/// <param name="Compaction">What a compaction takes in, and so what it may write before it gives anything back.</param>
internal readonly record struct SpacePlan(long Memtable, long Reserve, long Ballast, long Log, long TableFile, long Level, long Compaction)
{
    private const long MiB = 1024 * 1024;

    public static SpacePlan For(long diskBytes, StoreOptions options)
    {
        var memtable = Math.Clamp(diskBytes / 24, MiB, options.MemtableBytes);
        var reserve = (2 * memtable) + (2 * MiB);
        var compaction = Math.Min(1600 * MiB, Math.Max(diskBytes / 6, 8 * MiB));
        return new SpacePlan(
            memtable,
            reserve,
            Math.Max(reserve, Math.Min(compaction, 128 * MiB)),
            Math.Min(256 * MiB, Math.Max(diskBytes / 8, 4 * MiB)),
            Math.Min(64 * MiB, Math.Max(diskBytes / 64, MiB)),
            Math.Min(256 * MiB, Math.Max(diskBytes / 16, 4 * MiB)),
            compaction);
    }

    public static SpacePlan For(string directory, StoreOptions options) => For(new DriveInfo(directory).TotalSize, options);
}
