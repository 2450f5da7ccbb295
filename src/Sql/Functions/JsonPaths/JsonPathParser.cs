using System.Globalization;
using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Patterns;

namespace Chitin.Sql.Functions.JsonPaths;

/// <summary>Reads jsonpath text. 42601 for what is malformed; nesting is bounded.</summary>
sealed class JsonPathParser
{
    const int MaxDepth = 100;

    readonly string _text;
    int _at;
    int _depth;

    JsonPathParser(string text) => _text = text;

    internal static (bool Strict, PathNode Root) Parse(string text)
    {
        var parser = new JsonPathParser(text);
        parser.SkipSpace();
        var strict = parser.AcceptWord("strict");
        if (!strict)
            parser.AcceptWord("lax");
        var root = parser.ReadOr();
        parser.SkipSpace();
        return parser._at == text.Length ? (strict, root) : throw parser.Error();
    }

    SqlException Error() => _at >= _text.Length
        ? new SqlException(SqlState.SyntaxError, "syntax error at end of jsonpath input")
        : new SqlException(SqlState.SyntaxError, $"syntax error at or near \"{_text.Substring(_at, CodePoints.UnitsAt(_text, _at))}\" of jsonpath input");

    PathNode ReadOr()
    {
        if (++_depth > MaxDepth)
            throw FunctionErrors.LimitExceeded("jsonpath is nested too deeply");
        var left = ReadAnd();
        while (Accept("||"))
            left = new OrNode(left, ReadAnd());
        _depth--;
        return left;
    }

    PathNode ReadAnd()
    {
        var left = ReadComparison();
        while (Accept("&&"))
            left = new AndNode(left, ReadComparison());
        return left;
    }

    PathNode ReadComparison()
    {
        if (Accept("!"))
        {
            Expect("(");
            var operand = ReadOr();
            Expect(")");
            return new NotNode(operand);
        }

        var left = ReadSum();
        foreach (var (symbol, kind) in ((string, PathComparison)[])
            [("==", PathComparison.Equal), ("=", PathComparison.Equal), ("!=", PathComparison.NotEqual), ("<>", PathComparison.NotEqual), ("<=", PathComparison.LessOrEqual),
             ("<", PathComparison.Less), (">=", PathComparison.GreaterOrEqual), (">", PathComparison.Greater)])
        {
            if (Accept(symbol))
                return new ComparisonNode(kind, left, ReadSum());
        }

        if (AcceptWord("starts"))
        {
            ExpectWord("with");
            SkipSpace();
            return new StartsWithNode(left, Peek() == '$' ? ReadVariable() : new LiteralNode(JsonbValue.FromString(ReadString())));
        }

        return AcceptWord("like_regex") ? ReadRegex(left) : left;
    }

    PathNode ReadRegex(PathNode operand)
    {
        SkipSpace();
        var pattern = ReadString();
        var flags = RegexFlags.None;
        // XQuery's . does not match a newline unless s is given; q is literal, x expanded, m line anchors.
        var dotAll = false;
        if (AcceptWord("flag"))
        {
            SkipSpace();
            foreach (var c in ReadString())
            {
                switch (c)
                {
                    case 'i': flags |= RegexFlags.IgnoreCase; break;
                    case 's': dotAll = true; break;
                    case 'm': flags |= RegexFlags.AnchorsMatchLines; break;
                    case 'q': flags |= RegexFlags.Literal; break;
                    case 'x': throw FunctionErrors.NotSupported("XQuery \"x\" flag (expanded regular expressions) is not implemented");
                    default: throw new SqlException(SqlState.SyntaxError, $"unrecognized flag character \"{c}\" in LIKE_REGEX predicate");
                }
            }
        }

        if (!dotAll)
            flags |= RegexFlags.DotExcludesNewline;
        return new LikeRegexNode(operand, PgRegex.Get(pattern, flags));
    }

    PathNode ReadSum()
    {
        var left = ReadProduct();
        while (true)
        {
            SkipSpace();
            if (Peek() is not ('+' or '-'))
                return left;
            var symbol = _text[_at++];
            left = new ArithmeticNode(symbol, left, ReadProduct());
        }
    }

    PathNode ReadProduct()
    {
        var left = ReadSigned();
        while (true)
        {
            SkipSpace();
            if (Peek() is not ('*' or '/' or '%'))
                return left;
            var symbol = _text[_at++];
            left = new ArithmeticNode(symbol, left, ReadSigned());
        }
    }

    PathNode ReadSigned()
    {
        SkipSpace();
        if (Peek() is not ('+' or '-'))
            return ReadPath();
        if (++_depth > MaxDepth)
            throw FunctionErrors.LimitExceeded("jsonpath is nested too deeply");
        var negative = _text[_at++] == '-';
        var operand = ReadSigned();
        _depth--;
        return new SignNode(negative, operand);
    }

    PathNode ReadPath()
    {
        var node = ReadPrimary();
        while (true)
        {
            SkipSpace();
            switch (Peek())
            {
                case '.':
                    _at++;
                    node = new StepNode(node, ReadMember());
                    break;
                case '[':
                    _at++;
                    node = new StepNode(node, ReadSubscript());
                    break;
                case '?':
                    _at++;
                    Expect("(");
                    node = new StepNode(node, new FilterStep(ReadOr()));
                    Expect(")");
                    break;
                default:
                    return node;
            }
        }
    }

    PathNode ReadPrimary()
    {
        SkipSpace();
        switch (Peek())
        {
            case '(':
                _at++;
                var inner = ReadOr();
                Expect(")");
                if (AcceptWord("is"))
                {
                    ExpectWord("unknown");
                    return new IsUnknownNode(inner);
                }

                return inner;
            case '$':
                return ReadVariable();
            case '@':
                _at++;
                return new CurrentNode();
            case '"':
                return new LiteralNode(JsonbValue.FromString(ReadString()));
        }

        if (char.IsAsciiDigit(Peek()) || (Peek() == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
            return new LiteralNode(JsonbValue.FromNumber(ReadNumber()));
        if (AcceptWord("exists"))
        {
            Expect("(");
            var operand = ReadOr();
            Expect(")");
            return new ExistsNode(operand);
        }

        if (AcceptWord("true"))
            return new LiteralNode(JsonbValue.True);
        if (AcceptWord("false"))
            return new LiteralNode(JsonbValue.False);
        if (AcceptWord("null"))
            return new LiteralNode(JsonbValue.Null);
        return AcceptWord("last") ? new LastNode() : throw Error();
    }

    PathNode ReadVariable()
    {
        _at++;
        if (Peek() == '"')
            return new VariableNode(ReadString());
        var name = ReadName();
        return name.Length == 0 ? new RootNode() : new VariableNode(name);
    }

    PathStep ReadMember()
    {
        SkipSpace();
        if (Accept("**"))
            return ReadLevels();
        if (Accept("*"))
            return new AnyKeyStep();
        if (Peek() == '"')
            return new KeyStep(ReadString());
        var name = ReadName();
        if (name.Length == 0)
            throw Error();
        var save = _at;
        if (!Accept("("))
        {
            _at = save;
            return new KeyStep(name);
        }

        Expect(")");
        return name is "type" or "size" or "double" or "ceiling" or "floor" or "abs" or "keyvalue"
            ? new MethodStep(name)
            : name == "datetime" ? throw FunctionErrors.NotSupported("jsonpath method .datetime() is not supported") : throw Error();
    }

    RecursiveStep ReadLevels()
    {
        if (!Accept("{"))
            return new RecursiveStep(0, -1);
        var first = ReadLevel();
        var last = AcceptWord("to") ? ReadLevel() : first;
        Expect("}");
        return new RecursiveStep(first, last);
    }

    int ReadLevel()
    {
        SkipSpace();
        return AcceptWord("last") ? -1 : (int)ReadNumber().ToInt64("integer", 0, int.MaxValue);
    }

    PathStep ReadSubscript()
    {
        if (Accept("*"))
        {
            Expect("]");
            return new AnyElementStep();
        }

        var ranges = ImmutableArray.CreateBuilder<(PathNode, PathNode?)>();
        do
        {
            var from = ReadSum();
            ranges.Add((from, AcceptWord("to") ? ReadSum() : null));
        }
        while (Accept(","));
        Expect("]");
        return new SubscriptStep(ranges.ToImmutable());
    }

    SqlNumeric ReadNumber()
    {
        SkipSpace();
        var start = _at;
        while (char.IsAsciiDigit(Peek()) || Peek() == '.' || (Peek() is 'e' or 'E' && _at > start) || (Peek() is '+' or '-' && _at > start && _text[_at - 1] is 'e' or 'E'))
        {
            // "1 to", "1.type()": a point that no digit follows belongs to an accessor.
            if (Peek() == '.' && !(_at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
                break;
            _at++;
        }

        return SqlNumeric.TryParse(_text.AsSpan(start, _at - start), out var value) ? value : throw Error();
    }

    string ReadName()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or > '\u007F') && !(_at == start && char.IsAsciiDigit(_text[_at])))
            _at++;
        return _text[start.._at];
    }

    string ReadString()
    {
        if (Peek() != '"')
            throw Error();
        var result = new StringBuilder();
        for (_at++; Peek() != '"'; _at++)
        {
            if (_at >= _text.Length)
                throw Error();
            if (_text[_at] != '\\')
            {
                result.Append(_text[_at]);
                continue;
            }

            if (++_at >= _text.Length)
                throw Error();
            result.Append(_text[_at] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\v',
                'u' => ReadUnicode(),
                var c => c,
            });
        }

        _at++;
        return result.ToString();
    }

    char ReadUnicode()
    {
        if (_at + 4 >= _text.Length || !ushort.TryParse(_text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) || unit == 0)
            throw Error();
        _at += 4;
        return (char)unit;
    }

    char Peek() => _at < _text.Length ? _text[_at] : '\0';

    bool Accept(string symbol)
    {
        SkipSpace();
        if (!_text.AsSpan(_at).StartsWith(symbol))
            return false;
        _at += symbol.Length;
        return true;
    }

    void Expect(string symbol)
    {
        if (!Accept(symbol))
            throw Error();
    }

    bool AcceptWord(string word)
    {
        SkipSpace();
        if (!_text.AsSpan(_at).StartsWith(word, StringComparison.OrdinalIgnoreCase) || (_at + word.Length < _text.Length && (char.IsLetterOrDigit(_text[_at + word.Length]) || _text[_at + word.Length] == '_')))
            return false;
        _at += word.Length;
        return true;
    }

    void ExpectWord(string word)
    {
        if (!AcceptWord(word))
            throw Error();
    }

    void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }
}
