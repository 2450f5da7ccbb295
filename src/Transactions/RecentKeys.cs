using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// Keys and the instants of their last writes: a hash for points and a skip list for ranges. One thread writes, any number read without a lock: a node is linked
/// from the bottom up, and an unlinked node keeps its links, so that a reader standing on it finds its way back.
/// </summary>
internal sealed class RecentKeys
{
    private const int MaxHeight = 20;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<byte[], Node> _byKey = new(1, 1024, KeyComparer.Instance);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<byte[], Node>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;
    private readonly Node _head = new([], MaxHeight);
    private readonly Node[] _path = new Node[MaxHeight];
    private ulong _random = 0x9E3779B97F4A7C15;

    public RecentKeys() => _bySpan = _byKey.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count { get; private set; }

    public Node? Find(ReadOnlySpan<byte> key) => _bySpan.TryGetValue(key, out var node) ? node : null;

    /// <summary>The node of a key, made when there is none; the array is kept. Writer only.</summary>
    public Node GetOrAdd(byte[] key)
    {
        if (_byKey.TryGetValue(key, out var node))
            return node;
        FindPath(key);
        node = new Node(key, RandomHeight());
        for (var level = 0; level < node.Next.Length; level++)
            node.Next[level] = _path[level].Next[level];
        _byKey[key] = node;
        for (var level = 0; level < node.Next.Length; level++)
            Volatile.Write(ref _path[level].Next[level], node);
        Count++;
        return node;
    }

    /// <summary>Writer only.</summary>
    public void Remove(Node node)
    {
        FindPath(node.Key);
        for (var level = node.Next.Length - 1; level >= 0; level--)
            Volatile.Write(ref _path[level].Next[level], node.Next[level]);
        _byKey.TryRemove(node.Key, out _);
        Count--;
    }

    /// <summary>The first node at or after a key.</summary>
    public Node? Seek(ReadOnlySpan<byte> key)
    {
        var node = _head;
        for (var level = MaxHeight - 1; level >= 0; level--)
        {
            while (Volatile.Read(ref node.Next[level]) is { } next && next.Key.AsSpan().SequenceCompareTo(key) < 0)
                node = next;
        }

        return Volatile.Read(ref node.Next[0]);
    }

    private void FindPath(ReadOnlySpan<byte> key)
    {
        var node = _head;
        for (var level = MaxHeight - 1; level >= 0; level--)
        {
            while (node.Next[level] is { } next && next.Key.AsSpan().SequenceCompareTo(key) < 0)
                node = next;
            _path[level] = node;
        }
    }

    /// <summary>One level up in a quarter of the cases.</summary>
    private int RandomHeight()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return Math.Min(MaxHeight, 1 + System.Numerics.BitOperations.TrailingZeroCount(_random | 1UL << 62) / 2);
    }

    internal sealed class Node(byte[] key, int height)
    {
        public readonly Node?[] Next = new Node?[height];
        private ulong _lastWrite;
        private ulong _lastStrongWrite;

        public byte[] Key => key;

        public Timestamp LastWrite => new(Volatile.Read(ref _lastWrite));

        /// <summary>The last write that deleted the row or changed a key: what a KEY SHARE lock cares about.</summary>
        public Timestamp LastStrongWrite => new(Volatile.Read(ref _lastStrongWrite));

        public void Written(Timestamp at, bool isWeak)
        {
            Volatile.Write(ref _lastWrite, at.Value);
            if (!isWeak)
                Volatile.Write(ref _lastStrongWrite, at.Value);
        }

        public Node? Following => Volatile.Read(ref Next[0]);
    }
}
