using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Cryptography.Certificates;
using Chitin.Protocol.Frontend;
using Chitin.Server.Configuration;
using Chitin.Sessions;

namespace Chitin.Server.PgWire;

/// <summary>A client that has sent its startup packet and wants in.</summary>
internal sealed record LoginAttempt(StartupPacket Packet, WireInput Input, WireSink Sink, IPEndPoint? Remote, string Address, SslStream? Tls, byte[]? EndPoint);

/// <summary>Proves passwords over the wire; throws 28P01 or 28000.</summary>
internal interface IPasswordLogin
{
    /// <summary>Runs the exchange for a user; <paramref name="role"/> is null when there is none, which must look the same to the client. Returns the method's name.</summary>
    ValueTask<string> AuthenticateAsync(LoginAttempt attempt, string user, RoleDescriptor? role, CancellationToken cancellationToken);
}

/// <summary>Decides who a client is (SECURITY-SPEC 2.1): by client certificate when one was shown, else by password; in insecure mode by name alone.</summary>
internal sealed class Login(SessionHost sessions, ServerOptions options, IPasswordLogin? passwords)
{
    public async ValueTask<SessionIdentity> AuthenticateAsync(LoginAttempt attempt, CancellationToken cancellationToken)
    {
        var packet = attempt.Packet;
        var user = packet.Parameters.GetValueOrDefault("user", "");
        if (user.Length == 0)
            throw LoginErrors.NoUserName();
        if (packet.Parameters.TryGetValue("replication", out var replication) && replication is not ("false" or "off" or "no" or "0"))
            throw LoginErrors.NoReplication();
        user = user.ToLowerInvariant();
        var catalog = sessions.Catalog.Current;
        var role = catalog.TryGetRole(user, out var found) && found.Id is not (RoleIds.Node or RoleIds.Public) ? found : null;
        var method = await ProveAsync(attempt, user, role, cancellationToken);
        // The rest is told only to somebody who has proven to be that user.
        if (role is null)
            throw LoginErrors.WrongPassword(user);
        if (!role.CanLogin || (role.Options & RoleOptions.NoSqlLogin) != 0)
            throw LoginErrors.NoLogin(user);
        return new SessionIdentity
        {
            Role = role,
            Database = FindDatabase(packet, user, catalog),
            ClientAddress = attempt.Address,
            ClientPort = attempt.Remote?.Port ?? -1,
            UsesTls = attempt.Tls is not null,
            AuthenticationMethod = method,
            Settings = StartupOptions.Settings(packet),
        };
    }

    private ValueTask<string> ProveAsync(LoginAttempt attempt, string user, RoleDescriptor? role, CancellationToken cancellationToken)
    {
        if (options.Insecure)
            return ValueTask.FromResult("trust");
        // Who shows a certificate is judged by it alone: a wrong one is no way to the password prompt.
        if (attempt.Tls?.RemoteCertificate is { } certificate)
        {
            CheckCertificate(certificate, user, role);
            return ValueTask.FromResult("cert");
        }

        return passwords is null ? throw LoginErrors.WrongPassword(user) : passwords.AuthenticateAsync(attempt, user, role, cancellationToken);
    }

    private void CheckCertificate(X509Certificate certificate, string user, RoleDescriptor? role)
    {
        var x509 = certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        if (!CertificatePrincipals.Of(x509, options.CertPrincipalMap).Contains(user))
            throw LoginErrors.CertificateMismatch(user);
        if (role?.Subject is { } subject && !string.Equals(x509.Subject, subject, StringComparison.Ordinal))
            throw LoginErrors.CertificateMismatch(user);
    }

    /// <summary>The database asked for. libpq names the user's when nothing was given: where that is none, it is defaultdb.</summary>
    private static DatabaseDescriptor FindDatabase(StartupPacket packet, string user, ICatalogSnapshot catalog)
    {
        var name = packet.Parameters.GetValueOrDefault("database", "");
        if (name.Length != 0 && catalog.TryGetDatabase(name, out var database))
            return database;
        if ((name.Length == 0 || name == user) && catalog.TryGetDatabase("defaultdb", out database))
            return database;
        throw LoginErrors.UnknownDatabase(name);
    }
}
