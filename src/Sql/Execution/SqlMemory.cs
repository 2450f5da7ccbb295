using Chitin.Core;

namespace Chitin.Sql.Execution;

/// <summary>What the statements and cursors of a node may hold in memory together (--max-sql-memory). Beyond it, the statement that asks for more fails with 53200.</summary>
/// <remarks>Safe for concurrent use. Bytes are estimates, as those for work_mem are.</remarks>
public sealed class SqlMemory(long limit)
{
    private long _used;

    /// <summary>Of a node of which nobody has said how much it may take (tests).</summary>
    public static SqlMemory Unlimited { get; } = new(long.MaxValue);

    public long Limit => limit;

    public long Used => Volatile.Read(ref _used);

    /// <summary>53200 when there is less left; nothing is taken then.</summary>
    public void Take(long bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        if (used <= limit)
            return;
        Interlocked.Add(ref _used, -bytes);
        throw new SqlException(SqlState.OutOfMemory, $"memory budget exceeded: {bytes} bytes requested, {used - bytes} currently allocated, {limit} bytes in budget")
        {
            Hint = "Let the statement hold less at once, or start the node with more --max-sql-memory.",
        };
    }

    public void Give(long bytes) => Interlocked.Add(ref _used, -bytes);
}

/// <summary>One holder's share, taken in steps so that small changes touch nothing that others use. The first step is free: most statements need no more.</summary>
public sealed class MemoryShare(SqlMemory memory)
{
    private const long Step = 128 * 1024;

    private long _held;
    private long _limit = Step;
    private Taken? _taken;

    public void Hold(long bytes)
    {
        _held += bytes;
        if (_held > _limit)
            TakeMore();
    }

    public void LetGo(long bytes)
    {
        _held -= bytes;
        if (_limit - _held > 4 * Step)
            GiveBack(Math.Max(Step, (_held / Step * Step) + Step));
    }

    /// <summary>Counts a row that is kept.</summary>
    public void Hold(ReadOnlySpan<Datum> row) => Hold(RowMemory.Of(row));

    /// <summary>Gives all of it back.</summary>
    public void Clear()
    {
        _held = 0;
        GiveBack(Step);
    }

    private void TakeMore()
    {
        var needed = (_held - _limit + Step - 1) / Step * Step;
        (_taken ??= new Taken(memory)).Take(needed);
        _limit += needed;
    }

    private void GiveBack(long limit)
    {
        if (limit >= _limit)
            return;
        if (limit > Step)
        {
            _taken!.Give(_limit - limit);
        }
        else
        {
            _taken!.Dispose();
            _taken = null;
        }

        _limit = limit;
    }

    /// <summary>Gives back what nobody has: a holder that was forgotten must not take from the others for good.</summary>
    private sealed class Taken(SqlMemory memory) : IDisposable
    {
        private long _bytes;

        ~Taken() => memory.Give(_bytes);

        public void Dispose()
        {
            Give(_bytes);
            GC.SuppressFinalize(this);
        }

        public void Take(long bytes)
        {
            memory.Take(bytes);
            _bytes += bytes;
        }

        public void Give(long bytes)
        {
            memory.Give(bytes);
            _bytes -= bytes;
        }
    }
}

/// <summary>What one operator holds: against work_mem for itself, against the node's budget with all others.</summary>
internal sealed class MemoryAccount(ExecutionState state)
{
    public long Bytes { get; private set; }

    public void Add(long bytes)
    {
        Bytes += bytes;
        state.Hold(bytes);
    }

    /// <summary>For what grows: counts what is more than was counted.</summary>
    public void RaiseTo(long bytes)
    {
        if (bytes > Bytes)
            Add(bytes - Bytes);
    }

    public void Clear()
    {
        state.LetGo(Bytes);
        Bytes = 0;
    }
}
