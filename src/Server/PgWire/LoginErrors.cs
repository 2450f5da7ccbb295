using Chitin.Core;

namespace Chitin.Server.PgWire;

/// <summary>Refusals before a session exists (SECURITY-SPEC 1.1, 2.1). All are fatal.</summary>
internal static class LoginErrors
{
    public static SqlException TlsRequired() => Fatal(SqlState.ProtocolViolation, "node is running secure mode, SSL connection required");

    public static SqlException DataBeforeHandshake() => new(SqlState.ProtocolViolation, "received unencrypted data after SSL request")
    {
        Detail = "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.", IsFatal = true,
    };

    public static SqlException SecondRequest() => Fatal(SqlState.ProtocolViolation, "encryption was negotiated already");

    public static SqlException NoUserName() => Fatal(SqlState.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet");

    public static SqlException WrongPassword(string user) => Fatal(SqlState.InvalidPassword, $"password authentication failed for user {user}");

    public static SqlException CertificateMismatch(string user) => Fatal(SqlState.InvalidAuthorizationSpecification, $"certificate authentication failed for user {user}");

    public static SqlException PasswordExpired() => Fatal(SqlState.InvalidAuthorizationSpecification, "password is expired");

    public static SqlException NoLogin(string user) => Fatal(SqlState.InvalidAuthorizationSpecification, $"{user} does not have login privilege");

    public static SqlException TooManyClients() => Fatal(SqlState.TooManyConnections, "sorry, too many clients already");

    public static SqlException TooManyForRole(string user) => Fatal(SqlState.TooManyConnections, $"too many connections for role \"{user}\"");

    public static SqlException Draining() => Fatal(SqlState.AdminShutdown, "server is not accepting clients, try another node");

    public static SqlException ShuttingDown() => Fatal(SqlState.AdminShutdown, "server is shutting down");

    public static SqlException UnknownDatabase(string name) => Fatal(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist");

    public static SqlException NoReplication() => Fatal(SqlState.FeatureNotSupported, "replication connections are not supported");

    public static SqlException BadOptions() => Fatal(SqlState.ProtocolViolation, "invalid command-line arguments for server process");

    public static SqlException Fatal(SqlState state, string message) => new(state, message) { IsFatal = true };
}
