using System.Net.Security;
using Chitin.Cryptography.Certificates;
using Microsoft.Extensions.Logging;

namespace Chitin.Server;

/// <summary>The node's certificates and the TLS options made of them; a reload changes both at once, for new connections only.</summary>
internal sealed class NodeCertificates
{
    private readonly CertificateDirectory _directory;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private TlsSettings _current;

    public NodeCertificates(CertificateDirectory directory, TimeProvider clock, ILogger logger)
    {
        _directory = directory;
        _clock = clock;
        _logger = logger;
        _current = Make(directory.Current);
        foreach (var warning in directory.Current.Warnings)
            logger.CertificateWarning(warning);
    }

    public TlsSettings Current => Volatile.Read(ref _current);

    /// <summary>Reads the directory again. A set that would not do leaves the old one in use and says so in the log.</summary>
    public void Reload()
    {
        try
        {
            var set = _directory.Reload();
            Volatile.Write(ref _current, Make(set));
            _logger.CertificatesReloaded(set.Directory);
        }
        catch (Exception e) when (e is CertificateException or IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            _logger.CertificateReloadFailed(e.Message);
        }
    }

    private TlsSettings Make(CertificateSet set)
    {
        void Refused(string reason) => _logger.ClientCertificateRefused("a client", reason);
        return new TlsSettings(
            set,
            TlsServerOptions.ForSql(set, _clock, directTls: false, Refused),
            TlsServerOptions.ForSql(set, _clock, directTls: true, Refused),
            TlsServerOptions.ForHttps(set),
            ServerEndPointBinding.Of(set.Node!.Certificates[0]));
    }
}

/// <summary>One reading of the certificates, ready for handshakes. EndPoint is what SCRAM-SHA-256-PLUS binds to.</summary>
internal sealed record TlsSettings(
    CertificateSet Set, SslServerAuthenticationOptions Sql, SslServerAuthenticationOptions DirectSql, SslServerAuthenticationOptions Https, byte[] EndPoint);
