using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Column and whole-row references (parse_relation.c, transformColumnRef).</summary>
public sealed partial class Binder
{
    BoundExpression BindColumnReference(ColumnReference reference)
    {
        var parts = reference.Parts;
        if (_scope.Clause == ClauseKind.ColumnDefault)
            throw BindErrors.NotSupported("cannot use column reference in DEFAULT expression", At(reference));
        return parts.Length switch
        {
            1 => BindBareName(parts[0], reference),
            2 => BindQualifiedName(null, parts[0], parts[1], reference),
            3 => BindQualifiedName(parts[0], parts[1], parts[2], reference),
            4 when parts[0] == _database.Name => BindQualifiedName(parts[1], parts[2], parts[3], reference),
            4 => throw BindErrors.NotSupported($"cross-database references are not implemented: {string.Join('.', parts)}", At(reference)),
            _ => throw BindErrors.Syntax($"improper qualified name (too many dotted names): {string.Join('.', parts)}", At(reference)),
        };
    }

    BoundExpression BindBareName(string name, ColumnReference reference)
    {
        if (FindColumn(name, reference) is { } column)
            return column;
        if (FindItem(null, name, reference, out var scope) is { } item)
            return WholeRow(item, scope!, reference);
        throw BindErrors.UndefinedColumn(name, At(reference), HintForColumn(name));
    }

    /// <summary>The nearest level that has such a column decides. 42702 when it has several.</summary>
    BoundExpression? FindColumn(string name, SyntaxNode reference)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            RangeItem? foundIn = null;
            ScopeColumn found = default;
            foreach (var item in scope.Items)
            {
                if (!item.ColumnsVisible || (item.LateralOnly && !scope.LateralActive))
                    continue;
                foreach (var column in item.Columns)
                {
                    if (!string.Equals(column.Name, name, StringComparison.Ordinal))
                        continue;
                    if (foundIn is not null)
                        throw BindErrors.AmbiguousColumn(name, At(reference));
                    foundIn = item;
                    found = column;
                }
            }

            if (foundIn is null)
                (foundIn, found) = FindHiddenColumn(scope, name);
            if (foundIn is not null)
                return UseColumn(scope, foundIn, found, reference);
        }

        return null;
    }

    static (RangeItem?, ScopeColumn) FindHiddenColumn(Scope scope, string name)
    {
        foreach (var item in scope.Items)
        {
            if (item.IsJoin || (item.LateralOnly && !scope.LateralActive))
                continue;
            foreach (var column in item.HiddenColumns)
            {
                if (column.Name == name)
                    return (item, column);
            }

            if (SystemColumn(item, name) is { } value)
                return (item, new ScopeColumn(name, value));
        }

        return (null, default);
    }

    /// <summary>tableoid is known without reading; other system columns of PostgreSQL have no counterpart here.</summary>
    static BoundExpression? SystemColumn(RangeItem item, string name) =>
        name == "tableoid" && item.Relation is { } relation ? new BoundConstant(Datum.FromInt64(relation.Id), SqlTypes.Oid) : null;

    BoundExpression UseColumn(Scope scope, RangeItem item, ScopeColumn column, SyntaxNode reference)
    {
        if (item.LateralOnly)
        {
            if (!item.LateralAllowed)
                throw BindErrors.LateralOverOuterJoin(item.Name, At(reference));
            scope.LateralUses++;
        }

        column.Access?.Use(column.ColumnId);
        _uses.Add(scope);
        // A fresh node per use, so that each has a position of its own.
        var value = column.Value is BoundColumnReference plain ? new BoundColumnReference(plain.Column) : column.Value;
        _origins[value] = (At(reference), item.IsJoin || !item.RelationVisible ? column.Name : $"{item.Name}.{column.Name}");
        return value;
    }

    BoundExpression BindQualifiedName(string? schema, string table, string name, ColumnReference reference)
    {
        var item = FindItem(schema, table, reference, out var scope) ?? throw MissingItem(schema, table, reference);
        var matches = 0;
        ScopeColumn found = default;
        foreach (var column in item.Columns)
        {
            if (column.Name == name)
            {
                matches++;
                found = column;
            }
        }

        if (matches > 1)
            throw BindErrors.AmbiguousColumn(name, At(reference));
        if (matches == 0)
        {
            foreach (var column in item.HiddenColumns)
            {
                if (column.Name == name)
                    return UseColumn(scope!, item, column, reference);
            }

            if (SystemColumn(item, name) is { } system)
                return UseColumn(scope!, item, new ScopeColumn(name, system), reference);
            throw BindErrors.UndefinedColumn(table, name, At(reference), HintForQualifiedColumn(table, name));
        }

        return UseColumn(scope!, item, found, reference);
    }

    /// <summary>A range item by name, nearest level first. 42P09 when one level has two.</summary>
    RangeItem? FindItem(string? schema, string name, SyntaxNode reference, out Scope? foundIn)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            RangeItem? found = null;
            foreach (var item in scope.Items)
            {
                if (!item.RelationVisible || (item.LateralOnly && !scope.LateralActive) || item.Name != name)
                    continue;
                if (schema is not null && (item.HasAlias || !IsQualifiedBy(item, schema)))
                    continue;
                if (found is not null)
                    throw BindErrors.Error(SqlState.AmbiguousAlias, $"table reference \"{name}\" is ambiguous", At(reference));
                if (item is { LateralOnly: true, LateralAllowed: false })
                    throw BindErrors.LateralOverOuterJoin(name, At(reference));
                found = item;
            }

            if (found is not null)
            {
                foundIn = scope;
                return found;
            }
        }

        foundIn = null;
        return null;
    }

    /// <summary>By its schema, or as CockroachDB has it by its database when it stands in the schema public there.</summary>
    bool IsQualifiedBy(RangeItem item, string qualifier) => item.SchemaName == qualifier
        || (item is { SchemaName: "public", Relation: { } relation } && !Catalog.TryGetSchema(_database.Id, qualifier, out _)
            && Catalog.TryGetDatabase(qualifier, out var database) && database.Id == relation.DatabaseId);

    SqlException MissingItem(string? schema, string table, SyntaxNode reference)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (scope.Items.Concat(_shadowed).FirstOrDefault(i => i.Name == table || (i.HasAlias && i.Relation?.Name == table)) is not { } item)
                continue;
            return item.Name != table
                ? BindErrors.Error(SqlState.UndefinedTable, $"invalid reference to FROM-clause entry for table \"{table}\"", At(reference),
                    hint: $"Perhaps you meant to reference the table alias \"{item.Name}\".")
                : BindErrors.InvalidFromReference(table, At(reference));
        }

        return BindErrors.MissingFrom(schema is null ? table : $"{schema}.{table}", At(reference));
    }

    /// <summary>Items of enclosing FROM lists that a JOIN condition cannot see, kept to word the error.</summary>
    readonly List<RangeItem> _shadowed = [];

    string? HintForColumn(string name)
    {
        foreach (var item in _shadowed.Concat(_scope.Items))
        {
            if (item.Columns.Any(c => c.Name == name) && (item.LateralOnly || _shadowed.Contains(item)))
                return $"There is a column named \"{name}\" in table \"{item.Name}\", but it cannot be referenced from this part of the query.";
        }

        return Nearest(_scope.Items.Where(i => !i.IsJoin).SelectMany(i => i.Columns.Select(c => (i.Name, Column: c.Name))), name) is { } best
            ? $"Perhaps you meant to reference the column \"{best.Table}.{best.Column}\"."
            : null;
    }

    string? HintForQualifiedColumn(string table, string name) =>
        Nearest(_scope.Items.Where(i => i.Name == table).SelectMany(i => i.Columns.Select(c => (i.Name, Column: c.Name))), name) is { } best
            ? $"Perhaps you meant to reference the column \"{best.Table}.{best.Column}\"."
            : null;

    /// <summary>A column whose name is a typing slip away: edit distance at most 3 and less than half the name, and the only one so near.</summary>
    static (string Table, string Column)? Nearest(IEnumerable<(string Table, string Column)> columns, string name)
    {
        (string, string)? best = null;
        var bestDistance = Math.Min(4, name.Length / 2 + 1);
        foreach (var column in columns.Take(256))
        {
            var distance = Distance(column.Column, name);
            if (distance >= bestDistance)
                continue;
            bestDistance = distance;
            best = column;
        }

        return best;
    }

    static int Distance(string left, string right)
    {
        if (left.Length > 64 || right.Length > 64 || Math.Abs(left.Length - right.Length) > 3)
            return int.MaxValue;
        Span<int> previous = stackalloc int[right.Length + 1];
        Span<int> current = stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
            current.CopyTo(previous);
        }

        return previous[right.Length];
    }

    BoundExpression WholeRow(RangeItem item, Scope scope, SyntaxNode reference)
    {
        if (item.IsScalarFunction && item.Columns.Length == 1)
            return UseColumn(scope, item, item.Columns[0], reference);
        var values = item.Columns.Select(c => UseColumn(scope, item, c, reference)).ToList();
        BoundExpression row = values.TrueForAll(v => v is BoundColumnReference)
            ? new BoundWholeRow([.. values.Select(v => ((BoundColumnReference)v).Column)], [.. item.Columns.Select(c => c.Name)]) { MayBeMissing = item.MayBeMissing }
            : new BoundRow([.. values]) { Names = [.. item.Columns.Select(c => c.Name)] };
        _origins[row] = (At(reference), $"{item.Name}.*");
        return row;
    }

    /// <summary>Expands * or t.* into select items.</summary>
    IEnumerable<(string Name, BoundExpression Value)> ExpandStar(StarExpression star)
    {
        if (star.Qualifier.IsEmpty)
        {
            if (_scope.Items.Count == 0)
                throw BindErrors.Syntax("SELECT * with no tables specified is not valid", At(star));
            var visible = _scope.Items.Where(i => i.ColumnsVisible).SelectMany(i => i.Columns.Select(c => (i, c))).ToList();
            SpellOut(star, visible);
            foreach (var (item, column) in visible)
                yield return (column.Name, UseColumn(_scope, item, column, star));
            yield break;
        }

        var parts = star.Qualifier;
        var found = FindItem(parts.Length > 1 ? parts[^2] : null, parts[^1], star, out var scope) ?? throw MissingItem(parts.Length > 1 ? parts[^2] : null, parts[^1], star);
        SpellOut(star, found.Columns.Select(c => (found, c)));
        foreach (var column in found.Columns)
            yield return (column.Name, UseColumn(scope!, found, column, star));
    }

    int PositionOf(BoundExpression expression, int otherwise = 0) => _origins.TryGetValue(expression, out var origin) ? origin.Position : otherwise;
}
