using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>
/// The rows that a recursion with UNION has given, to tell new ones from those (7.8.2). Beyond work_mem they go to sealed files, ordered by their hash. A row that may stand in one of them is
/// put aside, and those that are new are found for many rows at once: each part of a file is read at most once for all of them.
/// </summary>
internal sealed class RecursionHistory(ExecutionState state, SqlType[] types)
{
    private const long EntryBytes = 48;

    private readonly RowComparer _comparer = new(types);
    private readonly List<HashedRows> _files = [];
    private HashSet<Datum[]>? _recent;
    private HashSet<Datum[]>? _aside;
    private readonly MemoryAccount _recentMemory = new(state);
    private readonly MemoryAccount _asideMemory = new(state);

    /// <summary>What was put aside has no more room.</summary>
    public bool MustDecide => _asideMemory.Bytes != 0 && _recentMemory.Bytes + _asideMemory.Bytes > state.WorkMemory;

    /// <summary>Whether a row is new for certain. When it is not it may have been put aside, until <see cref="Decide"/>.</summary>
    public bool Add(Datum[] row)
    {
        _recent ??= new HashSet<Datum[]>(_comparer);
        if (_files.Count == 0)
        {
            if (!_recent.Add(row))
                return false;
            _recentMemory.Add(RowMemory.Of(row) + EntryBytes);
            if (_recentMemory.Bytes > state.WorkMemory)
                Store();
            return true;
        }

        _aside ??= new HashSet<Datum[]>(_comparer);
        if (!_recent.Contains(row) && _aside.Add(row))
            _asideMemory.Add(RowMemory.Of(row) + EntryBytes);
        return false;
    }

    /// <summary>The new rows among those that were put aside, in the order in which they came.</summary>
    public List<Datum[]> Decide()
    {
        var fresh = new List<Datum[]>();
        if (_aside is not { Count: > 0 } aside)
            return fresh;
        var rows = aside.ToArray();
        var hashes = Array.ConvertAll(rows, _comparer.GetHashCode);
        var order = Enumerable.Range(0, rows.Length).ToArray();
        Array.Sort([.. hashes], order);
        var isKnown = new bool[rows.Length];
        foreach (var file in _files)
        {
            foreach (var i in order)
            {
                state.CheckInterrupts();
                isKnown[i] = isKnown[i] || file.Contains(hashes[i], rows[i]);
            }
        }

        for (var i = 0; i < rows.Length; i++)
        {
            if (isKnown[i])
                continue;
            _recent!.Add(rows[i]);
            _recentMemory.Add(RowMemory.Of(rows[i]) + EntryBytes);
            fresh.Add(rows[i]);
        }

        _aside = null;
        _asideMemory.Clear();
        // The other half is for what is put aside.
        if (_recentMemory.Bytes > state.WorkMemory / 2)
            Store();
        return fresh;
    }

    public void Clear()
    {
        (_recent, _aside) = (null, null);
        _recentMemory.Clear();
        _asideMemory.Clear();
        foreach (var file in _files)
            file.Dispose();
        _files.Clear();
    }

    /// <summary>Moves the rows in memory to a file. Files of like sizes become one, so that there are as many as the number of rows has digits.</summary>
    private void Store()
    {
        if (state.Environment.SpillArea is not { } area)
            return;
        var rows = _recent!.ToArray();
        var hashes = Array.ConvertAll(rows, _comparer.GetHashCode);
        Array.Sort(hashes, rows);
        var file = new HashedRows(area, types, _comparer);
        _files.Add(file);
        for (var i = 0; i < rows.Length; i++)
            file.Write(hashes[i], rows[i]);
        file.Complete();
        _recent = new HashSet<Datum[]>(_comparer);
        _recentMemory.Clear();
        while (_files.Count > 1 && _files[^2].Count <= 2 * _files[^1].Count)
            Merge(area);
    }

    private void Merge(ISpillArea area)
    {
        var merged = new HashedRows(area, types, _comparer);
        var (left, right) = (_files[^2], _files[^1]);
        _files.Add(merged);
        merged.WriteAll(left, right, state);
        merged.Complete();
        left.Dispose();
        right.Dispose();
        _files.RemoveRange(_files.Count - 3, 2);
    }
}

/// <summary>Rows in one sealed file, in the order of their hashes, and where every so many-th of them stands.</summary>
internal sealed class HashedRows(ISpillArea area, SqlType[] types, RowComparer comparer) : IDisposable
{
    private const int BlockRows = 64;

    private readonly SpillFile _file = new(area, types);
    private readonly List<(int Hash, long Offset)> _blocks = [];
    private readonly Datum[][] _rows = new Datum[BlockRows][];
    private int _loaded = -1;

    public long Count => _file.Count;

    public void Write(int hash, Datum[] row)
    {
        if (_file.Count % BlockRows == 0)
            _blocks.Add((hash, _file.Length));
        _file.Write(row);
    }

    /// <summary>Writes the rows of two others, which have none in common.</summary>
    public void WriteAll(HashedRows left, HashedRows right, ExecutionState state)
    {
        using var lefts = left.All().GetEnumerator();
        using var rights = right.All().GetEnumerator();
        var (hasLeft, hasRight) = (lefts.MoveNext(), rights.MoveNext());
        while (hasLeft || hasRight)
        {
            state.CheckInterrupts();
            if (hasLeft && (!hasRight || lefts.Current.Hash <= rights.Current.Hash))
            {
                Write(lefts.Current.Hash, lefts.Current.Row);
                hasLeft = lefts.MoveNext();
            }
            else
            {
                Write(rights.Current.Hash, rights.Current.Row);
                hasRight = rights.MoveNext();
            }
        }
    }

    /// <summary>Ends writing.</summary>
    public void Complete() => _file.Rewind();

    /// <summary>Asked in the order of hashes, it reads no block twice.</summary>
    public bool Contains(int hash, Datum[] row)
    {
        for (var block = FirstBlock(hash); block < _blocks.Count && _blocks[block].Hash <= hash; block++)
        {
            var count = Load(block);
            for (var i = 0; i < count; i++)
            {
                if (comparer.Equals(_rows[i], row))
                    return true;
            }
        }

        return false;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Rows of one hash may begin at the end of the block before the first that begins with it.</summary>
    private int FirstBlock(int hash)
    {
        var (low, high) = (0, _blocks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_blocks[middle].Hash < hash)
                low = middle + 1;
            else
                high = middle;
        }

        return Math.Max(0, low - 1);
    }

    private int Load(int block)
    {
        var count = (int)Math.Min(BlockRows, Count - ((long)block * BlockRows));
        if (block == _loaded)
            return count;
        _loaded = -1;
        _file.Seek(_blocks[block].Offset);
        for (var i = 0; i < count; i++)
            _file.TryRead(_rows[i] ??= new Datum[types.Length]);
        _loaded = block;
        return count;
    }

    private IEnumerable<(int Hash, Datum[] Row)> All()
    {
        _file.Seek(0);
        var row = new Datum[types.Length];
        while (_file.TryRead(row))
            yield return (comparer.GetHashCode(row), row);
    }
}
