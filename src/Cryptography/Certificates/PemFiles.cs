using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Chitin.Cryptography.Certificates;

/// <summary>PEM files as openssl writes them: text around the blocks is ignored, and so are blocks of other kinds.</summary>
static class PemFiles
{
    const int MaximumBytes = 4 << 20;

    public static string ReadText(string path, int maximumBytes)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > maximumBytes)
                throw new CertificateException($"{path} is too large for a PEM file ({file.Length} bytes)");
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"could not read {path}: {e.Message}", e);
        }
    }

    /// <summary>All certificates of a file, in its order: the leaf first, or the newest CA first.</summary>
    public static ImmutableArray<X509Certificate2> ReadCertificates(string path)
    {
        var text = ReadText(path, MaximumBytes);
        var found = ImmutableArray.CreateBuilder<X509Certificate2>();
        try
        {
            for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
            {
                if (rest[fields.Label].SequenceEqual("CERTIFICATE"))
                    found.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
            }
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new CertificateException($"could not parse certificate {path}: {e.Message}", e);
        }

        return found.Count > 0 ? found.ToImmutable() : throw new CertificateException($"could not parse certificate {path}: no certificates found");
    }

    public static byte[] Encode(IEnumerable<X509Certificate2> certificates) =>
        Encoding.ASCII.GetBytes(string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n")));
}
