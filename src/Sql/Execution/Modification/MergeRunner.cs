using Chitin.Core;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>
/// MERGE: every row of the join gets its action and its new values before anything is written, as the source may read the target too. 21000 when two source rows change one target row.
/// </summary>
internal sealed class MergeRunner(ExecutionState state, CompiledMerge merge, ForeignKeyEnforcer foreignKeys, StatementRunner runner, CancellationToken cancellationToken)
{
    private readonly TableWriter _writer = new(state, merge.Writer);

    private sealed record Pending(CompiledMergeAction Action, byte[]? Key, Datum[] Before, Datum[] Values);

    public async ValueTask RunAsync()
    {
        foreach (var change in await CollectAsync())
        {
            state.CheckInterrupts();
            switch (change.Action.Kind)
            {
                case MergeKind.Insert:
                    await InsertAsync(change);
                    break;
                case MergeKind.Update:
                    _writer.Restore(change.Before);
                    Assign(change);
                    await runner.WriteUpdateAsync(_writer, null, change.Key!, change.Before);
                    break;
                default:
                    await runner.WriteDeleteAsync(_writer, null, change.Key!, change.Before);
                    break;
            }
        }
    }

    private async ValueTask<List<Pending>> CollectAsync()
    {
        var pending = new List<Pending>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var source = merge.Source.Create(state);
        source.Open();
        while (source.Next())
        {
            state.CheckInterrupts();
            var key = state.Slots[merge.KeySlot];
            var action = Array.Find(merge.Actions, a => a.Matched == !key.IsNull && (a.Condition is null || a.Condition.Holds(state)));
            if (action is null or { Kind: MergeKind.DoNothing })
                continue;
            if (action.Policy is { } policy && !policy.Holds(state))
                throw ConstraintErrors.PolicyOfExisting(merge.Writer.Table, "target");
            if (action.Matched)
            {
                if (!seen.Add(Convert.ToHexString(key.AsBytes())))
                {
                    throw new SqlException(SqlState.CardinalityViolation, "MERGE command cannot affect row a second time")
                    {
                        Hint = "Ensure that not more than one source row matches any one target row.",
                    };
                }

                await _writer.LockKeyAsync(key.AsBytes(), action.Kind == MergeKind.Delete || action.ChangesKey ? LockMode.Update : LockMode.NoKeyUpdate, cancellationToken);
            }

            pending.Add(new Pending(
                action, key.IsNull ? null : key.AsBytes(), action.Matched ? [.. merge.Current.Select(slot => state.Slots[slot])] : [], [.. action.Values.Select(v => v.Expression.Evaluate(state))]));
        }

        source.Close();
        return pending;
    }

    private void Assign(Pending change)
    {
        for (var i = 0; i < change.Values.Length; i++)
            state.Slots[merge.Writer.RowSlots[change.Action.Values[i].Ordinal]] = change.Values[i];
    }

    private async ValueTask InsertAsync(Pending change)
    {
        Assign(change);
        foreach (var (ordinal, value) in change.Action.Defaults)
            state.Slots[merge.Writer.RowSlots[ordinal]] = value?.Evaluate(state) ?? Datum.Null;
        _writer.Complete(merge.Writer.InsertPolicies);
        var row = merge.Writer.Table.ForeignKeys.Length > 0 ? _writer.NewRow().ToArray() : null;
        _writer.RowNumber++;
        await _writer.InsertAsync(cancellationToken);
        if (row is not null)
            foreignKeys.ChildWritten(merge.Writer.Table, row, null);
        runner.Changed(null);
    }
}
