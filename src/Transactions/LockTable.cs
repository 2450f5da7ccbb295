using Microsoft.Extensions.Logging;

namespace Chitin.Transactions;

internal enum LockAttempt : byte
{
    Granted,

    /// <summary>The owner has had it before, in this or a stronger mode.</summary>
    Held,

    /// <summary>Somebody is in the way and the policy does not wait.</summary>
    Busy,

    /// <summary>The owner stands in the queue: call <see cref="LockTable.WaitAsync"/>.</summary>
    Waiting,
}

/// <summary>
/// Locks on keys, in memory, held to the end of a transaction. Four modes with PostgreSQL's conflict table (13.3.2, table 13.3), first come first
/// served, except that an owner who strengthens what it holds goes to the front. Relations are locked under 4-byte keys, which no row has, so that one
/// waits-for graph covers both.
/// </summary>
internal sealed partial class LockTable
{
    private const int ShardCount = 64;

    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly TimeProvider _time;
    private readonly TransactionMetrics _metrics;
    private readonly ILogger _logger;

    public LockTable(TimeProvider time, TransactionMetrics metrics, ILogger logger)
    {
        _time = time;
        _metrics = metrics;
        _logger = logger;
        for (var i = 0; i < ShardCount; i++)
            _shards[i] = new Shard();
    }

    /// <summary>Bit m of entry n: mode n conflicts with mode m.</summary>
    private static ReadOnlySpan<byte> Conflicts =>
    [
        0b1000, // key share: update
        0b1100, // share: no key update, update
        0b1110, // no key update: share, no key update, update
        0b1111, // update: all
    ];

    /// <summary>Keys that are locked now.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var shard in _shards)
            {
                lock (shard.Gate)
                    count += shard.Entries.Count;
            }

            return count;
        }
    }

    public static bool Conflict(LockMode left, LockMode right) => (Conflicts[(int)left] >> (int)right & 1) != 0;

    public LockAttempt Acquire(LockOwner owner, ReadOnlySpan<byte> key, LockMode mode, LockWaitPolicy policy)
    {
        var shard = ShardOf(key);
        lock (shard.Gate)
        {
            if (!shard.BySpan.TryGetValue(key, out var entry))
            {
                entry = new LockEntry(key.ToArray(), shard);
                shard.Entries.Add(entry.Key, entry);
                entry.AddHolder(owner, mode);
                owner.Held.Add(entry);
                return LockAttempt.Granted;
            }

            var place = entry.IndexOf(owner);
            if (place >= 0)
            {
                if (entry.ModeAt(place) >= mode)
                    return LockAttempt.Held;
                if (!entry.IsBlocked(owner, mode))
                {
                    entry.SetModeAt(place, mode);
                    return LockAttempt.Granted;
                }
            }
            else if (!entry.IsBlocked(owner, mode) && !entry.HasConflictingWaiter(mode))
            {
                entry.AddHolder(owner, mode);
                owner.Held.Add(entry);
                return LockAttempt.Granted;
            }

            if (policy != LockWaitPolicy.Wait)
                return LockAttempt.Busy;
            owner.StartWait(entry, mode);
            entry.Enqueue(owner, inFront: place >= 0);
            return LockAttempt.Waiting;
        }
    }

    /// <summary>The mode in which the owner holds the key and the key's own array, which the caller may share.</summary>
    public bool TryGetHeld(LockOwner owner, ReadOnlySpan<byte> key, out LockMode mode, out byte[] stored)
    {
        var shard = ShardOf(key);
        lock (shard.Gate)
        {
            if (shard.BySpan.TryGetValue(key, out var entry) && entry.IndexOf(owner) is >= 0 and var place)
            {
                mode = entry.ModeAt(place);
                stored = entry.Key;
                return true;
            }
        }

        mode = default;
        stored = [];
        return false;
    }

    /// <summary>Gives everything back and wakes those who can go on. The owner may not be waiting.</summary>
    public static void ReleaseAll(LockOwner owner)
    {
        foreach (var entry in owner.Held)
        {
            lock (entry.Home.Gate)
            {
                entry.RemoveHolder(owner);
                GrantWaiters(entry);
                if (entry.IsFree)
                    entry.Home.Entries.Remove(entry.Key);
            }
        }

        owner.Held.Clear();
    }

    /// <summary>Ends a wait that has not been granted yet; <paramref name="wait"/> tells it from later waits of the same owner.</summary>
    public static void Abort(LockOwner owner, int wait, LockWaitEnd reason)
    {
        while (owner.WaitingFor is { } entry)
        {
            lock (entry.Home.Gate)
            {
                if (owner.WaitingFor != entry)
                    continue;
                if (owner.WaitNumber != wait)
                    return;
                entry.Unlink(owner);
                owner.EndWait(reason);
                GrantWaiters(entry);
                if (entry.IsFree)
                    entry.Home.Entries.Remove(entry.Key);
                return;
            }
        }
    }

    private static void GrantWaiters(LockEntry entry)
    {
        while (entry.FirstWaiter is { } waiter && !entry.IsBlocked(waiter, waiter.WantedMode))
        {
            entry.Unlink(waiter);
            var place = entry.IndexOf(waiter);
            if (place >= 0)
            {
                entry.SetModeAt(place, waiter.WantedMode);
            }
            else
            {
                entry.AddHolder(waiter, waiter.WantedMode);
                waiter.Held.Add(entry);
            }

            waiter.EndWait(LockWaitEnd.Granted);
        }
    }

    private Shard ShardOf(ReadOnlySpan<byte> key) => _shards[KeyComparer.Hash(key) & (ShardCount - 1)];

    internal sealed class Shard
    {
        public Shard() => BySpan = Entries.GetAlternateLookup<ReadOnlySpan<byte>>();

        public Lock Gate { get; } = new();

        public Dictionary<byte[], LockEntry> Entries { get; } = new(KeyComparer.Instance);

        public Dictionary<byte[], LockEntry>.AlternateLookup<ReadOnlySpan<byte>> BySpan { get; }
    }
}
