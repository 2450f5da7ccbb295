using System.Security.Cryptography;

namespace Chitin.Cryptography;

/// <summary>
/// Store key files in CockroachDB's format, version 1: 32 bytes of key id, then 16, 24 or 32 bytes of key, raw.
/// Only the owner may read one.
/// </summary>
public static class StoreKeyFile
{
    public const int DefaultBits = 128;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersMayUse =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a random key; durable when it returns. Without <paramref name="overwrite"/> an existing file is left alone and refused.</summary>
    public static void Create(string path, int bits = DefaultBits, bool overwrite = false)
    {
        if (bits is not (128 or 192 or 256))
            throw new EncryptionException(EncryptionFailure.Invalid, $"store key size should be 128, 192, or 256 bits, got {bits}");
        var content = GC.AllocateUninitializedArray<byte>(StoreKey.IdLength + (bits / 8), pinned: true);
        RandomNumberGenerator.Fill(content);
        try
        {
            if (overwrite)
                DurableFile.Replace(path, content, OwnerOnly);
            else
                DurableFile.CreateNew(path, content, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = File.Exists(path) && !overwrite ? "file exists" : e is DirectoryNotFoundException ? "no such directory" : e.Message;
            throw new EncryptionException(EncryptionFailure.KeyUnavailable, $"error writing key to file {path}: {reason}", path, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Reads a key, or makes the plain one where <paramref name="path"/> is "plain".</summary>
    public static StoreKey Read(string path)
    {
        if (path == StoreKey.PlainId)
            return StoreKey.CreatePlain();
        var content = GC.AllocateUninitializedArray<byte>(StoreKey.IdLength + 32 + 1, pinned: true);
        try
        {
            using var file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows())
                RequireOwnerOnly(path, File.GetUnixFileMode(file));
            var length = RandomAccess.Read(file, content, 0);
            var keyLength = (int)Math.Max(RandomAccess.GetLength(file), length) - StoreKey.IdLength;
            if (keyLength is not (16 or 24 or 32))
                throw Invalid(path, $"store key of unsupported length: {keyLength}");
            return StoreKey.Create(content.AsSpan(0, StoreKey.IdLength), content.AsSpan(StoreKey.IdLength, keyLength), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message;
            throw new EncryptionException(EncryptionFailure.KeyUnavailable, $"could not read store key file {path}: {reason}", path, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static void RequireOwnerOnly(string path, UnixFileMode mode)
    {
        if ((mode & OthersMayUse) != 0)
        {
            throw new EncryptionException(
                EncryptionFailure.KeyExposed,
                $"store key file {path} has permissions {Convert.ToString((int)mode, 8)}, exceeds 600: only its owner may read it",
                path);
        }
    }

    private static EncryptionException Invalid(string path, string problem) =>
        new(EncryptionFailure.Invalid, $"store key file {path}: {problem}", path);
}
