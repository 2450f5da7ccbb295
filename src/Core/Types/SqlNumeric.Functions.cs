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
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - (((weight + 1) * 4 / 2) - 1), value._scale), 0, MaxDisplayScale);
        var shift = (2 * (scale + 1)) - value._scale;
        var wide = shift >= 0 ? value.Unscaled * Power10(shift) : value.Unscaled / Power10(-shift);
        return new SqlNumeric(RoundDivide(IntegerRoot(wide), 10), scale);
    }

    public static SqlNumeric Exp(SqlNumeric value)
    {
        if (!value.IsFinite)
            return value._kind == Kind.NegativeInfinity ? Zero : value;
        var estimate = value.ToDoubleUnchecked();
        var weight = (int)Math.Clamp(estimate * 0.434294481903252, -MaxResultScale, MaxResultScale);
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - weight, value._scale), 0, MaxDisplayScale);
        if (Math.Abs(estimate) >= MaxResultScale * 3)
            return estimate > 0 ? throw Overflow() : FromScaled(0, scale);
        var digits = scale + Math.Max(0, (int)(estimate * 0.4343)) + 12;
        return Rescale(ExpFixed(ToFixed(value, digits), digits), digits, scale);
    }

    public static SqlNumeric Ln(SqlNumeric value)
    {
        if (value.IsNaN)
            return value;
        CheckLogarithm(value);
        if (value.IsInfinity)
            return value;
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - LnWeight(value), value._scale), 0, MaxDisplayScale);
        var digits = scale + 12;
        return Rescale(LnFixed(value, digits), digits, scale);
    }

    /// <summary>The logarithm of a number to a base.</summary>
    public static SqlNumeric Log(SqlNumeric @base, SqlNumeric value)
    {
        if (@base.IsNaN || value.IsNaN)
            return NaN;
        // With an infinity among the arguments a negative one is reported before a zero.
        if ((@base.IsInfinity || value.IsInfinity) && (@base.Sign < 0 || value.Sign < 0))
            CheckLogarithm(NegativeInfinity);
        CheckLogarithm(@base);
        CheckLogarithm(value);
        if (@base.IsInfinity || value.IsInfinity)
            return @base.IsInfinity && value.IsInfinity ? NaN : value.IsInfinity ? value : Zero;
        var baseWeight = LnWeight(@base);
        var valueWeight = LnWeight(value);
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - (valueWeight - baseWeight), Math.Max(@base._scale, value._scale)), 0, MaxDisplayScale);
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
            throw ZeroToNegativePower();
        var whole = exponent.TrimScale();
        if (whole is { _scale: 0, _large: null, _small: >= int.MinValue and <= int.MaxValue })
            return PowerInteger(@base, (int)whole._small);
        if (@base.Sign < 0 && whole._scale > 0)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        if (@base.IsZero)
            return FromScaled(0, MinSignificantDigits);
        if (@base.Sign > 0)
            return PowerFraction(@base, exponent);
        var magnitude = PowerFraction(Negate(@base), exponent);
        return whole.Unscaled.IsEven ? magnitude : Negate(magnitude);
    }

    /// <summary>A whole exponent: at least 16 decimals whatever the size (power_var, power_var_int).</summary>
    private static SqlNumeric PowerInteger(SqlNumeric @base, int exponent)
    {
        var scale = Math.Clamp(Math.Max(MinSignificantDigits, (int)@base._scale), 0, MaxDisplayScale);
        switch (exponent)
        {
            case 0:
                return new SqlNumeric(Power10(scale), scale);
            case 1:
                return @base.RoundTo(scale);
            case -1:
                return Quotient(One, @base, scale);
            case 2:
                return Multiply(@base, @base).RoundTo(scale);
        }

        if (@base.IsZero)
            return FromScaled(0, scale);
        var logarithm = exponent * Log10Estimate(@base);
        if (logarithm > MaxIntegerDigits)
            throw Overflow();
        if (logarithm + 1 < -scale)
            return FromScaled(0, scale);
        var digits = 1 + scale + (int)logarithm + (int)Math.Log(Math.Abs((double)exponent)) + 10;
        var (mantissa, power) = PowerFloating(@base, Math.Abs((long)exponent), digits);
        var shift = scale + power;
        if (exponent > 0)
            return Checked(shift >= 0 ? mantissa * Power10(shift) : RoundDivide(mantissa, Power10(-shift)), scale);
        // 1 / (mantissa * 10^power)
        var wide = scale - power;
        return Checked(wide >= 0 ? RoundDivide(Power10(wide), mantissa) : RoundDivide(BigInteger.One, mantissa * Power10(-wide)), scale);
    }

    /// <summary>base^n as mantissa * 10^power, by squaring, the mantissa cut to a number of digits.</summary>
    private static (BigInteger Mantissa, int Power) PowerFloating(SqlNumeric @base, long n, int digits)
    {
        var factor = (Mantissa: @base.Unscaled, Power: -(long)@base._scale);
        var result = (Mantissa: BigInteger.One, Power: 0L);
        while (true)
        {
            if ((n & 1) != 0)
                result = Cut(result.Mantissa * factor.Mantissa, result.Power + factor.Power, digits);
            n >>= 1;
            if (n == 0)
                return (result.Mantissa, (int)result.Power);
            factor = Cut(factor.Mantissa * factor.Mantissa, 2 * factor.Power, digits);
        }
    }

    private static (BigInteger Mantissa, long Power) Cut(BigInteger mantissa, long power, int digits)
    {
        var excess = DigitCount(mantissa) - digits;
        return excess <= 0 ? (mantissa, power) : (RoundDivide(mantissa, Power10(excess)), power + excess);
    }

    private static double Log10Estimate(SqlNumeric value)
    {
        var digits = value.DigitCount();
        var drop = Math.Max(0, digits - 17);
        var leading = (double)(drop > 0 ? BigInteger.Abs(value.Unscaled) / Power10(drop) : BigInteger.Abs(value.Unscaled));
        return Math.Log10(leading) + drop - value._scale;
    }

    private static SqlNumeric PowerFraction(SqlNumeric @base, SqlNumeric exponent)
    {
        var weight = LnWeight(@base);
        var rough = Math.Max(8 - weight, 0);
        var product = Multiply(Rescale(LnFixed(@base, rough + 4), rough + 4, rough), exponent).ToDoubleUnchecked();
        if (Math.Abs(product) > MaxResultScale * 3.01)
            return product > 0 ? throw Overflow() : FromScaled(0, MaxDisplayScale);
        var decimalWeight = (int)(product * 0.434294481903252);
        var scale = Math.Clamp(Math.Max(MinSignificantDigits - decimalWeight, Math.Max(@base._scale, exponent._scale)), 0, MaxDisplayScale);
        var digits = Math.Max(0, scale + decimalWeight) + Math.Max(0, -weight) + exponent.DigitCount() + scale + 16;
        var logarithm = RoundDivide(LnFixed(@base, digits) * exponent.Unscaled, Power10(exponent._scale));
        return Rescale(ExpFixed(logarithm, digits), digits, scale);
    }

    private static SqlNumeric PowerSpecial(SqlNumeric @base, SqlNumeric exponent)
    {
        if (exponent.IsZero || @base.CompareTo(One) == 0)
            return One;
        if (@base.IsZero && exponent.Sign < 0)
            throw ZeroToNegativePower();
        if (exponent.IsInfinity)
        {
            var comparison = Abs(@base).CompareTo(One);
            if (comparison == 0)
                return One;
            return comparison > 0 == exponent.Sign > 0 ? PositiveInfinity : Zero;
        }

        if (@base._kind == Kind.PositiveInfinity)
            return exponent.Sign < 0 ? Zero : PositiveInfinity;
        var whole = exponent.TrimScale();
        if (whole._scale > 0)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        if (exponent.Sign < 0)
            return Zero;
        return whole.Unscaled.IsEven ? PositiveInfinity : NegativeInfinity;
    }

    private static BigInteger ToFixed(SqlNumeric value, int digits) =>
        digits >= value._scale ? value.Unscaled * Power10(digits - value._scale) : RoundDivide(value.Unscaled, Power10(value._scale - digits));

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
        var precision = digits + Math.Max(0, value._scale - DigitCount(value.Unscaled)) + 16;
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
        var logarithm = Math.Log(leading) + ((Math.Max(0, digits - 16) - value._scale) * 2.302585092994046);
        return (int)Math.Log10(Math.Abs(logarithm));
    }

    private static void CheckLogarithm(SqlNumeric value)
    {
        if (value.IsZero)
            throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero");
        if (value.Sign < 0)
            throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
    }

    private static SqlException ZeroToNegativePower() => new(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");

    private static SqlException NegativeRoot() => new(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
}
