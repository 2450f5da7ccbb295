using Chitin.Cryptography;
using Xunit;

namespace Chitin.UnitTests.Cryptography;

public sealed class AesCtrTests
{
    private const string Plain =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

    private static readonly UInt128 s_counter = UInt128.Parse("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", System.Globalization.NumberStyles.HexNumber);

    /// <summary>NIST SP 800-38A, appendix F.5.</summary>
    public static TheoryData<string, string> Vectors => new()
    {
        {
            "2b7e151628aed2a6abf7158809cf4f3c",
            "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"
        },
        {
            "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
            "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e941e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050"
        },
        {
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Both_paths_give_the_published_answers(string key, string cipherText)
    {
        foreach (var cipher in Paths(Convert.FromHexString(key)))
        {
            using (cipher)
            {
                var data = Convert.FromHexString(Plain);
                cipher.Transform(s_counter, 0, data);
                Assert.Equal(cipherText, Convert.ToHexStringLower(data));
                cipher.Transform(s_counter, 0, data);
                Assert.Equal(Plain, Convert.ToHexStringLower(data));
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void Any_cut_of_a_stream_gives_the_same_bytes_on_every_path(int keyLength)
    {
        var random = new Random(3);
        var key = new byte[keyLength];
        random.NextBytes(key);
        UInt128[] counters = [0, s_counter, UInt128.MaxValue - 5, ulong.MaxValue - 20UL, new UInt128(7, ulong.MaxValue)];
        foreach (var counter in counters)
        {
            var whole = new byte[3000];
            using (var portable = AesCtr.CreatePortable(key))
                portable.Transform(counter, 0, whole);
            foreach (var cipher in Paths(key))
            {
                using (cipher)
                {
                    for (var round = 0; round < 100; round++)
                    {
                        var from = random.Next(whole.Length);
                        var part = new byte[random.Next(whole.Length - from)];
                        cipher.Transform(counter, (ulong)from, part);
                        Assert.True(whole.AsSpan(from, part.Length).SequenceEqual(part), $"{cipher} at {from}, {part.Length} bytes");
                    }
                }
            }
        }
    }

    [Fact]
    public void A_key_of_another_length_is_refused_and_a_disposed_one_is_not_used()
    {
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => AesCtr.Create(new byte[20]));
        foreach (var cipher in Paths(new byte[16]))
        {
            cipher.Dispose();
            Assert.Throws<ObjectDisposedException>(() => cipher.Transform(0, 0, new byte[1]));
        }
    }

    private static IEnumerable<AesCtr> Paths(byte[] key)
    {
        yield return AesCtr.CreatePortable(key);
        if (AesCtr.IsHardwareSupported)
            yield return AesCtr.CreateHardware(key);
    }
}
