using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Templates;

/// <summary>A date, time or interval taken apart for to_char, and what to_timestamp collects. Year is astronomical: 0 is 1 BC.</summary>
struct TemplateTime
{
    internal int Year;
    internal int Month;
    internal int Day;

    /// <summary>An interval's hours may be many and negative.</summary>
    internal long Hour;
    internal int Minute;
    internal int Second;
    internal int Microsecond;

    /// <summary>Seconds east of Greenwich.</summary>
    internal int ZoneOffset;
    internal string ZoneName;
    internal bool HasZone;
    internal bool IsInterval;
}

/// <summary>Julian day numbers, on which to_char's and extract's calendar fields rest.</summary>
static class JulianCalendar
{
    /// <summary>The Julian day of 2000-01-01.</summary>
    internal const int PostgresEpoch = 2451545;

    internal static long ToDay(long year, int month, int day) => SqlDateTime.DaysFromCivil(year, month, day) + PostgresEpoch;

    internal static (int Year, int Month, int Day) FromDay(long julianDay) => SqlDateTime.CivilFromDays(julianDay - PostgresEpoch);

    internal static bool IsLeap(int year) => SqlDateTime.IsLeapYear(year);

    internal static int DaysIn(int year, int month) => SqlDateTime.DaysInMonth(year, month);

    internal static int DayOfYear(int year, int month, int day) => (int)(ToDay(year, month, day) - ToDay(year, 1, 1)) + 1;

    /// <summary>0 = Sunday.</summary>
    internal static int DayOfWeek(long julianDay) => SqlDateTime.DayOfWeek(julianDay - PostgresEpoch);

    /// <summary>The Julian day of the Monday of ISO week 1.</summary>
    internal static long IsoYearStart(int year)
    {
        var fourth = ToDay(year, 1, 4);
        return fourth - (DayOfWeek(fourth) + 6) % 7;
    }

    internal static (int Year, int Week) IsoWeek(int year, int month, int day) => SqlDateTime.IsoWeek(SqlDateTime.DaysFromCivil(year, month, day));

    internal static int IsoDayOfWeek(long julianDay) => DayOfWeek(julianDay) is var day and not 0 ? day : 7;
}
