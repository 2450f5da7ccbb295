using System.Text;
using Chitin.Catalog.Encoding;
using Chitin.Security;
using Chitin.Sessions;
using Chitin.Testing;
using Chitin.Transactions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.SqlLogicTests;

/// <summary>gc.ttl, and what becomes of dropped tables and indexes. The store is in clear, so that its files can be searched.</summary>
public sealed class DroppedRangeTests : IAsyncLifetime
{
    /// <summary>Nothing that compression would find anything in.</summary>
    private const string Canary = "cAnArY-7fQ2xL9vKd3ZpW";

    private static readonly TimeSpan s_window = TimeSpan.FromHours(4);

    private readonly ManualClock _clock = new();
    private InProcessNode _node = null!;
    private (Session Session, CollectingSink Sink) _root;
    private HistoryCollector _collector = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await InProcessNode.StartAsync(clock: _clock, key: "plain");
        Open();
        await Run("CREATE TABLE kept (id int PRIMARY KEY, v text)");
        await Run("INSERT INTO kept SELECT g, 'kept ' || g FROM generate_series(1, 2000) g");
    }

    public async ValueTask DisposeAsync()
    {
        await _root.Session.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Theory]
    [InlineData("DROP TABLE t")]
    [InlineData("TRUNCATE t")]
    [InlineData("DROP SCHEMA s CASCADE; DROP TABLE t")]
    [InlineData("ALTER TABLE t DROP COLUMN extra; ALTER TABLE t ADD COLUMN more int; DROP TABLE t")]
    public async Task Nothing_of_what_was_dropped_is_in_any_file_after_the_window(string drop)
    {
        await MakeTable("t");
        await Run("CREATE SCHEMA s");
        await MakeTable("s.u");
        if (!drop.Contains("SCHEMA", StringComparison.Ordinal))
            await Run("DROP TABLE s.u");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Run(drop);
        _node.Store.Flush();
        Assert.NotEmpty(FilesWithCanary());

        // The window: AS OF SYSTEM TIME still reads it, and it stays, however often one looks.
        _clock.Advance(s_window - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await Collect());
        Assert.Equal(0, await Collect());
        await Run("SELECT count(*) FROM kept AS OF SYSTEM TIME '-3h58m59s'");
        Assert.Equal("2000", _root.Sink.Rows[0][0]);
        await Run("SELECT count(*) FROM t AS OF SYSTEM TIME '-3h59m500ms' WHERE v LIKE '%c%'");
        Assert.Equal("500", _root.Sink.Rows[0][0]);
        Assert.NotEmpty(FilesWithCanary());

        // A restart in the middle of it all.
        await _root.Session.DisposeAsync();
        await _node.RestartAsync();
        Open();
        _clock.Advance(TimeSpan.FromMinutes(2));
        var reclaimed = 0;
        for (var i = 0; i < 3; i++)
        {
            reclaimed += await Collect();
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.True(reclaimed >= 2, $"{reclaimed} ranges were given back");
        Assert.Empty(FilesWithCanary());
        Assert.Equal(0, await Collect());
        await Run("SELECT count(*), min(v), max(id) FROM kept");
        Assert.Equal(["2000", "kept 1", "2000"], _root.Sink.Rows[0]);
        Assert.Equal("72000", await Fail("SELECT * FROM kept AS OF SYSTEM TIME '-4h1m'"));
        Assert.Equal("72000", await Fail("SELECT * FROM t AS OF SYSTEM TIME '-4h4m'"));
    }

    [Fact]
    public async Task A_dropped_index_goes_and_its_table_stays()
    {
        await MakeTable("t");
        await Run("DROP INDEX t_v");
        await Pass();
        await Run("SELECT count(*), count(DISTINCT v) FROM t");
        Assert.Equal(["500", "500"], _root.Sink.Rows[0]);
        await Run("CREATE INDEX t_v2 ON t (v)");
        await Run($"SELECT id FROM t WHERE v = '7{Canary}'");
        Assert.Equal("7", _root.Sink.Rows[0][0]);
    }

    [Fact]
    public async Task An_open_snapshot_holds_what_it_sees()
    {
        await MakeTable("t");
        var (reader, sink) = _node.Connect("root");
        Assert.Null(await reader.QueryAsync("BEGIN READ ONLY; SELECT count(*) FROM kept"));
        // The snapshot, not the lock: the table is another's.
        await Run("DROP TABLE t");
        _clock.Advance(s_window * 2);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, await Collect());
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null(await reader.QueryAsync("SELECT count(*) FROM kept; COMMIT"));
        await reader.DisposeAsync();
        Assert.NotEmpty(sink.Rows);
        Assert.NotEqual(0, await Pass());
        Assert.Empty(FilesWithCanary());
    }

    [Fact]
    public async Task A_row_about_a_range_in_use_takes_nothing_away()
    {
        await MakeTable("t");
        var table = _node.Host.Catalog.Current.Schemas(_root.Session.Database.Id).Where(s => s.Name == "public").Select(s =>
            _node.Host.Catalog.Current.TryGetRelation(s.Id, "t", out var found) ? (Catalog.TableDescriptor)found : null).First()!;
        var (lower, upper) = KeySpace.TableRange(table.StorageId);
        await using (var transaction = _node.Transactions.Begin(new TransactionOptions()))
        {
            transaction.Put([0, 0, 0, 0, 0, 2, .. lower], upper);
            await transaction.CommitAsync(CancellationToken.None);
        }

        Assert.Equal(1, await Pass());
        await Run("SELECT count(*) FROM t");
        Assert.Equal("500", _root.Sink.Rows[0][0]);
    }

    [Fact]
    public async Task The_window_is_a_cluster_setting()
    {
        Assert.Equal("4h0m0s", await Scalar("SHOW CLUSTER SETTING gc.ttl"));
        foreach (var (given, shown) in new[] { ("'90m'", "1h30m0s"), ("'2 days'", "48h0m0s"), ("7200", "2h0m0s"), ("'00:10:05'", "0h10m5s"), ("'1h0m0s'", "1h0m0s") })
        {
            await Run($"SET CLUSTER SETTING gc.ttl = {given}");
            Assert.Equal(shown, await Scalar("SHOW CLUSTER SETTING gc.ttl"));
        }

        Assert.Equal(TimeSpan.FromHours(1), ClusterSettings.Duration(ClusterSettings.HistoryTimeToLive, _node.Host.Catalog.Current));
        foreach (var wrong in new[] { "'soon'", "0", "'-1h'", "'1.5s'", "'1 month'", "'100 years'", "true" })
            Assert.Equal("22023", await Fail($"SET CLUSTER SETTING gc.ttl = {wrong}"));
        Assert.Equal("1h0m0s", await Scalar("SHOW CLUSTER SETTING gc.ttl"));
        await Run("CREATE USER plain");
        var (plain, _) = _node.Connect("plain");
        Assert.Equal("42501", (await plain.QueryAsync("SET CLUSTER SETTING gc.ttl = '1s'"))?.State.Code);
        await plain.DisposeAsync();

        await MakeTable("t");
        await Run("DROP TABLE t");
        _clock.Advance(TimeSpan.FromMinutes(61));
        Assert.NotEqual(0, await Pass(TimeSpan.Zero));
        await Run("RESET CLUSTER SETTING gc.ttl");
        Assert.Equal("4h0m0s", await Scalar("SHOW CLUSTER SETTING gc.ttl"));
    }

    private void Open()
    {
        _root = _node.Connect("root");
        _collector = new HistoryCollector(_node.Store, _node.Transactions, _clock, NullLogger<HistoryCollector>.Instance);
    }

    /// <summary>500 rows and an index, each with the canary, and statistics that hold it.</summary>
    private async Task MakeTable(string name)
    {
        await Run($"CREATE TABLE {name} (id int PRIMARY KEY, v text, extra text); CREATE INDEX {name.Split('.')[^1]}_v ON {name} (v)");
        await Run($"INSERT INTO {name} SELECT g, g || '{Canary}', '{Canary}' FROM generate_series(1, 500) g; ANALYZE {name}");
    }

    private async Task<int> Collect()
    {
        _collector.TimeToLive = ClusterSettings.Duration(ClusterSettings.HistoryTimeToLive, _node.Host.Catalog.Current);
        return await _collector.RunAsync(KeySpace.SystemRange, CancellationToken.None);
    }

    /// <summary>Lets the window pass and the collector run; how many ranges were given back.</summary>
    private async Task<int> Pass(TimeSpan? time = null)
    {
        _clock.Advance(time ?? s_window);
        var reclaimed = 0;
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            reclaimed += await Collect();
        }

        return reclaimed;
    }

    private List<string> FilesWithCanary()
    {
        var needle = Encoding.UTF8.GetBytes(Canary);
        return [.. Directory.GetFiles(_node.DatabasePath, "*", SearchOption.AllDirectories).Where(f => File.ReadAllBytes(f).AsSpan().IndexOf(needle) >= 0).Select(f => Path.GetFileName(f)!)];
    }

    private async Task<string> Scalar(string sql)
    {
        await Run(sql);
        return _root.Sink.Rows[0][0];
    }

    private async Task Run(string sql)
    {
        _root.Sink.Clear();
        var error = await _root.Session.QueryAsync(sql);
        Assert.True(error is null, $"{sql}: {error?.State.Code} {error?.Message}");
    }

    private async Task<string> Fail(string sql)
    {
        _root.Sink.Clear();
        return (await _root.Session.QueryAsync(sql))?.State.Code ?? "00000";
    }
}
