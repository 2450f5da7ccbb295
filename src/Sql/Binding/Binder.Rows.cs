using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Rows, arrays, subscripts, fields.</summary>
public sealed partial class Binder
{
    /// <summary>Fields of record-typed columns whose shape is known: a subquery column that was a whole row or ROW(…).</summary>
    readonly Dictionary<BoundColumn, ImmutableArray<(string Name, SqlType Type)>> _shapes = [];

    static ComparisonKind? RowComparisonKind(string symbol) => symbol switch
    {
        "=" => ComparisonKind.Equal,
        "<>" => ComparisonKind.NotEqual,
        "<" => ComparisonKind.Less,
        "<=" => ComparisonKind.LessOrEqual,
        ">" => ComparisonKind.Greater,
        ">=" => ComparisonKind.GreaterOrEqual,
        _ => null,
    };

    static string Symbol(ComparisonKind kind) => kind switch
    {
        ComparisonKind.Equal => "=",
        ComparisonKind.NotEqual => "<>",
        ComparisonKind.Less => "<",
        ComparisonKind.LessOrEqual => "<=",
        ComparisonKind.Greater => ">",
        _ => ">=",
    };

    /// <summary>The elements of a row constructor; t.* inside it is expanded.</summary>
    ImmutableArray<BoundExpression> BindElements(RowExpression row)
    {
        var elements = ImmutableArray.CreateBuilder<BoundExpression>(row.Elements.Length);
        foreach (var element in row.Elements)
        {
            if (element is StarExpression star)
                elements.AddRange(ExpandStar(star).Select(c => c.Value));
            else
                elements.Add(BindExpression(element));
        }

        return elements.ToImmutable();
    }

    BoundExpression BindRow(RowExpression e)
    {
        var elements = BindElements(e);
        // Where nothing gives it another type, an untyped literal is text; a parameter is then that for good.
        return new BoundRow([.. elements.Select(x => ToTyped(x, At(e)))]) { Written = elements };
    }

    void RequireEqualLength(int left, int right, SyntaxNode at)
    {
        if (left != right)
            throw BindErrors.Syntax("unequal number of entries in row expressions", At(at));
    }

    BoundExpression CompareRows(ComparisonKind kind, ImmutableArray<BoundExpression> left, ImmutableArray<BoundExpression> right, SyntaxNode at)
    {
        RequireEqualLength(left.Length, right.Length, at);
        if (left.Length == 0)
            throw BindErrors.NotSupported("cannot compare rows of zero length", At(at));
        if (left.Length == 1)
            return BindOperator(Symbol(kind), left[0], right[0], at);
        if (kind is ComparisonKind.Equal or ComparisonKind.NotEqual)
        {
            var parts = left.Zip(right).Select(p => ToBoolean(BindOperator(Symbol(kind), p.First, p.Second, at), "row comparison", At(at))).ToList();
            return kind == ComparisonKind.Equal ? MakeAnd(parts) : MakeOr(parts);
        }

        var l = ImmutableArray.CreateBuilder<BoundExpression>(left.Length);
        var r = ImmutableArray.CreateBuilder<BoundExpression>(left.Length);
        var equalities = ImmutableArray.CreateBuilder<OperatorEntry>(left.Length);
        var comparisons = ImmutableArray.CreateBuilder<OperatorEntry>(left.Length);
        for (var i = 0; i < left.Length; i++)
        {
            // Both operators of a pair must take the operands as one coercion leaves them.
            var (a, b, comparison) = BindComparable(Symbol(kind), Refresh(left[i]), Refresh(right[i]), at);
            var equality = _resolver.ResolveOperator("=", a.Type, b.Type);
            l.Add(a);
            r.Add(b);
            comparisons.Add(comparison);
            equalities.Add(equality.Operator);
        }

        return new BoundRowComparison(l.MoveToImmutable(), r.MoveToImmutable(), equalities.MoveToImmutable(), comparisons.MoveToImmutable(), kind);
    }

    /// <summary>(a, b) op (SELECT x, y …): the row is fetched once.</summary>
    BoundExpression CompareRowWithSubquery(ComparisonKind kind, RowExpression row, ScalarSubqueryExpression subquery, SyntaxNode at)
    {
        var left = BindElements(row);
        var query = BindSubquery(subquery.Query);
        CheckWidth(query.Node.Output.Length, left.Length, subquery);
        var variable = new BoundColumn("row", SqlTypes.Record);
        ImmutableArray<BoundExpression> right = [.. query.Node.Output.Select((c, i) => new BoundField(new BoundColumnReference(variable), i, c.Type))];
        return new BoundLet(variable, new BoundSubquery(SubqueryKind.Row, query.Node, null, SqlTypes.Record), CompareRows(kind, left, right, at));
    }

    void CheckWidth(int columns, int wanted, SyntaxNode at)
    {
        if (columns > wanted)
            throw BindErrors.Syntax("subquery has too many columns", At(at));
        if (columns < wanted)
            throw BindErrors.Syntax("subquery has too few columns", At(at));
    }

    BoundExpression BindArray(ArrayExpression e, SqlType? element, CastContext context)
    {
        var values = new List<BoundExpression>(e.Elements.Length);
        var nested = e.Elements.Any(x => x is ArrayExpression);
        foreach (var item in e.Elements)
            values.Add(item is ArrayExpression inner ? BindArray(inner, element, context) : BindExpression(item));
        if (values.Count == 0)
        {
            if (element is null)
            {
                throw BindErrors.Error(SqlState.IndeterminateDatatype, "cannot determine type of empty array", At(e),
                    hint: "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
            }

            return new BoundArray([], ArrayOf(element, At(e)));
        }

        if (element is null || nested)
        {
            var unified = Unify(values, "ARRAY", At(e), i => At(e.Elements[i]), out var type, out _);
            return type.ElementType is not null && (nested || type.IsArray && type is not VectorType)
                ? new BoundArray(unified, type, IsMultidimensional: true)
                : FoldArray(new BoundArray(unified, ArrayOf(type, At(e))));
        }

        var coerced = ImmutableArray.CreateBuilder<BoundExpression>(values.Count);
        for (var i = 0; i < values.Count; i++)
            coerced.Add(TryCoerce(values[i], element, context, At(e.Elements[i])) ?? throw BindErrors.CannotCast(values[i].Type, element, At(e.Elements[i])));
        return FoldArray(new BoundArray(coerced.MoveToImmutable(), ArrayOf(element, At(e))));
    }

    /// <summary>A one-dimensional array of constants is a constant.</summary>
    static BoundExpression FoldArray(BoundArray array)
    {
        if (array.IsMultidimensional || array.Elements.Length == 0 || !array.Elements.All(e => e is BoundConstant))
            return array;
        var elements = array.Elements.Select(e => ((BoundConstant)e).Value).ToArray();
        return new BoundConstant(Datum.FromObject(SqlArray.Of(array.Type.ElementType!, elements)), array.Type);
    }

    /// <summary>name[n] is its byte n, from 0 (pg_dump asks for the first).</summary>
    static CastExpression NameByte(SyntaxExpression name, SyntaxExpression index)
    {
        var text = new CastExpression(name, new TypeName(["pg_catalog", "text"], []));
        var position = new BinaryExpression("+", index, new LiteralExpression(LiteralKind.Integer, "1"));
        var call = new FunctionCall(["pg_catalog", "substr"], [new FunctionArgument(text), new FunctionArgument(position), new FunctionArgument(new LiteralExpression(LiteralKind.Integer, "1"))]);
        return new CastExpression(call, new TypeName(["pg_catalog", "char"], []));
    }

    BoundExpression BindSubscript(SubscriptExpression e)
    {
        var operand = ToTyped(BindExpression(e.Operand), At(e.Operand));
        if (operand.Type.Oid == PgOid.Jsonb)
            return BindJsonSubscript(e, operand);
        if (operand.Type.Oid == PgOid.Name && e.Subscripts is [{ IsSlice: false } single])
            return BindExpression(NameByte(e.Operand, single.Lower ?? single.Upper!));
        if (operand.Type.ElementType is not { } element)
            throw BindErrors.Mismatch($"cannot subscript type {operand.Type.DisplayName} because it does not support subscripting", At(e));
        if (e.Subscripts.Length > 6)
            throw BindErrors.Error(SqlState.ProgramLimitExceeded, $"number of array dimensions ({e.Subscripts.Length}) exceeds the maximum allowed (6)", At(e));
        var isSlice = e.Subscripts.Any(s => s.IsSlice);
        var subscripts = ImmutableArray.CreateBuilder<(BoundExpression?, BoundExpression?)>(e.Subscripts.Length);
        foreach (var subscript in e.Subscripts)
        {
            // In a slice, a lone index n stands for 1:n.
            if (isSlice && !subscript.IsSlice)
                subscripts.Add((new BoundConstant(Datum.FromInt64(1), SqlTypes.Int4), BindIndex(subscript.Lower ?? subscript.Upper!)));
            else
                subscripts.Add((BindIndexOrNull(subscript.Lower ?? (subscript.IsSlice ? null : subscript.Upper)), subscript.IsSlice ? BindIndexOrNull(subscript.Upper) : null));
        }

        return new BoundSubscript(operand, subscripts.MoveToImmutable(), isSlice, isSlice ? ArrayOf(element, At(e)) : element);
    }

    BoundExpression? BindIndexOrNull(SyntaxExpression? index) => index is null ? null : BindIndex(index);

    BoundExpression BindIndex(SyntaxExpression index)
    {
        var bound = BindExpression(index);
        return TryCoerce(bound, SqlTypes.Int4, CastContext.Assignment, At(index)) ?? throw BindErrors.Mismatch("array subscript must have type integer", At(index));
    }

    BoundExpression BindJsonSubscript(SubscriptExpression e, BoundExpression operand)
    {
        foreach (var subscript in e.Subscripts)
        {
            if (subscript.IsSlice)
                throw BindErrors.Mismatch("jsonb subscript does not support slices", At(e));
            var key = BindExpression((subscript.Lower ?? subscript.Upper)!);
            if (key.Type.Oid != PgOid.Unknown && key.Type.Category != TypeCategory.String && key.Type.Oid is not (PgOid.Int2 or PgOid.Int4))
                throw BindErrors.Error(SqlState.DatatypeMismatch, $"subscript type {key.Type.DisplayName} is not supported", At(e), hint: "jsonb subscript must be coercible to either integer or text.");
            // A text can be a position too: the path operator decides by what it finds.
            var path = new BoundArray([TryCoerce(ToTyped(key, At(e)), SqlTypes.Text, CastContext.Explicit, At(e))!], ArrayOf(SqlTypes.Text, At(e)));
            operand = BindOperator("#>", operand, path, e);
        }

        return operand;
    }

    BoundExpression BindFieldSelection(FieldSelection e)
    {
        if (e.Name is null)
            throw BindErrors.Syntax("row expansion via \"*\" is not supported here", At(e));
        var operand = BindExpression(e.Operand);
        if (!operand.Type.IsRow)
        {
            // A function that returns one scalar column, named as its alias.
            throw BindErrors.WrongObject($"column notation .{e.Name} applied to type {operand.Type.DisplayName}, which is not a composite type", At(e));
        }

        var index = -1;
        var fields = FieldsOf(operand);
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Name == e.Name)
                index = i;
        }

        if (index < 0)
        {
            throw operand.Type is CompositeType
                ? BindErrors.Error(SqlState.UndefinedColumn, $"column \"{e.Name}\" not found in data type {operand.Type.DisplayName}", At(e))
                : BindErrors.Error(SqlState.UndefinedColumn, $"could not identify column \"{e.Name}\" in record data type", At(e));
        }

        return SelectField(operand, index, fields[index].Type);
    }

    static BoundExpression SelectField(BoundExpression operand, int index, SqlType type) => operand switch
    {
        BoundWholeRow row => new BoundColumnReference(row.Columns[index]),
        BoundRow row => row.Elements[index],
        _ => new BoundField(operand, index, type),
    };

    /// <summary>Names and types of a record's fields; empty when its shape is not known.</summary>
    ImmutableArray<(string Name, SqlType Type)> FieldsOf(BoundExpression operand) => operand switch
    {
        BoundWholeRow row => [.. row.Columns.Select((c, i) => (row.Names[i], c.Type))],
        BoundRow row => [.. row.Elements.Select((x, i) => (row.Names.IsDefault ? $"f{i + 1}" : row.Names[i], x.Type))],
        { Type: CompositeType type } => [.. type.Attributes.Select((a, i) => (a.Name, type.FieldTypes[i]))],
        BoundColumnReference reference when _shapes.TryGetValue(reference.Column, out var shape) => shape,
        BoundSubquery { Kind: SubqueryKind.Scalar, Query.Output: [var column, ..] } when _shapes.TryGetValue(column, out var shape) => shape,
        _ => [],
    };

    /// <summary>(expr).*: all fields as select items.</summary>
    IEnumerable<(string Name, BoundExpression Value)> ExpandFields(FieldSelection e)
    {
        var operand = BindExpression(e.Operand);
        var fields = FieldsOf(operand);
        if (fields.IsEmpty)
            throw BindErrors.WrongObject($"type {operand.Type.DisplayName} is not composite", At(e));
        return fields.Select((f, i) => (f.Name, SelectField(operand, i, f.Type)));
    }

    /// <summary>Remembers the fields of a column that holds a row.</summary>
    void NoteShape(BoundColumn column, BoundExpression value)
    {
        if (value.Type.Oid == PgOid.Record && FieldsOf(value) is { IsEmpty: false } fields)
            _shapes[column] = fields;
    }
}
