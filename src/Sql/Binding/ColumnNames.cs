using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>The name of a result column without an alias (parse_target.c, FigureColname).</summary>
internal static class ColumnNames
{
    public const string Unknown = "?column?";

    public static string Derive(SyntaxExpression expression) => Figure(expression).Name ?? Unknown;

    /// <summary>Strength 2 is a name that a surrounding cast keeps; 1 one that gives way to the cast's type.</summary>
    static (string? Name, int Strength) Figure(SyntaxExpression expression)
    {
        switch (expression)
        {
            case ColumnReference e:
                return (e.Parts[^1], 2);
            case FieldSelection { Name: { } field }:
                return (field, 2);
            case SubscriptExpression e:
                return Figure(e.Operand);
            case CollateExpression e:
                return Figure(e.Operand);
            case FunctionCall e:
                return (e.Name[^1], 2);
            case CastExpression e:
                var inner = Figure(e.Operand);
                return inner.Strength >= 2 ? inner : (e.Type.Name[^1], 1);
            case CaseExpression e:
                var otherwise = e.Else is null ? (null, 0) : Figure(e.Else);
                return otherwise.Item2 >= 2 ? otherwise : ("case", 1);
            case ArrayExpression or ArraySubqueryExpression:
                return ("array", 2);
            case RowExpression { Explicit: true }:
                return ("row", 2);
            case CoalesceExpression:
                return ("coalesce", 2);
            case NullIfExpression:
                return ("nullif", 2);
            case GreatestLeastExpression e:
                return (e.Greatest ? "greatest" : "least", 2);
            case ExistsExpression:
                return ("exists", 2);
            case ScalarSubqueryExpression e:
                return FigureQuery(e.Query);
            case LiteralExpression { Kind: LiteralKind.Boolean }:
                return ("bool", 1);
            default:
                return (null, 0);
        }
    }

    /// <summary>A scalar subquery is named after its one column.</summary>
    static (string? Name, int Strength) FigureQuery(QueryExpression query)
    {
        switch (query.Body)
        {
            case SelectBody { Items: [var item, ..] }:
                if (item.Alias is { } alias)
                    return (alias, 2);
                // Once: asked twice, subqueries in subqueries would be asked 2ⁿ times.
                var name = Figure(item.Expression).Name;
                return (name, name is null ? 0 : 2);
            case SetOperationBody e:
                return FigureQuery(e.Left);
            case NestedBody e:
                return FigureQuery(e.Query);
            case ValuesBody:
                return ("column1", 2);
            default:
                return (null, 0);
        }
    }
}
