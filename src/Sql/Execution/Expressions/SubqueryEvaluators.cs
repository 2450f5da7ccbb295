using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>
/// A subquery inside an expression. Its operator belongs to the execution. An uncorrelated one without volatile functions is computed once and its answer kept.
/// </summary>
internal abstract class SubqueryEvaluator(OperatorTemplate template, int subplan, int memory) : Evaluator
{
    public OperatorTemplate Template => template;

    public sealed override Datum Evaluate(ExecutionState state)
    {
        if (memory < 0)
            return Compute(state);
        ref var place = ref state.Memory(memory);
        if (place is Kept kept)
            return kept.Value;
        var value = Compute(state);
        state.Memory(memory) = new Kept(value);
        return value;
    }

    protected abstract Datum Compute(ExecutionState state);

    protected Operator Open(ExecutionState state)
    {
        var running = state.Subplan(subplan, template);
        running.Open();
        return running;
    }

    private sealed record Kept(Datum Value);
}

internal sealed class ExistsEvaluator(OperatorTemplate template, int subplan, int memory) : SubqueryEvaluator(template, subplan, memory)
{
    protected override Datum Compute(ExecutionState state)
    {
        var rows = Open(state);
        var found = rows.Next();
        rows.Close();
        return Datum.FromBool(found);
    }
}

internal sealed class ScalarSubqueryEvaluator(OperatorTemplate template, int subplan, int memory, int output) : SubqueryEvaluator(template, subplan, memory)
{
    protected override Datum Compute(ExecutionState state)
    {
        var rows = Open(state);
        if (!rows.Next())
        {
            rows.Close();
            return Datum.Null;
        }

        var value = state.Slots[output];
        if (rows.Next())
            throw new SqlException(SqlState.CardinalityViolation, "more than one row returned by a subquery used as an expression");
        rows.Close();
        return value;
    }
}

internal sealed class RowSubqueryEvaluator(OperatorTemplate template, int subplan, int memory, int[] outputs, SqlType[] types) : SubqueryEvaluator(template, subplan, memory)
{
    protected override Datum Compute(ExecutionState state)
    {
        var rows = Open(state);
        if (!rows.Next())
        {
            rows.Close();
            return Datum.Null;
        }

        var fields = new Datum[outputs.Length];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = state.Slots[outputs[i]];
        if (rows.Next())
            throw new SqlException(SqlState.CardinalityViolation, "more than one row returned by a subquery used as an expression");
        rows.Close();
        return Datum.FromObject(new SqlRecord([.. types], fields));
    }
}

internal sealed class ArraySubqueryEvaluator(OperatorTemplate template, int subplan, int memory, int output, SqlType elementType)
    : SubqueryEvaluator(template, subplan, memory)
{
    protected override Datum Compute(ExecutionState state)
    {
        var elements = new List<Datum>();
        var held = new MemoryAccount(state);
        var rows = Open(state);
        while (rows.Next())
        {
            elements.Add(state.Slots[output]);
            held.Add(RowMemory.Of(elements[^1]));
        }

        rows.Close();
        held.Clear();
        return ArrayEvaluator.FromElements(elements, elementType);
    }
}

/// <summary>x op ANY/ALL (query), row by row, over the rows kept from the first run when the query is uncorrelated.</summary>
internal sealed class QuantifiedSubqueryEvaluator(OperatorTemplate template, int subplan, int rowsMemory, int[] outputs, SqlType[] types, Evaluator comparison, bool all)
    : SubqueryEvaluator(template, subplan, memory: -1)
{
    protected override Datum Compute(ExecutionState state)
    {
        var unknown = false;
        if (rowsMemory >= 0)
        {
            if (state.Memory(rowsMemory) is not RowBuffer kept)
                state.Memory(rowsMemory) = kept = ReadAll(state);
            for (var i = 0; i < kept.Count; i++)
            {
                kept.Restore(i, state.Slots, outputs);
                if (Decide(state, ref unknown))
                    return Datum.FromBool(!all);
            }
        }
        else
        {
            var rows = Open(state);
            while (rows.Next())
            {
                if (!Decide(state, ref unknown))
                    continue;
                rows.Close();
                return Datum.FromBool(!all);
            }

            rows.Close();
        }

        return unknown ? Datum.Null : Datum.FromBool(all);
    }

    private bool Decide(ExecutionState state, ref bool unknown)
    {
        state.CheckInterrupts();
        var result = comparison.Evaluate(state);
        unknown |= result.IsNull;
        return all ? result.IsFalse : result.IsTrue;
    }

    private RowBuffer ReadAll(ExecutionState state)
    {
        var buffer = new RowBuffer(types, state);
        var rows = Open(state);
        while (rows.Next())
            buffer.Add(state.Slots, outputs);
        rows.Close();
        return buffer;
    }
}

/// <summary>x = ANY (uncorrelated query): the query's values in a hash set.</summary>
internal sealed class HashedMembershipEvaluator(OperatorTemplate template, int subplan, int setMemory, int output, Evaluator left, SqlType type)
    : SubqueryEvaluator(template, subplan, memory: -1)
{
    protected override Datum Compute(ExecutionState state)
    {
        if (state.Memory(setMemory) is not Members members)
            state.Memory(setMemory) = members = ReadAll(state);
        if (members.Values.Count == 0 && !members.HasNull)
            return Datum.False;
        var value = left.Evaluate(state);
        if (value.IsNull)
            return Datum.Null;
        if (members.Values.Contains(value))
            return Datum.True;
        return members.HasNull ? Datum.Null : Datum.False;
    }

    private Members ReadAll(ExecutionState state)
    {
        var members = new Members(new HashSet<Datum>(new DatumComparer(type)));
        var rows = Open(state);
        while (rows.Next())
        {
            var value = state.Slots[output];
            if (value.IsNull)
                members.HasNull = true;
            else if (members.Values.Add(value))
                state.Hold(RowMemory.Of(value));
        }

        rows.Close();
        return members;
    }

    private sealed class Members(HashSet<Datum> values)
    {
        public HashSet<Datum> Values => values;

        public bool HasNull { get; set; }
    }
}
