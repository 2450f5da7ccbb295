using System.Diagnostics;

namespace Chitin.Transactions;

/// <summary>The order of the keys and the ways to walk it.</summary>
internal sealed partial class WriteBuffer
{
    private static bool Before(ReadOnlySpan<byte> key, ReadOnlySpan<byte> upper) => upper.IsEmpty || key.SequenceCompareTo(upper) < 0;

    /// <summary>Whether any write or range delete touches [lower, upper).</summary>
    public bool Touches(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        if (_ranges is not null)
        {
            foreach (var range in _ranges)
            {
                if (Before(range.Lower, upper) && (range.Upper.Length == 0 || lower.SequenceCompareTo(range.Upper) < 0))
                    return true;
            }
        }

        return HoldsKeysIn(lower, upper);
    }

    /// <summary>Whether a key of [lower, upper) was written, range deletes left out.</summary>
    public bool HoldsKeysIn(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        var first = LowerBound(lower);
        return IsValid(first) && Before(KeyAt(first), upper);
    }

    /// <summary>Where the key is, or where it would be inserted.</summary>
    private bool Find(ReadOnlySpan<byte> key, out int chunk, out int index)
    {
        int low = 0, high = _chunks.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (_chunks[middle].Entries[0].Key.Span.SequenceCompareTo(key) <= 0)
                low = middle;
            else
                high = middle - 1;
        }

        chunk = low;
        index = 0;
        if (_chunks.Count == 0)
            return false;
        var entries = _chunks[chunk].Entries;
        int from = 0, to = _chunks[chunk].Count;

        // Keys mostly come in order: look at the last one first.
        if (chunk == _chunks.Count - 1 && entries[to - 1].Key.Span.SequenceCompareTo(key) < 0)
        {
            index = to;
            return false;
        }

        while (from < to)
        {
            var middle = (from + to) >> 1;
            var order = entries[middle].Key.Span.SequenceCompareTo(key);
            if (order == 0)
            {
                index = middle;
                return true;
            }

            if (order < 0)
                from = middle + 1;
            else
                to = middle;
        }

        index = from;
        return false;
    }

    private void Insert(int chunkIndex, int index, in WriteEntry entry)
    {
        _structure++;
        Count++;
        if (_chunks.Count == 0)
            _chunks.Add(new Chunk(4));
        var chunk = _chunks[chunkIndex];
        if (chunk.Count == ChunkSize)
        {
            if (index == ChunkSize && chunkIndex == _chunks.Count - 1)
            {
                chunk = new Chunk(ChunkSize);
                _chunks.Add(chunk);
                index = 0;
            }
            else
            {
                const int Half = ChunkSize / 2;
                var right = new Chunk(ChunkSize) { Count = ChunkSize - Half };
                Array.Copy(chunk.Entries, Half, right.Entries, 0, right.Count);
                Array.Clear(chunk.Entries, Half, right.Count);
                chunk.Count = Half;
                _chunks.Insert(chunkIndex + 1, right);
                if (index > Half)
                {
                    chunk = right;
                    index -= Half;
                }
            }
        }

        if (chunk.Count == chunk.Entries.Length)
            Array.Resize(ref chunk.Entries, Math.Min(ChunkSize, chunk.Count * 2));
        Array.Copy(chunk.Entries, index, chunk.Entries, index + 1, chunk.Count - index);
        chunk.Entries[index] = entry;
        chunk.Count++;
    }

    private void Remove(int chunkIndex, int index)
    {
        _structure++;
        Count--;
        var chunk = _chunks[chunkIndex];
        chunk.Count--;
        Array.Copy(chunk.Entries, index + 1, chunk.Entries, index, chunk.Count - index);
        chunk.Entries[chunk.Count] = default;
        if (chunk.Count == 0)
            _chunks.RemoveAt(chunkIndex);
    }

    private Place LowerBound(ReadOnlySpan<byte> key)
    {
        Find(key, out var chunk, out var index);
        return chunk < _chunks.Count && index == _chunks[chunk].Count ? new Place(chunk + 1, 0) : new Place(chunk, index);
    }

    private bool IsValid(Place at) => (uint)at.Chunk < (uint)_chunks.Count && (uint)at.Index < (uint)_chunks[at.Chunk].Count;

    private ReadOnlySpan<byte> KeyAt(Place at) => _chunks[at.Chunk].Entries[at.Index].Key.Span;

    private Place Next(Place at) => at.Index + 1 < _chunks[at.Chunk].Count ? at with { Index = at.Index + 1 } : new Place(at.Chunk + 1, 0);

    private Place Previous(Place at)
    {
        if (at.Index > 0)
            return at with { Index = at.Index - 1 };
        return at.Chunk > 0 ? new Place(at.Chunk - 1, _chunks[at.Chunk - 1].Count - 1) : new Place(-1, 0);
    }

    [DebuggerDisplay("{Chunk}/{Index}")]
    private readonly record struct Place(int Chunk, int Index);

    /// <summary>Walks the writes made up to the moment it was opened, within [lower, upper). Writes and rollbacks may happen meanwhile.</summary>
    internal sealed class Cursor : IDisposable
    {
        private readonly WriteBuffer _buffer;
        private readonly byte[] _lower;
        private readonly byte[] _upper;
        private readonly bool _reverse;
        private Place _place;
        private int _structure;
        private ArenaSlice _key;
        private ArenaSlice _value;
        private bool _closed;

        public Cursor(WriteBuffer buffer, byte[] lower, byte[] upper, bool reverse)
        {
            (_buffer, _lower, _upper, _reverse) = (buffer, lower, upper, reverse);
            Limit = buffer.Position;
            buffer._pinned = Limit;
            buffer.OpenCursors++;
        }

        /// <summary>The last write that it sees.</summary>
        public int Limit { get; }

        public bool IsValid { get; private set; }

        public bool IsDelete { get; private set; }

        public ReadOnlySpan<byte> Key => _key.Span;

        public ReadOnlySpan<byte> Value => _value.Span;

        public void Start()
        {
            if (!_reverse)
                _place = _buffer.LowerBound(_lower);
            else
                _place = _upper.Length == 0 ? _buffer.LastPlace() : _buffer.Previous(_buffer.LowerBound(_upper));
            Settle();
        }

        public void Advance()
        {
            if (!IsValid)
                return;
            if (_structure != _buffer._structure)
            {
                // Things moved: find the current key again. If it is gone, a forward lower bound already stands behind it.
                var at = _buffer.LowerBound(Key);
                var same = _buffer.IsValid(at) && _buffer.KeyAt(at).SequenceEqual(Key);
                _place = _reverse ? _buffer.Previous(at) : same ? _buffer.Next(at) : at;
            }
            else
            {
                _place = _reverse ? _buffer.Previous(_place) : _buffer.Next(_place);
            }

            Settle();
        }

        public void Dispose()
        {
            if (_closed)
                return;
            _closed = true;
            _buffer.OpenCursors--;
        }

        /// <summary>From the place on, the first entry that has a version this cursor sees.</summary>
        private void Settle()
        {
            _structure = _buffer._structure;
            for (; IsInside(); _place = _reverse ? _buffer.Previous(_place) : _buffer.Next(_place))
            {
                ref var entry = ref _buffer._chunks[_place.Chunk].Entries[_place.Index];
                if (!TryGetVersion(ref entry, out var sequence))
                    continue;
                _key = entry.Key;
                IsDelete |= _buffer.IsRangeDeleted(Key, sequence, Limit);
                IsValid = true;
                return;
            }

            IsValid = false;
        }

        private bool IsInside()
        {
            if (!_buffer.IsValid(_place))
                return false;
            var key = _buffer.KeyAt(_place);
            return _reverse ? key.SequenceCompareTo(_lower) >= 0 : Before(key, _upper);
        }

        private bool TryGetVersion(ref WriteEntry entry, out int sequence)
        {
            (sequence, _value, IsDelete) = (entry.Sequence, entry.Value, entry.IsDelete);
            for (var older = entry.Older; sequence > Limit; older = older.Older)
            {
                if (older is null)
                    return false;
                (sequence, _value, IsDelete) = (older.Sequence, older.Value, older.IsDelete);
            }

            return true;
        }
    }

    /// <summary>Bounds must be arrays that nobody changes.</summary>
    public Cursor OpenCursor(byte[] lower, byte[] upper, bool reverse) => new(this, lower, upper, reverse);

    private Place LastPlace() => _chunks.Count == 0 ? new Place(-1, 0) : new Place(_chunks.Count - 1, _chunks[^1].Count - 1);
}
