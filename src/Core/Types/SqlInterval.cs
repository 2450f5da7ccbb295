using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>A span of months, days and microseconds, kept apart as PostgreSQL keeps them. Comparison takes 30 days a month and 24 hours a day.</summary>
public sealed record SqlInterval(int Months, int Days, long Microseconds) : IComparable<SqlInterval>
{
    public static SqlInterval Zero { get; } = new(0, 0, 0);

    private Int128 Total => ((Int128)(((long)Months * 30) + Days) * SqlDateTime.MicrosecondsPerDay) + Microseconds;

    public int CompareTo(SqlInterval? other) => Total.CompareTo(other!.Total);

    public bool Equals(SqlInterval? other) => other is not null && Total == other.Total;

    public override int GetHashCode() => Total.GetHashCode();

    internal Int128 ComparisonValue => Total;

    public SqlInterval Negate() => Checked(-(long)Months, -(long)Days, -(Int128)Microseconds);

    public static SqlInterval Add(SqlInterval left, SqlInterval right) =>
        Checked((long)left.Months + right.Months, (long)left.Days + right.Days, (Int128)left.Microseconds + right.Microseconds);

    public static SqlInterval Subtract(SqlInterval left, SqlInterval right) =>
        Checked((long)left.Months - right.Months, (long)left.Days - right.Days, (Int128)left.Microseconds - right.Microseconds);

    /// <summary>Fractions of months become days (30 a month), fractions of days time.</summary>
    public SqlInterval Multiply(double factor)
    {
        if (double.IsNaN(factor) || double.IsInfinity(factor))
            throw TypeErrors.DatetimeOutOfRange("interval");
        var months = Months * factor;
        var days = Days * factor;
        var wholeMonths = Math.Truncate(months);
        var monthDays = (months - wholeMonths) * 30;
        monthDays = Math.Round(monthDays * 1e6) / 1e6;
        var wholeDays = Math.Truncate(days);
        var seconds = ((days - wholeDays) + (monthDays - Math.Truncate(monthDays))) * 86400;
        seconds = Math.Round(seconds * 1e6) / 1e6;
        wholeDays += Math.Truncate(monthDays);
        if (Math.Abs(seconds) >= 86400)
        {
            wholeDays += Math.Truncate(seconds / 86400);
            seconds -= Math.Truncate(seconds / 86400) * 86400;
        }

        if (Math.Abs(wholeMonths) > int.MaxValue || Math.Abs(wholeDays) > int.MaxValue)
            throw TypeErrors.DatetimeOutOfRange("interval");
        return Checked((long)wholeMonths, (long)wholeDays, (Int128)Math.Round((Microseconds * factor) + (seconds * 1e6)));
    }

    public static SqlInterval Checked(long months, long days, Int128 microseconds)
    {
        if (months is < int.MinValue or > int.MaxValue || days is < int.MinValue or > int.MaxValue || microseconds < long.MinValue || microseconds > long.MaxValue)
            throw TypeErrors.DatetimeOutOfRange("interval");
        return new SqlInterval((int)months, (int)days, (long)microseconds);
    }

    public string Format(IntervalStyle style) => style switch
    {
        IntervalStyle.SqlStandard => FormatStandard(),
        IntervalStyle.Iso8601 => FormatIso(),
        IntervalStyle.PostgresVerbose => FormatVerbose(),
        _ => FormatPostgres(),
    };

    public override string ToString() => FormatPostgres();

    private string FormatPostgres()
    {
        var text = new StringBuilder();
        var negativeBefore = false;
        void Part(long value, string unit)
        {
            if (value == 0)
                return;
            if (text.Length > 0)
                text.Append(' ');
            text.Append(negativeBefore && value > 0 ? "+" : "").Append(value).Append(' ').Append(unit).Append(value == 1 ? "" : "s");
            negativeBefore = value < 0;
        }

        Part(Months / 12, "year");
        Part(Months % 12, "mon");
        Part(Days, "day");
        if (Microseconds != 0 || text.Length == 0)
        {
            if (text.Length > 0)
                text.Append(' ');
            text.Append(Microseconds < 0 ? "-" : negativeBefore ? "+" : "").Append(Clock(Microseconds));
        }

        return text.ToString();
    }

    private string FormatVerbose()
    {
        var text = new StringBuilder("@");
        var first = Months != 0 ? Months / 12 != 0 ? Months / 12 : Months % 12 : Days != 0 ? Days : Microseconds;
        var ago = first < 0;
        void Part(decimal value, string unit)
        {
            if (value == 0)
                return;
            if (ago)
                value = -value;
            text.Append(' ').Append(value.ToString("0.######", CultureInfo.InvariantCulture)).Append(' ').Append(unit).Append(value == 1 ? "" : "s");
        }

        Part(Months / 12, "year");
        Part(Months % 12, "mon");
        Part(Days, "day");
        Part(Microseconds / SqlDateTime.MicrosecondsPerHour, "hour");
        Part(Microseconds / SqlDateTime.MicrosecondsPerMinute % 60, "min");
        Part(Microseconds % SqlDateTime.MicrosecondsPerMinute / 1_000_000m, "sec");
        if (text.Length == 1)
            text.Append(" 0");
        if (ago)
            text.Append(" ago");
        return text.ToString();
    }

    private string FormatStandard()
    {
        var negative = Months < 0 || Days < 0 || Microseconds < 0;
        var positive = Months > 0 || Days > 0 || Microseconds > 0;
        var hasMonths = Months != 0;
        var hasRest = Days != 0 || Microseconds != 0;
        if (!hasMonths && !hasRest)
            return "0";
        if ((negative && positive) || (hasMonths && hasRest))
        {
            return $"{(Months < 0 ? '-' : '+')}{Math.Abs(Months / 12)}-{Math.Abs(Months % 12)} {(Days < 0 ? '-' : '+')}{Math.Abs((long)Days)} "
                + $"{(Microseconds < 0 ? '-' : '+')}{ShortClock(Microseconds)}";
        }

        var sign = negative ? "-" : "";
        if (hasMonths)
            return $"{sign}{Math.Abs(Months / 12)}-{Math.Abs(Months % 12)}";
        return Days != 0 ? $"{sign}{Math.Abs((long)Days)} {ShortClock(Microseconds)}" : sign + ShortClock(Microseconds);
    }

    private string FormatIso()
    {
        if (Months == 0 && Days == 0 && Microseconds == 0)
            return "PT0S";
        var text = new StringBuilder("P");
        void Part(long value, char unit)
        {
            if (value != 0)
                text.Append(value).Append(unit);
        }

        Part(Months / 12, 'Y');
        Part(Months % 12, 'M');
        Part(Days, 'D');
        if (Microseconds != 0)
        {
            text.Append('T');
            Part(Microseconds / SqlDateTime.MicrosecondsPerHour, 'H');
            Part(Microseconds / SqlDateTime.MicrosecondsPerMinute % 60, 'M');
            var seconds = Microseconds % SqlDateTime.MicrosecondsPerMinute / 1_000_000m;
            if (seconds != 0)
                text.Append(seconds.ToString("0.######", CultureInfo.InvariantCulture)).Append('S');
        }

        return text.ToString();
    }

    /// <summary>hh:mm:ss[.ffffff] of the magnitude.</summary>
    private static string Clock(long microseconds)
    {
        var magnitude = UInt128.Min((UInt128)Int128.Abs(microseconds), ulong.MaxValue);
        var hours = (ulong)(magnitude / (ulong)SqlDateTime.MicrosecondsPerHour);
        var rest = (long)(magnitude % (ulong)SqlDateTime.MicrosecondsPerHour);
        return $"{hours:00}:{rest / SqlDateTime.MicrosecondsPerMinute:00}:{TimeFormat.Seconds(rest % SqlDateTime.MicrosecondsPerMinute)}";
    }

    private static string ShortClock(long microseconds)
    {
        var text = Clock(microseconds);
        return text[0] == '0' ? text[1..] : text;
    }
}

/// <summary>Shared pieces of time output.</summary>
internal static class TimeFormat
{
    /// <summary>ss[.ffffff] without trailing zeros.</summary>
    public static string Seconds(long microseconds)
    {
        var whole = microseconds / 1_000_000;
        var fraction = microseconds % 1_000_000;
        return fraction == 0 ? $"{whole:00}" : $"{whole:00}.{fraction.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0')}";
    }

    public static string Time(long microseconds) =>
        $"{microseconds / SqlDateTime.MicrosecondsPerHour:00}:{microseconds / SqlDateTime.MicrosecondsPerMinute % 60:00}:{Seconds(microseconds % SqlDateTime.MicrosecondsPerMinute)}";
}
