using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Planning;

namespace Chitin.Sql.Execution;

/// <summary>One aggregate call, compiled.</summary>
internal sealed record CompiledAggregate(
    AggregateFunction Function, Func<AggregateState> Create, Evaluator[] Arguments, Evaluator? Filter, bool Strict, SqlType[] ArgumentTypes)
{
    /// <summary>Set for DISTINCT or ORDER BY: rows are collected and sorted before they are accumulated.</summary>
    public SortKeyEvaluators? Order { get; init; }

    public bool Distinct { get; init; }

    public bool Collects => Distinct || Order is not null;
}

internal sealed class AggregateTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public required AggregateStrategy Strategy { get; init; }

    public required Evaluator[] Keys { get; init; }

    public required SqlType[] KeyTypes { get; init; }

    public required int[] KeySlots { get; init; }

    public required CompiledAggregate[] Calls { get; init; }

    public required int[] CallSlots { get; init; }

    /// <summary>Positions in Keys per grouping set; one set of all keys for a plain GROUP BY.</summary>
    public required int[][] GroupingSets { get; init; }

    /// <summary>GROUPING(…): slot and the positions it reports on.</summary>
    public required (int Slot, int[] Keys)[] Groupings { get; init; }

    /// <summary>Input columns that keys and arguments read: what a spilled row must hold.</summary>
    public required int[] InputSlots { get; init; }

    public required SqlType[] InputTypes { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => Strategy switch
    {
        AggregateStrategy.Plain => new PlainAggregateOperator(state, Input.Create(state), this),
        AggregateStrategy.Sorted => new SortedAggregateOperator(state, Input.Create(state), this),
        _ => new HashAggregateOperator(state, Input.Create(state), this),
    };

    public GroupState[] CreateStates()
    {
        var states = new GroupState[Calls.Length];
        for (var i = 0; i < states.Length; i++)
            states[i] = new GroupState(Calls[i]);
        return states;
    }

    /// <summary>Puts a finished group into the frame. <paramref name="key"/> holds all keys, NULL where the set leaves one out.</summary>
    public void Emit(ExecutionState state, ReadOnlySpan<Datum> key, int set, GroupState[] states)
    {
        for (var i = 0; i < KeySlots.Length; i++)
            state.Slots[KeySlots[i]] = key[i];
        for (var i = 0; i < states.Length; i++)
            state.Slots[CallSlots[i]] = states[i].Finish(state);
        foreach (var (slot, keys) in Groupings)
        {
            var mask = 0;
            foreach (var position in keys)
                mask = (mask << 1) | (GroupingSets[set].Contains(position) ? 0 : 1);
            state.Slots[slot] = Datum.FromInt64(mask);
        }
    }
}

/// <summary>The running state of one call in one group.</summary>
internal sealed class GroupState(CompiledAggregate call)
{
    private readonly AggregateState _state = call.Create();
    private List<Datum[]>? _rows;
    private long _held;
    private long _stateBytes;

    public void Accumulate(ExecutionState state)
    {
        if (call.Filter is { } filter && !filter.Holds(state))
            return;
        var arguments = call.Arguments;
        var buffer = default(DatumBuffer);
        Span<Datum> values = arguments.Length <= DatumBuffer.Size ? ((Span<Datum>)buffer)[..arguments.Length] : new Datum[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Evaluate(state);
            if (call.Strict && values[i].IsNull)
                return;
        }

        if (!call.Collects)
        {
            Accumulate(values, state);
            return;
        }

        var keys = call.Order?.Count ?? 0;
        var row = new Datum[keys + values.Length + 1];
        call.Order?.Evaluate(state, row);
        values.CopyTo(row.AsSpan(keys));
        row[^1] = Datum.FromInt64(_rows?.Count ?? 0);
        (_rows ??= []).Add(row);
        Hold(RowMemory.Of(row), state);
    }

    public Datum Finish(ExecutionState state)
    {
        if (_rows is not null)
            Drain(state);
        var result = _state.Finish(state);
        Close(state);
        return result;
    }

    /// <summary>Lets go of what a group holds that may not have been finished.</summary>
    public void Close(ExecutionState state)
    {
        state.LetGo(_held);
        (_held, _stateBytes) = (0, 0);
    }

    private void Accumulate(ReadOnlySpan<Datum> arguments, ExecutionState state)
    {
        _state.Accumulate(arguments, state);
        if (_state.ExtraBytes is var bytes && bytes <= _stateBytes)
            return;
        Hold(bytes - _stateBytes, state);
        _stateBytes = bytes;
    }

    private void Hold(long bytes, ExecutionState state)
    {
        _held += bytes;
        state.Hold(bytes);
    }

    private void Drain(ExecutionState state)
    {
        var keys = call.Order?.Count ?? 0;
        var rows = _rows!;
        _rows = null;
        rows.Sort((a, b) =>
        {
            var order = call.Order?.Compare(a, b) ?? 0;
            if (order == 0 && call.Distinct)
                order = CompareArguments(a, b, keys);
            return order != 0 ? order : a[^1].AsInt64().CompareTo(b[^1].AsInt64());
        });

        HashSet<Datum[]>? seen = call.Distinct ? new HashSet<Datum[]>(new ArgumentComparer(call.ArgumentTypes, keys)) : null;
        foreach (var row in rows)
        {
            if (seen is null || seen.Add(row))
                Accumulate(row.AsSpan(keys, row.Length - keys - 1), state);
        }
    }

    private int CompareArguments(Datum[] a, Datum[] b, int offset)
    {
        for (var i = 0; i < call.ArgumentTypes.Length; i++)
        {
            var x = a[offset + i];
            var y = b[offset + i];
            var order = x.IsNull || y.IsNull ? x.IsNull.CompareTo(y.IsNull)
                : call.ArgumentTypes[i].IsOrdered ? call.ArgumentTypes[i].Compare(x, y) : 0;
            if (order != 0)
                return order;
        }

        return 0;
    }

    private sealed class ArgumentComparer(SqlType[] types, int offset) : IEqualityComparer<Datum[]>
    {
        public bool Equals(Datum[]? x, Datum[]? y)
        {
            for (var i = 0; i < types.Length; i++)
            {
                var a = x![offset + i];
                var b = y![offset + i];
                if (a.IsNull || b.IsNull ? a.IsNull != b.IsNull : !types[i].AreEqual(a, b))
                    return false;
            }

            return true;
        }

        public int GetHashCode(Datum[] obj)
        {
            var hash = new HashCode();
            for (var i = 0; i < types.Length; i++)
                hash.Add(obj[offset + i].IsNull ? 0 : types[i].Hash(obj[offset + i]));
            return hash.ToHashCode();
        }
    }
}

/// <summary>No GROUP BY: one row, also for no input.</summary>
internal sealed class PlainAggregateOperator(ExecutionState state, Operator input, AggregateTemplate template) : Operator(state)
{
    private bool _done;

    public override void Open()
    {
        _done = false;
        input.Open();
    }

    public override bool Next()
    {
        if (_done)
            return false;
        _done = true;
        var states = template.CreateStates();
        while (input.Next())
        {
            State.CheckInterrupts();
            foreach (var call in states)
                call.Accumulate(State);
        }

        input.Close();
        template.Emit(State, [], 0, states);
        return true;
    }

    public override void Close() => input.Close();
}

/// <summary>Input arrives grouped: one group at a time, no memory.</summary>
internal sealed class SortedAggregateOperator(ExecutionState state, Operator input, AggregateTemplate template) : Operator(state)
{
    private Datum[]? _key;
    private Datum[]? _pendingKey;
    private GroupState[]? _states;
    private bool _ended;

    public override void Open()
    {
        CloseGroup();
        _key = null;
        _pendingKey = null;
        _ended = false;
        input.Open();
    }

    public override bool Next()
    {
        if (_ended)
            return false;
        if (_pendingKey is not null)
        {
            _key = _pendingKey;
            _pendingKey = null;
        }

        while (input.Next())
        {
            State.CheckInterrupts();
            var key = new Datum[template.Keys.Length];
            for (var i = 0; i < key.Length; i++)
                key[i] = template.Keys[i].Evaluate(State);
            if (_states is null)
            {
                _key = key;
                _states = template.CreateStates();
            }
            else if (!SameKey(key, _key!))
            {
                var finished = _states;
                _states = template.CreateStates();
                foreach (var call in _states)
                    call.Accumulate(State);
                _pendingKey = key;
                template.Emit(State, _key!, 0, finished);
                return true;
            }

            foreach (var call in _states)
                call.Accumulate(State);
        }

        _ended = true;
        input.Close();
        if (_states is null)
            return false;
        template.Emit(State, _key!, 0, _states);
        return true;
    }

    public override void Close()
    {
        CloseGroup();
        input.Close();
    }

    private void CloseGroup()
    {
        foreach (var call in _states ?? [])
            call.Close(State);
        _states = null;
    }

    private bool SameKey(Datum[] a, Datum[] b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i].IsNull || b[i].IsNull ? a[i].IsNull != b[i].IsNull : !template.KeyTypes[i].AreEqual(a[i], b[i]))
                return false;
        }

        return true;
    }
}

/// <summary>
/// Groups in a hash table. Beyond work_mem, rows of groups that are not in the table go to partitions in sealed files, which are aggregated one after the other once the table
/// has been given out.
/// </summary>
internal sealed class HashAggregateOperator(ExecutionState state, Operator input, AggregateTemplate template) : Operator(state)
{
    private const int Partitions = 16;

    private readonly Queue<SpillFile> _pending = [];
    private Dictionary<GroupKey, GroupState[]> _groups = [];
    private IEnumerator<KeyValuePair<GroupKey, GroupState[]>>? _output;
    private SpillFile[]? _parts;
    private readonly MemoryAccount _memory = new(state);
    private int _depth;

    public override void Open()
    {
        Close();
        input.Open();
        while (input.Next())
            Accumulate();
        input.Close();
        AddEmptySets();
        StartOutput();
    }

    public override bool Next()
    {
        while (true)
        {
            if (_output!.MoveNext())
            {
                var (key, states) = _output.Current;
                template.Emit(State, key.Values, key.Set, states);
                return true;
            }

            if (!_pending.TryDequeue(out var file))
                return false;
            AggregatePartition(file);
        }
    }

    public override void Close()
    {
        CloseGroups();
        _output = null;
        _depth = 0;
        foreach (var file in _pending)
            file.Dispose();
        _pending.Clear();
        if (_parts is not null)
        {
            foreach (var part in _parts)
                part.Dispose();
            _parts = null;
        }

        input.Close();
    }

    private void Accumulate()
    {
        State.CheckInterrupts();
        var all = new Datum[template.Keys.Length];
        for (var i = 0; i < all.Length; i++)
            all[i] = template.Keys[i].Evaluate(State);
        for (var set = 0; set < template.GroupingSets.Length; set++)
        {
            var key = new GroupKey(SetKey(all, set), set, template.KeyTypes);
            if (!_groups.TryGetValue(key, out var states))
            {
                if (_memory.Bytes > State.WorkMemory && CanSpill)
                {
                    Spill(key);
                    continue;
                }

                _groups.Add(key, states = template.CreateStates());
                _memory.Add(RowMemory.Of(key.Values) + 96 + (states.Length * 96L));
            }

            foreach (var call in states)
                call.Accumulate(State);
        }
    }

    /// <summary>Grouping sets multiply rows, so they stay in memory; plain GROUP BY spills until partitions stop getting smaller.</summary>
    private bool CanSpill => template.GroupingSets.Length == 1 && State.Environment.SpillArea is not null && _depth < 4;

    private Datum[] SetKey(Datum[] all, int set)
    {
        if (template.GroupingSets.Length == 1)
            return all;
        var key = new Datum[all.Length];
        foreach (var position in template.GroupingSets[set])
            key[position] = all[position];
        return key;
    }

    private void CloseGroups()
    {
        foreach (var states in _groups.Values)
        {
            foreach (var call in states)
                call.Close(State);
        }

        _groups = [];
        _memory.Clear();
    }

    private void Spill(GroupKey key)
    {
        _parts ??= [.. Enumerable.Range(0, Partitions).Select(_ => new SpillFile(State.Environment.SpillArea!, template.InputTypes))];
        var row = new Datum[template.InputSlots.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = State.Slots[template.InputSlots[i]];
        _parts[(uint)HashCode.Combine(key.GetHashCode(), _depth) % Partitions].Write(row);
    }

    private void AddEmptySets()
    {
        for (var set = 0; set < template.GroupingSets.Length; set++)
        {
            if (template.GroupingSets[set].Length > 0)
                continue;
            var key = new GroupKey(new Datum[template.Keys.Length], set, template.KeyTypes);
            if (!_groups.ContainsKey(key))
                _groups.Add(key, template.CreateStates());
        }
    }

    private void StartOutput()
    {
        _output = _groups.GetEnumerator();
        if (_parts is null)
            return;
        foreach (var part in _parts)
            _pending.Enqueue(part);
        _parts = null;
    }

    private void AggregatePartition(SpillFile file)
    {
        using (file)
        {
            CloseGroups();
            _depth++;
            file.Rewind();
            var row = new Datum[template.InputSlots.Length];
            while (file.TryRead(row))
            {
                for (var i = 0; i < row.Length; i++)
                    State.Slots[template.InputSlots[i]] = row[i];
                Accumulate();
            }
        }

        StartOutput();
    }

    private readonly struct GroupKey(Datum[] values, int set, SqlType[] types) : IEquatable<GroupKey>
    {
        private readonly int _hash = ComputeHash(values, set, types);

        public Datum[] Values { get; } = values;

        public int Set { get; } = set;

        private SqlType[] Types { get; } = types;

        public bool Equals(GroupKey other)
        {
            if (_hash != other._hash || Set != other.Set)
                return false;
            for (var i = 0; i < Values.Length; i++)
            {
                var a = Values[i];
                var b = other.Values[i];
                if (a.IsNull || b.IsNull ? a.IsNull != b.IsNull : !Types[i].AreEqual(a, b))
                    return false;
            }

            return true;
        }

        public override bool Equals(object? obj) => obj is GroupKey other && Equals(other);

        public override int GetHashCode() => _hash;

        private static int ComputeHash(Datum[] values, int set, SqlType[] types)
        {
            var hash = new HashCode();
            hash.Add(set);
            for (var i = 0; i < values.Length; i++)
                hash.Add(values[i].IsNull ? 0 : types[i].Hash(values[i]));
            return hash.ToHashCode();
        }
    }
}
