using System.Buffers.Binary;

namespace Chitin.Storage;

/// <summary>
/// Puts, deletes and range deletes that become visible together at one commit timestamp. It holds nothing that belongs to one node,
/// so that it can travel in a shared log. Form: per entry a kind byte, then length-prefixed (4 bytes, little endian) key and value or end key.
/// </summary>
/// <remarks>Not for concurrent use. Within a batch each key may occur once.</remarks>
public sealed class WriteBatch
{
    private byte[] _buffer = new byte[256];
    private int _length;

    public enum EntryKind : byte { Put = 1, Delete = 2, DeleteRange = 3 }

    public int Count { get; private set; }

    /// <summary>Size in bytes, for limits and statistics.</summary>
    public int Length => _length;

    /// <summary>It is part of getting space back, and may use what is kept for that. Range deletes say so by themselves.</summary>
    public bool FreesSpace { get; set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Append(EntryKind.Put, key, value);

    public void Delete(ReadOnlySpan<byte> key) => Append(EntryKind.Delete, key, default);

    /// <summary>Deletes [start, end).</summary>
    public void DeleteRange(ReadOnlySpan<byte> start, ReadOnlySpan<byte> end) => Append(EntryKind.DeleteRange, start, end);

    /// <summary>Makes room for so many bytes at once.</summary>
    public void Reserve(long bytes)
    {
        if (bytes > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, bytes));
    }

    public void Clear()
    {
        _length = 0;
        Count = 0;
        FreesSpace = false;
    }

    public Enumerator GetEnumerator() => new(Bytes);

    private void Append(EntryKind kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var needed = checked(_length + 9 + first.Length + second.Length);
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max((long)_buffer.Length * 2, needed)));
        var target = _buffer.AsSpan(_length);
        target[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], first.Length);
        first.CopyTo(target[5..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[(5 + first.Length)..], second.Length);
        second.CopyTo(target[(9 + first.Length)..]);
        _length = needed;
        Count++;
    }

    /// <summary>Walks the entries in the order in which they were added.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public EntryKind Kind { get; private set; }

        public ReadOnlySpan<byte> Key { get; private set; }

        /// <summary>The value of a put, the end of a range delete, empty for a delete.</summary>
        public ReadOnlySpan<byte> Value { get; private set; }

        public Enumerator Current => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            Kind = (EntryKind)_rest[0];
            var keyLength = BinaryPrimitives.ReadInt32LittleEndian(_rest[1..]);
            Key = _rest.Slice(5, keyLength);
            var valueLength = BinaryPrimitives.ReadInt32LittleEndian(_rest[(5 + keyLength)..]);
            Value = _rest.Slice(9 + keyLength, valueLength);
            _rest = _rest[(9 + keyLength + valueLength)..];
            return true;
        }
    }
}
