using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace Chitin.Core.Types;

public sealed class DateType : InlineType
{
    public override uint Oid => PgOid.Date;

    public override string Name => "date";

    public override TypeCategory Category => TypeCategory.DateTime;

    public override short Length => 4;

    public override uint ArrayOid => PgOid.DateArray;

    protected override int KeySize => 4;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var parsed = DateTimeParser.Parse(text, Name, settings);
        if (parsed.Infinity != 0)
            return Datum.FromInt64(parsed.Infinity > 0 ? SqlDateTime.InfinityDate : SqlDateTime.NegativeInfinityDate);
        if (parsed.Days is not { } days)
            throw TypeErrors.InvalidDatetime(Name, text);
        if (days is < SqlDateTime.MinDate or > SqlDateTime.MaxDate)
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{text}\"");
        return Datum.FromInt64(days);
    }

    public override string Format(Datum value, FormatSettings settings) => value.AsInt32() switch
    {
        SqlDateTime.InfinityDate => "infinity",
        SqlDateTime.NegativeInfinityDate => "-infinity",
        var days => DateFormat.Date(days, settings),
    };
}

/// <summary>Output of dates and timestamps in each DateStyle.</summary>
internal static class DateFormat
{
    private static readonly string[] s_months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    private static readonly string[] s_days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    public static string Date(long days, FormatSettings settings)
    {
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        var (shown, era) = Year(year);
        var first = settings.DateOrder == DateOrder.Dmy ? day : month;
        var second = settings.DateOrder == DateOrder.Dmy ? month : day;
        return settings.DateStyle switch
        {
            DateStyle.Sql => $"{first:00}/{second:00}/{shown:0000}{era}",
            DateStyle.German => $"{day:00}.{month:00}.{shown:0000}{era}",
            DateStyle.Postgres => $"{first:00}-{second:00}-{shown:0000}{era}",
            _ => $"{shown:0000}-{month:00}-{day:00}{era}",
        };
    }

    /// <param name="zone">The zone's text to append, null for a timestamp without one.</param>
    public static string Timestamp(long local, string? zone, string? abbreviation, FormatSettings settings)
    {
        var (days, time) = SqlDateTime.Split(local);
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        var (shown, era) = Year(year);
        var clock = TimeFormat.Time(time);
        switch (settings.DateStyle)
        {
            case DateStyle.Iso:
                return $"{shown:0000}-{month:00}-{day:00} {clock}{zone}{era}";
            case DateStyle.Postgres:
                var dayMonth = settings.DateOrder == DateOrder.Dmy ? $"{day:00} {s_months[month - 1]}" : $"{s_months[month - 1]} {day:00}";
                return $"{s_days[SqlDateTime.DayOfWeek(days)]} {dayMonth} {clock} {shown:0000}{(abbreviation is null ? "" : " " + abbreviation)}{era}";
            default:
                return $"{Date(days, settings)[..^era.Length]} {clock}{(abbreviation is null ? "" : " " + abbreviation)}{era}";
        }
    }

    private static (int Shown, string Era) Year(int year) => year > 0 ? (year, "") : (1 - year, " BC");
}

public sealed class TimeType : InlineType
{
    public override uint Oid => PgOid.Time;

    public override string Name => "time";

    public override string DisplayName => "time without time zone";

    public override TypeCategory Category => TypeCategory.DateTime;

    public override short Length => 8;

    public override uint ArrayOid => PgOid.TimeArray;

    protected override int KeySize => 8;

    public override string FormatName(int typeModifier) => typeModifier < 0 ? DisplayName : $"time({typeModifier}) without time zone";

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var parsed = DateTimeParser.Parse(text, "time", settings);
        if (parsed.Time is not { } time)
            throw TypeErrors.InvalidDatetime("time", text);
        return ApplyModifier(Datum.FromInt64(time), typeModifier, false);
    }

    public override string Format(Datum value, FormatSettings settings) => TimeFormat.Time(value.AsInt64());

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) =>
        typeModifier < 0 ? value : Datum.FromInt64(SqlDateTime.RoundFraction(value.AsInt64(), typeModifier));

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        var value = base.ReadBinary(data, typeModifier);
        return value.AsInt64() is >= 0 and <= SqlDateTime.MicrosecondsPerDay ? value : throw TypeErrors.DatetimeOutOfRange("time");
    }
}

/// <summary>time with time zone: ordered by its UTC time, then by its zone.</summary>
public sealed class TimeTzType : SqlType
{
    public override uint Oid => PgOid.TimeTz;

    public override string Name => "timetz";

    public override string DisplayName => "time with time zone";

    public override TypeCategory Category => TypeCategory.DateTime;

    public override short Length => 12;

    public override uint ArrayOid => PgOid.TimeTzArray;

    public override string FormatName(int typeModifier) => typeModifier < 0 ? DisplayName : $"time({typeModifier}) with time zone";

    /// <param name="time">Microseconds since local midnight.</param>
    /// <param name="west">Seconds west of Greenwich.</param>
    public static Datum Make(long time, int west) => Datum.FromInt64((time << 20) | (uint)(west + (1 << 19)));

    public static (long Time, int West) Split(Datum value) => (value.AsInt64() >> 20, (int)(value.AsInt64() & 0xfffff) - (1 << 19));

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var parsed = DateTimeParser.Parse(text, DisplayName, settings);
        if (parsed.Time is not { } time)
            throw TypeErrors.InvalidDatetime(DisplayName, text);
        var zone = parsed.Zone ?? settings.TimeZone;
        var days = parsed.Days ?? SqlDateTime.Split(settings.NowMicroseconds).Days;
        var offset = parsed.Offset ?? SqlDateTime.OffsetAt(zone, SqlDateTime.LocalToUtc(zone, (days * SqlDateTime.MicrosecondsPerDay) + time));
        return ApplyModifier(Make(time, -offset), typeModifier, false);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        var (time, west) = Split(value);
        return TimeFormat.Time(time) + SqlDateTime.FormatOffset(-west, false);
    }

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit)
    {
        if (typeModifier < 0)
            return value;
        var (time, west) = Split(value);
        return Make(SqlDateTime.RoundFraction(time, typeModifier), west);
    }

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var (time, west) = Split(value);
        var span = output.GetSpan(12);
        BinaryPrimitives.WriteInt64BigEndian(span, time);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], west);
        output.Advance(12);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length != 12)
            throw TypeErrors.InvalidBinary(DisplayName);
        var time = BinaryPrimitives.ReadInt64BigEndian(data);
        var west = BinaryPrimitives.ReadInt32BigEndian(data[8..]);
        return time is >= 0 and <= SqlDateTime.MicrosecondsPerDay && Math.Abs((long)west) < 57600 ? Make(time, west) : throw TypeErrors.DatetimeOutOfRange("time");
    }

    public override int Compare(Datum left, Datum right)
    {
        var a = Split(left);
        var b = Split(right);
        var order = Utc(a).CompareTo(Utc(b));
        return order != 0 ? order : a.West.CompareTo(b.West);
    }

    public override int Hash(Datum value) => value.AsInt64().GetHashCode();

    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        var parts = Split(value);
        KeyCodec.WriteInt64(Utc(parts), output, 8);
        KeyCodec.WriteInt64(parts.West, output, 4);
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var utc = KeyCodec.ReadInt64(ref input, 8);
        var west = (int)KeyCodec.ReadInt64(ref input, 4);
        return Make(utc - (west * SqlDateTime.MicrosecondsPerSecond), west);
    }

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteCompact(value.AsInt64(), output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromInt64(KeyCodec.ReadCompact(data));

    private static long Utc((long Time, int West) value) => value.Time + (value.West * SqlDateTime.MicrosecondsPerSecond);
}

/// <summary>timestamp and timestamptz.</summary>
public sealed class TimestampType(bool hasZone) : InlineType
{
    public override uint Oid => hasZone ? PgOid.TimestampTz : PgOid.Timestamp;

    public override string Name => hasZone ? "timestamptz" : "timestamp";

    public override string DisplayName => hasZone ? "timestamp with time zone" : "timestamp without time zone";

    public override TypeCategory Category => TypeCategory.DateTime;

    public override bool IsPreferred => hasZone;

    public override short Length => 8;

    public override uint ArrayOid => hasZone ? PgOid.TimestampTzArray : PgOid.TimestampArray;

    protected override int KeySize => 8;

    public override string FormatName(int typeModifier) =>
        typeModifier < 0 ? DisplayName : $"timestamp({typeModifier.ToString(CultureInfo.InvariantCulture)}) {(hasZone ? "with" : "without")} time zone";

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var parsed = DateTimeParser.Parse(text, hasZone ? DisplayName : "timestamp", settings);
        if (parsed.Infinity != 0)
            return Datum.FromInt64(parsed.Infinity > 0 ? long.MaxValue : long.MinValue);
        if (parsed.Days is not { } days)
            throw TypeErrors.InvalidDatetime(hasZone ? DisplayName : "timestamp", text);
        var wide = ((Int128)days * SqlDateTime.MicrosecondsPerDay) + (parsed.Time ?? 0);
        if (wide < SqlDateTime.MinTimestamp - SqlDateTime.MicrosecondsPerDay || wide > SqlDateTime.EndTimestamp + SqlDateTime.MicrosecondsPerDay)
            throw OutOfRange(text);
        var value = (long)Int128.Min(wide, long.MaxValue - 1);
        if (hasZone)
        {
            value = parsed.Offset is { } offset ? value - (offset * SqlDateTime.MicrosecondsPerSecond)
                : SqlDateTime.LocalToUtc(parsed.Zone ?? settings.TimeZone, value);
        }

        if (value is < SqlDateTime.MinTimestamp or >= SqlDateTime.EndTimestamp)
            throw OutOfRange(text);
        return ApplyModifier(Datum.FromInt64(value), typeModifier, false);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        var instant = value.AsInt64();
        if (SqlDateTime.IsInfinite(instant))
            return instant > 0 ? "infinity" : "-infinity";
        if (!hasZone)
            return DateFormat.Timestamp(instant, null, null, settings);
        var offset = SqlDateTime.OffsetAt(settings.TimeZone, instant);
        var abbreviation = settings.DateStyle == DateStyle.Iso ? null : SqlDateTime.Abbreviation(settings.TimeZone, instant);
        return DateFormat.Timestamp(instant + (offset * SqlDateTime.MicrosecondsPerSecond), SqlDateTime.FormatOffset(offset, false), abbreviation, settings);
    }

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) =>
        typeModifier < 0 ? value : Datum.FromInt64(SqlDateTime.RoundFraction(value.AsInt64(), typeModifier));

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        var value = base.ReadBinary(data, typeModifier);
        if (!SqlDateTime.IsInfinite(value.AsInt64()) && value.AsInt64() is < SqlDateTime.MinTimestamp or >= SqlDateTime.EndTimestamp && !SqlDateTime.IsInfinite(value.AsInt64()))
            throw TypeErrors.DatetimeOutOfRange("timestamp");
        return ApplyModifier(value, typeModifier, false);
    }

    private static SqlException OutOfRange(ReadOnlySpan<char> text) => new(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{text}\"");
}

public sealed class IntervalType : SqlType
{
    public override uint Oid => PgOid.Interval;

    public override string Name => "interval";

    public override TypeCategory Category => TypeCategory.Timespan;

    public override bool IsPreferred => true;

    public override short Length => 16;

    public override uint ArrayOid => PgOid.IntervalArray;

    /// <summary>1 month and 30 days have one key.</summary>
    public override bool KeyIsLossless => false;

    public override string FormatName(int typeModifier) => IntervalFields.Name(typeModifier);

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        Datum.FromObject(IntervalFields.Apply(IntervalParser.Parse(text, typeModifier), typeModifier));

    public override string Format(Datum value, FormatSettings settings) => value.As<SqlInterval>().Format(settings.IntervalStyle);

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) => Datum.FromObject(IntervalFields.Apply(value.As<SqlInterval>(), typeModifier));

    public override void WriteBinary(Datum value, IBufferWriter<byte> output)
    {
        var interval = value.As<SqlInterval>();
        var span = output.GetSpan(16);
        BinaryPrimitives.WriteInt64BigEndian(span, interval.Microseconds);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], interval.Days);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], interval.Months);
        output.Advance(16);
    }

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        if (data.Length != 16)
            throw TypeErrors.InvalidBinary(Name);
        return Datum.FromObject(new SqlInterval(
            BinaryPrimitives.ReadInt32BigEndian(data[12..]), BinaryPrimitives.ReadInt32BigEndian(data[8..]), BinaryPrimitives.ReadInt64BigEndian(data)));
    }

    public override int Compare(Datum left, Datum right) => left.As<SqlInterval>().CompareTo(right.As<SqlInterval>());

    public override int Hash(Datum value) => value.As<SqlInterval>().GetHashCode();

    public override void EncodeKey(Datum value, IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt128BigEndian(output.GetSpan(16), value.As<SqlInterval>().ComparisonValue ^ Int128.MinValue);
        output.Advance(16);
    }

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input)
    {
        var total = BinaryPrimitives.ReadInt128BigEndian(input) ^ Int128.MinValue;
        input = input[16..];
        var days = total / SqlDateTime.MicrosecondsPerDay;
        return Datum.FromObject(new SqlInterval((int)(days / 30), (int)(days % 30), (long)(total % SqlDateTime.MicrosecondsPerDay)));
    }

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => WriteBinary(value, output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => ReadBinary(data, -1);
}
