using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Conversions (parse_coerce.c): every one is explicit in the bound tree; unknown literals are read here.</summary>
public sealed partial class Binder
{
    /// <summary>Null when the context allows no conversion.</summary>
    BoundExpression? TryCoerce(BoundExpression expression, SqlType target, CastContext context, int position, int modifier = -1)
    {
        if (target is DomainType domain)
            return CoerceToDomain(expression, domain, context, position);
        expression = Refresh(expression);
        var source = expression.Type;
        if (source.Equals(target))
            return expression;
        if (source.Oid == PgOid.Unknown)
            return target is CompositeType read ? CheckComposite(CoerceUnknown(expression, target, position, modifier), read) : CoerceUnknown(expression, target, position, modifier);
        if (target is CompositeType composite && CoerceToComposite(expression, composite, context, position) is { } row)
            return row;
        if (target.Oid is PgOid.Any or PgOid.AnyElement or PgOid.AnyArray or PgOid.AnyNonArray or PgOid.AnyEnum)
            return expression;
        if (expression is BoundArray array && target.ElementType is { } element && context == CastContext.Explicit && !array.IsMultidimensional &&
            _resolver.FindCastPath(source.ElementType!, element, context) is not null)
            return new BoundArray([.. array.Elements.Select(e => TryCoerce(e, element, context, position)!)], target);
        if (_resolver.FindCastPath(source, target, context) is not { } path)
            return null;
        return path.Kind switch
        {
            CastPathKind.Relabel when expression is BoundConstant c => new BoundConstant(c.Value, target),
            CastPathKind.Relabel => new BoundCast(expression, null, target, context),
            CastPathKind.Function => FoldCast(new BoundCast(expression, path.Cast, target, context)),
            CastPathKind.Array => new BoundArrayCast(expression, path.Cast, path.ElementThroughText, target),
            _ when target is CompositeType parsed => CheckComposite(new BoundCast(expression, null, target, context, ThroughText: true), parsed),
            _ => new BoundCast(expression, null, target, context, ThroughText: true),
        };
    }

    BoundExpression FoldCast(BoundCast cast)
    {
        if (cast.Operand is not BoundConstant constant)
            return cast;
        if (constant.Value.IsNull)
            return BoundConstant.Null(cast.Type);
        if (cast.Cast!.Volatility != Volatility.Immutable)
            return cast;
        try
        {
            _folding.Format = _context.Format;
            return new BoundConstant(cast.Cast.Body!(constant.Value, _folding), cast.Type);
        }
        catch (SqlException)
        {
            return cast;
        }
    }

    BoundExpression CoerceUnknown(BoundExpression expression, SqlType target, int position, int modifier)
    {
        switch (expression)
        {
            case BoundConstant { Value.IsNull: true }:
                return BoundConstant.Null(Concrete(target));
            case BoundConstant constant:
                return ParseConstant(constant.Value.AsString(), Concrete(target), modifier, position);
            case BoundParameter parameter:
                var type = Concrete(target);
                _context.Parameters.Infer(parameter.Index, type);
                return new BoundParameter(parameter.Index, type);
            default:
                return new BoundCast(expression, null, Concrete(target), CastContext.Implicit, ThroughText: true);
        }
    }

    /// <summary>Where anything goes, an untyped literal or parameter is text.</summary>
    static SqlType Concrete(SqlType target) => target.Oid is PgOid.Any or PgOid.AnyElement or PgOid.AnyNonArray or PgOid.Unknown ? SqlTypes.Text : target;

    BoundExpression ParseConstant(string text, SqlType target, int modifier, int position)
    {
        try
        {
            if (target.Oid == PgOid.RegClass)
                return new BoundConstant(Datum.FromInt64(ResolveRegClass(text)), target);
            if (target.Oid == PgOid.RegRole && Catalog.TryGetRole(SplitQualifiedName(text)[^1], out var role))
                return new BoundConstant(Datum.FromInt64(role.Id), target);
            if (target.Oid == PgOid.RegType && text.Length > 0 && !char.IsAsciiDigit(text[0]) && text != "-")
                return new BoundConstant(Datum.FromInt64(ResolveType(Parser.ParseTypeName(text)).Type.Oid), target);
            if (target.Oid == PgOid.Record || target.Category == TypeCategory.Pseudo && target.Oid != PgOid.Void)
                throw BindErrors.NotSupported($"input of type {target.DisplayName} is not supported", position);
            if (_resolver.FindCastPath(SqlTypes.Unknown, target, CastContext.Explicit) is { Kind: CastPathKind.Function, Cast: { } byName })
                return new BoundCast(new BoundConstant(Datum.FromString(text), SqlTypes.Text), byName, target, CastContext.Explicit);
            return new BoundConstant(target.Parse(text, modifier, _context.Format), target);
        }
        catch (SqlException e) when (e.Position == 0 && position > 0)
        {
            throw e.At(position);
        }
    }

    /// <summary>'schema.name'::regclass or '123'::regclass.</summary>
    uint ResolveRegClass(string text)
    {
        var trimmed = text.Trim();
        if (trimmed == "-")
            return 0;
        if (trimmed.Length > 0 && trimmed.All(char.IsAsciiDigit) && uint.TryParse(trimmed, out var oid))
            return oid;
        var parts = SplitQualifiedName(trimmed);
        var name = new ObjectName(parts);
        var found = FindRelation(name);
        if (!found.IsNone)
        {
            NoteConstant(found.Relation);
            return found.Id;
        }

        foreach (var schema in SchemasFor(name))
        {
            if (Catalog.TryGetIndex(schema, name.Name, out _, out var index))
                return index.Id;
        }

        throw BindErrors.UndefinedTable(trimmed, 0);
    }

    IEnumerable<uint> SchemasFor(ObjectName name)
    {
        if (name.Schema is null)
            return _context.SearchPath;
        return FindSchema(_database, name.Schema) is { } schema ? [schema.Id] : [];
    }

    /// <summary>a.b."C d": folded and unquoted (regproc.c, stringToQualifiedNameList). 42602 for anything else.</summary>
    internal static ImmutableArray<string> SplitQualifiedName(string text)
    {
        var parts = ImmutableArray.CreateBuilder<string>(2);
        var i = 0;
        while (true)
        {
            var part = new System.Text.StringBuilder();
            while (i < text.Length && char.IsWhiteSpace(text[i]))
                i++;
            if (i < text.Length && text[i] == '"')
            {
                for (i++; ; i++)
                {
                    if (i >= text.Length)
                        throw BindErrors.Error(SqlState.InvalidName, "invalid name syntax");
                    if (text[i] != '"')
                        part.Append(text[i]);
                    else if (i + 1 < text.Length && text[i + 1] == '"')
                        part.Append(text[i++]);
                    else
                        break;
                }

                i++;
            }
            else
            {
                while (i < text.Length && text[i] != '.' && !char.IsWhiteSpace(text[i]))
                    part.Append(char.ToLowerInvariant(text[i++]));
            }

            if (part.Length == 0)
                throw BindErrors.Error(SqlState.InvalidName, "invalid name syntax");
            parts.Add(part.ToString());
            while (i < text.Length && char.IsWhiteSpace(text[i]))
                i++;
            if (i == text.Length)
                return parts.ToImmutable();
            if (text[i++] != '.')
                throw BindErrors.Error(SqlState.InvalidName, "invalid name syntax");
        }
    }

    /// <summary>For arguments whose overload was resolved: the conversion exists.</summary>
    BoundExpression CoerceArgument(BoundExpression expression, SqlType target, int position)
    {
        var own = PositionOf(expression, position);
        return TryCoerce(expression, target, CastContext.Implicit, own) ?? throw BindErrors.CannotCast(expression.Type, target, own);
    }

    /// <summary>To the common type of a construct.</summary>
    BoundExpression CoerceTo(BoundExpression expression, SqlType target, int position, string construct) =>
        TryCoerce(expression, target, CastContext.Implicit, position) ??
        throw BindErrors.Error(SqlState.CannotCoerce, $"{construct} could not convert type {expression.Type.DisplayName} to {target.DisplayName}", position);

    /// <summary>Gives untyped literals and parameters the type text.</summary>
    BoundExpression ToTyped(BoundExpression expression, int position) =>
        Refresh(expression) is var e && e.Type.Oid == PgOid.Unknown ? CoerceUnknown(e, SqlTypes.Text, position, -1) : e;

    BoundExpression ApplyModifier(BoundExpression expression, int modifier, bool isExplicit, int position)
    {
        if (modifier < 0 || expression.TypeModifier == modifier)
            return expression;
        if (expression is not BoundConstant constant)
            return new BoundApplyModifier(expression, modifier, isExplicit);
        if (constant.Value.IsNull)
            return new BoundConstant(Datum.Null, expression.Type, modifier);
        try
        {
            return new BoundConstant(expression.Type.ApplyModifier(constant.Value, modifier, isExplicit), expression.Type, modifier);
        }
        catch (SqlException e) when (isExplicit && e.Position == 0)
        {
            throw e.At(position);
        }
        catch (SqlException)
        {
            // An assignment that does not fit fails when it is executed.
            return new BoundApplyModifier(expression, modifier, isExplicit);
        }
    }

    BoundExpression BindCast(CastExpression e)
    {
        var (type, modifier) = ResolveType(e.Type);
        if (e.Operand is ArrayExpression array && type.ElementType is { } element)
        {
            var made = BindArray(array, element, CastContext.Explicit);
            if (!made.Type.Equals(type))
                made = made is BoundConstant c ? new BoundConstant(c.Value, type) : new BoundCast(made, null, type, CastContext.Explicit);
            return ApplyModifier(made, modifier, true, At(e));
        }


        return CastExplicitly(BindExpression(e.Operand), type, modifier, e, e.Operand);
    }

    BoundExpression CastExplicitly(BoundExpression operand, SqlType type, int modifier, SyntaxNode at, SyntaxNode operandAt)
    {
        var position = operandAt.Position >= 0 ? At(operandAt) : At(at);
        var source = operand.Type;
        // A cast of a bare parameter declares its type.
        var cast = TryCoerce(operand, type, CastContext.Explicit, position, type.Oid == PgOid.Interval ? modifier : -1) ??
                   throw BindErrors.CannotCast(source, type, At(at));
        return ApplyModifier(cast, modifier, true, position);
    }

    /// <summary>The value for a column (INSERT, UPDATE, defaults). 42804 when it does not fit.</summary>
    BoundExpression CoerceForAssignment(BoundExpression expression, ColumnDescriptor column, int position)
    {
        expression = Refresh(expression);
        if (TryCoerce(expression, column.Type, CastContext.Assignment, position, column.Type.Oid == PgOid.Interval ? column.TypeModifier : -1) is not { } coerced)
        {
            throw BindErrors.Mismatch($"column \"{column.Name}\" is of type {column.Type.DisplayName} but expression is of type {expression.Type.DisplayName}", position,
                "You will need to rewrite or cast the expression.");
        }

        return ApplyModifier(coerced, column.TypeModifier, false, position);
    }
}
