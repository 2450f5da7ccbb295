namespace Chitin.Transactions;

/// <summary>Who holds one key and who waits for it. Everything under the gate of its shard.</summary>
internal sealed class LockEntry(byte[] key, LockTable.Shard home)
{
    private LockOwner? _single;
    private LockMode _singleMode;
    private (LockOwner Owner, LockMode Mode)[]? _more;
    private int _moreCount;

    public byte[] Key => key;

    public LockTable.Shard Home => home;

    public LockOwner? FirstWaiter { get; private set; }

    public LockOwner? LastWaiter { get; private set; }

    public bool IsFree => _single is null && FirstWaiter is null;

    public int HolderCount => _single is null ? 0 : 1 + _moreCount;

    public LockOwner HolderAt(int place) => place == 0 ? _single! : _more![place - 1].Owner;

    public LockMode ModeAt(int place) => place == 0 ? _singleMode : _more![place - 1].Mode;

    public void SetModeAt(int place, LockMode mode)
    {
        if (place == 0)
            _singleMode = mode;
        else
            _more![place - 1].Mode = mode;
    }

    public int IndexOf(LockOwner owner)
    {
        if (_single == owner)
            return 0;
        for (var i = 0; i < _moreCount; i++)
        {
            if (_more![i].Owner == owner)
                return i + 1;
        }

        return -1;
    }

    public bool IsBlocked(LockOwner owner, LockMode mode)
    {
        for (var i = 0; i < HolderCount; i++)
        {
            if (HolderAt(i) != owner && LockTable.Conflict(mode, ModeAt(i)))
                return true;
        }

        return false;
    }

    public bool HasConflictingWaiter(LockMode mode)
    {
        for (var waiter = FirstWaiter; waiter is not null; waiter = waiter.NextWaiter)
        {
            if (LockTable.Conflict(mode, waiter.WantedMode))
                return true;
        }

        return false;
    }

    public void AddHolder(LockOwner owner, LockMode mode)
    {
        if (_single is null)
        {
            _single = owner;
            _singleMode = mode;
            return;
        }

        _more ??= new (LockOwner, LockMode)[2];
        if (_moreCount == _more.Length)
            Array.Resize(ref _more, _moreCount * 2);
        _more[_moreCount++] = (owner, mode);
    }

    public void RemoveHolder(LockOwner owner)
    {
        var place = IndexOf(owner);
        if (place < 0)
            return;
        if (_moreCount == 0)
        {
            _single = null;
            return;
        }

        var last = _more![--_moreCount];
        _more[_moreCount] = default;
        if (place == 0)
            (_single, _singleMode) = last;
        else if (place - 1 < _moreCount)
            _more[place - 1] = last;
    }

    public void Enqueue(LockOwner waiter, bool inFront)
    {
        if (inFront)
        {
            waiter.NextWaiter = FirstWaiter;
            if (FirstWaiter is { } first)
                first.PreviousWaiter = waiter;
            else
                LastWaiter = waiter;
            FirstWaiter = waiter;
            return;
        }

        waiter.PreviousWaiter = LastWaiter;
        if (LastWaiter is { } last)
            last.NextWaiter = waiter;
        else
            FirstWaiter = waiter;
        LastWaiter = waiter;
    }

    public void Unlink(LockOwner waiter)
    {
        if (waiter.PreviousWaiter is { } previous)
            previous.NextWaiter = waiter.NextWaiter;
        else
            FirstWaiter = waiter.NextWaiter;
        if (waiter.NextWaiter is { } next)
            next.PreviousWaiter = waiter.PreviousWaiter;
        else
            LastWaiter = waiter.PreviousWaiter;
        waiter.PreviousWaiter = waiter.NextWaiter = null;
    }
}
