using System.Text;

namespace Chitin.Cli.Client;

/// <summary>
/// Cuts typed text at the semicolons that end statements: not those in quotes, dollar quotes, comments or BEGIN ATOMIC bodies' parentheses
/// (PostgreSQL 15, "Lexical Structure").
/// </summary>
internal sealed class StatementSplitter
{
    private readonly StringBuilder _text = new();

    /// <summary>Whether nothing but white space and whole comments waits for its semicolon.</summary>
    public bool IsEmpty => SkipBlank(_text.ToString()) is null;

    public void Clear() => _text.Clear();

    /// <summary>Adds a line and gives the statements that are complete now, without their semicolons.</summary>
    public IReadOnlyList<string> Add(string line)
    {
        _text.Append(line).Append('\n');
        var found = new List<string>();
        var text = _text.ToString();
        var start = 0;
        while (FindEnd(text, start) is var end and >= 0)
        {
            if (SkipBlank(text[start..end]) is not null)
                found.Add(text[start..end].Trim());
            start = end + 1;
        }

        _text.Remove(0, start);
        return found;
    }

    /// <summary>What is left without a semicolon; null when that is nothing.</summary>
    public string? TakeRest()
    {
        var rest = _text.ToString().Trim();
        _text.Clear();
        return SkipBlank(rest) is null ? null : rest;
    }

    /// <summary>The text from its first token on; null when it holds white space and whole comments alone. An open comment counts as a token.</summary>
    public static string? SkipBlank(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
                at++;
            else if (text[at] == '-' && Next(text, at) == '-')
                at = text.IndexOf('\n', at) is var line and >= 0 ? line + 1 : text.Length;
            else if (text[at] == '/' && Next(text, at) == '*' && SkipComment(text + " ", at) is var end && end <= text.Length)
                at = end;
            else
                return text[at..];
        }

        return null;
    }

    private static int FindEnd(string text, int at)
    {
        while (at < text.Length)
        {
            switch (text[at])
            {
                case ';':
                    return at;
                case '\'':
                    at = SkipQuoted(text, at, '\'', escapes: at > 0 && text[at - 1] is 'e' or 'E' && (at < 2 || !IsName(text[at - 2])));
                    break;
                case '"':
                    at = SkipQuoted(text, at, '"', escapes: false);
                    break;
                case '$':
                    at = SkipDollarQuoted(text, at);
                    break;
                case '-' when Next(text, at) == '-':
                    at = text.IndexOf('\n', at) is var line and >= 0 ? line + 1 : text.Length;
                    break;
                case '/' when Next(text, at) == '*':
                    at = SkipComment(text, at);
                    break;
                default:
                    at++;
                    break;
            }
        }

        return -1;
    }

    private static char Next(string text, int at) => at + 1 < text.Length ? text[at + 1] : '\0';

    private static bool IsName(char c) => char.IsLetterOrDigit(c) || c is '_' or '$';

    private static int SkipQuoted(string text, int at, char quote, bool escapes)
    {
        for (at++; at < text.Length; at++)
        {
            if (escapes && text[at] == '\\')
                at++;
            else if (text[at] == quote)
                return at + 1;
        }

        return text.Length;
    }

    private static int SkipDollarQuoted(string text, int at)
    {
        if (at > 0 && IsName(text[at - 1]))
            return at + 1;
        var end = at + 1;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
            end++;
        if (end >= text.Length || text[end] != '$' || (end > at + 1 && char.IsDigit(text[at + 1])))
            return at + 1;
        var tag = text[at..(end + 1)];
        var close = text.IndexOf(tag, end + 1, StringComparison.Ordinal);
        return close < 0 ? text.Length : close + tag.Length;
    }

    private static int SkipComment(string text, int at)
    {
        var depth = 0;
        while (at < text.Length)
        {
            if (text[at] == '/' && Next(text, at) == '*')
                (depth, at) = (depth + 1, at + 2);
            else if (text[at] == '*' && Next(text, at) == '/')
            {
                at += 2;
                if (--depth == 0)
                    return at;
            }
            else
                at++;
        }

        return text.Length;
    }
}
