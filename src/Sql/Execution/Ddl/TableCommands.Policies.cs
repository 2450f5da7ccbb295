using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Row-level security as a part of a table's definition: the switch, and its policies (SECURITY-SPEC 4.8).</summary>
internal sealed partial class TableCommands
{
    public void CreatePolicy(CreatePolicyStatement statement, BoundUtility utility)
    {
        var table = Current((TableDescriptor)utility.Objects[0]!);
        if (table.Policies.Any(p => p.Name == statement.Name))
        {
            if (!statement.IfNotExists)
                throw Exists(table, statement.Name);
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.DuplicateObject, $"policy \"{statement.Name}\" for table \"{table.Name}\" already exists, skipping"));
            return;
        }

        var policy = new RowPolicy
        {
            Id = Catalog.NewId(), Name = statement.Name, Restrictive = !statement.Permissive, Commands = Enum.Parse<PolicyCommands>(statement.Command, ignoreCase: true),
            Roles = Roles(utility),
        };
        Catalog.Put(table with { Policies = table.Policies.Add(WithExpressions(table, policy, statement.Using, statement.Check)), Version = table.Version + 1 });
    }

    public void AlterPolicy(AlterPolicyStatement statement, BoundUtility utility)
    {
        var table = Current((TableDescriptor)utility.Objects[0]!);
        var policy = table.Policies.FirstOrDefault(p => p.Name == statement.Name) ?? throw Missing(table, statement.Name);
        var changed = policy;
        if (statement.NewName is { } name)
        {
            changed = table.Policies.Any(p => p.Name == name) ? throw Exists(table, name) : policy with { Name = name };
        }
        else
        {
            if (policy.Commands is PolicyCommands.Select or PolicyCommands.Delete && statement.Check is not null)
                throw new SqlException(SqlState.SyntaxError, "only USING expression allowed for SELECT, DELETE");
            if (policy.Commands == PolicyCommands.Insert && statement.Using is not null)
                throw new SqlException(SqlState.SyntaxError, "only WITH CHECK expression allowed for INSERT");
            if (!statement.Roles.IsEmpty)
                changed = changed with { Roles = Roles(utility) };
            changed = WithExpressions(table, changed, statement.Using, statement.Check);
        }

        Catalog.Put(table with { Policies = table.Policies.Replace(policy, changed), Version = table.Version + 1 });
    }

    public void DropPolicy(DropPolicyStatement statement, BoundUtility utility)
    {
        var table = utility.Objects[0] is TableDescriptor named ? Current(named) : null;
        if (table?.Policies.FirstOrDefault(p => p.Name == statement.Name) is { } policy)
        {
            Catalog.Put(table with { Policies = table.Policies.Remove(policy), Version = table.Version + 1 });
            return;
        }

        if (!statement.IfExists)
            throw Missing(table!, statement.Name);
        var what = table is null ? $"relation \"{statement.Table}\" does not exist" : $"policy \"{statement.Name}\" for relation \"{table.Name}\" does not exist";
        context.Session.Notice(new SqlNotice("NOTICE", SqlState.UndefinedObject, what + ", skipping"));
    }

    private void SetRowSecurity(TableDescriptor table, string mode) => Catalog.Put(mode switch
    {
        "ENABLE" => table with { RowSecurity = true, Version = table.Version + 1 },
        "DISABLE" => table with { RowSecurity = false, Version = table.Version + 1 },
        "FORCE" => table with { ForceRowSecurity = true, Version = table.Version + 1 },
        _ => table with { ForceRowSecurity = false, Version = table.Version + 1 },
    });

    /// <summary>Policies for all have no list of roles, whatever else was named.</summary>
    private static ImmutableArray<uint> Roles(BoundUtility utility)
    {
        ImmutableArray<uint> roles = [.. utility.Objects.OfType<RoleDescriptor>().Select(r => r.Id).Distinct()];
        return roles.Contains(RoleIds.Public) ? [] : roles;
    }

    /// <summary>A null expression stays what it was.</summary>
    private RowPolicy WithExpressions(TableDescriptor table, RowPolicy policy, SyntaxExpression? visible, SyntaxExpression? check)
    {
        // What is kept is bound anew under the name that it knows the table by.
        var known = table with { Name = policy.Alias ?? table.Name };
        var parts = new[] { (Kept: policy.Using, Given: visible), (Kept: policy.Check, Given: check) }.Select(p =>
            p.Given is not null ? Binder.BindPolicyExpression(p.Given, policy.Using is null && policy.Check is null ? table : known, Binding)
            : p.Kept is not null ? Binder.BindPolicyExpression(Parser.ParseExpression(p.Kept), known, Binding) : (Text: null!, Columns: [], Relations: [])).ToList();
        return policy with
        {
            Using = parts[0].Text,
            Check = parts[1].Text,
            Alias = policy.Alias ?? table.Name,
            Columns = [.. parts.SelectMany(p => p.Columns).Distinct().Order()],
            DependsOn = [.. parts.SelectMany(p => p.Relations).Distinct().Order()],
        };
    }

    private static SqlException Exists(TableDescriptor table, string name) => new(SqlState.DuplicateObject, $"policy \"{name}\" for table \"{table.Name}\" already exists");

    private static SqlException Missing(TableDescriptor table, string name) => new(SqlState.UndefinedObject, $"policy \"{name}\" for table \"{table.Name}\" does not exist");
}
