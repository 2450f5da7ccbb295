using System.Buffers.Binary;
using System.Numerics;

namespace Chitin.Sql.Functions.Library;

/// <summary>SHA-224 (FIPS 180-4, 6.3): SHA-256 with other initial values, cut to 28 bytes. .NET has none.</summary>
static class Sha224
{
    static readonly uint[] s_round = RoundConstants();

    internal static byte[] Hash(ReadOnlySpan<byte> data)
    {
        Span<uint> state = [0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4];
        var whole = data.Length / 64 * 64;
        for (var i = 0; i < whole; i += 64)
            Compress(state, data.Slice(i, 64));
        Span<byte> tail = stackalloc byte[128];
        tail.Clear();
        var rest = data[whole..];
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        var length = rest.Length < 56 ? 64 : 128;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(length - 8)..], (ulong)data.Length * 8);
        for (var i = 0; i < length; i += 64)
            Compress(state, tail.Slice(i, 64));
        var result = new byte[28];
        for (var i = 0; i < 7; i++)
            BinaryPrimitives.WriteUInt32BigEndian(result.AsSpan(i * 4), state[i]);
        return result;
    }

    static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var i = 0; i < 16; i++)
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        for (var i = 16; i < 64; i++)
        {
            var s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
            var s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = unchecked(w[i - 16] + s0 + w[i - 7] + s1);
        }

        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        unchecked
        {
            for (var i = 0; i < 64; i++)
            {
                var t1 = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + ((e & f) ^ (~e & g)) + s_round[i] + w[i];
                var t2 = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
                (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
            }

            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
            state[5] += f;
            state[6] += g;
            state[7] += h;
        }
    }

    /// <summary>The first 32 bits of the fractional parts of the cube roots of the first 64 primes (4.2.2).</summary>
    static uint[] RoundConstants()
    {
        var constants = new uint[64];
        var count = 0;
        for (var candidate = 2; count < 64; candidate++)
        {
            var isPrime = true;
            for (var divisor = 2; divisor * divisor <= candidate; divisor++)
                isPrime &= candidate % divisor != 0;
            if (!isPrime)
                continue;
            // floor(cuberoot(p) * 2^32) by integer search: exact, where a double would not be.
            BigInteger scaled = BigInteger.Pow(2, 96) * candidate;
            BigInteger low = 0, high = BigInteger.Pow(2, 36);
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                if (middle * middle * middle <= scaled)
                    low = middle;
                else
                    high = middle;
            }

            constants[count++] = (uint)(low & uint.MaxValue);
        }

        return constants;
    }
}
