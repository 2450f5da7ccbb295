using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using AesNi = System.Runtime.Intrinsics.X86.Aes;

namespace Chitin.Cryptography;

/// <summary>Counter mode on the AES instructions of x86. Eight blocks are in flight at once, because one round's latency hides seven others.</summary>
internal sealed unsafe class HardwareAesCtr : AesCtr
{
    private const int MaxRounds = 14;
    private const int Lanes = 8;

    private readonly int _rounds;
    private Vector128<byte>* _schedule;

    public HardwareAesCtr(ReadOnlySpan<byte> key)
    {
        _rounds = (key.Length / 4) + 6;   // FIPS 197: 10, 12 or 14
        _schedule = (Vector128<byte>*)NativeMemory.AlignedAlloc(ScheduleLength, 64);
        ExpandKey(key);
    }

    ~HardwareAesCtr() => Dispose(false);

    public static bool IsSupported => AesNi.IsSupported;

    private static nuint ScheduleLength => (nuint)((MaxRounds + 1) * sizeof(Vector128<byte>));

    public override void Transform(UInt128 initialCounter, ulong offset, Span<byte> data)
    {
        ObjectDisposedException.ThrowIf(_schedule is null, this);
        fixed (byte* start = data)
            Transform(initialCounter + (offset / BlockLength), (int)(offset % BlockLength), start, data.Length);
        GC.KeepAlive(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (_schedule is null)
            return;
        CryptographicOperations.ZeroMemory(new Span<byte>(_schedule, (int)ScheduleLength));
        NativeMemory.AlignedFree(_schedule);
        _schedule = null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(UInt128 counter, int skip, byte* data, int length)
    {
        if (skip != 0)
        {
            var first = Math.Min(BlockLength - skip, length);
            XorPartial(counter++, skip, data, first);
            data += first;
            length -= first;
        }

        var schedule = _schedule;
        var last = schedule[_rounds];
        while (length >= Lanes * BlockLength)
        {
            var (high, low) = ((ulong)(counter >> 64), (ulong)counter);
            if (low > ulong.MaxValue - Lanes)
            {
                Xor(counter, data);   // the lower half is about to wrap: one block at a time
                counter++;
                data += BlockLength;
                length -= BlockLength;
                continue;
            }

            var whitening = schedule[0];
            var b0 = Counter(high, low) ^ whitening;
            var b1 = Counter(high, low + 1) ^ whitening;
            var b2 = Counter(high, low + 2) ^ whitening;
            var b3 = Counter(high, low + 3) ^ whitening;
            var b4 = Counter(high, low + 4) ^ whitening;
            var b5 = Counter(high, low + 5) ^ whitening;
            var b6 = Counter(high, low + 6) ^ whitening;
            var b7 = Counter(high, low + 7) ^ whitening;
            for (var round = 1; round < _rounds; round++)
            {
                var roundKey = schedule[round];
                b0 = AesNi.Encrypt(b0, roundKey);
                b1 = AesNi.Encrypt(b1, roundKey);
                b2 = AesNi.Encrypt(b2, roundKey);
                b3 = AesNi.Encrypt(b3, roundKey);
                b4 = AesNi.Encrypt(b4, roundKey);
                b5 = AesNi.Encrypt(b5, roundKey);
                b6 = AesNi.Encrypt(b6, roundKey);
                b7 = AesNi.Encrypt(b7, roundKey);
            }

            (Vector128.Load(data) ^ AesNi.EncryptLast(b0, last)).Store(data);
            (Vector128.Load(data + 16) ^ AesNi.EncryptLast(b1, last)).Store(data + 16);
            (Vector128.Load(data + 32) ^ AesNi.EncryptLast(b2, last)).Store(data + 32);
            (Vector128.Load(data + 48) ^ AesNi.EncryptLast(b3, last)).Store(data + 48);
            (Vector128.Load(data + 64) ^ AesNi.EncryptLast(b4, last)).Store(data + 64);
            (Vector128.Load(data + 80) ^ AesNi.EncryptLast(b5, last)).Store(data + 80);
            (Vector128.Load(data + 96) ^ AesNi.EncryptLast(b6, last)).Store(data + 96);
            (Vector128.Load(data + 112) ^ AesNi.EncryptLast(b7, last)).Store(data + 112);
            counter += Lanes;
            data += Lanes * BlockLength;
            length -= Lanes * BlockLength;
        }

        for (; length >= BlockLength; length -= BlockLength, data += BlockLength)
            Xor(counter++, data);
        if (length > 0)
            XorPartial(counter, 0, data, length);
    }

    private void Xor(UInt128 counter, byte* block) => (Vector128.Load(block) ^ Keystream(counter)).Store(block);

    private void XorPartial(UInt128 counter, int skip, byte* data, int length)
    {
        var keystream = stackalloc byte[BlockLength];
        Keystream(counter).Store(keystream);
        for (var i = 0; i < length; i++)
            data[i] ^= keystream[skip + i];
    }

    private Vector128<byte> Keystream(UInt128 counter)
    {
        var block = Counter((ulong)(counter >> 64), (ulong)counter) ^ _schedule[0];
        for (var round = 1; round < _rounds; round++)
            block = AesNi.Encrypt(block, _schedule[round]);
        return AesNi.EncryptLast(block, _schedule[_rounds]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Counter(ulong high, ulong low) =>
        Vector128.Create(BinaryPrimitives.ReverseEndianness(high), BinaryPrimitives.ReverseEndianness(low)).AsByte();

    /// <summary>FIPS 197, 5.2, in little-endian words.</summary>
    private void ExpandKey(ReadOnlySpan<byte> key)
    {
        var keyWords = key.Length / 4;
        var words = new Span<uint>(_schedule, 4 * (_rounds + 1));
        for (var i = 0; i < keyWords; i++)
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        var roundConstant = 1u;
        for (var i = keyWords; i < words.Length; i++)
        {
            var word = words[i - 1];
            if (i % keyWords == 0)
            {
                word = SubstituteBytes(BitOperations.RotateRight(word, 8)) ^ roundConstant;
                roundConstant = (roundConstant << 1) ^ ((roundConstant >> 7) * 0x11b);
            }
            else if (keyWords > 6 && i % keyWords == 4)
            {
                word = SubstituteBytes(word);
            }

            words[i] = words[i - keyWords] ^ word;
        }
    }

    private static uint SubstituteBytes(uint word) =>
        AesNi.KeygenAssist(Vector128.Create(0u, word, 0, 0).AsByte(), 0).AsUInt32().ToScalar();
}
