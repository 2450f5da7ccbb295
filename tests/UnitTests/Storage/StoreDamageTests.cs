using Chitin.Cryptography;
using Chitin.Storage;
using Chitin.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.UnitTests.Storage;

/// <summary>What is wrong on disk is refused with the file's name, or recovered from as a crash is.</summary>
public sealed class StoreDamageTests : IDisposable
{
    private const int Commits = 20;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("*.sst", 100)]
    [InlineData("*.sst", 4000)]
    [InlineData("MANIFEST-*", 20)]
    [InlineData("MANIFEST-*", 4096 + 60)]
    [InlineData("CURRENT", 10)]
    [InlineData("CURRENT", 4096 + 3)]
    [InlineData("CURRENT", 4096 + 12)]
    public void A_flipped_byte_is_refused_at_open_and_the_file_named(string pattern, int at)
    {
        MakeTables();
        var file = _fixture.File(pattern);
        Flip(file, at);
        var error = Assert.Throws<StorageException>(() => _fixture.Open());
        Assert.True(error.Kind == StorageFailure.Corruption, error.Message);
        Assert.Contains(Path.GetFileName(file).Split('-')[0], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_byte_in_a_table_is_an_error_of_the_read_that_meets_it()
    {
        MakeTables();
        var file = _fixture.File("*.sst");
        Flip(file, FileHeader.Length + 200);
        var error = Assert.Throws<StorageException>(() =>
        {
            using var store = _fixture.Open();
            using var iterator = store.Scan(default, default, Timestamp.Max);
            for (var more = iterator.SeekToFirst(); more; more = iterator.MoveNext())
                continue;
        });
        Assert.Equal(StorageFailure.Corruption, error.Kind);
        Assert.Equal(file, error.File);
    }

    [Fact]
    public void Swapped_cut_and_missing_tables_are_refused()
    {
        MakeTables();
        var tables = Directory.GetFiles(_fixture.DatabasePath, "*.sst").Where(f => new FileInfo(f).Length > 9000).Order(StringComparer.Ordinal).ToArray();
        var (first, second) = (File.ReadAllBytes(tables[0]), File.ReadAllBytes(tables[1]));

        File.WriteAllBytes(tables[0], second);
        File.WriteAllBytes(tables[1], first);
        Refused();
        File.WriteAllBytes(tables[0], first.AsSpan(0, first.Length - 500));
        File.WriteAllBytes(tables[1], second);
        Refused();
        File.WriteAllBytes(tables[0], first.AsSpan(0, 1000));
        Refused();
        File.Delete(tables[0]);
        Refused();
        File.WriteAllBytes(tables[0], first);
        _fixture.Open().Dispose();

        void Refused()
        {
            var error = Assert.Throws<StorageException>(() => _fixture.Open());
            Assert.Equal(StorageFailure.Corruption, error.Kind);
            Assert.Contains(".sst", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_log_cut_anywhere_or_filled_with_zeros_is_a_torn_tail()
    {
        var log = MakeLog();
        var good = File.ReadAllBytes(log);
        var random = new Random(5);
        for (var round = 0; round < 12; round++)
        {
            var cut = round switch { 0 => good.Length - 1, 1 => FileHeader.Length - 1, 2 => 0, 3 => FileHeader.Length, _ => random.Next(FileHeader.Length, good.Length) };
            RestoreImage();
            File.WriteAllBytes(log, good.AsSpan(0, cut));
            if (round % 3 == 0)
                File.WriteAllBytes(log, [.. good.AsSpan(0, cut), .. new byte[5000]]);
            using var store = _fixture.Open();
            CheckPrefix(store, cut >= good.Length - 1 ? Commits - 1 : null);
        }
    }

    [Fact]
    public void A_flipped_byte_in_the_last_record_is_a_torn_tail()
    {
        var log = MakeLog();
        Flip(log, (int)new FileInfo(log).Length - 5);
        using var store = _fixture.Open();
        CheckPrefix(store, Commits - 1);
    }

    [Fact]
    public void A_flipped_byte_in_the_middle_of_the_log_is_refused_until_it_is_repaired()
    {
        var log = MakeLog();
        Flip(log, FileHeader.Length + ((int)(new FileInfo(log).Length - FileHeader.Length) / 2));
        var before = Snapshot();
        var error = Assert.Throws<StorageException>(() => _fixture.Open());
        Assert.Equal(StorageFailure.Corruption, error.Kind);
        Assert.Equal(log, error.File);
        Assert.Equal(before, Snapshot());

        var report = RocksStore.RepairWal(_fixture.Options("k"), NullLogger.Instance, TimeProvider.System);
        Assert.Contains(log, Assert.Single(report), StringComparison.Ordinal);
        using (var store = _fixture.Open())
        {
            CheckPrefix(store, null);
            Assert.InRange((int)store.LastCommit.Value, 2, Commits - 2);
        }

        Assert.Empty(RocksStore.RepairWal(_fixture.Options("k"), NullLogger.Instance, TimeProvider.System));
        Assert.Single(Directory.GetDirectories(_fixture.StorePath, "salvage-*"));
    }

    [Fact]
    public void A_flipped_byte_in_the_header_of_the_log_is_refused_and_repair_moves_the_log_away()
    {
        var log = MakeLog();
        Flip(log, 40);
        Assert.Equal(log, Assert.Throws<StorageException>(() => _fixture.Open()).File);
        Assert.Single(RocksStore.RepairWal(_fixture.Options("k"), NullLogger.Instance, TimeProvider.System));
        using var store = _fixture.Open();
        CheckPrefix(store, 0);
    }

    [Fact]
    public void A_short_older_log_is_damage()
    {
        var log = MakeLog();
        using var keys = DataKeyRegistry.Open(_fixture.StorePath, _fixture.Options("k").Encryption, TimeProvider.System);
        var older = Path.Combine(_fixture.DatabasePath, "000001.log");
        File.WriteAllBytes(older, File.ReadAllBytes(log).AsSpan(0, (int)new FileInfo(log).Length - 3));
        var check = WriteAheadLogCheck.Run(_fixture.DatabasePath, keys, () => 0);
        Assert.Equal(older, check.Damaged!.Path);
        Assert.Equal(older, check.Refusal().File);
        Assert.Null(WriteAheadLogCheck.Run(_fixture.DatabasePath, keys, () => 2).Damaged);
        Assert.Equal(older, Assert.Throws<StorageException>(() => _fixture.Open()).File);
    }

    [Fact]
    public void A_damaged_log_that_nothing_is_needed_from_does_not_matter()
    {
        using (var store = _fixture.Open())
        {
            for (var n = 1; n <= Commits; n++)
                Commit(store, n);
            var obsolete = File.ReadAllBytes(_fixture.File("*.log"));
            var path = _fixture.File("*.log");
            store.Flush();
            Assert.False(File.Exists(path));
            Commit(store, Commits + 1);
            TemporaryDirectory.CopyStore(_fixture.StorePath, _fixture.Directory.File("image"));
            obsolete[^200] ^= 1;
            File.WriteAllBytes(_fixture.Directory.File("image/db/" + Path.GetFileName(path)), obsolete);
        }

        RestoreImage();
        using var reopened = _fixture.Open();
        Assert.Equal(Commits + 1, (int)reopened.LastCommit.Value);
    }

    [Fact]
    public void A_missing_or_changed_registry_or_format_file_is_refused()
    {
        MakeTables();
        var registry = Path.Combine(_fixture.StorePath, DataKeyRegistry.FileName);
        var good = File.ReadAllBytes(registry);
        Flip(registry, good.Length - 3);
        Assert.Equal(registry, Assert.Throws<EncryptionException>(() => _fixture.Open()).File);
        File.Delete(registry);
        Assert.Equal(registry, Assert.Throws<EncryptionException>(() => _fixture.Open()).File);
        File.WriteAllBytes(registry, good);

        var format = Path.Combine(_fixture.StorePath, "CHITIN_FORMAT");
        File.WriteAllText(format, "chitin store format 999\n");
        Assert.Contains("999", Assert.Throws<StorageException>(() => _fixture.Open()).Message, StringComparison.Ordinal);
        File.Delete(format);
        Assert.Equal(format, Assert.Throws<StorageException>(() => _fixture.Open()).File);
    }

    private void MakeTables()
    {
        using var store = _fixture.Open();
        for (var n = 1; n <= Commits; n++)
        {
            Commit(store, n);
            if (n % 10 == 0)
                store.Flush();
        }
    }

    /// <summary>A store as a kill leaves it: everything is in the log. Its path comes back; <see cref="RestoreImage"/> puts the store back.</summary>
    private string MakeLog()
    {
        using (var store = _fixture.Open())
        {
            for (var n = 1; n <= Commits; n++)
                Commit(store, n);
            TemporaryDirectory.CopyStore(_fixture.StorePath, _fixture.Directory.File("image"));
        }

        RestoreImage();
        return _fixture.File("*.log");
    }

    private void RestoreImage()
    {
        Directory.Delete(_fixture.StorePath, recursive: true);
        TemporaryDirectory.CopyStore(_fixture.Directory.File("image"), _fixture.StorePath);
    }

    /// <summary>Commit n writes n under three keys of its own, in sizes that let records cross the log's blocks.</summary>
    private static void Commit(RocksStore store, int n)
    {
        var batch = new WriteBatch();
        var value = new byte[2500];
        new Random(n).NextBytes(value);
        for (var i = 0; i < 3; i++)
            batch.Put([(byte)n, (byte)i], value);
        store.Write(batch, new Timestamp((ulong)n), sync: true);
    }

    private static void CheckPrefix(RocksStore store, int? expected)
    {
        var last = (int)store.LastCommit.Value;
        if (expected is not null)
            Assert.Equal(expected, last);
        for (var n = 1; n <= Commits; n++)
        {
            for (var i = 0; i < 3; i++)
            {
                using var value = store.Get([(byte)n, (byte)i], Timestamp.Max);
                Assert.Equal(n <= last, value.Found);
            }
        }
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    private List<(string, string)> Snapshot() => Directory.GetFiles(_fixture.StorePath, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetFileName(f) != "LOCK")
        .Order(StringComparer.Ordinal)
        .Select(f => (f, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))))
        .ToList();
}
