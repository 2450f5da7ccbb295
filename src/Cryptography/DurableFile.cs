using System.Runtime.InteropServices;

namespace Chitin.Cryptography;

/// <summary>Small files that are there in full or not at all after a crash, and the directory syncs that this takes (fsync(2)).</summary>
public static partial class DurableFile
{
    private const int OpenDirectory = 0x10000 | 0x80000;   // O_DIRECTORY | O_CLOEXEC on linux-x64; O_RDONLY is 0

    /// <summary>Writes a new file; an existing one is an <see cref="IOException"/>. Its mode is there from the first moment.</summary>
    public static void CreateNew(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        path = Path.GetFullPath(path);
        Write(path, content, mode);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Puts a file in the place of whatever stands there, in one step.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        path = Path.GetFullPath(path);
        var next = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            Write(next, content, mode);
            File.Move(next, path, overwrite: true);
        }
        catch
        {
            File.Delete(next);
            throw;
        }

        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the names in a directory durable.</summary>
    public static void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var descriptor = Open(path, OpenDirectory);
        if (descriptor < 0)
            throw new IOException($"could not open directory {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        var failed = Sync(descriptor) != 0;
        var reason = failed ? Marshal.GetLastPInvokeErrorMessage() : "";
        _ = Close(descriptor);
        if (failed)
            throw new IOException($"could not sync directory {path}: {reason}");
    }

    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
