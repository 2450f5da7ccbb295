using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.Patterns;

/// <summary>
/// Rewrites a PostgreSQL advanced, extended or basic regular expression (manual 9.7.3) in .NET's dialect. Refuses what the manual refuses, and what would grow without bound:
/// repetition counts over 255 and expressions whose expansion passes <see cref="MaxExpansion"/>.
/// </summary>
sealed partial class RegexTranslator
{
    const int MaxRepetition = 255;
    const int MaxExpansion = 50_000;
    const int MaxDepth = 200;

    readonly string _source;
    readonly bool _surrogates;
    readonly StringBuilder _output = new();
    RegexFlags _flags;
    int _at;
    int _groups;
    int _depth;

    internal RegexTranslator(string source, RegexFlags flags, bool surrogates)
    {
        _source = source;
        _flags = flags;
        _surrogates = surrogates;
        ReadDirectors();
    }

    internal bool IgnoreCase => (_flags & RegexFlags.IgnoreCase) != 0;

    internal bool NeedsBacktracking { get; private set; }

    /// <summary>Set when the whole is matched as short as possible and has groups: how they share what was matched, each by its own preference.</summary>
    internal string? Inner { get; private set; }

    bool IsBasic => (_flags & RegexFlags.Basic) != 0;

    bool IsAdvanced => (_flags & (RegexFlags.Basic | RegexFlags.Extended)) == 0;

    internal string Translate()
    {
        if ((_flags & RegexFlags.Literal) != 0)
        {
            foreach (var c in _source.AsSpan(_at))
                AppendLiteral(c);
            return _output.ToString();
        }

        ReadAlternatives(out var preference);
        if (_at < _source.Length)
            throw Invalid("parentheses () not balanced");
        if (preference != Preference.Lazy)
            return _output.ToString();
        if (_groups > 0)
            Inner = _output.ToString();
        MakeLazy(0);
        return _output.ToString();
    }

    /// <summary>*** directors and (?flags) at the start (9.7.3.4).</summary>
    void ReadDirectors()
    {
        if (_source.StartsWith("***=", StringComparison.Ordinal))
        {
            _flags |= RegexFlags.Literal;
            _at = 4;
            return;
        }

        if (_source.StartsWith("***:", StringComparison.Ordinal))
        {
            _flags &= ~(RegexFlags.Basic | RegexFlags.Extended);
            _at = 4;
        }
        else if (_source.StartsWith("***", StringComparison.Ordinal))
        {
            throw Invalid("quantifier operand invalid");
        }

        if (!IsAdvanced || _at + 2 >= _source.Length || _source[_at] != '(' || _source[_at + 1] != '?' || !char.IsAsciiLetter(_source[_at + 2]))
            return;
        var end = _source.IndexOf(')', _at);
        if (end < 0)
            throw Invalid("parentheses () not balanced");
        foreach (var c in _source.AsSpan(_at + 2, end - _at - 2))
            _flags = c == 'g' ? throw Invalid("invalid embedded option") : PgRegex.Apply(_flags, c) ?? throw Invalid("invalid embedded option");
        _at = end + 1;
    }

    /// <summary>Reads to the closing parenthesis or the end; gives the expansion's size in automaton positions.</summary>
    int ReadAlternatives(out Preference preference)
    {
        if (++_depth > MaxDepth)
            throw Invalid("regular expression is too complex");
        var size = Bounded(ReadBranch(out preference));
        while (TryReadAlternation())
        {
            preference = Preference.Greedy;
            _output.Append('|');
            size = Bounded(size + ReadBranch(out _));
        }

        _depth--;
        return size;
    }

    bool TryReadAlternation()
    {
        if (_at >= _source.Length || IsBasic || _source[_at] != '|')
            return false;
        _at++;
        return true;
    }

    bool AtGroupEnd => IsBasic
        ? _at + 1 < _source.Length && _source[_at] == '\\' && _source[_at + 1] == ')'
        : _at < _source.Length && _source[_at] == ')';

    int ReadBranch(out Preference preference)
    {
        preference = Preference.None;
        var size = 0;
        var first = true;
        while (_at < _source.Length && !AtGroupEnd && (IsBasic || _source[_at] != '|'))
        {
            if (SkipExpandedSpace())
                continue;
            var start = _output.Length;
            if (ReadConstraint(first))
            {
                if (PeekQuantifier())
                    throw Invalid("quantifier operand invalid");
                first = false;
                continue;
            }

            var atom = ReadAtom(first, out var own);
            first = false;
            size = Bounded(size + ReadQuantifier(start, atom, ref own));
            if (preference == Preference.None)
                preference = own;
        }

        return size;
    }

    bool SkipExpandedSpace()
    {
        if (IsAdvanced && _source.AsSpan(_at).StartsWith("(?#"))
        {
            var end = _source.IndexOf(')', _at);
            _at = end < 0 ? throw Invalid("parentheses () not balanced") : end + 1;
            return true;
        }

        if ((_flags & RegexFlags.Expanded) == 0)
            return false;
        if (char.IsWhiteSpace(_source[_at]))
        {
            _at++;
            return true;
        }

        if (_source[_at] != '#')
            return false;
        while (_at < _source.Length && _source[_at] != '\n')
            _at++;
        return true;
    }

    /// <summary>^ $ and lookaround.</summary>
    bool ReadConstraint(bool first)
    {
        var c = _source[_at];
        if (c == '^' && (!IsBasic || first))
        {
            _at++;
            _output.Append((_flags & RegexFlags.AnchorsMatchLines) != 0 ? "(?m:^)" : "\\A");
            return true;
        }

        if (c == '$' && (!IsBasic || _at + 1 == _source.Length || _source.AsSpan(_at + 1).StartsWith("\\)")))
        {
            _at++;
            _output.Append((_flags & RegexFlags.AnchorsMatchLines) != 0 ? "(?m:$)" : "\\z");
            return true;
        }

        if (!IsAdvanced || c != '(')
            return false;
        foreach (var opening in (string[])["(?=", "(?!", "(?<=", "(?<!"])
        {
            if (!_source.AsSpan(_at).StartsWith(opening))
                continue;
            NeedsBacktracking = true;
            _at += opening.Length;
            _output.Append(opening);
            ReadAlternatives(out _);
            CloseGroup();
            return true;
        }

        return false;
    }

    int ReadAtom(bool first, out Preference preference)
    {
        preference = Preference.None;
        var c = _source[_at];
        if (IsBasic ? c == '\\' && _at + 1 < _source.Length && _source[_at + 1] == '(' : c == '(')
            return ReadGroup(out preference);
        switch (c)
        {
            case '[':
                return ReadBracket();
            case '.':
                _at++;
                AppendDot();
                return 1;
            case '\\':
                return ReadEscape();
            case '*' when IsBasic && first:
                break;
            case '*':
                throw Invalid("quantifier operand invalid");
            case '+' or '?' when !IsBasic:
                throw Invalid("quantifier operand invalid");
            case '{' when !IsBasic && _at + 1 < _source.Length && char.IsAsciiDigit(_source[_at + 1]):
                throw Invalid("quantifier operand invalid");
        }

        _at++;
        if (char.IsHighSurrogate(c) && _at < _source.Length)
        {
            _output.Append("(?:").Append(c).Append(_source[_at++]).Append(')');
            return 2;
        }

        AppendLiteral(c);
        return 1;
    }

    int ReadGroup(out Preference preference)
    {
        _at += IsBasic ? 2 : 1;
        if (IsAdvanced && _source.AsSpan(_at).StartsWith("?:"))
        {
            _at += 2;
            _output.Append("(?:");
        }
        else if (IsAdvanced && _at < _source.Length && _source[_at] == '?')
        {
            throw Invalid("quantifier operand invalid");
        }
        else
        {
            _groups++;
            _output.Append('(');
        }

        var size = ReadAlternatives(out preference);
        CloseGroup();
        return size;
    }

    void CloseGroup()
    {
        if (!AtGroupEnd)
            throw Invalid("parentheses () not balanced");
        _at += IsBasic ? 2 : 1;
        _output.Append(')');
    }

    bool PeekQuantifier()
    {
        if (_at >= _source.Length)
            return false;
        return _source[_at] switch
        {
            '*' => true,
            '+' or '?' => !IsBasic,
            '{' => !IsBasic && _at + 1 < _source.Length && char.IsAsciiDigit(_source[_at + 1]),
            '\\' => IsBasic && _at + 1 < _source.Length && _source[_at + 1] == '{',
            _ => false,
        };
    }

    int ReadQuantifier(int atomStart, int atomSize, ref Preference preference)
    {
        if (!PeekQuantifier())
            return atomSize;
        var factor = 1;
        var isFixed = false;
        var c = _source[_at++];
        switch (c)
        {
            case '*' or '+' or '?':
                _output.Append(c);
                break;
            default:
                if (IsBasic)
                    _at++;
                factor = ReadBounds(atomStart, out isFixed);
                break;
        }

        var lazy = IsAdvanced && _at < _source.Length && _source[_at] == '?';
        if (lazy)
        {
            _at++;
            _output.Append('?');
        }

        if (!isFixed)
            preference = lazy ? Preference.Lazy : Preference.Greedy;
        if (lazy && !isFixed)
            MakeLazy(atomStart);
        if (PeekQuantifier())
            throw Invalid("quantifier operand invalid");
        return Bounded((long)atomSize * Math.Max(factor, 1));
    }

    /// <summary>
    /// What is matched as short as possible as a whole is short in its parts (9.7.3.5): every quantifier written from an offset on becomes a lazy one. The output's own
    /// shapes are few: \uXXXX and other escapes, [sets] without a literal bracket, (? openings.
    /// </summary>
    void MakeLazy(int start)
    {
        for (var i = start; i < _output.Length; i++)
        {
            switch (_output[i])
            {
                case '\\':
                    i += _output[i + 1] == 'u' ? 5 : 1;
                    break;
                case '[':
                    while (_output[i] != ']')
                        i++;
                    break;
                case '(' when _output[i + 1] == '?':
                    i++;
                    break;
                case '*' or '+' or '?' or '}':
                    if (i + 1 < _output.Length && _output[i + 1] == '?')
                        i++;
                    else
                        _output.Insert(++i, '?');
                    break;
            }
        }
    }

    /// <summary>Whether an expression prefers the longest or the shortest match; set by its first quantified atom.</summary>
    enum Preference { None, Greedy, Lazy }

    /// <summary>{m}, {m,}, {m,n}: m and n up to 255.</summary>
    int ReadBounds(int atomStart, out bool isFixed)
    {
        isFixed = true;
        var low = ReadNumber() ?? throw Invalid("invalid repetition count(s)");
        int? high = low;
        if (_at < _source.Length && _source[_at] == ',')
        {
            _at++;
            isFixed = false;
            high = ReadNumber();
        }

        var closing = IsBasic ? "\\}" : "}";
        if (!_source.AsSpan(_at).StartsWith(closing) || low > MaxRepetition || high > MaxRepetition || high < low)
            throw Invalid("invalid repetition count(s)");
        _at += closing.Length;
        if (high == 0)
        {
            // x{0} matches the empty string; .NET would still number its groups, so they stay.
            _output.Insert(atomStart, "(?:").Append("){0}");
            return 1;
        }

        _output.Append('{').Append(low);
        if (high != low)
            _output.Append(',').Append(high);
        _output.Append('}');
        return high ?? low + 1;
    }

    int? ReadNumber()
    {
        var start = _at;
        while (_at < _source.Length && char.IsAsciiDigit(_source[_at]))
            _at++;
        if (_at == start)
            return null;
        return _at - start > 4 ? MaxRepetition + 1 : int.Parse(_source.AsSpan(start, _at - start));
    }

    void AppendDot()
    {
        var newline = (_flags & RegexFlags.DotExcludesNewline) != 0;
        if (_surrogates)
            _output.Append("(?:[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|[^").Append(newline ? "\\n" : "").Append("\\uD800-\\uDFFF])");
        else
            _output.Append(newline ? "[^\\n]" : "(?s:.)");
    }

    void AppendLiteral(char c)
    {
        if (char.IsAsciiLetterOrDigit(c) || c is '_' or > '\u007F')
            _output.Append(c);
        else
            _output.Append("\\u").Append(((int)c).ToString("X4"));
    }

    static int Bounded(long size) => size <= MaxExpansion ? (int)size : throw Invalid("regular expression is too complex");

    internal static SqlException Invalid(string reason, Exception? inner = null) => new(SqlState.InvalidRegularExpression, $"invalid regular expression: {reason}", inner);
}
