using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

/// <summary>What all joins share: sides, condition and the slots that an outer join fills with NULL.</summary>
internal abstract class JoinTemplate : OperatorTemplate
{
    public required BoundJoinKind Kind { get; init; }

    public required OperatorTemplate Left { get; init; }

    public required OperatorTemplate Right { get; init; }

    /// <summary>The whole condition of a loop, or what the keys of a hash or merge join leave to check.</summary>
    public Evaluator? Condition { get; init; }

    public required int[] LeftSlots { get; init; }

    public required int[] RightSlots { get; init; }

    public required SqlType[] RightTypes { get; init; }

    public static void SetNull(Datum[] slots, int[] columns)
    {
        foreach (var column in columns)
            slots[column] = Datum.Null;
    }
}

internal sealed class NestedLoopTemplate : JoinTemplate
{
    /// <summary>The right side is the same for every left row: kept in memory after the first pass.</summary>
    public bool Materialize { get; init; }

    protected override Operator CreateOperator(ExecutionState state)
    {
        var right = Right.Create(state);
        return new NestedLoopOperator(state, Left.Create(state), Materialize ? new MaterializeOperator(state, right, RightSlots, RightTypes) : right, this);
    }
}

/// <summary>Inner, left, semi and anti joins; the right side may read the left row's slots.</summary>
internal sealed class NestedLoopOperator(ExecutionState state, Operator left, Operator right, NestedLoopTemplate template) : Operator(state)
{
    private bool _opened;
    private bool _inLoop;
    private bool _matched;

    public override void Open()
    {
        // Opened again, below another loop or in a subquery: rows that were kept may have been read with other outer values.
        if (_opened && template.Materialize)
            right.Close();
        _opened = true;
        _inLoop = false;
        left.Open();
    }

    public override bool Next()
    {
        while (true)
        {
            if (!_inLoop)
            {
                if (!left.Next())
                    return false;
                right.Open();
                _inLoop = true;
                _matched = false;
            }

            while (right.Next())
            {
                State.CheckInterrupts();
                if (template.Condition is { } condition && !condition.Holds(State))
                    continue;
                _matched = true;
                if (template.Kind is BoundJoinKind.Inner or BoundJoinKind.Left)
                    return true;
                break;
            }

            _inLoop = false;
            switch (template.Kind)
            {
                case BoundJoinKind.Left when !_matched:
                    JoinTemplate.SetNull(State.Slots, template.RightSlots);
                    return true;
                case BoundJoinKind.Semi when _matched:
                case BoundJoinKind.Anti when !_matched:
                    return true;
            }
        }
    }

    public override void Close()
    {
        left.Close();
        right.Close();
    }
}

/// <summary>Keeps its input's rows after the first complete pass, so that opening again costs nothing. Reading stops early only with the consumer.</summary>
internal sealed class MaterializeOperator(ExecutionState state, Operator input, int[] slots, SqlType[] types) : Operator(state)
{
    private readonly RowBuffer _rows = new(types, state);
    private bool _complete;
    private bool _started;
    private int _next;

    public override void Open() => _next = 0;

    public override bool Next()
    {
        if (_next < _rows.Count)
        {
            _rows.Restore(_next++, State.Slots, slots);
            return true;
        }

        if (_complete)
            return false;
        if (!_started)
        {
            input.Open();
            _started = true;
        }

        if (!input.Next())
        {
            _complete = true;
            input.Close();
            return false;
        }

        _rows.Add(State.Slots, slots);
        _next++;
        return true;
    }

    public override void Close()
    {
        _rows.Clear();
        _complete = false;
        _started = false;
        input.Close();
    }
}

/// <summary>Right and full joins without usable keys: the right side is kept, and which of its rows matched.</summary>
internal sealed class FullLoopTemplate : JoinTemplate
{
    protected override Operator CreateOperator(ExecutionState state) => new FullLoopOperator(state, Left.Create(state), Right.Create(state), this);
}

internal sealed class FullLoopOperator(ExecutionState state, Operator left, Operator right, FullLoopTemplate template) : Operator(state)
{
    private readonly RowBuffer _rows = new(template.RightTypes, state);
    private bool[] _matchedRight = [];
    private bool _leftDone;
    private bool _inLoop;
    private bool _matched;
    private int _next;

    public override void Open()
    {
        Close();
        right.Open();
        while (right.Next())
        {
            State.CheckInterrupts();
            _rows.Add(State.Slots, template.RightSlots);
        }

        right.Close();
        _matchedRight = new bool[_rows.Count];
        left.Open();
    }

    public override bool Next()
    {
        while (!_leftDone)
        {
            if (!_inLoop)
            {
                if (!left.Next())
                {
                    _leftDone = true;
                    _next = 0;
                    break;
                }

                _inLoop = true;
                _matched = false;
                _next = 0;
            }

            while (_next < _rows.Count)
            {
                State.CheckInterrupts();
                _rows.Restore(_next++, State.Slots, template.RightSlots);
                if (template.Condition is { } condition && !condition.Holds(State))
                    continue;
                _matched = true;
                _matchedRight[_next - 1] = true;
                return true;
            }

            _inLoop = false;
            if (!_matched && template.Kind == BoundJoinKind.Full)
            {
                JoinTemplate.SetNull(State.Slots, template.RightSlots);
                return true;
            }
        }

        for (; _next < _rows.Count; _next++)
        {
            if (_matchedRight[_next])
                continue;
            _rows.Restore(_next++, State.Slots, template.RightSlots);
            JoinTemplate.SetNull(State.Slots, template.LeftSlots);
            return true;
        }

        return false;
    }

    public override void Close()
    {
        _rows.Clear();
        _leftDone = false;
        _inLoop = false;
        _next = 0;
        left.Close();
        right.Close();
    }
}
