using System.Globalization;
using System.Runtime.CompilerServices;
using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>
/// Recursive descent over PostgreSQL 15's grammar with CockroachDB's statements. Errors are 42601 with the position of the offending token. Nesting is bounded (54001).
/// </summary>
public sealed partial class Parser
{
    private const int MaxDepth = 600;

    /// <summary>Longest way from the root of an expression or query to a leaf, in nodes: a + b + c … and a::int::int … grow to the left without recursion here, but with recursion in all that reads them.</summary>
    private const int MaxHeight = 2500;

    private readonly string _text;
    private readonly List<Token> _tokens;
    private int _next;

    /// <summary>AS OF SYSTEM TIME behind a FROM of the query that is being read.</summary>
    private SyntaxExpression? _asOf;
    private int _depth;

    /// <summary>No less than the height of what has been read since the innermost <see cref="Framed{T}"/> began.</summary>
    private int _height;

    /// <summary>Characters copied for the texts of nested statements.</summary>
    private long _keptText;

    private Parser(string text)
    {
        _text = text;
        _tokens = Lexer.Tokenize(text);
    }

    private Token Current => _tokens[_next];

    /// <summary>All statements of a text; empty ones are left out.</summary>
    public static ImmutableArray<Statement> ParseStatements(string text)
    {
        var parser = new Parser(text);
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (true)
        {
            while (parser.Accept(';'))
            {
            }

            if (parser.Current.Kind == TokenKind.End)
                return statements.ToImmutable();
            var start = parser.Current.Start;
            var statement = parser.ParseStatement();
            var last = parser._tokens[parser._next - 1];
            statements.Add(statement with { Text = text[start..(last.Start + last.Length)], Position = start });
            if (parser.Current.Kind != TokenKind.End && !parser.Current.Is(';'))
                throw parser.Unexpected();
        }
    }

    public static SyntaxExpression ParseExpression(string text)
    {
        var parser = new Parser(text);
        var expression = parser.Expression();
        parser.ExpectEnd();
        return expression;
    }

    public static QueryExpression ParseQuery(string text)
    {
        var parser = new Parser(text);
        var query = parser.Query();
        parser.ExpectEnd();
        return query;
    }

    public static TypeName ParseTypeName(string text)
    {
        var parser = new Parser(text);
        var type = parser.Type();
        parser.ExpectEnd();
        return type;
    }

    /// <summary>A possibly qualified, possibly quoted name, as regclass input writes it.</summary>
    public static ObjectName ParseName(string text)
    {
        var parser = new Parser(text);
        var name = parser.Name();
        parser.ExpectEnd();
        return name;
    }

    private Token Peek(int offset = 1) => _tokens[Math.Min(_next + offset, _tokens.Count - 1)];

    private Token Take() => _tokens[_next++];

    private bool IsWord(string word) => Current.IsWord(word);

    private bool IsWords(string first, string second) => Current.IsWord(first) && Peek().IsWord(second);

    private bool Accept(string word)
    {
        if (!Current.IsWord(word))
            return false;
        _next++;
        return true;
    }

    private bool Accept(string first, string second)
    {
        if (!IsWords(first, second))
            return false;
        _next += 2;
        return true;
    }

    private bool Accept(string first, string second, string third)
    {
        if (!IsWords(first, second) || !Peek(2).IsWord(third))
            return false;
        _next += 3;
        return true;
    }

    private bool Accept(char punctuation)
    {
        if (!Current.Is(punctuation))
            return false;
        _next++;
        return true;
    }

    private bool AcceptOperator(string symbol)
    {
        if (!Current.IsOperator(symbol))
            return false;
        _next++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Accept(word))
            throw Unexpected();
    }

    private void Expect(string first, string second)
    {
        Expect(first);
        Expect(second);
    }

    private void Expect(char punctuation)
    {
        if (!Accept(punctuation))
            throw Unexpected();
    }

    private void ExpectEnd()
    {
        Accept(';');
        if (Current.Kind != TokenKind.End)
            throw Unexpected();
    }

    private SqlException Unexpected() => Unexpected(Current);

    private SqlException Unexpected(Token token) => token.Kind == TokenKind.End
        ? new SqlException(SqlState.SyntaxError, "syntax error at end of input") { Position = token.Start + 1 }
        : new SqlException(SqlState.SyntaxError, $"syntax error at or near \"{_text.Substring(token.Start, token.Length)}\"") { Position = token.Start + 1 };

    private static SqlException Error(string message, int position) => new(SqlState.SyntaxError, message) { Position = position + 1 };

    private void Enter()
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw TooDeep();
    }

    private void Leave() => _depth--;

    /// <summary>One more node stands above what the current frame has read.</summary>
    private void Link()
    {
        if (++_height > MaxHeight)
            throw TooDeep();
    }

    /// <summary>Reads something whose height counts beside that of its siblings, not on top of it.</summary>
    private T Framed<T>(Func<Parser, T> read)
    {
        var siblings = _height;
        _height = 0;
        var result = read(this);
        Link();
        _height = Math.Max(siblings, _height);
        return result;
    }

    private static SqlException TooDeep() => new(SqlState.StatementTooComplex, "stack depth limit exceeded")
    {
        Hint = "The statement is nested too deeply.",
    };

    // ---- Names

    private bool IsName(Token token) => token.Kind == TokenKind.QuotedIdentifier || (token.Kind == TokenKind.Identifier && Keywords.CanBeColumnId(token.Value));

    /// <summary>ColId: a column, table or object name.</summary>
    private string Identifier() => IsName(Current) ? Take().Value : throw Unexpected();

    /// <summary>ColLabel: any word.</summary>
    private string Label() => Current.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier ? Take().Value : throw Unexpected();

    private ObjectName Name()
    {
        var position = Current.Start;
        var parts = ImmutableArray.CreateBuilder<string>(2);
        parts.Add(Identifier());
        while (Current.Is('.') && Peek().Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier)
        {
            _next++;
            parts.Add(Label());
        }

        if (parts.Count > 3)
            throw Error($"improper qualified name (too many dotted names): {string.Join('.', parts)}", position);
        return new ObjectName(parts.ToImmutable()) { Position = position };
    }

    /// <summary>An index by its name, or as CockroachDB writes it, table@index, which arrives as the index's name behind its table's.</summary>
    private ObjectName IndexName()
    {
        var name = Name();
        return AcceptOperator("@") ? new ObjectName([.. name.Parts, Label()]) { Position = name.Position, HasTable = true } : name;
    }

    private ImmutableArray<ObjectName> NameList() => List(Name);

    private ImmutableArray<string> ParenthesizedNames()
    {
        Expect('(');
        var names = List(Identifier);
        Expect(')');
        return names;
    }

    private ImmutableArray<string> OptionalParenthesizedNames() => Current.Is('(') ? ParenthesizedNames() : [];

    private ImmutableArray<T> List<T>(Func<T> item)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        do
            items.Add(item());
        while (Accept(','));
        return items.ToImmutable();
    }

    private ImmutableArray<SyntaxExpression> Expressions() => List(Expression);

    private string StringLiteral() => Current.Kind == TokenKind.String ? Take().Value : throw Unexpected();

    private long SignedInteger()
    {
        var negative = AcceptOperator("-");
        if (!negative)
            AcceptOperator("+");
        if (Current.Kind != TokenKind.Integer || !long.TryParse((negative ? "-" : "") + Current.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            throw Unexpected();
        _next++;
        return value;
    }

    private RoleName Role()
    {
        var position = Current.Start;
        if (Current.Kind == TokenKind.Identifier && Current.Value is "current_user" or "session_user" or "current_role" or "public")
        {
            var word = Take().Value;
            return new RoleName(word, word.ToUpperInvariant()) { Position = position };
        }

        if (Current.Kind == TokenKind.String)
            return new RoleName(Take().Value) { Position = position };
        return new RoleName(Current.Kind == TokenKind.Identifier && Keywords.IsReserved(Current.Value) ? throw Unexpected() : Label()) { Position = position };
    }

    private ImmutableArray<RoleName> Roles() => List(Role);

    private bool IfExists() => Accept("if", "exists");

    private bool IfNotExists() => Accept("if", "not", "exists");

    private bool Cascade()
    {
        if (Accept("cascade"))
            return true;
        Accept("restrict");
        return false;
    }
}
