using Chitin.Core;
using Chitin.Transactions;

namespace Chitin.UnitTests.Transactions;

public sealed class LockTableTests : IDisposable
{
    private readonly TransactionFixture _f = new();

    public void Dispose() => _f.Dispose();

    [Theory]
    [InlineData(LockMode.KeyShare, LockMode.KeyShare, true)]
    [InlineData(LockMode.KeyShare, LockMode.NoKeyUpdate, true)]
    [InlineData(LockMode.KeyShare, LockMode.Update, false)]
    [InlineData(LockMode.Share, LockMode.Share, true)]
    [InlineData(LockMode.Share, LockMode.NoKeyUpdate, false)]
    [InlineData(LockMode.NoKeyUpdate, LockMode.KeyShare, true)]
    [InlineData(LockMode.NoKeyUpdate, LockMode.NoKeyUpdate, false)]
    [InlineData(LockMode.Update, LockMode.KeyShare, false)]
    public async Task Modes_conflict_as_in_PostgreSQL(LockMode held, LockMode wanted, bool compatible)
    {
        await using var holder = _f.Begin();
        await using var other = _f.Begin();
        await holder.Lock("a", held);
        Assert.Equal(compatible ? LockOutcome.Acquired : LockOutcome.Skipped, await other.Lock("a", wanted, LockWaitPolicy.SkipLocked));
        if (!compatible)
            Assert.Equal("55P03", await Assert.ThrowsAsync<SqlException>(() => other.Lock("a", wanted, LockWaitPolicy.NoWait)).ContinueWith(t => t.Result.State.Code));
    }

    [Fact]
    public async Task Waiters_are_served_in_order()
    {
        var order = new List<int>();
        var holder = _f.Begin();
        await holder.Lock("a");
        var waiters = Enumerable.Range(0, 5).Select(i =>
        {
            var transaction = _f.Begin();
            return Wait(transaction, transaction.Lock("a"), i);
        }).ToArray();
        await holder.DisposeAsync();
        await Task.WhenAll(waiters);
        Assert.Equal([0, 1, 2, 3, 4], order);

        async Task Wait(Transaction transaction, Task locked, int i)
        {
            await locked;
            order.Add(i);
            await transaction.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_reader_does_not_overtake_a_waiting_writer()
    {
        var reader = _f.Begin();
        await reader.Lock("a", LockMode.Share);
        var writer = _f.Begin();
        var writing = writer.Lock("a", LockMode.Update);
        await using var late = _f.Begin();
        var reading = late.Lock("a", LockMode.Share);
        Assert.False(writing.IsCompleted || reading.IsCompleted);
        await reader.DisposeAsync();
        await writing;
        Assert.False(reading.IsCompleted);
        await writer.DisposeAsync();
        await reading;
    }

    [Fact]
    public async Task The_one_who_closes_a_circle_gets_a_deadlock()
    {
        await using var first = _f.Begin();
        await using var second = _f.Begin();
        var third = _f.Begin();
        await first.Lock("a");
        await second.Lock("b");
        await third.Lock("c");
        var waits = first.Lock("b");
        var waitsToo = second.Lock("c");
        Assert.Equal("40P01", await third.Lock("a").FailsWith());
        Assert.False(waits.IsCompleted || waitsToo.IsCompleted);
        await third.DisposeAsync();
        await waitsToo;
        await second.DisposeAsync();
        await waits;
        Assert.Equal(1, _f.Manager.Metrics.Deadlocks);
    }

    [Fact]
    public async Task Two_who_strengthen_a_shared_lock_are_a_deadlock()
    {
        await using var first = _f.Begin();
        var second = _f.Begin();
        await first.Lock("a", LockMode.Share);
        await second.Lock("a", LockMode.Share);
        var waits = first.Lock("a", LockMode.Update);
        Assert.Equal("40P01", await second.Lock("a", LockMode.Update).FailsWith());
        await second.DisposeAsync();
        await waits;
    }

    [Fact]
    public async Task Relations_and_rows_share_one_graph()
    {
        await using var first = _f.Begin();
        var second = _f.Begin();
        await first.LockRelationAsync(9, RelationLock.Write, default);
        await second.Lock("a");
        var waits = first.Lock("a");
        Assert.Equal("40P01", await second.LockRelationAsync(9, RelationLock.Exclusive, default).AsTask().FailsWith());
        await second.DisposeAsync();
        await waits;
    }

    [Fact]
    public async Task A_wait_in_a_queue_counts_for_deadlocks()
    {
        await using var holder = _f.Begin();
        var second = _f.Begin();
        await using var third = _f.Begin();
        await holder.Lock("a", LockMode.Share);
        await third.Lock("x");
        var writer = second.Lock("a", LockMode.Update);
        var behind = third.Lock("a", LockMode.Share);
        var circle = holder.Lock("x");
        Assert.Equal("40P01", await circle.FailsWith());
        await holder.DisposeAsync();
        await writer;
        await second.DisposeAsync();
        await behind;
    }

    [Fact]
    public async Task Waits_end_by_timeout_token_and_cancel()
    {
        await using var holder = _f.Begin();
        await holder.Lock("a");

        await using var impatient = _f.Begin(lockTimeout: TimeSpan.FromMilliseconds(20));
        Assert.Equal("55P03", await impatient.Lock("a").FailsWith());

        using var stop = new CancellationTokenSource();
        await using var stopped = _f.Begin();
        var waiting = stopped.Lock("a", cancellation: stop.Token);
        await stop.CancelAsync();
        Assert.Equal("57014", await waiting.FailsWith());

        await using var cancelled = _f.Begin();
        waiting = cancelled.Lock("a");
        cancelled.Cancel();
        Assert.Equal("57014", await waiting.FailsWith());

        await using var next = _f.Begin();
        waiting = next.Lock("a");
        await holder.DisposeAsync();
        await waiting;
    }

    [Fact]
    public async Task A_cancel_makes_the_next_operation_fail_once()
    {
        await using var transaction = _f.Begin();
        transaction.Cancel();
        Assert.Equal("57014", Assert.Throws<SqlException>(() => transaction.Read("a")).State.Code);
        Assert.Null(transaction.Read("a"));
    }
}
