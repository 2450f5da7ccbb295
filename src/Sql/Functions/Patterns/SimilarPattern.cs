using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.Patterns;

/// <summary>
/// SIMILAR TO patterns (SQL standard; manual 9.7.2), rewritten as advanced regular expressions: % is .*, _ is ., the operators | * + ? {} () [] keep their meaning, everything else is literal.
/// An escape followed by a double quote splits the pattern for SUBSTRING … SIMILAR into three parts, of which the middle one is captured.
/// </summary>
static class SimilarPattern
{
    /// <summary>Escape null = the default backslash; empty = none. 22025 for a longer escape.</summary>
    internal static string ToRegex(string pattern, string? escape)
    {
        escape ??= "\\";
        if (CodePoints.Count(escape) > 1)
            throw new SqlException(SqlState.InvalidEscapeSequence, "invalid escape string") { Hint = "Escape string must be empty or one character." };
        var result = new StringBuilder("^(?:", pattern.Length + 16);
        var quotes = 0;
        var bracket = BracketState.Outside;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (escape.Length > 0 && string.CompareOrdinal(pattern, i, escape, 0, escape.Length) == 0)
            {
                i += escape.Length;
                if (i >= pattern.Length)
                    break;
                if (pattern[i] == '"' && bracket == BracketState.Outside)
                    AppendSeparator(result, quotes++);
                else
                    AppendEscaped(result, pattern[i]);
                continue;
            }

            if (bracket != BracketState.Outside)
                bracket = AppendInBracket(result, pattern[i], bracket);
            else
                bracket = AppendPlain(result, pattern[i]);
        }

        return result.Append(")$").ToString();
    }

    enum BracketState { Outside, JustOpened, Inside }

    static void AppendSeparator(StringBuilder result, int index)
    {
        if (index > 1)
            throw new SqlException(SqlState.InvalidEscapeSequence, "SQL regular expression may not contain more than two escape-double-quote separators");
        // The part before is matched as short as possible, the middle is the capture, the rest as short as possible too.
        if (index == 0)
            result.Append("){1,1}?(");
        else
            result.Append("){1,1}(?:");
    }

    static BracketState AppendInBracket(StringBuilder result, char c, BracketState state)
    {
        if (c == '\\')
            result.Append('\\');
        result.Append(c);
        if (c == ']' && state == BracketState.Inside)
            return BracketState.Outside;
        return state == BracketState.JustOpened && c == '^' ? BracketState.JustOpened : BracketState.Inside;
    }

    static BracketState AppendPlain(StringBuilder result, char c)
    {
        switch (c)
        {
            case '[':
                result.Append('[');
                return BracketState.JustOpened;
            case '%':
                result.Append(".*");
                break;
            case '_':
                result.Append('.');
                break;
            case '(':
                // Parentheses group without capturing.
                result.Append("(?:");
                break;
            case '\\' or '.' or '^' or '$':
                result.Append('\\').Append(c);
                break;
            default:
                result.Append(c);
                break;
        }

        return BracketState.Outside;
    }

    static void AppendEscaped(StringBuilder result, char c)
    {
        // A backslash before a letter would start a class escape.
        if (!char.IsAsciiLetterOrDigit(c))
            result.Append('\\');
        result.Append(c);
    }
}
