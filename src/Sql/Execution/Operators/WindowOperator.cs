using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution;

internal sealed record CompiledWindowCall(
    ResolvedCall Call, Evaluator[] Arguments, Evaluator? Filter, bool Strict, BoundWindowFrame Frame, Evaluator? StartOffset, Evaluator? EndOffset, int Slot)
{
    public BinaryBody? RangeAdd { get; init; }

    public BinaryBody? RangeSubtract { get; init; }
}

/// <summary>Window functions over input that arrives sorted by partition and order; one partition at a time is kept.</summary>
internal sealed class WindowTemplate : OperatorTemplate
{
    public required OperatorTemplate Input { get; init; }

    public required Evaluator[] PartitionKeys { get; init; }

    public required SqlType[] PartitionTypes { get; init; }

    public required SortKeyEvaluators Order { get; init; }

    public required bool OrderDescending { get; init; }

    public required CompiledWindowCall[] Calls { get; init; }

    /// <summary>Input columns that pass through, with what arguments need.</summary>
    public required int[] Columns { get; init; }

    public required SqlType[] ColumnTypes { get; init; }

    /// <summary>The types of the calls' results.</summary>
    public required SqlType[] ResultTypes { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new WindowOperator(state, Input.Create(state), this);
}

internal sealed class WindowOperator(ExecutionState state, Operator input, WindowTemplate template) : Operator(state)
{
    private readonly RowBuffer _rows = new(template.ColumnTypes, state);
    private readonly RowBuffer _orderKeys = new(template.Order.Types, state);
    private readonly RowBuffer[] _results = [.. template.ResultTypes.Select(t => new RowBuffer([t], state))];
    private Datum[]? _pendingPartition;
    private Datum[]? _pendingRow;
    private Datum[]? _pendingOrder;
    private bool _ended;
    private int _next;

    public override void Open()
    {
        _rows.Clear();
        _orderKeys.Clear();
        _pendingPartition = null;
        _ended = false;
        _next = 0;
        ClearResults();
        input.Open();
    }

    public override bool Next()
    {
        if (_next >= _rows.Count && !ReadPartition())
            return false;
        _rows.Restore(_next, State.Slots, template.Columns);
        for (var i = 0; i < template.Calls.Length; i++)
            State.Slots[template.Calls[i].Slot] = _results[i].Row(_next)[0];
        _next++;
        return true;
    }

    public override void Close()
    {
        _rows.Clear();
        _orderKeys.Clear();
        ClearResults();
        input.Close();
    }

    private void ClearResults()
    {
        foreach (var results in _results)
            results.Clear();
    }

    private bool ReadPartition()
    {
        _rows.Clear();
        _orderKeys.Clear();
        ClearResults();
        _next = 0;
        Datum[]? partition = null;
        if (_pendingPartition is not null)
        {
            partition = _pendingPartition;
            _pendingRow.CopyTo(_rows.Add());
            _pendingOrder.CopyTo(_orderKeys.Add());
            _pendingPartition = null;
        }

        while (!_ended)
        {
            State.CheckInterrupts();
            if (!input.Next())
            {
                _ended = true;
                input.Close();
                break;
            }

            var key = new Datum[template.PartitionKeys.Length];
            for (var i = 0; i < key.Length; i++)
                key[i] = template.PartitionKeys[i].Evaluate(State);
            if (partition is not null && !new RowComparer(template.PartitionTypes).Equals(key, partition))
            {
                _pendingPartition = key;
                _pendingOrder = template.Order.Evaluate(State);
                _pendingRow = new Datum[template.Columns.Length];
                for (var i = 0; i < _pendingRow.Length; i++)
                    _pendingRow[i] = State.Slots[template.Columns[i]];
                break;
            }

            partition ??= key;
            _rows.Add(State.Slots, template.Columns);
            template.Order.Evaluate(State, _orderKeys.Add());
        }

        if (_rows.Count == 0)
            return false;
        for (var i = 0; i < template.Calls.Length; i++)
            EvaluateCall(template.Calls[i], _results[i]);
        return true;
    }

    private void EvaluateCall(CompiledWindowCall call, RowBuffer results)
    {
        var partition = new Partition(State, template, call, _rows, _orderKeys);
        if (call.Call.Function is WindowFunction function)
        {
            var window = function.CreateState(call.Call);
            for (var i = 0; i < _rows.Count; i++)
            {
                State.CheckInterrupts();
                partition.MoveTo(i);
                var value = window.Evaluate(partition, State);
                results.Add()[0] = value;
            }

            return;
        }

        EvaluateAggregate(call, partition, results);
    }

    /// <summary>An aggregate over its frame. A frame that only grows is accumulated once; others start over for each row whose frame differs.</summary>
    private void EvaluateAggregate(CompiledWindowCall call, Partition partition, RowBuffer results)
    {
        var function = (AggregateFunction)call.Call.Function;
        var aggregate = function.CreateState(call.Call);
        var from = 0;
        var to = 0;
        var valid = false;
        var held = new MemoryAccount(State);
        var last = Datum.Null;
        for (var i = 0; i < _rows.Count; i++)
        {
            State.CheckInterrupts();
            partition.MoveTo(i);
            var start = partition.FrameStart;
            var end = Math.Max(start, partition.FrameEnd);
            var excludes = call.Frame.Exclusion != FrameExclusion.NoOthers;
            if (valid && !excludes && start == from && end == to)
            {
                results.Add()[0] = last;
                continue;
            }

            if (!valid || excludes || start != from || end < to)
            {
                aggregate.Reset();
                to = start;
            }

            for (; to < end; to++)
            {
                if (!excludes || !partition.IsExcluded(to))
                    Accumulate(call, aggregate, to);
                held.RaiseTo(aggregate.ExtraBytes);
            }

            from = start;
            valid = true;
            last = aggregate.Finish(State);
            results.Add()[0] = last;
        }

        held.Clear();
    }

    private void Accumulate(CompiledWindowCall call, AggregateState aggregate, int position)
    {
        _rows.Restore(position, State.Slots, template.Columns);
        if (call.Filter is { } filter && !filter.Holds(State))
            return;
        var values = new Datum[call.Arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = call.Arguments[i].Evaluate(State);
            if (call.Strict && values[i].IsNull)
                return;
        }

        aggregate.Accumulate(values, State);
    }

    /// <summary>Frames and peers of one partition (SQL:2016 7.15; PostgreSQL 4.2.8).</summary>
    private sealed class Partition(ExecutionState state, WindowTemplate template, CompiledWindowCall call, RowBuffer rows, RowBuffer orderKeys) : IWindowPartition
    {
        private int[]? _peerStarts;
        private readonly Datum[] _previousKey = new Datum[template.Order.Count];

        public int Position { get; private set; }

        public int RowCount => rows.Count;

        public int FrameStart { get; private set; }

        public int FrameEnd { get; private set; }

        public void MoveTo(int position)
        {
            Position = position;
            FrameStart = Math.Clamp(Edge(call.Frame.Start, call.StartOffset, isStart: true), 0, RowCount);
            FrameEnd = Math.Clamp(Edge(call.Frame.End, call.EndOffset, isStart: false), 0, RowCount);
        }

        public int PeerStart(int position) => PeerStarts()[position];

        public int PeerEnd(int position)
        {
            var starts = PeerStarts();
            var end = position + 1;
            while (end < RowCount && starts[end] == starts[position])
                end++;
            return end;
        }

        public bool IsExcluded(int position) => call.Frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => position == Position,
            FrameExclusion.Group => PeerStart(position) == PeerStart(Position),
            FrameExclusion.Ties => position != Position && PeerStart(position) == PeerStart(Position),
            _ => false,
        };

        public Datum Argument(int argument, int position)
        {
            rows.Restore(position, state.Slots, template.Columns);
            return call.Arguments[argument].Evaluate(state);
        }

        private int[] PeerStarts()
        {
            if (_peerStarts is not null)
                return _peerStarts;
            _peerStarts = new int[RowCount];
            for (var i = 1; i < RowCount; i++)
            {
                // A row lives until others are read: the key before is copied.
                orderKeys.Row(i - 1).CopyTo(_previousKey);
                _peerStarts[i] = template.Order.Compare(orderKeys.Row(i), _previousKey) == 0 ? _peerStarts[i - 1] : i;
            }

            return _peerStarts;
        }

        private int Edge(FrameBoundKind kind, Evaluator? offset, bool isStart) => kind switch
        {
            FrameBoundKind.UnboundedPreceding => 0,
            FrameBoundKind.UnboundedFollowing => RowCount,
            FrameBoundKind.CurrentRow when call.Frame.Unit == FrameUnit.Rows => isStart ? Position : Position + 1,
            FrameBoundKind.CurrentRow => isStart ? PeerStart(Position) : PeerEnd(Position),
            _ => OffsetEdge(kind, offset!.Evaluate(state), isStart),
        };

        private int OffsetEdge(FrameBoundKind kind, Datum offset, bool isStart)
        {
            var what = isStart ? "starting" : "ending";
            if (offset.IsNull)
                throw new SqlException(SqlState.NullValueNotAllowed, $"frame {what} offset must not be null");
            if (call.Frame.Unit == FrameUnit.Range)
                return RangeEdge(kind, offset, isStart);
            var distance = offset.AsInt64();
            if (distance < 0)
                throw new SqlException(SqlState.InvalidPrecedingOrFollowingSize, $"frame {what} offset must not be negative");
            distance = Math.Min(distance, RowCount);
            var signed = (int)(kind == FrameBoundKind.Preceding ? -distance : distance);
            return call.Frame.Unit == FrameUnit.Rows
                ? Position + signed + (isStart ? 0 : 1)
                : GroupEdge(signed, isStart);
        }

        private int GroupEdge(int groups, bool isStart)
        {
            var position = PeerStart(Position);
            for (; groups < 0; groups++)
            {
                if (position == 0)
                    return 0;
                position = PeerStart(position - 1);
            }

            for (; groups > 0; groups--)
            {
                position = PeerEnd(position);
                if (position >= RowCount)
                    return RowCount;
            }

            return isStart ? position : PeerEnd(position);
        }

        /// <summary>RANGE offset: compares order keys with the current key plus or minus the offset.</summary>
        private int RangeEdge(FrameBoundKind kind, Datum offset, bool isStart)
        {
            var current = orderKeys.Row(Position)[0];
            if (current.IsNull)
                return isStart ? PeerStart(Position) : PeerEnd(Position);
            var backwards = kind == FrameBoundKind.Preceding != template.OrderDescending;
            var edge = (backwards ? call.RangeSubtract! : call.RangeAdd!)(current, offset, state);
            var probe = new[] { edge };
            var side = template.Order.Compare(probe, orderKeys.Row(Position));
            if (kind == FrameBoundKind.Preceding ? side > 0 : side < 0)
                throw new SqlException(SqlState.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function");
            var low = 0;
            var high = RowCount;
            while (low < high)
            {
                var middle = (low + high) / 2;
                var order = template.Order.Compare(orderKeys.Row(middle), probe);
                if (isStart ? order < 0 : order <= 0)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }
    }
}
