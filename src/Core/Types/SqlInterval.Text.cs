using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>Output in the four IntervalStyles (8.5.5).</summary>
public sealed partial record SqlInterval
{
    public string Format(IntervalStyle style) => style switch
    {
        IntervalStyle.SqlStandard => FormatStandard(),
        IntervalStyle.Iso8601 => FormatIso(),
        IntervalStyle.PostgresVerbose => FormatVerbose(),
        _ => FormatPostgres(),
    };

    public override string ToString() => FormatPostgres();

    /// <summary>1 year 2 mons -3 days +04:05:06: a sign stands where it differs from the part before.</summary>
    private string FormatPostgres()
    {
        var text = new StringBuilder();
        var isNegativeBefore = false;
        foreach (var (value, unit) in (ReadOnlySpan<(int, string)>)[(Months / 12, "year"), (Months % 12, "mon"), (Days, "day")])
        {
            if (value == 0)
                continue;
            text.Append(text.Length > 0 ? " " : "").Append(isNegativeBefore && value > 0 ? "+" : "").Append(value).Append(' ').Append(unit).Append(value == 1 ? "" : "s");
            isNegativeBefore = value < 0;
        }

        if (Microseconds != 0 || text.Length == 0)
        {
            text.Append(text.Length > 0 ? " " : "").Append(Microseconds < 0 ? "-" : isNegativeBefore ? "+" : "");
            AppendClock(text, 2);
        }

        return text.ToString();
    }

    /// <summary>@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs ago.</summary>
    private string FormatVerbose()
    {
        var text = new StringBuilder("@");
        var (hours, minutes, seconds, fraction) = Clock();
        var isAgo = false;
        foreach (var (value, unit) in (ReadOnlySpan<(long, string)>)[(Months / 12, "year"), (Months % 12, "mon"), (Days, "day"), (hours, "hour"), (minutes, "min")])
        {
            if (value == 0)
                continue;
            if (text.Length == 1)
                isAgo = value < 0;
            var shown = isAgo ? -value : value;
            text.Append(' ').Append(shown).Append(' ').Append(unit).Append(shown == 1 ? "" : "s");
        }

        if (seconds != 0 || fraction != 0)
        {
            if (text.Length == 1)
                isAgo = Microseconds < 0;
            text.Append(' ').Append(Microseconds < 0 != isAgo ? "-" : "").Append(Math.Abs(seconds));
            AppendFraction(text, fraction);
            text.Append(Math.Abs(seconds) == 1 && fraction == 0 ? " sec" : " secs");
        }

        if (text.Length == 1)
            text.Append(" 0");
        return text.Append(isAgo ? " ago" : "").ToString();
    }

    /// <summary>1-2, 3 4:05:06, or +1-2 -3 +4:05:06 when a single literal of the standard cannot say it.</summary>
    private string FormatStandard()
    {
        var isNegative = Months < 0 || Days < 0 || Microseconds < 0;
        var isPositive = Months > 0 || Days > 0 || Microseconds > 0;
        var hasRest = Days != 0 || Microseconds != 0;
        if (!isNegative && !isPositive)
            return "0";
        var text = new StringBuilder();
        if ((isNegative && isPositive) || (Months != 0 && hasRest))
        {
            text.Append(Months < 0 ? '-' : '+').Append(Math.Abs(Months / 12)).Append('-').Append(Math.Abs(Months % 12)).Append(' ')
                .Append(Days < 0 ? '-' : '+').Append(Math.Abs((long)Days)).Append(' ').Append(Microseconds < 0 ? '-' : '+');
            AppendClock(text, 1);
            return text.ToString();
        }

        text.Append(isNegative ? "-" : "");
        if (Months != 0)
            return text.Append(Math.Abs(Months / 12)).Append('-').Append(Math.Abs(Months % 12)).ToString();
        if (Days != 0)
            text.Append(Math.Abs((long)Days)).Append(' ');
        AppendClock(text, 1);
        return text.ToString();
    }

    /// <summary>P1Y2M3DT4H5M6S.</summary>
    private string FormatIso()
    {
        if (Months == 0 && Days == 0 && Microseconds == 0)
            return "PT0S";
        var text = new StringBuilder("P");
        var (hours, minutes, seconds, fraction) = Clock();
        foreach (var (value, unit) in (ReadOnlySpan<(long, char)>)[(Months / 12, 'Y'), (Months % 12, 'M'), (Days, 'D'), (Microseconds, 'T'), (hours, 'H'), (minutes, 'M')])
        {
            if (value != 0 && unit == 'T')
                text.Append('T');
            else if (value != 0)
                text.Append(value).Append(unit);
        }

        if (seconds != 0 || fraction != 0)
        {
            text.Append(Microseconds < 0 ? "-" : "").Append(Math.Abs(seconds));
            AppendFraction(text, fraction);
            text.Append('S');
        }

        return text.ToString();
    }

    /// <summary>Hours, minutes and seconds with the sign of the whole, and the fraction's magnitude.</summary>
    private (long Hours, long Minutes, long Seconds, long Fraction) Clock() =>
        (Microseconds / SqlDateTime.MicrosecondsPerHour, Microseconds / SqlDateTime.MicrosecondsPerMinute % 60, Microseconds / SqlDateTime.MicrosecondsPerSecond % 60,
            Math.Abs(Microseconds % SqlDateTime.MicrosecondsPerSecond));

    /// <summary>h:mm:ss[.f] of the magnitude.</summary>
    private void AppendClock(StringBuilder text, int hourDigits)
    {
        var (hours, minutes, seconds, fraction) = Clock();
        text.Append(Math.Abs(hours).ToString(hourDigits == 2 ? "D2" : "D1", CultureInfo.InvariantCulture)).Append(':')
            .Append(Math.Abs(minutes).ToString("D2", CultureInfo.InvariantCulture)).Append(':').Append(Math.Abs(seconds).ToString("D2", CultureInfo.InvariantCulture));
        AppendFraction(text, fraction);
    }

    private static void AppendFraction(StringBuilder text, long fraction)
    {
        if (fraction != 0)
            text.Append('.').Append(fraction.ToString("D6", CultureInfo.InvariantCulture).TrimEnd('0'));
    }
}
