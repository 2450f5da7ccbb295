using System.Text;
using Chitin.Core;
using Chitin.Sql.Syntax;

namespace Chitin.FuzzTargets;

/// <summary>The parser refuses with a <see cref="SqlException"/> or accepts; what it accepts has a text that it accepts again, and that text is its own text.</summary>
public static class SqlParserTarget
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        var sql = Encoding.UTF8.GetString(data).Replace("\0", "", StringComparison.Ordinal);
        _ = SqlText.HideSecrets(sql);
        _ = SqlText.RedactLiterals(sql);
        ImmutableArray<Statement> statements;
        try
        {
            statements = Parser.ParseStatements(sql);
        }
        catch (SqlException error)
        {
            if (error.Position < 0 || error.Position > sql.Length + 1)
                throw new InvalidOperationException($"position {error.Position} is outside of the text: {sql}");
            return;
        }

        foreach (var statement in statements)
            CheckText(statement);
    }

    private static void CheckText(Statement statement)
    {
        if (statement is not (QueryStatement or InsertStatement or UpdateStatement or DeleteStatement))
            return;
        var text = SqlDeparser.ToSql(statement);
        string again;
        try
        {
            again = SqlDeparser.ToSql(Parser.ParseStatements(text).Single());
        }
        catch (SqlException error) when (error.State == SqlState.StatementTooComplex)
        {
            // Parentheses of our own may pass the limit of nesting.
            return;
        }
        catch (SqlException error)
        {
            throw new InvalidOperationException($"not accepted again ({error.Message}): {text}\nfrom: {statement.Text}", error);
        }

        if (again != text)
            throw new InvalidOperationException($"changed by parsing:\n{text}\n{again}\nfrom: {statement.Text}");
    }
}
