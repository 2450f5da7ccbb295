using System.Globalization;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Session information, settings, signals and the like (manual 9.26.1, 9.27).</summary>
static class SessionFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterIdentity(b);
        RegisterConnection(b);
        RegisterSettings(b);
        RegisterServer(b);
        RegisterSequences(b);
        RegisterCockroach(b);
    }

    static ISessionServices S(EvaluationContext context) => CatalogSearch.Session(context);

    static void RegisterIdentity(RegistryBuilder b)
    {
        b.Scalar("current_user|current_role|user|getpgusername() name stable", static (_, c) => Datum.FromString(S(c).Principal.CurrentUserName));
        b.Scalar("session_user() name stable", static (_, c) => Datum.FromString(S(c).Principal.SessionUserName));
        b.Scalar("current_database|current_catalog() name stable", static (_, c) => Datum.FromString(S(c).Database.Name));
        b.Scalar("current_schema() name stable", static (_, c) => SchemaNames(S(c), includeImplicit: false).FirstOrDefault() is { } name ? Datum.FromString(name) : Datum.Null);
        b.Unary("current_schemas(bool) name[] stable", static (all, c) =>
            ArrayAccess.Of(SqlTypes.Name, [.. SchemaNames(S(c), all.AsBool()).Select(Datum.FromString)]));
        b.Scalar("pg_my_temp_schema() oid stable", static (_, c) => Datum.FromInt64(CatalogSearch.Schemas(S(c), null).FirstOrDefault(s => s.Name.StartsWith("pg_temp_", StringComparison.Ordinal))?.Id ?? 0));
        b.Unary("pg_is_other_temp_schema(oid) bool stable", static (o, c) => Datum.FromBool(
            S(c).Catalog.TryGet<SchemaDescriptor>(o.AsOid(), out var schema) && schema.Name.StartsWith("pg_temp_", StringComparison.Ordinal) && !S(c).SearchPath.Contains(schema.Id)));
    }

    /// <summary>The search path without, or with, what is searched though not named: the temporary schema and pg_catalog.</summary>
    static IEnumerable<string> SchemaNames(ISessionServices session, bool includeImplicit)
    {
        var named = session.GetSetting("search_path") ?? "";
        foreach (var schema in CatalogSearch.Schemas(session, null))
        {
            var isImplicit = (schema.Name == "pg_catalog" && !named.Contains("pg_catalog", StringComparison.Ordinal)) ||
                (schema.Name.StartsWith("pg_temp_", StringComparison.Ordinal) && !named.Contains("pg_temp", StringComparison.Ordinal));
            if (includeImplicit || !isImplicit)
                yield return schema.Name;
        }
    }

    static void RegisterConnection(RegistryBuilder b)
    {
        b.Scalar("pg_backend_pid() int4 stable", static (_, c) => Datum.FromInt64(S(c).BackendPid));
        b.Scalar("inet_client_addr() inet stable called", static (_, c) => S(c).ClientAddress is { } address ? Datum.FromString(address) : Datum.Null);
        b.Scalar("inet_client_port() int4 stable called", static (_, c) => S(c).ClientAddress is null ? Datum.Null : Datum.FromInt64(S(c).ClientPort));
        b.Scalar("inet_server_addr() inet stable called", static (_, _) => Datum.Null);
        b.Scalar("inet_server_port() int4 stable called", static (_, c) => int.TryParse(S(c).GetSetting("port"), out var port) ? Datum.FromInt64(port) : Datum.Null);
        b.Scalar("pg_client_encoding|getdatabaseencoding() name stable", static (_, _) => Datum.FromString("UTF8"));
        b.Unary("pg_encoding_to_char(int4) name stable", static (n, _) => Datum.FromString(n.AsInt32() switch { 6 => "UTF8", 0 => "SQL_ASCII", 8 => "LATIN1", _ => "" }));
        b.Unary("pg_char_to_encoding(name) int4 stable", static (n, _) => Datum.FromInt64(n.AsString().ToUpperInvariant() switch { "UTF8" or "UTF-8" => 6, "SQL_ASCII" => 0, "LATIN1" => 8, _ => -1 }));
        b.Unary("pg_encoding_max_length(int4) int4", static (n, _) => Datum.FromInt64(n.AsInt32() == 6 ? 4 : 1));
        b.Binary("pg_notify(text, text) void volatile called", static (channel, payload, c) =>
        {
            S(c).QueueNotification(channel.IsNull ? "" : channel.AsString(), payload.IsNull ? "" : payload.AsString());
            return Datum.FromString("");
        });
        b.Unary("pg_cancel_backend(int4) bool volatile", static (pid, c) => Datum.FromBool(S(c).SignalBackend(pid.AsInt32(), terminate: false)));
        b.Binary("pg_terminate_backend(pid int4, timeout int8 = 0) bool volatile", static (pid, _, c) => Datum.FromBool(S(c).SignalBackend(pid.AsInt32(), terminate: true)));
        b.Unary("pg_blocking_pids|pg_safe_snapshot_blocking_pids(int4) int4[] volatile", static (_, _) => ArrayAccess.Of(SqlTypes.Int4, []));
    }

    static void RegisterSettings(RegistryBuilder b)
    {
        b.Unary("current_setting(text) text stable", static (n, c) => Datum.FromString(S(c).GetSetting(n.AsString()) ?? throw Unrecognized(n.AsString())));
        b.Binary("current_setting(text, bool) text stable", static (n, missingOk, c) => S(c).GetSetting(n.AsString()) is { } value
            ? Datum.FromString(value)
            : missingOk.AsBool() ? Datum.Null : throw Unrecognized(n.AsString()));
        b.Scalar("set_config(text, text, bool) text volatile called", static (a, c) =>
        {
            if (a[0].IsNull)
                throw FunctionErrors.NullNotAllowed("SET requires parameter name");
            return Datum.FromString(S(c).SetSetting(a[0].AsString(), a[1].IsNull ? null : a[1].AsString(), !a[2].IsNull && a[2].AsBool()));
        });
    }

    static SqlException Unrecognized(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    static void RegisterServer(RegistryBuilder b)
    {
        b.Scalar("version() text stable", static (_, c) => Datum.FromString(S(c).ServerVersion));
        b.Scalar("pg_postmaster_start_time|pg_conf_load_time() timestamptz stable", static (_, c) => Datum.FromInt64(SqlDateTime.FromDateTimeOffset(S(c).ServerStartTime)));
        b.Scalar("pg_is_in_recovery|pg_is_wal_replay_paused|pg_jit_available() bool volatile", static (_, _) => Datum.False);
        b.Scalar("pg_trigger_depth() int4 stable", static (_, _) => Datum.FromInt64(0));
        b.Scalar("pg_notification_queue_usage() float8 volatile", static (_, _) => Datum.FromDouble(0));
        // A transaction is known by its start, which no two of one session share.
        b.Scalar("txid_current() int8 stable", static (_, c) => Datum.FromInt64(c.TransactionTimestamp));
        b.Scalar("gen_random_uuid|uuid_generate_v4() uuid volatile", static (_, _) => Datum.FromGuid(Guid.NewGuid()));
        b.Unary("pg_tablespace_location(oid) text stable", static (_, _) => Datum.FromString(""));
        b.Unary("pg_relation_filenode(regclass) oid stable", static (r, _) => r);
        b.Unary("pg_relation_is_publishable(regclass) bool stable", static (_, _) => Datum.False);
        b.Binary("pg_relation_is_updatable(regclass, bool) int4 stable", static (r, _, c) => Datum.FromInt64(S(c).Catalog.TryGet<TableDescriptor>(r.AsOid(), out TableDescriptor? _) ? 28 : 0));
        b.Scalar("pg_column_is_updatable(regclass, int2, bool) bool stable", static (a, c) => Datum.FromBool(S(c).Catalog.TryGet<TableDescriptor>(a[0].AsOid(), out _)));
        b.Scalar("pg_stat_clear_snapshot|pg_stat_reset|pg_stat_force_next_flush() void volatile called", static (_, _) => Datum.FromString(""));
    }

    static void RegisterSequences(RegistryBuilder b)
    {
        b.Unary("nextval(regclass) int8 volatile", static (r, c) => Datum.FromInt64(S(c).NextSequenceValue(Sequence(S(c), r, Privilege.Usage, Privilege.Update))));
        b.Unary("currval(regclass) int8 volatile", static (r, c) => Datum.FromInt64(S(c).CurrentSequenceValue(Sequence(S(c), r, Privilege.Usage, Privilege.Select))));
        b.Scalar("lastval() int8 volatile", static (_, c) => Datum.FromInt64(S(c).LastSequenceValue()));
        b.Binary("setval(regclass, int8) int8 volatile", static (r, v, c) => SetValue(S(c), r, v, isCalled: true));
        b.Scalar("setval(regclass, int8, bool) int8 volatile", static (a, c) => SetValue(S(c), a[0], a[1], a[2].AsBool()));
        b.Unary("pg_sequence_last_value(regclass) int8 volatile", static (r, c) =>
            S(c).ReadSequence(Sequence(S(c), r, Privilege.Usage, Privilege.Select)) is { } value ? Datum.FromInt64(value) : Datum.Null);
        b.Table("pg_sequence_parameters(sequence_oid oid) setof (start_value int8, minimum_value int8, maximum_value int8, increment int8, cycle_option bool, cache_size int8, data_type oid) stable",
            static (a, c) => S(c).Catalog.TryGet<SequenceDescriptor>(a[0].AsOid(), out var s)
                ? [[
                    Datum.FromInt64(s.Start), Datum.FromInt64(s.Minimum), Datum.FromInt64(s.Maximum), Datum.FromInt64(s.Increment), Datum.FromBool(s.Cycle), Datum.FromInt64(s.Cache),
                    Datum.FromInt64(s.DataType.Oid),
                ]]
                : []);
    }

    /// <summary>The sequence, once the caller holds one of the two privileges. 42501 otherwise, 42809 for another kind of relation.</summary>
    static SequenceDescriptor Sequence(ISessionServices session, Datum regClass, Privilege first, Privilege second)
    {
        if (!session.Catalog.TryGet<SequenceDescriptor>(regClass.AsOid(), out var sequence))
        {
            throw session.Catalog.TryGet<RelationDescriptor>(regClass.AsOid(), out var relation)
                ? new SqlException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not a sequence")
                : new SqlException(SqlState.UndefinedTable, $"could not open relation with OID {regClass.AsOid()}");
        }

        var role = session.Principal.CurrentUser;
        if (!session.Gate.Allows(role, sequence, first, false, session.Catalog) && !session.Gate.Allows(role, sequence, second, false, session.Catalog))
            throw new SqlException(SqlState.InsufficientPrivilege, $"user {session.Principal.CurrentUserName} does not have {first.ToString().ToUpperInvariant()} privilege on relation {sequence.Name}");
        return sequence;
    }

    static Datum SetValue(ISessionServices session, Datum regClass, Datum value, bool isCalled)
    {
        var sequence = Sequence(session, regClass, Privilege.Update, Privilege.Update);
        if (value.AsInt64() < sequence.Minimum || value.AsInt64() > sequence.Maximum)
            throw new SqlException(SqlState.NumericValueOutOfRange,
                string.Create(CultureInfo.InvariantCulture, $"setval: value {value.AsInt64()} is out of bounds for sequence \"{sequence.Name}\" ({sequence.Minimum}..{sequence.Maximum})"));
        session.SetSequenceValue(sequence, value.AsInt64(), isCalled);
        return value;
    }

    static long s_lastRowId;

    static void RegisterCockroach(RegistryBuilder b)
    {
        b.Scalar("unique_rowid() int8 volatile", static (_, c) => Datum.FromInt64(UniqueRowId(c.Clock)));
        b.Scalar("cluster_logical_timestamp() numeric stable", static (_, c) => ClusterTimestamp(c));
        b.Scalar("uuid_v4() bytea volatile", static (_, _) => Datum.FromBytes(Guid.NewGuid().ToByteArray(bigEndian: true)));
        b.Scalar("isnan(float8) bool immutable", static (a, _) => Datum.FromBool(double.IsNaN(a[0].AsDouble())));
        b.Scalar("isnan(numeric) bool immutable", static (a, _) => Datum.FromBool(a[0].As<SqlNumeric>().IsNaN));
        b.Scalar("crdb_internal.node_id() int8 stable", static (_, _) => Datum.FromInt64(1));
        b.Scalar("crdb_internal.is_admin() bool stable", static (_, c) => Datum.FromBool(S(c).Gate.IsAdmin(S(c).Principal.CurrentUser, S(c).Catalog)));
        b.Scalar("crdb_internal.node_executable_version() text stable", static (_, c) => Datum.FromString(S(c).ServerVersion));
    }

    /// <summary>The transaction's start as AS OF SYSTEM TIME takes it: nanoseconds since 1970 and, behind the point, a logical part that is 0 here.</summary>
    static Datum ClusterTimestamp(EvaluationContext context) => SqlTypes.Numeric.Parse(
        ((Int128)(context.TransactionTimestamp + 946_684_800_000_000L) * 1000).ToString(CultureInfo.InvariantCulture) + ".0000000000", -1, context.Format);

    /// <summary>Tens of microseconds since 1970 in the upper 48 bits, always rising; the lower 15 bits are the node's, here 1.</summary>
    internal static long UniqueRowId(TimeProvider clock)
    {
        var now = (clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / 100;
        while (true)
        {
            var last = Volatile.Read(ref s_lastRowId);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref s_lastRowId, next, last) == last)
                return ((next << 15) | 1) & long.MaxValue;
        }
    }
}
