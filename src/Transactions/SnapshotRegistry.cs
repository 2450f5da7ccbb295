using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// The snapshots in use. Begin and end cost one uncontended lock; the oldest is found by walking all. A snapshot is chosen and entered under the
/// shard's lock, so that a walk that read the published timestamp first never misses an older one.
/// </summary>
internal sealed class SnapshotRegistry
{
    private const int ShardCount = 16;

    private readonly Shard[] _shards = new Shard[ShardCount];
    private ulong _published;

    public SnapshotRegistry(Timestamp published)
    {
        _published = published.Value;
        for (var i = 0; i < ShardCount; i++)
            _shards[i] = new Shard();
    }

    /// <summary>The last commit that readers see; everything acknowledged is at or before it.</summary>
    public Timestamp Published => new(Volatile.Read(ref _published));

    public void Publish(Timestamp commit) => Volatile.Write(ref _published, commit.Value);

    /// <summary>Enters a snapshot: at the given instant, or at the last published commit.</summary>
    public Slot Enter(Timestamp? at, bool validates)
    {
        var shard = _shards[Environment.CurrentManagedThreadId % ShardCount];
        lock (shard.Gate)
        {
            var slot = shard.Free;
            if (slot is null)
            {
                slot = new Slot(shard);
                shard.All.Add(slot);
            }
            else
            {
                shard.Free = slot.NextFree;
                slot.NextFree = null;
            }

            slot.Validates = validates;
            slot.Set(at ?? Published);
            return slot;
        }
    }

    public static void Leave(Slot slot)
    {
        lock (slot.Home.Gate)
        {
            slot.Set(Timestamp.Max);
            slot.NextFree = slot.Home.Free;
            slot.Home.Free = slot;
        }
    }

    /// <summary>The oldest snapshot that is in use or that a transaction beginning now would get.</summary>
    /// <param name="validatingOnly">Only those of transactions that may ask the record of recent commits.</param>
    public Timestamp Oldest(bool validatingOnly)
    {
        var oldest = Published;
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
                foreach (var slot in shard.All)
                {
                    if ((slot.Validates || !validatingOnly) && slot.At < oldest)
                        oldest = slot.At;
                }
            }
        }

        return oldest;
    }

    /// <summary>One transaction's place. Its owner may move it forward without a lock: a walk then sees the old or the new instant, both are safe.</summary>
    internal sealed class Slot(Shard home)
    {
        private ulong _at = ulong.MaxValue;

        public Shard Home { get; } = home;

        public Slot? NextFree { get; set; }

        public bool Validates { get; set; }

        public Timestamp At => new(Volatile.Read(ref _at));

        public void Set(Timestamp at) => Volatile.Write(ref _at, at.Value);
    }

    internal sealed class Shard
    {
        public Lock Gate { get; } = new();

        public List<Slot> All { get; } = [];

        public Slot? Free { get; set; }
    }
}
