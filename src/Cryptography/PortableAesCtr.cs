using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Chitin.Cryptography;

/// <summary>Counter mode on the platform's AES, for processors without the instructions that <see cref="HardwareAesCtr"/> needs.</summary>
internal sealed class PortableAesCtr : AesCtr
{
    private const int BatchLength = 64 * BlockLength;

    private readonly ConcurrentBag<Aes> _idle = [];   // an Aes object may serve one thread at a time
    private readonly byte[] _key;
    private bool _disposed;

    public PortableAesCtr(ReadOnlySpan<byte> key)
    {
        _key = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(_key);
    }

    public override void Transform(UInt128 initialCounter, ulong offset, Span<byte> data)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var aes))
        {
            aes = Aes.Create();
            aes.Key = _key;
        }

        var counter = initialCounter + (offset / BlockLength);
        var skip = (int)(offset % BlockLength);
        Span<byte> keystream = stackalloc byte[BatchLength];
        while (!data.IsEmpty)
        {
            var needed = Math.Min(BatchLength, (skip + data.Length + BlockLength - 1) / BlockLength * BlockLength);
            for (var at = 0; at < needed; at += BlockLength)
                BinaryPrimitives.WriteUInt128BigEndian(keystream[at..], counter++);
            aes.EncryptEcb(keystream[..needed], keystream[..needed], PaddingMode.None);
            var length = Math.Min(needed - skip, data.Length);
            Xor(data[..length], keystream.Slice(skip, length));
            data = data[length..];
            skip = 0;
        }

        CryptographicOperations.ZeroMemory(keystream);
        _idle.Add(aes);
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_key);
        while (_idle.TryTake(out var aes))
            aes.Dispose();
    }

    private static void Xor(Span<byte> data, ReadOnlySpan<byte> keystream)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        var keyWords = MemoryMarshal.Cast<byte, ulong>(keystream);
        for (var i = 0; i < words.Length; i++)
            words[i] ^= keyWords[i];
        for (var i = words.Length * sizeof(ulong); i < data.Length; i++)
            data[i] ^= keystream[i];
    }
}
