using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

/// <summary>Join on equal keys: the right side is built into a hash table, or both sides are cut into partitions in sealed files when it outgrows work_mem.</summary>
internal sealed class HashJoinTemplate : JoinTemplate
{
    public required Evaluator[] LeftKeys { get; init; }

    public required Evaluator[] RightKeys { get; init; }

    public required SqlType[] KeyTypes { get; init; }

    public required SqlType[] LeftTypes { get; init; }

    /// <summary>NOT IN: a NULL key on the right drops everything, a NULL key on the left drops its row.</summary>
    public bool NullAware { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new HashJoinOperator(state, Left.Create(state), Right.Create(state), this);

    public int Hash(ReadOnlySpan<Datum> key)
    {
        var hash = new HashCode();
        for (var i = 0; i < KeyTypes.Length; i++)
            hash.Add(KeyTypes[i].Hash(key[i]));
        return hash.ToHashCode();
    }

    public bool KeysEqual(ReadOnlySpan<Datum> left, ReadOnlySpan<Datum> right)
    {
        for (var i = 0; i < KeyTypes.Length; i++)
        {
            if (!KeyTypes[i].AreEqual(left[i], right[i]))
                return false;
        }

        return true;
    }
}

internal sealed class HashJoinOperator(ExecutionState state, Operator left, Operator right, HashJoinTemplate template) : Operator(state)
{
    private const int Partitions = 16;

    private readonly int _keyCount = template.LeftKeys.Length;
    private readonly Datum[] _probeKey = new Datum[template.LeftKeys.Length];
    private JoinTable _table = new(template, state);
    private SpillFile[]? _leftParts;
    private SpillFile[]? _rightParts;
    private int _partition;
    private bool _sawNullRight;
    private bool _inMatches;
    private bool _matched;
    private int _candidate = -1;
    private int _hash;
    private int _unmatched = -1;
    private bool _probing;
    private readonly Datum[] _leftRow = new Datum[template.LeftSlots.Length];

    public override void Open()
    {
        Close();
        Build();
        left.Open();
        if (_rightParts is not null)
            PartitionLeft();
        _probing = true;
        _partition = -1;
    }

    public override bool Next()
    {
        while (true)
        {
            if (_inMatches)
            {
                if (NextMatch())
                    return true;
                _inMatches = false;
                if (AfterMatches())
                    return true;
                continue;
            }

            if (_unmatched >= 0)
            {
                if (NextUnmatchedRight())
                    return true;
                _unmatched = -1;
                if (!NextPartition())
                    return false;
                continue;
            }

            if (!_probing)
                return false;
            if (NextLeft())
            {
                StartMatches();
                continue;
            }

            if (template.Kind is BoundJoinKind.Right or BoundJoinKind.Full)
            {
                _unmatched = 0;
                continue;
            }

            if (!NextPartition())
                return false;
        }
    }

    public override void Close()
    {
        DisposeParts(ref _leftParts);
        DisposeParts(ref _rightParts);
        ReplaceTable();
        _sawNullRight = false;
        _inMatches = false;
        _unmatched = -1;
        _probing = false;
        left.Close();
        right.Close();
    }

    private void Build()
    {
        right.Open();
        var key = new Datum[_keyCount];
        while (right.Next())
        {
            State.CheckInterrupts();
            var hasNull = EvaluateKey(template.RightKeys, key);
            if (hasNull)
            {
                _sawNullRight = true;
                if (template.Kind is not (BoundJoinKind.Right or BoundJoinKind.Full))
                    continue;
            }

            var row = new Datum[_keyCount + template.RightSlots.Length];
            key.CopyTo(row, 0);
            for (var i = 0; i < template.RightSlots.Length; i++)
                row[_keyCount + i] = State.Slots[template.RightSlots[i]];
            var hash = hasNull ? 0 : template.Hash(key);
            if (_rightParts is not null)
                _rightParts[(uint)hash % Partitions].Write(row);
            else
            {
                _table.Add(row, hash, hasNull);
                if (_table.Memory.Bytes > State.WorkMemory && State.Environment.SpillArea is { } area && !template.NullAware)
                    StartSpilling(area);
            }
        }

        right.Close();
    }

    private void StartSpilling(ISpillArea area)
    {
        SqlType[] types = [.. template.KeyTypes, .. template.RightTypes];
        _rightParts = [.. Enumerable.Range(0, Partitions).Select(_ => new SpillFile(area, types))];
        foreach (var (row, hash) in _table.Rows)
            _rightParts[(uint)hash % Partitions].Write(row);
        ReplaceTable();
    }

    private void ReplaceTable()
    {
        _table.Memory.Clear();
        _table = new JoinTable(template, State);
    }

    private void PartitionLeft()
    {
        var area = State.Environment.SpillArea!;
        _leftParts = [.. Enumerable.Range(0, Partitions).Select(_ => new SpillFile(area, template.LeftTypes))];
        while (left.Next())
        {
            State.CheckInterrupts();
            var hash = EvaluateKey(template.LeftKeys, _probeKey) ? 0 : template.Hash(_probeKey);
            for (var i = 0; i < _leftRow.Length; i++)
                _leftRow[i] = State.Slots[template.LeftSlots[i]];
            _leftParts[(uint)hash % Partitions].Write(_leftRow);
        }

        left.Close();
    }

    /// <summary>The next left row: from the input, or from the current partition's file.</summary>
    private bool NextLeft()
    {
        State.CheckInterrupts();
        if (_leftParts is null)
            return left.Next();
        if (_partition < 0 && !NextPartition())
            return false;
        while (true)
        {
            if (_leftParts[_partition].TryRead(_leftRow))
            {
                for (var i = 0; i < _leftRow.Length; i++)
                    State.Slots[template.LeftSlots[i]] = _leftRow[i];
                return true;
            }

            if (template.Kind is BoundJoinKind.Right or BoundJoinKind.Full || !NextPartition())
                return false;
        }
    }

    private bool NextPartition()
    {
        if (_rightParts is null || _partition + 1 >= Partitions)
        {
            _probing = false;
            return false;
        }

        _partition++;
        ReplaceTable();
        _rightParts[_partition].Rewind();
        while (true)
        {
            var row = new Datum[_keyCount + template.RightSlots.Length];
            if (!_rightParts[_partition].TryRead(row))
                break;
            var hasNull = row.AsSpan(0, _keyCount).ToArray().Any(d => d.IsNull);
            _table.Add(row, hasNull ? 0 : template.Hash(row), hasNull);
        }

        _leftParts![_partition].Rewind();
        return true;
    }

    private void StartMatches()
    {
        _matched = false;
        _inMatches = true;
        _candidate = -1;
        if (template.NullAware && _sawNullRight)
        {
            _matched = true;
            return;
        }

        if (EvaluateKey(template.LeftKeys, _probeKey))
        {
            // NULL equals nothing. For NOT IN it also fails to be different, unless there is nothing to compare with.
            _matched = template.NullAware && (_table.Count > 0 || _sawNullRight);
            return;
        }

        _hash = template.Hash(_probeKey);
        _candidate = _table.First(_hash);
    }

    private bool NextMatch()
    {
        while (_candidate >= 0)
        {
            var index = _candidate;
            _candidate = _table.NextInChain(index);
            if (!_table.Matches(index, _hash, _probeKey))
                continue;
            _table.Restore(index, State.Slots, _keyCount);
            if (template.Condition is { } condition && !condition.Holds(State))
                continue;
            _matched = true;
            switch (template.Kind)
            {
                case BoundJoinKind.Semi:
                case BoundJoinKind.Anti:
                    return false;
                case BoundJoinKind.Right:
                case BoundJoinKind.Full:
                    _table.MarkMatched(index);
                    return true;
                default:
                    return true;
            }
        }

        return false;
    }

    /// <summary>Decides what a left row gives once its matches are through.</summary>
    private bool AfterMatches()
    {
        switch (template.Kind)
        {
            case BoundJoinKind.Semi:
                return _matched;
            case BoundJoinKind.Anti:
                return !_matched;
            case BoundJoinKind.Left or BoundJoinKind.Full when !_matched:
                JoinTemplate.SetNull(State.Slots, template.RightSlots);
                return true;
            default:
                return false;
        }
    }

    private bool NextUnmatchedRight()
    {
        while (_unmatched < _table.Count)
        {
            var index = _unmatched++;
            if (_table.IsMatched(index))
                continue;
            _table.Restore(index, State.Slots, _keyCount);
            JoinTemplate.SetNull(State.Slots, template.LeftSlots);
            return true;
        }

        return false;
    }

    private bool EvaluateKey(Evaluator[] keys, Datum[] key)
    {
        var hasNull = false;
        for (var i = 0; i < keys.Length; i++)
        {
            key[i] = keys[i].Evaluate(State);
            hasNull |= key[i].IsNull;
        }

        return hasNull;
    }

    private static void DisposeParts(ref SpillFile[]? parts)
    {
        if (parts is null)
            return;
        foreach (var part in parts)
            part.Dispose();
        parts = null;
    }
}

/// <summary>Build-side rows (keys, then columns) chained by hash.</summary>
internal sealed class JoinTable(HashJoinTemplate template, ExecutionState state)
{
    private readonly List<Datum[]> _rows = [];
    private readonly List<int> _hashes = [];
    private readonly List<int> _next = [];
    private readonly List<bool> _matched = [];
    private int[] _buckets = [];

    public int Count => _rows.Count;

    public MemoryAccount Memory { get; } = new(state);

    public IEnumerable<(Datum[] Row, int Hash)> Rows => _rows.Select((row, i) => (row, _hashes[i]));

    public void Add(Datum[] row, int hash, bool unmatchable)
    {
        _rows.Add(row);
        _hashes.Add(hash);
        _matched.Add(false);
        _next.Add(unmatchable ? -2 : -1);
        Memory.Add(RowMemory.Of(row) + 16);
        if (_buckets.Length < _rows.Count)
            Rehash();
        else if (!unmatchable)
            Link(_rows.Count - 1);
    }

    public int First(int hash) => _buckets.Length == 0 ? -1 : _buckets[(uint)hash % (uint)_buckets.Length] - 1;

    public int NextInChain(int index) => _next[index];

    public bool Matches(int index, int hash, Datum[] key) => _hashes[index] == hash && template.KeysEqual(_rows[index], key);

    public void Restore(int index, Datum[] slots, int keyCount)
    {
        var row = _rows[index];
        for (var i = 0; i < template.RightSlots.Length; i++)
            slots[template.RightSlots[i]] = row[keyCount + i];
    }

    public void MarkMatched(int index) => _matched[index] = true;

    public bool IsMatched(int index) => _matched[index];

    private void Link(int index)
    {
        ref var bucket = ref _buckets[(uint)_hashes[index] % (uint)_buckets.Length];
        _next[index] = bucket - 1;
        bucket = index + 1;
    }

    private void Rehash()
    {
        _buckets = new int[Math.Max(16, _rows.Count * 2)];
        for (var i = 0; i < _rows.Count; i++)
        {
            if (_next[i] != -2)
                Link(i);
        }
    }
}
