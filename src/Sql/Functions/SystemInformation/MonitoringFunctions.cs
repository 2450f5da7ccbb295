using Chitin.Core;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>
/// PostgreSQL's cumulative statistics functions (manual 28.2.25), which monitoring queries and \d+ call. Chitin counts in its own metrics; these answer 0 and NULL so that such queries run.
/// </summary>
static class MonitoringFunctions
{
    static readonly string[] s_relationCounters =
    [
        "numscans", "tuples_returned", "tuples_fetched", "tuples_inserted", "tuples_updated", "tuples_deleted", "tuples_hot_updated", "live_tuples", "dead_tuples", "mod_since_analyze",
        "ins_since_vacuum", "blocks_fetched", "blocks_hit", "vacuum_count", "autovacuum_count", "analyze_count", "autoanalyze_count", "function_calls",
    ];

    static readonly string[] s_databaseCounters =
    [
        "xact_commit", "xact_rollback", "blocks_fetched", "blocks_hit", "tuples_returned", "tuples_fetched", "tuples_inserted", "tuples_updated", "tuples_deleted", "conflict_all", "deadlocks",
        "temp_files", "temp_bytes", "checksum_failures", "sessions", "sessions_abandoned", "sessions_fatal", "sessions_killed",
    ];

    internal static void Register(RegistryBuilder b)
    {
        foreach (var counter in s_relationCounters)
            b.Unary($"pg_stat_get_{counter}(oid) int8 stable", static (_, _) => Datum.FromInt64(0));
        foreach (var counter in s_databaseCounters)
            b.Unary($"pg_stat_get_db_{counter}(oid) int8 stable", static (_, _) => Datum.FromInt64(0));
        b.Unary("pg_stat_get_db_numbackends(oid) int4 stable", static (_, _) => Datum.FromInt64(0));
        foreach (var moment in (string[])["last_vacuum_time", "last_autovacuum_time", "last_analyze_time", "last_autoanalyze_time", "db_stat_reset_time"])
            b.Unary($"pg_stat_get_{moment}(oid) timestamptz stable", static (_, _) => Datum.Null);
        b.Unary("pg_xact_commit_timestamp(xid) timestamptz volatile", static (_, _) => Datum.Null);
        b.Unary("age(xid) int4 stable", static (_, _) => Datum.FromInt64(0));
        b.Unary("mxid_age(xid) int4 stable", static (_, _) => Datum.FromInt64(0));
    }
}
