using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>Users, roles, privileges (SECURITY-SPEC 3.2, 4.2; PostgreSQL's forms).</summary>
public sealed partial class Parser
{
    private CreateRoleStatement CreateRole()
    {
        var isUser = Take().Value == "user";
        var ifNotExists = IfNotExists();
        var name = Role();
        return new CreateRoleStatement(name, RoleOptions(), isUser, ifNotExists);
    }

    private Statement AlterRole(bool isUser)
    {
        var ifExists = IfExists();
        var role = Accept("all") ? null : Role();
        // ALTER GROUP … ADD USER: membership, under its old name.
        if (role is not null && Accept("add", "user"))
            return new GrantRoleStatement([role], Roles(), false);
        if (role is not null && Accept("drop", "user"))
            return new RevokeRoleStatement([role], Roles(), false);
        if (Accept("rename", "to"))
        {
            throw new SqlException(SqlState.FeatureNotSupported, "roles cannot be renamed") { Position = Current.Start + 1, Hint = "Create a new role and grant it what the old one has." };
        }

        string? database = null;
        if (Accept("in", "database"))
            database = Identifier();
        if (Accept("set"))
        {
            var name = SettingName();
            return new AlterRoleSetStatement(role, database, name, SettingValues(), false, ifExists);
        }

        if (Accept("reset"))
            return new AlterRoleSetStatement(role, database, Accept("all") ? null : SettingName(), [], true, ifExists);
        return new AlterRoleStatement(role, RoleOptions(), isUser, ifExists);
    }

    private ImmutableArray<RoleOption> RoleOptions()
    {
        Accept("with");
        var options = ImmutableArray.CreateBuilder<RoleOption>();
        while (Current.Kind == TokenKind.Identifier)
        {
            var position = Current.Start;
            var word = Take().Value;
            RoleOption option;
            switch (word)
            {
                case "password":
                    option = PasswordOption();
                    break;
                case "encrypted" when Accept("password"):
                    option = PasswordOption();
                    break;
                case "valid":
                    Expect("until");
                    option = Accept("null") ? new RoleOption("VALID UNTIL", null, true) : new RoleOption("VALID UNTIL", StringLiteral());
                    break;
                case "connection":
                    Expect("limit");
                    option = new RoleOption("CONNECTION LIMIT", SignedInteger().ToString(System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case "subject":
                    option = Accept("null") ? new RoleOption("SUBJECT", null, true) : new RoleOption("SUBJECT", StringLiteral());
                    break;
                case "in" when Accept("role") || Accept("group"):
                    option = new RoleOption("IN ROLE", null) { Roles = Roles() };
                    break;
                case "role" or "user":
                    option = new RoleOption("ROLE", null) { Roles = Roles() };
                    break;
                case "admin":
                    option = new RoleOption("ADMIN", null) { Roles = Roles() };
                    break;
                case "sysid":
                    SignedInteger();
                    continue;
                default:
                    option = new RoleOption(word.ToUpperInvariant(), null);
                    break;
            }

            options.Add(option with { Position = position });
        }

        return options.ToImmutable();
    }

    private RoleOption PasswordOption() => Accept("null") ? new RoleOption("PASSWORD", null, true) : new RoleOption("PASSWORD", StringLiteral());

    private Statement GrantOrRevoke()
    {
        var isGrant = Take().Value == "grant";
        var grantOptionOnly = !isGrant && Accept("grant", "option", "for");
        if (!isGrant && Accept("admin", "option", "for"))
            return RoleGrant(false, true, Roles());
        if (IsWord("system"))
        {
            _next++;
            if (!isGrant)
                grantOptionOnly |= Accept("grant", "option", "for");
            var system = List(PrivilegeItem);
            return GrantTail(new GrantStatement(isGrant, system, ObjectKindSyntax.System, [], []) { GrantOptionOnly = grantOptionOnly });
        }

        var start = _next;
        var privileges = List(PrivilegeItem);
        if (!IsWord("on"))
        {
            _next = start;
            return RoleGrant(isGrant, false, List(() => new RoleName(Label())));
        }

        _next++;
        var (kind, objects) = GrantObjects();
        return GrantTail(new GrantStatement(isGrant, privileges, kind, objects, []) { GrantOptionOnly = grantOptionOnly });
    }

    private Statement RoleGrant(bool isGrant, bool adminOptionOnly, ImmutableArray<RoleName> roles)
    {
        Expect(isGrant ? "to" : "from");
        var members = Roles();
        if (!isGrant)
        {
            GrantedBy();
            Cascade();
            return new RevokeRoleStatement(roles, members, adminOptionOnly);
        }

        var admin = Accept("with", "admin", "option");
        GrantedBy();
        return new GrantRoleStatement(roles, members, admin);
    }

    private GrantStatement GrantTail(GrantStatement statement)
    {
        Expect(statement.IsGrant ? "to" : "from");
        statement = statement with { Grantees = List(Grantee) };
        if (statement.IsGrant && Accept("with", "grant", "option"))
            statement = statement with { WithGrantOption = true };
        statement = statement with { GrantedBy = GrantedBy() };
        return statement.IsGrant ? statement : statement with { Cascade = Cascade() };
    }

    /// <summary>GROUP is an old word for nothing (PostgreSQL, GRANT: role_specification).</summary>
    private RoleName Grantee()
    {
        Accept("group");
        return Role();
    }

    private RoleName? GrantedBy() => Accept("granted", "by") ? Role() : null;

    private PrivilegeItem PrivilegeItem()
    {
        var position = Current.Start;
        var name = Label().ToUpperInvariant();
        if (name == "ALL")
            Accept("privileges");
        return new PrivilegeItem(name, OptionalParenthesizedNames()) { Position = position };
    }

    private (ObjectKindSyntax Kind, ImmutableArray<ObjectName> Objects) GrantObjects()
    {
        if (Accept("database"))
            return (ObjectKindSyntax.Database, NameList());
        if (Accept("schema"))
            return (ObjectKindSyntax.Schema, NameList());
        if (Accept("sequence"))
            return (ObjectKindSyntax.Sequence, NameList());
        if (Accept("type") || Accept("domain"))
            return (ObjectKindSyntax.Type, NameList());
        if (Accept("language"))
            return (ObjectKindSyntax.Language, NameList());
        if (Accept("function") || Accept("procedure") || Accept("routine"))
        {
            return (ObjectKindSyntax.Function, List(() =>
            {
                var name = Name();
                if (Accept('('))
                {
                    while (!Accept(')'))
                        _next++;
                }

                return name;
            }));
        }

        if (IsWord("all") && Peek().Kind == TokenKind.Identifier && Peek().Value is "tables" or "sequences" or "functions" or "routines" or "procedures" && Peek(2).IsWord("in"))
        {
            _next++;
            var kind = Take().Value switch
            {
                "tables" => ObjectKindSyntax.AllTablesInSchema,
                "sequences" => ObjectKindSyntax.AllSequencesInSchema,
                _ => ObjectKindSyntax.AllFunctionsInSchema,
            };
            Expect("in", "schema");
            return (kind, NameList());
        }

        Accept("table");
        return (ObjectKindSyntax.Table, List(PatternName));
    }

    /// <summary>t, s.t, d.s.t; the last part may be *.</summary>
    private ObjectName PatternName()
    {
        var position = Current.Start;
        var parts = ImmutableArray.CreateBuilder<string>();
        do
        {
            if (AcceptOperator("*"))
            {
                parts.Add("*");
                break;
            }

            parts.Add(parts.Count == 0 ? Identifier() : Label());
        }
        while (Accept('.'));
        return new ObjectName(parts.ToImmutable()) { Position = position };
    }

    private AlterDefaultPrivilegesStatement AlterDefaultPrivileges()
    {
        ImmutableArray<RoleName> creators = [];
        var all = Accept("for", "all", "roles");
        if (!all && (Accept("for", "role") || Accept("for", "user")))
            creators = Roles();
        var schemas = Accept("in", "schema") ? List(Identifier) : [];
        var isGrant = Accept("grant");
        if (!isGrant)
            Expect("revoke");
        var grantOptionOnly = !isGrant && Accept("grant", "option", "for");
        var privileges = List(PrivilegeItem);
        Expect("on");
        var kind = Label() switch
        {
            "tables" => ObjectKindSyntax.Table,
            "sequences" => ObjectKindSyntax.Sequence,
            "types" => ObjectKindSyntax.Type,
            "schemas" => ObjectKindSyntax.Schema,
            "functions" or "routines" => ObjectKindSyntax.Function,
            _ => throw Unexpected(),
        };
        var grant = GrantTail(new GrantStatement(isGrant, privileges, kind, [], []) { GrantOptionOnly = grantOptionOnly });
        return new AlterDefaultPrivilegesStatement(creators, all, schemas, grant);
    }

    private ReassignOwnedStatement Reassign()
    {
        _next++;
        Expect("owned", "by");
        var from = Roles();
        Expect("to");
        return new ReassignOwnedStatement(from, Role());
    }
}
