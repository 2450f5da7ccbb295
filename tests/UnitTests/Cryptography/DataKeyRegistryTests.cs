using Chitin.Cryptography;
using Chitin.Testing;
using Xunit;

namespace Chitin.UnitTests.Cryptography;

public sealed class DataKeyRegistryTests : IDisposable
{
    private readonly TemporaryDirectory _keys = new();
    private readonly TemporaryDirectory _store = new();
    private readonly SettableClock _clock = new();

    private string RegistryPath => _store.File(DataKeyRegistry.FileName);

    public void Dispose()
    {
        _keys.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void A_registry_opens_with_its_key_and_holds_the_same_keys()
    {
        DataKeyId id;
        using (var created = DataKeyRegistry.Create(_store.Path, Options("a", "plain"), _clock))
            id = created.KeyForNewFile()!.Id;
        using var opened = Open("a");
        Assert.Equal(id, opened.Active!.Id);
        Assert.Equal(CipherAlgorithm.Aes256Ctr, opened.Algorithm);
        Assert.Equal(opened.ActiveStoreKey.Id, DataKeyRegistry.ReadActiveStoreKey(_store.Path)!.Value.Id);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RegistryPath));
    }

    [Fact]
    public void A_wrong_key_is_told_apart_from_damage_and_nothing_is_written()
    {
        DataKeyRegistry.Create(_store.Path, Options("a"), _clock).Dispose();
        var before = File.ReadAllBytes(RegistryPath);
        var wrong = Assert.Throws<EncryptionException>(() => Open("b"));
        Assert.Equal(EncryptionFailure.WrongKey, wrong.Kind);
        Assert.Contains(RegistryPath, wrong.Message, StringComparison.Ordinal);
        Assert.Contains("store key ID", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(EncryptionFailure.WrongKey, Assert.Throws<EncryptionException>(() => Open("plain")).Kind);
        Assert.Equal(EncryptionFailure.WrongKey, Assert.Throws<EncryptionException>(() => Open("b", "plain")).Kind);
        Assert.Equal(before, File.ReadAllBytes(RegistryPath));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("plain")]
    public void Every_flipped_byte_is_refused(string key)
    {
        DataKeyRegistry.Create(_store.Path, Options(key), _clock).Dispose();
        var good = File.ReadAllBytes(RegistryPath);
        for (var i = 0; i < good.Length; i++)
        {
            var bad = (byte[])good.Clone();
            bad[i] ^= 0x20;
            File.WriteAllBytes(RegistryPath, bad);
            Assert.Throws<EncryptionException>(() => Open(key));
        }

        File.WriteAllBytes(RegistryPath, good.AsSpan(0, good.Length - 1));
        Assert.Equal(EncryptionFailure.Damaged, Assert.Throws<EncryptionException>(() => Open(key)).Kind);
    }

    [Fact]
    public void A_new_store_key_makes_a_new_data_key_and_the_old_one_still_reads()
    {
        DataKeyRegistry.Create(_store.Path, Options("a"), _clock).Dispose();
        DataKeyId first;
        using (var opened = Open("a"))
            first = opened.Active!.Id;
        using (var rotated = Open("b", "a"))
        {
            Assert.NotEqual(first, rotated.Active!.Id);
            Assert.NotNull(rotated.Find(first));
        }

        Open("b").Dispose();
        Open("b", "a").Dispose();
        var reused = Assert.Throws<EncryptionException>(() => Open("a", "b"));
        Assert.EndsWith("already exists as an inactive key -- this is really dangerous", reused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaving_encryption_exposes_the_keys_and_coming_back_makes_fresh_ones()
    {
        DataKeyRegistry.Create(_store.Path, Options("a"), _clock).Dispose();
        DataKeyId first;
        using (var plain = Open("plain", "a"))
        {
            Assert.Null(plain.KeyForNewFile());
            var exposed = Assert.Single(plain.DataKeys);
            Assert.True(exposed.Exposed);
            first = exposed.Id;
        }

        using (var plain = Open("plain"))
            Assert.True(plain.Find(first)!.Exposed);
        using var back = Open("b", "plain");
        Assert.NotEqual(first, back.Active!.Id);
        Assert.False(back.Active.Exposed);
        Assert.True(back.Find(first)!.Exposed);
    }

    [Fact]
    public void Encrypting_a_plain_store_must_be_said()
    {
        DataKeyRegistry.Create(_store.Path, Options("plain"), _clock).Dispose();
        Assert.Contains("old-key=plain", Assert.Throws<EncryptionException>(() => Open("a")).Message, StringComparison.Ordinal);
        Open("a", "plain").Dispose();
        Open("a").Dispose();
    }

    [Fact]
    public void A_data_key_older_than_the_rotation_period_gives_way_to_a_new_one()
    {
        DataKeyRegistry.Create(_store.Path, Options("a"), _clock).Dispose();
        using var registry = Open("a");
        var first = registry.KeyForNewFile()!.Id;
        _clock.Now += TimeSpan.FromHours(167);
        Assert.Equal(first, registry.KeyForNewFile()!.Id);
        _clock.Now += TimeSpan.FromHours(1);
        var second = registry.KeyForNewFile()!.Id;
        Assert.NotEqual(first, second);
        Assert.Equal(second, registry.KeyForNewFile()!.Id);
        using var reopened = Open("a");
        Assert.Equal(second, reopened.Active!.Id);
        Assert.NotNull(reopened.Find(first));
    }

    [Fact]
    public void No_key_bytes_stand_in_the_file_or_in_text()
    {
        using var registry = DataKeyRegistry.Create(_store.Path, Options("a"), _clock);
        var secret = registry.Active!.Secret.ToArray();
        Assert.Equal(-1, File.ReadAllBytes(RegistryPath).AsSpan().IndexOf(secret));
        Assert.DoesNotContain(Convert.ToHexStringLower(secret), registry.Active.ToString() + registry, StringComparison.Ordinal);
    }

    private DataKeyRegistry Open(string key, string? oldKey = null) => DataKeyRegistry.Open(_store.Path, Options(key, oldKey), _clock);

    private EncryptionOptions Options(string key, string? oldKey = null) =>
        new(_store.Path, KeyFile(key), oldKey is null ? null : KeyFile(oldKey), EncryptionOptions.DefaultRotationPeriod);

    private string KeyFile(string name)
    {
        if (name == "plain")
            return name;
        var path = _keys.File(name);
        if (!File.Exists(path))
            StoreKeyFile.Create(path, 256);
        return path;
    }

    private sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
