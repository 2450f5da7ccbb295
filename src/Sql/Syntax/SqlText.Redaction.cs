using System.Collections.Frozen;
using System.Text;

namespace Chitin.Sql.Syntax;

/// <content>What logs and other users may see of a statement.</content>
public static partial class SqlText
{
    private const string Hidden = "********";

    private static readonly FrozenSet<string> s_roleWords = FrozenSet.Create(StringComparer.Ordinal,
        "null", "valid", "connection", "in", "role", "user", "admin", "encrypted", "with", "subject", "login", "nologin", "superuser", "nosuperuser", "createdb", "nocreatedb", "createrole",
        "nocreaterole", "createlogin", "nocreatelogin", "inherit", "noinherit", "replication", "noreplication", "bypassrls", "nobypassrls", "controljob", "nocontroljob",
        "modifyclustersetting", "nomodifyclustersetting", "password");

    /// <summary>
    /// The statement with every password literal replaced by '********': what stands behind PASSWORD, in a statement on users or roles whatever it is, elsewhere if it is quoted.
    /// A text that is no SQL and mentions a password is cut where it stops being SQL. Comments and white space stay unless cut.
    /// </summary>
    public static string HideSecrets(string sql)
    {
        if (!sql.Contains("password", StringComparison.OrdinalIgnoreCase))
            return sql;
        var tokens = new List<Token>();
        var end = Lexer.TokenizeLeniently(sql, tokens);
        var result = new StringBuilder(sql.Length);
        var copied = 0;
        var aboutRoles = false;
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Is(';'))
                aboutRoles = false;
            aboutRoles |= i > 0 && (tokens[i].IsWord("user") || tokens[i].IsWord("role") || tokens[i].IsWord("group")) && (tokens[i - 1].IsWord("create") || tokens[i - 1].IsWord("alter"));
            if (!tokens[i].IsWord("password"))
                continue;
            var next = i + 1;
            while (next < tokens.Count && (tokens[next].IsOperator("=") || tokens[next].IsWord("to") || tokens[next].IsWord("is")))
                next++;
            for (; next < tokens.Count && IsSecret(tokens[next], aboutRoles); next++)
            {
                result.Append(sql, copied, tokens[next].Start - copied).Append('\'').Append(Hidden).Append('\'');
                copied = tokens[next].Start + tokens[next].Length;
            }
        }

        result.Append(sql, copied, Math.Max(copied, end) - copied);
        if (end < sql.Length)
            result.Append(' ').Append(Hidden);
        return result.ToString();
    }

    /// <summary>Whether a token behind PASSWORD belongs to its value, perhaps a misspelled one: everything quoted, and in statements on roles every token up to the next option.</summary>
    private static bool IsSecret(Token token, bool aboutRoles) =>
        token.Kind is TokenKind.String or TokenKind.QuotedIdentifier or TokenKind.BitString || (aboutRoles && !token.Is(';') && !(token.Kind == TokenKind.Identifier && s_roleWords.Contains(token.Value)));

    /// <summary>The statement with every literal replaced by _: what those may read who may not see others' values. A text that is no SQL is cut where it stops being SQL.</summary>
    public static string RedactLiterals(string sql)
    {
        var tokens = new List<Token>();
        var end = Lexer.TokenizeLeniently(sql, tokens);
        var result = new StringBuilder(sql.Length);
        var previous = 0;
        foreach (var token in tokens)
        {
            // Comments can hold values as well: between two tokens only white space is kept.
            var gap = sql.AsSpan(previous, token.Start - previous);
            result.Append(gap.IsWhiteSpace() ? gap : " ");
            previous = token.Start + token.Length;
            if (token.Kind is TokenKind.String or TokenKind.BitString or TokenKind.Integer or TokenKind.Decimal)
                result.Append('_');
            else
                result.Append(sql, token.Start, token.Length);
        }

        return end < sql.Length ? result.Append(" _").ToString() : result.ToString();
    }
}
