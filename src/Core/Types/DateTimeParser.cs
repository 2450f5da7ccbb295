using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>What a date or time string said.</summary>
internal readonly record struct ParsedDateTime
{
    /// <summary>Days since 2000-01-01; meaningless without <see cref="HasDate"/>.</summary>
    public long Days { get; init; }

    /// <summary>Microseconds since midnight; a time that was not given is 0.</summary>
    public long Time { get; init; }

    public bool HasDate { get; init; }

    /// <summary>Seconds east of Greenwich: as written, or what the zone (the session's, when none was written) has at that time.</summary>
    public int Offset { get; init; }

    /// <summary>1 infinity, -1 -infinity.</summary>
    public int Infinity { get; init; }

    public bool IsEpoch { get; init; }
}

/// <summary>Why input was refused.</summary>
internal enum DateTimeFault : byte { None, BadFormat, FieldOverflow, MonthDayOverflow, ZoneOverflow, IntervalOverflow }

/// <summary>
/// Reads date and time input as PostgreSQL does (8.5.1, appendix B.1): fields are told by their form and by what the fields before them said, not by a fixed grammar.
/// </summary>
internal ref partial struct DateTimeParser
{
    private readonly FormatSettings _settings;
    private readonly bool _timeOnly;
    private DateTimeFields _fields;

    private Parts _seen;
    private long _year;
    private int _month;
    private int _day;
    private int _dayOfYear;
    private long _hour;
    private int _minute;
    private int _second;
    private long _fraction;

    private bool _hasTextMonth;
    private bool _isJulian;
    private bool _isShortYear;
    private bool _isBeforeChrist;
    private bool? _isAfternoon;
    private DateTimeUnit _label;

    private int _offset;
    private TimeZoneInfo? _zone;
    private string? _abbreviation;
    private ReservedTime? _special;

    /// <summary>What has been said so far; saying a thing twice is an error.</summary>
    [Flags]
    private enum Parts
    {
        None = 0,
        Year = 1,
        Month = 2,
        Day = 4,
        Hour = 8,
        Minute = 16,
        Second = 32,
        Fraction = 64,
        Zone = 128,
        DayOfYear = 256,
        Meridiem = 512,
        Era = 1024,
        WeekDay = 2048,
        Daylight = 4096,
        DaylightModifier = 8192,
        Reserved = 16384,
        Date = Year | Month | Day,
        Time = Hour | Minute | Second | Fraction,
    }

    private DateTimeParser(DateTimeFields fields, FormatSettings settings, bool timeOnly)
    {
        _fields = fields;
        _settings = settings;
        _timeOnly = timeOnly;
    }

    /// <param name="text">The whole input.</param>
    /// <param name="type">The type's name for error texts.</param>
    /// <param name="settings">Date order, session zone, the time of 'now'.</param>
    /// <param name="timeOnly">Whether a time of day is asked for: then the date may be missing, and the time may not.</param>
    public static ParsedDateTime Parse(ReadOnlySpan<char> text, string type, FormatSettings settings, bool timeOnly = false)
    {
        Span<char> buffer = stackalloc char[DateTimeFields.BufferLength];
        Span<DateTimeField> fields = stackalloc DateTimeField[DateTimeFields.MaxFields];
        var lexer = new DateTimeFields(buffer, fields);
        if (!lexer.TrySplit(text))
            throw Error(DateTimeFault.BadFormat, text, type);
        var parser = new DateTimeParser(lexer, settings, timeOnly);
        var fault = parser.Run();
        return fault == DateTimeFault.None ? parser.Result() : throw Error(fault, text, type);
    }

    public static SqlException Error(DateTimeFault fault, ReadOnlySpan<char> text, string type) => fault switch
    {
        DateTimeFault.FieldOverflow => TypeErrors.FieldOverflow(text),
        DateTimeFault.MonthDayOverflow => new SqlException(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{text}\"")
        {
            Hint = "Perhaps you need a different \"datestyle\" setting.",
        },
        DateTimeFault.ZoneOverflow => new SqlException(SqlState.InvalidTimeZoneDisplacement, $"time zone displacement out of range: \"{text}\""),
        DateTimeFault.IntervalOverflow => new SqlException(SqlState.IntervalFieldOverflow, $"interval field value out of range: \"{text}\""),
        _ => TypeErrors.InvalidDatetime(type, text),
    };

    private readonly ParsedDateTime Result() => new()
    {
        Days = (_seen & Parts.Date) == Parts.Date && _special is null ? SqlDateTime.DaysFromCivil(_year, _month, _day) : 0,
        Time = TimeOfDay,
        HasDate = (_seen & Parts.Date) == Parts.Date,
        Offset = _offset,
        Infinity = _special switch { ReservedTime.Infinity => 1, ReservedTime.NegativeInfinity => -1, _ => 0 },
        IsEpoch = _special == ReservedTime.Epoch,
    };

    private readonly long TimeOfDay => (((((_hour * 60) + _minute) * 60) + _second) * SqlDateTime.MicrosecondsPerSecond) + _fraction;

    private DateTimeFault Run()
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            var text = _fields.Text(i);
            Parts said;
            var fault = _fields[i].Kind switch
            {
                FieldKind.Date => ReadDateField(i, text, out said),
                FieldKind.Time => ReadTimeField(text, out said),
                FieldKind.Zone => ReadZoneField(text, out said),
                FieldKind.Number => ReadNumberField(i, text, out said),
                _ => ReadWordField(i, text, out said),
            };
            if (fault != DateTimeFault.None)
                return fault;
            if ((said & _seen) != 0)
                return DateTimeFault.BadFormat;
            _seen |= said;
        }

        return Finish();
    }

    private DateTimeFault Finish()
    {
        var fault = CheckDate();
        if (fault != DateTimeFault.None)
            return fault;
        if (_isAfternoon is { } afternoon)
        {
            if (_hour > 12)
                return DateTimeFault.FieldOverflow;
            if (_hour == 12)
                _hour = 0;
            if (afternoon)
                _hour += 12;
        }

        if (_timeOnly && TimeOverflows())
            return DateTimeFault.FieldOverflow;
        if (_special is not null)
            return DateTimeFault.None;
        var needed = _timeOnly ? Parts.Time : Parts.Date;
        return (_seen & needed) == needed ? FinishZone() : DateTimeFault.BadFormat;
    }

    private DateTimeFault CheckDate()
    {
        if ((_seen & Parts.Year) != 0 && !_isJulian)
        {
            if (_isShortYear && !_isBeforeChrist)
                _year += _year < 70 ? 2000 : _year < 100 ? 1900 : 0;
            else if (_year <= 0)
                return DateTimeFault.FieldOverflow;
            else if (_isBeforeChrist)
                _year = 1 - _year;
        }

        if ((_seen & Parts.DayOfYear) != 0)
            SetDate(SqlDateTime.DaysFromCivil(_year, 1, 1) + _dayOfYear - 1);
        if (((_seen & Parts.Month) != 0 && _month is < 1 or > 12) || ((_seen & Parts.Day) != 0 && _day is < 1 or > 31))
            return DateTimeFault.MonthDayOverflow;
        return (_seen & Parts.Date) == Parts.Date && _day > SqlDateTime.DaysInMonth(_year, _month) ? DateTimeFault.FieldOverflow : DateTimeFault.None;
    }

    private readonly bool TimeOverflows() => _hour > 24 || _minute > 59 || _second > 60 || _fraction > SqlDateTime.MicrosecondsPerSecond || TimeOfDay > SqlDateTime.MicrosecondsPerDay;

    /// <summary>Turns a zone's name, or no zone at all, into the offset that holds at the date and time that were read.</summary>
    private DateTimeFault FinishZone()
    {
        var zone = _zone;
        if (zone is null)
        {
            if ((_seen & Parts.Zone) != 0)
                return DateTimeFault.None;
            zone = _settings.TimeZone;
        }

        if ((_seen & Parts.DaylightModifier) != 0)
            return DateTimeFault.BadFormat;
        var rules = ZoneRules.Of(zone);
        long days;
        if ((_seen & Parts.Date) == Parts.Date)
            days = SqlDateTime.DaysFromCivil(_year, _month, _day);
        else if ((_zone is null || _abbreviation is not null) && (_seen & Parts.Date) == 0)
            days = Today();
        else if (rules.IsFixed && _zone is not null)
            days = 0;
        else
            return DateTimeFault.BadFormat;
        // A date beyond the calendar is refused by the type; the zone only needs some time near it.
        var local = (Math.Clamp(days, SqlDateTime.MinDate - 366, 110_000_000) + SqlDateTime.UnixEpochDays) * 86400 + (TimeOfDay / SqlDateTime.MicrosecondsPerSecond);
        _offset = rules.OffsetOfLocal(local);
        if (_abbreviation is not null)
            _offset = rules.Interpret(_abbreviation, local - _offset) ?? _offset;
        return DateTimeFault.None;
    }

    private readonly long Today() => SqlDateTime.Split(SqlDateTime.UtcToLocal(_settings.TimeZone, _settings.NowMicroseconds)).Days;

    private void SetDate(long days)
    {
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        (_year, _month, _day) = (year, month, day);
    }

    /// <summary>strtol of 32 bits; false on overflow. Reads an optional sign, then digits.</summary>
    private static bool TryInteger(ref ReadOnlySpan<char> text, out int value)
    {
        var length = text.Length > 0 && text[0] is '-' or '+' ? 1 : 0;
        while (length < text.Length && char.IsAsciiDigit(text[length]))
            length++;
        var digits = text[..length];
        text = text[length..];
        value = 0;
        return digits.Length == 0 || !char.IsAsciiDigit(digits[^1]) || int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The fraction of a number from its point on, in units of 1/scale; false when there is junk behind it.</summary>
    internal static bool TryFraction(ReadOnlySpan<char> text, double scale, out double value)
    {
        value = 0;
        if (text.Length == 1)
            return true;
        if (text[1..].IndexOfAnyExceptInRange('0', '9') >= 0 || !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value))
            return false;
        value *= scale;
        return true;
    }

    private bool TrySecondFraction(ReadOnlySpan<char> text)
    {
        if (!TryFraction(text, SqlDateTime.MicrosecondsPerSecond, out var fraction))
            return false;
        _fraction = (long)Math.Round(fraction, MidpointRounding.ToEven);
        return true;
    }
}
