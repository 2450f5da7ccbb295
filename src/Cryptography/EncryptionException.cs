namespace Chitin.Cryptography;

public enum EncryptionFailure
{
    /// <summary>An option or a key file is not in a form that is understood.</summary>
    Invalid,

    /// <summary>A key file is missing or cannot be read.</summary>
    KeyUnavailable,

    /// <summary>A key file may be read by others than its owner.</summary>
    KeyExposed,

    /// <summary>The key given is not the one that the store was sealed with.</summary>
    WrongKey,

    /// <summary>A seal does not hold: the bytes are not those that were written.</summary>
    Damaged,

    /// <summary>The platform cannot do what encryption needs.</summary>
    Unsupported,
}

/// <summary>Encryption cannot go on as asked. The text names files and key ids, never key bytes.</summary>
public sealed class EncryptionException(EncryptionFailure kind, string message, string? file = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    public EncryptionFailure Kind { get; } = kind;

    public string? File { get; } = file;
}
