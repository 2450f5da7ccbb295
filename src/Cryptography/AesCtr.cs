using System.Security.Cryptography;

namespace Chitin.Cryptography;

/// <summary>
/// AES in counter mode (NIST SP 800-38A, 6.5) with random access: byte n of a stream is combined with byte n of the keystream that starts at the
/// initial counter block, which counts up over all 128 bits. Encrypting and decrypting are the same operation.
/// </summary>
/// <remarks>Any number of threads may transform at once. It hides, it does not authenticate. Nobody may use it while or after it is disposed.</remarks>
public abstract class AesCtr : IDisposable
{
    public const int BlockLength = 16;

    /// <summary>The implementation for this processor.</summary>
    public static AesCtr Create(ReadOnlySpan<byte> key) => IsHardwareSupported ? CreateHardware(key) : CreatePortable(key);

    public static bool IsHardwareSupported => HardwareAesCtr.IsSupported;

    public static AesCtr CreateHardware(ReadOnlySpan<byte> key) => new HardwareAesCtr(CheckedKey(key));

    public static AesCtr CreatePortable(ReadOnlySpan<byte> key) => new PortableAesCtr(CheckedKey(key));

    /// <summary>Transforms <paramref name="data"/>, which stands at byte <paramref name="offset"/> of the stream, in place.</summary>
    public abstract void Transform(UInt128 initialCounter, ulong offset, Span<byte> data);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    private static ReadOnlySpan<byte> CheckedKey(ReadOnlySpan<byte> key) =>
        key.Length is 16 or 24 or 32 ? key : throw new CryptographicException($"an AES key of {key.Length} bytes");
}
