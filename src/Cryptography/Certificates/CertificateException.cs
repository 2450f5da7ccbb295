namespace Chitin.Cryptography.Certificates;

/// <summary>A fault in certificate files or their making that an operator can mend. The text names the file and never holds key material.</summary>
public sealed class CertificateException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    public string? Hint { get; init; }
}
