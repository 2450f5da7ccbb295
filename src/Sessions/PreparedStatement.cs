using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>A statement ready to run: syntax, and for what the engine runs a plan. Shared by all names and portals of one session that have the same text.</summary>
public sealed class PreparedStatement
{
    internal PreparedStatement(string text, Statement? syntax, ImmutableArray<SqlType?> declaredTypes)
    {
        Text = text;
        Syntax = syntax;
        DeclaredTypes = declaredTypes;
    }

    /// <summary>As received; may hold literals, so never in a log above Debug.</summary>
    public string Text { get; }

    /// <summary>Null for an empty statement.</summary>
    public Statement? Syntax { get; }

    /// <summary>Null before the first <see cref="Session"/> use and for statements that the session runs itself.</summary>
    public IPreparedPlan? Plan { get; private set; }

    public ImmutableArray<SqlType> ParameterTypes { get; internal set; } = [];

    /// <summary>Null when no rows come back.</summary>
    public ImmutableArray<ResultColumn>? Columns { get; internal set; }

    internal ImmutableArray<SqlType?> DeclaredTypes { get; }

    /// <summary>Parameter and column shapes are known.</summary>
    internal bool IsDescribed { get; set; }

    internal Principal? PlannedFor { get; private set; }

    /// <summary>The catalog version at which the gate let <see cref="PlannedFor"/> pass: an equal version needs no second look.</summary>
    internal long CheckedVersion { get; set; } = -1;

    internal bool IsAudited { get; set; }

    internal void SetPlan(IPreparedPlan plan, Principal principal)
    {
        Plan = plan;
        PlannedFor = principal;
        CheckedVersion = -1;
        ParameterTypes = plan.ParameterTypes;
        Columns = plan.Columns;
        IsDescribed = true;
    }

    public override string ToString() => "prepared statement";
}

/// <summary>One simple Query message's text, parsed.</summary>
internal sealed record ParsedQuery(ImmutableArray<PreparedStatement> Statements);

/// <summary>A prepared statement under a name (pg_prepared_statements).</summary>
public sealed record NamedStatement(string Name, PreparedStatement Statement, bool FromSql, DateTimeOffset PreparedAt);
