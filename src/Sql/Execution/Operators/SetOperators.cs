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

    protected override Operator CreateOperator(ExecutionState state) => new DistinctOperator(state, Input.Create(state), this);
}

internal sealed class DistinctOperator(ExecutionState state, Operator input, DistinctTemplate template) : Operator(state)
{
    private readonly RowComparer _comparer = new(template.KeyTypes);
    private HashSet<Datum[]> _seen = [];
    private Datum[]? _last;

    public override void Open()
    {
        _seen = new HashSet<Datum[]>(_comparer);
        _last = null;
        input.Open();
    }

    public override bool Next()
    {
        while (input.Next())
        {
            State.CheckInterrupts();
            var key = new Datum[template.Keys.Length];
            for (var i = 0; i < key.Length; i++)
                key[i] = template.Keys[i].Evaluate(State);
            if (template.Sorted ? IsNewGroup(key) : _seen.Add(key))
                return true;
        }

        return false;
    }

    public override void Close()
    {
        _seen = [];
        input.Close();
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
    private HashSet<Datum[]>? _seen;
    private bool _onRight;

    public override void Open()
    {
        _seen = template.All ? null : new HashSet<Datum[]>(new RowComparer(template.Types));
        _onRight = false;
        left.Open();
    }

    public override bool Next()
    {
        while (true)
        {
            State.CheckInterrupts();
            var side = _onRight ? right : left;
            if (side.Next())
            {
                var row = template.Capture(State.Slots, _onRight ? template.RightSlots : template.LeftSlots);
                if (_seen is not null && !_seen.Add(row))
                    continue;
                template.Emit(row, State.Slots);
                return true;
            }

            side.Close();
            if (_onRight)
                return false;
            _onRight = true;
            right.Open();
        }
    }

    public override void Close()
    {
        _seen = null;
        left.Close();
        right.Close();
    }
}

internal sealed class IntersectExceptOperator(ExecutionState state, Operator left, Operator right, SetOperationTemplate template) : Operator(state)
{
    private Dictionary<Datum[], long> _counts = [];

    public override void Open()
    {
        _counts = new Dictionary<Datum[], long>(new RowComparer(template.Types));
        right.Open();
        while (right.Next())
        {
            State.CheckInterrupts();
            var row = template.Capture(State.Slots, template.RightSlots);
            _counts[row] = _counts.GetValueOrDefault(row) + 1;
        }

        right.Close();
        left.Open();
    }

    public override bool Next()
    {
        while (left.Next())
        {
            State.CheckInterrupts();
            var row = template.Capture(State.Slots, template.LeftSlots);
            if (!Passes(row))
                continue;
            template.Emit(row, State.Slots);
            return true;
        }

        return false;
    }

    public override void Close()
    {
        _counts = [];
        left.Close();
        right.Close();
    }

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
        _counts[row] = 1;
        return true;
    }
}
