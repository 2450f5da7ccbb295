using System.ComponentModel;
using System.Net.Sockets;
using System.Security.Authentication;
using Chitin.Core;
using Chitin.Cryptography;
using Chitin.Cryptography.Certificates;
using Chitin.Storage;
using Npgsql;

namespace Chitin.Cli.Output;

/// <summary>A failure that is the user's to mend, told without a stack trace.</summary>
internal sealed class CommandException(string message, string? hint = null) : Exception(message)
{
    public string? Hint { get; } = hint;
}

/// <summary>What to say about an exception, and what the user can do.</summary>
internal static class Faults
{
    /// <summary>Null for what can only be a fault of the program itself.</summary>
    public static (string Message, string? Hint)? Explain(Exception exception) => exception switch
    {
        CommandException e => (e.Message, e.Hint),
        CertificateException e => (e.Message, e.Hint),
        SqlException e => (e.Message, e.Hint),
        EncryptionException or StorageException => (exception.Message, null),
        PostgresException e => ($"{e.MessageText} (SQLSTATE {e.SqlState}){(e.Detail is { Length: > 0 } detail ? "\nDETAIL: " + detail : "")}", e.Hint),
        NpgsqlException { InnerException: SocketException inner } => ($"cannot reach the server: {inner.Message}", "is the node running? Check --host, or start it with chitin start-single-node or chitin demo"),
        NpgsqlException { InnerException: AuthenticationException inner } => ($"cannot verify the server: {(inner.InnerException ?? inner).Message}", "check --certs-dir: its ca.crt must have signed the node's certificate, and the certificate must hold the host's name"),
        NpgsqlException e => (e.InnerException is null ? e.Message : $"{e.Message}: {e.InnerException.Message}", null),
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or IOException or Win32Exception or OperationCanceledException => (exception.Message, null),
        _ => null,
    };
}
