using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

/// <summary>A private key in a PEM file: PKCS#1, PKCS#8 or SEC 1, RSA or elliptic curve.</summary>
public static class PrivateKeyFile
{
    const int MaximumBytes = 1 << 20;
    const string SkipCheckVariable = "CHITIN_SKIP_KEY_PERMISSION_CHECK";

    /// <summary>
    /// Refuses a key that others can read: the owner's file may have no bits beyond 0700, root's file of the process's group none beyond 0740.
    /// </summary>
    public static void CheckPermissions(string path)
    {
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable(SkipCheckVariable) == "true")
            return;
        FileOwnership file;
        try
        {
            file = UnixFiles.Inspect(path);
        }
        catch (IOException e)
        {
            throw new CertificateException(e.Message, e);
        }

        if (!file.IsRegular)
            throw new CertificateException($"key file {path} is not a regular file");
        var allowed = UnixFiles.DirectoryMode;
        if (file.User == 0 && file.Group == UnixFiles.EffectiveGroup)
            allowed |= UnixFileMode.GroupRead;
        if ((file.Mode & ~allowed) != 0)
        {
            throw new CertificateException($"key file {path} has permissions {FileOwnership.Describe(file.Mode)}, exceeds {FileOwnership.Describe(allowed)}")
            {
                Hint = $"chmod 0600 {path}",
            };
        }
    }

    public static AsymmetricAlgorithm Read(string path)
    {
        var text = PemFiles.ReadText(path, MaximumBytes);
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal))
            throw new CertificateException($"key file {path} is encrypted with a passphrase, which is not supported");
        try
        {
            return text.Contains("-----BEGIN EC PRIVATE KEY-----", StringComparison.Ordinal) ? Import(ECDsa.Create(), text) : Import(RSA.Create(), text);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            try
            {
                return Import(ECDsa.Create(), text);
            }
            catch (Exception inner) when (inner is CryptographicException or ArgumentException)
            {
                throw new CertificateException($"key file {path} holds no RSA or elliptic curve private key in PEM form");
            }
        }
    }

    /// <summary>The key in the form that openssl and CockroachDB write: PKCS#1 for RSA.</summary>
    internal static byte[] Encode(AsymmetricAlgorithm key) =>
        System.Text.Encoding.ASCII.GetBytes((key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : ((ECDsa)key).ExportECPrivateKeyPem()) + "\n");

    internal static X509SignatureGenerator SignatureGenerator(AsymmetricAlgorithm key) =>
        key is RSA rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1) : X509SignatureGenerator.CreateForECDsa((ECDsa)key);

    internal static bool Matches(AsymmetricAlgorithm key, X509Certificate2 certificate) =>
        key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    internal static X509Certificate2 Attach(X509Certificate2 certificate, AsymmetricAlgorithm key) =>
        key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);

    static T Import<T>(T key, string text) where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(text);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
