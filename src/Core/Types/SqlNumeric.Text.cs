using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>Text input and output.</summary>
public sealed partial class SqlNumeric
{
    private const int MaxInlineLength = 64;

    /// <summary>22P02 for bad syntax, 22003 beyond the format's bounds.</summary>
    public static SqlNumeric Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var value) ? value : throw TypeErrors.InvalidSyntax("numeric", text);

    /// <summary>False for bad syntax; throws 22003 beyond the format's bounds.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SqlNumeric value)
    {
        value = Zero;
        var body = text.Trim(" \t\n\r\f\v");
        if (ParseSpecial(body) is { } special)
        {
            value = special;
            return true;
        }

        var negative = false;
        if (body.Length > 0 && body[0] is '+' or '-')
        {
            negative = body[0] == '-';
            body = body[1..];
        }

        long exponent = 0;
        var e = body.IndexOfAny('e', 'E');
        if (e >= 0)
        {
            if (!TryParseExponent(body[(e + 1)..], out exponent))
                return false;
            body = body[..e];
        }

        var point = body.IndexOf('.');
        var whole = point < 0 ? body : body[..point];
        var fraction = point < 0 ? [] : body[(point + 1)..];
        if (whole.Length + fraction.Length == 0 || whole.IndexOfAnyExceptInRange('0', '9') >= 0 || fraction.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        var scale = Math.Max(0, fraction.Length - exponent);
        if (scale > MaxScale || Math.Abs(exponent) >= int.MaxValue / 2)
            throw Overflow();
        value = Assemble(negative, whole.TrimStart('0'), fraction, exponent, (int)scale);
        return true;
    }

    public override string ToString()
    {
        switch (_kind)
        {
            case Kind.NotANumber:
                return "NaN";
            case Kind.PositiveInfinity:
                return "Infinity";
            case Kind.NegativeInfinity:
                return "-Infinity";
        }

        if (_large is null && _scale + 21 <= MaxInlineLength)
        {
            Span<byte> buffer = stackalloc byte[MaxInlineLength];
            return Encoding.ASCII.GetString(buffer[..FormatSmall(buffer)]);
        }

        var unscaled = Unscaled;
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture);
        if (_scale > 0)
        {
            digits = digits.PadLeft(_scale + 1, '0');
            digits = string.Concat(digits.AsSpan(0, digits.Length - _scale), ".", digits.AsSpan(digits.Length - _scale));
        }

        return unscaled.Sign < 0 ? "-" + digits : digits;
    }

    /// <summary>Appends the text form in UTF-8.</summary>
    internal void WriteText(IBufferWriter<byte> output)
    {
        if (IsSmall && _scale + 21 <= MaxInlineLength)
            output.Advance(FormatSmall(output.GetSpan(MaxInlineLength)));
        else
            Encoding.UTF8.GetBytes(ToString(), output);
    }

    private int FormatSmall(Span<byte> buffer)
    {
        var magnitude = _small < 0 ? 0UL - (ulong)_small : (ulong)_small;
        var position = 0;
        if (_small < 0)
            buffer[position++] = (byte)'-';
        var digits = Math.Max(SmallDigitCount(_small), _scale + 1);
        var end = position + digits + (_scale > 0 ? 1 : 0);
        var next = end;
        for (var i = 0; i < digits; i++)
        {
            if (i == _scale && i > 0)
                buffer[--next] = (byte)'.';
            (magnitude, var digit) = Math.DivRem(magnitude, 10);
            buffer[--next] = (byte)('0' + digit);
        }

        return end;
    }

    private static SqlNumeric? ParseSpecial(ReadOnlySpan<char> text)
    {
        if (text.Length == 0 || char.IsAsciiDigit(text[^1]) || text[^1] == '.')
            return null;
        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
            return NaN;
        var body = text[0] is '+' or '-' ? text[1..] : text;
        if (body.Equals("infinity", StringComparison.OrdinalIgnoreCase) || body.Equals("inf", StringComparison.OrdinalIgnoreCase))
            return text[0] == '-' ? NegativeInfinity : PositiveInfinity;
        return null;
    }

    private static bool TryParseExponent(ReadOnlySpan<char> text, out long exponent)
    {
        exponent = 0;
        var negative = text.Length > 0 && text[0] == '-';
        if (text.Length > 0 && text[0] is '+' or '-')
            text = text[1..];
        if (text.Length == 0 || text.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        foreach (var digit in text)
            exponent = Math.Min((exponent * 10) + digit - '0', int.MaxValue);
        if (negative)
            exponent = -exponent;
        return true;
    }

    private static SqlNumeric Assemble(bool negative, ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, long exponent, int scale)
    {
        var zeros = (int)Math.Max(0, exponent - fraction.Length);
        if (whole.Length + fraction.Length + (long)zeros <= 18)
        {
            long small = 0;
            foreach (var digit in whole)
                small = (small * 10) + digit - '0';
            foreach (var digit in fraction)
                small = (small * 10) + digit - '0';
            small *= SmallPower(zeros);
            return FromScaled(negative ? -small : small, scale);
        }

        var significant = whole.Length == 0 ? fraction.TrimStart('0') : fraction;
        if (whole.Length + significant.Length == 0)
            return FromScaled(0, scale);
        // The position of the first digit decides, before any power is made, whether the value fits.
        if (whole.Length + significant.Length - (long)fraction.Length + exponent > MaxIntegerDigits)
            throw Overflow();
        var unscaled = BigInteger.Parse(string.Concat(whole, significant), CultureInfo.InvariantCulture);
        if (zeros > 0)
            unscaled *= Power10(zeros);
        return new SqlNumeric(negative ? -unscaled : unscaled, scale);
    }
}
