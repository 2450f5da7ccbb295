using Chitin.Core;
using Chitin.Sql.Functions.Patterns;

namespace Chitin.Sql.Functions.Templates;

/// <summary>A to_char, to_date or to_timestamp template (manual tables 9.27 and 9.28), parsed. Immutable; parsed ones are cached.</summary>
sealed partial class DateTemplate
{
    static readonly PatternCache<TemplateKey, DateTemplate> s_cache = new(static k => new DateTemplate(k.Text), static k => k.Text.Length);

    readonly List<Node> _nodes = [];
    readonly bool _exact;

    enum NodeKind : byte { Field, Text, Separator, Space }

    enum Field : byte
    {
        None, Era, EraDots, Meridiem, MeridiemDots, Century, DayName, DayAbbreviation, DayOfYear, Day, DayOfWeek, Fraction, Hour12, Hour24, IsoDayOfYear, IsoDayOfWeek, IsoWeek,
        IsoYear, Julian, Minute, Month, MonthName, MonthAbbreviation, Offset, Quarter, RomanMonth, SecondOfDay, Second, ZoneName, ZoneHour, ZoneMinute, Milliseconds,
        Microseconds, WeekOfYear, WeekOfMonth, Year, YearWithComma,
    }

    enum Case : byte { Upper, Lower, Title }

    /// <summary>Digits: how many digits a year or a fraction keeps. Ordinal: '\0', 'T' (TH) or 't' (th).</summary>
    readonly record struct Node(NodeKind Kind, string Text, Field Field = Field.None, Case Case = Case.Upper, int Digits = 0, bool FillMode = false, char Ordinal = '\0', bool Exact = false);

    // (name, field, digits); a longer name comes before its own beginnings. Names match in upper or in lower case; names of days and months also capitalised.
    static readonly (string Name, Field Field, int Digits)[] s_fields =
    [
        ("A.D.", Field.EraDots, 0), ("A.M.", Field.MeridiemDots, 0), ("AD", Field.Era, 0), ("AM", Field.Meridiem, 0), ("B.C.", Field.EraDots, 0), ("BC", Field.Era, 0), ("CC", Field.Century, 0),
        ("DAY", Field.DayName, 0), ("DDD", Field.DayOfYear, 3), ("DD", Field.Day, 2), ("DY", Field.DayAbbreviation, 0), ("D", Field.DayOfWeek, 1), ("FF1", Field.Fraction, 1),
        ("FF2", Field.Fraction, 2), ("FF3", Field.Fraction, 3), ("FF4", Field.Fraction, 4), ("FF5", Field.Fraction, 5), ("FF6", Field.Fraction, 6), ("HH24", Field.Hour24, 2),
        ("HH12", Field.Hour12, 2), ("HH", Field.Hour12, 2), ("IDDD", Field.IsoDayOfYear, 3), ("ID", Field.IsoDayOfWeek, 1), ("IW", Field.IsoWeek, 2), ("IYYY", Field.IsoYear, 4),
        ("IYY", Field.IsoYear, 3), ("IY", Field.IsoYear, 2), ("I", Field.IsoYear, 1), ("J", Field.Julian, 0), ("MI", Field.Minute, 2), ("MM", Field.Month, 2), ("MONTH", Field.MonthName, 0),
        ("MON", Field.MonthAbbreviation, 0), ("MS", Field.Milliseconds, 3), ("OF", Field.Offset, 0), ("P.M.", Field.MeridiemDots, 0), ("PM", Field.Meridiem, 0), ("Q", Field.Quarter, 1),
        ("RM", Field.RomanMonth, 0), ("SSSSS", Field.SecondOfDay, 5), ("SSSS", Field.SecondOfDay, 5), ("SS", Field.Second, 2), ("TZH", Field.ZoneHour, 0), ("TZM", Field.ZoneMinute, 2),
        ("TZ", Field.ZoneName, 0), ("US", Field.Microseconds, 6), ("WW", Field.WeekOfYear, 2), ("W", Field.WeekOfMonth, 1), ("Y,YYY", Field.YearWithComma, 4), ("YYYY", Field.Year, 4),
        ("YYY", Field.Year, 3), ("YY", Field.Year, 2), ("Y", Field.Year, 1),
    ];

    DateTemplate(string text)
    {
        var fillMode = false;
        for (var i = 0; i < text.Length;)
        {
            if (StartsWith(text, i, "FX"))
            {
                _exact = true;
                i += 2;
            }
            else if (StartsWith(text, i, "FM"))
            {
                fillMode = true;
                i += 2;
            }
            else if (StartsWith(text, i, "TM"))
            {
                i += 2;
            }
            else if (ReadField(text, ref i, fillMode))
            {
                fillMode = false;
            }
            else
            {
                ReadText(text, ref i);
            }
        }
    }

    internal static DateTemplate Get(string text)
    {
        if (text.Length > 1024)
            throw FunctionErrors.LimitExceeded("formatting template is too long");
        return s_cache.Get(new TemplateKey(text));
    }

    bool ReadField(string text, ref int i, bool fillMode)
    {
        foreach (var (name, field, digits) in s_fields)
        {
            if (MatchCase(text, i, name, field) is not { } letterCase)
                continue;
            i += name.Length;
            var ordinal = '\0';
            if (StartsWith(text, i, "TH"))
            {
                ordinal = text[i] == 'T' ? 'T' : 't';
                i += 2;
            }
            else if (StartsWith(text, i, "SP"))
            {
                i += 2;
            }

            _nodes.Add(new Node(NodeKind.Field, name, field, letterCase, digits, fillMode, ordinal, _exact));
            return true;
        }

        return false;
    }

    static Case? MatchCase(string text, int at, string name, Field field)
    {
        if (string.CompareOrdinal(text, at, name, 0, name.Length) == 0)
            return Case.Upper;
        if (string.Compare(text, at, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) != 0)
            return null;
        var lower = true;
        for (var i = 0; i < name.Length; i++)
            lower &= !char.IsAsciiLetterUpper(text[at + i]);
        if (lower)
            return Case.Lower;
        var isName = field is Field.DayName or Field.DayAbbreviation or Field.MonthName or Field.MonthAbbreviation;
        return isName && char.IsAsciiLetterUpper(text[at]) && char.IsAsciiLetterLower(text[at + 1]) ? Case.Title : null;
    }

    static bool StartsWith(string text, int at, string keyword) =>
        string.CompareOrdinal(text, at, keyword, 0, 2) == 0 || string.CompareOrdinal(text, at, keyword.ToLowerInvariant(), 0, 2) == 0;

    void ReadText(string text, ref int i)
    {
        var c = text[i];
        if (c == '"')
        {
            for (i++; i < text.Length && text[i] != '"'; i++)
            {
                if (text[i] == '\\' && i + 1 < text.Length)
                    i++;
                _nodes.Add(new Node(NodeKind.Text, text[i].ToString(), Exact: _exact));
            }

            i++;
            return;
        }

        if (c == '\\' && i + 1 < text.Length && text[i + 1] == '"')
            c = text[++i];
        var units = CodePoints.UnitsAt(text, i);
        var kind = c == ' ' || char.IsWhiteSpace(c) ? NodeKind.Space : IsSeparator(c) ? NodeKind.Separator : NodeKind.Text;
        _nodes.Add(new Node(kind, text.Substring(i, units), Exact: _exact));
        i += units;
    }

    static bool IsSeparator(char c) => c is > ' ' and < '\u007F' && !char.IsAsciiLetterOrDigit(c);

    static SqlException InvalidForInterval() => new(SqlState.InvalidDatetimeFormat, "invalid format specification for an interval value")
    {
        Hint = "Intervals are not tied to specific calendar dates.",
    };
}
