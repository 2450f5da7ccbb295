namespace Chitin.Sql.Syntax;

/// <content>Queries and modifications.</content>
public sealed partial class SqlDeparser
{
    private void Statement(Statement statement)
    {
        switch (statement)
        {
            case QueryStatement query:
                Query(query.Query);
                break;
            case InsertStatement insert:
                Insert(insert);
                break;
            case UpdateStatement update:
                Update(update);
                break;
            case DeleteStatement delete:
                Delete(delete);
                break;
            default:
                Append(statement.Text);
                break;
        }
    }

    private void Query(QueryExpression query)
    {
        CheckStack();
        With(query.With);
        Body(query.Body);
        if (!query.OrderBy.IsEmpty)
        {
            Append(" ORDER BY ");
            OrderBy(query.OrderBy);
        }

        if (query.Limit is not null)
        {
            Append(query.WithTies ? " FETCH FIRST (" : " LIMIT ");
            Expression(query.Limit);
            Append(query.WithTies ? ") ROWS WITH TIES" : "");
        }

        if (query.Offset is not null)
        {
            Append(" OFFSET ");
            Expression(query.Offset);
        }

        foreach (var clause in query.Locking)
            Locking(clause);
        if (query.AsOf is not null)
        {
            Append(" AS OF SYSTEM TIME ");
            Expression(query.AsOf);
        }
    }

    private void Locking(LockingClause clause)
    {
        Append(clause.Strength switch
        {
            LockStrength.KeyShare => " FOR KEY SHARE",
            LockStrength.Share => " FOR SHARE",
            LockStrength.NoKeyUpdate => " FOR NO KEY UPDATE",
            _ => " FOR UPDATE",
        });
        if (!clause.Of.IsEmpty)
        {
            Append(" OF ");
            Separated(clause.Of, name => Name(name.Parts));
        }

        Append(clause.Wait switch { LockWait.NoWait => " NOWAIT", LockWait.SkipLocked => " SKIP LOCKED", _ => "" });
    }

    private void With(WithClause? with)
    {
        if (with is null)
            return;
        Append(with.Recursive ? "WITH RECURSIVE " : "WITH ");
        Separated(with.Tables, table =>
        {
            Name(table.Name);
            NameList(table.Columns);
            Append(table.Materialized switch { true => " AS MATERIALIZED (", false => " AS NOT MATERIALIZED (", _ => " AS (" });
            Statement(table.Statement);
            Append(")");
            Traversal(table);
        });
        Append(" ");
    }

    private void Traversal(CommonTable table)
    {
        if (table.Search is { } search)
        {
            Append(search.Breadth ? " SEARCH BREADTH FIRST BY " : " SEARCH DEPTH FIRST BY ");
            Names(search.Columns);
            Append(" SET ").Name(search.Sequence);
        }

        if (table.Cycle is not { } cycle)
            return;
        Append(" CYCLE ");
        Names(cycle.Columns);
        Append(" SET ").Name(cycle.Mark);
        Append(" TO ");
        Expression(cycle.Value);
        Append(" DEFAULT ");
        Expression(cycle.Default);
        Append(" USING ").Name(cycle.Path);
    }

    /// <summary>(a, b), or nothing for an empty list.</summary>
    private void NameList(ImmutableArray<string> names)
    {
        if (names.IsEmpty)
            return;
        Append("(");
        Names(names);
        Append(")");
    }

    private void Body(QueryBody body)
    {
        switch (body)
        {
            case SelectBody select:
                Select(select);
                break;
            case ValuesBody values:
                Append("VALUES ");
                Separated(values.Rows, Parenthesized);
                break;
            case TableBody table:
                Append("TABLE ").Name(table.Table.Parts);
                break;
            case NestedBody nested:
                Subquery(nested.Query);
                break;
            case SetOperationBody set:
                SetOperation(set);
                break;
            default:
                throw new InvalidOperationException($"no SQL form for {body.GetType().Name}");
        }
    }

    private static int Strength(SetOperationBody set) => set.Operator == SetOperator.Intersect ? 2 : 1;

    private static bool HasClauses(QueryExpression query) => query.With is not null || !query.OrderBy.IsEmpty || query.Limit is not null || query.Offset is not null
        || !query.Locking.IsEmpty || query.AsOf is not null;

    /// <summary>Long unions lean left: the left side is walked, not recursed into.</summary>
    private void SetOperation(SetOperationBody set)
    {
        var chain = new Stack<SetOperationBody>();
        var strength = Strength(set);
        chain.Push(set);
        var left = set.Left;
        while (left.Body is SetOperationBody next && Strength(next) == strength && !HasClauses(left))
        {
            chain.Push(next);
            left = next.Left;
        }

        Operand(left, strength);
        while (chain.TryPop(out var node))
        {
            Append(node.Operator switch { SetOperator.Union => " UNION ", SetOperator.Intersect => " INTERSECT ", _ => " EXCEPT " }).Append(node.All ? "ALL " : "");
            Operand(node.Right, strength + 1);
        }
    }

    private void Operand(QueryExpression query, int minimum)
    {
        if (HasClauses(query) || (query.Body is SetOperationBody set && Strength(set) < minimum))
            Subquery(query);
        else
            Body(query.Body);
    }

    private void Select(SelectBody select)
    {
        Append("SELECT");
        if (!select.DistinctOn.IsEmpty)
        {
            Append(" DISTINCT ON ");
            Parenthesized(select.DistinctOn);
        }
        else if (select.Distinct)
        {
            Append(" DISTINCT");
        }

        if (!select.Items.IsEmpty)
        {
            Append(" ");
            Items(select.Items);
        }

        if (select.Into is not null)
            Append(" INTO ").Name(select.Into.Parts);
        if (!select.From.IsEmpty)
        {
            Append(" FROM ");
            Separated(select.From, Table);
        }

        Where(select.Where);
        if (!select.GroupBy.IsEmpty)
        {
            Append(select.GroupByDistinct ? " GROUP BY DISTINCT " : " GROUP BY ");
            Separated(select.GroupBy, Grouping);
        }

        if (select.Having is not null)
        {
            Append(" HAVING ");
            Expression(select.Having);
        }

        if (!select.Windows.IsEmpty)
        {
            Append(" WINDOW ");
            Separated(select.Windows, window =>
            {
                Name(window.Name).Append(" AS ");
                Window(window.Window);
            });
        }
    }

    private void Where(SyntaxExpression? condition)
    {
        if (condition is null)
            return;
        Append(" WHERE ");
        Expression(condition);
    }

    private void Items(ImmutableArray<SelectItem> items) => Separated(items, item =>
    {
        Expression(item.Expression);
        if (item.Alias is not null)
            Append(" AS ").Name(item.Alias);
    });

    private void Grouping(GroupingElement element)
    {
        switch (element.Kind)
        {
            case GroupingKind.Empty:
                Append("()");
                break;
            case GroupingKind.Rollup:
                Append("ROLLUP ");
                Parenthesized(element.Expressions);
                break;
            case GroupingKind.Cube:
                Append("CUBE ");
                Parenthesized(element.Expressions);
                break;
            case GroupingKind.Sets:
                Append("GROUPING SETS (");
                Separated(element.Sets, Grouping);
                Append(")");
                break;
            default:
                if (element.Expressions.Length == 1)
                    Expression(element.Expressions[0]);
                else
                    Parenthesized(element.Expressions);
                break;
        }
    }

    private void Insert(InsertStatement insert)
    {
        With(insert.With);
        Append(insert.Upsert ? "UPSERT INTO " : "INSERT INTO ").Name(insert.Table.Parts);
        Alias(insert.Alias);
        if (!insert.Columns.IsEmpty)
        {
            Append(" (");
            for (var i = 0; i < insert.Columns.Length; i++)
            {
                Append(i > 0 ? ", " : "").Name(insert.Columns[i]);
                if (!insert.Subscripts.IsEmpty)
                    Subscripts(insert.Subscripts[i]);
            }

            Append(")");
        }

        if (insert.OverridingSystemValue is { } system)
            Append(system ? " OVERRIDING SYSTEM VALUE" : " OVERRIDING USER VALUE");
        Append(" ");
        if (insert.Source is null)
            Append("DEFAULT VALUES");
        else
            Query(insert.Source);
        if (insert.OnConflict is not null)
            OnConflict(insert.OnConflict);
        Returning(insert.Returning);
    }

    private void Alias(string? alias)
    {
        if (alias is not null)
            Append(" AS ").Name(alias);
    }

    private void OnConflict(OnConflictClause clause)
    {
        Append(" ON CONFLICT");
        if (!clause.Target.IsEmpty)
        {
            Append(" (");
            Separated(clause.Target, IndexPart);
            Append(")");
            Where(clause.TargetWhere);
        }

        if (clause.Constraint is not null)
            Append(" ON CONSTRAINT ").Name(clause.Constraint);
        if (clause.DoNothing)
        {
            Append(" DO NOTHING");
            return;
        }

        Append(" DO UPDATE SET ");
        Separated(clause.Assignments, Assignment);
        Where(clause.Where);
    }

    private void IndexPart(IndexPartSyntax part)
    {
        if (part.Column is not null)
        {
            Name(part.Column);
        }
        else
        {
            Append("(");
            Expression(part.Expression!);
            Append(")");
        }

        Append(part.Descending ? " DESC" : "");
        if (part.NullsFirst is { } first)
            Append(first ? " NULLS FIRST" : " NULLS LAST");
    }

    private void Assignment(Assignment assignment)
    {
        if (assignment.IsMultiple)
            NameList(assignment.Columns);
        else
            Name(assignment.Columns[0]);
        Subscripts(assignment.Subscripts);
        Append(" = ");
        Expression(assignment.Value);
    }

    private void Returning(ImmutableArray<SelectItem> items)
    {
        if (items.IsEmpty)
            return;
        Append(" RETURNING ");
        Items(items);
    }

    private void Update(UpdateStatement update)
    {
        With(update.With);
        Append("UPDATE ").Name(update.Table.Parts);
        Alias(update.Alias);
        Append(" SET ");
        Separated(update.Assignments, Assignment);
        if (!update.From.IsEmpty)
        {
            Append(" FROM ");
            Separated(update.From, Table);
        }

        Where(update.Where);
        Returning(update.Returning);
    }

    private void Delete(DeleteStatement delete)
    {
        With(delete.With);
        Append("DELETE FROM ").Name(delete.Table.Parts);
        Alias(delete.Alias);
        if (!delete.Using.IsEmpty)
        {
            Append(" USING ");
            Separated(delete.Using, Table);
        }

        Where(delete.Where);
        Returning(delete.Returning);
    }
}
