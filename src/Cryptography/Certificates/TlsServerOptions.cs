using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

/// <summary>
/// Makes the TLS side of a listener from a certificate set: TLS 1.2 and 1.3, the suites of SECURITY-SPEC 9, a client certificate asked for and verified
/// when one is given. The result may be shared by all connections until the set changes.
/// </summary>
public static class TlsServerOptions
{
    static readonly SslApplicationProtocol s_postgresql = new("postgresql");

    static readonly TlsCipherSuite[] s_suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    /// <summary>For the SQL port. <paramref name="directTls"/>: the client began with TLS, so it must have asked for ALPN postgresql.</summary>
    /// <param name="refused">Hears why a client's certificate was refused, for the log.</param>
    public static SslServerAuthenticationOptions ForSql(CertificateSet set, TimeProvider clock, bool directTls = false, Action<string>? refused = null)
    {
        var validator = new ClientCertificateValidator(set.ClientCa!.Certificates, clock);
        var options = Common(set.Node!);
        options.ClientCertificateRequired = true;
        options.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            if (certificate is null)
                return true;
            using var copy = certificate is X509Certificate2 ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            var fault = validator.Fault(certificate as X509Certificate2 ?? copy!, chain?.ChainPolicy.ExtraStore);
            if (fault is not null)
                refused?.Invoke(fault);
            return fault is null;
        };
        if (directTls)
            options.ApplicationProtocols = [s_postgresql];
        return options;
    }

    /// <summary>For HTTPS: no client certificate is asked for.</summary>
    public static SslServerAuthenticationOptions ForHttps(CertificateSet set)
    {
        var options = Common(set.Ui!);
        options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
        return options;
    }

    static SslServerAuthenticationOptions Common(CertificateEntry entry) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(entry.Certificates[0], [.. entry.Certificates.Skip(1)], offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        CipherSuitesPolicy = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(s_suites) : null,
    };
}
