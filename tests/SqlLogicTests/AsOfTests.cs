using System.Globalization;
using System.Text;
using Chitin.Sessions;
using Chitin.Testing;

namespace Chitin.SqlLogicTests;

/// <summary>AS OF SYSTEM TIME reads with the definitions of that time, and never with more rights than those of today (docs/threat-model.md).</summary>
public sealed class AsOfTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly Dictionary<string, Client> _clients = [];
    private InProcessNode _node = null!;

    private Client Root => As("root");

    public async ValueTask InitializeAsync()
    {
        _node = await InProcessNode.StartAsync(audit: true, clock: _clock);
        await Root.Run("CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)");
        await Root.Run("CREATE USER alice; CREATE USER bob");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
            await client.Session.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Theory]
    [InlineData("TRUNCATE t")]
    [InlineData("DROP TABLE t")]
    [InlineData("DROP TABLE t; CREATE TABLE t (z text)")]
    [InlineData("CREATE INDEX t_b ON t (b); ANALYZE t")]
    [InlineData("CREATE INDEX t_b ON t (b); DELETE FROM t")]
    [InlineData("ALTER TABLE t ALTER COLUMN b TYPE text")]
    [InlineData("ALTER TABLE t DROP COLUMN b")]
    [InlineData("ALTER TABLE t RENAME TO other")]
    [InlineData("ALTER TABLE t RENAME COLUMN b TO c")]
    [InlineData("ALTER TABLE t ADD COLUMN c int DEFAULT 7")]
    [InlineData("ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 7; UPDATE t SET b = 0")]
    [InlineData("ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (b)")]
    [InlineData("CREATE SCHEMA s; ALTER TABLE t SET SCHEMA s")]
    [InlineData("DROP TABLE t; CREATE VIEW t AS SELECT 0 AS a, 0 AS b")]
    public async Task Definitions_are_those_of_the_time(string change)
    {
        var then = Now();
        await Root.Run(change);
        Later();
        foreach (var client in new[] { Root, As("root", "again") })
        {
            Assert.Equal(["2 20"], await client.Rows($"SELECT * FROM t AS OF SYSTEM TIME {then} WHERE b = 20"));
            Assert.Equal(["1 10", "2 20", "3 30"], await client.Rows($"SELECT * FROM t AS OF SYSTEM TIME '-1s500ms' ORDER BY a"));
            await client.Run($"BEGIN AS OF SYSTEM TIME {then}");
            Assert.Equal(["20"], await client.Rows("SELECT b FROM t WHERE a = 2"));
            Assert.Equal(["1 10", "2 20", "3 30"], await client.Rows("SELECT a, b FROM t WHERE b > 0 ORDER BY b"));
            await client.Run("COMMIT");
            await client.Run($"BEGIN; SET TRANSACTION AS OF SYSTEM TIME {then}");
            Assert.Equal(["60"], await client.Rows("SELECT sum(b) FROM t"));
            await client.Run("COMMIT");
            Assert.Equal(["2 20"], await client.Execute($"SELECT * FROM t AS OF SYSTEM TIME {then} WHERE b = 20"));
            Assert.Equal(["2 20"], await client.Execute($"SELECT * FROM t AS OF SYSTEM TIME {then} WHERE b = 20"));
        }

        // Definitions too come from the store after a start.
        await Restart();
        Assert.Equal(["2 20"], await Root.Rows($"SELECT * FROM t AS OF SYSTEM TIME {then} WHERE b = 20"));
        Assert.Equal(["2 20"], await Root.Rows($"SELECT * FROM t AS OF SYSTEM TIME {then} WHERE b = 20"));
    }

    [Fact]
    public async Task The_same_words_mean_the_definitions_of_their_time()
    {
        var first = Now();
        await Root.Run("TRUNCATE t; INSERT INTO t VALUES (4, 40); CREATE INDEX t_b ON t (b)");
        var second = Now();
        await Root.Run("ALTER TABLE t RENAME COLUMN b TO c");
        Later();
        for (var i = 0; i < 3; i++)
        {
            foreach (var (time, rows) in new[] { (first, "1 10,2 20,3 30"), (second, "4 40") })
            {
                await Root.Run($"BEGIN AS OF SYSTEM TIME {time}");
                Assert.Equal(rows, string.Join(',', await Root.Execute("SELECT a, b FROM t WHERE b > 0 ORDER BY a")));
                Assert.Equal(rows, string.Join(',', await Root.Rows("SELECT a, b FROM t WHERE b > 0 ORDER BY a")));
                await Root.Run("COMMIT");
            }

            Assert.Equal("42703", await Root.Fail("SELECT a, b FROM t WHERE b > 0 ORDER BY a"));
            Assert.Equal(["4 40"], await Root.Rows("SELECT a, c FROM t WHERE c > 0"));
        }
    }

    [Fact]
    public async Task An_index_serves_from_when_it_was_filled()
    {
        await Root.Run("CREATE TABLE large (a int PRIMARY KEY, b int); INSERT INTO large SELECT g, g FROM generate_series(1, 5000) g; ANALYZE large");
        var without = Now();
        await Root.Run("CREATE INDEX large_b ON large (b)");
        await Root.Run("ANALYZE large");
        var with = Now();
        await Root.Run("DROP INDEX large_b");
        Later();
        foreach (var restart in new[] { false, true })
        {
            if (restart)
                await Restart();
            foreach (var (time, uses) in new[] { (without, false), (with, true) })
            {
                Assert.Equal(["77"], await Root.Rows($"SELECT a FROM large AS OF SYSTEM TIME {time} WHERE b = 77"));
                Assert.Equal(uses, string.Join(' ', await Root.Rows($"EXPLAIN SELECT a FROM large AS OF SYSTEM TIME {time} WHERE b = 77")).Contains("large_b", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task The_time_is_that_of_the_whole_transaction()
    {
        var then = Now();
        await Root.Run("UPDATE t SET b = 0; CREATE SEQUENCE s");
        Later();
        Assert.Equal(["10"], await Root.Execute($"SELECT b FROM t AS OF SYSTEM TIME {then} WHERE a = 1"));
        Assert.Equal(["10"], await Root.Execute("SELECT b FROM t AS OF SYSTEM TIME '-1s500ms' WHERE a = 1"));
        Assert.Equal("25001", await Root.Fail($"BEGIN; SELECT count(*) FROM t; SELECT * FROM t AS OF SYSTEM TIME {then}"));
        await Root.Run("ROLLBACK");
        Assert.Equal(["10"], await Root.Rows($"BEGIN; SELECT b FROM t AS OF SYSTEM TIME {then} WHERE a = 1"));
        Assert.Equal(["20"], await Root.Rows($"SELECT b FROM t AS OF SYSTEM TIME {then} WHERE a = 2"));
        Assert.Equal("25006", await Root.Fail("DELETE FROM t"));
        await Root.Run("ROLLBACK");
        foreach (var sql in new[] { "DELETE FROM t", "CREATE TABLE n (a int)", "TRUNCATE t", "SELECT nextval('s')", "SELECT * FROM t FOR UPDATE" })
        {
            Assert.Equal("25006", await Root.Fail($"BEGIN AS OF SYSTEM TIME '-1s'; {sql}"));
            await Root.Run("ROLLBACK");
        }

        await Root.Run($"PREPARE p AS SELECT b FROM t AS OF SYSTEM TIME {then} WHERE a = $1");
        Assert.Equal(["20"], await Root.Rows("EXECUTE p (2)"));
        await Root.Run($"BEGIN; DECLARE c CURSOR FOR SELECT b FROM t AS OF SYSTEM TIME {then} ORDER BY a");
        Assert.Equal(["10", "20"], await Root.Rows("FETCH 2 FROM c"));
        await Root.Run("COMMIT");
        await Root.Run($"COPY (SELECT b FROM t AS OF SYSTEM TIME {then} ORDER BY a) TO STDOUT");
        Assert.Equal("10\n20\n30\n", Root.Sink.Copy.Received);
        Assert.Contains("rows=1", string.Join(' ', await Root.Rows($"EXPLAIN ANALYZE SELECT b FROM t AS OF SYSTEM TIME {then} WHERE b = 10")), StringComparison.Ordinal);
        Assert.Equal("0A000", await Root.Fail($"INSERT INTO t SELECT a + 10, b FROM t AS OF SYSTEM TIME {then}"));
    }

    [Fact]
    public async Task Before_a_table_and_before_all_that_is_kept()
    {
        var before = Now();
        await Root.Run("CREATE TABLE late (a int); CREATE DATABASE later");
        Later();
        Assert.Equal("42P01", await Root.Fail($"SELECT * FROM late AS OF SYSTEM TIME {before}"));
        var elsewhere = As("root", "elsewhere", "later");
        Assert.Equal("42P01", await elsewhere.Fail($"SELECT * FROM late AS OF SYSTEM TIME {before}"));
        Assert.Equal(["1"], await elsewhere.Rows($"SELECT 1 FROM generate_series(1, 1) AS OF SYSTEM TIME {before}"));
        await elsewhere.Run($"BEGIN AS OF SYSTEM TIME {before}; SELECT current_user, version(); COMMIT");
        Assert.Equal("22023", await Root.Fail("SELECT * FROM t AS OF SYSTEM TIME '2099-01-01'"));
    }

    [Fact]
    public async Task Rights_on_what_exists_are_those_of_today()
    {
        await Root.Run("CREATE TABLE u (a int, b int); INSERT INTO u VALUES (1, 2); GRANT SELECT ON t TO alice; GRANT SELECT (a, b) ON u TO alice");
        var then = Now();
        await Root.Run("REVOKE SELECT ON t FROM alice; GRANT SELECT ON t TO bob; TRUNCATE t; REVOKE SELECT (b) ON u FROM alice; ALTER TABLE u ADD COLUMN c int");
        Later();
        Assert.Equal("42501", await As("alice").Fail($"SELECT * FROM t AS OF SYSTEM TIME {then}"));
        Assert.Equal(["3"], await As("bob").Rows($"SELECT count(*) FROM t AS OF SYSTEM TIME {then}"));
        Assert.Equal(["1"], await As("alice").Rows($"SELECT a FROM u AS OF SYSTEM TIME {then}"));
        Assert.Equal("42501", await As("alice").Fail($"SELECT b FROM u AS OF SYSTEM TIME {then}"));

        // A change of rights counts for plans that were let pass before it, too.
        await As("bob").Run($"BEGIN AS OF SYSTEM TIME {then}; SELECT count(*) FROM t");
        await Root.Run("REVOKE SELECT ON t FROM bob");
        Assert.Equal("42501", await As("bob").Fail("SELECT count(*) FROM t"));
        await As("bob").Run("ROLLBACK");

        // The grants on a column that is gone went with it.
        await Root.Run("GRANT SELECT (b) ON u TO alice");
        var granted = Now();
        await Root.Run("ALTER TABLE u DROP COLUMN b");
        Later();
        Assert.Equal("42501", await As("alice").Fail($"SELECT b FROM u AS OF SYSTEM TIME {granted}"));
        Assert.Equal(["2"], await Root.Rows($"SELECT b FROM u AS OF SYSTEM TIME {granted}"));
    }

    [Fact]
    public async Task Row_level_policies_are_those_of_today()
    {
        await Root.Run("GRANT SELECT ON t TO alice");
        var then = Now();
        await Root.Run("ALTER TABLE t ENABLE ROW LEVEL SECURITY");
        Later();
        var query = $"SELECT a FROM t AS OF SYSTEM TIME {then} ORDER BY a";
        Assert.Empty(await As("alice").Rows(query));
        await Root.Run("CREATE POLICY p ON t USING (a > 1)");
        Assert.Equal(["2", "3"], await As("alice").Rows(query));
        await Root.Run("ALTER TABLE t ADD COLUMN later int; DROP POLICY p ON t; CREATE POLICY p ON t USING (later IS NULL)");
        Assert.Equal("42703", await As("alice").Fail(query));

        // The name stood for another column then.
        await Root.Run("DROP POLICY p ON t; ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t ADD COLUMN b int DEFAULT 20; CREATE POLICY p ON t USING (b = 20)");
        Assert.Equal(["1", "2", "3"], await As("alice").Rows("SELECT a FROM t ORDER BY a"));
        Assert.Empty(await As("alice").Rows(query));
        await Root.Run("ALTER TABLE t DISABLE ROW LEVEL SECURITY");
        Assert.Equal(["1", "2", "3"], await As("alice").Rows(query));
    }

    [Fact]
    public async Task Owners_and_memberships_are_those_of_today()
    {
        await Root.Run("CREATE ROLE readers; GRANT readers TO alice; GRANT SELECT ON t TO readers; CREATE TABLE owned (a int); ALTER TABLE owned OWNER TO alice; GRANT admin TO bob");
        var then = Now();
        await Root.Run("REVOKE readers FROM alice; GRANT readers TO bob; ALTER TABLE owned OWNER TO bob; REVOKE admin FROM bob");
        Later();
        Assert.Equal("42501", await As("alice").Fail($"SELECT * FROM t AS OF SYSTEM TIME {then}"));
        Assert.Equal(["3"], await As("bob").Rows($"SELECT count(*) FROM t AS OF SYSTEM TIME {then}"));
        Assert.Equal("42501", await As("alice").Fail($"SELECT * FROM owned AS OF SYSTEM TIME {then}"));
        Assert.Equal(["0"], await As("bob").Rows($"SELECT count(*) FROM owned AS OF SYSTEM TIME {then}"));
        await As("bob").Run($"BEGIN AS OF SYSTEM TIME {then}");
        Assert.Equal("42501", await As("bob").Fail("SHOW CLUSTER SETTING gc.ttl"));
        await As("bob").Run("ROLLBACK");
    }

    [Fact]
    public async Task Rights_on_what_is_gone_are_those_of_its_time_for_roles_of_today()
    {
        await Root.Run("CREATE USER gone; CREATE ROLE team; CREATE TABLE d (a int); INSERT INTO d VALUES (1); ALTER TABLE d OWNER TO alice; GRANT SELECT ON d TO gone, team");
        var then = Now();
        await Root.Run("DROP TABLE d; DROP USER gone; CREATE USER gone; CREATE TABLE d (a int); GRANT SELECT ON d TO bob");
        Later();
        var query = $"SELECT count(*) FROM d AS OF SYSTEM TIME {then}";
        Assert.Equal(["1"], await As("alice").Rows(query));
        Assert.Equal(["1"], await Root.Rows(query));
        Assert.Equal("42501", await As("bob").Fail(query));
        Assert.Equal("42501", await As("gone").Fail(query));
        await Root.Run("GRANT team TO bob");
        Assert.Equal(["1"], await As("bob").Rows(query));
        await Root.Run("REVOKE team FROM bob");
        Assert.Equal("42501", await As("bob").Fail(query));
    }

    [Fact]
    public async Task A_view_that_is_another_today_reads_with_the_rights_of_who_asks()
    {
        await Root.Run("CREATE VIEW same AS SELECT a FROM t; CREATE VIEW wide AS SELECT a, b FROM t; CREATE VIEW dropped AS SELECT b FROM t; GRANT SELECT ON same, wide, dropped TO bob");
        var then = Now();
        await Root.Run("CREATE OR REPLACE VIEW wide AS SELECT a, 0 AS b FROM t; DROP VIEW dropped");
        Later();
        Assert.Equal(["3"], await As("bob").Rows($"SELECT count(*) FROM same AS OF SYSTEM TIME {then}"));
        Assert.Equal("42501", await As("bob").Fail($"SELECT * FROM wide AS OF SYSTEM TIME {then}"));
        Assert.Equal("42501", await As("bob").Fail($"SELECT * FROM dropped AS OF SYSTEM TIME {then}"));
        Assert.Equal(["60"], await Root.Rows($"SELECT sum(b) FROM wide AS OF SYSTEM TIME {then}"));
        await Root.Run("GRANT SELECT ON t TO bob");
        Assert.Equal(["60"], await As("bob").Rows($"SELECT sum(b) FROM wide AS OF SYSTEM TIME {then}"));
        Assert.Equal(["60"], await As("bob").Rows($"SELECT sum(b) FROM dropped AS OF SYSTEM TIME {then}"));
    }

    [Fact]
    public async Task Audited_when_it_is_today_or_was_then()
    {
        await Root.Run("CREATE TABLE was (a int); CREATE TABLE gone (a int)");
        await Root.Run("ALTER TABLE was EXPERIMENTAL_AUDIT SET READ WRITE; ALTER TABLE gone EXPERIMENTAL_AUDIT SET READ WRITE");
        var then = Now();
        await Root.Run("ALTER TABLE was EXPERIMENTAL_AUDIT SET OFF; DROP TABLE gone; ALTER TABLE t EXPERIMENTAL_AUDIT SET READ WRITE");
        Later();
        var seen = _node.AuditRecords().Count;
        foreach (var name in new[] { "was", "gone", "t" })
        {
            await Root.Run($"SELECT count(*) FROM {name} AS OF SYSTEM TIME {then}");
            var record = Assert.Single(_node.AuditRecords().Skip(seen++));
            Assert.Equal($"defaultdb.public.{name}", record.GetProperty("TableName").GetString());
        }

        Assert.Equal("42501", await As("bob").Fail($"SELECT count(*) FROM gone AS OF SYSTEM TIME {then}"));
        var denied = Assert.Single(_node.AuditRecords().Skip(seen++));
        Assert.Equal(("defaultdb.public.gone", true), (denied.GetProperty("TableName").GetString(), denied.GetProperty("Denied").GetBoolean()));
        await Root.Run("SELECT count(*) FROM was");
        Assert.Equal(seen, _node.AuditRecords().Count);
    }

    [Fact]
    public async Task Types_of_the_time()
    {
        await Root.Run("CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE m (a int, f mood); INSERT INTO m VALUES (1, 'happy')");
        var then = Now();
        await Root.Run("DROP TABLE m; DROP TYPE mood; CREATE TYPE mood AS ENUM ('other')");
        Later();
        Assert.Equal(["1 happy"], await Root.Rows($"SELECT * FROM m AS OF SYSTEM TIME {then} WHERE f = 'happy'"));
        await Restart();
        Assert.Equal(["1 happy"], await Root.Rows($"SELECT * FROM m AS OF SYSTEM TIME {then} WHERE f > 'sad'"));
    }

    [Fact]
    public async Task A_reader_of_old_times_waits_for_nobody()
    {
        var then = Now();
        await As("root", "other").Run("BEGIN; DROP TABLE t");
        Assert.Equal(["3"], await Root.Rows($"SELECT count(*) FROM t AS OF SYSTEM TIME {then}").WaitAsync(TimeSpan.FromSeconds(10)));
        await Root.Run($"BEGIN AS OF SYSTEM TIME {then}; SELECT count(*) FROM t");
        await As("root", "other").Run("COMMIT");
        await As("root", "other").Run("CREATE TABLE t (a text)").WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["3"], await Root.Rows("SELECT count(*) FROM t"));
        await Root.Run("COMMIT");
    }

    [Fact]
    public async Task A_read_only_transaction_keeps_the_definitions_of_its_snapshot()
    {
        await Root.Run("CREATE TABLE other (x int)");
        var writer = As("root", "writer");
        foreach (var change in new[] { "ALTER TABLE t ADD COLUMN c int DEFAULT 1", "CREATE INDEX t_b ON t (b)", "TRUNCATE t", "DROP TABLE t" })
        {
            await Root.Run("BEGIN READ ONLY; SELECT * FROM other");
            await writer.Run(change);
            Assert.Equal(["60"], await Root.Rows("SELECT sum(b) FROM t"));
            Assert.Equal(["2"], await Root.Rows("SELECT a FROM t WHERE b = 20"));
            await Root.Run("COMMIT");
            if (change.StartsWith("TRUNC", StringComparison.Ordinal))
                await writer.Run("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)");
        }

        Assert.Equal("42P01", await Root.Fail("SELECT sum(b) FROM t"));

        // Rights are those of today there too.
        await Root.Run("CREATE TABLE third (x int); GRANT SELECT ON other, third TO alice");
        await As("alice").Run("BEGIN READ ONLY; SELECT count(*) FROM other");
        await Root.Run("REVOKE SELECT ON third FROM alice");
        Assert.Equal("42501", await As("alice").Fail("SELECT count(*) FROM third"));
        await As("alice").Run("ROLLBACK");
    }

    [Fact]
    public async Task Many_pictures_of_many_times()
    {
        var times = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            await Root.Run($"ALTER TABLE t RENAME TO moved; ALTER TABLE moved RENAME TO t; CREATE TABLE n{i} (a int)");
            times.Add(Now());
            await Root.Run($"DROP TABLE n{i}");
        }

        Later();
        foreach (var restart in new[] { false, true })
        {
            if (restart)
                await Restart();
            for (var i = 0; i < times.Count; i++)
            {
                Assert.Equal(["0"], await Root.Rows($"SELECT count(*) FROM n{i} AS OF SYSTEM TIME {times[i]}"));
                Assert.Equal("42P01", await Root.Fail($"SELECT count(*) FROM n{i + 1} AS OF SYSTEM TIME {times[i]}"));
            }
        }
    }

    /// <summary>An instant between what was and what comes, in nanoseconds since 1970.</summary>
    private string Now()
    {
        Later();
        var now = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        Later();
        return now.ToString(CultureInfo.InvariantCulture);
    }

    private void Later() => _clock.Advance(TimeSpan.FromSeconds(1));

    private async Task Restart()
    {
        foreach (var client in _clients.Values)
            await client.Session.DisposeAsync();
        _clients.Clear();
        await _node.RestartAsync();
    }

    private Client As(string user, string name = "", string database = "defaultdb")
    {
        if (!_clients.TryGetValue(user + name, out var client))
            _clients.Add(user + name, client = new Client(_node, user, database));
        return client;
    }

    private sealed class Client
    {
        public Client(InProcessNode node, string user, string database) => (Session, Sink) = node.Connect(user, database);

        public Session Session { get; }

        public CollectingSink Sink { get; }

        public async Task Run(string sql)
        {
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

        /// <summary>Through the extended protocol.</summary>
        public async Task<List<string>> Execute(string sql)
        {
            Sink.Clear();
            var key = Encoding.UTF8.GetBytes(sql);
            if (!Session.TryParse([], key))
                Session.Parse([], key, sql, []);
            await Session.BindAsync("", Session.Statement([]), [], ResultFormats.Text);
            await Session.ExecuteAsync(Session.Portal([]), 0);
            await Session.SyncAsync();
            return [.. Sink.Rows.Select(r => string.Join(' ', r))];
        }
    }
}
