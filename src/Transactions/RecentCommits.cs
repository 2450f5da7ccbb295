using Chitin.Storage;
using Microsoft.Extensions.Logging;

namespace Chitin.Transactions;

/// <summary>
/// What was committed since the oldest snapshot in use, so that "was this written after T?" needs no read of the store. Written by the commit thread; asked by
/// all. Bounded: beyond the limit the oldest commits are forgotten and snapshots before <see cref="Floor"/> can no longer be validated (40001).
/// </summary>
internal sealed class RecentCommits(ILogger logger, int limit = RecentCommits.DefaultLimit)
{
    /// <summary>Keys; about 150 bytes each.</summary>
    public const int DefaultLimit = 1_000_000;

    private readonly RecentKeys _keys = new();
    private readonly Queue<(RecentKeys.Node Node, Timestamp At)> _log = new();
    private volatile RangeWrite[] _ranges = [];
    private ulong _floor;

    /// <summary>Everything committed after this is known; nothing is known of what was committed before.</summary>
    public Timestamp Floor => new(Volatile.Read(ref _floor));

    public int Count => _keys.Count;

    /// <summary>Commits are recorded after they became durable and before readers see them. Commit thread only.</summary>
    public void Record(WrittenKeys written, Timestamp at)
    {
        for (var i = 0; i < written.Keys.Length; i++)
        {
            var node = _keys.GetOrAdd(written.Keys[i]);
            node.Written(at, written.IsWeak(i));
            _log.Enqueue((node, at));
        }

        if (written.Ranges.Length > 0)
            _ranges = [.. _ranges, .. written.Ranges.Select(r => new RangeWrite(r.Lower, r.Upper, at))];
        if (_log.Count > limit)
            Shrink();
    }

    /// <summary>Forgets what no snapshot can ask for any more. Commit thread only.</summary>
    public void Forget(Timestamp oldestSnapshot)
    {
        while (_log.TryPeek(out var oldest) && oldest.At <= oldestSnapshot)
            ForgetOldest();
        var ranges = _ranges;
        if (ranges.Length > 0 && ranges[0].At <= oldestSnapshot)
            _ranges = [.. ranges.Where(r => r.At > oldestSnapshot)];
    }

    /// <summary>Whether a key was written after an instant; true when that is no longer known.</summary>
    /// <param name="strongOnly">Only writes that delete the row or change a key.</param>
    public bool WrittenAfter(ReadOnlySpan<byte> key, Timestamp instant, bool strongOnly)
    {
        if (instant < Floor)
            return true;
        if (_keys.Find(key) is { } node && (strongOnly ? node.LastStrongWrite : node.LastWrite) > instant)
            return true;
        var ranges = _ranges;
        for (var i = ranges.Length - 1; i >= 0 && ranges[i].At > instant; i--)
        {
            if (ranges[i].Contains(key))
                return true;
        }

        // The floor may have risen while we looked.
        return instant < Floor;
    }

    /// <summary>Whether none of the reads was changed since it was made.</summary>
    public bool Hold(ReadOnlySpan<ReadEntry> reads)
    {
        foreach (ref readonly var read in reads)
        {
            if (!Holds(read))
                return false;
        }

        return true;
    }

    public bool Holds(in ReadEntry read)
    {
        if (read.Kind == ReadKind.Point)
            return !WrittenAfter(read.Lower, read.Since, strongOnly: false);
        if (read.Since < Floor)
            return false;
        for (var node = _keys.Seek(read.Lower); node is not null && !read.IsBehind(node.Key); node = node.Following)
        {
            if (node.LastWrite > read.Since)
                return false;
        }

        var ranges = _ranges;
        for (var i = ranges.Length - 1; i >= 0 && ranges[i].At > read.Since; i--)
        {
            if (read.Overlaps(ranges[i].Lower, ranges[i].Upper))
                return false;
        }

        // The floor may have risen while we looked.
        return read.Since >= Floor;
    }

    private void Shrink()
    {
        var target = limit - limit / 8;
        var floor = Timestamp.Zero;
        while (_log.Count > target)
        {
            // First raise the floor, then forget: a reader that misses the key sees the floor.
            var next = _log.Peek().At;
            if (next > floor)
            {
                floor = next;
                Volatile.Write(ref _floor, floor.Value);
            }

            ForgetOldest();
        }

        logger.RecentCommitsFull(floor);
    }

    private void ForgetOldest()
    {
        var (node, at) = _log.Dequeue();
        if (node.LastWrite == at)
            _keys.Remove(node);
    }

    private sealed record RangeWrite(byte[] Lower, byte[] Upper, Timestamp At)
    {
        public bool Contains(ReadOnlySpan<byte> key) =>
            key.SequenceCompareTo(Lower) >= 0 && (Upper.Length == 0 || key.SequenceCompareTo(Upper) < 0);
    }
}
