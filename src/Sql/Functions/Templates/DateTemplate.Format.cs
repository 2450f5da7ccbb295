using System.Text;

namespace Chitin.Sql.Functions.Templates;

sealed partial class DateTemplate
{
    static readonly string[] s_months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    static readonly string[] s_days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    static readonly string[] s_romanMonths = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

    internal string Format(in TemplateTime time)
    {
        var result = new StringBuilder();
        foreach (var node in _nodes)
        {
            if (node.Kind != NodeKind.Field)
            {
                result.Append(node.Text);
                continue;
            }

            var start = result.Length;
            AppendField(result, node, time);
            if (node.Ordinal != '\0' && result.Length > start)
            {
                var suffix = NumberTemplate.OrdinalSuffix(result.ToString(start, result.Length - start));
                result.Append(node.Ordinal == 'T' ? suffix.ToUpperInvariant() : suffix);
            }
        }

        return result.ToString();
    }

    static void AppendField(StringBuilder result, in Node node, in TemplateTime time)
    {
        switch (node.Field)
        {
            case Field.Meridiem or Field.MeridiemDots:
                var afternoon = time.Hour % 24 >= 12;
                AppendCased(result, node, node.Field == Field.Meridiem ? (afternoon ? "PM" : "AM") : afternoon ? "P.M." : "A.M.");
                break;
            case Field.Hour12:
                AppendNumber(result, node, time.Hour % 12 == 0 ? 12 : time.Hour % 12, time.Hour >= 0 ? 2 : 3);
                break;
            case Field.Hour24:
                AppendNumber(result, node, time.Hour, time.Hour >= 0 ? 2 : 3);
                break;
            case Field.Minute:
                AppendNumber(result, node, time.Minute, time.Minute >= 0 ? 2 : 3);
                break;
            case Field.Second:
                AppendNumber(result, node, time.Second, time.Second >= 0 ? 2 : 3);
                break;
            case Field.Milliseconds:
                result.Append((time.Microsecond / 1000).ToString("D3"));
                break;
            case Field.Microseconds:
                result.Append(time.Microsecond.ToString("D6"));
                break;
            case Field.Fraction:
                result.Append((time.Microsecond / (int)Math.Pow(10, 6 - node.Digits)).ToString("D" + node.Digits));
                break;
            case Field.SecondOfDay:
                result.Append(time.Hour * 3600 + time.Minute * 60 + time.Second);
                break;
            case Field.ZoneName or Field.ZoneHour or Field.ZoneMinute or Field.Offset:
                AppendZone(result, node, time);
                break;
            case Field.Month when time.IsInterval:
                AppendNumber(result, node, time.Month, time.Month >= 0 ? 2 : 3);
                break;
            case Field.Year or Field.YearWithComma or Field.IsoYear:
                AppendYear(result, node, time);
                break;
            case Field.Day:
                AppendNumber(result, node, time.Day, 2);
                break;
            case Field.RomanMonth:
                // A whole number of years counts as December, or as January when negative.
                if (!time.IsInterval || time.Month != 0 || time.Year != 0)
                    AppendPadded(result, node, s_romanMonths[time.Month < 0 ? time.Month + 12 : time.Month > 0 ? time.Month - 1 : time.Year > 0 ? 11 : 0], 4);
                break;
            case Field.Quarter:
                if (time.Month > 0)
                    result.Append((time.Month - 1) / 3 + 1);
                break;
            case Field.DayOfYear when time.IsInterval:
                AppendNumber(result, node, (time.Year * 12 + time.Month) * 30 + time.Day, 3);
                break;
            case Field.Century:
                AppendCentury(result, node, time);
                break;
            case Field.WeekOfMonth:
                result.Append((time.Day - 1) / 7 + 1);
                break;
            default:
                AppendCalendarField(result, node, time);
                break;
        }
    }

    /// <summary>Fields that need a place in the calendar.</summary>
    static void AppendCalendarField(StringBuilder result, in Node node, in TemplateTime time)
    {
        if (time.IsInterval && node.Field is not (Field.WeekOfYear or Field.Julian or Field.IsoWeek or Field.IsoDayOfYear))
            throw InvalidForInterval();
        var day = JulianCalendar.ToDay(time.Year, time.Month, time.Day);
        switch (node.Field)
        {
            case Field.Era:
                AppendCased(result, node, time.Year <= 0 ? "BC" : "AD");
                break;
            case Field.EraDots:
                AppendCased(result, node, time.Year <= 0 ? "B.C." : "A.D.");
                break;
            case Field.MonthName:
                AppendPadded(result, node, s_months[time.Month - 1], 9);
                break;
            case Field.MonthAbbreviation:
                AppendCased(result, node, s_months[time.Month - 1][..3]);
                break;
            case Field.Month:
                AppendNumber(result, node, time.Month, 2);
                break;
            case Field.DayName:
                AppendPadded(result, node, s_days[JulianCalendar.DayOfWeek(day)], 9);
                break;
            case Field.DayAbbreviation:
                AppendCased(result, node, s_days[JulianCalendar.DayOfWeek(day)][..3]);
                break;
            case Field.DayOfYear:
                AppendNumber(result, node, JulianCalendar.DayOfYear(time.Year, time.Month, time.Day), 3);
                break;
            case Field.IsoDayOfYear:
                AppendNumber(result, node, day - JulianCalendar.IsoYearStart(JulianCalendar.IsoWeek(time.Year, time.Month, time.Day).Year) + 1, 3);
                break;
            case Field.DayOfWeek:
                result.Append(JulianCalendar.DayOfWeek(day) + 1);
                break;
            case Field.IsoDayOfWeek:
                result.Append(JulianCalendar.IsoDayOfWeek(day));
                break;
            case Field.WeekOfYear:
                AppendNumber(result, node, (JulianCalendar.DayOfYear(time.Year, time.Month, time.Day) - 1) / 7 + 1, 2);
                break;
            case Field.IsoWeek:
                AppendNumber(result, node, JulianCalendar.IsoWeek(time.Year, time.Month, time.Day).Week, 2);
                break;
            case Field.Julian:
                result.Append(day);
                break;
        }
    }

    static void AppendYear(StringBuilder result, in Node node, in TemplateTime time)
    {
        var year = time.Year;
        if (node.Field == Field.IsoYear)
            year = time.IsInterval ? throw InvalidForInterval() : JulianCalendar.IsoWeek(time.Year, time.Month, time.Day).Year;
        if (!time.IsInterval && year <= 0)
            year = 1 - year;
        if (node.Field == Field.YearWithComma)
        {
            result.Append(year / 1000).Append(',').Append((year % 1000).ToString("D3"));
            return;
        }

        var shown = node.Digits switch { 4 => year, 3 => year % 1000, 2 => year % 100, _ => year % 10 };
        AppendNumber(result, node, shown, shown >= 0 ? node.Digits : node.Digits + 1);
    }

    static void AppendCentury(StringBuilder result, in Node node, in TemplateTime time)
    {
        var century = time.IsInterval ? time.Year / 100 : time.Year > 0 ? (time.Year - 1) / 100 + 1 : time.Year / 100 - 1;
        if (Math.Abs(century) <= 99)
            AppendNumber(result, node, century, century >= 0 ? 2 : 3);
        else
            result.Append(century);
    }

    static void AppendZone(StringBuilder result, in Node node, in TemplateTime time)
    {
        if (time.IsInterval)
            throw InvalidForInterval();
        var seconds = Math.Abs(time.ZoneOffset);
        switch (node.Field)
        {
            case Field.ZoneName:
                if (time.HasZone)
                    result.Append(node.Case == Case.Lower ? time.ZoneName.ToLowerInvariant() : time.ZoneName);
                break;
            case Field.ZoneHour:
                result.Append(time.ZoneOffset >= 0 ? '+' : '-').Append((seconds / 3600).ToString("D2"));
                break;
            case Field.ZoneMinute:
                result.Append((seconds / 60 % 60).ToString("D2"));
                break;
            default:
                result.Append(time.ZoneOffset >= 0 ? '+' : '-').Append(node.FillMode ? (seconds / 3600).ToString() : (seconds / 3600).ToString("D2"));
                if (seconds / 60 % 60 != 0)
                    result.Append(':').Append((seconds / 60 % 60).ToString("D2"));
                break;
        }
    }

    static void AppendNumber(StringBuilder result, in Node node, long value, int width)
    {
        if (node.FillMode)
            result.Append(value);
        else if (value < 0)
            result.Append('-').Append((-value).ToString("D" + (width - 1)));
        else
            result.Append(value.ToString("D" + width));
    }

    static void AppendPadded(StringBuilder result, in Node node, string name, int width)
    {
        var start = result.Length;
        AppendCased(result, node, name);
        if (!node.FillMode)
            result.Append(' ', Math.Max(0, width - (result.Length - start)));
    }

    static void AppendCased(StringBuilder result, in Node node, string name) => result.Append(node.Case switch
    {
        Case.Upper => name.ToUpperInvariant(),
        Case.Lower => name.ToLowerInvariant(),
        _ => name,
    });
}
