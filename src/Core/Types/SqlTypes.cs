using System.Collections.Frozen;

namespace Chitin.Core.Types;

/// <summary>The built-in types and their names.</summary>
public static class SqlTypes
{
    public static SqlType Bool { get; } = new BoolType();

    public static SqlType Bytea { get; } = new ByteaType();

    public static SqlType Char { get; } = new CharType();

    public static SqlType Name { get; } = new NameType();

    public static SqlType Int2 { get; } = new IntegerType(PgOid.Int2, "int2", "smallint", 2, PgOid.Int2Array, short.MinValue, short.MaxValue);

    public static SqlType Int4 { get; } = new IntegerType(PgOid.Int4, "int4", "integer", 4, PgOid.Int4Array, int.MinValue, int.MaxValue);

    public static SqlType Int8 { get; } = new IntegerType(PgOid.Int8, "int8", "bigint", 8, PgOid.Int8Array, long.MinValue, long.MaxValue);

    public static SqlType Text { get; } = new TextType(PgOid.Text, "text", "text", PgOid.TextArray);

    public static SqlType VarChar { get; } = new VarCharType();

    public static SqlType BpChar { get; } = new BpCharType();

    public static SqlType Unknown { get; } = new TextType(PgOid.Unknown, "unknown", "unknown", 0, TypeCategory.Unknown, -2);

    public static SqlType CString { get; } = new TextType(2275, "cstring", "cstring", 1263, TypeCategory.Pseudo, -2);

    public static SqlType RefCursor { get; } = new TextType(PgOid.RefCursor, "refcursor", "refcursor", 2201, TypeCategory.UserDefined);

    public static SqlType Tid { get; } = new TidType();

    public static SqlType Inet { get; } = new TextType(869, "inet", "inet", 1041, TypeCategory.UserDefined);

    public static SqlType PgNodeTree { get; } = new TextType(194, "pg_node_tree", "pg_node_tree", 0, TypeCategory.Internal);

    public static SqlType AclItem { get; } = new TextType(PgOid.AclItem, "aclitem", "aclitem", PgOid.AclItemArray, TypeCategory.UserDefined, 12);

    public static SqlType Oid { get; } = new OidType(PgOid.Oid, "oid", PgOid.OidArray);

    public static SqlType Xid { get; } = new OidType(PgOid.Xid, "xid", PgOid.XidArray, TypeCategory.UserDefined);

    public static SqlType Cid { get; } = new OidType(PgOid.Cid, "cid", 1012, TypeCategory.UserDefined);

    public static SqlType RegProc { get; } = new OidType(PgOid.RegProc, "regproc", PgOid.RegProcArray);

    public static SqlType RegProcedure { get; } = new OidType(PgOid.RegProcedure, "regprocedure", 2207);

    public static SqlType RegOper { get; } = new OidType(PgOid.RegOper, "regoper", 2208);

    public static SqlType RegOperator { get; } = new OidType(PgOid.RegOperator, "regoperator", 2209);

    public static SqlType RegClass { get; } = new OidType(PgOid.RegClass, "regclass", PgOid.RegClassArray);

    public static SqlType RegType { get; } = new OidType(PgOid.RegType, "regtype", PgOid.RegTypeArray);

    public static SqlType RegNamespace { get; } = new OidType(PgOid.RegNamespace, "regnamespace", PgOid.RegNamespaceArray);

    public static SqlType RegRole { get; } = new OidType(PgOid.RegRole, "regrole", PgOid.RegRoleArray);

    public static SqlType RegConfig { get; } = new OidType(PgOid.RegConfig, "regconfig", 3735);

    public static SqlType Float4 { get; } = new FloatType(isDouble: false);

    public static SqlType Float8 { get; } = new FloatType(isDouble: true);

    public static SqlType Numeric { get; } = new NumericType();

    public static SqlType Date { get; } = new DateType();

    public static SqlType Time { get; } = new TimeType();

    public static SqlType TimeTz { get; } = new TimeTzType();

    public static SqlType Timestamp { get; } = new TimestampType(hasZone: false);

    public static SqlType TimestampTz { get; } = new TimestampType(hasZone: true);

    public static SqlType Interval { get; } = new IntervalType();

    public static SqlType Bit { get; } = new BitType(isVarying: false);

    public static SqlType VarBit { get; } = new BitType(isVarying: true);

    public static SqlType Uuid { get; } = new UuidType();

    public static SqlType Json { get; } = new JsonType();

    public static SqlType Jsonb { get; } = new JsonbType();

    /// <summary>Kept as text; the functions that take one parse it.</summary>
    public static SqlType JsonPath { get; } = new TextType(4072, "jsonpath", "jsonpath", 4073, TypeCategory.UserDefined);

    public static SqlType Record { get; } = new RecordType();

    public static SqlType Int2Vector { get; } = new VectorType(PgOid.Int2Vector, "int2vector", Int2, PgOid.Int2VectorArray);

    public static SqlType OidVector { get; } = new VectorType(PgOid.OidVector, "oidvector", Oid, PgOid.OidVectorArray);

    public static SqlType Void { get; } = new PseudoType(PgOid.Void, "void");

    public static SqlType Trigger { get; } = new PseudoType(PgOid.Trigger, "trigger");

    public static SqlType Any { get; } = new PseudoType(PgOid.Any, "any");

    public static SqlType AnyElement { get; } = new PseudoType(PgOid.AnyElement, "anyelement");

    public static SqlType AnyArray { get; } = new PseudoType(PgOid.AnyArray, "anyarray");

    public static SqlType AnyNonArray { get; } = new PseudoType(PgOid.AnyNonArray, "anynonarray");

    public static SqlType AnyEnum { get; } = new PseudoType(PgOid.AnyEnum, "anyenum");

    private static readonly SqlType[] s_scalars =
    [
        Bool, Bytea, Char, Name, Int2, Int4, Int8, Text, VarChar, BpChar, Unknown, CString, RefCursor, Tid, Inet, PgNodeTree, AclItem, Oid, Xid, Cid, RegProc, RegProcedure, RegOper,
        RegOperator, RegClass, RegType, RegNamespace, RegRole, RegConfig, Float4, Float8, Numeric, Date, Time, TimeTz, Timestamp, TimestampTz, Interval, Bit, VarBit, Uuid, Json, Jsonb, JsonPath, Record,
        Int2Vector, OidVector, Void, Trigger, Any, AnyElement, AnyArray, AnyNonArray, AnyEnum,
    ];

    /// <summary>All built-in types, arrays included.</summary>
    public static ImmutableArray<SqlType> All { get; } =
        [.. s_scalars, .. s_scalars.Where(t => t.ArrayOid != 0).Select(t => new ArrayType(t, t.ArrayOid))];

    private static readonly FrozenDictionary<uint, SqlType> s_byOid = All.ToFrozenDictionary(t => t.Oid);
    private static readonly FrozenDictionary<string, SqlType> s_byName = MakeNames();

    public static SqlType? TryGetByOid(uint oid) => s_byOid.GetValueOrDefault(oid);

    /// <summary>By internal name, by SQL spelling (lower case) or by CockroachDB's alias.</summary>
    public static SqlType? TryGetByName(string name) => s_byName.GetValueOrDefault(name);

    /// <summary>The array type over an element type. Throws 42704 for types that have none.</summary>
    public static SqlType ArrayOf(SqlType elementType)
    {
        if (elementType.ArrayOid != 0 && s_byOid.TryGetValue(elementType.ArrayOid, out var array))
            return array;
        return elementType.ArrayOid != 0
            ? new ArrayType(elementType, elementType.ArrayOid)
            : throw new SqlException(SqlState.UndefinedObject, $"could not find array type for data type {elementType.DisplayName}");
    }

    private static FrozenDictionary<string, SqlType> MakeNames()
    {
        var names = new Dictionary<string, SqlType>(StringComparer.Ordinal);
        foreach (var type in All)
        {
            names.TryAdd(type.Name, type);
            names.TryAdd(type.DisplayName, type);
        }

        foreach (var (alias, type) in new (string, SqlType)[]
        {
            ("int", Int4), ("decimal", Numeric), ("dec", Numeric), ("float", Float8), ("double", Float8), ("string", Text), ("bytes", Bytea), ("blob", Bytea),
            ("int64", Int8), ("int32", Int4), ("int16", Int2), ("timestamp with time zone", TimestampTz), ("timestamp without time zone", Timestamp), ("timestamp", Timestamp),
            ("time with time zone", TimeTz), ("time without time zone", Time), ("time", Time), ("character", BpChar), ("char", BpChar), ("national character", BpChar),
            ("national char", BpChar), ("nchar", BpChar), ("char varying", VarChar), ("national character varying", VarChar),
        })
            names[alias] = type;
        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>Type modifiers as written: varchar(10), numeric(8, 2).</summary>
public static class Typmods
{
    private const int MaxCharacters = 10485760;

    /// <summary>PostgreSQL's typmod. 22023 for values out of bounds, 42601 for modifiers that a type does not take.</summary>
    public static int Parse(SqlType type, IReadOnlyList<int> modifiers)
    {
        if (type.ElementType is { } element && type is ArrayType)
            return Parse(element, modifiers);
        if (modifiers.Count == 0)
            return type.Oid switch { PgOid.BpChar => 5, PgOid.Bit => 1, _ => -1 };
        switch (type.Oid)
        {
            case PgOid.VarChar or PgOid.BpChar:
                if (modifiers.Count > 1)
                    throw new SqlException(SqlState.InvalidParameterValue, "invalid type modifier");
                if (modifiers[0] < 1)
                    throw new SqlException(SqlState.InvalidParameterValue, $"length for type {(type.Oid == PgOid.VarChar ? "varchar" : "char")} must be at least 1");
                if (modifiers[0] > MaxCharacters)
                    throw new SqlException(SqlState.InvalidParameterValue, $"length for type {(type.Oid == PgOid.VarChar ? "varchar" : "char")} cannot exceed {MaxCharacters}");
                return modifiers[0] + 4;
            case PgOid.Bit or PgOid.VarBit:
                return ParseBits(type, modifiers);
            case PgOid.Numeric:
                var precision = modifiers[0];
                var scale = modifiers.Count > 1 ? modifiers[1] : 0;
                if (modifiers.Count > 2)
                    throw new SqlException(SqlState.InvalidParameterValue, "invalid NUMERIC type modifier");
                if (precision is < 1 or > 1000)
                    throw new SqlException(SqlState.InvalidParameterValue, $"NUMERIC precision {precision} must be between 1 and 1000");
                if (scale is < -1000 or > 1000)
                    throw new SqlException(SqlState.InvalidParameterValue, $"NUMERIC scale {scale} must be between -1000 and 1000");
                return NumericType.Pack(precision, scale);
            case PgOid.Time or PgOid.TimeTz or PgOid.Timestamp or PgOid.TimestampTz:
                if (modifiers[0] < 0)
                    throw new SqlException(SqlState.InvalidParameterValue, $"{type.Name.ToUpperInvariant()}({modifiers[0]}) precision must not be negative");
                return Math.Min(6, modifiers[0]);
            case PgOid.Interval:
                return IntervalFields.Pack(null, Math.Min(6, modifiers[0]));
            case PgOid.Float8 or PgOid.Float4 or PgOid.Text:
                return -1;
            default:
                throw new SqlException(SqlState.SyntaxError, $"type modifier is not allowed for type \"{type.Name}\"");
        }
    }

    private static int ParseBits(SqlType type, IReadOnlyList<int> modifiers)
    {
        const int maxBits = 83886080;
        if (modifiers.Count > 1)
            throw new SqlException(SqlState.InvalidParameterValue, "invalid type modifier");
        if (modifiers[0] < 1)
            throw new SqlException(SqlState.InvalidParameterValue, $"length for type {type.Name} must be at least 1");
        return modifiers[0] <= maxBits ? modifiers[0] : throw new SqlException(SqlState.InvalidParameterValue, $"length for type {type.Name} cannot exceed {maxBits}");
    }
}
