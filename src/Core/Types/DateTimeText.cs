using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>Output of dates, times and timestamps in UTF-8, in each DateStyle (8.5.2).</summary>
internal static class DateTimeText
{
    /// <summary>Room that every method here needs at most.</summary>
    public const int MaxLength = 80;

    /// <summary>Longer zone names are cut.</summary>
    private const int MaxZoneName = 10;

    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    private static ReadOnlySpan<byte> WeekDays => "SunMonTueWedThuFriSat"u8;

    public static int WriteDate(long days, FormatSettings settings, Span<byte> output)
    {
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        return WriteEra(output, WriteCivil(output, year, month, day, settings), year);
    }

    /// <summary>hh:mm:ss[.ffffff], without trailing zeros.</summary>
    public static int WriteTime(long microseconds, Span<byte> output) => WriteClock(output, 0, microseconds);

    public static int WriteTimestamp(long local, FormatSettings settings, Span<byte> output) => Write(local, null, 0, settings, output);

    public static int WriteTimestampTz(long utc, FormatSettings settings, Span<byte> output)
    {
        if (ReferenceEquals(settings.TimeZone, TimeZoneInfo.Utc))
            return Write(utc, "UTC", 0, settings, output);
        var (abbreviation, offset, _) = TimeZones.At(settings.TimeZone, utc);
        return Write(utc + (offset * SqlDateTime.MicrosecondsPerSecond), abbreviation, offset, settings, output);
    }

    /// <summary>+hh[:mm[:ss]].</summary>
    public static int WriteOffset(Span<byte> output, int length, int seconds)
    {
        output[length++] = seconds < 0 ? (byte)'-' : (byte)'+';
        seconds = Math.Abs(seconds);
        length = Two(output, length, seconds / 3600);
        if (seconds % 3600 == 0)
            return length;
        output[length++] = (byte)':';
        length = Two(output, length, seconds / 60 % 60);
        if (seconds % 60 == 0)
            return length;
        output[length++] = (byte)':';
        return Two(output, length, seconds % 60);
    }

    public static string ToText(ReadOnlySpan<byte> ascii) => Encoding.ASCII.GetString(ascii);

    /// <param name="local">What the clock shows.</param>
    /// <param name="zone">The zone's abbreviation; null for a timestamp without zone.</param>
    /// <param name="offset">Seconds east of Greenwich.</param>
    /// <param name="settings">DateStyle and DateOrder.</param>
    /// <param name="output">At least <see cref="MaxLength"/> bytes.</param>
    private static int Write(long local, string? zone, int offset, FormatSettings settings, Span<byte> output)
    {
        var (days, time) = SqlDateTime.Split(local);
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        int length;
        if (settings.DateStyle == DateStyle.Postgres)
        {
            WeekDays.Slice(SqlDateTime.DayOfWeek(days) * 3, 3).CopyTo(output);
            output[3] = (byte)' ';
            length = WriteDayAndMonth(output, 4, month, day, settings.DateOrder);
            length = WriteClock(output, length, time);
            output[length++] = (byte)' ';
            length = Year(output, length, year);
        }
        else
        {
            length = WriteCivil(output, year, month, day, settings);
            output[length++] = (byte)' ';
            length = WriteClock(output, length, time);
        }

        if (zone is not null)
        {
            if (settings.DateStyle == DateStyle.Iso)
                length = WriteOffset(output, length, offset);
            else
            {
                output[length++] = (byte)' ';
                length += Encoding.ASCII.GetBytes(zone.AsSpan(0, Math.Min(zone.Length, MaxZoneName)), output[length..]);
            }
        }

        return WriteEra(output, length, year);
    }

    private static int WriteDayAndMonth(Span<byte> output, int length, int month, int day, DateOrder order)
    {
        var name = Months.Slice((month - 1) * 3, 3);
        if (order == DateOrder.Dmy)
        {
            length = Two(output, length, day);
            output[length++] = (byte)' ';
            name.CopyTo(output[length..]);
            length += 3;
        }
        else
        {
            name.CopyTo(output[length..]);
            length += 3;
            output[length++] = (byte)' ';
            length = Two(output, length, day);
        }

        output[length++] = (byte)' ';
        return length;
    }

    private static int WriteCivil(Span<byte> output, int year, int month, int day, FormatSettings settings)
    {
        var length = 0;
        if (settings.DateStyle == DateStyle.Iso)
        {
            length = Year(output, 0, year);
            output[length++] = (byte)'-';
            length = Two(output, length, month);
            output[length++] = (byte)'-';
            return Two(output, length, day);
        }

        var separator = settings.DateStyle switch { DateStyle.Sql => (byte)'/', DateStyle.German => (byte)'.', _ => (byte)'-' };
        var isDayFirst = settings.DateOrder == DateOrder.Dmy || settings.DateStyle == DateStyle.German;
        length = Two(output, length, isDayFirst ? day : month);
        output[length++] = separator;
        length = Two(output, length, isDayFirst ? month : day);
        output[length++] = separator;
        return Year(output, length, year);
    }

    private static int WriteClock(Span<byte> output, int length, long microseconds)
    {
        var (seconds, fraction) = Math.DivRem(microseconds, SqlDateTime.MicrosecondsPerSecond);
        length = Two(output, length, (int)(seconds / 3600));
        output[length++] = (byte)':';
        length = Two(output, length, (int)(seconds / 60 % 60));
        output[length++] = (byte)':';
        return WriteFraction(output, Two(output, length, (int)(seconds % 60)), (int)fraction);
    }

    private static int WriteFraction(Span<byte> output, int length, int microseconds)
    {
        if (microseconds == 0)
            return length;
        output[length++] = (byte)'.';
        for (var unit = 100_000; microseconds > 0; unit /= 10)
        {
            output[length++] = (byte)('0' + (microseconds / unit));
            microseconds %= unit;
        }

        return length;
    }

    private static int Year(Span<byte> output, int length, int year)
    {
        var shown = year > 0 ? year : 1 - year;
        if (shown < 10_000)
            return Two(output, Two(output, length, shown / 100), shown % 100);
        shown.TryFormat(output[length..], out var written, default, CultureInfo.InvariantCulture);
        return length + written;
    }

    private static int WriteEra(Span<byte> output, int length, int year)
    {
        if (year > 0)
            return length;
        " BC"u8.CopyTo(output[length..]);
        return length + 3;
    }

    private static int Two(Span<byte> output, int length, int value)
    {
        output[length] = (byte)('0' + (value / 10));
        output[length + 1] = (byte)('0' + (value % 10));
        return length + 2;
    }
}
