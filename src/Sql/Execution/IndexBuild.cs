namespace Chitin.Sql.Execution;

/// <summary>How far the filling of one index has come. Its definition is committed: writers keep it in step from then on, and nobody reads it before it is filled.</summary>
public sealed class IndexBuild
{
    /// <summary>Rows of one transaction at most: the more, the fewer commits, and the likelier one of them is changed meanwhile.</summary>
    internal const int MaxRows = 8192;

    private byte[] _reached = [];
    private bool _reachedEnd;
    private bool _published;

    internal IndexBuild(uint tableId, uint indexId)
    {
        TableId = tableId;
        IndexId = indexId;
    }

    /// <summary>The index is there for all: nothing is left to do.</summary>
    public bool IsDone { get; private set; }

    internal uint TableId { get; }

    /// <summary>The index's object id.</summary>
    public uint IndexId { get; }

    /// <summary>All rows have their entries.</summary>
    internal bool IsFilled { get; private set; }

    /// <summary>The storage that <see cref="Next"/> belongs to; the table may be rewritten meanwhile.</summary>
    internal uint StorageId { get; private set; }

    /// <summary>Where the next transaction begins; empty before the first.</summary>
    internal byte[] Next { get; private set; } = [];

    /// <summary>How many rows the next transaction takes.</summary>
    internal int Size { get; private set; } = MaxRows;

    /// <summary>Others change the next row all the time: it is locked before it is read.</summary>
    internal bool LocksRow { get; private set; }

    /// <summary>The step's transaction is committed.</summary>
    public void Committed()
    {
        Size = Math.Min(Size * 2, MaxRows);
        LocksRow = false;
        if (_reached.Length != 0)
            Next = _reached;
        _reached = [];
        IsFilled |= _reachedEnd;
        IsDone = _published;
    }

    /// <summary>The step's transaction met a change by another and did nothing: the next one takes fewer rows.</summary>
    public void Conflicted()
    {
        (_reached, _reachedEnd, _published) = ([], false, false);
        LocksRow = Size == 1;
        Size = Math.Max(1, Size / 8);
    }

    internal void StartAgain(uint storageId) => (StorageId, Next, IsFilled) = (storageId, [], false);

    /// <param name="key">The first key behind the rows of the step; null when the step came to the end.</param>
    internal void Reached(byte[]? key)
    {
        _reached = key ?? [];
        _reachedEnd = key is null;
    }

    internal void Publish() => _published = true;
}
