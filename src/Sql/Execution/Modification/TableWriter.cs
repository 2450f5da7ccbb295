using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>The compiled form of a <see cref="BoundTarget"/>: how rows of a table are completed, checked and written.</summary>
internal sealed class TableWriterTemplate
{
    public TableWriterTemplate(BoundTarget target, PlanCompiler compiler)
    {
        Table = target.Table;
        Rows = RowCodec.Of(Table);
        RowSlots = compiler.Slots.Slots(target.Row);
        Generated = [.. target.Generated.Select(g => (g.Ordinal, compiler.Expressions.Compile(g.Expression)))];
        Domains = [.. target.Domains.Select(d => (d.Ordinal, compiler.Expressions.Compile(d.Expression)))];
        Checks = [.. target.Checks.Select(c => (c.Name, compiler.Expressions.Compile(c.Condition)))];
        InsertPolicies = [.. target.InsertPolicies.Select(p => (p.Policy, compiler.Expressions.Compile(p.Condition)))];
        UpdatePolicies = [.. target.UpdatePolicies.Select(p => (p.Policy, compiler.Expressions.Compile(p.Condition)))];
        Defaults = [.. target.Defaults.Select((d, i) => Table.Columns[i].Hidden ? new RowIdEvaluator() : compiler.Expressions.CompileOptional(d))];
        Indexes = [.. Table.Indexes.Select((index, i) => new IndexWriter(Table, index, i + 1 < target.Indexes.Length ? target.Indexes[i + 1] : default, Rows, compiler))];
        NotNull = [.. Enumerable.Range(0, Table.Columns.Length).Where(i => Table.Columns[i].NotNull)];
        ChecksPrimaryKey = Table.HasUserPrimaryKey;
    }

    public TableDescriptor Table { get; }

    public RowCodec Rows { get; }

    /// <summary>Per column of the table the slot of the new row's value.</summary>
    public int[] RowSlots { get; }

    public (int Ordinal, Evaluator Expression)[] Generated { get; }

    public (int Ordinal, Evaluator Expression)[] Domains { get; }

    public (string Name, Evaluator Condition)[] Checks { get; }

    public (string? Policy, Evaluator Condition)[] InsertPolicies { get; }

    public (string? Policy, Evaluator Condition)[] UpdatePolicies { get; }

    public Evaluator?[] Defaults { get; }

    public IndexWriter[] Indexes { get; }

    public int[] NotNull { get; }

    /// <summary>A hidden row id is unique by making; everything else is looked up before it is written.</summary>
    public bool ChecksPrimaryKey { get; }
}

/// <summary>How one secondary index follows its table.</summary>
internal sealed class IndexWriter
{
    private readonly Evaluator?[] _expressions;
    private readonly int[] _ordinals;

    public IndexWriter(TableDescriptor table, IndexDescriptor index, (ImmutableArray<BoundExpression?> Parts, BoundExpression? Predicate) bound, RowCodec rows, PlanCompiler compiler)
    {
        Index = index;
        Codec = new IndexCodec(table, index);
        _expressions = bound.Parts.IsDefaultOrEmpty ? new Evaluator?[index.Parts.Length] : [.. bound.Parts.Select(compiler.Expressions.CompileOptional)];
        _ordinals = [.. index.Parts.Select(p => p.Expression is null ? rows.OrdinalById[p.ColumnId] : -1)];
        Predicate = compiler.Expressions.CompileOptional(bound.Predicate);
    }

    public IndexDescriptor Index { get; }

    public IndexCodec Codec { get; }

    public Evaluator? Predicate { get; }

    /// <summary>Not all rows have their entries yet, so that the entry of a key may be that of another row with the same key; see <see cref="Ddl.IndexBuilder"/>.</summary>
    public bool IsBuilding => Index.State != IndexState.Public;

    /// <summary>Evaluates the parts of a row that stands in <paramref name="slots"/> of the frame.</summary>
    public void Evaluate(ExecutionState state, int[] slots, Span<Datum> parts)
    {
        for (var i = 0; i < parts.Length; i++)
            parts[i] = _expressions[i] is { } expression ? expression.Evaluate(state) : state.Slots[slots[_ordinals[i]]];
    }

    public bool DependsOn(int ordinal) => Array.IndexOf(_ordinals, ordinal) >= 0;

    public bool HasExpressions => Predicate is not null || Array.Exists(_expressions, e => e is not null);

    public bool Stores(int columnId) => Index.Included.Contains(columnId);
}

/// <summary>Writes rows of one table in one statement: completes, checks, locks, keeps indexes in step. Not for concurrent use.</summary>
internal sealed class TableWriter(ExecutionState state, TableWriterTemplate template)
{
    private readonly ByteWriter _key = new(64);
    private readonly ByteWriter _value = new(256);
    private readonly ByteWriter _indexKey = new(64);
    private readonly ByteWriter _oldIndexKey = new(64);
    private readonly Datum[] _row = new Datum[template.Table.Columns.Length];

    public TableWriterTemplate Template => template;

    public ExecutionState State => state;

    /// <summary>True when the statement has read nothing: then a newer snapshot needs no restart.</summary>
    public bool MayMoveSnapshot { get; init; }

    /// <summary>Where inserted rows go instead of the transaction's buffer; see <see cref="IRangeLoad"/>.</summary>
    public IRangeLoad? Load { get; init; }

    /// <summary>The number of the row that is written, for a load; rises. Of a COPY its line.</summary>
    public long RowNumber { get; set; }

    /// <summary>The rows were there before: what they violate is told of the new definition, not of a row.</summary>
    public bool RowsAreOld { get; init; }

    private ITransaction Transaction => state.Transaction;

    /// <summary>The load of a table whose storage this transaction has made; null when its rows must go through the buffer.</summary>
    public static IRangeLoad? OpenLoad(TableDescriptor table, StatementEnvironment environment)
    {
        if (!environment.CatalogTransaction.HasNewStorage(table) || table.Indexes.Any(i => i.Deferrable))
            return null;
        var (lower, upper) = KeySpace.TableRange(table.StorageId);
        return environment.Transaction.OpenLoad(lower, upper);
    }

    /// <summary>The load for many new rows of any table; see <see cref="ITransaction.OpenSharedLoadAsync"/>.</summary>
    public static async ValueTask<IRangeLoad?> OpenLargeLoadAsync(TableDescriptor table, StatementEnvironment environment, bool mayMoveSnapshot, CancellationToken cancellationToken)
    {
        if (environment.CatalogTransaction.HasNewStorage(table) || table.Indexes.Any(i => i.Deferrable))
            return OpenLoad(table, environment);
        var (lower, upper) = KeySpace.TableRange(table.StorageId);
        return await environment.Transaction.OpenSharedLoadAsync(table.Id, lower, upper, mayMoveSnapshot, cancellationToken);
    }

    /// <summary>Computes generated columns and checks row-level policies, NOT NULL and CHECK of the new row in the frame. 42501, 23502, 23514.</summary>
    public void Complete(ReadOnlySpan<(string? Policy, Evaluator Condition)> policies = default)
    {
        foreach (var (ordinal, expression) in template.Generated)
            state.Slots[template.RowSlots[ordinal]] = expression.Evaluate(state);
        foreach (var (ordinal, expression) in template.Domains)
            state.Slots[template.RowSlots[ordinal]] = expression.Evaluate(state);
        foreach (var (policy, condition) in policies)
        {
            if (!condition.Holds(state))
                throw ConstraintErrors.Policy(template.Table, policy);
        }

        foreach (var ordinal in template.NotNull)
        {
            if (state.Slots[template.RowSlots[ordinal]].IsNull)
                throw RowsAreOld ? ConstraintErrors.HasNulls(template.Table, template.Table.Columns[ordinal]) : ConstraintErrors.NotNull(template.Table, template.Table.Columns[ordinal], Describe());
        }

        foreach (var (name, condition) in template.Checks)
        {
            if (condition.Evaluate(state).IsFalse)
                throw RowsAreOld ? ConstraintErrors.CheckViolated(template.Table, name) : ConstraintErrors.Check(template.Table, name, Describe());
        }
    }

    /// <summary>The new row as an array in descriptor order; reused by the next call.</summary>
    public Datum[] NewRow()
    {
        for (var i = 0; i < _row.Length; i++)
            _row[i] = state.Slots[template.RowSlots[i]];
        return _row;
    }

    public void Restore(ReadOnlySpan<Datum> row)
    {
        for (var i = 0; i < row.Length; i++)
            state.Slots[template.RowSlots[i]] = row[i];
    }

    /// <summary>The primary key of the new row.</summary>
    public byte[] EncodeKey()
    {
        _key.Clear();
        template.Rows.EncodeKey(NewRow(), _key);
        return _key.ToArray();
    }

    /// <summary>Writes the new row in the frame; a duplicate is 23505, with a load for an earlier row.</summary>
    public ValueTask InsertAsync(CancellationToken cancellationToken)
    {
        if (Load is not { } load)
            return InsertBufferedAsync(cancellationToken);
        InsertLoaded(load);
        return load.IsFull ? SendLoadAsync(load) : ValueTask.CompletedTask;
    }

    private void InsertLoaded(IRangeLoad load)
    {
        var row = NewRow();
        _key.Clear();
        template.Rows.EncodeKey(row, _key);
        _value.Clear();
        template.Rows.EncodeValue(row, _value);
        load.Put(_key.Span, _value.Span, template.ChecksPrimaryKey, RowNumber);
        foreach (var index in template.Indexes)
            LoadEntry(load, index, _key.Span);
    }

    /// <summary>Adds the index entry of the row in the frame to a load; a duplicate is found when the load is sent.</summary>
    public void LoadEntry(IRangeLoad load, IndexWriter index, ReadOnlySpan<byte> primaryKey)
    {
        if (!EncodeEntry(index, primaryKey, _indexKey, out var identifies))
            return;
        _value.Clear();
        index.Codec.EncodeValue(NewRow(), primaryKey, identifies, _value);
        load.Put(_indexKey.Span, _value.Span, identifies, RowNumber);
    }

    /// <summary>Writes what waits in a load; a duplicate is 23505 for the first row that is one. The frame's new-row slots are overwritten then.</summary>
    public async ValueTask SendLoadAsync(IRangeLoad load)
    {
        try
        {
            await load.SendAsync();
        }
        catch (DuplicateKeyException duplicate)
        {
            throw Explain(duplicate);
        }
    }

    /// <summary>As <see cref="SendLoadAsync"/>, and returns when all is written.</summary>
    public async ValueTask FinishLoadAsync(IRangeLoad load)
    {
        try
        {
            await load.FlushAsync();
        }
        catch (DuplicateKeyException duplicate)
        {
            throw Explain(duplicate);
        }
    }

    private SqlException Explain(DuplicateKeyException duplicate)
    {
        var index = Array.Find(template.Indexes, i => duplicate.Key.AsSpan().StartsWith(i.Codec.Prefix));
        var primary = new ByteWriter(48);
        if (index is null)
            primary.Write(duplicate.Key);
        else
            index.Codec.ReadPrimaryKey(duplicate.Key, duplicate.Value, primary);
        var row = new Datum[template.Table.Columns.Length];
        var reader = template.Rows.CreateReader([.. Enumerable.Range(0, row.Length)]);
        if (duplicate.Find(primary.ToArray()) is { } value)
        {
            reader.Read(primary.Span, value, row);
        }
        else
        {
            using var stored = Transaction.GetUnvalidated(primary.Span);
            reader.Read(primary.Span, stored.Value, row);
        }

        Restore(row);
        var violated = index?.Index ?? template.Table.PrimaryIndex;
        RowNumber = duplicate.Row;
        return Duplicate(violated);
    }

    /// <summary>23505 for the row in the frame.</summary>
    private SqlException Duplicate(IndexDescriptor index) => ConstraintErrors.Unique(template.Table, index, PartValues(index), RowsAreOld);

    private async ValueTask InsertBufferedAsync(CancellationToken cancellationToken)
    {
        var key = EncodeKey();
        if (template.ChecksPrimaryKey)
        {
            await LockKeyAsync(key, LockMode.Update, cancellationToken);
            if (Exists(key))
                throw Duplicate(template.Table.PrimaryIndex);
        }

        WriteRow(key);
        foreach (var index in template.Indexes)
            await InsertEntryAsync(index, key, cancellationToken);
    }

    /// <summary>Replaces a row: <paramref name="oldRow"/> at <paramref name="oldKey"/> by the new row in the frame.</summary>
    public async ValueTask UpdateAsync(byte[] oldKey, Datum[] oldRow, CancellationToken cancellationToken)
    {
        var key = EncodeKey();
        var moved = !key.AsSpan().SequenceEqual(oldKey);
        if (moved)
        {
            await LockKeyAsync(key, LockMode.Update, cancellationToken);
            if (Exists(key))
                throw Duplicate(template.Table.PrimaryIndex);
            Transaction.Delete(oldKey);
        }

        if (template.Indexes.Length > 0)
        {
            var newRow = NewRow().ToArray();
            foreach (var index in template.Indexes)
                await UpdateEntryAsync(index, oldKey, oldRow, key, newRow, cancellationToken);
            Restore(newRow);
        }

        WriteRow(key);
    }

    /// <summary>Removes a row and its index entries. The frame's new-row slots are overwritten.</summary>
    public async ValueTask DeleteAsync(byte[] key, Datum[] row, CancellationToken cancellationToken)
    {
        Restore(row);
        foreach (var index in template.Indexes)
        {
            if (EncodeEntry(index, key, _oldIndexKey, out _))
                await DeleteEntryAsync(index, key, cancellationToken);
        }

        Transaction.Delete(key);
    }

    private ValueTask DeleteEntryAsync(IndexWriter index, byte[] primaryKey, CancellationToken cancellationToken)
    {
        if (index is { IsBuilding: true, Index.Unique: true })
            return DeleteOwnEntryAsync(index, primaryKey, cancellationToken);
        Transaction.Delete(_oldIndexKey.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>The lock orders those who write this key: an entry that is not there now may be there before this transaction commits.</summary>
    private async ValueTask DeleteOwnEntryAsync(IndexWriter index, byte[] primaryKey, CancellationToken cancellationToken)
    {
        await LockKeyAsync(_oldIndexKey.ToArray(), LockMode.Update, cancellationToken);
        if (ReadPrimaryKey(index, _oldIndexKey) is not { } holder || holder.AsSpan().SequenceEqual(primaryKey))
            Transaction.Delete(_oldIndexKey.Span);
    }

    /// <summary>Locks a key that is about to be written or was just read for a write.</summary>
    public async ValueTask LockKeyAsync(ReadOnlyMemory<byte> key, LockMode mode, CancellationToken cancellationToken)
    {
        var outcome = await Transaction.LockAsync(key, mode, LockWaitPolicy.Wait, cancellationToken);
        if (outcome == LockOutcome.AcquiredStale && !MayMoveSnapshot)
            throw new StatementRestartException();
    }

    public bool Exists(ReadOnlySpan<byte> key)
    {
        using var found = Transaction.Get(key);
        return found.Found;
    }

    /// <summary>The primary key of the row that already holds the new row's values in a unique index; null when there is none.</summary>
    public async ValueTask<byte[]?> FindByUniqueAsync(IndexWriter index, CancellationToken cancellationToken)
    {
        if (!EncodeEntry(index, EncodeKey(), _indexKey, out var identifies) || !identifies)
            return null;
        await LockKeyAsync(_indexKey.ToArray(), LockMode.Update, cancellationToken);
        return ReadPrimaryKey(index, _indexKey);
    }

    private byte[]? ReadPrimaryKey(IndexWriter index, ByteWriter indexKey)
    {
        using var entry = Transaction.Get(indexKey.Span);
        if (!entry.Found)
            return null;
        var primary = new ByteWriter(48);
        index.Codec.ReadPrimaryKey(indexKey.Span, entry.Value, primary);
        return primary.ToArray();
    }

    private void WriteRow(byte[] key)
    {
        _value.Clear();
        template.Rows.EncodeValue(NewRow(), _value);
        Transaction.Put(key, _value.Span);
    }

    /// <summary>Encodes the entry of the row in the frame; false when a partial index leaves it out.</summary>
    private bool EncodeEntry(IndexWriter index, ReadOnlySpan<byte> primaryKey, ByteWriter output, out bool identifies)
    {
        output.Clear();
        identifies = false;
        if (index.Predicate is { } predicate && !predicate.Holds(state))
            return false;
        var buffer = default(DatumBuffer);
        var count = index.Index.Parts.Length;
        Span<Datum> parts = count <= DatumBuffer.Size ? ((Span<Datum>)buffer)[..count] : new Datum[count];
        index.Evaluate(state, template.RowSlots, parts);
        identifies = index.Codec.EncodeKey(parts, primaryKey, output);
        return true;
    }

    /// <summary>Writes the index entry of the row in the frame; a duplicate is 23505.</summary>
    public async ValueTask InsertEntryAsync(IndexWriter index, byte[] primaryKey, CancellationToken cancellationToken)
    {
        if (!EncodeEntry(index, primaryKey, _indexKey, out var identifies))
            return;
        if (identifies)
        {
            await LockKeyAsync(_indexKey.ToArray(), LockMode.Update, cancellationToken);
            if (Exists(_indexKey.Span))
                throw Duplicate(index.Index);
        }

        WriteEntry(index, primaryKey, identifies);
        if (index.Index.Deferrable)
            await NoteDeferrableAsync(index, cancellationToken);
    }

    /// <summary>Writes the entry of a row that was there before its index, unless a writer of the row has done so; 23505 when it is another row's.</summary>
    public async ValueTask FillEntryAsync(IndexWriter index, byte[] primaryKey, CancellationToken cancellationToken)
    {
        if (!EncodeEntry(index, primaryKey, _indexKey, out var identifies))
            return;
        if (identifies && await HoldsEntryAsync(index, primaryKey, cancellationToken))
            return;
        WriteEntry(index, primaryKey, identifies);
    }

    /// <summary>Whether the entry is the row's already; 23505 when it is another's.</summary>
    private async ValueTask<bool> HoldsEntryAsync(IndexWriter index, byte[] primaryKey, CancellationToken cancellationToken)
    {
        await LockKeyAsync(_indexKey.ToArray(), LockMode.Update, cancellationToken);
        if (ReadPrimaryKey(index, _indexKey) is not { } holder)
            return false;
        return holder.AsSpan().SequenceEqual(primaryKey) ? true : throw Duplicate(index.Index);
    }

    /// <summary>After an entry of the row in the frame was written.</summary>
    private async ValueTask NoteDeferrableAsync(IndexWriter index, CancellationToken cancellationToken)
    {
        var parts = new Datum[index.Index.Parts.Length];
        index.Evaluate(state, template.RowSlots, parts);
        if (DeferrableUnique.PrefixOf(index, parts) is not { } prefix)
            return;
        await LockKeyAsync(prefix, LockMode.Update, cancellationToken);
        DeferrableUnique.Schedule(state.Environment, template.Table, index.Index, prefix, PartValues(index.Index), RowsAreOld);
    }

    private void WriteEntry(IndexWriter index, byte[] primaryKey, bool identifies)
    {
        _value.Clear();
        index.Codec.EncodeValue(NewRow(), primaryKey, identifies, _value);
        Transaction.Put(_indexKey.Span, _value.Span);
    }

    private async ValueTask UpdateEntryAsync(IndexWriter index, byte[] oldKey, Datum[] oldRow, byte[] key, Datum[] newRow, CancellationToken cancellationToken)
    {
        if (!index.HasExpressions && !Changes(index, oldRow, newRow) && oldKey.AsSpan().SequenceEqual(key))
            return;
        Restore(oldRow);
        var hadEntry = EncodeEntry(index, oldKey, _oldIndexKey, out _);
        Restore(newRow);
        var hasEntry = EncodeEntry(index, key, _indexKey, out var identifies);
        if (hadEntry && hasEntry && _oldIndexKey.Span.SequenceEqual(_indexKey.Span))
        {
            if (identifies && index.IsBuilding)
                await HoldsEntryAsync(index, oldKey, cancellationToken);
            WriteEntry(index, key, identifies);
            return;
        }

        if (hadEntry)
            await DeleteEntryAsync(index, oldKey, cancellationToken);
        if (!hasEntry)
            return;
        if (identifies)
        {
            await LockKeyAsync(_indexKey.ToArray(), LockMode.Update, cancellationToken);
            if (Exists(_indexKey.Span))
                throw Duplicate(index.Index);
        }

        WriteEntry(index, key, identifies);
        if (index.Index.Deferrable)
            await NoteDeferrableAsync(index, cancellationToken);
    }

    private bool Changes(IndexWriter index, Datum[] oldRow, Datum[] newRow)
    {
        for (var i = 0; i < oldRow.Length; i++)
        {
            if ((index.DependsOn(i) || index.Stores(template.Table.Columns[i].Id)) && Differs(i, oldRow[i], newRow[i]))
                return true;
        }

        return false;
    }

    /// <summary>Whether a value changed in a way that storage can see: equal numerics of another scale differ here.</summary>
    public bool Differs(int ordinal, Datum before, Datum after)
    {
        if (before.IsNull || after.IsNull)
            return before.IsNull != after.IsNull;
        var type = template.Table.Columns[ordinal].Type;
        return !type.KeyIsLossless || !type.AreEqual(before, after);
    }

    /// <summary>Names and values of an index's parts; null when the user may not read them all.</summary>
    private string? PartValues(IndexDescriptor index)
    {
        if (!ReadableRows.All(template.Table, state.Environment) && index.Parts.Any(p => p.Expression is not null || !ReadableRows.Column(template.Table, p.ColumnId, state.Environment)))
            return null;
        var names = new List<string>();
        var values = new List<string>();
        var parts = new Datum[index.Parts.Length];
        Array.Find(template.Indexes, i => i.Index.KeyId == index.KeyId)?.Evaluate(state, template.RowSlots, parts);
        for (var i = 0; i < parts.Length; i++)
        {
            var part = index.Parts[i];
            if (part.Expression is { } expression)
            {
                // As PostgreSQL shows them: a call stands as it is, everything else in parentheses.
                names.Add(expression.EndsWith(')') && (char.IsLetter(expression[0]) || expression[0] == '"') ? expression : $"({expression})");
                values.Add(ConstraintErrors.Show(part.Type, parts[i], state.Format));
                continue;
            }

            var ordinal = template.Rows.OrdinalById[part.ColumnId];
            names.Add(template.Table.Columns[ordinal].Name);
            values.Add(ConstraintErrors.Show(template.Table.Columns[ordinal].Type, state.Slots[template.RowSlots[ordinal]], state.Format));
        }

        return $"({string.Join(", ", names)})=({string.Join(", ", values)})";
    }

    /// <summary>The row, or those of its columns that the user may read; null when there is none.</summary>
    private string? Describe()
    {
        var columns = template.Table.Columns.Select((c, i) => (c, i)).Where(p => !p.c.Hidden);
        var isWhole = ReadableRows.All(template.Table, state.Environment);
        var shown = isWhole ? columns.ToList() : columns.Where(p => ReadableRows.Column(template.Table, p.c.Id, state.Environment)).ToList();
        if (shown.Count == 0)
            return null;
        var values = string.Join(", ", shown.Select(p => ConstraintErrors.Show(p.c.Type, state.Slots[template.RowSlots[p.i]], state.Format)));
        return isWhole ? $"({values})" : $"({string.Join(", ", shown.Select(p => p.c.Name))}) = ({values})";
    }
}

/// <summary>The value of a hidden row id.</summary>
internal sealed class RowIdEvaluator : Evaluator
{
    public override Datum Evaluate(ExecutionState state) => Datum.FromInt64(Ddl.RowIds.Next());
}
