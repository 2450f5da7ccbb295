namespace Chitin.Cryptography;

/// <summary>How the bytes of a file are encrypted. The numbers are on disk: append, never reuse.</summary>
public enum CipherAlgorithm : byte
{
    Plaintext = 0,
    Aes128Ctr = 1,
    Aes192Ctr = 2,
    Aes256Ctr = 3,
}

public static class CipherAlgorithms
{
    /// <summary>The name that inspection commands print, as CockroachDB's do.</summary>
    public static string Name(this CipherAlgorithm algorithm) => algorithm switch
    {
        CipherAlgorithm.Plaintext => "Plaintext",
        CipherAlgorithm.Aes128Ctr => "AES128_CTR",
        CipherAlgorithm.Aes192Ctr => "AES192_CTR",
        CipherAlgorithm.Aes256Ctr => "AES256_CTR",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Bytes in a key; 0 for plaintext.</summary>
    public static int KeyLength(this CipherAlgorithm algorithm) => algorithm switch
    {
        CipherAlgorithm.Plaintext => 0,
        CipherAlgorithm.Aes128Ctr => 16,
        CipherAlgorithm.Aes192Ctr => 24,
        CipherAlgorithm.Aes256Ctr => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    public static bool TryFromKeyLength(int bytes, out CipherAlgorithm algorithm)
    {
        algorithm = bytes switch
        {
            16 => CipherAlgorithm.Aes128Ctr,
            24 => CipherAlgorithm.Aes192Ctr,
            32 => CipherAlgorithm.Aes256Ctr,
            _ => CipherAlgorithm.Plaintext,
        };
        return algorithm != CipherAlgorithm.Plaintext;
    }
}
