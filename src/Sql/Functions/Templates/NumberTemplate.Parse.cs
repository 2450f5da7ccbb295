using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Templates;

sealed partial class NumberTemplate
{
    /// <summary>to_number: takes the digits that the template asks for, in its order. 22P02 when there are none.</summary>
    internal SqlNumeric Parse(string text)
    {
        if (IsRoman)
            throw FunctionErrors.NotSupported("\"RN\" not supported for input");
        if (IsExponent)
            throw FunctionErrors.NotSupported("\"EEEE\" not supported for input");
        var digits = new StringBuilder();
        var reader = new NumberReader(text);
        foreach (var (kind, literal) in _items)
        {
            if (!reader.HasMore)
                break;
            switch (kind)
            {
                case Item.Nine or Item.Zero or Item.Point:
                    reader.ReadPlace(kind == Item.Point, ShouldReadLeadingSign, digits);
                    break;
                case Item.Comma or Item.Group:
                    reader.SkipIf(',');
                    break;
                case Item.Minus or Item.Plus or Item.PlusOrMinus or Item.Sign:
                    reader.ReadSign();
                    break;
                case Item.Literal:
                    reader.Skip(literal.Length);
                    break;
                case Item.Currency:
                    reader.SkipNonDigit(1);
                    break;
                case Item.Ordinal or Item.OrdinalLower:
                    reader.SkipNonDigit(2);
                    break;
            }
        }

        if (_trailingSign || (_signs & SignStyle.Bracket) != 0)
            reader.ReadSign();
        if (digits.Length == 0 || !SqlNumeric.TryParse((reader.IsNegative ? "-" : "") + digits, out var value))
            throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type numeric: \"{(digits.Length == 0 ? " " : digits.ToString())}\"");
        if (ShiftDigits > 0)
            value = SqlNumeric.Divide(value, new SqlNumeric(SqlNumeric.Power10(ShiftDigits), 0));
        return digits.ToString().Contains('.', StringComparison.Ordinal) || ShiftDigits > 0 ? value : value.Round(0);
    }

    bool ShouldReadLeadingSign => (_signs & (SignStyle.Minus | SignStyle.Plus)) == 0;

    ref struct NumberReader(string text)
    {
        readonly ReadOnlySpan<char> _text = text;
        int _at;
        bool _sawPoint;

        internal bool IsNegative { get; private set; }

        internal readonly bool HasMore => _at < _text.Length;

        /// <summary>One digit, or the point; blanks and a sign before it are taken along.</summary>
        internal void ReadPlace(bool isPoint, bool allowSign, StringBuilder digits)
        {
            if (digits.Length == 0)
            {
                while (HasMore && char.IsWhiteSpace(_text[_at]))
                    _at++;
                if (allowSign && HasMore && _text[_at] is '-' or '+' or '<')
                    ReadSign();
            }

            if (!HasMore)
                return;
            if (char.IsAsciiDigit(_text[_at]) && !isPoint)
            {
                digits.Append(_text[_at++]);
            }
            else if (_text[_at] == '.' && !_sawPoint)
            {
                _sawPoint = true;
                digits.Append(_text[_at++]);
            }
        }

        internal void ReadSign()
        {
            while (HasMore && char.IsWhiteSpace(_text[_at]))
                _at++;
            if (!HasMore || _text[_at] is not ('-' or '+' or '<' or '>'))
                return;
            IsNegative |= _text[_at] is '-' or '<';
            _at++;
        }

        /// <summary>A character that is no pattern stands for one of the input, whichever.</summary>
        internal void Skip(int count) => _at = Math.Min(_text.Length, _at + count);

        internal void SkipIf(char c)
        {
            if (HasMore && _text[_at] == c)
                _at++;
        }

        internal void SkipNonDigit(int count)
        {
            for (; count > 0 && HasMore && !char.IsAsciiDigit(_text[_at]) && _text[_at] is not ('-' or '+' or '.' or ','); count--)
                _at++;
        }
    }
}
