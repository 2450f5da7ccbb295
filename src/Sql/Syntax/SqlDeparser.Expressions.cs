namespace Chitin.Sql.Syntax;

/// <content>Expressions: parentheses only where the parser would group otherwise.</content>
public sealed partial class SqlDeparser
{
    private void Expression(SyntaxExpression expression) => Expression(expression, Precedence.Lowest);

    /// <summary>Writes an expression, in parentheses when it binds weaker than <paramref name="minimum"/>.</summary>
    private void Expression(SyntaxExpression expression, int minimum)
    {
        CheckStack();
        if (_allParentheses ? expression is LiteralExpression || Strength(expression) >= Precedence.Primary : Strength(expression) >= minimum)
        {
            Bare(expression);
            return;
        }

        Append("(");
        Bare(expression);
        Append(")");
    }

    private void Bare(SyntaxExpression expression, string end)
    {
        Bare(expression);
        Append(end);
    }

    private static int Strength(SyntaxExpression expression) => expression switch
    {
        OrExpression => Precedence.Or,
        AndExpression => Precedence.And,
        NotExpression => Precedence.Not,
        IsNullExpression or IsTruthExpression or IsDistinctFromExpression => Precedence.Is,
        BetweenExpression or InListExpression or InSubqueryExpression or PatternExpression => Precedence.Pattern,
        BinaryExpression { OperatorSchema: null } binary => Precedence.OfInfix(binary.Operator),
        BinaryExpression => Precedence.Operator,
        QuantifiedExpression quantified => IsPatternOperator(quantified.Operator) ? Precedence.Pattern : Precedence.OfInfix(quantified.Operator),
        UnaryExpression { OperatorSchema: null, Operator: "+" or "-" } => Precedence.UnarySign,
        UnaryExpression => Precedence.Operator,
        CollateExpression => Precedence.Collate,
        FunctionCall { Name: ["pg_catalog", "timezone"], Arguments.Length: 2, IsKeyword: false } => Precedence.AtTimeZone,
        LiteralExpression { Kind: LiteralKind.Integer or LiteralKind.Decimal } number when number.Text.StartsWith('-') => Precedence.UnarySign,
        _ => Precedence.Primary,
    };

    private static bool IsPatternOperator(string symbol) => symbol is "~~" or "!~~" or "~~*" or "!~~*";

    private void Bare(SyntaxExpression expression)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                Literal(literal);
                break;
            case ParameterExpression parameter:
                _sql.Append('$').Append(parameter.Number);
                break;
            case ColumnReference column:
                Name(column.Parts);
                break;
            case StarExpression star:
                if (!star.Qualifier.IsEmpty)
                    Name(star.Qualifier).Append(".");
                Append("*");
                break;
            case FieldSelection field:
                Append("(");
                Expression(field.Operand);
                Append(").");
                Append(field.Name is null ? "*" : SqlText.QuoteIdentifier(field.Name));
                break;
            case UnaryExpression unary:
                Unary(unary);
                break;
            case BinaryExpression binary:
                Binary(binary);
                break;
            case AndExpression and:
                Chain(and.Operands, " AND ", Precedence.And);
                break;
            case OrExpression or:
                Chain(or.Operands, " OR ", Precedence.Or);
                break;
            case NotExpression not:
                Append("NOT ");
                Expression(not.Operand, Precedence.Not);
                break;
            default:
                Test(expression);
                break;
        }
    }

    private void Literal(LiteralExpression literal)
    {
        switch (literal.Kind)
        {
            case LiteralKind.Null:
                Append("NULL");
                break;
            case LiteralKind.String:
                Append(SqlText.QuoteLiteral(literal.Text));
                break;
            case LiteralKind.BitString:
                // The parser keeps the base as a first letter.
                Append(literal.Text[..1].ToUpperInvariant()).Append("'").Append(literal.Text[1..].Replace("'", "''", StringComparison.Ordinal)).Append("'");
                break;
            default:
                Append(literal.Text);
                break;
        }
    }

    private void Chain(ImmutableArray<SyntaxExpression> operands, string connective, int strength)
    {
        for (var i = 0; i < operands.Length; i++)
        {
            if (i > 0)
                Append(connective);
            Expression(operands[i], strength + 1);
        }
    }

    private void Unary(UnaryExpression unary)
    {
        Operator(unary.Operator, unary.OperatorSchema);
        if (Strength(unary) != Precedence.UnarySign)
            Append(" ");
        Expression(unary.Operand, Precedence.Primary);
    }

    private void Operator(string symbol, string? schema)
    {
        if (schema is null)
            Append(symbol);
        else
            Append("OPERATOR(").Name(schema).Append(".").Append(symbol).Append(")");
    }

    /// <summary>A chain of operators of one level leans left and can be thousands long, so its left side is walked, not recursed into.</summary>
    private void Binary(BinaryExpression binary)
    {
        var chain = new Stack<BinaryExpression>();
        SyntaxExpression left = binary;
        var strength = Strength(binary);
        while (left is BinaryExpression next && Strength(next) == strength && (chain.Count == 0 || strength != Precedence.Comparison))
        {
            chain.Push(next);
            left = next.Left;
        }

        Expression(left, strength == Precedence.Comparison ? strength + 1 : strength);
        while (chain.TryPop(out var node))
        {
            Append(" ");
            Operator(node.Operator, node.OperatorSchema);
            Append(" ");
            Expression(node.Right, strength + 1);
        }
    }

    /// <summary>Tests and everything that is neither an operator nor a leaf.</summary>
    private void Test(SyntaxExpression expression)
    {
        switch (expression)
        {
            case IsNullExpression isNull:
                Expression(isNull.Operand, Precedence.Comparison);
                Append(isNull.Negated ? " IS NOT NULL" : " IS NULL");
                break;
            case IsTruthExpression truth:
                Expression(truth.Operand, Precedence.Comparison);
                Append(truth.Negated ? " IS NOT " : " IS ").Append(truth.Test switch { TruthTest.True => "TRUE", TruthTest.False => "FALSE", _ => "UNKNOWN" });
                break;
            case IsDistinctFromExpression distinct:
                Expression(distinct.Left, Precedence.Comparison);
                Append(distinct.Negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
                Expression(distinct.Right, Precedence.Comparison);
                break;
            case BetweenExpression between:
                Expression(between.Operand, Precedence.Operator);
                Append(between.Negated ? " NOT BETWEEN " : " BETWEEN ").Append(between.Symmetric ? "SYMMETRIC " : "");
                Expression(between.Low, Precedence.Operator);
                Append(" AND ");
                Expression(between.High, Precedence.Operator);
                break;
            case InListExpression list:
                Expression(list.Operand, Precedence.Operator);
                Append(list.Negated ? " NOT IN " : " IN ");
                Parenthesized(list.Items);
                break;
            case InSubqueryExpression inQuery:
                Expression(inQuery.Operand, Precedence.Operator);
                Append(inQuery.Negated ? " NOT IN " : " IN ");
                Subquery(inQuery.Query);
                break;
            case PatternExpression pattern:
                Pattern(pattern);
                break;
            case QuantifiedExpression quantified:
                Quantified(quantified);
                break;
            default:
                Compound(expression);
                break;
        }
    }

    private void Pattern(PatternExpression pattern)
    {
        Expression(pattern.Operand, Precedence.Operator);
        Append(pattern.Negated ? " NOT " : " ").Append(pattern.Kind switch { PatternKind.Like => "LIKE ", PatternKind.ILike => "ILIKE ", _ => "SIMILAR TO " });
        Expression(pattern.Pattern, Precedence.Operator);
        if (pattern.Escape is null)
            return;
        Append(" ESCAPE ");
        Expression(pattern.Escape, Precedence.Operator);
    }

    private void Quantified(QuantifiedExpression quantified)
    {
        Expression(quantified.Left, Strength(quantified) + 1);
        Append(" ").Append(quantified.Operator switch
        {
            "~~" => "LIKE",
            "!~~" => "NOT LIKE",
            "~~*" => "ILIKE",
            "!~~*" => "NOT ILIKE",
            _ => quantified.Operator,
        }).Append(quantified.All ? " ALL " : " ANY ");
        if (quantified.Query is not null)
        {
            Subquery(quantified.Query);
            return;
        }

        Append("(");
        Expression(quantified.Array!);
        Append(")");
    }

    private void Subquery(QueryExpression query)
    {
        Append("(");
        Query(query);
        Append(")");
    }

    private void Compound(SyntaxExpression expression)
    {
        switch (expression)
        {
            case CastExpression cast:
                if (_allParentheses && cast.Operand is ColumnReference or FunctionCall)
                    Append("(").Bare(cast.Operand, ")");
                else
                    Expression(cast.Operand, Precedence.Primary);
                Append("::");
                Type(cast.Type);
                break;
            case CollateExpression collate:
                Expression(collate.Operand, Precedence.Primary);
                Append(" COLLATE ").Name(collate.Collation);
                break;
            case ExistsExpression exists:
                Append("EXISTS ");
                Subquery(exists.Query);
                break;
            case ScalarSubqueryExpression scalar:
                Subquery(scalar.Query);
                break;
            case ArraySubqueryExpression array:
                Append("ARRAY");
                Subquery(array.Query);
                break;
            case CaseExpression @case:
                Case(@case);
                break;
            case CoalesceExpression coalesce:
                Append("COALESCE");
                Parenthesized(coalesce.Arguments);
                break;
            case NullIfExpression nullIf:
                Append("NULLIF");
                Parenthesized([nullIf.Left, nullIf.Right]);
                break;
            case GreatestLeastExpression greatest:
                Append(greatest.Greatest ? "GREATEST" : "LEAST");
                Parenthesized(greatest.Arguments);
                break;
            case ArrayExpression array:
                Append("ARRAY[");
                Expressions(array.Elements);
                Append("]");
                break;
            case RowExpression row:
                Append(row.Explicit ? "ROW" : "");
                Parenthesized(row.Elements);
                break;
            case SubscriptExpression subscript:
                Subscript(subscript);
                break;
            case DefaultExpression:
                Append("DEFAULT");
                break;
            case CurrentOfExpression current:
                Append("CURRENT OF ").Name(current.Cursor);
                break;
            case FunctionCall call:
                Call(call);
                break;
            default:
                throw new InvalidOperationException($"no SQL form for {expression.GetType().Name}");
        }
    }

    private void Case(CaseExpression expression)
    {
        Append("CASE");
        if (expression.Operand is not null)
        {
            Append(" ");
            Expression(expression.Operand);
        }

        foreach (var when in expression.Whens)
        {
            Append(" WHEN ");
            Expression(when.Condition);
            Append(" THEN ");
            Expression(when.Result);
        }

        if (expression.Else is not null)
        {
            Append(" ELSE ");
            Expression(expression.Else);
        }

        Append(" END");
    }

    private void Subscript(SubscriptExpression subscript)
    {
        if (subscript.Operand is ColumnReference or ParameterExpression)
        {
            Bare(subscript.Operand);
        }
        else
        {
            Append("(");
            Expression(subscript.Operand);
            Append(")");
        }

        Subscripts(subscript.Subscripts);
    }

    private void Subscripts(ImmutableArray<ArraySubscript> subscripts)
    {
        foreach (var item in subscripts)
        {
            Append("[");
            if (item.Lower is not null)
                Expression(item.Lower);
            if (item.IsSlice)
                Append(":");
            if (item.Upper is not null)
                Expression(item.Upper);
            Append("]");
        }
    }
}
