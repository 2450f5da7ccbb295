namespace Chitin.Core.Types;

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

    /// <summary>The unit of a number that has none.</summary>
    internal static DateTimeUnit DefaultUnit(int typeModifier) => typeModifier < 0 ? DateTimeUnit.Second : (typeModifier >> 16) switch
    {
        Year => DateTimeUnit.Year,
        Month or (Year | Month) => DateTimeUnit.Month,
        Day => DateTimeUnit.Day,
        Hour or (Day | Hour) => DateTimeUnit.Hour,
        Minute or (Hour | Minute) or (Day | Hour | Minute) => DateTimeUnit.Minute,
        _ => DateTimeUnit.Second,
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

        if (precision == 0xffff)
            return value with { Microseconds = time };
        return Math.Abs((double)time) > long.MaxValue - 1e6
            ? throw TypeErrors.DatetimeOutOfRange("interval")
            : value with { Microseconds = SqlDateTime.RoundFraction(time, precision) };
    }
}
