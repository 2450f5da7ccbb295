using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

/// <summary>
/// The rows of a common table, computed as far as its readers have come: a query that stops early does not run its common tables to their end (PostgreSQL 7.8.3), which
/// makes an endless recursion under LIMIT finish. All readers share one buffer.
/// </summary>
internal abstract class CommonTableRows(RowBuffer rows)
{
    private bool _ended;

    protected RowBuffer Rows { get; } = rows;

    /// <summary>Whether there is a row with this index; computes it when it is not there yet.</summary>
    public bool Reaches(int index)
    {
        while (index >= Rows.Count)
        {
            if (_ended)
                return false;
            if (!Advance())
                _ended = true;
        }

        return true;
    }

    public void Restore(int index, Datum[] slots, int[] columns) => Rows.Restore(index, slots, columns);

    /// <summary>Computes the rest.</summary>
    public void Finish() => Reaches(int.MaxValue - 1);

    public virtual void Close()
    {
        _ended = true;
        Rows.Clear();
    }

    /// <summary>Computes some more rows, perhaps none; false at the end.</summary>
    protected abstract bool Advance();
}

/// <summary>Rows that are all there: what a data change returned, or the working table of a recursion.</summary>
internal sealed class ComputedRows(RowBuffer rows) : CommonTableRows(rows)
{
    protected override bool Advance() => false;
}

/// <summary>A common table that is a plain query.</summary>
internal sealed class QueriedRows(ExecutionState state, RowBuffer rows, CompiledQuery query) : CommonTableRows(rows)
{
    private Operator? _root;

    public override void Close()
    {
        base.Close();
        _root?.Close();
    }

    protected override bool Advance()
    {
        if (_root is null)
        {
            _root = query.Root.Create(state);
            _root.Open();
        }

        if (!_root.Next())
        {
            _root.Close();
            return false;
        }

        state.CheckInterrupts();
        Rows.Add(state.Slots, query.Output);
        return true;
    }
}

/// <summary>The two terms of a recursion and where their columns stand.</summary>
internal sealed record RecursionPlan(BoundCommonTable Table, SqlType[] Types, OperatorTemplate First, int[] FirstOutput, OperatorTemplate Term, int[] TermOutput);

/// <summary>WITH RECURSIVE: the recursive term runs over the rows of the last round until it gives none (7.8.2).</summary>
internal sealed class RecursiveRows(ExecutionState state, RowBuffer rows, RecursionPlan plan) : CommonTableRows(rows)
{
    private readonly RecursionHistory? _history = plan.Table.RecursiveDistinct ? new RecursionHistory(state, plan.Types) : null;
    private Operator? _first;
    private Operator? _term;
    private RowBuffer _working = new(plan.Types, state);
    private RowBuffer _next = new(plan.Types, state);

    public override void Close()
    {
        base.Close();
        _first?.Close();
        _term?.Close();
        _working.Clear();
        _next.Clear();
        _history?.Clear();
    }

    protected override bool Advance()
    {
        state.CheckInterrupts();
        if (_first is null)
        {
            _first = plan.First.Create(state);
            _first.Open();
        }

        if (_term is null)
        {
            if (_first.Next())
            {
                Take(plan.FirstOutput);
                return true;
            }

            _first.Close();
            _term = plan.Term.Create(state);
            return BeginRound();
        }

        if (!_term.Next())
            return BeginRound();
        Take(plan.TermOutput);
        return true;
    }

    private void Take(int[] output)
    {
        if (_history is not null)
        {
            var row = new Datum[output.Length];
            for (var i = 0; i < row.Length; i++)
                row[i] = state.Slots[output[i]];
            if (!_history.Add(row))
            {
                if (_history.MustDecide)
                    TakeNew();
                return;
            }
        }

        Rows.Add(state.Slots, output);
        _next.Add(state.Slots, output);
    }

    /// <summary>The new rows among those that could not be told at once.</summary>
    private void TakeNew()
    {
        foreach (var row in _history!.Decide())
        {
            row.CopyTo(Rows.Add());
            row.CopyTo(_next.Add());
        }
    }

    private bool BeginRound()
    {
        if (_history is not null)
            TakeNew();
        if (_next.Count == 0)
        {
            _term!.Close();
            _history?.Clear();
            return false;
        }

        (_working, _next) = (_next, _working);
        _next.Clear();
        state.SetWorkingTable(plan.Table, new ComputedRows(_working));
        _term!.Open();
        return true;
    }
}
