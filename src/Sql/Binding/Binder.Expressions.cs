using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Scalar expressions (parse_expr.c). Results may still have type unknown: literals and parameters that nothing has given a type.</summary>
public sealed partial class Binder
{
    BoundExpression BindExpression(SyntaxExpression expression)
    {
        Preparation.Check();
        return expression switch
        {
            LiteralExpression e => NoteLiteral(e, BindLiteral(e)),
            ColumnReference e => BindColumnReference(e),
            ParameterExpression e => BindParameter(e),
            BinaryExpression e => BindBinary(e),
            UnaryExpression e => BindUnary(e),
            FunctionCall e => BindFunctionCall(e),
            AndExpression e => MakeAnd([.. e.Operands.Select(o => BindBoolean(o, "AND"))]),
            OrExpression e => MakeOr([.. e.Operands.Select(o => BindBoolean(o, "OR"))]),
            NotExpression e => MakeNot(BindBoolean(e.Operand, "NOT")),
            CastExpression e => BindCast(e),
            IsNullExpression e => MakeIsNull(ToTyped(BindExpression(e.Operand), At(e.Operand)), e.Negated),
            IsTruthExpression e => new BoundIsTruth(BindBoolean(e.Operand, TruthName(e)), e.Test, e.Negated),
            IsDistinctFromExpression e => BindIsDistinct(e),
            BetweenExpression e => BindBetween(e),
            InListExpression e => BindInList(e),
            InSubqueryExpression e => BindInSubquery(e),
            PatternExpression e => BindPattern(e),
            QuantifiedExpression e => BindQuantified(e),
            ExistsExpression e => new BoundSubquery(SubqueryKind.Exists, BindSubquery(e.Query).Node, null, SqlTypes.Bool),
            ScalarSubqueryExpression e => BindScalarSubquery(e),
            ArraySubqueryExpression e => BindArraySubquery(e),
            CaseExpression e => BindCase(e),
            CoalesceExpression e => BindCoalesce(e),
            NullIfExpression e => BindNullIf(e),
            GreatestLeastExpression e => BindGreatestLeast(e),
            ArrayExpression e => BindArray(e, null, CastContext.Implicit),
            RowExpression e => BindRow(e),
            SubscriptExpression e => BindSubscript(e),
            FieldSelection e => BindFieldSelection(e),
            CollateExpression e => BindCollate(e),
            StarExpression e => BindStarAsValue(e),
            DefaultExpression e => throw BindErrors.Syntax("DEFAULT is not allowed in this context", At(e)),
            CurrentOfExpression e => throw BindErrors.Syntax("WHERE CURRENT OF is not allowed here", At(e)),
            _ => throw new InvariantException($"unknown expression {expression.GetType().Name}"),
        };
    }

    /// <summary>What cannot be read as the type that its place asks for is an error of the literal, not of the operator.</summary>
    BoundExpression NoteLiteral(LiteralExpression literal, BoundExpression bound)
    {
        if (literal.Kind is not (LiteralKind.Null or LiteralKind.Boolean))
            _origins[bound] = (At(literal), "");
        return bound;
    }

    BoundExpression BindLiteral(LiteralExpression literal)
    {
        switch (literal.Kind)
        {
            case LiteralKind.Null:
                return BoundConstant.Null(SqlTypes.Unknown);
            case LiteralKind.Boolean:
                return literal.Text is "true" or "TRUE" or "t" ? BoundConstant.True : BoundConstant.False;
            case LiteralKind.Integer or LiteralKind.Decimal:
                return BindNumber(literal.Text, literal);
            case LiteralKind.String:
                return new BoundConstant(Datum.FromString(literal.Text), SqlTypes.Unknown);
            default:
                return ParseConstant(literal.Text, SqlTypes.Bit, -1, At(literal));
        }
    }

    BoundConstant BindNumber(string text, SyntaxNode at)
    {
        if (long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var integer))
            return new BoundConstant(Datum.FromInt64(integer), integer is >= int.MinValue and <= int.MaxValue ? SqlTypes.Int4 : SqlTypes.Int8);
        return (BoundConstant)ParseConstant(text, SqlTypes.Numeric, -1, At(at));
    }

    BoundParameter BindParameter(ParameterExpression parameter)
    {
        if (!_context.AllowParameters || _views.Count > 0 || _silent || parameter.Number is < 1 or > ParameterTypes.Maximum)
            throw BindErrors.Error(SqlState.UndefinedParameter, $"there is no parameter ${parameter.Number}", At(parameter));
        var bound = new BoundParameter(parameter.Number - 1, _context.Parameters.Touch(parameter.Number - 1) ?? SqlTypes.Unknown);
        _origins[bound] = (At(parameter), "");
        return bound;
    }

    /// <summary>A parameter bound before its type was known takes the type found since.</summary>
    BoundExpression Refresh(BoundExpression expression) =>
        expression is BoundParameter { Type.Oid: PgOid.Unknown } p && _context.Parameters.Touch(p.Index) is { } type ? new BoundParameter(p.Index, type) : expression;

    static string TruthName(IsTruthExpression e) => $"IS {(e.Negated ? "NOT " : "")}{e.Test.ToString().ToUpperInvariant()}";

    BoundExpression BindBoolean(SyntaxExpression expression, string construct) => ToBoolean(BindExpression(expression), construct, At(expression));

    BoundExpression ToBoolean(BoundExpression bound, string construct, int position) =>
        TryCoerce(bound, SqlTypes.Bool, CastContext.Assignment, position) ?? throw BindErrors.NotBoolean(construct, bound.Type, position);

    /// <summary>WHERE, HAVING, ON, FILTER and the like.</summary>
    BoundExpression BindCondition(SyntaxExpression expression, ClauseKind clause, string construct)
    {
        var bound = BindIn(clause, expression);
        return ToBoolean(bound, construct, At(expression));
    }

    BoundExpression BindUnary(UnaryExpression e)
    {
        CheckOperatorSchema(e.OperatorSchema, e.Operator, e);
        // A minus sign belongs to the number, so that the smallest int4 and int8 have a literal.
        if (e.Operator == "-" && e.Operand is LiteralExpression { Kind: LiteralKind.Integer or LiteralKind.Decimal } number && !number.Text.StartsWith('-'))
            return BindNumber("-" + number.Text, number);
        return BindOperator(e.Operator, null, BindExpression(e.Operand), e);
    }

    void CheckOperatorSchema(string? schema, string symbol, SyntaxNode at)
    {
        if (schema is not (null or PgCatalog))
            throw BindErrors.Error(SqlState.UndefinedFunction, $"operator does not exist: {schema}.{symbol}", At(at));
    }

    BoundExpression BindBinary(BinaryExpression e)
    {
        CheckOperatorSchema(e.OperatorSchema, e.Operator, e);
        if (e.Left is RowExpression row && RowComparisonKind(e.Operator) is { } kind)
        {
            if (e.Right is RowExpression other)
                return CompareRows(kind, BindElements(row), BindElements(other), e);
            if (e.Right is ScalarSubqueryExpression subquery)
                return CompareRowWithSubquery(kind, row, subquery, e);
        }

        // Long chains (a || b || c …) lean to the left: they are taken apart in a loop.
        if (e.Left is BinaryExpression { OperatorSchema: null } inner && inner.Left is not RowExpression)
            return BindChain(e);
        var left = BindExpression(e.Left);
        var right = BindExpression(e.Right);
        return BindOperator(e.Operator, left, right, e);
    }

    BoundExpression BindChain(BinaryExpression e)
    {
        var links = new Stack<BinaryExpression>();
        var current = e;
        while (current.Left is BinaryExpression { Left: not RowExpression } next)
        {
            links.Push(current);
            current = next;
        }

        CheckOperatorSchema(current.OperatorSchema, current.Operator, current);
        var left = BindExpression(current.Left);
        var result = BindOperator(current.Operator, left, BindExpression(current.Right), current);
        while (links.TryPop(out var link))
        {
            CheckOperatorSchema(link.OperatorSchema, link.Operator, link);
            result = BindOperator(link.Operator, result, BindExpression(link.Right), link);
        }

        return result;
    }

    /// <summary>Resolves an operator over bound operands (left null = prefix) and coerces them.</summary>
    BoundExpression BindOperator(string symbol, BoundExpression? left, BoundExpression right, SyntaxNode at)
    {
        var position = At(at);
        left = left is null ? null : Refresh(left);
        right = Refresh(right);
        OperatorResolution resolution;
        try
        {
            resolution = _resolver.ResolveOperator(symbol, left?.Type, right.Type);
        }
        catch (SqlException e) when (position > 0 && e.Position == 0)
        {
            throw e.At(position);
        }

        var types = resolution.Call.ArgumentTypes;
        ImmutableArray<BoundExpression> arguments = left is null
            ? [CoerceArgument(right, types[0], position)]
            : [CoerceArgument(left, types[0], position), CoerceArgument(right, types[1], position)];
        return MakeCall(resolution.Call, arguments, resolution.Operator);
    }

    BoundExpression BindIsDistinct(IsDistinctFromExpression e)
    {
        if (e.Left is RowExpression l && e.Right is RowExpression r)
        {
            var (left, right) = (BindElements(l), BindElements(r));
            RequireEqualLength(left.Length, right.Length, e);
            var parts = left.Zip(right).Select(p => MakeDistinct(p.First, p.Second, false, e)).ToList();
            return e.Negated ? MakeNot(MakeOr(parts)) : MakeOr(parts);
        }

        return MakeDistinct(BindExpression(e.Left), BindExpression(e.Right), e.Negated, e);
    }

    BoundExpression MakeDistinct(BoundExpression left, BoundExpression right, bool negated, SyntaxNode at)
    {
        left = Refresh(left);
        right = Refresh(right);
        if (right is BoundConstant { Value.IsNull: true })
            return MakeIsNull(ToTyped(left, At(at)), !negated);
        if (left is BoundConstant { Value.IsNull: true })
            return MakeIsNull(ToTyped(right, At(at)), !negated);
        var (l, r, _) = BindComparable("=", left, right, at);
        return new BoundIsDistinct(l, r, negated);
    }

    /// <summary>Both operands in one type that the operator compares.</summary>
    (BoundExpression Left, BoundExpression Right, OperatorEntry Operator) BindComparable(string symbol, BoundExpression left, BoundExpression right, SyntaxNode at)
    {
        var position = At(at);
        OperatorResolution resolution;
        try
        {
            resolution = _resolver.ResolveOperator(symbol, left.Type, right.Type);
            var types = resolution.Call.ArgumentTypes;
            if (!types[0].Equals(types[1]) && _resolver.TrySelectCommonType(types) is { } common)
                resolution = _resolver.ResolveOperator(symbol, common, common);
        }
        catch (SqlException e) when (position > 0 && e.Position == 0)
        {
            throw e.At(position);
        }

        var actual = resolution.Call.ArgumentTypes;
        return (CoerceArgument(left, actual[0], position), CoerceArgument(right, actual[1], position), resolution.Operator);
    }

    BoundExpression BindBetween(BetweenExpression e)
    {
        var operand = BindExpression(e.Operand);
        var low = BindExpression(e.Low);
        var high = BindExpression(e.High);
        return Once(operand, At(e.Operand), value => Once(low, At(e.Low), l => Once(high, At(e.High), h =>
        {
            var inside = MakeAnd([BindOperator(">=", value, l, e), BindOperator("<=", value, h, e)]);
            if (e.Symmetric)
                inside = MakeOr([inside, MakeAnd([BindOperator(">=", value, h, e), BindOperator("<=", value, l, e)])]);
            return e.Negated ? MakeNot(inside) : inside;
        }, e.Symmetric), e.Symmetric), true);
    }

    /// <summary>Makes an expression that is used several times be evaluated once, unless repeating it costs nothing and changes nothing.</summary>
    BoundExpression Once(BoundExpression value, int position, Func<BoundExpression, BoundExpression> body, bool repeated)
    {
        if (!repeated || BoundInspection.IsTrivial(value) || (!BoundInspection.HasSubquery(value) && !BoundInspection.IsVolatile(value)))
            return body(value);
        value = ToTyped(value, position);
        var variable = new BoundColumn("value", value.Type, value.TypeModifier);
        return new BoundLet(variable, value, body(new BoundColumnReference(variable)));
    }

    BoundExpression BindInList(InListExpression e)
    {
        if (e.Operand is RowExpression row)
        {
            var left = BindElements(row);
            var alternatives = e.Items.Select(i => i is RowExpression r
                ? CompareRows(ComparisonKind.Equal, left, BindElements(r), e)
                : BindOperator("=", new BoundRow([.. left.Select(x => ToTyped(x, At(e)))]), BindExpression(i), e)).ToList();
            return e.Negated ? MakeNot(MakeOr(alternatives)) : MakeOr(alternatives);
        }

        var operand = BindExpression(e.Operand);
        var items = new List<BoundExpression>(e.Items.Length);
        foreach (var item in e.Items)
            items.Add(BindExpression(item));
        operand = Refresh(operand);
        for (var i = 0; i < items.Count; i++)
            items[i] = Refresh(items[i]);
        if (e.Items.Length == 1)
        {
            var equal = BindOperator("=", operand, items[0], e);
            return e.Negated ? (BindOperator("<>", operand, items[0], e)) : equal;
        }

        if (_resolver.TrySelectCommonType([operand.Type, .. items.Select(i => i.Type)]) is { } type && _resolver.TryResolveOperator("=", type, type) is { } equality &&
            equality.Operator.Function.ReturnType.Oid == PgOid.Bool)
        {
            var target = equality.Call.ArgumentTypes;
            var left = CoerceArgument(operand, target[0], At(e.Operand));
            ImmutableArray<BoundExpression> right = [.. items.Select((item, i) => CoerceArgument(item, target[1], At(e.Items[i])))];
            return new BoundInList(left, right, equality.Operator, e.Negated);
        }

        return Once(operand, At(e.Operand), value =>
        {
            var any = MakeOr([.. items.Select(i => BindOperator("=", value, i, e))]);
            return e.Negated ? MakeNot(any) : any;
        }, true);
    }

    BoundExpression BindPattern(PatternExpression e)
    {
        var operand = BindExpression(e.Operand);
        var pattern = BindExpression(e.Pattern);
        if (e.Kind == PatternKind.SimilarTo)
        {
            pattern = e.Escape is null
                ? CallFunction("similar_to_escape", [pattern], e)
                : CallFunction("similar_to_escape", [pattern, BindExpression(e.Escape)], e);
            return BindOperator(e.Negated ? "!~" : "~", operand, pattern, e);
        }

        if (e.Escape is { } escape)
            pattern = CallFunction("like_escape", [pattern, BindExpression(escape)], e);
        var symbol = (e.Kind, e.Negated) switch
        {
            (PatternKind.Like, false) => "~~",
            (PatternKind.Like, true) => "!~~",
            (_, false) => "~~*",
            _ => "!~~*",
        };
        return BindOperator(symbol, operand, pattern, e);
    }

    BoundExpression BindCase(CaseExpression e)
    {
        var conditional = _scope.Conditional;
        _scope.Conditional = "CASE";
        try
        {
            if (e.Operand is null)
                return BindSearchedCase(e, null);
            // An untyped operand is text (transformCaseExpr).
            var operand = ToTyped(BindExpression(e.Operand), At(e.Operand));
            return Once(operand, At(e.Operand), value => BindSearchedCase(e, value), true);
        }
        finally
        {
            _scope.Conditional = conditional;
        }
    }

    BoundExpression BindSearchedCase(CaseExpression e, BoundExpression? operand)
    {
        var conditions = new List<BoundExpression>(e.Whens.Length);
        var results = new List<BoundExpression>(e.Whens.Length + 1);
        foreach (var when in e.Whens)
        {
            conditions.Add(operand is null
                ? BindBoolean(when.Condition, "CASE/WHEN")
                : ToBoolean(BindOperator("=", operand, BindExpression(when.Condition), when.Condition), "CASE/WHEN", At(when.Condition)));
            results.Add(BindExpression(when.Result));
        }

        // The default comes first when the type is chosen.
        results.Insert(0, e.Else is null ? BoundConstant.Null(SqlTypes.Unknown) : BindExpression(e.Else));
        var unified = Unify(results, "CASE", At(e), i => i == 0 ? At(e.Else) : At(e.Whens[i - 1].Result), out var type, out var modifier);
        if (conditions.TrueForAll(c => c is BoundConstant))
        {
            var index = conditions.FindIndex(c => ((BoundConstant)c).Value.IsTrue);
            return index < 0 ? unified[0] : unified[index + 1];
        }

        return new BoundCase([.. conditions.Select((c, i) => (c, unified[i + 1]))], unified[0], type, modifier);
    }

    /// <summary>Coerces alternatives to their common type; the modifier survives when all have the same.</summary>
    ImmutableArray<BoundExpression> Unify(List<BoundExpression> values, string construct, int position, Func<int, int> positionOf, out SqlType type, out int modifier)
    {
        for (var i = 0; i < values.Count; i++)
            values[i] = Refresh(values[i]);
        var types = values.Select(v => v.Type).ToList();
        if (_resolver.TrySelectCommonType(types) is not { } common)
        {
            try
            {
                _resolver.SelectCommonType(types, construct);
            }
            catch (SqlException e) when (e.Position == 0)
            {
                // The first that does not go with those before it.
                var at = Enumerable.Range(1, types.Count - 1).FirstOrDefault(i => _resolver.TrySelectCommonType(types[..(i + 1)]) is null);
                throw e.At(at > 0 && positionOf(at) is > 0 and var own ? own : position);
            }

            throw new InvariantException("types that cannot be matched are refused");
        }

        type = common;
        var unified = ImmutableArray.CreateBuilder<BoundExpression>(values.Count);
        for (var i = 0; i < values.Count; i++)
            unified.Add(CoerceTo(values[i], common, positionOf(i), construct));
        modifier = unified[0].TypeModifier;
        foreach (var value in unified)
        {
            if (value.TypeModifier != modifier)
                modifier = -1;
        }

        return unified.MoveToImmutable();
    }

    BoundExpression BindCoalesce(CoalesceExpression e)
    {
        var conditional = _scope.Conditional;
        _scope.Conditional = "COALESCE";
        var arguments = e.Arguments.Select(BindExpression).ToList();
        _scope.Conditional = conditional;
        var unified = Unify(arguments, "COALESCE", At(e), i => At(e.Arguments[i]), out var type, out _);
        var kept = unified.Where(a => a is not BoundConstant { Value.IsNull: true }).ToImmutableArray();
        return kept.Length switch
        {
            0 => BoundConstant.Null(type),
            1 => kept[0],
            _ when kept[0] is BoundConstant => kept[0],
            _ => new BoundCoalesce(kept, type),
        };
    }

    BoundExpression BindNullIf(NullIfExpression e)
    {
        var left = Refresh(BindExpression(e.Left));
        var right = Refresh(BindExpression(e.Right));
        OperatorResolution resolution;
        try
        {
            resolution = _resolver.ResolveOperator("=", left.Type, right.Type);
        }
        catch (SqlException error) when (error.Position == 0)
        {
            throw error.At(At(e));
        }

        var l = CoerceArgument(left, resolution.Call.ArgumentTypes[0], At(e.Left));
        var r = CoerceArgument(right, resolution.Call.ArgumentTypes[1], At(e.Right));
        return new BoundNullIf(l, r, resolution.Operator, l.Type);
    }

    BoundExpression BindGreatestLeast(GreatestLeastExpression e)
    {
        var arguments = e.Arguments.Select(BindExpression).ToList();
        var unified = Unify(arguments, e.Greatest ? "GREATEST" : "LEAST", At(e), i => At(e.Arguments[i]), out var type, out _);
        if (!type.IsOrdered)
            throw BindErrors.Error(SqlState.UndefinedFunction, $"could not identify a comparison function for type {type.DisplayName}", At(e));
        return new BoundGreatestLeast(e.Greatest, unified, type);
    }

    BoundExpression BindCollate(CollateExpression e)
    {
        var operand = BindExpression(e.Operand);
        if (operand.Type.Oid != PgOid.Unknown && operand.Type.Category != TypeCategory.String && operand.Type.ElementType?.Category != TypeCategory.String)
            throw BindErrors.Mismatch($"collations are not supported by type {operand.Type.DisplayName}", At(e));
        CheckCollation(e.Collation, e);
        return operand.Type.Oid == PgOid.Unknown ? ToTyped(operand, At(e.Operand)) : operand;
    }

    /// <summary>Text is ordered by code point whatever the collation; names that PostgreSQL knows are accepted.</summary>
    internal static bool IsKnownCollation(string name) =>
        name is "C" or "POSIX" or "default" or "ucs_basic" or "unicode" ||
        (name.Length >= 2 && char.IsAsciiLetterLower(name[0]) && char.IsAsciiLetterLower(name[1]) && (name.Length == 2 || name[2] is '_' or '-'));

    void CheckCollation(ImmutableArray<string> collation, SyntaxNode at)
    {
        if (!IsKnownCollation(collation[^1]))
            throw BindErrors.Error(SqlState.UndefinedObject, $"collation \"{string.Join('.', collation)}\" for encoding \"UTF8\" does not exist", At(at));
    }

    BoundExpression BindStarAsValue(StarExpression e)
    {
        if (e.Qualifier.IsEmpty)
            throw BindErrors.Syntax("row expansion via \"*\" is not supported here", At(e));
        var item = FindItem(e.Qualifier.Length > 1 ? e.Qualifier[^2] : null, e.Qualifier[^1], e, out var scope) ??
                   throw MissingItem(e.Qualifier.Length > 1 ? e.Qualifier[^2] : null, e.Qualifier[^1], e);
        return WholeRow(item, scope!, e);
    }
}
