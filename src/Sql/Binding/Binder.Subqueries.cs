using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Subqueries in expressions, and comparisons with ANY and ALL.</summary>
public sealed partial class Binder
{
    /// <summary>A query inside an expression. 0A000 in expressions of a table's definition, which its rows alone decide; policies may read other tables.</summary>
    BoundSelection BindSubquery(QueryExpression query)
    {
        if (_scope.Clause is ClauseKind.CheckConstraint or ClauseKind.ColumnDefault or ClauseKind.IndexExpression or ClauseKind.IndexPredicate or ClauseKind.Generated or
            ClauseKind.AlterUsing or ClauseKind.CopyWhere)
            throw BindErrors.NotSupported($"cannot use subquery in {ClauseName(_scope.Clause, singular: true)}", At(query));
        var conditional = _scope.Conditional;
        _scope.Conditional = null;
        try
        {
            return BindQuery(query, _scope, true);
        }
        finally
        {
            _scope.Conditional = conditional;
        }
    }

    BoundExpression BindScalarSubquery(ScalarSubqueryExpression e)
    {
        var query = BindSubquery(e.Query);
        if (query.Node.Output.Length != 1)
            throw BindErrors.Syntax("subquery must return only one column", At(e));
        var column = query.Node.Output[0];
        return new BoundSubquery(SubqueryKind.Scalar, query.Node, null, column.Type, column.TypeModifier);
    }

    BoundExpression BindArraySubquery(ArraySubqueryExpression e)
    {
        var query = BindSubquery(e.Query);
        if (query.Node.Output.Length != 1)
            throw BindErrors.Syntax("subquery must return only one column", At(e));
        var column = query.Node.Output[0];
        return new BoundSubquery(SubqueryKind.Array, query.Node, null, column.Type.IsArray ? column.Type : ArrayOf(column.Type, At(e)));
    }

    BoundExpression BindInSubquery(InSubqueryExpression e)
    {
        var any = BindQuantifiedSubquery(e.Operand, "=", e.Query, false, e);
        return e.Negated ? MakeNot(any) : any;
    }

    BoundExpression BindQuantified(QuantifiedExpression e) => e.Query is { } query
        ? BindQuantifiedSubquery(e.Left, e.Operator, query, e.All, e)
        : BindQuantifiedArray(e);

    BoundExpression BindQuantifiedSubquery(SyntaxExpression operand, string symbol, QueryExpression query, bool all, SyntaxNode at)
    {
        ImmutableArray<BoundExpression> left = operand is RowExpression row ? BindElements(row) : [BindExpression(operand)];
        var selection = BindSubquery(query);
        var output = selection.Node.Output;
        if (left.Length == 1 && left[0] is BoundWholeRow or BoundRow && output.Length > 1)
            left = left[0] is BoundRow r ? r.Elements : [.. ((BoundWholeRow)left[0]).Columns.Select(c => new BoundColumnReference(c))];
        CheckWidth(output.Length, left.Length, at);
        ImmutableArray<BoundExpression> right = [.. output.Select(c => new BoundColumnReference(c))];
        BoundExpression comparison;
        if (left.Length == 1)
        {
            comparison = ToBoolean(BindOperator(symbol, left[0], right[0], at), "operator ANY/ALL", At(at));
        }
        else
        {
            if (RowComparisonKind(symbol) is not { } kind)
                throw BindErrors.NotSupported($"could not determine interpretation of row comparison operator {symbol}", At(at));
            comparison = CompareRows(kind, left, right, at);
        }

        return new BoundSubquery(all ? SubqueryKind.All : SubqueryKind.Any, selection.Node, comparison, SqlTypes.Bool);
    }

    /// <summary>make_scalar_array_op: the operator is chosen for the element type; an untyped array takes it from the left side.</summary>
    BoundExpression BindQuantifiedArray(QuantifiedExpression e)
    {
        var position = At(e);
        var left = Refresh(BindExpression(e.Left));
        var array = Refresh(BindExpression(e.Array!));
        SqlType element;
        if (array.Type.Oid == PgOid.Unknown)
            element = SqlTypes.Unknown;
        else
            element = array.Type.ElementType ?? throw BindErrors.WrongObject("op ANY/ALL (array) requires array on right side", position);
        OperatorResolution resolution;
        try
        {
            resolution = _resolver.ResolveOperator(e.Operator, left.Type, element);
        }
        catch (SqlException error) when (error.Position == 0)
        {
            throw error.At(position);
        }

        if (resolution.Call.ReturnType.Oid != PgOid.Bool)
            throw BindErrors.WrongObject("op ANY/ALL (array) requires operator to yield boolean", position);
        var (l, r) = (resolution.Call.ArgumentTypes[0], resolution.Call.ArgumentTypes[1]);
        var coercedArray = r.Equals(element) ? array : CoerceArgument(array, ArrayOf(r, position), position);
        return new BoundQuantifiedArray(CoerceArgument(left, l, position), coercedArray, resolution.Operator, e.All);
    }
}
