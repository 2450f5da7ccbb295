using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>UNION, INTERSECT, EXCEPT (transformSetOperationStmt).</summary>
public sealed partial class Binder
{
    BoundSelection BindSetOperation(SetOperationBody body, QueryExpression query)
    {
        RefuseLocking(query, true, "UNION/INTERSECT/EXCEPT");
        var selection = BindSetOperands(body);
        var targets = new TargetList([.. selection.Node.Output.Select((c, i) => new Target(selection.Names[i], new BoundColumnReference(c), 0, null))]);
        var order = new List<TargetOrder>();
        foreach (var item in query.OrderBy)
        {
            var index = FindTargetByName(item.Expression, targets, ClauseKind.OrderBy) ?? throw InvalidSetOrder(item, selection);
            var key = MakeSortKey(targets.Items[index].Expression, item);
            if (!order.Exists(o => o.Index == index))
                order.Add(new TargetOrder(index, key.Descending, key.NullsFirst));
        }

        return Assemble(selection.Node, targets, order, query, false, []);
    }

    SqlException InvalidSetOrder(OrderItem item, BoundSelection selection)
    {
        if (item.Expression is ColumnReference { Parts: [var name] } && !selection.Names.Contains(name))
            return BindErrors.UndefinedColumn(name, At(item.Expression));
        return BindErrors.Error(SqlState.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause", At(item.Expression),
            "Only result column names can be used, not expressions or functions.", "Add the expression/function to every SELECT, or move the UNION into a FROM clause.");
    }

    BoundSelection BindSetOperands(SetOperationBody body)
    {
        var left = BindOperand(body.Left);
        var right = BindOperand(body.Right);
        return Combine(body, left, right);
    }

    BoundSelection BindOperand(QueryExpression query) => BindQuery(query, _scope, false);

    /// <summary>Where the select list has its item of a number; the query itself where it has none.</summary>
    int ItemPosition(QueryExpression query, int index) =>
        Unnest(query).Body is SelectBody body && index < body.Items.Length && !body.Items.Take(index + 1).Any(i => i.Expression is StarExpression) ? At(body.Items[index].Expression) : At(query);

    BoundSelection Combine(SetOperationBody body, BoundSelection left, BoundSelection right)
    {
        var name = body.Operator.ToString().ToUpperInvariant();
        if (left.Node.Output.Length != right.Node.Output.Length)
            throw BindErrors.Syntax($"each {name} query must have the same number of columns", ItemPosition(body.Right, 0));
        var types = ImmutableArray.CreateBuilder<SqlType>(left.Node.Output.Length);
        for (var i = 0; i < left.Node.Output.Length; i++)
        {
            SqlType type;
            try
            {
                type = _resolver.SelectCommonType([left.Node.Output[i].Type, right.Node.Output[i].Type], name);
            }
            catch (SqlException e) when (e.Position == 0)
            {
                throw e.At(ItemPosition(body.Right, i));
            }

            if (!body.All)
                RequireEquality(type, At(body.Right));
            types.Add(type);
        }

        var t = types.MoveToImmutable();
        var l = CoerceOutput(left.Node, t, name, At(body.Left));
        var r = CoerceOutput(right.Node, t, name, ItemPosition(body.Right, 0));
        ImmutableArray<BoundColumn> columns =
        [
            .. l.Output.Select((c, i) => new BoundColumn(left.Names[i], t[i], c.TypeModifier == r.Output[i].TypeModifier ? c.TypeModifier : -1)),
        ];
        return new BoundSelection(new BoundSetOperation(body.Operator, body.All, l, r, columns), left.Names);
    }

    /// <summary>Converts a query's columns; untyped literals in its select list are read as the wanted type.</summary>
    BoundNode CoerceOutput(BoundNode node, ImmutableArray<SqlType> types, string construct, int position)
    {
        var output = node.Output;
        if (output.Select(c => c.Type).SequenceEqual(types))
            return node;
        if (node is BoundProject project && output.Any(c => c.Type.Oid == PgOid.Unknown))
        {
            var items = project.Items.Select((item, i) =>
            {
                if (item.Column.Type.Oid != PgOid.Unknown)
                    return item;
                var value = CoerceTo(item.Expression, types[i], PositionOf(item.Expression, position), construct);
                return (new BoundColumn(item.Column.Name, types[i]), value);
            });
            node = new BoundProject(project.Input, [.. items]);
            output = node.Output;
            if (output.Select(c => c.Type).SequenceEqual(types))
                return node;
        }

        var coerced = ImmutableArray.CreateBuilder<(BoundColumn, BoundExpression)>(types.Length);
        for (var i = 0; i < types.Length; i++)
        {
            var reference = new BoundColumnReference(output[i]);
            if (output[i].Type.Equals(types[i]))
                coerced.Add((output[i], reference));
            else
                coerced.Add((new BoundColumn(output[i].Name, types[i]), CoerceTo(reference, types[i], position, construct)));
        }

        return new BoundProject(node, coerced.MoveToImmutable());
    }
}
