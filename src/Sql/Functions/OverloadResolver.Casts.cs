using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

public enum CastPathKind : byte
{
    /// <summary>Source and target are one type, or share their representation.</summary>
    Relabel,

    /// <summary>Through <see cref="CastPath.Cast"/>'s body.</summary>
    Function,

    /// <summary>Array to array: each element by <see cref="CastPath.Cast"/> (null: through text when <see cref="CastPath.ElementThroughText"/>, else unchanged).</summary>
    Array,

    /// <summary>Format with the source type, parse with the target type.</summary>
    ThroughText,
}

/// <summary>How a value of one type becomes one of another.</summary>
public readonly record struct CastPath(CastPathKind Kind, CastEntry? Cast = null, bool ElementThroughText = false);

public sealed partial class OverloadResolver
{
    /// <summary>A row of pg_cast, whatever its context; null when there is none.</summary>
    public CastEntry? FindCast(SqlType source, SqlType target) => registry.Cast(source, target);

    /// <summary>
    /// The way from source to target that a context allows; null when there is none. An unknown literal always goes through text, except to types whose input needs the
    /// catalog (regclass …): those have a cast from text, which is given instead; its body takes the literal's string.
    /// </summary>
    public CastPath? FindCastPath(SqlType source, SqlType target, CastContext context)
    {
        if (source.Equals(target))
            return new CastPath(CastPathKind.Relabel);
        if (IsUnknown(source))
            return SignatureTypes.NeedsCatalog(target) && registry.Cast(SqlTypes.Text, target) is { } byName
                ? new CastPath(CastPathKind.Function, byName)
                : new CastPath(CastPathKind.ThroughText);
        if (registry.Cast(source, target) is { } cast)
        {
            if (cast.Context > context)
                return null;
            return cast.Body is null ? new CastPath(CastPathKind.Relabel) : new CastPath(CastPathKind.Function, cast);
        }

        if (source.ElementType is { } from && target.ElementType is { } to && target.Oid is not (PgOid.OidVector or PgOid.Int2Vector))
        {
            switch (FindCastPath(from, to, context))
            {
                case { Kind: CastPathKind.Relabel }:
                    return new CastPath(CastPathKind.Array);
                case { Kind: CastPathKind.Function } element:
                    return new CastPath(CastPathKind.Array, element.Cast);
                case { Kind: CastPathKind.ThroughText }:
                    return new CastPath(CastPathKind.Array, null, ElementThroughText: true);
            }
        }

        if (source is CompositeType && target.Oid == PgOid.Record)
            return new CastPath(CastPathKind.Relabel);
        if (IsPseudo(source) || IsPseudo(target))
            return source.Oid == PgOid.Record && target.Category == TypeCategory.String && context >= CastContext.Assignment ? new CastPath(CastPathKind.ThroughText) : null;
        if (context >= CastContext.Assignment && target.Category == TypeCategory.String)
            return new CastPath(CastPathKind.ThroughText);
        if (context >= CastContext.Explicit && source.Category == TypeCategory.String)
            return SignatureTypes.NeedsCatalog(target) && registry.Cast(SqlTypes.Text, target) is { } named
                ? new CastPath(CastPathKind.Function, named)
                : new CastPath(CastPathKind.ThroughText);
        return null;
    }

    /// <summary>Whether a value of source may stand where target is asked for. Polymorphic targets take anything here; their agreement is checked when resolving.</summary>
    public bool CanCoerce(SqlType source, SqlType target, CastContext context) =>
        source.Equals(target) || target.Oid == PgOid.Any || IsPolymorphic(target) || IsUnknown(source) || FindCastPath(source, target, context) is not null;

    /// <summary>
    /// The common type of UNION, CASE, VALUES, ARRAY, COALESCE, GREATEST (10.5). Context names the construct in the 42804 error: "CASE types integer and text cannot be matched".
    /// </summary>
    public SqlType SelectCommonType(IReadOnlyList<SqlType> types, string context) =>
        CommonType(types, out var first, out var second) ??
        throw new SqlException(SqlState.DatatypeMismatch, $"{context} types {first!.DisplayName} and {second!.DisplayName} cannot be matched");

    /// <summary>As <see cref="SelectCommonType"/>; null when the types cannot be matched.</summary>
    public SqlType? TrySelectCommonType(IReadOnlyList<SqlType> types) => CommonType(types, out _, out _);

    SqlType? CommonType(IReadOnlyList<SqlType> types, out SqlType? first, out SqlType? second)
    {
        first = second = null;
        var chosen = types[0];
        for (var i = 1; i < types.Count; i++)
        {
            var next = types[i];
            if (IsUnknown(next) || next.Equals(chosen))
                continue;
            if (IsUnknown(chosen))
            {
                chosen = next;
            }
            else if (next.Category != chosen.Category)
            {
                first = chosen;
                second = next;
                return null;
            }
            else if (!chosen.IsPreferred && CanCoerce(chosen, next, CastContext.Implicit) && !CanCoerce(next, chosen, CastContext.Implicit))
            {
                chosen = next;
            }
        }

        return IsUnknown(chosen) ? SqlTypes.Text : chosen;
    }

    static bool IsPseudo(SqlType type) => type.Category == TypeCategory.Pseudo;
}
