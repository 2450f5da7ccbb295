using System.Text;

namespace Chitin.Sql.Functions.Patterns;

sealed partial class RegexTranslator
{
    /// <summary>[…] and [^…], with ranges, classes, collating and equivalence elements of one character (9.7.3.2).</summary>
    int ReadBracket()
    {
        if (_source.AsSpan(_at).StartsWith("[[:<:]]"))
        {
            _at += 7;
            return AppendLookaround($"(?<![{WordClass}])(?=[{WordClass}])");
        }

        if (_source.AsSpan(_at).StartsWith("[[:>:]]"))
        {
            _at += 7;
            return AppendLookaround($"(?<=[{WordClass}])(?![{WordClass}])");
        }

        _at++;
        var negated = _at < _source.Length && _source[_at] == '^';
        if (negated)
            _at++;
        var set = new StringBuilder();
        var pairs = new List<string>();
        for (var first = true; ; first = false)
        {
            if (_at >= _source.Length)
                throw Invalid("brackets [] not balanced");
            if (_source[_at] == ']' && !first)
                break;
            ReadBracketItem(set, pairs);
        }

        _at++;
        AppendBracket(negated, set, pairs);
        return 1;
    }

    void ReadBracketItem(StringBuilder set, List<string> pairs)
    {
        if (_source.AsSpan(_at).StartsWith("[:"))
        {
            set.Append(ReadClass());
            return;
        }

        if (IsAdvanced && _source[_at] == '\\' && _at + 1 < _source.Length && ClassEscape(_source[_at + 1]) is { } shorthand)
        {
            _at += 2;
            set.Append(shorthand);
            return;
        }

        var low = ReadBracketCharacter();
        var high = low;
        if (_at + 1 < _source.Length && _source[_at] == '-' && _source[_at + 1] != ']')
        {
            _at++;
            high = ReadBracketCharacter();
            if (high < low)
                throw Invalid("invalid character range");
        }

        AddRange(set, pairs, low, high);
    }

    static string? ClassEscape(char letter) => letter switch
    {
        'd' => "0-9",
        's' => SpaceClass,
        'w' => WordClass,
        'D' or 'S' or 'W' => throw Invalid("invalid escape \\ sequence"),
        _ => null,
    };

    int ReadBracketCharacter()
    {
        if (_at >= _source.Length)
            throw Invalid("brackets [] not balanced");
        var rest = _source.AsSpan(_at);
        if (rest.StartsWith("[.") || rest.StartsWith("[="))
        {
            var end = _source.IndexOf(rest[1] + "]", _at + 2, StringComparison.Ordinal);
            if (end < 0)
                throw Invalid("brackets [] not balanced");
            var element = _source[(_at + 2)..end];
            if (CodePoints.Count(element) != 1)
                throw Invalid("invalid collating element");
            _at = end + 2;
            return char.ConvertToUtf32(element, 0);
        }

        if (IsAdvanced && rest[0] == '\\')
        {
            if (rest.Length < 2)
                throw Invalid("invalid escape \\ sequence");
            _at += 2;
            return char.IsAsciiLetterOrDigit(rest[1]) ? ReadCharacterEscape(rest[1]) : rest[1];
        }

        var units = CodePoints.UnitsAt(_source, _at);
        var codePoint = units == 2 ? char.ConvertToUtf32(_source, _at) : _source[_at];
        _at += units;
        return codePoint;
    }

    string ReadClass()
    {
        var end = _source.IndexOf(":]", _at + 2, StringComparison.Ordinal);
        if (end < 0)
            throw Invalid("brackets [] not balanced");
        var name = _source[(_at + 2)..end];
        _at = end + 2;
        return name switch
        {
            "alnum" => "\\p{L}\\p{Nd}\\p{Nl}",
            "alpha" => "\\p{L}\\p{Nl}",
            "upper" when IgnoreCase => "\\p{Lu}\\p{Ll}\\p{Lt}",
            "lower" when IgnoreCase => "\\p{Lu}\\p{Ll}\\p{Lt}",
            "upper" => "\\p{Lu}\\p{Lt}",
            "lower" => "\\p{Ll}",
            "digit" => "0-9",
            "xdigit" => "0-9A-Fa-f",
            "space" => SpaceClass,
            "blank" => " \\t\\p{Zs}",
            "cntrl" => "\\p{Cc}",
            "punct" => "\\p{P}\\p{S}",
            "graph" => "\\p{L}\\p{N}\\p{P}\\p{S}\\p{M}",
            "print" => "\\p{L}\\p{N}\\p{P}\\p{S}\\p{M}\\p{Zs}",
            "word" => WordClass,
            "ascii" => "\\u0000-\\u007F",
            _ => throw Invalid("invalid character class"),
        };
    }

    /// <summary>Code points beyond U+FFFF become alternatives of surrogate pairs.</summary>
    static void AddRange(StringBuilder set, List<string> pairs, int low, int high)
    {
        if (low < 0x10000)
        {
            AppendSetUnit(set, low);
            if (high > low)
                AppendSetUnit(set.Append('-'), Math.Min(high, 0xFFFF));
            if (high < 0x10000)
                return;
            low = 0x10000;
        }

        var (lowHigh, lowLow) = Split(low);
        var (highHigh, highLow) = Split(high);
        if (lowHigh == highHigh)
        {
            pairs.Add($"\\u{lowHigh:X4}[\\u{lowLow:X4}-\\u{highLow:X4}]");
            return;
        }

        pairs.Add($"\\u{lowHigh:X4}[\\u{lowLow:X4}-\\uDFFF]");
        if (highHigh - lowHigh > 1)
            pairs.Add($"[\\u{lowHigh + 1:X4}-\\u{highHigh - 1:X4}][\\uDC00-\\uDFFF]");
        pairs.Add($"\\u{highHigh:X4}[\\uDC00-\\u{highLow:X4}]");

        static (int High, int Low) Split(int codePoint) => (0xD800 + ((codePoint - 0x10000) >> 10), 0xDC00 + ((codePoint - 0x10000) & 0x3FF));
    }

    static void AppendSetUnit(StringBuilder set, int unit) => set.Append("\\u").Append(unit.ToString("X4"));

    void AppendBracket(bool negated, StringBuilder set, List<string> pairs)
    {
        if (negated)
        {
            if ((_flags & RegexFlags.DotExcludesNewline) != 0)
                set.Append("\\n");
            if (pairs.Count == 0)
            {
                AppendNegated(set.ToString());
                return;
            }

            NeedsBacktracking = true;
            _output.Append("(?:(?!").AppendJoin('|', pairs).Append(')');
            AppendNegated(set.ToString());
            _output.Append(')');
            return;
        }

        if (pairs.Count == 0)
        {
            _output.Append('[').Append(set).Append(']');
            return;
        }

        _output.Append("(?:").AppendJoin('|', pairs);
        if (set.Length > 0)
            _output.Append("|[").Append(set).Append(']');
        _output.Append(')');
    }
}
