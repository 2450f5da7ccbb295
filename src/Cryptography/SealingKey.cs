using System.Security.Cryptography;

namespace Chitin.Cryptography;

/// <summary>A root key for AES-GCM seals: what is sealed is hidden, and opens only if nobody has changed or moved it.</summary>
public sealed class SealingKey : IDisposable
{
    private readonly KeyBytes _root;

    internal SealingKey(KeyBytes root) => _root = root;

    /// <summary>A key that lives as long as this object: what it sealed is unreadable afterwards, on purpose.</summary>
    public static SealingKey CreateEphemeral() => new(KeyBytes.Random(32));

    public static SealingKey FromSecret(ReadOnlySpan<byte> secret) =>
        secret.Length >= 16 ? new(KeyBytes.CopyOf(secret)) : throw new ArgumentException("a sealing key has 16 bytes or more", nameof(secret));

    public void Dispose() => _root.Dispose();

    public override string ToString() => "sealing key";

    /// <summary>An own key for one file or stream, so that block numbers can serve as nonces.</summary>
    internal AesGcm OpenCipher(ReadOnlySpan<byte> identity)
    {
        using var key = _root.Derive("chitin: one sealed file"u8, 32, identity);
        return new AesGcm(key.Span, SealedBlock.TagLength);
    }
}

/// <summary>
/// One sealed piece of data: nonce (12 bytes), ciphertext, tag (16). The associated data bind it to its place: a block that is moved does not open.
/// </summary>
/// <remarks>Nonces are random, so one cipher seals at most 2^32 blocks (NIST SP 800-38D, 8.3).</remarks>
public static class SealedBlock
{
    public const int NonceLength = 12;
    public const int TagLength = 16;
    public const int Overhead = NonceLength + TagLength;

    public static byte[] Seal(SealingKey key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> place)
    {
        ArgumentNullException.ThrowIfNull(key);
        var block = new byte[plain.Length + Overhead];
        var nonce = block.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = key.OpenCipher("block"u8);
        cipher.Encrypt(nonce, plain, block.AsSpan(NonceLength, plain.Length), block.AsSpan(NonceLength + plain.Length), place);
        return block;
    }

    /// <summary>Throws <see cref="EncryptionException"/> when the key, the place or the bytes are not those of the seal.</summary>
    public static byte[] Open(SealingKey key, ReadOnlySpan<byte> block, ReadOnlySpan<byte> place)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (block.Length < Overhead)
            throw Damaged(null);
        var plain = new byte[block.Length - Overhead];
        using var cipher = key.OpenCipher("block"u8);
        try
        {
            cipher.Decrypt(block[..NonceLength], block.Slice(NonceLength, plain.Length), block[(NonceLength + plain.Length)..], plain, place);
            return plain;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Damaged(e);
        }
    }

    private static EncryptionException Damaged(Exception? inner) =>
        new(EncryptionFailure.Damaged, "a sealed block does not open: it is damaged, moved, or sealed with another key", innerException: inner);
}
