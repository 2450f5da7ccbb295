using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>
/// Foreign keys of one statement: children look for their parents, parents look after their children. NO ACTION is checked when the statement is through, or at commit when the
/// constraint is deferred; RESTRICT at once; CASCADE and SET run at once (SQL:2016 4.19.3; PostgreSQL 5.4.5).
/// </summary>
internal sealed class ForeignKeyEnforcer(StatementEnvironment environment, TargetWriters writers)
{
    /// <summary>Parents per foreign key that a bulk load remembers.</summary>
    private const int MaxFound = 10_000;

    private readonly List<Func<StatementEnvironment, ValueTask>> _atEnd = [];
    private Dictionary<uint, HashSet<Datum[]>>? _found;
    private int _depth;

    private ICatalogSnapshot Catalog => environment.CatalogTransaction.Snapshot;

    /// <summary>After a row was inserted or updated: its parents must exist once the statement is over.</summary>
    public void ChildWritten(TableDescriptor table, Datum[] row, Datum[]? before)
    {
        foreach (var key in table.ForeignKeys)
        {
            if (!key.Validated && before is not null && !Changed(table, key.Columns, row, before))
                continue;
            if (before is not null && !Changed(table, key.Columns, row, before))
                continue;
            if (ReferencedValues(table, key, row) is { } values)
            {
                var isDeferred = IsDeferred(key);
                Schedule(key, env => CheckParentAsync(env, table, key, values, isDeferred));
            }
        }
    }

    /// <summary>The values to look for in the parent; null when a NULL among them means that there is nothing to look for.</summary>
    private static Datum[]? ReferencedValues(TableDescriptor table, ForeignKey key, Datum[] row)
    {
        var values = Values(table, key.Columns, row);
        var nulls = values.Count(v => v.IsNull);
        if (nulls == values.Length || (nulls > 0 && key.Match == ForeignKeyMatch.Simple))
            return null;
        if (nulls > 0)
        {
            throw new SqlException(SqlState.ForeignKeyViolation, $"insert or update on table \"{table.Name}\" violates foreign key constraint \"{key.Name}\"")
            {
                Detail = "MATCH FULL does not allow mixing of null and nonnull key values.", TableName = table.Name, ConstraintName = key.Name,
            };
        }

        return values;
    }

    /// <summary>
    /// After a row of a bulk load was written: its parents are looked for at once where the load itself cannot bring them, and a parent that was found is not looked for again.
    /// </summary>
    public async ValueTask ChildLoadedAsync(TableDescriptor table, Datum[] row)
    {
        foreach (var key in table.ForeignKeys)
        {
            if (key.ReferencedTable == table.Id || IsDeferred(key))
            {
                ChildWritten(table with { ForeignKeys = [key] }, row, null);
                continue;
            }

            if (ReferencedValues(table, key, row) is not { } values)
                continue;
            _found ??= [];
            if (!_found.TryGetValue(key.Id, out var found))
                _found.Add(key.Id, found = new HashSet<Datum[]>(new RowComparer([.. key.Columns.Select(c => table.Columns[RowCodec.Of(table).OrdinalById[c]].Type)])));
            if (found.Contains(values))
                continue;
            await CheckParentAsync(environment, table, key, values);
            if (found.Count < MaxFound)
                found.Add(values);
        }
    }

    /// <summary>After a row was deleted (<paramref name="after"/> null) or its referenced columns changed.</summary>
    public async ValueTask ParentChangedAsync(TableDescriptor table, Datum[] before, Datum[]? after, CancellationToken cancellationToken)
    {
        foreach (var childId in table.ReferencedBy.Distinct())
        {
            if (!Catalog.TryGet<TableDescriptor>(childId, out var child))
                continue;
            foreach (var key in child.ForeignKeys.Where(k => k.ReferencedTable == table.Id))
            {
                if (after is not null && !Changed(table, key.ReferencedColumns, after, before))
                    continue;
                var values = Values(table, key.ReferencedColumns, before);
                if (values.Any(v => v.IsNull))
                    continue;
                var action = after is null ? key.OnDelete : key.OnUpdate;
                await ApplyAsync(table, child, key, action, values, after, cancellationToken);
            }
        }
    }

    /// <summary>Runs the checks that waited for the statement's end.</summary>
    public async ValueTask FinishAsync()
    {
        for (var i = 0; i < _atEnd.Count; i++)
            await _atEnd[i](environment);
        _atEnd.Clear();
        if (environment.StatementChecks.Count > 0)
            await DeferrableUnique.FinishAsync(environment);
    }

    private bool IsDeferred(ForeignKey key) => environment.ConstraintModes.IsDeferred(key.Id, key.Deferrable, key.InitiallyDeferred);

    private void Schedule(ForeignKey key, Func<StatementEnvironment, ValueTask> check)
    {
        if (IsDeferred(key))
            environment.DeferredChecks.Add(new DeferredCheck(key.Id, check));
        else
            _atEnd.Add(check);
    }

    private async ValueTask ApplyAsync(TableDescriptor table, TableDescriptor child, ForeignKey key, ForeignKeyAction action, Datum[] values, Datum[]? after, CancellationToken cancellationToken)
    {
        switch (action)
        {
            case ForeignKeyAction.NoAction:
                Schedule(key, env => CheckNoChildAsync(env, table, child, key, values));
                return;
            case ForeignKeyAction.Restrict:
                await CheckNoChildAsync(environment, table, child, key, values);
                return;
        }

        if (++_depth > 200)
            throw new SqlException(SqlState.StatementTooComplex, "foreign key actions are nested too deeply");
        var writer = writers.For(child);
        foreach (var (rowKey, row) in FindChildren(environment, child, key, values))
        {
            await writer.LockKeyAsync(rowKey, LockMode.Update, cancellationToken);
            if (action == ForeignKeyAction.Cascade && after is null)
            {
                await writer.DeleteAsync(rowKey, row, cancellationToken);
                await ParentChangedAsync(child, row, null, cancellationToken);
                continue;
            }

            var changed = row.ToArray();
            var rows = RowCodec.Of(child);
            for (var i = 0; i < key.Columns.Length; i++)
            {
                var ordinal = rows.OrdinalById[key.Columns[i]];
                if (action != ForeignKeyAction.Cascade && !key.SetColumns.IsEmpty && !key.SetColumns.Contains(key.Columns[i]))
                    continue;
                changed[ordinal] = action switch
                {
                    ForeignKeyAction.Cascade => Values(table, key.ReferencedColumns, after!)[i],
                    ForeignKeyAction.SetDefault => writer.Template.Defaults[ordinal]?.Evaluate(writer.State) ?? Datum.Null,
                    _ => Datum.Null,
                };
            }

            writer.Restore(changed);
            writer.Complete();
            changed = writer.NewRow().ToArray();
            await writer.UpdateAsync(rowKey, row, cancellationToken);
            ChildWritten(child, changed, row);
            await ParentChangedAsync(child, row, changed, cancellationToken);
        }

        _depth--;
    }

    /// <param name="mayBeGone">A deferred check: the row may have gone again since.</param>
    private async ValueTask CheckParentAsync(StatementEnvironment env, TableDescriptor child, ForeignKey key, Datum[] values, bool mayBeGone = false)
    {
        if (!env.CatalogTransaction.Snapshot.TryGet<TableDescriptor>(key.ReferencedTable, out var parent))
            throw new InvariantException($"foreign key {key.Id} refers to a table that is gone");
        var converted = Convert(child, key.Columns, parent, key.ReferencedColumns, values);
        if (FindParentKey(env, parent, key, converted) is { } parentKey)
        {
            await env.Transaction.LockAsync(parentKey, LockMode.KeyShare, LockWaitPolicy.Wait, env.Interrupt);
            using var row = env.Transaction.Get(parentKey);
            if (row.Found)
                return;
        }

        if (mayBeGone && FindChildren(env, child, key, converted, limit: 1).Count == 0)
            return;
        throw ConstraintErrors.ForeignKeyMissing(child, key, parent, Show(child, key.Columns, values, env));
    }

    private static byte[]? FindParentKey(StatementEnvironment env, TableDescriptor parent, ForeignKey key, Datum[] values)
    {
        var rows = RowCodec.Of(parent);
        var index = parent.PrimaryIndex.Id == key.ReferencedIndex ? parent.PrimaryIndex : parent.Indexes.First(i => i.Id == key.ReferencedIndex);
        var writer = new ByteWriter(48);
        if (index.KeyId == parent.PrimaryIndex.KeyId)
        {
            writer.Write(rows.Prefix);
            foreach (var part in index.Parts)
                KeySpace.WritePrimaryPart(writer, part, values[key.ReferencedColumns.IndexOf(part.ColumnId)]);
            return writer.ToArray();
        }

        var codec = new IndexCodec(parent, index);
        writer.Write(codec.Prefix);
        foreach (var part in index.Parts)
            KeySpace.WritePart(writer, part, values[key.ReferencedColumns.IndexOf(part.ColumnId)]);
        using var entry = env.Transaction.Get(writer.Span);
        if (!entry.Found)
            return null;
        var primary = new ByteWriter(48);
        codec.ReadPrimaryKey(writer.Span, entry.Value, primary);
        return primary.ToArray();
    }

    private ValueTask CheckNoChildAsync(StatementEnvironment env, TableDescriptor parent, TableDescriptor child, ForeignKey key, Datum[] values)
    {
        // The key may have come back: another row of the statement may carry it now.
        if (FindParentKey(env, parent, key, values) is { } parentKey)
        {
            using var row = env.Transaction.Get(parentKey);
            if (row.Found)
                return ValueTask.CompletedTask;
        }

        if (FindChildren(env, child, key, values, limit: 1).Count > 0)
            throw ConstraintErrors.ForeignKeyReferenced(parent, key, child, Show(parent, key.ReferencedColumns, values, env));
        return ValueTask.CompletedTask;
    }

    /// <summary>Rows of the child that carry the key values: through an index that begins with the key's columns, or by reading the table.</summary>
    private List<(byte[] Key, Datum[] Row)> FindChildren(StatementEnvironment env, TableDescriptor child, ForeignKey key, Datum[] values, int limit = int.MaxValue)
    {
        var rows = RowCodec.Of(child);
        var converted = Convert(writers.TableOf(key.ReferencedTable), key.ReferencedColumns, child, key.Columns, values);
        var all = Enumerable.Range(0, child.Columns.Length).ToArray();
        var reader = rows.CreateReader(all);
        var found = new List<(byte[], Datum[])>();
        var index = child.Indexes.FirstOrDefault(i => i.Predicate is null && StartsWith(i, key.Columns));
        if (index is null)
        {
            var isPrimary = StartsWith(child.PrimaryIndex, key.Columns);
            var prefix = new ByteWriter(48);
            prefix.Write(rows.Prefix);
            if (isPrimary)
            {
                foreach (var part in child.PrimaryIndex.Parts.Take(key.Columns.Length))
                    KeySpace.WritePrimaryPart(prefix, part, converted[key.Columns.IndexOf(part.ColumnId)]);
            }

            using var cursor = Children(env, prefix.Span);
            while (found.Count < limit && cursor.MoveNext())
            {
                var row = new Datum[child.Columns.Length];
                reader.Read(cursor.Key, cursor.Value, row);
                if (Matches(child, key.Columns, rows, row, converted))
                    found.Add((cursor.Key.ToArray(), row));
            }

            return found;
        }

        var codec = new IndexCodec(child, index);
        var lower = new ByteWriter(48);
        lower.Write(codec.Prefix);
        foreach (var part in index.Parts.Take(key.Columns.Length))
            KeySpace.WritePart(lower, part, converted[key.Columns.IndexOf(part.ColumnId)]);
        using var entries = Children(env, lower.Span);
        var primary = new ByteWriter(48);
        while (found.Count < limit && entries.MoveNext())
        {
            primary.Clear();
            codec.ReadPrimaryKey(entries.Key, entries.Value, primary);
            using var stored = SeesLatest(env) ? env.Transaction.GetLatest(primary.Span) : env.Transaction.Get(primary.Span);
            var row = new Datum[child.Columns.Length];
            reader.Read(primary.Span, stored.Value, row);
            found.Add((primary.ToArray(), row));
        }

        return found;
    }

    /// <summary>
    /// A child may have been committed after the statement's snapshot and before the parent's lock was free. Under SERIALIZABLE the commit finds out; under READ COMMITTED nothing is
    /// validated, so that the look is at what is committed now, as PostgreSQL's checks do (ri_triggers.c, ri_PerformCheck).
    /// </summary>
    private static bool SeesLatest(StatementEnvironment env) => env.Transaction.Isolation == IsolationLevel.ReadCommitted;

    private static ITransactionCursor Children(StatementEnvironment env, ReadOnlySpan<byte> prefix) =>
        SeesLatest(env) ? env.Transaction.ScanLatest(prefix, KeySpace.PrefixEnd(prefix)) : env.Transaction.Scan(prefix, KeySpace.PrefixEnd(prefix));

    private static bool StartsWith(IndexDescriptor index, ImmutableArray<int> columns) =>
        index.Parts.Length >= columns.Length && index.Parts.Take(columns.Length).All(p => p.Expression is null && columns.Contains(p.ColumnId));

    private static bool Matches(TableDescriptor table, ImmutableArray<int> columns, RowCodec rows, Datum[] row, Datum[] values)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            var ordinal = rows.OrdinalById[columns[i]];
            if (row[ordinal].IsNull || !table.Columns[ordinal].Type.AreEqual(row[ordinal], values[i]))
                return false;
        }

        return true;
    }

    private static bool Changed(TableDescriptor table, ImmutableArray<int> columns, Datum[] row, Datum[] before)
    {
        var rows = RowCodec.Of(table);
        foreach (var id in columns)
        {
            var ordinal = rows.OrdinalById[id];
            if (row[ordinal].IsNull != before[ordinal].IsNull)
                return true;
            if (!row[ordinal].IsNull && !table.Columns[ordinal].Type.AreEqual(row[ordinal], before[ordinal]))
                return true;
        }

        return false;
    }

    private static Datum[] Values(TableDescriptor table, ImmutableArray<int> columns, Datum[] row)
    {
        var rows = RowCodec.Of(table);
        return [.. columns.Select(id => row[rows.OrdinalById[id]])];
    }

    /// <summary>Values of one table's columns as the other table's column types (int4 refers to int8, varchar to text).</summary>
    private static Datum[] Convert(TableDescriptor from, ImmutableArray<int> fromColumns, TableDescriptor to, ImmutableArray<int> toColumns, Datum[] values)
    {
        var converted = values.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            var source = Column(from, fromColumns[i]).Type;
            var target = Column(to, toColumns[i]).Type;
            if (!values[i].IsNull && !source.Equals(target) && !(IsInteger(source) && IsInteger(target)))
                converted[i] = target.Parse(source.Format(values[i], FormatSettings.Default), -1, FormatSettings.Default);
        }

        return converted;
    }

    private static bool IsInteger(SqlType type) => type.Oid is PgOid.Int2 or PgOid.Int4 or PgOid.Int8;

    private static ColumnDescriptor Column(TableDescriptor table, int id) => table.Columns.First(c => c.Id == id);

    private static string? Show(TableDescriptor table, ImmutableArray<int> columns, Datum[] values, StatementEnvironment env) =>
        !columns.All(c => ReadableRows.Column(table, c, env)) ? null : $"({string.Join(", ", columns.Select(c => Column(table, c).Name))})=({string.Join(", ", columns.Select((c, i) => ConstraintErrors.Show(Column(table, c).Type, values[i], env.Format)))})";
}

/// <summary>Writers for tables that a statement touches through foreign keys: each has a frame of its own.</summary>
internal sealed class TargetWriters(StatementEnvironment environment, Func<TableDescriptor, (TableWriterTemplate Template, CompiledPlan Plan)> compile)
{
    private readonly Dictionary<uint, TableWriter> _writers = [];

    public TableWriter For(TableDescriptor table)
    {
        if (!_writers.TryGetValue(table.Id, out var writer))
        {
            var (template, plan) = compile(table);
            _writers.Add(table.Id, writer = new TableWriter(new ExecutionState(plan, [], environment), template));
        }

        return writer;
    }

    public TableDescriptor TableOf(uint id) =>
        environment.CatalogTransaction.Snapshot.TryGet<TableDescriptor>(id, out var table) ? table : throw new InvariantException($"table {id} is gone");
}
