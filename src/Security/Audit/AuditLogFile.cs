using Chitin.Core;
using Chitin.Cryptography.Certificates;

namespace Chitin.Security.Audit;

/// <summary>
/// chitin-sql-audit.log: lines that are written whole or not at all, mode 0600 from the first byte on. At <see cref="MaximumBytes"/> the file is renamed to
/// chitin-sql-audit.DATE-TIME.log and a new one begins; old ones are the operator's to move away, none is ever deleted here.
/// Lines reach the operating system before <see cref="Append"/> returns and the disk within a second. One that was moved or removed by others is noticed within a second.
/// Not for concurrent use, but for <see cref="Sync"/>.
/// </summary>
public sealed class AuditLogFile : IDisposable
{
    public const string FileName = "chitin-sql-audit.log";
    public const long DefaultMaximumBytes = 10 << 20;

    private readonly string _directory;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private FileStream? _file;
    private long _length;
    private bool _isDirty;
    private readonly ITimer _timer;

    private AuditLogFile(string directory, TimeProvider clock, long maximumBytes)
    {
        _directory = directory;
        _clock = clock;
        MaximumBytes = maximumBytes;
        Path = System.IO.Path.Combine(directory, FileName);
        Open();
        _timer = clock.CreateTimer(static file => ((AuditLogFile)file!).Tend(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public string Path { get; }

    public long MaximumBytes { get; }

    /// <summary>Makes the directory (0700) and the file (0600) where they are missing. IOException or UnauthorizedAccessException: the node must not start without its trail.</summary>
    public static AuditLogFile Open(string directory, TimeProvider clock, long maximumBytes = DefaultMaximumBytes)
    {
        UnixFiles.MakeDirectory(directory);
        return new AuditLogFile(directory, clock, maximumBytes);
    }

    /// <summary>Adds lines, each ended by a line feed. IOException: nothing of them stays in the file.</summary>
    public void Append(ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty)
            return;
        lock (_lock)
        {
            if (_length > 0 && _length + lines.Length > MaximumBytes)
                Rotate();
            if (_file is null)
                Open();
            try
            {
                RandomAccess.Write(_file!.SafeFileHandle, lines, _length);
            }
            catch (IOException)
            {
                CutBack();
                throw;
            }

            _length += lines.Length;
            _isDirty = true;
        }
    }

    /// <summary>Waits until everything appended is on the disk.</summary>
    public void Sync()
    {
        lock (_lock)
        {
            if (!_isDirty || _file is null)
                return;
            RandomAccess.FlushToDisk(_file.SafeFileHandle);
            _isDirty = false;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        SyncQuietly();
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void Open()
    {
        var file = new FileStream(Path, UnixFiles.SecretFile(FileMode.OpenOrCreate, FileShare.Read | FileShare.Delete));
        try
        {
            // One that was there may have been made by others with another mode.
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) != UnixFiles.SecretMode)
                File.SetUnixFileMode(file.SafeFileHandle, UnixFiles.SecretMode);
            (_file, _length) = (file, file.Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A line of which a part was written must not run into the next.</summary>
    private void CutBack()
    {
        try
        {
            RandomAccess.SetLength(_file!.SafeFileHandle, _length);
        }
        catch (IOException)
        {
            // The next append writes over the same place.
        }
    }

    private void Rotate()
    {
        if (_file is null)
            return;
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
        var stamp = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH_mm_ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        File.Move(Path, System.IO.Path.Combine(_directory, $"chitin-sql-audit.{stamp}.log"), overwrite: false);
        _file.Dispose();
        _file = null;
        _length = 0;
        Open();
    }

    private void Tend()
    {
        SyncQuietly();
        LeaveIfMoved();
    }

    /// <summary>A file that was moved or removed by others is no trail any more: the next record goes to a new one, or fails its statement.</summary>
    private void LeaveIfMoved()
    {
        lock (_lock)
        {
            if (_file is null || File.Exists(Path))
                return;
            _file.Dispose();
            _file = null;
            _length = 0;
        }
    }

    private void SyncQuietly()
    {
        try
        {
            Sync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Still dirty: the next turn, the next append or the end tries again, and appends report what the disk says.
        }
    }
}

internal static class AuditErrors
{
    /// <summary>ENOSPC and EDQUOT.</summary>
    private const int NoSpace = 28;
    private const int OverQuota = 122;

    public static SqlException NotWritten(Exception cause) =>
        new(cause.HResult is NoSpace or OverQuota ? SqlState.DiskFull : SqlState.IoError, "the audit record could not be written", cause)
        {
            Detail = "A statement that must be audited does not run without its record.",
        };
}
