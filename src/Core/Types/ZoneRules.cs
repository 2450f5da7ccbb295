using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>What a clock in a zone shows at some time: its offset east of Greenwich and the name for it.</summary>
internal readonly record struct ZoneOffset(int Seconds, bool IsDaylight, string Abbreviation);

/// <summary>
/// The rules of a time zone with what <see cref="TimeZoneInfo"/> does not tell: seconds of local mean times, abbreviations, all years.
/// Read from the system's compiled zone files (TZif, RFC 9636); a zone without a file answers by <see cref="TimeZoneInfo"/> itself.
/// Times are seconds since 1970-01-01 UTC.
/// </summary>
internal sealed class ZoneRules
{
    private static readonly ConditionalWeakTable<TimeZoneInfo, ZoneRules> s_known = new() { { TimeZoneInfo.Utc, new ZoneRules([], [0], [new ZoneOffset(0, false, "UTC")], null) } };

    private readonly long[] _times;
    private readonly byte[] _kinds;
    private readonly ZoneOffset[] _offsets;
    private readonly PosixZone? _later;
    private readonly TimeZoneInfo? _info;

    /// <param name="times">Changes of offset, ascending.</param>
    /// <param name="kinds">The offset before the first change, then the one from each change on.</param>
    /// <param name="offsets">What the kinds mean.</param>
    /// <param name="later">The rule behind the last change.</param>
    private ZoneRules(long[] times, byte[] kinds, ZoneOffset[] offsets, PosixZone? later)
    {
        _times = times;
        _kinds = kinds;
        _offsets = offsets;
        _later = later;
    }

    private ZoneRules(TimeZoneInfo info)
        : this([], [0], [new ZoneOffset((int)info.BaseUtcOffset.TotalSeconds, false, info.StandardName)], null) =>
        _info = info.SupportsDaylightSavingTime || info.GetAdjustmentRules().Length > 0 ? info : null;

    public static ZoneRules Of(TimeZoneInfo zone) => s_known.GetValue(zone, Load);

    /// <summary>Makes a zone that has no file of its own known by its rules.</summary>
    public static void Register(TimeZoneInfo zone, PosixZone rules) =>
        s_known.AddOrUpdate(zone, new ZoneRules([], [0], rules.Daylight is { } daylight ? [rules.Standard, daylight] : [rules.Standard], rules));

    public ZoneOffset At(long utc)
    {
        if (_info is not null)
            return FromInfo(utc);
        if (_later is not null && (_times.Length == 0 || utc >= _times[^1]))
            return _later.At(utc);
        return _offsets[_kinds[Count(utc)]];
    }

    /// <summary>
    /// The offset that applies to a local time (seconds, read as if they were UTC). A time that a change skips is read with the offset before it,
    /// one that comes twice with the offset after it (DetermineTimeZoneOffset).
    /// </summary>
    public int OffsetOfLocal(long local)
    {
        if (_info is not null)
            return (int)SqlDateTime.OffsetOfLocal(_info, local);
        var from = local - 86400;
        var before = At(from).Seconds;
        if (NextChange(from) is not { } change)
            return before;
        var after = At(change).Seconds;
        var asBefore = local - before;
        var asAfter = local - after;
        if (asBefore < change && asAfter < change)
            return before;
        if (asBefore > change && asAfter >= change)
            return after;
        return asBefore > asAfter ? before : after;
    }

    /// <summary>What an abbreviation means in this zone: its latest use up to an instant, or else its first use after it.</summary>
    /// <param name="abbreviation">In upper case.</param>
    /// <param name="utc">The instant.</param>
    public int? Interpret(string abbreviation, long utc)
    {
        if (_later is not null && (_times.Length == 0 || utc >= _times[^1]))
        {
            if (_later.Daylight is { } daylight && daylight.Abbreviation == abbreviation)
                return daylight.Seconds;
            if (_later.Standard.Abbreviation == abbreviation)
                return _later.Standard.Seconds;
        }

        var index = Count(utc);
        for (var i = index; i >= 0; i--)
        {
            if (_offsets[_kinds[i]].Abbreviation == abbreviation)
                return _offsets[_kinds[i]].Seconds;
        }

        for (var i = index + 1; i < _kinds.Length; i++)
        {
            if (_offsets[_kinds[i]].Abbreviation == abbreviation)
                return _offsets[_kinds[i]].Seconds;
        }

        return null;
    }

    /// <summary>Whether the zone's offset never changes.</summary>
    public bool IsFixed => _info is null && _times.Length == 0 && _later?.Daylight is null;

    private long? NextChange(long utc)
    {
        var index = Count(utc);
        return index < _times.Length ? _times[index] : _later?.NextTransition(utc);
    }

    /// <summary>The number of changes up to an instant.</summary>
    private int Count(long utc)
    {
        var index = Array.BinarySearch(_times, utc);
        return index >= 0 ? index + 1 : ~index;
    }

    private ZoneOffset FromInfo(long utc)
    {
        var time = SqlDateTime.ToDateTime((utc * SqlDateTime.MicrosecondsPerSecond) - SqlDateTime.UnixEpochMicroseconds, DateTimeKind.Utc);
        var seconds = (int)_info!.GetUtcOffset(time).TotalSeconds;
        return new ZoneOffset(seconds, _info.IsDaylightSavingTime(time), SqlDateTime.FormatOffset(seconds, colonAlways: false));
    }

    private static ZoneRules Load(TimeZoneInfo zone)
    {
        if (TimeZones.FileOf(zone.Id) is { } path && TryRead(File.ReadAllBytes(path)) is { } rules)
            return rules;
        if (PosixZone.TryParse(zone.Id) is { } posix && posix.Standard.Seconds == (int)zone.BaseUtcOffset.TotalSeconds)
            return new ZoneRules([], [0], [posix.Standard], posix);
        return new ZoneRules(zone);
    }

    /// <summary>Reads the 64-bit part of a TZif file; null when it is not one.</summary>
    private static ZoneRules? TryRead(ReadOnlySpan<byte> file)
    {
        const int headerSize = 44;
        if (file.Length < headerSize || !file.StartsWith("TZif"u8) || file[4] < '2')
            return null;
        file = file[(headerSize + BodySize(file, 4))..];
        if (file.Length < headerSize || !file.StartsWith("TZif"u8))
            return null;
        var (changes, kinds, characters) = (Field(file, 32), Field(file, 36), Field(file, 40));
        var footer = file[(headerSize + BodySize(file, 8))..];
        var body = file[headerSize..];
        var times = new long[changes];
        for (var i = 0; i < changes; i++)
            times[i] = BinaryPrimitives.ReadInt64BigEndian(body[(i * 8)..]);
        body = body[(changes * 8)..];
        var indexes = new byte[changes + 1];
        body[..changes].CopyTo(indexes.AsSpan(1));
        body = body[changes..];
        var names = body.Slice(kinds * 6, characters);
        var offsets = new ZoneOffset[kinds];
        for (var i = 0; i < kinds; i++)
        {
            var entry = body.Slice(i * 6, 6);
            var name = names[entry[5]..];
            offsets[i] = new ZoneOffset(BinaryPrimitives.ReadInt32BigEndian(entry), entry[4] != 0, Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]));
        }

        var later = PosixZone.TryParse(Encoding.ASCII.GetString(footer.Trim((byte)'\n')));
        return new ZoneRules(times, indexes, offsets, later);
    }

    private static int Field(ReadOnlySpan<byte> header, int offset) => BinaryPrimitives.ReadInt32BigEndian(header[offset..]);

    private static int BodySize(ReadOnlySpan<byte> header, int timeSize) =>
        (Field(header, 32) * (timeSize + 1)) + (Field(header, 36) * 6) + Field(header, 40) + (Field(header, 28) * (timeSize + 4)) + Field(header, 24) + Field(header, 20);
}
