using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Planning;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>ALTER TABLE, action by action, under the table's exclusive lock.</summary>
internal sealed partial class TableCommands
{
    public async ValueTask AlterAsync(AlterTableStatement statement, BoundUtility utility)
    {
        if (utility.Objects[0] is not TableDescriptor named)
        {
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.UndefinedTable, $"relation \"{statement.Table.Name}\" does not exist, skipping"));
            return;
        }

        foreach (var action in statement.Actions)
        {
            var table = Current(named);
            switch (action)
            {
                case AddColumnAction add:
                    await AddColumnAsync(table, add);
                    break;
                case DropColumnAction drop:
                    await DropColumnAsync(table, drop);
                    break;
                case SetDefaultAction set:
                    SetDefault(table, set);
                    break;
                case SetNotNullAction set:
                    SetNotNull(table, set.Column, set.NotNull);
                    break;
                case SetTypeAction set:
                    await SetTypeAsync(table, set);
                    break;
                case AddConstraintAction add:
                    await AddConstraintAsync(table, add.Constraint);
                    break;
                case DropConstraintAction drop:
                    DropConstraint(table, drop);
                    break;
                case SetAuditAction audit:
                    Catalog.Put(table with { Audited = audit.ReadWrite, Version = table.Version + 1 });
                    break;
                case DropExpressionAction drop:
                    Replace(table, RequireColumn(table, drop.Column), c => c with { Generated = null });
                    break;
                case DropIdentityAction drop:
                    Replace(table, RequireColumn(table, drop.Column), c => c with { Identity = IdentityKind.None });
                    break;
                case ValidateConstraintAction or AlterConstraintAction or IgnoredAction:
                    break;
                default:
                    throw new SqlException(SqlState.FeatureNotSupported, $"this form of ALTER TABLE is not supported ({action.GetType().Name.Replace("Action", "", StringComparison.Ordinal)})");
            }
        }
    }

    private async ValueTask AddColumnAsync(TableDescriptor table, AddColumnAction add)
    {
        if (table.Columns.Any(c => c.Name == add.Column.Name))
        {
            if (!add.IfNotExists)
                throw new SqlException(SqlState.DuplicateColumn, $"column \"{add.Column.Name}\" of relation \"{table.Name}\" already exists");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.DuplicateColumn, $"column \"{add.Column.Name}\" of relation \"{table.Name}\" already exists, skipping"));
            return;
        }

        var column = ColumnBuilder.Make(context, Binding, add.Column, table.NextColumnId, table.Name, out var sequence);
        var rows = column.NotNull || column.Default is not null || column.Generated is not null ? Rows(table) : [];
        var changed = table with { Columns = table.Columns.Add(column), NextColumnId = table.NextColumnId + 1, Version = table.Version + 1 };
        Catalog.Put(changed);
        if (sequence is not null)
            Catalog.Put(sequence with { SchemaId = table.SchemaId, DatabaseId = table.DatabaseId, OwnerTable = table.Id, OwnerColumn = column.Id, Owner = table.Owner });
        RewriteRows(changed, rows, (state, template, row) =>
        {
            var ordinal = changed.Columns.Length - 1;
            state.Slots[template.RowSlots[ordinal]] = template.Defaults.Length > ordinal && template.Defaults[ordinal] is { } value ? value.Evaluate(state) : Datum.Null;
        });
        foreach (var constraint in add.Column.Constraints)
        {
            var current = Current(table);
            switch (constraint)
            {
                case UniqueColumnConstraint unique:
                    await AddConstraintAsync(current, new UniqueTableConstraint(unique.PrimaryKey, [new IndexPartSyntax(column.Name, null, false, null)]) { Name = unique.Name });
                    break;
                case CheckColumnConstraint check:
                    await AddConstraintAsync(current, new CheckTableConstraint(check.Expression) { Name = check.Name });
                    break;
                case ReferencesConstraint references:
                    await AddForeignKeysAsync(current, [(references.Name, [column.Name], references.References)], validate: true);
                    break;
            }
        }
    }

    /// <summary>Completes every row (generated columns, NOT NULL, CHECK) after a change to its slots, and writes it.</summary>
    private void RewriteRows(TableDescriptor changed, IEnumerable<(byte[] Key, Datum[] Row)> rows, Action<ExecutionState, TableWriterTemplate, Datum[]> change)
    {
        var (template, plan) = engine.CompileTarget(changed, Environment);
        var state = new ExecutionState(plan, [], Environment);
        var writer = new TableWriter(state, template);
        var value = new ByteWriter(256);
        foreach (var (key, row) in rows)
        {
            state.CheckInterrupts();
            writer.Restore(row);
            change(state, template, row);
            writer.Complete();
            value.Clear();
            template.Rows.EncodeValue(writer.NewRow(), value);
            Environment.Transaction.Put(key, value.Span);
        }
    }

    private async ValueTask DropColumnAsync(TableDescriptor table, DropColumnAction drop)
    {
        var column = table.Columns.FirstOrDefault(c => c.Name == drop.Column && !c.Hidden);
        if (column is null)
        {
            if (!drop.IfExists)
                throw new SqlException(SqlState.UndefinedColumn, $"column \"{drop.Column}\" of relation \"{table.Name}\" does not exist");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.UndefinedColumn, $"column \"{drop.Column}\" of relation \"{table.Name}\" does not exist, skipping"));
            return;
        }

        if (table.PrimaryIndex.Parts.Any(p => p.ColumnId == column.Id))
            throw new SqlException(SqlState.FeatureNotSupported, $"column \"{column.Name}\" is part of the primary key and cannot be dropped");
        var views = Catalog.Snapshot.Schemas(table.DatabaseId).SelectMany(s => Catalog.Snapshot.Relations(s.Id)).OfType<ViewDescriptor>().Where(v => v.DependsOn.Contains(table.Id) && Dependencies.Reads(engine, context, v, table, column)).ToList();
        var parents = table.ReferencedBy.Select(id => Catalog.Snapshot.TryGet<TableDescriptor>(id, out var child) ? child : null).OfType<TableDescriptor>()
            .Where(c => c.ForeignKeys.Any(k => k.ReferencedTable == table.Id && k.ReferencedColumns.Contains(column.Id))).ToList();
        if (!drop.Cascade && (views.Count > 0 || parents.Count > 0))
        {
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop column {column.Name} of table {table.Name} because other objects depend on it")
            {
                Detail = views.Count > 0 ? $"view {views[0].Name} depends on column {column.Name} of table {table.Name}" : $"table {parents[0].Name} has a foreign key to column {column.Name} of table {table.Name}",
                Hint = "Use DROP ... CASCADE to drop the dependent objects too.",
            };
        }

        await new ObjectCommands(engine, context, cancellationToken).DropViewsAsync(views);
        foreach (var child in parents)
        {
            await Environment.Transaction.LockRelationAsync(child.Id, exclusive: true, cancellationToken);
            foreach (var key in child.ForeignKeys.Where(k => k.ReferencedTable == table.Id && k.ReferencedColumns.Contains(column.Id)))
                DropConstraint(Current(child), new DropConstraintAction(key.Name, false, false));
        }

        // A key of the column itself goes too, with what its parent knows of it.
        foreach (var key in Current(table).ForeignKeys.Where(k => k.Columns.Contains(column.Id)))
            DropConstraint(Current(table), new DropConstraintAction(key.Name, false, false));
        table = Current(table);

        var usesColumn = (string? text) => text is not null && BoundWalkerText.Mentions(text, column.Name);
        if (table.Columns.Any(c => usesColumn(c.Generated)))
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop column {column.Name} of table {table.Name} because a generated column depends on it");
        foreach (var index in table.Indexes.Where(i => i.Parts.Any(p => p.ColumnId == column.Id || usesColumn(p.Expression)) || i.Included.Contains(column.Id) || usesColumn(i.Predicate)))
        {
            var (lower, upper) = KeySpace.IndexRange(table.StorageId, index.KeyId);
            Environment.Transaction.DeleteRange(lower, upper);
            table = table with { Indexes = table.Indexes.Remove(index) };
        }

        Catalog.Put(table with
        {
            Columns = table.Columns.Remove(column),
            Checks = table.Checks.RemoveAll(c => usesColumn(c.Expression)),
            Version = table.Version + 1,
        });
        if (column.OwnedSequence != 0 && Catalog.Snapshot.TryGet<SequenceDescriptor>(column.OwnedSequence, out var sequence))
            Catalog.Remove(sequence);
    }

    private void SetDefault(TableDescriptor table, SetDefaultAction set)
    {
        var column = RequireColumn(table, set.Column);
        if (set.Default is not null)
            TableBuilder.CheckExpression(table, set.Default, TableExpressionKind.Default, Binding, column);
        Replace(table, column, c => c with { Default = set.Default is null ? null : SqlDeparser.ToSql(set.Default) });
    }

    private void SetNotNull(TableDescriptor table, string name, bool notNull)
    {
        var column = RequireColumn(table, name);
        if (!notNull && table.HasUserPrimaryKey && table.PrimaryIndex.Parts.Any(p => p.ColumnId == column.Id))
            throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{name}\" is in a primary key");
        if (notNull)
        {
            var ordinal = table.Columns.IndexOf(column);
            if (!column.NotNull && Rows(table).Any(r => r.Row[ordinal].IsNull))
                throw new SqlException(SqlState.NotNullViolation, $"column \"{name}\" of relation \"{table.Name}\" contains null values") { TableName = table.Name, ColumnName = name };
        }

        Replace(table, column, c => c with { NotNull = notNull });
    }

    private async ValueTask SetTypeAsync(TableDescriptor table, SetTypeAction set)
    {
        var column = RequireColumn(table, set.Column);
        if (table.PrimaryIndex.Parts.Any(p => p.ColumnId == column.Id) || table.ForeignKeys.Any(k => k.Columns.Contains(column.Id)) || !table.ReferencedBy.IsEmpty)
            throw new SqlException(SqlState.FeatureNotSupported, $"the type of key column \"{column.Name}\" cannot be changed");
        var (type, modifier) = Binder.ResolveType(set.Type, Binding);
        var ordinal = table.Columns.IndexOf(column);
        var target = column with { Type = type, TypeModifier = modifier };
        ImmutableArray<BoundColumn> row = [.. table.Columns.Select(c => new BoundColumn(c.Name, c.Type, c.TypeModifier))];
        var bound = Binder.BindTableExpression(set.Using ?? new ColumnReference([column.Name]), table.Name, table.Columns, row, TableExpressionKind.Using, Binding, target);
        var compiler = new PlanCompiler(new Planner(Catalog.Snapshot));
        var slots = compiler.Slots.Slots(row);
        var evaluator = compiler.Expressions.Compile(bound);
        var state = new ExecutionState(compiler.Slots.Plan, [], Environment);
        var rows = Rows(table).ToList();
        foreach (var (_, values) in rows)
        {
            for (var i = 0; i < slots.Length; i++)
                state.Slots[slots[i]] = values[i];
            values[ordinal] = evaluator.Evaluate(state);
        }

        var rebuilt = table.Indexes.Where(i => i.Parts.Any(p => p.ColumnId == column.Id) || i.Included.Contains(column.Id)).ToList();
        foreach (var index in rebuilt)
        {
            var (lower, upper) = KeySpace.IndexRange(table.StorageId, index.KeyId);
            Environment.Transaction.DeleteRange(lower, upper);
        }

        var changed = table with
        {
            Columns = table.Columns.SetItem(ordinal, target),
            Indexes = table.Indexes.RemoveRange(rebuilt),
            Version = table.Version + 1,
        };
        Catalog.Put(changed);
        RewriteRows(changed, rows, static (_, _, _) => { });
        foreach (var index in rebuilt)
        {
            var current = Current(table);
            await AddIndexAsync(current, index with { KeyId = current.NextIndexKeyId, Parts = [.. index.Parts.Select(p => p.ColumnId == column.Id ? p with { Type = type } : p)] });
        }
    }

    private async ValueTask AddConstraintAsync(TableDescriptor table, TableConstraint constraint)
    {
        switch (constraint)
        {
            case CheckTableConstraint check:
                var bound = TableBuilder.CheckExpression(table, check.Expression, TableExpressionKind.Check, Binding);
                var checkName = check.Name ?? TableBuilder.Unique($"{table.Name}_check", n => table.Checks.Any(c => c.Name == n));
                if (table.Checks.Any(c => c.Name == checkName))
                    throw new SqlException(SqlState.DuplicateObject, $"constraint \"{checkName}\" for relation \"{table.Name}\" already exists");
                var rows = Rows(table);
                var checkedTable = table with { Checks = table.Checks.Add(new CheckConstraint(checkName, SqlDeparser.ToSql(check.Expression), TableBuilder.ColumnsOf(bound, table), !check.NotValid)), Version = table.Version + 1 };
                Catalog.Put(checkedTable);
                if (!check.NotValid)
                    ValidateRows(checkedTable, rows, checkName);
                break;
            case UniqueTableConstraint { PrimaryKey: true } primary:
                await AddPrimaryKeyAsync(table, primary);
                break;
            case UniqueTableConstraint unique:
                var name = unique.Name ?? TableBuilder.Unique($"{table.Name}_{string.Join('_', unique.Columns.Select(p => p.Column))}_key", n => Catalog.Snapshot.TryGetIndex(table.SchemaId, n, out _, out _));
                if (Catalog.Snapshot.TryGetIndex(table.SchemaId, name, out _, out _))
                    throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
                await AddIndexAsync(table, TableBuilder.MakeIndex(context, table, name, unique.Columns, true, Binding) with { Constraint = name, NullsNotDistinct = unique.NullsNotDistinct });
                break;
            case ForeignKeyTableConstraint key:
                await AddForeignKeysAsync(table, [(key.Name, key.Columns, key.References)], validate: true);
                break;
        }
    }

    private void ValidateRows(TableDescriptor table, IEnumerable<(byte[] Key, Datum[] Row)> rows, string name)
    {
        var (template, plan) = engine.CompileTarget(table, Environment);
        var state = new ExecutionState(plan, [], Environment);
        var writer = new TableWriter(state, template);
        foreach (var (_, row) in rows)
        {
            writer.Restore(row);
            if (template.Checks.First(c => c.Name == name).Condition.Evaluate(state).IsFalse)
            {
                throw new SqlException(SqlState.CheckViolation, $"check constraint \"{name}\" of relation \"{table.Name}\" is violated by some row") { TableName = table.Name, ConstraintName = name };
            }
        }
    }

    /// <summary>Rows move to keys made of the new primary key; the hidden row id goes.</summary>
    private async ValueTask AddPrimaryKeyAsync(TableDescriptor table, UniqueTableConstraint primary)
    {
        if (table.HasUserPrimaryKey)
            throw new SqlException(SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{table.Name}\" are not allowed");
        var name = primary.Name ?? $"{table.Name}_pkey";
        foreach (var part in primary.Columns)
            SetNotNull(Current(table), part.Column!, true);
        table = Current(table);
        var index = TableBuilder.MakeIndex(context, table, name, primary.Columns, true, Binding) with { Constraint = name, KeyId = KeySpace.PrimaryKeyId };
        var visible = table.Columns.Where(c => !c.Hidden).ToImmutableArray();
        var changed = table with { PrimaryIndex = index, Columns = visible, StorageId = Catalog.NewId(), Version = table.Version + 1 };
        Catalog.Put(changed);
        var writer = Writer(changed);
        int[] kept = [.. Enumerable.Range(0, table.Columns.Length).Where(i => !table.Columns[i].Hidden)];
        var moved = new Datum[kept.Length];
        foreach (var (_, row) in Rows(table))
        {
            for (var i = 0; i < kept.Length; i++)
                moved[i] = row[kept[i]];
            writer.Restore(moved);
            await writer.InsertAsync(cancellationToken);
        }

        if (writer.Load is { } load)
            await load.FlushAsync();
        var (lower, upper) = KeySpace.TableRange(table.StorageId);
        Environment.Transaction.DeleteRange(lower, upper);
    }

    private void DropConstraint(TableDescriptor table, DropConstraintAction drop)
    {
        var changed = table with
        {
            Checks = table.Checks.RemoveAll(c => c.Name == drop.Name),
            ForeignKeys = table.ForeignKeys.RemoveAll(k => k.Name == drop.Name),
            Version = table.Version + 1,
        };
        foreach (var key in table.ForeignKeys.Where(k => k.Name == drop.Name))
        {
            if (key.ReferencedTable == table.Id)
                changed = changed with { ReferencedBy = changed.ReferencedBy.Remove(table.Id) };
            else if (Catalog.Snapshot.TryGet<TableDescriptor>(key.ReferencedTable, out var parent))
                Catalog.Put(parent with { ReferencedBy = parent.ReferencedBy.Remove(table.Id), Version = parent.Version + 1 });
        }

        if (table.Indexes.FirstOrDefault(i => i.Constraint == drop.Name) is { } index)
        {
            if (table.ReferencedBy.Any(id => Catalog.Snapshot.TryGet<TableDescriptor>(id, out var child) && child.ForeignKeys.Any(k => k.ReferencedIndex == index.Id)))
            {
                throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop constraint {drop.Name} on table {table.Name} because other objects depend on it") { Hint = "Drop the foreign keys that refer to it first." };
            }

            var (lower, upper) = KeySpace.IndexRange(table.StorageId, index.KeyId);
            Environment.Transaction.DeleteRange(lower, upper);
            changed = changed with { Indexes = changed.Indexes.Remove(index) };
        }
        else if (table.PrimaryIndex.Constraint == drop.Name)
            throw new SqlException(SqlState.FeatureNotSupported, "a primary key cannot be dropped");
        else if (changed.Checks.Length == table.Checks.Length && changed.ForeignKeys.Length == table.ForeignKeys.Length)
        {
            if (!drop.IfExists)
                throw new SqlException(SqlState.UndefinedObject, $"constraint \"{drop.Name}\" of relation \"{table.Name}\" does not exist");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.UndefinedObject, $"constraint \"{drop.Name}\" of relation \"{table.Name}\" does not exist, skipping"));
            return;
        }

        Catalog.Put(changed);
    }

    private static ColumnDescriptor RequireColumn(TableDescriptor table, string name) =>
        table.Columns.FirstOrDefault(c => c.Name == name && !c.Hidden) ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{table.Name}\" does not exist");

    private void Replace(TableDescriptor table, ColumnDescriptor column, Func<ColumnDescriptor, ColumnDescriptor> change) =>
        Catalog.Put(table with { Columns = table.Columns.Replace(column, change(column)), Version = table.Version + 1 });
}

/// <summary>Whether stored SQL text mentions a name; by tokens, so that a longer name does not count.</summary>
internal static class BoundWalkerText
{
    public static bool Mentions(string sql, string name) =>
        Lexer.Tokenize(sql).Exists(t => t.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && t.Value == name);
}
