namespace Chitin.Server.PgWire;

/// <summary>How many of something each key has, with a bound for each; keys that have none take no memory.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class BoundedCounts<TKey>(int limit)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, int> _counts = [];

    /// <summary>False when the key has as many as it may; else <see cref="Remove"/> is called for it.</summary>
    public bool TryAdd(TKey key)
    {
        lock (_lock)
        {
            var count = _counts.GetValueOrDefault(key);
            if (count >= limit)
                return false;
            _counts[key] = count + 1;
            return true;
        }
    }

    public void Remove(TKey key)
    {
        lock (_lock)
        {
            if (--_counts[key] == 0)
                _counts.Remove(key);
        }
    }
}
