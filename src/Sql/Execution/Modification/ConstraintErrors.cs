using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>Errors of class 23, worded as PostgreSQL words them.</summary>
internal static class ConstraintErrors
{
    public static SqlException NotNull(TableDescriptor table, ColumnDescriptor column, string? row) =>
        new(SqlState.NotNullViolation, $"null value in column \"{column.Name}\" of relation \"{table.Name}\" violates not-null constraint")
        {
            Detail = row is null ? null : $"Failing row contains {row}.",
            TableName = table.Name,
            ColumnName = column.Name,
        };

    public static SqlException Check(TableDescriptor table, string constraint, string? row) =>
        new(SqlState.CheckViolation, $"new row for relation \"{table.Name}\" violates check constraint \"{constraint}\"")
        {
            Detail = row is null ? null : $"Failing row contains {row}.",
            TableName = table.Name,
            ConstraintName = constraint,
        };

    /// <summary>Without the row: who is refused may not be allowed to see it.</summary>
    public static SqlException Policy(TableDescriptor table, string? policy) =>
        new(SqlState.InsufficientPrivilege, $"new row violates row-level security policy {(policy is null ? "" : $"\"{policy}\" ")}for table \"{table.Name}\"") { TableName = table.Name };

    /// <summary>ON CONFLICT or MERGE would change a row that the user may not see or change.</summary>
    public static SqlException PolicyOfExisting(TableDescriptor table, string row) =>
        new(SqlState.InsufficientPrivilege, $"{row} row violates row-level security policy (USING expression) for table \"{table.Name}\"") { TableName = table.Name };

    /// <param name="table">Whose rows they are.</param>
    /// <param name="index">That of the constraint.</param>
    /// <param name="key">Names and values of its parts; null when the user may not read them.</param>
    /// <param name="rowsAreOld">The rows are there and the index is made.</param>
    public static SqlException Unique(TableDescriptor table, IndexDescriptor index, string? key, bool rowsAreOld = false)
    {
        var name = index.Constraint ?? index.Name;
        return new SqlException(SqlState.UniqueViolation, rowsAreOld ? $"could not create unique index \"{name}\"" : $"duplicate key value violates unique constraint \"{name}\"")
        {
            Detail = key is null ? null : rowsAreOld ? $"Key {key} is duplicated." : $"Key {key} already exists.",
            TableName = table.Name,
            ConstraintName = name,
        };
    }

    /// <summary>Of rows that are there when a column becomes NOT NULL.</summary>
    public static SqlException HasNulls(TableDescriptor table, ColumnDescriptor column) =>
        new(SqlState.NotNullViolation, $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values") { TableName = table.Name, ColumnName = column.Name };

    /// <summary>Of rows that are there when a check is made or what it looks at changes.</summary>
    public static SqlException CheckViolated(TableDescriptor table, string constraint) =>
        new(SqlState.CheckViolation, $"check constraint \"{constraint}\" of relation \"{table.Name}\" is violated by some row") { TableName = table.Name, ConstraintName = constraint };

    public static SqlException ForeignKeyMissing(TableDescriptor child, ForeignKey key, TableDescriptor parent, string? values) =>
        new(SqlState.ForeignKeyViolation, $"insert or update on table \"{child.Name}\" violates foreign key constraint \"{key.Name}\"")
        {
            Detail = $"Key {Spaced(values)}is not present in table \"{parent.Name}\".",
            TableName = child.Name,
            ConstraintName = key.Name,
        };

    public static SqlException ForeignKeyReferenced(TableDescriptor parent, ForeignKey key, TableDescriptor child, string? values) =>
        new(SqlState.ForeignKeyViolation, $"update or delete on table \"{parent.Name}\" violates foreign key constraint \"{key.Name}\" on table \"{child.Name}\"")
        {
            Detail = $"Key {Spaced(values)}is still referenced from table \"{child.Name}\".",
            TableName = child.Name,
            ConstraintName = key.Name,
        };

    private static string Spaced(string? values) => values is null ? "" : values + " ";

    /// <summary>A value in a DETAIL, cut at 64 characters as PostgreSQL does.</summary>
    public static string Show(SqlType type, Datum value, FormatSettings format)
    {
        if (value.IsNull)
            return "null";
        var text = type.Format(value, format);
        return text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 64), "...");
    }
}
