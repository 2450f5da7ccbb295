using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>How each kind of field is read.</summary>
internal ref partial struct DateTimeParser
{
    private DateTimeFault ReadDateField(int index, ReadOnlySpan<char> text, out Parts said)
    {
        said = Parts.None;
        if (_label == DateTimeUnit.Julian && !_timeOnly)
            return ReadJulianWithZone(text, out said);
        // With a date at hand this is a zone's name with punctuation, or a run-together time with an offset: hhmmss-zz.
        var isDate = _timeOnly
            ? index == 0 && _fields.Count >= 2 && (_fields[^1].Kind == FieldKind.Date || _fields[1].Kind == FieldKind.Time)
            : _label == DateTimeUnit.None && (_seen & (Parts.Month | Parts.Day)) != (Parts.Month | Parts.Day);
        if (isDate)
            return ReadDate(text, out said);
        if (!char.IsAsciiDigit(text[0]) && (_timeOnly || _label == DateTimeUnit.None))
        {
            said = Parts.Zone;
            _zone = TimeZones.FindZone(text.ToString())
                ?? throw new SqlException(SqlState.InvalidParameterValue, $"time zone \"{text}\" not recognized");
            return DateTimeFault.None;
        }

        if (!TakeTimeLabel())
            return DateTimeFault.BadFormat;
        var dash = text.IndexOf('-');
        if ((_seen & Parts.Time) == Parts.Time || dash < 0)
            return DateTimeFault.BadFormat;
        var fault = ReadOffset(text[dash..]);
        if (fault == DateTimeFault.None)
            fault = ReadRunTogether(text[..dash], _timeOnly ? _seen | Parts.Date : _seen, out said);
        said |= Parts.Zone;
        return fault;
    }

    private DateTimeFault ReadTimeField(ReadOnlySpan<char> text, out Parts said)
    {
        said = Parts.Time;
        if (!_timeOnly && !TakeTimeLabel())
            return DateTimeFault.BadFormat;
        if (_timeOnly && _label == DateTimeUnit.Time)
            _label = DateTimeUnit.None;
        var fault = ReadTime(text);
        return fault == DateTimeFault.None && TimeOverflows() && !_timeOnly ? DateTimeFault.FieldOverflow : fault;
    }

    /// <summary>A "t" may stand before a time, no other label may.</summary>
    private bool TakeTimeLabel()
    {
        if (_label is not (DateTimeUnit.None or DateTimeUnit.Time))
            return false;
        _label = DateTimeUnit.None;
        return true;
    }

    private DateTimeFault ReadZoneField(ReadOnlySpan<char> text, out Parts said)
    {
        said = Parts.Zone;
        return ReadOffset(text);
    }

    private DateTimeFault ReadNumberField(int index, ReadOnlySpan<char> text, out Parts said)
    {
        if (_label != DateTimeUnit.None)
            return ReadLabelled(text, out said);
        var point = text.IndexOf('.');
        if (_timeOnly)
        {
            if (point >= 0 && index == 0 && _fields.Count >= 2 && _fields[^1].Kind == FieldKind.Date)
                return ReadDate(text, out said);
            said = Parts.None;
            if (point is >= 0 and <= 2)
                return DateTimeFault.BadFormat;
            return point >= 0 || text.Length > 4 ? ReadRunTogether(text, _seen | Parts.Date, out said) : ReadSingle(text, _seen | Parts.Date, false, out said);
        }

        if (point >= 0 && (_seen & Parts.Date) == 0)
            return ReadDate(text, out said);
        if (point > 2 || (text.Length >= 6 && ((_seen & Parts.Date) == 0 || (_seen & Parts.Time) == 0)))
            return ReadRunTogether(text, _seen, out said);
        return ReadSingle(text, _seen, _hasTextMonth, out said);
    }

    /// <summary>A number behind a unit's letter: y2001m02d04, J2451187, T040506.</summary>
    private DateTimeFault ReadLabelled(ReadOnlySpan<char> text, out Parts said)
    {
        said = Parts.None;
        var rest = text;
        if (!TryInteger(ref rest, out var value))
            return DateTimeFault.FieldOverflow;
        var label = _label;
        _label = DateTimeUnit.None;
        var hasFraction = rest.Length > 0 && rest[0] == '.';
        if (hasFraction ? label is not (DateTimeUnit.Julian or DateTimeUnit.Time or DateTimeUnit.Second) : rest.Length > 0)
            return DateTimeFault.BadFormat;
        switch (label)
        {
            case DateTimeUnit.Year:
                _year = value;
                said = Parts.Year;
                return DateTimeFault.None;
            case DateTimeUnit.Month when (_seen & Parts.Month) != 0 && (_seen & Parts.Hour) != 0:
            case DateTimeUnit.Minute:
                _minute = value;
                said = Parts.Minute;
                return DateTimeFault.None;
            case DateTimeUnit.Month:
                _month = value;
                said = Parts.Month;
                return DateTimeFault.None;
            case DateTimeUnit.Day:
                _day = value;
                said = Parts.Day;
                return DateTimeFault.None;
            case DateTimeUnit.Hour:
                _hour = value;
                said = Parts.Hour;
                return DateTimeFault.None;
            case DateTimeUnit.Second:
                _second = value;
                said = hasFraction ? Parts.Second | Parts.Fraction : Parts.Second;
                return !hasFraction || TrySecondFraction(rest) ? DateTimeFault.None : DateTimeFault.BadFormat;
            case DateTimeUnit.Julian:
                return ReadJulian(value, rest, out said);
            case DateTimeUnit.Time:
                var fault = ReadRunTogether(text, _seen | Parts.Date, out said);
                return fault == DateTimeFault.None && said != Parts.Time ? DateTimeFault.BadFormat : fault;
            default:
                return DateTimeFault.BadFormat;
        }
    }

    private DateTimeFault ReadJulian(int day, ReadOnlySpan<char> fraction, out Parts said)
    {
        said = Parts.Date;
        if (day < 0)
            return DateTimeFault.FieldOverflow;
        SetDate(day + (long)SqlDateTime.MinDate);
        _isJulian = true;
        if (fraction.Length == 0)
            return DateTimeFault.None;
        if (!TryFraction(fraction, SqlDateTime.MicrosecondsPerDay, out var time))
            return DateTimeFault.BadFormat;
        said |= Parts.Time;
        var microseconds = (long)time;
        _hour = microseconds / SqlDateTime.MicrosecondsPerHour;
        _minute = (int)(microseconds / SqlDateTime.MicrosecondsPerMinute % 60);
        _second = (int)(microseconds / SqlDateTime.MicrosecondsPerSecond % 60);
        _fraction = microseconds % SqlDateTime.MicrosecondsPerSecond;
        return DateTimeFault.None;
    }

    /// <summary>J2451187-08.</summary>
    private DateTimeFault ReadJulianWithZone(ReadOnlySpan<char> text, out Parts said)
    {
        said = Parts.Date | Parts.Time | Parts.Zone;
        _label = DateTimeUnit.None;
        if (!TryInteger(ref text, out var day) || day < 0)
            return DateTimeFault.FieldOverflow;
        SetDate(day + (long)SqlDateTime.MinDate);
        _isJulian = true;
        return ReadOffset(text);
    }

    /// <summary>A date whose parts are held together by punctuation; text parts are months.</summary>
    private DateTimeFault ReadDate(ReadOnlySpan<char> text, out Parts said)
    {
        said = Parts.None;
        Span<DateTimeField> parts = stackalloc DateTimeField[DateTimeFields.MaxFields];
        var count = 0;
        for (var i = 0; i < text.Length && count < parts.Length; i++)
        {
            while (i < text.Length && !char.IsAsciiLetterOrDigit(text[i]))
                i++;
            if (i == text.Length)
                return DateTimeFault.BadFormat;
            var start = i;
            var isNumber = char.IsAsciiDigit(text[i]);
            while (i < text.Length && (isNumber ? char.IsAsciiDigit(text[i]) : char.IsAsciiLetter(text[i])))
                i++;
            parts[count++] = new DateTimeField(isNumber ? FieldKind.Number : FieldKind.Word, start, i - start);
        }

        var seen = _seen;
        var hasTextMonth = false;
        foreach (var part in parts[..count])
        {
            if (part.Kind != FieldKind.Word)
                continue;
            if (!DateTimeWords.TryFind(text.Slice(part.Start, part.Length), out var meaning) || (meaning.Kind is not (DateTimeWord.Month or DateTimeWord.Ignored)))
                return DateTimeFault.BadFormat;
            if (meaning.Kind == DateTimeWord.Ignored)
                continue;
            if ((seen & Parts.Month) != 0)
                return DateTimeFault.BadFormat;
            _month = meaning.Value;
            hasTextMonth = true;
            seen |= Parts.Month;
            said |= Parts.Month;
        }

        foreach (var part in parts[..count])
        {
            if (part.Kind != FieldKind.Number)
                continue;
            var fault = ReadSingle(text.Slice(part.Start, part.Length), seen, hasTextMonth, out var one);
            if (fault != DateTimeFault.None)
                return fault;
            if ((seen & one) != 0)
                return DateTimeFault.BadFormat;
            seen |= one;
            said |= one;
        }

        return (seen & ~(Parts.DayOfYear | Parts.Zone)) == Parts.Date ? DateTimeFault.None : DateTimeFault.BadFormat;
    }

    /// <summary>hh:mm, hh:mm:ss, with a fraction; mm:ss.f when only one colon stands before a fraction.</summary>
    private DateTimeFault ReadTime(ReadOnlySpan<char> text)
    {
        if (!TryInteger(ref text, out var hour))
            return DateTimeFault.FieldOverflow;
        text = text[1..];
        if (!TryInteger(ref text, out _minute))
            return DateTimeFault.FieldOverflow;
        (_hour, _second, _fraction) = (hour, 0, 0);
        if (text.Length > 0 && text[0] == ':')
        {
            text = text[1..];
            if (!TryInteger(ref text, out _second))
                return DateTimeFault.FieldOverflow;
        }
        else if (text.Length > 0)
            (_hour, _minute, _second) = (0, hour, _minute);
        if (text.Length > 0 && (text[0] != '.' || !TrySecondFraction(text)))
            return DateTimeFault.BadFormat;
        return _minute > 59 || _second > 60 || _fraction > SqlDateTime.MicrosecondsPerSecond ? DateTimeFault.FieldOverflow : DateTimeFault.None;
    }

    /// <summary>A number by itself: which part of the date it is follows from DateOrder and from what is known; with the date complete it is a time.</summary>
    private DateTimeFault ReadSingle(ReadOnlySpan<char> text, Parts seen, bool hasTextMonth, out Parts said)
    {
        said = Parts.None;
        var rest = text;
        if (!TryInteger(ref rest, out var value))
            return DateTimeFault.FieldOverflow;
        if (rest.Length == text.Length)
            return DateTimeFault.BadFormat;
        if (rest.Length > 0)
        {
            if (rest[0] != '.')
                return DateTimeFault.BadFormat;
            if (text.Length - rest.Length > 2)
                return ReadRunTogether(text, seen | Parts.Date, out said);
            if (!TrySecondFraction(rest))
                return DateTimeFault.BadFormat;
        }

        var known = seen & Parts.Date;
        if (text.Length == 3 && known == Parts.Year && value is >= 1 and <= 366)
        {
            said = Parts.DayOfYear | Parts.Month | Parts.Day;
            _dayOfYear = value;
            return DateTimeFault.None;
        }

        if (known == Parts.Date)
            return ReadRunTogether(text, seen, out said);
        said = NextPart(known, text.Length, hasTextMonth);
        if (known == (Parts.Year | Parts.Month) && hasTextMonth && text.Length >= 3 && _isShortYear)
        {
            // The number that was taken for a year is the day: 08-Jan-1999 in YMD order.
            _day = (int)_year;
            _year = value;
            _isShortYear = false;
            return DateTimeFault.None;
        }

        switch (said)
        {
            case Parts.Year:
                _year = value;
                _isShortYear = text.Length <= 2;
                return DateTimeFault.None;
            case Parts.Month:
                _month = value;
                return DateTimeFault.None;
            default:
                _day = value;
                return DateTimeFault.None;
        }
    }

    private readonly Parts NextPart(Parts known, int width, bool hasTextMonth)
    {
        switch (known)
        {
            case Parts.None:
                return width >= 3 || _settings.DateOrder == DateOrder.Ymd ? Parts.Year : _settings.DateOrder == DateOrder.Dmy ? Parts.Day : Parts.Month;
            case Parts.Month when hasTextMonth && (width >= 3 || _settings.DateOrder == DateOrder.Ymd):
            case Parts.Month | Parts.Day:
                return Parts.Year;
            case Parts.Year:
            case Parts.Day:
            case Parts.Year | Parts.Day:
                return Parts.Month;
            default:
                return Parts.Day;
        }
    }

    /// <summary>yymmdd, yyyymmdd while there is no date; then hhmmss or hhmm.</summary>
    private DateTimeFault ReadRunTogether(ReadOnlySpan<char> text, Parts seen, out Parts said)
    {
        said = Parts.None;
        var point = text.IndexOf('.');
        if (point >= 0)
        {
            if (!TrySecondFraction(text[point..]))
                return DateTimeFault.BadFormat;
            text = text[..point];
        }
        else if ((seen & Parts.Date) != Parts.Date && text.Length >= 6)
        {
            said = Parts.Date;
            _day = Digits(text[^2..]);
            _month = Digits(text[^4..^2]);
            _year = Digits(text[..^4]);
            if (text.Length == 6)
                _isShortYear = true;
            return DateTimeFault.None;
        }

        if ((seen & Parts.Time) == Parts.Time || text.Length is not (4 or 6))
            return DateTimeFault.BadFormat;
        said = Parts.Time;
        _hour = Digits(text[..2]);
        _minute = Digits(text[2..4]);
        _second = text.Length == 6 ? Digits(text[4..]) : 0;
        return DateTimeFault.None;
    }

    /// <summary>+hh, +hhmm, +hh:mm, +hh:mm:ss.</summary>
    private DateTimeFault ReadOffset(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] is not ('+' or '-'))
            return DateTimeFault.BadFormat;
        var rest = text[1..];
        if (!TryInteger(ref rest, out var hours))
            return DateTimeFault.ZoneOverflow;
        int minutes = 0, seconds = 0;
        if (rest.Length > 0 && rest[0] == ':')
        {
            rest = rest[1..];
            if (!TryInteger(ref rest, out minutes))
                return DateTimeFault.ZoneOverflow;
            if (rest.Length > 0 && rest[0] == ':')
            {
                rest = rest[1..];
                if (!TryInteger(ref rest, out seconds))
                    return DateTimeFault.ZoneOverflow;
            }
        }
        else if (rest.Length == 0 && text.Length > 3)
            (hours, minutes) = (hours / 100, hours % 100);
        if (hours is < 0 or > 15 || minutes is < 0 or > 59 || seconds is < 0 or > 59)
            return DateTimeFault.ZoneOverflow;
        _offset = (((hours * 60) + minutes) * 60) + seconds;
        if (text[0] == '-')
            _offset = -_offset;
        return rest.Length == 0 ? DateTimeFault.None : DateTimeFault.BadFormat;
    }

    private static int Digits(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : int.MaxValue;
}
