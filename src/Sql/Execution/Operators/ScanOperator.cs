using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>Reads a table through one of its indexes.</summary>
internal sealed class ScanTemplate : OperatorTemplate
{
    public required RowCodec Rows { get; init; }

    /// <summary>Null when the primary index is read.</summary>
    public IndexCodec? Index { get; init; }

    public required KeyRangeBuilder Ranges { get; init; }

    /// <summary>Decodes a row; null for an index-only scan.</summary>
    public RowReader? RowReader { get; init; }

    public IndexReader? IndexReader { get; init; }

    public Evaluator? Filter { get; init; }

    public bool Reverse { get; init; }

    public bool IsPoint { get; init; }

    /// <summary>Where the current row's primary key goes; -1 when nobody asks.</summary>
    public int KeySlot { get; init; } = -1;

    protected override Operator CreateOperator(ExecutionState state) =>
        IsPoint && Index is null && Ranges.IsSingle ? new PointScanOperator(state, this) : new ScanOperator(state, this);
}

/// <summary>At most one row, by its whole primary key.</summary>
internal sealed class PointScanOperator(ExecutionState state, ScanTemplate template) : Operator(state)
{
    private readonly ByteWriter _key = new(48);
    private bool _done;

    public override void Open() => _done = false;

    public override bool Next()
    {
        if (_done)
            return false;
        _done = true;
        State.CheckInterrupts();
        if (!template.Ranges.TryWritePoint(State, _key))
            return false;
        using var row = State.Transaction.Get(_key.Span);
        if (!row.Found)
            return false;
        template.RowReader!.Read(_key.Span, row.Value, State.Slots);
        if (template.Filter is { } filter && !filter.Holds(State))
            return false;
        if (template.KeySlot >= 0)
            State.Slots[template.KeySlot] = Datum.FromBytes(_key.ToArray());
        return true;
    }

    public override void Close()
    {
    }
}

internal sealed class ScanOperator(ExecutionState state, ScanTemplate template) : Operator(state)
{
    private readonly ByteWriter _lower = new(48);
    private readonly ByteWriter _upper = new(48);
    private readonly ByteWriter _primaryKey = new(48);
    private List<(byte[] Lower, byte[] Upper)>? _ranges;
    private int _nextRange;
    private ITransactionCursor? _cursor;

    public override void Open()
    {
        Close();
        if (template.Ranges.IsSingle)
        {
            if (template.Ranges.TryWriteRange(State, _lower, _upper))
                _cursor = State.Transaction.Scan(_lower.Span, _upper.Span, template.Reverse);
            return;
        }

        _ranges = template.Ranges.Ranges(State);
        if (template.Reverse)
            _ranges.Reverse();
        _nextRange = 0;
        OpenNextRange();
    }

    public override bool Next()
    {
        while (_cursor is not null)
        {
            while (_cursor.MoveNext())
            {
                State.CheckInterrupts();
                if (ReadRow(_cursor))
                    return true;
            }

            _cursor.Dispose();
            _cursor = null;
            OpenNextRange();
        }

        return false;
    }

    public override void Close()
    {
        _cursor?.Dispose();
        _cursor = null;
        _ranges = null;
    }

    private void OpenNextRange()
    {
        if (_ranges is null || _nextRange >= _ranges.Count)
            return;
        var (lower, upper) = _ranges[_nextRange++];
        _cursor = State.Transaction.Scan(lower, upper, template.Reverse);
    }

    private bool ReadRow(ITransactionCursor cursor)
    {
        if (template.Index is null)
        {
            template.RowReader!.Read(cursor.Key, cursor.Value, State.Slots);
            if (template.Filter is { } filter && !filter.Holds(State))
                return false;
            if (template.KeySlot >= 0)
                State.Slots[template.KeySlot] = Datum.FromBytes(cursor.Key.ToArray());
            return true;
        }

        return ReadThroughIndex(cursor, template.Index);
    }

    private bool ReadThroughIndex(ITransactionCursor cursor, IndexCodec index)
    {
        if (template.IndexReader is { } reader)
            reader.Read(cursor.Key, cursor.Value, State.Slots);
        if (template.RowReader is not null || template.KeySlot >= 0)
        {
            _primaryKey.Clear();
            index.ReadPrimaryKey(cursor.Key, cursor.Value, _primaryKey);
        }

        if (template.RowReader is { } rows)
        {
            using var row = State.Transaction.Get(_primaryKey.Span);
            if (!row.Found)
                throw new SqlException(SqlState.DataCorrupted, $"index \"{index.Index.Name}\" points to a row that does not exist");
            rows.Read(_primaryKey.Span, row.Value, State.Slots);
        }

        if (template.Filter is { } filter && !filter.Holds(State))
            return false;
        if (template.KeySlot >= 0)
            State.Slots[template.KeySlot] = Datum.FromBytes(_primaryKey.ToArray());
        return true;
    }
}
