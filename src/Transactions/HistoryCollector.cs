using Chitin.Storage;
using Microsoft.Extensions.Logging;

namespace Chitin.Transactions;

/// <summary>
/// Lets old versions go: moves the store's history low forward, behind <see cref="TimeToLive"/> and behind every snapshot in use, and has the space of dropped ranges given back once it has
/// passed their drop. A range's row stands until that is done, so that a stop in between costs nothing but doing it again.
/// </summary>
/// <remarks>Used by one thread at a time.</remarks>
public sealed class HistoryCollector(IVersionedStore store, ITransactionManager transactions, TimeProvider time, ILogger<HistoryCollector> logger)
{
    /// <summary>Dropped ranges with less than this between them are given back together: each call costs about a table file.</summary>
    private const long NearBytes = 64 << 20;

    private readonly HybridClock _clock = new(time);

    /// <summary>Dropped ranges whose own files are gone already, and when they were deleted anew.</summary>
    private readonly Dictionary<string, Timestamp> _emptied = [];
    private TimeSpan? _rewrittenFor;
    private long _ttlTicks = TimeSpan.FromHours(4).Ticks;

    /// <summary>How long old versions are kept (the setting gc.ttl). May be changed at any time.</summary>
    public TimeSpan TimeToLive
    {
        get => new(Volatile.Read(ref _ttlTicks));
        set => Volatile.Write(ref _ttlTicks, value.Ticks);
    }

    /// <summary>Moves the history low; returns where history begins now.</summary>
    public Timestamp Collect()
    {
        var age = Timestamp.FromUnixMicroseconds(Math.Max(0, _clock.Wall().UnixMicroseconds - (TimeToLive.Ticks / TimeSpan.TicksPerMicrosecond)));
        var oldest = transactions.OldestSnapshot();
        var low = transactions.HoldHistory(age < oldest ? age : oldest);
        if (low > store.HistoryLow)
        {
            store.AdvanceHistoryLow(low);
            logger.HistoryAdvanced(low);
        }

        return store.HistoryLow;
    }

    /// <summary>Moves the history low and gives back what was dropped before it. Returns how many ranges that were.</summary>
    /// <param name="definitions">Where rows about dropped objects are; given back with them.</param>
    /// <param name="stopping">Ends it with an OperationCanceledException.</param>
    public async ValueTask<int> RunAsync((byte[] Lower, byte[] Upper) definitions, CancellationToken stopping)
    {
        // The store forgets what lies strictly before the mark: what was dropped by the old mark goes once there is a newer one.
        var mark = store.HistoryLow;
        var ranges = Dropped(mark);
        ranges.RemoveAll(r => _emptied.TryGetValue(Convert.ToHexString(r.Lower), out var at) && at > mark);
        if (_rewrittenFor is null || TimeToLive > _rewrittenFor)
            _rewrittenFor = TimeToLive;
        var rewrites = ranges.Count == 0 && IsRewriteDue;
        if (rewrites || (ranges.Count != 0 && mark >= transactions.Now()))
            await BeatAsync(stopping).ConfigureAwait(false);
        if (Collect() <= mark)
            return 0;
        await EmptyAsync(ranges, stopping).ConfigureAwait(false);
        foreach (var group in Near(ranges))
        {
            await Task.Run(() => store.Reclaim(group[0].Lower, group[^1].Upper, stopping), stopping).ConfigureAwait(false);
            await ForgetAsync(group, stopping).ConfigureAwait(false);
        }

        if (ranges.Count != 0)
        {
            await Task.Run(() => store.Reclaim(definitions.Lower, definitions.Upper, stopping), stopping).ConfigureAwait(false);
            logger.RangesReclaimed(ranges.Count);
        }

        if (rewrites)
        {
            _rewrittenFor = TimeToLive;
            await Task.Run(() => store.Reclaim([], [], stopping), stopping).ConfigureAwait(false);
        }

        return ranges.Count;
    }

    /// <summary>
    /// On a full disk there may be no room to rewrite files that hold more than what was dropped, so the others go first, at once. What is left of these ranges has its turn later: they are
    /// taken out of the list.
    /// </summary>
    private async ValueTask EmptyAsync(List<(byte[] Lower, byte[] Upper)> ranges, CancellationToken stopping)
    {
        for (var i = ranges.Count - 1; i >= 0 && store.IsShortOfSpace; i--)
        {
            var (lower, upper) = ranges[i];
            if (!DroppedRanges.IsForGood(lower, upper) || _emptied.ContainsKey(Convert.ToHexString(lower)))
                continue;
            await using var transaction = transactions.Begin(new TransactionOptions());
            using (var rows = transaction.Scan(lower, upper))
            {
                if (rows.MoveNext())
                    continue;
            }

            transaction.DeleteRange(lower, upper);
            _emptied[Convert.ToHexString(lower)] = await transaction.CommitAsync(stopping).ConfigureAwait(false);
            store.DropFiles(lower, upper);
            ranges.RemoveAt(i);
        }
    }

    /// <summary>An operator has shortened history on a full disk: everything is rewritten once, since deleted rows are only gone then.</summary>
    private bool IsRewriteDue => store.IsShortOfSpace && TimeToLive < _rewrittenFor;

    /// <summary>Whether space is wanted soon.</summary>
    public bool IsUrgent => store.IsShortOfSpace;

    /// <summary>What was dropped at or before an instant and not given back yet, in order of keys.</summary>
    private List<(byte[] Lower, byte[] Upper)> Dropped(Timestamp at)
    {
        var ranges = new List<(byte[] Lower, byte[] Upper)>();
        if (at == Timestamp.Zero)
            return ranges;
        var (first, last) = DroppedRanges.Records;
        using var rows = store.Scan(first, last, at);
        for (var found = rows.SeekToFirst(); found; found = rows.MoveNext())
        {
            using var latest = store.Get(rows.Key, transactions.Now());
            if (!latest.Found)
                continue;
            ranges.Add((rows.Key[first.Length..].ToArray(), rows.Value.ToArray()));
        }

        return ranges;
    }

    private IEnumerable<List<(byte[] Lower, byte[] Upper)>> Near(List<(byte[] Lower, byte[] Upper)> ranges)
    {
        var group = new List<(byte[] Lower, byte[] Upper)>();
        foreach (var range in ranges)
        {
            if (group.Count != 0 && range.Lower.AsSpan().SequenceCompareTo(group[^1].Upper) > 0 && store.ApproximateSize(group[^1].Upper, range.Lower) > NearBytes)
            {
                yield return group;
                group = [];
            }

            // An index of a table that was dropped too lies within it.
            if (group.Count != 0 && range.Upper.AsSpan().SequenceCompareTo(group[^1].Upper) <= 0)
                group.Insert(group.Count - 1, range);
            else
                group.Add(range);
        }

        if (group.Count != 0)
            yield return group;
    }

    private async ValueTask ForgetAsync(List<(byte[] Lower, byte[] Upper)> ranges, CancellationToken stopping)
    {
        await using var transaction = transactions.Begin(new TransactionOptions());
        transaction.UseReserve();
        foreach (var (lower, _) in ranges)
        {
            transaction.Delete(DroppedRanges.KeyOf(lower));
            _emptied.Remove(Convert.ToHexString(lower));
        }

        await transaction.CommitAsync(stopping).ConfigureAwait(false);
    }

    private async ValueTask BeatAsync(CancellationToken stopping)
    {
        await using var transaction = transactions.Begin(new TransactionOptions());
        transaction.UseReserve();
        transaction.Put(DroppedRanges.Heartbeat, []);
        await transaction.CommitAsync(stopping).ConfigureAwait(false);
    }
}
