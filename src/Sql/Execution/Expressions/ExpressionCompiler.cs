using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Planning;

namespace Chitin.Sql.Execution;

/// <summary>Compiles bound expressions of one plan into evaluators.</summary>
internal sealed class ExpressionCompiler(SlotMap slots, Func<BoundNode, OperatorTemplate> compileSubplan)
{
    public Evaluator[] Compile(IEnumerable<BoundExpression> expressions) => [.. expressions.Select(Compile)];

    public Evaluator? CompileOptional(BoundExpression? expression) => expression is null ? null : Compile(expression);

    public Evaluator Compile(BoundExpression expression)
    {
        Preparation.Check();
        return CompileAny(expression);
    }

    private Evaluator CompileAny(BoundExpression expression) => expression switch
    {
        BoundConstant constant => new ConstantEvaluator(constant.Value),
        BoundParameter parameter => new ParameterEvaluator(parameter.Index),
        BoundColumnReference reference => new SlotEvaluator(slots[reference.Column]),
        BoundCall call => CompileCall(call),
        BoundCast cast => CompileCast(cast),
        BoundArrayCast cast => new ArrayCastEvaluator(Compile(cast.Operand), cast),
        BoundApplyModifier modifier => new ModifierEvaluator(Compile(modifier.Operand), modifier.Type, modifier.Modifier, modifier.IsExplicit),
        BoundAnd and => new AndEvaluator(Compile(and.Operands)),
        BoundOr or => new OrEvaluator(Compile(or.Operands)),
        BoundNot not => new NotEvaluator(Compile(not.Operand)),
        BoundIsNull isNull => new IsNullEvaluator(Compile(isNull.Operand), isNull.Negated, isNull.Operand.Type.IsRow),
        BoundIsTruth isTruth => new IsTruthEvaluator(Compile(isTruth.Operand), isTruth.Test, isTruth.Negated),
        BoundIsDistinct distinct => new IsDistinctEvaluator(Compile(distinct.Left), Compile(distinct.Right), distinct.Left.Type, distinct.Negated),
        BoundInList list => CompileInList(list),
        BoundQuantifiedArray quantified => new QuantifiedArrayEvaluator(Compile(quantified.Left), Compile(quantified.Array),
            Binary(quantified.Operator), quantified.Operator.Function.IsStrict, quantified.All),
        BoundCase @case => new CaseEvaluator([.. @case.Whens.Select(w => (Compile(w.Condition), Compile(w.Result)))], Compile(@case.Else)),
        BoundLet let => new LetEvaluator(slots[let.Variable], Compile(let.Value), Compile(let.Body)),
        BoundCoalesce coalesce => new CoalesceEvaluator(Compile(coalesce.Arguments)),
        BoundNullIf nullIf => new NullIfEvaluator(Compile(nullIf.Left), Compile(nullIf.Right), Binary(nullIf.Equality)),
        BoundGreatestLeast greatest => new GreatestLeastEvaluator(greatest.Greatest, Compile(greatest.Arguments), greatest.Type),
        BoundArray array => new ArrayEvaluator(Compile(array.Elements), array.Type, array.IsMultidimensional),
        BoundRow row => new RowEvaluator(Compile(row.Elements), [.. row.Elements.Select(e => e.Type)], row.Names),
        BoundWholeRow row => new RowEvaluator([.. row.Columns.Select(c => new SlotEvaluator(slots[c]))], [.. row.Columns.Select(c => c.Type)], row.Names, row.MayBeMissing),
        BoundRowComparison comparison => new RowComparisonEvaluator(Compile(comparison.Left), Compile(comparison.Right),
            [.. comparison.Equalities.Select(Binary)], [.. comparison.Comparisons.Select(Binary)], comparison.Kind),
        BoundSubscript subscript => new SubscriptEvaluator(Compile(subscript.Operand),
            [.. subscript.Subscripts.Select(s => (CompileOptional(s.Lower), CompileOptional(s.Upper)))], subscript.IsSlice, subscript.Operand.Type),
        BoundField field => new FieldEvaluator(Compile(field.Operand), field.Index),
        BoundSubquery subquery => CompileSubquery(subquery),
        BoundNextValue next => new NextValueEvaluator(next.Sequence),
        _ => throw new InvariantException($"no evaluator for {expression.GetType().Name}"),
    };

    public SortKeyEvaluators CompileSortKeys(IReadOnlyCollection<BoundSortKey> keys) => new(
        Compile(keys.Select(k => k.Expression)), [.. keys.Select(k => k.Expression.Type)], [.. keys.Select(k => k.Descending)], [.. keys.Select(k => k.NullsFirst)]);

    /// <summary>The body of a two-argument operator as a delegate.</summary>
    public static BinaryBody Binary(OperatorEntry op)
    {
        var function = op.Function;
        if (function.Binary is { } binary)
            return binary;
        var body = function.Body ?? function.BodyFactory!(new ResolvedCall(function, [op.Left!, op.Right], function.ReturnType));
        return (left, right, context) => body([left, right], context);
    }

    private Evaluator CompileCall(BoundCall call)
    {
        var function = call.Function;
        if (call.Operator is { Comparison: not ComparisonKind.None } op && IsInteger(op.Left!) && IsInteger(op.Right) && SameFamily(op.Left!, op.Right))
            return new IntegerComparisonEvaluator(op.Comparison, Compile(call.Arguments[0]), Compile(call.Arguments[1]));
        var arguments = Compile(call.Arguments);
        if (arguments.Length == 1 && function.Unary is { } unary)
            return new UnaryCallEvaluator(unary, arguments[0], function.IsStrict);
        if (arguments.Length == 2 && function.Binary is { } binary)
            return new BinaryCallEvaluator(binary, arguments[0], arguments[1], function.IsStrict);
        var body = function.BodyFactory is { } factory ? factory(call.Call)
            : function.Body ?? throw new InvariantException($"function {function.Name} has no body for {arguments.Length} arguments");
        return new CallEvaluator(body, arguments, function.IsStrict);
    }

    private Evaluator CompileCast(BoundCast cast)
    {
        var operand = Compile(cast.Operand);
        if (cast.ThroughText)
            return new TextCastEvaluator(operand, cast.Operand.Type, cast.Type);
        return cast.Cast?.Body is { } body ? new UnaryCallEvaluator(body, operand, strict: true) : operand;
    }

    private Evaluator CompileInList(BoundInList list)
    {
        var operand = Compile(list.Operand);
        var type = list.Operand.Type;
        if (list.Items.Length > 4 && list.Items.All(i => i is BoundConstant && i.Type.Equals(type)) && list.Equality.Comparison == ComparisonKind.Equal)
        {
            var values = list.Items.Select(i => ((BoundConstant)i).Value).ToList();
            return new InSetEvaluator(operand, new HashSet<Datum>(values.Where(v => !v.IsNull), new DatumComparer(type)), values.Any(v => v.IsNull), list.Negated);
        }

        return new InListEvaluator(operand, Compile(list.Items), Binary(list.Equality), list.Negated);
    }

    private Evaluator CompileSubquery(BoundSubquery subquery)
    {
        var isConstant = BoundWalker.OuterColumns(subquery.Query).Count == 0 && !BoundWalker.IsVolatile(subquery.Query);
        var template = compileSubplan(subquery.Query);
        var outputs = slots.Slots(subquery.Query.Output);
        var index = slots.NewSubplan();
        var memory = isConstant ? slots.NewMemory() : -1;
        switch (subquery.Kind)
        {
            case SubqueryKind.Exists:
                return new ExistsEvaluator(template, index, memory);
            case SubqueryKind.Scalar:
                return new ScalarSubqueryEvaluator(template, index, memory, outputs[0]);
            case SubqueryKind.Array:
                return new ArraySubqueryEvaluator(template, index, memory, outputs[0], subquery.Query.Output[0].Type);
            case SubqueryKind.Row:
                return new RowSubqueryEvaluator(template, index, memory, outputs, [.. subquery.Query.Output.Select(c => c.Type)]);
        }

        var all = subquery.Kind == SubqueryKind.All;
        if (isConstant && HashableMembership(subquery) is { } left)
            return new HashedMembershipEvaluator(template, index, memory, outputs[0], Compile(left), subquery.Query.Output[0].Type);
        return new QuantifiedSubqueryEvaluator(template, index, isConstant ? slots.NewMemory() : -1, outputs, [.. subquery.Query.Output.Select(c => c.Type)], Compile(subquery.Comparison!), all);
    }

    /// <summary>x = ANY (uncorrelated query) with one default equality of one type: the query becomes a hash set. Gives x.</summary>
    private static BoundExpression? HashableMembership(BoundSubquery subquery)
    {
        if (subquery is not { Kind: SubqueryKind.Any, Query.Output: [var output], Comparison: BoundCall { Operator.Comparison: ComparisonKind.Equal, Arguments: [var left, BoundColumnReference reference] } })
            return null;
        return reference.Column == output && left.Type.Equals(output.Type) && !BoundWalker.Columns(left).Contains(output) ? left : null;
    }

    private static bool IsInteger(SqlType type) => type.Oid is PgOid.Int2 or PgOid.Int4 or PgOid.Int8 or PgOid.Oid or PgOid.Bool or PgOid.Date or PgOid.Timestamp
        or PgOid.TimestampTz or PgOid.Time or PgOid.Char;

    private static bool SameFamily(SqlType left, SqlType right) =>
        left.Oid == right.Oid || (left.Oid is PgOid.Int2 or PgOid.Int4 or PgOid.Int8 && right.Oid is PgOid.Int2 or PgOid.Int4 or PgOid.Int8);
}
