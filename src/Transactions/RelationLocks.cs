using System.Buffers.Binary;

namespace Chitin.Transactions;

/// <summary>The relations that one transaction has locked; taking one again costs a look at a short list.</summary>
internal struct RelationLocks
{
    private const int Remembered = 16;

    private (uint Id, bool Exclusive)[]? _held;
    private int _count;

    public static LockMode Mode(bool exclusive) => exclusive ? LockMode.Update : LockMode.Share;

    /// <summary>The relation's key in the lock table: four bytes, shorter than any row's.</summary>
    public static void WriteKey(uint relationId, Span<byte> key) => BinaryPrimitives.WriteUInt32BigEndian(key, relationId);

    public readonly bool Holds(uint relationId, bool exclusive)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_held![i].Id == relationId && (_held[i].Exclusive || !exclusive))
                return true;
        }

        return false;
    }

    public void Remember(uint relationId, bool exclusive)
    {
        _held ??= new (uint, bool)[4];
        for (var i = 0; i < _count; i++)
        {
            if (_held[i].Id != relationId)
                continue;
            _held[i].Exclusive |= exclusive;
            return;
        }

        if (_count == Remembered)
            return;
        if (_count == _held.Length)
            Array.Resize(ref _held, _count * 2);
        _held[_count++] = (relationId, exclusive);
    }
}
