using Chitin.Core;

namespace Chitin.Sessions.Settings;

internal static class SettingErrors
{
    public static SqlException Unknown(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    public static SqlException InvalidName(string name) => new(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"")
    {
        Detail = "Custom parameter names must be two or more simple identifiers separated by dots.",
    };

    public static SqlException CannotChange(string name) => new(SqlState.CantChangeRuntimeParam, $"parameter \"{name}\" cannot be changed");

    public static SqlException InvalidValue(string name, string value, string? hint = null) =>
        new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{value}\"") { Hint = hint };

    public static SqlException NotBoolean(string name) => new(SqlState.InvalidParameterValue, $"parameter \"{name}\" requires a Boolean value");

    public static SqlException NeedsNumber(string name) => new(SqlState.InvalidParameterValue, $"parameter \"{name}\" requires a numeric value");

    public static SqlException OutOfRange(string name, string value, SettingDefinition definition) =>
        new(SqlState.InvalidParameterValue, $"{value} is outside the valid range for parameter \"{name}\" ({definition.Minimum} .. {definition.Maximum})");

    public static SqlException TooManyArguments(string name) => new(SqlState.InvalidParameterValue, $"SET {name} takes only one argument");
}
