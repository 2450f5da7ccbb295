using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>
/// Sealed temporary files for sorts and hashes that outgrow memory. Their key lives in memory only: what a crash leaves behind nobody can read,
/// and the next open removes it.
/// </summary>
/// <remarks>Safe for concurrent use; each file is for one thread at a time.</remarks>
public sealed class SpillDirectory : IDisposable
{
    private readonly SealingKey _key = SealingKey.CreateEphemeral();
    private readonly string _path;
    private long _next;

    private SpillDirectory(string path) => _path = path;

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
            throw new StorageException(StorageFailure.InputOutput, $"could not create temporary file {path}: {e.Message}", path, e);
        }
    }

    public void Dispose() => _key.Dispose();
}
