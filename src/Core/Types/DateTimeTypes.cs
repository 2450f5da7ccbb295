using System.Buffers;
using System.Buffers.Binary;

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
        var days = parsed.IsEpoch ? -SqlDateTime.UnixEpochDays : parsed.Days;
        if (days is < SqlDateTime.MinDate or > SqlDateTime.MaxDate)
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{text}\"");
        return Datum.FromInt64(days);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        Span<byte> buffer = stackalloc byte[DateTimeText.MaxLength];
        return DateTimeText.ToText(buffer[..Write(value, settings, buffer)]);
    }

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) =>
        output.Advance(Write(value, settings, output.GetSpan(DateTimeText.MaxLength)));

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        var value = base.ReadBinary(data, typeModifier);
        return value.AsInt64() is SqlDateTime.InfinityDate or SqlDateTime.NegativeInfinityDate or (>= SqlDateTime.MinDate and <= SqlDateTime.MaxDate)
            ? value
            : throw TypeErrors.DatetimeOutOfRange("date");
    }

    private static int Write(Datum value, FormatSettings settings, Span<byte> output) => value.AsInt64() switch
    {
        SqlDateTime.InfinityDate => TimestampType.WriteInfinity(1, output),
        SqlDateTime.NegativeInfinityDate => TimestampType.WriteInfinity(-1, output),
        var days => DateTimeText.WriteDate(days, settings, output),
    };
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

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings) =>
        ApplyModifier(Datum.FromInt64(DateTimeParser.Parse(text, Name, settings, timeOnly: true).Time), typeModifier, false);

    public override string Format(Datum value, FormatSettings settings)
    {
        Span<byte> buffer = stackalloc byte[DateTimeText.MaxLength];
        return DateTimeText.ToText(buffer[..DateTimeText.WriteTime(value.AsInt64(), buffer)]);
    }

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) =>
        output.Advance(DateTimeText.WriteTime(value.AsInt64(), output.GetSpan(DateTimeText.MaxLength)));

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) =>
        typeModifier < 0 ? value : Datum.FromInt64(SqlDateTime.RoundFraction(value.AsInt64(), typeModifier));

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        var value = base.ReadBinary(data, typeModifier);
        return value.AsInt64() is >= 0 and <= SqlDateTime.MicrosecondsPerDay ? ApplyModifier(value, typeModifier, false) : throw TypeErrors.DatetimeOutOfRange("time");
    }
}

/// <summary>time with time zone: ordered by its UTC time, then by its zone.</summary>
public sealed class TimeTzType : SqlType
{
    /// <summary>Zones reach 16 hours either way, exclusive.</summary>
    private const int MaxDisplacement = 16 * 3600;

    public override uint Oid => PgOid.TimeTz;

    public override string Name => "timetz";

    public override string DisplayName => "time with time zone";

    public override TypeCategory Category => TypeCategory.DateTime;

    public override bool IsPreferred => false;

    public override short Length => 12;

    public override uint ArrayOid => PgOid.TimeTzArray;

    public override string FormatName(int typeModifier) => typeModifier < 0 ? DisplayName : $"time({typeModifier}) with time zone";

    /// <param name="time">Microseconds since local midnight.</param>
    /// <param name="west">Seconds west of Greenwich.</param>
    public static Datum Make(long time, int west) => Datum.FromInt64((time << 20) | (uint)(west + (1 << 19)));

    public static (long Time, int West) Split(Datum value) => (value.AsInt64() >> 20, (int)(value.AsInt64() & 0xfffff) - (1 << 19));

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var parsed = DateTimeParser.Parse(text, DisplayName, settings, timeOnly: true);
        return ApplyModifier(Make(parsed.Time, -parsed.Offset), typeModifier, false);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        Span<byte> buffer = stackalloc byte[DateTimeText.MaxLength];
        return DateTimeText.ToText(buffer[..Write(value, buffer)]);
    }

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) => output.Advance(Write(value, output.GetSpan(DateTimeText.MaxLength)));

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
        if (time is < 0 or > SqlDateTime.MicrosecondsPerDay)
            throw TypeErrors.DatetimeOutOfRange("time");
        if (west is <= -MaxDisplacement or >= MaxDisplacement)
            throw new SqlException(SqlState.InvalidTimeZoneDisplacement, "time zone displacement out of range");
        return ApplyModifier(Make(time, west), typeModifier, false);
    }

    public override int Compare(Datum left, Datum right)
    {
        var a = Split(left);
        var b = Split(right);
        var order = Utc(a).CompareTo(Utc(b));
        return order != 0 ? order : a.West.CompareTo(b.West);
    }

    public override bool AreEqual(Datum left, Datum right) => left.AsInt64() == right.AsInt64();

    public override int Hash(Datum value) => InlineType.HashInteger(value.AsInt64());

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

    private static int Write(Datum value, Span<byte> output)
    {
        var (time, west) = Split(value);
        return DateTimeText.WriteOffset(output, DateTimeText.WriteTime(time, output), -west);
    }
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
        typeModifier < 0 ? DisplayName : $"timestamp({typeModifier}) {(hasZone ? "with" : "without")} time zone";

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var parsed = DateTimeParser.Parse(text, hasZone ? DisplayName : "timestamp", settings);
        if (parsed.Infinity != 0)
            return Datum.FromInt64(parsed.Infinity > 0 ? long.MaxValue : long.MinValue);
        if (parsed.IsEpoch)
            return Datum.FromInt64(-SqlDateTime.UnixEpochMicroseconds);
        var value = ((Int128)parsed.Days * SqlDateTime.MicrosecondsPerDay) + parsed.Time;
        if (hasZone)
            value -= parsed.Offset * SqlDateTime.MicrosecondsPerSecond;
        if (value < SqlDateTime.MinTimestamp || value >= SqlDateTime.EndTimestamp)
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{text}\"");
        return ApplyModifier(Datum.FromInt64((long)value), typeModifier, false);
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        Span<byte> buffer = stackalloc byte[DateTimeText.MaxLength];
        return DateTimeText.ToText(buffer[..Write(value, settings, buffer)]);
    }

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) =>
        output.Advance(Write(value, settings, output.GetSpan(DateTimeText.MaxLength)));

    public override Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) =>
        typeModifier < 0 ? value : Datum.FromInt64(SqlDateTime.RoundFraction(value.AsInt64(), typeModifier));

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier)
    {
        var value = base.ReadBinary(data, typeModifier);
        return SqlDateTime.IsInfinite(value.AsInt64()) || value.AsInt64() is >= SqlDateTime.MinTimestamp and < SqlDateTime.EndTimestamp
            ? ApplyModifier(value, typeModifier, false)
            : throw TypeErrors.DatetimeOutOfRange("timestamp");
    }

    internal static int WriteInfinity(int sign, Span<byte> output)
    {
        var text = sign > 0 ? "infinity"u8 : "-infinity"u8;
        text.CopyTo(output);
        return text.Length;
    }

    private int Write(Datum value, FormatSettings settings, Span<byte> output)
    {
        var instant = value.AsInt64();
        if (SqlDateTime.IsInfinite(instant))
            return WriteInfinity(instant > 0 ? 1 : -1, output);
        return hasZone ? DateTimeText.WriteTimestampTz(instant, settings, output) : DateTimeText.WriteTimestamp(instant, settings, output);
    }
}
