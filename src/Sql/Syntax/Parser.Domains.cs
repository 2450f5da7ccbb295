using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>CREATE and ALTER DOMAIN.</summary>
public sealed partial class Parser
{
    private CreateDomainStatement CreateDomain()
    {
        _next++;
        var name = Name();
        Accept("as");
        var type = Type();
        ImmutableArray<string> collation = [];
        var constraints = ImmutableArray.CreateBuilder<ColumnConstraint>();
        while (Current.Kind != TokenKind.End && !Current.Is(';'))
        {
            if (Accept("collate"))
            {
                collation = Name().Parts;
                continue;
            }

            var constraint = Accept("constraint") ? Identifier() : null;
            constraints.Add(DomainConstraint() with { Name = constraint });
        }

        return new CreateDomainStatement(name, type, constraints.ToImmutable()) { Collation = collation };
    }

    private ColumnConstraint DomainConstraint()
    {
        var position = Current.Start;
        switch (Current.Value)
        {
            case "not":
                _next++;
                Expect("null");
                return new NotNullConstraint(true) { Position = position };
            case "null":
                _next++;
                return new NotNullConstraint(false) { Position = position };
            case "default":
                return DefaultClause() with { Position = position };
            case "check":
                return CheckColumn() with { Position = position };
            case "unique" or "primary" or "references" or "foreign":
                var word = Current.Value switch { "unique" => "unique", "primary" => "primary key", _ => "foreign key" };
                throw new SqlException(SqlState.SyntaxError, $"{word} constraints not possible for domains") { Position = position + 1 };
            default:
                throw Unexpected();
        }
    }

    private Statement AlterDomain()
    {
        var name = Name();
        if (Accept("set", "default"))
            return new AlterDomainStatement(name, DomainActionKind.SetDefault) { Expression = Expression() };
        if (Accept("drop", "default"))
            return new AlterDomainStatement(name, DomainActionKind.SetDefault);
        if (Accept("set", "not", "null"))
            return new AlterDomainStatement(name, DomainActionKind.SetNotNull) { NotNull = true };
        if (Accept("drop", "not", "null"))
            return new AlterDomainStatement(name, DomainActionKind.SetNotNull);
        if (Accept("add"))
        {
            var constraint = Accept("constraint") ? Identifier() : null;
            if (!IsWord("check"))
                throw Unexpected();
            var check = CheckColumn();
            return new AlterDomainStatement(name, DomainActionKind.AddCheck) { Constraint = constraint, Expression = check.Expression, NotValid = Accept("not", "valid") };
        }

        if (Accept("drop", "constraint"))
        {
            var exists = IfExists();
            var dropped = Identifier();
            Cascade();
            return new AlterDomainStatement(name, DomainActionKind.DropConstraint) { Constraint = dropped, IfExists = exists };
        }

        if (Accept("validate", "constraint"))
            return new AlterDomainStatement(name, DomainActionKind.ValidateConstraint) { Constraint = Identifier() };
        if (!Accept("rename", "constraint"))
            return IsWord("rename") || IsWords("owner", "to") || IsWords("set", "schema") ? AlterOther(AlterObjectKind.Domain, false, name) : throw Unexpected();
        var old = Identifier();
        Expect("to");
        return new AlterDomainStatement(name, DomainActionKind.RenameConstraint) { Constraint = old, NewName = Identifier() };
    }
}
