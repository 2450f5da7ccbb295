using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.Patterns;

/// <summary>A LIKE pattern, compiled: % any run, _ one code point, backslash escapes (manual 9.7.1). Matching is linear in text times pattern, without recursion.</summary>
sealed class LikePattern
{
    static readonly PatternCache<Key, LikePattern> s_cache = new(static k => new LikePattern(k.Text, k.IgnoreCase), static k => k.Text.Length);

    readonly string[] _segments;
    readonly bool _ignoreCase;
    readonly bool _startsOpen;
    readonly bool _endsOpen;
    readonly bool _hasSingles;

    /// <summary>Set when the pattern ends in an escape: an error, but only for texts that get there.</summary>
    readonly LikePattern? _danglingEscape;

    LikePattern(string pattern, bool ignoreCase)
    {
        // Inside a segment NUL stands for _: no text can hold it.
        var segments = new List<string>();
        var current = new StringBuilder();
        _ignoreCase = ignoreCase;
        _startsOpen = pattern.StartsWith('%');
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '%':
                    Flush();
                    _endsOpen = i == pattern.Length - 1;
                    break;
                case '_':
                    current.Append(Single);
                    _hasSingles = true;
                    break;
                case '\\':
                    if (++i == pattern.Length)
                        _danglingEscape = new LikePattern(pattern[..^1] + "_%", ignoreCase);
                    else
                        current.Append(pattern[i]);
                    break;
                case var c:
                    current.Append(c);
                    break;
            }
        }

        Flush();
        _segments = [.. segments];

        void Flush()
        {
            if (current.Length > 0)
                segments.Add(ignoreCase ? current.ToString().ToLowerInvariant() : current.ToString());
            current.Clear();
        }
    }

    const char Single = '\0';

    internal static bool Matches(string text, string pattern, bool ignoreCase) => s_cache.Get(new Key(pattern, ignoreCase)).IsMatch(text);

    internal bool IsMatch(string text)
    {
        if (_danglingEscape is { } reaching)
            return reaching.IsMatch(text) ? throw new SqlException(SqlState.InvalidEscapeSequence, "LIKE pattern must not end with escape character") : false;
        ReadOnlySpan<char> rest = _ignoreCase ? text.ToLowerInvariant() : text;
        var first = 0;
        var last = _segments.Length;
        if (last == 0)
            return _startsOpen || rest.IsEmpty;
        if (!_startsOpen)
        {
            var length = MatchAt(rest, 0, _segments[0]);
            if (length < 0)
                return false;
            rest = rest[length..];
            if (++first == last)
                return _endsOpen || rest.IsEmpty;
        }

        if (!_endsOpen && !TrimEnd(ref rest, _segments[--last]))
            return false;
        for (; first < last; first++)
        {
            var end = FindEnd(rest, _segments[first]);
            if (end < 0)
                return false;
            rest = rest[end..];
        }

        return true;
    }

    bool TrimEnd(ref ReadOnlySpan<char> text, string segment)
    {
        if (!_hasSingles || !segment.Contains(Single, StringComparison.Ordinal))
        {
            if (!text.EndsWith(segment, StringComparison.Ordinal))
                return false;
            text = text[..^segment.Length];
            return true;
        }

        // A single matches one or two UTF-16 units, so the segment's length in the text is between these bounds.
        for (var start = Math.Max(0, text.Length - 2 * segment.Length); start <= text.Length; start++)
        {
            if (start > 0 && char.IsLowSurrogate(text[Math.Min(start, text.Length - 1)]) && start < text.Length)
                continue;
            if (MatchAt(text, start, segment) is var length && length >= 0 && start + length == text.Length)
            {
                text = text[..start];
                return true;
            }
        }

        return false;
    }

    int FindEnd(ReadOnlySpan<char> text, string segment)
    {
        if (!_hasSingles || !segment.Contains(Single, StringComparison.Ordinal))
        {
            var at = text.IndexOf(segment, StringComparison.Ordinal);
            return at < 0 ? -1 : at + segment.Length;
        }

        for (var start = 0; start <= text.Length; start++)
        {
            if (start > 0 && start < text.Length && char.IsLowSurrogate(text[start]))
                continue;
            if (MatchAt(text, start, segment) is var length && length >= 0)
                return start + length;
        }

        return -1;
    }

    /// <summary>UTF-16 units of text that the segment takes at a place; -1 when it does not match there.</summary>
    static int MatchAt(ReadOnlySpan<char> text, int start, string segment)
    {
        var at = start;
        foreach (var c in segment)
        {
            if (at >= text.Length)
                return -1;
            if (c == Single)
                at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
            else if (text[at] == c)
                at++;
            else
                return -1;
        }

        return at - start;
    }

    /// <summary>LIKE … ESCAPE: rewrites a pattern with another escape character into one with the backslash. 22019 unless the escape is one character or none.</summary>
    internal static string ReplaceEscape(string pattern, string escape)
    {
        if (escape == "\\")
            return pattern;
        if (escape.Length == 0)
            return pattern.Replace("\\", "\\\\", StringComparison.Ordinal);
        if (CodePoints.Count(escape) > 1)
            throw new SqlException(SqlState.InvalidEscapeSequence, "invalid escape string") { Hint = "Escape string must be empty or one character." };
        var result = new StringBuilder(pattern.Length + 8);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (string.CompareOrdinal(pattern, i, escape, 0, escape.Length) == 0)
            {
                i += escape.Length - 1;
                result.Append('\\');
                if (i + 1 < pattern.Length)
                    result.Append(pattern[++i]);
            }
            else
            {
                result.Append(pattern[i] == '\\' ? "\\\\" : pattern[i].ToString());
            }
        }

        return result.ToString();
    }

    readonly record struct Key(string Text, bool IgnoreCase) : IEquatable<Key>
    {
        public bool Equals(Key other) => IgnoreCase == other.IgnoreCase && (ReferenceEquals(Text, other.Text) || Text == other.Text);

        public override int GetHashCode() => HashCode.Combine(Text, IgnoreCase);
    }
}
