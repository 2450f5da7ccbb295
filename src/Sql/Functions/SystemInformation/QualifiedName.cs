using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Names inside strings ('public."My Table"'), folded and unquoted as the lexer would do it.</summary>
static class QualifiedName
{
    /// <summary>The parts of a dotted name. 42602 when it is malformed.</summary>
    internal static ImmutableArray<string> Parse(string text) => TryParse(text, strict: true) ?? throw new SqlException(SqlState.InvalidName, "invalid name syntax");

    /// <summary>Null when malformed. Not strict: anything may follow the name.</summary>
    internal static ImmutableArray<string>? TryParse(string text, bool strict)
    {
        var parts = ImmutableArray.CreateBuilder<string>(3);
        var at = 0;
        while (true)
        {
            SkipSpace(text, ref at);
            if (ReadPart(text, ref at) is not { } part)
                return null;
            parts.Add(part);
            SkipSpace(text, ref at);
            if (at == text.Length)
                return parts.ToImmutable();
            if (text[at] != '.')
                return strict ? null : parts.ToImmutable();
            at++;
        }
    }

    static string? ReadPart(string text, ref int at)
    {
        if (at < text.Length && text[at] == '"')
            return ReadQuoted(text, ref at);
        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '$' or > '\u007F') && !(at == start && (char.IsAsciiDigit(text[at]) || text[at] == '$')))
            at++;
        return at == start ? null : text[start..at].ToLowerInvariant();
    }

    static string? ReadQuoted(string text, ref int at)
    {
        var name = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                name.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                name.Append('"');
                at++;
            }
            else
            {
                at++;
                return name.Length == 0 ? null : name.ToString();
            }
        }

        return null;
    }

    static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }
}
