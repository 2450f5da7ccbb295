using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chitin.Catalog;
using Microsoft.Extensions.Logging;

namespace Chitin.Security.Audit;

/// <summary>
/// The audit trail of SECURITY-SPEC 6.1: a JSON record per audited table that a statement touches, and one per denied statement, in an <see cref="AuditLogFile"/>.
/// </summary>
public sealed class AuditTrail(AuditLogFile file, ILogger logger) : IAuditTrail, IDisposable
{
    /// <summary>What the binder notes for ALTER TABLE … EXPERIMENTAL_AUDIT: a change of the auditing is itself on record.</summary>
    public const string ChangeAction = "change auditing settings on a table";

    private const Privilege Writing = Privilege.Insert | Privilege.Update | Privilege.Delete | Privilege.Truncate | Privilege.Drop | Privilege.Create;

    /// <summary>No page will show these lines as they are: quotes and umlauts stay readable.</summary>
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Longest texts in a record, in characters; what is longer is cut, and the record says how long it was.</summary>
    private const int MaxStatementText = 256 * 1024;
    private const int MaxValueText = 16 * 1024;

    /// <summary>Memory that is kept between records.</summary>
    private const int KeptBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly MemoryStream _buffer = new();
    private long _counter;

    public bool Concerns(AccessSet accesses, ICatalogSnapshot catalog, ICatalogSnapshot published)
    {
        foreach (var access in accesses.Accesses)
        {
            if (IsChange(access) || (access.Kind == ObjectKind.Table && catalog.TryGet<TableDescriptor>(access.ObjectId, out var table) && IsAudited(table, published)))
                return true;
        }

        return false;
    }

    /// <summary>Throws 58030 or 53100 when the record cannot be written: the statement must not go on then.</summary>
    public void Record(AuditedStatement statement, ICatalogSnapshot catalog, ICatalogSnapshot published)
    {
        ArgumentNullException.ThrowIfNull(statement);
        lock (_lock)
        {
            _buffer.SetLength(0);
            var events = Events(statement, catalog, published);
            foreach (var entry in events)
                Write(statement, entry);
            try
            {
                file.Append(_buffer.GetBuffer().AsSpan(0, (int)_buffer.Length));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _counter -= events.Count;
                logger.AuditFailed(file.Path, e.Message);
                throw AuditErrors.NotWritten(e);
            }
            finally
            {
                if (_buffer.Capacity > KeptBytes)
                {
                    _buffer.SetLength(0);
                    _buffer.Capacity = KeptBytes;
                }
            }
        }
    }

    public void Dispose()
    {
        file.Dispose();
        _buffer.Dispose();
    }

    /// <summary>Switching off counts from its commit on: who could roll it back has not switched it off.</summary>
    private static bool IsAudited(TableDescriptor table, ICatalogSnapshot published) =>
        table.Audited || (published.TryGet<TableDescriptor>(table.Id, out var known) && known.Audited);

    private static bool IsChange(ObjectAccess access) => access is { Rule: AccessRule.Admin, ObjectName: ChangeAction };

    /// <summary>One entry per audited table. A denied statement that touches none gets one for the first object it named.</summary>
    private static List<AuditEvent> Events(AuditedStatement statement, ICatalogSnapshot catalog, ICatalogSnapshot published)
    {
        var isChange = statement.Accesses.Accesses.Any(IsChange);
        var events = new List<AuditEvent>();
        foreach (var access in statement.Accesses.Accesses)
        {
            if (access.Kind != ObjectKind.Table || !catalog.TryGet<TableDescriptor>(access.ObjectId, out var table) || !(isChange || IsAudited(table, published)))
                continue;
            var known = events.FindIndex(e => e.Id == table.Id);
            if (known < 0)
            {
                known = events.Count;
                events.Add(new AuditEvent(AuditEvent.SensitiveAccess, table.Id, FullName(table, catalog), isChange, []));
            }

            var columns = access.Columns.Select(id => table.Columns.FirstOrDefault(c => c.Id == id)?.Name).OfType<string>();
            events[known] = events[known] with { Writes = events[known].Writes || (access.Required & Writing) != 0, Columns = events[known].Columns.Union(columns) };
        }

        if (events.Count == 0 && statement.Denied)
        {
            var first = statement.Accesses.Accesses.FirstOrDefault(a => a.Kind is ObjectKind.Table or ObjectKind.View or ObjectKind.Sequence);
            var name = first is not null && catalog.TryGet<RelationDescriptor>(first.ObjectId, out var relation) ? FullName(relation, catalog) : "";
            events.Add(new AuditEvent(AuditEvent.Refusal, first?.ObjectId ?? 0, name, statement.Accesses.Writes, []));
        }

        return events;
    }

    private static string FullName(RelationDescriptor table, ICatalogSnapshot catalog)
    {
        if (!catalog.TryGet<SchemaDescriptor>(table.SchemaId, out var schema))
            return table.Name;
        return catalog.TryGet<DatabaseDescriptor>(schema.DatabaseId, out var database) ? $"{database.Name}.{schema.Name}.{table.Name}" : $"{schema.Name}.{table.Name}";
    }

    /// <summary>Field names and order of CockroachDB's event, then our own; empty ones are left out.</summary>
    private void Write(AuditedStatement statement, AuditEvent entry)
    {
        using (var json = new Utf8JsonWriter(_buffer, s_readable))
        {
            json.WriteStartObject();
            json.WriteNumber("Timestamp", (statement.StartedAt - DateTimeOffset.UnixEpoch).Ticks * 100);
            json.WriteString("EventType", entry.Type);
            json.WriteString("Statement", Bounded(statement.Text, MaxStatementText));
            json.WriteString("Tag", statement.CommandTag);
            json.WriteString("User", statement.Principal.CurrentUserName);
            if (entry.Id != 0)
                json.WriteNumber("DescriptorID", entry.Id);
            WriteText(json, "ApplicationName", statement.ApplicationName);
            WriteList(json, "PlaceholderValues", statement.Parameters.Select(p => Bounded(p, MaxValueText)));
            json.WriteString("ExecMode", "exec");
            WriteNumber(json, "NumRows", statement.Rows);
            if (statement.SqlState != "00000")
                json.WriteString("SQLSTATE", statement.SqlState);
            WriteText(json, "ErrorText", Bounded(statement.ErrorText, MaxValueText));
            json.WriteNumber("Age", Math.Round(statement.Duration.TotalMilliseconds, 3));
            WriteNumber(json, "NumRetries", statement.Retries);
            if (statement.FullTableScan)
                json.WriteBoolean("FullTableScan", true);
            if (statement.FullIndexScan)
                json.WriteBoolean("FullIndexScan", true);
            WriteNumber(json, "TxnCounter", statement.Transaction);
            WriteNumber(json, "StmtPosInTxn", statement.StatementInTransaction);
            WriteText(json, "TableName", entry.Name);
            json.WriteString("AccessMode", entry.Writes ? "rw" : "r");
            WriteList(json, "Columns", entry.Columns.Order(StringComparer.Ordinal));
            if (statement.IsStreamed)
                json.WriteBoolean("Streamed", true);
            if (statement.Denied)
                json.WriteBoolean("Denied", true);
            json.WriteString("Database", statement.Database);
            if (statement.Principal.SessionUser != statement.Principal.CurrentUser)
                json.WriteString("SessionUser", statement.Principal.SessionUserName);
            WriteText(json, "ClientAddress", statement.ClientAddress);
            json.WriteNumber("SessionID", statement.SessionId);
            json.WriteNumber("Counter", ++_counter);
            json.WriteEndObject();
        }

        _buffer.WriteByte((byte)'\n');
    }

    private static string Bounded(string text, int length)
    {
        if (text.Length <= length)
            return text;
        var end = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, end)}… ({text.Length} characters)");
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long value)
    {
        if (value != 0)
            json.WriteNumber(name, value);
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(name, value);
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        if (!values.Any())
            return;
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

/// <summary>What one record is about.</summary>
internal sealed record AuditEvent(string Type, uint Id, string Name, bool Writes, ImmutableHashSet<string> Columns)
{
    public const string SensitiveAccess = "sensitive_table_access";

    /// <summary>A statement that was refused and touches no audited table (SECURITY-SPEC 14, 9A).</summary>
    public const string Refusal = "statement_denied";
}
