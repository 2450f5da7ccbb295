using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

public sealed partial class OverloadResolver
{
    readonly record struct Unified(ImmutableArray<SqlType> Types, SqlType? Result, SqlException? Error);

    static bool IsPolymorphic(SqlType type) => type.Oid is PgOid.AnyElement or PgOid.AnyArray or PgOid.AnyNonArray or PgOid.AnyEnum || IsCompatible(type);

    static bool IsCompatible(SqlType type) => type.Oid is SignatureTypes.AnyCompatibleOid or SignatureTypes.AnyCompatibleArrayOid or SignatureTypes.AnyCompatibleNonArrayOid;

    /// <summary>
    /// Puts actual types in the place of polymorphic ones (manual 38.2.5): all of one family must agree, the anycompatible family meets at a common type. Lenient leaves open
    /// what only unknown literals would decide; used while candidates are compared.
    /// </summary>
    Unified Unify(ImmutableArray<SqlType> declared, ImmutableArray<SqlType> actual, SqlType? result, bool lenient = false)
    {
        if (!declared.Any(IsPolymorphic))
            return new Unified(ReplaceAny(declared, actual), result, null);
        SqlType? element = null, array = null, compatible = null;
        var sawElement = false;
        var compatibles = new List<SqlType>();
        for (var i = 0; i < declared.Length; i++)
        {
            var type = actual[i];
            switch (declared[i].Oid)
            {
                case PgOid.AnyElement or PgOid.AnyNonArray or PgOid.AnyEnum:
                    sawElement = true;
                    if (IsUnknown(type))
                        break;
                    if (element is not null && !element.Equals(type))
                        return Fail("arguments declared \"anyelement\" are not all alike", $"{element.DisplayName} versus {type.DisplayName}");
                    element = type;
                    break;
                case PgOid.AnyArray:
                    sawElement = true;
                    if (IsUnknown(type))
                        break;
                    if (array is not null && !array.Equals(type))
                        return Fail("arguments declared \"anyarray\" are not all alike", $"{array.DisplayName} versus {type.DisplayName}");
                    if (type.ElementType is null && type.Oid != PgOid.AnyArray)
                        return Fail($"argument declared anyarray is not an array but type {type.DisplayName}");
                    array = type;
                    break;
                case SignatureTypes.AnyCompatibleOid or SignatureTypes.AnyCompatibleNonArrayOid:
                    compatibles.Add(type);
                    break;
                case SignatureTypes.AnyCompatibleArrayOid:
                    if (!IsUnknown(type) && type.ElementType is null)
                        return Fail($"argument declared anycompatiblearray is not an array but type {type.DisplayName}");
                    compatibles.Add(type.ElementType ?? type);
                    break;
            }
        }

        if (array is not null)
        {
            if (element is not null && !element.Equals(array.ElementType))
                return Fail("argument declared \"anyarray\" is not consistent with argument declared \"anyelement\"", $"{array.DisplayName} versus {element.DisplayName}");
            element = array.ElementType ?? array;
        }

        if (element is null && sawElement && !lenient)
            return Fail("could not determine polymorphic type because input has type unknown");
        if (compatibles.Count > 0 && (compatible = CommonType(compatibles, out _, out _)) is null)
            return Fail("arguments of anycompatible family cannot be cast to a common type");
        if (compatible is not null && compatibles.Exists(t => !CanCoerce(t, compatible, CastContext.Implicit)))
            return Fail("arguments of anycompatible family cannot be cast to a common type");
        if (CheckRestrictions(declared, element, compatible) is { } error)
            return new Unified(default, null, error);
        return Replace(declared, actual, result, element, compatible);
    }

    static Unified Replace(ImmutableArray<SqlType> declared, ImmutableArray<SqlType> actual, SqlType? result, SqlType? element, SqlType? compatible)
    {
        var types = ImmutableArray.CreateBuilder<SqlType>(declared.Length);
        for (var i = 0; i < declared.Length; i++)
            types.Add(Actual(declared[i], element, compatible) ?? (declared[i].Oid == PgOid.Any ? actual[i] : declared[i]));
        if (result is null)
            return new Unified(types.MoveToImmutable(), null, null);
        var actualResult = Actual(result, element, compatible) ?? result;
        return IsPolymorphic(actualResult) && actualResult.Equals(result)
            ? Fail($"could not find array type for data type {(element ?? compatible)!.DisplayName}")
            : new Unified(types.MoveToImmutable(), actualResult, null);
    }

    static ImmutableArray<SqlType> ReplaceAny(ImmutableArray<SqlType> declared, ImmutableArray<SqlType> actual)
    {
        var any = false;
        foreach (var type in declared)
            any |= type.Oid == PgOid.Any;
        return any ? [.. declared.Select((t, i) => t.Oid == PgOid.Any ? actual[i] : t)] : declared;
    }

    static SqlType? Actual(SqlType declared, SqlType? element, SqlType? compatible) => declared.Oid switch
    {
        PgOid.AnyElement or PgOid.AnyNonArray or PgOid.AnyEnum => element,
        PgOid.AnyArray => element is null ? null : SignatureTypes.ArrayOf(element),
        SignatureTypes.AnyCompatibleOid or SignatureTypes.AnyCompatibleNonArrayOid => compatible,
        SignatureTypes.AnyCompatibleArrayOid => compatible is null ? null : SignatureTypes.ArrayOf(compatible),
        _ => null,
    };

    static SqlException? CheckRestrictions(ImmutableArray<SqlType> declared, SqlType? element, SqlType? compatible)
    {
        foreach (var type in declared)
        {
            switch (type.Oid)
            {
                case PgOid.AnyNonArray when element?.ElementType is not null:
                    return Mismatch($"type matched to anynonarray is an array type: {element.DisplayName}");
                case PgOid.AnyEnum when element is not null && element.Category != TypeCategory.Enum:
                    return Mismatch($"type matched to anyenum is not an enum type: {element.DisplayName}");
                case SignatureTypes.AnyCompatibleNonArrayOid when compatible?.ElementType is not null:
                    return Mismatch($"type matched to anycompatiblenonarray is an array type: {compatible.DisplayName}");
            }
        }

        return null;
    }

    static Unified Fail(string message, string? detail = null) => new(default, null, Mismatch(message, detail));

    static SqlException Mismatch(string message, string? detail = null) => new(SqlState.DatatypeMismatch, message) { Detail = detail };
}
