using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>SET column[i] = value, SET column[l:u] = array (8.15.4): the column is assigned a copy of its old value with the part replaced.</summary>
public sealed partial class Binder
{
    /// <param name="assignment">One with subscripts.</param>
    /// <param name="column">The column that is assigned.</param>
    /// <param name="current">The value to change: the old row's, or that of an earlier element assignment to the same column.</param>
    BoundExpression BindElementAssignment(Assignment assignment, ColumnDescriptor column, BoundExpression current)
    {
        if (assignment.Value is DefaultExpression)
            throw BindErrors.NotSupported("cannot set an array element to DEFAULT", At(assignment));
        CheckAssignable(column, assignment);
        if (column.ValueType.Oid == PgOid.Jsonb)
            return BindJsonAssignment(assignment, column, current);
        if (column.ValueType.ElementType is not { } element || !column.ValueType.IsArray)
            throw BindErrors.Mismatch($"cannot subscript type {column.ValueType.DisplayName} because it does not support subscripting", At(assignment));
        if (assignment.Subscripts.Length > SqlArray.MaxDimensions)
        {
            throw BindErrors.Error(SqlState.ProgramLimitExceeded,
                $"number of array dimensions ({assignment.Subscripts.Length}) exceeds the maximum allowed ({SqlArray.MaxDimensions})", At(assignment));
        }

        var isSlice = assignment.Subscripts.Any(s => s.IsSlice);
        var value = BindPart(assignment, column, isSlice ? column.ValueType : element);
        var arguments = ImmutableArray.CreateBuilder<BoundExpression>();
        arguments.AddRange(current, value);
        InClause(ClauseKind.UpdateSource, () =>
        {
            AddSubscripts(assignment.Subscripts, isSlice, arguments);
            return true;
        });
        var call = new ResolvedCall(isSlice ? ArrayAssignment.Slice : ArrayAssignment.Element, [.. arguments.Select(a => a.Type)], column.ValueType);
        return new BoundCall(call, arguments.ToImmutable(), column.ValueType);
    }

    BoundExpression BindJsonAssignment(Assignment assignment, ColumnDescriptor column, BoundExpression current)
    {
        var arguments = ImmutableArray.CreateBuilder<BoundExpression>();
        arguments.AddRange(current, BindPart(assignment, column, column.ValueType));
        foreach (var subscript in assignment.Subscripts)
            arguments.Add(BindJsonKey(subscript, assignment));
        // All keys arrive as text; the first one's type tells what a missing value becomes.
        var types = arguments.Select(a => a.Type).ToImmutableArray();
        for (var i = 2; i < arguments.Count; i++)
            arguments[i] = TryCoerce(arguments[i], SqlTypes.Text, CastContext.Explicit, At(assignment))!;
        return new BoundCall(new ResolvedCall(JsonbAssignment.Function, types, column.ValueType), arguments.ToImmutable(), column.ValueType);
    }

    /// <summary>A key is text or int4 without an explicit cast (jsonbsubs.c).</summary>
    BoundExpression BindJsonKey(ArraySubscript subscript, SyntaxNode at)
    {
        if (subscript.IsSlice)
            throw BindErrors.Mismatch("jsonb subscript does not support slices", At(at));
        var syntax = (subscript.Lower ?? subscript.Upper)!;
        var key = BindIn(ClauseKind.UpdateSource, syntax);
        if (key.Type.Oid == PgOid.Unknown)
            return ToTyped(key, At(syntax));
        return (key.Type.Oid == PgOid.Numeric ? null : TryCoerce(key, SqlTypes.Int4, CastContext.Implicit, At(syntax)) ?? TryCoerce(key, SqlTypes.Text, CastContext.Implicit, At(syntax)))
            ?? throw BindErrors.Error(SqlState.DatatypeMismatch, $"subscript type {key.Type.DisplayName} is not supported", At(syntax), hint: "jsonb subscript must be coercible to either integer or text.");
    }

    BoundExpression BindPart(Assignment assignment, ColumnDescriptor column, SqlType type)
    {
        var position = At(assignment.Value);
        var bound = Refresh(BindIn(ClauseKind.UpdateSource, assignment.Value));
        if (TryCoerce(bound, type, CastContext.Assignment, position) is not { } coerced)
        {
            throw BindErrors.Mismatch($"subscripted assignment to \"{column.Name}\" requires type {type.DisplayName} but expression is of type {bound.Type.DisplayName}", position,
                "You will need to rewrite or cast the expression.");
        }

        return ApplyModifier(coerced, column.ValueModifier, false, position);
    }

    void AddSubscripts(ImmutableArray<ArraySubscript> subscripts, bool isSlice, ImmutableArray<BoundExpression>.Builder arguments)
    {
        if (!isSlice)
        {
            foreach (var subscript in subscripts)
                arguments.Add(BindIndex((subscript.Lower ?? subscript.Upper)!));
            return;
        }

        var mask = 0;
        var bounds = new List<BoundExpression>();
        for (var i = 0; i < subscripts.Length; i++)
        {
            // In a slice, a lone index n stands for 1:n.
            var subscript = subscripts[i];
            var lower = subscript.IsSlice ? BindIndexOrNull(subscript.Lower) : new BoundConstant(Datum.FromInt64(1), SqlTypes.Int4);
            var upper = BindIndexOrNull(subscript.IsSlice ? subscript.Upper : subscript.Upper ?? subscript.Lower);
            mask |= (lower is null ? 0 : 1 << (2 * i)) | (upper is null ? 0 : 2 << (2 * i));
            bounds.Add(lower ?? BoundConstant.Null(SqlTypes.Int4));
            bounds.Add(upper ?? BoundConstant.Null(SqlTypes.Int4));
        }

        arguments.Add(new BoundConstant(Datum.FromInt64(mask), SqlTypes.Int4));
        arguments.AddRange(bounds);
    }
}
