using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Chitin.Core;

namespace Chitin.Protocol;

/// <summary>
/// What is to be sent, in one growing array, so that a message's length can be written when its end is known and a half-written message can be taken back.
/// Used by one connection, by one thread at a time.
/// </summary>
public sealed class WireBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Capacity that an emptied buffer keeps; a larger array goes back to the pool.</summary>
    public const int KeptBytes = 64 * 1024;

    private readonly int _initialBytes;
    private byte[] _bytes;
    private int _length;

    public WireBuffer(int initialBytes = 4096)
    {
        _initialBytes = initialBytes;
        _bytes = ArrayPool<byte>.Shared.Rent(initialBytes);
    }

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_bytes.Length - _length < Math.Max(sizeHint, 1))
            Grow(sizeHint);
        return _bytes.AsSpan(_length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(_length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - _length))
            throw new ArgumentOutOfRangeException(nameof(count));
        _length += count;
    }

    /// <summary>Overwrites four bytes that were reserved before.</summary>
    public void PatchInt32(int offset, int value) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(offset, 4), value);

    /// <summary>Takes back everything after an offset.</summary>
    public void Truncate(int length)
    {
        if ((uint)length > (uint)_length)
            throw new ArgumentOutOfRangeException(nameof(length));
        _length = length;
    }

    /// <summary>Empties the buffer. A large array is given back.</summary>
    public void Clear()
    {
        _length = 0;
        if (_bytes.Length <= KeptBytes)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(_initialBytes);
    }

    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length != 0)
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int sizeHint)
    {
        var needed = (long)_length + Math.Max(sizeHint, 256);
        if (needed > Array.MaxLength)
            throw new SqlException(SqlState.ProgramLimitExceeded, "message is too long to be sent");
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        _bytes.AsSpan(0, _length).CopyTo(grown);
        if (_bytes.Length != 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }
}
