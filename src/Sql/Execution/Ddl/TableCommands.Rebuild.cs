using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Planning;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Changes that give a table's rows other keys or other values: column types, primary keys.</summary>
internal sealed partial class TableCommands
{
    /// <summary>ALTER COLUMN … TYPE (PostgreSQL 15, ALTER TABLE). 0A000 where a view or a generated column uses the column, 42804 where a value or the default does not convert by itself.</summary>
    private async ValueTask SetTypeAsync(TableDescriptor table, SetTypeAction set)
    {
        var column = RequireColumn(table, set.Column);
        var (type, modifier) = Binder.ResolveType(set.Type, Binding);
        RequireNoUse(table, column);
        var target = column with { Type = type, TypeModifier = modifier };
        if (column.Identity != IdentityKind.None && type.Oid is not (PgOid.Int2 or PgOid.Int4 or PgOid.Int8))
            throw new SqlException(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
        RequireCast(table, column, target, set.Using is not null);
        if (set.Using is null && type.Equals(column.Type) && modifier < 0)
        {
            // The same values under a wider rule.
            Replace(table, column, _ => target);
            return;
        }

        var convert = Converter(table, column, target, set.Using);
        var ordinal = table.Columns.IndexOf(column);
        var changed = table with { Columns = table.Columns.SetItem(ordinal, target), Version = table.Version + 1 };
        if (Uses(table.PrimaryIndex, column) || table.Indexes.Any(i => Uses(i, column)))
        {
            changed = changed with { PrimaryIndex = WithTypes(changed, changed.PrimaryIndex), Indexes = [.. changed.Indexes.Select(i => WithTypes(changed, i))] };
            await RebuildAsync(table, changed, (from, to) =>
            {
                from.CopyTo(to, 0);
                to[ordinal] = convert(from);
            });
        }
        else
        {
            Catalog.Put(changed);
            RewriteRows(changed, Rows(table).Select(r => (r.Key, Converted(r.Row))), static (_, _, _) => { });
        }

        if (column.Identity != IdentityKind.None && Catalog.Snapshot.TryGet<SequenceDescriptor>(column.OwnedSequence, out var sequence))
            SequenceBuilder.Change(context, sequence, SequenceOptions.None, type, s => s);
        await CheckKeysAgainAsync(Current(table), column.Id);

        Datum[] Converted(Datum[] row)
        {
            row[ordinal] = convert(row);
            return row;
        }
    }

    private void RequireNoUse(TableDescriptor table, ColumnDescriptor column)
    {
        if (ViewsOn(table, column).FirstOrDefault() is { } view)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "cannot alter type of a column used by a view or rule")
            {
                Detail = $"rule _RETURN on view {view.Name} depends on column \"{column.Name}\"",
            };
        }

        if (table.Columns.FirstOrDefault(c => c.Generated is { } text && BoundWalkerText.Mentions(text, column.Name)) is { } generated)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "cannot alter type of a column used by a generated column")
            {
                Detail = $"Column \"{column.Name}\" is used by generated column \"{generated.Name}\".",
            };
        }
    }

    /// <summary>42804 where the old type's values, or the default, need an explicit cast.</summary>
    private void RequireCast(TableDescriptor table, ColumnDescriptor column, ColumnDescriptor target, bool hasExpression)
    {
        if (hasExpression && column.Default is null)
            return;
        try
        {
            Converter(table, column, target, null);
        }
        catch (SqlException e) when (e.State == SqlState.DatatypeMismatch)
        {
            throw hasExpression
                ? new SqlException(SqlState.DatatypeMismatch, $"default for column \"{column.Name}\" cannot be cast automatically to type {target.Type.DisplayName}")
                : new SqlException(SqlState.DatatypeMismatch, $"column \"{column.Name}\" cannot be cast automatically to type {target.Type.DisplayName}")
                {
                    Hint = $"You might need to specify \"USING {SqlText.QuoteIdentifier(column.Name)}::{target.Type.DisplayName}\".",
                };
        }
    }

    /// <summary>From a row of the old table to the column's new value.</summary>
    private Func<Datum[], Datum> Converter(TableDescriptor table, ColumnDescriptor column, ColumnDescriptor target, SyntaxExpression? expression)
    {
        ImmutableArray<BoundColumn> row = [.. table.Columns.Select(c => new BoundColumn(c.Name, c.Type, c.TypeModifier))];
        var bound = Binder.BindTableExpression(expression ?? new ColumnReference([column.Name]), table.Name, table.Columns, row, TableExpressionKind.Using, Binding, target);
        var compiler = new PlanCompiler(new Planner(Catalog.Snapshot));
        var slots = compiler.Slots.Slots(row);
        var evaluator = compiler.Expressions.Compile(bound);
        var state = new ExecutionState(compiler.Slots.Plan, [], Environment);
        return values =>
        {
            for (var i = 0; i < slots.Length; i++)
                state.Slots[slots[i]] = values[i];
            return evaluator.Evaluate(state);
        };
    }

    private static bool Uses(IndexDescriptor index, ColumnDescriptor column) =>
        index.Included.Contains(column.Id) || index.Parts.Any(p => p.Expression is null ? p.ColumnId == column.Id : BoundWalkerText.Mentions(p.Expression, column.Name))
        || (index.Predicate is { } predicate && BoundWalkerText.Mentions(predicate, column.Name));

    /// <summary>The index over the table's columns as they are now. 42704 for a type without an order.</summary>
    private IndexDescriptor WithTypes(TableDescriptor table, IndexDescriptor index)
    {
        if (index.Predicate is { } predicate)
            TableBuilder.CheckExpression(table, Parser.ParseExpression(predicate), TableExpressionKind.IndexPredicate, Binding);
        return index with { Parts = [.. index.Parts.Select(TypeOf)] };

        IndexPart TypeOf(IndexPart part)
        {
            var type = part.Expression is { } expression
                ? TableBuilder.CheckExpression(table, Parser.ParseExpression(expression), TableExpressionKind.IndexExpression, Binding).Type
                : table.Columns.First(c => c.Id == part.ColumnId).Type;
            if (!type.IsOrdered)
                throw new SqlException(SqlState.UndefinedObject, $"data type {type.DisplayName} has no default operator class for access method \"btree\"");
            return part with { Type = type };
        }
    }

    /// <summary>
    /// Writes all rows anew into a storage of their own, under the keys, columns and indexes of <paramref name="changed"/>; generated columns, NOT NULL, CHECK and uniqueness are looked at
    /// again. <paramref name="move"/> fills a new row from an old one.
    /// </summary>
    private async ValueTask RebuildAsync(TableDescriptor table, TableDescriptor changed, Action<Datum[], Datum[]> move)
    {
        changed = changed with { StorageId = Catalog.NewId(), Version = table.Version + 1 };
        Catalog.Put(changed);
        var writer = Writer(changed, rowsAreOld: true);
        var moved = new Datum[changed.Columns.Length];
        foreach (var (_, row) in Rows(table))
        {
            move(row, moved);
            writer.Restore(moved);
            writer.Complete();
            writer.RowNumber++;
            await writer.InsertAsync(cancellationToken);
        }

        if (writer.Load is { } load)
            await writer.FinishLoadAsync(load);
        await DeferrableUnique.FinishAsync(Environment);
        context.DropStorage(table);
    }

    /// <summary>Rows move to keys made of the new primary key; the hidden row id goes.</summary>
    private async ValueTask AddPrimaryKeyAsync(TableDescriptor table, UniqueTableConstraint primary)
    {
        if (table.HasUserPrimaryKey)
            throw new SqlException(SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{table.Name}\" are not allowed");
        TableBuilder.RefuseDeferrableKey(primary.Deferrable);
        var name = primary.Name ?? $"{table.Name}_pkey";
        foreach (var part in primary.Columns)
            SetNotNull(Current(table), part.Column!, true);
        table = Current(table);
        var index = TableBuilder.MakeIndex(context, table, name, primary.Columns, true, Binding) with { Constraint = name, KeyId = KeySpace.PrimaryKeyId };
        var changed = table with { PrimaryIndex = index, Columns = table.Columns.RemoveAll(c => c.Hidden) };
        int[] kept = [.. Enumerable.Range(0, table.Columns.Length).Where(i => !table.Columns[i].Hidden)];
        await RebuildAsync(table, changed, (from, to) =>
        {
            for (var i = 0; i < kept.Length; i++)
                to[i] = from[kept[i]];
        });
    }

    /// <summary>Rows move to keys made of a hidden row id, without the columns in <paramref name="dropped"/>.</summary>
    private async ValueTask<TableDescriptor> DropPrimaryKeyAsync(TableDescriptor table, ColumnDescriptor? dropped)
    {
        var rowId = new ColumnDescriptor { Id = table.NextColumnId, Name = "rowid", Type = SqlTypes.Int8, NotNull = true, Hidden = true };
        var columns = dropped is null ? table.Columns : table.Columns.Remove(dropped);
        var changed = table with
        {
            Columns = columns.Add(rowId),
            NextColumnId = table.NextColumnId + 1,
            PrimaryIndex = new IndexDescriptor
            {
                Id = Catalog.NewId(), KeyId = KeySpace.PrimaryKeyId, Name = $"{table.Name}_rowid_{table.Id}", Unique = true, Parts = [new IndexPart { ColumnId = rowId.Id, Type = SqlTypes.Int8 }],
            },
        };
        int[] kept = [.. Enumerable.Range(0, table.Columns.Length).Where(i => table.Columns[i] != dropped)];
        await RebuildAsync(table, changed, (from, to) =>
        {
            for (var i = 0; i < kept.Length; i++)
                to[i] = from[kept[i]];
            to[^1] = Datum.FromInt64(RowIds.Next());
        });
        return Current(table);
    }

    /// <summary>After a column's values or type changed: the foreign keys on both sides of it, rows included.</summary>
    private async ValueTask CheckKeysAgainAsync(TableDescriptor table, int columnId)
    {
        foreach (var key in table.ForeignKeys.Where(k => k.Columns.Contains(columnId)))
            await CheckKeyAsync(table, key);
        foreach (var childId in table.ReferencedBy.Distinct())
        {
            if (!Catalog.Snapshot.TryGet<TableDescriptor>(childId, out var child))
                continue;
            foreach (var key in child.ForeignKeys.Where(k => k.ReferencedTable == table.Id && k.ReferencedColumns.Contains(columnId)))
            {
                await Environment.Transaction.LockRelationAsync(child.Id, RelationLock.Exclusive, cancellationToken);
                await CheckKeyAsync(child, key);
            }
        }
    }

    private async ValueTask CheckKeyAsync(TableDescriptor child, ForeignKey key)
    {
        Catalog.Snapshot.TryGet<TableDescriptor>(key.ReferencedTable, out var parent);
        ForeignKeyBuilder.RequireComparable(key.Name, [.. key.Columns.Select(id => child.Columns.First(c => c.Id == id))], [.. key.ReferencedColumns.Select(id => parent!.Columns.First(c => c.Id == id))]);
        if (key.Validated)
            await ValidateKeyAsync(child, key);
    }

    /// <summary>23503 when a row has no parent.</summary>
    private async ValueTask ValidateKeyAsync(TableDescriptor child, ForeignKey key)
    {
        var enforcer = new ForeignKeyEnforcer(Environment, new TargetWriters(Environment, t => engine.CompileTarget(t, Environment)));
        // A deferred key is looked at now too.
        var now = child with { ForeignKeys = [key with { Deferrable = false, InitiallyDeferred = false }] };
        foreach (var (_, row) in Rows(child))
            await enforcer.ChildLoadedAsync(now, row);
        await enforcer.FinishAsync();
    }

    /// <summary>Views that read the column. One that counts the table's columns (after a column was renamed) reads all of them.</summary>
    private IEnumerable<ViewDescriptor> ViewsOn(TableDescriptor table, ColumnDescriptor column)
    {
        var name = (Catalog.Snapshot.TryGet<SchemaDescriptor>(table.SchemaId, out var schema) ? schema.Name : "", table.Name);
        return Dependencies.ViewsOn(Catalog.Snapshot, table).Where(v => Dependencies.Reads(engine, context, v, table, column) || StoredText.CountsColumns(v.Query, name));
    }
}
