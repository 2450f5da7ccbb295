using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>INSERT INTO t (a[1], a[2], b[1:2]): the parts of one column go into one array, in the order in which they are named (8.15.4).</summary>
public sealed partial class Binder
{
    (BoundNode, ImmutableArray<int>) BindInsertElements(QueryExpression query, InsertStatement statement, TableDescriptor table, ImmutableArray<int> ordinals)
    {
        if (query is not { Body: ValuesBody values, OrderBy.IsEmpty: true, Limit: null, Offset: null, With: null })
            return BindElementsOfQuery(query, statement, table, ordinals);
        var written = ordinals.Distinct().ToImmutableArray();
        var columns = written.Select(o => new BoundColumn(table.Columns[o].Name, table.Columns[o].Type, table.Columns[o].TypeModifier)).ToImmutableArray();
        _scope.Clause = ClauseKind.InsertValues;
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<BoundExpression>>(values.Rows.Length);
        foreach (var row in values.Rows)
        {
            if (row.Length != values.Rows[0].Length)
                throw BindErrors.Syntax("VALUES lists must all be the same length", row.IsEmpty ? 0 : At(row[0]));
            FitWidth(statement, ordinals, row.Length, row.Length > ordinals.Length ? At(row[ordinals.Length]) : At(statement.Table));
            rows.Add(AssignParts(statement, table, ordinals, written, (i, _) => row[i]));
        }

        _scope.Clause = ClauseKind.None;
        return (new BoundValues(rows.MoveToImmutable(), columns), written);
    }

    /// <summary>The query becomes a derived table, and its columns are assigned as the values of VALUES are.</summary>
    (BoundNode, ImmutableArray<int>) BindElementsOfQuery(QueryExpression query, InsertStatement statement, TableDescriptor table, ImmutableArray<int> ordinals)
    {
        var node = BindQuery(query, _scope, false).Node;
        var output = node.Output;
        // Untyped literals of the select list are read as the type of their target.
        var literals = node is BoundProject project ? project.Items : [];
        FitWidth(statement, ordinals, output.Length, At(query));
        var written = ordinals.Distinct().ToImmutableArray();
        var scope = new Scope(_scope);
        scope.Items.Add(new RangeItem { Name = "", Columns = [.. output.Select((c, i) => new ScopeColumn($"?{i}", c.Type.Oid == PgOid.Unknown && i < literals.Length ? literals[i].Expression : new BoundColumnReference(c)))] });
        var parts = InScope(scope, () => AssignParts(statement, table, ordinals, written, (i, _) => new ColumnReference([$"?{i}"])));
        var columns = written.Select(o => new BoundColumn(table.Columns[o].Name, table.Columns[o].Type, table.Columns[o].TypeModifier));
        if (node is BoundProject inner && output.Any(c => c.Type.Oid == PgOid.Unknown))
            node = new BoundProject(inner.Input, [.. inner.Items.Where(p => p.Column.Type.Oid != PgOid.Unknown)]);
        return (new BoundProject(node, [.. columns.Zip(parts)]), written);
    }

    ImmutableArray<BoundExpression> AssignParts(InsertStatement statement, TableDescriptor table, ImmutableArray<int> ordinals, ImmutableArray<int> written,
        Func<int, ColumnDescriptor, SyntaxExpression> valueOf)
    {
        var cells = new BoundExpression[written.Length];
        for (var i = 0; i < ordinals.Length; i++)
        {
            var column = table.Columns[ordinals[i]];
            var cell = written.IndexOf(ordinals[i]);
            var value = valueOf(i, column);
            if (statement.Subscripts[i].IsEmpty)
            {
                cells[cell] = BindInsertCell(value, column, DefaultOf(table, column), statement) ?? throw GeneratedColumn(column, At(value));
                continue;
            }

            var assignment = new Assignment([column.Name], value) { Subscripts = statement.Subscripts[i], Position = value.Position };
            cells[cell] = BindElementAssignment(assignment, column, cells[cell] ?? new BoundConstant(Datum.Null, column.Type, column.TypeModifier));
        }

        return [.. cells];
    }
}
