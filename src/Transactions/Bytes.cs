using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Chitin.Transactions;

/// <summary>Compares keys by content, also with spans. The hash is seeded per process: keys come from clients.</summary>
internal sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static KeyComparer Instance { get; } = new();

    public static int Hash(ReadOnlySpan<byte> key)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => Hash(obj);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => Hash(alternate);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}

/// <summary>Bytes inside an arena's page.</summary>
internal readonly struct ArenaSlice(byte[] page, int offset, int length)
{
    public int Length => length;

    public ArenaSlice Slice(int start, int count) => new(page, offset + start, count);

    public ReadOnlySpan<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => page.AsSpan(offset, length);
    }
}

/// <summary>Keeps many small byte strings in few arrays. What was added stays where it is until <see cref="Reset"/> goes back before it.</summary>
internal sealed class ByteArena
{
    private const int FirstPage = 512;
    private const int LastPage = 64 * 1024;

    private byte[] _page = [];
    private int _position;

    /// <summary>Bytes given out since the start, not counting what was reset.</summary>
    public long Used { get; private set; }

    public ArenaSlice Add(ReadOnlySpan<byte> bytes)
    {
        var slice = Reserve(bytes.Length, out var target);
        bytes.CopyTo(target);
        return slice;
    }

    /// <summary>Both strings, one behind the other, as one slice.</summary>
    public ArenaSlice Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var slice = Reserve(first.Length + second.Length, out var target);
        first.CopyTo(target);
        second.CopyTo(target[first.Length..]);
        return slice;
    }

    public Mark Position => new(_page, _position, Used);

    /// <summary>Forgets what was added after the mark; its memory is used again.</summary>
    public void Reset(Mark mark) => (_page, _position, Used) = (mark.Page ?? [], mark.Offset, mark.Used);

    private ArenaSlice Reserve(int length, out Span<byte> target)
    {
        if (_page.Length - _position < length)
        {
            if (length > LastPage / 4)
            {
                var own = new byte[length];
                Used += length;
                target = own;
                return new ArenaSlice(own, 0, length);
            }

            _page = new byte[Math.Max(Math.Min(Math.Max(FirstPage, _page.Length * 2), LastPage), length)];
            _position = 0;
        }

        var slice = new ArenaSlice(_page, _position, length);
        target = _page.AsSpan(_position, length);
        _position += length;
        Used += length;
        return slice;
    }

    internal readonly record struct Mark(byte[]? Page, int Offset, long Used);
}
