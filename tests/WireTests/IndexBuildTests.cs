using Chitin.Storage;
using Chitin.Testing;
using Npgsql;

namespace Chitin.WireTests;

/// <summary>CREATE INDEX on a table of some size while others read and write it (DESIGN part 4: index builds do not block writes).</summary>
public sealed class IndexBuildTests : IAsyncLifetime
{
    private const int Rows = 30_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private ScratchNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await ScratchNode.StartAsync();
        await _node.RunAsync($"CREATE TABLE t (id int PRIMARY KEY, a int, u int, pad text); INSERT INTO t SELECT g, g % 1000, g, 'p' || g FROM generate_series(1, {Rows}) g");
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData("CREATE INDEX made ON t (a)", "READ COMMITTED")]
    [InlineData("CREATE UNIQUE INDEX made ON t (u)", "SERIALIZABLE")]
    [InlineData("CREATE UNIQUE INDEX made ON t (u) INCLUDE (pad)", "READ COMMITTED")]
    [InlineData("CREATE INDEX made ON t ((a + 1)) WHERE a < 500", "SERIALIZABLE")]
    public async Task An_index_built_beside_writers_holds_every_row_once(string definition, string isolation)
    {
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(i => Task.Run(() => WriteAsync(i, isolation, stop.Token))).ToArray();
        await _node.RunAsync(definition);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        var written = await Task.WhenAll(writers);
        Assert.All(written, w => Assert.True(w > 0));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task A_small_hot_table_gets_its_index_too()
    {
        await _node.RunAsync("CREATE TABLE hot (id int PRIMARY KEY, n int); INSERT INTO hot SELECT g, 0 FROM generate_series(1, 1100) g");
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(i => Task.Run(() => IncrementAsync(i, stop.Token))).ToArray();
        await _node.RunAsync("CREATE INDEX hot_n ON hot (n)").WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(0L, await _node.ScalarAsync("SELECT count(*) FROM (SELECT n, count(*) AS c FROM hot@hot_n GROUP BY n) i FULL JOIN (SELECT n, count(*) AS c FROM hot@hot_pkey GROUP BY n) h USING (n) WHERE i.c IS DISTINCT FROM h.c"));
    }

    [Fact]
    public async Task Neither_a_reader_nor_a_writer_that_stays_open_holds_up_others()
    {
        await using var open = await _node.OpenAsync();
        await RunningNode.Execute(open, "BEGIN; UPDATE t SET a = a WHERE id = 1");
        var build = _node.RunAsync("CREATE INDEX made ON t (a)");
        for (var i = 0; i < 10; i++)
        {
            await _node.RunAsync("SET statement_timeout = '5s'; UPDATE t SET pad = 'x' WHERE id = 2");
            Assert.False(build.IsCompleted);
        }

        await RunningNode.Execute(open, "COMMIT");
        await build.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await AssertConsistentAsync();

        // Readers are in nobody's way.
        await RunningNode.Execute(open, "BEGIN; SELECT * FROM t WHERE id = 1");
        await _node.RunAsync("CREATE INDEX second ON t (pad)").WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await RunningNode.Execute(open, "SELECT * FROM t WHERE id = 1; COMMIT");
    }

    [Fact]
    public async Task Duplicates_leave_nothing_behind()
    {
        await _node.RunAsync($"UPDATE t SET u = 1 WHERE id = {Rows}");
        Assert.Equal("23505", await _node.FailAsync("CREATE UNIQUE INDEX made ON t (u)"));
        Assert.Equal(0L, await _node.ScalarAsync("SELECT count(*) FROM pg_class WHERE relname = 'made'"));
        await _node.RunAsync($"UPDATE t SET u = {Rows} WHERE id = {Rows}; ");
        await _node.RunAsync("CREATE UNIQUE INDEX made ON t (u)");
        Assert.Equal("23505", await _node.FailAsync("INSERT INTO t VALUES (0, 0, 1, '')"));
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task Lock_timeout_and_cancel_end_it()
    {
        await using var open = await _node.OpenAsync();
        await RunningNode.Execute(open, "BEGIN; UPDATE t SET a = a WHERE id = 1");
        await using var builder = await _node.OpenAsync();
        await RunningNode.Execute(builder, "SET lock_timeout = '300ms'");
        Assert.Equal("55P03", await ScratchNode.FailAsync(builder, "CREATE INDEX made ON t (a)"));
        await RunningNode.Execute(builder, "RESET lock_timeout; SET statement_timeout = '300ms'");
        Assert.Equal("57014", await ScratchNode.FailAsync(builder, "CREATE INDEX made ON t (a)"));
        await RunningNode.Execute(open, "ROLLBACK");
        Assert.Equal(0L, await _node.ScalarAsync("SELECT count(*) FROM pg_class WHERE relname = 'made'"));
        await RunningNode.Execute(builder, "RESET statement_timeout");
        await RunningNode.Execute(builder, "CREATE INDEX made ON t (a)");
        await AssertConsistentAsync();
    }

    [Fact]
    public async Task A_build_that_the_end_of_the_node_cut_is_gone_after_the_next_start()
    {
        // Some dozens of transactions.
        await _node.RunAsync($"INSERT INTO t SELECT g, g % 1000, g, 'p' || g FROM generate_series({Rows + 1}, {10 * Rows}) g");
        await using var observer = await _node.OpenAsync();
        var build = Task.Run(() => _node.FailAsync("CREATE INDEX made ON t (a)"));
        while ((long)(await RunningNode.Scalar(observer, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"))! == 0)
            Assert.False(build.IsCompleted, "the build was over before it was seen");

        // What it has written stays, and nothing more can be.
        (_node.Disk.Fault, _node.Disk.FailWriteAt) = (WriteFault.Refused, _node.Disk.Writes + 2);
        Assert.Equal("58030", await build);
        Assert.Equal(2, await _node.Exit.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        await _node.StartAgainAsync();
        Assert.Equal(0L, await _node.ScalarAsync("SELECT count(*) FROM pg_class WHERE relname = 'made'"));
        await _node.RunAsync("CREATE INDEX made ON t (a)");
        await AssertConsistentAsync();
    }

    /// <summary>The index gives the rows that the table has, no more and no fewer.</summary>
    private async Task AssertConsistentAsync()
    {
        await using var connection = await _node.OpenAsync();
        var partial = (string)(await RunningNode.Scalar(connection, "SELECT pg_get_indexdef('made'::regclass)"))!;
        var where = partial.Contains("WHERE", StringComparison.Ordinal) ? "WHERE a < 500" : "";
        const string Content = "count(*) || ' ' || md5(string_agg(id || ' ' || a || ' ' || u || pad, ',' ORDER BY id))";
        var byIndex = await RunningNode.Scalar(connection, $"SELECT {Content} FROM t@made {where}");
        var byTable = await RunningNode.Scalar(connection, $"SELECT {Content} FROM t@t_pkey {where}");
        Assert.Equal(byTable, byIndex);
        Assert.Equal(0L, await RunningNode.Scalar(connection, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
    }

    /// <summary>Inserts, moves and deletes rows; u stays unique, yet often goes from one row to another within a transaction. The number of committed transactions.</summary>
    private async Task<int> WriteAsync(int number, string isolation, CancellationToken stop)
    {
        var random = new Random(number);
        await using var connection = await _node.OpenAsync();
        await RunningNode.Execute(connection, $"SET default_transaction_isolation = '{isolation}'");
        var done = 0;
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            // Each writer has rows of its own, so that values of u collide in time only.
            var row = random.Next(1, Rows / 4) * 4 + number - 4 + 1;
            var fresh = Rows + i * 4 + number + 1;
            var sql = random.Next(5) switch
            {
                0 => $"INSERT INTO t VALUES ({fresh}, {random.Next(1000)}, {fresh}, 'new')",
                1 => $"DELETE FROM t WHERE id = {row}",
                2 => $"UPDATE t SET a = {random.Next(1000)}, pad = 'w{i}' WHERE id = {row}",
                3 => $"BEGIN; DELETE FROM t WHERE id = {row}; INSERT INTO t VALUES ({fresh}, 1, {row}, 'moved'); COMMIT",
                _ => $"UPDATE t SET id = {fresh}, u = {fresh} WHERE id = {row}",
            };
            var state = await ScratchNode.FailAsync(connection, sql);
            if (state != "00000")
                await ScratchNode.FailAsync(connection, "ROLLBACK");
            // A moved u may meet the row that has moved there before.
            Assert.True(state is "00000" or "40001" or "40P01" or "23505", $"{state}: {sql}");
            done += state == "00000" ? 1 : 0;
        }

        return done;
    }

    private async Task IncrementAsync(int number, CancellationToken stop)
    {
        var random = new Random(number);
        await using var connection = await _node.OpenAsync();
        while (!stop.IsCancellationRequested)
            await RunningNode.Execute(connection, $"UPDATE hot SET n = n + 1 WHERE id = {random.Next(1, 20)}");
    }
}
