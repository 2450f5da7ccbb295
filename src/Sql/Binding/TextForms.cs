using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Binding;

/// <summary>Whether a value's text form is the same in every session: what pg_proc says of the types' input and output functions.</summary>
internal static class TextForms
{
    /// <summary>The volatility of a cast through text, or of text || any other type.</summary>
    public static Volatility VolatilityOf(SqlType from, SqlType to) => IsFixed(from) && IsFixed(to) ? Volatility.Immutable : Volatility.Stable;

    private static bool IsFixed(SqlType type) => type.Oid is PgOid.Bool or PgOid.Int2 or PgOid.Int4 or PgOid.Int8 or PgOid.Float4 or PgOid.Float8 or PgOid.Numeric or PgOid.Text or PgOid.VarChar
        or PgOid.BpChar or PgOid.Char or PgOid.Name or PgOid.Bytea or PgOid.Uuid or PgOid.Oid or PgOid.Bit or PgOid.VarBit or PgOid.Unknown;
}
