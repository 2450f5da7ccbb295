using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>SELECT, VALUES, TABLE, set operations, WITH and FROM.</summary>
public sealed partial class Parser
{
    /// <summary>A query starts here, perhaps behind parentheses.</summary>
    private bool IsQueryStart()
    {
        var offset = 0;
        while (Peek(offset).Is('('))
            offset++;
        var token = Peek(offset);
        return token.Kind == TokenKind.Identifier && token.Value is "select" or "values" or "with" or "table" && (token.Value != "table" || offset == 0 || IsName(Peek(offset + 1)))
            && IsQueryBehindParentheses(offset);
    }

    /// <summary>The parenthesis here encloses a query.</summary>
    private bool IsQueryParenthesis()
    {
        _next++;
        var isQuery = IsQueryStart();
        _next--;
        return isQuery;
    }

    /// <summary>((SELECT 1) + 2) is an expression: the parentheses that open before a query must close behind it or behind a set operator.</summary>
    private bool IsQueryBehindParentheses(int offset)
    {
        if (offset == 0)
            return true;
        var depth = 0;
        for (var i = _next; i < _tokens.Count; i++)
        {
            if (_tokens[i].Is('('))
                depth++;
            else if (_tokens[i].Is(')') && --depth == 0)
            {
                var after = _tokens[Math.Min(i + 1, _tokens.Count - 1)];
                return after.Kind == TokenKind.End || after.Is(')') || after.Is(';')
                    || (after.Kind == TokenKind.Identifier && after.Value is "union" or "intersect" or "except" or "order" or "limit" or "offset" or "fetch" or "for");
            }
        }

        return true;
    }

    private QueryExpression Query()
    {
        Enter();
        var query = Framed(static p => p.WholeQuery());
        Leave();
        return query;
    }

    private QueryExpression WholeQuery()
    {
        var position = _withRead?.Position ?? Current.Start;
        var with = _withRead ?? (IsWord("with") ? With() : null);
        _withRead = null;
        var outer = _asOf;
        _asOf = null;
        var body = UnionBody();
        var query = QueryTail(new QueryExpression(body) { With = with, AsOf = _asOf, Position = position });
        _asOf = outer;
        return query;
    }

    private QueryExpression QueryTail(QueryExpression query)
    {
        if (Accept("order", "by"))
            query = query with { OrderBy = OrderItems() };
        while (true)
        {
            if (IsWord("limit") && query.Limit is null)
            {
                _next++;
                if (Accept("all"))
                    continue;
                query = query with { Limit = Expression() };
                if (Accept(','))
                    throw new SqlException(SqlState.SyntaxError, "LIMIT #,# syntax is not supported") { Hint = "Use separate LIMIT and OFFSET clauses." };
            }
            else if (IsWord("offset") && query.Offset is null)
            {
                _next++;
                query = query with { Offset = Expression() };
                if (!Accept("rows"))
                    Accept("row");
            }
            else if (IsWord("fetch") && query.Limit is null)
                query = Fetch(query);
            else if (IsWord("for") && Peek().Kind == TokenKind.Identifier && Peek().Value is "update" or "share" or "no" or "key" or "read")
            {
                if (Accept("for", "read", "only"))
                    continue;
                query = query with { Locking = query.Locking.Add(Locking()) };
            }
            else if (query.AsOf is null && IsAsOfSystem())
                query = query with { AsOf = AsOf() };
            else
                return query;
        }
    }

    private SyntaxExpression AsOf()
    {
        _next += 3;
        Expect("time");
        return Expression();
    }

    private QueryExpression Fetch(QueryExpression query)
    {
        _next++;
        if (!Accept("first"))
            Expect("next");
        SyntaxExpression count = Current.Kind == TokenKind.Identifier && Current.Value is "row" or "rows"
            ? new LiteralExpression(LiteralKind.Integer, "1")
            : Current.Is('(') || Current.Kind is TokenKind.Integer or TokenKind.Parameter or TokenKind.Decimal || IsWord("null") ? Primary() : throw Unexpected();
        if (!Accept("rows"))
            Expect("row");
        var ties = Accept("with", "ties");
        if (!ties)
            Expect("only");
        return query with { Limit = count, WithTies = ties };
    }

    private LockingClause Locking()
    {
        var position = Take().Start;
        var strength = Accept("update") ? LockStrength.Update
            : Accept("no", "key", "update") ? LockStrength.NoKeyUpdate
            : Accept("key", "share") ? LockStrength.KeyShare
            : Accept("share") ? LockStrength.Share : throw Unexpected();
        var of = Accept("of") ? NameList() : [];
        var wait = Accept("nowait") ? LockWait.NoWait : Accept("skip", "locked") ? LockWait.SkipLocked : LockWait.Wait;
        return new LockingClause(strength, of, wait) { Position = position };
    }

    private QueryBody UnionBody()
    {
        var left = IntersectBody();
        while (Current.Kind == TokenKind.Identifier && Current.Value is "union" or "except")
        {
            var token = Take();
            var all = Accept("all");
            if (!all)
                Accept("distinct");
            Link();
            var right = IntersectBody();
            left = new SetOperationBody(token.Value == "union" ? SetOperator.Union : SetOperator.Except, all, Wrap(left), Wrap(right)) { Position = token.Start };
        }

        return left;
    }

    private QueryBody IntersectBody()
    {
        var left = SimpleBody();
        while (IsWord("intersect"))
        {
            var position = Take().Start;
            var all = Accept("all");
            if (!all)
                Accept("distinct");
            Link();
            left = new SetOperationBody(SetOperator.Intersect, all, Wrap(left), Wrap(SimpleBody())) { Position = position };
        }

        return left;
    }

    private static QueryExpression Wrap(QueryBody body) => body is NestedBody nested ? nested.Query : new QueryExpression(body) { Position = body.Position };

    private QueryBody SimpleBody()
    {
        var position = Current.Start;
        if (Current.Is('('))
        {
            _next++;
            var query = Query();
            Expect(')');
            return new NestedBody(query) { Position = position };
        }

        if (Accept("values"))
        {
            var rows = List(() =>
            {
                Expect('(');
                var row = Expressions();
                Expect(')');
                return row;
            });
            return new ValuesBody(rows) { Position = position };
        }

        if (Accept("table"))
        {
            Accept("only");
            return new TableBody(Name()) { Position = position };
        }

        Expect("select");
        return Select(position);
    }

    private SelectBody Select(int position)
    {
        ImmutableArray<SyntaxExpression> on = [];
        var distinct = Accept("distinct");
        if (distinct && Accept("on"))
        {
            Expect('(');
            on = Expressions();
            Expect(')');
        }
        else if (!distinct)
            Accept("all");

        var items = IsSelectListEnd() ? [] : List(SelectItem);
        var select = new SelectBody(items) { Distinct = distinct && on.IsEmpty, DistinctOn = on, Position = position };
        if (Accept("into"))
        {
            if (!Accept("temporary") && !Accept("temp"))
                Accept("unlogged");
            Accept("table");
            select = select with { Into = Name() };
        }

        if (Accept("from"))
            select = select with { From = FromList() };
        // Where CockroachDB has it; it belongs to the whole query.
        if (_asOf is null && IsAsOfSystem())
            _asOf = AsOf();
        if (Accept("where"))
            select = select with { Where = Expression() };
        if (Accept("group", "by"))
        {
            var groupDistinct = Accept("distinct");
            if (!groupDistinct)
                Accept("all");
            select = select with { GroupBy = List(Grouping), GroupByDistinct = groupDistinct };
        }

        if (Accept("having"))
            select = select with { Having = Expression() };
        if (Accept("window"))
        {
            select = select with
            {
                Windows = List(() =>
                {
                    var name = Identifier();
                    Expect("as");
                    return (name, Window());
                }),
            };
        }

        return select;
    }

    private bool IsSelectListEnd() => Current.Kind == TokenKind.End || Current.Is(')') || Current.Is(';')
        || (Current.Kind == TokenKind.Identifier && Current.Value is "from" or "where" or "into" or "union" or "intersect" or "except" or "order" or "limit" or "group" or "having");

    private SelectItem SelectItem()
    {
        var position = Current.Start;
        if (AcceptOperator("*"))
            return new SelectItem(new StarExpression([]) { Position = position }, null) { Position = position };
        var expression = Expression();
        if (Accept("as"))
            return new SelectItem(expression, Label()) { Position = position };
        if (Current.Kind == TokenKind.QuotedIdentifier || (Current.Kind == TokenKind.Identifier && Keywords.CanBeBareLabel(Current.Value)))
            return new SelectItem(expression, Take().Value) { Position = position };
        return new SelectItem(expression, null) { Position = position };
    }

    private GroupingElement Grouping()
    {
        if (Current.Is('(') && Peek().Is(')'))
        {
            _next += 2;
            return new GroupingElement(GroupingKind.Empty, [], []);
        }

        if (Current.Kind == TokenKind.Identifier && Current.Value is "rollup" or "cube" && Peek().Is('('))
        {
            var kind = Take().Value == "rollup" ? GroupingKind.Rollup : GroupingKind.Cube;
            _next++;
            var expressions = Expressions();
            Expect(')');
            return new GroupingElement(kind, expressions, []);
        }

        if (IsWords("grouping", "sets"))
        {
            _next += 2;
            Expect('(');
            var sets = List(Grouping);
            Expect(')');
            return new GroupingElement(GroupingKind.Sets, [], sets);
        }

        return new GroupingElement(GroupingKind.Expression, [Expression()], []);
    }

    private WithClause With()
    {
        var position = Take().Start;
        var recursive = Accept("recursive");
        return new WithClause(recursive, List(CommonTable)) { Position = position };
    }

    private CommonTable CommonTable()
    {
        var position = Current.Start;
        var name = Identifier();
        var columns = OptionalParenthesizedNames();
        Expect("as");
        bool? materialized = Accept("materialized") ? true : Accept("not", "materialized") ? false : null;
        Expect('(');
        var statement = PreparableStatement();
        Expect(')');
        return new CommonTable(name, columns, statement, materialized) { Position = position, Search = Search(), Cycle = Cycle() };
    }

    private SearchClause? Search()
    {
        var position = Current.Start;
        if (!Accept("search"))
            return null;
        var breadth = Accept("breadth");
        if (!breadth)
            Expect("depth");
        Expect("first");
        Expect("by");
        var columns = List(Identifier);
        Expect("set");
        return new SearchClause(breadth, columns, Identifier()) { Position = position };
    }

    private CycleClause? Cycle()
    {
        var position = Current.Start;
        if (!Accept("cycle"))
            return null;
        var columns = List(Identifier);
        Expect("set");
        var mark = Identifier();
        SyntaxExpression value = new LiteralExpression(LiteralKind.Boolean, "true") { Position = position };
        SyntaxExpression other = new LiteralExpression(LiteralKind.Boolean, "false") { Position = position };
        if (Accept("to"))
        {
            value = CycleConstant();
            Expect("default");
            other = CycleConstant();
        }

        Expect("using");
        return new CycleClause(columns, mark, value, other, Identifier()) { Position = position };
    }

    /// <summary>AexprConst: a literal, or one with its type before it.</summary>
    private SyntaxExpression CycleConstant()
    {
        var position = Current.Start;
        var constant = Expression();
        return constant is LiteralExpression or CastExpression { Operand: LiteralExpression } ? constant : throw Error("syntax error: a constant is expected", position);
    }

    /// <summary>SELECT, INSERT, UPDATE, DELETE, with their text.</summary>
    private Statement PreparableStatement()
    {
        var start = Current.Start;
        var statement = ParseStatement();
        var last = _tokens[_next - 1];
        var end = last.Start + last.Length;
        // Statements within statements: each keeps its own copy of what the outer ones keep too.
        if ((_keptText += end - start) > 4L * _text.Length)
            throw TooDeep();
        return statement with { Text = _text[start..end], Position = start };
    }

    private ImmutableArray<TableReference> FromList() => List(() =>
    {
        Link();
        return TableReference();
    });

    private TableReference TableReference()
    {
        var left = TablePrimary();
        while (true)
        {
            var position = Current.Start;
            var natural = Accept("natural");
            JoinKind kind;
            if (Accept("cross", "join"))
            {
                Link();
                left = new JoinTable(JoinKind.Cross, left, TablePrimary()) { Position = position };
                continue;
            }

            if (Accept("inner", "join") || Accept("join"))
                kind = JoinKind.Inner;
            else if (Current.Kind == TokenKind.Identifier && Current.Value is "left" or "right" or "full")
            {
                kind = Take().Value switch { "left" => JoinKind.Left, "right" => JoinKind.Right, _ => JoinKind.Full };
                Accept("outer");
                Expect("join");
            }
            else if (natural)
                throw Unexpected();
            else
                return left;

            Link();
            var right = natural ? TablePrimary() : JoinOperand();
            var join = new JoinTable(kind, left, right) { Natural = natural, Position = position };
            if (!natural)
                join = JoinCondition(join);
            left = join;
        }
    }

    /// <summary>a JOIN b JOIN c ON … ON …: the right operand may itself be a join whose condition comes first.</summary>
    private TableReference JoinOperand()
    {
        Enter();
        var operand = JoinOperandChain();
        Leave();
        return operand;
    }

    private TableReference JoinOperandChain()
    {
        var right = TablePrimary();
        while (!IsWord("on") && !IsWord("using") && Current.Kind == TokenKind.Identifier && Current.Value is "join" or "inner" or "left" or "right" or "full" or "cross" or "natural")
        {
            var position = Current.Start;
            Link();
            if (Accept("cross", "join"))
            {
                right = new JoinTable(JoinKind.Cross, right, TablePrimary()) { Position = position };
                continue;
            }

            var natural = Accept("natural");
            var kind = JoinKind.Inner;
            if (!Accept("inner", "join") && !Accept("join"))
            {
                kind = Take().Value switch { "left" => JoinKind.Left, "right" => JoinKind.Right, _ => JoinKind.Full };
                Accept("outer");
                Expect("join");
            }

            var join = new JoinTable(kind, right, natural ? TablePrimary() : JoinOperand()) { Natural = natural, Position = position };
            right = natural ? join : JoinCondition(join);
        }

        return right;
    }

    private JoinTable JoinCondition(JoinTable join)
    {
        if (Accept("on"))
            return join with { On = Expression() };
        Expect("using");
        join = join with { Using = ParenthesizedNames() };
        return Accept("as") ? join with { UsingAlias = Identifier() } : join;
    }

    private TableReference TablePrimary()
    {
        Enter();
        var table = PlainTable();
        Leave();
        return table;
    }

    private TableReference PlainTable()
    {
        var position = Current.Start;
        var lateral = Accept("lateral");
        if (Accept('('))
        {
            if (IsQueryStart())
            {
                var query = Query();
                Expect(')');
                return WithAlias(new DerivedTable(query, lateral) { Position = position });
            }

            var inner = TableReference();
            Expect(')');
            return inner is JoinTable ? WithAlias(inner) : inner;
        }

        if (Current.Is('['))
        {
            _next++;
            var statement = PreparableStatement();
            Expect(']');
            return WithAlias(new StatementTable(statement) { Position = position });
        }

        if (IsWords("rows", "from") && Peek(2).Is('('))
        {
            _next += 3;
            var functions = List(() =>
            {
                var call = Postfix();
                if (Accept("as"))
                {
                    Expect('(');
                    List(ColumnDefinitionItem);
                    Expect(')');
                }

                return call;
            });
            Expect(')');
            return FunctionAlias(new FunctionTable(functions, Accept("with", "ordinality"), lateral) { Position = position });
        }

        if (IsFunctionStart())
        {
            var function = Postfix();
            return FunctionAlias(new FunctionTable([function], Accept("with", "ordinality"), lateral) { Position = position });
        }

        var only = Accept("only");
        var parenthesized = only && Accept('(');
        var name = Name();
        if (parenthesized)
            Expect(')');
        AcceptOperator("*");
        string? hint = null;
        if (Current.IsOperator("@"))
        {
            _next++;
            hint = Accept('{') ? IndexHints() : Label();
        }

        var table = WithAlias(new NamedTable(name, only, hint) { Position = position });
        if (IsWord("tablesample"))
            throw new SqlException(SqlState.FeatureNotSupported, "TABLESAMPLE is not supported") { Position = Current.Start + 1 };
        return table;
    }

    /// <summary>t@{FORCE_INDEX=i,ASC|DESC|NO_INDEX_JOIN …}: hints may go unheeded, so only the name is kept.</summary>
    private string? IndexHints()
    {
        string? index = null;
        do
        {
            var word = Label();
            if (!AcceptOperator("="))
                continue;
            var value = Label();
            if (word == "force_index")
                index = value;
        }
        while (Accept(','));
        Expect('}');
        return index;
    }

    private bool IsFunctionStart()
    {
        if (Current.Kind is not (TokenKind.Identifier or TokenKind.QuotedIdentifier))
            return false;
        if (Current.Kind == TokenKind.Identifier && Current.Value is "current_date" or "current_timestamp" or "current_user" or "session_user" or "current_role")
            return true;
        var offset = 1;
        while (Peek(offset).Is('.'))
            offset += 2;
        return Peek(offset).Is('(') && (offset > 1 || !Keywords.IsReserved(Current.Value) || Current.Kind == TokenKind.QuotedIdentifier);
    }

    /// <summary>AS OF SYSTEM TIME, behind the last table, is no alias.</summary>
    private bool IsAsOfSystem() => IsWords("as", "of") && Peek(2).IsWord("system");

    private TableReference WithAlias(TableReference table)
    {
        if (IsAsOfSystem())
            return table;
        if (Accept("as"))
            return table with { Alias = Identifier(), ColumnAliases = OptionalParenthesizedNames() };
        if (Current.Kind == TokenKind.Identifier && Current.Value is "as" or "tablesample" or "window")
            return table;
        return IsName(Current)
            ? table with { Alias = Identifier(), ColumnAliases = OptionalParenthesizedNames() }
            : table;
    }


    private TableReference FunctionAlias(FunctionTable table)
    {
        if (IsAsOfSystem())
            return table;
        if (!Accept("as"))
        {
            if (!IsName(Current))
                return table;
        }
        else if (Current.Is('('))
        {
            _next++;
            var definitions = List(ColumnDefinitionItem);
            Expect(')');
            return table with { ColumnDefinitions = definitions };
        }

        var alias = Identifier();
        if (!Current.Is('('))
            return table with { Alias = alias };
        if (Peek(2).Is(',') || Peek(2).Is(')'))
            return table with { Alias = alias, ColumnAliases = ParenthesizedNames() };
        _next++;
        var columns = List(ColumnDefinitionItem);
        Expect(')');
        return table with { Alias = alias, ColumnDefinitions = columns };
    }

    private ColumnDefinitionItem ColumnDefinitionItem()
    {
        var name = Identifier();
        return new ColumnDefinitionItem(name, Type());
    }
}
