using Chitin.Core;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

/// <summary>Join of two inputs sorted by their keys (ascending, NULLs last): inner, left, semi and anti.</summary>
internal sealed class MergeJoinTemplate : JoinTemplate
{
    public required SortKeyEvaluators LeftKeys { get; init; }

    public required SortKeyEvaluators RightKeys { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new MergeJoinOperator(state, Left.Create(state), Right.Create(state), this);
}

internal sealed class MergeJoinOperator(ExecutionState state, Operator left, Operator right, MergeJoinTemplate template) : Operator(state)
{
    private readonly RowBuffer _group = new(template.RightTypes, state);
    private readonly Datum[] _pending = new Datum[template.RightSlots.Length];
    private Datum[]? _groupKey;
    private Datum[]? _pendingKey;
    private bool _rightEnded;
    private bool _inGroup;
    private bool _matched;
    private int _next;

    public override void Open()
    {
        _group.Clear();
        _groupKey = null;
        _pendingKey = null;
        _rightEnded = false;
        _inGroup = false;
        left.Open();
        right.Open();
        ReadRight();
    }

    public override bool Next()
    {
        while (true)
        {
            State.CheckInterrupts();
            if (!_inGroup)
            {
                if (!left.Next())
                    return false;
                _matched = false;
                _next = 0;
                _inGroup = true;
                AdvanceTo(template.LeftKeys.Evaluate(State));
            }

            if (NextInGroup())
                return true;
            _inGroup = false;
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
        _group.Clear();
        left.Close();
        right.Close();
    }

    private bool NextInGroup()
    {
        while (_next < _group.Count)
        {
            _group.Restore(_next++, State.Slots, template.RightSlots);
            if (template.Condition is { } condition && !condition.Holds(State))
                continue;
            _matched = true;
            return template.Kind is BoundJoinKind.Inner or BoundJoinKind.Left;
        }

        return false;
    }

    /// <summary>Makes the group of right rows whose key equals the left row's; empty when there is none.</summary>
    private void AdvanceTo(Datum[] key)
    {
        foreach (var part in key)
        {
            if (part.IsNull)
            {
                _group.Clear();
                _groupKey = null;
                return;
            }
        }

        if (_groupKey is not null && template.LeftKeys.Compare(key, _groupKey) == 0)
            return;
        _group.Clear();
        _groupKey = null;
        while (!_rightEnded && template.LeftKeys.Compare(_pendingKey, key) < 0)
            ReadRight();
        if (_rightEnded || template.LeftKeys.Compare(_pendingKey, key) != 0)
            return;
        _groupKey = key;
        while (!_rightEnded && template.LeftKeys.Compare(_pendingKey, key) == 0)
        {
            _pending.CopyTo(_group.Add());
            ReadRight();
        }
    }

    private void ReadRight()
    {
        if (!right.Next())
        {
            _rightEnded = true;
            return;
        }

        _pendingKey = template.RightKeys.Evaluate(State);
        for (var i = 0; i < _pending.Length; i++)
            _pending[i] = State.Slots[template.RightSlots[i]];
    }
}
