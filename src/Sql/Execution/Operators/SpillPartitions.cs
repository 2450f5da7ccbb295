using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>Rows dealt out to sealed files by their hash, to be worked through one file after the other.</summary>
internal sealed class SpillPartitions
{
    public const int Count = 16;

    private readonly SpillFile[] _files;

    public SpillPartitions(ISpillArea area, SqlType[] types) => _files = [.. Enumerable.Range(0, Count).Select(_ => new SpillFile(area, types))];

    public SpillFile this[int number] => _files[number];

    /// <param name="hash">Of the row's key; <paramref name="depth"/> deals rows of one file out anew.</param>
    /// <param name="depth">How often the row was dealt out before.</param>
    /// <param name="row">The row.</param>
    public void Write(int hash, int depth, ReadOnlySpan<Datum> row) => _files[(uint)HashCode.Combine(hash, depth) % Count].Write(row);

    public void Clear()
    {
        foreach (var file in _files)
            file.Dispose();
    }
}

/// <summary>
/// The keys seen so far. Beyond work_mem rows with new keys are put aside in files; they come back, file by file, once the input is through, each file with a set of its own.
/// </summary>
internal sealed class SpillingSet(ExecutionState state, SqlType[] keyTypes, SqlType[] rowTypes)
{
    private const int MaxDepth = 4;
    private const long EntryBytes = 48;

    private readonly RowComparer _comparer = new(keyTypes);
    private readonly Queue<(SpillFile File, int Depth)> _pending = [];
    private HashSet<Datum[]>? _seen;
    private SpillPartitions? _parts;
    private SpillFile? _current;
    private readonly MemoryAccount _memory = new(state);
    private int _depth;

    /// <summary>Whether a key is new. A row that is put aside counts as seen: <see cref="TryNext"/> brings it back.</summary>
    public bool Add(Datum[] key, ReadOnlySpan<Datum> row)
    {
        _seen ??= new HashSet<Datum[]>(_comparer);
        if (_memory.Bytes <= state.WorkMemory || _depth >= MaxDepth || state.Environment.SpillArea is not { } area)
        {
            if (!_seen.Add(key))
                return false;
            _memory.Add(RowMemory.Of(key) + EntryBytes);
            return true;
        }

        if (!_seen.Contains(key))
            (_parts ??= new SpillPartitions(area, rowTypes)).Write(_comparer.GetHashCode(key), _depth, row);
        return false;
    }

    /// <summary>The next row that was put aside, to be added again; false when there is none left. Called once the input has ended.</summary>
    public bool TryNext(Span<Datum> row)
    {
        while (true)
        {
            if (_current is not null && _current.TryRead(row))
                return true;
            _current?.Dispose();
            _current = null;
            if (_parts is not null)
            {
                for (var i = 0; i < SpillPartitions.Count; i++)
                    _pending.Enqueue((_parts[i], _depth + 1));
                _parts = null;
            }

            if (!_pending.TryDequeue(out var next))
                return false;
            (_current, _depth) = next;
            _current.Rewind();
            _seen = new HashSet<Datum[]>(_comparer);
            _memory.Clear();
        }
    }

    public void Clear()
    {
        _seen = null;
        _memory.Clear();
        _depth = 0;
        _current?.Dispose();
        _current = null;
        _parts?.Clear();
        _parts = null;
        foreach (var (file, _) in _pending)
            file.Dispose();
        _pending.Clear();
    }
}
