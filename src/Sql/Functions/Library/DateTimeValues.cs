using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>What the date and time functions share: infinities, conversions, timetz's packing.</summary>
static class DateTimeValues
{
    internal static SqlInterval I(Datum value) => value.As<SqlInterval>();

    internal static Datum Of(SqlInterval value) => Datum.FromObject(value);

    internal static bool IsInfinite(int date) => date is SqlDateTime.NegativeInfinityDate or SqlDateTime.InfinityDate;

    /// <summary>Midnight of a date as a timestamp; the infinities stay.</summary>
    internal static long ToTimestamp(int date) => date switch
    {
        SqlDateTime.NegativeInfinityDate => long.MinValue,
        SqlDateTime.InfinityDate => long.MaxValue,
        > (int)(SqlDateTime.EndTimestamp / SqlDateTime.MicrosecondsPerDay) => throw FunctionErrors.DateOutOfRangeForTimestamp(),
        _ => date * SqlDateTime.MicrosecondsPerDay,
    };

    internal static int ToDate(long timestamp) => timestamp switch
    {
        long.MinValue => SqlDateTime.NegativeInfinityDate,
        long.MaxValue => SqlDateTime.InfinityDate,
        _ => (int)SqlDateTime.Split(timestamp).Days,
    };

    /// <summary>Local time to UTC in the session's zone, kept in range.</summary>
    internal static long ToUtc(long local, EvaluationContext context) => ToUtc(local, context.Format.TimeZone);

    internal static long ToUtc(long local, TimeZoneInfo zone)
    {
        var utc = SqlDateTime.LocalToUtc(zone, local);
        return SqlDateTime.IsInfinite(local) || (utc >= SqlDateTime.MinTimestamp && utc < SqlDateTime.EndTimestamp) ? utc : throw FunctionErrors.TimestampOutOfRange();
    }

    internal static long ToLocal(long utc, EvaluationContext context) => SqlDateTime.UtcToLocal(context.Format.TimeZone, utc);

    internal static Datum TimeTz(long microseconds, int secondsWest) => Datum.FromInt64((microseconds << 20) | (uint)(secondsWest + (1 << 19)));

    internal static long TimeOf(Datum timeTz) => timeTz.AsInt64() >> 20;

    internal static int ZoneWestOf(Datum timeTz) => (int)(timeTz.AsInt64() & 0xFFFFF) - (1 << 19);

    internal static long WrapTime(Int128 microseconds)
    {
        var time = (long)(microseconds % SqlDateTime.MicrosecondsPerDay);
        return time < 0 ? time + SqlDateTime.MicrosecondsPerDay : time;
    }

    internal static long CheckTimestamp(Int128 value) =>
        value >= SqlDateTime.MinTimestamp && value < SqlDateTime.EndTimestamp ? (long)value : throw FunctionErrors.TimestampOutOfRange();

    /// <summary>A zone argument: an offset or a zone with rules. 22023 when unknown.</summary>
    internal static (int? Offset, TimeZoneInfo? Zone) ZoneOf(string name)
    {
        if (ParseOffset(name) is { } offset)
            return (offset, null);
        var found = TimeZones.Find(name);
        return found is (null, null) ? throw FunctionErrors.Invalid($"time zone \"{name}\" not recognized") : found;
    }

    /// <summary>A zone of make_timestamptz: a numeric one must have a sign and counts EAST, as in a time stamp's text. 22023.</summary>
    internal static (int? Offset, TimeZoneInfo? Zone) IsoZoneOf(string name)
    {
        if (name.Length == 0 || !(char.IsAsciiDigit(name[0]) || name[0] is '+' or '-'))
            return ZoneOf(name);
        if (char.IsAsciiDigit(name[0]))
            throw FunctionErrors.Invalid($"invalid input syntax for type numeric time zone: \"{name}\"");
        var text = name.AsSpan(1);
        var parts = new int[3];
        var index = 0;
        foreach (var range in text.Split(':'))
        {
            var part = text[range];
            if (index > 2 || (part.Length == 0 && index == 0) || !(part.Length == 0 || int.TryParse(part, System.Globalization.NumberStyles.None, null, out parts[index])))
                throw FunctionErrors.Invalid($"invalid input syntax for type numeric time zone: \"{name}\"");
            index++;
        }

        // Three digits and more without a colon are hours and minutes.
        if (index == 1 && text.Length > 2)
            (parts[0], parts[1]) = (parts[0] / 100, parts[0] % 100);
        if (parts[0] > 15 || parts[1] > 59 || parts[2] > 59)
            throw FunctionErrors.Invalid($"numeric time zone \"{name}\" out of range");
        var seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
        return (name[0] == '-' ? -seconds : seconds, null);
    }

    /// <summary>[+-]hh[:mm[:ss]] as a POSIX zone: positive is WEST of Greenwich (manual B.5).</summary>
    static int? ParseOffset(string name)
    {
        var text = name.AsSpan().Trim();
        if (text.Length < 2 || text[0] is not ('+' or '-'))
            return null;
        var parts = new int[3];
        var index = 0;
        foreach (var range in text[1..].Split(':'))
        {
            if (index > 2 || !int.TryParse(text[1..][range], System.Globalization.NumberStyles.None, null, out parts[index++]))
                return null;
        }

        if (parts[0] > 167 || parts[1] > 59 || parts[2] > 59)
            return null;
        var seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
        return text[0] == '+' ? -seconds : seconds;
    }

    /// <summary>An interval as a zone: seconds east of Greenwich. 22023 with months or days.</summary>
    internal static int ZoneOf(SqlInterval interval)
    {
        if (interval.Months != 0 || interval.Days != 0)
            throw FunctionErrors.Invalid($"interval time zone \"{interval}\" must not include months or days");
        return (int)(interval.Microseconds / SqlDateTime.MicrosecondsPerSecond);
    }
}
