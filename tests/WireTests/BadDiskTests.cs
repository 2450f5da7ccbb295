using System.Collections.Concurrent;
using Chitin.Storage;
using Chitin.Testing;
using Npgsql;

namespace Chitin.WireTests;

/// <summary>
/// What a client sees of a bad disk (DESIGN part 3): the SQLSTATE, what the node does then, what stands in its log, and what is there after a restart. Faults of writing come from a store that
/// fails between the node and RocksDB; damage is done to the real, encrypted files.
/// </summary>
public sealed class BadDiskTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private ScratchNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await ScratchNode.StartAsync();
        await _node.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, 100) g");
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_full_disk_fails_the_statement_and_the_node_goes_on()
    {
        await using var connection = await _node.OpenAsync();
        FailNextWrite(WriteFault.DiskFull);
        Assert.Equal("53100", await ScratchNode.FailAndReopenAsync(connection, "INSERT INTO t VALUES (101, 'no')"));
        Assert.Equal(100L, await RunningNode.Scalar(connection, "SELECT count(*) FROM t"));
        await RunningNode.Execute(connection, "INSERT INTO t VALUES (101, 'yes')");

        // In a block it is the COMMIT that fails, and nothing of the block is there.
        await RunningNode.Execute(connection, "BEGIN; INSERT INTO t VALUES (102, 'no'); DELETE FROM t WHERE id = 1");
        FailNextWrite(WriteFault.DiskFull);
        Assert.Equal("53100", await ScratchNode.FailAndReopenAsync(connection, "COMMIT"));
        await RunningNode.Execute(connection, "CREATE TABLE made (a int)");
        FailNextWrite(WriteFault.DiskFull);
        Assert.Equal("53100", await ScratchNode.FailAndReopenAsync(connection, "CREATE TABLE not_made (a int)"));
        Assert.Equal("42P01", await ScratchNode.FailAndReopenAsync(connection, "SELECT * FROM not_made"));
        Assert.Contains("no space left", _node.Log, StringComparison.Ordinal);
        await RestartAsync();
        Assert.Equal(101L, await _node.ScalarAsync("SELECT count(*) FROM t"));
        Assert.Equal("yes", await _node.ScalarAsync("SELECT v FROM t WHERE id = 101"));
        Assert.Equal("42P01", await _node.FailAsync("SELECT * FROM not_made"));
    }

    [Fact]
    public async Task After_an_error_of_writing_nothing_more_is_written_and_the_node_ends()
    {
        await using var connection = await _node.OpenAsync();
        FailNextWrite(WriteFault.Refused);
        Assert.Equal("58030", await ScratchNode.FailAndReopenAsync(connection, "INSERT INTO t VALUES (101, 'no')"));
        Assert.Equal(100L, await RunningNode.Scalar(connection, "SELECT count(*) FROM t"));
        Assert.Equal("58030", await ScratchNode.FailAsync(connection, "INSERT INTO t VALUES (102, 'no')"));
        Assert.Equal(2, await _node.Exit.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.Contains("The node cannot go on", _node.Log, StringComparison.Ordinal);
        await _node.StartAgainAsync();
        Assert.Equal(100L, await _node.ScalarAsync("SELECT count(*) FROM t"));
        await _node.RunAsync("INSERT INTO t VALUES (101, 'yes')");
    }

    [Theory]
    [InlineData(WriteFault.UnknownAndLost, false)]
    [InlineData(WriteFault.UnknownAndLost, true)]
    [InlineData(WriteFault.UnknownAndKept, false)]
    [InlineData(WriteFault.UnknownAndKept, true)]
    public async Task A_sync_that_fails_is_told_as_unknown_and_the_node_ends(WriteFault fault, bool inBlock)
    {
        await using var connection = await _node.OpenAsync();
        await using var other = await _node.OpenAsync();
        await RunningNode.Execute(other, "BEGIN; INSERT INTO t VALUES (200, 'other')");
        if (inBlock)
            await RunningNode.Execute(connection, "BEGIN; INSERT INTO t VALUES (101, 'perhaps')");
        FailNextWrite(fault);
        Assert.Equal("40003", await ScratchNode.FailAsync(connection, inBlock ? "COMMIT" : "INSERT INTO t VALUES (101, 'perhaps')"));
        // Whoever still gets an answer gets no for an answer.
        try
        {
            Assert.NotEqual("00000", await ScratchNode.FailAsync(other, "COMMIT"));
        }
        catch (NpgsqlException)
        {
            // The node was faster.
        }

        Assert.Equal(2, await _node.Exit.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.Contains("no more commits are accepted", _node.Log, StringComparison.Ordinal);
        Assert.Contains("The node cannot go on", _node.Log, StringComparison.Ordinal);
        await _node.StartAgainAsync();
        Assert.Equal(fault == WriteFault.UnknownAndKept ? 101L : 100L, await _node.ScalarAsync("SELECT count(*) FROM t"));
        Assert.Equal("00000", await _node.FailAsync("INSERT INTO t VALUES (300, 'on')"));
    }

    [Fact]
    public async Task Of_many_writers_none_loses_what_was_acknowledged_and_none_gets_what_was_refused()
    {
        await _node.RunAsync("CREATE TABLE w (id int PRIMARY KEY)");
        var (done, refused, unknown) = (new ConcurrentBag<int>(), new ConcurrentBag<int>(), new ConcurrentBag<int>());
        var writers = Enumerable.Range(0, 6).Select(n => Task.Run(async () =>
        {
            await using var connection = await _node.OpenAsync();
            for (var i = 0; i < 100_000; i++)
            {
                var id = (i * 10) + n;
                try
                {
                    await RunningNode.Execute(connection, $"INSERT INTO w VALUES ({id})");
                    done.Add(id);
                }
                catch (PostgresException e)
                {
                    (e.SqlState == "58030" ? refused : unknown).Add(id);
                    return;
                }
                catch (NpgsqlException)
                {
                    // Cut off: it may or may not have been on its way.
                    unknown.Add(id);
                    return;
                }
            }
        })).ToArray();
        while (done.Count < 200)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        _node.Disk.Fault = WriteFault.UnknownAndKept;
        _node.Disk.FailWriteAt = _node.Disk.Writes + 20;
        Assert.Equal(2, await _node.Exit.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        await Task.WhenAll(writers).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await _node.StartAgainAsync();
        var there = new HashSet<int>();
        await using (var connection = await _node.OpenAsync())
        {
            await using var command = new NpgsqlCommand("SELECT id FROM w", connection);
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                there.Add(reader.GetInt32(0));
        }

        Assert.Empty(done.Except(there));
        Assert.Empty(refused.Intersect(there));
        Assert.Empty(there.Except(done).Except(unknown));
    }

    [Theory]
    [InlineData(StorageFailure.Corruption, "XX001")]
    [InlineData(StorageFailure.InputOutput, "58030")]
    public async Task A_read_that_fails_fails_its_statement_alone(StorageFailure failure, string expected)
    {
        await using var connection = await _node.OpenAsync();
        await RunningNode.Execute(connection, "SELECT * FROM t");
        _node.Disk.ReadFault = failure;
        foreach (var sql in new[] { "SELECT count(*) FROM t", "SELECT v FROM t WHERE id = 5", "UPDATE t SET v = 'new' WHERE id = 5", "SELECT * FROM t ORDER BY id DESC", "COPY t TO STDOUT" })
        {
            _node.Disk.FailReadAt = _node.Disk.Reads;
            Assert.Equal(expected, sql.StartsWith("COPY", StringComparison.Ordinal) ? await FailCopyAsync(connection, sql) : await ScratchNode.FailAsync(connection, sql));
            await ScratchNode.ReopenAsync(connection);
        }

        Assert.Equal("row 5", await RunningNode.Scalar(connection, "SELECT v FROM t WHERE id = 5"));
        Assert.Contains(failure.ToString(), _node.Log, StringComparison.Ordinal);
        Assert.False(_node.Exit.IsCompleted);
    }

    [Fact]
    public async Task A_flipped_byte_in_a_table_file_is_caught_and_the_rest_can_be_read()
    {
        await _node.RunAsync("CREATE TABLE big (id int PRIMARY KEY, v text); INSERT INTO big SELECT g, md5(g::text) || md5((g + 1)::text) FROM generate_series(1, 20000) g");
        await RestartAsync();
        await _node.StopAsync();
        var file = new DirectoryInfo(_node.DatabaseDirectory).GetFiles("*.sst").MaxBy(f => f.Length)!;
        Assert.True(file.Length > 300_000);
        Flip(file.FullName, (int)(file.Length / 2));
        await _node.StartAgainAsync();
        await using var connection = await _node.OpenAsync();
        Assert.Equal("XX001", await ScratchNode.FailAndReopenAsync(connection, "SELECT count(v) FROM big"));
        Assert.Contains(file.Name, _node.Log, StringComparison.Ordinal);
        Assert.Contains("Corruption", _node.Log, StringComparison.Ordinal);
        Assert.Equal(100L, await RunningNode.Scalar(connection, "SELECT count(*) FROM t"));
        Assert.Equal(1, await RunningNode.Scalar(connection, "SELECT id FROM big WHERE id = 1"));
        await RunningNode.Execute(connection, "INSERT INTO t VALUES (101, 'on')");
    }

    [Fact]
    public async Task A_torn_end_of_the_log_is_left_out_and_told()
    {
        var log = await MakeLogAsync();
        using (var file = new FileStream(log, FileMode.Open))
            file.SetLength(file.Length - 7);
        await _node.StartAgainAsync();
        // The last commit was cut; all before it are there.
        Assert.Equal(149L, await _node.ScalarAsync("SELECT count(*) FROM t"));
        Assert.Equal(149, await _node.ScalarAsync("SELECT max(id) FROM t"));
        Assert.Contains("was cut short and is dropped", _node.Log, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(log), _node.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_as_a_kill_leaves_it_loses_nothing()
    {
        await MakeLogAsync();
        await _node.StartAgainAsync();
        Assert.Equal(150L, await _node.ScalarAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_log_is_refused_with_the_files_name()
    {
        var log = await MakeLogAsync();
        var length = new FileInfo(log).Length;
        Flip(log, (int)(length - ((length - 4096) / 4)));
        var before = _node.Log.Length;
        Assert.Equal(1, await _node.TryStartAsync());
        var said = _node.Log[before..];
        Assert.Contains(log, said, StringComparison.Ordinal);
        Assert.Contains("repair", said, StringComparison.OrdinalIgnoreCase);
        // Asked again, it says the same: nothing was changed.
        Assert.Equal(1, await _node.TryStartAsync());
    }

    [Fact]
    public async Task A_sort_that_finds_no_place_for_its_temporary_files_fails_alone()
    {
        await using var connection = await _node.OpenAsync();
        await RunningNode.Execute(connection, "SET work_mem = '64kB'");
        const string Sort = "SELECT count(*) FROM (SELECT g FROM generate_series(1, 100000) g ORDER BY md5(g::text) OFFSET 1) x";
        Assert.Equal(99_999L, await RunningNode.Scalar(connection, Sort));
        var temporary = Directory.GetDirectories(_node.StoreDirectory).Single(d => Path.GetFileName(d) is "tmp" or "temp" or "spill");
        Directory.Delete(temporary, recursive: true);
        Assert.Equal("58030", await ScratchNode.FailAndReopenAsync(connection, Sort));
        Directory.CreateDirectory(temporary);
        await RunningNode.Execute(connection, "SET work_mem = '64kB'");
        Assert.Equal(99_999L, await RunningNode.Scalar(connection, Sort));
    }

    [Fact]
    public async Task Login_times_outlive_a_restart()
    {
        await _node.RunAsync("CREATE USER u; CREATE USER never");
        await (await _node.OpenAsync("u")).DisposeAsync();
        await RestartAsync();
        await using var connection = await _node.OpenAsync();
        Assert.IsType<DateTime>(await AuditTests.LastLogin(connection, "u"));
        Assert.Equal(DBNull.Value, await AuditTests.LastLogin(connection, "never"));
    }

    private void FailNextWrite(WriteFault fault)
    {
        _node.Disk.Fault = fault;
        _node.Disk.FailWriteAt = _node.Disk.Writes;
    }

    private async Task RestartAsync()
    {
        await _node.StopAsync();
        await _node.StartAgainAsync();
    }

    /// <summary>Rows 101 to 150, each a commit, that stand in the log only; the node is stopped. Returns the log's path.</summary>
    private async Task<string> MakeLogAsync()
    {
        await RestartAsync();
        await using (var connection = await _node.OpenAsync())
        {
            for (var i = 101; i <= 150; i++)
                await RunningNode.Execute(connection, $"INSERT INTO t VALUES ({i}, repeat('v', 300))");
            _node.TakeImage();
        }

        await _node.StopAsync();
        _node.RestoreImage();
        return Directory.GetFiles(_node.DatabaseDirectory, "*.log").MaxBy(f => new FileInfo(f).Length)!;
    }

    private static async Task<string> FailCopyAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            using var export = await connection.BeginTextExportAsync(sql, TestContext.Current.CancellationToken);
            await export.ReadToEndAsync(TestContext.Current.CancellationToken);
            return "00000";
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
    }

    private static void Flip(string path, int at)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }
}
