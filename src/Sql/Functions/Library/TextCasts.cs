using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Casts between the string types, and to them where the text form is not the output form. All other casts to text go through the type's output.</summary>
static class TextCasts
{
    internal static void Register(RegistryBuilder b)
    {
        b.Cast("text varchar", CastContext.Implicit, null);
        b.Cast("varchar text", CastContext.Implicit, null);
        b.Cast("text bpchar", CastContext.Implicit, null);
        b.Cast("varchar bpchar", CastContext.Implicit, null);
        b.Cast("bpchar text", CastContext.Implicit, s_trim);
        b.Cast("bpchar varchar", CastContext.Implicit, s_trim);
        b.Cast("name text", CastContext.Implicit, s_same);
        b.Cast("name varchar", CastContext.Assignment, s_same);
        b.Cast("name bpchar", CastContext.Assignment, s_same);
        foreach (var type in (string[])["text", "varchar", "bpchar"])
        {
            b.Cast($"{type} name", CastContext.Implicit, static (v, c) => SqlTypes.Name.Parse(v.AsString().AsSpan().TrimEnd(' '), -1, c.Format));
            b.Cast($"{type} char", CastContext.Assignment, static (v, c) => SqlTypes.Char.Parse(v.AsString(), -1, c.Format));
            b.Cast($"bool {type}", CastContext.Assignment, static (v, _) => Datum.FromString(v.AsBool() ? "true" : "false"));
        }

        b.Cast("char text", CastContext.Implicit, s_fromChar);
        b.Cast("char varchar", CastContext.Assignment, s_fromChar);
        b.Cast("char bpchar", CastContext.Assignment, s_fromChar);
        b.Cast("char int4", CastContext.Explicit, static (v, _) => Datum.FromInt64((sbyte)v.AsInt64()));
        b.Cast("int4 char", CastContext.Explicit, static (v, _) => v.AsInt64() is >= sbyte.MinValue and <= sbyte.MaxValue
            ? Datum.FromInt64(v.AsInt64() & 0xFF)
            : throw new SqlException(SqlState.NumericValueOutOfRange, "\"char\" out of range"));
    }

    static readonly UnaryBody s_same = static (v, _) => v;

    static readonly UnaryBody s_trim = static (v, _) => v.AsString().EndsWith(' ') ? Datum.FromString(v.AsString().TrimEnd(' ')) : v;

    static readonly UnaryBody s_fromChar = static (v, c) => Datum.FromString(SqlTypes.Char.Format(v, c.Format));
}
