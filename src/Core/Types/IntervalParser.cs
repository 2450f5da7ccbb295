using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>Reads interval input: PostgreSQL's verbose form, the SQL standard's, ISO 8601's with and without designators (8.5.4).</summary>
public static partial class IntervalParser
{
    public static SqlInterval Parse(ReadOnlySpan<char> text, int typeModifier) => Parse(text, typeModifier, IntervalStyle.Postgres);

    /// <param name="text">The input.</param>
    /// <param name="typeModifier">Decides the unit of a number without one; the modifier itself is not applied.</param>
    /// <param name="style">In the SQL standard's style a leading minus holds for all fields.</param>
    public static SqlInterval Parse(ReadOnlySpan<char> text, int typeModifier, IntervalStyle style)
    {
        Span<char> buffer = stackalloc char[DateTimeFields.IntervalBufferLength];
        Span<DateTimeField> fields = stackalloc DateTimeField[DateTimeFields.MaxFields];
        var lexer = new DateTimeFields(buffer, fields);
        var sum = new Sum();
        var fault = lexer.TrySplit(text) ? ReadFields(lexer, typeModifier, style, ref sum) : DateTimeFault.BadFormat;
        if (fault == DateTimeFault.BadFormat)
        {
            sum = new Sum();
            fault = ReadIso(text, ref sum);
        }

        if (fault != DateTimeFault.None)
            throw DateTimeParser.Error(fault == DateTimeFault.FieldOverflow ? DateTimeFault.IntervalOverflow : fault, text, "interval");
        return sum.Build();
    }

    /// <summary>From the last field to the first, so that units are known before their numbers.</summary>
    private static DateTimeFault ReadFields(DateTimeFields fields, int typeModifier, IntervalStyle style, ref Sum sum)
    {
        var allNegative = style == IntervalStyle.SqlStandard && HasOnlyLeadingMinus(fields);
        var unit = DateTimeUnit.None;
        var isAgo = false;
        var seen = 0;
        for (var i = fields.Count - 1; i >= 0; i--)
        {
            var text = fields.Text(i);
            var said = 0;
            var fault = DateTimeFault.None;
            if (fields[i].Kind is FieldKind.Word or FieldKind.Special)
            {
                if (text[0] == '@')
                    continue;
                if (!DateTimeWords.TryFindUnit(text, out var meaning))
                    return DateTimeFault.BadFormat;
                isAgo |= meaning.Kind == DateTimeWord.Ago;
                unit = (DateTimeUnit)meaning.Value;
                continue;
            }

            if (IsClock(fields[i].Kind, text) && ReadClock(text, IntervalFields.IsMinuteToSecond(typeModifier), out var clock) is var clockFault
                && (clockFault == DateTimeFault.None || fields[i].Kind == FieldKind.Time))
            {
                if (clockFault != DateTimeFault.None)
                    return clockFault;
                said = MaskOf(DateTimeUnit.Hour) | MaskOf(DateTimeUnit.Minute) | AllSeconds;
                sum.SetTime(allNegative && clock > 0 ? -clock : clock);
                unit = DateTimeUnit.Day;
            }
            else
            {
                if (unit == DateTimeUnit.None)
                    unit = IntervalFields.DefaultUnit(typeModifier);
                fault = ReadNumber(text, allNegative, ref unit, ref sum, out said);
            }

            if (fault != DateTimeFault.None)
                return fault;
            if ((said & seen) != 0)
                return DateTimeFault.BadFormat;
            seen |= said;
        }

        if (seen == 0)
            return DateTimeFault.BadFormat;
        return !isAgo || sum.TryNegate() ? DateTimeFault.None : DateTimeFault.FieldOverflow;
    }

    private static int AllSeconds => MaskOf(DateTimeUnit.Second) | MaskOf(DateTimeUnit.Millisecond) | MaskOf(DateTimeUnit.Microsecond);

    private static int MaskOf(DateTimeUnit unit) => 1 << (int)unit;

    private static bool IsClock(FieldKind kind, ReadOnlySpan<char> text) => kind == FieldKind.Time || (kind == FieldKind.Zone && text.Contains(':'));

    private static bool HasOnlyLeadingMinus(DateTimeFields fields)
    {
        if (fields.Count == 0 || fields.Text(0)[0] != '-')
            return false;
        for (var i = 1; i < fields.Count; i++)
        {
            if (fields.Text(i)[0] is '-' or '+')
                return false;
        }

        return true;
    }

    /// <summary>[+-]hh:mm[:ss[.f]], or mm:ss.f, in microseconds.</summary>
    private static DateTimeFault ReadClock(ReadOnlySpan<char> text, bool isMinuteToSecond, out long microseconds)
    {
        microseconds = 0;
        var isNegative = text[0] == '-';
        if (text[0] is '-' or '+')
            text = text[1..];
        if (!TryInteger(ref text, out var hours) || text.IsEmpty || text[0] != ':')
            return text.IsEmpty || text[0] == ':' ? DateTimeFault.FieldOverflow : DateTimeFault.BadFormat;
        text = text[1..];
        if (!TryInteger(ref text, out var minutes))
            return DateTimeFault.FieldOverflow;
        long seconds = 0;
        if (text.Length > 0 && text[0] == ':')
        {
            text = text[1..];
            if (!TryInteger(ref text, out seconds))
                return DateTimeFault.FieldOverflow;
        }
        else if (text.Length > 0 || isMinuteToSecond)
            (hours, minutes, seconds) = (0, hours, minutes);
        double fraction = 0;
        if (text.Length > 0 && (text[0] != '.' || !DateTimeParser.TryFraction(text, SqlDateTime.MicrosecondsPerSecond, out fraction)))
            return DateTimeFault.BadFormat;
        if (hours < 0 || minutes is < 0 or > 59 || seconds is < 0 or > 60)
            return DateTimeFault.FieldOverflow;
        var total = ((((((Int128)hours * 60) + minutes) * 60) + seconds) * SqlDateTime.MicrosecondsPerSecond) + (long)Math.Round(fraction, MidpointRounding.ToEven);
        if (total > long.MaxValue)
            return DateTimeFault.FieldOverflow;
        microseconds = isNegative ? -(long)total : (long)total;
        return DateTimeFault.None;
    }

    private static DateTimeFault ReadNumber(ReadOnlySpan<char> text, bool allNegative, ref DateTimeUnit unit, ref Sum sum, out int said)
    {
        said = 0;
        var isNegative = text[0] == '-';
        if (!TryInteger(ref text, out var value))
            return DateTimeFault.FieldOverflow;
        double fraction = 0;
        if (text.Length > 0 && text[0] == '-')
        {
            // SQL's years-months
            text = text[1..];
            if (!TryInteger(ref text, out var months) || months is < 0 or >= 12)
                return DateTimeFault.FieldOverflow;
            if (text.Length > 0)
                return DateTimeFault.BadFormat;
            unit = DateTimeUnit.Month;
            if (Int128.Abs((Int128)value * 12) > long.MaxValue - 12)
                return DateTimeFault.FieldOverflow;
            value = (value * 12) + (isNegative ? -months : months);
        }
        else if (text.Length > 0)
        {
            if (text[0] != '.' || !DateTimeParser.TryFraction(text, 1, out fraction))
                return DateTimeFault.BadFormat;
            if (isNegative)
                fraction = -fraction;
        }

        if (allNegative)
            (value, fraction) = (value > 0 ? -value : value, fraction > 0 ? -fraction : fraction);
        said = unit == DateTimeUnit.Second && fraction != 0 ? AllSeconds : MaskOf(unit);
        var fault = sum.Add(unit, value, fraction);
        if (unit == DateTimeUnit.Hour)
            unit = DateTimeUnit.Day;
        return fault;
    }

    /// <summary>strtol of 64 bits; false on overflow.</summary>
    private static bool TryInteger(ref ReadOnlySpan<char> text, out long value)
    {
        var length = text.Length > 0 && text[0] is '-' or '+' ? 1 : 0;
        while (length < text.Length && char.IsAsciiDigit(text[length]))
            length++;
        var digits = text[..length];
        value = 0;
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[^1]))
            return true;
        text = text[length..];
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The parts summed up so far; false or an overflow fault when one leaves its range.</summary>
    private struct Sum
    {
        private long _years;
        private long _months;
        private long _days;
        private long _microseconds;

        public void SetTime(long microseconds) => _microseconds = microseconds;

        /// <summary>Adds a number of units. Fractions go down: of years to months, of months and weeks to days and time.</summary>
        public DateTimeFault Add(DateTimeUnit unit, long value, double fraction)
        {
            bool fits;
            switch (unit)
            {
                case DateTimeUnit.Microsecond:
                    fits = AddTime(value, fraction, 1);
                    break;
                case DateTimeUnit.Millisecond:
                    fits = AddTime(value, fraction, 1000);
                    break;
                case DateTimeUnit.Second:
                    fits = AddTime(value, fraction, SqlDateTime.MicrosecondsPerSecond);
                    break;
                case DateTimeUnit.Minute:
                    fits = AddTime(value, fraction, SqlDateTime.MicrosecondsPerMinute);
                    break;
                case DateTimeUnit.Hour:
                    fits = AddTime(value, fraction, SqlDateTime.MicrosecondsPerHour);
                    break;
                case DateTimeUnit.Day:
                    fits = AddTo(ref _days, value, 1) && AddFraction(fraction, SqlDateTime.MicrosecondsPerDay);
                    break;
                case DateTimeUnit.Week:
                    fits = AddTo(ref _days, value, 7) && AddFractionOfDays(fraction, 7);
                    break;
                case DateTimeUnit.Month:
                    fits = AddTo(ref _months, value, 1) && AddFractionOfDays(fraction, 30);
                    break;
                case DateTimeUnit.Year:
                    fits = AddYears(value, fraction, 1);
                    break;
                case DateTimeUnit.Decade:
                    fits = AddYears(value, fraction, 10);
                    break;
                case DateTimeUnit.Century:
                    fits = AddYears(value, fraction, 100);
                    break;
                case DateTimeUnit.Millennium:
                    fits = AddYears(value, fraction, 1000);
                    break;
                default:
                    return DateTimeFault.BadFormat;
            }

            return fits ? DateTimeFault.None : DateTimeFault.FieldOverflow;
        }

        public bool TryNegate()
        {
            if (_microseconds == long.MinValue || _days == int.MinValue || _months == int.MinValue || _years == int.MinValue)
                return false;
            (_years, _months, _days, _microseconds) = (-_years, -_months, -_days, -_microseconds);
            return true;
        }

        /// <summary>22008 when the months leave 32 bits.</summary>
        public readonly SqlInterval Build() => SqlInterval.Checked((_years * 12) + _months, _days, _microseconds);

        private bool AddTime(long value, double fraction, long scale)
        {
            var sum = ((Int128)value * scale) + _microseconds;
            if (sum < long.MinValue || sum > long.MaxValue)
                return false;
            _microseconds = (long)sum;
            return AddFraction(fraction, scale);
        }

        private bool AddFraction(double fraction, long scale)
        {
            fraction *= scale;
            var whole = (long)fraction;
            fraction -= whole;
            var sum = (Int128)_microseconds + whole + (fraction > 0.5 ? 1 : fraction < -0.5 ? -1 : 0);
            if (sum < long.MinValue || sum > long.MaxValue)
                return false;
            _microseconds = (long)sum;
            return true;
        }

        private bool AddFractionOfDays(double fraction, int scale)
        {
            fraction *= scale;
            var whole = (int)fraction;
            return AddTo(ref _days, whole, 1) && AddFraction(fraction - whole, SqlDateTime.MicrosecondsPerDay);
        }

        private bool AddYears(long value, double fraction, int scale) =>
            AddTo(ref _years, value, scale) && AddTo(ref _months, (long)Math.Round(fraction * scale * 12, MidpointRounding.ToEven), 1);

        private static bool AddTo(ref long part, long value, int scale)
        {
            if (value is < int.MinValue or > int.MaxValue || value * scale is < int.MinValue or > int.MaxValue)
                return false;
            part += value * scale;
            return part is >= int.MinValue and <= int.MaxValue;
        }
    }
}
