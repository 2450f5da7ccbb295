using System.Diagnostics;
using System.Globalization;
using System.Text;
using Chitin.Cryptography.Certificates;
using Chitin.Server.PgWire;
using Chitin.Sessions;
using Chitin.Storage;
using Chitin.Transactions;

namespace Chitin.Server.Http;

/// <summary>/_status/vars: Prometheus text exposition 0.0.4. Names are CockroachDB's where it has the metric, with underscores for dots.</summary>
internal sealed class MetricsPage(PgServices services, TransactionManager transactions, Func<StoreMetrics?> store, TimeProvider clock)
{
    public string Write()
    {
        var page = new StringBuilder(8192);
        Connections(page);
        Statements(page);
        Transactions(page);
        Store(page);
        Certificates(page);
        Process(page);
        return page.ToString();
    }

    private void Connections(StringBuilder page)
    {
        Gauge(page, "sql_conns", "Open SQL connections", services.Sessions.Registry.Count);
        Gauge(page, "sql_sockets", "Open sockets on the SQL port, signed in or not", services.Sockets.Open);
        Counter(page, "sql_new_conns", "SQL connections accepted", services.Metrics.Accepted);
        Counter(page, "sql_conn_failures", "SQL connections that ended before a session was open", services.Metrics.Failed);
        Counter(page, "sql_logins", "Sessions opened", services.Metrics.Authenticated);
    }

    private void Statements(StringBuilder page)
    {
        var metrics = services.Sessions.Metrics;
        Counter(page, "sql_query_count", "SQL statements run", metrics.Statements);
        Counter(page, "sql_failure_count", "SQL statements that failed", metrics.Failures);
        Gauge(page, "sql_mem_root_current", "Bytes that statements and cursors hold, of max-sql-memory", services.Sessions.Memory.Used);
        Counter(page, "sql_rows_returned", "Rows sent to clients", metrics.Rows);
        Counter(page, "sql_txn_auto_retry_count", "Implicit transactions run again by the server", metrics.Retries);
        Head(page, "sql_service_latency_seconds", "Time to run a statement", "histogram");
        var total = 0L;
        var bounds = SessionMetrics.LatencyBoundsMicroseconds;
        for (var i = 0; i < metrics.LatencyCounts.Length; i++)
        {
            total += Volatile.Read(ref metrics.LatencyCounts[i]);
            var bound = i < bounds.Length ? (bounds[i] / 1e6).ToString("R", CultureInfo.InvariantCulture) : "+Inf";
            page.Append(CultureInfo.InvariantCulture, $"sql_service_latency_seconds_bucket{{le=\"{bound}\"}} {total}\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"sql_service_latency_seconds_sum {metrics.StatementMicroseconds / 1e6:R}\n");
        page.Append(CultureInfo.InvariantCulture, $"sql_service_latency_seconds_count {total}\n");
    }

    private void Transactions(StringBuilder page)
    {
        var metrics = services.Sessions.Metrics;
        Counter(page, "sql_txn_commit_count", "SQL transactions committed", metrics.Commits);
        Counter(page, "sql_txn_rollback_count", "SQL transactions rolled back", metrics.Rollbacks);
        Counter(page, "txn_commits", "Commits with writes", transactions.Metrics.Commits);
        Counter(page, "txn_aborts", "Commits refused", transactions.Metrics.Aborts);
        Gauge(page, "txn_open_bytes", "Bytes that open transactions have written", transactions.OpenBytes);
        Counter(page, "txn_restarts", "Statements run again at a newer snapshot", transactions.Metrics.Restarts);
        Counter(page, "txn_lock_waits", "Waits for a row lock", transactions.Metrics.LockWaits);
        Counter(page, "txn_deadlocks", "Deadlocks", transactions.Metrics.Deadlocks);
        Counter(page, "txn_commit_groups", "Groups of commits that were made durable together", transactions.Metrics.Groups);
    }

    private void Store(StringBuilder page)
    {
        if (store() is not { } metrics)
            return;
        Gauge(page, "store_files", "Files of the store", metrics.TotalFiles);
        Gauge(page, "store_bytes", "Bytes of the store's files", metrics.TotalBytes);
        Gauge(page, "store_live_bytes", "Estimate of live data in bytes", metrics.LiveDataBytes);
        Gauge(page, "store_keys", "Estimate of keys", metrics.EstimatedKeys);
        Gauge(page, "store_available_bytes", "Bytes free on the disk of the store", metrics.AvailableBytes);
        Gauge(page, "store_short_of_space", "1 while statements that need room fail with 53100", metrics.IsShortOfSpace ? 1 : 0);
        Gauge(page, "store_memtable_bytes", "Bytes of writes not yet in a table file", metrics.MemtableBytes);
        Gauge(page, "store_block_cache_bytes", "Bytes in the block cache", metrics.BlockCacheBytes);
        Gauge(page, "store_compactions_running", "Compactions under way", metrics.RunningCompactions);
        Gauge(page, "store_compaction_pending_bytes", "Bytes that wait for compaction", metrics.PendingCompactionBytes);
        Counter(page, "store_background_errors", "Errors of flushes and compactions", metrics.BackgroundErrors);
        Gauge(page, "rocksdb_encryption_algorithm", "0 = plaintext, else the AES key size in bits", (long)metrics.Algorithm);
        Gauge(page, "store_encryption_active_key_files", "Files under the active data key", metrics.ActiveKeyFiles);
        Gauge(page, "store_encryption_active_key_bytes", "Bytes under the active data key", metrics.ActiveKeyBytes);
    }

    private void Certificates(StringBuilder page)
    {
        if (services.Certificates is not { } certificates)
            return;
        var set = certificates.Current.Set;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (name, entry) in new[]
        {
            ("ca", Find(set, CertificateUsage.Ca)), ("client_ca", Find(set, CertificateUsage.ClientCa)), ("ui_ca", Find(set, CertificateUsage.UiCa)),
            ("node", Find(set, CertificateUsage.Node)), ("ui", Find(set, CertificateUsage.Ui)),
        })
        {
            var expires = entry is { Error: null, Expires: { } at } ? at.ToUnixTimeSeconds() : 0;
            Gauge(page, "security_certificate_expiration_" + name, "When the certificate expires, in unix seconds; 0 = none or unreadable", expires);
            Gauge(page, "security_certificate_ttl_" + name, "Seconds until the certificate expires; 0 = none, unreadable or expired", Math.Max(0, expires == 0 ? 0 : expires - now));
        }
    }

    private void Process(StringBuilder page)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Gauge(page, "sys_rss", "Resident memory in bytes", process.WorkingSet64);
        Gauge(page, "sys_gc_heap_bytes", "Managed heap in bytes", GC.GetTotalMemory(false));
        Counter(page, "sys_gc_allocated_bytes", "Managed memory allocated since the start", GC.GetTotalAllocatedBytes());
        Counter(page, "sys_gc_count", "Garbage collections", GC.CollectionCount(0));
        Counter(page, "sys_cpu_milliseconds", "Processor time used", (long)process.TotalProcessorTime.TotalMilliseconds);
        Gauge(page, "sys_threads", "Threads", process.Threads.Count);
        Gauge(page, "sys_uptime", "Seconds since the start", (long)(clock.GetUtcNow() - services.Sessions.StartedAt).TotalSeconds);
    }

    private static CertificateEntry? Find(CertificateSet set, CertificateUsage usage) => set.Entries.FirstOrDefault(e => e.Usage == usage);

    private static void Gauge(StringBuilder page, string name, string help, long value) => Single(page, name, help, "gauge", value);

    private static void Counter(StringBuilder page, string name, string help, long value) => Single(page, name, help, "counter", value);

    private static void Single(StringBuilder page, string name, string help, string type, long value)
    {
        Head(page, name, help, type);
        page.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
    }

    private static void Head(StringBuilder page, string name, string help, string type) => page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
}
