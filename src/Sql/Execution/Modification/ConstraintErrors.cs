using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>Errors of class 23, worded as PostgreSQL words them.</summary>
internal static class ConstraintErrors
{
    public static SqlException NotNull(TableDescriptor table, ColumnDescriptor column, string row) =>
        new(SqlState.NotNullViolation, $"null value in column \"{column.Name}\" of relation \"{table.Name}\" violates not-null constraint")
        {
            Detail = $"Failing row contains ({row}).",
            TableName = table.Name,
            ColumnName = column.Name,
        };

    public static SqlException Check(TableDescriptor table, string constraint, string row) =>
        new(SqlState.CheckViolation, $"new row for relation \"{table.Name}\" violates check constraint \"{constraint}\"")
        {
            Detail = $"Failing row contains ({row}).",
            TableName = table.Name,
            ConstraintName = constraint,
        };

    public static SqlException Unique(TableDescriptor table, IndexDescriptor index, string key) =>
        new(SqlState.UniqueViolation, $"duplicate key value violates unique constraint \"{index.Constraint ?? index.Name}\"")
        {
            Detail = $"Key {key} already exists.",
            TableName = table.Name,
            ConstraintName = index.Constraint ?? index.Name,
        };

    /// <summary>Of rows that are there when an index is made.</summary>
    public static SqlException NotUnique(TableDescriptor table, IndexDescriptor index, string key) =>
        new(SqlState.UniqueViolation, $"could not create unique index \"{index.Constraint ?? index.Name}\"")
        {
            Detail = $"Key {key} is duplicated.",
            TableName = table.Name,
            ConstraintName = index.Constraint ?? index.Name,
        };

    public static SqlException ForeignKeyMissing(TableDescriptor child, ForeignKey key, TableDescriptor parent, string values) =>
        new(SqlState.ForeignKeyViolation, $"insert or update on table \"{child.Name}\" violates foreign key constraint \"{key.Name}\"")
        {
            Detail = $"Key {values} is not present in table \"{parent.Name}\".",
            TableName = child.Name,
            ConstraintName = key.Name,
        };

    public static SqlException ForeignKeyReferenced(TableDescriptor parent, ForeignKey key, TableDescriptor child, string values) =>
        new(SqlState.ForeignKeyViolation, $"update or delete on table \"{parent.Name}\" violates foreign key constraint \"{key.Name}\" on table \"{child.Name}\"")
        {
            Detail = $"Key {values} is still referenced from table \"{child.Name}\".",
            TableName = child.Name,
            ConstraintName = key.Name,
        };

    /// <summary>A value in a DETAIL, cut at 64 characters as PostgreSQL does.</summary>
    public static string Show(SqlType type, Datum value, FormatSettings format)
    {
        if (value.IsNull)
            return "null";
        var text = type.Format(value, format);
        return text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 64), "...");
    }
}
