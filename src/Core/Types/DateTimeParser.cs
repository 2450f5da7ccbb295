using System.Globalization;

namespace Chitin.Core.Types;

/// <summary>What a date or time string said. Fields that it did not mention are null.</summary>
internal sealed class ParsedDateTime
{
    public long? Days { get; set; }

    public long? Time { get; set; }

    /// <summary>Seconds east of Greenwich.</summary>
    public int? Offset { get; set; }

    public TimeZoneInfo? Zone { get; set; }

    /// <summary>1 infinity, -1 -infinity.</summary>
    public int Infinity { get; set; }
}

/// <summary>Reads the date and time input that PostgreSQL documents in 8.5.1 and appendix B.</summary>
internal ref struct DateTimeParser
{
    private static readonly string[] s_months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly Dictionary<string, int> s_abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        ["z"] = 0, ["zulu"] = 0, ["utc"] = 0, ["gmt"] = 0, ["ut"] = 0, ["wet"] = 0, ["west"] = 60, ["bst"] = 60, ["cet"] = 60, ["met"] = 60, ["cest"] = 120, ["mest"] = 120,
        ["eet"] = 120, ["eest"] = 180, ["msk"] = 180, ["ist"] = 120, ["est"] = -300, ["edt"] = -240, ["cst"] = -360, ["cdt"] = -300, ["mst"] = -420, ["mdt"] = -360,
        ["pst"] = -480, ["pdt"] = -420, ["akst"] = -540, ["akdt"] = -480, ["hst"] = -600, ["jst"] = 540, ["kst"] = 540, ["aest"] = 600, ["aedt"] = 660, ["acst"] = 570,
        ["awst"] = 480, ["nzst"] = 720, ["nzdt"] = 780, ["sgt"] = 480, ["hkt"] = 480, ["adt"] = -180, ["ast"] = -240, ["nst"] = -210, ["ndt"] = -150, ["brt"] = -180,
    };

    private readonly ReadOnlySpan<char> _text;
    private readonly string _type;
    private readonly FormatSettings _settings;
    private readonly ParsedDateTime _result = new();
    private int _position;
    private int? _month;
    private bool _monthByName;
    private readonly List<(int Value, int Width)> _numbers = [];
    private bool _bc;
    private bool? _pm;
    private bool _hasDateWord;

    private DateTimeParser(ReadOnlySpan<char> text, string type, FormatSettings settings)
    {
        _text = text;
        _type = type;
        _settings = settings;
    }

    public static ParsedDateTime Parse(ReadOnlySpan<char> text, string type, FormatSettings settings)
    {
        if (text.Length > 150)
            throw TypeErrors.InvalidDatetime(type, text[..150]);
        var parser = new DateTimeParser(text, type, settings);
        return parser.Run();
    }

    /// <summary>A zone by offset, abbreviation or IANA name; null when there is none such.</summary>
    public static (int? Offset, TimeZoneInfo? Zone) FindZone(string name)
    {
        if (s_abbreviations.TryGetValue(name, out var minutes))
            return (minutes * 60, null);
        return name.Contains('/', StringComparison.Ordinal) || name.Length > 3
            ? TimeZoneInfo.TryFindSystemTimeZoneById(Canonical(name), out var zone) ? (null, zone) : (null, null)
            : TimeZoneInfo.TryFindSystemTimeZoneById(name.ToUpperInvariant(), out zone) ? (null, zone) : (null, null);
    }

    private static string Canonical(string name)
    {
        // File names of zones are case-sensitive on Linux, zone names in SQL are not.
        var parts = name.ToLowerInvariant().Split('/');
        for (var i = 0; i < parts.Length; i++)
            parts[i] = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(parts[i].Replace('_', ' ')).Replace(' ', '_');
        return string.Join('/', parts).Replace("_Of_", "_of_", StringComparison.Ordinal).Replace("Etc/Utc", "Etc/UTC", StringComparison.Ordinal)
            .Replace("Etc/Gmt", "Etc/GMT", StringComparison.Ordinal).Replace("Us/", "US/", StringComparison.Ordinal);
    }

    private ParsedDateTime Run()
    {
        while (SkipSpace())
        {
            var c = _text[_position];
            if (char.IsAsciiDigit(c))
                ReadNumber();
            else if (char.IsAsciiLetter(c))
                ReadWord();
            else if (c is '+' or '-' && _result.Time is not null)
                ReadOffset();
            else if (c is '-' or '+' && _position + 1 < _text.Length && char.IsAsciiLetter(_text[_position + 1]))
                ReadSignedWord(c);
            else
                throw Invalid();
        }

        Finish();
        return _result;
    }

    private bool SkipSpace()
    {
        while (_position < _text.Length && (char.IsWhiteSpace(_text[_position]) || _text[_position] == ','))
            _position++;
        return _position < _text.Length;
    }

    private ReadOnlySpan<char> Digits()
    {
        var start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
            _position++;
        return _text[start.._position];
    }

    private char Peek() => _position < _text.Length ? _text[_position] : '\0';

    private void ReadNumber()
    {
        var digits = Digits();
        switch (Peek())
        {
            case ':':
                ReadTime(digits);
                return;
            case '-' or '/' or '.' when _result.Days is null && _position + 1 < _text.Length && (char.IsAsciiDigit(_text[_position + 1]) || char.IsAsciiLetter(_text[_position + 1]))
                && !(_text[_position] == '-' && _numbers.Count > 0 && _result.Time is not null):
                ReadDate(digits, _text[_position]);
                return;
        }

        if (digits.Length is 8 && _numbers.Count == 0 && _month is null && !_hasDateWord)
        {
            SetDate(Int(digits[..4]), Int(digits[4..6]), Int(digits[6..]));
            return;
        }

        if (digits.Length == 6 && _result.Days is null && _numbers.Count == 0 && _month is null && !_hasDateWord)
        {
            SetDate(TwoDigitYear(Int(digits[..2])), Int(digits[2..4]), Int(digits[4..]));
            return;
        }

        if (digits.Length is 6 or 4 && _hasDateWord && _result.Time is null)
        {
            _result.Time = TimeOf(Int(digits[..2]), Int(digits[2..4]), digits.Length == 6 ? Int(digits[4..]) : 0, Fraction());
            return;
        }

        if (Peek() == '.' && _position + 1 < _text.Length && char.IsAsciiDigit(_text[_position + 1]) && digits.Length == 6)
        {
            _result.Time = TimeOf(Int(digits[..2]), Int(digits[2..4]), Int(digits[4..]), Fraction());
            return;
        }

        // 2 PM
        var saved = _position;
        SkipSpace();
        if (_position + 1 < _text.Length && (_text[_position] | 0x20) is 'a' or 'p' && (_text[_position + 1] | 0x20) == 'm' && digits.Length <= 2 && _hasDateWord)
        {
            _result.Time = TimeOf(Int(digits), 0, 0, 0);
            return;
        }

        _position = saved;
        _numbers.Add((Int(digits), digits.Length));
    }

    private void ReadDate(ReadOnlySpan<char> first, char separator)
    {
        _position++;
        if (char.IsAsciiLetter(Peek()))
        {
            // 08-Jan-1999, 1999-Jan-08
            var word = Word();
            if (!TrySetMonth(word))
                throw Invalid();
            _numbers.Add((Int(first), first.Length));
            if (Peek() == separator)
            {
                _position++;
                var last = Digits();
                if (last.Length == 0)
                    throw Invalid();
                _numbers.Add((Int(last), last.Length));
            }

            return;
        }

        var second = Digits();
        if (Peek() == separator && _position + 1 < _text.Length && char.IsAsciiDigit(_text[_position + 1]))
        {
            _position++;
            var third = Digits();
            Arrange((Int(first), first.Length), (Int(second), second.Length), (Int(third), third.Length));
            if (Peek() is 'T' or 't' && _position + 1 < _text.Length && char.IsAsciiDigit(_text[_position + 1]))
                _position++;
            return;
        }

        if (separator == '.' && second.Length == 3 && first.Length == 4)
        {
            // 1999.008: year and day of year
            _result.Days = SqlDateTime.DaysFromCivil(Int(first), 1, 1) + Int(second) - 1;
            _hasDateWord = true;
            return;
        }

        if (separator == '-' && first.Length == 4 && second.Length == 3)
        {
            _result.Days = SqlDateTime.DaysFromCivil(Int(first), 1, 1) + Int(second) - 1;
            _hasDateWord = true;
            return;
        }

        throw Invalid();
    }

    private void Arrange((int Value, int Width) a, (int Value, int Width) b, (int Value, int Width) c)
    {
        if (a.Width > 2)
        {
            SetDate(a.Value, b.Value, c.Value);
            return;
        }

        var year = c.Width <= 2 ? TwoDigitYear(c.Value) : c.Value;
        switch (_settings.DateOrder)
        {
            case DateOrder.Ymd when c.Width <= 2:
                SetDate(TwoDigitYear(a.Value), b.Value, c.Value);
                break;
            case DateOrder.Dmy:
                SetDate(year, b.Value, a.Value);
                break;
            default:
                SetDate(year, a.Value, b.Value);
                break;
        }
    }

    private void ReadTime(ReadOnlySpan<char> hours)
    {
        if (_result.Time is not null)
            throw Invalid();
        _position++;
        var minutes = Digits();
        if (minutes.Length == 0)
            throw Invalid();
        var seconds = 0;
        long fraction = 0;
        if (Peek() == ':')
        {
            _position++;
            var digits = Digits();
            if (digits.Length == 0)
                throw Invalid();
            seconds = Int(digits);
            fraction = Fraction();
        }

        _result.Time = TimeOf(Int(hours), Int(minutes), seconds, fraction);
    }

    private long Fraction()
    {
        if (Peek() != '.')
            return 0;
        _position++;
        var digits = Digits();
        if (digits.Length == 0)
            return 0;
        return (long)Math.Round(decimal.Parse(string.Concat("0.", digits[..Math.Min(digits.Length, 20)]), CultureInfo.InvariantCulture) * 1_000_000, MidpointRounding.AwayFromZero);
    }

    private long TimeOf(int hours, int minutes, int seconds, long fraction)
    {
        if (hours > 24 || minutes > 59 || seconds > 60 || (hours == 24 && (minutes > 0 || seconds > 0 || fraction > 0)))
            throw TypeErrors.FieldOverflow(_text);
        return (hours * SqlDateTime.MicrosecondsPerHour) + (minutes * SqlDateTime.MicrosecondsPerMinute) + (seconds * SqlDateTime.MicrosecondsPerSecond) + fraction;
    }

    private void ReadOffset()
    {
        var sign = _text[_position++] == '-' ? -1 : 1;
        var hours = Digits();
        if (hours.Length == 0)
            throw Invalid();
        int seconds;
        if (Peek() == ':')
        {
            _position++;
            seconds = (Int(hours) * 3600) + (Int(Digits()) * 60);
            if (Peek() == ':')
            {
                _position++;
                seconds += Int(Digits());
            }
        }
        else
            seconds = hours.Length > 2 ? (Int(hours[..^2]) * 3600) + (Int(hours[^2..]) * 60) : Int(hours) * 3600;

        if (seconds > 57599)
            throw new SqlException(SqlState.InvalidTimeZoneDisplacement, $"time zone displacement out of range: \"{_text}\"");
        _result.Offset = sign * seconds;
    }

    private ReadOnlySpan<char> Word()
    {
        var start = _position;
        while (_position < _text.Length && (char.IsAsciiLetter(_text[_position]) || (_position > start && _text[_position] is '_' or '/')
            || (_position > start && char.IsAsciiDigit(_text[_position]) && _text[start.._position].Contains('/'))
            || (_position > start && _text[_position] is '-' or '+' && _text[start.._position].StartsWith("etc/", StringComparison.OrdinalIgnoreCase))))
            _position++;
        var word = _text[start.._position];
        if (Peek() == '.')
            _position++;
        return word;
    }

    private void ReadSignedWord(char sign)
    {
        _position++;
        var word = Word();
        if (!word.Equals("infinity", StringComparison.OrdinalIgnoreCase))
            throw Invalid();
        _result.Infinity = sign == '-' ? -1 : 1;
    }

    private void ReadWord()
    {
        var word = Word();
        var now = _settings.NowMicroseconds;
        switch (word.ToString().ToLowerInvariant())
        {
            case "infinity":
                _result.Infinity = 1;
                return;
            case "epoch":
                _result.Days = -SqlDateTime.UnixEpochDays;
                _result.Time = 0;
                _result.Offset = 0;
                return;
            case "now":
                var local = SqlDateTime.Split(SqlDateTime.UtcToLocal(_settings.TimeZone, now));
                _result.Days = local.Days;
                _result.Time = local.Time;
                return;
            case "today" or "tomorrow" or "yesterday":
                var today = SqlDateTime.Split(SqlDateTime.UtcToLocal(_settings.TimeZone, now)).Days;
                _result.Days = today + (word[1] == 'o' && word.Length == 8 ? 1 : word[0] is 'y' or 'Y' ? -1 : 0);
                _hasDateWord = true;
                return;
            case "allballs":
                _result.Time = 0;
                _result.Offset = 0;
                return;
            case "bc":
                _bc = true;
                return;
            case "ad":
                return;
            case "am":
                _pm = false;
                return;
            case "pm":
                _pm = true;
                return;
            case "at" or "on" or "dst":
                return;
            case "t" when char.IsAsciiDigit(Peek()):
                _hasDateWord = true;
                return;
            case "j" when char.IsAsciiDigit(Peek()):
                _result.Days = Int(Digits()) - 2451545L;
                _hasDateWord = true;
                return;
        }

        if (TrySetMonth(word) || IsDayName(word))
            return;
        var (offset, zone) = FindZone(word.ToString());
        if (offset is null && zone is null)
        {
            if (word.Contains('/'))
                throw new SqlException(SqlState.InvalidParameterValue, $"time zone \"{word.ToString().ToLowerInvariant()}\" not recognized");
            throw Invalid();
        }

        _result.Offset = offset;
        _result.Zone = zone;
        // GMT+2, UTC-03:00: POSIX sign, the other way round
        if (Peek() is '+' or '-' && offset == 0)
        {
            ReadOffset();
            _result.Offset = -_result.Offset;
        }
    }

    private bool TrySetMonth(ReadOnlySpan<char> word)
    {
        if (word.Length < 3)
            return false;
        for (var i = 0; i < s_months.Length; i++)
        {
            var full = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[i];
            if (word.Equals(s_months[i], StringComparison.OrdinalIgnoreCase) || word.Equals(full, StringComparison.OrdinalIgnoreCase)
                || (i == 8 && word.Equals("sept", StringComparison.OrdinalIgnoreCase)))
            {
                if (_month is not null)
                    throw Invalid();
                _month = i + 1;
                _monthByName = true;
                return true;
            }
        }

        return false;
    }

    private static bool IsDayName(ReadOnlySpan<char> word)
    {
        foreach (var day in s_days)
        {
            if (word.Length >= 3 && word.StartsWith(day, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private void Finish()
    {
        if (_monthByName && _result.Days is null)
            FinishNamedMonth();
        else if (_numbers.Count == 3 && _result.Days is null && _month is null)
            Arrange(_numbers[0], _numbers[1], _numbers[2]);
        else if (_numbers.Count > 0 && !(_numbers.Count == 1 && _result.Days is not null && _year is null))
            throw Invalid();
        if (_year is { } year)
        {
            if (_bc)
                year = year > 0 ? 1 - year : throw TypeErrors.FieldOverflow(_text);
            else if (year == 0)
                throw TypeErrors.FieldOverflow(_text);
            if (_dateMonth is < 1 or > 12 || _dateDay < 1 || _dateDay > SqlDateTime.DaysInMonth(year, _dateMonth))
                throw TypeErrors.FieldOverflow(_text);
            _result.Days = SqlDateTime.DaysFromCivil(year, _dateMonth, _dateDay);
        }

        if (_pm is { } pm && _result.Time is { } time)
        {
            var hour = time / SqlDateTime.MicrosecondsPerHour;
            if (hour is > 12 or 0)
                throw TypeErrors.FieldOverflow(_text);
            if (pm && hour < 12)
                _result.Time = time + (12 * SqlDateTime.MicrosecondsPerHour);
            else if (!pm && hour == 12)
                _result.Time = time - (12 * SqlDateTime.MicrosecondsPerHour);
        }
    }

    private int? _year;
    private int _dateMonth;
    private int _dateDay;

    private void FinishNamedMonth()
    {
        if (_numbers.Count != 2)
            throw Invalid();
        var (first, second) = (_numbers[0], _numbers[1]);
        if (first.Width > 2)
            SetDate(first.Value, _month!.Value, second.Value);
        else if (second.Width > 2)
            SetDate(second.Value, _month!.Value, first.Value);
        else if (_settings.DateOrder == DateOrder.Ymd)
            SetDate(TwoDigitYear(first.Value), _month!.Value, second.Value);
        else
            SetDate(TwoDigitYear(second.Value), _month!.Value, first.Value);
        _numbers.Clear();
    }

    private void SetDate(int year, int month, int day)
    {
        if (_year is not null)
            throw Invalid();
        _year = year;
        _dateMonth = month;
        _dateDay = day;
        _hasDateWord = true;
        _result.Days = 0;
    }

    private static int TwoDigitYear(int year) => year < 70 ? 2000 + year : year < 100 ? 1900 + year : year;

    private readonly int Int(ReadOnlySpan<char> digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw TypeErrors.FieldOverflow(_text);

    private readonly SqlException Invalid() => TypeErrors.InvalidDatetime(_type, _text);
}
