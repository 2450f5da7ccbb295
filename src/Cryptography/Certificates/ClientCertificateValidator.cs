using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

/// <summary>
/// Verifies the peer's certificate against the anchors of a certs directory and nothing else: signatures up to an anchor, validity now, the key usage
/// clientAuth. The machine's own trust store, downloads and names play no part.
/// </summary>
public sealed class ClientCertificateValidator(ImmutableArray<X509Certificate2> anchors, TimeProvider clock)
{
    static readonly Oid s_clientAuth = new("1.3.6.1.5.5.7.3.2");

    /// <param name="sent">Intermediates that came along; they help to build the chain and are trusted for nothing.</param>
    /// <returns>Null when the certificate is good, else why not.</returns>
    public string? Fault(X509Certificate2 certificate, X509Certificate2Collection? sent = null)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTimeIgnored = false;
        policy.VerificationTime = clock.GetUtcNow().LocalDateTime;
        policy.ApplicationPolicy.Add(s_clientAuth);
        foreach (var anchor in anchors)
        {
            policy.CustomTrustStore.Add(anchor);
            policy.ExtraStore.Add(anchor);
        }

        if (sent is not null)
            policy.ExtraStore.AddRange(sent);
        try
        {
            return chain.Build(certificate) || EndsInIntermediateAnchor(chain) ? null : Describe(chain);
        }
        catch (CryptographicException)
        {
            return "certificate cannot be verified";
        }
    }

    /// <summary>A CA file may hold an intermediate as its anchor: then the chain to the root is rightly incomplete, and nothing else may be wrong with it.</summary>
    bool EndsInIntermediateAnchor(X509Chain chain)
    {
        foreach (var status in chain.ChainStatus)
        {
            if ((status.Status & ~(X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0)
                return false;
        }

        for (var i = 1; i < chain.ChainElements.Count; i++)
        {
            foreach (var anchor in anchors)
            {
                if (chain.ChainElements[i].Certificate.RawDataMemory.Span.SequenceEqual(anchor.RawDataMemory.Span))
                    return true;
            }
        }

        return false;
    }

    static string Describe(X509Chain chain)
    {
        foreach (var status in chain.ChainStatus)
        {
            switch (status.Status)
            {
                case X509ChainStatusFlags.NotTimeValid:
                    return "certificate has expired or is not yet valid";
                case X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain:
                    return "certificate signed by unknown authority";
                case X509ChainStatusFlags.NotValidForUsage:
                    return "certificate specifies an incompatible key usage";
                case X509ChainStatusFlags.NotSignatureValid:
                    return "certificate has an invalid signature";
                default:
                    continue;
            }
        }

        return "certificate cannot be verified";
    }
}
