using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>
/// Rows kept in order and read in any order. Beyond work_mem, full chunks go to sealed files; a few that were read last stay in memory, so that reading forward, also at several places,
/// reads each chunk about once.
/// </summary>
/// <remarks>What <see cref="Add()"/> returns is filled before the next call; what <see cref="Row"/> returns lives until rows far from it are asked for.</remarks>
internal sealed class RowBuffer(SqlType[] types, ExecutionState state)
{
    private const int ChunkRows = 256;
    private const int FirstRows = 8;
    private const int KeptChunks = 8;

    private readonly int _width = types.Length;
    private readonly List<Chunk> _chunks = [];
    private List<SpillFile>? _files;
    private Datum[]?[]? _kept;
    private int[] _keptNumbers = [];
    private int _nextKept;
    private int _firstInMemory;
    private readonly MemoryAccount _memory = new(state);

    public int Width => _width;

    public int Count { get; private set; }

    /// <summary>Files written, for tests and EXPLAIN.</summary>
    public int FileCount => _files?.Count ?? 0;

    public Span<Datum> Add()
    {
        // A row can be measured once it is filled.
        if (Count > 0)
            _memory.Add(RowMemory.Of(_chunks[^1].Rows.AsSpan((Count - 1) % ChunkRows * _width, _width)));
        var index = Count % ChunkRows;
        if (index == 0)
            BeginChunk();
        var rows = _chunks[^1].Rows!;
        if ((index + 1) * _width > rows.Length)
        {
            // Most buffers hold a few rows: the first chunk begins small.
            Array.Resize(ref rows, _width * ChunkRows);
            _chunks[^1] = new Chunk(rows, 0, 0);
        }

        Count++;
        return rows.AsSpan(index * _width, _width);
    }

    public void Add(Datum[] slots, int[] columns)
    {
        var row = Add();
        for (var i = 0; i < columns.Length; i++)
            row[i] = slots[columns[i]];
    }

    public Span<Datum> Row(int index)
    {
        var rows = _chunks[index / ChunkRows].Rows ?? Load(index / ChunkRows);
        return rows.AsSpan(index % ChunkRows * _width, _width);
    }

    public void Restore(int index, Datum[] slots, int[] columns)
    {
        var row = Row(index);
        for (var i = 0; i < columns.Length; i++)
            slots[columns[i]] = row[i];
    }

    /// <summary>Forgets all rows and deletes the files.</summary>
    public void Clear()
    {
        _chunks.Clear();
        Count = 0;
        _memory.Clear();
        _firstInMemory = 0;
        _kept = null;
        if (_files is null)
            return;
        foreach (var file in _files)
            file.Dispose();
        _files = null;
    }

    private void BeginChunk()
    {
        if (_memory.Bytes > state.WorkMemory && state.Environment.SpillArea is { } area)
            Spill(area);
        _chunks.Add(new Chunk(new Datum[_width * (Count == 0 ? FirstRows : ChunkRows)], 0, 0));
    }

    /// <summary>Writes all chunks that are in memory, which are full, to one file.</summary>
    private void Spill(ISpillArea area)
    {
        var file = new SpillFile(area, types);
        (_files ??= []).Add(file);
        for (; _firstInMemory < _chunks.Count; _firstInMemory++)
        {
            var rows = _chunks[_firstInMemory].Rows!;
            _chunks[_firstInMemory] = new Chunk(null, _files.Count - 1, file.Length);
            for (var i = 0; i < ChunkRows; i++)
                file.Write(rows.AsSpan(i * _width, _width));
        }

        file.Rewind();
        _memory.Clear();
    }

    private Datum[] Load(int number)
    {
        if (_kept is null)
        {
            _kept = new Datum[KeptChunks][];
            _keptNumbers = new int[KeptChunks];
            Array.Fill(_keptNumbers, -1);
        }

        var place = Array.IndexOf(_keptNumbers, number);
        if (place >= 0)
            return _kept[place]!;
        place = _nextKept;
        _nextKept = (_nextKept + 1) % KeptChunks;
        var rows = _kept[place] ??= new Datum[_width * ChunkRows];
        var chunk = _chunks[number];
        var file = _files![chunk.File];
        file.Seek(chunk.Offset);
        for (var i = 0; i < ChunkRows; i++)
            file.TryRead(rows.AsSpan(i * _width, _width));
        _keptNumbers[place] = number;
        return rows;
    }

    /// <summary>Rows in memory, or where they are.</summary>
    private readonly record struct Chunk(Datum[]? Rows, int File, long Offset);
}
