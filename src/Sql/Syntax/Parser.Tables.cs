using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>CREATE, ALTER, DROP of relations, schemas, databases and types.</summary>
public sealed partial class Parser
{
    private Statement Create()
    {
        _next++;
        var orReplace = Accept("or", "replace");
        var temporary = Accept("temporary") || Accept("temp") || Accept("local", "temporary") || Accept("local", "temp") || Accept("global", "temporary");
        var unlogged = Accept("unlogged");
        var recursive = Accept("recursive");
        switch (Current.Value)
        {
            case "table":
                _next++;
                return CreateTable(temporary, unlogged);
            case "view":
                _next++;
                return CreateView(orReplace, temporary, recursive);
            case "sequence":
                _next++;
                var sequenceExists = IfNotExists();
                return new CreateSequenceStatement(Name(), SequenceOptions(), sequenceExists, temporary);
            case "index" or "unique":
                return CreateIndex();
            case "schema":
                _next++;
                return CreateSchema();
            case "database":
                _next++;
                return CreateDatabase();
            case "type":
                _next++;
                return CreateType();
            case "domain":
                return CreateDomain();
            case "user" or "role" or "group":
                return CreateRole();
            case "policy":
                return CreatePolicy();
            case "extension":
                return CreateExtension();
            default:
                return SkipTo(new UnsupportedStatement("CREATE " + Current.Value.ToUpperInvariant()));
        }
    }

    private Statement CreateExtension()
    {
        _next++;
        IfNotExists();
        var name = Label();
        return name is "plpgsql" or "uuid-ossp" or "pgcrypto" or "citext" && name != "citext"
            ? SkipTo(new NoOperationStatement("CREATE EXTENSION"))
            : SkipTo(new UnsupportedStatement("CREATE EXTENSION"));
    }

    private Statement CreateTable(bool temporary, bool unlogged)
    {
        var ifNotExists = IfNotExists();
        var name = Name();
        if (IsWord("as") || IsWord("on") || IsWord("with") || (Current.Is('(') && IsColumnNameList()))
        {
            var columns = OptionalParenthesizedNames();
            TableOptions();
            var onCommit = OnCommit();
            Expect("as");
            var query = PreparableStatement();
            var noData = Accept("with", "no", "data");
            if (!noData)
                Accept("with", "data");
            return new CreateTableAsStatement(name, columns, query) { IfNotExists = ifNotExists, Temporary = temporary, WithNoData = noData, OnCommit = onCommit };
        }

        if (IsWords("partition", "of") || IsWord("of"))
            return SkipTo(new UnsupportedStatement("CREATE TABLE … OF"));
        Expect('(');
        var elements = Current.Is(')') ? [] : List(TableElement);
        Expect(')');
        if (IsWord("inherits") || IsWord("partition"))
            return SkipTo(new UnsupportedStatement("CREATE TABLE … " + Current.Value.ToUpperInvariant()));
        var options = TableOptions();
        return new CreateTableStatement(name, elements)
        {
            IfNotExists = ifNotExists, Temporary = temporary, Unlogged = unlogged, Options = options, OnCommit = OnCommit(),
        };
    }

    /// <summary>(a, b) AS …: names alone, then AS.</summary>
    private bool IsColumnNameList()
    {
        var offset = 1;
        while (Peek(offset).Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && Peek(offset + 1).Is(','))
            offset += 2;
        return Peek(offset).Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && Peek(offset + 1).Is(')') && Peek(offset + 2).IsWord("as");
    }

    private ImmutableArray<(string Name, string Value)> TableOptions()
    {
        if (Accept("without", "oids"))
            return [];
        if (!IsWord("with") || !Peek().Is('('))
            return [];
        _next++;
        return ParenthesizedOptions();
    }

    private ImmutableArray<(string Name, string Value)> ParenthesizedOptions()
    {
        Expect('(');
        var options = List(() =>
        {
            var name = Label();
            while (Accept('.'))
                name += "." + Label();
            var value = AcceptOperator("=") ? OptionValue() : "true";
            return (name, value);
        });
        Expect(')');
        return options;
    }

    private string OptionValue()
    {
        var sign = AcceptOperator("-") ? "-" : "";
        return Current.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier or TokenKind.String or TokenKind.Integer or TokenKind.Decimal
            ? sign + Take().Value
            : throw Unexpected();
    }

    private string? OnCommit()
    {
        if (!Accept("on", "commit"))
            return null;
        if (Accept("drop"))
            return "DROP";
        if (Accept("delete", "rows"))
            return "DELETE ROWS";
        Expect("preserve", "rows");
        return "PRESERVE ROWS";
    }

    private TableElement TableElement()
    {
        var position = Current.Start;
        if (IsTableConstraintStart())
            return TableConstraint() with { Position = position };
        if (IsWord("like"))
            return LikeElement();
        if (IsWord("family") && (Peek().Is('(') || Peek(2).Is('(')))
        {
            _next++;
            var family = Current.Is('(') ? null : Identifier();
            return new FamilyTableElement(family, ParenthesizedNames());
        }

        if ((IsWord("index") && (Peek().Is('(') || Peek(2).Is('('))) || IsWords("unique", "index"))
        {
            var unique = Accept("unique");
            _next++;
            var name = Current.Is('(') ? null : Identifier();
            var parts = IndexParts();
            var include = Accept("storing") || Accept("include") || Accept("covering") ? ParenthesizedNames() : [];
            return new IndexTableElement(name, unique, parts, include, Accept("where") ? Expression() : null) { Position = position };
        }

        return Column() with { Position = position };
    }

    private bool IsTableConstraintStart() => Current.Kind == TokenKind.Identifier && Current.Value switch
    {
        "constraint" => true,
        "primary" => Peek().IsWord("key"),
        "unique" => Peek().Is('(') || Peek().IsWord("nulls") || (Peek().IsWord("using") && Peek(2).IsWord("index")),
        "check" => Peek().Is('('),
        "foreign" => Peek().IsWord("key"),
        "exclude" => true,
        _ => false,
    };

    private LikeTableElement LikeElement()
    {
        var position = Take().Start;
        var table = Name();
        var including = ImmutableArray.CreateBuilder<string>();
        var excluding = ImmutableArray.CreateBuilder<string>();
        while (IsWord("including") || IsWord("excluding"))
            (Take().Value == "including" ? including : excluding).Add(Label().ToUpperInvariant());
        return new LikeTableElement(table, including.ToImmutable(), excluding.ToImmutable()) { Position = position };
    }

    private ColumnDefinition Column()
    {
        var position = Current.Start;
        var name = Identifier();
        var type = Type();
        var column = new ColumnDefinition(name, type) { Position = position };
        var constraints = ImmutableArray.CreateBuilder<ColumnConstraint>();
        while (true)
        {
            if (Accept("collate"))
                column = column with { Collation = Name().Parts };
            else if (Accept("create", "if", "not"))
            {
                Expect("exists", "family");
                column = column with { Family = Identifier() };
            }
            else if (Accept("family"))
                column = column with { Family = Identifier() };
            else if (Accept("create", "family"))
                column = column with { Family = IsName(Current) ? Identifier() : "" };
            else if (ColumnConstraint() is { } constraint)
                constraints.Add(constraint);
            else
                break;
        }

        return column with { Constraints = constraints.ToImmutable() };
    }

    private ColumnConstraint? ColumnConstraint()
    {
        var position = Current.Start;
        var name = Accept("constraint") ? Identifier() : null;
        ColumnConstraint? constraint = Current.Kind != TokenKind.Identifier ? null : Current.Value switch
        {
            "not" when Peek().IsWord("null") => Skip<ColumnConstraint>(2, new NotNullConstraint(true)),
            "null" => Skip<ColumnConstraint>(1, new NotNullConstraint(false)),
            "default" => DefaultClause(),
            "generated" => Generated(),
            "primary" => PrimaryColumn(),
            "unique" => UniqueColumn(),
            "check" => CheckColumn(),
            "references" => new ReferencesConstraint(References()),
            "as" when Peek().Is('(') => ComputedColumn(),
            _ => null,
        };
        if (constraint is null)
            return name is null ? null : throw Unexpected();
        return constraint with { Name = name, Position = position };
    }

    private T Skip<T>(int count, T value)
    {
        _next += count;
        return value;
    }

    private DefaultConstraint DefaultClause()
    {
        _next++;
        // b_expr: AND, OR and NOT need parentheses, so that NOT NULL can follow.
        return new DefaultConstraint(OtherOperator());
    }

    private GeneratedConstraint ComputedColumn()
    {
        _next++;
        Expect('(');
        var expression = Expression();
        Expect(')');
        Expect("stored");
        return new GeneratedConstraint(expression);
    }

    private ColumnConstraint Generated()
    {
        _next++;
        var always = Accept("always");
        if (!always)
            Expect("by", "default");
        Expect("as");
        if (Accept("identity"))
        {
            var options = Syntax.SequenceOptions.None;
            if (Accept('('))
            {
                options = SequenceOptions();
                Expect(')');
            }

            return new IdentityConstraint(always, options);
        }

        Expect('(');
        var expression = Expression();
        Expect(')');
        Expect("stored");
        return new GeneratedConstraint(expression);
    }

    private UniqueColumnConstraint PrimaryColumn()
    {
        _next++;
        Expect("key");
        TableOptions();
        Deferrability(out var deferrable, out var deferred);
        return new UniqueColumnConstraint(true) { Deferrable = deferrable ?? deferred ?? false, InitiallyDeferred = deferred ?? false };
    }

    private UniqueColumnConstraint UniqueColumn()
    {
        _next++;
        var notDistinct = NullsNotDistinct();
        TableOptions();
        Deferrability(out var deferrable, out var deferred);
        return new UniqueColumnConstraint(false, notDistinct) { Deferrable = deferrable ?? deferred ?? false, InitiallyDeferred = deferred ?? false };
    }

    private bool NullsNotDistinct()
    {
        if (Accept("nulls", "not", "distinct"))
            return true;
        Accept("nulls", "distinct");
        return false;
    }

    private CheckColumnConstraint CheckColumn()
    {
        _next++;
        Expect('(');
        var expression = Expression();
        Expect(')');
        return new CheckColumnConstraint(expression, Accept("no", "inherit"));
    }

    private TableConstraint TableConstraint()
    {
        var position = Current.Start;
        var name = Accept("constraint") ? Identifier() : null;
        TableConstraint constraint;
        if (Accept("primary", "key"))
            constraint = UniqueTail(true);
        else if (Accept("unique"))
            constraint = UniqueTail(false);
        else if (Accept("check"))
        {
            Expect('(');
            var expression = Expression();
            Expect(')');
            var noInherit = Accept("no", "inherit");
            constraint = new CheckTableConstraint(expression) { NoInherit = noInherit, NotValid = Accept("not", "valid") };
        }
        else if (Accept("foreign", "key"))
        {
            var columns = ParenthesizedNames();
            constraint = new ForeignKeyTableConstraint(columns, References());
        }
        else if (IsWord("exclude"))
            throw new SqlException(SqlState.FeatureNotSupported, "exclusion constraints are not supported") { Position = Current.Start + 1 };
        else
            throw Unexpected();
        return constraint with { Name = name, Position = position };
    }

    private UniqueTableConstraint UniqueTail(bool primaryKey)
    {
        var notDistinct = NullsNotDistinct();
        if (Accept("using", "index"))
            return new UniqueTableConstraint(primaryKey, []) { UsingIndex = Identifier() };
        var columns = IndexParts();
        var include = Accept("include") || Accept("storing") ? ParenthesizedNames() : [];
        TableOptions();
        Deferrability(out var deferrable, out var deferred);
        return new UniqueTableConstraint(primaryKey, columns) { NullsNotDistinct = notDistinct, Include = include, Deferrable = deferrable ?? deferred ?? false, InitiallyDeferred = deferred ?? false };
    }

    private ReferencesClause References()
    {
        var position = Current.Start;
        Expect("references");
        var references = new ReferencesClause(Name(), OptionalParenthesizedNames()) { Position = position };
        while (true)
        {
            if (Accept("match", "full"))
                references = references with { MatchFull = true };
            else if (Accept("match", "simple"))
                continue;
            else if (Accept("match", "partial"))
                throw new SqlException(SqlState.FeatureNotSupported, "MATCH PARTIAL not yet implemented");
            else if (Accept("on", "delete"))
            {
                references = references with { OnDelete = Action() };
                if (Current.Is('('))
                    references = references with { SetColumns = ParenthesizedNames() };
            }
            else if (Accept("on", "update"))
                references = references with { OnUpdate = Action() };
            else if (Accept("not", "valid"))
                references = references with { NotValid = true };
            else if (Deferrability(out var deferrable, out var deferred))
                references = references with { Deferrable = deferrable ?? references.Deferrable, InitiallyDeferred = deferred ?? references.InitiallyDeferred };
            else
                return references.InitiallyDeferred ? references with { Deferrable = true } : references;
        }
    }

    private bool Deferrability(out bool? deferrable, out bool? deferred)
    {
        deferrable = null;
        deferred = null;
        var any = false;
        while (true)
        {
            if (Accept("deferrable"))
                deferrable = true;
            else if (Accept("not", "deferrable"))
                deferrable = false;
            else if (Accept("initially", "deferred"))
                deferred = true;
            else if (Accept("initially", "immediate"))
                deferred = false;
            else
                return any;
            any = true;
        }
    }

    private ReferentialAction Action()
    {
        if (Accept("no", "action"))
            return ReferentialAction.NoAction;
        if (Accept("restrict"))
            return ReferentialAction.Restrict;
        if (Accept("cascade"))
            return ReferentialAction.Cascade;
        if (Accept("set", "null"))
            return ReferentialAction.SetNull;
        Expect("set", "default");
        return ReferentialAction.SetDefault;
    }

    private ImmutableArray<IndexPartSyntax> IndexParts()
    {
        Expect('(');
        var parts = List(IndexPart);
        Expect(')');
        return parts;
    }

    private IndexPartSyntax IndexPart()
    {
        var position = Current.Start;
        string? column = null;
        SyntaxExpression? expression = null;
        if (IsName(Current) && !Peek().Is('(') && !Peek().Is('.'))
            column = Identifier();
        else if (Current.Is('('))
        {
            _next++;
            expression = Expression();
            Expect(')');
        }
        else
            expression = Postfix();

        if (Accept("collate"))
            Name();
        // An operator class.
        if (IsName(Current) && !(Current.Kind == TokenKind.Identifier && Current.Value is "asc" or "desc" or "nulls"))
            Name();
        var descending = Accept("desc");
        if (!descending)
            Accept("asc");
        return new IndexPartSyntax(column, expression, descending, NullsOrder()) { Position = position };
    }

    private CreateIndexStatement CreateIndex()
    {
        var unique = Accept("unique");
        if (Accept("inverted"))
            throw new SqlException(SqlState.FeatureNotSupported, "inverted indexes are not supported");
        Expect("index");
        var concurrently = Accept("concurrently");
        var ifNotExists = IfNotExists();
        var name = IsWord("on") ? null : Identifier();
        Expect("on");
        Accept("only");
        var table = Name();
        var method = Accept("using") ? Label() : null;
        var parts = IndexParts();
        var include = Accept("include") || Accept("storing") || Accept("covering") ? ParenthesizedNames() : [];
        var notDistinct = NullsNotDistinct();
        TableOptions();
        if (Accept("tablespace"))
            Identifier();
        return new CreateIndexStatement(name, table, parts)
        {
            Unique = unique, Concurrently = concurrently, IfNotExists = ifNotExists, Method = method, Include = include, NullsNotDistinct = notDistinct,
            Where = Accept("where") ? Expression() : null,
        };
    }

    private CreateViewStatement CreateView(bool orReplace, bool temporary, bool recursive)
    {
        var ifNotExists = IfNotExists();
        var name = Name();
        var columns = OptionalParenthesizedNames();
        var options = TableOptions();
        Expect("as");
        var start = Current.Start;
        var query = Query();
        var last = _tokens[_next - 1];
        string? check = null;
        if (Accept("with"))
        {
            check = Accept("local") ? "LOCAL" : "CASCADED";
            if (check == "CASCADED")
                Accept("cascaded");
            Expect("check", "option");
        }

        return new CreateViewStatement(name, columns, query)
        {
            OrReplace = orReplace, IfNotExists = ifNotExists, Temporary = temporary, Recursive = recursive, CheckOption = check,
            SecurityInvoker = options.Any(o => o.Name == "security_invoker" && o.Value is "true" or "on" or "1"),
            QueryText = _text[start..(last.Start + last.Length)],
        };
    }

    private SequenceOptions SequenceOptions()
    {
        var options = new SequenceOptions();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            // NO MINVALUE and MINVALUE 1 are the same option said twice (define.c, errorConflictingDefElem).
            var word = IsWord("no") ? Peek().Value : Current.Value;
            if (Current.Kind == TokenKind.Identifier && word is "as" or "increment" or "minvalue" or "maxvalue" or "start" or "restart" or "cache" or "cycle" or "owned" && !seen.Add(word))
                throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options") { Position = Current.Start + 1 };
            if (Accept("as"))
                options = options with { As = Type() };
            else if (Accept("increment"))
            {
                Accept("by");
                options = options with { Increment = SignedInteger() };
            }
            else if (Accept("minvalue"))
                options = options with { Minimum = SignedInteger() };
            else if (Accept("no", "minvalue"))
                options = options with { NoMinimum = true };
            else if (Accept("maxvalue"))
                options = options with { Maximum = SignedInteger() };
            else if (Accept("no", "maxvalue"))
                options = options with { NoMaximum = true };
            else if (Accept("start"))
            {
                Accept("with");
                options = options with { Start = SignedInteger() };
            }
            else if (Accept("restart"))
            {
                Accept("with");
                options = options with { Restart = true, RestartWith = Current.Kind == TokenKind.Integer || Current.IsOperator("-") ? SignedInteger() : null };
            }
            else if (Accept("cache"))
                options = options with { Cache = SignedInteger() };
            else if (Accept("cycle"))
                options = options with { Cycle = true };
            else if (Accept("no", "cycle"))
                options = options with { Cycle = false };
            else if (Accept("owned", "by"))
                options = Accept("none") ? options with { OwnedByNone = true } : options with { OwnedBy = Name() };
            else if (Accept("set", "logged") || Accept("set", "unlogged"))
            {
                // Sequences are written ahead in either case.
            }
            else if (Accept("sequence", "name"))
                Name();
            else
                return options;
        }
    }

    private CreateSchemaStatement CreateSchema()
    {
        var ifNotExists = IfNotExists();
        var name = IsWord("authorization") ? null : Identifier();
        string? database = null;
        if (name is not null && Accept('.'))
            (database, name) = (name, Label());
        var authorization = Accept("authorization") ? Role() : null;
        var elements = ImmutableArray.CreateBuilder<Statement>();
        while (Current.Kind == TokenKind.Identifier && Current.Value is "create" or "grant")
            // Positions in an element count from the start of the whole text.
            elements.Add(PreparableStatement() with { Text = _text });
        return new CreateSchemaStatement(name, authorization, ifNotExists) { Database = database, Elements = elements.ToImmutable() };
    }

    private CreateDatabaseStatement CreateDatabase()
    {
        var ifNotExists = IfNotExists();
        var database = new CreateDatabaseStatement(Identifier(), ifNotExists);
        Accept("with");
        var options = ImmutableArray.CreateBuilder<(string, string)>();
        while (Current.Kind == TokenKind.Identifier)
        {
            var name = Label();
            if (name == "connection")
            {
                Expect("limit");
                name = "connection_limit";
            }

            AcceptOperator("=");
            if (name == "owner")
                database = database with { Owner = Role() };
            else
                options.Add((name, OptionValue()));
        }

        return database with { Options = options.ToImmutable() };
    }

    private Statement CreateType()
    {
        var ifNotExists = IfNotExists();
        var name = Name();
        if (IsWord("as") && Peek().Is('('))
        {
            _next++;
            Expect('(');
            var attributes = Current.Is(')') ? [] : List(CompositeAttribute);
            Expect(')');
            return new CreateCompositeStatement(name, attributes);
        }

        if (!Accept("as", "enum"))
            return SkipTo(new UnsupportedStatement("CREATE TYPE"));
        Expect('(');
        var labels = Current.Is(')') ? [] : List(StringLiteral);
        Expect(')');
        return new CreateEnumStatement(name, labels, ifNotExists);
    }

    private ColumnDefinition CompositeAttribute()
    {
        var position = Current.Start;
        var name = Identifier();
        return new ColumnDefinition(name, Type()) { Collation = Accept("collate") ? Name().Parts : [], Position = position };
    }

    private Statement Drop()
    {
        _next++;
        var word = Take();
        AlterObjectKind kind;
        switch (word.Value)
        {
            case "table":
                kind = AlterObjectKind.Table;
                break;
            case "view":
                kind = AlterObjectKind.View;
                break;
            case "sequence":
                kind = AlterObjectKind.Sequence;
                break;
            case "index":
                var concurrently = Accept("concurrently");
                return DropTail(AlterObjectKind.Index, concurrently);
            case "schema":
                kind = AlterObjectKind.Schema;
                break;
            case "database":
                kind = AlterObjectKind.Database;
                break;
            case "type":
                kind = AlterObjectKind.Type;
                break;
            case "domain":
                kind = AlterObjectKind.Domain;
                break;
            case "user" or "role" or "group":
                var roleExists = IfExists();
                return new DropRoleStatement(Roles(), word.Value == "user", roleExists);
            case "owned":
                Expect("by");
                return new DropOwnedStatement(Roles(), Cascade());
            case "policy":
                var policyExists = IfExists();
                var policy = Identifier();
                Expect("on");
                return new DropPolicyStatement(policy, Name(), policyExists, Cascade());
            case "extension" when Current.IsWord("if"):
                return SkipTo(new NoOperationStatement("DROP EXTENSION"));
            default:
                return SkipTo(new UnsupportedStatement("DROP " + word.Value.ToUpperInvariant()));
        }

        return DropTail(kind, false);
    }

    private DropStatement DropTail(AlterObjectKind kind, bool concurrently)
    {
        var ifExists = IfExists();
        var names = kind == AlterObjectKind.Index ? List(IndexName) : NameList();
        if (kind == AlterObjectKind.Database)
        {
            Accept("with");
            if (Current.Is('('))
                ParenthesizedOptions();
        }

        return new DropStatement(kind, names, ifExists, Cascade()) { Concurrently = concurrently };
    }
}
