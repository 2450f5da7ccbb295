using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>
/// The part of a load whose keys rise, index by index: it goes into runs that the store takes as they are. From the first key of an index that does not rise on, that index's keys are
/// left to the commit pipeline.
/// </summary>
/// <remarks>Used by one thread at a time. All failures are <see cref="StorageException"/>.</remarks>
internal sealed class SortedRuns(IVersionedStore store, Timestamp at) : IDisposable
{
    /// <summary>Keys and values of one run before compression.</summary>
    private const long RunBytes = 128 << 20;

    private readonly List<Index> _indexes = [];

    /// <summary>The timestamp of all keys in the runs.</summary>
    public Timestamp At => at;

    public bool IsOpen => _indexes.Exists(i => i.Run is not null);

    /// <summary>The index of a key is left to the commit pipeline from now on, and what is in its run can be read.</summary>
    public void Settle(ReadOnlySpan<byte> key)
    {
        var index = IndexOf(key);
        index.IsRising = false;
        index.Close();
    }

    /// <summary>Takes what rises; the rest is in <paramref name="rest"/>.</summary>
    public void Write(WriteBatch batch, WriteBatch rest)
    {
        foreach (var entry in batch)
        {
            var index = IndexOf(entry.Key);
            if (index.IsRising && !index.Rises(entry.Key))
            {
                index.IsRising = false;
                index.Close();
            }

            if (index.IsRising && (index.Run ??= store.BeginSortedRun(at)) is { } run)
            {
                run.Put(entry.Key, entry.Value);
                index.Remember(entry.Key);
                if (run.Length >= RunBytes)
                    index.Close();
            }
            else
            {
                index.IsRising = false;
                rest.Put(entry.Key, entry.Value);
            }
        }
    }

    /// <summary>Makes all runs part of the store.</summary>
    public void Close()
    {
        foreach (var index in _indexes)
            index.Close();
    }

    public void Dispose()
    {
        foreach (var index in _indexes)
            index.Run?.Dispose();
        _indexes.Clear();
    }

    private Index IndexOf(ReadOnlySpan<byte> key)
    {
        var prefix = key[..Math.Min(RangeLoad.IndexPrefix, key.Length)];
        foreach (var index in _indexes)
        {
            if (index.Prefix.AsSpan().SequenceEqual(prefix))
                return index;
        }

        var added = new Index(prefix.ToArray());
        _indexes.Add(added);
        return added;
    }

    private sealed class Index(byte[] prefix)
    {
        private readonly KeyMark _last = new();

        public byte[] Prefix => prefix;

        public ISortedRun? Run { get; set; }

        public bool IsRising { get; set; } = true;

        public bool Rises(ReadOnlySpan<byte> key) => key.SequenceCompareTo(_last.Span) > 0;

        public void Remember(ReadOnlySpan<byte> key) => _last.Set(key);

        public void Close()
        {
            if (Run is not { } run)
                return;
            Run = null;
            using (run)
                run.Add();
        }
    }
}

/// <summary>A key that is kept and replaced often.</summary>
internal sealed class KeyMark
{
    private byte[] _key = new byte[64];
    private int _length;

    public ReadOnlySpan<byte> Span => _key.AsSpan(0, _length);

    public void Set(ReadOnlySpan<byte> key)
    {
        if (_key.Length < key.Length)
            _key = new byte[key.Length * 2];
        key.CopyTo(_key);
        _length = key.Length;
    }
}
