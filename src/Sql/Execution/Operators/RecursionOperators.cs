using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Execution;

internal sealed class RecursionTemplate : OperatorTemplate
{
    public required BoundCommonTable Table { get; init; }

    public required OperatorTemplate Initial { get; init; }

    public required int[] InitialOutput { get; init; }

    public required OperatorTemplate Term { get; init; }

    public required int[] TermOutput { get; init; }

    public required SqlType[] Types { get; init; }

    public required int[] Slots { get; init; }

    protected override Operator CreateOperator(ExecutionState state) => new RecursionOperator(state, this);
}

/// <summary>A recursion that refers to outer columns: part of the tree, run anew for each outer row.</summary>
internal sealed class RecursionOperator(ExecutionState state, RecursionTemplate template) : Operator(state)
{
    private readonly RecursionPlan _plan = new(template.Table, template.Types, template.Initial, template.InitialOutput, template.Term, template.TermOutput);
    private RecursiveRows? _rows;
    private int _next;

    public override void Open()
    {
        _rows?.Close();
        _rows = new RecursiveRows(State, new RowBuffer(template.Types, State), _plan);
        _next = 0;
    }

    public override bool Next()
    {
        State.CheckInterrupts();
        if (!_rows!.Reaches(_next))
            return false;
        _rows.Restore(_next++, State.Slots, template.Slots);
        return true;
    }

    public override void Close() => _rows?.Close();
}
