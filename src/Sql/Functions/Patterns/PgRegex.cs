using System.Text.RegularExpressions;
using Chitin.Core;

namespace Chitin.Sql.Functions.Patterns;

/// <summary>Options of a regular expression (manual table 9.24).</summary>
[Flags]
enum RegexFlags
{
    None = 0,
    IgnoreCase = 1,

    /// <summary>s is the default; n: newline-sensitive matching, which is the two below.</summary>
    DotExcludesNewline = 2,
    AnchorsMatchLines = 4,
    Expanded = 8,
    Literal = 16,
    Basic = 32,
    Extended = 64,

    /// <summary>g; only some functions take it.</summary>
    Global = 128,
}

/// <summary>
/// A PostgreSQL regular expression, compiled for .NET. Where it can be, it runs on the non-backtracking engine (linear time); expressions with back references or
/// lookaround run with a time limit. Alternatives are tried in order, where PostgreSQL prefers the longest: they differ only in which of several matches at one place is reported.
/// </summary>
sealed class PgRegex
{
    static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(2);
    static readonly PatternCache<Key, PgRegex> s_cache = new(static k => new PgRegex(k.Text, k.Flags), static k => k.Text.Length);

    readonly string _pattern;
    readonly RegexFlags _flags;
    readonly Engine _plain;
    Engine? _withSurrogates;

    PgRegex(string pattern, RegexFlags flags)
    {
        _pattern = pattern;
        _flags = flags;
        _plain = Build(surrogates: false);
    }

    /// <summary>2201B when the expression is malformed or too large.</summary>
    internal static PgRegex Get(string pattern, RegexFlags flags) => s_cache.Get(new Key(pattern, flags & ~RegexFlags.Global));

    internal static RegexFlags ParseFlags(string text, bool allowGlobal, string function)
    {
        var flags = RegexFlags.None;
        foreach (var c in text)
            flags = Apply(flags, c) ?? throw FunctionErrors.Invalid($"invalid regular expression option: \"{c}\"");
        if ((flags & RegexFlags.Global) != 0 && !allowGlobal)
            throw FunctionErrors.Invalid($"{function}() does not support the \"global\" option",
                function == "regexp_match" ? "Use the regexp_matches function instead." : null);
        return flags;
    }

    /// <summary>One option letter applied; null when there is no such option.</summary>
    internal static RegexFlags? Apply(RegexFlags flags, char option) => option switch
    {
        'g' => flags | RegexFlags.Global,
        'b' => flags | RegexFlags.Basic,
        'c' => flags & ~RegexFlags.IgnoreCase,
        'e' => flags | RegexFlags.Extended,
        'i' => flags | RegexFlags.IgnoreCase,
        'm' or 'n' => flags | RegexFlags.DotExcludesNewline | RegexFlags.AnchorsMatchLines,
        'p' => (flags | RegexFlags.DotExcludesNewline) & ~RegexFlags.AnchorsMatchLines,
        'q' => flags | RegexFlags.Literal,
        's' => flags & ~(RegexFlags.DotExcludesNewline | RegexFlags.AnchorsMatchLines),
        't' => flags & ~RegexFlags.Expanded,
        'w' => (flags | RegexFlags.AnchorsMatchLines) & ~RegexFlags.DotExcludesNewline,
        'x' => flags | RegexFlags.Expanded,
        _ => null,
    };

    internal int GroupCount => _plain.Outer.GetGroupNumbers().Length - 1;

    internal bool IsMatch(string text)
    {
        try
        {
            return For(text).Outer.IsMatch(text);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TooSlow(e);
        }
    }

    /// <summary>The first match at or after a UTF-16 offset; lookbehind and ^ see the whole text.</summary>
    internal Match Match(string text, int start)
    {
        try
        {
            var engine = For(text);
            var match = engine.Outer.Match(text, start);
            if (!match.Success || engine.Inner is not { } inner)
                return match;
            var shared = inner.Match(text, match.Index, match.Length);
            return shared.Success ? shared : match;
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TooSlow(e);
        }
    }

    /// <summary>The match after <paramref name="match"/>; after an empty one the search moves on by one character.</summary>
    internal Match Next(string text, Match match)
    {
        var start = match.Index + match.Length;
        if (match.Length > 0)
            return Match(text, start);
        return start >= text.Length ? System.Text.RegularExpressions.Match.Empty : Match(text, start + CodePoints.UnitsAt(text, start));
    }

    Engine For(string text)
    {
        if (!CodePoints.HasSurrogates(text))
            return _plain;
        return _withSurrogates ??= Build(surrogates: true);
    }

    /// <summary>Outer finds a match; Inner, where there is one, shares it out to the groups.</summary>
    sealed record Engine(Regex Outer, Regex? Inner);

    Engine Build(bool surrogates)
    {
        var translator = new RegexTranslator(_pattern, _flags, surrogates);
        var outer = Compile(translator.Translate(), translator);
        return new Engine(outer, translator.Inner is { } inner ? Compile($"\\A(?:{inner})\\z", translator) : null);
    }

    static Regex Compile(string translated, RegexTranslator translator)
    {
        var options = RegexOptions.CultureInvariant | (translator.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            if (!translator.NeedsBacktracking)
                return new Regex(translated, options | RegexOptions.NonBacktracking, s_timeLimit);
        }
        catch (NotSupportedException)
        {
            // Too large for the automaton: the other engine, under the time limit, takes it.
        }
        catch (ArgumentException e)
        {
            throw RegexTranslator.Invalid("invalid escape \\ sequence", e);
        }

        try
        {
            return new Regex(translated, options, s_timeLimit);
        }
        catch (ArgumentException e)
        {
            throw RegexTranslator.Invalid("invalid backreference number", e);
        }
    }

    static SqlException TooSlow(Exception inner) => new(SqlState.StatementTooComplex, "regular expression failed: matching takes too long", inner);

    readonly record struct Key(string Text, RegexFlags Flags) : IEquatable<Key>
    {
        public bool Equals(Key other) => Flags == other.Flags && (ReferenceEquals(Text, other.Text) || Text == other.Text);

        public override int GetHashCode() => HashCode.Combine(Text, Flags);
    }
}
