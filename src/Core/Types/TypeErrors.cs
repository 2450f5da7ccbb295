namespace Chitin.Core.Types;

/// <summary>Errors of class 22 that types raise, worded as PostgreSQL words them.</summary>
public static class TypeErrors
{
    public static SqlException InvalidSyntax(SqlType type, ReadOnlySpan<char> text) => InvalidSyntax(type.DisplayName, text);

    public static SqlException InvalidSyntax(string type, ReadOnlySpan<char> text) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {type}: \"{text}\"");

    public static SqlException InvalidDatetime(string type, ReadOnlySpan<char> text) =>
        new(SqlState.InvalidDatetimeFormat, $"invalid input syntax for type {type}: \"{text}\"");

    public static SqlException FieldOverflow(ReadOnlySpan<char> text) =>
        new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{text}\"");

    public static SqlException ValueOutOfRange(SqlType type, ReadOnlySpan<char> text) =>
        new(SqlState.NumericValueOutOfRange, $"value \"{text}\" is out of range for type {type.DisplayName}");

    public static SqlException ValueOutOfRangeFloat(ReadOnlySpan<char> text, SqlType type) =>
        new(SqlState.NumericValueOutOfRange, $"\"{text}\" is out of range for type {type.DisplayName}");

    public static SqlException OutOfRange(string what) => new(SqlState.NumericValueOutOfRange, $"{what} out of range");

    public static SqlException DatetimeOutOfRange(string what) => new(SqlState.DatetimeFieldOverflow, $"{what} out of range");

    public static SqlException InvalidBinary(string type) =>
        new(SqlState.InvalidBinaryRepresentation, $"incorrect binary data format for type {type}");

    public static SqlException NullCharacter() =>
        new(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");

    public static SqlException InvalidUtf8() => new(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");
}
