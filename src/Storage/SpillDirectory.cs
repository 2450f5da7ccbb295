using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>
/// Sealed temporary files for sorts and hashes that outgrow memory. Their key lives in memory only: what a crash leaves behind nobody can read,
/// and the next open removes it.
/// </summary>
/// <remarks>Safe for concurrent use; each file is for one thread at a time.</remarks>
public sealed class SpillDirectory : IDisposable
{
    /// <summary>ENOSPC and EDQUOT.</summary>
    private const int NoSpace = 28;
    private const int OverQuota = 122;

    private readonly SealingKey _key = SealingKey.CreateEphemeral();
    private readonly string _path;
    private long _next;

    private SpillDirectory(string path) => _path = path;

    /// <summary>Throws when so many bytes may not be written; set once the store is open.</summary>
    internal Action<long>? Guard { get; set; }

    /// <summary>Before so many bytes are written: <see cref="StorageFailure.DiskFull"/> when they would take what commits need.</summary>
    public void RequireRoom(long bytes) => Guard?.Invoke(bytes);

    /// <summary>An empty directory with mode 0700: what was in it is deleted.</summary>
    public static SpillDirectory Open(string path)
    {
        StoreDirectory.CreateDirectory(path);
        foreach (var file in Directory.EnumerateFiles(path))
            File.Delete(file);
        return new SpillDirectory(path);
    }

    /// <summary>A new file to write, complete and then read; it is deleted when it is disposed.</summary>
    public SealedFile Create()
    {
        var path = Path.Combine(_path, $"spill-{Interlocked.Increment(ref _next)}");
        try
        {
            return SealedFile.Create(path, _key, deleteOnClose: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(e);
        }
    }

    /// <summary>What a temporary file could not do, as a failure of the disk.</summary>
    public static StorageException Failure(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        var kind = cause is EncryptionException ? StorageFailure.Corruption
            : cause is IOException && cause.HResult is NoSpace or OverQuota ? StorageFailure.DiskFull : StorageFailure.InputOutput;
        return new StorageException(kind, $"a temporary file failed: {cause.Message}", null, cause);
    }

    public void Dispose() => _key.Dispose();
}
