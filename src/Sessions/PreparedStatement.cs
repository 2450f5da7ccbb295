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
    public string Text { get; internal set; }

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

    /// <summary>The settings that its constants were read with.</summary>
    internal FormatSettings? PlannedFormat { get; private set; }

    /// <summary>The statement of a Query message: each message means it anew, so that another shape of its result is no error.</summary>
    internal bool IsSimple { get; init; }

    /// <summary>One of several statements of a Query message: they are one transaction.</summary>
    internal bool IsOneOfMany { get; init; }

    /// <summary>A statement whose constants were taken out (<see cref="ConstantLifter"/>): its parameters stand in its text.</summary>
    internal bool IsLifted { get; init; }

    /// <summary>The catalog version at which the gate let <see cref="PlannedFor"/> pass: an equal version needs no second look.</summary>
    internal long CheckedVersion { get; set; } = -1;

    internal bool IsAudited { get; set; }

    /// <summary>Whether reading the text again now would give the same constants for the same user. Definitions are the plan's own concern.</summary>
    internal bool MeansTheSame(Principal principal, FormatSettings format) =>
        Plan is { ReadsClock: false } && ReferenceEquals(PlannedFor, principal) && (ReferenceEquals(PlannedFormat, format) || format.Equals(PlannedFormat));

    internal void SetPlan(IPreparedPlan plan, Principal principal, FormatSettings format)
    {
        Plan = plan;
        PlannedFor = principal;
        PlannedFormat = format;
        CheckedVersion = -1;
        ParameterTypes = plan.ParameterTypes;
        Columns = plan.Columns;
        IsDescribed = true;
    }

    public override string ToString() => "prepared statement";
}

/// <summary>One simple Query message's text, parsed. Parameters: the constants taken out of its only statement; empty without.</summary>
internal sealed record ParsedQuery(ImmutableArray<PreparedStatement> Statements)
{
    public Datum[] Parameters { get; init; } = [];
}

/// <summary>A prepared statement under a name (pg_prepared_statements).</summary>
public sealed record NamedStatement(string Name, PreparedStatement Statement, bool FromSql, DateTimeOffset PreparedAt);
