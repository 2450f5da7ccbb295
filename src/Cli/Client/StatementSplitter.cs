using System.Text;

namespace Chitin.Cli.Client;

/// <summary>
/// Cuts typed text at the semicolons that end statements: not those in quotes, dollar quotes, comments or BEGIN ATOMIC bodies' parentheses
/// (PostgreSQL 15, "Lexical Structure").
/// </summary>
internal sealed class StatementSplitter
{
    private readonly StringBuilder _text = new();

    /// <summary>Whether nothing but white space waits for its semicolon.</summary>
    public bool IsEmpty => _text.ToString().AsSpan().Trim().IsEmpty;

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
            if (text[start..end].Trim() is { Length: > 0 } statement)
                found.Add(statement);
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
        return rest.Length == 0 ? null : rest;
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
