namespace Chitin.Sql.Functions;

/// <summary>SQL counts characters, that is code points; strings hold UTF-16. Text without surrogates (nearly all) takes the fast way.</summary>
static class CodePoints
{
    internal static bool HasSurrogates(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    internal static int Count(ReadOnlySpan<char> text)
    {
        var first = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0)
            return text.Length;
        var count = text.Length;
        for (var i = first; i < text.Length; i++)
            if (char.IsLowSurrogate(text[i]) && i > 0 && char.IsHighSurrogate(text[i - 1]))
                count--;
        return count;
    }

    /// <summary>UTF-16 offset of the code point with this zero-based number; the text's length when there are fewer.</summary>
    internal static int Offset(ReadOnlySpan<char> text, long codePoint)
    {
        if (codePoint <= 0)
            return 0;
        if (codePoint >= text.Length)
            return text.Length;
        if (!HasSurrogates(text))
            return (int)codePoint;
        var at = 0;
        for (long n = 0; n < codePoint && at < text.Length; n++)
            at += UnitsAt(text, at);
        return at;
    }

    /// <summary>1, or 2 where a surrogate pair begins.</summary>
    internal static int UnitsAt(ReadOnlySpan<char> text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
}
