using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

/// <summary>The channel binding tls-server-end-point (RFC 5929 section 4): a hash of the server's certificate.</summary>
public static class ServerEndPointBinding
{
    /// <summary>With the hash of the certificate's own signature, SHA-256 in place of MD5 and SHA-1.</summary>
    public static byte[] Of(X509Certificate2 certificate)
    {
        var data = certificate.RawDataMemory.Span;
        return SignatureHash(certificate) switch
        {
            "SHA384" => SHA384.HashData(data),
            "SHA512" => SHA512.HashData(data),
            _ => SHA256.HashData(data),
        };
    }

    static string SignatureHash(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => "SHA384",
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => "SHA512",
        "1.2.840.113549.1.1.10" => PssHash(certificate.RawDataMemory),
        _ => "SHA256",
    };

    /// <summary>RSASSA-PSS names its hash in its parameters: Certificate ::= SEQUENCE { tbs, SEQUENCE { oid, SEQUENCE { [0] SEQUENCE { oid … } … } }, … }.</summary>
    static string PssHash(ReadOnlyMemory<byte> certificate)
    {
        var reader = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
        reader.ReadEncodedValue();
        var algorithm = reader.ReadSequence();
        algorithm.ReadObjectIdentifier();
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (!algorithm.HasData)
            return "SHA1";
        var parameters = algorithm.ReadSequence();
        if (!parameters.HasData || parameters.PeekTag() != tag)
            return "SHA1";
        return parameters.ReadSequence(tag).ReadSequence().ReadObjectIdentifier() switch
        {
            "2.16.840.1.101.3.4.2.2" => "SHA384",
            "2.16.840.1.101.3.4.2.3" => "SHA512",
            _ => "SHA256",
        };
    }
}
