using System.Globalization;
using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Syntax;

internal enum TokenKind : byte { End, Identifier, QuotedIdentifier, String, BitString, Integer, Decimal, Parameter, Operator, Punctuation }

/// <summary>A token. Value is the folded identifier, the unescaped string, the digits, or the operator's text.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int Length, string Value)
{
    public bool Is(char punctuation) => Kind == TokenKind.Punctuation && Value.Length == 1 && Value[0] == punctuation;

    public bool IsWord(string word) => Kind == TokenKind.Identifier && Value == word;

    public bool IsOperator(string symbol) => Kind == TokenKind.Operator && Value == symbol;
}

/// <summary>PostgreSQL's lexical rules (4.1): a whole text into tokens. Errors are 42601 with a position.</summary>
internal ref struct Lexer(string text)
{
    private const string OperatorCharacters = "+-*/<>=~!@#%^&|`?";
    private const int MaxIdentifierBytes = 63;

    private readonly string _text = text;
    private int _position;

    public static List<Token> Tokenize(string text)
    {
        var lexer = new Lexer(text);
        var tokens = new List<Token>(Math.Max(8, text.Length / 5));
        while (true)
        {
            var token = lexer.Next();
            tokens.Add(token);
            if (token.Kind == TokenKind.End)
                return tokens;
        }
    }

    /// <summary>The tokens in front of the first lexical error, if there is one, and where it is (the text's length without one).</summary>
    public static int TokenizeLeniently(string text, List<Token> tokens)
    {
        var lexer = new Lexer(text);
        while (true)
        {
            var end = lexer._position;
            try
            {
                var token = lexer.Next();
                if (token.Kind == TokenKind.End)
                    return text.Length;
                tokens.Add(token);
            }
            catch (SqlException)
            {
                return end;
            }
        }
    }

    private Token Next()
    {
        SkipSpace();
        var start = _position;
        if (start >= _text.Length)
            return new Token(TokenKind.End, start, 0, "");
        var c = _text[start];
        var next = start + 1 < _text.Length ? _text[start + 1] : '\0';
        if (IsIdentifierStart(c))
        {
            if (next == '\'')
            {
                switch (c)
                {
                    case 'e' or 'E':
                        _position++;
                        return Make(TokenKind.String, start, ReadEscapeString(start));
                    case 'b' or 'B':
                        _position++;
                        return Make(TokenKind.BitString, start, "b" + ReadString(start));
                    case 'x' or 'X':
                        _position++;
                        return Make(TokenKind.BitString, start, "x" + ReadString(start));
                    case 'n' or 'N':
                        _position++;
                        return Make(TokenKind.String, start, ReadString(start));
                }
            }

            if (c is 'u' or 'U' && next == '&' && start + 2 < _text.Length && _text[start + 2] is '\'' or '"')
                return ReadUnicode(start);
            return ReadIdentifier(start);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(next)))
            return ReadNumber(start);
        switch (c)
        {
            case '\'':
                return Make(TokenKind.String, start, ReadString(start));
            case '"':
                return Make(TokenKind.QuotedIdentifier, start, Truncate(ReadQuotedIdentifier(start)));
            case '$':
                return ReadDollar(start, next);
            case ':' when next is ':' or '=':
                _position += 2;
                return Make(TokenKind.Punctuation, start, next == ':' ? "::" : ":=");
            case '.' when next == '.':
                _position += 2;
                return Make(TokenKind.Punctuation, start, "..");
            case '(' or ')' or '[' or ']' or ',' or ';' or '.' or ':' or '{' or '}':
                _position++;
                return Make(TokenKind.Punctuation, start, Punctuation(c));
        }

        if (OperatorCharacters.Contains(c, StringComparison.Ordinal))
            return ReadOperator(start);
        throw Error($"syntax error at or near \"{(char.IsSurrogate(c) && start + 1 < _text.Length ? _text.Substring(start, 2) : c.ToString())}\"", start);
    }

    private static string Punctuation(char c) => c switch
    {
        '(' => "(",
        ')' => ")",
        '[' => "[",
        ']' => "]",
        ',' => ",",
        ';' => ";",
        '.' => ".",
        '{' => "{",
        '}' => "}",
        _ => ":",
    };

    private readonly Token Make(TokenKind kind, int start, string value) => new(kind, start, _position - start, value);

    private void SkipSpace()
    {
        while (_position < _text.Length)
        {
            var c = _text[_position];
            if (char.IsWhiteSpace(c))
                _position++;
            else if (c == '-' && Peek(1) == '-')
            {
                var end = _text.AsSpan(_position).IndexOfAny('\n', '\r');
                _position = end < 0 ? _text.Length : _position + end;
            }
            else if (c == '/' && Peek(1) == '*')
                SkipComment();
            else
                return;
        }
    }

    private void SkipComment()
    {
        var start = _position;
        var depth = 0;
        while (_position < _text.Length)
        {
            if (_text[_position] == '/' && Peek(1) == '*')
            {
                depth++;
                _position += 2;
            }
            else if (_text[_position] == '*' && Peek(1) == '/')
            {
                _position += 2;
                if (--depth == 0)
                    return;
            }
            else
                _position++;
        }

        throw Error($"unterminated /* comment at or near \"{Excerpt(start)}\"", start);
    }

    private readonly char Peek(int offset) => _position + offset < _text.Length ? _text[_position + offset] : '\0';

    private static bool IsIdentifierStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= 0x80;

    private Token ReadIdentifier(int start)
    {
        var lower = true;
        while (_position < _text.Length && (IsIdentifierStart(_text[_position]) || char.IsAsciiDigit(_text[_position]) || _text[_position] == '$'))
        {
            lower &= !char.IsAsciiLetterUpper(_text[_position]);
            _position++;
        }

        var word = _text[start.._position];
        return Make(TokenKind.Identifier, start, Truncate(lower ? word : FoldAscii(word)));
    }

    private static string FoldAscii(string word) => string.Create(word.Length, word, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
    });

    private static string Truncate(string name) =>
        name.Length * 3 <= MaxIdentifierBytes || Encoding.UTF8.GetByteCount(name) <= MaxIdentifierBytes ? name : Core.Types.Characters.LimitBytes(name, MaxIdentifierBytes);

    private Token ReadNumber(int start)
    {
        var isDecimal = false;
        SkipDigits();
        if (Peek(0) == '.' && Peek(1) != '.')
        {
            isDecimal = true;
            _position++;
            SkipDigits();
        }

        if (Peek(0) is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            isDecimal = true;
            _position += 2;
            SkipDigits();
        }

        if (_position < _text.Length && IsIdentifierStart(_text[_position]))
            throw Error($"trailing junk after numeric literal at or near \"{_text[start..(_position + 1)]}\"", start);
        return Make(isDecimal ? TokenKind.Decimal : TokenKind.Integer, start, _text[start.._position]);
    }

    private void SkipDigits()
    {
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
            _position++;
    }

    /// <summary>'…' with '' inside; strings apart only by white space with a newline are one (4.1.2.1).</summary>
    private string ReadString(int start)
    {
        StringBuilder? joined = null;
        var from = ++_position;
        while (true)
        {
            var quote = _text.IndexOf('\'', _position);
            if (quote < 0)
                throw Error($"unterminated quoted string at or near \"{Excerpt(start)}\"", start);
            _position = quote + 1;
            if (Peek(0) == '\'')
            {
                (joined ??= new StringBuilder()).Append(_text, from, quote + 1 - from);
                from = ++_position;
                continue;
            }

            if (!TryContinue())
                return joined is null ? _text[from..quote] : joined.Append(_text, from, quote - from).ToString();
            (joined ??= new StringBuilder()).Append(_text, from, quote - from);
            from = _position;
        }
    }

    private bool TryContinue()
    {
        var saved = _position;
        var newline = false;
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
            newline |= _text[_position++] is '\n' or '\r';
        if (newline && Peek(0) == '\'')
        {
            _position++;
            return true;
        }

        _position = saved;
        return false;
    }

    private string ReadEscapeString(int start)
    {
        var value = new StringBuilder();
        _position++;
        while (true)
        {
            if (_position >= _text.Length)
                throw Error($"unterminated quoted string at or near \"{Excerpt(start)}\"", start);
            var c = _text[_position++];
            switch (c)
            {
                case '\'' when Peek(0) == '\'':
                    value.Append('\'');
                    _position++;
                    break;
                case '\'':
                    if (!TryContinue())
                        return value.ToString();
                    break;
                case '\\' when _position < _text.Length:
                    ReadEscape(value);
                    break;
                default:
                    value.Append(c);
                    break;
            }
        }
    }

    private void ReadEscape(StringBuilder value)
    {
        var c = _text[_position++];
        switch (c)
        {
            case 'b':
                value.Append('\b');
                break;
            case 'f':
                value.Append('\f');
                break;
            case 'n':
                value.Append('\n');
                break;
            case 'r':
                value.Append('\r');
                break;
            case 't':
                value.Append('\t');
                break;
            case 'v':
                value.Append('\v');
                break;
            case 'x' when char.IsAsciiHexDigit(Peek(0)):
                AppendByte(value, ReadDigits(2, 16));
                break;
            case 'u':
                AppendCodePoint(value, ReadDigits(4, 16), 4);
                break;
            case 'U':
                AppendCodePoint(value, ReadDigits(8, 16), 8);
                break;
            case >= '0' and <= '7':
                _position--;
                AppendByte(value, ReadDigits(3, 8));
                break;
            default:
                value.Append(c);
                break;
        }
    }

    private int ReadDigits(int most, int radix)
    {
        var value = 0;
        for (var i = 0; i < most && _position < _text.Length; i++)
        {
            var c = _text[_position];
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
                break;
            value = (value * radix) + digit;
            _position++;
        }

        return value;
    }

    /// <summary>Bytes above 0x7f would have to form UTF-8; a lone one is refused.</summary>
    private readonly void AppendByte(StringBuilder value, int code)
    {
        if (code == 0)
            throw new SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");
        if (code > 0x7f)
            throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": 0x{code & 0xff:x2}");
        value.Append((char)code);
    }

    private readonly void AppendCodePoint(StringBuilder value, int code, int digits)
    {
        if (code is > 0x10ffff or <= 0)
            throw Error("invalid Unicode escape value", _position - digits);
        if (code < 0x10000)
            value.Append((char)code);
        else
            value.Append(char.ConvertFromUtf32(code));
    }

    private string ReadQuotedIdentifier(int start)
    {
        var value = new StringBuilder();
        _position++;
        while (true)
        {
            var quote = _text.IndexOf('"', _position);
            if (quote < 0)
                throw Error($"unterminated quoted identifier at or near \"{Excerpt(start)}\"", start);
            value.Append(_text, _position, quote - _position);
            _position = quote + 1;
            if (Peek(0) != '"')
                break;
            value.Append('"');
            _position++;
        }

        return value.Length > 0 ? value.ToString() : throw Error($"zero-length delimited identifier at or near \"{_text[start.._position]}\"", start);
    }

    /// <summary>U&amp;'…' and U&amp;"…" with \XXXX and \+XXXXXX.</summary>
    private Token ReadUnicode(int start)
    {
        _position += 2;
        var isString = _text[_position] == '\'';
        var raw = isString ? ReadString(start) : ReadQuotedIdentifier(start);
        var value = new StringBuilder();
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                value.Append(raw[i]);
                continue;
            }

            if (i + 1 < raw.Length && raw[i + 1] == '\\')
            {
                value.Append('\\');
                i++;
                continue;
            }

            var wide = i + 1 < raw.Length && raw[i + 1] == '+';
            var from = i + (wide ? 2 : 1);
            var length = wide ? 6 : 4;
            if (from + length > raw.Length || !int.TryParse(raw.AsSpan(from, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                throw Error("invalid Unicode escape", start);
            AppendCodePoint(value, code, length);
            i = from + length - 1;
        }

        return Make(isString ? TokenKind.String : TokenKind.QuotedIdentifier, start, isString ? value.ToString() : Truncate(value.ToString()));
    }

    private Token ReadDollar(int start, char next)
    {
        if (char.IsAsciiDigit(next))
        {
            _position++;
            SkipDigits();
            return Make(TokenKind.Parameter, start, _text[(start + 1).._position]);
        }

        var end = start + 1;
        while (end < _text.Length && (IsIdentifierStart(_text[end]) || (end > start + 1 && char.IsAsciiDigit(_text[end]))))
            end++;
        if (end >= _text.Length || _text[end] != '$')
            throw Error("syntax error at or near \"$\"", start);
        var tag = _text[start..(end + 1)];
        var close = _text.IndexOf(tag, end + 1, StringComparison.Ordinal);
        if (close < 0)
            throw Error($"unterminated dollar-quoted string at or near \"{Excerpt(start)}\"", start);
        _position = close + tag.Length;
        return Make(TokenKind.String, start, _text[(end + 1)..close]);
    }

    /// <summary>The longest run of operator characters, ended before a comment; a trailing + or - stays only with one of ~ ! @ # % ^ &amp; | ` ? in the name.</summary>
    private Token ReadOperator(int start)
    {
        var end = start;
        while (end < _text.Length && OperatorCharacters.Contains(_text[end], StringComparison.Ordinal))
        {
            if (end > start && ((_text[end] == '-' && end + 1 < _text.Length && _text[end + 1] == '-') || (_text[end] == '/' && end + 1 < _text.Length && _text[end + 1] == '*')))
                break;
            end++;
        }

        if (_text.AsSpan(start, end - start).IndexOfAny("~!@#%^&|`?") < 0)
        {
            while (end - start > 1 && _text[end - 1] is '+' or '-')
                end--;
        }

        _position = end;
        var symbol = _text[start..end];
        return symbol == "=>" ? Make(TokenKind.Punctuation, start, "=>") : Make(TokenKind.Operator, start, symbol == "!=" ? "<>" : symbol);
    }

    private readonly string Excerpt(int start) => _text[start..Math.Min(_text.Length, start + 64)];

    private static SqlException Error(string message, int position) => new(SqlState.SyntaxError, message) { Position = position + 1 };
}
