using System.Security.Cryptography;

namespace Chitin.Cryptography;

/// <summary>The one owner of key material: pinned, so that the collector leaves no copies behind, without a text form, wiped when disposed.</summary>
internal sealed class KeyBytes : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    private KeyBytes(int length) => _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);

    public int Length => _bytes.Length;

    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    public static KeyBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var key = new KeyBytes(bytes.Length);
        bytes.CopyTo(key._bytes);
        return key;
    }

    public static KeyBytes Random(int length)
    {
        var key = new KeyBytes(length);
        RandomNumberGenerator.Fill(key._bytes);
        return key;
    }

    /// <summary>A key for one purpose from this one (HKDF-SHA-256, RFC 5869), so that no two uses share key bytes.</summary>
    public KeyBytes Derive(ReadOnlySpan<byte> purpose, int length, ReadOnlySpan<byte> salt = default)
    {
        var derived = new KeyBytes(length);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Span, derived._bytes, salt, purpose);
        return derived;
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    public override string ToString() => "key bytes";
}
