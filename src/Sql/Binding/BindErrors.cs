using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Binding;

/// <summary>Errors of name resolution and typing, worded as PostgreSQL 15 does (parse_*.c). Positions are one-based; 0 = unknown.</summary>
internal static class BindErrors
{
    public static SqlException Error(SqlState state, string message, int position = 0, string? detail = null, string? hint = null) =>
        new(state, message) { Position = position, Detail = detail, Hint = hint };

    public static SqlException TooComplex() =>
        Error(SqlState.StatementTooComplex, "stack depth limit exceeded", hint: "The statement nests expressions or queries too deeply.");

    public static SqlException NotSupported(string message, int position = 0) => Error(SqlState.FeatureNotSupported, message, position);

    public static SqlException Syntax(string message, int position = 0) => Error(SqlState.SyntaxError, message, position);

    public static SqlException UndefinedTable(string name, int position) => Error(SqlState.UndefinedTable, $"relation \"{name}\" does not exist", position);

    public static SqlException UndefinedColumn(string name, int position, string? hint = null) =>
        Error(SqlState.UndefinedColumn, $"column \"{name}\" does not exist", position, hint: hint);

    public static SqlException UndefinedColumn(string table, string name, int position, string? hint = null) =>
        Error(SqlState.UndefinedColumn, $"column {table}.{name} does not exist", position, hint: hint);

    public static SqlException UndefinedColumnOfRelation(string column, string relation, int position) =>
        Error(SqlState.UndefinedColumn, $"column \"{column}\" of relation \"{relation}\" does not exist", position);

    public static SqlException AmbiguousColumn(string name, int position) => Error(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", position);

    public static SqlException MissingFrom(string table, int position) =>
        Error(SqlState.UndefinedTable, $"missing FROM-clause entry for table \"{table}\"", position);

    public static SqlException InvalidFromReference(string table, int position) =>
        Error(SqlState.UndefinedTable, $"invalid reference to FROM-clause entry for table \"{table}\"", position,
            hint: $"There is an entry for table \"{table}\", but it cannot be referenced from this part of the query.");

    public static SqlException LateralOverOuterJoin(string table, int position) =>
        Error(SqlState.InvalidColumnReference, $"invalid reference to FROM-clause entry for table \"{table}\"", position,
            "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");

    public static SqlException DuplicateAlias(string name, int position) => Error(SqlState.DuplicateAlias, $"table name \"{name}\" specified more than once", position);

    public static SqlException DuplicateWith(string name, int position) => Error(SqlState.DuplicateAlias, $"WITH query name \"{name}\" specified more than once", position);

    public static SqlException UndefinedSchema(string name, int position = 0) => Error(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist", position);

    public static SqlException UndefinedDatabase(string name, int position = 0) => Error(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist", position);

    public static SqlException UndefinedRole(string name, int position = 0) => Error(SqlState.UndefinedObject, $"role/user {name} does not exist", position);

    public static SqlException UndefinedType(string name, int position = 0) => Error(SqlState.UndefinedObject, $"type \"{name}\" does not exist", position);

    public static SqlException Mismatch(string message, int position = 0, string? hint = null, string? detail = null) =>
        Error(SqlState.DatatypeMismatch, message, position, detail, hint);

    public static SqlException CannotCast(SqlType source, SqlType target, int position) =>
        Error(SqlState.CannotCoerce, $"cannot cast type {source.DisplayName} to {target.DisplayName}", position);

    public static SqlException NotBoolean(string construct, SqlType type, int position) =>
        Mismatch($"argument of {construct} must be type boolean, not type {type.DisplayName}", position);

    public static SqlException Grouping(string message, int position) => Error(SqlState.GroupingError, message, position);

    public static SqlException Windowing(string message, int position) => Error(SqlState.WindowingError, message, position);

    public static SqlException InvalidReference(string message, int position, string? detail = null) => Error(SqlState.InvalidColumnReference, message, position, detail);

    public static SqlException WrongObject(string message, int position = 0, string? hint = null, string? detail = null) => Error(SqlState.WrongObjectType, message, position, detail, hint);

    /// <summary>A name as it would have to be written: quoted where folding or a space would change it.</summary>
    public static string Quote(string name)
    {
        var plain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '$');
        return plain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
