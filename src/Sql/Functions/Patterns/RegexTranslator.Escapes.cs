using System.Globalization;

namespace Chitin.Sql.Functions.Patterns;

sealed partial class RegexTranslator
{
    const string WordClass = "\\p{L}\\p{Nd}\\p{Nl}_";
    const string SpaceClass = "\\s";

    /// <summary>Backslash sequences outside brackets (tables 9.19 to 9.23).</summary>
    int ReadEscape()
    {
        if (++_at >= _source.Length)
            throw Invalid("invalid escape \\ sequence");
        var c = _source[_at++];
        if (!IsAdvanced)
        {
            if (IsBasic && c is >= '1' and <= '9')
                return AppendBackReference(c - '0');
            AppendLiteral(c);
            return 1;
        }

        if (!char.IsAsciiLetterOrDigit(c))
        {
            AppendLiteral(c);
            return 1;
        }

        switch (c)
        {
            case 'd': _output.Append("[0-9]"); return 1;
            case 'D': AppendNegated("0-9"); return 1;
            case 's': _output.Append('[').Append(SpaceClass).Append(']'); return 1;
            case 'S': AppendNegated(SpaceClass); return 1;
            case 'w': _output.Append('[').Append(WordClass).Append(']'); return 1;
            case 'W': AppendNegated(WordClass); return 1;
            case 'A': _output.Append("\\A"); return 0;
            case 'Z': _output.Append("\\z"); return 0;
            case 'm': return AppendLookaround($"(?<![{WordClass}])(?=[{WordClass}])");
            case 'M': return AppendLookaround($"(?<=[{WordClass}])(?![{WordClass}])");
            case 'y': return AppendLookaround($"(?:(?<![{WordClass}])(?=[{WordClass}])|(?<=[{WordClass}])(?![{WordClass}]))");
            case 'Y': return AppendLookaround($"(?:(?<![{WordClass}])(?![{WordClass}])|(?<=[{WordClass}])(?=[{WordClass}]))");
            case >= '1' and <= '9':
                return AppendNumericEscape(c);
        }

        AppendCodePoint(ReadCharacterEscape(c));
        return 1;
    }

    /// <summary>\1 … \9 are back references; of more digits, those that name an existing group (else octal).</summary>
    int AppendNumericEscape(char first)
    {
        var number = first - '0';
        var end = _at;
        while (end < _source.Length && end - _at < 3 && char.IsAsciiDigit(_source[end]))
            end++;
        if (end > _at && int.Parse(_source.AsSpan(_at - 1, end - _at + 1)) is var longer && longer <= _groups)
        {
            _at = end;
            return AppendBackReference(longer);
        }

        return AppendBackReference(number);
    }

    int AppendBackReference(int group)
    {
        if (group > _groups)
            throw Invalid("invalid backreference number");
        NeedsBacktracking = true;
        _output.Append("(?:\\").Append(group).Append(')');
        return 1;
    }

    int AppendLookaround(string expression)
    {
        NeedsBacktracking = true;
        _output.Append(expression);
        return 0;
    }

    /// <summary>Escapes that stand for one character, also in brackets; the letter was read.</summary>
    int ReadCharacterEscape(char c) => c switch
    {
        'a' => 7,
        'b' => 8,
        'B' => '\\',
        'c' => _at < _source.Length ? _source[_at++] & 0x1F : throw Invalid("invalid escape \\ sequence"),
        'e' => 27,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        'u' => ReadHex(4, 4),
        'U' => ReadHex(8, 8),
        'x' => ReadHex(1, 255),
        '0' => ReadOctal(),
        _ => throw Invalid("invalid escape \\ sequence"),
    };

    int ReadHex(int least, int most)
    {
        var start = _at;
        while (_at < _source.Length && _at - start < most && char.IsAsciiHexDigit(_source[_at]))
            _at++;
        if (_at - start < least || _at - start > 8 || !int.TryParse(_source.AsSpan(start, _at - start), NumberStyles.AllowHexSpecifier, null, out var value) || value > 0x10FFFF)
            throw Invalid("invalid escape \\ sequence");
        return value;
    }

    int ReadOctal()
    {
        var value = 0;
        for (var digits = 0; digits < 2 && _at < _source.Length && _source[_at] is >= '0' and <= '7'; digits++)
            value = value * 8 + _source[_at++] - '0';
        return value;
    }

    void AppendCodePoint(int codePoint)
    {
        if (codePoint is >= 0xD800 and <= 0xDFFF)
            throw Invalid("invalid escape \\ sequence");
        if (codePoint < 0x10000)
            AppendLiteral((char)codePoint);
        else
            _output.Append("(?:").Append(char.ConvertFromUtf32(codePoint)).Append(')');
    }

    /// <summary>[^class]; a surrogate pair counts as one character outside it.</summary>
    void AppendNegated(string set)
    {
        if (_surrogates)
            _output.Append("(?:[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|[^").Append(set).Append("\\uD800-\\uDFFF])");
        else
            _output.Append("[^").Append(set).Append(']');
    }
}
