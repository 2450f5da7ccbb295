using System.Collections.Immutable;

namespace Chitin.Sql.Syntax;

/// <summary>A constant that became parameter <see cref="Number"/> (from 1). Position is that of its first character or of its sign.</summary>
public readonly record struct LiftedConstant(int Number, int Position, LiteralKind Kind, string Text)
{
    public bool IsNegative => Kind != LiteralKind.String && Text.StartsWith('-');
}

/// <summary>
/// Turns constants of a statement into parameters where that changes neither its meaning nor the choice of a plan: compared for equality with a column (=, IN), inserted by VALUES,
/// assigned by SET, and numbers in arithmetic there. All others stay: ordinals, limits, ranges, typed literals, arguments.
/// </summary>
public sealed class ConstantLifter
{
    private readonly ImmutableArray<LiftedConstant>.Builder _lifted = ImmutableArray.CreateBuilder<LiftedConstant>();

    private ConstantLifter()
    {
    }

    /// <summary>The statement with parameters and what they were; null when nothing can be lifted.</summary>
    public static (Statement Statement, ImmutableArray<LiftedConstant> Constants)? Lift(Statement statement)
    {
        var lifter = new ConstantLifter();
        var changed = lifter.LiftStatement(statement);
        return lifter._lifted.Count == 0 ? null : (changed, lifter._lifted.ToImmutable());
    }

    private Statement LiftStatement(Statement statement)
    {
        switch (statement)
        {
            case QueryStatement { Query: { With: null, AsOf: null, Body: SelectBody { Into: null, Where: not null } body } query } select:
                return select with { Query = query with { Body = body with { Where = LiftCondition(body.Where) } } };
            case UpdateStatement { With: null } update:
                return update with
                {
                    Assignments = [.. update.Assignments.Select(a => a.IsMultiple ? a : a with { Value = LiftValue(a.Value) })],
                    Where = update.Where is null ? null : LiftCondition(update.Where),
                };
            case DeleteStatement { With: null, Where: not null } delete:
                return delete with { Where = LiftCondition(delete.Where) };
            case InsertStatement { With: null, Source: { With: null, OrderBy.IsEmpty: true, Limit: null, Offset: null, Body: ValuesBody values } source } insert:
                return insert with { Source = source with { Body = values with { Rows = [.. values.Rows.Select(r => r.Select(LiftValue).ToImmutableArray())] } } };
            default:
                return statement;
        }
    }

    private SyntaxExpression LiftCondition(SyntaxExpression condition)
    {
        switch (condition)
        {
            case AndExpression and:
                return and with { Operands = [.. and.Operands.Select(LiftCondition)] };
            case OrExpression or:
                return or with { Operands = [.. or.Operands.Select(LiftCondition)] };
            case NotExpression not:
                return not with { Operand = LiftCondition(not.Operand) };
            case BinaryExpression { Operator: "=", OperatorSchema: null, Left: ColumnReference, Right: LiteralExpression right } equal:
                return equal with { Right = LiftLiteral(right) };
            case BinaryExpression { Operator: "=", OperatorSchema: null, Left: LiteralExpression left, Right: ColumnReference } equal:
                return equal with { Left = LiftLiteral(left) };
            case InListExpression { Operand: ColumnReference } list when list.Items.All(i => i is LiteralExpression):
                return list with { Items = [.. list.Items.Select(i => LiftLiteral((LiteralExpression)i))] };
            default:
                return condition;
        }
    }

    private SyntaxExpression LiftValue(SyntaxExpression value) => value is LiteralExpression literal ? LiftLiteral(literal) : LiftArithmetic(value);

    private SyntaxExpression LiftArithmetic(SyntaxExpression value) => value switch
    {
        BinaryExpression { Operator: "+" or "-" or "*" or "/", OperatorSchema: null } binary => binary with { Left = LiftArithmetic(binary.Left), Right = LiftArithmetic(binary.Right) },
        LiteralExpression { Kind: LiteralKind.Integer or LiteralKind.Decimal } number => LiftLiteral(number),
        _ => value,
    };

    private SyntaxExpression LiftLiteral(LiteralExpression literal)
    {
        if (literal.Position < 0 || literal.Kind is not (LiteralKind.Integer or LiteralKind.Decimal or LiteralKind.String))
            return literal;
        var number = _lifted.Count + 1;
        _lifted.Add(new LiftedConstant(number, literal.Position, literal.Kind, literal.Text));
        return new ParameterExpression(number) { Position = literal.Position };
    }
}
