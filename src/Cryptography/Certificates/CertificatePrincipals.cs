using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

/// <summary>Who a certificate speaks for (SECURITY-SPEC 1.5): its subject's common name and its DNS names, each mapped.</summary>
public static class CertificatePrincipals
{
    const string CommonNameOid = "2.5.4.3";

    public static ImmutableArray<string> Of(X509Certificate2 certificate, IReadOnlyDictionary<string, string>? map = null)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        if (CommonName(certificate) is { Length: > 0 } commonName)
            names.Add(Map(commonName, map));
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (var name in extension.EnumerateDnsNames())
            {
                if (!name.Contains('\0', StringComparison.Ordinal))
                    names.Add(Map(name, map));
            }
        }

        return names.ToImmutable();
    }

    /// <summary>The last common name of the subject; one that holds a NUL character counts as none.</summary>
    public static string? CommonName(X509Certificate2 certificate)
    {
        string? found = null;
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameOid)
                found = part.GetSingleElementValue();
        }

        return found is null || found.Contains('\0', StringComparison.Ordinal) ? null : found;
    }

    public static IEnumerable<string> Addresses(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (var name in extension.EnumerateDnsNames())
                yield return name;
            foreach (var address in extension.EnumerateIPAddresses())
                yield return address.ToString();
        }
    }

    static string Map(string name, IReadOnlyDictionary<string, string>? map) => map is not null && map.TryGetValue(name, out var mapped) ? mapped : name;
}
