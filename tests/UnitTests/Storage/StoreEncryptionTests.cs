using System.Text;
using Chitin.Cryptography;
using Chitin.Storage;
using Chitin.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.UnitTests.Storage;

/// <summary>What is encrypted under which key, and who may open it.</summary>
public sealed class StoreEncryptionTests : IDisposable
{
    private const string Marker = "CANARY-5f1b-in-a-coal-mine";

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void What_was_written_stands_in_no_file_and_no_log_line()
    {
        var lines = new LineLogger();
        using (var store = RocksStore.Open(_fixture.Options("k"), lines, TimeProvider.System))
        {
            Write(store, 1, Marker + "/key", Marker + "/value");
            Assert.False(Find(Marker));
            store.PutLocal(Marker, Encoding.UTF8.GetBytes(Marker));
            store.Flush();
            Write(store, 2, Marker + "/key2", Marker + "/value2");
            store.CompactRange(default, default);
            using var spill = store.Spill.Create();
            spill.Write(Encoding.UTF8.GetBytes(Marker));
            spill.Complete();
            Assert.False(Find(Marker));
        }

        Assert.False(Find(Marker));
        Assert.False(Find("BytewiseComparator"));
        Assert.DoesNotContain(lines.Lines, l => l.Contains(Marker, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_fixture.StorePath, "LOG*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_plain_store_shows_that_the_canary_would_be_found()
    {
        using (var store = _fixture.Open("plain"))
            Write(store, 1, "a", Marker);
        Assert.True(Find(Marker));
    }

    [Fact]
    public void Only_the_owner_may_use_the_files()
    {
        using var store = _fixture.Open();
        Write(store, 1, "a", "1");
        store.Flush();
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
            UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var path in Directory.GetFileSystemEntries(_fixture.StorePath, "*", SearchOption.AllDirectories).Append(_fixture.StorePath))
            Assert.True((File.GetUnixFileMode(path) & Others) == 0, path);
    }

    [Fact]
    public void A_key_that_does_not_fit_is_refused_and_changes_nothing()
    {
        using (var store = _fixture.Open())
            Write(store, 1, "a", "1");
        var before = Snapshot();
        Assert.Equal(EncryptionFailure.WrongKey, Assert.Throws<EncryptionException>(() => _fixture.Open("other")).Kind);
        Assert.Equal(EncryptionFailure.WrongKey, Assert.Throws<EncryptionException>(() => _fixture.Open("plain")).Kind);
        Assert.Equal(EncryptionFailure.WrongKey, Assert.Throws<EncryptionException>(() => _fixture.Open("other", "plain")).Kind);
        Assert.Equal(before, Snapshot());
        _fixture.Open().Dispose();
    }

    [Fact]
    public void A_missing_key_leaves_no_store_behind()
    {
        var options = _fixture.Options("k") with { Encryption = EncryptionOptions.Parse($"path=x,key={_fixture.Directory.File("none")}") };
        Assert.Throws<EncryptionException>(() => RocksStore.Open(options, NullLogger.Instance, TimeProvider.System));
        Assert.False(Directory.Exists(_fixture.StorePath));
    }

    [Fact]
    public void A_plain_store_can_be_encrypted_rotated_and_made_plain_again()
    {
        ulong at = 0;
        Use("plain", null, CipherAlgorithm.Plaintext);
        Assert.Throws<EncryptionException>(() => _fixture.Open("a"));
        Use("a", "plain", CipherAlgorithm.Aes256Ctr);
        Use("a", null, CipherAlgorithm.Aes256Ctr);
        Use("b", "a", CipherAlgorithm.Aes256Ctr);
        Assert.Throws<EncryptionException>(() => _fixture.Open("a", "b"));
        Use("plain", "b", CipherAlgorithm.Plaintext);
        Use("c", "plain", CipherAlgorithm.Aes256Ctr);

        using var store = _fixture.Open("c");
        store.CompactAll();
        Assert.Equal(4, store.GetEncryptionStatus().Count);
        var tables = store.GetEncryptionStatus().SelectMany(k => (k.Files ?? []).Select(f => (File: f, Active: false)).Concat(
            (k.DataKeys ?? []).SelectMany(d => (d.Files ?? []).Select(f => (File: f, d.Active)))));
        Assert.All(tables.Where(f => f.File.EndsWith(".sst", StringComparison.Ordinal)), f => Assert.True(f.Active, f.File));

        void Use(string key, string? oldKey, CipherAlgorithm expected)
        {
            using var opened = _fixture.Open(key, oldKey);
            Assert.Equal(expected, opened.GetMetrics().Algorithm);
            for (ulong n = 1; n <= at; n++)
            {
                using var value = opened.Get(Encoding.UTF8.GetBytes($"k{n}"), Timestamp.Max);
                Assert.True(value.Found);
            }

            at++;
            Write(opened, at, $"k{at}", "x");
        }
    }

    [Fact]
    public void A_store_in_use_is_not_opened_again()
    {
        using var store = _fixture.Open();
        Assert.Contains("in use", Assert.Throws<StorageException>(() => _fixture.Open()).Message, StringComparison.Ordinal);
        Write(store, 1, "a", "1");
    }

    [Fact]
    public void A_directory_with_other_things_in_it_is_not_made_a_store()
    {
        Directory.CreateDirectory(_fixture.StorePath);
        File.WriteAllText(Path.Combine(_fixture.StorePath, "notes.txt"), "x");
        Assert.Equal(StorageFailure.Corruption, Assert.Throws<StorageException>(() => _fixture.Open()).Kind);
        Assert.Single(Directory.GetFileSystemEntries(_fixture.StorePath));
    }

    [Fact]
    public void The_node_s_own_log_directory_is_no_other_thing()
    {
        Directory.CreateDirectory(Path.Combine(_fixture.StorePath, "logs"));
        Directory.CreateDirectory(Path.Combine(_fixture.StorePath, "lost+found"));
        using var store = _fixture.Open();
        Write(store, 1, "a", "1");
    }

    [Fact]
    public void A_creation_that_was_interrupted_is_begun_again()
    {
        _fixture.Open().Dispose();
        File.Delete(Path.Combine(_fixture.StorePath, "CHITIN_FORMAT"));
        File.WriteAllText(Path.Combine(_fixture.StorePath, "CHITIN_CREATING"), "");
        using var store = _fixture.Open("other");
        Assert.False(File.Exists(Path.Combine(_fixture.StorePath, "CHITIN_CREATING")));
    }

    private static void Write(RocksStore store, ulong at, string key, string value)
    {
        var batch = new WriteBatch();
        batch.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        store.Write(batch, new Timestamp(at), sync: true);
    }

    private bool Find(string text) => Directory.GetFiles(_fixture.StorePath, "*", SearchOption.AllDirectories)
        .Any(f => Path.GetFileName(f) != "LOCK" && File.ReadAllBytes(f).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    private List<(string, string)> Snapshot() => Directory.GetFiles(_fixture.StorePath, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetFileName(f) != "LOCK")
        .Order(StringComparer.Ordinal)
        .Select(f => (f, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))))
        .ToList();

    private sealed class LineLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
                Lines.Add(formatter(state, exception));
        }
    }
}
