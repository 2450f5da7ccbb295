using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.DateTimeValues;

namespace Chitin.Sql.Functions.Library;

/// <summary>Arithmetic on dates, times and intervals (manual table 9.32).</summary>
static class DateTimeOperators
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterDates(b);
        RegisterTimestamps(b);
        RegisterTimes(b);
        RegisterIntervals(b);
    }

    static void RegisterDates(RegistryBuilder b)
    {
        b.Operator("date + int4 date", static (d, n, _) => AddDays(d.AsInt32(), n.AsInt64()));
        b.Operator("int4 + date date", static (n, d, _) => AddDays(d.AsInt32(), n.AsInt64()));
        b.Operator("date - int4 date", static (d, n, _) => AddDays(d.AsInt32(), -n.AsInt64()));
        b.Operator("date - date int4", static (l, r, _) => IsInfinite(l.AsInt32()) || IsInfinite(r.AsInt32())
            ? throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite dates")
            : Datum.FromInt64(l.AsInt64() - r.AsInt64()));
        b.Operator("date + interval timestamp", static (d, i, _) => Datum.FromInt64(SqlDateTime.AddInterval(ToTimestamp(d.AsInt32()), I(i), 1)));
        b.Operator("interval + date timestamp", static (i, d, _) => Datum.FromInt64(SqlDateTime.AddInterval(ToTimestamp(d.AsInt32()), I(i), 1)));
        b.Operator("date - interval timestamp", static (d, i, _) => Datum.FromInt64(SqlDateTime.AddInterval(ToTimestamp(d.AsInt32()), I(i), -1)));
        b.Operator("date + time timestamp", static (d, t, _) => DateAndTime(d.AsInt32(), t.AsInt64()));
        b.Operator("time + date timestamp", static (t, d, _) => DateAndTime(d.AsInt32(), t.AsInt64()));
        b.Operator("date + timetz timestamptz", static (d, t, _) => DateAndTimeTz(d.AsInt32(), t));
        b.Operator("timetz + date timestamptz", static (t, d, _) => DateAndTimeTz(d.AsInt32(), t));
    }

    static void RegisterTimestamps(RegistryBuilder b)
    {
        b.Operator("timestamp + interval timestamp", static (t, i, _) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), I(i), 1)));
        b.Operator("interval + timestamp timestamp", static (i, t, _) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), I(i), 1)));
        b.Operator("timestamp - interval timestamp", static (t, i, _) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), I(i), -1)));
        b.Operator("timestamp - timestamp interval", static (l, r, _) => Difference(l.AsInt64(), r.AsInt64()));
        b.Operator("timestamptz + interval timestamptz", static (t, i, c) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), I(i), 1, c.Format.TimeZone)), volatility: Volatility.Stable);
        b.Operator("interval + timestamptz timestamptz", static (i, t, c) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), I(i), 1, c.Format.TimeZone)), volatility: Volatility.Stable);
        b.Operator("timestamptz - interval timestamptz", static (t, i, c) => Datum.FromInt64(SqlDateTime.AddInterval(t.AsInt64(), I(i), -1, c.Format.TimeZone)), volatility: Volatility.Stable);
        b.Operator("timestamptz - timestamptz interval", static (l, r, _) => Difference(l.AsInt64(), r.AsInt64()));
    }

    static void RegisterTimes(RegistryBuilder b)
    {
        b.Operator("time + interval time", static (t, i, _) => Datum.FromInt64(WrapTime((Int128)t.AsInt64() + I(i).Microseconds)));
        b.Operator("interval + time time", static (i, t, _) => Datum.FromInt64(WrapTime((Int128)t.AsInt64() + I(i).Microseconds)));
        b.Operator("time - interval time", static (t, i, _) => Datum.FromInt64(WrapTime((Int128)t.AsInt64() - I(i).Microseconds)));
        b.Operator("time - time interval", static (l, r, _) => Of(new SqlInterval(0, 0, l.AsInt64() - r.AsInt64())));
        b.Operator("timetz + interval timetz", static (t, i, _) => TimeTz(WrapTime((Int128)TimeOf(t) + I(i).Microseconds), ZoneWestOf(t)));
        b.Operator("interval + timetz timetz", static (i, t, _) => TimeTz(WrapTime((Int128)TimeOf(t) + I(i).Microseconds), ZoneWestOf(t)));
        b.Operator("timetz - interval timetz", static (t, i, _) => TimeTz(WrapTime((Int128)TimeOf(t) - I(i).Microseconds), ZoneWestOf(t)));
    }

    static void RegisterIntervals(RegistryBuilder b)
    {
        b.Operator("interval + interval interval", static (l, r, _) => Of(SqlInterval.Add(I(l), I(r))));
        b.Operator("interval - interval interval", static (l, r, _) => Of(SqlInterval.Subtract(I(l), I(r))));
        b.Operator("interval * float8 interval", static (i, f, _) => Of(I(i).Multiply(f.AsDouble())));
        b.Operator("float8 * interval interval", static (f, i, _) => Of(I(i).Multiply(f.AsDouble())));
        b.Operator("interval / float8 interval", static (i, f, _) => Of(Divide(I(i), f.AsDouble())));
        b.Prefix("- interval interval", static (i, _) => Of(I(i).Negate()));
    }

    static Datum AddDays(int date, long days)
    {
        if (IsInfinite(date))
            return Datum.FromInt64(date);
        return Datum.FromInt64(SqlDateTime.CheckDate(date + days));
    }

    static Datum DateAndTime(int date, long time)
    {
        var midnight = ToTimestamp(date);
        return Datum.FromInt64(SqlDateTime.IsInfinite(midnight) ? midnight : CheckTimestamp((Int128)midnight + time));
    }

    static Datum DateAndTimeTz(int date, Datum time)
    {
        var midnight = ToTimestamp(date);
        return Datum.FromInt64(SqlDateTime.IsInfinite(midnight)
            ? midnight
            : CheckTimestamp((Int128)midnight + TimeOf(time) + ZoneWestOf(time) * SqlDateTime.MicrosecondsPerSecond));
    }

    /// <summary>Days and time, both with the sign of the whole.</summary>
    static Datum Difference(long left, long right)
    {
        if (SqlDateTime.IsInfinite(left) || SqlDateTime.IsInfinite(right))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite timestamps");
        var difference = (Int128)left - right;
        if (difference < long.MinValue || difference > long.MaxValue)
            throw FunctionErrors.IntervalOutOfRange();
        var micros = (long)difference;
        return Of(new SqlInterval(0, (int)(micros / SqlDateTime.MicrosecondsPerDay), micros % SqlDateTime.MicrosecondsPerDay));
    }

    /// <summary>As multiplication: the rest of months becomes days of a 30-day month, the rest of days time.</summary>
    internal static SqlInterval Divide(SqlInterval value, double divisor)
    {
        if (divisor == 0)
            throw FunctionErrors.DivisionByZero();
        var months = (long)(value.Months / divisor);
        var days = (long)(value.Days / divisor);
        var monthDays = RoundMicro((value.Months / divisor - months) * 30);
        var seconds = RoundMicro((value.Days / divisor - days + monthDays - Math.Truncate(monthDays)) * 86400);
        if (Math.Abs(seconds) >= 86400)
        {
            days += (long)(seconds / 86400);
            seconds -= (long)(seconds / 86400) * 86400;
        }

        return SqlInterval.Checked(months, days + (long)monthDays, (Int128)Math.Round(value.Microseconds / divisor + seconds * 1e6));
    }

    static double RoundMicro(double value) => Math.Round(value * 1e6) / 1e6;
}
