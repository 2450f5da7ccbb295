using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>
/// WITH (parse_cte.c). A common table that is read once becomes part of the tree; others, recursive and data-changing ones are computed before the statement's main part.
/// </summary>
public sealed partial class Binder
{
    /// <summary>The scope around the whole statement: data-changing common tables belong to queries directly below it.</summary>
    readonly Scope _top;

    /// <summary>Common tables being bound, outermost first.</summary>
    readonly List<CommonTableEntry> _binding = [];

    void BindWith(WithClause? with)
    {
        if (with is null)
            return;
        var scope = _scope;
        for (var i = 0; i < with.Tables.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (with.Tables[i].Name == with.Tables[j].Name)
                    throw BindErrors.DuplicateWith(with.Tables[i].Name, At(with.Tables[i]));
            }
        }

        if (with.Recursive)
        {
            foreach (var table in with.Tables)
                scope.CommonTables.Add(new CommonTableEntry(table.Name, table, scope) { VisibleTables = with.Tables.Length, MayRecurse = true });
            foreach (var entry in scope.CommonTables.ToList())
                EnsureBound(entry);
            return;
        }

        foreach (var table in with.Tables)
            scope.HiddenCommonTables.Add(table.Name);
        foreach (var table in with.Tables)
        {
            var entry = new CommonTableEntry(table.Name, table, scope) { VisibleTables = scope.CommonTables.Count };
            EnsureBound(entry);
            scope.CommonTables.Add(entry);
            scope.HiddenCommonTables.Remove(table.Name);
        }
    }

    void EnsureBound(CommonTableEntry entry)
    {
        if (entry.Table is not null || entry.IsBeingBound)
            return;
        entry.IsBeingBound = true;
        _binding.Add(entry);
        var nullExtended = _nullExtended;
        _nullExtended = false;
        try
        {
            InDefinition(entry, () =>
            {
                if (entry.Syntax.Statement is QueryStatement query)
                    BindCommonQuery(entry, query.Query);
                else
                    BindCommonChange(entry);
                return 0;
            });
        }
        finally
        {
            _nullExtended = nullExtended;
            _binding.RemoveAt(_binding.Count - 1);
            entry.IsBeingBound = false;
        }

        entry.DefinedIn.Completed.Add(entry);
    }

    /// <summary>Runs an action where a common table was defined: its scope, without the names of its FROM list, and with the common tables that came before.</summary>
    T InDefinition<T>(CommonTableEntry entry, Func<T> action)
    {
        var scope = entry.DefinedIn;
        var saved = (_scope, scope.Items, scope.Clause, scope.LateralActive);
        (_scope, scope.Items, scope.Clause, scope.LateralActive) = (scope, [], ClauseKind.FromSubselect, false);
        var hidden = scope.CommonTables.Skip(entry.VisibleTables).ToList();
        scope.CommonTables.RemoveRange(Math.Min(entry.VisibleTables, scope.CommonTables.Count), hidden.Count);
        try
        {
            return action();
        }
        finally
        {
            scope.CommonTables.AddRange(hidden);
            (_scope, scope.Items, scope.Clause, scope.LateralActive) = saved;
        }
    }

    void BindCommonQuery(CommonTableEntry entry, QueryExpression query)
    {
        if (entry.MayRecurse && TryBindRecursive(entry, query))
            return;
        if (entry.Syntax.Search is not null || entry.Syntax.Cycle is not null)
            throw BindErrors.Syntax("WITH query is not recursive", At(entry.Syntax));
        var selection = BindQuery(query, _scope, true);
        var names = CommonNames(entry, selection.Names);
        entry.Table = new BoundCommonTable(entry.Name)
        {
            Statement = new BoundQuery(selection.Node, _accesses) { Names = names },
            Columns = selection.Node.Output,
        };
        entry.Names = names;
        entry.Columns = selection.Node.Output;
        entry.MustInline = entry.Syntax.Materialized == false || BoundInspection.FreeColumns(selection.Node).Count > 0 || BoundInspection.ReadsWorkingTable(selection.Node);
    }

    ImmutableArray<string> CommonNames(CommonTableEntry entry, ImmutableArray<string> names)
    {
        var given = entry.Syntax.Columns;
        if (given.Length > names.Length)
            throw BindErrors.InvalidReference($"WITH query \"{entry.Name}\" has {names.Length} columns available but {given.Length} columns specified", At(entry.Syntax));
        return [.. given, .. names.Skip(given.Length)];
    }

    /// <summary>INSERT, UPDATE, DELETE in WITH: executed whether or not its rows are read.</summary>
    void BindCommonChange(CommonTableEntry entry)
    {
        if (entry.Syntax.Statement is MergeStatement)
            throw BindErrors.NotSupported("MERGE not supported in WITH query", At(entry.Syntax));
        if (entry.DefinedIn.Parent != _top || _views.Count > 0)
            throw BindErrors.NotSupported("WITH clause containing a data-modifying statement must be at the top level", At(entry.Syntax));
        var statement = BindStatement(entry.Syntax.Statement);
        entry.IsDataChanging = true;
        entry.Table = new BoundCommonTable(entry.Name) { Statement = statement };
        if (ResultOf(statement) is { } result)
        {
            entry.Table.Columns = entry.Columns = result.Columns;
            entry.Names = CommonNames(entry, result.Names);
        }
        else
        {
            entry.HasNoResult = true;
        }
    }

    // ---- Recursion

    /// <summary>
    /// The form non-recursive UNION [ALL] recursive. False when the query turns out not to refer to itself: it is bound again as a plain one.
    /// </summary>
    bool TryBindRecursive(CommonTableEntry entry, QueryExpression query)
    {
        query = Unnest(query);
        if (query.Body is not SetOperationBody { Operator: SetOperator.Union } union)
            return false;
        var before = _commonTables.Count;
        var scope = new Scope(_scope) { Clause = ClauseKind.FromSubselect };
        return InScope(scope, () =>
        {
            BindWith(query.With);
            entry.Problem = $"recursive reference to query \"{entry.Name}\" must not appear within its non-recursive term";
            var added = entry.Syntax.AddedColumns;
            if (!added.IsEmpty && Unnest(union.Left).Body is SetOperationBody)
                throw BindErrors.NotSupported("with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT", 0);
            if (!entry.Syntax.Columns.IsEmpty)
                CheckTraversal(entry.Syntax, entry.Syntax.Columns);
            var left = BindQuery(added.IsEmpty ? union.Left : InitialTerm(entry.Syntax, union.Left), scope, true);
            entry.Problem = null;
            var names = CommonNames(entry, left.Names);
            CheckTraversal(entry.Syntax, names[..^added.Length]);
            entry.Names = names;
            entry.Columns = left.Node.Output;
            var table = new BoundCommonTable(entry.Name);
            entry.Recursion = (table, scope);
            entry.RecursiveReferences = 0;
            var right = BindQuery(added.IsEmpty ? union.Right : RecursiveTerm(entry.Syntax, union.Right, names), scope, false);
            entry.Recursion = null;
            if (entry.RecursiveReferences == 0)
            {
                _commonTables.RemoveRange(before, _commonTables.Count - before);
                entry.Columns = [];
                return false;
            }

            CheckRecursive(entry, query, right.Node);
            var types = RecursiveTypes(entry, union, left, right);
            table.Statement = new BoundQuery(left.Node, _accesses) { Names = names };
            var node = CoerceOutput(right.Node, types, "UNION", At(union.Right));
            // A NOT MATERIALIZED or once-read common table of this WITH may be used in the recursive term.
            table.RecursiveTerm = FinishWith(node);
            table.RecursiveDistinct = !union.All;
            table.Columns = left.Node.Output;
            var whole = new BoundRecursion(table, left.Node, table.RecursiveTerm, CopyColumns(left.Node.Output));
            entry.Table = table;
            entry.IsRecursive = true;
            if (BoundInspection.FreeColumns(whole).Count == 0 && !BoundInspection.ReadsWorkingTable(whole))
                return true;
            entry.MustInline = true;
            entry.Columns = whole.Columns;
            entry.Table.Statement = new BoundQuery(whole, _accesses) { Names = names };
            return true;
        });
    }

    void CheckRecursive(CommonTableEntry entry, QueryExpression query, BoundNode right)
    {
        if (entry.RecursiveReferences > 1)
            throw InvalidRecursion($"recursive reference to query \"{entry.Name}\" must not appear more than once", entry.Syntax);
        if (!query.OrderBy.IsEmpty)
            throw BindErrors.NotSupported("ORDER BY in a recursive query is not implemented", At(query.OrderBy[0].Expression));
        if (query.Offset is not null)
            throw BindErrors.NotSupported("OFFSET in a recursive query is not implemented", At(query.Offset));
        if (query.Limit is not null)
            throw BindErrors.NotSupported("LIMIT in a recursive query is not implemented", At(query.Limit));
        if (!query.Locking.IsEmpty)
            throw BindErrors.NotSupported("FOR UPDATE/SHARE in a recursive query is not implemented", At(query.Locking[0]));
        CheckRecursiveTerm(entry, right);
    }

    void CheckRecursiveTerm(CommonTableEntry entry, BoundNode node)
    {
        switch (node)
        {
            case BoundAggregate n when BoundInspection.ReadsWorkingTable(n.Input):
                throw InvalidRecursion("aggregate functions are not allowed in a recursive query's recursive term", entry.Syntax);
            case BoundSetOperation { Operator: SetOperator.Intersect } n when BoundInspection.ReadsWorkingTable(n):
                throw InvalidRecursion($"recursive reference to query \"{entry.Name}\" must not appear within INTERSECT", entry.Syntax);
            case BoundSetOperation { Operator: SetOperator.Except } n when BoundInspection.ReadsWorkingTable(n.Right):
                throw InvalidRecursion($"recursive reference to query \"{entry.Name}\" must not appear within EXCEPT", entry.Syntax);
            case BoundSetOperation n:
                CheckRecursiveTerm(entry, n.Left);
                CheckRecursiveTerm(entry, n.Right);
                break;
            case BoundJoin n:
                CheckRecursiveTerm(entry, n.Left);
                CheckRecursiveTerm(entry, n.Right);
                break;
            case BoundProject n:
                CheckRecursiveTerm(entry, n.Input);
                break;
            case BoundFilter n:
                CheckRecursiveTerm(entry, n.Input);
                break;
            case BoundSort n:
                CheckRecursiveTerm(entry, n.Input);
                break;
            case BoundLimit n:
                CheckRecursiveTerm(entry, n.Input);
                break;
            case BoundDistinct n:
                CheckRecursiveTerm(entry, n.Input);
                break;
            case BoundWindow n:
                CheckRecursiveTerm(entry, n.Input);
                break;
            case BoundProjectSet n:
                CheckRecursiveTerm(entry, n.Input);
                break;
        }
    }

    SqlException InvalidRecursion(string message, SyntaxNode at) => BindErrors.Error(SqlState.InvalidRecursion, message, At(at));

    ImmutableArray<SqlType> RecursiveTypes(CommonTableEntry entry, SetOperationBody union, BoundSelection left, BoundSelection right)
    {
        if (left.Node.Output.Length != right.Node.Output.Length)
            throw BindErrors.Syntax("each UNION query must have the same number of columns", At(union.Right));
        var types = ImmutableArray.CreateBuilder<SqlType>(left.Node.Output.Length);
        for (var i = 0; i < left.Node.Output.Length; i++)
        {
            var own = left.Node.Output[i].Type;
            var type = _resolver.SelectCommonType([own, right.Node.Output[i].Type], "UNION");
            var modifier = left.Node.Output[i].TypeModifier == right.Node.Output[i].TypeModifier ? left.Node.Output[i].TypeModifier : -1;
            if (!type.Equals(own) || modifier != left.Node.Output[i].TypeModifier)
            {
                throw BindErrors.Mismatch(
                    $"recursive query \"{entry.Name}\" column {i + 1} has type {own.FormatName(left.Node.Output[i].TypeModifier)} in non-recursive term but type {type.FormatName(modifier)} overall", At(union.Left),
                    "Cast the output of the non-recursive term to the correct type.");
            }

            if (!union.All)
                RequireEquality(type, At(union.Right));
            types.Add(type);
        }

        return types.MoveToImmutable();
    }

    // ---- References

    (BoundNode, RangeItem) BindCommonTableReference(CommonTableEntry entry, NamedTable reference)
    {
        if (entry.IsBeingBound)
            return BindRecursiveReference(entry, reference);
        EnsureBound(entry);
        if (entry.HasNoResult)
            throw BindErrors.NotSupported($"WITH query \"{entry.Name}\" does not have a RETURNING clause", At(reference));
        entry.References++;
        BoundNode node;
        if (entry.MustInline)
        {
            node = entry.References == 1 ? entry.Query! : BindAgain(entry);
        }
        else
        {
            node = new BoundCommonTableScan(entry.Table!, CopyColumns(entry.Columns), false);
        }

        CopyShapes(entry.Columns, node.Output);

        var item = DerivedItem(node.Output, entry.Names, reference, entry.Name);
        return (node, new RangeItem { Name = item.Name, HasAlias = true, Columns = item.Columns, NotLockable = "a WITH query" });
    }

    void CopyShapes(ImmutableArray<BoundColumn> from, ImmutableArray<BoundColumn> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            if (_shapes.TryGetValue(from[i], out var shape))
                _shapes[to[i]] = shape;
        }
    }

    /// <summary>A second copy of an inlined table, with columns of its own. What it refers to was counted the first time.</summary>
    BoundNode BindAgain(CommonTableEntry entry)
    {
        var counts = _binding.Select(e => e.RecursiveReferences).ToList();
        BoundNode node;
        if (entry.IsRecursive)
        {
            var copy = new CommonTableEntry(entry.Name, entry.Syntax, entry.DefinedIn) { VisibleTables = entry.VisibleTables, MayRecurse = true };
            var tables = entry.DefinedIn.CommonTables;
            var place = tables.IndexOf(entry);
            tables[place] = copy;
            EnsureBound(copy);
            tables[place] = entry;
            entry.DefinedIn.Completed.Remove(copy);
            node = copy.Query!;
        }
        else
        {
            node = InDefinition(entry, () => BindQuery(((QueryStatement)entry.Syntax.Statement).Query, _scope, true)).Node;
        }

        for (var i = 0; i < counts.Count; i++)
            _binding[i].RecursiveReferences = counts[i];
        return node;
    }

    (BoundNode, RangeItem) BindRecursiveReference(CommonTableEntry entry, NamedTable reference)
    {
        if (_binding[^1] != entry && _binding.IndexOf(entry) is var place && !_binding.Skip(place).All(e => e == entry || e.DefinedIn != entry.DefinedIn))
            throw BindErrors.NotSupported("mutual recursion between WITH items is not implemented", At(reference));
        if (entry.Problem is { } problem)
            throw InvalidRecursion(problem, reference);
        if (entry.Recursion is not var (table, top))
            throw InvalidRecursion($"recursive query \"{entry.Name}\" does not have the form non-recursive-term UNION [ALL] recursive-term", reference);
        for (var scope = _scope; scope is not null && scope != top; scope = scope.Parent)
        {
            if (scope.Parent is { } outer && outer != top && outer.Clause is not (ClauseKind.FromSubselect or ClauseKind.None))
                throw InvalidRecursion($"recursive reference to query \"{entry.Name}\" must not appear within a subquery", reference);
        }

        if (_nullExtended)
            throw InvalidRecursion($"recursive reference to query \"{entry.Name}\" must not appear within an outer join", reference);
        entry.RecursiveReferences++;
        var columns = CopyColumns(entry.Columns);
        CopyShapes(entry.Columns, columns);
        var item = DerivedItem(columns, entry.Names, reference, entry.Name);
        // What SEARCH and CYCLE add can be named here, but * leaves it out.
        var own = item.Columns.Length - entry.Syntax.AddedColumns.Length;
        return (new BoundCommonTableScan(table, columns, true), new RangeItem
        {
            Name = item.Name, HasAlias = true, Columns = item.Columns[..own], HiddenColumns = item.Columns[own..], NotLockable = "a WITH query",
        });
    }

    // ---- Where the tables go

    /// <summary>Decides for the current scope's common tables which are computed apart, and puts the others into the tree.</summary>
    BoundNode FinishWith(BoundNode node)
    {
        var scope = _scope;
        if (scope.Completed.Count == 0)
            return node;
        // Backwards: a table that goes into a later one's tree takes its own scan along.
        var kept = new List<CommonTableEntry>();
        for (var i = scope.Completed.Count - 1; i >= 0; i--)
        {
            var entry = scope.Completed[i];
            if (entry.IsDataChanging || (entry.IsRecursive && !entry.MustInline && entry.References > 0))
            {
                kept.Insert(0, entry);
                continue;
            }

            if (entry.References == 0 || entry.MustInline)
                continue;
            if (entry.References == 1 && entry.Syntax.Materialized != true && !entry.IsRecursive && !BoundInspection.IsVolatile(entry.Query!) && Inline(entry, ref node, scope.Completed))
                continue;
            kept.Insert(0, entry);
        }

        _commonTables.AddRange(kept.Select(e => e.Table!));
        scope.Completed.Clear();
        return node;
    }

    static bool Inline(CommonTableEntry entry, ref BoundNode node, List<CommonTableEntry> others)
    {
        var rewriter = new InlineRewriter(entry);
        node = rewriter.Rewrite(node);
        foreach (var other in others)
        {
            if (rewriter.Found)
                break;
            if (other == entry || other.Table is not { } table)
                continue;
            if (table.Statement is BoundQuery query)
                table.Statement = query with { Root = rewriter.Rewrite(query.Root) };
            if (table.RecursiveTerm is { } term)
                table.RecursiveTerm = rewriter.Rewrite(term);
        }

        return rewriter.Found;
    }

    sealed class InlineRewriter(CommonTableEntry entry) : BoundRewriter
    {
        public bool Found { get; private set; }

        public override BoundNode Rewrite(BoundNode node)
        {
            if (Found)
                return node;
            if (node is not BoundCommonTableScan scan || scan.Table != entry.Table)
                return base.Rewrite(node);
            Found = true;
            var query = entry.Query!;
            return new BoundProject(query, [.. scan.Columns.Select((c, i) => (c, (BoundExpression)new BoundColumnReference(query.Output[i])))]);
        }
    }
}
