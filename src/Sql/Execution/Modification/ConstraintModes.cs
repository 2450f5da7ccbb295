namespace Chitin.Sql.Execution;

/// <summary>What SET CONSTRAINTS has said in this transaction. Owned by the session; not for concurrent use.</summary>
public sealed class ConstraintModes
{
    private readonly Dictionary<uint, bool> _own = [];
    private bool? _all;

    public bool IsDeferred(uint constraint, bool deferrable, bool initiallyDeferred) =>
        deferrable && (_own.TryGetValue(constraint, out var own) ? own : _all ?? initiallyDeferred);

    /// <param name="constraints">Null: all, those of earlier commands too.</param>
    public void Set(IReadOnlyCollection<uint>? constraints, bool deferred)
    {
        if (constraints is null)
        {
            Clear();
            _all = deferred;
            return;
        }

        foreach (var constraint in constraints)
            _own[constraint] = deferred;
    }

    public void Clear()
    {
        _own.Clear();
        _all = null;
    }
}

/// <summary>A check that waits for the transaction's end or for SET CONSTRAINTS … IMMEDIATE.</summary>
public sealed record DeferredCheck(uint Constraint, Func<StatementEnvironment, ValueTask> RunAsync);
