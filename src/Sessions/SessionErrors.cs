using Chitin.Core;

namespace Chitin.Sessions;

/// <summary>Errors of session state, worded as PostgreSQL words them.</summary>
internal static class SessionErrors
{
    public static SqlException InFailedTransaction() =>
        new(SqlState.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");

    public static SqlException OnlyInBlock(string statement) => new(SqlState.NoActiveSqlTransaction, $"{statement} can only be used in transaction blocks");

    public static SqlException NotInBlock(string statement) => new(SqlState.ActiveSqlTransaction, $"{statement} cannot run inside a transaction block");

    public static SqlException ReadOnly(string command) => new(SqlState.ReadOnlySqlTransaction, $"cannot execute {command} in a read-only transaction");

    public static SqlException UnknownSavepoint(string name) => new(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");

    public static SqlException UnknownStatement(string name) => new(SqlState.InvalidSqlStatementName,
        name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{name}\" does not exist");

    public static SqlException DuplicateStatement(string name) => new(SqlState.DuplicatePreparedStatement, $"prepared statement \"{name}\" already exists");

    public static SqlException UnknownPortal(string name) => new(SqlState.InvalidCursorName, $"portal \"{name}\" does not exist");

    public static SqlException UnknownCursor(string name) => new(SqlState.InvalidCursorName, $"cursor \"{name}\" does not exist");

    public static SqlException DuplicateCursor(string name) => new(SqlState.DuplicateCursor, $"cursor \"{name}\" already exists");

    public static SqlException PortalDone(string name) => new(SqlState.ObjectNotInPrerequisiteState, $"portal \"{name}\" cannot be run");

    public static SqlException ForwardOnly() => new(SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward") { Hint = "Declare it with SCROLL option to enable backward scan." };

    public static SqlException MultipleCommands() => new(SqlState.SyntaxError, "cannot insert multiple commands into a prepared statement");

    public static SqlException PlanChanged() => new(SqlState.FeatureNotSupported, "cached plan must not change result type");

    public static SqlException WrongParameterCount(string name, int needed, int given) => new(SqlState.SyntaxError, $"wrong number of parameters for prepared statement \"{name}\"")
    {
        Detail = $"Expected {needed} parameters but got {given}.",
    };

    public static SqlException StatementTimeout() => new(SqlState.QueryCanceled, "canceling statement due to statement timeout");

    public static SqlException UserCancel() => new(SqlState.QueryCanceled, "canceling statement due to user request");

    public static SqlException TooMany(string what, int limit) => new(SqlState.ConfigurationLimitExceeded, $"a session may have at most {limit} {what}");

    public static SqlException NotificationsUnread() =>
        new(new SqlState("53400"), "terminating connection because too many notifications wait for its client") { IsFatal = true };

    public static SqlException AdminShutdown() => new(SqlState.AdminShutdown, "terminating connection due to administrator command") { IsFatal = true };

    public static SqlException RoleDropped() => new(SqlState.AdminShutdown, "terminating connection because its user was dropped") { IsFatal = true };

    public static SqlException NoParameter(int number) => new(SqlState.UndefinedParameter, $"there is no parameter ${number}");

    public static SqlException IdleInTransaction() =>
        new(SqlState.IdleInTransactionSessionTimeout, "terminating connection due to idle-in-transaction timeout") { IsFatal = true };

    public static SqlException IdleSession() => new(new SqlState("57P05"), "terminating connection due to idle-session timeout") { IsFatal = true };

    public static SqlException UnknownDatabase(string name) => new(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist") { IsFatal = true };

    public static SqlException ConnectDenied(string database) => new(SqlState.InsufficientPrivilege, $"permission denied for database \"{database}\"")
    {
        Detail = "User does not have CONNECT privilege.", IsFatal = true,
    };
}
