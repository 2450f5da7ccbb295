using System.Globalization;
using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>Transactions, settings, prepared statements, cursors, SHOW, EXPLAIN, maintenance.</summary>
public sealed partial class Parser
{
    private BeginStatement Begin()
    {
        var isStart = Take().Value == "start";
        if (isStart)
            Expect("transaction");
        else if (!Accept("transaction"))
            Accept("work");
        return new BeginStatement(TransactionModes()) { IsStart = isStart };
    }

    private TransactionModes TransactionModes()
    {
        var modes = Syntax.TransactionModes.None;
        while (true)
        {
            if (Accept("isolation", "level"))
            {
                var start = Current;
                var level = Label();
                if (level == "read" || level == "repeatable")
                    level += " " + Label();
                if (level is not ("serializable" or "repeatable read" or "read committed" or "read uncommitted" or "snapshot"))
                    throw Unexpected(start);
                modes = modes with { Isolation = level == "snapshot" ? "serializable" : level };
            }
            else if (Accept("read", "only"))
                modes = modes with { ReadOnly = true };
            else if (Accept("read", "write"))
                modes = modes with { ReadOnly = false };
            else if (Accept("not", "deferrable"))
                modes = modes with { Deferrable = false };
            else if (Accept("deferrable"))
                modes = modes with { Deferrable = true };
            else if (Accept("priority"))
            {
                var start = Current;
                var priority = Label();
                modes = modes with { Priority = priority is "low" or "normal" or "high" ? priority : throw Unexpected(start) };
            }
            else if (Accept("as", "of", "system"))
            {
                Expect("time");
                modes = modes with { AsOf = Expression() };
            }
            else
                return modes;
            Accept(',');
        }
    }

    private bool Chain()
    {
        if (!Accept("transaction"))
            Accept("work");
        if (Accept("and", "chain"))
            return true;
        Accept("and", "no", "chain");
        return false;
    }

    private Statement Commit()
    {
        _next++;
        if (IsWord("prepared"))
            return SkipTo(new UnsupportedStatement("COMMIT PREPARED"));
        return new CommitStatement(Chain());
    }

    private Statement Rollback()
    {
        _next++;
        if (IsWord("prepared"))
            return SkipTo(new UnsupportedStatement("ROLLBACK PREPARED"));
        var chain = Chain();
        if (!Accept("to"))
            return new RollbackStatement(chain);
        Accept("savepoint");
        return new RollbackToSavepointStatement(Identifier());
    }

    private SavepointStatement Savepoint()
    {
        _next++;
        return new SavepointStatement(Identifier());
    }

    private ReleaseSavepointStatement Release()
    {
        _next++;
        Accept("savepoint");
        return new ReleaseSavepointStatement(Identifier());
    }

    private string SettingName()
    {
        var name = Label();
        while (Accept('.'))
            name += "." + Label();
        return name;
    }

    private ImmutableArray<SyntaxExpression> SettingValues()
    {
        if (!Accept("to") && !AcceptOperator("="))
            throw Unexpected();
        return Accept("default") ? [] : List(SettingValue);
    }

    /// <summary>A literal, or a bare word taken as a string.</summary>
    private SyntaxExpression SettingValue()
    {
        var token = Current;
        if (token.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && !Peek().Is('(') && token.Value is not ("true" or "false" or "null") && Peek().Kind != TokenKind.String)
        {
            var position = token.Start;
            var text = SettingName();
            return new LiteralExpression(LiteralKind.String, text) { Position = position };
        }

        return Expression();
    }

    /// <summary>USE db is SET database = db.</summary>
    private SetStatement Use()
    {
        _next++;
        var position = Current.Start;
        return new SetStatement("database", [new LiteralExpression(LiteralKind.String, Label()) { Position = position }], false);
    }

    private Statement Set()
    {
        _next++;
        if (IsWords("cluster", "setting"))
        {
            _next += 2;
            var setting = SettingName();
            return new SetStatement(setting, SettingValues(), false) { Cluster = true };
        }

        if (Accept("transaction"))
        {
            if (Accept("snapshot"))
                return SkipTo(new UnsupportedStatement("SET TRANSACTION SNAPSHOT"));
            return new SetTransactionStatement(TransactionModes(), false);
        }

        if (Accept("session", "characteristics", "as"))
        {
            Expect("transaction");
            return new SetTransactionStatement(TransactionModes(), true);
        }

        if (Accept("constraints"))
        {
            var names = Accept("all") ? [] : NameList();
            var deferred = Accept("deferred");
            if (!deferred)
                Expect("immediate");
            return new SetConstraintsStatement(names, deferred);
        }

        if (Accept("session", "authorization"))
            return new SetSessionAuthorizationStatement(Accept("default") ? null : Role());
        var local = Accept("local");
        // SESSION AUTHORIZATION ends with the transaction when it rolls back; LOCAL also when it commits.
        if (local && Accept("session", "authorization"))
            return new SetSessionAuthorizationStatement(Accept("default") ? null : Role(), true);
        if (!local && IsWord("session") && !Peek().IsOperator("=") && !Peek().IsWord("to"))
            _next++;
        if (Accept("role"))
        {
            if (!AcceptOperator("="))
                Accept("to");
            return new SetRoleStatement(Accept("none") || Accept("default") ? null : Role(), local);
        }

        if (Accept("time", "zone"))
        {
            if (Accept("default") || Accept("local"))
                return new SetStatement("timezone", [], local);
            if (IsWord("interval"))
                return new SetStatement("timezone", [Expression()], local);
            return new SetStatement("timezone", [SettingValue()], local);
        }

        if (Accept("names"))
            return new SetStatement("client_encoding", Accept("default") ? [] : [SettingValue()], local);
        if (IsWord("schema") && Peek().Kind == TokenKind.String)
        {
            _next++;
            return new SetStatement("search_path", [SettingValue()], local);
        }

        var name = SettingName();
        return new SetStatement(name, SettingValues(), local);
    }

    private ResetStatement Reset()
    {
        _next++;
        if (IsWords("cluster", "setting"))
        {
            _next += 2;
            return new ResetStatement(SettingName()) { Cluster = true };
        }

        if (Accept("all"))
            return new ResetStatement(null);
        if (Accept("time", "zone"))
            return new ResetStatement("timezone");
        if (Accept("session", "authorization"))
            return new ResetStatement("session_authorization");
        if (Accept("transaction", "isolation"))
        {
            Expect("level");
            return new ResetStatement("transaction_isolation");
        }

        return new ResetStatement(SettingName());
    }

    private Statement Show()
    {
        _next++;
        if (Accept("all"))
        {
            if (Accept("cluster", "settings"))
                return new ShowStatement("CLUSTER SETTINGS");
            if (Accept("cluster", "sessions") || Accept("sessions"))
                return new ShowStatement("SESSIONS");
            if (Accept("cluster", "queries") || Accept("queries"))
                return new ShowStatement("QUERIES");
            return new ShowStatement("ALL");
        }

        if (Accept("time", "zone"))
            return new ShowStatement("VARIABLE") { Name = "timezone" };
        if (Accept("transaction", "isolation"))
        {
            Expect("level");
            return new ShowStatement("VARIABLE") { Name = "transaction_isolation" };
        }

        if (Accept("transaction", "priority"))
            return new ShowStatement("VARIABLE") { Name = "transaction_priority" };
        if (Accept("transaction", "status"))
            return new ShowStatement("TRANSACTION STATUS");
        if (Accept("session", "authorization"))
            return new ShowStatement("VARIABLE") { Name = "session_authorization" };
        if (Accept("cluster", "setting"))
            return new ShowStatement("CLUSTER SETTING") { Name = SettingName() };
        if (Accept("public", "cluster", "settings") || Accept("cluster", "settings"))
            return new ShowStatement("CLUSTER SETTINGS");
        // One node: the cluster's are its own.
        if (Accept("cluster", "sessions") || Accept("local", "sessions"))
            return new ShowStatement("SESSIONS");
        if (Accept("cluster", "queries") || Accept("local", "queries"))
            return new ShowStatement("QUERIES");
        if (Accept("create", "all"))
            return new ShowStatement("CREATE ALL") { Name = Accept("tables") ? "TABLES" : Accept("schemas") ? "SCHEMAS" : Accept("types") ? "TYPES" : throw Unexpected() };
        var word = Current.Kind == TokenKind.Identifier ? Current.Value : "";
        switch (word)
        {
            case "enums" or "tables" or "databases" or "schemas" or "sequences" or "users" or "roles" or "queries" or "sessions" or "types" or "jobs":
                if (Peek().Kind == TokenKind.End || Peek().Is(';') || Peek().Is(']') || Peek().IsWord("from") || Peek().IsWord("with"))
                {
                    _next++;
                    var objects = Accept("from") ? [Name()] : ImmutableArray<ObjectName>.Empty;
                    return new ShowStatement(word.ToUpperInvariant()) { Objects = objects, WithComment = Accept("with", "comment") };
                }

                break;
            case "columns" or "indexes" or "index" or "keys" or "constraints" or "constraint" when Peek().IsWord("from"):
                _next += 2;
                Accept("table");
                return new ShowStatement(word switch { "columns" => "COLUMNS", "constraints" or "constraint" => "CONSTRAINTS", _ => "INDEXES" })
                {
                    Objects = [Name()], WithComment = Accept("with", "comment"),
                };
            case "create":
                _next++;
                if (Peek().Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && (IsWord("database") || IsWord("schema") || IsWord("type")))
                {
                    var what = Take().Value switch { "database" => ObjectKindSyntax.Database, "schema" => ObjectKindSyntax.Schema, _ => ObjectKindSyntax.Type };
                    return new ShowStatement("CREATE") { ObjectKind = what, Objects = [Name()] };
                }

                var kind = Accept("view") ? "VIEW" : Accept("sequence") ? "SEQUENCE" : Accept("table") ? "TABLE" : "";
                return new ShowStatement("CREATE") { Name = kind, Objects = [Name()] };
            case "grants":
                _next++;
                return ShowGrants();
            case "system" when Peek().IsWord("grants"):
                _next += 2;
                return new ShowStatement("SYSTEM GRANTS") { Grantees = Accept("for") ? Roles() : [] };
            case "default" when Peek().IsWord("session") && Peek(2).IsWord("variables"):
                _next += 3;
                Expect("for");
                if (!Accept("role"))
                    Expect("user");
                return new ShowStatement("SESSION DEFAULTS") { Roles = Accept("all") ? [] : [Role()] };
            case "default" when Peek().IsWord("privileges"):
                _next += 2;
                return ShowDefaultPrivileges();
            case "policies" when Peek().IsWord("for"):
                _next += 2;
                return new ShowStatement("POLICIES") { Objects = [Name()] };
        }

        return new ShowStatement("VARIABLE") { Name = SettingName() };
    }

    private ShowStatement ShowDefaultPrivileges()
    {
        var show = new ShowStatement("DEFAULT PRIVILEGES");
        if (Accept("for", "all", "roles"))
            show = show with { Name = "ALL ROLES" };
        else if (Accept("for", "grantee"))
            show = show with { Grantees = Roles() };
        else if (Accept("for", "role") || Accept("for", "user"))
            show = show with { Roles = Roles() };
        return Accept("in", "schema") ? show with { Objects = NameList() } : show;
    }

    private ShowStatement ShowGrants()
    {
        var show = new ShowStatement("GRANTS");
        if (Accept("on"))
        {
            if (Accept("role"))
                show = new ShowStatement("GRANTS ON ROLE") { Roles = Current.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && !IsWord("for") ? Roles() : [] };
            else if (Accept("database"))
                show = show with { ObjectKind = ObjectKindSyntax.Database, Objects = NameList() };
            else if (Accept("schema"))
                show = show with { ObjectKind = ObjectKindSyntax.Schema, Objects = NameList() };
            else if (Accept("type"))
                show = show with { ObjectKind = ObjectKindSyntax.Type, Objects = NameList() };
            else
            {
                if (!Accept("table") && Current.IsWord("sequence") && Peek().Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && !Peek().IsWord("for"))
                    _next++;
                show = show with { ObjectKind = ObjectKindSyntax.Table, Objects = List(PatternName) };
            }
        }

        return Accept("for") ? show with { Grantees = Roles() } : show;
    }

    private PrepareStatement Prepare()
    {
        _next++;
        var name = Identifier();
        var types = ImmutableArray<TypeName>.Empty;
        if (Accept('('))
        {
            types = List(Type);
            Expect(')');
        }

        Expect("as");
        return new PrepareStatement(name, types, PreparableStatement());
    }

    private ExecuteStatement Execute()
    {
        _next++;
        var name = Identifier();
        ImmutableArray<SyntaxExpression> arguments = [];
        if (Accept('('))
        {
            arguments = Current.Is(')') ? [] : Expressions();
            Expect(')');
        }

        return new ExecuteStatement(name, arguments);
    }

    private DeallocateStatement Deallocate()
    {
        _next++;
        Accept("prepare");
        return new DeallocateStatement(Accept("all") ? null : Identifier());
    }

    private DeclareCursorStatement Declare()
    {
        _next++;
        var name = Identifier();
        var binary = false;
        bool? scroll = null;
        while (!IsWord("cursor"))
        {
            if (Accept("binary"))
                binary = true;
            else if (Accept("no", "scroll"))
                scroll = false;
            else if (Accept("scroll"))
                scroll = true;
            else if (!Accept("insensitive") && !Accept("asensitive"))
                throw Unexpected();
        }

        _next++;
        var hold = Accept("with", "hold");
        if (!hold)
            Accept("without", "hold");
        Expect("for");
        return new DeclareCursorStatement(name, PreparableStatement()) { Binary = binary, Scroll = scroll, WithHold = hold };
    }

    private FetchStatement FetchCursor()
    {
        var isMove = Take().Value == "move";
        var direction = FetchDirection.Next;
        long? count = 1;
        if (Accept("next"))
            direction = FetchDirection.Next;
        else if (Accept("prior"))
            direction = FetchDirection.Prior;
        else if (Accept("first"))
            direction = FetchDirection.First;
        else if (Accept("last"))
            direction = FetchDirection.Last;
        else if (Accept("absolute"))
            (direction, count) = (FetchDirection.Absolute, SignedInteger());
        else if (Accept("relative"))
            (direction, count) = (FetchDirection.Relative, SignedInteger());
        else if (Accept("all"))
            (direction, count) = (FetchDirection.Forward, null);
        else if (Accept("forward"))
            (direction, count) = (FetchDirection.Forward, FetchCount());
        else if (Accept("backward"))
            (direction, count) = (FetchDirection.Backward, FetchCount());
        else if (Current.Kind == TokenKind.Integer || Current.IsOperator("-"))
            (direction, count) = (FetchDirection.Forward, SignedInteger());
        if (!Accept("from"))
            Accept("in");
        return new FetchStatement(Identifier(), direction, count, isMove);
    }

    private long? FetchCount()
    {
        if (Accept("all"))
            return null;
        return Current.Kind == TokenKind.Integer || Current.IsOperator("-") ? SignedInteger() : 1;
    }

    private CloseStatement CloseCursor()
    {
        _next++;
        return new CloseStatement(Accept("all") ? null : Identifier());
    }

    private UnlistenStatement Unlisten()
    {
        _next++;
        return new UnlistenStatement(AcceptOperator("*") ? null : Identifier());
    }

    private NotifyStatement Notify()
    {
        _next++;
        var channel = Identifier();
        return new NotifyStatement(channel, Accept(',') ? StringLiteral() : null);
    }

    private ExplainStatement Explain()
    {
        _next++;
        var options = new ExplainStatement(new UnsupportedStatement(""));
        var needsAnalyze = "";
        if (Current.Is('(') && !IsQueryParenthesis())
        {
            _next++;
            do
            {
                var position = Current.Start;
                var name = Label();
                var value = Current.Is(',') || Current.Is(')') ? "true" : Take().Value;
                if (name is "timing" or "wal" && value is "true" or "on" or "1")
                    needsAnalyze = name;
                options = name == "format" ? options with { Format = ExplainFormatOf(value, position) } : ExplainFlag(options, name, value, position);
            }
            while (Accept(','));
            Expect(')');
        }
        else
        {
            if (Accept("analyze") || Accept("analyse"))
                options = options with { Analyze = true };
            if (Accept("verbose"))
                options = options with { Verbose = true };
        }

        if (needsAnalyze.Length > 0 && !options.Analyze)
            throw new SqlException(SqlState.InvalidParameterValue, $"EXPLAIN option {needsAnalyze.ToUpperInvariant()} requires ANALYZE");
        return options with { Statement = PreparableStatement() };
    }

    private static ExplainStatement ExplainFlag(ExplainStatement options, string name, string value, int position)
    {
        var known = name is "analyze" or "analyse" or "verbose" or "costs" or "buffers" or "timing" or "summary" or "settings" or "wal" or "generic_plan" or "opt" or "distsql" or "types" or "vec";
        if (!known)
            throw new SqlException(SqlState.SyntaxError, $"unrecognized EXPLAIN option \"{name}\"") { Position = position + 1 };
        if (value is not ("true" or "on" or "1" or "false" or "off" or "0"))
            throw new SqlException(SqlState.SyntaxError, $"{name} requires a Boolean value");
        var on = value is "true" or "on" or "1";
        return name switch
        {
            "analyze" or "analyse" => options with { Analyze = on },
            "verbose" => options with { Verbose = on },
            "costs" => options with { Costs = on },
            "buffers" => options with { Buffers = on },
            "timing" => options with { Timing = on },
            "summary" => options with { Summary = on },
            _ => options,
        };
    }

    private static ExplainFormat ExplainFormatOf(string value, int position) => value switch
    {
        "text" => ExplainFormat.Text,
        "json" => ExplainFormat.Json,
        "xml" or "yaml" => throw new SqlException(SqlState.FeatureNotSupported, $"EXPLAIN format {value} is not supported") { Position = position + 1 },
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized value for EXPLAIN option \"format\": \"{value}\"") { Position = position + 1 },
    };

    private MaintenanceStatement Maintenance()
    {
        var vacuum = Take().Value == "vacuum";
        var analyze = !vacuum;
        if (Current.Is('('))
        {
            foreach (var (name, value) in MaintenanceOptions())
            {
                var known = name is "verbose" or "skip_locked" || (vacuum && name is "analyze" or "full" or "freeze" or "disable_page_skipping" or "index_cleanup" or "process_toast" or "truncate" or "parallel");
                if (!known)
                    throw new SqlException(SqlState.SyntaxError, $"unrecognized {(vacuum ? "VACUUM" : "ANALYZE")} option \"{name}\"");
                if (name == "parallel" && (!int.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var workers) || workers is < 0 or > 1024))
                    throw new SqlException(SqlState.SyntaxError, "parallel workers for vacuum must be between 0 and 1024");
                analyze |= name is "analyze" && value is "true" or "on" or "1";
            }
        }
        else
        {
            while (Current.Kind == TokenKind.Identifier && Current.Value is "full" or "freeze" or "verbose" or "analyze" or "analyse")
                analyze |= Take().Value is "analyze" or "analyse";
        }

        var tables = ImmutableArray<(ObjectName, ImmutableArray<string>)>.Empty;
        if (IsName(Current))
            tables = List(() => (Name(), OptionalParenthesizedNames()));
        if (!analyze && tables.Any(t => !t.Item2.IsEmpty))
            throw new SqlException(SqlState.FeatureNotSupported, "ANALYZE option must be specified when a column list is provided");
        return new MaintenanceStatement(vacuum, analyze, tables);
    }

    private ImmutableArray<(string Name, string Value)> MaintenanceOptions()
    {
        Expect('(');
        var options = List(() => (Label(), Current.Is(',') || Current.Is(')') ? "true" : OptionValue()));
        Expect(')');
        return options;
    }

    private LockTableStatement LockTable()
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
        var mode = "ACCESS EXCLUSIVE";
        if (Accept("in"))
        {
            var words = new List<string>();
            var first = _next;
            while (!IsWord("mode"))
                words.Add(Label().ToUpperInvariant());
            _next++;
            mode = string.Join(' ', words);
            if (mode is not ("ACCESS SHARE" or "ROW SHARE" or "ROW EXCLUSIVE" or "SHARE UPDATE EXCLUSIVE" or "SHARE" or "SHARE ROW EXCLUSIVE" or "EXCLUSIVE" or "ACCESS EXCLUSIVE"))
            {
                _next = first;
                throw Unexpected();
            }
        }

        return new LockTableStatement(tables, mode, Accept("nowait"));
    }

    private CancelStatement CancelQuery()
    {
        _next++;
        var isSession = Accept("session") || Accept("sessions");
        if (!isSession && !Accept("queries"))
            Expect("query");
        IfExists();
        return new CancelStatement(isSession, Expression());
    }
}
