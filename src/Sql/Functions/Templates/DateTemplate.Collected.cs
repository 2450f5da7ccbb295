using Chitin.Core;

namespace Chitin.Sql.Functions.Templates;

sealed partial class DateTemplate
{
    /// <summary>The fields that a text gave, before they become one point in time.</summary>
    sealed class Collected
    {
        internal int? Hour, Minute, Second, Microsecond, SecondOfDay, Year, Month, Day, DayOfYear, DayOfWeek, WeekOfYear, WeekOfMonth, Century, Julian;
        internal int? IsoYear, IsoWeek, IsoDayOfWeek, IsoDayOfYear, ZoneHour, ZoneMinute;
        internal int YearDigits = 4;
        internal int ZoneSign = 1;
        internal bool Afternoon, TwelveHours, BeforeChrist, HasZone;

        internal void Set(ref int? place, int value, in Node node)
        {
            if (place is { } before && before != value)
                throw new SqlException(SqlState.InvalidDatetimeFormat, $"conflicting values for \"{NameOf(node)}\" field in formatting string")
                {
                    Detail = "This value contradicts a previous setting for the same field type.",
                };
            place = value;
        }

        internal TemplateTime Combine(string text)
        {
            if ((IsoYear ?? IsoWeek ?? IsoDayOfYear ?? IsoDayOfWeek) is not null && (Year ?? Month ?? Day ?? DayOfYear ?? WeekOfYear ?? WeekOfMonth ?? DayOfWeek) is not null)
                throw new SqlException(SqlState.InvalidDatetimeFormat, "invalid combination of date conventions")
                {
                    Hint = "Do not mix Gregorian and ISO week date conventions in a formatting template.",
                };
            var time = new TemplateTime { ZoneName = "" };
            CombineTime(ref time);
            CombineDate(ref time, text);
            if (time.Hour is < 0 or > 24 || time.Minute is < 0 or > 59 || time.Second is < 0 or > 59 || (time.Hour == 24 && (time.Minute | time.Second | time.Microsecond) != 0))
                throw OutOfRange(text);
            if (!HasZone)
                return time;
            if (ZoneHour is < 0 or > 15 || ZoneMinute is < 0 or > 59)
                throw OutOfRange(text);
            time.HasZone = true;
            time.ZoneOffset = ZoneSign * ((ZoneHour ?? 0) * 3600 + (ZoneMinute ?? 0) * 60);
            return time;
        }

        void CombineTime(ref TemplateTime time)
        {
            if (SecondOfDay is { } seconds)
            {
                (Hour, Minute, Second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            }

            time.Hour = Hour ?? 0;
            if (TwelveHours)
            {
                if (Hour is < 1 or > 12)
                    throw new SqlException(SqlState.InvalidDatetimeFormat, $"hour \"{Hour}\" is invalid for the 12-hour clock")
                    {
                        Hint = "Use the 24-hour clock, or give an hour between 1 and 12.",
                    };
                if (Afternoon && time.Hour < 12)
                    time.Hour += 12;
                else if (!Afternoon && time.Hour == 12)
                    time.Hour = 0;
            }

            time.Minute = Minute ?? 0;
            time.Second = Second ?? 0;
            time.Microsecond = Microsecond ?? 0;
            if (time.Microsecond == 1_000_000)
                (time.Microsecond, time.Second) = (0, time.Second + 1);
        }

        void CombineDate(ref TemplateTime time, string text)
        {
            var year = CombineYear();
            if (Julian is { } julian)
            {
                (time.Year, time.Month, time.Day) = JulianCalendar.FromDay(julian);
                return;
            }

            if ((IsoWeek ?? IsoDayOfYear ?? IsoDayOfWeek) is not null || IsoYear is not null)
            {
                CombineIso(ref time);
                return;
            }

            time.Year = year;
            var dayOfYear = DayOfYear ?? (WeekOfYear is { } week ? (week - 1) * 7 + 1 : null);
            if (dayOfYear is { } n)
            {
                if (Year is null && Century is null)
                    throw new SqlException(SqlState.InvalidDatetimeFormat, "cannot calculate day of year without year information");
                if (n < 1 || n > (JulianCalendar.IsLeap(year) ? 366 : 365))
                    throw OutOfRange(text);
                (_, time.Month, time.Day) = JulianCalendar.FromDay(JulianCalendar.ToDay(year, 1, 1) + n - 1);
                if (Month is { } month)
                    time.Month = month;
                if (Day is { } explicitDay)
                    time.Day = explicitDay;
                return;
            }

            time.Month = Month ?? 1;
            time.Day = Day ?? (WeekOfMonth is { } w ? (w - 1) * 7 + 1 : 1);
            if (time.Month is < 1 or > 12 || time.Day < 1 || time.Day > JulianCalendar.DaysIn(time.Year, time.Month))
                throw OutOfRange(text);
        }

        /// <summary>The astronomical year from year, century and era.</summary>
        int CombineYear()
        {
            var year = Year ?? 0;
            if (Year is not null)
            {
                if (Century is { } century && YearDigits <= 2)
                {
                    year %= 100;
                    year = BeforeChrist || century < 0
                        ? -(Math.Abs(century) * 100 - year) + 1
                        : year != 0 ? (century - 1) * 100 + year : century * 100;
                    return year;
                }

                return BeforeChrist && year > 0 ? 1 - year : year < 0 ? year + 1 : year;
            }

            if (Century is { } only)
                return BeforeChrist || only < 0 ? -(Math.Abs(only) * 100) + 1 : (only - 1) * 100 + 1;
            return 0;
        }

        void CombineIso(ref TemplateTime time)
        {
            var start = JulianCalendar.IsoYearStart(IsoYear ?? 0);
            var day = IsoDayOfYear is { } n ? start + n - 1 : start + ((IsoWeek ?? 1) - 1) * 7L + (IsoDayOfWeek ?? 1) - 1;
            (time.Year, time.Month, time.Day) = JulianCalendar.FromDay(day);
        }

        static SqlException OutOfRange(string text) => new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{text}\"");
    }
}
