using Chitin.Catalog;

namespace Chitin.Security;

/// <summary>Who runs a statement: the session user (who logged in) and the current user (SET ROLE, view owner).</summary>
public sealed record Principal(uint SessionUser, string SessionUserName, uint CurrentUser, string CurrentUserName);

/// <summary>The one gate: every statement passes it between binding and execution, cached plans too.</summary>
public interface IGate
{
    /// <summary>Checks every access; the first refusal is a SqlException 42501 (texts: SECURITY-SPEC 4.3).</summary>
    void Check(AccessSet accesses, Principal principal, ICatalogSnapshot catalog);

    /// <summary>Whether a role holds privileges on an object by grant, membership or ownership; for has_table_privilege, SHOW and \dp.</summary>
    bool Allows(uint role, Descriptor target, Privilege privileges, bool withGrantOption, ICatalogSnapshot catalog);

    /// <summary>The same for one column of a relation: by the grants on the relation or on the column.</summary>
    bool AllowsColumn(uint role, RelationDescriptor target, int columnId, Privilege privileges, bool withGrantOption, ICatalogSnapshot catalog) =>
        Allows(role, target, privileges, withGrantOption, catalog);

    /// <summary>Whether <paramref name="member"/> is <paramref name="role"/> or a member of it, directly or not.</summary>
    bool IsMember(uint member, uint role, ICatalogSnapshot catalog);

    bool IsAdmin(uint role, ICatalogSnapshot catalog);

    bool HasSystemPrivilege(uint role, Privilege privilege, ICatalogSnapshot catalog);
}

/// <summary>What the audit record of one statement says (SECURITY-SPEC 6).</summary>
public sealed record AuditedStatement
{
    public required DateTimeOffset StartedAt { get; init; }

    public required Principal Principal { get; init; }

    public required string ApplicationName { get; init; }

    public required string ClientAddress { get; init; }

    public required long SessionId { get; init; }

    public required string Database { get; init; }

    /// <summary>SELECT, INSERT, …</summary>
    public required string CommandTag { get; init; }

    public required string Text { get; init; }

    /// <summary>Formatted values of $1, $2, …; empty when there are none.</summary>
    public ImmutableArray<string> Parameters { get; init; } = [];

    public required AccessSet Accesses { get; init; }

    public TimeSpan Duration { get; init; }

    public long Rows { get; init; }

    /// <summary>The SQLSTATE; 00000 for success.</summary>
    public required string SqlState { get; init; }

    /// <summary>The error's message; empty for success.</summary>
    public string ErrorText { get; init; } = "";

    /// <summary>True when the gate refused it.</summary>
    public bool Denied { get; init; }

    /// <summary>The record is made before the statement's end, because its rows are too many to be held back; <see cref="Rows"/> is not known then.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>How often the statement was run before without a lasting effect, after serialization failures.</summary>
    public int Retries { get; init; }

    /// <summary>Its plan reads all rows of a table somewhere, or all entries of a secondary index.</summary>
    public bool FullTableScan { get; init; }

    public bool FullIndexScan { get; init; }

    /// <summary>The number of the transaction in its session, from 1, and of the statement in its transaction.</summary>
    public long Transaction { get; init; }

    public int StatementInTransaction { get; init; }
}

/// <summary>Writes audit records. A record is on its way to disk before the caller sends the statement's result; a failure to write fails the statement (fail closed).</summary>
public interface IAuditTrail
{
    /// <summary>Whether any access concerns an audited object, so that the caller may skip all work for the others.</summary>
    /// <param name="accesses">Of a statement that the gate let pass.</param>
    /// <param name="catalog">What the statement sees, changes of its own transaction included.</param>
    /// <param name="published">What all see: an audit that is switched off counts until that is committed.</param>
    bool Concerns(AccessSet accesses, ICatalogSnapshot catalog, ICatalogSnapshot published);

    void Record(AuditedStatement statement, ICatalogSnapshot catalog, ICatalogSnapshot published);
}
