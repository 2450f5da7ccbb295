using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>FROM (parse_clause.c): tables, views, derived tables, functions, joins.</summary>
public sealed partial class Binder
{
    /// <summary>What a FROM item gives: its node, the names it makes visible, and the one item that stands for all its columns.</summary>
    readonly record struct FromResult(BoundNode Node, List<RangeItem> Items, RangeItem Main);

    /// <summary>Binds a FROM list into the current scope. An empty list is one row without columns.</summary>
    BoundNode BindFrom(ImmutableArray<TableReference> from)
    {
        var scope = _scope;
        BoundNode? node = null;
        foreach (var reference in from)
        {
            var uses = scope.LateralUses;
            var result = BindTableReference(reference);
            CheckConflicts(scope.Items, result.Items, reference);
            foreach (var item in result.Items)
            {
                item.LateralOnly = true;
                item.LateralAllowed = true;
            }

            scope.Items.AddRange(result.Items);
            node = node is null ? result.Node : new BoundJoin(BoundJoinKind.Inner, node, result.Node, null, scope.LateralUses > uses && IsLateral(node, result.Node));
        }

        foreach (var item in scope.Items)
            item.LateralOnly = false;
        return node ?? BoundValues.SingleRow;
    }

    static bool IsLateral(BoundNode left, BoundNode right) => BoundInspection.FreeColumns(right).Overlaps(left.Output);

    void CheckConflicts(List<RangeItem> existing, List<RangeItem> added, SyntaxNode at)
    {
        foreach (var item in added)
        {
            if (!item.RelationVisible)
                continue;
            foreach (var other in existing)
            {
                // Two unaliased relations of one name in different schemas do not conflict.
                if (other.RelationVisible && other.Name == item.Name && (item.HasAlias || other.HasAlias || item.Relation is null || other.Relation is null || item.SchemaName == other.SchemaName))
                    throw BindErrors.DuplicateAlias(item.Name, At(at));
            }
        }
    }

    FromResult BindTableReference(TableReference reference)
    {
        Preparation.Check();
        return reference switch
        {
            NamedTable t => Single(BindNamedTable(t)),
            DerivedTable t => Single(BindDerivedTable(t)),
            FunctionTable t => Single(BindFunctionTable(t)),
            JoinTable t => BindJoin(t),
            StatementTable t => Single(BindStatementTable(t)),
            _ => throw new InvariantException($"unknown table reference {reference.GetType().Name}"),
        };
    }

    static FromResult Single((BoundNode Node, RangeItem Item) bound) => new(bound.Node, [bound.Item], bound.Item);

    (BoundNode, RangeItem) BindNamedTable(NamedTable reference)
    {
        if (FindCommonTable(reference.Name) is { } common)
            return BindCommonTableReference(common, reference);
        var found = FindRelation(reference.Name);
        if (found.IsNone)
            throw UndefinedRelation(reference.Name);
        QualifyRelation(reference.Name, found.Schema);
        switch (found.Relation)
        {
            case TableDescriptor table:
                return ScanTable(table, reference, found.Schema);
            case ViewDescriptor view:
                return BindView(view, reference, found.Schema);
            case SequenceDescriptor sequence:
                return BindSequenceScan(sequence, reference, found.Schema);
            default:
                return ScanVirtual(found.InDatabase is { } other ? new VirtualTableElsewhere(found.Virtual!, other) : found.Virtual!, reference, found.Schema);
        }
    }

    SqlException UndefinedRelation(ObjectName name)
    {
        for (var scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (scope.HiddenCommonTables.Contains(name.Name) && name.Schema is null)
                return BindErrors.Error(SqlState.UndefinedTable, $"relation \"{name.Name}\" does not exist", At(name),
                    $"There is a WITH item named \"{name.Name}\", but it cannot be referenced from this part of the query.",
                    "Use WITH RECURSIVE, or re-order the WITH items to remove forward references.");
        }

        return BindErrors.UndefinedTable(name.ToString(), At(name));
    }

    (BoundNode, RangeItem) ScanTable(TableDescriptor table, NamedTable reference, string schema)
    {
        var access = NoteRelation(table, Privilege.Select);
        if (reference.IndexHint is { } hint && table.PrimaryIndex.Name != hint && hint != "primary" && !table.Indexes.Any(i => i.Name == hint))
            throw BindErrors.Error(SqlState.UndefinedObject, $"index \"{hint}\" not found", At(reference));
        var scan = MakeScan(table, reference.Alias, _nullExtended) with { IndexHint = reference.IndexHint };
        var item = TableItem(table, scan.Columns, access, reference.Alias, schema, reference.ColumnAliases, reference, scan);
        var locks = _scope.Locking.Any(l => l.Of.IsEmpty || l.Of.Any(n => n.Name == item.Name));
        return (Protect(scan, table, scan.Columns, locks ? PolicyCommands.Select | PolicyCommands.Update : PolicyCommands.Select), item);
    }

    BoundScan MakeScan(TableDescriptor table, string? alias, bool nullExtended)
    {
        var columns = MakeColumns(table, nullExtended);
        return new BoundScan(table, [.. table.Columns.Select(c => c.Id)], columns) { Alias = alias ?? table.Name, IndexPredicates = BindPredicates(table, columns) };
    }

    ImmutableDictionary<ushort, BoundExpression>? BindPredicates(TableDescriptor table, ImmutableArray<BoundColumn> columns)
    {
        if (!table.Indexes.Any(i => i.Predicate is not null))
            return null;
        return Silently(() =>
        {
            _scope.Items = [TableItem(table, columns, null, null, "", [], null)];
            return table.Indexes.Where(i => i.Predicate is not null).ToImmutableDictionary(i => i.KeyId, i => BindStoredText(table, i.Predicate!, ClauseKind.IndexPredicate, null, SqlTypes.Bool));
        });
    }

    static ImmutableArray<BoundColumn> MakeColumns(TableDescriptor table, bool nullable) =>
    [
        .. table.Columns.Select(c => new BoundColumn(c.Name, c.Type, c.TypeModifier) { SourceTable = table.Id, SourceColumn = c.Id, Nullable = nullable || !c.NotNull }),
    ];

    RangeItem TableItem(TableDescriptor table, ImmutableArray<BoundColumn> columns, AccessEntry? access, string? alias, string schema, ImmutableArray<string> columnAliases, SyntaxNode? at,
        BoundScan? scan = null)
    {
        var visible = new List<ScopeColumn>(columns.Length);
        var hidden = new List<ScopeColumn>();
        for (var i = 0; i < columns.Length; i++)
            (table.Columns[i].Hidden ? hidden : visible).Add(new ScopeColumn(table.Columns[i].Name, new BoundColumnReference(columns[i]), access, table.Columns[i].Id));
        return new RangeItem
        {
            Name = alias ?? table.Name, HasAlias = alias is not null, Relation = table, SchemaName = schema, Access = access, HiddenColumns = [.. hidden],
            Columns = Rename([.. visible], columnAliases, alias ?? table.Name, at), Scans = scan is null ? [] : [scan],
        };
    }

    ImmutableArray<ScopeColumn> Rename(ImmutableArray<ScopeColumn> columns, ImmutableArray<string> names, string table, SyntaxNode? at, bool truncate = false)
    {
        if (names.IsEmpty)
            return columns;
        if (names.Length > columns.Length && !truncate)
            throw BindErrors.Error(SqlState.InvalidColumnReference, $"table \"{table}\" has {columns.Length} columns available but {names.Length} columns specified", At(at));
        return [.. columns.Select((c, i) => i < names.Length ? c with { Name = names[i] } : c)];
    }

    (BoundNode, RangeItem) ScanVirtual(IVirtualTable table, NamedTable reference, string schema)
    {
        if (!_silent && _context.VirtualTables!.RequiredPrivilege(table) is not Privilege.None and var required)
            _recorder.Add(ObjectKind.System, 0, table.Name, required, _onBehalfOf, Security.AccessRule.SystemPrivilege);
        ImmutableArray<BoundColumn> columns = [.. table.Columns.Select((c, i) => new BoundColumn(c.Name, c.Type) { SourceTable = table.Id, SourceColumn = i + 1 })];
        var item = new RangeItem
        {
            Name = reference.Alias ?? table.Name, HasAlias = reference.Alias is not null, SchemaName = schema,
            Columns = Rename([.. columns.Select(c => new ScopeColumn(c.Name, new BoundColumnReference(c)))], reference.ColumnAliases, reference.Alias ?? table.Name, reference),
            // Tools ask for xmin to see whether a row has changed: computed rows have none, 1 is PostgreSQL's bootstrap transaction.
            HiddenColumns = [new ScopeColumn("tableoid", new BoundConstant(Datum.FromInt64(table.Id), SqlTypes.Oid)), new ScopeColumn("xmin", new BoundConstant(Datum.FromInt64(1), SqlTypes.Xid))],
        };
        return (new BoundVirtualScan(table, columns), item);
    }

    /// <summary>SELECT … FROM sequence: last_value, log_cnt, is_called, as PostgreSQL shows its one row.</summary>
    (BoundNode, RangeItem) BindSequenceScan(SequenceDescriptor sequence, NamedTable reference, string schema)
    {
        NoteRelation(sequence, Privilege.Select);
        var name = new BoundConstant(Datum.FromInt64(sequence.Id), SqlTypes.RegClass);
        var resolution = _resolver.ResolveFunction("pg_sequence_last_value", [SqlTypes.RegClass]);
        BoundExpression last = new BoundCall(resolution.Call!, [name], resolution.Call!.ReturnType);
        var lastValue = new BoundColumn("last_value", SqlTypes.Int8);
        var log = new BoundColumn("log_cnt", SqlTypes.Int8);
        var called = new BoundColumn("is_called", SqlTypes.Bool);
        var start = new BoundConstant(Datum.FromInt64(sequence.Start), SqlTypes.Int8);
        var node = new BoundProject(BoundValues.SingleRow,
        [
            (lastValue, new BoundCoalesce([last, start], SqlTypes.Int8)),
            (log, new BoundConstant(Datum.FromInt64(0), SqlTypes.Int8)),
            (called, new BoundIsNull(last, true)),
        ]);
        return (node, DerivedItem(node.Output, ["last_value", "log_cnt", "is_called"], reference, sequence.Name, schema));
    }

    RangeItem DerivedItem(ImmutableArray<BoundColumn> columns, ImmutableArray<string> names, TableReference reference, string defaultName, string? schema = null) => new()
    {
        Name = reference.Alias ?? defaultName, HasAlias = reference.Alias is not null, SchemaName = schema, RelationVisible = reference.Alias is not null || schema is not null,
        Columns = Rename([.. columns.Select((c, i) => new ScopeColumn(names[i], new BoundColumnReference(c)))], reference.ColumnAliases, reference.Alias ?? defaultName, reference),
    };

    (BoundNode, RangeItem) BindView(ViewDescriptor view, NamedTable reference, string schema)
    {
        if (_views.Contains(view.Id))
            throw BindErrors.Error(SqlState.InvalidObjectDefinition, $"infinite recursion detected in rules for relation \"{view.Name}\"");
        var access = NoteRelation(view, Privilege.Select);
        var query = ParseStoredQuery(view);
        var saved = (_scope, _onBehalfOf, _database);
        _scope = new Scope(null);
        if (view.DatabaseId != _database.Id && Catalog.TryGet<DatabaseDescriptor>(view.DatabaseId, out var home))
            _database = home;
        if (!view.SecurityInvoker)
            _onBehalfOf = view.Owner;
        _views.Add(view.Id);
        BoundSelection selection;
        try
        {
            selection = BindQuery(query, null, true);
        }
        finally
        {
            _views.RemoveAt(_views.Count - 1);
            (_scope, _onBehalfOf, _database) = saved;
        }

        var columns = ImmutableArray.CreateBuilder<ScopeColumn>(view.Columns.Length);
        for (var i = 0; i < view.Columns.Length; i++)
        {
            var column = view.Columns[i];
            if (i >= selection.Node.Output.Length || !selection.Node.Output[i].Type.Equals(column.Type))
                throw BindErrors.Error(SqlState.InvalidTableDefinition, $"view \"{view.Name}\" no longer matches what it reads", At(reference));
            columns.Add(new ScopeColumn(column.Name, new BoundColumnReference(selection.Node.Output[i]), access, column.Id));
        }

        var name = reference.Alias ?? view.Name;
        var item = new RangeItem
        {
            Name = name, HasAlias = reference.Alias is not null, Relation = view, SchemaName = schema, Access = access,
            Columns = Rename(columns.MoveToImmutable(), reference.ColumnAliases, name, reference), Scans = LockableScans(selection.Node),
        };
        return (Distinguish(selection.Node, ref item), item);
    }

    static QueryExpression ParseStoredQuery(ViewDescriptor view) => Parser.ParseQuery(view.Query);

    /// <summary>
    /// A view's columns show up in the client's row description under the view, not under the tables that it reads: each gets an identity of its own.
    /// </summary>
    static BoundProject Distinguish(BoundNode node, ref RangeItem item)
    {
        var view = item.Relation!;
        var items = ImmutableArray.CreateBuilder<(BoundColumn, BoundExpression)>(item.Columns.Length);
        var columns = ImmutableArray.CreateBuilder<ScopeColumn>(item.Columns.Length);
        foreach (var column in item.Columns)
        {
            var from = ((BoundColumnReference)column.Value).Column;
            var own = new BoundColumn(column.Name, from.Type, from.TypeModifier) { SourceTable = view.Id, SourceColumn = column.ColumnId, Nullable = from.Nullable };
            items.Add((own, column.Value));
            columns.Add(column with { Value = new BoundColumnReference(own) });
        }

        item = new RangeItem
        {
            Name = item.Name, HasAlias = item.HasAlias, Relation = item.Relation, SchemaName = item.SchemaName, Access = item.Access, Columns = columns.MoveToImmutable(), Scans = item.Scans,
        };
        return new BoundProject(node, items.MoveToImmutable());
    }

    (BoundNode, RangeItem) BindDerivedTable(DerivedTable reference)
    {
        var selection = BindFromQuery(reference.Query, reference.Lateral);
        var item = DerivedItem(selection.Node.Output, selection.Names, reference, "unnamed_subquery");
        return (selection.Node, new RangeItem
        {
            Name = item.Name, HasAlias = item.HasAlias, RelationVisible = item.RelationVisible, Columns = item.Columns, Scans = LockableScans(selection.Node),
        });
    }

    BoundSelection BindFromQuery(QueryExpression query, bool lateral)
    {
        var scope = _scope;
        var saved = (scope.LateralActive, scope.Clause);
        scope.LateralActive = lateral;
        scope.Clause = ClauseKind.FromSubselect;
        try
        {
            return BindQuery(query, scope, true);
        }
        finally
        {
            (scope.LateralActive, scope.Clause) = saved;
        }
    }

    /// <summary>[INSERT … RETURNING …] AS t and [SHOW …]: a data change becomes a common table of the statement.</summary>
    (BoundNode, RangeItem) BindStatementTable(StatementTable reference)
    {
        if (reference.Statement is QueryStatement query)
            return BindDerivedTable(new DerivedTable(query.Query, false) { Alias = reference.Alias, ColumnAliases = reference.ColumnAliases, Position = reference.Position });
        if (reference.Statement is ShowStatement { Kind: not ("ALL" or "TRANSACTION STATUS") } show && _context.ShownRows is not null)
            return BindShownTable(show, reference);
        if (reference.Statement is not (InsertStatement or UpdateStatement or DeleteStatement))
            throw BindErrors.NotSupported("this statement cannot be used as a data source", At(reference));
        if (_scope.Parent is not null)
            throw BindErrors.NotSupported("a data-changing statement is a data source at the top level only", At(reference));
        var saved = _scope;
        _scope = new Scope(null);
        BoundStatement statement;
        try
        {
            statement = BindStatement(reference.Statement);
        }
        finally
        {
            _scope = saved;
        }

        var (columns, names) = ResultOf(statement) ?? throw BindErrors.NotSupported("statement source does not return any columns", At(reference));
        var table = new BoundCommonTable(reference.Alias ?? "source") { Statement = statement, Columns = columns };
        _commonTables.Add(table);
        var scanned = CopyColumns(columns);
        return (new BoundCommonTableScan(table, scanned, false), DerivedItem(scanned, names, reference, "unnamed_source"));
    }

    /// <summary>[SHOW …]: needs what the statement itself needs.</summary>
    (BoundNode, RangeItem) BindShownTable(ShowStatement show, StatementTable reference)
    {
        var utility = BindShow(show);
        if (show.Kind == "VARIABLE")
            utility = utility with { Columns = [(show.Name!, SqlTypes.Text)] };
        ImmutableArray<BoundColumn> columns = [.. utility.Columns.Select(c => new BoundColumn(c.Name, c.Type))];
        return (new BoundVirtualScan(_context.ShownRows!(utility), columns), DerivedItem(columns, [.. utility.Columns.Select(c => c.Name)], reference, "unnamed_source"));
    }

    static (ImmutableArray<BoundColumn> Columns, ImmutableArray<string> Names)? ResultOf(BoundStatement statement) => statement switch
    {
        BoundQuery s => (s.Root.Output, s.Names),
        BoundInsert { Returning: { } r } => ([.. r.Items.Select(i => i.Column)], r.Names),
        BoundUpdate { Returning: { } r } => ([.. r.Items.Select(i => i.Column)], r.Names),
        BoundDelete { Returning: { } r } => ([.. r.Items.Select(i => i.Column)], r.Names),
        _ => null,
    };

    static ImmutableArray<BoundColumn> CopyColumns(ImmutableArray<BoundColumn> columns) =>
        [.. columns.Select(c => new BoundColumn(c.Name, c.Type, c.TypeModifier) { SourceTable = c.SourceTable, SourceColumn = c.SourceColumn })];

    /// <summary>The scans whose rows are the node's rows: FOR UPDATE on a derived table or view locks them.</summary>
    static ImmutableArray<BoundScan> LockableScans(BoundNode node) => node switch
    {
        BoundScan scan => [scan],
        BoundFilter n => LockableScans(n.Input),
        BoundProject n => LockableScans(n.Input),
        BoundSort n => LockableScans(n.Input),
        BoundLimit n => LockableScans(n.Input),
        BoundJoin { Kind: BoundJoinKind.Semi or BoundJoinKind.Anti } n => LockableScans(n.Left),
        BoundJoin n => [.. LockableScans(n.Left), .. LockableScans(n.Right)],
        _ => [],
    };
}
