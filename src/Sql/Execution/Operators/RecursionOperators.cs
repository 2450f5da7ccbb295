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
internal sealed class RecursionOperator(ExecutionState state, RecursionTemplate template) : KeptRowsOperator(state, template.Slots)
{
    private readonly RecursionPlan _plan = new(template.Table, template.Types, template.Initial, template.InitialOutput, template.Term, template.TermOutput);
    private RecursiveRows? _rows;

    public override void Open()
    {
        _rows?.Close();
        Start(_rows = new RecursiveRows(State, new RowBuffer(template.Types, State), _plan));
    }

    public override void Close() => _rows?.Close();
}
