using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution;

namespace Chitin.SqlLogicTests;

/// <summary>What does not go to files counts against --max-sql-memory, all of it comes back, and who asks for too much is refused alone.</summary>
public sealed class MemoryBudgetTests
{
    [Theory]
    [InlineData("SELECT array_agg(w) FROM big")]
    [InlineData("SELECT array_agg(DISTINCT w) FROM big")]
    [InlineData("SELECT array_agg(w ORDER BY n DESC) FROM big")]
    [InlineData("SELECT jsonb_agg(w) FROM big")]
    [InlineData("SELECT n % 3, array_agg(w) FROM big GROUP BY 1")]
    [InlineData("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY w) FROM big")]
    [InlineData("SELECT array_agg(w) OVER (ORDER BY n) FROM big WHERE n < 3000")]
    [InlineData("SELECT cardinality(ARRAY(SELECT w FROM big))")]
    [InlineData("SELECT CASE WHEN g::text IN (SELECT w FROM big) THEN 1 END FROM generate_series(1, 2) g")]
    [InlineData("SELECT 5 WHERE 'x' NOT IN (SELECT w FROM big)")]
    [InlineData("SELECT * FROM big ORDER BY w LIMIT 29000")]
    [InlineData("SELECT n, w FROM big FOR UPDATE")]
    [InlineData("UPDATE big SET n = n RETURNING w")]
    [InlineData("BEGIN; DECLARE c SCROLL CURSOR FOR SELECT w FROM big; MOVE ALL IN c")]
    [InlineData("BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT w FROM big; COMMIT")]
    public async Task Who_holds_too_much_is_refused(string sql)
    {
        await using var node = await InProcessNode.StartAsync(memory: 8 << 20);
        var (session, sink) = node.Connect("root");
        var (other, otherSink) = node.Connect("root");
        // Values that differ, so that none is shared: 30,000 of 200 characters are 12 MB.
        Assert.Null(await session.QueryAsync("CREATE TABLE big AS SELECT g AS n, lpad(g::text, 200, 'x') AS w FROM generate_series(1, 30000) g"));
        Assert.Equal(0, node.Memory.Used);
        var error = await session.QueryAsync(sql);
        Assert.Equal(SqlState.OutOfMemory, error?.State);
        Assert.Contains("--max-sql-memory", error!.Hint, StringComparison.Ordinal);
        Assert.Null(await session.QueryAsync("ROLLBACK"));
        Assert.Equal(0, node.Memory.Used);

        // The same session and others go on.
        sink.Clear();
        Assert.Null(await session.QueryAsync("SELECT count(*) FROM big"));
        Assert.Equal("30000", sink.Rows[^1][0]);
        Assert.Null(await other.QueryAsync("SELECT count(w) FROM (SELECT w FROM big ORDER BY w) x"));
        Assert.Equal("30000", otherSink.Rows[^1][0]);
        await session.DisposeAsync();
        await other.DisposeAsync();
        Assert.Equal(0, node.Memory.Used);
    }

    [Fact]
    public async Task What_is_held_comes_back_however_the_statement_ends()
    {
        await using var node = await InProcessNode.StartAsync();
        var (session, sink) = node.Connect("root");
        Assert.Null(await session.QueryAsync("CREATE TABLE t AS SELECT g AS n, lpad(g::text, 100, 'x') AS w FROM generate_series(1, 20000) g"));
        foreach (var (sql, fails) in new[]
        {
            ("SELECT w FROM t ORDER BY w LIMIT 3", false),
            ("SELECT (SELECT a FROM (SELECT n % 7, array_agg(w) AS a FROM t WHERE n > o.n GROUP BY 1 ORDER BY 1) x LIMIT 1) FROM (VALUES (1), (2), (3)) o(n)", false),
            ("SELECT array_agg(w) FROM t HAVING 1 / (count(*) - 20000) = 1", true),
            ("WITH c AS MATERIALIZED (SELECT w FROM t) SELECT w FROM c LIMIT 1", false),
            ("WITH c AS (INSERT INTO t SELECT n, w FROM t RETURNING w) SELECT count(*) FROM c", false),
            ("SELECT string_agg(w, ',') FILTER (WHERE 1 / (n - 19999) < 5) FROM t", true),
        })
        {
            sink.Clear();
            Assert.Equal(fails ? SqlState.DivisionByZero : null, (await session.QueryAsync(sql))?.State);
            Assert.Equal(0, node.Memory.Used);
        }

        var running = Task.Run(() => session.QueryAsync("SELECT array_agg(a.w) FROM t a, t b").AsTask(), TestContext.Current.CancellationToken);
        while (node.Memory.Used == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        session.Cancel();
        Assert.Equal(SqlState.QueryCanceled, (await running)?.State);
        Assert.Equal(0, node.Memory.Used);
        await session.DisposeAsync();
    }

    [Fact]
    public void A_share_takes_in_steps_and_never_more_than_there_is()
    {
        var memory = new SqlMemory(1 << 20);
        var share = new MemoryShare(memory);
        share.Hold(100_000);
        Assert.Equal(0, memory.Used);
        share.Hold(200_000);
        Assert.InRange(memory.Used, 150_000, 300_000);
        var error = Assert.Throws<SqlException>(() => share.Hold(2 << 20));
        Assert.Equal(SqlState.OutOfMemory, error.State);
        Assert.InRange(memory.Used, 150_000, 300_000);
        share.Clear();
        Assert.Equal(0, memory.Used);
        share.Hold([Datum.FromString(new string('x', 200_000))]);
        Assert.NotEqual(0, memory.Used);
        share.LetGo(400_000);
        share.Clear();
        Assert.Equal(0, memory.Used);
    }
}
