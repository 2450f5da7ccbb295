using System.Text;

namespace Chitin.Cli.Client;

/// <summary>
/// Cuts typed text at the semicolons that end statements: not those in quotes, dollar quotes, comments or BEGIN ATOMIC bodies' parentheses
/// (PostgreSQL 15, "Lexical Structure").
/// </summary>
internal sealed class StatementSplitter
{
    private readonly StringBuilder _text = new();
    private Mode _mode;
    private bool _hasToken;

    /// <summary>Of a quoted text: its quote, and whether backslashes escape.</summary>
    private char _quote;
    private bool _escapes;

    /// <summary>Of a dollar-quoted text.</summary>
    private string _tag = "";

    /// <summary>Of nested comments.</summary>
    private int _depth;

    private enum Mode { Plain, Quoted, DollarQuoted, Comment }

    /// <summary>Whether nothing but white space and whole comments waits for its semicolon.</summary>
    public bool IsEmpty => !_hasToken && _mode == Mode.Plain;

    public void Clear()
    {
        _text.Clear();
        (_mode, _hasToken, _depth) = (Mode.Plain, false, 0);
    }

    /// <summary>Adds lines and gives the statements that are complete now, without their semicolons. Each character is looked at once.</summary>
    public IReadOnlyList<string> Add(string lines)
    {
        var text = lines + "\n";
        var found = new List<string>();
        var (start, at) = (0, 0);
        while (at < text.Length)
        {
            if (_mode != Mode.Plain)
                at = PassOver(text, at);
            else if (text[at] == ';')
            {
                _text.Append(text, start, at - start);
                if (_hasToken)
                    found.Add(_text.ToString().Trim());
                Clear();
                start = ++at;
            }
            else
                at = Begin(text, at);
        }

        _text.Append(text, start, text.Length - start);
        return found;
    }

    /// <summary>What is left without a semicolon; null when that is nothing.</summary>
    public string? TakeRest()
    {
        var rest = _text.ToString().Trim();
        Clear();
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
            else if (text[at] == '/' && Next(text, at) == '*' && SkipComment(text, at) is (var end, 0))
                at = end;
            else
                return text[at..];
        }

        return null;
    }

    /// <summary>Takes what stands outside quotes and comments, or begins one of them.</summary>
    private int Begin(string text, int at)
    {
        switch (text[at])
        {
            case '\'' or '"':
                (_mode, _hasToken, _quote) = (Mode.Quoted, true, text[at]);
                _escapes = _quote == '\'' && at > 0 && text[at - 1] is 'e' or 'E' && (at < 2 || !IsName(text[at - 2]));
                return at + 1;
            case '$' when DollarTag(text, at) is { } tag:
                (_mode, _hasToken, _tag) = (Mode.DollarQuoted, true, tag);
                return at + tag.Length;
            case '-' when Next(text, at) == '-':
                return text.IndexOf('\n', at) + 1;
            case '/' when Next(text, at) == '*':
                (_mode, _depth) = (Mode.Comment, 0);
                return at;
            default:
                _hasToken |= !char.IsWhiteSpace(text[at]);
                return at + 1;
        }
    }

    /// <summary>Goes on in a quoted text or a comment, to its end or that of the lines.</summary>
    private int PassOver(string text, int at)
    {
        switch (_mode)
        {
            case Mode.DollarQuoted:
                var close = text.IndexOf(_tag, at, StringComparison.Ordinal);
                if (close < 0)
                    return text.Length;
                _mode = Mode.Plain;
                return close + _tag.Length;
            case Mode.Comment:
                var (end, depth) = SkipComment(text, at, _depth);
                _depth = depth;
                if (depth == 0)
                    _mode = Mode.Plain;
                return end;
            default:
                return PassQuoted(text, at);
        }
    }

    private int PassQuoted(string text, int at)
    {
        for (; at < text.Length; at++)
        {
            if (_escapes && (text[at] == '\\' || (text[at] == _quote && Next(text, at) == _quote)))
                at++;
            else if (text[at] == _quote)
            {
                _mode = Mode.Plain;
                return at + 1;
            }
        }

        return text.Length;
    }

    private static char Next(string text, int at) => at + 1 < text.Length ? text[at + 1] : '\0';

    private static bool IsName(char c) => char.IsLetterOrDigit(c) || c is '_' or '$';

    /// <summary>$tag$, when one begins here.</summary>
    private static string? DollarTag(string text, int at)
    {
        if (at > 0 && IsName(text[at - 1]))
            return null;
        var end = at + 1;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
            end++;
        return end >= text.Length || text[end] != '$' || (end > at + 1 && char.IsDigit(text[at + 1])) ? null : text[at..(end + 1)];
    }

    /// <summary>Where a comment ends, or the text; the depth there is 0 when it was the comment that ended.</summary>
    private static (int End, int Depth) SkipComment(string text, int at, int depth = 0)
    {
        while (at < text.Length)
        {
            if (text[at] == '/' && Next(text, at) == '*')
                (depth, at) = (depth + 1, at + 2);
            else if (text[at] == '*' && Next(text, at) == '/')
            {
                at += 2;
                if (--depth == 0)
                    return (at, 0);
            }
            else
                at++;
        }

        return (text.Length, depth);
    }
}
