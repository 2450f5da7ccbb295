using System.Collections.Frozen;
using Chitin.Core;

namespace Chitin.Sessions.Settings;

/// <summary>All session parameters. What clients set and Chitin has no use for (planner switches, pg_dump's preamble) is accepted, checked and kept.</summary>
public static class SettingTable
{
    /// <summary>The PostgreSQL version whose behaviour clients may expect.</summary>
    public const string ServerVersion = "15.8";

    private const long Forever = int.MaxValue;

    private static readonly ImmutableArray<string> s_isolations = ["serializable", "repeatable read", "read committed", "read uncommitted"];

    private static readonly ImmutableArray<string> s_levels = ["debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"];

    /// <summary>In alphabetical order.</summary>
    public static ImmutableArray<SettingDefinition> All { get; } = Build();

    private static readonly FrozenDictionary<string, SettingDefinition> s_byName = All.ToFrozenDictionary(d => d.Name, StringComparer.OrdinalIgnoreCase);

    public static SettingDefinition? Find(string name) => s_byName.GetValueOrDefault(name);

    private static ImmutableArray<SettingDefinition> Build()
    {
        var all = Client().Concat(Timeouts()).Concat(Transactions()).Concat(Facts()).Concat(Accepted()).OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).ToImmutableArray();
        for (var i = 0; i < all.Length; i++)
            all[i].Index = i;
        return all;
    }

    private static IEnumerable<SettingDefinition> Client() =>
    [
        Text("application_name", "", "Sets the application name to be reported in statistics and logs.", reported: true, normalize: ApplicationName),
        Text("client_encoding", "UTF8", "Sets the client's character set encoding.", reported: true, normalize: Encoding),
        Text("DateStyle", "ISO, MDY", "Sets the display format for date and time values.", reported: true, normalize: DateStyles.Normalize),
        new() { Name = "IntervalStyle", Kind = SettingKind.Enum, Default = "postgres", Choices = ["postgres", "postgres_verbose", "sql_standard", "iso_8601"], IsReported = true, Description = "Sets the display format for interval values." },
        Text("TimeZone", "UTC", "Sets the time zone for displaying and interpreting time stamps.", reported: true, normalize: TimeZoneNames.Normalize),
        new() { Name = "search_path", Kind = SettingKind.List, Default = "\"$user\", public", Description = "Sets the schema search order for names that are not schema-qualified." },
        new() { Name = "bytea_output", Kind = SettingKind.Enum, Default = "hex", Choices = ["escape", "hex"], Description = "Sets the output format for bytea." },
        Number("extra_float_digits", 1, -15, 3, "Sets the number of digits displayed for floating-point values."),
        new() { Name = "client_min_messages", Kind = SettingKind.Enum, Default = "notice", Choices = s_levels, Normalize = text => text.Equals("debug", StringComparison.OrdinalIgnoreCase) ? "debug2" : text, Description = "Sets the message levels that are sent to the client." },
        new() { Name = "work_mem", Kind = SettingKind.Integer, Default = "4MB", Unit = SettingUnit.Kilobytes, Minimum = 64, Description = "Sets the maximum memory to be used for query workspaces." },
        Flag("row_security", true, "Enable row security."),
        Text("database", "", "Sets the database in which unqualified names are looked up."),
        new() { Name = "standard_conforming_strings", Kind = SettingKind.Bool, Default = "on", IsReported = true, Description = "Causes '...' strings to treat backslashes literally.", Normalize = null },
    ];

    private static IEnumerable<SettingDefinition> Timeouts() =>
    [
        Time("statement_timeout", "Sets the maximum allowed duration of any statement."),
        Time("lock_timeout", "Sets the maximum allowed duration of any wait for a lock."),
        Time("idle_in_transaction_session_timeout", "Sets the maximum allowed idle time between queries, when in a transaction."),
        Time("idle_session_timeout", "Sets the maximum allowed idle time between queries, when not in a transaction."),
        Time("transaction_timeout", "Sets the maximum allowed duration of any transaction within a session."),
        new() { Name = "tcp_keepalives_idle", Kind = SettingKind.Integer, Default = "0", Unit = SettingUnit.Seconds, Description = "Time between issuing TCP keepalives." },
        new() { Name = "tcp_keepalives_interval", Kind = SettingKind.Integer, Default = "0", Unit = SettingUnit.Seconds, Description = "Time between TCP keepalive retransmits." },
        Number("tcp_keepalives_count", 0, 0, Forever, "Maximum number of TCP keepalive retransmits."),
    ];

    private static IEnumerable<SettingDefinition> Transactions() =>
    [
        new() { Name = "default_transaction_isolation", Kind = SettingKind.Enum, Default = "serializable", Choices = s_isolations, Description = "Sets the transaction isolation level of each new transaction." },
        new() { Name = "default_transaction_read_only", Kind = SettingKind.Bool, Default = "off", IsReported = true, Description = "Sets the default read-only status of new transactions." },
        Flag("default_transaction_deferrable", false, "Sets the default deferrable status of new transactions."),
        new() { Name = "transaction_isolation", Kind = SettingKind.Enum, Default = "serializable", Choices = s_isolations, Description = "Sets the current transaction's isolation level." },
        new() { Name = "transaction_priority", Kind = SettingKind.Enum, Default = "normal", Choices = ["low", "normal", "high"], Description = "The priority that the current transaction was given; conflicts are decided by waiting, whatever it is." },
        Flag("transaction_read_only", false, "Sets the current transaction's read-only status."),
        Flag("transaction_deferrable", false, "Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures."),
    ];

    private static IEnumerable<SettingDefinition> Facts() =>
    [
        Fact("server_version", ServerVersion, "Shows the server version.", reported: true),
        Fact("server_version_num", "150008", "Shows the server version as an integer."),
        Fact("server_encoding", "UTF8", "Shows the server (database) character set encoding.", reported: true),
        Fact("integer_datetimes", "on", "Shows whether datetimes are integer based.", reported: true),
        Fact("in_hot_standby", "off", "Shows whether hot standby is currently active.", reported: true),
        Fact("is_superuser", "off", "Shows whether the current user is a superuser.", reported: true),
        Fact("session_authorization", "", "Sets the session user name.", reported: true),
        Fact("role", "none", "Sets the current role."),
        Fact("max_identifier_length", "63", "Shows the maximum identifier length."),
        Fact("max_index_keys", "32", "Shows the maximum number of index keys."),
        Fact("max_function_args", "100", "Shows the maximum number of function arguments."),
        Fact("max_connections", "500", "Sets the maximum number of concurrent connections."),
        Fact("block_size", "8192", "Shows the size of a disk block."),
        Fact("lc_collate", "C", "Shows the collation order locale."),
        Fact("lc_ctype", "C", "Shows the character classification and case conversion locale."),
        Text("lc_messages", "C", "Sets the language in which messages are displayed."),
        Text("lc_monetary", "C", "Sets the locale for formatting monetary amounts."),
        Text("lc_numeric", "C", "Sets the locale for formatting numbers."),
        Text("lc_time", "C", "Sets the locale for formatting date and time values."),
        Fact("ssl", "on", "Enables SSL connections."),
        Fact("wal_level", "replica", "Sets the level of information written to the WAL."),
        Fact("fsync", "on", "Forces synchronization of updates to disk."),
        Fact("data_checksums", "on", "Shows whether data checksums are turned on for this cluster."),
        Fact("password_encryption", "scram-sha-256", "Chooses the algorithm for encrypting passwords."),
    ];

    /// <summary>Accepted so that scripts run; without effect.</summary>
    private static IEnumerable<SettingDefinition> Accepted()
    {
        foreach (var name in (string[])["enable_seqscan", "enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_nestloop", "enable_sort",
            "enable_hashagg", "enable_material", "enable_memoize", "jit", "geqo", "check_function_bodies", "synchronize_seqscans", "array_nulls", "escape_string_warning", "parallel_leader_participation",
            "enable_tidscan", "enable_gathermerge", "enable_incremental_sort", "enable_parallel_append", "enable_parallel_hash", "enable_partition_pruning", "enable_async_append", "jit_expressions",
            "jit_tuple_deforming", "update_process_title", "track_activities", "track_counts"])
            yield return Flag(name, true, "Accepted for compatibility.");
        foreach (var name in (string[])["quote_all_identifiers", "debug_print_plan", "lo_compat_privileges", "transform_null_equals", "log_statement_stats", "exit_on_error", "ignore_checksum_failure", "allow_system_table_mods",
            "enable_partitionwise_join", "enable_partitionwise_aggregate", "debug_print_parse", "debug_print_rewritten", "log_duration", "log_parser_stats", "log_planner_stats", "log_executor_stats",
            "trace_notify", "trace_sort", "zero_damaged_pages", "track_io_timing"])
            yield return Flag(name, false, "Accepted for compatibility.");
        yield return new() { Name = "distsql", Kind = SettingKind.Enum, Default = "auto", Choices = ["off", "on", "auto", "always"], Description = "Accepted for compatibility." };
        yield return new() { Name = "vectorize", Kind = SettingKind.Enum, Default = "on", Choices = ["off", "on", "auto", "experimental_always"], Description = "Accepted for compatibility." };
        yield return Text("sql_safe_updates", "off", "Whether statements without a WHERE clause are refused: not supported, so only off.", normalize: OffOnly);
        foreach (var name in (string[])["default_tablespace", "temp_tablespaces"])
            yield return Text(name, "", "Accepted for compatibility.");
        yield return Text("default_table_access_method", "heap", "Accepted for compatibility.");
        yield return Text("default_text_search_config", "pg_catalog.simple", "Accepted for compatibility.");
        yield return Text("xmlbinary", "base64", "Accepted for compatibility.");
        yield return Text("log_statement", "none", "Accepted for compatibility.");
        yield return Number("log_min_duration_statement", -1, -1, Forever, "Accepted for compatibility.");
        yield return new() { Name = "xmloption", Kind = SettingKind.Enum, Default = "content", Choices = ["content", "document"], Description = "Accepted for compatibility." };
        yield return new() { Name = "backslash_quote", Kind = SettingKind.Enum, Default = "safe_encoding", Choices = ["safe_encoding", "on", "off"], Description = "Accepted for compatibility." };
        yield return new() { Name = "constraint_exclusion", Kind = SettingKind.Enum, Default = "partition", Choices = ["partition", "on", "off"], Description = "Accepted for compatibility." };
        yield return new() { Name = "plan_cache_mode", Kind = SettingKind.Enum, Default = "auto", Choices = ["auto", "force_generic_plan", "force_custom_plan"], Description = "Accepted for compatibility." };
        yield return new() { Name = "synchronous_commit", Kind = SettingKind.Enum, Default = "on", Choices = ["local", "remote_write", "remote_apply", "on"], Description = "Commits are always durable: off is refused." };
        yield return new() { Name = "session_replication_role", Kind = SettingKind.Enum, Default = "origin", Choices = ["origin"], Description = "Constraints are always enforced: replica is refused." };
        yield return new() { Name = "maintenance_work_mem", Kind = SettingKind.Integer, Default = "64MB", Unit = SettingUnit.Kilobytes, Minimum = 1024, Description = "Accepted for compatibility." };
        yield return new() { Name = "temp_buffers", Kind = SettingKind.Integer, Default = "8MB", Unit = SettingUnit.Kilobytes, Minimum = 800, Description = "Accepted for compatibility." };
        yield return new() { Name = "effective_cache_size", Kind = SettingKind.Integer, Default = "4GB", Unit = SettingUnit.Kilobytes, Minimum = 8, Description = "Accepted for compatibility." };
        yield return new() { Name = "cursor_tuple_fraction", Kind = SettingKind.Real, Default = "0.1", Maximum = 1, Description = "Accepted for compatibility." };
        yield return new() { Name = "random_page_cost", Kind = SettingKind.Real, Default = "4", Maximum = int.MaxValue, Description = "Accepted for compatibility." };
        yield return new() { Name = "seq_page_cost", Kind = SettingKind.Real, Default = "1", Maximum = int.MaxValue, Description = "Accepted for compatibility." };
        yield return Number("from_collapse_limit", 8, 1, Forever, "Accepted for compatibility.");
        yield return Number("join_collapse_limit", 8, 1, Forever, "Accepted for compatibility.");
        yield return Number("default_statistics_target", 100, 1, 10_000, "Accepted for compatibility.");
        yield return Number("max_parallel_workers_per_gather", 0, 0, 1024, "Accepted for compatibility.");
        yield return Number("effective_io_concurrency", 1, 0, 1000, "Accepted for compatibility.");
        foreach (var (name, value) in ((string, string)[])[("parallel_setup_cost", "1000"), ("parallel_tuple_cost", "0.1"), ("cpu_tuple_cost", "0.01"), ("cpu_index_tuple_cost", "0.005"),
            ("cpu_operator_cost", "0.0025"), ("hash_mem_multiplier", "2"), ("geqo_selection_bias", "2"), ("geqo_seed", "0"), ("recursive_worktable_factor", "10")])
            yield return new() { Name = name, Kind = SettingKind.Real, Default = value, Maximum = int.MaxValue, Description = "Accepted for compatibility." };
        foreach (var (name, value) in ((string, long)[])[("geqo_threshold", 12), ("geqo_effort", 5), ("geqo_pool_size", 0), ("geqo_generations", 0), ("max_parallel_workers", 8), ("max_parallel_maintenance_workers", 2),
            ("maintenance_io_concurrency", 10), ("backend_flush_after", 0)])
            yield return Number(name, value, 0, Forever, "Accepted for compatibility.");
        foreach (var (name, value) in ((string, long)[])[("jit_above_cost", 100_000), ("jit_inline_above_cost", 500_000), ("jit_optimize_above_cost", 500_000)])
            yield return new() { Name = name, Kind = SettingKind.Real, Default = value.ToString(), Minimum = -1, Maximum = int.MaxValue, Description = "Accepted for compatibility." };
        foreach (var (name, value, minimum) in ((string, string, long)[])[("max_stack_depth", "2MB", 100), ("logical_decoding_work_mem", "64MB", 64), ("gin_pending_list_limit", "4MB", 64), ("min_parallel_table_scan_size", "8MB", 0),
            ("min_parallel_index_scan_size", "512kB", 0)])
            yield return new() { Name = name, Kind = SettingKind.Integer, Default = value, Unit = SettingUnit.Kilobytes, Minimum = minimum, Description = "Accepted for compatibility." };
        yield return new() { Name = "force_parallel_mode", Kind = SettingKind.Enum, Default = "off", Choices = ["off", "on", "regress"], Description = "Accepted for compatibility." };
        yield return new() { Name = "default_toast_compression", Kind = SettingKind.Enum, Default = "pglz", Choices = ["pglz", "lz4"], Description = "Accepted for compatibility." };
        yield return new() { Name = "stats_fetch_consistency", Kind = SettingKind.Enum, Default = "cache", Choices = ["none", "cache", "snapshot"], Description = "Accepted for compatibility." };
        yield return new() { Name = "log_error_verbosity", Kind = SettingKind.Enum, Default = "default", Choices = ["terse", "default", "verbose"], Description = "Accepted for compatibility." };
        yield return new() { Name = "log_min_messages", Kind = SettingKind.Enum, Default = "warning", Choices = [.. s_levels, "fatal", "panic"], Description = "Accepted for compatibility." };
        yield return new() { Name = "log_min_error_statement", Kind = SettingKind.Enum, Default = "error", Choices = [.. s_levels, "fatal", "panic"], Description = "Accepted for compatibility." };
        yield return new() { Name = "compute_query_id", Kind = SettingKind.Enum, Default = "auto", Choices = ["auto", "regress", "on", "off"], Description = "Accepted for compatibility." };
        yield return Number("gin_fuzzy_search_limit", 0, 0, Forever, "Accepted for compatibility.");
    }

    private static SettingDefinition Text(string name, string value, string description, bool reported = false, Func<string, string>? normalize = null) =>
        new() { Name = name, Kind = SettingKind.Text, Default = value, IsReported = reported, Description = description, Normalize = normalize };

    private static SettingDefinition Flag(string name, bool value, string description) =>
        new() { Name = name, Kind = SettingKind.Bool, Default = value ? "on" : "off", Description = description };

    private static SettingDefinition Fact(string name, string value, string description, bool reported = false) =>
        new() { Name = name, Kind = SettingKind.Text, Default = value, IsReadOnly = true, IsReported = reported, Description = description };

    private static SettingDefinition Number(string name, long value, long minimum, long maximum, string description) =>
        new() { Name = name, Kind = SettingKind.Integer, Default = value.ToString(), Minimum = minimum, Maximum = maximum, Description = description };

    private static SettingDefinition Time(string name, string description) =>
        new() { Name = name, Kind = SettingKind.Integer, Default = "0", Unit = SettingUnit.Milliseconds, Description = description };

    /// <summary>Anything but printable ASCII becomes a question mark, and 63 bytes stay, as in PostgreSQL.</summary>
    private static string ApplicationName(string text) =>
        string.Create(Math.Min(text.Length, 63), text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        });

    private static string OffOnly(string text) => SettingParser.ParseBool(text) switch
    {
        false => "off",
        true => throw new SqlException(SqlState.FeatureNotSupported, "sql_safe_updates is not supported"),
        null => throw SettingErrors.NotBoolean("sql_safe_updates"),
    };

    /// <summary>Letters and digits alone count (encnames.c, clean_encoding_name).</summary>
    private static string Encoding(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant() switch
    {
        "utf8" or "unicode" => "UTF8",
        "sqlascii" => "SQL_ASCII",
        _ => throw SettingErrors.InvalidValue("client_encoding", text),
    };
}
