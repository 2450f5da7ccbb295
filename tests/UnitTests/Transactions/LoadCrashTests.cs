using Chitin.Core;
using Chitin.Storage;
using Chitin.Testing;
using Chitin.Transactions;
using static Chitin.UnitTests.Transactions.TransactionFixture;

namespace Chitin.UnitTests.Transactions;

/// <summary>
/// Loads on an encrypted store that is killed, or whose disk fails, at every step: all of an acknowledged load is there, and of any other nothing. Two indexes, of which the second has no order.
/// </summary>
public sealed class LoadCrashTests : IDisposable
{
    /// <summary>So many rows fill a table file in both indexes.</summary>
    private const int Rows = 550;
    private const int Batches = 2;

    private static readonly byte[] s_lower = [9, 9, 9, 9];
    private static readonly byte[] s_upper = [9, 9, 9, 10];

    private readonly StoreFixture _f = new();

    public enum Kind
    {
        /// <summary>Of a range that nobody else knows.</summary>
        Own,

        /// <summary>Of an empty range that others use.</summary>
        Shared,

        /// <summary>Rows lie between those of the load: nothing can be a file.</summary>
        Between,
    }

    public void Dispose() => _f.Dispose();

    [Theory]
    [InlineData(Kind.Own)]
    [InlineData(Kind.Shared)]
    [InlineData(Kind.Between)]
    public async Task A_kill_at_any_step_leaves_all_or_nothing(Kind kind)
    {
        var images = new List<(string Path, bool IsThere)>();
        void Keep(bool isThere = false)
        {
            var path = _f.Directory.File($"image{images.Count}");
            TemporaryDirectory.CopyStore(_f.StorePath, path);
            images.Add((path, isThere));
        }

        using (var store = _f.Open())
        {
            var disk = new FaultyStore(store) { OnLoad = number => Chosen(number, () => Keep()) };
            using var manager = Open(disk);
            await PrepareAsync(manager, kind);
            disk.OnWrite = _ => Keep();
            await using var loading = await LoadAsync(manager, kind, 0);
            disk.OnLoad = null;
            Keep();
            disk.OnWrite = null;
            await loading.CommitAsync(default);
            Keep(isThere: true);
        }

        Assert.True(images.Count > 6, "there are moments to look at");
        foreach (var (path, isThere) in images)
        {
            using (var store = OpenAt(path))
            {
                using var manager = Open(store);
                await RequireAsync(manager, kind, isThere ? 1 : 0);
                Assert.Empty(Directory.GetFiles(Path.Combine(path, "tmp")));
                if (!isThere)
                {
                    await using var again = await LoadAsync(manager, kind, 0);
                    await again.CommitAsync(default);
                }

                await RequireAsync(manager, kind, 1);
                await CollectAsync(store, manager);
                await RequireAsync(manager, kind, 1);
            }

            Directory.Delete(path, recursive: true);
        }
    }

    [Theory]
    [InlineData(Kind.Own, WriteFault.DiskFull)]
    [InlineData(Kind.Own, WriteFault.UnknownAndKept)]
    [InlineData(Kind.Shared, WriteFault.UnknownAndLost)]
    [InlineData(Kind.Shared, WriteFault.UnknownAndKept)]
    [InlineData(Kind.Between, WriteFault.DiskFull)]
    [InlineData(Kind.Between, WriteFault.UnknownAndKept)]
    public async Task A_step_that_fails_fails_the_load_alone_and_leaves_nothing(Kind kind, WriteFault fault)
    {
        for (var step = 0; ; step += step < 3 ? 1 : 4)
        {
            var path = _f.Directory.File($"store{step}");
            bool hasFailed, isBroken;
            using (var store = OpenAt(path))
            {
                var disk = new FaultyStore(store) { Fault = fault };
                using var manager = Open(disk);
                await PrepareAsync(manager, kind);
                disk.FailLoadAt = disk.Loads + step;
                hasFailed = await FailsAsync(manager, kind, fault == WriteFault.DiskFull ? "53100" : "58030");
                isBroken = fault == WriteFault.UnknownAndLost;
                if (!isBroken || !hasFailed)
                {
                    await RequireAsync(manager, kind, hasFailed ? 0 : 1);
                    if (hasFailed)
                    {
                        await using var again = await LoadAsync(manager, kind, 0);
                        await again.CommitAsync(default);
                    }
                }
            }

            using (var store = OpenAt(path))
            {
                using var manager = Open(store);
                await RequireAsync(manager, kind, hasFailed && isBroken ? 0 : 1);
            }

            Assert.Empty(Directory.GetFiles(Path.Combine(path, "tmp")));
            Directory.Delete(path, recursive: true);
            if (!hasFailed)
                return;
        }
    }

    [Theory]
    [InlineData(Kind.Own)]
    [InlineData(Kind.Between)]
    public async Task A_commit_that_fails_takes_the_load_with_it_and_one_of_unknown_outcome_is_all_or_nothing(Kind kind)
    {
        foreach (var fault in new[] { WriteFault.DiskFull, WriteFault.Refused, WriteFault.UnknownAndLost, WriteFault.UnknownAndKept })
        {
            var path = _f.Directory.File($"store{fault}");
            using (var store = OpenAt(path))
            {
                var disk = new FaultyStore(store) { Fault = fault };
                using var manager = Open(disk);
                await PrepareAsync(manager, kind);
                await using var loading = await LoadAsync(manager, kind, 0);
                disk.FailWriteAt = disk.Writes;
                var expected = fault switch { WriteFault.DiskFull => "53100", WriteFault.Refused => "58030", _ => "40003" };
                Assert.Equal(expected, await loading.CommitAsync(default).FailsWith());
                if (fault == WriteFault.DiskFull)
                    await RequireAsync(manager, kind, 0);
            }

            using (var store = OpenAt(path))
            {
                using var manager = Open(store);
                await RequireAsync(manager, kind, fault == WriteFault.UnknownAndKept ? 1 : 0);
            }

            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Files are few and all of them are looked at; of the many writes beside the log, some.</summary>
    private static void Chosen(int number, Action keep)
    {
        if (number < 6 || number % 4 == 0)
            keep();
    }

    private RocksStore OpenAt(string path) => RocksStore.Open(_f.Options("k", path: path), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System);

    private static TransactionManager Open(IVersionedStore store) => new(store, new LocalCommitLog(store), TimeProvider.System);

    private static byte[] Key(int index, int number) => [.. s_lower, 0, (byte)index, .. Bytes($"{number:000000}")];

    /// <summary>Neighbours of the range, and rows inside it where others use it.</summary>
    private static async Task PrepareAsync(TransactionManager manager, Kind kind)
    {
        await using var transaction = manager.Begin(new TransactionOptions());
        transaction.Put([9, 9, 9, 8, 1], [1]);
        transaction.Put([.. s_upper, 1], [1]);
        for (var i = 0; i < (kind == Kind.Between ? 50 : 0); i++)
        {
            transaction.Put(Key(1, (i * 60) + 2), [7]);
            transaction.Put(Key(2, (i * 300) + 2), [7]);
        }

        await transaction.CommitAsync(default);
    }

    private static async Task<ITransaction> LoadAsync(TransactionManager manager, Kind kind, int from)
    {
        var loading = manager.Begin(new TransactionOptions());
        try
        {
            loading.BeginStatement();
            var load = kind == Kind.Own ? loading.OpenLoad(s_lower, s_upper)! : (await loading.OpenSharedLoadAsync(9, s_lower, s_upper, true, default))!;
            var random = new Random(1);
            var value = new byte[4000];
            for (var i = 0; i < Rows * Batches; i++)
            {
                random.NextBytes(value);
                load.Put(Key(1, (i * 3) + from), value, true, i);
                load.Put(Key(2, (i * 7919 % (Rows * Batches) * 3) + from), value, true, i);
                if (i % Rows == Rows - 1)
                    await load.SendAsync();
            }

            await load.FlushAsync();
            return loading;
        }
        catch
        {
            await loading.RollbackAsync();
            throw;
        }
    }

    private static async Task<bool> FailsAsync(TransactionManager manager, Kind kind, string expected)
    {
        try
        {
            await using var loading = await LoadAsync(manager, kind, 0);
            await loading.CommitAsync(default);
            return false;
        }
        catch (SqlException e)
        {
            Assert.Equal(expected, e.State.Code);
            return true;
        }
    }

    /// <summary>Both indexes have the rows of so many loads, and what was there before; no record of a load is left.</summary>
    private static async Task RequireAsync(TransactionManager manager, Kind kind, int loads)
    {
        await using var reader = manager.Begin(new TransactionOptions { ReadOnly = true });
        foreach (var index in new byte[] { 1, 2 })
            Assert.Equal((loads * Rows * Batches) + (kind == Kind.Between ? 50 : 0), Count(reader, [.. s_lower, 0, index], [.. s_lower, 0, (byte)(index + 1)]));
        Assert.Equal(1, Count(reader, [9, 9, 9, 8], s_lower));
        Assert.Equal(1, Count(reader, s_upper, [9, 9, 9, 11]));
        Assert.Equal(0, Count(reader, [0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 2]));
        Assert.Equal(0, Count(reader, [0, 0, 0, 0, 0, 4], [0, 0, 0, 0, 0, 5]));
    }

    /// <summary>What was given up before must not take away what has the same numbers now.</summary>
    private static async Task CollectAsync(RocksStore store, TransactionManager manager)
    {
        var collector = new HistoryCollector(store, manager, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<HistoryCollector>.Instance) { TimeToLive = TimeSpan.Zero };
        for (var i = 0; i < 3; i++)
            await collector.RunAsync(([], [0, 0, 0, 1]), default);
    }

    private static int Count(ITransaction transaction, byte[] lower, byte[] upper)
    {
        using var rows = transaction.Scan(lower, upper);
        var count = 0;
        while (rows.MoveNext())
            count++;
        return count;
    }
}
