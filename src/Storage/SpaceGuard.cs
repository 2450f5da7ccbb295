using Microsoft.Extensions.Logging;

namespace Chitin.Storage;

/// <summary>What a write is for: the less space there is, the fewer of them are let through.</summary>
internal enum WritePurpose
{
    Ordinary,

    /// <summary>Nothing but deletes of rows: their space comes back, if much later.</summary>
    Deleting,

    /// <summary>What an operator, or the node itself, does to get space back.</summary>
    Freeing,
}

/// <summary>
/// Keeps some space of the disk free: flushes and compactions need it, and a log that fails for want of space can only be left by reopening the store. When others use that up too, or when it is
/// needed to free more, it gives the <see cref="Ballast"/> up; there is a new one when there is room for it again.
/// What the store itself holds is asked anew after a while or some writing, not each time.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SpaceGuard
{
    private const long BytesBetweenChecks = 1024 * 1024;
    private const long MillisecondsBetweenChecks = 200;
    private const long MillisecondsBetweenBallasts = 5000;

    private readonly Lock _measuring = new();
    private readonly string _directory;
    private readonly DriveInfo _drive;
    private readonly SpacePlan _plan;
    private readonly Ballast _ballast;
    private readonly Func<(long Memtables, long Tables)> _sizes;
    private readonly Action<bool> _switchCompactions;
    private readonly ILogger _logger;
    private long _available;
    private long _pending;   // memtables, as measured
    private long _written;
    private long _checkedAt;
    private long _ballastTriedAt;
    private volatile bool _isShort;
    private bool _mayCompact;   // not before the first look

    /// <param name="sizes">Asks for the bytes of all memtables and of all table files.</param>
    /// <param name="switchCompactions">
    /// Compactions write before they delete: on a disk that is nearly full none is started, but for those that are asked for, and RocksDB then does not slow writers down for want of them.
    /// Called under a lock.
    /// </param>
    public SpaceGuard(string directory, SpacePlan plan, Func<(long Memtables, long Tables)> sizes, Action<bool> switchCompactions, ILogger logger)
    {
        (_directory, _plan, _sizes, _switchCompactions, _logger) = (directory, plan, sizes, switchCompactions, logger);
        _drive = new DriveInfo(directory);
        _ballast = new Ballast(directory, plan.Ballast);
        _ballastTriedAt = Environment.TickCount64 - MillisecondsBetweenBallasts;
        lock (_measuring)
            Measure();
    }

    public long Available => _drive.AvailableFreeSpace;

    public long Reserve => _plan.Reserve;

    /// <summary>Ordinary writes are refused, or were at the last look.</summary>
    public bool IsShort => _isShort;

    /// <summary>Before RocksDB is opened on a disk that is full: it writes at once.</summary>
    public static void MakeRoomToOpen(string directory, SpacePlan plan, ILogger logger)
    {
        if (new DriveInfo(directory).AvailableFreeSpace < plan.Reserve && new Ballast(directory, plan.Ballast).GiveUp())
            logger.BallastGivenUp(directory, plan.Ballast);
    }

    /// <summary>Counts so many bytes as written when they may be.</summary>
    public bool HasRoom(long bytes, WritePurpose purpose)
    {
        lock (_measuring)
        {
            if (_written > BytesBetweenChecks || Environment.TickCount64 - _checkedAt > MillisecondsBetweenChecks)
                Measure();
            else
                _available = _drive.AvailableFreeSpace;   // cheap, and others may take much at once
            if (purpose != WritePurpose.Ordinary && Needed(bytes, purpose) >= _available)
                GiveBallastUp();
            if (Needed(bytes, purpose) >= _available)
            {
                if (purpose == WritePurpose.Ordinary && Left(0) <= EndOfShortage)
                    SetShort(true);
                return false;
            }

            _written += bytes;
            return true;
        }
    }

    /// <summary>Throws when there is no room.</summary>
    public void Require(long bytes, WritePurpose purpose)
    {
        if (!HasRoom(bytes, purpose))
            throw NoRoom(Needed(bytes, purpose));
    }

    public StorageException NoRoom(long needed) => StorageErrors.NoRoom(_directory, Available, needed);

    /// <summary>Gives the ballast up when space is short: for work that frees space and needs some for that.</summary>
    /// <param name="isCertain">It frees more than it takes. Else it fails when there is less than a compaction may need.</param>
    public void PrepareToFree(bool isCertain)
    {
        lock (_measuring)
        {
            Measure();
            if (!_isShort)
                return;
            GiveBallastUp();
            var needed = _pending + (isCertain ? 0 : _plan.Reserve + _plan.Compaction);   // the memtables are flushed
            if (needed >= _available)
                throw NoRoom(needed);
        }
    }

    /// <summary>Whether work that needs space for a while leaves what commits need, or at least those that free space. Not remembered.</summary>
    public bool LeavesRoom(WritePurpose purpose) => _drive.AvailableFreeSpace > (purpose == WritePurpose.Freeing ? _plan.Reserve / 2 : _plan.Reserve);

    /// <summary>Looks at the disk.</summary>
    public void Look()
    {
        lock (_measuring)
            Measure();
    }

    /// <summary>The space of a ballast that was given up is for getting out of the shortage.</summary>
    private long OrdinaryLimit => _ballast.IsThere ? _plan.Reserve : _plan.Reserve + _plan.Ballast;

    private long EndOfShortage => OrdinaryLimit + (_plan.Reserve / 4);

    /// <summary>What must be free for a write. One that frees space goes to the log, and what it frees is removed without a memtable having to be written.</summary>
    private long Needed(long bytes, WritePurpose purpose) => purpose switch
    {
        WritePurpose.Ordinary => OrdinaryLimit + _pending + (2 * (_written + bytes)),
        WritePurpose.Deleting => (_plan.Reserve / 2) + _pending + (2 * (_written + bytes)),
        _ => (_plan.Reserve / 8) + _written + bytes,
    };

    /// <summary>What is free behind so many more bytes. They and the memtables go to the disk once more, as table files; what was written since the last look is in both.</summary>
    private long Left(long bytes) => _available - _pending - (2 * (_written + bytes));

    private void Measure()
    {
        _available = _drive.AvailableFreeSpace;
        (_pending, var tables) = _sizes();
        _written = 0;
        _checkedAt = Environment.TickCount64;
        if (Left(0) <= _plan.Reserve / 4)
            GiveBallastUp();
        if (Left(0) > _plan.Reserve + _plan.Ballast + (_plan.Reserve / 4))
            MakeBallast();
        SetShort(Left(0) <= (_isShort ? EndOfShortage : OrdinaryLimit));
        SwitchCompactions(tables);
    }

    private void SwitchCompactions(long tables)
    {
        var needed = _plan.Reserve + Math.Min(tables, _plan.Compaction);
        var may = Left(0) > (_mayCompact ? needed : needed + (needed / 8));
        if (may == _mayCompact)
            return;
        _mayCompact = may;
        _switchCompactions(may);
    }

    private void SetShort(bool isShort)
    {
        if (isShort == _isShort)
            return;
        _isShort = isShort;
        if (isShort)
            _logger.SpaceShort(_directory, _available, _plan.Reserve);
        else
            _logger.SpaceAgain(_directory, _available);
    }

    private void GiveBallastUp()
    {
        if (!_ballast.IsThere)
            return;
        try
        {
            if (_ballast.GiveUp())
                _logger.BallastGivenUp(_directory, _plan.Ballast);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.BallastFailed(_directory, e.Message);
        }

        _available = _drive.AvailableFreeSpace;
    }

    private void MakeBallast()
    {
        if (_ballast.IsThere || Environment.TickCount64 - _ballastTriedAt < MillisecondsBetweenBallasts)
            return;
        _ballastTriedAt = Environment.TickCount64;
        try
        {
            _ballast.Make();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.BallastFailed(_directory, e.Message);
        }

        _available = _drive.AvailableFreeSpace;
    }
}
