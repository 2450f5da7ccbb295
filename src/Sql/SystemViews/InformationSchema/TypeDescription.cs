using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.SystemViews.InformationSchema;

/// <summary>How information_schema describes a data type (PostgreSQL 15, 37.17): lengths, precisions, collation and the name in pg_type.</summary>
internal sealed class TypeDescription
{
    /// <summary>Octets of a character string without a limit.</summary>
    private const long MaxOctets = 1 << 30;

    private TypeDescription(SystemContext context, SqlType type, int modifier)
    {
        var isUser = (type.ElementType ?? type).Oid >= PgOid.FirstNormal;
        DataType = type is ArrayType ? "ARRAY" : isUser ? "USER-DEFINED" : type.Oid == PgOid.BpChar ? "character" : type.DisplayName;
        var (characters, octets) = Characters(type, modifier);
        Length = [characters, octets];
        var (precision, radix, scale) = Numbers(type, modifier);
        Numeric = [precision, radix, scale];
        Time = [Seconds(type, modifier), Cell.Null, Cell.Null];
        Collation = type.Oid is PgOid.Name or PgOid.NameArray ? [context.Database.Name, SystemCatalog.PgCatalog, "C"] : [Cell.Null, Cell.Null, Cell.Null];
        Udt = [context.Database.Name, SchemaOf(context, type), type.Name];
    }

    public string DataType { get; }

    /// <summary>character_maximum_length, character_octet_length.</summary>
    public Cell[] Length { get; }

    /// <summary>numeric_precision, numeric_precision_radix, numeric_scale.</summary>
    public Cell[] Numeric { get; }

    /// <summary>datetime_precision, interval_type, interval_precision.</summary>
    public Cell[] Time { get; }

    /// <summary>Three NULLs: character sets.</summary>
    public static Cell[] None { get; } = [Cell.Null, Cell.Null, Cell.Null];

    public Cell[] Collation { get; }

    /// <summary>udt_catalog, udt_schema, udt_name.</summary>
    public Cell[] Udt { get; }

    public static TypeDescription Of(SystemContext context, SqlType type, int modifier) => new(context, type, modifier);

    private static string SchemaOf(SystemContext context, SqlType type)
    {
        var oid = (type.ElementType ?? type).Oid;
        return oid < PgOid.FirstNormal ? SystemCatalog.PgCatalog : context.Types.FirstOrDefault(t => t.Type.Oid == oid) is { } user ? context.SchemaName(user.SchemaId) : "";
    }

    private static (Cell Characters, Cell Octets) Characters(SqlType type, int modifier) => type.Oid switch
    {
        PgOid.VarChar or PgOid.BpChar when modifier >= 4 => (modifier - 4, (modifier - 4) * 4),
        PgOid.Text or PgOid.VarChar or PgOid.BpChar => (Cell.Null, MaxOctets),
        PgOid.Bit or PgOid.VarBit when modifier >= 0 => (modifier, Cell.Null),
        _ => (Cell.Null, Cell.Null),
    };

    private static (Cell Precision, Cell Radix, Cell Scale) Numbers(SqlType type, int modifier) => type.Oid switch
    {
        PgOid.Int2 => (16, 2, 0),
        PgOid.Int4 => (32, 2, 0),
        PgOid.Int8 => (64, 2, 0),
        PgOid.Float4 => (24, 2, Cell.Null),
        PgOid.Float8 => (53, 2, Cell.Null),
        PgOid.Numeric when modifier >= 4 => (((modifier - 4) >> 16) & 0xffff, 10, (((modifier - 4) & 0x7ff) ^ 1024) - 1024),
        PgOid.Numeric => (Cell.Null, 10, Cell.Null),
        _ => (Cell.Null, Cell.Null, Cell.Null),
    };

    private static Cell Seconds(SqlType type, int modifier) => type.Oid switch
    {
        PgOid.Date => 0,
        PgOid.Time or PgOid.TimeTz or PgOid.Timestamp or PgOid.TimestampTz => modifier < 0 ? 6 : modifier,
        PgOid.Interval => modifier < 0 || (modifier & 0xffff) == 0xffff ? 6 : modifier & 0xffff,
        _ => Cell.Null,
    };
}
