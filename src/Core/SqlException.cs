namespace Chitin.Core;

/// <summary>
/// An error that a client may see: a SQLSTATE, a primary message and PostgreSQL's optional fields.
/// Thrown by factories only; nothing else crosses a layer. Texts never hold key material, passwords or parameter values
/// other than the offending literal, as PostgreSQL does.
/// </summary>
public sealed class SqlException(SqlState state, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public SqlState State { get; } = state;

    public string? Detail { get; init; }

    public string? Hint { get; init; }

    /// <summary>One-based character position in the statement's text; 0 when unknown.</summary>
    public int Position { get; init; }

    public string? Where { get; init; }

    public string? SchemaName { get; init; }

    public string? TableName { get; init; }

    public string? ColumnName { get; init; }

    public string? DataTypeName { get; init; }

    public string? ConstraintName { get; init; }

    /// <summary>True when the session cannot go on (severity FATAL).</summary>
    public bool IsFatal { get; init; }

    /// <summary>The same error with a statement position, where it has none yet.</summary>
    public SqlException At(int position) => Position != 0 || position <= 0
        ? this
        : new SqlException(State, Message, InnerException)
        {
            Detail = Detail, Hint = Hint, Position = position, Where = Where, SchemaName = SchemaName, TableName = TableName,
            ColumnName = ColumnName, DataTypeName = DataTypeName, ConstraintName = ConstraintName, IsFatal = IsFatal,
        };
}

/// <summary>A notice, warning or debug message for the client (severity as PostgreSQL spells it: NOTICE, WARNING, INFO …).</summary>
public sealed record SqlNotice(string Severity, SqlState State, string Message, string? Detail = null, string? Hint = null);
