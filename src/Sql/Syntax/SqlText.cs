namespace Chitin.Sql.Syntax;

/// <summary>Names and values as SQL text, and statement texts made safe for logs.</summary>
public static partial class SqlText
{
    /// <summary>PostgreSQL's quote_ident: quotes only where the name would not be read back as it is.</summary>
    public static string QuoteIdentifier(string name)
    {
        if (IsPlainName(name) && !Keywords.NeedsQuotes(name))
            return name;
        return string.Concat("\"", name.Replace("\"", "\"\"", StringComparison.Ordinal), "\"");
    }

    /// <summary>Dotted names, each quoted where needed.</summary>
    public static string QuoteName(ImmutableArray<string> parts) =>
        parts.Length == 1 ? QuoteIdentifier(parts[0]) : string.Join('.', parts.Select(QuoteIdentifier));

    /// <summary>PostgreSQL's quote_literal: a backslash makes it an E'…' string, so that the value does not depend on standard_conforming_strings.</summary>
    public static string QuoteLiteral(string value)
    {
        var quoted = value.Replace("'", "''", StringComparison.Ordinal);
        return quoted.Contains('\\') ? $"E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'" : $"'{quoted}'";
    }

    /// <summary>Whether a word stands for itself where any label may stand.</summary>
    internal static bool IsPlainLabel(string name) => IsPlainName(name);

    private static bool IsPlainName(string name)
    {
        if (name.Length == 0 || !(name[0] is (>= 'a' and <= 'z') or '_'))
            return false;
        foreach (var c in name)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_'))
                return false;
        }

        return true;
    }
}
