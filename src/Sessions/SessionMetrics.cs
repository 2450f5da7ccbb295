namespace Chitin.Sessions;

/// <summary>Counters over all sessions; the server publishes them.</summary>
public sealed class SessionMetrics
{
    private long _statements;
    private long _failures;
    private long _statementMicroseconds;
    private long _commits;
    private long _rollbacks;
    private long _retries;
    private long _rows;

    public long Statements => Volatile.Read(ref _statements);

    public long Failures => Volatile.Read(ref _failures);

    public long StatementMicroseconds => Volatile.Read(ref _statementMicroseconds);

    public long Commits => Volatile.Read(ref _commits);

    public long Rollbacks => Volatile.Read(ref _rollbacks);

    public long Retries => Volatile.Read(ref _retries);

    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Counts per bucket, not cumulative; bounds in <see cref="LatencyBoundsMicroseconds"/>, the last bucket is above all.</summary>
    public long[] LatencyCounts { get; } = new long[LatencyBoundsMicroseconds.Length + 1];

    public static ReadOnlySpan<int> LatencyBoundsMicroseconds => [100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000];

    internal void StatementDone(TimeSpan elapsed, long rows)
    {
        var microseconds = (long)elapsed.TotalMicroseconds;
        Interlocked.Increment(ref _statements);
        Interlocked.Add(ref _statementMicroseconds, microseconds);
        if (rows != 0)
            Interlocked.Add(ref _rows, rows);
        var bounds = LatencyBoundsMicroseconds;
        var bucket = 0;
        while (bucket < bounds.Length && microseconds > bounds[bucket])
            bucket++;
        Interlocked.Increment(ref LatencyCounts[bucket]);
    }

    internal void StatementFailed() => Interlocked.Increment(ref _failures);

    internal void Committed() => Interlocked.Increment(ref _commits);

    internal void RolledBack() => Interlocked.Increment(ref _rollbacks);

    internal void Retried() => Interlocked.Increment(ref _retries);
}
