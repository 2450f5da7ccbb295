using System.Security.Cryptography;

namespace Chitin.Cryptography;

/// <summary>128 random bits that name a data key in file headers. Zero names no key.</summary>
public readonly record struct DataKeyId(UInt128 Value)
{
    public static DataKeyId None => default;

    public static DataKeyId NewRandom()
    {
        UInt128 value = 0;
        while (value == 0)
            RandomNumberGenerator.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<UInt128>(ref value)));
        return new DataKeyId(value);
    }

    public override string ToString() => Value.ToString("x32");
}

/// <summary>A key that encrypts the files of a store, made by the store itself. Cipher and header MAC use keys derived from it.</summary>
public sealed class DataKey : IDisposable
{
    private readonly KeyBytes _secret;
    private readonly KeyBytes _macKey;

    internal DataKey(DataKeyId id, CipherAlgorithm algorithm, DateTimeOffset created, string storeKeyId, bool exposed, KeyBytes secret)
    {
        (Id, Algorithm, Created, StoreKeyId, Exposed, _secret) = (id, algorithm, created, storeKeyId, exposed, secret);
        _macKey = secret.Derive("chitin: file header MAC"u8, 32);
        using var cipherKey = secret.Derive("chitin: file contents"u8, secret.Length);
        Cipher = AesCtr.Create(cipherKey.Span);
    }

    public DataKeyId Id { get; }

    public CipherAlgorithm Algorithm { get; }

    public DateTimeOffset Created { get; }

    /// <summary>The store key that was active when this key was made.</summary>
    public string StoreKeyId { get; }

    /// <summary>True once the key has been on disk in clear: files under it are not secret any more.</summary>
    public bool Exposed { get; }

    public AesCtr Cipher { get; }

    internal ReadOnlySpan<byte> Secret => _secret.Span;

    /// <summary>HMAC-SHA-256 of a file header, 32 bytes.</summary>
    public void AuthenticateHeader(ReadOnlySpan<byte> header, Span<byte> mac) => HMACSHA256.HashData(_macKey.Span, header, mac);

    public void Dispose()
    {
        _secret.Dispose();
        _macKey.Dispose();
        Cipher.Dispose();
    }

    public override string ToString() => $"data key {Id}";

    internal DataKey AsExposed() => new(Id, Algorithm, Created, StoreKeyId, true, KeyBytes.CopyOf(_secret.Span));

    internal SealingKey DeriveSealingKey() => new(_secret.Derive("chitin: sealed files"u8, 32));
}
