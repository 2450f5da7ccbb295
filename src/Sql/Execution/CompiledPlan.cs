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
