using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>Which statement it is, and data manipulation.</summary>
public sealed partial class Parser
{
    private Statement ParseStatement()
    {
        Enter();
        var statement = Current.Kind == TokenKind.Identifier ? Dispatch(Current.Value)
            : Current.Is('(') ? QueryOrSelectInto()
            : throw Unexpected();
        Leave();
        return statement;
    }

    private Statement Dispatch(string word) => word switch
    {
        "select" or "values" or "table" => QueryOrSelectInto(),
        "with" => WithStatement(),
        "insert" => Insert(null),
        "upsert" => Insert(null),
        "update" => Update(null),
        "delete" => Delete(null),
        "merge" => Merge(null),
        "truncate" => Truncate(),
        "copy" => Copy(),
        "create" => Create(),
        "alter" => Alter(),
        "drop" => Drop(),
        "comment" => Comment(),
        "begin" or "start" => Begin(),
        "commit" or "end" => Commit(),
        "rollback" or "abort" => Rollback(),
        "savepoint" => Savepoint(),
        "release" => Release(),
        "set" => Set(),
        "use" => Use(),
        "reset" => Reset(),
        "show" => Show(),
        "discard" => new DiscardStatement(NextLabel().ToUpperInvariant()),
        "prepare" => Prepare(),
        "execute" => Execute(),
        "deallocate" => Deallocate(),
        "declare" => Declare(),
        "fetch" or "move" => FetchCursor(),
        "close" => CloseCursor(),
        "listen" => new ListenStatement(NextLabel()),
        "unlisten" => Unlisten(),
        "notify" => Notify(),
        "explain" => Explain(),
        "vacuum" or "analyze" or "analyse" => Maintenance(),
        "lock" => LockTable(),
        "grant" or "revoke" => GrantOrRevoke(),
        "reassign" => Reassign(),
        "cancel" => CancelQuery(),
        "checkpoint" or "cluster" or "reindex" or "load" or "security" => SkipTo(new NoOperationStatement(word.ToUpperInvariant())),
        "do" or "call" or "import" or "refresh" => SkipTo(new UnsupportedStatement(word.ToUpperInvariant())),
        _ => throw Unexpected(),
    };

    private string NextLabel()
    {
        _next++;
        return Label();
    }

    /// <summary>Passes over the rest of a statement.</summary>
    private T SkipTo<T>(T statement)
    {
        while (Current.Kind != TokenKind.End && !Current.Is(';'))
            _next++;
        return statement;
    }

    private Statement QueryOrSelectInto()
    {
        var query = Query();
        if (query.Body is SelectBody { Into: { } into } select)
            return new CreateTableAsStatement(into, [], new QueryStatement(query with { Body = select with { Into = null } }));
        return new QueryStatement(query);
    }

    private Statement WithStatement()
    {
        var with = With();
        switch (Current.Value)
        {
            case "insert" or "upsert":
                return Insert(with);
            case "update":
                return Update(with);
            case "delete":
                return Delete(with);
            case "merge":
                return Merge(with);
        }

        // Read once: reading it again would double with every level of nesting.
        _withRead = with;
        return QueryOrSelectInto();
    }

    /// <summary>A WITH that belongs to the query that is read next.</summary>
    private WithClause? _withRead;

    private InsertStatement Insert(WithClause? with)
    {
        var upsert = Take().Value == "upsert";
        Expect("into");
        var table = Name();
        var alias = Accept("as") ? Identifier() : null;
        ImmutableArray<(string Name, ImmutableArray<ArraySubscript> Subscripts, int Position)> columns = [];
        if (Current.Is('(') && !IsQueryParenthesis())
        {
            Expect('(');
            columns = List(InsertColumn);
            Expect(')');
        }

        bool? overriding = null;
        if (Accept("overriding"))
        {
            overriding = Accept("system") || (Accept("user") ? false : throw Unexpected());
            Expect("value");
        }

        var source = Accept("default", "values") ? null : Query();
        var insert = new InsertStatement(table)
        {
            With = with, Alias = alias, Columns = [.. columns.Select(c => c.Name)], ColumnPositions = [.. columns.Select(c => c.Position)], Source = source, OverridingSystemValue = overriding, Upsert = upsert,
        };
        if (columns.Any(c => !c.Subscripts.IsEmpty))
            insert = insert with { Subscripts = [.. columns.Select(c => c.Subscripts)] };
        if (Accept("on", "conflict"))
            insert = insert with { OnConflict = OnConflict() };
        return insert with { Returning = Returning() };
    }

    private (string, ImmutableArray<ArraySubscript>, int) InsertColumn()
    {
        var position = Current.Start;
        var name = Identifier();
        return (name, Current.Is('[') ? Subscripts(new ColumnReference([name])).Subscripts : [], position);
    }

    private OnConflictClause OnConflict()
    {
        ImmutableArray<IndexPartSyntax> target = [];
        SyntaxExpression? targetWhere = null;
        string? constraint = null;
        if (Accept("on", "constraint"))
            constraint = Identifier();
        else if (Current.Is('('))
        {
            target = IndexParts();
            if (Accept("where"))
                targetWhere = Expression();
        }

        Expect("do");
        if (Accept("nothing"))
            return new OnConflictClause(target, targetWhere, constraint, true, [], null);
        Expect("update", "set");
        var assignments = List(Assignment);
        var where = Accept("where") ? Expression() : null;
        return new OnConflictClause(target, targetWhere, constraint, false, assignments, where);
    }

    private Assignment Assignment()
    {
        var position = Current.Start;
        if (Current.Is('('))
        {
            var columns = ParenthesizedNames();
            if (!AcceptOperator("="))
                throw Unexpected();
            return new Assignment(columns, Expression(), true) { Position = position };
        }

        var column = Identifier();
        var subscripts = Current.Is('[') ? Subscripts(new ColumnReference([column])).Subscripts : [];
        var fields = ImmutableArray.CreateBuilder<string>();
        while (Accept('.'))
            fields.Add(Label());
        if (!AcceptOperator("="))
            throw Unexpected();
        return new Assignment([column], Expression()) { Subscripts = subscripts, Fields = fields.ToImmutable(), Position = position };
    }

    private ImmutableArray<SelectItem> Returning()
    {
        if (!Accept("returning"))
            return [];
        if (IsWord("nothing"))
        {
            _next++;
            return [];
        }

        return List(SelectItem);
    }

    private UpdateStatement Update(WithClause? with)
    {
        _next++;
        Accept("only");
        var table = Name();
        AcceptOperator("*");
        var alias = TargetAlias();
        Expect("set");
        var update = new UpdateStatement(table, List(Assignment)) { With = with, Alias = alias };
        if (Accept("from"))
            update = update with { From = FromList() };
        if (Accept("where"))
            update = update with { Where = Condition() };
        return update with { Returning = Returning() };
    }

    private DeleteStatement Delete(WithClause? with)
    {
        _next++;
        Expect("from");
        Accept("only");
        var table = Name();
        AcceptOperator("*");
        var delete = new DeleteStatement(table) { With = with, Alias = TargetAlias() };
        if (Accept("using"))
            delete = delete with { Using = List(TableReference) };
        if (Accept("where"))
            delete = delete with { Where = Condition() };
        return delete with { Returning = Returning() };
    }

    private string? TargetAlias()
    {
        if (Accept("as"))
            return Identifier();
        return IsName(Current) && !IsWord("set") ? Identifier() : null;
    }

    private SyntaxExpression Condition()
    {
        var position = Current.Start;
        return Accept("current", "of") ? new CurrentOfExpression(Identifier()) { Position = position } : Expression();
    }

    private TruncateStatement Truncate()
    {
        _next++;
        Accept("table");
        var tables = List(() =>
        {
            Accept("only");
            var name = Name();
            AcceptOperator("*");
            return name;
        });
        var restart = Accept("restart", "identity");
        if (!restart)
            Accept("continue", "identity");
        return new TruncateStatement(tables, restart, Cascade());
    }

    private CopyStatement Copy()
    {
        _next++;
        ObjectName? table = null;
        ImmutableArray<string> columns = [];
        Statement? query = null;
        var isBinary = false;
        if (Current.Is('('))
        {
            _next++;
            query = PreparableStatement();
            Expect(')');
        }
        else
        {
            isBinary = Accept("binary");
            table = Name();
            columns = OptionalParenthesizedNames();
        }

        var isFrom = query is null && Accept("from");
        if (!isFrom)
            Expect("to");
        var copy = new CopyStatement { Table = table, Columns = columns, Query = query, IsFrom = isFrom, Format = isBinary ? CopyFormat.Binary : CopyFormat.Text };
        if (Current.Kind == TokenKind.String)
            copy = copy with { FileName = Take().Value };
        else if (Accept("program"))
            copy = copy with { FileName = StringLiteral() };
        else if (!Accept("stdin") && !Accept("stdout"))
            throw Unexpected();
        if (Accept("using"))
        {
            Expect("delimiters");
            copy = copy with { Delimiter = StringLiteral() };
        }

        Accept("with");
        copy = Current.Is('(') ? CopyOptions(copy) : OldCopyOptions(copy);
        if (!Accept("where"))
            return copy;
        return isFrom ? copy with { Where = Expression() } : throw new SqlException(SqlState.SyntaxError, "WHERE clause not allowed with COPY TO");
    }

    private CopyStatement CopyOptions(CopyStatement copy)
    {
        Expect('(');
        var seen = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            var name = Label();
            if (!seen.Add(name))
                throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options");
            switch (name)
            {
                case "format":
                    var format = OptionText();
                    copy = copy with
                    {
                        Format = format switch
                        {
                            "text" => CopyFormat.Text,
                            "csv" => CopyFormat.Csv,
                            "binary" => CopyFormat.Binary,
                            _ => throw new SqlException(SqlState.InvalidParameterValue, $"COPY format \"{format}\" not recognized"),
                        },
                    };
                    break;
                case "delimiter":
                    copy = copy with { Delimiter = OptionText() };
                    break;
                case "null":
                    copy = copy with { NullText = OptionText() };
                    break;
                case "header":
                    var header = OptionalBoolean(name, "match");
                    copy = copy with { Header = header != "false", HeaderMatch = header == "match" };
                    break;
                case "quote":
                    copy = copy with { Quote = OptionText() };
                    break;
                case "escape":
                    copy = copy with { Escape = OptionText() };
                    break;
                case "encoding":
                    copy = copy with { Encoding = OptionText() };
                    break;
                case "force_quote":
                    copy = AcceptOperator("*") ? copy with { ForceQuoteAll = true } : copy with { ForceQuote = ParenthesizedNames() };
                    break;
                case "force_not_null":
                    copy = copy with { ForceNotNull = ParenthesizedNames() };
                    break;
                case "force_null":
                    copy = copy with { ForceNull = ParenthesizedNames() };
                    break;
                case "freeze":
                    // Rows have no per-row visibility marks here: there is nothing to freeze.
                    OptionalBoolean(name, null);
                    break;
                default:
                    throw new SqlException(SqlState.SyntaxError, $"option \"{name}\" not recognized");
            }
        }
        while (Accept(','));
        Expect(')');
        return copy;
    }

    /// <summary>The value of a Boolean option, which may be left out: true, false, or the one other word that is allowed.</summary>
    private string OptionalBoolean(string name, string? other)
    {
        if (Current.Is(',') || Current.Is(')'))
            return "true";
        var value = OptionText().ToLowerInvariant();
        if (value is "true" or "on" or "1")
            return "true";
        if (value is "false" or "off" or "0")
            return "false";
        return value == other ? value : throw new SqlException(SqlState.SyntaxError, other is null ? $"{name} requires a Boolean value" : $"{name} requires a Boolean value or \"{other}\"");
    }

    private string OptionText() => Current.Kind is TokenKind.String or TokenKind.Identifier or TokenKind.QuotedIdentifier or TokenKind.Integer ? Take().Value : throw Unexpected();

    private CopyStatement OldCopyOptions(CopyStatement copy)
    {
        while (true)
        {
            if (Accept("binary"))
                copy = copy with { Format = CopyFormat.Binary };
            else if (Accept("csv"))
                copy = copy with { Format = CopyFormat.Csv };
            else if (Accept("header"))
                copy = copy with { Header = true };
            else if (Accept("freeze"))
                continue;
            else if (Accept("delimiter") || Accept("delimiters"))
            {
                Accept("as");
                copy = copy with { Delimiter = StringLiteral() };
            }
            else if (Accept("null"))
            {
                Accept("as");
                copy = copy with { NullText = StringLiteral() };
            }
            else if (Accept("quote"))
            {
                Accept("as");
                copy = copy with { Quote = StringLiteral() };
            }
            else if (Accept("escape"))
            {
                Accept("as");
                copy = copy with { Escape = StringLiteral() };
            }
            else if (Accept("encoding"))
                copy = copy with { Encoding = StringLiteral() };
            else if (Accept("force", "quote"))
                copy = AcceptOperator("*") ? copy with { ForceQuoteAll = true } : copy with { ForceQuote = List(Identifier) };
            else if (Accept("force", "not", "null"))
                copy = copy with { ForceNotNull = List(Identifier) };
            else if (Accept("force", "null"))
                copy = copy with { ForceNull = List(Identifier) };
            else
                return copy;
        }
    }
}
