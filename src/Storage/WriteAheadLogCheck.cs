using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>
/// Decides before a store is opened whether its write-ahead logs end as a crash may end them. RocksDB's own modes either lose what follows damage
/// without a word, or refuse what any crash leaves.
/// </summary>
internal sealed class WriteAheadLogCheck
{
    private WriteAheadLogCheck(IReadOnlyList<LogScan> logs, LogScan? damaged)
    {
        Logs = logs;
        Damaged = damaged;
    }

    /// <summary>In the order in which they were written.</summary>
    public IReadOnlyList<LogScan> Logs { get; }

    /// <summary>The log behind whose end acknowledged commits may be lost; null when all is well.</summary>
    public LogScan? Damaged { get; }

    /// <summary>Logs whose creation a crash has cut short: they hold nothing, and RocksDB would stumble over them.</summary>
    public IEnumerable<LogScan> Stillborn => Logs.Where(l => l.End == LogEnd.Clean && l.ValidEnd == 0);

    /// <param name="oldestNeeded">The number of the oldest log that is still needed; asked only when something looks wrong.</param>
    public static WriteAheadLogCheck Run(string databasePath, DataKeyRegistry keys, Func<long> oldestNeeded)
    {
        var logs = Directory.EnumerateFiles(databasePath, "*.log")
            .Where(f => long.TryParse(Path.GetFileNameWithoutExtension(f), out _))
            .Select(f => WriteAheadLogFile.Scan(f, keys))
            .OrderBy(l => l.Number)
            .ToList();
        var damaged = FirstDamaged(logs);
        if (damaged is not null)
        {
            // A log that everything was flushed from may wait for its deletion; nothing in it matters any more.
            var needed = oldestNeeded();
            damaged = FirstDamaged(logs.Where(l => l.Number >= needed).ToList());
        }

        return new WriteAheadLogCheck(logs, damaged);
    }

    public StorageException Refusal()
    {
        var log = Damaged!;
        var problem = log.End switch
        {
            LogEnd.NoHeader => log.Problem,
            LogEnd.Damaged => $"it is broken at byte {log.ValidEnd} of {log.Length}, and commits follow the break",
            _ => $"it ends in the middle of a record at byte {log.ValidEnd} of {log.Length}, and later logs hold commits",
        };
        return StorageErrors.Corruption(
            $"write-ahead log {log.Path} is damaged: {problem}. The store is not opened, because that would lose commits; \"chitin debug repair-log {Path.GetDirectoryName(Path.GetDirectoryName(log.Path))}\" gives them up",
            log.Path);
    }

    /// <summary>Also a torn end is damage when a later log holds commits: the later one was begun after the earlier one was whole.</summary>
    private static LogScan? FirstDamaged(List<LogScan> logs)
    {
        for (var i = 0; i < logs.Count; i++)
        {
            if (logs[i].End is LogEnd.Damaged or LogEnd.NoHeader)
                return logs[i];
            var isFollowed = logs.Skip(i + 1).Any(l => l.Records > 0 || l.End == LogEnd.NoHeader);
            if (isFollowed && (logs[i].End == LogEnd.Torn || logs[i].ValidEnd == 0))
                return logs[i];
        }

        return null;
    }
}
