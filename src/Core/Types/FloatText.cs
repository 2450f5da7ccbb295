using System.Globalization;
using System.Numerics;

namespace Chitin.Core.Types;

/// <summary>
/// Output of float4 and float8: the shortest digits that read back as the number (extra_float_digits above 0) or a fixed number of significant digits; laid out like C's %g,
/// exponent form below 1e-4 and from 1e15 (float4: 1e6) on.
/// </summary>
internal static class FloatText
{
    /// <summary>Room that <see cref="Write"/> needs.</summary>
    public const int MaxLength = 48;

    private const int DoubleDigits = 15;
    private const int SingleDigits = 6;

    public static int Write(double number, bool isDouble, int extraDigits, Span<byte> output)
    {
        if (double.IsNaN(number))
            return Copy("NaN"u8, output);
        if (double.IsInfinity(number))
            return Copy(number > 0 ? "Infinity"u8 : "-Infinity"u8, output);
        var start = 0;
        if (double.IsNegative(number))
        {
            output[start++] = (byte)'-';
            number = -number;
        }

        if (number == 0)
        {
            output[start] = (byte)'0';
            return start + 1;
        }

        var precision = isDouble ? DoubleDigits : SingleDigits;
        Span<byte> text = stackalloc byte[40];
        var length = extraDigits > 0 ? Shortest(number, isDouble, text) : Fixed(number, Math.Max(1, precision + extraDigits), text);
        if (extraDigits <= 0)
            precision = Math.Max(1, precision + extraDigits);
        Span<byte> digits = stackalloc byte[40];
        var (count, exponent) = Split(text[..length], digits);
        return start + Layout(digits[..count], exponent, exponent < -4 || exponent >= precision, output[start..]);
    }

    /// <summary>
    /// PostgreSQL's algorithm (Ryu) does not accept digits that lie exactly halfway between two floats, although reading them would round to the right one;
    /// such digits exist only for whole numbers beyond the mantissa's width. Then more digits are needed.
    /// </summary>
    private static int Shortest(double number, bool isDouble, Span<byte> text)
    {
        var single = (float)number;
        int length;
        if (isDouble)
            number.TryFormat(text, out length, "R", CultureInfo.InvariantCulture);
        else
            single.TryFormat(text, out length, "R", CultureInfo.InvariantCulture);
        if (isDouble ? number is < 9007199254740992.0 or > 1e41 : single is < 16777216f or > 1e19f)
            return length;
        var above = isDouble ? Math.BitIncrement(number) : MathF.BitIncrement(single);
        var below = isDouble ? Math.BitDecrement(number) : MathF.BitDecrement(single);
        for (var digits = 2; IsAtBound(text[..length], number, above) || IsAtBound(text[..length], number, below); digits++)
            length = Fixed(number, digits, text);
        return length;
    }

    /// <summary>Whether the text is not strictly nearer to the number than to its neighbour.</summary>
    private static bool IsAtBound(ReadOnlySpan<byte> text, double number, double neighbour)
    {
        Span<byte> digits = stackalloc byte[40];
        var (count, exponent) = Split(text, digits);
        BigInteger shown = long.Parse(digits[..count], NumberStyles.None, CultureInfo.InvariantCulture);
        var zeros = exponent - count + 1;
        if (zeros < 0)
            return false;
        var doubled = 2 * shown * BigInteger.Pow(10, zeros);
        var bound = (BigInteger)number + (BigInteger)neighbour;
        return neighbour > number ? doubled >= bound : doubled <= bound;
    }

    private static int Fixed(double number, int precision, Span<byte> text)
    {
        Span<char> format = stackalloc char[4];
        format[0] = 'E';
        (precision - 1).TryFormat(format[1..], out var width, default, CultureInfo.InvariantCulture);
        number.TryFormat(text, out var length, format[..(width + 1)], CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>Significant digits, without zeros at either end, and the exponent of the first.</summary>
    private static (int Count, int Exponent) Split(ReadOnlySpan<byte> text, Span<byte> digits)
    {
        var e = text.IndexOf((byte)'E');
        var exponent = 0;
        if (e >= 0)
        {
            for (var i = e + 2; i < text.Length; i++)
                exponent = (exponent * 10) + text[i] - '0';
            if (text[e + 1] == '-')
                exponent = -exponent;
            text = text[..e];
        }

        var count = 0;
        var point = text.IndexOf((byte)'.');
        exponent += (point < 0 ? text.Length : point) - 1;
        foreach (var c in text)
        {
            if (c == '.')
                continue;
            if (count == 0 && c == '0')
                exponent--;
            else
                digits[count++] = c;
        }

        while (count > 1 && digits[count - 1] == '0')
            count--;
        return (count, exponent);
    }

    private static int Layout(ReadOnlySpan<byte> digits, int exponent, bool scientific, Span<byte> output)
    {
        var length = 0;
        if (scientific)
        {
            output[length++] = digits[0];
            if (digits.Length > 1)
            {
                output[length++] = (byte)'.';
                length += Copy(digits[1..], output[length..]);
            }

            output[length++] = (byte)'e';
            output[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
            Math.Abs(exponent).TryFormat(output[length..], out var width, "D2", CultureInfo.InvariantCulture);
            return length + width;
        }

        if (exponent < 0)
        {
            length = Copy("0.000"u8[..(1 - exponent)], output);
            return length + Copy(digits, output[length..]);
        }

        var whole = Math.Min(digits.Length, exponent + 1);
        length = Copy(digits[..whole], output);
        for (; length <= exponent; length++)
            output[length] = (byte)'0';
        if (digits.Length <= whole)
            return length;
        output[length++] = (byte)'.';
        return length + Copy(digits[whole..], output[length..]);
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        source.CopyTo(target);
        return source.Length;
    }
}
