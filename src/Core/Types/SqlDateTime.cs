namespace Chitin.Core.Types;

/// <summary>
/// Calendar arithmetic over PostgreSQL's range: dates are days and timestamps microseconds since 2000-01-01; the proleptic Gregorian calendar, years before 1 are BC (astronomical 0 = 1 BC).
/// </summary>
public static class SqlDateTime
{
    public const long MicrosecondsPerSecond = 1_000_000;
    public const long MicrosecondsPerMinute = 60 * MicrosecondsPerSecond;
    public const long MicrosecondsPerHour = 60 * MicrosecondsPerMinute;
    public const long MicrosecondsPerDay = 24 * MicrosecondsPerHour;

    /// <summary>Days from 1970-01-01 to 2000-01-01.</summary>
    public const int UnixEpochDays = 10957;

    public const long UnixEpochMicroseconds = UnixEpochDays * MicrosecondsPerDay;

    /// <summary>4713-11-24 BC (Gregorian), Julian day 0.</summary>
    public const int MinDate = -2451545;

    /// <summary>5874897-12-31.</summary>
    public const int MaxDate = 2145031948;

    public const long MinTimestamp = MinDate * MicrosecondsPerDay;

    /// <summary>294277-01-01 exclusive.</summary>
    public const long EndTimestamp = 9223371331200000000;

    public const int NegativeInfinityDate = int.MinValue;
    public const int InfinityDate = int.MaxValue;

    public static bool IsInfinite(long timestamp) => timestamp is long.MinValue or long.MaxValue;

    /// <summary>Days since 2000-01-01 of a date that may have months and days out of range.</summary>
    public static long DaysFromCivil(long year, int month, int day)
    {
        var y = month <= 2 ? year - 1 : year;
        var era = (y >= 0 ? y : y - 399) / 400;
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146097) + dayOfEra - 719468 - UnixEpochDays;
    }

    public static (int Year, int Month, int Day) CivilFromDays(long days)
    {
        var z = days + UnixEpochDays + 719468;
        var era = (z >= 0 ? z : z - 146096) / 146097;
        var dayOfEra = z - (era * 146097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36524) - (dayOfEra / 146096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var day = (int)(dayOfYear - (((153 * shifted) + 2) / 5) + 1);
        var month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        return ((int)(yearOfEra + (era * 400) + (month <= 2 ? 1 : 0)), month, day);
    }

    public static bool IsLeapYear(long year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(long year, int month) => month switch
    {
        2 => IsLeapYear(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Splits a timestamp into its day and the time of day, both rounded down.</summary>
    public static (long Days, long Time) Split(long timestamp)
    {
        var days = Math.DivRem(timestamp, MicrosecondsPerDay, out var time);
        return time < 0 ? (days - 1, time + MicrosecondsPerDay) : (days, time);
    }

    public static long CheckTimestamp(long days, long time)
    {
        var wide = ((Int128)days * MicrosecondsPerDay) + time;
        if (wide < MinTimestamp || wide >= EndTimestamp)
            throw TypeErrors.DatetimeOutOfRange("timestamp");
        return (long)wide;
    }

    public static int CheckDate(long days) => days is < MinDate or > MaxDate ? throw TypeErrors.DatetimeOutOfRange("date") : (int)days;

    /// <summary>The zone's offset east of Greenwich in seconds at a UTC instant.</summary>
    public static int OffsetAt(TimeZoneInfo zone, long utcMicroseconds) =>
        ReferenceEquals(zone, TimeZoneInfo.Utc) ? 0 : ZoneRules.Of(zone).At(ToUnixSeconds(utcMicroseconds)).Seconds;

    /// <summary>Local time to UTC: a time in a gap is read with the offset before it, an ambiguous one as standard time (as PostgreSQL does).</summary>
    public static long LocalToUtc(TimeZoneInfo zone, long localMicroseconds)
    {
        if (ReferenceEquals(zone, TimeZoneInfo.Utc) || IsInfinite(localMicroseconds))
            return localMicroseconds;
        return localMicroseconds - (ZoneRules.Of(zone).OffsetOfLocal(ToUnixSeconds(localMicroseconds)) * MicrosecondsPerSecond);
    }

    public static long UtcToLocal(TimeZoneInfo zone, long utcMicroseconds) =>
        IsInfinite(utcMicroseconds) ? utcMicroseconds : utcMicroseconds + (OffsetAt(zone, utcMicroseconds) * MicrosecondsPerSecond);

    /// <summary>The zone's abbreviation at an instant.</summary>
    public static string Abbreviation(TimeZoneInfo zone, long utcMicroseconds) => ZoneRules.Of(zone).At(ToUnixSeconds(utcMicroseconds)).Abbreviation;

    /// <summary>+02, -03:30, +05:53:28.</summary>
    public static string FormatOffset(int seconds, bool colonAlways)
    {
        var sign = seconds < 0 ? '-' : '+';
        seconds = Math.Abs(seconds);
        var text = $"{sign}{seconds / 3600:00}";
        if (colonAlways || seconds % 3600 != 0)
            text += $":{seconds / 60 % 60:00}";
        if (seconds % 60 != 0)
            text += $":{seconds % 60:00}";
        return text;
    }

    /// <summary>Adds an interval: months first (the day is cut to the month's length), then days, then time.</summary>
    public static long AddInterval(long timestamp, SqlInterval interval, int sign)
    {
        if (IsInfinite(timestamp))
            return timestamp;
        var (days, time) = Split(timestamp);
        if (interval.Months != 0)
            days = AddMonths(days, (long)interval.Months * sign);
        days += (long)interval.Days * sign;
        var wide = ((Int128)days * MicrosecondsPerDay) + time + ((Int128)interval.Microseconds * sign);
        if (wide < MinTimestamp || wide >= EndTimestamp)
            throw TypeErrors.DatetimeOutOfRange("timestamp");
        return (long)wide;
    }

    /// <summary>timestamptz plus interval: months and days move the local clock, the time part moves the instant.</summary>
    public static long AddInterval(long utc, SqlInterval interval, int sign, TimeZoneInfo zone)
    {
        if (IsInfinite(utc))
            return utc;
        if (interval.Months != 0 || interval.Days != 0)
        {
            var local = AddInterval(UtcToLocal(zone, utc), new SqlInterval(interval.Months, interval.Days, 0), sign);
            utc = LocalToUtc(zone, local);
        }

        return AddInterval(utc, new SqlInterval(0, 0, interval.Microseconds), sign);
    }

    public static long AddMonths(long days, long months)
    {
        var (year, month, day) = CivilFromDays(days);
        var total = ((long)year * 12) + (month - 1) + months;
        var newYear = FloorDivide(total, 12);
        var newMonth = (int)(total - (newYear * 12)) + 1;
        return DaysFromCivil(newYear, newMonth, Math.Min(day, DaysInMonth(newYear, newMonth)));
    }

    /// <summary>Rounds microseconds to a declared number of fractional digits (0 to 6).</summary>
    public static long RoundFraction(long microseconds, int digits)
    {
        if (digits is < 0 or >= 6 || IsInfinite(microseconds))
            return microseconds;
        var unit = 1L;
        for (var i = digits; i < 6; i++)
            unit *= 10;
        return microseconds >= 0 ? (microseconds + (unit / 2)) / unit * unit : -((-microseconds + (unit / 2)) / unit * unit);
    }

    public static long FromDateTimeOffset(DateTimeOffset value) => (value.UtcTicks - new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks) / 10;

    /// <summary>0 to 6 for Sunday to Saturday.</summary>
    public static int DayOfWeek(long days) => (int)((((days + 6) % 7) + 7) % 7);

    /// <summary>Week number and year by ISO 8601.</summary>
    public static (int Year, int Week) IsoWeek(long days)
    {
        var monday = days - ((DayOfWeek(days) + 6) % 7);
        var (year, _, _) = CivilFromDays(monday + 3);
        var firstThursdayWeek = DaysFromCivil(year, 1, 4);
        var firstMonday = firstThursdayWeek - ((DayOfWeek(firstThursdayWeek) + 6) % 7);
        return (year, (int)((monday - firstMonday) / 7) + 1);
    }

    /// <summary>Whole seconds since 1970-01-01, rounded down.</summary>
    internal static long ToUnixSeconds(long microseconds) => FloorDivide(microseconds, MicrosecondsPerSecond) + (UnixEpochDays * 86400L);

    internal static long FloorDivide(long dividend, long divisor) => (dividend / divisor) - (dividend % divisor < 0 ? 1 : 0);

    /// <summary>The offset of a local time by .NET's rules, for zones without a file.</summary>
    internal static double OffsetOfLocal(TimeZoneInfo zone, long localUnixSeconds)
    {
        var local = ToDateTime((localUnixSeconds * MicrosecondsPerSecond) - UnixEpochMicroseconds, DateTimeKind.Unspecified);
        return (zone.IsInvalidTime(local) ? zone.GetUtcOffset(local.AddHours(-3)) : zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Min() : zone.GetUtcOffset(local)).TotalSeconds;
    }

    internal static DateTime ToDateTime(long microseconds, DateTimeKind kind)
    {
        // .NET's clock ends at 9999: zone rules beyond it are those of a year with the same calendar 400 years apart.
        const long cycle = 146097L * MicrosecondsPerDay;
        const long end = 2921939L * MicrosecondsPerDay - (2 * MicrosecondsPerDay);
        const long start = -730119L * MicrosecondsPerDay + (2 * MicrosecondsPerDay);
        if (microseconds > end)
            microseconds -= (((microseconds - end) / cycle) + 1) * cycle;
        else if (microseconds < start)
            microseconds += (((start - microseconds) / cycle) + 1) * cycle;
        return new DateTime(new DateTime(2000, 1, 1).Ticks + (microseconds * 10), kind);
    }
}
