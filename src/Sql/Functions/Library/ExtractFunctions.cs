using System.Numerics;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Templates;
using static Chitin.Sql.Functions.Library.DateTimeValues;

namespace Chitin.Sql.Functions.Library;

/// <summary>extract (numeric) and date_part (float8), manual 9.9.1.</summary>
static class ExtractFunctions
{
    const string TimestampName = "timestamp without time zone";
    const string TimestampTzName = "timestamp with time zone";

    internal static void Register(RegistryBuilder b)
    {
        Add(b, "date", "", static (f, v, _) => FromDate(f, v.AsInt32()));
        Add(b, "timestamp", "", static (f, v, _) => FromTimestamp(f, v.AsInt64(), 0, null));
        Add(b, "timestamptz", " stable", static (f, v, c) => FromTimestampTz(f, v.AsInt64(), c));
        Add(b, "interval", "", static (f, v, _) => FromInterval(f, I(v)));
        Add(b, "time", "", static (f, v, _) => FromTime(f, v.AsInt64(), null, "time without time zone"));
        Add(b, "timetz", "", static (f, v, _) => FromTime(f, TimeOf(v), ZoneWestOf(v), "time with time zone"));
    }

    static void Add(RegistryBuilder b, string type, string volatility, Func<string, Datum, EvaluationContext, SqlNumeric?> extract)
    {
        b.Binary($"extract(text, {type}) numeric{volatility}", (f, v, c) => extract(f.AsString(), v, c) is { } value ? Datum.FromObject(value) : Datum.Null);
        b.Binary($"date_part(text, {type}) float8{volatility}", (f, v, c) => extract(f.AsString(), v, c) is { } value ? Datum.FromDouble(value.ToDouble()) : Datum.Null);
    }

    static SqlNumeric Whole(long value) => SqlNumeric.FromInt64(value);

    static SqlNumeric Scaled(Int128 value, int scale) => new((BigInteger)value, scale);

    /// <summary>Of an infinite date: the fields that only grow are infinite too, the others NULL.</summary>
    static SqlNumeric? OfInfinity(DateUnit unit, bool positive) => unit switch
    {
        DateUnit.Year or DateUnit.Decade or DateUnit.Century or DateUnit.Millennium or DateUnit.Julian or DateUnit.IsoYear or DateUnit.Epoch =>
            positive ? SqlNumeric.PositiveInfinity : SqlNumeric.NegativeInfinity,
        _ => null,
    };

    static SqlNumeric? FromDate(string field, int date)
    {
        var unit = DateUnits.Find(field, "date");
        if (unit is DateUnit.Microsecond or DateUnit.Millisecond or DateUnit.Second or DateUnit.Minute or DateUnit.Hour or DateUnit.TimeZone or DateUnit.TimeZoneHour or DateUnit.TimeZoneMinute)
            throw DateUnits.Unsupported(field, "date");
        if (IsInfinite(date))
            return OfInfinity(unit, date > 0);
        return unit switch
        {
            DateUnit.Epoch => Whole((date + (long)SqlDateTime.UnixEpochDays) * 86400),
            DateUnit.Julian => Whole(date + (long)JulianCalendar.PostgresEpoch),
            _ => Whole(Calendar(unit, date)),
        };
    }

    static SqlNumeric? FromTimestampTz(string field, long utc, EvaluationContext context)
    {
        if (SqlDateTime.IsInfinite(utc))
            return FromTimestamp(field, utc, 0, 0);
        var offset = SqlDateTime.OffsetAt(context.Format.TimeZone, utc);
        return FromTimestamp(field, utc + offset * SqlDateTime.MicrosecondsPerSecond, offset, offset);
    }

    static SqlNumeric? FromTimestamp(string field, long local, int offset, int? zone)
    {
        var type = zone is null ? TimestampName : TimestampTzName;
        var unit = DateUnits.Find(field, type);
        if (unit is DateUnit.TimeZone or DateUnit.TimeZoneHour or DateUnit.TimeZoneMinute && zone is null)
            throw DateUnits.Unsupported(field, type);
        if (SqlDateTime.IsInfinite(local))
            return OfInfinity(unit, local > 0);
        var (days, time) = SqlDateTime.Split(local);
        switch (unit)
        {
            case DateUnit.TimeZone or DateUnit.TimeZoneHour or DateUnit.TimeZoneMinute:
                return ZonePart(unit, zone!.Value);
            case DateUnit.Epoch:
                return Scaled((Int128)local + SqlDateTime.UnixEpochMicroseconds - offset * SqlDateTime.MicrosecondsPerSecond, 6);
            case DateUnit.Julian:
                return SqlNumeric.Add(Whole(days + JulianCalendar.PostgresEpoch), SqlNumeric.Divide(Whole(time), Whole(SqlDateTime.MicrosecondsPerDay)));
            default:
                return TimePart(unit, time) ?? Whole(Calendar(unit, days));
        }
    }

    static SqlNumeric ZonePart(DateUnit unit, int offset) => unit switch
    {
        DateUnit.TimeZone => Whole(offset),
        DateUnit.TimeZoneHour => Whole(offset / 3600),
        _ => Whole(offset / 60 % 60),
    };

    static SqlNumeric? TimePart(DateUnit unit, long time) => unit switch
    {
        DateUnit.Microsecond => Whole(time % SqlDateTime.MicrosecondsPerMinute),
        DateUnit.Millisecond => Scaled(time % SqlDateTime.MicrosecondsPerMinute, 3),
        DateUnit.Second => Scaled(time % SqlDateTime.MicrosecondsPerMinute, 6),
        DateUnit.Minute => Whole(time / SqlDateTime.MicrosecondsPerMinute % 60),
        DateUnit.Hour => Whole(time / SqlDateTime.MicrosecondsPerHour),
        _ => null,
    };

    static long Calendar(DateUnit unit, long days)
    {
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        // Years before 1 AD are shown as negative, without a year 0.
        var shown = year > 0 ? year : year - 1;
        return unit switch
        {
            DateUnit.Day => day,
            DateUnit.Month => month,
            DateUnit.Quarter => (month - 1) / 3 + 1,
            DateUnit.Week => SqlDateTime.IsoWeek(days).Week,
            DateUnit.Year => shown,
            DateUnit.Decade => year >= 0 ? year / 10 : -((8 - (year - 1)) / 10),
            DateUnit.Century => year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100),
            DateUnit.Millennium => year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000),
            DateUnit.IsoYear => SqlDateTime.IsoWeek(days).Year is var iso and > 0 ? iso : SqlDateTime.IsoWeek(days).Year - 1,
            DateUnit.DayOfWeek => SqlDateTime.DayOfWeek(days),
            DateUnit.IsoDayOfWeek => SqlDateTime.DayOfWeek(days) is var dow and not 0 ? dow : 7,
            _ => days - SqlDateTime.DaysFromCivil(year, 1, 1) + 1,
        };
    }

    static SqlNumeric? FromTime(string field, long time, int? zoneWest, string type)
    {
        var unit = DateUnits.Find(field, type);
        if (TimePart(unit, time) is { } part)
            return part;
        return unit switch
        {
            DateUnit.Epoch => Scaled((Int128)time + (zoneWest ?? 0) * SqlDateTime.MicrosecondsPerSecond, 6),
            DateUnit.TimeZone or DateUnit.TimeZoneHour or DateUnit.TimeZoneMinute when zoneWest is { } west => ZonePart(unit, -west),
            _ => throw DateUnits.Unsupported(field, type),
        };
    }

    static SqlNumeric? FromInterval(string field, SqlInterval value)
    {
        var unit = DateUnits.Find(field, "interval");
        if (TimePart(unit, value.Microseconds) is { } part)
            return part;
        var years = value.Months / 12;
        return unit switch
        {
            DateUnit.Day => Whole(value.Days),
            DateUnit.Month => Whole(value.Months % 12),
            DateUnit.Quarter => Whole(value.Months % 12 / 3 + 1),
            DateUnit.Year => Whole(years),
            DateUnit.Decade => Whole(years / 10),
            DateUnit.Century => Whole(years / 100),
            DateUnit.Millennium => Whole(years / 1000),
            // A year counts 365.25 days, a month beyond full years 30.
            DateUnit.Epoch => Scaled(((Int128)years * 1461 * 21600 + ((Int128)(value.Months % 12) * 30 + value.Days) * 86400) * 1_000_000 + value.Microseconds, 6),
            _ => throw DateUnits.Unsupported(field, "interval"),
        };
    }
}
