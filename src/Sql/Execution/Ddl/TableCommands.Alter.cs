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
                    await DropConstraintAsync(table, drop);
                    break;
                case SetAuditAction audit:
                    Catalog.Put(table with { Audited = audit.ReadWrite, Version = table.Version + 1 });
                    break;
                case RowSecurityAction security:
                    SetRowSecurity(table, security.Mode);
                    break;
                case DropExpressionAction drop:
                    DropExpression(table, drop);
                    break;
                case AddIdentityAction add:
                    AddIdentity(table, add);
                    break;
                case SetIdentityAction set:
                    SetIdentity(table, set);
                    break;
                case DropIdentityAction drop:
                    DropIdentity(table, drop);
                    break;
                case ValidateConstraintAction validate:
                    await ValidateConstraintAsync(table, validate.Name);
                    break;
                case AlterConstraintAction alter:
                    AlterConstraint(table, alter);
                    break;
                case IgnoredAction { Kind: "inherit" or "partition" or "split" or "unsplit" or "scatter" or "no" } other:
                    throw new SqlException(SqlState.FeatureNotSupported, $"ALTER TABLE … {other.Kind.ToUpperInvariant()} is not supported");
                case IgnoredAction:
                    // Storage parameters, CLUSTER ON, REPLICA IDENTITY, triggers: nothing here depends on them.
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

        var column = ColumnBuilder.Make(context, Binding, add.Column, table.NextColumnId, table.SchemaId, table.Name, out var sequence);
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
                    await AddConstraintAsync(current, new UniqueTableConstraint(unique.PrimaryKey, [new IndexPartSyntax(column.Name, null, false, null)]) { Name = unique.Name, Deferrable = unique.Deferrable, InitiallyDeferred = unique.InitiallyDeferred });
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
        var writer = new TableWriter(state, template) { RowsAreOld = true };
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

    private void SetDefault(TableDescriptor table, SetDefaultAction set)
    {
        var column = RequireColumn(table, set.Column);
        RefuseIdentity(table, column, set.Default is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : null);
        if (column.Generated is not null)
        {
            throw new SqlException(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is a generated column")
            {
                Hint = set.Default is null ? "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead." : null,
            };
        }

        if (set.Default is not null)
            TableBuilder.CheckExpression(table, set.Default, TableExpressionKind.Default, Binding, column);
        Replace(table, column, c => c with { Default = set.Default is null ? null : SqlDeparser.ToSql(set.Default) });
    }

    private void SetNotNull(TableDescriptor table, string name, bool notNull)
    {
        var column = RequireColumn(table, name);
        if (!notNull)
            RefuseIdentity(table, column, null);
        if (!notNull && table.HasUserPrimaryKey && table.PrimaryIndex.Parts.Any(p => p.ColumnId == column.Id))
            throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{name}\" is in a primary key");
        if (notNull)
        {
            var ordinal = table.Columns.IndexOf(column);
            if (!column.NotNull && Rows(table).Any(r => r.Row[ordinal].IsNull))
                throw ConstraintErrors.HasNulls(table, column);
        }

        Replace(table, column, c => c with { NotNull = notNull });
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
                await AddIndexAsync(table, TableBuilder.MakeIndex(context, table, name, unique.Columns, true, Binding) with { Constraint = name, NullsNotDistinct = unique.NullsNotDistinct, Unique = !unique.Deferrable, Deferrable = unique.Deferrable, InitiallyDeferred = unique.InitiallyDeferred });
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
        var condition = template.Checks.First(c => c.Name == name).Condition;
        foreach (var (_, row) in rows)
        {
            writer.Restore(row);
            if (condition.Evaluate(state).IsFalse)
                throw ConstraintErrors.CheckViolated(table, name);
        }
    }

    /// <summary>Looks at the rows under a domain that has one new constraint. 23502 and 23514 name the column.</summary>
    public void ValidateDomain(TableDescriptor table, Func<int, bool> isOver)
    {
        table = Current(table);
        var (template, plan) = engine.CompileTarget(table, Environment);
        var state = new ExecutionState(plan, [], Environment);
        var writer = new TableWriter(state, template);
        foreach (var (_, row) in Rows(table))
        {
            writer.Restore(row);
            foreach (var (ordinal, expression) in template.Domains.Where(d => isOver(d.Ordinal)))
            {
                try
                {
                    expression.Evaluate(state);
                }
                catch (SqlException e) when (e.State == SqlState.NotNullViolation || e.State == SqlState.CheckViolation)
                {
                    var problem = e.State == SqlState.NotNullViolation ? "contains null values" : "contains values that violate the new constraint";
                    throw new SqlException(e.State, $"column \"{table.Columns[ordinal].Name}\" of table \"{table.Name}\" {problem}");
                }
            }
        }
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
