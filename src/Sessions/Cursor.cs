using Chitin.Core;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>
/// A SQL cursor. One declared NO SCROLL, or whose query locks rows, reads forward only and keeps no rows; any other keeps the rows that it has read.
/// Position 0 is before the first row, n on row n.
/// </summary>
internal sealed class Cursor(string name, PreparedStatement statement, IStatementResult source, bool scroll, bool withHold, SqlMemory memory) : IAsyncDisposable
{
    private readonly MemoryShare _memory = new(memory);
    private IStatementResult? _source = source;
    private readonly ImmutableArray<uint> _keyed = source.KeyedTables;
    private readonly List<Datum[][]> _keys = [];
    private List<Datum[]>? _rows = scroll ? [] : null;

    /// <summary>Rows before the first that is kept (a held forward-only cursor keeps only what was not read yet).</summary>
    private long _offset;

    private long _read;

    public string Name => name;

    public PreparedStatement Statement => statement;

    /// <summary>Of its query, for the record of each FETCH.</summary>
    public Datum[] Parameters { get; init; } = [];

    public bool WithHold => withHold;

    public bool CanScroll => scroll;

    public long Position { get; private set; }

    /// <summary>Set once its transaction has ended: rollback of a later one leaves it alone.</summary>
    public bool IsHeld { get; private set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public ReadOnlySpan<Datum> Row => _rows is null ? _source!.Row : _rows[(int)(Position - _offset - 1)];

    /// <summary>Whether WHERE CURRENT OF may name rows of the table by this cursor.</summary>
    public bool IsOver(uint table) => _keyed.Contains(table);

    /// <summary>The primary key values of the table's row under the current one.</summary>
    public Datum[] KeyOf(uint table) => (_rows is null ? _source!.RowKeys() : _keys[(int)(Position - _offset - 1)])[_keyed.IndexOf(table)];

    /// <summary>Steps one row; false beyond either end, where the position then is.</summary>
    public ValueTask<bool> StepAsync(bool forward, CancellationToken cancellationToken) => forward ? ForwardAsync(cancellationToken) : ValueTask.FromResult(Backward());

    /// <summary>Goes to a row counted from the start, or from the end when negative.</summary>
    public async ValueTask<bool> GoToAsync(long target, CancellationToken cancellationToken)
    {
        if (target < 0)
        {
            if (!scroll)
                throw SessionErrors.ForwardOnly();
            while (await ForwardAsync(cancellationToken))
            {
            }

            target = Math.Max(0, _read + 1 + target);
        }

        if (target < Position && !scroll)
            throw SessionErrors.ForwardOnly();
        if (target <= _read && scroll)
        {
            Position = target;
            return target > 0;
        }

        while (Position < target)
        {
            if (!await ForwardAsync(cancellationToken))
                return false;
        }

        return target > 0;
    }

    /// <summary>Whether the position is on a row.</summary>
    public bool IsOnRow => Position > 0 && Position <= _read && (_rows is not null || _source is not null);

    /// <summary>WITH HOLD at commit: reads what is left, so that the cursor outlives its transaction.</summary>
    public async ValueTask HoldAsync(CancellationToken cancellationToken)
    {
        if (IsHeld || _source is not { } source)
            return;
        if (_rows is null)
        {
            _rows = [];
            _offset = Position;
        }

        while (await source.MoveNextAsync(cancellationToken))
        {
            Keep(source.Row.ToArray());
            _read++;
        }

        IsHeld = true;
        _source = null;
        await source.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _memory.Clear();
        if (_source is not { } source)
            return;
        _source = null;
        await source.DisposeAsync();
    }

    private async ValueTask<bool> ForwardAsync(CancellationToken cancellationToken)
    {
        if (_rows is not null && Position < _read)
        {
            Position++;
            return true;
        }

        if (_source is not null && Position <= _read && await _source.MoveNextAsync(cancellationToken))
        {
            if (_rows is not null)
            {
                Keep(_source.Row.ToArray());
                if (!_keyed.IsEmpty)
                    _keys.Add(_source.RowKeys());
            }

            Position = ++_read;
            return true;
        }

        Position = _read + 1;
        return false;
    }

    private void Keep(Datum[] row)
    {
        _memory.Hold(row);
        _rows!.Add(row);
    }

    private bool Backward()
    {
        if (!scroll)
            throw SessionErrors.ForwardOnly();
        Position = Math.Max(0, Position - 1);
        return Position > 0;
    }
}

/// <summary>FETCH and MOVE: walks a cursor as far as the statement says.</summary>
internal sealed class FetchResult(Cursor cursor, FetchStatement statement) : IStatementResult
{
    private long _moved;
    private bool _done;

    public ReadOnlySpan<Datum> Row => cursor.Row;

    public long AffectedRows => 0;

    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_done)
            return false;
        var moved = statement.Direction switch
        {
            FetchDirection.First => await OnceAsync(1, cancellationToken),
            FetchDirection.Last => await OnceAsync(-1, cancellationToken),
            FetchDirection.Absolute => await OnceAsync(statement.Count ?? 0, cancellationToken),
            FetchDirection.Relative => await OnceAsync(Math.Max(0, cursor.Position + (statement.Count ?? 0)), cancellationToken),
            FetchDirection.Prior => await WalkAsync(-1, cancellationToken),
            FetchDirection.Backward => await WalkAsync(statement.Count is { } back ? -back : long.MinValue, cancellationToken),
            FetchDirection.Forward => await WalkAsync(statement.Count ?? long.MaxValue, cancellationToken),
            _ => await WalkAsync(1, cancellationToken),
        };
        if (moved)
            _moved++;
        else
            _done = true;
        return moved;
    }

    public string CommandTag(long rowsSent) => $"{(statement.IsMove ? "MOVE" : "FETCH")} {_moved}";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ValueTask<bool> OnceAsync(long target, CancellationToken cancellationToken) =>
        _moved > 0 ? ValueTask.FromResult(false) : cursor.GoToAsync(target, cancellationToken);

    private ValueTask<bool> WalkAsync(long count, CancellationToken cancellationToken)
    {
        // FETCH 0 gives the current row again.
        if (count == 0)
            return ValueTask.FromResult(_moved == 0 && cursor.IsOnRow);
        return _moved >= (count == long.MinValue ? long.MaxValue : Math.Abs(count)) ? ValueTask.FromResult(false) : cursor.StepAsync(count > 0, cancellationToken);
    }
}
