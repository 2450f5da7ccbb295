using System.Globalization;
using System.Runtime.InteropServices;
using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>What is on disk has a version; a program refuses a store from its future. Numbers are on disk: append, never reuse.</summary>
public enum StoreFormat
{
    Initial = 1,
}

/// <summary>
/// The directory of a store, mode 0700: <c>CHITIN_FORMAT</c>, the data key registry, <c>LOCK</c>, <c>BALLAST</c> (<see cref="Ballast"/>), <c>db/</c> for RocksDB and <c>tmp/</c> for spill files.
/// <c>CHITIN_CREATING</c> stands there until a new store is complete.
/// </summary>
internal sealed partial class StoreDirectory : IDisposable
{
    private const string FormatFile = "CHITIN_FORMAT";
    private const string CreatingFile = "CHITIN_CREATING";
    private const string LockFile = "LOCK";
    private const string FormatPrefix = "chitin store format ";
    private const UnixFileMode OwnerDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private FileStream? _lock;

    private StoreDirectory(string path) => Path = path;

    public string Path { get; }

    public string DatabasePath => System.IO.Path.Combine(Path, "db");

    public string TemporaryPath => System.IO.Path.Combine(Path, "tmp");

    /// <summary>Whether a complete store was made here before.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Looks, and writes nothing.</summary>
    public static StoreDirectory Examine(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var format = System.IO.Path.Combine(path, FormatFile);
        try
        {
            if (File.Exists(format))
            {
                RequireKnownFormat(format);
                return new StoreDirectory(path);
            }

            var isNew = IsVacant(path) || File.Exists(System.IO.Path.Combine(path, CreatingFile));
            if (isNew)
                return new StoreDirectory(path) { IsNew = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFailure.InputOutput, $"could not read store directory {path}: {e.Message}", path, e);
        }

        throw StorageErrors.Corruption($"directory {path} is neither empty nor a store: it has no file {FormatFile}", format);
    }

    /// <summary>It is not there, or nothing is in it but what a program's log and a file system put there by themselves.</summary>
    public static bool IsVacant(string path) => !Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).All(entry => System.IO.Path.GetFileName(entry) is "logs" or "lost+found");

    /// <summary>Makes the directory if it is not there, takes the lock, and clears what an interrupted creation has left.</summary>
    public void Enter()
    {
        _ = SetCreationMask(Convert.ToInt32("077", 8));   // RocksDB makes its files with mode 0644
        try
        {
            CreateDirectory(Path);
            TakeLock();
            foreach (var unfinished in Directory.EnumerateFiles(Path, "*.tmp"))
                File.Delete(unfinished);   // of a DurableFile that a crash has cut short
            if (IsNew)
                StartAfresh();
            CreateDirectory(DatabasePath);
            CreateDirectory(TemporaryPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFailure.InputOutput, $"could not prepare store directory {Path}: {e.Message}", Path, e);
        }
    }

    public void TakeLock()
    {
        try
        {
            _lock = new FileStream(System.IO.Path.Combine(Path, LockFile), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerFile,
            });
        }
        catch (IOException e) when (e is not DirectoryNotFoundException and not FileNotFoundException)
        {
            throw StorageErrors.InUse(Path, e);
        }
    }

    /// <summary>A new store is complete: from now on it is opened, not made.</summary>
    public void Complete()
    {
        WriteFormat(Path);
        File.Delete(System.IO.Path.Combine(Path, CreatingFile));
        DurableFile.SyncDirectory(Path);
    }

    public static void WriteFormat(string path) =>
        DurableFile.Replace(System.IO.Path.Combine(path, FormatFile), System.Text.Encoding.ASCII.GetBytes($"{FormatPrefix}{(int)StoreFormat.Initial}\n"), OwnerFile);

    /// <summary>A directory that only its owner may enter, whatever it was before.</summary>
    public static void CreateDirectory(string path)
    {
        if (!Directory.Exists(path))
            Directory.CreateDirectory(path, OwnerDirectory);
        else if (File.GetUnixFileMode(path) != OwnerDirectory)
            File.SetUnixFileMode(path, OwnerDirectory);
    }

    public void Dispose() => _lock?.Dispose();

    private void StartAfresh()
    {
        DurableFile.Replace(System.IO.Path.Combine(Path, CreatingFile), default, OwnerFile);
        File.Delete(System.IO.Path.Combine(Path, DataKeyRegistry.FileName));
        if (Directory.Exists(DatabasePath))
            Directory.Delete(DatabasePath, recursive: true);
    }

    private static void RequireKnownFormat(string file)
    {
        var text = File.ReadAllText(file).TrimEnd('\n');
        if (!text.StartsWith(FormatPrefix, StringComparison.Ordinal) ||
            !int.TryParse(text.AsSpan(FormatPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var format))
        {
            throw StorageErrors.Corruption($"format file {file} is damaged", file);
        }

        if (!Enum.IsDefined((StoreFormat)format))
            throw StorageErrors.Unsupported($"store format {format} in {file} is not known to this program, which is older than the store");
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetCreationMask(int mask);
}
