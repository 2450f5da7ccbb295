using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>A bound query: its node and the names of its columns.</summary>
internal sealed record BoundSelection(BoundNode Node, ImmutableArray<string> Names);

/// <summary>Queries as a whole: statements, bodies, VALUES, LIMIT.</summary>
public sealed partial class Binder
{
    BoundStatement BindQueryStatement(QueryStatement statement)
    {
        if (FindInto(statement.Query) is { } into)
        {
            var stripped = statement with { Query = StripInto(statement.Query) };
            return BindUtility(new CreateTableAsStatement(into, [], stripped) { Text = statement.Text, Position = statement.Position });
        }

        return BindTopQuery(statement.Query) with { IsCursor = statement.IsCursor };
    }

    BoundQuery BindTopQuery(QueryExpression query)
    {
        BoundExpression? asOf = null;
        if (query.AsOf is { } time)
        {
            asOf = ToTyped(BindIn(ClauseKind.AsOf, time), At(time));
            query = query with { AsOf = null };
        }

        var selection = BindQuery(query, _scope, true);
        return new BoundQuery(selection.Node, _accesses) { Names = selection.Names, AsOf = asOf };
    }

    static ObjectName? FindInto(QueryExpression query) => query.Body switch
    {
        SelectBody { Into: { } into } => into,
        SetOperationBody e => FindInto(e.Left),
        NestedBody e => FindInto(e.Query),
        _ => null,
    };

    static QueryExpression StripInto(QueryExpression query) => query.Body switch
    {
        SelectBody e => query with { Body = e with { Into = null } },
        SetOperationBody e => query with { Body = e with { Left = StripInto(e.Left) } },
        NestedBody e => query with { Body = e with { Query = StripInto(e.Query) } },
        _ => query,
    };

    /// <summary>
    /// Binds a query in a scope of its own under <paramref name="parent"/>. Without <paramref name="resolveUnknown"/> untyped literals in the select list stay so, for a
    /// set operation or an INSERT to decide.
    /// </summary>
    BoundSelection BindQuery(QueryExpression query, Scope? parent, bool resolveUnknown)
    {
        Preparation.Check();
        if (query.AsOf is not null)
            throw BindErrors.NotSupported("AS OF SYSTEM TIME must be provided on a top-level statement", At(query.AsOf));
        query = Unnest(query);
        var scope = new Scope(parent);
        var saved = _scope;
        _scope = scope;
        try
        {
            BindWith(query.With);
            var selection = query.Body switch
            {
                SelectBody s => BindSelect(s, query, resolveUnknown),
                ValuesBody v => BindValuesQuery(v, query),
                TableBody t => BindSelect(new SelectBody([new SelectItem(new StarExpression([]) { Position = t.Position, IsTable = true }, null)])
                {
                    From = [new NamedTable(t.Table) { Position = t.Position }],
                }, query, resolveUnknown),
                SetOperationBody s => BindSetOperation(s, query),
                _ => throw new InvariantException($"unknown query body {query.Body.GetType().Name}"),
            };
            return selection with { Node = FinishWith(selection.Node) };
        }
        finally
        {
            _scope = saved;
        }
    }

    /// <summary>(query) ORDER BY … LIMIT …: the clauses join those of the parenthesised query, each at most once (insertSelectOptions).</summary>
    QueryExpression Unnest(QueryExpression query)
    {
        while (query.Body is NestedBody { Query: var inner })
        {
            if (!query.OrderBy.IsEmpty && !inner.OrderBy.IsEmpty)
                throw BindErrors.Syntax("multiple ORDER BY clauses not allowed", At(query.OrderBy[0].Expression));
            if (query.Limit is not null && inner.Limit is not null)
                throw BindErrors.Syntax("multiple LIMIT clauses not allowed", At(query.Limit));
            if (query.Offset is not null && inner.Offset is not null)
                throw BindErrors.Syntax("multiple OFFSET clauses not allowed", At(query.Offset));
            if (query.With is not null && inner.With is not null)
                throw BindErrors.Syntax("multiple WITH clauses not allowed", At(query.With));
            if (!query.OrderBy.IsEmpty && (inner.Limit is not null || inner.Offset is not null))
            {
                // Ordering a limited query is ordering its result.
                return query with
                {
                    Body = new SelectBody([new SelectItem(new StarExpression([]), null)]) { From = [new DerivedTable(inner, false) { Position = query.Position }], Position = query.Position },
                };
            }

            query = inner with
            {
                With = query.With ?? inner.With,
                OrderBy = query.OrderBy.IsEmpty ? inner.OrderBy : query.OrderBy,
                Limit = query.Limit ?? inner.Limit,
                WithTies = query.WithTies || inner.WithTies,
                Offset = query.Offset ?? inner.Offset,
                Locking = [.. inner.Locking, .. query.Locking],
            };
        }

        return query;
    }

    // ---- VALUES

    BoundSelection BindValuesQuery(ValuesBody values, QueryExpression query)
    {
        if (!query.Locking.IsEmpty)
            throw BindErrors.NotSupported($"{LockName(query.Locking[0])} cannot be applied to VALUES", At(query.Locking[0]));
        var node = BindValues(values);
        var names = node.Columns.Select(c => c.Name).ToImmutableArray();
        _scope.Items =
        [
            new RangeItem { Name = "*VALUES*", RelationVisible = false, Columns = [.. node.Columns.Select(c => new ScopeColumn(c.Name, new BoundColumnReference(c)))] },
        ];
        var targets = new TargetList([.. node.Columns.Select(c => new Target(c.Name, new BoundColumnReference(c), 0, null))]);
        var order = BindOrderBy(query.OrderBy, targets);
        return Assemble(node, targets, order, query, false, []) with { Names = names };
    }

    BoundValues BindValues(ValuesBody values)
    {
        var width = values.Rows[0].Length;
        var columns = new List<BoundExpression>[width];
        for (var i = 0; i < width; i++)
            columns[i] = new List<BoundExpression>(values.Rows.Length);
        _scope.Clause = ClauseKind.Values;
        foreach (var row in values.Rows)
        {
            if (row.Length != width)
                throw BindErrors.Syntax("VALUES lists must all be the same length", row.IsEmpty ? 0 : At(row[0]));
            for (var i = 0; i < width; i++)
                columns[i].Add(BindExpression(row[i]));
        }

        _scope.Clause = ClauseKind.None;
        var output = ImmutableArray.CreateBuilder<BoundColumn>(width);
        var unified = new ImmutableArray<BoundExpression>[width];
        for (var i = 0; i < width; i++)
        {
            var ordinal = i;
            unified[i] = Unify(columns[i], "VALUES", At(values.Rows[^1][i]), r => At(values.Rows[r][ordinal]), out var type, out var modifier);
            var column = new BoundColumn($"column{i + 1}", type, modifier);
            if (values.Rows.Length == 1)
                NoteShape(column, unified[i][0]);
            output.Add(column);
        }

        var rows = ImmutableArray.CreateBuilder<ImmutableArray<BoundExpression>>(values.Rows.Length);
        for (var r = 0; r < values.Rows.Length; r++)
        {
            var row = ImmutableArray.CreateBuilder<BoundExpression>(width);
            for (var i = 0; i < width; i++)
                row.Add(unified[i][r]);
            rows.Add(row.MoveToImmutable());
        }

        return new BoundValues(rows.MoveToImmutable(), output.MoveToImmutable());
    }

    // ---- LIMIT, OFFSET, FOR UPDATE

    BoundNode AddLimit(BoundNode node, QueryExpression query, ImmutableArray<BoundSortKey> keys)
    {
        var limit = BindCount(query.Limit, ClauseKind.Limit, "LIMIT");
        var offset = BindCount(query.Offset, ClauseKind.Offset, "OFFSET");
        if (query.WithTies && keys.IsEmpty)
            throw BindErrors.Syntax("WITH TIES cannot be specified without ORDER BY clause", At(query.Limit));
        if (query.WithTies && limit is null)
            throw BindErrors.Error(SqlState.InvalidRowCountInLimitClause, "row count cannot be null in FETCH FIRST ... WITH TIES clause", At(query.Limit));
        if (query.WithTies && query.Locking.Any(l => l.Wait == LockWait.SkipLocked))
            throw BindErrors.Syntax("SKIP LOCKED and WITH TIES options cannot be used together", At(query.Limit));
        return limit is null && offset is null
            ? node
            : new BoundLimit(node, limit, offset) { WithTies = query.WithTies, TieKeys = query.WithTies ? keys : [] };
    }

    BoundExpression? BindCount(SyntaxExpression? count, ClauseKind clause, string name)
    {
        if (count is null or LiteralExpression { Kind: LiteralKind.Null })
            return null;
        var bound = BindIn(clause, count);
        if (TryCoerce(bound, SqlTypes.Int8, CastContext.Assignment, At(count)) is not { } coerced)
            throw BindErrors.Mismatch($"argument of {name} must be type bigint, not type {bound.Type.DisplayName}", At(count));
        RefuseVariables(coerced, name, count);
        return coerced is BoundConstant { Value.IsNull: true } ? null : coerced;
    }

    static string LockName(LockingClause clause) => LockName(clause.Strength);

    internal static string LockName(LockStrength strength) => strength switch
    {
        LockStrength.KeyShare => "FOR KEY SHARE",
        LockStrength.Share => "FOR SHARE",
        LockStrength.NoKeyUpdate => "FOR NO KEY UPDATE",
        _ => "FOR UPDATE",
    };

    void RefuseLocking(QueryExpression query, bool condition, string what)
    {
        if (condition && !query.Locking.IsEmpty)
            throw BindErrors.NotSupported($"{LockName(query.Locking[0])} is not allowed with {what}", At(query.Locking[0]));
    }

    /// <summary>The rows that FOR UPDATE and so on lock; reading for a lock needs UPDATE besides SELECT.</summary>
    BoundNode AddLocks(BoundNode node, ImmutableArray<LockingClause> clauses)
    {
        if (clauses.IsEmpty)
            return node;
        var targets = new Dictionary<BoundScan, (LockStrength Strength, LockWait Wait)>(ReferenceEqualityComparer.Instance);
        foreach (var clause in clauses)
        {
            foreach (var item in LockedItems(clause))
            {
                foreach (var scan in item.Scans)
                {
                    var merged = targets.TryGetValue(scan, out var other)
                        ? ((LockStrength)Math.Max((byte)other.Strength, (byte)clause.Strength), (LockWait)Math.Max((byte)other.Wait, (byte)clause.Wait))
                        : (clause.Strength, clause.Wait);
                    targets[scan] = merged;
                    if (item.Relation is TableDescriptor table)
                        NoteRelation(table, Privilege.Update).UseWhole();
                    else if (item.Relation is ViewDescriptor view)
                        NoteRelation(view, Privilege.Update).UseWhole();
                    else
                        NoteRelation(scan.Table, Privilege.Update).UseWhole();
                }
            }
        }

        return targets.Count == 0 ? node : new BoundLockRows(node, [.. targets.Select(t => (t.Key, t.Value.Strength, t.Value.Wait))]);
    }

    IEnumerable<RangeItem> LockedItems(LockingClause clause)
    {
        if (clause.Of.IsEmpty)
            return _scope.LockableItems;
        var items = new List<RangeItem>();
        foreach (var name in clause.Of)
        {
            if (name.Schema is not null)
                throw BindErrors.Syntax($"{LockName(clause)} must specify unqualified relation names", At(name));
            var item = _scope.Items.Find(i => i.Name == name.Name && (i.RelationVisible || i.IsJoin && i.HasAlias));
            if (item is null)
                throw BindErrors.Error(SqlState.UndefinedTable, $"relation \"{name.Name}\" in {LockName(clause)} clause not found in FROM clause", At(name));
            if (item.NotLockable is { } what)
                throw BindErrors.NotSupported($"{LockName(clause)} cannot be applied to {what}", At(name));
            items.Add(item);
        }

        return items;
    }
}
