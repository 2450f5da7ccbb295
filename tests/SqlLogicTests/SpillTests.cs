namespace Chitin.SqlLogicTests;

/// <summary>Whatever keeps rows gives the same answers when they do not fit into work_mem.</summary>
public sealed class SpillTests
{
    [Theory]
    [InlineData("SELECT DISTINCT n % 7001, repeat('x', 30) FROM t")]
    [InlineData("SELECT DISTINCT ON (n % 5003) n % 5003, m FROM t")]
    [InlineData("SELECT n % 4000, w FROM t UNION SELECT n % 6000, w FROM t")]
    [InlineData("SELECT n % 9000, w FROM t INTERSECT SELECT n % 6000, w FROM t")]
    [InlineData("SELECT n % 3000 FROM t INTERSECT ALL SELECT n FROM t WHERE n % 2 = 0")]
    [InlineData("SELECT n, w FROM t EXCEPT SELECT n * 2, w FROM t")]
    [InlineData("SELECT n % 100, w FROM t EXCEPT ALL SELECT n, w FROM t")]
    [InlineData("SELECT n, w FROM t EXCEPT SELECT 1, 'x'")]
    [InlineData("SELECT n, sum(m) OVER (ORDER BY n ROWS BETWEEN 3 PRECEDING AND CURRENT ROW), rank() OVER (PARTITION BY m % 2 ORDER BY w), lag(w, 700) OVER (ORDER BY n) FROM t")]
    [InlineData("SELECT n, count(*) OVER (), last_value(n) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM t")]
    [InlineData("WITH c AS MATERIALIZED (SELECT n, w FROM t) SELECT a.n, b.w FROM c a JOIN c b ON a.n = b.n + 1")]
    [InlineData("WITH RECURSIVE r(n, w) AS (SELECT n, w FROM t WHERE n <= 3000 UNION ALL SELECT n + 10000, w FROM r WHERE n < 20000) SELECT n, w FROM r")]
    [InlineData("WITH RECURSIVE r(n, w) AS (SELECT n, w FROM t WHERE n <= 3000 UNION SELECT (n + 3000) % 12000, w FROM r) SELECT n, w FROM r")] // few long rounds
    [InlineData("WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n + 1) % 20000 FROM r) SELECT n FROM r")] // many short ones
    [InlineData("WITH RECURSIVE r(n, w) AS (SELECT 1, NULL UNION SELECT m.k, x.w FROM r, LATERAL (VALUES (n * 2 % 15013), (n * 3 % 15013), (n)) m(k), LATERAL (VALUES (NULL), ('a')) x(w)) SELECT n, w FROM r")]
    [InlineData("SELECT o.n, (WITH RECURSIVE r(k) AS (SELECT o.n UNION SELECT (k * 7 + 1) % 4001 FROM r) SELECT count(*) FROM r) FROM t o WHERE o.n < 4")]
    [InlineData("WITH RECURSIVE r(n, w) AS (SELECT n, w FROM t UNION SELECT n, w FROM r) SELECT n, w FROM r")] // nothing new
    [InlineData("WITH RECURSIVE r(n) AS (SELECT n FROM t UNION SELECT n + 12000 FROM r) SELECT n FROM r LIMIT 40000")] // no end
    [InlineData("SELECT a.n, b.k FROM (SELECT n, w FROM t WHERE n < 20) a LEFT JOIN (SELECT n AS k, w FROM t) b ON a.n * 2 > b.k * 2 - 1 AND a.n < b.k + 2")]
    [InlineData("SELECT a.n, b.n FROM (SELECT n, w FROM t WHERE n < 20) a FULL JOIN (SELECT n, w FROM t) b ON a.n > b.n AND b.n > 10")]
    [InlineData("SELECT n FROM t WHERE n > ALL (SELECT n - 9 FROM t)")]
    public async Task A_small_work_mem_changes_no_answer(string query)
    {
        await using var node = await InProcessNode.StartAsync();
        var (session, sink) = node.Connect("root");
        await Run("CREATE TABLE t AS SELECT g AS n, g * 7 % 13 AS m, 'some words that take room ' || g % 501 AS w FROM generate_series(1, 12000) g");
        var expected = await Rows();
        Assert.NotEmpty(expected);
        await Run("SET work_mem = '64kB'");
        Assert.Equal(expected, await Rows());
        Assert.True(node.SpillArea.Made > 0);
        Assert.Equal(0, node.SpillArea.Open);
        Assert.Equal(0, node.Memory.Used);
        await session.DisposeAsync();

        async Task<List<string>> Rows()
        {
            await Run(query);
            return [.. sink.Rows.Select(r => string.Join('|', r)).Order(StringComparer.Ordinal)];
        }

        async Task Run(string sql)
        {
            sink.Clear();
            var error = await session.QueryAsync(sql);
            Assert.True(error is null, $"{sql}: {error?.State.Code} {error?.Message}");
        }
    }
}
