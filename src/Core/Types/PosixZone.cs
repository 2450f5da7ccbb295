using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>
/// A time zone by POSIX's TZ syntax (IEEE Std 1003.1, "TZ" environment variable; RFC 9636 3.3.1): std offset [dst [offset] [,start,end]].
/// Offsets count east of Greenwich here, although the syntax counts west.
/// </summary>
internal sealed class PosixZone
{
    /// <summary>What a daylight saving name without rules means: the United States' rule since 2007, as PostgreSQL assumes.</summary>
    private const string DefaultRules = "M3.2.0,M11.1.0";

    private readonly Rule _start;
    private readonly Rule _end;

    private PosixZone(ZoneOffset standard, ZoneOffset? daylight, Rule start, Rule end)
    {
        Standard = standard;
        Daylight = daylight;
        _start = start;
        _end = end;
    }

    public ZoneOffset Standard { get; }

    /// <summary>Null in a zone without daylight saving time.</summary>
    public ZoneOffset? Daylight { get; }

    /// <param name="text">For example CET-1CEST,M3.5.0,M10.5.0/3 or &lt;+02&gt;-02.</param>
    public static PosixZone? TryParse(ReadOnlySpan<char> text)
    {
        if (!TryReadName(ref text, out var name) || text.IsEmpty || !TryReadTime(ref text, out var west))
            return null;
        var standard = new ZoneOffset(-west, false, name);
        if (text.IsEmpty)
            return new PosixZone(standard, null, default, default);
        if (!TryReadName(ref text, out var daylightName) || daylightName.Length == 0)
            return null;
        var daylightWest = west - 3600;
        if (!text.IsEmpty && text[0] != ',' && !TryReadTime(ref text, out daylightWest))
            return null;
        var rules = text.IsEmpty ? DefaultRules : text[1..];
        if (!Rule.TryRead(ref rules, out var start) || rules.IsEmpty || rules[0] != ',')
            return null;
        rules = rules[1..];
        return Rule.TryRead(ref rules, out var end) && rules.IsEmpty ? new PosixZone(standard, new ZoneOffset(-daylightWest, true, daylightName), start, end) : null;
    }

    public ZoneOffset At(long utcSeconds)
    {
        if (Daylight is not { } daylight)
            return Standard;
        var (start, end) = Transitions(YearOf(utcSeconds + Standard.Seconds));
        var isDaylight = start < end ? utcSeconds >= start && utcSeconds < end : utcSeconds < end || utcSeconds >= start;
        return isDaylight ? daylight : Standard;
    }

    /// <summary>The first change of offset after an instant; null in a zone without daylight saving time.</summary>
    public long? NextTransition(long utcSeconds)
    {
        if (Daylight is null)
            return null;
        var year = YearOf(utcSeconds);
        long? next = null;
        for (var y = year - 1; y <= year + 2; y++)
        {
            var (start, end) = Transitions(y);
            if (start > utcSeconds && (next is null || start < next))
                next = start;
            if (end > utcSeconds && (next is null || end < next))
                next = end;
        }

        return next;
    }

    private (long Start, long End) Transitions(long year) =>
        (_start.LocalSeconds(year) - Standard.Seconds, _end.LocalSeconds(year) - Daylight!.Value.Seconds);

    private static int YearOf(long unixSeconds) =>
        SqlDateTime.CivilFromDays(SqlDateTime.FloorDivide(unixSeconds, 86400) - SqlDateTime.UnixEpochDays).Year;

    private static bool TryReadName(ref ReadOnlySpan<char> text, out string name)
    {
        var length = 0;
        if (text.Length > 0 && text[0] == '<')
        {
            length = text.IndexOf('>');
            name = length > 0 ? text[1..length].ToString() : "";
            text = length > 0 ? text[(length + 1)..] : text;
            return length > 0;
        }

        while (length < text.Length && text[length] is not (',' or '+' or '-') && !char.IsAsciiDigit(text[length]))
            length++;
        name = text[..length].ToString();
        text = text[length..];
        return true;
    }

    /// <summary>[+-]h[h[h]][:mm[:ss]] in seconds.</summary>
    private static bool TryReadTime(ref ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        var sign = 1;
        if (text.Length > 0 && text[0] is '+' or '-')
        {
            sign = text[0] == '-' ? -1 : 1;
            text = text[1..];
        }

        for (var unit = 3600; ; unit /= 60)
        {
            if (!TryReadNumber(ref text, unit switch { 3600 => 167, 60 => 59, _ => 60 }, out var value))
                return false;
            seconds += value * unit;
            if (unit == 1 || text.IsEmpty || text[0] != ':')
                break;
            text = text[1..];
        }

        seconds *= sign;
        return true;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<char> text, int maximum, out int value)
    {
        var length = 0;
        while (length < text.Length && length < 4 && char.IsAsciiDigit(text[length]))
            length++;
        if (!int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out value) || value > maximum)
            return false;
        text = text[length..];
        return true;
    }

    /// <summary>One change: Mm.w.d (week 5 is the last), Jn (1 to 365, 29 February never counted) or n (0 to 365), then /time.</summary>
    private readonly record struct Rule(char Kind, int Month, int Week, int Day, int Time)
    {
        public static bool TryRead(ref ReadOnlySpan<char> text, out Rule rule)
        {
            rule = default;
            var kind = text.Length > 0 && text[0] is 'M' or 'J' ? text[0] : 'D';
            if (kind != 'D')
                text = text[1..];
            int month = 0, week = 0;
            if (kind == 'M' && (!TryReadNumber(ref text, 12, out month) || month == 0 || !TryDot(ref text) || !TryReadNumber(ref text, 5, out week) || week == 0 || !TryDot(ref text)))
                return false;
            if (!TryReadNumber(ref text, kind == 'M' ? 6 : 365, out var day))
                return false;
            var time = 2 * 3600;
            if (text.Length > 0 && text[0] == '/')
            {
                text = text[1..];
                if (!TryReadTime(ref text, out time))
                    return false;
            }

            rule = new Rule(kind, month, week, day, time);
            return true;
        }

        /// <summary>Seconds since 1970, read as local time.</summary>
        public long LocalSeconds(long year) => ((Date(year) + SqlDateTime.UnixEpochDays) * 86400) + Time;

        private long Date(long year)
        {
            if (Kind != 'M')
                return SqlDateTime.DaysFromCivil(year, 1, 1) + (Kind == 'D' ? Day : Day - 1 + (Day >= 60 && SqlDateTime.IsLeapYear(year) ? 1 : 0));
            var first = SqlDateTime.DaysFromCivil(year, Month, 1);
            var date = first + ((Day - SqlDateTime.DayOfWeek(first) + 7) % 7) + (7 * (Week - 1));
            return date >= first + SqlDateTime.DaysInMonth(year, Month) ? date - 7 : date;
        }

        private static bool TryDot(ref ReadOnlySpan<char> text)
        {
            if (text.IsEmpty || text[0] != '.')
                return false;
            text = text[1..];
            return true;
        }
    }
}
