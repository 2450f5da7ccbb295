namespace Chitin.Cryptography;

/// <summary>
/// The key that an operator gives a store. It seals the registry of data keys and nothing else, and is never written by the store.
/// <see cref="CreatePlain"/> stands for "not encrypted".
/// </summary>
public sealed class StoreKey : IDisposable
{
    public const int IdLength = 32;

    /// <summary>The id of the key that stands for "not encrypted".</summary>
    public const string PlainId = "plain";

    private readonly KeyBytes? _secret;

    private StoreKey(string id, CipherAlgorithm algorithm, string source, KeyBytes? secret) =>
        (Id, Algorithm, Source, _secret) = (id, algorithm, source, secret);

    /// <summary>64 hexadecimal digits, or <see cref="PlainId"/>.</summary>
    public string Id { get; }

    public CipherAlgorithm Algorithm { get; }

    /// <summary>Where the key came from: a file's name, or "plain".</summary>
    public string Source { get; }

    public bool IsPlain => _secret is null;

    public static StoreKey CreatePlain() => new(PlainId, CipherAlgorithm.Plaintext, PlainId, null);

    public static StoreKey Create(ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, string source)
    {
        if (id.Length != IdLength || !CipherAlgorithms.TryFromKeyLength(secret.Length, out var algorithm))
            throw new EncryptionException(EncryptionFailure.Invalid, $"store key of unsupported length: {secret.Length}");
        return new StoreKey(Convert.ToHexStringLower(id), algorithm, source, KeyBytes.CopyOf(secret));
    }

    public void Dispose() => _secret?.Dispose();

    public override string ToString() => $"store key {Id}";

    internal KeyBytes Derive(ReadOnlySpan<byte> purpose) =>
        (_secret ?? throw new InvalidOperationException("the plain key seals nothing")).Derive(purpose, _secret.Length);
}
