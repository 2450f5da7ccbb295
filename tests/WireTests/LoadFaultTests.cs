using Chitin.Testing;
using Npgsql;

namespace Chitin.WireTests;

/// <summary>Large loads through SQL on a disk that fails, or under a node that is killed: a statement is there as a whole or not at all, and every index agrees with its table.</summary>
public sealed class LoadFaultTests : IAsyncLifetime
{
    /// <summary>Rows of a load; with 500 bytes each enough for table files.</summary>
    private const int Rows = 5_000;
    private const int Before = 1_000;

    private ScratchNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await ScratchNode.StartAsync();
        await _node.RunAsync($"CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, v text); CREATE INDEX t_k ON t (k); CREATE UNIQUE INDEX t_v ON t (v); {Insert(0, Before)}");
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_step_of_a_load_that_fails_fails_its_statement_alone()
    {
        await using var connection = await _node.OpenAsync();
        var rows = Before;
        foreach (var fault in new[] { WriteFault.DiskFull, WriteFault.UnknownAndKept })
        {
            _node.Disk.Fault = fault;
            var expected = fault == WriteFault.DiskFull ? "53100" : "58030";
            foreach (var sql in new[] { Insert(rows, Rows), $"CREATE TABLE made AS SELECT * FROM generate_series(1, {Rows}) g, (SELECT repeat(md5('x'), 16)) x", "BEGIN; CREATE INDEX t_kv ON t (k) INCLUDE (v); COMMIT" })
            {
                var failures = 0;
                for (var step = 0; ; step += failures < 2 ? 1 : 5)
                {
                    _node.Disk.FailLoadAt = _node.Disk.Loads + step;
                    var state = await ScratchNode.FailAndReopenAsync(connection, sql);
                    if (state == "00000")
                        break;
                    Assert.Equal(expected, state);
                    failures++;
                    await RequireAsync(connection, rows);
                    Assert.Equal("42P01", await ScratchNode.FailAndReopenAsync(connection, "SELECT * FROM made"));
                }

                _node.Disk.FailLoadAt = -1;
                Assert.True(failures > 0, "it is a load: " + sql);
                if (sql.StartsWith("INSERT", StringComparison.Ordinal))
                    rows += Rows;
                await RequireAsync(connection, rows);
                await RunningNode.Execute(connection, "DROP TABLE IF EXISTS made; DROP INDEX IF EXISTS t_kv");
            }
        }

        Assert.False(_node.Exit.IsCompleted);
        await _node.StopAsync();
        await _node.StartAgainAsync();
        await using var later = await _node.OpenAsync();
        await RequireAsync(later, rows);
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_a_load_leaves_nothing_of_it_and_one_after_its_answer_everything()
    {
        var moments = new List<(string Name, int Rows)>();
        void Keep(int rows)
        {
            moments.Add(($"image{moments.Count}", rows));
            _node.TakeImage(moments[^1].Name);
        }

        var first = _node.Disk.Loads;
        _node.Disk.OnLoad = number =>
        {
            if (number - first is 1 or 5)
                Keep(Before);
        };
        await _node.RunAsync(Insert(Before, Rows));
        _node.Disk.OnLoad = null;
        Keep(Before + Rows);

        // An index is built by a load when others have to wait, else by many commits.
        first = _node.Disk.Loads;
        _node.Disk.OnLoad = number =>
        {
            if (number == first + 2)
                Keep(Before + Rows);
        };
        await _node.RunAsync("BEGIN; CREATE INDEX t_kv ON t (k) INCLUDE (v); COMMIT; DROP INDEX t_kv");
        _node.Disk.OnLoad = null;
        first = _node.Disk.Writes;
        _node.Disk.OnWrite = number =>
        {
            if (number == first + 1)
                Keep(Before + Rows);
        };
        await _node.RunAsync("CREATE INDEX t_kv ON t (k) INCLUDE (v)");
        _node.Disk.OnWrite = null;
        Assert.Equal(5, moments.Count);
        await _node.StopAsync();
        foreach (var (name, rows) in moments)
        {
            _node.RestoreImage(name);
            await _node.StartAgainAsync();
            await using (var connection = await _node.OpenAsync())
            {
                await RequireAsync(connection, rows);
                await RunningNode.Execute(connection, Insert(rows, Rows));
                await RequireAsync(connection, rows + Rows);
                await RunningNode.Execute(connection, "DROP INDEX IF EXISTS t_kv; CREATE INDEX t_kv ON t (k) INCLUDE (v)");
                Assert.Equal((long)(rows + Rows), await RunningNode.Scalar(connection, "SELECT count(*) FROM t@t_kv WHERE k >= 0 AND v IS NOT NULL"));
            }

            await _node.StopAsync();
            Assert.Empty(Directory.GetFiles(Path.Combine(_node.StoreDirectory, "tmp")));
        }

        await _node.StartAgainAsync();
    }

    private static string Insert(int from, int count) =>
        $"INSERT INTO t SELECT {from} + g, g * 7919 % 100000, g || ' of {from} ' || repeat(md5(g::text), 15) FROM generate_series(1, {count}) g";

    private static async Task RequireAsync(NpgsqlConnection connection, int rows)
    {
        foreach (var sql in new[] { "SELECT count(*) FROM t@t_pkey", "SELECT count(*) FROM t@t_k WHERE k >= 0", "SELECT count(*) FROM t@t_v WHERE v > ''" })
            Assert.Equal((long)rows, await RunningNode.Scalar(connection, sql));
        Assert.Equal(0L, await RunningNode.Scalar(connection, "SELECT count(*) FROM t@t_k AS a FULL JOIN t@t_pkey AS b ON a.id = b.id AND a.k = b.k WHERE a.id IS NULL OR b.id IS NULL"));
    }
}
