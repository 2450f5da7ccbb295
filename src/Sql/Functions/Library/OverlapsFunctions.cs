using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>OVERLAPS (manual 9.9): half-open spans; an end may be NULL or given as an interval. Called on NULL.</summary>
static class OverlapsFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        foreach (var type in (string[])["timestamp", "timestamptz", "time", "timetz"])
        {
            var sql = Signature.TypeOf(type);
            Func<Datum, SqlInterval, EvaluationContext, Datum> add = type switch
            {
                "timestamp" => static (t, i, _) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), i, 1)),
                "timestamptz" => static (t, i, c) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), i, 1, c.Format.TimeZone)),
                _ => static (t, i, _) => Datum.FromInt64(DateTimeValues.WrapTime((Int128)t.AsInt64() + i.Microseconds)),
            };
            string[] ends = type == "timetz" ? [type] : [type, "interval"];
            foreach (var first in ends)
                foreach (var second in ends)
                    b.Scalar($"overlaps({type}, {first}, {type}, {second}) bool called{(type == "timestamptz" && (first, second) != (type, type) ? " stable" : "")}",
                        (a, c) => Overlap(sql, a[0], End(a[0], a[1], first == "interval", c), a[2], End(a[2], a[3], second == "interval", c)));

            Datum End(Datum start, Datum end, bool isInterval, EvaluationContext context) =>
                !isInterval || start.IsNull || end.IsNull ? (isInterval && start.IsNull ? Datum.Null : end) : add(start, end.As<SqlInterval>(), context);
        }
    }

    static Datum Overlap(SqlType type, Datum start1, Datum end1, Datum start2, Datum end2)
    {
        if (!Order(type, ref start1, ref end1) || !Order(type, ref start2, ref end2))
            return Datum.Null;
        var order = type.Compare(start1, start2);
        if (order == 0)
            return end1.IsNull || end2.IsNull ? Datum.Null : Datum.True;
        var (end, start) = order > 0 ? (end2, start1) : (end1, start2);
        if (!end.IsNull)
        {
            if (type.Compare(start, end) < 0)
                return Datum.True;
            return (order > 0 ? end1 : end2).IsNull ? Datum.Null : Datum.False;
        }

        return Datum.Null;
    }

    /// <summary>Puts the earlier bound first, a NULL last; false when both are NULL.</summary>
    static bool Order(SqlType type, ref Datum start, ref Datum end)
    {
        if (start.IsNull && end.IsNull)
            return false;
        if (start.IsNull || (!end.IsNull && type.Compare(start, end) > 0))
            (start, end) = (end, start);
        return true;
    }
}
