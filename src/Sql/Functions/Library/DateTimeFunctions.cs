using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.DateTimeValues;

namespace Chitin.Sql.Functions.Library;

/// <summary>date_trunc, date_bin, age, make_*, justify_*, overlaps, timezone (manual 9.9).</summary>
static class DateTimeFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterTruncation(b);
        RegisterAge(b);
        RegisterMake(b);
        RegisterZones(b);
        OverlapsFunctions.Register(b);
        b.Unary("isfinite(date) bool", static (d, _) => Datum.FromBool(!IsInfinite(d.AsInt32())));
        b.Unary("isfinite(timestamp) bool", static (t, _) => Datum.FromBool(!SqlDateTime.IsInfinite(t.AsInt64())));
        b.Unary("isfinite(timestamptz) bool", static (t, _) => Datum.FromBool(!SqlDateTime.IsInfinite(t.AsInt64())));
        b.Unary("isfinite(interval) bool", static (_, _) => Datum.True);
        b.Unary("justify_days(interval) interval", static (i, _) => Of(JustifyDays(I(i))));
        b.Unary("justify_hours(interval) interval", static (i, _) => Of(JustifyHours(I(i))));
        b.Unary("justify_interval(interval) interval", static (i, _) => Of(JustifyInterval(I(i))));
        b.Unary("to_timestamp(float8) timestamptz", static (v, _) => Datum.FromInt64(FromUnix(v.AsDouble())));
    }

    static void RegisterTruncation(RegistryBuilder b)
    {
        b.Binary("date_trunc(text, timestamp) timestamp", static (f, t, _) => Datum.FromInt64(Truncate(f.AsString(), t.AsInt64(), "timestamp without time zone")));
        b.Binary("date_trunc(text, timestamptz) timestamptz stable", static (f, t, c) => Datum.FromInt64(TruncateIn(f.AsString(), t.AsInt64(), c.Format.TimeZone)));
        b.Scalar("date_trunc(text, timestamptz, text) timestamptz stable", static (a, _) => ZoneOf(a[2].AsString()) switch
        {
            ({ } offset, _) => Datum.FromInt64(TruncateAt(a[0].AsString(), a[1].AsInt64(), offset)),
            (_, var zone) => Datum.FromInt64(TruncateIn(a[0].AsString(), a[1].AsInt64(), zone!)),
        });
        b.Binary("date_trunc(text, interval) interval", static (f, i, _) => Of(TruncateInterval(f.AsString(), I(i))));
        b.Scalar("date_bin(interval, timestamp, timestamp) timestamp", static (a, _) => Bin(I(a[0]), a[1].AsInt64(), a[2].AsInt64()));
        b.Scalar("date_bin(interval, timestamptz, timestamptz) timestamptz", static (a, _) => Bin(I(a[0]), a[1].AsInt64(), a[2].AsInt64()));
    }

    static void RegisterAge(RegistryBuilder b)
    {
        b.Binary("age(timestamp, timestamp) interval", static (l, r, _) => Of(Age(l.AsInt64(), r.AsInt64())));
        b.Binary("age(timestamptz, timestamptz) interval", static (l, r, c) => Of(Age(ToLocal(l.AsInt64(), c), ToLocal(r.AsInt64(), c))));
        b.Unary("age(timestamp) interval stable", static (t, c) => Of(Age(Midnight(c), t.AsInt64())));
        b.Unary("age(timestamptz) interval stable", static (t, c) => Of(Age(Midnight(c), ToLocal(t.AsInt64(), c))));
    }

    static void RegisterMake(RegistryBuilder b)
    {
        b.Scalar("make_date(year int4, month int4, day int4) date", static (a, _) => Datum.FromInt64(MakeDate(a[0].AsInt32(), a[1].AsInt32(), a[2].AsInt32())));
        b.Scalar("make_time(hour int4, min int4, sec float8) time", static (a, _) => Datum.FromInt64(MakeTime(a[0].AsInt32(), a[1].AsInt32(), a[2].AsDouble())));
        b.Scalar("make_timestamp(year int4, month int4, mday int4, hour int4, min int4, sec float8) timestamp", static (a, _) => Datum.FromInt64(MakeTimestamp(a)));
        b.Scalar("make_timestamptz(year int4, month int4, mday int4, hour int4, min int4, sec float8) timestamptz stable",
            static (a, c) => Datum.FromInt64(ToUtc(MakeTimestamp(a), c)));
        b.Scalar("make_timestamptz(year int4, month int4, mday int4, hour int4, min int4, sec float8, timezone text) timestamptz stable", static (a, _) => IsoZoneOf(a[6].AsString()) switch
        {
            ({ } offset, _) => Datum.FromInt64(CheckTimestamp((Int128)MakeTimestamp(a) - offset * SqlDateTime.MicrosecondsPerSecond)),
            (_, var zone) => Datum.FromInt64(ToUtc(MakeTimestamp(a), zone!)),
        });
        b.Scalar("make_interval(years int4 = 0, months int4 = 0, weeks int4 = 0, days int4 = 0, hours int4 = 0, mins int4 = 0, secs float8 = 0) interval", static (a, _) => Of(MakeInterval(a)));
    }

    static void RegisterZones(RegistryBuilder b)
    {
        b.Binary("timezone(text, timestamptz) timestamp", static (z, t, _) => Datum.FromInt64(SqlDateTime.IsInfinite(t.AsInt64()) ? t.AsInt64() : ZoneOf(z.AsString()) switch
        {
            ({ } offset, _) => CheckTimestamp((Int128)t.AsInt64() + offset * SqlDateTime.MicrosecondsPerSecond),
            (_, var zone) => SqlDateTime.UtcToLocal(zone!, t.AsInt64()),
        }));
        b.Binary("timezone(text, timestamp) timestamptz", static (z, t, _) => Datum.FromInt64(SqlDateTime.IsInfinite(t.AsInt64()) ? t.AsInt64() : ZoneOf(z.AsString()) switch
        {
            ({ } offset, _) => CheckTimestamp((Int128)t.AsInt64() - offset * SqlDateTime.MicrosecondsPerSecond),
            (_, var zone) => ToUtc(t.AsInt64(), zone!),
        }));
        b.Binary("timezone(text, timetz) timetz stable", static (z, t, c) => ZoneOf(z.AsString()) switch
        {
            ({ } offset, _) => ShiftTimeTz(t, offset),
            (_, var zone) => ShiftTimeTz(t, SqlDateTime.OffsetAt(zone!, c.TransactionTimestamp)),
        });
        b.Binary("timezone(interval, timestamptz) timestamp", static (z, t, _) => Datum.FromInt64(SqlDateTime.IsInfinite(t.AsInt64())
            ? t.AsInt64()
            : CheckTimestamp((Int128)t.AsInt64() + ZoneOf(I(z)) * SqlDateTime.MicrosecondsPerSecond)));
        b.Binary("timezone(interval, timestamp) timestamptz", static (z, t, _) => Datum.FromInt64(SqlDateTime.IsInfinite(t.AsInt64())
            ? t.AsInt64()
            : CheckTimestamp((Int128)t.AsInt64() - ZoneOf(I(z)) * SqlDateTime.MicrosecondsPerSecond)));
        b.Binary("timezone(interval, timetz) timetz", static (z, t, _) => ShiftTimeTz(t, ZoneOf(I(z))));
    }

    static Datum ShiftTimeTz(Datum time, int offset) =>
        TimeTz(WrapTime((Int128)TimeOf(time) + (ZoneWestOf(time) + offset) * SqlDateTime.MicrosecondsPerSecond), -offset);

    static long Midnight(EvaluationContext context) =>
        SqlDateTime.Split(ToLocal(context.TransactionTimestamp, context)).Days * SqlDateTime.MicrosecondsPerDay;

    static long Truncate(string field, long local, string type)
    {
        var unit = DateUnits.Find(field, type);
        if (SqlDateTime.IsInfinite(local))
            return local;
        var (days, time) = SqlDateTime.Split(local);
        var size = unit switch
        {
            DateUnit.Microsecond => 1,
            DateUnit.Millisecond => 1000,
            DateUnit.Second => SqlDateTime.MicrosecondsPerSecond,
            DateUnit.Minute => SqlDateTime.MicrosecondsPerMinute,
            DateUnit.Hour => SqlDateTime.MicrosecondsPerHour,
            _ => 0,
        };
        if (size > 0)
            return local - time % size;
        var (year, month, _) = SqlDateTime.CivilFromDays(days);
        var first = unit switch
        {
            DateUnit.Day => days,
            DateUnit.Week => days - (SqlDateTime.DayOfWeek(days) + 6) % 7,
            DateUnit.Month => SqlDateTime.DaysFromCivil(year, month, 1),
            DateUnit.Quarter => SqlDateTime.DaysFromCivil(year, (month - 1) / 3 * 3 + 1, 1),
            DateUnit.Year => SqlDateTime.DaysFromCivil(year, 1, 1),
            DateUnit.Decade => SqlDateTime.DaysFromCivil(year > 0 ? year / 10 * 10 : -((8 - (year - 1)) / 10 * 10), 1, 1),
            DateUnit.Century => SqlDateTime.DaysFromCivil(year > 0 ? (year + 99) / 100 * 100 - 99 : -((99 - (year - 1)) / 100 * 100) + 1, 1, 1),
            DateUnit.Millennium => SqlDateTime.DaysFromCivil(year > 0 ? (year + 999) / 1000 * 1000 - 999 : -((999 - (year - 1)) / 1000 * 1000) + 1, 1, 1),
            _ => throw DateUnits.Unsupported(field, type),
        };
        return SqlDateTime.CheckTimestamp(first, 0);
    }

    /// <summary>Below a day the offset stays what it is, so that an hour that occurs twice stays in its place.</summary>
    static long TruncateIn(string field, long utc, TimeZoneInfo zone)
    {
        if (SqlDateTime.IsInfinite(utc))
            return Truncate(field, utc, "timestamp with time zone");
        var local = SqlDateTime.UtcToLocal(zone, utc);
        var truncated = Truncate(field, local, "timestamp with time zone");
        return DateUnits.Find(field, "timestamp with time zone") <= DateUnit.Hour ? utc - (local - truncated) : ToUtc(truncated, zone);
    }

    static long TruncateAt(string field, long utc, int offset)
    {
        if (SqlDateTime.IsInfinite(utc))
            return utc;
        var shift = offset * SqlDateTime.MicrosecondsPerSecond;
        return Truncate(field, CheckTimestamp((Int128)utc + shift), "timestamp with time zone") - shift;
    }

    static SqlInterval TruncateInterval(string field, SqlInterval value)
    {
        var unit = DateUnits.Find(field, "interval");
        var (months, days, time) = value;
        return unit switch
        {
            DateUnit.Microsecond => value,
            DateUnit.Millisecond => new SqlInterval(months, days, time / 1000 * 1000),
            DateUnit.Second => new SqlInterval(months, days, time / SqlDateTime.MicrosecondsPerSecond * SqlDateTime.MicrosecondsPerSecond),
            DateUnit.Minute => new SqlInterval(months, days, time / SqlDateTime.MicrosecondsPerMinute * SqlDateTime.MicrosecondsPerMinute),
            DateUnit.Hour => new SqlInterval(months, days, time / SqlDateTime.MicrosecondsPerHour * SqlDateTime.MicrosecondsPerHour),
            DateUnit.Day => new SqlInterval(months, days, 0),
            DateUnit.Month => new SqlInterval(months, 0, 0),
            DateUnit.Quarter => new SqlInterval(months / 3 * 3, 0, 0),
            DateUnit.Year => new SqlInterval(months / 12 * 12, 0, 0),
            DateUnit.Decade => new SqlInterval(months / 120 * 120, 0, 0),
            DateUnit.Century => new SqlInterval(months / 1200 * 1200, 0, 0),
            DateUnit.Millennium => new SqlInterval(months / 12000 * 12000, 0, 0),
            _ => throw DateUnits.Unsupported(field, "interval"),
        };
    }

    static Datum Bin(SqlInterval stride, long timestamp, long origin)
    {
        if (SqlDateTime.IsInfinite(timestamp))
            return Datum.FromInt64(timestamp);
        if (SqlDateTime.IsInfinite(origin))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "origin out of range");
        if (stride.Months != 0)
            throw FunctionErrors.NotSupported("timestamps cannot be binned into intervals containing months or years");
        var width = (Int128)stride.Days * SqlDateTime.MicrosecondsPerDay + stride.Microseconds;
        if (width <= 0)
            throw new SqlException(SqlState.DatetimeFieldOverflow, "stride must be greater than zero");
        var difference = (Int128)timestamp - origin;
        var rest = difference % width;
        return Datum.FromInt64(CheckTimestamp(timestamp - (rest < 0 ? rest + width : rest)));
    }

    /// <summary>Years, months and days as a calendar counts them: borrowed days are those of the earlier date's month.</summary>
    static SqlInterval Age(long left, long right)
    {
        if (SqlDateTime.IsInfinite(left) || SqlDateTime.IsInfinite(right))
            throw FunctionErrors.TimestampOutOfRange();
        var negative = left < right;
        var (later, earlier) = negative ? (right, left) : (left, right);
        var (laterDays, laterTime) = SqlDateTime.Split(later);
        var (earlierDays, earlierTime) = SqlDateTime.Split(earlier);
        var (y1, m1, d1) = SqlDateTime.CivilFromDays(laterDays);
        var (y2, m2, d2) = SqlDateTime.CivilFromDays(earlierDays);
        long months = (y1 - (long)y2) * 12 + m1 - m2;
        var days = d1 - d2;
        var time = laterTime - earlierTime;
        if (time < 0)
        {
            time += SqlDateTime.MicrosecondsPerDay;
            days--;
        }

        while (days < 0)
        {
            days += SqlDateTime.DaysInMonth(y2, m2);
            months--;
        }

        var age = SqlInterval.Checked(months, days, time);
        return negative ? age.Negate() : age;
    }

    static SqlException FieldOutOfRange(string kind, string value) => new(SqlState.DatetimeFieldOverflow, $"{kind} field value out of range: {value}");

    static int MakeDate(int year, int month, int day)
    {
        var astronomical = year < 0 ? year + 1L : year;
        if (year == 0 || month is < 1 or > 12 || day < 1 || day > SqlDateTime.DaysInMonth(astronomical, month))
            throw FieldOutOfRange("date", $"{year}-{month:00}-{day:00}");
        var days = SqlDateTime.DaysFromCivil(astronomical, month, day);
        return days is < SqlDateTime.MinDate or > SqlDateTime.MaxDate
            ? throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: {year}-{month:00}-{day:00}")
            : (int)days;
    }

    static long MakeTime(int hour, int minute, double seconds)
    {
        var micros = Math.Round(seconds * 1e6);
        if (hour is < 0 or > 24 || minute is < 0 or > 59 || !(seconds >= 0) || micros > 60e6 || (hour == 24 && (minute > 0 || micros > 0)))
            throw FieldOutOfRange("time", FormattableString.Invariant($"{hour}:{minute:00}:{seconds:00.##########}"));
        return hour * SqlDateTime.MicrosecondsPerHour + minute * SqlDateTime.MicrosecondsPerMinute + (long)micros;
    }

    static long MakeTimestamp(ReadOnlySpan<Datum> a) =>
        SqlDateTime.CheckTimestamp(MakeDate(a[0].AsInt32(), a[1].AsInt32(), a[2].AsInt32()), MakeTime(a[3].AsInt32(), a[4].AsInt32(), a[5].AsDouble()));

    static SqlInterval MakeInterval(ReadOnlySpan<Datum> a)
    {
        var seconds = a[6].AsDouble();
        if (!double.IsFinite(seconds) || Math.Abs(seconds) > 9.2e12)
            throw FunctionErrors.IntervalOutOfRange();
        return SqlInterval.Checked(a[0].AsInt64() * 12 + a[1].AsInt64(), a[2].AsInt64() * 7 + a[3].AsInt64(),
            (Int128)a[4].AsInt64() * SqlDateTime.MicrosecondsPerHour + (Int128)a[5].AsInt64() * SqlDateTime.MicrosecondsPerMinute + (Int128)Math.Round(seconds * 1e6));
    }

    static SqlInterval JustifyHours(SqlInterval value)
    {
        var (days, time) = ((long)value.Days + value.Microseconds / SqlDateTime.MicrosecondsPerDay, value.Microseconds % SqlDateTime.MicrosecondsPerDay);
        Align(ref days, ref time, SqlDateTime.MicrosecondsPerDay);
        return SqlInterval.Checked(value.Months, days, time);
    }

    static SqlInterval JustifyDays(SqlInterval value)
    {
        var (months, days) = ((long)value.Months + value.Days / 30, (long)value.Days % 30);
        Align(ref months, ref days, 30);
        return SqlInterval.Checked(months, days, value.Microseconds);
    }

    static SqlInterval JustifyInterval(SqlInterval value)
    {
        var (months, days, time) = ((long)value.Months, (long)value.Days, value.Microseconds);
        days += time / SqlDateTime.MicrosecondsPerDay;
        time %= SqlDateTime.MicrosecondsPerDay;
        months += days / 30;
        days %= 30;
        if (months > 0 && (days < 0 || (days == 0 && time < 0)))
        {
            days += 30;
            months--;
        }
        else if (months < 0 && (days > 0 || (days == 0 && time > 0)))
        {
            days -= 30;
            months++;
        }

        Align(ref days, ref time, SqlDateTime.MicrosecondsPerDay);
        return SqlInterval.Checked(months, days, time);
    }

    /// <summary>Gives the smaller unit the sign of the larger one.</summary>
    static void Align(ref long large, ref long small, long size)
    {
        if (large > 0 && small < 0)
        {
            small += size;
            large--;
        }
        else if (large < 0 && small > 0)
        {
            small -= size;
            large++;
        }
    }

    static long FromUnix(double seconds)
    {
        if (double.IsNaN(seconds))
            throw new SqlException(SqlState.DatetimeFieldOverflow, "timestamp cannot be NaN");
        if (double.IsInfinity(seconds))
            return seconds > 0 ? long.MaxValue : long.MinValue;
        var micros = Math.Round((seconds - SqlDateTime.UnixEpochDays * 86400.0) * 1e6);
        return micros >= SqlDateTime.MinTimestamp && micros < SqlDateTime.EndTimestamp
            ? (long)micros
            : throw new SqlException(SqlState.DatetimeFieldOverflow, FormattableString.Invariant($"timestamp out of range: \"{seconds}\""));
    }
}
