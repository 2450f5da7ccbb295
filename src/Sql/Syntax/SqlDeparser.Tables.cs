namespace Chitin.Sql.Syntax;

/// <content>FROM.</content>
public sealed partial class SqlDeparser
{
    private void Table(TableReference table)
    {
        CheckStack();
        switch (table)
        {
            case NamedTable named:
                Append(named.Only ? "ONLY " : "").Name(named.Name.Parts);
                if (named.IndexHint is not null)
                    Append("@").Name(named.IndexHint);
                TableAlias(named);
                break;
            case DerivedTable derived:
                Append(derived.Lateral ? "LATERAL " : "");
                Subquery(derived.Query);
                TableAlias(derived);
                break;
            case FunctionTable function:
                Function(function);
                break;
            case StatementTable statement:
                Append("[");
                Statement(statement.Statement);
                Append("]");
                TableAlias(statement);
                break;
            case JoinTable { Alias: not null } join:
                Append("(");
                Join(join);
                Append(")");
                TableAlias(join);
                break;
            case JoinTable join:
                Join(join);
                break;
            default:
                throw new InvalidOperationException($"no SQL form for {table.GetType().Name}");
        }
    }

    private void TableAlias(TableReference table)
    {
        if (table.Alias is null)
            return;
        Alias(table.Alias);
        NameList(table.ColumnAliases);
    }

    private void Function(FunctionTable table)
    {
        Append(table.Lateral ? "LATERAL " : "");
        if (table.Functions.Length == 1)
        {
            Expression(table.Functions[0], Precedence.Primary);
        }
        else
        {
            Append("ROWS FROM (");
            Expressions(table.Functions);
            Append(")");
        }

        Append(table.WithOrdinality ? " WITH ORDINALITY" : "");
        TableAlias(table);
        if (table.ColumnDefinitions.IsEmpty)
            return;
        Append(table.Alias is null ? " AS (" : " (");
        Separated(table.ColumnDefinitions, item =>
        {
            Name(item.Name).Append(" ");
            Type(item.Type);
        });
        Append(")");
    }

    /// <summary>Joins lean left: the left side is walked, not recursed into.</summary>
    private void Join(JoinTable join)
    {
        var chain = new Stack<JoinTable>();
        chain.Push(join);
        var left = join.Left;
        while (left is JoinTable { Alias: null } next)
        {
            chain.Push(next);
            left = next.Left;
        }

        Table(left);
        while (chain.TryPop(out var node))
            JoinTail(node);
    }

    private void JoinTail(JoinTable join)
    {
        Append(join.Natural ? " NATURAL" : "").Append(join.Kind switch
        {
            JoinKind.Left => " LEFT JOIN ",
            JoinKind.Right => " RIGHT JOIN ",
            JoinKind.Full => " FULL JOIN ",
            JoinKind.Cross => " CROSS JOIN ",
            _ => " JOIN ",
        });
        if (join.Right is JoinTable { Alias: null } nested)
        {
            Append("(");
            Join(nested);
            Append(")");
        }
        else
        {
            Table(join.Right);
        }

        if (join.On is not null)
        {
            Append(" ON ");
            Expression(join.On);
        }
        else if (!join.Using.IsEmpty)
        {
            Append(" USING (");
            Names(join.Using);
            Append(")");
            Alias(join.UsingAlias);
        }
    }
}
