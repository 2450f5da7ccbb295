using Chitin.Cryptography;
using Chitin.Testing;
using Xunit;

namespace Chitin.UnitTests.Cryptography;

public sealed class StoreKeyFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(128, CipherAlgorithm.Aes128Ctr, 48)]
    [InlineData(192, CipherAlgorithm.Aes192Ctr, 56)]
    [InlineData(256, CipherAlgorithm.Aes256Ctr, 64)]
    public void A_key_file_is_id_and_key_for_its_owner_only(int bits, CipherAlgorithm algorithm, int length)
    {
        var path = _directory.File("a.key");
        StoreKeyFile.Create(path, bits);
        Assert.Equal(length, new FileInfo(path).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using var key = StoreKeyFile.Read(path);
        Assert.Equal(algorithm, key.Algorithm);
        Assert.Equal(Convert.ToHexStringLower(File.ReadAllBytes(path), 0, 32), key.Id);
        Assert.DoesNotContain(Convert.ToHexStringLower(File.ReadAllBytes(path), 32, 16), key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_file_is_overwritten_only_when_asked()
    {
        var path = _directory.File("a.key");
        StoreKeyFile.Create(path);
        var before = File.ReadAllBytes(path);
        Assert.Equal(EncryptionFailure.KeyUnavailable, Assert.Throws<EncryptionException>(() => StoreKeyFile.Create(path)).Kind);
        Assert.Equal(before, File.ReadAllBytes(path));
        StoreKeyFile.Create(path, 256, overwrite: true);
        Assert.Equal(64, new FileInfo(path).Length);
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_bad_size_is_refused_with_the_known_text() => Assert.Equal(
        "store key size should be 128, 192, or 256 bits, got 100",
        Assert.Throws<EncryptionException>(() => StoreKeyFile.Create(_directory.File("a.key"), 100)).Message);

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_may_use_is_refused(UnixFileMode extra)
    {
        var path = _directory.File("a.key");
        StoreKeyFile.Create(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | extra);
        var error = Assert.Throws<EncryptionException>(() => StoreKeyFile.Read(path));
        Assert.Equal(EncryptionFailure.KeyExposed, error.Kind);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(47)]
    [InlineData(49)]
    [InlineData(0)]
    [InlineData(200)]
    public void A_wrong_length_is_refused_and_the_file_named(int length)
    {
        var path = _directory.File("a.key");
        File.WriteAllBytes(path, new byte[length]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        var error = Assert.Throws<EncryptionException>(() => StoreKeyFile.Read(path));
        Assert.Contains($"store key of unsupported length: {length - 32}", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_named()
    {
        var path = _directory.File("none.key");
        var error = Assert.Throws<EncryptionException>(() => StoreKeyFile.Read(path));
        Assert.Equal(EncryptionFailure.KeyUnavailable, error.Kind);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
