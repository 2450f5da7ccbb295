using Chitin.Cryptography;
using Chitin.Testing;
using Xunit;

namespace Chitin.UnitTests.Cryptography;

public sealed class SealedFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SealingKey _key = SealingKey.CreateEphemeral();

    public void Dispose()
    {
        _directory.Dispose();
        _key.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SealedFile.BlockLength)]
    [InlineData(SealedFile.BlockLength + 1)]
    [InlineData((3 * SealedFile.BlockLength) + 777)]
    public void What_is_written_is_read_back_from_anywhere(int length)
    {
        var content = Content(length);
        var path = Write("a", content);
        using var file = SealedFile.Open(path, _key);
        Assert.Equal(length, file.Length);
        Assert.Equal(new FileInfo(path).Length, file.StoredLength);
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var from = random.Next(length + 1);
            var buffer = new byte[random.Next(length + 10)];
            var read = file.Read(from, buffer);
            Assert.Equal(Math.Min(buffer.Length, length - from), read);
            Assert.True(content.AsSpan(from, read).SequenceEqual(buffer.AsSpan(0, read)));
        }
    }

    [Fact]
    public void A_file_can_be_read_by_its_writer_and_goes_when_it_is_closed()
    {
        var content = Content(100_000);
        var path = _directory.File("spill");
        using (var file = SealedFile.Create(path, _key, deleteOnClose: true))
        {
            for (var at = 0; at < content.Length; at += 1000)
                file.Write(content.AsSpan(at, 1000));
            file.Complete();
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            var all = new byte[content.Length];
            Assert.Equal(all.Length, file.Read(0, all));
            Assert.Equal(content, all);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Changed_moved_cut_and_foreign_blocks_do_not_open()
    {
        const int Stored = SealedFile.BlockLength + 16;
        var path = Write("a", Content(3 * SealedFile.BlockLength));
        var good = File.ReadAllBytes(path);
        var other = File.ReadAllBytes(Write("b", Content(3 * SealedFile.BlockLength)));

        Refused(bytes => bytes[64 + 100] ^= 1);
        Refused(bytes => bytes[20] ^= 1);
        Refused(bytes => bytes.AsSpan(64 + Stored, Stored).CopyTo(bytes.AsSpan(64)));
        Refused(bytes => other.AsSpan(64, Stored).CopyTo(bytes.AsSpan(64)));
        File.WriteAllBytes(path, good.AsSpan(0, 64 + (2 * Stored)));
        Assert.Throws<EncryptionException>(() => SealedFile.Open(path, _key));
        File.WriteAllBytes(path, good.AsSpan(0, 64));
        Assert.Throws<EncryptionException>(() => SealedFile.Open(path, _key));
        File.WriteAllBytes(path, good);
        using var wrongKey = SealingKey.CreateEphemeral();
        Assert.Throws<EncryptionException>(() => SealedFile.Open(path, wrongKey));

        void Refused(Action<byte[]> change)
        {
            var bad = (byte[])good.Clone();
            change(bad);
            File.WriteAllBytes(path, bad);
            var error = Assert.Throws<EncryptionException>(() =>
            {
                using var file = SealedFile.Open(path, _key);
                _ = file.Read(0, new byte[file.Length]);
            });
            Assert.Equal(path, error.File);
        }
    }

    [Fact]
    public void A_sealed_block_opens_only_in_its_place()
    {
        var block = SealedBlock.Seal(_key, "hello"u8, "place 1"u8);
        Assert.Equal("hello"u8.ToArray(), SealedBlock.Open(_key, block, "place 1"u8));
        Assert.Throws<EncryptionException>(() => SealedBlock.Open(_key, block, "place 2"u8));
        block[^1] ^= 1;
        Assert.Throws<EncryptionException>(() => SealedBlock.Open(_key, block, "place 1"u8));
        Assert.Throws<EncryptionException>(() => SealedBlock.Open(_key, block.AsSpan(0, 10), "place 1"u8));
    }

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private string Write(string name, byte[] content)
    {
        var path = _directory.File(name);
        using var file = SealedFile.Create(path, _key);
        file.Write(content);
        file.Complete(sync: true);
        return path;
    }
}
