using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Binding;

/// <summary>Makers that simplify while they build: three-valued logic over constants, calls of immutable functions on constants.</summary>
public sealed partial class Binder
{
    /// <summary>Functions whose result can be far bigger than their arguments: left to the executor, which accounts for memory.</summary>
    static readonly HashSet<string> s_unfolded = ["repeat", "lpad", "rpad", "array_fill", "string_to_array", "generate_series"];

    readonly EvaluationContext _folding = new();

    static BoundExpression MakeAnd(IReadOnlyList<BoundExpression> operands)
    {
        var kept = new List<BoundExpression>(operands.Count);
        foreach (var operand in operands)
        {
            switch (operand)
            {
                case BoundConstant { Value.IsFalse: true }:
                    return BoundConstant.False;
                case BoundConstant { Value.IsTrue: true }:
                    break;
                case BoundAnd nested:
                    kept.AddRange(nested.Operands);
                    break;
                default:
                    kept.Add(operand);
                    break;
            }
        }

        return kept.Count switch { 0 => BoundConstant.True, 1 => kept[0], _ => new BoundAnd([.. kept]) };
    }

    static BoundExpression MakeOr(IReadOnlyList<BoundExpression> operands)
    {
        var kept = new List<BoundExpression>(operands.Count);
        foreach (var operand in operands)
        {
            switch (operand)
            {
                case BoundConstant { Value.IsTrue: true }:
                    return BoundConstant.True;
                case BoundConstant { Value.IsFalse: true }:
                    break;
                case BoundOr nested:
                    kept.AddRange(nested.Operands);
                    break;
                default:
                    kept.Add(operand);
                    break;
            }
        }

        return kept.Count switch { 0 => BoundConstant.False, 1 => kept[0], _ => new BoundOr([.. kept]) };
    }

    static BoundExpression MakeNot(BoundExpression operand) => operand switch
    {
        BoundConstant { Value.IsNull: true } => operand,
        BoundConstant c => c.Value.AsBool() ? BoundConstant.False : BoundConstant.True,
        BoundNot not => not.Operand,
        BoundIsNull e when !e.Operand.Type.IsRow => new BoundIsNull(e.Operand, !e.Negated),
        BoundIsDistinct e => new BoundIsDistinct(e.Left, e.Right, !e.Negated),
        BoundIsTruth e => new BoundIsTruth(e.Operand, e.Test, !e.Negated),
        BoundInList e => new BoundInList(e.Operand, e.Items, e.Equality, !e.Negated),
        _ => new BoundNot(operand),
    };

    static BoundExpression MakeIsNull(BoundExpression operand, bool negated) =>
        operand is BoundConstant c && !operand.Type.IsRow ? (c.Value.IsNull != negated ? BoundConstant.True : BoundConstant.False) : new BoundIsNull(operand, negated);

    /// <summary>
    /// A call; computed now when nothing can change its result. An error stays for run time, where a CASE may keep the call from being made.
    /// </summary>
    BoundExpression MakeCall(ResolvedCall call, ImmutableArray<BoundExpression> arguments, OperatorEntry? operatorEntry = null)
    {
        var function = (ScalarFunction)call.Function;
        var bound = new BoundCall(call, arguments, call.ReturnType, operatorEntry);
        if (function.Volatility == Volatility.Volatile)
            return bound;
        var values = new Datum[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is not BoundConstant constant)
                return bound;
            if (constant.Value.IsNull && function.IsStrict)
                return BoundConstant.Null(call.ReturnType);
            values[i] = constant.Value;
        }

        if (function.Volatility != Volatility.Immutable || s_unfolded.Contains(function.Name) || call.ReturnType.Category == TypeCategory.Pseudo)
            return bound;
        try
        {
            return new BoundConstant(Invoke(function, call, values), call.ReturnType);
        }
        catch (SqlException)
        {
            // Raised again when (and if) the call is evaluated.
            return bound;
        }
    }

    Datum Invoke(ScalarFunction function, ResolvedCall call, Datum[] values)
    {
        _folding.Format = _context.Format;
        if (values.Length == 1 && function.Unary is { } unary)
            return unary(values[0], _folding);
        if (values.Length == 2 && function.Binary is { } binary)
            return binary(values[0], values[1], _folding);
        return (function.Body ?? function.BodyFactory!(call))(values, _folding);
    }
}
