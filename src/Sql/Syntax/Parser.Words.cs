namespace Chitin.Sql.Syntax;

/// <summary>Expressions that begin with a keyword.</summary>
public sealed partial class Parser
{
    private SyntaxExpression WordExpression()
    {
        var token = Current;
        var position = token.Start;
        switch (token.Value)
        {
            case "null":
                _next++;
                return new LiteralExpression(LiteralKind.Null, "null") { Position = position };
            case "true" or "false":
                _next++;
                return new LiteralExpression(LiteralKind.Boolean, token.Value) { Position = position };
            case "default":
                _next++;
                return new DefaultExpression { Position = position };
            case "case":
                return Case();
            case "cast" when Peek().Is('('):
                return Cast();
            case "exists" when Peek().Is('('):
                _next += 2;
                var exists = new ExistsExpression(Query()) { Position = position };
                Expect(')');
                return exists;
            case "array" when Peek().Is('['):
                _next++;
                return ArrayLiteral();
            case "array" when Peek().Is('('):
                _next += 2;
                var array = new ArraySubqueryExpression(Query()) { Position = position };
                Expect(')');
                return array;
            case "row" when Peek().Is('('):
                _next += 2;
                var elements = Current.Is(')') ? [] : Expressions();
                Expect(')');
                var row = new RowExpression(elements, true) { Position = position };
                return IsWord("overlaps") ? Overlaps(row) : row;
            case "coalesce" when Peek().Is('('):
                return new CoalesceExpression(CallArguments()) { Position = position };
            // CockroachDB's name for coalesce of two.
            case "ifnull" when Peek().Is('('):
                var choices = CallArguments();
                return choices.Length == 2 ? new CoalesceExpression(choices) { Position = position } : throw Unexpected();
            case "greatest" or "least" when Peek().Is('('):
                return new GreatestLeastExpression(token.Value == "greatest", CallArguments()) { Position = position };
            case "nullif" when Peek().Is('('):
                var pair = CallArguments();
                return pair.Length == 2 ? new NullIfExpression(pair[0], pair[1]) { Position = position } : throw Unexpected();
            case "extract" when Peek().Is('('):
                return Extract();
            case "substring" when Peek().Is('('):
                return Substring();
            case "position" when Peek().Is('('):
                return PositionOf();
            case "trim" when Peek().Is('('):
                return Trim();
            case "overlay" when Peek().Is('('):
                return Overlay();
            case "normalize" when Peek().Is('('):
                return Normalize();
            case "grouping" when Peek().Is('('):
                return new FunctionCall(["grouping"], [.. CallArguments().Select(a => new FunctionArgument(a))]) { Position = position };
            case "current_date" or "current_user" or "current_role" or "session_user" or "user" or "current_catalog":
                _next++;
                EmptyParentheses();
                return Keyword(token.Value) with { Position = position };
            case "current_schema" when !Peek().Is('('):
                _next++;
                return Keyword(token.Value) with { Position = position };
            case "current_time" or "current_timestamp" or "localtime" or "localtimestamp":
                _next++;
                EmptyParentheses();
                return Keyword(token.Value, [.. Modifiers()]) with { Position = position };
            case "interval" when Peek().Kind == TokenKind.String || Peek().Is('('):
                return IntervalLiteral();
            case "collation" when Peek().IsWord("for"):
                _next += 2;
                Expect('(');
                var operand = Expression();
                Expect(')');
                return Call("pg_collation_for", operand) with { Position = position };
        }

        if (TypedLiteral() is { } literal)
            return literal;
        if (Keywords.IsReserved(token.Value))
            throw Unexpected();
        return NameExpression();
    }

    /// <summary>CockroachDB calls the keyword functions with parentheses too.</summary>
    private void EmptyParentheses()
    {
        if (Current.Is('(') && Peek().Is(')'))
            _next += 2;
    }

    private static FunctionCall Keyword(string name, params SyntaxExpression[] arguments) => Call(name, arguments) with { IsKeyword = true };

    private ImmutableArray<SyntaxExpression> CallArguments()
    {
        _next += 2;
        var arguments = Expressions();
        Expect(')');
        return arguments;
    }

    private CaseExpression Case()
    {
        var position = Take().Start;
        var operand = IsWord("when") ? null : Expression();
        var whens = ImmutableArray.CreateBuilder<CaseWhen>();
        while (Accept("when"))
        {
            var condition = Expression();
            Expect("then");
            whens.Add(new CaseWhen(condition, Expression()));
        }

        if (whens.Count == 0)
            throw Unexpected();
        var otherwise = Accept("else") ? Expression() : null;
        Expect("end");
        return new CaseExpression(operand, whens.ToImmutable(), otherwise) { Position = position };
    }

    private CastExpression Cast()
    {
        var position = Current.Start;
        _next += 2;
        var operand = Expression();
        Expect("as");
        var type = Type();
        Expect(')');
        return new CastExpression(operand, type) { Position = position };
    }

    private ArrayExpression ArrayLiteral()
    {
        var position = Current.Start;
        Expect('[');
        if (Accept(']'))
            return new ArrayExpression([]) { Position = position };
        var elements = List<SyntaxExpression>(() => Current.Is('[') ? ArrayLiteral() : Expression());
        Expect(']');
        return new ArrayExpression(elements) { Position = position };
    }

    private FunctionCall Extract()
    {
        var position = Current.Start;
        _next += 2;
        var field = Current.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier or TokenKind.String ? Take() : throw Unexpected();
        if (Accept(','))
        {
            var second = Expression();
            Expect(')');
            return Call("date_part", new LiteralExpression(LiteralKind.String, field.Value) { Position = field.Start }, second) with { Position = position };
        }

        Expect("from");
        var source = Expression();
        Expect(')');
        return Call("extract", new LiteralExpression(LiteralKind.String, field.Value) { Position = field.Start }, source) with { Position = position };
    }

    private FunctionCall Substring()
    {
        var position = Current.Start;
        _next += 2;
        var first = Expression();
        var call = Call("substring", first) with { Position = position };
        if (Accept("similar"))
        {
            var pattern = Expression();
            Expect("escape");
            call = Call("substring", first, pattern, Expression());
        }
        else if (Accept("from"))
        {
            var from = Expression();
            call = Accept("for") ? Call("substring", first, from, Expression()) : Call("substring", first, from);
        }
        else if (Accept("for"))
        {
            var length = Expression();
            var one = new LiteralExpression(LiteralKind.Integer, "1");
            call = Accept("from") ? Call("substring", first, Expression(), length) : Call("substring", first, one, length);
        }
        else
        {
            var arguments = new List<SyntaxExpression> { first };
            while (Accept(','))
                arguments.Add(Expression());
            call = Call("substring", [.. arguments]);
        }

        Expect(')');
        return CallSuffix(call with { Position = position });
    }

    private FunctionCall PositionOf()
    {
        var position = Current.Start;
        _next += 2;
        var needle = OtherOperator();
        if (Accept(','))
        {
            var second = Expression();
            Expect(')');
            return Call("position", needle, second) with { Position = position };
        }

        Expect("in");
        var haystack = OtherOperator();
        Expect(')');
        // position(string, substring) is pg_catalog's order: the keyword form is turned round.
        return Call("position", haystack, needle) with { Position = position };
    }

    private FunctionCall Trim()
    {
        var position = Current.Start;
        _next += 2;
        var name = Accept("leading") ? "ltrim" : Accept("trailing") ? "rtrim" : "btrim";
        if (name == "btrim")
            Accept("both");
        if (Accept("from"))
        {
            var arguments = Expressions();
            Expect(')');
            return Call(name, [.. arguments]) with { Position = position };
        }

        var first = Expression();
        FunctionCall call;
        if (Accept("from"))
        {
            var source = Expression();
            call = Call(name, source, first);
        }
        else
            call = Accept(',') ? Call(name, first, Expression()) : Call(name, first);
        Expect(')');
        return call with { Position = position };
    }

    private FunctionCall Overlay()
    {
        var position = Current.Start;
        _next += 2;
        var source = Expression();
        var arguments = new List<SyntaxExpression> { source };
        if (Accept("placing"))
        {
            arguments.Add(Expression());
            Expect("from");
            arguments.Add(Expression());
            if (Accept("for"))
                arguments.Add(Expression());
        }
        else
        {
            while (Accept(','))
                arguments.Add(Expression());
        }

        Expect(')');
        return Call("overlay", [.. arguments]) with { Position = position };
    }

    private FunctionCall Normalize()
    {
        var position = Current.Start;
        _next += 2;
        var source = Expression();
        var form = Accept(',') ? Take().Value.ToUpperInvariant() : "NFC";
        Expect(')');
        return Call("normalize", source, new LiteralExpression(LiteralKind.String, form)) with { Position = position };
    }

    private CastExpression IntervalLiteral()
    {
        var position = Take().Start;
        var type = Named("interval");
        if (Current.Is('('))
            type = type with { Modifiers = Modifiers() };
        var text = new LiteralExpression(LiteralKind.String, Current.Value) { Position = Current.Start };
        StringLiteral();
        if (IntervalFieldsOption(out var precision) is { } fields)
            type = type with { IntervalFields = fields, Modifiers = precision };
        return new CastExpression(text, type with { Position = position }) { Position = position };
    }

    /// <summary>date '…', timestamp with time zone '…', double precision '…', int4 '…': a type name right before a string.</summary>
    private CastExpression? TypedLiteral()
    {
        var start = _next;
        var value = Current.Value;
        var isTypeWord = value is "double" or "int" or "integer" or "smallint" or "bigint" or "real" or "boolean" or "float" or "decimal" or "dec" or "numeric" or "character" or "char"
            or "nchar" or "national" or "varchar" or "bit" or "timestamp" or "time";
        if (value is "timestamptz" or "timetz" && Peek().Is('('))
            return TypedLiteral(start);
        if (!isTypeWord || (!Keywords.IsColumnName(value) && value != "double"))
            return null;
        if (value == "double" && !Peek().IsWord("precision"))
            return null;
        return TypedLiteral(start);
    }

    private CastExpression? TypedLiteral(int start)
    {
        TypeName type;
        try
        {
            type = SimpleType();
        }
        catch (Core.SqlException)
        {
            _next = start;
            return null;
        }

        if (Current.Kind != TokenKind.String)
        {
            _next = start;
            return null;
        }

        var position = _tokens[start].Start;
        var literal = new LiteralExpression(LiteralKind.String, Current.Value) { Position = Current.Start };
        _next++;
        return new CastExpression(literal, type with { Position = position }) { Position = position };
    }
}
