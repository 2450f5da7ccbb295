using Microsoft.Extensions.Logging;

namespace Chitin.Security;

internal static partial class SecurityLog
{
    [LoggerMessage(5001, LogLevel.Error, "The audit record could not be written to {Path}; the statement fails: {Reason}")]
    public static partial void AuditFailed(this ILogger logger, string path, string reason);
}
