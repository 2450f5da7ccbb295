using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>The types that signatures and resolution name, among them the anycompatible family (manual 38.2.5), which exists only in signatures.</summary>
static class SignatureTypes
{
    internal const uint AnyCompatibleOid = 5077;
    internal const uint AnyCompatibleArrayOid = 5078;
    internal const uint AnyCompatibleNonArrayOid = 5079;

    static readonly SqlType s_anyCompatible = new PseudoType(AnyCompatibleOid, "anycompatible");
    static readonly SqlType s_anyCompatibleArray = new PseudoType(AnyCompatibleArrayOid, "anycompatiblearray");
    static readonly SqlType s_anyCompatibleNonArray = new PseudoType(AnyCompatibleNonArrayOid, "anycompatiblenonarray");

    /// <summary>The types that exist in signatures only.</summary>
    internal static ImmutableArray<SqlType> Own { get; } = [s_anyCompatible, s_anyCompatibleArray, s_anyCompatibleNonArray];

    internal static SqlType? TryGetByOid(uint oid) => Own.FirstOrDefault(t => t.Oid == oid);

    /// <summary>By internal name; arrays as text[].</summary>
    internal static Dictionary<string, SqlType> ByName()
    {
        var names = new Dictionary<string, SqlType>(160, StringComparer.Ordinal)
        {
            ["anycompatible"] = s_anyCompatible, ["anycompatiblearray"] = s_anyCompatibleArray, ["anycompatiblenonarray"] = s_anyCompatibleNonArray,
        };
        foreach (var type in SqlTypes.All)
        {
            if (type is ArrayType { ElementType: { } element })
                names.Add(element.Name + "[]", type);
            else
                names.Add(type.Name, type);
        }

        return names;
    }

    /// <summary>The type whose name may be used as a function that casts: by internal name only, no array, no pseudo-type.</summary>
    internal static SqlType? CastName(string name)
    {
        var type = SqlTypes.TryGetByName(name);
        return type is null || type.Name != name || type.Category == TypeCategory.Pseudo || type.IsArray ? null : type;
    }

    /// <summary>Whether a type's input looks names up in the catalog.</summary>
    internal static bool NeedsCatalog(SqlType type) => type.Oid is PgOid.RegClass;

    internal static SqlType? ArrayOf(SqlType element) => element.ArrayOid == 0 ? null : SqlTypes.ArrayOf(element);
}
