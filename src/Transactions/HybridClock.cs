using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// A hybrid logical clock: follows the wall clock while that rises, counts logically while it stands still or goes back.
/// Every reading is above all earlier ones and above everything that <see cref="Forward"/> was told.
/// </summary>
public sealed class HybridClock(TimeProvider time, Timestamp above = default)
{
    private ulong _last = above.Value;

    /// <summary>A timestamp that was never given out before. Any thread.</summary>
    public Timestamp Next()
    {
        var wall = Wall().Value;
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(wall, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
                return new Timestamp(next);
        }
    }

    /// <summary>Makes every later reading greater than <paramref name="seen"/>.</summary>
    public void Forward(Timestamp seen)
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            if (last >= seen.Value || Interlocked.CompareExchange(ref _last, seen.Value, last) == last)
                return;
        }
    }

    /// <summary>The wall clock as a timestamp; may go back.</summary>
    public Timestamp Wall() => Timestamp.FromUnixMicroseconds((time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);
}
