using System.Diagnostics;
using Chitin.Core;

namespace Chitin.SqlLogicTests;

public sealed class InterruptTests
{
    /// <summary>The best of five, because the machine may be busy; none may take a second.</summary>
    [Theory]
    [InlineData("SELECT pg_sleep(30)")]
    [InlineData("SELECT pg_sleep_for('30 s')")]
    [InlineData("SELECT pg_sleep(30) FROM generate_series(1, 3)")]
    public async Task Sleep_ends_at_once_when_it_is_cancelled(string sql)
    {
        await using var node = await InProcessNode.StartAsync();
        var (session, sink) = node.Connect("root");
        var best = TimeSpan.MaxValue;
        Assert.Null(await session.QueryAsync("SELECT pg_sleep(0.001) FROM generate_series(1, 2)"));
        for (var i = 0; i < 5; i++)
        {
            sink.Clear();
            var running = Task.Run(() => session.QueryAsync(sql).AsTask(), TestContext.Current.CancellationToken);
            while (session.Activity().State != "active")
                await Task.Delay(10, TestContext.Current.CancellationToken);
            await Task.Delay(50, TestContext.Current.CancellationToken);
            var start = Stopwatch.GetTimestamp();
            session.Cancel();
            Assert.Equal(SqlState.QueryCanceled, (await running)?.State);
            var elapsed = Stopwatch.GetElapsedTime(start);
            Assert.True(elapsed < TimeSpan.FromSeconds(1), $"{elapsed}");
            best = elapsed < best ? elapsed : best;
        }

        Assert.True(best < TimeSpan.FromMilliseconds(20), $"{best}");
        await session.DisposeAsync();
    }

    [Fact]
    public async Task Sleep_ends_with_the_statements_time()
    {
        await using var node = await InProcessNode.StartAsync();
        var (session, _) = node.Connect("root");
        Assert.Null(await session.QueryAsync("SET statement_timeout = 30"));
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Assert.Equal(SqlState.QueryCanceled, (await session.QueryAsync("SELECT pg_sleep(30)"))?.State);
            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
        }

        Assert.InRange(best.TotalMilliseconds, 25, 60);
        Assert.Null(await session.QueryAsync("SET statement_timeout = 0; SELECT pg_sleep(0.01)"));
        await session.DisposeAsync();
    }
}
