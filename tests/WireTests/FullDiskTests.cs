using System.Diagnostics;
using Chitin.Testing;
using Npgsql;

namespace Chitin.WireTests;

/// <summary>A disk that is truly full: a small file system in memory, filled by the node and by others.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _mounts = new();
    private string _disk = "";
    private bool _isMounted;
    private ScratchNode? _node;

    public async ValueTask InitializeAsync()
    {
        _disk = Directory.CreateDirectory(_mounts.File("disk")).FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", _disk) is { } why)
            Assert.Skip("a file system of its own can be mounted by root alone: " + why);
        _isMounted = true;
        _node = await ScratchNode.StartAsync(_disk);
        await _node.RunAsync("CREATE TABLE big (id int PRIMARY KEY, v text); CREATE TABLE kept (id int PRIMARY KEY, v text)");
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        if (_isMounted)
            await RunAsync("umount", _disk);
        _mounts.Dispose();
    }

    [Fact]
    public async Task Statements_that_need_room_fail_and_space_comes_back_through_SQL_and_from_outside()
    {
        var node = _node!;
        var counts = await Task.WhenAll(FillAsync("big", 200_000), FillAsync("kept", 50_000));
        Assert.All(counts, c => Assert.True(c > 0));
        await RequireCountsAsync(counts);

        Assert.False(node.Exit.IsCompleted);

        // As a kill leaves it.
        node.TakeImage();

        // Others take what was kept free as well. There is still a ballast: the node starts.
        await node.StopAsync();
        Occupy(Path.Combine(_disk, "hog"));
        await node.StartAgainAsync();
        await RequireCountsAsync(counts);
        Assert.Equal("53100", await node.FailAsync("INSERT INTO kept SELECT g, repeat('x', 1000) FROM generate_series(-1000, -1) g"));

        // Room by SQL alone.
        await node.RunAsync("SET CLUSTER SETTING gc.ttl = '1s'");
        await node.RunAsync("TRUNCATE big; DROP TABLE big");
        await UntilAsync(() => node.FailAsync("INSERT INTO kept VALUES (-1, 'again')"));
        Assert.Equal(counts[1] + 1, await node.ScalarAsync("SELECT count(*) FROM kept"));

        // Room from outside.
        var taken = 0;
        do
        {
            // What the dropped table held comes back bit by bit.
            Assert.True(++taken < 50, "the disk does not get full");
            Occupy(Path.Combine(_disk, $"hog{taken}"), leave: 512 * 1024);
        }
        while (await node.FailAsync($"INSERT INTO kept SELECT g, repeat('x', 1000) FROM generate_series({-2000 * (taken + 1)}, {(-2000 * taken) - 1000}) g") is not "53100");
        foreach (var file in Directory.GetFiles(_disk, "hog*"))
            File.Delete(file);
        await UntilAsync(() => node.FailAsync("INSERT INTO kept SELECT g, repeat('x', 1000) FROM generate_series(-1100, -100) g"));
        Assert.False(node.Exit.IsCompleted);

        // Of the moment of the image, nothing acknowledged is missing and nothing refused is there.
        await node.StopAsync();
        node.RestoreImage();
        await node.StartAgainAsync();
        await RequireCountsAsync(counts);
    }

    private async Task RequireCountsAsync(long[] counts)
    {
        Assert.Equal(counts[0], await _node!.ScalarAsync("SELECT count(*) FROM big"));
        Assert.Equal(counts[1], await _node.ScalarAsync("SELECT count(*) FROM kept"));
    }

    /// <summary>Inserts until the disk is full. Returns the rows that were acknowledged.</summary>
    private async Task<long> FillAsync(string table, int bytes)
    {
        await using var connection = await _node!.OpenAsync();
        await using var insert = new NpgsqlCommand($"INSERT INTO {table} VALUES ($1, $2)", connection);
        var id = insert.Parameters.Add(new NpgsqlParameter<int>());
        var value = insert.Parameters.Add(new NpgsqlParameter<string>());
        var random = new Random(bytes);
        var noise = new byte[bytes];
        for (var done = 0; ; done++)
        {
            random.NextBytes(noise);
            (id.Value, value.Value) = (done, Convert.ToBase64String(noise));
            try
            {
                await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
            catch (PostgresException e)
            {
                Assert.Equal("53100", e.SqlState);
                return done;
            }
        }
    }

    private static async Task UntilAsync(Func<Task<string>> statement)
    {
        var started = Stopwatch.GetTimestamp();
        string state;
        while ((state = await statement()) != "00000")
        {
            Assert.Equal("53100", state);
            Assert.True(Stopwatch.GetElapsedTime(started) < s_patience, "there is no room after all");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Takes all that is free.</summary>
    private void Occupy(string path, long leave = 0)
    {
        using var file = File.Create(path);
        var block = new byte[64 * 1024];
        while (new DriveInfo(_disk).AvailableFreeSpace > leave)
        {
            try
            {
                file.Write(block);
                file.Flush();
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    /// <summary>Null when it went well, else what it said.</summary>
    private static async Task<string?> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : said.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}
