using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.DateTimeValues;

namespace Chitin.Sql.Functions.Library;

/// <summary>Casts between dates, times and timestamps; those that need the session's zone are stable.</summary>
static class DateTimeCasts
{
    internal static void Register(RegistryBuilder b)
    {
        b.Cast("date timestamp", CastContext.Implicit, static (d, _) => Datum.FromInt64(ToTimestamp(d.AsInt32())));
        b.Cast("date timestamptz", CastContext.Implicit, static (d, c) => Datum.FromInt64(ToUtc(ToTimestamp(d.AsInt32()), c)), Volatility.Stable);
        b.Cast("timestamp timestamptz", CastContext.Implicit, static (t, c) => Datum.FromInt64(ToUtc(t.AsInt64(), c)), Volatility.Stable);
        b.Cast("timestamptz timestamp", CastContext.Assignment, static (t, c) => Datum.FromInt64(ToLocal(t.AsInt64(), c)), Volatility.Stable);
        b.Cast("timestamp date", CastContext.Assignment, static (t, _) => Datum.FromInt64(ToDate(t.AsInt64())));
        b.Cast("timestamptz date", CastContext.Assignment, static (t, c) => Datum.FromInt64(ToDate(ToLocal(t.AsInt64(), c))), Volatility.Stable);
        b.Cast("timestamp time", CastContext.Assignment, static (t, _) => TimeOfDay(t.AsInt64()));
        b.Cast("timestamptz time", CastContext.Assignment, static (t, c) => TimeOfDay(ToLocal(t.AsInt64(), c)), Volatility.Stable);
        b.Cast("timestamptz timetz", CastContext.Assignment, static (t, c) => SqlDateTime.IsInfinite(t.AsInt64())
            ? Datum.Null
            : TimeTz(SqlDateTime.Split(ToLocal(t.AsInt64(), c)).Time, -SqlDateTime.OffsetAt(c.Format.TimeZone, t.AsInt64())), Volatility.Stable);
        b.Cast("time interval", CastContext.Implicit, static (t, _) => Of(new SqlInterval(0, 0, t.AsInt64())));
        b.Cast("interval time", CastContext.Assignment, static (i, _) => Datum.FromInt64(WrapTime(I(i).Microseconds)));
        b.Cast("time timetz", CastContext.Implicit, static (t, c) => TimeTz(t.AsInt64(), -SqlDateTime.OffsetAt(c.Format.TimeZone, c.TransactionTimestamp)), Volatility.Stable);
        b.Cast("timetz time", CastContext.Assignment, static (t, _) => Datum.FromInt64(TimeOf(t)));
        b.Binary("timestamp(date, time) timestamp", static (d, t, _) => Datum.FromInt64(AddTime(d, t)));
        b.Binary("timestamptz(date, time) timestamptz stable", static (d, t, c) => Datum.FromInt64(ToUtc(AddTime(d, t), c)));
        b.Binary("timestamptz(date, timetz) timestamptz", static (d, t, _) => Datum.FromInt64(SqlDateTime.IsInfinite(ToTimestamp(d.AsInt32()))
            ? ToTimestamp(d.AsInt32())
            : CheckTimestamp((Int128)ToTimestamp(d.AsInt32()) + TimeOf(t) + ZoneWestOf(t) * SqlDateTime.MicrosecondsPerSecond)));
    }

    static long AddTime(Datum date, Datum time)
    {
        var midnight = ToTimestamp(date.AsInt32());
        return SqlDateTime.IsInfinite(midnight) ? midnight : CheckTimestamp((Int128)midnight + time.AsInt64());
    }

    static Datum TimeOfDay(long timestamp) => SqlDateTime.IsInfinite(timestamp) ? Datum.Null : Datum.FromInt64(SqlDateTime.Split(timestamp).Time);
}
