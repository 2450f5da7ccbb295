using Chitin.Core;

namespace Chitin.Sql.Functions;

/// <summary>Errors that many functions raise, in PostgreSQL's words.</summary>
static class FunctionErrors
{
    internal static SqlException OutOfRange(string type) => new(SqlState.NumericValueOutOfRange, $"{type} out of range");

    internal static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

    internal static SqlException FloatOverflow() => new(SqlState.NumericValueOutOfRange, "value out of range: overflow");

    internal static SqlException FloatUnderflow() => new(SqlState.NumericValueOutOfRange, "value out of range: underflow");

    internal static SqlException InputOutOfRange() => new(SqlState.NumericValueOutOfRange, "input is out of range");

    internal static SqlException TimestampOutOfRange() => new(SqlState.DatetimeFieldOverflow, "timestamp out of range");

    internal static SqlException DateOutOfRange() => new(SqlState.DatetimeFieldOverflow, "date out of range");

    internal static SqlException DateOutOfRangeForTimestamp() => new(SqlState.DatetimeFieldOverflow, "date out of range for timestamp");

    internal static SqlException IntervalOutOfRange() => new(SqlState.DatetimeFieldOverflow, "interval out of range");

    internal static SqlException Invalid(string message, string? hint = null) => new(SqlState.InvalidParameterValue, message) { Hint = hint };

    internal static SqlException NullNotAllowed(string message) => new(SqlState.NullValueNotAllowed, message);

    internal static SqlException LimitExceeded(string message) => new(SqlState.ProgramLimitExceeded, message);

    internal static SqlException NotSupported(string message) => new(SqlState.FeatureNotSupported, message);

    /// <summary>A function that needs a session was called where there is none (folding, a default evaluated at start).</summary>
    internal static SqlException NoSession() => new(SqlState.ObjectNotInPrerequisiteState, "this function needs a session");
}
