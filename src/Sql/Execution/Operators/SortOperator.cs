using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>Compiled ORDER BY keys with their order.</summary>
internal sealed class SortKeyEvaluators(Evaluator[] keys, SqlType[] types, bool[] descending, bool[] nullsFirst)
{
    public int Count => keys.Length;

    public SqlType[] Types => types;

    public Datum[] Evaluate(ExecutionState state)
    {
        var values = new Datum[keys.Length];
        for (var i = 0; i < keys.Length; i++)
            values[i] = keys[i].Evaluate(state);
        return values;
    }

    public void Evaluate(ExecutionState state, Span<Datum> target)
    {
        for (var i = 0; i < keys.Length; i++)
            target[i] = keys[i].Evaluate(state);
    }

    /// <summary>Compares the first <see cref="Count"/> values of two rows.</summary>
    public int Compare(ReadOnlySpan<Datum> left, ReadOnlySpan<Datum> right)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var a = left[i];
            var b = right[i];
            int order;
            if (a.IsNull || b.IsNull)
            {
                if (a.IsNull && b.IsNull)
                    continue;
                order = a.IsNull == nullsFirst[i] ? -1 : 1;
            }
            else
            {
                order = types[i].Compare(a, b);
                if (order == 0)
                    continue;
                if (descending[i])
                    order = -order;
            }

            return order;
        }

        return 0;
    }
}

/// <summary>ORDER BY: in memory while work_mem lasts, then sorted runs in sealed files that are merged. With a limit only the best rows are kept.</summary>
internal sealed class SortTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public required SortKeyEvaluators Keys { get; init; }

    /// <summary>The columns that survive.</summary>
    public required int[] Columns { get; init; }

    public required SqlType[] ColumnTypes { get; init; }

    public Evaluator? Limit { get; init; }

    public Evaluator? Offset { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new SortOperator(state, Input.Create(state), this);
}

internal sealed class SortOperator(ExecutionState state, Operator input, SortTemplate template) : Operator(state), IComparer<Datum[]>
{
    private readonly int _keyCount = template.Keys.Count;
    private List<Datum[]> _rows = [];
    private List<SpillFile>? _runs;
    private PriorityQueue<(int Run, Datum[] Row), (Datum[] Row, int Run)>? _merge;
    private int _next;
    private readonly MemoryAccount _memory = new(state);
    private long _sequence;

    /// <summary>Bytes written to files, for EXPLAIN ANALYZE.</summary>
    public int RunCount => _runs?.Count ?? 0;

    public int Compare(Datum[]? x, Datum[]? y)
    {
        var order = template.Keys.Compare(x, y);
        return order != 0 ? order : x![^1].AsInt64().CompareTo(y![^1].AsInt64());
    }

    public override void Open()
    {
        Close();
        input.Open();
        var limit = LimitTemplate.EvaluateLimit(template.Limit, State);
        if (limit is { } wanted && wanted + LimitTemplate.EvaluateOffset(template.Offset, State) is var keep and < 100_000)
            ReadTop((int)keep);
        else
            ReadAll();
        input.Close();
    }

    public override bool Next()
    {
        if (_merge is not null)
            return NextMerged();
        if (_next >= _rows.Count)
            return false;
        Restore(_rows[_next++]);
        return true;
    }

    public override void Close()
    {
        _rows = [];
        _next = 0;
        _memory.Clear();
        _sequence = 0;
        _merge = null;
        if (_runs is not null)
        {
            foreach (var run in _runs)
                run.Dispose();
            _runs = null;
        }

        input.Close();
    }

    /// <summary>Keys, then columns, then the arrival number that makes the sort stable.</summary>
    private Datum[] Capture()
    {
        var row = new Datum[_keyCount + template.Columns.Length + 1];
        template.Keys.Evaluate(State, row);
        for (var i = 0; i < template.Columns.Length; i++)
            row[_keyCount + i] = State.Slots[template.Columns[i]];
        row[^1] = Datum.FromInt64(_sequence++);
        return row;
    }

    private void Restore(Datum[] row)
    {
        for (var i = 0; i < template.Columns.Length; i++)
            State.Slots[template.Columns[i]] = row[_keyCount + i];
    }

    private void ReadTop(int keep)
    {
        if (keep == 0)
            return;
        var worstFirst = Comparer<Datum[]>.Create((a, b) => Compare(b, a));
        var heap = new PriorityQueue<Datum[], Datum[]>(worstFirst);
        while (input.Next())
        {
            State.CheckInterrupts();
            var row = Capture();
            if (heap.Count < keep)
            {
                heap.Enqueue(row, row);
                _memory.Add(RowMemory.Of(row));
            }
            else if (Compare(row, heap.Peek()) < 0)
            {
                _memory.Add(RowMemory.Of(row) - RowMemory.Of(heap.DequeueEnqueue(row, row)));
            }
        }

        while (heap.TryDequeue(out var row, out _))
            _rows.Add(row);
        _rows.Reverse();
    }

    private void ReadAll()
    {
        while (input.Next())
        {
            State.CheckInterrupts();
            var row = Capture();
            _rows.Add(row);
            _memory.Add(RowMemory.Of(row));
            if (_memory.Bytes > State.WorkMemory && State.Environment.SpillArea is { } area)
                WriteRun(area);
        }

        if (_runs is null)
        {
            _rows.Sort(this);
            return;
        }

        WriteRun(State.Environment.SpillArea!);
        StartMerge();
    }

    private void WriteRun(ISpillArea area)
    {
        if (_rows.Count == 0)
            return;
        _rows.Sort(this);
        var run = new SpillFile(area, RowTypes());
        (_runs ??= []).Add(run);
        foreach (var row in _rows)
            run.Write(row);
        run.Rewind();
        _rows = [];
        _memory.Clear();
    }

    private void StartMerge()
    {
        _merge = new PriorityQueue<(int, Datum[]), (Datum[], int)>(Comparer<(Datum[] Row, int Run)>.Create((a, b) => Compare(a.Row, b.Row)));
        for (var i = 0; i < _runs!.Count; i++)
            Refill(i);
    }

    private bool NextMerged()
    {
        if (!_merge!.TryDequeue(out var best, out _))
            return false;
        Restore(best.Row);
        Refill(best.Run);
        return true;
    }

    private void Refill(int run)
    {
        var row = new Datum[_keyCount + template.Columns.Length + 1];
        if (_runs![run].TryRead(row))
            _merge!.Enqueue((run, row), (row, run));
    }

    private SqlType[] RowTypes() => [.. template.Keys.Types, .. template.ColumnTypes, SqlTypes.Int8];
}
