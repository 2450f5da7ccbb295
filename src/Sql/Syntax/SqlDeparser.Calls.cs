namespace Chitin.Sql.Syntax;

/// <content>Calls, windows and type names.</content>
public sealed partial class SqlDeparser
{
    private void Call(FunctionCall call)
    {
        if (call.IsKeyword)
        {
            Append(call.Name[^1].ToUpperInvariant());
            if (!call.Arguments.IsEmpty)
                Arguments(call);
            return;
        }

        if (IsPlain(call) && call.Name is ["pg_catalog", var name] && KeywordForm(name, [.. call.Arguments.Select(a => a.Value)]))
            return;
        // Unquoted, these two would be grouping sets where GROUP BY lists them.
        if (call.Name is ["cube" or "rollup"])
            Append($"\"{call.Name[0]}\"");
        else
            Name(call.Name);
        Arguments(call);
        Suffix(call);
    }

    private static bool IsPlain(FunctionCall call) => call is { Star: false, Distinct: false, Variadic: false, OrderBy.IsEmpty: true, WithinGroup.IsEmpty: true, Filter: null, Over: null, OverName: null }
        && call.Arguments.All(a => a.Name is null);

    /// <summary>SQL's own spelling of a function that the parser knows under pg_catalog's name; false without one.</summary>
    private bool KeywordForm(string name, ImmutableArray<SyntaxExpression> arguments)
    {
        switch (name, arguments)
        {
            case ("timezone", [var zone, var time]):
                Expression(time, Precedence.Primary);
                Append(" AT TIME ZONE ");
                Expression(zone, Precedence.Primary);
                return true;
            case ("extract", [LiteralExpression { Kind: LiteralKind.String } field, var source]):
                Append("EXTRACT(").Append(SqlText.IsPlainLabel(field.Text) ? field.Text : SqlText.QuoteLiteral(field.Text));
                return Form((" FROM ", source));
            case ("position", [var whole, var part]):
                Append("POSITION(");
                Expression(part, Precedence.Operator);
                Append(" IN ");
                Expression(whole, Precedence.Operator);
                Append(")");
                return true;
            case ("overlaps", [var a, var b, var c, var d]):
                Parenthesized([a, b]);
                Append(" OVERLAPS ");
                Parenthesized([c, d]);
                return true;
            case ("substring", [var text, var from]):
                return Form(("SUBSTRING(", text), (" FROM ", from));
            case ("substring", [var text, var from, var length]):
                return Form(("SUBSTRING(", text), (" FROM ", from), (" FOR ", length));
            case ("overlay", [var text, var part, var from]):
                return Form(("OVERLAY(", text), (" PLACING ", part), (" FROM ", from));
            case ("overlay", [var text, var part, var from, var length]):
                return Form(("OVERLAY(", text), (" PLACING ", part), (" FROM ", from), (" FOR ", length));
            case ("btrim" or "ltrim" or "rtrim", [var text]):
                return Form((TrimHead(name) + "FROM ", text));
            case ("btrim" or "ltrim" or "rtrim", [var text, var characters]):
                return Form((TrimHead(name), characters), (" FROM ", text));
            case ("pg_collation_for", [var operand]):
                return Form(("COLLATION FOR (", operand));
            default:
                return false;
        }
    }

    private static string TrimHead(string name) => name switch { "ltrim" => "TRIM(LEADING ", "rtrim" => "TRIM(TRAILING ", _ => "TRIM(BOTH " };

    private bool Form(params ReadOnlySpan<(string Word, SyntaxExpression Argument)> parts)
    {
        foreach (var (word, argument) in parts)
        {
            Append(word);
            Expression(argument);
        }

        Append(")");
        return true;
    }

    private void Arguments(FunctionCall call)
    {
        Append("(");
        if (call.Star)
            Append("*");
        if (call.Distinct)
            Append("DISTINCT ");
        for (var i = 0; i < call.Arguments.Length; i++)
        {
            if (i > 0)
                Append(", ");
            if (call.Variadic && i == call.Arguments.Length - 1)
                Append("VARIADIC ");
            if (call.Arguments[i].Name is { } name)
                Name(name).Append(" => ");
            Expression(call.Arguments[i].Value);
        }

        if (!call.OrderBy.IsEmpty)
        {
            Append(" ORDER BY ");
            OrderBy(call.OrderBy);
        }

        Append(")");
    }

    private void Suffix(FunctionCall call)
    {
        if (!call.WithinGroup.IsEmpty)
        {
            Append(" WITHIN GROUP (ORDER BY ");
            OrderBy(call.WithinGroup);
            Append(")");
        }

        if (call.Filter is not null)
        {
            Append(" FILTER (WHERE ");
            Expression(call.Filter);
            Append(")");
        }

        if (call.OverName is not null)
        {
            Append(" OVER ").Name(call.OverName);
        }
        else if (call.Over is not null)
        {
            Append(" OVER ");
            Window(call.Over);
        }
    }

    private void OrderBy(ImmutableArray<OrderItem> items) => Separated(items, item =>
    {
        Expression(item.Expression);
        if (item.UsingOperator is not null)
            Append(" USING ").Append(item.UsingOperator);
        else if (item.Descending)
            Append(" DESC");
        if (item.NullsFirst is { } first)
            Append(first ? " NULLS FIRST" : " NULLS LAST");
    });

    private void Window(WindowSpecification window)
    {
        Append("(");
        var separator = "";
        if (window.BaseName is not null)
        {
            Name(window.BaseName);
            separator = " ";
        }

        if (!window.PartitionBy.IsEmpty)
        {
            Append(separator).Append("PARTITION BY ");
            Expressions(window.PartitionBy);
            separator = " ";
        }

        if (!window.OrderBy.IsEmpty)
        {
            Append(separator).Append("ORDER BY ");
            OrderBy(window.OrderBy);
            separator = " ";
        }

        if (window.Frame is not null)
        {
            Append(separator);
            Frame(window.Frame);
        }

        Append(")");
    }

    private void Frame(WindowFrame frame)
    {
        Append(frame.Unit switch { FrameUnit.Rows => "ROWS", FrameUnit.Range => "RANGE", _ => "GROUPS" }).Append(" BETWEEN ");
        Bound(frame.Start);
        Append(" AND ");
        Bound(frame.End);
        Append(frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion.Group => " EXCLUDE GROUP",
            FrameExclusion.Ties => " EXCLUDE TIES",
            _ => "",
        });
    }

    private void Bound(FrameBound bound)
    {
        if (bound.Offset is not null)
        {
            Expression(bound.Offset, Precedence.Or);
            Append(" ");
        }

        Append(bound.Kind switch
        {
            FrameBoundKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
            FrameBoundKind.Preceding => "PRECEDING",
            FrameBoundKind.CurrentRow => "CURRENT ROW",
            FrameBoundKind.Following => "FOLLOWING",
            _ => "UNBOUNDED FOLLOWING",
        });
    }

    private void Type(TypeName type)
    {
        if (type.SetOf)
            Append("SETOF ");
        var (head, tail) = type.Name is [var name] ? Spelling(name, type.Modifiers.IsEmpty) : ("", "");
        if (head.Length == 0)
            Append(type.Name is ["pg_catalog", "char"] ? "\"char\"" : SqlText.QuoteName(type.Name));
        else
            Append(head);
        if (type.IntervalFields is not null)
            Append(" ").Append(type.IntervalFields);
        if (!type.Modifiers.IsEmpty)
            Parenthesized(type.Modifiers);
        Append(tail);
        for (var i = 0; i < type.ArrayDimensions; i++)
            Append("[]");
    }

    /// <summary>The SQL spelling of a type's internal name, in two parts around its modifiers; empty where the name is its own.</summary>
    private static (string Head, string Tail) Spelling(string name, bool bare) => name switch
    {
        "int2" when bare => ("smallint", ""),
        "int4" when bare => ("integer", ""),
        "int8" when bare => ("bigint", ""),
        "float4" when bare => ("real", ""),
        "float8" when bare => ("double precision", ""),
        "bool" when bare => ("boolean", ""),
        "numeric" => ("numeric", ""),
        "varchar" => ("character varying", ""),
        "bpchar" when !bare => ("character", ""),
        "bit" => ("bit", ""),
        "varbit" => ("bit varying", ""),
        "interval" => ("interval", ""),
        "time" => ("time", " without time zone"),
        "timetz" => ("time", " with time zone"),
        "timestamp" => ("timestamp", " without time zone"),
        "timestamptz" => ("timestamp", " with time zone"),
        _ => ("", ""),
    };
}
