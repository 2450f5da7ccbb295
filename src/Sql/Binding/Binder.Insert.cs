using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>INSERT and UPSERT (transformInsertStmt).</summary>
public sealed partial class Binder
{
    BoundInsert BindInsert(InsertStatement statement)
    {
        var scope = new Scope(_scope);
        return InScope(scope, () =>
        {
            BindWith(statement.With);
            var table = RequireWritableTable(statement.Table, "insert into", "");
            var target = MakeTarget(table);
            var ordinals = InsertColumns(statement, table);
            var (source, used) = BindInsertSource(statement, table, target, ordinals);
            var insert = NoteRelation(table, Privilege.Insert);
            foreach (var ordinal in statement.Columns.IsEmpty ? used : ordinals)
                insert.Use(table.Columns[ordinal].Id);
            if (statement.Source is null)
                insert.UseWhole();
            NoteInserted(table);
            var conflict = statement.Upsert
                ? MakeUpsert(statement, table, target, used)
                : statement.OnConflict is { } clause ? BindOnConflict(clause, statement, table, target) : null;
            var returning = BindReturning(statement.Returning, table, target, statement.Alias ?? table.Name, statement.Alias is not null, []);
            var reads = returning is null && conflict is null ? PolicyCommands.None : PolicyCommands.Select;
            target = target with { InsertPolicies = PolicyChecks(table, target.Row, PolicyCommands.Insert, reads) };
            if (conflict is { DoNothing: false })
            {
                target = target with { UpdatePolicies = PolicyChecks(table, target.Row, PolicyCommands.Update, PolicyCommands.Select) };
                conflict = conflict with { Policy = PolicyCondition(table, conflict.Existing, PolicyCommands.Update | PolicyCommands.Select) };
            }

            return new BoundInsert(target, FinishWith(source), used, _accesses) { OnConflict = conflict, Returning = returning };
        });
    }

    /// <summary>The ordinals of the named columns, or of all visible ones.</summary>
    ImmutableArray<int> InsertColumns(InsertStatement statement, TableDescriptor table)
    {
        if (statement.Columns.IsEmpty)
            return [.. Enumerable.Range(0, table.Columns.Length).Where(i => !table.Columns[i].Hidden)];
        return ResolveColumns(statement.Columns, table, At(statement.Table), statement.Subscripts, statement.ColumnPositions);
    }

    /// <param name="subscripts">A column may be named again for another of its elements.</param>
    ImmutableArray<int> ResolveColumns(ImmutableArray<string> names, TableDescriptor table, int position, ImmutableArray<ImmutableArray<ArraySubscript>> subscripts = default,
        ImmutableArray<int> positions = default)
    {
        var ordinals = ImmutableArray.CreateBuilder<int>(names.Length);
        var whole = position;
        foreach (var name in names)
        {
            position = positions.IsDefaultOrEmpty ? whole : ColumnPosition(positions, ordinals.Count);
            var ordinal = OrdinalOf(table, name);
            if (ordinal < 0)
                throw BindErrors.UndefinedColumnOfRelation(name, table.Name, position);
            if (ordinals.Contains(ordinal) && (subscripts.IsDefaultOrEmpty || subscripts[ordinals.Count].IsEmpty || subscripts[ordinals.IndexOf(ordinal)].IsEmpty))
                throw BindErrors.Error(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once", position);
            ordinals.Add(ordinal);
        }

        return ordinals.MoveToImmutable();
    }

    int ColumnPosition(ImmutableArray<int> positions, int index) => _views.Count > 0 || _silent ? 0 : positions[index] + 1;

    static int OrdinalOf(TableDescriptor table, string name)
    {
        for (var i = 0; i < table.Columns.Length; i++)
        {
            if (table.Columns[i].Name == name)
                return i;
        }

        return -1;
    }

    (BoundNode Source, ImmutableArray<int> Ordinals) BindInsertSource(InsertStatement statement, TableDescriptor table, BoundTarget target, ImmutableArray<int> ordinals)
    {
        if (statement.Source is null)
            return (BoundValues.SingleRow, []);
        var query = Unnest(statement.Source);
        if (!statement.Subscripts.IsEmpty)
            return BindInsertElements(query, statement, table, ordinals);
        return query is { Body: ValuesBody values, OrderBy.IsEmpty: true, Limit: null, Offset: null, With: null }
            ? BindInsertValues(values, statement, table, target, ordinals)
            : BindInsertQuery(query, statement, table, target, ordinals);
    }

    (BoundNode, ImmutableArray<int>) BindInsertValues(ValuesBody values, InsertStatement statement, TableDescriptor table, BoundTarget target, ImmutableArray<int> ordinals)
    {
        var width = values.Rows[0].Length;
        foreach (var row in values.Rows)
        {
            if (row.Length != width)
                throw BindErrors.Syntax("VALUES lists must all be the same length", row.IsEmpty ? 0 : At(row[0]));
        }

        ordinals = FitWidth(statement, ordinals, width, width > ordinals.Length ? At(values.Rows[0][ordinals.Length]) : At(statement.Table));
        // A generated column takes DEFAULT only: nothing of it reaches the source.
        var written = ordinals.Where(o => table.Columns[o].Generated is null).ToImmutableArray();
        var columns = written.Select(o => new BoundColumn(table.Columns[o].Name, table.Columns[o].Type, table.Columns[o].TypeModifier)).ToImmutableArray();
        _scope.Clause = ClauseKind.InsertValues;
        _scope.AllowSetCalls = values.Rows.Length == 1;
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<BoundExpression>>(values.Rows.Length);
        foreach (var row in values.Rows)
        {
            var cells = ImmutableArray.CreateBuilder<BoundExpression>(written.Length);
            for (var i = 0; i < width; i++)
            {
                var column = table.Columns[ordinals[i]];
                if (BindInsertCell(row[i], column, target.Defaults[ordinals[i]], statement) is { } cell)
                    cells.Add(cell);
            }

            rows.Add(cells.MoveToImmutable());
        }

        _scope.Clause = ClauseKind.None;
        if (_scope.SetCalls.Count > 0)
            return (new BoundProject(AddSetCalls(BoundValues.SingleRow, _scope.SetCalls), [.. columns.Zip(rows[0])]), written);
        return (new BoundValues(rows.MoveToImmutable(), columns), written);
    }

    /// <summary>One value of VALUES for one column; null for a generated column.</summary>
    BoundExpression? BindInsertCell(SyntaxExpression syntax, ColumnDescriptor column, BoundExpression? defaultValue, InsertStatement statement)
    {
        if (syntax is DefaultExpression)
            return column.Generated is not null ? null : defaultValue ?? new BoundConstant(Datum.Null, column.Type, column.TypeModifier);
        if (column.Generated is not null)
            throw GeneratedColumn(column, At(syntax));
        if (column.Identity == IdentityKind.Always && statement.OverridingSystemValue != true)
        {
            if (statement.OverridingSystemValue is null)
                throw IdentityColumn(column, At(syntax));
            // OVERRIDING USER VALUE: what was written is bound, for its errors, and dropped.
            CoerceForAssignment(BindExpression(syntax), column, At(syntax));
            return defaultValue;
        }

        var value = BindExpression(syntax);
        if (column.Identity == IdentityKind.ByDefault && statement.OverridingSystemValue == false)
            return defaultValue;
        return CoerceForAssignment(value, column, At(syntax));
    }

    static SqlException GeneratedColumn(ColumnDescriptor column, int position) =>
        BindErrors.Error(SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{column.Name}\"", position, $"Column \"{column.Name}\" is a generated column.");

    static SqlException IdentityColumn(ColumnDescriptor column, int position) =>
        BindErrors.Error(SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{column.Name}\"", position,
            $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.", "Use OVERRIDING SYSTEM VALUE to override.");

    ImmutableArray<int> FitWidth(InsertStatement statement, ImmutableArray<int> ordinals, int width, int position)
    {
        if (width > ordinals.Length)
            throw BindErrors.Syntax("INSERT has more expressions than target columns", position);
        if (width == ordinals.Length)
            return ordinals;
        if (!statement.Columns.IsEmpty)
            throw BindErrors.Syntax("INSERT has more target columns than expressions", statement.ColumnPositions.IsDefaultOrEmpty ? position : ColumnPosition(statement.ColumnPositions, width));
        return ordinals[..width];
    }

    (BoundNode, ImmutableArray<int>) BindInsertQuery(QueryExpression query, InsertStatement statement, TableDescriptor table, BoundTarget target, ImmutableArray<int> ordinals)
    {
        var selection = BindQuery(query, _scope, false);
        var output = selection.Node.Output;
        ordinals = FitWidth(statement, ordinals, output.Length, At(query));
        var node = selection.Node;
        var items = ImmutableArray.CreateBuilder<(BoundColumn, BoundExpression)>(output.Length);
        var kept = ImmutableArray.CreateBuilder<int>(output.Length);
        // Untyped literals of the select list are read as the column's type.
        var literals = node is BoundProject project ? project.Items : [];
        for (var i = 0; i < output.Length; i++)
        {
            var column = table.Columns[ordinals[i]];
            if (column.Generated is not null)
                throw GeneratedColumn(column, At(query));
            if (column.Identity == IdentityKind.Always && statement.OverridingSystemValue is null)
                throw IdentityColumn(column, At(query));
            BoundExpression value = new BoundColumnReference(output[i]);
            if (output[i].Type.Oid == PgOid.Unknown && i < literals.Length)
                value = literals[i].Expression;
            if (column.Identity != IdentityKind.None && statement.OverridingSystemValue == false)
                value = target.Defaults[ordinals[i]]!;
            items.Add((new BoundColumn(column.Name, column.Type, column.TypeModifier), CoerceForAssignment(value, column, PositionOf(value, ItemPosition(query, i)))));
            kept.Add(ordinals[i]);
        }

        if (node is BoundProject inner && output.Any(c => c.Type.Oid == PgOid.Unknown))
            node = new BoundProject(inner.Input, [.. inner.Items.Where(p => p.Column.Type.Oid != PgOid.Unknown)]);
        return (new BoundProject(node, items.MoveToImmutable()), kept.MoveToImmutable());
    }

    // ---- ON CONFLICT

    BoundOnConflict BindOnConflict(OnConflictClause clause, InsertStatement statement, TableDescriptor table, BoundTarget target)
    {
        var read = NoteRelation(table, Privilege.Select);
        var arbiter = FindArbiter(clause, table, target);
        foreach (var part in arbiter?.Parts ?? [])
            read.Use(part.ColumnId);
        if (arbiter is null || arbiter.Parts.All(p => p.ColumnId == 0))
            read.UseWhole();
        var existing = MakeColumns(table, nullable: false);
        var excluded = MakeColumns(table, nullable: true);
        if (clause.DoNothing)
            return new BoundOnConflict(arbiter, true, existing, excluded, [], null);
        if (arbiter is null)
        {
            throw BindErrors.Error(SqlState.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name", At(clause),
                hint: "For example, ON CONFLICT (column_name).");
        }

        var scope = new Scope(_scope) { Clause = ClauseKind.UpdateSource };
        return InScope(scope, () =>
        {
            scope.Items.Add(TableItem(table, existing, read, statement.Alias, SchemaNameOf(table), [], null));
            // What EXCLUDED holds is read as the column is (INSERT, Notes).
            scope.Items.Add(TableItem(table, excluded, read, "excluded", "", [], null));
            foreach (var item in scope.Items.Skip(1))
                item.ColumnsVisible = true;
            var assignments = BindAssignments(clause.Assignments, table, target, null, out _);
            var where = clause.Where is null ? null : BindCondition(clause.Where, ClauseKind.Where, "WHERE");
            return new BoundOnConflict(arbiter, false, existing, excluded, assignments, where);
        });
    }

    string SchemaNameOf(TableDescriptor table) => Catalog.TryGet<SchemaDescriptor>(table.SchemaId, out var schema) ? schema.Name : "";

    /// <summary>Null only when nothing was specified. 42P10 when no unique index matches.</summary>
    IndexDescriptor? FindArbiter(OnConflictClause clause, TableDescriptor table, BoundTarget target)
    {
        IEnumerable<IndexDescriptor> indexes = [table.PrimaryIndex, .. table.Indexes];
        if (clause.Constraint is { } name)
        {
            if (table.Indexes.Any(i => i.Deferrable && i.Constraint == name))
                throw DeferrableArbiter(clause);
            return indexes.FirstOrDefault(i => i.Unique && i.Constraint == name) ?? (table.PrimaryIndex.Constraint == name ? table.PrimaryIndex : null) ??
                   throw BindErrors.Error(SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{table.Name}\" does not exist", At(clause));
        }

        if (clause.Target.IsEmpty)
            return table.Indexes.Any(i => i.Deferrable) ? throw DeferrableArbiter(clause) : null;
        var (columns, expressions, predicate) = BindConflictTarget(clause, table, target);
        var all = indexes.ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var index = all[i];
            if (!(index.Unique || i == 0 && table.HasUserPrimaryKey) || (i == 0 && !table.HasUserPrimaryKey) || index.State != IndexState.Public)
                continue;
            var bound = i < target.Indexes.Length ? target.Indexes[i] : default;
            if (index.Predicate is not null && (predicate is null || !Implies(predicate, bound.Predicate!)))
                continue;
            var own = index.Parts.Where(p => p.Expression is null).Select(p => p.ColumnId).ToHashSet();
            var ownExpressions = bound.Parts.IsDefault ? [] : bound.Parts.OfType<BoundExpression>().ToList();
            if (own.SetEquals(columns) && ownExpressions.Count == expressions.Count && ownExpressions.TrueForAll(e => expressions.Contains(e, BoundEquality.Instance)))
                return index;
        }

        if (expressions.Count == 0 && all.Exists(i => i.Deferrable && columns.SetEquals(i.Parts.Select(p => p.ColumnId))))
            throw DeferrableArbiter(clause);
        throw BindErrors.InvalidReference("there is no unique or exclusion constraint matching the ON CONFLICT specification", At(clause));
    }

    SqlException DeferrableArbiter(OnConflictClause clause) =>
        BindErrors.Error(SqlState.ObjectNotInPrerequisiteState, "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters", At(clause));

    (HashSet<int> Columns, List<BoundExpression> Expressions, BoundExpression? Predicate) BindConflictTarget(OnConflictClause clause, TableDescriptor table, BoundTarget target)
    {
        var columns = new HashSet<int>();
        var expressions = new List<BoundExpression>();
        var scope = new Scope(_scope) { Clause = ClauseKind.IndexExpression };
        return InScope(scope, () =>
        {
            scope.Items.Add(TableItem(table, target.Row, null, null, "", [], null));
            foreach (var part in clause.Target)
            {
                var name = part.Column ?? (part.Expression as ColumnReference is { Parts: [var single] } ? single : null);
                if (name is not null)
                {
                    var ordinal = OrdinalOf(table, name);
                    if (ordinal < 0)
                        throw BindErrors.UndefinedColumn(name, At(part));
                    columns.Add(table.Columns[ordinal].Id);
                }
                else
                {
                    expressions.Add(ToTyped(BindExpression(part.Expression!), At(part)));
                }
            }

            return (columns, expressions, clause.TargetWhere is null ? null : BindCondition(clause.TargetWhere, ClauseKind.IndexPredicate, "WHERE"));
        });
    }

    /// <summary>Every conjunct of the index predicate stands in the given one.</summary>
    static bool Implies(BoundExpression given, BoundExpression predicate)
    {
        IReadOnlyList<BoundExpression> facts = given is BoundAnd g ? g.Operands : [given];
        IReadOnlyList<BoundExpression> needed = predicate is BoundAnd p ? p.Operands : [predicate];
        return needed.All(n => facts.Contains(n, BoundEquality.Instance));
    }

    /// <summary>UPSERT: a row with the same primary key is overwritten in the columns that the statement names. A table without a primary key has nothing to collide with.</summary>
    BoundOnConflict? MakeUpsert(InsertStatement statement, TableDescriptor table, BoundTarget target, ImmutableArray<int> ordinals)
    {
        NoteRelation(table, Privilege.Select).UseWhole();
        NoteRelation(table, Privilege.Update).UseWhole();
        NoteUpdated(table, [.. table.Columns.Select(c => c.Id)]);
        if (!table.HasUserPrimaryKey)
            return null;
        var keys = table.PrimaryIndex.Parts.Select(p => p.ColumnId).ToHashSet();
        var existing = MakeColumns(table, nullable: false);
        var excluded = MakeColumns(table, nullable: true);
        var written = statement.Columns.IsEmpty ? Enumerable.Range(0, table.Columns.Length) : ordinals;
        var assignments = written.Where(o => !keys.Contains(table.Columns[o].Id) && table.Columns[o].Generated is null && !table.Columns[o].Hidden)
            .Select(o => (o, (BoundExpression)new BoundColumnReference(excluded[o]))).ToImmutableArray();
        _ = target;
        return new BoundOnConflict(table.PrimaryIndex, assignments.IsEmpty, existing, excluded, assignments, null);
    }

    // ---- RETURNING

    /// <summary>RETURNING over the new row (for DELETE: the deleted one) in <see cref="BoundTarget.Row"/> and what FROM or USING added.</summary>
    BoundReturning? BindReturning(ImmutableArray<SelectItem> items, TableDescriptor table, BoundTarget target, string name, bool hasAlias, List<RangeItem> others)
    {
        if (items.IsEmpty)
            return null;
        var scope = new Scope(_scope);
        return InScope(scope, () =>
        {
            scope.Items.Add(TableItem(table, target.Row, NoteReadWhenUsed(table), hasAlias ? name : null, SchemaNameOf(table), [], null));
            scope.Items.AddRange(others);
            var targets = BindTargets(items, ClauseKind.Returning);
            var columns = targets.Items.Select(t =>
            {
                var value = ToTyped(t.Expression, t.Position);
                var source = (value as BoundColumnReference)?.Column;
                var column = new BoundColumn(t.Name, value.Type, value.TypeModifier) { SourceTable = source?.SourceTable ?? 0, SourceColumn = source?.SourceColumn ?? 0 };
                NoteShape(column, value);
                return (column, value);
            });
            return new BoundReturning([.. columns], [.. targets.Items.Select(t => t.Name)]);
        });
    }
}
