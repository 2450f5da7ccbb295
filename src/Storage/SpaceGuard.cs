namespace Chitin.Storage;

/// <summary>
/// Keeps some space of the disk free: flushes and compactions need it, and a log that fails for want of space can only be left by reopening the store.
/// The disk is asked anew after a while or some writing, not each time.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class SpaceGuard
{
    /// <summary>Parts of the reserve that must stay free, in quarters.</summary>
    public const int FullReserve = 4;
    public const int QuarterReserve = 1;

    private const long LargestReserve = 64 * 1024 * 1024;
    private const long BytesBetweenChecks = 1024 * 1024;
    private const long MillisecondsBetweenChecks = 200;

    private readonly DriveInfo _drive;
    private long _available;
    private long _written;
    private long _checkedAt;

    public SpaceGuard(string path)
    {
        _drive = new DriveInfo(path);
        Reserve = Math.Min(LargestReserve, _drive.TotalSize / 20);
        Measure();
    }

    public long Reserve { get; }

    public bool HasRoom(int bytes, int quarters)
    {
        _written += bytes;
        if (_written > BytesBetweenChecks || Environment.TickCount64 - _checkedAt > MillisecondsBetweenChecks)
            Measure();
        return _available - _written - bytes > Reserve / 4 * quarters;
    }

    private void Measure()
    {
        _available = _drive.AvailableFreeSpace;
        _written = 0;
        _checkedAt = Environment.TickCount64;
    }
}
