using Chitin.Core;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

internal sealed class FilterTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public required Evaluator Condition { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new FilterOperator(state, Input.Create(state), Condition);
}

internal sealed class FilterOperator(ExecutionState state, Operator input, Evaluator condition) : Operator(state)
{
    public override void Open() => input.Open();

    public override bool Next()
    {
        while (input.Next())
        {
            State.CheckInterrupts();
            if (condition.Holds(State))
                return true;
        }

        return false;
    }

    public override void Close() => input.Close();
}

/// <summary>A condition without columns of the input: checked once when opened.</summary>
internal sealed class GateTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public required Evaluator Condition { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new GateOperator(state, Input.Create(state), Condition);
}

internal sealed class GateOperator(ExecutionState state, Operator input, Evaluator condition) : Operator(state)
{
    private bool _open;

    public override void Open()
    {
        _open = condition.Holds(State);
        if (_open)
            input.Open();
    }

    public override bool Next() => _open && input.Next();

    public override void Close() => input.Close();
}

internal sealed class ProjectTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    /// <summary>Only items that are computed; plain column references share their source's slot.</summary>
    public required (int Slot, Evaluator Expression)[] Items { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new ProjectOperator(state, Input.Create(state), Items);
}

internal sealed class ProjectOperator(ExecutionState state, Operator input, (int Slot, Evaluator Expression)[] items) : Operator(state)
{
    public override void Open() => input.Open();

    public override bool Next()
    {
        if (!input.Next())
            return false;
        foreach (var (slot, expression) in items)
            State.Slots[slot] = expression.Evaluate(State);
        return true;
    }

    public override void Close() => input.Close();
}

internal sealed class ValuesTemplate : OperatorTemplate
{
    public required Evaluator[][] Rows { get; init; }

    public required int[] Slots { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new ValuesOperator(state, Rows, Slots);
}

internal sealed class ValuesOperator(ExecutionState state, Evaluator[][] rows, int[] slots) : Operator(state)
{
    private int _next;

    public override void Open() => _next = 0;

    public override bool Next()
    {
        if (_next >= rows.Length)
            return false;
        var row = rows[_next++];
        for (var i = 0; i < row.Length; i++)
            State.Slots[slots[i]] = row[i].Evaluate(State);
        return true;
    }

    public override void Close()
    {
    }
}

internal sealed class VirtualScanTemplate : OperatorTemplate
{
    public required IVirtualTable Table { get; init; }

    /// <summary>Per column of the table its slot, -1 when not needed.</summary>
    public required int[] Slots { get; init; }

    /// <summary>The column whose rows <see cref="Key"/> asks for.</summary>
    public int KeyColumn { get; init; } = -1;

    public Evaluator? Key { get; init; }

    public Evaluator? Filter { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new VirtualScanOperator(state, this);
}

internal sealed class VirtualScanOperator(ExecutionState state, VirtualScanTemplate template) : Operator(state)
{
    private IEnumerator<Datum[]>? _rows;

    public override void Open()
    {
        Close();
        _rows = Rows().GetEnumerator();
    }

    private IEnumerable<Datum[]> Rows()
    {
        if (template.Key is null)
            return template.Table.Rows(State.Session!, State);
        var key = template.Key.Evaluate(State);
        return key.IsNull ? [] : template.Table.Find(template.KeyColumn, key, State.Session!, State);
    }

    public override bool Next()
    {
        while (_rows!.MoveNext())
        {
            State.CheckInterrupts();
            var row = _rows.Current;
            for (var i = 0; i < template.Slots.Length; i++)
            {
                if (template.Slots[i] >= 0)
                    State.Slots[template.Slots[i]] = row[i];
            }

            if (template.Filter is null || template.Filter.Holds(State))
                return true;
        }

        return false;
    }

    public override void Close()
    {
        _rows?.Dispose();
        _rows = null;
    }
}

internal sealed class LimitTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public Evaluator? Limit { get; init; }

    public Evaluator? Offset { get; init; }

    /// <summary>WITH TIES: the sort keys whose values must equal the last row's.</summary>
    public SortKeyEvaluators? Ties { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new LimitOperator(state, Input.Create(state), this);

    /// <summary>The value of LIMIT; null = no limit. 2201W for a negative one.</summary>
    public static long? EvaluateLimit(Evaluator? limit, ExecutionState state)
    {
        if (limit is null)
            return null;
        var value = limit.Evaluate(state);
        if (value.IsNull)
            return null;
        return value.AsInt64() >= 0
            ? value.AsInt64()
            : throw new SqlException(SqlState.InvalidRowCountInLimitClause, "LIMIT must not be negative");
    }

    public static long EvaluateOffset(Evaluator? offset, ExecutionState state)
    {
        if (offset is null)
            return 0;
        var value = offset.Evaluate(state);
        if (value.IsNull)
            return 0;
        return value.AsInt64() >= 0
            ? value.AsInt64()
            : throw new SqlException(SqlState.InvalidRowCountInOffsetClause, "OFFSET must not be negative");
    }
}

internal sealed class LimitOperator(ExecutionState state, Operator input, LimitTemplate template) : Operator(state)
{
    private long _left;
    private long _skip;
    private Datum[]? _last;

    public override void Open()
    {
        _left = LimitTemplate.EvaluateLimit(template.Limit, State) ?? long.MaxValue;
        _skip = LimitTemplate.EvaluateOffset(template.Offset, State);
        _last = null;
        input.Open();
    }

    public override bool Next()
    {
        for (; _skip > 0 && _left > 0; _skip--)
        {
            if (!input.Next())
            {
                _left = 0;
                return false;
            }
        }

        if (_left > 0)
        {
            if (!input.Next())
                return false;
            if (--_left == 0 && template.Ties is { } keys)
                _last = keys.Evaluate(State);
            return true;
        }

        if (_last is null || !input.Next())
            return false;
        if (template.Ties!.Compare(template.Ties.Evaluate(State), _last) == 0)
            return true;
        _last = null;
        return false;
    }

    public override void Close() => input.Close();
}

/// <summary>Functions in FROM: one row source, or several side by side padded with NULL.</summary>
internal sealed class FunctionScanTemplate : OperatorTemplate
{
    public required TableCall[] Calls { get; init; }

    public int OrdinalitySlot { get; init; } = -1;

    protected override Operator CreateOperator(ExecutionState state) => new FunctionScanOperator(state, this);
}

internal sealed record TableCall(Functions.TableFunctionBody Body, Evaluator[] Arguments, int[] Slots, bool Strict)
{
    public IEnumerator<Datum[]>? Start(ExecutionState state)
    {
        var values = new Datum[Arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Arguments[i].Evaluate(state);
            if (Strict && values[i].IsNull)
                return null;
        }

        return Body(values, state).GetEnumerator();
    }

    /// <summary>Puts the next row in place, or NULLs; false at the end.</summary>
    public bool Advance(ref IEnumerator<Datum[]>? rows, Datum[] slots)
    {
        if (rows is not null && rows.MoveNext())
        {
            var row = rows.Current;
            for (var i = 0; i < Slots.Length; i++)
                slots[Slots[i]] = row[i];
            return true;
        }

        rows?.Dispose();
        rows = null;
        foreach (var slot in Slots)
            slots[slot] = Datum.Null;
        return false;
    }
}

internal sealed class FunctionScanOperator(ExecutionState state, FunctionScanTemplate template) : Operator(state)
{
    private readonly IEnumerator<Datum[]>?[] _rows = new IEnumerator<Datum[]>?[template.Calls.Length];
    private long _ordinal;

    public override void Open()
    {
        Close();
        _ordinal = 0;
        for (var i = 0; i < _rows.Length; i++)
            _rows[i] = template.Calls[i].Start(State);
    }

    public override bool Next()
    {
        State.CheckInterrupts();
        var any = false;
        for (var i = 0; i < _rows.Length; i++)
            any |= template.Calls[i].Advance(ref _rows[i], State.Slots);
        if (any && template.OrdinalitySlot >= 0)
            State.Slots[template.OrdinalitySlot] = Datum.FromInt64(++_ordinal);
        return any;
    }

    public override void Close()
    {
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i]?.Dispose();
            _rows[i] = null;
        }
    }
}

internal sealed class ProjectSetTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public required TableCall[] Calls { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new ProjectSetOperator(state, Input.Create(state), Calls);
}

internal sealed class ProjectSetOperator(ExecutionState state, Operator input, TableCall[] calls) : Operator(state)
{
    private readonly IEnumerator<Datum[]>?[] _rows = new IEnumerator<Datum[]>?[calls.Length];
    private bool _active;

    public override void Open()
    {
        Close();
        input.Open();
    }

    public override bool Next()
    {
        while (true)
        {
            State.CheckInterrupts();
            if (_active)
            {
                var any = false;
                for (var i = 0; i < calls.Length; i++)
                    any |= calls[i].Advance(ref _rows[i], State.Slots);
                if (any)
                    return true;
                _active = false;
            }

            if (!input.Next())
                return false;
            for (var i = 0; i < calls.Length; i++)
                _rows[i] = calls[i].Start(State);
            _active = true;
        }
    }

    public override void Close()
    {
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i]?.Dispose();
            _rows[i] = null;
        }

        _active = false;
        input.Close();
    }
}

internal sealed class CommonTableScanTemplate : OperatorTemplate
{
    public required BoundCommonTable Table { get; init; }

    /// <summary>The scan is in the recursive term and reads the last round's rows.</summary>
    public required bool IsWorkingTable { get; init; }

    public required int[] Slots { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new CommonTableScanOperator(state, this);
}

/// <summary>Reads a common table, or the working table of a recursion (what it is when opened).</summary>
internal sealed class CommonTableScanOperator(ExecutionState state, CommonTableScanTemplate template) : KeptRowsOperator(state, template.Slots)
{
    public override void Open() => Start(template.IsWorkingTable ? State.WorkingTable(template.Table) : State.CommonTable(template.Table));

    public override void Close()
    {
    }
}

/// <summary>Gives out rows that are kept elsewhere, in order, as far as they are asked for.</summary>
internal abstract class KeptRowsOperator(ExecutionState state, int[] slots) : Operator(state)
{
    private CommonTableRows? _rows;
    private int _next;

    public override bool Next()
    {
        State.CheckInterrupts();
        if (!_rows!.Reaches(_next))
            return false;
        _rows.Restore(_next++, State.Slots, slots);
        return true;
    }

    protected void Start(CommonTableRows rows) => (_rows, _next) = (rows, 0);
}
