using Microsoft.Extensions.Logging;

namespace Chitin.Sessions;

internal static partial class SessionsLog // event ids 6000 to 6999
{
    [LoggerMessage(6001, LogLevel.Error, "Incident {Incident}: a statement of session {Session} failed in a way that has no SQLSTATE")]
    internal static partial void InternalError(this ILogger logger, Guid incident, int session, Exception exception);

    [LoggerMessage(6002, LogLevel.Warning, "Session {Session}: rolling back failed")]
    internal static partial void RollbackFailed(this ILogger logger, int session, Exception exception);

    [LoggerMessage(6003, LogLevel.Warning, "Session {Session}: role default {Setting} was ignored: {Reason}")]
    internal static partial void RoleSettingIgnored(this ILogger logger, int session, string setting, string reason);

    [LoggerMessage(6004, LogLevel.Error, "Storage failure {Kind} in session {Session}: {Reason}")]
    internal static partial void StorageFailed(this ILogger logger, string kind, int session, string reason, Exception exception);

    [LoggerMessage(6005, LogLevel.Warning, "Session {Session}: index {Index} was not built and could not be taken away; DROP INDEX, or the next start, does so")]
    internal static partial void IndexLeftBehind(this ILogger logger, int session, uint index, Exception exception);
}
