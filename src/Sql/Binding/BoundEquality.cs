using Chitin.Core;

namespace Chitin.Sql.Binding;

/// <summary>
/// Whether two bound expressions compute the same value by the same steps: GROUP BY, DISTINCT and ORDER BY match expressions by it. Volatile calls are equal when written alike, as in
/// PostgreSQL. Subqueries are equal only when they are one object.
/// </summary>
internal sealed class BoundEquality : IEqualityComparer<BoundExpression>
{
    public static BoundEquality Instance { get; } = new();

    public bool Equals(BoundExpression? left, BoundExpression? right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left is null || right is null || left.GetType() != right.GetType() || !left.Type.Equals(right.Type) || left.TypeModifier != right.TypeModifier)
            return false;
        return (left, right) switch
        {
            (BoundConstant l, BoundConstant r) => SameValue(l, r),
            (BoundParameter l, BoundParameter r) => l.Index == r.Index,
            (BoundColumnReference l, BoundColumnReference r) => ReferenceEquals(l.Column, r.Column),
            (BoundCall l, BoundCall r) => ReferenceEquals(l.Call.Function, r.Call.Function) && l.Call.VariadicArray == r.Call.VariadicArray && All(l.Arguments, r.Arguments),
            (BoundCast l, BoundCast r) => ReferenceEquals(l.Cast, r.Cast) && l.ThroughText == r.ThroughText && Equals(l.Operand, r.Operand),
            (BoundArrayCast l, BoundArrayCast r) => ReferenceEquals(l.ElementCast, r.ElementCast) && l.ThroughText == r.ThroughText && Equals(l.Operand, r.Operand),
            (BoundApplyModifier l, BoundApplyModifier r) => l.IsExplicit == r.IsExplicit && Equals(l.Operand, r.Operand),
            (BoundAnd l, BoundAnd r) => All(l.Operands, r.Operands),
            (BoundOr l, BoundOr r) => All(l.Operands, r.Operands),
            (BoundNot l, BoundNot r) => Equals(l.Operand, r.Operand),
            (BoundIsNull l, BoundIsNull r) => l.Negated == r.Negated && Equals(l.Operand, r.Operand),
            (BoundIsTruth l, BoundIsTruth r) => l.Negated == r.Negated && l.Test == r.Test && Equals(l.Operand, r.Operand),
            (BoundIsDistinct l, BoundIsDistinct r) => l.Negated == r.Negated && Equals(l.Left, r.Left) && Equals(l.Right, r.Right),
            (BoundInList l, BoundInList r) => l.Negated == r.Negated && ReferenceEquals(l.Equality, r.Equality) && Equals(l.Operand, r.Operand) && All(l.Items, r.Items),
            (BoundQuantifiedArray l, BoundQuantifiedArray r) => l.All == r.All && ReferenceEquals(l.Operator, r.Operator) && Equals(l.Left, r.Left) && Equals(l.Array, r.Array),
            (BoundCase l, BoundCase r) => l.Whens.Length == r.Whens.Length && Equals(l.Else, r.Else) &&
                                          l.Whens.Zip(r.Whens).All(p => Equals(p.First.Condition, p.Second.Condition) && Equals(p.First.Result, p.Second.Result)),
            (BoundCoalesce l, BoundCoalesce r) => All(l.Arguments, r.Arguments),
            (BoundNullIf l, BoundNullIf r) => ReferenceEquals(l.Equality, r.Equality) && Equals(l.Left, r.Left) && Equals(l.Right, r.Right),
            (BoundGreatestLeast l, BoundGreatestLeast r) => l.Greatest == r.Greatest && All(l.Arguments, r.Arguments),
            (BoundArray l, BoundArray r) => All(l.Elements, r.Elements),
            (BoundRow l, BoundRow r) => All(l.Elements, r.Elements),
            (BoundRowComparison l, BoundRowComparison r) => l.Kind == r.Kind && All(l.Left, r.Left) && All(l.Right, r.Right),
            (BoundSubscript l, BoundSubscript r) => l.IsSlice == r.IsSlice && Equals(l.Operand, r.Operand) && l.Subscripts.Length == r.Subscripts.Length &&
                                                    l.Subscripts.Zip(r.Subscripts).All(p => Equals(p.First.Lower, p.Second.Lower) && Equals(p.First.Upper, p.Second.Upper)),
            (BoundField l, BoundField r) => l.Index == r.Index && Equals(l.Operand, r.Operand),
            (BoundWholeRow l, BoundWholeRow r) => l.Columns.SequenceEqual(r.Columns),
            _ => false,
        };
    }

    public int GetHashCode(BoundExpression expression) => expression switch
    {
        BoundColumnReference e => e.Column.Id,
        BoundParameter e => ~e.Index,
        BoundCall e => HashCode.Combine(e.Call.Function.Oid, e.Arguments.Length == 0 ? 0 : GetHashCode(e.Arguments[0])),
        BoundCast e => HashCode.Combine(1, e.Type.Oid, GetHashCode(e.Operand)),
        _ => HashCode.Combine(expression.GetType(), expression.Type.Oid),
    };

    bool All(ImmutableArray<BoundExpression> left, ImmutableArray<BoundExpression> right)
    {
        if (left.Length != right.Length)
            return false;
        for (var i = 0; i < left.Length; i++)
        {
            if (!Equals(left[i], right[i]))
                return false;
        }

        return true;
    }

    static bool SameValue(BoundConstant left, BoundConstant right)
    {
        if (left.Value.IsNull || right.Value.IsNull)
            return left.Value.IsNull && right.Value.IsNull;
        if (left.Type.Oid == PgOid.Unknown)
            return left.Value.AsString() == right.Value.AsString();
        return left.Type.IsOrdered
            ? left.Type.AreEqual(left.Value, right.Value)
            : left.Type.Format(left.Value, Core.Types.FormatSettings.Default) == right.Type.Format(right.Value, Core.Types.FormatSettings.Default);
    }
}
