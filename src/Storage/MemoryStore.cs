using Chitin.Core;

namespace Chitin.Storage;

/// <summary>A store in memory, for tests of the layers above: same contract as the one on disk, no durability.</summary>
/// <remarks>Readers take the current immutable root and are never disturbed by a writer.</remarks>
public sealed class MemoryStore : IVersionedStore
{
    private readonly Lock _writing = new();
    private readonly Dictionary<string, byte[]> _local = [];
    private volatile State _state = new([], Timestamp.Zero, Timestamp.Zero);
    private bool _disposed;

    public Timestamp LastCommit => _state.LastCommit;

    public Timestamp HistoryLow => _state.HistoryLow;

    public PinnedValue Get(ReadOnlySpan<byte> key, Timestamp at)
    {
        var state = ReadableState(at);
        var index = state.FirstAtOrAfter(key, at);
        if (index >= state.Versions.Count)
            return default;
        var version = state.Versions[index];
        return version.Value is { } value && key.SequenceEqual(version.Key) ? new PinnedValue(value, null, 0) : default;
    }

    public IStoreIterator Scan(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp at) =>
        new Iterator(ReadableState(at), lower.ToArray(), upper.IsEmpty ? null : upper.ToArray(), at);

    public void Write(WriteBatch batch, Timestamp commitTimestamp, bool sync)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var state = _state;
            Invariant.Holds(commitTimestamp > state.LastCommit, "batches are written with rising timestamps");
            var versions = state.Versions.ToBuilder();
            foreach (var entry in batch)
            {
                switch (entry.Kind)
                {
                    case WriteBatch.EntryKind.Put:
                        versions.Add(new Version(entry.Key.ToArray(), commitTimestamp, entry.Value.ToArray()));
                        break;
                    case WriteBatch.EntryKind.Delete:
                        versions.Add(new Version(entry.Key.ToArray(), commitTimestamp, null));
                        break;
                    default:
                        foreach (var key in state.LiveKeys(entry.Key, entry.Value))
                            versions.Add(new Version(key, commitTimestamp, null));
                        break;
                }
            }

            _state = state with { Versions = versions.ToImmutable(), LastCommit = commitTimestamp };
        }
    }

    public ISortedRun BeginSortedRun(Timestamp at) => new Run(this, at);

    public void WriteUnlogged(WriteBatch batch, Timestamp at)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var versions = new List<Version>();
        foreach (var entry in batch)
            versions.Add(new Version(entry.Key.ToArray(), at, entry.Kind == WriteBatch.EntryKind.Put ? entry.Value.ToArray() : null));
        lock (_writing)
            Add(versions);
    }

    public void FlushUnlogged()
    {
        // There is nothing more durable than memory here.
    }

    private void Add(List<Version> added)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var versions = _state.Versions.ToBuilder();
        versions.UnionWith(added);
        _state = _state with { Versions = versions.ToImmutable() };
    }

    public void AdvanceHistoryLow(Timestamp low)
    {
        lock (_writing)
        {
            var state = _state;
            if (low <= state.HistoryLow)
                return;
            var kept = state.Versions.ToBuilder();
            byte[]? visible = null;
            foreach (var version in state.Versions)
            {
                if (version.At > low)
                    continue;
                var shadowed = visible is not null && visible.AsSpan().SequenceEqual(version.Key);
                if (shadowed || version.Value is null)
                    kept.Remove(version);
                visible = version.Key;
            }

            _state = state with { Versions = kept.ToImmutable(), HistoryLow = low };
        }
    }

    public long ApproximateSize(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        var state = _state;
        var end = upper.IsEmpty ? state.Versions.Count : state.FirstAtOrAfter(upper, Timestamp.Max);
        var size = 0L;
        for (var i = state.FirstAtOrAfter(lower, Timestamp.Max); i < end; i++)
            size += state.Versions[i].Key.Length + (state.Versions[i].Value?.Length ?? 0) + sizeof(ulong);
        return size;
    }

    public void PutLocal(string name, ReadOnlySpan<byte> value)
    {
        lock (_writing)
            _local[name] = value.ToArray();
    }

    public byte[]? GetLocal(string name)
    {
        lock (_writing)
            return _local.TryGetValue(name, out var value) ? [.. value] : null;
    }

    public void Dispose() => _disposed = true;

    private State ReadableState(Timestamp at)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var state = _state;
        if (at < state.HistoryLow)
            throw StorageErrors.HistoryGone(at, state.HistoryLow);
        return state;
    }

    /// <summary>One version of a key; no value is a deletion. Ordered by key, then newest first.</summary>
    private sealed record Version(byte[] Key, Timestamp At, byte[]? Value) : IComparable<Version>
    {
        public int CompareTo(Version? other)
        {
            if (other is null)
                return 1;
            var order = Key.AsSpan().SequenceCompareTo(other.Key);
            return order != 0 ? order : other.At.CompareTo(At);
        }
    }

    private sealed record State(ImmutableSortedSet<Version> Versions, Timestamp LastCommit, Timestamp HistoryLow)
    {
        /// <summary>Index of the first version that is not before (key, at): the visible version of the key, or the next key's newest.</summary>
        public int FirstAtOrAfter(ReadOnlySpan<byte> key, Timestamp at)
        {
            int low = 0, high = Versions.Count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                var candidate = Versions[middle];
                var order = candidate.Key.AsSpan().SequenceCompareTo(key);
                if (order < 0 || (order == 0 && candidate.At > at))
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }

        public List<byte[]> LiveKeys(ReadOnlySpan<byte> start, ReadOnlySpan<byte> end)
        {
            var keys = new List<byte[]>();
            byte[]? previous = null;
            for (var i = FirstAtOrAfter(start, Timestamp.Max); i < Versions.Count; i++)
            {
                var version = Versions[i];
                if (version.Key.AsSpan().SequenceCompareTo(end) >= 0)
                    break;
                var newest = previous is null || !previous.AsSpan().SequenceEqual(version.Key);
                if (newest && version.Value is not null)
                    keys.Add(version.Key);
                previous = version.Key;
            }

            return keys;
        }
    }

    private sealed class Run(MemoryStore store, Timestamp at) : ISortedRun
    {
        private readonly List<Version> _versions = [];

        public long Length { get; private set; }

        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            Invariant.Holds(_versions.Count == 0 || key.SequenceCompareTo(_versions[^1].Key) > 0, "the keys of a run rise");
            _versions.Add(new Version(key.ToArray(), at, value.ToArray()));
            Length += key.Length + value.Length;
        }

        public bool Add()
        {
            lock (store._writing)
            {
                if (_versions.Count == 0)
                    return true;
                var next = store._state.FirstAtOrAfter(_versions[0].Key, Timestamp.Max);
                if (next < store._state.Versions.Count && store._state.Versions[next].Key.AsSpan().SequenceCompareTo(_versions[^1].Key) <= 0)
                    return false;
                store.Add(_versions);
                return true;
            }
        }

        public void Dispose() => _versions.Clear();
    }

    private sealed class Iterator(State state, byte[] lower, byte[]? upper, Timestamp at) : IStoreIterator
    {
        private Version? _current;

        public ReadOnlySpan<byte> Key => _current!.Key;

        public ReadOnlySpan<byte> Value => _current!.Value;

        public Timestamp At => _current!.At;

        public bool SeekToFirst() => Forward(state.FirstAtOrAfter(lower, Timestamp.Max));

        public bool SeekToLast() =>
            Backward((upper is null ? state.Versions.Count : state.FirstAtOrAfter(upper, Timestamp.Max)) - 1);

        public bool Seek(ReadOnlySpan<byte> key) =>
            Forward(state.FirstAtOrAfter(key.SequenceCompareTo(lower) < 0 ? lower : key, Timestamp.Max));

        public bool SeekForPrevious(ReadOnlySpan<byte> key)
        {
            if (upper is not null && key.SequenceCompareTo(upper) >= 0)
                return SeekToLast();
            var index = state.FirstAtOrAfter(key, Timestamp.Zero);
            while (index < state.Versions.Count && key.SequenceEqual(state.Versions[index].Key))
                index++;
            return Backward(index - 1);
        }

        public bool MoveNext()
        {
            var index = state.FirstAtOrAfter(_current!.Key, Timestamp.Zero);
            while (index < state.Versions.Count && _current.Key.AsSpan().SequenceEqual(state.Versions[index].Key))
                index++;
            return Forward(index);
        }

        public bool MovePrevious() => Backward(state.FirstAtOrAfter(_current!.Key, Timestamp.Max) - 1);

        public void Dispose() => _current = null;

        private bool Forward(int index)
        {
            byte[]? decided = null;
            for (_current = null; index < state.Versions.Count; index++)
            {
                var version = state.Versions[index];
                if (upper is not null && version.Key.AsSpan().SequenceCompareTo(upper) >= 0)
                    return false;
                if (version.At > at || (decided is not null && decided.AsSpan().SequenceEqual(version.Key)))
                    continue;
                decided = version.Key;
                if (version.Value is null)
                    continue;
                _current = version;
                return true;
            }

            return false;
        }

        private bool Backward(int index)
        {
            for (_current = null; index >= 0; index--)
            {
                var key = state.Versions[index].Key;
                if (key.AsSpan().SequenceCompareTo(lower) < 0)
                    return false;
                var visible = state.FirstAtOrAfter(key, at);
                if (visible <= index && state.Versions[visible].Value is not null)
                {
                    _current = state.Versions[visible];
                    return true;
                }

                index = state.FirstAtOrAfter(key, Timestamp.Max);
            }

            return false;
        }
    }
}
