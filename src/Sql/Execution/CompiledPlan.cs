using Chitin.Core;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

/// <summary>What an execution needs to know about its plan: sizes of the frame and of the places for run state.</summary>
internal sealed class CompiledPlan
{
    public int SlotCount { get; internal set; }

    public int SubplanCount { get; internal set; }

    public int MemoryCount { get; internal set; }
}

/// <summary>Gives every column of a plan its slot in the frame.</summary>
internal sealed class SlotMap
{
    private readonly Dictionary<BoundColumn, int> _slots = [];

    public CompiledPlan Plan { get; } = new();

    public int this[BoundColumn column]
    {
        get
        {
            if (_slots.TryGetValue(column, out var slot))
                return slot;
            slot = Plan.SlotCount++;
            _slots.Add(column, slot);
            return slot;
        }
    }

    public bool Contains(BoundColumn column) => _slots.ContainsKey(column);

    /// <summary>Lets a column share the slot of another that holds the same value in the same row.</summary>
    public void Alias(BoundColumn column, BoundColumn source) => _slots.TryAdd(column, this[source]);

    public int[] Slots(IEnumerable<BoundColumn> columns) => [.. columns.Select(c => this[c])];

    public int NewSlot() => Plan.SlotCount++;

    public int NewSubplan() => Plan.SubplanCount++;

    public int NewMemory() => Plan.MemoryCount++;
}

/// <summary>Rows kept in memory, column after column in one list of arrays; spills to a sealed file beyond the memory it was given.</summary>
internal sealed class RowBuffer(int width)
{
    private const int ChunkRows = 256;

    private readonly List<Datum[]> _chunks = [];

    public int Width => width;

    public int Count { get; private set; }

    public Span<Datum> Add()
    {
        var index = Count % ChunkRows;
        if (index == 0)
            _chunks.Add(new Datum[Math.Max(1, width) * (Count == 0 ? 8 : ChunkRows)]);
        else if (Count < ChunkRows && (index + 1) * width > _chunks[0].Length)
        {
            var grown = new Datum[width * ChunkRows];
            _chunks[0].CopyTo(grown, 0);
            _chunks[0] = grown;
        }

        Count++;
        return _chunks[^1].AsSpan(index * width, width);
    }

    public void Add(Datum[] slots, int[] columns)
    {
        var row = Add();
        for (var i = 0; i < columns.Length; i++)
            row[i] = slots[columns[i]];
    }

    public Span<Datum> Row(int index) => _chunks[index / ChunkRows].AsSpan(index % ChunkRows * width, width);

    public void Restore(int index, Datum[] slots, int[] columns)
    {
        var row = Row(index);
        for (var i = 0; i < columns.Length; i++)
            slots[columns[i]] = row[i];
    }

    public void Clear()
    {
        _chunks.Clear();
        Count = 0;
    }
}
