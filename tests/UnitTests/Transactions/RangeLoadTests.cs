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
        var load = loading.OpenLoad(s_lower, s_upper)!;
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
        await Fill(loading.OpenLoad(s_lower, s_upper)!, 3);
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
        await Fill(first.Begin().OpenLoad(s_lower, s_upper)!, 3);
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
        await Fill(loading.OpenLoad(s_lower, s_upper)!, 3);
        await _f.Set(("a", "2"));
        Assert.Equal("40001", await loading.CommitAsync(default).FailsWith());
        Assert.Null(_f.Get("load000/00000000"));
        Assert.Equal(0, Records(_f.Store));
    }

    [Fact]
    public async Task The_first_row_with_a_key_that_is_not_new_is_found_wherever_the_key_is()
    {
        foreach (var shared in new[] { false, true })
        {
            using var fixture = new TransactionFixture();
            if (shared)
                await fixture.Set(("load000/00000007", "there"));
            await using var loading = fixture.Begin();
            loading.BeginStatement();
            var load = shared ? (await loading.OpenSharedLoadAsync(1, s_lower, s_upper, true, default))! : loading.OpenLoad(s_lower, s_upper)!;
            foreach (var (number, row) in new[] { (5, 1), (9, 2), (3, 3) })
                load.Put(Bytes($"load000/{number:00000000}"), Bytes("1"), true, row);
            await load.FlushAsync();

            // Row 4 repeats row 2; row 5 is there before a shared load; row 6 repeats row 3.
            foreach (var (number, row) in new[] { (1, 3), (9, 4), (7, 5), (1, 6) })
                load.Put(Bytes($"load000/{number:00000000}"), Bytes($"row {row}"), true, row);
            var duplicate = await Assert.ThrowsAsync<DuplicateKeyException>(() => load.FlushAsync().AsTask());
            Assert.Equal((4, "row 4"), (duplicate.Row, Text(duplicate.Value)));
            Assert.Equal("row 3", Text(duplicate.Find(Bytes("load000/00000001"))));
            await load.FlushAsync();
            await loading.RollbackAsync();
            Assert.Equal(shared ? "there" : null, fixture.Get("load000/00000007"));
            Assert.Null(fixture.Get("load000/00000009"));
            Assert.Equal(0, Records(fixture.Store));
        }
    }

    [Fact]
    public async Task Others_do_not_see_a_shared_load_before_its_commit_and_their_older_snapshots_never_do()
    {
        await _f.Set(("load000/00000001", "old"), ("load000/5", "old"));
        await using var loading = _f.Begin();
        loading.BeginStatement();
        var load = (await loading.OpenSharedLoadAsync(1, s_lower, s_upper, true, default))!;
        await using var before = _f.Begin(readOnly: true);
        await Put(load, 2, 4);
        var during = _f.Begin(readOnly: true);
        foreach (var reader in new[] { before, during })
        {
            Assert.Null(reader.Read("load000/00000002"));
            Assert.Equal(["load000/00000001=old", "load000/5=old"], reader.Rows("load000", "load001"));
            Assert.Equal(["load000/5=old", "load000/00000001=old"], reader.Rows("load000", "load001", reverse: true));
            using var latest = reader.ScanLatest(s_lower, s_upper);
            Assert.Equal(2, latest.Rest().Count);
        }

        Assert.Equal(4, loading.Rows("load000", "load001").Count);
        await Put(load, 4, 5);
        Assert.Equal(5, loading.Rows("load000", "load001").Count);
        var commit = await loading.CommitAsync(default);
        Assert.Equal(2, during.Rows("load000", "load001").Count);
        Assert.Null(during.Read("load000/00000004"));
        Assert.Equal("4", _f.Get("load000/00000004"));

        // History is not cut inside the time for which the rows were hidden.
        await _f.Set(("elsewhere", "1"));
        Assert.True(_f.Manager.HoldHistory(commit.Previous()) < commit.Previous());
        Assert.Equal(commit, _f.Manager.HoldHistory(commit));
        _f.Manager.Dispose();
        using var again = new TransactionFixture(store: _f.Store);
        await using (var then = again.Manager.Begin(new TransactionOptions { AsOf = commit.Previous() }))
            Assert.Equal(["load000/00000001=old", "load000/5=old"], then.Rows("load000", "load001"));
        await using (var then = again.Manager.Begin(new TransactionOptions { AsOf = commit }))
            Assert.Equal(5, then.Rows("load000", "load001").Count);
    }

    [Fact]
    public async Task A_shared_load_that_ends_otherwise_leaves_what_was_there()
    {
        await _f.Set(("load000/5", "old"), ("load000/00000003", "gone"));
        await _f.Set(("load000/00000003", null));
        foreach (var crash in new[] { false, true })
        {
            var loading = _f.Begin();
            loading.BeginStatement();
            var load = (await loading.OpenSharedLoadAsync(1, s_lower, s_upper, true, default))!;
            await Put(load, 2, 4);
            loading.Write("load000/00000002", "changed");
            await using var during = _f.Begin(readOnly: true);
            if (!crash)
            {
                await loading.RollbackAsync();
                Assert.Equal(["load000/5=old"], during.Rows("load000", "load001"));
                Assert.Equal(["load000/5=old"], _f.Begin(readOnly: true).Rows("load000", "load001"));
                continue;
            }

            _f.Manager.Dispose();
            using var again = new TransactionFixture(store: _f.Store);
            Assert.Equal(0, Records(_f.Store));
            Assert.Equal(["load000/5=old"], again.Begin(readOnly: true).Rows("load000", "load001"));
            await using var then = again.Manager.Begin(new TransactionOptions { AsOf = during.ReadTimestamp });
            Assert.Equal(["load000/5=old"], then.Rows("load000", "load001"));
        }
    }

    [Fact]
    public async Task A_shared_load_keeps_writers_out_and_refuses_those_who_have_read_its_range()
    {
        await _f.Set(("load000/5", "old"), ("b", "1"));
        await using var reading = _f.Begin();
        reading.BeginStatement();
        await reading.LockRelationAsync(1, RelationLock.Read, default);
        Assert.Single(reading.Rows("load000", "load001"));
        var loading = _f.Begin();
        loading.BeginStatement();
        var load = (await loading.OpenSharedLoadAsync(1, s_lower, s_upper, true, default))!;
        await Put(load, 2, 4);
        await using var writing = _f.Begin();
        var waits = writing.LockRelationAsync(1, RelationLock.Write, default).AsTask();
        Assert.False(waits.IsCompleted);
        await loading.CommitAsync(default);
        await waits;
        writing.BeginStatement();
        Assert.Equal("3", writing.Read("load000/00000003"));
        reading.Write("b", "2");
        Assert.Equal("40001", await reading.CommitAsync(default).FailsWith());
    }

    [Fact]
    public async Task No_shared_load_beside_a_writer_that_goes_on_or_over_what_has_changed()
    {
        await _f.Set(("load000/5", "old"));
        await using var writing = _f.Begin();
        await writing.LockRelationAsync(1, RelationLock.Write, default);
        await using var late = _f.Begin();
        late.BeginStatement();
        Assert.Single(late.Rows("load000", "load001"));
        Assert.Null(await late.OpenSharedLoadAsync(1, s_lower, s_upper, true, default));
        writing.Write("load000/6", "new");
        await writing.CommitAsync(default);
        Assert.Null(await late.OpenSharedLoadAsync(1, s_lower, s_upper, false, default));
        await using var fresh = _f.Begin();
        fresh.BeginStatement();
        fresh.Write("load000/7", "own");
        Assert.Null(await fresh.OpenSharedLoadAsync(1, s_lower, s_upper, true, default));
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
            var load = loading.OpenLoad(lower, upper)!;
            for (var i = 0; i < 60_000; i++)
            {
                // The first index rises, the second falls, the third has no order.
                foreach (var (index, number) in new[] { (1, i), (2, 60_000 - i), (3, i * 7919 % 60_000) })
                {
                    byte[] key = [.. lower, 0, (byte)index, .. Bytes($"{number:00000}")];
                    load.Put(key, Bytes($"value of {number} in {index}, made longer than it would be"), index > 1, i);
                }

                if (load.IsFull)
                    await load.SendAsync();
            }

            await load.FlushAsync();
            foreach (var index in new byte[] { 1, 2, 3 })
                Assert.Equal(60_000, Count(loading, [.. lower, 0, index], [.. lower, 0, (byte)(index + 1)]));
            load.Put([.. lower, 0, 3, .. Bytes("00777")], [], true, 60_000);
            if (!commits)
                await Assert.ThrowsAsync<DuplicateKeyException>(() => load.FlushAsync().AsTask());
            if (commits)
                await loading.CommitAsync(default);
            else
                await loading.RollbackAsync();
            await using var after = manager.Begin(new TransactionOptions());
            Assert.Equal(commits ? 180_000 : 0, Count(after, lower, upper));
        }
    }

    [Fact]
    public async Task A_large_shared_load_on_disk_lies_among_the_rows_that_are_there()
    {
        const int Rows = 40_000;
        byte[] lower = [9, 9, 9, 9], upper = [9, 9, 9, 10];
        byte[] Key(int index, int number) => [.. lower, 0, (byte)index, .. Bytes($"{number:000000}")];
        using var fixture = new StoreFixture();
        using (var store = fixture.Open())
        using (var manager = new TransactionManager(store, new LocalCommitLog(store), TimeProvider.System))
        {
            foreach (var (from, ends) in new[] { (0, "commit"), (1, "rollback"), (1, "commit"), (2, "open") })
            {
                var before = Count(manager.Begin(new TransactionOptions { ReadOnly = true }), lower, upper);
                var loading = manager.Begin(new TransactionOptions());
                loading.BeginStatement();
                var load = (await loading.OpenSharedLoadAsync(9, lower, upper, true, default))!;
                for (var i = 0; i < Rows; i++)
                {
                    load.Put(Key(1, (i * 3) + from), new byte[100], true, i);
                    load.Put(Key(2, (i * 7919 % Rows * 3) + from), new byte[20], true, i);
                    if (i % 25_000 == 24_999)
                        await load.SendAsync();
                }

                await load.FlushAsync();
                await using var reader = manager.Begin(new TransactionOptions { ReadOnly = true });
                Assert.Equal(before, Count(reader, lower, upper));
                Assert.Equal(before + (2 * Rows), Count(loading, lower, upper));
                using (var hidden = reader.Get(Key(2, from)))
                    Assert.False(hidden.Found);
                if (ends == "rollback")
                    await loading.RollbackAsync();
                else if (ends == "commit")
                    await loading.CommitAsync(default);
                Assert.Equal(before, Count(reader, lower, upper));
                await using var later = manager.Begin(new TransactionOptions { ReadOnly = true });
                Assert.Equal(ends == "commit" ? before + (2 * Rows) : before, Count(later, lower, upper));
                using var backwards = later.Scan(lower, upper, reverse: true);
                Assert.Equal(ends != "rollback" || from > 0, backwards.MoveNext());
            }
        }

        using var again = fixture.Open();
        using var recovered = new TransactionManager(again, new LocalCommitLog(again), TimeProvider.System);
        Assert.Equal(4 * Rows, Count(recovered.Begin(new TransactionOptions()), lower, upper));
        again.CompactAll();
        Assert.Equal(4 * Rows, Count(recovered.Begin(new TransactionOptions()), lower, upper));
    }

    [Fact]
    public async Task No_load_is_opened_where_a_part_of_it_might_have_to_be_undone()
    {
        await using var savepoint = _f.Begin();
        savepoint.SetSavepoint();
        Assert.Null(savepoint.OpenLoad(s_lower, s_upper));
        await using var written = _f.Begin();
        written.Write("load000/1", "1");
        Assert.Null(written.OpenLoad(s_lower, s_upper));
    }

    private static async Task Fill(IRangeLoad load, int count)
    {
        for (var i = 0; i < count; i++)
            load.Put(Bytes($"load000/{i:00000000}"), Bytes(i.ToString(System.Globalization.CultureInfo.InvariantCulture)), false, i);
        await load.FlushAsync();
    }

    private static async Task Put(IRangeLoad load, int from, int to)
    {
        for (var i = from; i < to; i++)
            load.Put(Bytes($"load000/{i:00000000}"), Bytes(i.ToString(System.Globalization.CultureInfo.InvariantCulture)), true, i);
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
        var count = 0;
        foreach (var (lower, upper) in new[] { LoadRecords.Own, LoadRecords.Shared })
        {
            using var records = store.Scan(lower, upper, store.LastCommit);
            for (var found = records.SeekToFirst(); found; found = records.MoveNext())
                count++;
        }

        return count;
    }
}
