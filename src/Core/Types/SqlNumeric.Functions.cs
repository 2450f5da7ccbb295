using System.Numerics;

namespace Chitin.Core.Types;

/// <summary>Roots, powers and logarithms in fixed-point arithmetic, to PostgreSQL's result scales.</summary>
public sealed partial class SqlNumeric
{
    public static SqlNumeric Sqrt(SqlNumeric value)
    {
        if (!value.IsFinite)
            return value._kind == Kind.NegativeInfinity ? throw NegativeRoot() : value;
        if (value.Sign < 0)
            throw NegativeRoot();
        var (weight, _) = LeadingDigit(value);
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - (((weight + 1) * 4 / 2) - 1), value.Scale), 0, MaxDisplayScale);
        var wide = value.Unscaled * Power10((2 * (scale + 1)) - value.Scale + (value.Scale > 2 * (scale + 1) ? value.Scale - (2 * (scale + 1)) : 0));
        if (value.Scale > 2 * (scale + 1))
            wide = value.Unscaled / Power10(value.Scale - (2 * (scale + 1)));
        return new SqlNumeric(RoundDivide(IntegerRoot(wide), 10), scale);
    }

    public static SqlNumeric Exp(SqlNumeric value)
    {
        if (!value.IsFinite)
            return value._kind == Kind.NegativeInfinity ? Zero : value;
        var magnitude = value.ToDouble() * 0.434294481903252;
        if (magnitude > MaxIntegerDigits)
            throw Overflow();
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - (int)Math.Clamp(magnitude, -2000, 2000), value.Scale), 0, MaxDisplayScale);
        if (magnitude < -scale - 2)
            return new SqlNumeric(BigInteger.Zero, scale);
        var digits = scale + Math.Max(0, (int)magnitude) + 12;
        return Rescale(ExpFixed(ToFixed(value, digits), digits), digits, scale);
    }

    public static SqlNumeric Ln(SqlNumeric value)
    {
        if (value.IsNaN)
            return value;
        CheckLogarithm(value);
        if (value.IsInfinity)
            return value;
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - LnWeight(value), value.Scale), 0, MaxDisplayScale);
        var digits = scale + 12;
        return Rescale(LnFixed(value, digits), digits, scale);
    }

    /// <summary>The logarithm of a number to a base.</summary>
    public static SqlNumeric Log(SqlNumeric @base, SqlNumeric value)
    {
        if (@base.IsNaN || value.IsNaN)
            return NaN;
        CheckLogarithm(@base);
        CheckLogarithm(value);
        if (@base.IsInfinity || value.IsInfinity)
            return @base.IsInfinity && value.IsInfinity ? NaN : value.IsInfinity ? value : Zero;
        var baseWeight = LnWeight(@base);
        var valueWeight = LnWeight(value);
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - (valueWeight - baseWeight), Math.Max(@base.Scale, value.Scale)), 0, MaxDisplayScale);
        var digits = scale + 16 + Math.Max(0, -baseWeight) + Math.Max(0, valueWeight);
        var divisor = LnFixed(@base, digits);
        if (divisor.IsZero)
            throw DivisionByZero();
        return new SqlNumeric(RoundDivide(LnFixed(value, digits) * Power10(scale), divisor), scale);
    }

    public static SqlNumeric Power(SqlNumeric @base, SqlNumeric exponent)
    {
        if (@base.IsNaN)
            return exponent.IsZero ? One : NaN;
        if (exponent.IsNaN)
            return @base.CompareTo(One) == 0 ? One : NaN;
        if (!@base.IsFinite || !exponent.IsFinite)
            return PowerSpecial(@base, exponent);
        if (@base.IsZero && exponent.Sign < 0)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        var whole = exponent.TrimScale();
        if (whole.Scale == 0 && BigInteger.Abs(whole.Unscaled) <= int.MaxValue)
            return PowerInteger(@base, (int)whole.Unscaled, exponent.Scale);
        if (@base.Sign < 0)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        if (@base.IsZero)
            return new SqlNumeric(BigInteger.Zero, MinSignificantDigits);
        return PowerFraction(@base, exponent);
    }

    private static SqlNumeric PowerInteger(SqlNumeric @base, int exponent, int exponentScale)
    {
        var digits = @base.IsZero ? 0 : DigitCount(@base.Unscaled);
        var logarithm = @base.IsZero ? 0 : exponent * (Math.Log10((double)(BigInteger.Abs(@base.Unscaled) / Power10(Math.Max(0, digits - 16)))) + Math.Max(0, digits - 16) - @base.Scale);
        if (logarithm > MaxIntegerDigits)
            throw Overflow();
        // 16 decimals whatever the size, or the base's own (numeric_power with a whole exponent).
        var scale = Math.Clamp(Math.Max(MinSignificantDigits, @base.Scale), 0, MaxDisplayScale);
        switch (exponent)
        {
            case 0:
                return new SqlNumeric(Power10(scale), scale);
            case 1:
                return @base.Round(scale);
            case 2:
                return Multiply(@base, @base).Round(scale);
        }

        if (logarithm < -scale - 2)
            return new SqlNumeric(BigInteger.Zero, scale);
        var working = scale + Math.Max(0, (int)Math.Abs(logarithm)) + 16 + DigitCount(Math.Abs((long)exponent));
        var result = Power10(working);
        var factor = ToFixed(@base, working);
        var one = Power10(working);
        if (exponent < 0)
            factor = RoundDivide(one * one, factor);
        for (var n = Math.Abs((long)exponent); n > 0; n >>= 1)
        {
            if ((n & 1) != 0)
                result = RoundDivide(result * factor, one);
            if (n > 1)
                factor = RoundDivide(factor * factor, one);
        }

        return Rescale(result, working, scale);
    }

    private static SqlNumeric PowerFraction(SqlNumeric @base, SqlNumeric exponent)
    {
        var estimate = exponent.ToDouble() * (double)Rescale(LnFixed(@base, 24), 24, 18).ToDouble() * 0.434294481903252;
        if (estimate > MaxIntegerDigits)
            throw Overflow();
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - (int)Math.Clamp(estimate, -2000, 2000), Math.Max(@base.Scale, exponent.Scale)), 0, MaxDisplayScale);
        if (estimate < -scale - 2)
            return new SqlNumeric(BigInteger.Zero, scale);
        var digits = scale + Math.Max(0, (int)estimate) + 16 + DigitCount(exponent.Unscaled);
        var product = RoundDivide(LnFixed(@base, digits) * ToFixed(exponent, digits), Power10(digits));
        return Rescale(ExpFixed(product, digits), digits, scale);
    }

    private static SqlNumeric PowerSpecial(SqlNumeric @base, SqlNumeric exponent)
    {
        if (exponent.IsZero || @base.CompareTo(One) == 0)
            return One;
        if (exponent.IsInfinity)
        {
            var comparison = Abs(@base).CompareTo(One);
            if (comparison == 0)
                return One;
            return comparison > 0 == exponent.Sign > 0 ? PositiveInfinity : Zero;
        }

        if (exponent.Sign < 0)
            return Zero;
        if (@base._kind == Kind.PositiveInfinity)
            return PositiveInfinity;
        var whole = exponent.TrimScale();
        if (whole.Scale > 0)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        return whole.Unscaled.IsEven ? PositiveInfinity : NegativeInfinity;
    }

    private static BigInteger ToFixed(SqlNumeric value, int digits) =>
        digits >= value.Scale ? value.Unscaled * Power10(digits - value.Scale) : RoundDivide(value.Unscaled, Power10(value.Scale - digits));

    private static SqlNumeric Rescale(BigInteger fixedPoint, int digits, int scale) =>
        Checked(digits >= scale ? RoundDivide(fixedPoint, Power10(digits - scale)) : fixedPoint * Power10(scale - digits), scale);

    private static BigInteger IntegerRoot(BigInteger value)
    {
        if (value.IsZero)
            return value;
        var root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }

    /// <summary>e^x: the argument is halved until small, then Taylor's series, then squared back.</summary>
    private static BigInteger ExpFixed(BigInteger x, int digits)
    {
        if (x.Sign < 0)
            return RoundDivide(Power10(digits) * Power10(digits), ExpFixed(-x, digits));
        var guard = digits + 10;
        x *= Power10(10);
        var one = Power10(guard);
        var halvings = 0;
        while (x > one / 16)
        {
            x >>= 1;
            halvings++;
        }

        var extra = (halvings / 3) + 2;
        x *= Power10(extra);
        one *= Power10(extra);
        var sum = one;
        var term = one;
        for (var n = 1; !term.IsZero; n++)
        {
            term = term * x / one / n;
            sum += term;
        }

        for (; halvings > 0; halvings--)
            sum = sum * sum / one;
        return RoundDivide(sum, Power10(10 + extra));
    }

    /// <summary>ln x: square roots bring the argument near 1, then the series of artanh.</summary>
    private static BigInteger LnFixed(SqlNumeric value, int digits)
    {
        var precision = digits + Math.Max(0, value.Scale - DigitCount(value.Unscaled)) + 16;
        var one = Power10(precision);
        var x = ToFixed(value, precision);
        BigInteger logarithm = 0;
        // ln(m * 10^k) = ln m + k ln 10 keeps the roots few.
        var exponent = DigitCount(x) - 1 - precision;
        if (Math.Abs(exponent) > 1)
        {
            x = exponent > 0 ? x / Power10(exponent) : x * Power10(-exponent);
            logarithm = exponent * LnSmall(10 * one, one, precision);
        }

        return RoundDivide(logarithm + LnSmall(x, one, precision), Power10(precision - digits));
    }

    private static BigInteger LnSmall(BigInteger x, BigInteger one, int precision)
    {
        var doublings = 0;
        var tolerance = one / 20;
        while (BigInteger.Abs(x - one) > tolerance)
        {
            x = IntegerRoot(x * one);
            doublings++;
        }

        var y = (x - one) * one / (x + one);
        var square = y * y / one;
        var sum = y;
        var term = y;
        for (var n = 3; !term.IsZero; n += 2)
        {
            term = term * square / one;
            sum += term / n;
        }

        return (sum * 2) << doublings;
    }

    /// <summary>The decimal weight of ln(x), by a double (estimate_ln_dweight).</summary>
    private static int LnWeight(SqlNumeric value)
    {
        var difference = Subtract(value, One);
        if (Abs(difference).CompareTo(new SqlNumeric(1, 1)) <= 0)
        {
            if (difference.IsZero)
                return 0;
            var (weight, digit) = LeadingDigit(difference);
            return (weight * 4) + (int)Math.Log10(digit);
        }

        var digits = DigitCount(value.Unscaled);
        var leading = (double)(digits > 16 ? value.Unscaled / Power10(digits - 16) : value.Unscaled);
        var logarithm = Math.Log(leading) + ((Math.Max(0, digits - 16) - value.Scale) * 2.302585092994046);
        return (int)Math.Log10(Math.Abs(logarithm));
    }

    private static void CheckLogarithm(SqlNumeric value)
    {
        if (value.IsZero)
            throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero");
        if (value.Sign < 0)
            throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
    }

    private static SqlException NegativeRoot() => new(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
}
