using System.Diagnostics.CodeAnalysis;

namespace Chitin.Sessions;

/// <summary>
/// A session's parsed and planned statements by the bytes of their text (and, for Parse, of the parameter types behind it): a text seen before costs one hash. Two generations:
/// what was not used while a whole new one filled up is forgotten.
/// </summary>
internal sealed class StatementCache<T>(int entries, int bytes) where T : class
{
    private static readonly ByteComparer s_comparer = new();

    private Dictionary<byte[], T> _young = new(s_comparer);
    private Dictionary<byte[], T> _old = new(s_comparer);
    private int _youngBytes;

    public bool TryGet(ReadOnlySpan<byte> key, [NotNullWhen(true)] out T? value)
    {
        if (_young.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out value))
            return true;
        if (!_old.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key, out var array, out value))
            return false;
        Add(array, value);
        return true;
    }

    public void Add(ReadOnlySpan<byte> key, T value)
    {
        // A text that would push all others out is not worth keeping.
        if (key.Length > bytes / 8)
            return;
        _old.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key);
        if (_young.GetAlternateLookup<ReadOnlySpan<byte>>() is var young && young.ContainsKey(key))
            young[key] = value;
        else
            Add(key.ToArray(), value);
    }

    public void Clear()
    {
        _young.Clear();
        _old.Clear();
        _youngBytes = 0;
    }

    private void Add(byte[] key, T value)
    {
        if (_young.Count >= entries || _youngBytes + key.Length > bytes)
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
            _youngBytes = 0;
        }

        if (_young.TryAdd(key, value))
            _youngBytes += key.Length;
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
