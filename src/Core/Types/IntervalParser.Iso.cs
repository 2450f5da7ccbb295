using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>ISO 8601: P1Y2M3DT4H5M6S, P0001-02-03T04:05:06, P00010203T040506.</summary>
public static partial class IntervalParser
{
    /// <summary>Integer parts beyond this lose digits in a double.</summary>
    private const double MaxIsoNumber = 1e15;

    private static DateTimeFault ReadIso(ReadOnlySpan<char> text, ref Sum sum)
    {
        if (text.Length < 2 || text[0] != 'P')
            return DateTimeFault.BadFormat;
        text = text[1..];
        var isTime = false;
        var hasField = false;
        while (text.Length > 0)
        {
            if (text[0] == 'T')
            {
                (isTime, hasField) = (true, false);
                text = text[1..];
                continue;
            }

            var start = text;
            var fault = ReadIsoNumber(ref text, out var value, out var fraction);
            if (fault != DateTimeFault.None)
                return fault;
            var designator = text.Length > 0 ? text[0] : '\0';
            var unit = isTime
                ? designator switch { 'H' => DateTimeUnit.Hour, 'M' => DateTimeUnit.Minute, 'S' => DateTimeUnit.Second, _ => DateTimeUnit.None }
                : designator switch { 'Y' => DateTimeUnit.Year, 'M' => DateTimeUnit.Month, 'W' => DateTimeUnit.Week, 'D' => DateTimeUnit.Day, _ => DateTimeUnit.None };
            if (unit == DateTimeUnit.None)
            {
                // The forms without designators stand at the beginning of the date or the time, or nowhere.
                if (hasField)
                    return DateTimeFault.BadFormat;
                fault = isTime ? ReadIsoClock(start, ref text, value, fraction, ref sum) : ReadIsoDate(start, ref text, value, fraction, ref sum);
                if (fault != DateTimeFault.None)
                    return fault;
                continue;
            }

            text = text[1..];
            hasField = true;
            fault = sum.Add(unit, value, fraction);
            if (fault != DateTimeFault.None)
                return fault;
        }

        return DateTimeFault.None;
    }

    private static DateTimeFault ReadIsoDate(ReadOnlySpan<char> start, ref ReadOnlySpan<char> text, long value, double fraction, ref Sum sum)
    {
        if (text.Length > 0 && text[0] is not ('T' or '-'))
            return DateTimeFault.BadFormat;
        if (IntegerWidth(start) == 8 && (text.IsEmpty || text[0] == 'T'))
        {
            return First(sum.Add(DateTimeUnit.Year, value / 10000, 0), sum.Add(DateTimeUnit.Month, value / 100 % 100, 0), sum.Add(DateTimeUnit.Day, value % 100, fraction));
        }

        var fault = sum.Add(DateTimeUnit.Year, value, fraction);
        for (var unit = DateTimeUnit.Month; fault == DateTimeFault.None && text.Length > 0 && text[0] != 'T'; unit = DateTimeUnit.Day)
        {
            if (text[0] != '-')
                return DateTimeFault.BadFormat;
            text = text[1..];
            fault = ReadIsoNumber(ref text, out value, out fraction);
            if (fault == DateTimeFault.None)
                fault = sum.Add(unit, value, fraction);
            if (unit == DateTimeUnit.Day && text.Length > 0 && text[0] != 'T')
                return DateTimeFault.BadFormat;
        }

        return fault;
    }

    private static DateTimeFault ReadIsoClock(ReadOnlySpan<char> start, ref ReadOnlySpan<char> text, long value, double fraction, ref Sum sum)
    {
        if (text.Length > 0 && text[0] != ':')
            return DateTimeFault.BadFormat;
        if (IntegerWidth(start) == 6 && text.IsEmpty)
        {
            return First(sum.Add(DateTimeUnit.Hour, value / 10000, 0), sum.Add(DateTimeUnit.Minute, value / 100 % 100, 0), sum.Add(DateTimeUnit.Second, value % 100, 0),
                sum.Add(DateTimeUnit.Microsecond, 0, fraction));
        }

        var fault = sum.Add(DateTimeUnit.Hour, value, fraction);
        for (var unit = DateTimeUnit.Minute; fault == DateTimeFault.None && text.Length > 0; unit = DateTimeUnit.Second)
        {
            if (text[0] != ':')
                return DateTimeFault.BadFormat;
            text = text[1..];
            fault = ReadIsoNumber(ref text, out value, out fraction);
            if (fault == DateTimeFault.None)
                fault = sum.Add(unit, value, fraction);
            if (unit == DateTimeUnit.Second && text.Length > 0)
                return DateTimeFault.BadFormat;
        }

        return fault;
    }

    private static DateTimeFault First(params ReadOnlySpan<DateTimeFault> faults)
    {
        foreach (var fault in faults)
        {
            if (fault != DateTimeFault.None)
                return fault;
        }

        return DateTimeFault.None;
    }

    private static int IntegerWidth(ReadOnlySpan<char> text)
    {
        if (text.Length > 0 && text[0] == '-')
            text = text[1..];
        var width = text.IndexOfAnyExceptInRange('0', '9');
        return width < 0 ? text.Length : width;
    }

    /// <summary>A number as strtod reads it, exponents included.</summary>
    private static DateTimeFault ReadIsoNumber(ref ReadOnlySpan<char> text, out long value, out double fraction)
    {
        (value, fraction) = (0, 0);
        var length = text.Length > 0 && text[0] == '-' ? 1 : 0;
        var digits = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.'))
            digits += text[length++] == '.' ? 0 : 1;
        if (digits == 0)
            return DateTimeFault.BadFormat;
        if (length + 1 < text.Length && text[length] is 'e' or 'E')
        {
            var end = text[length + 1] is '-' or '+' ? length + 2 : length + 1;
            var from = end;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            length = end > from ? end : length;
        }

        if (!double.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return DateTimeFault.BadFormat;
        if (Math.Abs(number) > MaxIsoNumber)
            return DateTimeFault.FieldOverflow;
        text = text[length..];
        value = (long)number;
        fraction = number - value;
        return DateTimeFault.None;
    }
}
