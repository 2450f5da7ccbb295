using System.Diagnostics;
using Chitin.Sql.Planning;

namespace Chitin.Sql.Execution;

/// <summary>The immutable, compiled form of a plan node; makes the run state of one execution.</summary>
internal abstract class OperatorTemplate
{
    /// <summary>The node that this was compiled from, for EXPLAIN.</summary>
    public required PlanNode Node { get; init; }

    public Operator Create(ExecutionState state)
    {
        var created = CreateOperator(state);
        return state.Instrumentation is { } instrumentation
            ? new InstrumentedOperator(state, created, instrumentation.For(this))
            : created;
    }

    protected abstract Operator CreateOperator(ExecutionState state);
}

/// <summary>
/// A running operator: after <see cref="Open"/>, each <see cref="Next"/> that returns true has put one row into the frame's slots. Open again starts over
/// (inner sides of loops, subplans). Close frees cursors and files; closing twice is harmless.
/// </summary>
internal abstract class Operator(ExecutionState state)
{
    protected ExecutionState State { get; } = state;

    public abstract void Open();

    public abstract bool Next();

    public abstract void Close();
}

internal sealed class InstrumentedOperator(ExecutionState state, Operator inner, OperatorStatistics statistics) : Operator(state)
{
    public Operator Inner => inner;

    public override void Open()
    {
        var start = Stopwatch.GetTimestamp();
        inner.Open();
        statistics.Loops++;
        var elapsed = Stopwatch.GetTimestamp() - start;
        statistics.StartupTicks += elapsed;
        statistics.TotalTicks += elapsed;
    }

    public override bool Next()
    {
        var start = Stopwatch.GetTimestamp();
        var found = inner.Next();
        var elapsed = Stopwatch.GetTimestamp() - start;
        if (statistics.Rows == 0)
            statistics.StartupTicks += elapsed;
        statistics.TotalTicks += elapsed;
        if (found)
            statistics.Rows++;
        return found;
    }

    public override void Close() => inner.Close();
}
