using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>Reads interval input: PostgreSQL's verbose form, the SQL standard's, ISO 8601's with and without designators (8.5.4).</summary>
public static class IntervalParser
{
    private const double DaysPerMonth = 30;

    public static SqlInterval Parse(ReadOnlySpan<char> text, int typeModifier)
    {
        var trimmed = text.Trim();
        if (trimmed.Length is 0 or > 256)
            throw TypeErrors.InvalidDatetime("interval", text.Length > 256 ? text[..256] : text);
        if (trimmed[0] is 'P' or 'p' && trimmed.Length > 1)
            return ParseIso(trimmed[1..], text);
        var accumulator = new Accumulator();
        var tokens = Tokenize(trimmed, text);
        var ago = tokens.Count > 0 && tokens[^1].Text == "ago";
        if (ago)
            tokens.RemoveAt(tokens.Count - 1);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Text == "@")
                continue;
            if (!token.IsNumber)
                throw TypeErrors.InvalidDatetime("interval", text);
            if (token.Text.Contains(':', StringComparison.Ordinal))
            {
                accumulator.Time(token.Text, IntervalFields.IsMinuteToSecond(typeModifier), text);
                continue;
            }

            if (IsYearMonth(token.Text))
            {
                accumulator.YearMonth(token.Text, text);
                continue;
            }

            string unit;
            if (i + 1 < tokens.Count && !tokens[i + 1].IsNumber)
                unit = tokens[++i].Text;
            else if (i + 1 < tokens.Count && tokens[i + 1].Text.Contains(':', StringComparison.Ordinal))
                unit = "day";
            else
                unit = IntervalFields.DefaultUnit(typeModifier);
            accumulator.Unit(token.Text, unit, text);
        }

        if (tokens.Count == 0)
            throw TypeErrors.InvalidDatetime("interval", text);
        var value = accumulator.Build();
        return ago ? value.Negate() : value;
    }

    private static bool IsYearMonth(string token)
    {
        var dash = token.IndexOf('-', 1);
        return dash > 0 && token.AsSpan(dash + 1).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static List<(string Text, bool IsNumber)> Tokenize(ReadOnlySpan<char> text, ReadOnlySpan<char> whole)
    {
        var tokens = new List<(string, bool)>();
        var i = 0;
        while (i < text.Length)
        {
            if (char.IsWhiteSpace(text[i]) || text[i] == ',')
            {
                i++;
                continue;
            }

            var start = i;
            if (char.IsAsciiDigit(text[i]) || text[i] is '+' or '-' or '.')
            {
                i++;
                while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is '.' or ':' || (text[i] is '-' && i > start && char.IsAsciiDigit(text[i - 1]))
                    || (text[i] is 'e' or 'E' && i + 1 < text.Length && (char.IsAsciiDigit(text[i + 1]) || text[i + 1] is '-' or '+') && !IsWordAhead(text, i))
                    || (text[i] is '+' or '-' && text[i - 1] is 'e' or 'E')))
                    i++;
                tokens.Add((text[start..i].ToString(), true));
            }
            else if (char.IsAsciiLetter(text[i]))
            {
                while (i < text.Length && char.IsAsciiLetter(text[i]))
                    i++;
                tokens.Add((text[start..i].ToString().ToLowerInvariant(), false));
            }
            else if (text[i] == '@')
            {
                tokens.Add(("@", false));
                i++;
            }
            else
                throw TypeErrors.InvalidDatetime("interval", whole);
        }

        return tokens;
    }

    private static bool IsWordAhead(ReadOnlySpan<char> text, int position) => position + 1 < text.Length && char.IsAsciiLetter(text[position + 1]);

    private static SqlInterval ParseIso(ReadOnlySpan<char> text, ReadOnlySpan<char> whole)
    {
        var accumulator = new Accumulator();
        var inTime = false;
        var i = 0;
        if (text.Contains(':') || (text.IndexOf('-') > 0 && char.IsAsciiDigit(text[0])))
            return ParseIsoAlternative(text, whole);
        while (i < text.Length)
        {
            if (text[i] is 'T' or 't')
            {
                inTime = true;
                i++;
                continue;
            }

            var start = i;
            while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is '-' or '+' or '.' or 'e' or 'E'))
                i++;
            if (i == start || i >= text.Length)
                throw TypeErrors.InvalidDatetime("interval", whole);
            var unit = (char.ToUpperInvariant(text[i]), inTime) switch
            {
                ('Y', false) => "year",
                ('M', false) => "month",
                ('W', false) => "week",
                ('D', false) => "day",
                ('H', true) => "hour",
                ('M', true) => "minute",
                ('S', true) => "second",
                _ => throw TypeErrors.InvalidDatetime("interval", whole),
            };
            accumulator.Unit(text[start..i].ToString(), unit, whole);
            i++;
        }

        return accumulator.Build();
    }

    /// <summary>P0001-02-03T04:05:06.</summary>
    private static SqlInterval ParseIsoAlternative(ReadOnlySpan<char> text, ReadOnlySpan<char> whole)
    {
        var accumulator = new Accumulator();
        var t = text.IndexOfAny('T', 't');
        var date = t < 0 ? text : text[..t];
        var parts = date.ToString().Split('-', StringSplitOptions.RemoveEmptyEntries);
        string[] units = ["year", "month", "day"];
        for (var i = 0; i < parts.Length && i < 3; i++)
            accumulator.Unit(parts[i], units[i], whole);
        if (t >= 0)
            accumulator.Time(text[(t + 1)..].ToString(), false, whole);
        return accumulator.Build();
    }

    private struct Accumulator
    {
        private double _months;
        private double _days;
        private Int128 _microseconds;

        public readonly SqlInterval Build()
        {
            if (Math.Abs(_months) > int.MaxValue || Math.Abs(_days) > int.MaxValue)
                throw new SqlException(SqlState.DatetimeFieldOverflow, "interval field value out of range");
            return SqlInterval.Checked((long)_months, (long)_days, _microseconds);
        }

        public void YearMonth(string token, ReadOnlySpan<char> whole)
        {
            var negative = token[0] == '-';
            var body = token.TrimStart('-', '+');
            var dash = body.IndexOf('-', StringComparison.Ordinal);
            if (!int.TryParse(body.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var years)
                || !int.TryParse(body.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var months) || months > 11)
                throw TypeErrors.InvalidDatetime("interval", whole);
            _months += ((years * 12.0) + months) * (negative ? -1 : 1);
        }

        public void Time(string token, bool minuteToSecond, ReadOnlySpan<char> whole)
        {
            var negative = token[0] == '-';
            var parts = token.TrimStart('-', '+').Split(':');
            decimal hours = 0;
            decimal minutes;
            decimal seconds = 0;
            const NumberStyles Style = NumberStyles.AllowDecimalPoint;
            var ok = parts.Length switch
            {
                2 when minuteToSecond || parts[1].Contains('.', StringComparison.Ordinal) =>
                    decimal.TryParse(parts[0], Style, CultureInfo.InvariantCulture, out minutes) & decimal.TryParse(parts[1], Style, CultureInfo.InvariantCulture, out seconds),
                2 => decimal.TryParse(parts[0], Style, CultureInfo.InvariantCulture, out hours) & decimal.TryParse(parts[1], Style, CultureInfo.InvariantCulture, out minutes),
                3 => decimal.TryParse(parts[0], Style, CultureInfo.InvariantCulture, out hours) & decimal.TryParse(parts[1], Style, CultureInfo.InvariantCulture, out minutes)
                    & decimal.TryParse(parts[2], Style, CultureInfo.InvariantCulture, out seconds),
                _ => throw TypeErrors.InvalidDatetime("interval", whole),
            };
            if (!ok)
                throw TypeErrors.InvalidDatetime("interval", whole);
            if (minutes >= 60 || seconds > 60)
                throw new SqlException(SqlState.DatetimeFieldOverflow, $"interval field value out of range: \"{whole}\"");
            Add(Math.Round((hours * 3_600_000_000m) + (minutes * 60_000_000m) + (seconds * 1_000_000m), MidpointRounding.AwayFromZero) * (negative ? -1 : 1), whole);
        }

        public void Unit(string number, string unit, ReadOnlySpan<char> whole)
        {
            if (!decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                throw number.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
                    ? new SqlException(SqlState.DatetimeFieldOverflow, $"interval field value out of range: \"{whole}\"")
                    : TypeErrors.InvalidDatetime("interval", whole);
            }

            switch (unit)
            {
                case "microsecond" or "microseconds" or "us" or "usec" or "usecs" or "microsecon":
                    Add(Math.Round(value, MidpointRounding.AwayFromZero), whole);
                    break;
                case "millisecond" or "milliseconds" or "ms" or "msec" or "msecs" or "millisecon":
                    Add(Math.Round(value * 1000, MidpointRounding.AwayFromZero), whole);
                    break;
                case "second" or "seconds" or "sec" or "secs" or "s":
                    Add(Math.Round(value * 1_000_000, MidpointRounding.AwayFromZero), whole);
                    break;
                case "minute" or "minutes" or "min" or "mins" or "m":
                    Add(Math.Round(value * 60_000_000, MidpointRounding.AwayFromZero), whole);
                    break;
                case "hour" or "hours" or "hr" or "hrs" or "h":
                    Add(Math.Round(value * 3_600_000_000, MidpointRounding.AwayFromZero), whole);
                    break;
                case "day" or "days" or "d":
                    Days(value, whole);
                    break;
                case "week" or "weeks" or "w":
                    Days(value * 7, whole);
                    break;
                case "month" or "months" or "mon" or "mons":
                    _months += (double)Math.Truncate(value);
                    Days((value - Math.Truncate(value)) * (decimal)DaysPerMonth, whole);
                    break;
                case "year" or "years" or "yr" or "yrs" or "y":
                    Months(value, 12);
                    break;
                case "decade" or "decades" or "dec" or "decs":
                    Months(value, 120);
                    break;
                case "century" or "centuries" or "cent" or "c":
                    Months(value, 1200);
                    break;
                case "millennium" or "millennia" or "millenniums" or "mil" or "mils":
                    Months(value, 12000);
                    break;
                default:
                    throw TypeErrors.InvalidDatetime("interval", whole);
            }
        }

        private void Months(decimal value, int months) => _months += (double)Math.Round(value * months, MidpointRounding.AwayFromZero);

        private void Days(decimal value, ReadOnlySpan<char> whole)
        {
            _days += (double)Math.Truncate(value);
            Add(Math.Round((value - Math.Truncate(value)) * 86_400_000_000m, MidpointRounding.AwayFromZero), whole);
        }

        private void Add(decimal microseconds, ReadOnlySpan<char> whole)
        {
            if (Math.Abs(microseconds) > long.MaxValue)
                throw new SqlException(SqlState.DatetimeFieldOverflow, $"interval field value out of range: \"{whole}\"");
            _microseconds += (Int128)microseconds;
        }
    }
}

/// <summary>The field restriction of INTERVAL YEAR TO MONTH and so on: typmod = (mask &lt;&lt; 16) | precision (0xffff = none), as in PostgreSQL's timestamp.h.</summary>
public static class IntervalFields
{
    private const int Year = 1 << 2;
    private const int Month = 1 << 1;
    private const int Day = 1 << 3;
    private const int Hour = 1 << 10;
    private const int Minute = 1 << 11;
    private const int Second = 1 << 12;
    private const int Full = 0x7fff;

    public static int Pack(string? fields, int precision)
    {
        var mask = fields?.ToUpperInvariant() switch
        {
            null or "" => Full,
            "YEAR" => Year,
            "MONTH" => Month,
            "DAY" => Day,
            "HOUR" => Hour,
            "MINUTE" => Minute,
            "SECOND" => Second,
            "YEAR TO MONTH" => Year | Month,
            "DAY TO HOUR" => Day | Hour,
            "DAY TO MINUTE" => Day | Hour | Minute,
            "DAY TO SECOND" => Day | Hour | Minute | Second,
            "HOUR TO MINUTE" => Hour | Minute,
            "HOUR TO SECOND" => Hour | Minute | Second,
            "MINUTE TO SECOND" => Minute | Second,
            _ => Full,
        };
        if (mask == Full && precision < 0)
            return -1;
        return (mask << 16) | (precision < 0 ? 0xffff : precision);
    }

    public static bool IsMinuteToSecond(int typeModifier) => typeModifier >= 0 && typeModifier >> 16 == (Minute | Second);

    public static string DefaultUnit(int typeModifier) => typeModifier < 0 ? "second" : (typeModifier >> 16) switch
    {
        Year => "year",
        Month or (Year | Month) => "month",
        Day => "day",
        Hour or (Day | Hour) => "hour",
        Minute or (Hour | Minute) or (Day | Hour | Minute) => "minute",
        _ => "second",
    };

    public static string Name(int typeModifier)
    {
        if (typeModifier < 0)
            return "interval";
        var fields = (typeModifier >> 16) switch
        {
            Year => " year",
            Month => " month",
            Day => " day",
            Hour => " hour",
            Minute => " minute",
            Second => " second",
            Year | Month => " year to month",
            Day | Hour => " day to hour",
            Day | Hour | Minute => " day to minute",
            Day | Hour | Minute | Second => " day to second",
            Hour | Minute => " hour to minute",
            Hour | Minute | Second => " hour to second",
            Minute | Second => " minute to second",
            _ => "",
        };
        var precision = typeModifier & 0xffff;
        return "interval" + fields + (precision == 0xffff ? "" : $"({precision})");
    }

    /// <summary>Cuts what lies behind the last field and rounds the fraction.</summary>
    public static SqlInterval Apply(SqlInterval value, int typeModifier)
    {
        if (typeModifier < 0)
            return value;
        var mask = typeModifier >> 16;
        var precision = typeModifier & 0xffff;
        var time = value.Microseconds;
        switch (mask)
        {
            case Year:
                return new SqlInterval(value.Months / 12 * 12, 0, 0);
            case Month or (Year | Month):
                return new SqlInterval(value.Months, 0, 0);
            case Day:
                return new SqlInterval(value.Months, value.Days, 0);
            case Hour or (Day | Hour):
                time = time / SqlDateTime.MicrosecondsPerHour * SqlDateTime.MicrosecondsPerHour;
                break;
            case Minute or (Hour | Minute) or (Day | Hour | Minute):
                time = time / SqlDateTime.MicrosecondsPerMinute * SqlDateTime.MicrosecondsPerMinute;
                break;
        }

        return value with { Microseconds = precision == 0xffff ? time : SqlDateTime.RoundFraction(time, precision) };
    }
}
