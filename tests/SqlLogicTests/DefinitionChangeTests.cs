using System.Text;
using Chitin.Sessions;

namespace Chitin.SqlLogicTests;

/// <summary>Definitions that change while other sessions use, or wait for, what they describe.</summary>
public sealed class DefinitionChangeTests : IAsyncLifetime
{
    private InProcessNode _node = null!;
    private Client _a = null!;
    private Client _b = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await InProcessNode.StartAsync();
        (_a, _b) = (new Client(_node), new Client(_node));
        await _a.Run("CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 10), (2, 20); CREATE TABLE other (x int)");
    }

    public async ValueTask DisposeAsync()
    {
        await _a.Session.DisposeAsync();
        await _b.Session.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_plan_outlives_changes_of_what_it_does_not_use()
    {
        var plan = await _a.Execute("SELECT b FROM t WHERE a = 1");
        await _b.Run("CREATE TABLE unrelated (x int); ALTER TABLE other ADD COLUMN y int; CREATE USER somebody");
        Assert.Same(plan, await _a.Execute("SELECT b FROM t WHERE a = 1"));
        await _b.Run("ALTER TABLE t ADD COLUMN c int");
        var second = await _a.Execute("SELECT b FROM t WHERE a = 1");
        Assert.NotSame(plan, second);
        await _b.Run("CREATE SCHEMA extra; CREATE TABLE extra.t (b text)");
        Assert.Same(second, await _a.Execute("SELECT b FROM t WHERE a = 1"));
        await _b.Run("DROP TABLE t");
        Assert.Equal("42P01", await _a.Fail("SELECT b FROM t WHERE a = 1"));
    }

    [Fact]
    public async Task A_statement_that_waited_for_a_definition_is_planned_again()
    {
        await _a.Run("BEGIN; CREATE INDEX t_b ON t (b)");
        var insert = _b.Run("INSERT INTO t VALUES (3, 30)");
        await Task.Delay(50);
        Assert.False(insert.IsCompleted);
        await _a.Run("COMMIT");
        await insert;
        Assert.Equal(["3"], await _b.Rows("SELECT a FROM t WHERE b = 30"));
    }

    [Fact]
    public async Task A_statement_that_waited_for_a_table_to_go_says_so()
    {
        await _a.Run("BEGIN; DROP TABLE t");
        var insert = _b.Fail("INSERT INTO t VALUES (3, 30)");
        await Task.Delay(50);
        await _a.Run("COMMIT");
        Assert.Equal("42P01", await insert);
    }

    [Fact]
    public async Task An_index_has_the_rows_of_writers_that_it_waited_for()
    {
        await _b.Run("BEGIN; INSERT INTO t VALUES (3, 30)");
        var index = _a.Run("CREATE INDEX t_b ON t (b)");
        await Task.Delay(50);
        Assert.False(index.IsCompleted);
        await _b.Run("COMMIT");
        await index;
        Assert.Equal(["3"], await _a.Rows("SELECT a FROM t WHERE b = 30"));
    }

    [Fact]
    public async Task An_older_snapshot_never_sees_a_part_of_a_load()
    {
        await _b.Run("BEGIN; TRUNCATE t");
        _b.Sink.Copy.Send(["5\t50", "6\t60"]);
        await _b.Run("COPY t FROM STDIN", keepData: true);
        await _a.Run("BEGIN; SELECT count(*) FROM other");
        _b.Sink.Copy.Send(["7\t70"]);
        await _b.Run("COPY t FROM STDIN", keepData: true);
        await _b.Run("COMMIT");
        Assert.Equal(["3"], await _a.Rows("SELECT count(*) FROM t"));
        await _a.Run("COMMIT");

        await _a.Run("BEGIN; SELECT count(*) FROM other");
        await _b.Run("INSERT INTO other VALUES (1); ALTER TABLE t ADD COLUMN c int DEFAULT 1");
        Assert.Equal("40001", await _a.Fail("SELECT c FROM t"));
        await _a.Run("ROLLBACK");
    }

    [Fact]
    public async Task A_large_copy_into_an_empty_table_is_seen_whole_or_not_at_all()
    {
        var lines = Enumerable.Range(0, 60_000).Select(i => $"{i}\tsome text that makes the data large {i}").ToList();
        await _a.Run("CREATE TABLE large (a int PRIMARY KEY, b text); CREATE INDEX large_b ON large (b)");
        await _a.Run("CREATE TABLE part (a int REFERENCES large)");
        _b.Sink.Copy.Send([.. lines, "7\tagain"]);
        Assert.Equal("23505", (await _b.Session.QueryAsync("COPY large FROM STDIN"))?.State.Code);
        Assert.Equal(["0"], await _a.Rows("SELECT count(*) FROM large"));

        // Beside a transaction that uses the table the rows take the usual way.
        await _a.Run("BEGIN; SELECT count(*) FROM large");
        _b.Sink.Copy.Send(lines[..40_000]);
        await _b.Run("COPY large FROM STDIN", keepData: true);
        await _a.Run("ROLLBACK");
        Assert.Equal(["40000"], await _a.Rows("SELECT count(*) FROM large"));
        await _b.Run("DELETE FROM large");

        _b.Sink.Copy.Send(lines);
        await _b.Run("COPY large FROM STDIN WHERE a % 2 = 0", keepData: true);
        Assert.Equal(["30000"], await _a.Rows("SELECT count(*) FROM large"));
        Assert.Equal(["58002"], await _a.Rows("SELECT a FROM large WHERE b LIKE '% 58002'"));
        await _a.Run("INSERT INTO part VALUES (58002)");
        Assert.Equal("23503", await _a.Fail("INSERT INTO part VALUES (58003)"));
        _b.Sink.Copy.Send(["1\tone"]);
        await _b.Run("COPY large FROM STDIN", keepData: true);
        Assert.Equal(["30001"], await _a.Rows("SELECT count(*) FROM large"));
    }

    [Fact]
    public async Task A_child_committed_while_the_parent_was_awaited_is_found_under_read_committed()
    {
        await _a.Run("CREATE TABLE child (a int REFERENCES t)");
        await _b.Run("BEGIN; INSERT INTO child VALUES (1)");
        await _a.Run("BEGIN ISOLATION LEVEL READ COMMITTED");
        var delete = _a.Fail("DELETE FROM t WHERE a = 1");
        await Task.Delay(50);
        Assert.False(delete.IsCompleted);
        await _b.Run("COMMIT");
        Assert.Equal("23503", await delete);
        await _a.Run("ROLLBACK");
    }

    private sealed class Client
    {
        public Client(InProcessNode node) => (Session, Sink) = node.Connect("root");

        public Session Session { get; }

        public CollectingSink Sink { get; }

        public async Task Run(string sql, bool keepData = false)
        {
            if (!keepData)
                Sink.Clear();
            var error = await Session.QueryAsync(sql);
            Assert.True(error is null, $"{sql}: {error?.State.Code} {error?.Message}");
        }

        public async Task<List<string>> Rows(string sql)
        {
            await Run(sql);
            return [.. Sink.Rows.Select(r => string.Join(' ', r))];
        }

        public async Task<string> Fail(string sql)
        {
            Sink.Clear();
            return (await Session.QueryAsync(sql) ?? Sink.LastError)?.State.Code ?? "00000";
        }

        /// <summary>Through the extended protocol; returns the plan.</summary>
        public async Task<object> Execute(string sql)
        {
            var key = Encoding.UTF8.GetBytes(sql);
            if (!Session.TryParse([], key))
                Session.Parse([], key, sql, []);
            var statement = Session.Statement([]);
            await Session.BindAsync("", statement, [], ResultFormats.Text);
            await Session.ExecuteAsync(Session.Portal([]), 0);
            await Session.SyncAsync();
            return statement.Plan!;
        }
    }
}
