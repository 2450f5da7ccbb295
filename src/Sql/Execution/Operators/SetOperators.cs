using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution;

/// <summary>DISTINCT and DISTINCT ON: the first row of each group passes.</summary>
internal sealed class DistinctTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public required Evaluator[] Keys { get; init; }

    public required SqlType[] KeyTypes { get; init; }

    /// <summary>Equal rows arrive together: comparing with the last one is enough.</summary>
    public bool Sorted { get; init; }

    /// <summary>Input columns that pass through.</summary>
    public required int[] Columns { get; init; }

    public required SqlType[] ColumnTypes { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new DistinctOperator(state, Input.Create(state), this);
}

internal sealed class DistinctOperator(ExecutionState state, Operator input, DistinctTemplate template) : Operator(state)
{
    private readonly RowComparer _comparer = new(template.KeyTypes);
    private readonly SpillingSet _seen = new(state, template.KeyTypes, template.ColumnTypes);
    private readonly Datum[] _row = new Datum[template.Columns.Length];
    private Datum[]? _last;
    private bool _inputEnded;

    public override void Open()
    {
        _seen.Clear();
        _last = null;
        _inputEnded = false;
        input.Open();
    }

    public override bool Next()
    {
        while (Move())
        {
            State.CheckInterrupts();
            var key = new Datum[template.Keys.Length];
            for (var i = 0; i < key.Length; i++)
                key[i] = template.Keys[i].Evaluate(State);
            if (template.Sorted ? IsNewGroup(key) : IsNew(key))
                return true;
        }

        return false;
    }

    public override void Close()
    {
        _seen.Clear();
        input.Close();
    }

    /// <summary>The next row of the input, then of what was put aside.</summary>
    private bool Move()
    {
        if (!_inputEnded)
        {
            if (input.Next())
                return true;
            _inputEnded = true;
            input.Close();
        }

        if (template.Sorted || !_seen.TryNext(_row))
            return false;
        for (var i = 0; i < _row.Length; i++)
            State.Slots[template.Columns[i]] = _row[i];
        return true;
    }

    private bool IsNew(Datum[] key)
    {
        for (var i = 0; i < _row.Length; i++)
            _row[i] = State.Slots[template.Columns[i]];
        return _seen.Add(key, _row);
    }

    private bool IsNewGroup(Datum[] key)
    {
        if (_last is not null && _comparer.Equals(key, _last))
            return false;
        _last = key;
        return true;
    }
}

/// <summary>Rows equal column by column, NULL equal to NULL: DISTINCT, UNION, INTERSECT, EXCEPT.</summary>
internal sealed class RowComparer(SqlType[] types) : IEqualityComparer<Datum[]>
{
    public bool Equals(Datum[]? x, Datum[]? y)
    {
        for (var i = 0; i < types.Length; i++)
        {
            if (x![i].IsNull || y![i].IsNull ? x[i].IsNull != y![i].IsNull : !types[i].AreEqual(x[i], y[i]))
                return false;
        }

        return true;
    }

    public int GetHashCode(Datum[] obj)
    {
        var hash = new HashCode();
        for (var i = 0; i < types.Length; i++)
            hash.Add(obj[i].IsNull ? 0 : types[i].Hash(obj[i]));
        return hash.ToHashCode();
    }
}

internal sealed class SetOperationTemplate : OperatorTemplate
{
    public required SetOperator Operator { get; init; }

    public required bool All { get; init; }

    public required OperatorTemplate Left { get; init; }

    public required OperatorTemplate Right { get; init; }

    public required int[] LeftSlots { get; init; }

    public required int[] RightSlots { get; init; }

    public required int[] OutputSlots { get; init; }

    public required SqlType[] Types { get; init; }

    protected override Operator CreateOperator(ExecutionState state) =>
        Operator == SetOperator.Union
            ? new UnionOperator(state, Left.Create(state), Right.Create(state), this)
            : new IntersectExceptOperator(state, Left.Create(state), Right.Create(state), this);

    public Datum[] Capture(Datum[] slots, int[] columns)
    {
        var row = new Datum[columns.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = slots[columns[i]];
        return row;
    }

    public void Emit(Datum[] row, Datum[] slots)
    {
        for (var i = 0; i < row.Length; i++)
            slots[OutputSlots[i]] = row[i];
    }
}

internal sealed class UnionOperator(ExecutionState state, Operator left, Operator right, SetOperationTemplate template) : Operator(state)
{
    private readonly SpillingSet? _seen = template.All ? null : new SpillingSet(state, template.Types, template.Types);
    private bool _onRight;
    private bool _inputEnded;

    public override void Open()
    {
        _seen?.Clear();
        _onRight = false;
        _inputEnded = false;
        left.Open();
    }

    public override bool Next()
    {
        while (Move() is { } row)
        {
            State.CheckInterrupts();
            if (_seen is not null && !_seen.Add(row, row))
                continue;
            template.Emit(row, State.Slots);
            return true;
        }

        return false;
    }

    public override void Close()
    {
        _seen?.Clear();
        left.Close();
        right.Close();
    }

    private Datum[]? Move()
    {
        while (!_inputEnded)
        {
            var side = _onRight ? right : left;
            if (side.Next())
                return template.Capture(State.Slots, _onRight ? template.RightSlots : template.LeftSlots);
            side.Close();
            _inputEnded = _onRight;
            if (_onRight)
                break;
            _onRight = true;
            right.Open();
        }

        if (_seen is null)
            return null;
        var row = new Datum[template.Types.Length];
        return _seen.TryNext(row) ? row : null;
    }
}

/// <summary>
/// Counts the right side's rows, then passes the left side's. Beyond work_mem both sides are dealt out to files by hash, and the counts are made for one file at a time.
/// </summary>
internal sealed class IntersectExceptOperator(ExecutionState state, Operator left, Operator right, SetOperationTemplate template) : Operator(state)
{
    private const long EntryBytes = 56;

    private readonly RowComparer _comparer = new(template.Types);
    private Dictionary<Datum[], long> _counts = [];
    private SpillPartitions? _rightParts;
    private SpillPartitions? _leftParts;
    private int _part;
    private readonly MemoryAccount _memory = new(state);

    public override void Open()
    {
        Close();
        Reset();
        right.Open();
        while (right.Next())
        {
            State.CheckInterrupts();
            var row = template.Capture(State.Slots, template.RightSlots);
            if (_rightParts is not null)
                WriteRight(row, 1);
            else
                SetCount(row, _counts.GetValueOrDefault(row) + 1);
        }

        right.Close();
        left.Open();
    }

    public override bool Next()
    {
        if (_rightParts is null)
        {
            while (_rightParts is null && left.Next())
            {
                State.CheckInterrupts();
                var row = template.Capture(State.Slots, template.LeftSlots);
                if (!Passes(row))
                    continue;
                template.Emit(row, State.Slots);
                return true;
            }

            if (_rightParts is null)
                return false;
        }

        return NextFromParts();
    }

    public override void Close()
    {
        _counts = [];
        _memory.Clear();
        _rightParts?.Clear();
        _leftParts?.Clear();
        _rightParts = _leftParts = null;
        left.Close();
        right.Close();
    }

    private void Reset()
    {
        _counts = new Dictionary<Datum[], long>(_comparer);
        _memory.Clear();
        _part = -1;
    }

    private bool NextFromParts()
    {
        if (_leftParts is null)
            DealOutLeft();
        var row = new Datum[template.Types.Length];
        while (true)
        {
            while (_part >= 0 && _leftParts![_part].TryRead(row))
            {
                State.CheckInterrupts();
                if (!Passes(row))
                    continue;
                template.Emit(row, State.Slots);
                return true;
            }

            if (++_part == SpillPartitions.Count)
                return false;
            LoadCounts();
            _leftParts![_part].Rewind();
            row = new Datum[template.Types.Length];
        }
    }

    private void DealOutLeft()
    {
        _leftParts = new SpillPartitions(State.Environment.SpillArea!, template.Types);
        _part = -1;
        while (left.Next())
        {
            State.CheckInterrupts();
            var row = template.Capture(State.Slots, template.LeftSlots);
            _leftParts.Write(_comparer.GetHashCode(row), 0, row);
        }

        left.Close();
    }

    private void LoadCounts()
    {
        _counts = new Dictionary<Datum[], long>(_comparer);
        _memory.Clear();
        var file = _rightParts![_part];
        file.Rewind();
        var stored = new Datum[template.Types.Length + 1];
        while (file.TryRead(stored))
        {
            var row = stored[..^1];
            SetCount(row, _counts.GetValueOrDefault(row) + stored[^1].AsInt64());
        }
    }

    private void SetCount(Datum[] row, long count)
    {
        var before = _counts.Count;
        _counts[row] = count;
        if (_counts.Count == before)
            return;
        _memory.Add(RowMemory.Of(row) + EntryBytes);
        if (_memory.Bytes > State.WorkMemory && State.Environment.SpillArea is { } area && _rightParts is null)
            DealOutCounts(area);
    }

    private void DealOutCounts(ISpillArea area)
    {
        _rightParts = new SpillPartitions(area, [.. template.Types, SqlTypes.Int8]);
        foreach (var (row, count) in _counts)
            WriteRight(row, count);
        _counts = [];
        _memory.Clear();
    }

    private void WriteRight(Datum[] row, long count) => _rightParts!.Write(_comparer.GetHashCode(row), 0, [.. row, Datum.FromInt64(count)]);

    /// <summary>INTERSECT ALL gives min(m, n) copies, EXCEPT ALL max(m - n, 0); the plain forms give one (SQL:2016, 7.17).</summary>
    private bool Passes(Datum[] row)
    {
        var count = _counts.GetValueOrDefault(row);
        if (template.Operator == SetOperator.Intersect)
        {
            if (count <= 0)
                return false;
            _counts[row] = template.All ? count - 1 : 0;
            return true;
        }

        if (template.All)
        {
            if (count <= 0)
                return true;
            _counts[row] = count - 1;
            return false;
        }

        if (count != 0)
            return false;

        // EXCEPT remembers what it gave. A row read from a file is used again: keep a copy.
        SetCount([.. row], 1);
        return true;
    }
}
