using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chitin.Storage;

/// <summary>
/// A file of nothing that takes space on the disk, to be given up when it is full: then there is room to write what frees more, and to start. Others on the same disk cannot use that space up, as they
/// could a reserve that is merely left free.
/// </summary>
internal sealed partial class Ballast(string directory, long length)
{
    public const string FileName = "BALLAST";

    private const int NotSupported = 95;

    private readonly string _path = Path.Combine(directory, FileName);

    public bool IsThere { get; private set; } = File.Exists(Path.Combine(directory, FileName));

    public long Length => length;

    /// <summary>Whether it took any space.</summary>
    public bool GiveUp()
    {
        if (!IsThere)
            return false;
        var file = new FileInfo(_path);
        var hadSpace = file.Exists && file.Length > 0;
        file.Delete();
        IsThere = false;
        return hadSpace;
    }

    /// <summary>Makes it, or makes it as long as it is to be. Where the file system cannot allocate, it stays away.</summary>
    public void Make()
    {
        using (var file = new FileStream(_path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            if (file.Length > length)
                file.SetLength(length);
            if (file.Length == length || TryAllocate(file.SafeFileHandle))
            {
                IsThere = true;
                return;
            }
        }

        File.Delete(_path);
    }

    private bool TryAllocate(SafeFileHandle file)
    {
        if (Allocate(file, 0, 0, length) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        if (error == NotSupported)
            return false;
        File.Delete(_path);
        throw new IOException($"could not allocate {length} bytes for {_path}: {new Win32Exception(error).Message}");
    }

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
