using System.Text;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Definitions of indexes and constraints as SQL, in PostgreSQL's spelling (ruleutils.c prints them so). Expressions are stored as SQL text already.</summary>
static class Definitions
{
    /// <summary>Pretty: fewer parentheses, and the table's schema only where the search path needs it.</summary>
    internal static string Index(ISessionServices session, TableDescriptor table, IndexDescriptor index, bool pretty)
    {
        var text = new StringBuilder(index.Unique || index.Deferrable ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
        text.Append(SqlText.QuoteIdentifier(index.Name)).Append(" ON ");
        text.Append(pretty
            ? CatalogSearch.DisplayName(session, table.SchemaId, table.Name, table.Id)
            : SqlText.QuoteIdentifier(CatalogSearch.SchemaName(session, table.SchemaId)) + "." + SqlText.QuoteIdentifier(table.Name));
        text.Append(" USING btree (").AppendJoin(", ", index.Parts.Select(p => Part(table, p, pretty) + Direction(p))).Append(')');
        if (index.Included.Length > 0)
            text.Append(" INCLUDE (").AppendJoin(", ", index.Included.Select(id => ColumnName(table, id))).Append(')');
        if (index.NullsNotDistinct)
            text.Append(" NULLS NOT DISTINCT");
        if (index.Predicate is { } predicate)
            text.Append(" WHERE ").Append(pretty ? predicate : Full(predicate));
        return text.ToString();
    }

    /// <summary>One key part, or an included column, by its one-based number; empty when there is none.</summary>
    internal static string IndexColumn(TableDescriptor table, IndexDescriptor index, int number, bool pretty)
    {
        if (number >= 1 && number <= index.Parts.Length)
            return Part(table, index.Parts[number - 1], pretty);
        var included = number - index.Parts.Length - 1;
        return included >= 0 && included < index.Included.Length ? ColumnName(table, index.Included[included]) : "";
    }

    static string Part(TableDescriptor table, IndexPart part, bool pretty)
    {
        if (part.Expression is not { } expression)
            return ColumnName(table, part.ColumnId);
        if (LooksLikeCall(expression))
            return expression;
        return pretty ? Parenthesised(expression) : "(" + Full(expression) + ")";
    }

    static string Direction(IndexPart part) => (part.Descending, part.NullsFirst) switch
    {
        (true, true) => " DESC",
        (true, false) => " DESC NULLS LAST",
        (false, true) => " NULLS FIRST",
        _ => "",
    };

    internal static string IndexConstraint(TableDescriptor table, IndexDescriptor index)
    {
        var text = new StringBuilder(index.Id == table.PrimaryIndex.Id ? "PRIMARY KEY (" : index.NullsNotDistinct ? "UNIQUE NULLS NOT DISTINCT (" : "UNIQUE (");
        text.AppendJoin(", ", index.Parts.Select(p => ColumnName(table, p.ColumnId))).Append(')');
        if (index.Included.Length > 0)
            text.Append(" INCLUDE (").AppendJoin(", ", index.Included.Select(id => ColumnName(table, id))).Append(')');
        if (index.Deferrable)
            text.Append(index.InitiallyDeferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE");
        return text.ToString();
    }

    internal static string Check(CheckConstraint check, bool pretty)
    {
        var text = $"CHECK ({(pretty ? check.Expression : Full(check.Expression))})";
        return text + (check.NoInherit ? " NO INHERIT" : "") + (check.Validated ? "" : " NOT VALID");
    }

    internal static string ForeignKey(ISessionServices session, TableDescriptor table, ForeignKey key)
    {
        var text = new StringBuilder("FOREIGN KEY (").AppendJoin(", ", key.Columns.Select(id => ColumnName(table, id))).Append(") REFERENCES ");
        if (session.Catalog.TryGet<TableDescriptor>(key.ReferencedTable, out var referenced))
        {
            text.Append(CatalogSearch.DisplayName(session, referenced.SchemaId, referenced.Name, referenced.Id));
            text.Append('(').AppendJoin(", ", key.ReferencedColumns.Select(id => ColumnName(referenced, id))).Append(')');
        }

        if (key.Match == ForeignKeyMatch.Full)
            text.Append(" MATCH FULL");
        if (key.OnUpdate != ForeignKeyAction.NoAction)
            text.Append(" ON UPDATE ").Append(ActionName(key.OnUpdate));
        if (key.OnDelete != ForeignKeyAction.NoAction)
            text.Append(" ON DELETE ").Append(ActionName(key.OnDelete));
        if (key.SetColumns.Length > 0)
            text.Append(" (").AppendJoin(", ", key.SetColumns.Select(id => ColumnName(table, id))).Append(')');
        if (key.Deferrable)
            text.Append(" DEFERRABLE");
        if (key.InitiallyDeferred)
            text.Append(" INITIALLY DEFERRED");
        if (!key.Validated)
            text.Append(" NOT VALID");
        return text.ToString();
    }

    static string ActionName(ForeignKeyAction action) => action switch
    {
        ForeignKeyAction.Restrict => "RESTRICT",
        ForeignKeyAction.Cascade => "CASCADE",
        ForeignKeyAction.SetNull => "SET NULL",
        ForeignKeyAction.SetDefault => "SET DEFAULT",
        _ => "NO ACTION",
    };

    internal static string ColumnName(TableDescriptor table, int id)
    {
        foreach (var column in table.Columns)
            if (column.Id == id)
                return SqlText.QuoteIdentifier(column.Name);
        return "?";
    }

    /// <summary>A stored expression with all its parentheses; what is no single expression (the list of an index's expressions) stays as it is.</summary>
    internal static string Full(string expression)
    {
        try
        {
            return SqlDeparser.WithAllParentheses(Parser.ParseExpression(expression));
        }
        catch (SqlException e) when (e.State == SqlState.SyntaxError)
        {
            return expression;
        }
    }

    static string Parenthesised(string expression) => IsParenthesised(expression) ? expression : "(" + expression + ")";

    /// <summary>Whether the first parenthesis closes at the very end.</summary>
    static bool IsParenthesised(string text) => text.Length > 1 && text[0] == '(' && ClosingOf(text, 0) == text.Length - 1;

    static bool LooksLikeCall(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (open <= 0 || ClosingOf(text, open) != text.Length - 1)
            return false;
        for (var i = 0; i < open; i++)
            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('_' or '.'))
                return false;
        return true;
    }

    static int ClosingOf(string text, int open)
    {
        var depth = 0;
        var inString = false;
        for (var i = open; i < text.Length; i++)
        {
            if (text[i] == '\'')
                inString = !inString;
            else if (!inString && text[i] == '(')
                depth++;
            else if (!inString && text[i] == ')' && --depth == 0)
                return i;
        }

        return -1;
    }
}
