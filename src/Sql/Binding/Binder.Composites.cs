using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Composite types: rows become their values, their fields are columns (8.16).</summary>
public sealed partial class Binder
{
    /// <summary>The row type of a relation, for values alone: it has the relation's OID, and no column may be of it.</summary>
    CompositeType? FindRowType(TypeName name)
    {
        if (name.Name.Length > 2 || FindRelation(new ObjectName(name.Name) { Position = name.Position }).Relation is not { } relation || relation is SequenceDescriptor)
            return null;
        if (_definesColumn)
            throw BindErrors.NotSupported("columns of a table's row type are not supported", At(name));
        return new CompositeType(relation.Id, 0, relation.Name, [.. relation.Columns.Where(c => !c.Hidden).Select(c => new CompositeAttribute(c.Name, c.Type, c.TypeModifier))]);
    }

    /// <summary>Null when the expression is no row. 42846 when its fields do not fit.</summary>
    BoundExpression? CoerceToComposite(BoundExpression expression, CompositeType target, CastContext context, int position)
    {
        switch (expression)
        {
            case BoundRow row:
                return MakeComposite(row.Written.IsDefault ? row.Elements : row.Written, expression.Type, target, context, position);
            case BoundWholeRow row:
                return MakeComposite([.. row.Columns.Select(c => new BoundColumnReference(c))], expression.Type, target, context, position);
        }

        if (expression.Type.Oid != PgOid.Record || FieldsOf(expression) is not { IsEmpty: false } fields)
            return null;
        var variable = new BoundColumn("row", SqlTypes.Record);
        return new BoundLet(variable, expression, MakeComposite([.. fields.Select((f, i) => new BoundField(new BoundColumnReference(variable), i, f.Type))], expression.Type, target, context, position));
    }

    BoundExpression MakeComposite(ImmutableArray<BoundExpression> fields, SqlType source, CompositeType target, CastContext context, int position)
    {
        if (fields.Length != target.Attributes.Length)
            throw Unfit(fields.Length < target.Attributes.Length ? "Input has too few columns." : "Input has too many columns.");
        var values = ImmutableArray.CreateBuilder<BoundExpression>(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            var attribute = target.Attributes[i];
            var value = TryCoerce(fields[i], attribute.Type, context, position) ?? throw Unfit($"Cannot cast type {fields[i].Type.DisplayName} to {attribute.Type.DisplayName} in column {i + 1}.");
            values.Add(ApplyModifier(value, attribute.TypeModifier, context == CastContext.Explicit, position));
        }

        return new BoundCall(new ResolvedCall(CompositeValues.Make, target.FieldTypes, target), values.MoveToImmutable(), target);

        SqlException Unfit(string detail) => BindErrors.Error(SqlState.CannotCoerce, $"cannot cast type {source.DisplayName} to {target.DisplayName}", position, detail);
    }

    /// <summary>A value that was read from text or JSON: attributes that are domains keep their constraints.</summary>
    BoundExpression CheckComposite(BoundExpression value, CompositeType type)
    {
        if (!HasConstraints(type))
            return value;
        var variable = new BoundColumn("row", type);
        var whole = new BoundColumnReference(variable);
        var arguments = ImmutableArray.CreateBuilder<BoundExpression>();
        arguments.Add(whole);
        for (var i = 0; i < type.Attributes.Length; i++)
        {
            var field = new BoundField(whole, i, type.FieldTypes[i]);
            switch (type.Attributes[i].Type)
            {
                case DomainType domain when CheckDomain(field, domain) is var check and not BoundField:
                    // No value at all has no fields that could be wrong.
                    arguments.Add(new BoundCase([(new BoundIsDistinct(whole, BoundConstant.Null(type), false), check)], BoundConstant.Null(field.Type), field.Type));
                    break;
                case CompositeType inner when HasConstraints(inner):
                    arguments.Add(CheckComposite(field, inner));
                    break;
            }
        }

        return new BoundLet(variable, value, new BoundCall(new ResolvedCall(CompositeValues.Checked, [.. arguments.Select(a => a.Type)], type), arguments.ToImmutable(), type));
    }

    static bool HasConstraints(CompositeType type) => type.Attributes.Any(a => a.Type is DomainType || (a.Type is CompositeType inner && HasConstraints(inner)));

    /// <summary>SET column.field = value. 42703 for a field that is not there, 42804 when the column has none.</summary>
    BoundExpression BindFieldAssignment(Assignment assignment, ColumnDescriptor column, BoundExpression current)
    {
        if (column.ValueType is not CompositeType type)
        {
            throw BindErrors.Mismatch(
                $"cannot assign to field \"{assignment.Fields[0]}\" of column \"{column.Name}\" because its type {column.Type.DisplayName} is not a composite type", At(assignment));
        }

        if (assignment.Fields.Length > 1 || !assignment.Subscripts.IsEmpty)
            throw BindErrors.NotSupported("assignment to a field below another is not supported", At(assignment));
        var index = type.Attributes.ToList().FindIndex(a => a.Name == assignment.Fields[0]);
        if (index < 0)
        {
            throw BindErrors.Error(SqlState.UndefinedColumn,
                $"cannot assign to field \"{assignment.Fields[0]}\" of column \"{column.Name}\" because there is no such column in data type {type.DisplayName}", At(assignment));
        }

        var attribute = type.Attributes[index];
        var bound = Refresh(BindIn(ClauseKind.UpdateSource, assignment.Value));
        if (TryCoerce(bound, attribute.Type, CastContext.Assignment, At(assignment.Value)) is not { } value)
        {
            throw BindErrors.Mismatch($"subfield \"{attribute.Name}\" is of type {attribute.Type.DisplayName} but expression is of type {bound.Type.DisplayName}", At(assignment.Value),
                "You will need to rewrite or cast the expression.");
        }

        ImmutableArray<BoundExpression> arguments = [current, ApplyModifier(value, attribute.TypeModifier, false, At(assignment.Value)), new BoundConstant(Datum.FromInt64(index), SqlTypes.Int4)];
        return new BoundCall(new ResolvedCall(CompositeValues.Set, [.. arguments.Select(a => a.Type)], type), arguments, type);
    }

    /// <summary>Objects: the schema.</summary>
    BoundUtility BindCreateComposite(CreateCompositeStatement s)
    {
        foreach (var attribute in s.Attributes)
        {
            NoteTypeOfColumn(attribute.Type);
            if (!attribute.Collation.IsEmpty)
                CheckCollation(attribute.Collation, attribute);
        }

        return Utility(s, RequireCreationSchema(s.Name, false));
    }
}
