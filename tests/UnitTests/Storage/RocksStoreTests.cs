using Chitin.Cryptography;
using Chitin.Storage;
using Chitin.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Chitin.UnitTests.Storage;

/// <summary>The contract of a store, on disk and encrypted.</summary>
public sealed class RocksStoreTests : VersionedStoreTests
{
    private readonly StoreFixture _fixture = new();

    public RocksStoreTests() => Store = _fixture.Open();

    [Fact]
    public void Everything_is_there_after_reopening()
    {
        Put(10, "a", "1");
        Put(20, "a", "2");
        Delete(30, "a");
        Store.PutLocal("node", "seven"u8);
        Store.AdvanceHistoryLow(new Timestamp(10));
        Store.Dispose();
        Store = _fixture.Open();
        Assert.Equal(new Timestamp(30), Store.LastCommit);
        Assert.Equal(new Timestamp(10), Store.HistoryLow);
        Assert.Equal("1", Get("a", 10));
        Assert.Equal("2", Get("a", 20));
        Assert.Null(Get("a", 30));
        Assert.Equal("seven"u8.ToArray(), Store.GetLocal("node"));
        Assert.Throws<StorageException>(() => Get("a", 9));
    }

    [Fact]
    public void A_sorted_run_is_part_of_the_store_once_it_is_added()
    {
        Put(10, "a", "1");
        Put(20, "z", "2");
        using (var run = Store.BeginSortedRun(new Timestamp(20))!)
        {
            for (var i = 0; i < 5000; i++)
                run.Put(Utf8($"m/{i:d6}"), Utf8($"CANARY-{i}"));
            Assert.Null(Get("m/000001", 20));
            run.Add();
        }

        using (var dropped = Store.BeginSortedRun(new Timestamp(20))!)
            dropped.Put("n"u8, "x"u8);
        Assert.Null(Get("n", 20));
        Assert.Null(Get("m/000001", 19));
        Assert.Equal("CANARY-4999", Get("m/004999", 20));
        Assert.DoesNotContain(Directory.EnumerateFiles(_fixture.StorePath, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("LOCK", StringComparison.Ordinal)), f => File.ReadAllBytes(f).AsSpan().IndexOf("CANARY"u8) >= 0);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_fixture.StorePath, "tmp"), "*.sst"));
        Put(30, "m/000001", "later");
        Store.Dispose();
        Store = _fixture.Open();
        Assert.Equal("CANARY-1", Get("m/000001", 20));
        Assert.Equal("later", Get("m/000001", 30));
        ((RocksStore)Store).CompactAll();
        Assert.Equal("CANARY-4999", Get("m/004999", 30));
        var removal = new WriteBatch();
        removal.DeleteRange("m/"u8, "m0"u8);
        Store.Write(removal, new Timestamp(40), sync: true);
        Assert.Null(Get("m/004999", 40));
        Assert.Equal("CANARY-4999", Get("m/004999", 30));
    }

    [Fact]
    public void A_checkpoint_opens_with_the_same_keys_and_holds_what_was_there()
    {
        Put(10, "a", "1");
        var path = _fixture.Directory.File("copy");
        ((RocksStore)Store).CreateCheckpoint(path);
        Put(20, "a", "2");
        using var copy = RocksStore.Open(_fixture.Options("k", path: path), NullLogger.Instance, TimeProvider.System);
        Assert.Equal(new Timestamp(10), copy.LastCommit);
        using var value = copy.Get("a"u8, new Timestamp(50));
        Assert.Equal("1"u8, value.Value);
    }

    [Fact]
    public void Compaction_gives_back_the_space_of_a_dropped_range_once_history_has_passed()
    {
        var store = (RocksStore)Store;
        var random = new Random(1);
        var value = new byte[1000];
        var batch = new WriteBatch();
        for (var i = 0; i < 2000; i++)
        {
            random.NextBytes(value);
            batch.Put(Utf8($"t/{i:d6}"), value);
        }

        store.Write(batch, new Timestamp(10), sync: false);
        store.Flush();
        Assert.InRange(store.ApproximateSize("t/"u8, "t0"u8), 1_000_000, 4_000_000);
        batch.Clear();
        batch.DeleteRange("t/"u8, "t0"u8);
        store.Write(batch, new Timestamp(20), sync: true);
        store.CompactRange("t/"u8, "t0"u8);
        Assert.Equal(2000, Scan("t/", "t0", 15).Count);
        store.AdvanceHistoryLow(new Timestamp(30));
        store.CompactRange("t/"u8, "t0"u8);
        Assert.InRange(store.GetMetrics().TableBytes, 0, 100_000);
        Assert.Empty(Scan("", "", 30));
    }

    [Fact]
    public void Spill_files_are_sealed_and_gone_after_reopening()
    {
        var store = (RocksStore)Store;
        using (var spill = store.Spill.Create())
        {
            spill.Write(new byte[100_000]);
            spill.Complete();
            Assert.Equal(10, spill.Read(99_990, new byte[100]));
        }

        var left = Path.Combine(store.DirectoryPath, "tmp", "left-behind");
        File.WriteAllText(left, "x");
        Store.Dispose();
        Store = _fixture.Open();
        Assert.False(File.Exists(left));
    }

    [Fact]
    public void A_second_dispose_of_an_iterator_hits_nobody_else()
    {
        Put(10, "a", "1");
        var first = Store.Scan(default, default, new Timestamp(10));
        first.Dispose();
        using var second = Store.Scan(default, default, new Timestamp(10));
        first.Dispose();
        Assert.True(second.SeekToFirst());
        Assert.Throws<ObjectDisposedException>(() => first.SeekToFirst());
    }

    [Fact]
    public void Reads_allocate_nothing()
    {
        Put(10, "a", "1");
        byte[] key = "a"u8.ToArray();
        for (var i = 0; i < 100; i++)
            ReadOnce(key);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            ReadOnce(key);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Metrics_and_status_name_the_keys_in_use()
    {
        Put(10, "a", "1");
        var store = (RocksStore)Store;
        var metrics = store.GetMetrics();
        Assert.Equal(CipherAlgorithm.Aes256Ctr, metrics.Algorithm);
        Assert.True(metrics.TotalFiles >= 3);
        Assert.Equal(metrics.TotalFiles, metrics.ActiveKeyFiles);
        Assert.Equal(metrics.TotalFiles, metrics.FilesByKey[metrics.ActiveDataKeyId!]);
        var status = Assert.Single(store.GetEncryptionStatus());
        Assert.True(status.Active);
        Assert.Equal("AES256_CTR", status.Type);
        var dataKey = Assert.Single(status.DataKeys!);
        Assert.Contains("CURRENT", dataKey.Files!);
        var json = EncryptionStatus.ToJson(EncryptionStatus.Read(store.DirectoryPath, _fixture.Options("k").Encryption, TimeProvider.System));
        Assert.Contains($"\"ID\": \"{metrics.ActiveStoreKeyId}\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("Exposed", json, StringComparison.Ordinal);
        Assert.Equal($"AES256_CTR:{metrics.ActiveStoreKeyId}", EncryptionStatus.ReadActiveKey(store.DirectoryPath));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _fixture.Dispose();
    }

    private void ReadOnce(byte[] key)
    {
        using var value = Store.Get(key, new Timestamp(10));
        if (!value.Found)
            throw new InvalidOperationException();
    }
}
