using Chitin.Catalog;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>What catalog views show of sessions. Sessions implements it; what of it a user may see is decided here.</summary>
public interface ISessionInspection
{
    /// <summary>All sessions of the node.</summary>
    IEnumerable<BackendActivity> Backends { get; }

    /// <summary>The parameters of this session, in alphabetical order.</summary>
    IEnumerable<SettingFacts> SettingFacts { get; }

    IEnumerable<PreparedStatementFacts> PreparedStatementFacts { get; }

    IEnumerable<CursorFacts> CursorFacts { get; }

    /// <summary>What this session listens to.</summary>
    IEnumerable<string> Channels { get; }
}

/// <summary>One session. Query holds literals: whoever may not see them gets <see cref="Syntax.SqlText.RedactLiterals"/> or nothing.</summary>
public sealed record BackendActivity(
    int ProcessId, DatabaseDescriptor Database, uint User, string UserName, string ApplicationName, string? ClientAddress, int ClientPort, DateTimeOffset BackendStart,
    DateTimeOffset? TransactionStart, DateTimeOffset QueryStart, string State, string Query, bool UsesTls);

/// <summary>A parameter as pg_settings shows it: Setting and Default in the base unit.</summary>
public sealed record SettingFacts(
    string Name, string Setting, string? Unit, string Description, bool IsReadOnly, string Type, long? Minimum, long? Maximum, ImmutableArray<string> Choices, string Default, bool IsDefault);

public sealed record PreparedStatementFacts(string Name, string Text, DateTimeOffset PreparedAt, ImmutableArray<SqlType> ParameterTypes, bool FromSql);

public sealed record CursorFacts(string Name, string Text, bool WithHold, bool CanScroll, DateTimeOffset CreatedAt);
