namespace Chitin.Core.Types;

/// <summary>How words are read.</summary>
internal ref partial struct DateTimeParser
{
    private DateTimeFault ReadWordField(int index, ReadOnlySpan<char> text, out Parts said)
    {
        said = Parts.None;
        if (ZoneAbbreviations.TryFind(text, out var abbreviation))
            return ReadAbbreviation(text, abbreviation, out said);
        if (!DateTimeWords.TryFind(text, out var meaning))
        {
            said = Parts.Zone;
            _zone = TimeZones.FindZone(text.ToString());
            return _zone is null ? DateTimeFault.BadFormat : DateTimeFault.None;
        }

        switch (meaning.Kind)
        {
            case DateTimeWord.Ignored:
                return DateTimeFault.None;
            case DateTimeWord.Reserved:
                return ReadReserved((ReservedTime)meaning.Value, out said);
            case DateTimeWord.Month when !_timeOnly:
                return ReadMonth(meaning.Value, out said);
            case DateTimeWord.WeekDay when !_timeOnly:
                said = Parts.WeekDay;
                return DateTimeFault.None;
            case DateTimeWord.DaylightModifier:
                said = Parts.DaylightModifier | Parts.Daylight;
                _offset += meaning.Value;
                return DateTimeFault.None;
            case DateTimeWord.Meridiem:
                said = Parts.Meridiem;
                _isAfternoon = meaning.Value == DateTimeWords.Pm;
                return DateTimeFault.None;
            case DateTimeWord.Era:
                said = Parts.Era;
                _isBeforeChrist = meaning.Value == DateTimeWords.Bc;
                return DateTimeFault.None;
            case DateTimeWord.Unit:
                _label = (DateTimeUnit)meaning.Value;
                return DateTimeFault.None;
            case DateTimeWord.IsoTime:
                // "t" announces a time, behind a date.
                if ((!_timeOnly && (_seen & Parts.Date) != Parts.Date) || index >= _fields.Count - 1 || _fields[index + 1].Kind is not (FieldKind.Number or FieldKind.Time or FieldKind.Date))
                    return DateTimeFault.BadFormat;
                _label = DateTimeUnit.Time;
                return DateTimeFault.None;
            default:
                return DateTimeFault.BadFormat;
        }
    }

    private DateTimeFault ReadAbbreviation(ReadOnlySpan<char> text, ZoneAbbreviation abbreviation, out Parts said)
    {
        said = abbreviation.IsDaylight || abbreviation.Zone is not null ? Parts.Zone | Parts.Daylight : Parts.Zone;
        if (abbreviation.Zone is null)
        {
            _offset = abbreviation.Offset;
            return DateTimeFault.None;
        }

        _zone = TimeZones.FindZone(abbreviation.Zone);
        _abbreviation = text.ToString().ToUpperInvariant();
        return _zone is null ? DateTimeFault.BadFormat : DateTimeFault.None;
    }

    private DateTimeFault ReadMonth(int month, out Parts said)
    {
        said = Parts.Month;
        // A number that was taken for the month is the day: 8 January.
        if ((_seen & Parts.Month) != 0 && !_hasTextMonth && (_seen & Parts.Day) == 0 && _month is >= 1 and <= 31)
        {
            _day = _month;
            said = Parts.Day;
        }

        _hasTextMonth = true;
        _month = month;
        return DateTimeFault.None;
    }

    private DateTimeFault ReadReserved(ReservedTime word, out Parts said)
    {
        said = Parts.Date;
        var local = SqlDateTime.UtcToLocal(_settings.TimeZone, _settings.NowMicroseconds);
        switch (word)
        {
            case ReservedTime.Now:
                said = _timeOnly ? Parts.Time : Parts.Date | Parts.Time | Parts.Zone;
                var (days, time) = SqlDateTime.Split(local);
                if (!_timeOnly)
                    SetDate(days);
                SetTime(time);
                _offset = SqlDateTime.OffsetAt(_settings.TimeZone, _settings.NowMicroseconds);
                return DateTimeFault.None;
            case ReservedTime.Midnight:
                said = Parts.Time | Parts.Zone;
                SetTime(0);
                _offset = 0;
                return DateTimeFault.None;
            case var _ when _timeOnly:
                return DateTimeFault.BadFormat;
            case ReservedTime.Today or ReservedTime.Tomorrow or ReservedTime.Yesterday:
                SetDate(Today() + word switch { ReservedTime.Tomorrow => 1, ReservedTime.Yesterday => -1, _ => 0 });
                return DateTimeFault.None;
            default:
                // Whatever else was said does not matter.
                said = Parts.Reserved;
                _special = word;
                return DateTimeFault.None;
        }
    }

    private void SetTime(long microseconds)
    {
        _hour = microseconds / SqlDateTime.MicrosecondsPerHour;
        _minute = (int)(microseconds / SqlDateTime.MicrosecondsPerMinute % 60);
        _second = (int)(microseconds / SqlDateTime.MicrosecondsPerSecond % 60);
        _fraction = microseconds % SqlDateTime.MicrosecondsPerSecond;
    }
}
