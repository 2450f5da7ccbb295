using System.Net;

namespace Chitin.Security.Credentials;

/// <summary>
/// Slows down who guesses passwords. Failures count per client address and user together, per address and per user; each beyond the free ones doubles the wait before the
/// next attempt is looked at, up to a bound. A success clears the pair. Existing and unknown users are treated alike, so that waiting tells nothing.
/// Memory is bounded: at <see cref="MaximumEntries"/> the entries that matter least are dropped.
/// </summary>
public sealed class LoginThrottle(TimeProvider clock)
{
    public const int MaximumEntries = 10_000;

    private static readonly TimeSpan s_forgetAfter = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Entry> _entries = [];

    /// <summary>How long an attempt has to wait before it is answered; zero for most. At most <see cref="Limit"/>'s longest wait.</summary>
    public TimeSpan Delay(IPAddress? address, string user)
    {
        var now = clock.GetUtcNow();
        var until = now;
        lock (_lock)
        {
            foreach (var (key, limit) in Keys(address, user))
            {
                if (_entries.TryGetValue(key, out var entry) && now - entry.Last < s_forgetAfter && entry.Last + limit.Wait(entry.Failures) is var end && end > until)
                    until = end;
            }
        }

        return until - now;
    }

    public void Failed(IPAddress? address, string user)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            foreach (var (key, _) in Keys(address, user))
            {
                var failures = _entries.TryGetValue(key, out var entry) && now - entry.Last < s_forgetAfter ? entry.Failures : 0;
                _entries[key] = new Entry(Math.Min(failures + 1, 1_000_000), now);
            }

            if (_entries.Count > MaximumEntries)
                Shrink(now);
        }
    }

    /// <summary>The address has proven to know the user's password: guesses from elsewhere stay counted.</summary>
    public void Succeeded(IPAddress? address, string user)
    {
        lock (_lock)
            _entries.Remove(new Key(address, user));
    }

    /// <summary>Drops what is forgotten, then the fewest failures and the oldest, down to three quarters.</summary>
    private void Shrink(DateTimeOffset now)
    {
        foreach (var key in _entries.Where(e => now - e.Value.Last >= s_forgetAfter).Select(e => e.Key).ToList())
            _entries.Remove(key);
        var surplus = _entries.Count - (MaximumEntries * 3 / 4);
        if (_entries.Count <= MaximumEntries || surplus <= 0)
            return;
        foreach (var key in _entries.OrderBy(e => e.Value.Failures).ThenBy(e => e.Value.Last).Take(surplus).Select(e => e.Key).ToList())
            _entries.Remove(key);
    }

    private static IEnumerable<(Key Key, Limit Limit)> Keys(IPAddress? address, string user)
    {
        yield return (new Key(address, user), new Limit(3, TimeSpan.FromSeconds(5)));
        // Many users from one address, or one user from many: more is normal there.
        if (address is not null)
            yield return (new Key(address, null), new Limit(20, TimeSpan.FromSeconds(5)));
        yield return (new Key(null, user), new Limit(50, TimeSpan.FromSeconds(2)));
    }

    private readonly record struct Key(IPAddress? Address, string? User);

    private readonly record struct Entry(int Failures, DateTimeOffset Last);

    /// <summary>So many failures are free, then the wait doubles from 100 ms up to a bound, well below the time that a login may take.</summary>
    private readonly record struct Limit(int Free, TimeSpan Longest)
    {
        public TimeSpan Wait(int failures)
        {
            if (failures < Free)
                return TimeSpan.Zero;
            var wait = TimeSpan.FromMilliseconds(100 * Math.Pow(2, Math.Min(failures - Free, 20)));
            return wait < Longest ? wait : Longest;
        }
    }
}
