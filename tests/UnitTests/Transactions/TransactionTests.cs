using Chitin.Core;
using Chitin.Storage;
using Chitin.Transactions;
using static Chitin.UnitTests.Transactions.TransactionFixture;

namespace Chitin.UnitTests.Transactions;

public sealed class TransactionTests : IDisposable
{
    private readonly TransactionFixture _f = new();

    public void Dispose() => _f.Dispose();

    [Fact]
    public async Task Own_writes_are_seen_before_the_commit_and_by_others_after_it()
    {
        await using var writer = _f.Begin();
        writer.Write("a", "1");
        Assert.Equal("1", writer.Read("a"));
        Assert.Null(_f.Get("a"));
        await writer.CommitAsync(default);
        Assert.Equal("1", _f.Get("a"));
    }

    [Fact]
    public async Task Open_transactions_together_hold_no_more_than_they_may()
    {
        using var f = new TransactionFixture(options: new TransactionManagerOptions { MaxOpenBytes = 4 << 20 });
        var first = f.Begin();
        Fill(first, "a", 3);
        var second = f.Begin();
        var error = Assert.Throws<SqlException>(() => Fill(second, "b", 3));
        Assert.Equal(SqlState.OutOfMemory, error.State);
        await second.RollbackAsync();
        await first.CommitAsync(default);
        Assert.Equal(0, f.Manager.OpenBytes);
        await using var third = f.Begin();
        Fill(third, "b", 3);
        await third.CommitAsync(default);
        Assert.Equal(0, f.Manager.OpenBytes);

        static void Fill(Transaction transaction, string prefix, int megabytes)
        {
            for (var i = 0; i < megabytes * 16; i++)
                transaction.Put(Bytes(prefix + i), new byte[65536]);
        }
    }

    [Fact]
    public async Task A_snapshot_does_not_move_while_others_commit()
    {
        await _f.Set(("a", "1"));
        await using var reader = _f.Begin(readOnly: true);
        reader.BeginStatement();
        Assert.Equal("1", reader.Read("a"));
        await _f.Set(("a", "2"));
        reader.BeginStatement();
        Assert.Equal("1", reader.Read("a"));
        Assert.Equal(reader.ReadTimestamp, await reader.CommitAsync(default));
    }

    [Fact]
    public async Task Read_committed_sees_a_new_snapshot_with_each_statement()
    {
        await _f.Set(("a", "1"));
        await using var reader = _f.Begin(IsolationLevel.ReadCommitted);
        reader.BeginStatement();
        Assert.Equal("1", reader.Read("a"));
        await _f.Set(("a", "2"));
        Assert.Equal("1", reader.Read("a"));
        reader.BeginStatement();
        Assert.Equal("2", reader.Read("a"));
        reader.Write("b", "2");
        await _f.Set(("a", "3"));
        await reader.CommitAsync(default);
        Assert.Equal("2", _f.Get("b"));
    }

    [Fact]
    public async Task Write_skew_is_refused()
    {
        await _f.Set(("a", "1"), ("b", "1"));
        await using var left = _f.Begin();
        await using var right = _f.Begin();
        _ = left.Read("a") + left.Read("b");
        _ = right.Read("a") + right.Read("b");
        left.Write("a", "0");
        right.Write("b", "0");
        await left.CommitAsync(default);
        Assert.Equal("40001", await right.CommitAsync(default).FailsWith());
        Assert.Equal("1", _f.Get("b"));
    }

    [Fact]
    public async Task A_row_that_appears_in_a_range_that_was_read_refuses_the_commit()
    {
        await _f.Set(("k1", "1"), ("k5", "1"));
        await using var reader = _f.Begin();
        Assert.Equal(2, reader.Rows("k", "l").Count);
        reader.Write("x", "2");
        await _f.Set(("k3", "1"));
        Assert.Equal("40001", await reader.CommitAsync(default).FailsWith());
    }

    [Theory]
    [InlineData(false, "k7", true)]
    [InlineData(false, "k2", false)]
    [InlineData(true, "k2", true)]
    [InlineData(true, "k7", false)]
    public async Task A_scan_depends_only_on_what_it_has_passed_over(bool reverse, string written, bool commits)
    {
        await _f.Set(("k1", "1"), ("k4", "1"), ("k8", "1"));
        await using var reader = _f.Begin();
        using (var cursor = reader.Scan(Bytes("k"), Bytes("l"), reverse))
        {
            cursor.MoveNext();
            cursor.MoveNext();
            Assert.Equal("k4", Text(cursor.Key));
        }

        reader.Write("x", "2");
        await _f.Set((written, "1"));
        if (commits)
            await reader.CommitAsync(default);
        else
            Assert.Equal("40001", await reader.CommitAsync(default).FailsWith());
    }

    [Fact]
    public async Task An_open_scan_counts_at_commit()
    {
        await _f.Set(("k1", "1"), ("k4", "1"));
        await using var reader = _f.Begin();
        using var cursor = reader.Scan(Bytes("k"), Bytes("l"));
        cursor.MoveNext();
        reader.Write("x", "2");
        await _f.Set(("k1", "2"));
        Assert.Equal("40001", await reader.CommitAsync(default).FailsWith());
    }

    [Fact]
    public async Task A_range_delete_conflicts_with_readers_of_the_range()
    {
        await _f.Set(("k1", "1"));
        await using var reader = _f.Begin();
        _ = reader.Read("k1");
        reader.Write("x", "2");
        await using var dropper = _f.Begin();
        dropper.DeleteRange(Bytes("k"), Bytes("l"));
        await dropper.CommitAsync(default);
        Assert.Null(_f.Get("k1"));
        Assert.Equal("40001", await reader.CommitAsync(default).FailsWith());
    }

    [Fact]
    public async Task No_update_is_lost_when_rows_are_locked()
    {
        await _f.Set(("n", "0"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await using var transaction = _f.Begin();
                while (true)
                {
                    transaction.BeginStatement();
                    var seen = transaction.Read("n")!;
                    if (await transaction.Lock("n", LockMode.NoKeyUpdate) == LockOutcome.Acquired)
                    {
                        transaction.Write("n", (int.Parse(seen) + 1).ToString());
                        break;
                    }

                    transaction.RestartStatement();
                }

                await transaction.CommitAsync(default);
            }
        })));
        Assert.Equal("400", _f.Get("n"));
    }

    [Fact]
    public async Task A_stale_lock_moves_the_snapshot_while_earlier_reads_hold()
    {
        await _f.Set(("a", "1"), ("b", "1"));
        await using var transaction = _f.Begin();
        transaction.BeginStatement();
        Assert.Equal("1", transaction.Read("a"));
        transaction.BeginStatement();
        Assert.Equal("1", transaction.Read("b"));
        await _f.Set(("b", "2"));
        Assert.Equal(LockOutcome.AcquiredStale, await transaction.Lock("b"));
        transaction.RestartStatement();
        Assert.Equal("2", transaction.Read("b"));
        transaction.Write("b", "3");
        await transaction.CommitAsync(default);
        Assert.Equal("3", _f.Get("b"));
    }

    [Fact]
    public async Task A_stale_lock_fails_when_an_earlier_read_changed()
    {
        await _f.Set(("a", "1"), ("b", "1"));
        await using var transaction = _f.Begin();
        transaction.BeginStatement();
        _ = transaction.Read("a");
        transaction.BeginStatement();
        await _f.Set(("a", "2"), ("b", "2"));
        Assert.Equal("40001", await transaction.Lock("b").FailsWith());
    }

    [Fact]
    public async Task Reads_that_a_refresh_passed_by_still_count_at_commit()
    {
        await _f.Set(("a", "1"), ("b", "1"));
        await using var transaction = _f.Begin();
        transaction.BeginStatement();
        _ = transaction.Read("a");
        await _f.Set(("a", "2"), ("b", "2"));

        // Same statement, no restart: the old read of a is not what the new snapshot says.
        Assert.Equal(LockOutcome.AcquiredStale, await transaction.Lock("b"));
        Assert.Equal("40001", await transaction.CommitAsync(default).FailsWith());
    }

    [Fact]
    public async Task A_key_share_lock_ignores_updates_that_keep_the_key()
    {
        await _f.Set(("parent", "1"));
        await using var child = _f.Begin();
        child.BeginStatement();
        _ = child.Read("unrelated");
        await using (var update = _f.Begin())
        {
            await update.Lock("parent", LockMode.NoKeyUpdate);
            update.Write("parent", "2");
            await update.CommitAsync(default);
        }

        Assert.Equal(LockOutcome.Acquired, await child.Lock("parent", LockMode.KeyShare));
        Assert.Equal(LockOutcome.AcquiredStale, await child.Lock("parent", LockMode.Share));
    }

    [Fact]
    public async Task A_transaction_without_writes_needs_no_validation()
    {
        await _f.Set(("a", "1"));
        await using var reader = _f.Begin();
        _ = reader.Read("a");
        await _f.Set(("a", "2"));
        await reader.CommitAsync(default);
    }

    [Fact]
    public async Task Read_only_transactions_refuse_writes_and_locks()
    {
        await using var reader = _f.Begin(readOnly: true);
        Assert.Equal("25006", Assert.Throws<SqlException>(() => reader.Write("a", "1")).State.Code);
        Assert.Equal("25006", (await Assert.ThrowsAsync<SqlException>(() => reader.Lock("a"))).State.Code);
    }

    [Fact]
    public async Task Savepoints_and_restarts_undo_writes()
    {
        await _f.Set(("a", "0"), ("z", "0"));
        await using var transaction = _f.Begin();
        transaction.Write("a", "1");
        var outer = transaction.SetSavepoint();
        transaction.Write("a", "2");
        transaction.Erase("z");
        var inner = transaction.SetSavepoint();
        transaction.DeleteRange(Bytes("a"), Bytes("b"));
        Assert.Null(transaction.Read("a"));
        transaction.RollbackTo(inner);
        Assert.Equal("2", transaction.Read("a"));
        transaction.BeginStatement();
        transaction.Write("a", "3");
        transaction.RestartStatement();
        Assert.Equal("2", transaction.Read("a"));
        transaction.RollbackTo(outer);
        Assert.Equal("1", transaction.Read("a"));
        Assert.Equal("0", transaction.Read("z"));
        await transaction.CommitAsync(default);
        Assert.Equal("1", _f.Get("a"));
    }

    [Fact]
    public async Task Commit_actions_run_in_order_and_before_the_commit_returns()
    {
        var seen = new List<Timestamp>();
        for (var i = 0; i < 20; i++)
        {
            await using var transaction = _f.Begin();
            transaction.Write("k" + i, "1");
            transaction.OnCommit(seen.Add);
            Assert.Equal(await transaction.CommitAsync(default), seen[^1]);
        }

        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public async Task Rollback_actions_run_when_the_commit_is_refused()
    {
        await _f.Set(("a", "1"));
        await using var transaction = _f.Begin();
        var undone = 0;
        transaction.OnRollback(() => undone++);
        _ = transaction.Read("a");
        transaction.Write("b", "1");
        await _f.Set(("a", "2"));
        await transaction.CommitAsync(default).FailsWith();
        await transaction.DisposeAsync();
        Assert.Equal(1, undone);
    }

    [Fact]
    public async Task As_of_reads_the_past_and_neither_the_future_nor_what_is_gone()
    {
        var first = await _f.Set(("a", "1"));
        var second = await _f.Set(("a", "2"));
        await using (var past = _f.Manager.Begin(new TransactionOptions { AsOf = first }))
        {
            past.BeginStatement();
            Assert.Equal("1", past.Read("a"));
            Assert.True(past.IsReadOnly);
        }

        Assert.Equal("22023", Assert.Throws<SqlException>(() =>
            _f.Manager.Begin(new TransactionOptions { AsOf = Timestamp.FromUnixMicroseconds(second.UnixMicroseconds + 3_600_000_000) })).State.Code);
        _f.Store.AdvanceHistoryLow(second);
        Assert.Equal("72000", Assert.Throws<SqlException>(() => _f.Manager.Begin(new TransactionOptions { AsOf = first })).State.Code);
    }

    [Fact]
    public async Task A_new_transaction_sees_all_that_was_acknowledged()
    {
        for (var i = 0; i < 200; i++)
        {
            var commit = await _f.Set(("a", i.ToString()));
            Assert.True(_f.Manager.Now() >= commit);
            Assert.Equal(i.ToString(), _f.Get("a"));
        }
    }

    [Fact]
    public async Task A_guarded_key_refuses_the_commit_also_under_read_committed()
    {
        await using var transaction = _f.Begin(IsolationLevel.ReadCommitted);
        transaction.BeginStatement();
        transaction.RequireUnchanged(Bytes("d"));
        transaction.Write("x", "1");
        await _f.Set(("d", "1"));
        transaction.BeginStatement();
        Assert.Equal("40001", await transaction.CommitAsync(default).FailsWith());
    }

    [Fact]
    public async Task Locks_end_with_the_transaction()
    {
        await using (var first = _f.Begin())
        {
            await first.Lock("a");
            await first.LockRelationAsync(7, RelationLock.Exclusive, default);
            first.Write("a", "1");
            await first.CommitAsync(default);
        }

        await using (var second = _f.Begin())
        {
            await second.Lock("a");
            await second.LockRelationAsync(7, RelationLock.Exclusive, default);
        }

        Assert.Equal(0, _f.Manager.Locks.Count);
    }

    [Fact]
    public async Task The_oldest_snapshot_holds_history()
    {
        await _f.Set(("a", "1"));
        var old = _f.Begin(readOnly: true);
        await _f.Set(("a", "2"));
        var collector = new HistoryCollector(_f.Store, _f.Manager, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<HistoryCollector>.Instance)
        {
            TimeToLive = TimeSpan.Zero,
        };
        Assert.Equal(old.ReadTimestamp, collector.Collect());
        Assert.Equal("1", old.Read("a"));
        await old.DisposeAsync();
        Assert.Equal(_f.Manager.Now(), collector.Collect());
    }
}
