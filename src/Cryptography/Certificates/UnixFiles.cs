using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Chitin.Cryptography.Certificates;

/// <summary>Owner and mode of a file, which decide whether it may hold a secret.</summary>
/// <param name="Mode">Permission bits only.</param>
public readonly record struct FileOwnership(uint User, uint Group, UnixFileMode Mode, bool IsRegular)
{
    /// <summary>As ls prints it: -rw-r--r--.</summary>
    public static string Describe(UnixFileMode mode)
    {
        Span<char> text = stackalloc char[10];
        text[0] = '-';
        for (var bit = 0; bit < 9; bit++)
            text[bit + 1] = ((int)mode & (1 << (8 - bit))) != 0 ? "rwx"[bit % 3] : '-';
        return new string(text);
    }
}

/// <summary>What .NET does not offer for files on Unix, and the two ways in which secrets and certificates come to disk.</summary>
public static unsafe partial class UnixFiles
{
    const int AtCurrentDirectory = -100;
    const uint BasicStats = 0x7ff;

    public const UnixFileMode SecretMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode PublicMode = SecretMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode DirectoryMode = SecretMode | UnixFileMode.UserExecute;

    public static uint EffectiveUser => GetEffectiveUser();

    public static uint EffectiveGroup => GetEffectiveGroup();

    /// <summary>Follows symbolic links. statx(2) has one layout on all machines, unlike stat(2).</summary>
    public static FileOwnership Inspect(string path)
    {
        var buffer = stackalloc byte[256];
        if (Statx(AtCurrentDirectory, path, 0, BasicStats, buffer) != 0)
            throw new IOException($"could not stat {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        var fields = new ReadOnlySpan<byte>(buffer, 256);
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(fields[28..]);
        return new FileOwnership(
            BinaryPrimitives.ReadUInt32LittleEndian(fields[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fields[24..]),
            (UnixFileMode)(mode & 0x1ff),
            (mode & 0xf000) == 0x8000);
    }

    /// <summary>Makes the directory and its parents; a new one gets mode 0700, an old one keeps its own.</summary>
    public static void MakeDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, DirectoryMode);
    }

    /// <summary>For writing without a buffer to a file that, when it is made, is its owner's alone from the first byte on.</summary>
    public static FileStreamOptions SecretFile(FileMode mode, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = SecretMode;
        return options;
    }

    /// <summary>
    /// Writes a whole file so that it never exists with another mode or half its content. Without <paramref name="overwrite"/> an existing file is
    /// an IOException; with it the new file replaces the old one in one step.
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, bool overwrite)
    {
        var target = overwrite ? $"{path}.{Guid.NewGuid():N}.tmp" : path;
        var created = false;
        try
        {
            using (var file = new FileStream(target, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode, Options = FileOptions.None }))
            {
                created = true;
                File.SetUnixFileMode(file.SafeFileHandle, mode);
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            if (overwrite)
                File.Move(target, path, overwrite: true);
        }
        catch (Exception) when (created)
        {
            File.Delete(target);
            throw;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroup();
}
