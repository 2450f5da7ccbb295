using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security.Authorization;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>
/// Row-level security (SECURITY-SPEC 4.8; PostgreSQL 15, 5.8): the policies that bind the role in whose name a table is used become conditions of the plan.
/// </summary>
public sealed partial class Binder
{
    static readonly PolicyCommands[] s_singleCommands = [PolicyCommands.Select, PolicyCommands.Insert, PolicyCommands.Update, PolicyCommands.Delete];

    /// <summary>The node with what the policies for these commands let pass of the table; the node itself where none apply.</summary>
    BoundNode Protect(BoundNode node, TableDescriptor table, ImmutableArray<BoundColumn> columns, PolicyCommands commands) =>
        PolicyCondition(table, columns, commands) is { } condition ? new BoundFilter(node, condition) { IsPolicy = true } : node;

    /// <summary>What USING demands of a row that is there, for all of the commands; null where no policy applies.</summary>
    BoundExpression? PolicyCondition(TableDescriptor table, ImmutableArray<BoundColumn> columns, PolicyCommands commands)
    {
        if (!IsProtected(table))
            return null;
        var parts = new List<BoundExpression>();
        foreach (var command in s_singleCommands.Where(c => (commands & c) != 0))
            parts.AddRange(PolicyParts(table, columns, command, p => p.Using).Select(p => p.Condition));
        return MakeAnd(parts);
    }

    /// <summary>
    /// What a row that is written must satisfy: WITH CHECK (or USING in its place) of the policies for the command, and USING of those for SELECT when the statement reads rows,
    /// so that nobody writes a row that he could not see.
    /// </summary>
    ImmutableArray<(string? Policy, BoundExpression Condition)> PolicyChecks(TableDescriptor table, ImmutableArray<BoundColumn> row, PolicyCommands command, PolicyCommands reads) =>
        IsProtected(table)
            ? [.. PolicyParts(table, row, command, p => p.Check ?? p.Using), .. reads == PolicyCommands.None ? [] : PolicyParts(table, row, reads, p => p.Using)]
            : [];

    /// <summary>Whether policies bind whoever the table is used for. 42501 when they do and row_security is off.</summary>
    bool IsProtected(TableDescriptor table)
    {
        if (!table.RowSecurity || _silent || _context.Gate is not { } gate)
            return false;
        if (_views.Contains(table.Id))
            throw BindErrors.Error(SqlState.InvalidObjectDefinition, $"infinite recursion detected in policy for relation \"{table.Name}\"");
        // Memberships and role options decide: the plan stands and falls with all of them.
        _ = Catalog.Roles;
        if (!RowSecurity.IsActive(table, _onBehalfOf, gate, Catalog))
            return false;
        if (!_context.RowSecurity)
        {
            throw BindErrors.Error(SqlState.InsufficientPrivilege, $"query would be affected by row-level security policy for table \"{table.Name}\"",
                hint: gate.IsMember(_onBehalfOf, table.Owner, Catalog) ? "To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY." : null);
        }

        return true;
    }

    /// <summary>The permissive policies joined with OR (none: nothing passes), then each restrictive one.</summary>
    List<(string? Policy, BoundExpression Condition)> PolicyParts(TableDescriptor table, ImmutableArray<BoundColumn> columns, PolicyCommands command, Func<RowPolicy, string?> text)
    {
        var policies = table.Policies.Where(p => (p.Commands & command) != 0 && text(p) is not null && RowSecurity.Concerns(p, _onBehalfOf, _context.Gate!, Catalog)).ToList();
        return InPolicyOf(table, () =>
        {
            var permissive = policies.Where(p => !p.Restrictive).Select(Bind).ToList();
            var parts = new List<(string?, BoundExpression)> { (null, permissive.Count == 0 ? new BoundConstant(Datum.False, SqlTypes.Bool) : MakeOr(permissive)) };
            parts.AddRange(policies.Where(p => p.Restrictive).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => ((string?)p.Name, Bind(p))));
            return parts;
        });

        BoundExpression Bind(RowPolicy policy)
        {
            _scope = new Scope(null) { Items = [TableItem(table, columns, null, policy.Alias, "", [], null)] };
            return BindStoredText(table, text(policy)!, ClauseKind.Policy, null, SqlTypes.Bool);
        }
    }

    /// <summary>
    /// Binds expressions of a table's policies. As in a view, names were resolved when they were written; what subqueries read counts for whoever the table is used for
    /// (PostgreSQL, CREATE POLICY), and their tables' policies apply.
    /// </summary>
    T InPolicyOf<T>(TableDescriptor table, Func<T> action)
    {
        var saved = (_scope, _database, _nullExtended);
        if (table.DatabaseId != _database.Id && Catalog.TryGet<DatabaseDescriptor>(table.DatabaseId, out var home))
            _database = home;
        _nullExtended = false;
        _views.Add(table.Id);
        try
        {
            return action();
        }
        finally
        {
            _views.RemoveAt(_views.Count - 1);
            (_scope, _database, _nullExtended) = saved;
        }
    }

    /// <summary>What CREATE POLICY stores of an expression: its text with relations and types qualified, the columns of the table and the relations that it reads.</summary>
    public static (string Text, ImmutableArray<int> Columns, ImmutableArray<uint> Relations) BindPolicyExpression(SyntaxExpression expression, TableDescriptor table, BindingContext context)
    {
        ArgumentNullException.ThrowIfNull(table);
        var text = SqlDeparser.ToSql(expression);
        var binder = new Binder(context) { _edits = [] };
        ImmutableArray<BoundColumn> row = [.. table.Columns.Select(c => new BoundColumn(c.Name, c.Type, c.TypeModifier))];
        binder._scope = new Scope(null) { Items = [binder.TableItem(table, row, null, null, "", [], null)] };
        var bound = binder.BindStored(Parser.ParseExpression(text), TableExpressionKind.Policy, null);
        var used = BoundInspection.FreeColumns(bound);
        return (binder.ApplyEdits(text), [.. table.Columns.Where((_, i) => used.Contains(row[i])).Select(c => c.Id)], [.. binder._relations.Keys.Order()]);
    }

    // ---- CREATE, ALTER and DROP POLICY. Objects: the table, then the roles.

    BoundUtility BindCreatePolicy(CreatePolicyStatement s)
    {
        var table = RequireTable(s.Table);
        NoteOwner(table);
        if (s.Command is not ("ALL" or "SELECT" or "INSERT" or "UPDATE" or "DELETE"))
        {
            throw BindErrors.Error(SqlState.SyntaxError, $"unrecognized row security command \"{s.Command.ToLowerInvariant()}\"", At(s),
                hint: "Only ALL, SELECT, INSERT, UPDATE or DELETE policies are supported currently.");
        }

        if (s.Command is "SELECT" or "DELETE" && s.Check is not null)
            throw BindErrors.Syntax("WITH CHECK cannot be applied to SELECT or DELETE", At(s));
        if (s.Command == "INSERT" && s.Using is not null)
            throw BindErrors.Syntax("only WITH CHECK expression allowed for INSERT", At(s));
        return Utility(s, [table, .. PolicyRoles(s.Roles)]);
    }

    BoundUtility BindAlterPolicy(AlterPolicyStatement s)
    {
        var table = RequireTable(s.Table);
        NoteOwner(table);
        return Utility(s, [table, .. PolicyRoles(s.Roles)]);
    }

    BoundUtility BindDropPolicy(DropPolicyStatement s)
    {
        if (s.IfExists && FindRelation(s.Table).IsNone)
            return Utility(s, (Descriptor?)null);
        var table = RequireTable(s.Table);
        NoteOwner(table);
        return Utility(s, table);
    }

    IEnumerable<Descriptor?> PolicyRoles(ImmutableArray<RoleName> names) => names.Select(n => RequireRole(n, allowPublic: true)).ToList();
}
