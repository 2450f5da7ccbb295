using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>Runs compiled statements: common tables first, then the query or the data change. One per execution.</summary>
internal sealed class StatementRunner(ExecutionState state, ForeignKeyEnforcer foreignKeys, CancellationToken cancellationToken)
{
    /// <summary>Rows changed.</summary>
    public long Affected { get; private set; }

    public List<Datum[]> Returned { get; } = [];

    /// <summary>Makes common tables in order; data-changing ones run to their end, and so do queries beside a change: they must not see what it wrote.</summary>
    public async ValueTask RunCommonTablesAsync(CompiledStatement statement)
    {
        var mayWait = statement is CompiledQuery && statement.CommonTables.All(t => t.Statement is CompiledQuery);
        foreach (var table in statement.CommonTables)
            await RunCommonTableAsync(table, mayWait);
    }

    /// <summary>Runs an INSERT, UPDATE or DELETE to its end; RETURNING rows are in <see cref="Returned"/>.</summary>
    public async ValueTask RunChangeAsync(CompiledStatement statement)
    {
        await RunCommonTablesAsync(statement);
        switch (statement)
        {
            case CompiledInsert insert:
                await new InsertRunner(state, insert, foreignKeys, this, cancellationToken).RunAsync();
                break;
            case CompiledUpdate update:
                await RunUpdateAsync(update);
                break;
            case CompiledDelete delete:
                await RunDeleteAsync(delete);
                break;
            case CompiledMerge merge:
                await new MergeRunner(state, merge, foreignKeys, this, cancellationToken).RunAsync();
                break;
        }
    }

    public void Changed(CompiledReturning? returning)
    {
        Affected++;
        if (returning is null)
            return;
        var row = returning.Evaluate(state);
        Returned.Add(row);
        state.Hold(RowMemory.Of(row));
    }

    private async ValueTask RunCommonTableAsync(CompiledCommonTable table, bool mayWait)
    {
        var rows = new RowBuffer(table.Types, state);
        if (table.Statement is CompiledQuery query)
        {
            await RunCommonTablesAsync(query);
            CommonTableRows made = table.Recursive is null ? new QueriedRows(state, rows, query) : new RecursiveRows(state, rows, new RecursionPlan(table.Table, table.Types, query.Root, query.Output, table.Recursive, table.RecursiveOutput));
            state.SetCommonTable(table.Table, made);
            if (!mayWait)
                made.Finish();
            return;
        }

        var inner = new StatementRunner(state, foreignKeys, cancellationToken);
        await inner.RunChangeAsync(table.Statement);
        foreach (var row in inner.Returned)
            row.CopyTo(rows.Add());
        state.SetCommonTable(table.Table, new ComputedRows(rows));
    }

    private async ValueTask RunUpdateAsync(CompiledUpdate update)
    {
        var mode = update.ChangesKey ? LockMode.Update : LockMode.NoKeyUpdate;
        var source = update.Source.Create(state);
        var writer = new TableWriter(state, update.Writer) { MayMoveSnapshot = update.Point is not null };
        if (update.Point is { } point && !await LockPointAsync(point, mode))
            return;
        source.Open();
        if (update.Streams)
        {
            while (source.Next())
                await UpdateRowAsync(update, writer, mode);
            source.Close();
            return;
        }

        await UpdateBufferedAsync(update, source, writer, mode);
    }

    /// <summary>Locks the only key before it is read: what is read then is the newest version, without a second run.</summary>
    private async ValueTask<bool> LockPointAsync(ScanTemplate point, LockMode mode)
    {
        var key = new Catalog.Encoding.ByteWriter(48);
        if (!point.Ranges.TryWritePoint(state, key))
            return false;
        await state.Transaction.LockAsync(key.ToArray(), mode, LockWaitPolicy.Wait, cancellationToken);
        return true;
    }

    private async ValueTask UpdateRowAsync(CompiledUpdate update, TableWriter writer, LockMode mode)
    {
        var key = state.Slots[update.KeySlot].AsBytes();
        if (update.Point is null)
            await writer.LockKeyAsync(key, mode, cancellationToken);
        var before = Capture(update.Current);
        var changes = EvaluateAssignments(update);
        writer.Restore(before);
        Apply(writer, changes);
        await WriteUpdateAsync(writer, update.Returning, key, before);
    }

    /// <summary>Writes the new row that stands in the writer's slots over a locked one.</summary>
    public async ValueTask WriteUpdateAsync(TableWriter writer, CompiledReturning? returning, byte[] key, Datum[] before)
    {
        writer.Complete(writer.Template.UpdatePolicies);
        var table = writer.Template.Table;
        var hasKeys = table.ForeignKeys.Length > 0 || table.ReferencedBy.Length > 0;
        var after = hasKeys ? writer.NewRow().ToArray() : null;
        await writer.UpdateAsync(key, before, cancellationToken);
        if (after is not null)
        {
            foreignKeys.ChildWritten(table, after, before);
            await foreignKeys.ParentChangedAsync(table, before, after, cancellationToken);
        }

        Changed(returning);
    }

    /// <summary>Evaluates everything first, since the source may read the table again while rows change; a row is updated once.</summary>
    private async ValueTask UpdateBufferedAsync(CompiledUpdate update, Operator source, TableWriter writer, LockMode mode)
    {
        var pending = new List<(byte[] Key, Datum[] Before, (int Ordinal, Datum Value)[] Changes, Datum[]? Slots)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (source.Next())
        {
            state.CheckInterrupts();
            var key = state.Slots[update.KeySlot];
            if (key.IsNull || !seen.Add(Convert.ToHexString(key.AsBytes())))
                continue;
            await writer.LockKeyAsync(key.AsBytes(), mode, cancellationToken);
            pending.Add((key.AsBytes(), Capture(update.Current), EvaluateAssignments(update), update.Returning is null ? null : state.Slots.ToArray()));
        }

        source.Close();
        foreach (var (key, before, changes, slots) in pending)
        {
            slots?.CopyTo(state.Slots, 0);
            writer.Restore(before);
            Apply(writer, changes);
            await WriteUpdateAsync(writer, update.Returning, key, before);
        }
    }

    private (int Ordinal, Datum Value)[] EvaluateAssignments(CompiledUpdate update)
    {
        var values = new (int, Datum)[update.Assignments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = (update.Assignments[i].Ordinal, update.Assignments[i].Expression.Evaluate(state));
        return values;
    }

    private void Apply(TableWriter writer, (int Ordinal, Datum Value)[] changes)
    {
        foreach (var (ordinal, value) in changes)
            state.Slots[writer.Template.RowSlots[ordinal]] = value;
    }

    private async ValueTask RunDeleteAsync(CompiledDelete delete)
    {
        var source = delete.Source.Create(state);
        var writer = new TableWriter(state, delete.Writer) { MayMoveSnapshot = delete.Point is not null };
        if (delete.Point is { } point && !await LockPointAsync(point, LockMode.Update))
            return;
        source.Open();
        if (delete.Streams)
        {
            while (source.Next())
                await DeleteRowAsync(delete, writer, state.Slots[delete.KeySlot].AsBytes(), Capture(delete.Current));
            source.Close();
            return;
        }

        var pending = new List<(byte[] Key, Datum[] Row, Datum[]? Slots)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (source.Next())
        {
            state.CheckInterrupts();
            var key = state.Slots[delete.KeySlot];
            if (!key.IsNull && seen.Add(Convert.ToHexString(key.AsBytes())))
                pending.Add((key.AsBytes(), Capture(delete.Current), delete.Returning is null ? null : state.Slots.ToArray()));
        }

        source.Close();
        foreach (var (key, row, slots) in pending)
        {
            slots?.CopyTo(state.Slots, 0);
            await DeleteRowAsync(delete, writer, key, row);
        }
    }

    private async ValueTask DeleteRowAsync(CompiledDelete delete, TableWriter writer, byte[] key, Datum[] row)
    {
        if (delete.Point is null)
            await writer.LockKeyAsync(key, LockMode.Update, cancellationToken);
        await WriteDeleteAsync(writer, delete.Returning, key, row);
    }

    /// <summary>Deletes a locked row.</summary>
    public async ValueTask WriteDeleteAsync(TableWriter writer, CompiledReturning? returning, byte[] key, Datum[] row)
    {
        var table = writer.Template.Table;
        // A cascade of this very statement may have removed the row.
        if (table.ReferencedBy.Length > 0 && !writer.Exists(key))
            return;
        // RETURNING reads the row where DeleteAsync puts it.
        await writer.DeleteAsync(key, row, cancellationToken);
        Changed(returning);
        if (table.ReferencedBy.Length > 0)
            await foreignKeys.ParentChangedAsync(table, row, null, cancellationToken);
    }

    private Datum[] Capture(int[] slots)
    {
        var row = new Datum[slots.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = state.Slots[slots[i]];
        return row;
    }
}

/// <summary>INSERT with ON CONFLICT.</summary>
internal sealed class InsertRunner(ExecutionState state, CompiledInsert insert, ForeignKeyEnforcer foreignKeys, StatementRunner runner, CancellationToken cancellationToken)
{
    /// <summary>Rows from which on an INSERT counts as large.</summary>
    private const int LargeRows = 5_000;

    private TableWriter _writer = new(state, insert.Writer) { MayMoveSnapshot = insert.IsPure };
    private HashSet<string>? _touched;

    public async ValueTask RunAsync()
    {
        var source = insert.Source.Create(state);
        source.Open();
        if (insert.IsPure)
        {
            while (source.Next())
                await InsertRowAsync();
        }
        else
        {
            await InsertCollectedAsync(source);
        }

        source.Close();
        if (_writer.Load is { } load)
            await _writer.FinishLoadAsync(load);
    }

    /// <summary>The source may read the table that it feeds: then all its rows come first. Where it does not, a large INSERT goes on row by row, by a load if there may be one.</summary>
    private async ValueTask InsertCollectedAsync(Operator source)
    {
        var rows = new List<Datum[]>();
        var held = new MemoryAccount(state);
        while (source.Next())
        {
            state.CheckInterrupts();
            Datum[] row = [.. insert.Targets.Select(t => state.Slots[t.Slot])];
            rows.Add(row);
            held.Add(RowMemory.Of(row));
            if (rows.Count < LargeRows || !insert.Streams)
                continue;
            var load = await TableWriter.OpenLargeLoadAsync(insert.Writer.Table, state.Environment, mayMoveSnapshot: false, cancellationToken);
            _writer = new TableWriter(state, insert.Writer) { Load = load };
            await InsertAllAsync(rows);
            held.Clear();
            while (source.Next())
                await InsertRowAsync();
            return;
        }

        await InsertAllAsync(rows);
        held.Clear();
    }

    private async ValueTask InsertAllAsync(List<Datum[]> rows)
    {
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
                state.Slots[insert.Targets[i].Slot] = row[i];
            await InsertRowAsync();
        }
    }

    private async ValueTask InsertRowAsync()
    {
        state.CheckInterrupts();
        var slots = insert.Writer.RowSlots;
        foreach (var (slot, ordinal) in insert.Targets)
            state.Slots[slots[ordinal]] = state.Slots[slot];
        foreach (var (ordinal, value) in insert.Defaults)
            state.Slots[slots[ordinal]] = value?.Evaluate(state) ?? Datum.Null;
        _writer.Complete(insert.Writer.InsertPolicies);
        if (insert.Conflict is { } conflict && await FindConflictAsync(conflict) is { } existing)
        {
            if (!conflict.DoNothing)
                await UpdateExistingAsync(conflict, existing);
            return;
        }

        var hasKeys = insert.Writer.Table.ForeignKeys.Length > 0;
        var row = hasKeys ? _writer.NewRow().ToArray() : null;
        _writer.RowNumber++;
        await _writer.InsertAsync(cancellationToken);
        if (row is not null && _writer.Load is not null)
            await foreignKeys.ChildLoadedAsync(insert.Writer.Table, row);
        else if (row is not null)
            foreignKeys.ChildWritten(insert.Writer.Table, row, null);
        runner.Changed(insert.Returning);
    }

    /// <summary>The primary key of the row that the new one collides with, under the arbiter (or any unique index).</summary>
    private async ValueTask<byte[]?> FindConflictAsync(CompiledConflict conflict)
    {
        var table = insert.Writer.Table;
        if (conflict.Arbiter is null || conflict.Arbiter.KeyId == table.PrimaryIndex.KeyId)
        {
            if (insert.Writer.ChecksPrimaryKey)
            {
                var key = _writer.EncodeKey();
                await _writer.LockKeyAsync(key, LockMode.Update, cancellationToken);
                if (_writer.Exists(key))
                    return key;
            }
        }

        foreach (var index in insert.Writer.Indexes)
        {
            if (!index.Index.Unique || (conflict.Arbiter is not null && conflict.Arbiter.KeyId != index.Index.KeyId))
                continue;
            if (await _writer.FindByUniqueAsync(index, cancellationToken) is { } found)
                return found;
        }

        return null;
    }

    private async ValueTask UpdateExistingAsync(CompiledConflict conflict, byte[] key)
    {
        if (!(_touched ??= new HashSet<string>(StringComparer.Ordinal)).Add(Convert.ToHexString(key)))
        {
            throw new SqlException(SqlState.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time")
            {
                Hint = "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
            };
        }

        var table = insert.Writer.Table;
        await _writer.LockKeyAsync(key, LockMode.Update, cancellationToken);
        var proposed = _writer.NewRow().ToArray();
        var before = new Datum[table.Columns.Length];
        using (var stored = state.Transaction.Get(key))
        {
            if (!stored.Found)
                throw new StatementRestartException();
            insert.Writer.Rows.CreateReader(Enumerable.Range(0, before.Length).ToArray()).Read(key, stored.Value, before);
        }

        for (var i = 0; i < before.Length; i++)
        {
            state.Slots[conflict.Existing[i]] = before[i];
            state.Slots[conflict.Excluded[i]] = proposed[i];
        }

        if (conflict.Policy is { } policy && !policy.Holds(state))
            throw ConstraintErrors.PolicyOfExisting(table, "new");
        if (conflict.Where is { } where && !where.Holds(state))
            return;
        var values = conflict.Assignments.Select(a => (a.Ordinal, Value: a.Expression.Evaluate(state))).ToList();
        _writer.Restore(before);
        foreach (var (ordinal, value) in values)
            state.Slots[insert.Writer.RowSlots[ordinal]] = value;
        _writer.Complete(insert.Writer.UpdatePolicies);
        var after = _writer.NewRow().ToArray();
        await _writer.UpdateAsync(key, before, cancellationToken);
        foreignKeys.ChildWritten(table, after, before);
        await foreignKeys.ParentChangedAsync(table, before, after, cancellationToken);
        runner.Changed(insert.Returning);
    }
}
