using System.Text;

namespace Chitin.Sql.Functions.Templates;

sealed partial class NumberTemplate
{
    /// <summary>
    /// Prints a number. Magnitude holds its digits without sign, rounded to <see cref="After"/> (or fewer) decimals and already shifted for V; a value that does not fit prints
    /// as #. Null when it has no digits at all (NaN, infinity).
    /// </summary>
    internal string Format(bool isNegative, string? magnitude)
    {
        if (IsRoman)
            return FormatRoman(magnitude);
        var before = Before + ShiftDigits;
        var length = magnitude is null ? int.MaxValue : magnitude.IndexOf('.', StringComparison.Ordinal) is var point and >= 0 ? point : magnitude.Length;
        if (magnitude is null || length > before)
            magnitude = new string('#', before) + (After > 0 || HasPoint ? "." + new string('#', After) : "");
        return new Printer(this, isNegative, magnitude, length < before ? before - length : 0, before).Run();
    }

    /// <summary>Prints mantissa and exponent for EEEE; text is [-]d.ddde±xx.</summary>
    internal string FormatExponent(string? text)
    {
        if (text is null)
            return " " + new string('#', Before) + (After > 0 ? "." + new string('#', After) : ".") + "####";
        return text.StartsWith('-') ? text : " " + text;
    }

    string FormatRoman(string? magnitude)
    {
        var digits = magnitude?.Split('.')[0];
        var roman = int.TryParse(digits, out var value) && value is >= 1 and <= 3999 ? ToRoman(value) : new string('#', 15);
        var result = new StringBuilder();
        foreach (var (kind, literal) in _items)
        {
            var text = kind switch
            {
                Item.Roman => roman,
                Item.RomanLower => roman.ToLowerInvariant(),
                Item.Literal => literal,
                _ => "",
            };
            result.Append(kind is Item.Roman or Item.RomanLower && !FillMode ? text.PadLeft(15) : text);
        }

        return result.ToString();
    }

    static string ToRoman(int value)
    {
        (int Value, string Text)[] parts =
        [
            (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
        ];
        var result = new StringBuilder();
        foreach (var (part, text) in parts)
            for (; value >= part; value -= part)
                result.Append(text);
        return result.ToString();
    }

    /// <summary>One run over the template. Digit places are counted from the left; the first <c>blanks</c> of them have no digit of the number.</summary>
    ref struct Printer(NumberTemplate template, bool isNegative, string number, int blanks, int before)
    {
        readonly StringBuilder _output = new();
        readonly bool _fill = template.FillMode;
        readonly bool _leading = template._leadingSign && before != template._digitsBeforeSign;
        readonly bool _trailing = template._trailingSign || (template._leadingSign && before == template._digitsBeforeSign);
        bool _bracket = (template._signs & SignStyle.Bracket) != 0;
        bool _signWritten;
        bool _inNumber;
        int _digit;
        int _place;
        int _places;

        /// <summary>Under FM the last digit that must be printed; -1 when all must.</summary>
        int _lastRelevant = -1;

        internal string Run()
        {
            Prepare();
            foreach (var (kind, literal) in template._items)
                Print(kind, literal);
            return _output.ToString();
        }

        void Prepare()
        {
            var signs = template._signs & ~SignStyle.Bracket;
            if (signs != SignStyle.None)
            {
                // PL alone prints the minus sign in front of the number as usual; MI and SG take it over.
                _signWritten = signs != SignStyle.Plus;
            }
            else
            {
                if (!isNegative && _fill)
                    _bracket = false;
                _signWritten = !isNegative && _fill && !_leading && !_trailing;
            }

            _places = template.After + before - 1;
            if (_fill && template.HasPoint)
                FindLastRelevant();
            if (!_signWritten && blanks == 0)
                _places++;
        }

        void FindLastRelevant()
        {
            var point = number.IndexOf('.', StringComparison.Ordinal);
            if (point < 0)
                return;
            _lastRelevant = point;
            for (var i = point + 1; i < number.Length; i++)
                if (number[i] != '0')
                    _lastRelevant = i;
            if (template._zeroEnd > blanks)
                _lastRelevant = Math.Max(_lastRelevant, Math.Min(number.Length - 1, template._zeroEnd - blanks));
        }

        bool RelevantEndsAtPoint => _lastRelevant >= 0 && number[_lastRelevant] == '.';

        /// <summary>The single 0 before the point of a fraction, which 9 does not print.</summary>
        bool AtSilentZero => !template._hasZero && _digit == 0 && number.Length > 0 && number[0] == '0' && template.After != 0;

        void Print(Item kind, string literal)
        {
            switch (kind)
            {
                case Item.Nine or Item.Zero or Item.Point:
                    PrintPlace(kind);
                    break;
                case Item.Comma or Item.Group:
                    if (_inNumber)
                        _output.Append(',');
                    else if (!_fill)
                        _output.Append(' ');
                    break;
                case Item.Currency:
                    _output.Append(' ');
                    break;
                case Item.Ordinal or Item.OrdinalLower:
                    PrintOrdinal(kind == Item.OrdinalLower);
                    break;
                case Item.Minus:
                    PrintOrBlank(isNegative, '-');
                    break;
                case Item.Plus:
                    PrintOrBlank(!isNegative, '+');
                    break;
                case Item.PlusOrMinus:
                    _output.Append(isNegative ? '-' : '+');
                    break;
                case Item.Literal:
                    _output.Append(literal);
                    break;
            }
        }

        void PrintOrBlank(bool show, char sign)
        {
            if (show)
                _output.Append(sign);
            else if (!_fill)
                _output.Append(' ');
        }

        void PrintOrdinal(bool lower)
        {
            if (number.StartsWith('#') || isNegative || template.HasPoint)
                return;
            var suffix = OrdinalSuffix(number);
            _output.Append(lower ? suffix : suffix.ToUpperInvariant());
        }

        void PrintPlace(Item kind)
        {
            _inNumber = false;
            var zeroFill = template._hasZero && template._zeroStart <= _place;
            if (!_signWritten && (_place >= blanks || (template._hasZero && template._zeroStart == _place)) && (!AtSilentZero || RelevantEndsAtPoint))
                PrintLeadingSign();
            if (_place < blanks)
            {
                if (zeroFill)
                {
                    _output.Append('0');
                    _inNumber = true;
                }
                else if (!_fill)
                {
                    _output.Append(' ');
                }
            }
            else
            {
                PrintDigit(kind);
            }

            var end = _places + (blanks > 0 ? 1 : 0) + (template.HasPoint ? 1 : 0);
            if (_lastRelevant >= 0 && _lastRelevant == _digit)
                end = _place;
            if (_place + 1 == end)
                PrintTrailingSign();
            _place++;
        }

        void PrintDigit(Item kind)
        {
            if (_digit >= number.Length)
                return;
            if (number[_digit] == '.')
            {
                if (_lastRelevant < 0 || !RelevantEndsAtPoint || _fill)
                    _output.Append('.');
            }
            else if (_lastRelevant >= 0 && _digit > _lastRelevant && kind != Item.Zero)
            {
                // FM: trailing zeros that no 0 asks for.
            }
            else if (AtSilentZero)
            {
                if (!_fill)
                    _output.Append(' ');
                else if (RelevantEndsAtPoint)
                    _output.Append('0');
            }
            else
            {
                _output.Append(number[_digit]);
                _inNumber = true;
            }

            _digit++;
        }

        void PrintLeadingSign()
        {
            if (_leading || _trailing)
            {
                if (!_leading)
                    return;
                _output.Append(isNegative ? '-' : '+');
            }
            else if (_bracket)
            {
                _output.Append(isNegative ? '<' : ' ');
            }
            else if (isNegative)
            {
                _output.Append('-');
            }
            else if (!_fill)
            {
                _output.Append(' ');
            }

            _signWritten = true;
        }

        void PrintTrailingSign()
        {
            if (_signWritten && _bracket)
                _output.Append(isNegative ? '>' : ' ');
            else if (_trailing)
                _output.Append(isNegative ? '-' : '+');
        }
    }

    /// <summary>st, nd, rd or th for a number's last digits.</summary>
    internal static string OrdinalSuffix(string digits)
    {
        if (digits.Length > 1 && digits[^2] == '1')
            return "th";
        return digits[^1] switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
    }
}
