using Chitin.Core;

namespace Chitin.Sql.Functions.Templates;

sealed partial class DateTemplate
{
    /// <summary>Reads text by the template (to_date, to_timestamp). Errors: 22007 for text that does not fit, 22008 for values out of range.</summary>
    internal TemplateTime Parse(string text)
    {
        var reader = new Reader(text);
        var collected = new Collected();
        for (var i = 0; i < _nodes.Count && reader.HasMore; i++)
        {
            var node = _nodes[i];
            if (node.Kind != NodeKind.Field)
            {
                SkipText(ref reader, node);
                continue;
            }

            if (!node.Exact)
                reader.SkipSpaces(count: true);
            var unlimited = node.FillMode || i + 1 >= _nodes.Count || !(_nodes[i + 1].Kind == NodeKind.Field && IsDigits(_nodes[i + 1].Field));
            ReadField(ref reader, node, unlimited, collected);
            if (node.Ordinal != '\0')
                reader.Skip(2);
            if (!node.Exact)
            {
                reader.ExtraSkipped = 0;
                reader.SkipSpaces(count: true);
            }
        }

        return collected.Combine(text);
    }

    static bool IsDigits(Field field) => field is not (Field.Era or Field.EraDots or Field.Meridiem or Field.MeridiemDots or Field.DayName or Field.DayAbbreviation or Field.MonthName or
        Field.MonthAbbreviation or Field.RomanMonth or Field.ZoneName or Field.Offset);

    static void SkipText(ref Reader reader, in Node node)
    {
        if (node.Kind is NodeKind.Space or NodeKind.Separator)
        {
            if (node.Exact)
            {
                reader.Skip(1);
                return;
            }

            // A separator matches at most one separator of the input; more may have been skipped already as spaces around a field.
            reader.ExtraSkipped--;
            if (char.IsWhiteSpace(reader.Current) || IsSeparator(reader.Current))
            {
                reader.Skip(1);
                reader.ExtraSkipped++;
            }
        }
        else if (!node.Exact && reader.ExtraSkipped > 0)
        {
            reader.ExtraSkipped--;
        }
        else
        {
            reader.Skip(node.Text.Length);
        }
    }

    static void ReadField(ref Reader reader, in Node node, bool unlimited, Collected to)
    {
        switch (node.Field)
        {
            case Field.Meridiem or Field.MeridiemDots:
                to.Afternoon = reader.ReadName(node, node.Field == Field.Meridiem ? ["AM", "PM"] : ["A.M.", "P.M."], abbreviate: false) == 1;
                to.TwelveHours = true;
                break;
            case Field.Era or Field.EraDots:
                to.BeforeChrist = reader.ReadName(node, node.Field == Field.Era ? ["AD", "BC"] : ["A.D.", "B.C."], abbreviate: false) == 1;
                break;
            case Field.Hour12:
                to.Set(ref to.Hour, reader.ReadNumber(node, 2, unlimited), node);
                to.TwelveHours = true;
                break;
            case Field.Milliseconds:
                to.Set(ref to.Microsecond, reader.ReadFraction(node, 3, unlimited), node);
                break;
            case Field.Microseconds:
                to.Set(ref to.Microsecond, reader.ReadFraction(node, 6, unlimited), node);
                break;
            case Field.Fraction:
                to.Set(ref to.Microsecond, reader.ReadFraction(node, node.Digits, unlimited), node);
                break;
            case Field.MonthName:
                to.Set(ref to.Month, reader.ReadName(node, s_months, abbreviate: false) + 1, node);
                break;
            case Field.MonthAbbreviation:
                to.Set(ref to.Month, reader.ReadName(node, s_months, abbreviate: true) + 1, node);
                break;
            case Field.RomanMonth:
                to.Set(ref to.Month, reader.ReadRomanMonth(node, s_romanMonths) + 1, node);
                break;
            case Field.DayName:
                reader.ReadName(node, s_days, abbreviate: false);
                break;
            case Field.DayAbbreviation:
                reader.ReadName(node, s_days, abbreviate: true);
                break;
            case Field.ZoneHour:
                to.ZoneSign = reader.ReadSign();
                to.HasZone = true;
                to.Set(ref to.ZoneHour, reader.ReadNumber(node, 2, unlimited), node);
                break;
            case Field.ZoneMinute:
                to.HasZone = true;
                to.Set(ref to.ZoneMinute, reader.ReadNumber(node, 2, unlimited), node);
                break;
            case Field.ZoneName or Field.Offset:
                throw FunctionErrors.NotSupported($"formatting field \"{node.Text}\" is only supported in to_char");
            case Field.YearWithComma:
                ReadYearWithComma(ref reader, node, to);
                break;
            case Field.Year or Field.IsoYear:
                ReadYear(ref reader, node, unlimited, to);
                break;
            case Field.Quarter:
                // Read over: a quarter does not say which day.
                reader.ReadNumber(node, 1, unlimited);
                break;
            default:
                ReadNumberField(ref reader, node, unlimited, to);
                break;
        }
    }

    static void ReadNumberField(ref Reader reader, in Node node, bool unlimited, Collected to)
    {
        var value = reader.ReadNumber(node, node.Field == Field.Julian ? 7 : node.Field == Field.Century ? 2 : node.Digits, unlimited);
        switch (node.Field)
        {
            case Field.Hour24: to.Set(ref to.Hour, value, node); break;
            case Field.Minute: to.Set(ref to.Minute, value, node); break;
            case Field.Second: to.Set(ref to.Second, value, node); break;
            case Field.SecondOfDay: to.Set(ref to.SecondOfDay, value, node); break;
            case Field.Month: to.Set(ref to.Month, value, node); break;
            case Field.DayOfYear: to.Set(ref to.DayOfYear, value, node); break;
            case Field.IsoDayOfYear: to.Set(ref to.IsoDayOfYear, value, node); break;
            case Field.Day: to.Set(ref to.Day, value, node); break;
            case Field.DayOfWeek: to.Set(ref to.DayOfWeek, value, node); break;
            case Field.IsoDayOfWeek: to.Set(ref to.IsoDayOfWeek, value, node); break;
            case Field.WeekOfYear: to.Set(ref to.WeekOfYear, value, node); break;
            case Field.IsoWeek: to.Set(ref to.IsoWeek, value, node); break;
            case Field.WeekOfMonth: to.Set(ref to.WeekOfMonth, value, node); break;
            case Field.Century: to.Set(ref to.Century, value, node); break;
            case Field.Julian: to.Set(ref to.Julian, value, node); break;
        }
    }

    static void ReadYear(ref Reader reader, in Node node, bool unlimited, Collected to)
    {
        var before = reader.Position;
        var value = reader.ReadNumber(node, node.Digits, unlimited);
        var digits = reader.Position - before;
        // One to three digits are taken as near to 2020 as they can be.
        if (node.Digits < 4 && digits < 4 && digits > 0)
            value = NearTo2020(value);
        to.YearDigits = node.Digits;
        if (node.Field == Field.IsoYear)
            to.Set(ref to.IsoYear, value, node);
        else
            to.Set(ref to.Year, value, node);
    }

    static int NearTo2020(int year) => year switch { < 70 => year + 2000, < 100 => year + 1900, < 520 => year + 2000, < 1000 => year + 1000, _ => year };

    static void ReadYearWithComma(ref Reader reader, in Node node, Collected to)
    {
        var thousands = reader.ReadNumber(node, 4, unlimited: true);
        if (reader.Current != ',')
            throw new SqlException(SqlState.InvalidDatetimeFormat, "invalid input string for \"Y,YYY\"");
        reader.Skip(1);
        to.YearDigits = 4;
        to.Set(ref to.Year, thousands * 1000 + reader.ReadNumber(node, 3, unlimited: false), node);
    }

    ref struct Reader(string text)
    {
        readonly ReadOnlySpan<char> _text = text;

        internal int Position { get; private set; }

        /// <summary>Characters skipped beyond what the template's separators asked for.</summary>
        internal int ExtraSkipped { get; set; }

        internal readonly bool HasMore => Position < _text.Length;

        internal readonly char Current => Position < _text.Length ? _text[Position] : '\0';

        internal void Skip(int count) => Position = Math.Min(_text.Length, Position + count);

        internal void SkipSpaces(bool count)
        {
            while (HasMore && char.IsWhiteSpace(Current))
            {
                Position++;
                if (count)
                    ExtraSkipped++;
            }
        }

        internal int ReadSign()
        {
            if (Current is not ('+' or '-'))
                return ExtraSkipped > 0 && Position > 0 && _text[Position - 1] == '-' ? -1 : 1;
            var sign = Current == '-' ? -1 : 1;
            Position++;
            return sign;
        }

        internal int ReadNumber(in Node node, int width, bool unlimited)
        {
            SkipSpaces(count: false);
            var start = Position;
            var end = Position;
            var limit = unlimited ? _text.Length : Math.Min(_text.Length, start + width);
            if (end < limit && _text[end] is '-' or '+')
                end++;
            while (end < limit && char.IsAsciiDigit(_text[end]))
                end++;
            if (!unlimited && _text.Length - start < width && end == _text.Length && end > start && node.Exact)
                throw TooShort(node);
            if (end == start || !char.IsAsciiDigit(_text[end - 1]))
                throw NotANumber(_text.Slice(start, Math.Min(unlimited ? _text.Length - start : width, _text.Length - start)).ToString(), node);
            if (!int.TryParse(_text[start..end], out var value))
                throw new SqlException(SqlState.DatetimeFieldOverflow, $"value for \"{NameOf(node)}\" in source string is out of range")
                {
                    Detail = "Value must be in the range -2147483648 to 2147483647.",
                };
            Position = end;
            return value;
        }

        /// <summary>Digits after the decimal point, to microseconds.</summary>
        internal int ReadFraction(in Node node, int width, bool unlimited)
        {
            var before = Position;
            var value = (double)ReadNumber(node, width, unlimited);
            var digits = Position - before;
            return (int)Math.Round(value * Math.Pow(10, 6 - Math.Min(digits, width)), MidpointRounding.AwayFromZero);
        }

        internal int ReadName(in Node node, string[] names, bool abbreviate)
        {
            for (var i = 0; i < names.Length; i++)
            {
                var name = abbreviate ? names[i].AsSpan(0, 3) : names[i];
                if (!_text[Position..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
                    continue;
                Position += name.Length;
                return i;
            }

            throw InvalidValue(node);
        }

        internal int ReadRomanMonth(in Node node, string[] names)
        {
            var best = -1;
            for (var i = 0; i < names.Length; i++)
                if (_text[Position..].StartsWith(names[i], StringComparison.OrdinalIgnoreCase) && (best < 0 || names[i].Length > names[best].Length))
                    best = i;
            if (best < 0)
                throw InvalidValue(node);
            Position += names[best].Length;
            return best;
        }

        readonly SqlException InvalidValue(in Node node)
        {
            var rest = _text[Position..];
            var end = rest.IndexOfAny(' ', '\t', '\n');
            return new SqlException(SqlState.InvalidDatetimeFormat, $"invalid value \"{(end < 0 ? rest : rest[..end])}\" for \"{NameOf(node)}\"")
            {
                Detail = "The given value did not match any of the allowed values for this field.",
            };
        }

        static SqlException NotANumber(string text, in Node node) => new(SqlState.InvalidDatetimeFormat, $"invalid value \"{text}\" for \"{NameOf(node)}\"")
        {
            Detail = "Value must be an integer.",
        };

        static SqlException TooShort(in Node node) => new(SqlState.InvalidDatetimeFormat, $"source string too short for \"{NameOf(node)}\" formatting field")
        {
            Hint = "If your source string is not fixed-width, try using the \"FM\" modifier.",
        };
    }

    static string NameOf(in Node node) => node.Case switch
    {
        Case.Lower => node.Text.ToLowerInvariant(),
        Case.Title => node.Text[..1] + node.Text[1..].ToLowerInvariant(),
        _ => node.Text,
    };
}
