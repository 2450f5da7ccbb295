using System.Buffers.Binary;

namespace Chitin.Transactions;

/// <summary>The relations that one transaction has locked; taking one again costs a look at a short list.</summary>
internal struct RelationLocks
{
    private const int Remembered = 16;

    private (uint Id, RelationLock Mode)[]? _held;
    private int _count;

    /// <summary>The relation's key in the lock table: four bytes, shorter than any row's.</summary>
    public static void WriteKey(uint relationId, Span<byte> key) => BinaryPrimitives.WriteUInt32BigEndian(key, relationId);

    public readonly bool Holds(uint relationId, RelationLock mode)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_held![i].Id == relationId && _held[i].Mode >= mode)
                return true;
        }

        return false;
    }

    public void Remember(uint relationId, RelationLock mode)
    {
        _held ??= new (uint, RelationLock)[4];
        for (var i = 0; i < _count; i++)
        {
            if (_held[i].Id != relationId)
                continue;
            if (mode > _held[i].Mode)
                _held[i].Mode = mode;
            return;
        }

        if (_count == Remembered)
            return;
        if (_count == _held.Length)
            Array.Resize(ref _held, _count * 2);
        _held[_count++] = (relationId, mode);
    }
}
