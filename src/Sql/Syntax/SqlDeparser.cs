using System.Runtime.CompilerServices;
using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>
/// Syntax trees to SQL text that parses back to the same tree: stored defaults, checks and views, pg_get_expr, pg_get_viewdef, SHOW CREATE.
/// Statements without an own form here (SHOW and other row sources in brackets) are written as their <see cref="Statement.Text"/>.
/// </summary>
public sealed partial class SqlDeparser
{
    private readonly StringBuilder _sql = new();
    private readonly bool _allParentheses;

    private SqlDeparser(bool allParentheses = false) => _allParentheses = allParentheses;

    public static string ToSql(SyntaxExpression expression)
    {
        var deparser = new SqlDeparser();
        deparser.Expression(expression);
        return deparser._sql.ToString();
    }

    /// <summary>Every operator in parentheses, also where its strength would tell: PostgreSQL's form of pg_get_expr and pg_get_constraintdef unless they are asked to be pretty.</summary>
    public static string WithAllParentheses(SyntaxExpression expression)
    {
        var deparser = new SqlDeparser(allParentheses: true);
        deparser.Expression(expression);
        return deparser._sql.ToString();
    }

    public static string ToSql(QueryExpression query)
    {
        var deparser = new SqlDeparser();
        deparser.Query(query);
        return deparser._sql.ToString();
    }

    public static string ToSql(TypeName type)
    {
        var deparser = new SqlDeparser();
        deparser.Type(type);
        return deparser._sql.ToString();
    }

    public static string ToSql(ObjectName name) => SqlText.QuoteName(name.Parts);

    /// <summary>A query, INSERT, UPDATE or DELETE; any other statement is its text.</summary>
    public static string ToSql(Statement statement)
    {
        var deparser = new SqlDeparser();
        deparser.Statement(statement);
        return deparser._sql.ToString();
    }

    private SqlDeparser Append(string text)
    {
        _sql.Append(text);
        return this;
    }

    private SqlDeparser Name(string name) => Append(SqlText.QuoteIdentifier(name));

    private SqlDeparser Name(ImmutableArray<string> parts) => Append(SqlText.QuoteName(parts));

    private void Separated<T>(ImmutableArray<T> items, Action<T> write)
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0)
                Append(", ");
            write(items[i]);
        }
    }

    private void Names(ImmutableArray<string> names) => Separated(names, name => Name(name));

    private void Expressions(ImmutableArray<SyntaxExpression> expressions) => Separated(expressions, Expression);

    private void Parenthesized(ImmutableArray<SyntaxExpression> expressions)
    {
        Append("(");
        Expressions(expressions);
        Append(")");
    }

    private static void CheckStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
    }
}
