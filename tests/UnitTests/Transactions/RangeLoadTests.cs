using Chitin.Storage;
using Chitin.Testing;
using Chitin.Transactions;
using static Chitin.UnitTests.Transactions.TransactionFixture;

namespace Chitin.UnitTests.Transactions;

/// <summary>Loads: rows that reach the store before their transaction commits.</summary>
public sealed class RangeLoadTests : IDisposable
{
    private static readonly byte[] s_lower = Bytes("load000");
    private static readonly byte[] s_upper = Bytes("load001");

    private readonly TransactionFixture _f = new();

    public void Dispose() => _f.Dispose();

    [Fact]
    public async Task What_was_loaded_is_read_by_its_transaction_and_stays_with_its_commit()
    {
        await using var loading = _f.Begin();
        loading.BeginStatement();
        var load = loading.OpenLoad(s_lower, s_upper, isUnused: true)!;
        await Fill(load, 3);
        Assert.Equal("2", loading.Read("load000/00000002"));
        loading.Write("load000/00000002", "two");
        loading.Erase("load000/00000001");
        Assert.Equal(["load000/00000000=0", "load000/00000002=two"], loading.Rows("load000", "load001"));
        await loading.CommitAsync(default);
        Assert.Equal("two", _f.Get("load000/00000002"));
        Assert.Null(_f.Get("load000/00000001"));
        Assert.Equal(0, Records(_f.Store));
    }

    [Fact]
    public async Task A_rollback_leaves_nothing()
    {
        var loading = _f.Begin();
        await Fill(loading.OpenLoad(s_lower, s_upper, isUnused: true)!, 3);
        Assert.Equal("0", _f.Get("load000/00000000"));
        await loading.RollbackAsync();
        Assert.Null(_f.Get("load000/00000000"));
        Assert.Equal(0, Records(_f.Store));
    }

    [Fact]
    public async Task The_next_start_removes_what_an_unfinished_load_has_left()
    {
        var store = new MemoryStore();
        var first = new TransactionFixture(store: store);
        await Fill(first.Begin().OpenLoad(s_lower, s_upper, isUnused: true)!, 3);
        await first.Set(("load00", "neighbour"));
        first.Manager.Dispose();
        Assert.Equal(1, Records(store));

        using var second = new TransactionFixture(store: store);
        Assert.Null(second.Get("load000/00000000"));
        Assert.Equal("neighbour", second.Get("load00"));
        Assert.Equal(0, Records(store));
    }

    [Fact]
    public async Task A_refused_commit_takes_the_load_with_it()
    {
        await _f.Set(("a", "1"));
        await using var loading = _f.Begin();
        loading.BeginStatement();
        loading.Read("a");
        loading.Write("b", "1");
        await Fill(loading.OpenLoad(s_lower, s_upper, isUnused: true)!, 3);
        await _f.Set(("a", "2"));
        Assert.Equal("40001", await loading.CommitAsync(default).FailsWith());
        Assert.Null(_f.Get("load000/00000000"));
        Assert.Equal(0, Records(_f.Store));
    }

    [Fact]
    public async Task Keys_are_known_whatever_their_order_and_wherever_they_are()
    {
        await using var loading = _f.Begin();
        var load = loading.OpenLoad(s_lower, s_upper, isUnused: true)!;
        foreach (var round in new[] { 5, 1, 9, 3, 7 })
        {
            for (var i = 0; i < 10_000; i++)
            {
                var key = Bytes($"load000/{(round * 10_000) + i:00000000}");
                Assert.False(load.Contains(key));
                load.Put(key, new byte[200]);
                if (load.IsFull)
                    await load.SendAsync();
            }
        }

        foreach (var known in new[] { 10_000, 59_999, 99_999, 30_123 })
            Assert.True(load.Contains(Bytes($"load000/{known:00000000}")));
        Assert.False(load.Contains(Bytes("load000/00020000")));
        await load.FlushAsync();
        Assert.True(load.Contains(Bytes("load000/00030123")));
        await loading.CommitAsync(default);
        Assert.Equal(50_000, _f.Begin(readOnly: true).Rows("load000", "load001").Count);
    }

    [Fact]
    public async Task A_large_load_on_disk_is_read_by_its_transaction_and_gone_after_a_rollback()
    {
        using var fixture = new StoreFixture();
        using var store = fixture.Open();
        using var manager = new TransactionManager(store, new LocalCommitLog(store), TimeProvider.System);
        foreach (var commits in new[] { false, true })
        {
            await using var loading = manager.Begin(new TransactionOptions());
            byte[] lower = [9, 9, 9, commits ? (byte)2 : (byte)1], upper = [9, 9, 9, commits ? (byte)3 : (byte)2];
            loading.BeginStatement();
            var load = loading.OpenLoad(lower, upper, isUnused: true)!;
            for (var i = 0; i < 60_000; i++)
            {
                // The first index rises, the second falls, the third has no order.
                foreach (var (index, number) in new[] { (1, i), (2, 60_000 - i), (3, i * 7919 % 60_000) })
                {
                    byte[] key = [.. lower, 0, (byte)index, .. Bytes($"{number:00000}")];
                    Assert.False(index > 1 && load.Contains(key));
                    load.Put(key, Bytes($"value of {number} in {index}, made longer than it would be"));
                }

                if (load.IsFull)
                    await load.SendAsync();
            }

            await load.FlushAsync();
            foreach (var index in new byte[] { 1, 2, 3 })
                Assert.Equal(60_000, Count(loading, [.. lower, 0, index], [.. lower, 0, (byte)(index + 1)]));
            Assert.True(load.Contains([.. lower, 0, 3, .. Bytes("00777")]));
            if (commits)
                await loading.CommitAsync(default);
            else
                await loading.RollbackAsync();
            await using var after = manager.Begin(new TransactionOptions());
            Assert.Equal(commits ? 180_000 : 0, Count(after, lower, upper));
        }
    }

    [Fact]
    public async Task No_load_is_opened_where_a_part_of_it_might_have_to_be_undone()
    {
        await using var savepoint = _f.Begin();
        savepoint.SetSavepoint();
        Assert.Null(savepoint.OpenLoad(s_lower, s_upper, isUnused: true));
        await using var written = _f.Begin();
        written.Write("load000/1", "1");
        Assert.Null(written.OpenLoad(s_lower, s_upper, isUnused: true));
    }

    private static async Task Fill(IRangeLoad load, int count)
    {
        for (var i = 0; i < count; i++)
            load.Put(Bytes($"load000/{i:00000000}"), Bytes(i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        await load.FlushAsync();
    }

    private static int Count(ITransaction transaction, byte[] lower, byte[] upper)
    {
        using var cursor = transaction.Scan(lower, upper);
        var count = 0;
        while (cursor.MoveNext())
            count++;
        return count;
    }

    private static int Records(MemoryStore store)
    {
        var (lower, upper) = RangeLoad.Records;
        using var records = store.Scan(lower, upper, store.LastCommit);
        var count = 0;
        for (var found = records.SeekToFirst(); found; found = records.MoveNext())
            count++;
        return count;
    }
}
