using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.SystemViews;

namespace Chitin.Sql.Functions;

/// <summary>What expressions may ask of their surroundings while a statement runs. One per statement execution; not for concurrent use.</summary>
public class EvaluationContext
{
    public FormatSettings Format { get; set; } = FormatSettings.Default;

    /// <summary>transaction_timestamp() = now(): microseconds since 2000-01-01 UTC.</summary>
    public long TransactionTimestamp { get; set; }

    public long StatementTimestamp { get; set; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Values of $1, $2 ….</summary>
    public Datum[] Parameters { get; set; } = [];

    /// <summary>The session's side of functions: settings, identity, sequences, catalog, large state. Null in contexts without one (constant folding of immutable functions).</summary>
    public ISessionServices? Session { get; set; }

    /// <summary>Throws 57014 when the statement was cancelled or its time is over. Cheap; loops call it.</summary>
    public virtual void CheckInterrupts()
    {
    }

    /// <summary>Lets time pass; a cancel or the statement's time limit ends it at once, by 57014. Blocks its thread, as the caller of functions does.</summary>
    public virtual void Wait(TimeSpan time) => Thread.Sleep(time);
}

/// <summary>Session-level facts and effects that functions need. Implemented by Sessions.</summary>
public interface ISessionServices
{
    Principal Principal { get; }

    ICatalogSnapshot Catalog { get; }

    IGate Gate { get; }

    DatabaseDescriptor Database { get; }

    /// <summary>Schema ids in search order, pg_catalog first when not named; temporary schema included when it exists.</summary>
    ImmutableArray<uint> SearchPath { get; }

    string ApplicationName { get; }

    int BackendPid { get; }

    string? ClientAddress { get; }

    int ClientPort { get; }

    string ServerVersion { get; }

    DateTimeOffset ServerStartTime { get; }

    /// <summary>current_setting(); null when unknown.</summary>
    string? GetSetting(string name);

    /// <summary>set_config(); returns the new value as shown.</summary>
    string SetSetting(string name, string? value, bool local);

    /// <summary>nextval/currval/setval/lastval on a sequence the caller was authorised for. 55000 when currval is not yet defined.</summary>
    long NextSequenceValue(SequenceDescriptor sequence);

    long CurrentSequenceValue(SequenceDescriptor sequence);

    void SetSequenceValue(SequenceDescriptor sequence, long value, bool isCalled);

    long LastSequenceValue();

    void Notice(SqlNotice notice);

    /// <summary>The last value handed out, for pg_sequence_last_value; null when nextval was never called.</summary>
    long? ReadSequence(SequenceDescriptor sequence) => null;

    /// <summary>pg_notify: delivered when the transaction commits.</summary>
    void QueueNotification(string channel, string payload) => throw new SqlException(SqlState.FeatureNotSupported, "notifications are not supported here");

    /// <summary>The primary key values of the row of a table that a cursor stands on. 34000 when there is no such cursor, 24000 when it stands on no row of the table.</summary>
    Datum[] CursorRow(string cursor, uint table) => throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{cursor}\" does not exist");

    /// <summary>Sessions, settings, prepared statements and cursors for catalog views; null when there is nothing to show.</summary>
    ISessionInspection? Inspection => null;

    /// <summary>The OID of a computed catalog table; 0 when there is none of that name.</summary>
    uint FindVirtualTable(string schema, string name) => SystemCatalog.Instance.TryGet(schema, name, out var table) ? table.Id : 0;

    /// <summary>The name behind such an OID; null when it is none.</summary>
    (string Schema, string Name)? VirtualTableName(uint oid) => SystemCatalog.Instance.TryGet(oid, out var table) ? (table.Schema, table.Name) : null;

    /// <summary>When a role signed in last, as far as it is known.</summary>
    DateTimeOffset? LastLogin(uint role) => null;

    /// <summary>pg_cancel_backend / pg_terminate_backend; false when there is no such session.</summary>
    bool SignalBackend(int pid, bool terminate);
}
