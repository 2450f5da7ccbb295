using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>ALTER and COMMENT.</summary>
public sealed partial class Parser
{
    private Statement Alter()
    {
        _next++;
        var word = Take();
        switch (word.Value)
        {
            case "table":
                return AlterTable();
            case "view":
                return AlterOther(AlterObjectKind.View, IfExists(), Name());
            case "index":
                return AlterOther(AlterObjectKind.Index, IfExists(), IndexName());
            case "sequence":
                var sequenceExists = IfExists();
                var sequence = Name();
                if (IsWords("owner", "to") || IsWord("rename") || IsWords("set", "schema"))
                    return AlterOther(AlterObjectKind.Sequence, sequenceExists, sequence);
                return new AlterSequenceStatement(sequence, SequenceOptions(), sequenceExists);
            case "schema":
                return AlterOther(AlterObjectKind.Schema, IfExists(), Name());
            case "database":
                return AlterDatabase();
            case "type":
                return AlterType();
            case "domain":
                return AlterDomain();
            case "user" or "role" or "group":
                return AlterRole(word.Value == "user");
            case "default" when IsWord("privileges"):
                _next++;
                return AlterDefaultPrivileges();
            case "policy":
                return AlterPolicy();
            default:
                return SkipTo(new UnsupportedStatement("ALTER " + word.Value.ToUpperInvariant()));
        }
    }

    private Statement AlterDatabase()
    {
        var name = Name();
        if (IsWord("set") || IsWord("reset"))
        {
            var reset = Take().Value == "reset";
            return new AlterRoleSetStatement(null, name.Name, reset && Accept("all") ? null : SettingName(), reset ? [] : SettingValues(), reset, false);
        }

        return IsWords("owner", "to") || IsWord("rename") ? AlterOther(AlterObjectKind.Database, false, name) : SkipTo(new NoOperationStatement("ALTER DATABASE"));
    }

    private Statement AlterOther(AlterObjectKind kind, bool ifExists, ObjectName name)
    {
        if (Accept("rename"))
        {
            if (Accept("column") || (!IsWord("to") && kind is AlterObjectKind.Table or AlterObjectKind.View))
            {
                var column = Identifier();
                Expect("to");
                return new RenameStatement(AlterObjectKind.Column, name, column, Identifier(), ifExists);
            }

            Expect("to");
            if (kind is not (AlterObjectKind.Table or AlterObjectKind.View or AlterObjectKind.Sequence))
                return new RenameStatement(kind, name, null, Identifier(), ifExists);
            var target = Name();
            return new RenameStatement(kind, name, null, target.Name, ifExists) { Target = target };
        }

        if (Accept("owner", "to"))
            return new AlterOwnerStatement(kind, name, Role(), ifExists);
        if (Accept("set", "schema"))
            return new SetSchemaStatement(kind, name, Identifier(), ifExists);
        if (kind == AlterObjectKind.View && Accept("alter"))
        {
            Accept("column");
            var column = Identifier();
            return new AlterTableStatement(name, [AlterColumn(column)], ifExists);
        }

        return kind is AlterObjectKind.View or AlterObjectKind.Index
            ? SkipTo(new NoOperationStatement(kind == AlterObjectKind.View ? "ALTER VIEW" : "ALTER INDEX"))
            : SkipTo(new UnsupportedStatement($"ALTER {kind.ToString().ToUpperInvariant()} …"));
    }

    private Statement AlterTable()
    {
        var ifExists = IfExists();
        Accept("only");
        var name = Name();
        AcceptOperator("*");
        if (IsWord("rename"))
        {
            if (!Peek().IsWord("constraint"))
                return AlterOther(AlterObjectKind.Table, ifExists, name);
            _next += 2;
            var constraint = Identifier();
            Expect("to");
            return new RenameStatement(AlterObjectKind.Constraint, name, constraint, Identifier(), ifExists);
        }

        if (IsWords("owner", "to") || IsWords("set", "schema"))
            return AlterOther(AlterObjectKind.Table, ifExists, name);
        return new AlterTableStatement(name, List(TableAction), ifExists);
    }

    private AlterTableAction TableAction()
    {
        var position = Current.Start;
        AlterTableAction action;
        switch (Current.Value)
        {
            case "add":
                _next++;
                action = AddAction();
                break;
            case "drop":
                _next++;
                if (Accept("constraint"))
                {
                    var constraintExists = IfExists();
                    action = new DropConstraintAction(Identifier(), constraintExists, Cascade());
                    break;
                }

                Accept("column");
                var columnExists = IfExists();
                action = new DropColumnAction(Identifier(), columnExists, Cascade());
                break;
            case "alter" when Peek().IsWord("constraint"):
                _next += 2;
                var name = Identifier();
                Deferrability(out var deferrable, out var deferred);
                action = new AlterConstraintAction(name, deferrable ?? deferred ?? false, deferred ?? false);
                break;
            case "alter":
                _next++;
                Accept("column");
                action = AlterColumn(Identifier());
                break;
            case "validate":
                _next++;
                Expect("constraint");
                action = new ValidateConstraintAction(Identifier());
                break;
            case "experimental_audit":
                _next++;
                Expect("set");
                var on = Accept("read", "write");
                if (!on)
                    Expect("off");
                action = new SetAuditAction(on);
                break;
            case "enable" or "disable" or "force" or "no":
                action = RowSecurity();
                break;
            default:
                var kind = Current.Value;
                if (kind is not ("cluster" or "set" or "reset" or "replica" or "inherit" or "split" or "unsplit" or "configure" or "partition" or "scatter"))
                    throw Unexpected();
                while (Current.Kind != TokenKind.End && !Current.Is(';') && !Current.Is(','))
                {
                    if (Current.Is('('))
                        ParenthesizedOptions();
                    else
                        _next++;
                }

                action = new IgnoredAction(kind);
                break;
        }

        return action with { Position = position };
    }

    private AlterTableAction RowSecurity()
    {
        var mode = Take().Value;
        if (mode == "no")
        {
            Expect("force");
            mode = "no force";
        }

        if (!Accept("row", "level", "security"))
            return SkipTo(new IgnoredAction(mode));
        return new RowSecurityAction(mode.ToUpperInvariant());
    }

    private AlterTableAction AddAction()
    {
        if (IsTableConstraintStart())
            return new AddConstraintAction(TableConstraint());
        if (Accept("constraint", "if", "not"))
        {
            Expect("exists");
            _next--;
            throw Unexpected();
        }

        Accept("column");
        var ifNotExists = IfNotExists();
        return new AddColumnAction(Column(), ifNotExists);
    }

    private AlterTableAction AlterColumn(string column)
    {
        if (Accept("set", "default"))
            return new SetDefaultAction(column, Expression());
        if (Accept("drop", "default"))
            return new SetDefaultAction(column, null);
        if (Accept("set", "not", "null"))
            return new SetNotNullAction(column, true);
        if (Accept("drop", "not", "null"))
            return new SetNotNullAction(column, false);
        if (Accept("set", "data"))
            Expect("type");
        else if (!Accept("type"))
            return AlterColumnRest(column);
        var type = Type();
        if (Accept("collate"))
            Name();
        return new SetTypeAction(column, type, Accept("using") ? Expression() : null);
    }

    private AlterTableAction AlterColumnRest(string column)
    {
        if (Accept("drop", "identity"))
            return new DropIdentityAction(column, IfExists());
        if (Accept("drop", "expression"))
            return new DropExpressionAction(column, IfExists());
        if (Accept("drop", "stored"))
            return new DropExpressionAction(column, false);
        if (Accept("add"))
            return Generated() is IdentityConstraint identity ? new AddIdentityAction(column, identity) : throw Unexpected();
        if (IsWord("set") && Peek().Kind == TokenKind.Identifier && Peek().Value is "generated" or "increment" or "minvalue" or "maxvalue" or "start" or "cache" or "cycle" or "no")
        {
            bool? always = null;
            var options = new SequenceOptions();
            while (Accept("set"))
            {
                if (Accept("generated"))
                {
                    always = Accept("always");
                    if (always == false)
                        Expect("by", "default");
                }
                else
                    options = SequenceOptions();
            }

            return new SetIdentityAction(column, always, options);
        }

        if (IsWord("restart"))
            return new SetIdentityAction(column, null, SequenceOptions());
        if (IsWord("set") || IsWord("reset"))
        {
            while (Current.Kind != TokenKind.End && !Current.Is(';') && !Current.Is(','))
            {
                if (Current.Is('('))
                    ParenthesizedOptions();
                else
                    _next++;
            }

            return new IgnoredAction("column setting");
        }

        throw Unexpected();
    }

    private Statement AlterType()
    {
        var name = Name();
        if (Accept("add", "value"))
        {
            var ifNotExists = IfNotExists();
            var label = StringLiteral();
            bool? before = Accept("before") ? true : Accept("after") ? false : null;
            return new AddEnumValueStatement(name, label, ifNotExists, before, before is null ? null : StringLiteral());
        }

        if (Accept("rename", "value"))
        {
            var old = StringLiteral();
            Expect("to");
            return new RenameEnumValueStatement(name, old, StringLiteral());
        }

        return AlterOther(AlterObjectKind.Type, false, name);
    }

    private CommentStatement Comment()
    {
        _next++;
        Expect("on");
        var word = Take();
        var kind = word.Value switch
        {
            "table" => AlterObjectKind.Table,
            "view" => AlterObjectKind.View,
            "sequence" => AlterObjectKind.Sequence,
            "index" => AlterObjectKind.Index,
            "schema" => AlterObjectKind.Schema,
            "database" => AlterObjectKind.Database,
            "type" => AlterObjectKind.Type,
            "domain" => AlterObjectKind.Domain,
            "column" => AlterObjectKind.Column,
            "constraint" => AlterObjectKind.Constraint,
            _ => throw new SqlException(SqlState.FeatureNotSupported, $"COMMENT ON {word.Value.ToUpperInvariant()} is not supported") { Position = word.Start + 1 },
        };
        ObjectName name;
        string? member = null;
        if (kind == AlterObjectKind.Constraint)
        {
            member = Identifier();
            Expect("on");
            if (Accept("domain"))
                kind = AlterObjectKind.DomainConstraint;
            name = Name();
        }
        else if (kind == AlterObjectKind.Index)
            name = IndexName();
        else
        {
            var position = Current.Start;
            var parts = ImmutableArray.CreateBuilder<string>();
            parts.Add(Identifier());
            while (Accept('.'))
                parts.Add(Label());
            if (kind == AlterObjectKind.Column)
            {
                member = parts[^1];
                parts.RemoveAt(parts.Count - 1);
                if (parts.Count == 0)
                    throw Error("column name must be qualified", position);
            }

            name = new ObjectName(parts.ToImmutable()) { Position = position };
        }

        Expect("is");
        return new CommentStatement(kind, name, member, Accept("null") ? null : StringLiteral());
    }

    private CreatePolicyStatement CreatePolicy()
    {
        _next++;
        var ifNotExists = IfNotExists();
        var name = Identifier();
        Expect("on");
        var table = Name();
        var permissive = true;
        if (Accept("as"))
        {
            permissive = Accept("permissive");
            if (!permissive)
                Expect("restrictive");
        }

        var command = Accept("for") ? Label().ToUpperInvariant() : "ALL";
        var roles = Accept("to") ? Roles() : [];
        var (usingExpression, check) = PolicyExpressions();
        return new CreatePolicyStatement(name, table, permissive, command, roles, usingExpression, check, ifNotExists);
    }

    private AlterPolicyStatement AlterPolicy()
    {
        var name = Identifier();
        Expect("on");
        var table = Name();
        if (Accept("rename", "to"))
            return new AlterPolicyStatement(name, table, Identifier(), [], null, null);
        var roles = Accept("to") ? Roles() : [];
        var (usingExpression, check) = PolicyExpressions();
        return new AlterPolicyStatement(name, table, null, roles, usingExpression, check);
    }

    private (SyntaxExpression? Using, SyntaxExpression? Check) PolicyExpressions()
    {
        SyntaxExpression? usingExpression = null;
        SyntaxExpression? check = null;
        if (Accept("using"))
        {
            Expect('(');
            usingExpression = Expression();
            Expect(')');
        }

        if (Accept("with", "check"))
        {
            Expect('(');
            check = Expression();
            Expect(')');
        }

        return (usingExpression, check);
    }
}
