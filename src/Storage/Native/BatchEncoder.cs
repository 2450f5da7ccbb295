using System.Buffers.Binary;

namespace Chitin.Storage.Native;

/// <summary>
/// Writes a batch in RocksDB's own form (write_batch.cc): sequence 8 and count 4, then per entry a tag, the column family, and length-prefixed key and value.
/// Keys of the data family end in their timestamp. One buffer is reused.
/// </summary>
internal sealed class BatchEncoder
{
    private const byte PutTag = 0x1;
    private const byte DeleteFamilyTag = 0x4;
    private const byte PutFamilyTag = 0x5;
    private const byte DeleteRangeFamilyTag = 0xE;
    private const int HeaderLength = 12;
    private const int KeptBufferLength = 4 * 1024 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _length;
    private int _count;

    /// <summary>Commits, at least one: with the timestamp of the last one, under a key of the local family.</summary>
    public ReadOnlySpan<byte> Encode(ReadOnlySpan<StampedBatch> group, ReadOnlySpan<byte> lastCommitKey)
    {
        var expected = 0L;
        foreach (ref readonly var member in group)
            expected += member.Batch.Length + (member.Batch.Count * 24L);
        Begin(checked((int)expected));
        foreach (ref readonly var member in group)
            AppendEntries(member.Batch, member.CommitTimestamp);
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, group[^1].CommitTimestamp.Value);
        AppendLocal(lastCommitKey, value);
        return Finish();
    }

    /// <summary>The entries alone.</summary>
    public ReadOnlySpan<byte> Encode(WriteBatch batch, Timestamp at)
    {
        Begin(batch.Length + (batch.Count * 24));
        AppendEntries(batch, at);
        return Finish();
    }

    private void AppendEntries(WriteBatch batch, Timestamp at)
    {
        foreach (var entry in batch)
        {
            // Each entry of the batch takes 9 bytes beside its keys; here at most 1 tag, 1 family, two lengths of 5 and two timestamps.
            Reserve(28 + entry.Key.Length + entry.Value.Length);
            _buffer[_length++] = entry.Kind switch
            {
                WriteBatch.EntryKind.Put => PutFamilyTag,
                WriteBatch.EntryKind.Delete => DeleteFamilyTag,
                _ => DeleteRangeFamilyTag,
            };
            _buffer[_length++] = (byte)RocksDatabase.DataFamily;
            AppendKey(entry.Key, at);
            if (entry.Kind == WriteBatch.EntryKind.Put)
                Append(entry.Value);
            else if (entry.Kind == WriteBatch.EntryKind.DeleteRange)
                AppendKey(entry.Value, at);
            _count++;
        }
    }

    public ReadOnlySpan<byte> EncodeLocal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Begin(key.Length + value.Length);
        AppendLocal(key, value);
        return Finish();
    }

    /// <summary>Lets go of the buffer after an unusually large batch.</summary>
    public void Trim()
    {
        if (_buffer.Length > KeptBufferLength)
            _buffer = new byte[4096];
    }

    private void Begin(int expected)
    {
        (_length, _count) = (HeaderLength, 0);
        Reserve(expected);
    }

    private ReadOnlySpan<byte> Finish()
    {
        _buffer.AsSpan(0, HeaderLength).Clear();
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(8), _count);
        return _buffer.AsSpan(0, _length);
    }

    private void AppendLocal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Reserve(11 + key.Length + value.Length);
        _buffer[_length++] = PutTag;
        Append(key);
        Append(value);
        _count++;
    }

    private void AppendKey(ReadOnlySpan<byte> key, Timestamp at)
    {
        AppendLength(key.Length + sizeof(ulong));
        key.CopyTo(_buffer.AsSpan(_length));
        _length += key.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_length), at.Value);
        _length += sizeof(ulong);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        AppendLength(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Seven bits a byte, least significant first.</summary>
    private void AppendLength(int length)
    {
        var rest = (uint)length;
        for (; rest >= 0x80; rest >>= 7)
            _buffer[_length++] = (byte)(rest | 0x80);
        _buffer[_length++] = (byte)rest;
    }

    private void Reserve(int bytes)
    {
        var needed = checked(_length + bytes);
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max((long)_buffer.Length * 2, needed)));
    }
}
