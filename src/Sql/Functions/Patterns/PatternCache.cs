using System.Collections.Concurrent;

namespace Chitin.Sql.Functions.Patterns;

/// <summary>
/// Compiled patterns by their text, bounded in number and in the length of a text. One pattern used for many rows costs a reference comparison per row.
/// Safe for concurrent use; the thread-local front holds the last one only.
/// </summary>
sealed class PatternCache<TKey, TPattern>(Func<TKey, TPattern> compile, Func<TKey, int> lengthOf)
    where TKey : struct, IEquatable<TKey>
    where TPattern : class
{
    const int Capacity = 256;
    const int MaxTextLength = 2048;

    readonly ConcurrentDictionary<TKey, TPattern> _patterns = new();

    /// <summary>Shared by all caches of the same two types, of which there is one.</summary>
    [ThreadStatic]
    static (TKey Key, TPattern? Pattern) t_last;

    internal TPattern Get(TKey key)
    {
        var last = t_last;
        if (last.Pattern is not null && last.Key.Equals(key))
            return last.Pattern;
        if (!_patterns.TryGetValue(key, out var pattern))
        {
            pattern = compile(key);
            if (lengthOf(key) > MaxTextLength)
                return pattern;
            if (_patterns.Count >= Capacity)
                _patterns.Clear();
            _patterns[key] = pattern;
        }

        t_last = (key, pattern);
        return pattern;
    }
}
