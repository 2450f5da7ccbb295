using Microsoft.Extensions.Logging;

namespace Chitin.Server;

internal static partial class ServerLog // event ids 7000 to 7999
{
    [LoggerMessage(7001, LogLevel.Information, "Chitin {Version} is ready: SQL on {SqlAddress}, HTTP on {HttpAddress}, {Security}, store {Store} ({Encryption}), started in {Milliseconds} ms")]
    internal static partial void Started(this ILogger logger, string version, string sqlAddress, string httpAddress, string security, string store, string encryption, long milliseconds);

    [LoggerMessage(7002, LogLevel.Warning, "{Warning}")]
    internal static partial void InsecureMode(this ILogger logger, string warning);

    [LoggerMessage(7003, LogLevel.Information, "Draining: {Sessions} sessions, at most {Seconds} s")]
    internal static partial void Draining(this ILogger logger, int sessions, double seconds);

    [LoggerMessage(7004, LogLevel.Information, "Stopped")]
    internal static partial void Stopped(this ILogger logger);

    [LoggerMessage(7005, LogLevel.Critical, "The node cannot go on: {Reason}")]
    internal static partial void Fatal(this ILogger logger, string reason, Exception? exception);

    [LoggerMessage(7006, LogLevel.Information, "Certificates were read again from {Directory}")]
    internal static partial void CertificatesReloaded(this ILogger logger, string directory);

    [LoggerMessage(7007, LogLevel.Error, "Certificates were not read again, the old ones stay in use: {Reason}")]
    internal static partial void CertificateReloadFailed(this ILogger logger, string reason);

    [LoggerMessage(7008, LogLevel.Warning, "Certs directory: {Warning}")]
    internal static partial void CertificateWarning(this ILogger logger, string warning);

    [LoggerMessage(7009, LogLevel.Warning, "Memory dumps of this process, which hold keys and data in clear, could not be forbidden: {Reason}")]
    internal static partial void DumpsAllowed(this ILogger logger, string reason);

    [LoggerMessage(7020, LogLevel.Information, "TLS handshake with {Address} failed: {Reason}")]
    internal static partial void HandshakeFailed(this ILogger logger, string address, string reason);

    [LoggerMessage(7021, LogLevel.Information, "Client certificate from {Address} refused: {Reason}")]
    internal static partial void ClientCertificateRefused(this ILogger logger, string address, string reason);

    [LoggerMessage(7022, LogLevel.Information, "Login of {User} from {Address} refused ({SqlState}): {Reason}")]
    internal static partial void LoginRefused(this ILogger logger, string user, string address, string sqlState, string reason);

    [LoggerMessage(7023, LogLevel.Debug, "Login of {User} from {Address} to {Database} by {Method}, session {Session}")]
    internal static partial void LoggedIn(this ILogger logger, string user, string address, string database, string method, int session);

    [LoggerMessage(7024, LogLevel.Error, "Incident {Incident}: the connection from {Address} failed")]
    internal static partial void ConnectionFailed(this ILogger logger, Guid incident, string address, Exception exception);

    [LoggerMessage(7025, LogLevel.Information, "Connection from {Address} broke the protocol: {Reason}")]
    internal static partial void ProtocolBroken(this ILogger logger, string address, string reason);

    [LoggerMessage(7026, LogLevel.Warning, "Cancel request from {Address} does not match any session")]
    internal static partial void WrongCancelKey(this ILogger logger, string address);

    [LoggerMessage(7030, LogLevel.Warning, "Background work {Name} failed and is tried again later")]
    internal static partial void BackgroundWorkFailed(this ILogger logger, string name, Exception exception);
}
