using System.Globalization;
using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>Expressions, by PostgreSQL's precedence (4.1.6): OR, AND, NOT, IS, comparison, range and pattern tests, other operators, + -, * / %, ^, AT, COLLATE, unary, [], ::, .</summary>
public sealed partial class Parser
{
    private SyntaxExpression Expression()
    {
        Enter();
        var expression = Framed(static p => p.Or());
        Leave();
        return expression;
    }

    private SyntaxExpression Or()
    {
        var first = And();
        if (!IsWord("or"))
            return first;
        var operands = ImmutableArray.CreateBuilder<SyntaxExpression>();
        operands.Add(first);
        while (Accept("or"))
            operands.Add(And());
        return new OrExpression(operands.ToImmutable()) { Position = first.Position };
    }

    private SyntaxExpression And()
    {
        var first = Framed(static p => p.Not());
        if (!IsWord("and"))
            return first;
        var operands = ImmutableArray.CreateBuilder<SyntaxExpression>();
        operands.Add(first);
        while (Accept("and"))
            operands.Add(Framed(static p => p.Not()));
        return new AndExpression(operands.ToImmutable()) { Position = first.Position };
    }

    private SyntaxExpression Not()
    {
        if (!IsWord("not"))
            return Is();
        var position = Take().Start;
        Enter();
        var operand = Not();
        Link();
        Leave();
        return new NotExpression(operand) { Position = position };
    }

    private SyntaxExpression Is()
    {
        var operand = Comparison();
        while (true)
        {
            var position = Current.Start;
            if (Accept("isnull"))
                operand = new IsNullExpression(operand, false) { Position = position };
            else if (Accept("notnull"))
                operand = new IsNullExpression(operand, true) { Position = position };
            else if (Accept("is"))
                operand = IsTail(operand) with { Position = position };
            else
                return operand;
            Link();
        }
    }

    private SyntaxExpression IsTail(SyntaxExpression operand)
    {
        var negated = Accept("not");
        if (Accept("null"))
            return new IsNullExpression(operand, negated);
        if (Accept("true"))
            return new IsTruthExpression(operand, TruthTest.True, negated);
        if (Accept("false"))
            return new IsTruthExpression(operand, TruthTest.False, negated);
        if (Accept("unknown"))
            return new IsTruthExpression(operand, TruthTest.Unknown, negated);
        if (Accept("nan"))
        {
            SyntaxExpression isNaN = new BinaryExpression("=", operand, new LiteralExpression(LiteralKind.String, "NaN"));
            return negated ? new NotExpression(isNaN) : isNaN;
        }

        if (Accept("distinct", "from"))
            return new IsDistinctFromExpression(operand, Comparison(), negated);
        if (IsWord("normalized") || (Peek().IsWord("normalized") && Current.Value is "nfc" or "nfd" or "nfkc" or "nfkd"))
        {
            var form = IsWord("normalized") ? "NFC" : Take().Value.ToUpperInvariant();
            _next++;
            SyntaxExpression call = Call("is_normalized", operand, new LiteralExpression(LiteralKind.String, form));
            return negated ? new NotExpression(call) : call;
        }

        throw Unexpected();
    }

    /// <summary>&lt; > = &lt;= >= &lt;>: non-associative.</summary>
    private SyntaxExpression Comparison()
    {
        var left = Range();
        while (Current.Kind == TokenKind.Operator && Current.Value is "<" or ">" or "=" or "<=" or ">=" or "<>")
        {
            var token = Take();
            Link();
            left = Quantified(left, token.Value, token.Start) ?? new BinaryExpression(token.Value, left, Range()) { Position = token.Start };
            if (Current.Kind == TokenKind.Operator && Current.Value is "<" or ">" or "=" or "<=" or ">=" or "<>")
                throw Unexpected();
        }

        return left;
    }

    /// <summary>op ANY|ALL|SOME (…); null when what follows is none.</summary>
    private SyntaxExpression? Quantified(SyntaxExpression left, string symbol, int position)
    {
        if (!(Current.Kind == TokenKind.Identifier && Current.Value is "any" or "all" or "some") || !(Peek().Is('(') || (Peek().IsWord("array") && Peek(2).Is('['))))
            return null;
        var all = Take().Value == "all";
        if (IsWord("array"))
            return new QuantifiedExpression(left, symbol, all, Postfix(), null) { Position = position };
        _next++;
        if (IsQueryStart())
        {
            var query = Query();
            Expect(')');
            return new QuantifiedExpression(left, symbol, all, null, query) { Position = position };
        }

        var array = Expression();
        Expect(')');
        return new QuantifiedExpression(left, symbol, all, array, null) { Position = position };
    }

    /// <summary>BETWEEN, IN, LIKE, ILIKE, SIMILAR TO and their negations.</summary>
    private SyntaxExpression Range()
    {
        var operand = OtherOperator();
        while (true)
        {
            var position = Current.Start;
            var negated = IsWord("not") && Peek().Kind == TokenKind.Identifier && Peek().Value is "between" or "in" or "like" or "ilike" or "similar";
            if (negated)
                _next++;
            if (Accept("between"))
            {
                var symmetric = Accept("symmetric");
                if (!symmetric)
                    Accept("asymmetric");
                var low = OtherOperator();
                Expect("and");
                operand = new BetweenExpression(operand, low, OtherOperator(), negated, symmetric) { Position = position };
            }
            else if (Accept("in"))
                operand = InTail(operand, negated) with { Position = position };
            else if (Accept("like"))
                operand = PatternTail(PatternKind.Like, operand, negated, position);
            else if (Accept("ilike"))
                operand = PatternTail(PatternKind.ILike, operand, negated, position);
            else if (Accept("similar", "to"))
                operand = PatternTail(PatternKind.SimilarTo, operand, negated, position);
            else
                return operand;
            Link();
        }
    }

    private SyntaxExpression InTail(SyntaxExpression operand, bool negated)
    {
        Expect('(');
        if (IsQueryStart())
        {
            var query = Query();
            Expect(')');
            return new InSubqueryExpression(operand, query, negated);
        }

        var items = Expressions();
        Expect(')');
        return new InListExpression(operand, items, negated);
    }

    private SyntaxExpression PatternTail(PatternKind kind, SyntaxExpression operand, bool negated, int position)
    {
        if (kind != PatternKind.SimilarTo && Quantified(operand, (kind, negated) switch
        {
            (PatternKind.Like, false) => "~~",
            (PatternKind.Like, true) => "!~~",
            (_, false) => "~~*",
            _ => "!~~*",
        }, position) is { } quantified)
            return quantified;
        var pattern = OtherOperator();
        var escape = Accept("escape") ? OtherOperator() : null;
        return new PatternExpression(kind, operand, pattern, escape, negated) { Position = position };
    }

    private SyntaxExpression OtherOperator()
    {
        var left = Additive();
        while (true)
        {
            var position = Current.Start;
            if (IsWords("operator", "") || (IsWord("operator") && Peek().Is('(')))
            {
                var (schema, symbol) = QualifiedOperator();
                Link();
                left = Quantified(left, symbol, position) ?? new BinaryExpression(symbol, left, Additive(), schema) { Position = position };
                continue;
            }

            if (Current.Kind != TokenKind.Operator || Current.Value is "<" or ">" or "=" or "<=" or ">=" or "<>" or "+" or "-" or "*" or "/" or "%" or "^")
                return left;
            var op = Take().Value;
            Link();
            left = Quantified(left, op, position) ?? new BinaryExpression(op, left, Additive()) { Position = position };
        }
    }

    private (string? Schema, string Symbol) QualifiedOperator()
    {
        _next += 2;
        string? schema = null;
        while (Current.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier)
        {
            schema = Take().Value;
            Expect('.');
        }

        if (Current.Kind != TokenKind.Operator)
            throw Unexpected();
        var symbol = Take().Value;
        Expect(')');
        return (schema, symbol);
    }

    private SyntaxExpression Additive()
    {
        var left = Multiplicative();
        while (Current.Kind == TokenKind.Operator && Current.Value is "+" or "-")
        {
            var token = Take();
            Link();
            left = Quantified(left, token.Value, token.Start) ?? new BinaryExpression(token.Value, left, Multiplicative()) { Position = token.Start };
        }

        return left;
    }

    private SyntaxExpression Multiplicative()
    {
        var left = Power();
        while (Current.Kind == TokenKind.Operator && Current.Value is "*" or "/" or "%")
        {
            var token = Take();
            Link();
            left = Quantified(left, token.Value, token.Start) ?? new BinaryExpression(token.Value, left, Power()) { Position = token.Start };
        }

        return left;
    }

    private SyntaxExpression Power()
    {
        var left = AtTimeZone();
        while (Current.IsOperator("^"))
        {
            var token = Take();
            Link();
            left = new BinaryExpression("^", left, AtTimeZone()) { Position = token.Start };
        }

        return left;
    }

    private SyntaxExpression AtTimeZone()
    {
        var operand = Collate();
        while (IsWords("at", "time") && Peek(2).IsWord("zone"))
        {
            var position = Current.Start;
            _next += 3;
            Link();
            operand = Call("timezone", Collate(), operand) with { Position = position };
        }

        return operand;
    }

    private SyntaxExpression Collate()
    {
        var operand = Unary();
        while (IsWord("collate"))
        {
            var position = Take().Start;
            Link();
            operand = new CollateExpression(operand, Name().Parts) { Position = position };
        }

        return operand;
    }

    private SyntaxExpression Unary()
    {
        if (Current.Kind == TokenKind.Operator && Current.Value is not ("<" or ">" or "=" or "<=" or ">=" or "<>" or "*" or "/" or "%" or "^"))
        {
            var token = Take();
            Enter();
            // A sign binds tighter than other prefix operators, which take an additive expression.
            var operand = token.Value is "+" or "-" ? Unary() : Additive();
            Link();
            Leave();
            if (token.Value == "-" && operand is LiteralExpression { Kind: LiteralKind.Integer or LiteralKind.Decimal } literal && !literal.Text.StartsWith('-'))
                return literal with { Text = "-" + literal.Text, Position = token.Start };
            return new UnaryExpression(token.Value, operand) { Position = token.Start };
        }

        if (IsWord("operator") && Peek().Is('('))
        {
            var position = Current.Start;
            var (schema, symbol) = QualifiedOperator();
            Enter();
            var operand = Additive();
            Link();
            Leave();
            return new UnaryExpression(symbol, operand, schema) { Position = position };
        }

        return Postfix();
    }

    private SyntaxExpression Postfix()
    {
        var operand = Primary();
        while (true)
        {
            if (Current.Kind == TokenKind.Punctuation && Current.Value == "::")
            {
                // CockroachDB's type annotation, :::, has the effect of a cast on the constants that it is written behind.
                var position = Take().Start;
                if (Current.Is(':') && Current.Start == position + 2)
                    _next++;
                operand = new CastExpression(operand, Type()) { Position = position };
            }
            else if (Current.Is('['))
                operand = Subscripts(operand);
            else if (Current.Is('.') && operand is not (ColumnReference or LiteralExpression))
            {
                var position = Take().Start;
                operand = AcceptOperator("*") ? new FieldSelection(operand, null) { Position = position } : new FieldSelection(operand, Label()) { Position = position };
            }
            else
                return operand;
            Link();
        }
    }

    private SubscriptExpression Subscripts(SyntaxExpression operand)
    {
        var position = Current.Start;
        var subscripts = ImmutableArray.CreateBuilder<ArraySubscript>();
        while (Accept('['))
        {
            var lower = Current.Is(':') || Current.Is(']') ? null : Expression();
            if (Accept(':'))
            {
                var upper = Current.Is(']') ? null : Expression();
                subscripts.Add(new ArraySubscript(lower, upper, true));
            }
            else
                subscripts.Add(new ArraySubscript(null, lower ?? throw Unexpected(), false));
            Expect(']');
        }

        return new SubscriptExpression(operand, subscripts.ToImmutable()) { Position = position };
    }

    private SyntaxExpression Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                _next++;
                return new LiteralExpression(LiteralKind.Integer, token.Value) { Position = token.Start };
            case TokenKind.Decimal:
                _next++;
                return new LiteralExpression(LiteralKind.Decimal, token.Value) { Position = token.Start };
            case TokenKind.String:
                _next++;
                return new LiteralExpression(LiteralKind.String, token.Value) { Position = token.Start };
            case TokenKind.BitString:
                _next++;
                return new LiteralExpression(LiteralKind.BitString, token.Value) { Position = token.Start };
            case TokenKind.Parameter:
                _next++;
                return int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535
                    ? new ParameterExpression(number) { Position = token.Start }
                    : throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${token.Value}") { Position = token.Start + 1 };
            case TokenKind.Punctuation when token.Is('('):
                return Parenthesized();
            case TokenKind.QuotedIdentifier:
                return NameExpression();
            case TokenKind.Identifier:
                return WordExpression();
            default:
                throw Unexpected();
        }
    }

    private SyntaxExpression Parenthesized()
    {
        var position = Take().Start;
        if (IsQueryStart())
        {
            var query = Query();
            Expect(')');
            return new ScalarSubqueryExpression(query) { Position = position };
        }

        var first = Expression();
        if (!Current.Is(','))
        {
            Expect(')');
            // Parentheses turn a.b into an expression whose fields can be selected.
            if (Current.Is('.') && first is ColumnReference)
            {
                var dot = Take().Start;
                return AcceptOperator("*") ? new FieldSelection(first, null) { Position = dot } : new FieldSelection(first, Label()) { Position = dot };
            }

            return first;
        }

        var items = ImmutableArray.CreateBuilder<SyntaxExpression>();
        items.Add(first);
        while (Accept(','))
            items.Add(Expression());
        Expect(')');
        var row = new RowExpression(items.ToImmutable(), false) { Position = position };
        return IsWord("overlaps") ? Overlaps(row) : row;
    }

    private FunctionCall Overlaps(RowExpression left)
    {
        var position = Take().Start;
        if (Primary() is not RowExpression { Elements.Length: 2 } right || left.Elements.Length != 2)
            throw Error("wrong number of parameters on right side of OVERLAPS expression", position);
        return Call("overlaps", [.. left.Elements, .. right.Elements]) with { Position = position };
    }

    private static FunctionCall Call(string name, params SyntaxExpression[] arguments) =>
        new(["pg_catalog", name], [.. arguments.Select(a => new FunctionArgument(a))]);

    /// <summary>A column reference, a star, a function call, or a typed literal that starts with a name.</summary>
    private SyntaxExpression NameExpression()
    {
        var start = Current;
        var first = Take();
        var parts = ImmutableArray.CreateBuilder<string>(2);
        parts.Add(first.Value);
        while (Current.Is('.'))
        {
            if (Peek().IsOperator("*"))
            {
                _next += 2;
                return new StarExpression(parts.ToImmutable()) { Position = start.Start };
            }

            _next++;
            parts.Add(Label());
        }

        if (Current.Is('(') && (parts.Count > 1 || first.Kind == TokenKind.QuotedIdentifier || Keywords.CanBeFunctionName(first.Value)))
            return FunctionTail(parts.ToImmutable(), start.Start);
        if (Current.Kind == TokenKind.String && (parts.Count > 1 || first.Kind == TokenKind.QuotedIdentifier || Keywords.CanBeFunctionName(first.Value)))
        {
            var literal = new LiteralExpression(LiteralKind.String, Current.Value) { Position = Current.Start };
            _next++;
            return new CastExpression(literal, new TypeName(parts.ToImmutable(), []) { Position = start.Start }) { Position = start.Start };
        }

        if (parts.Count == 1 && first.Kind == TokenKind.Identifier && !Keywords.CanBeColumnId(first.Value))
        {
            _next = _tokens.IndexOf(start);
            throw Unexpected(start);
        }

        return new ColumnReference(parts.ToImmutable()) { Position = start.Start };
    }

    private FunctionCall FunctionTail(ImmutableArray<string> name, int position)
    {
        Expect('(');
        var call = new FunctionCall(name, []) { Position = position };
        if (AcceptOperator("*"))
            call = call with { Star = true };
        else if (!Current.Is(')'))
        {
            var distinct = Accept("distinct");
            if (!distinct)
                Accept("all");
            var arguments = ImmutableArray.CreateBuilder<FunctionArgument>();
            var variadic = false;
            do
            {
                variadic = Accept("variadic");
                arguments.Add(Argument());
            }
            while (Accept(','));
            call = call with { Arguments = arguments.ToImmutable(), Distinct = distinct, Variadic = variadic };
            if (Accept("order", "by"))
                call = call with { OrderBy = OrderItems() };
        }

        Expect(')');
        return CallSuffix(call);
    }

    private FunctionArgument Argument()
    {
        if (Current.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && Peek().Kind == TokenKind.Punctuation && Peek().Value is "=>" or ":=")
        {
            var name = Take().Value;
            _next++;
            return new FunctionArgument(Expression(), name);
        }

        return new FunctionArgument(Expression());
    }

    private FunctionCall CallSuffix(FunctionCall call)
    {
        if (Accept("within", "group"))
        {
            Expect('(');
            Expect("order", "by");
            call = call with { WithinGroup = OrderItems() };
            Expect(')');
        }

        if (IsWord("filter") && Peek().Is('('))
        {
            _next += 2;
            Expect("where");
            call = call with { Filter = Expression() };
            Expect(')');
        }

        if (IsWord("over") && (Peek().Is('(') || IsName(Peek())))
        {
            _next++;
            call = Current.Is('(') ? call with { Over = Window() } : call with { OverName = Identifier() };
        }

        return call;
    }

    private WindowSpecification Window()
    {
        var position = Current.Start;
        Expect('(');
        string? baseName = null;
        if (IsName(Current) && !(Current.Kind == TokenKind.Identifier && Current.Value is "partition" or "rows" or "range" or "groups"))
            baseName = Identifier();
        var partition = Accept("partition", "by") ? Expressions() : [];
        var order = Accept("order", "by") ? OrderItems() : [];
        var frame = Current.Kind == TokenKind.Identifier && Current.Value is "rows" or "range" or "groups" ? Frame() : null;
        Expect(')');
        return new WindowSpecification(baseName, partition, order, frame) { Position = position };
    }

    private WindowFrame Frame()
    {
        var unit = Take().Value switch { "rows" => FrameUnit.Rows, "range" => FrameUnit.Range, _ => FrameUnit.Groups };
        FrameBound start;
        var end = new FrameBound(FrameBoundKind.CurrentRow, null);
        if (Accept("between"))
        {
            start = Bound();
            Expect("and");
            end = Bound();
        }
        else
            start = Bound();

        var exclusion = FrameExclusion.NoOthers;
        if (Accept("exclude"))
        {
            if (Accept("current", "row"))
                exclusion = FrameExclusion.CurrentRow;
            else if (Accept("group"))
                exclusion = FrameExclusion.Group;
            else if (Accept("ties"))
                exclusion = FrameExclusion.Ties;
            else
                Expect("no", "others");
        }

        return new WindowFrame(unit, start, end, exclusion);
    }

    private FrameBound Bound()
    {
        if (Accept("unbounded", "preceding"))
            return new FrameBound(FrameBoundKind.UnboundedPreceding, null);
        if (Accept("unbounded", "following"))
            return new FrameBound(FrameBoundKind.UnboundedFollowing, null);
        if (Accept("current", "row"))
            return new FrameBound(FrameBoundKind.CurrentRow, null);
        var offset = Expression();
        if (Accept("preceding"))
            return new FrameBound(FrameBoundKind.Preceding, offset);
        Expect("following");
        return new FrameBound(FrameBoundKind.Following, offset);
    }

    private ImmutableArray<OrderItem> OrderItems() => List(OrderItem);

    private OrderItem OrderItem()
    {
        var expression = Expression();
        var descending = false;
        string? op = null;
        if (Accept("desc"))
            descending = true;
        else if (Accept("using"))
        {
            op = Current.Kind == TokenKind.Operator ? Take().Value : throw Unexpected();
            descending = op == ">";
        }
        else
            Accept("asc");
        return new OrderItem(expression, descending, NullsOrder(), op);
    }

    private bool? NullsOrder()
    {
        if (Accept("nulls", "first"))
            return true;
        return Accept("nulls", "last") ? false : null;
    }
}
