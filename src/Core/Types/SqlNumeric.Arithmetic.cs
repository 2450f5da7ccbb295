using System.Numerics;

namespace Chitin.Core.Types;

/// <summary>Arithmetic with PostgreSQL's result scales (numeric.c).</summary>
public sealed partial class SqlNumeric
{
    public static SqlNumeric Add(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsSmall && right.IsSmall && Math.Abs(left._scale - right._scale) <= 18)
        {
            var scale = Math.Max(left._scale, right._scale);
            var sum = ((Int128)left._small * SmallPower(scale - left._scale)) + ((Int128)right._small * SmallPower(scale - right._scale));
            return FromInt128(sum, scale);
        }

        if (!left.IsFinite || !right.IsFinite)
            return AddSpecial(left, right);
        return left._scale >= right._scale
            ? Checked(left.Unscaled + (right.Unscaled * Power10(left._scale - right._scale)), left._scale)
            : Checked((left.Unscaled * Power10(right._scale - left._scale)) + right.Unscaled, right._scale);
    }

    public static SqlNumeric Subtract(SqlNumeric left, SqlNumeric right) => Add(left, Negate(right));

    public static SqlNumeric Negate(SqlNumeric value) => value._kind switch
    {
        Kind.Finite => value._large is null && value._small != long.MinValue ? FromScaled(-value._small, value._scale) : new SqlNumeric(-value.Unscaled, value._scale),
        Kind.PositiveInfinity => NegativeInfinity,
        Kind.NegativeInfinity => PositiveInfinity,
        _ => NaN,
    };

    public static SqlNumeric Abs(SqlNumeric value) => value.Sign < 0 ? Negate(value) : value;

    public static SqlNumeric Multiply(SqlNumeric left, SqlNumeric right)
    {
        var scale = left._scale + right._scale;
        if (left.IsSmall && right.IsSmall && scale <= MaxScale)
            return FromInt128((Int128)left._small * right._small, scale);
        if (!left.IsFinite || !right.IsFinite)
            return MultiplySpecial(left, right);
        var product = left.Unscaled * right.Unscaled;
        return scale > MaxScale ? Checked(RoundDivide(product, Power10(scale - MaxScale)), MaxScale) : Checked(product, scale);
    }

    public static SqlNumeric Divide(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return DivideSpecial(left, right);
        if (right.IsZero)
            throw DivisionByZero();
        var scale = DivisionScale(left, right);
        return Quotient(left, right, scale);
    }

    /// <summary>div(): the quotient truncated towards zero.</summary>
    public static SqlNumeric DivideTruncated(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return right.IsInfinity && left.IsFinite ? Zero : DivideSpecial(left, right);
        if (right.IsZero)
            throw DivisionByZero();
        var scale = Math.Max(left._scale, right._scale);
        return Checked(BigInteger.Divide(left.Unscaled * Power10(scale - left._scale), right.Unscaled * Power10(scale - right._scale)), 0);
    }

    /// <summary>The remainder has the dividend's sign.</summary>
    public static SqlNumeric Modulo(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN)
            return NaN;
        if (right.IsZero)
            throw DivisionByZero();
        if (left.IsInfinity)
            return NaN;
        if (right.IsInfinity)
            return left;
        var scale = Math.Max(left._scale, right._scale);
        if (left._large is null && right._large is null && scale == left._scale && scale == right._scale && right._small != -1)
            return FromScaled(left._small % right._small, scale);
        return new SqlNumeric(BigInteger.Remainder(left.Unscaled * Power10(scale - left._scale), right.Unscaled * Power10(scale - right._scale)), scale);
    }

    /// <summary>Rounds half away from zero to a scale that may be negative.</summary>
    public SqlNumeric Round(int scale)
    {
        if (!IsFinite || scale == _scale)
            return this;
        scale = Math.Clamp(scale, -MaxIntegerDigits, MaxScale);
        return RoundTo(scale);
    }

    public SqlNumeric Truncate(int scale)
    {
        if (!IsFinite)
            return this;
        scale = Math.Clamp(scale, -MaxIntegerDigits, MaxScale);
        if (scale >= _scale)
            return Widen(scale);
        var drop = _scale - scale;
        if (_large is null && drop <= 18)
        {
            var cut = _small / SmallPower(drop);
            return scale >= 0 ? FromScaled(cut, scale) : FromInt64(cut * SmallPower(-scale));
        }

        var quotient = drop > DigitCount() ? BigInteger.Zero : BigInteger.Divide(Unscaled, Power10(drop));
        return scale >= 0 ? new SqlNumeric(quotient, scale) : new SqlNumeric(quotient * Power10(-scale), 0);
    }

    public SqlNumeric Ceiling() => Truncate(0) is var whole && Sign > 0 && whole.CompareTo(this) != 0 ? Add(whole, One) : whole;

    public SqlNumeric Floor() => Truncate(0) is var whole && Sign < 0 && whole.CompareTo(this) != 0 ? Add(whole, FromInt64(-1)) : whole;

    /// <summary>The same value with the display scale of PostgreSQL's avg(): a division by a count.</summary>
    public static SqlNumeric Average(SqlNumeric sum, long count) => Divide(sum, FromInt64(count));

    /// <summary>Rounds to a declared precision and scale (which may be negative); 22003 with PostgreSQL's DETAIL when the integer part is too long.</summary>
    public SqlNumeric Constrain(int precision, int scale)
    {
        if (IsNaN)
            return this;
        if (IsInfinity)
        {
            throw new SqlException(SqlState.NumericValueOutOfRange, "numeric field overflow")
            {
                Detail = $"A field with precision {precision}, scale {scale} cannot hold an infinite value.",
            };
        }

        var rounded = RoundTo(scale);
        if (rounded.IsZero || rounded.DigitCount() - rounded._scale <= precision - scale)
            return rounded;
        throw new SqlException(SqlState.NumericValueOutOfRange, "numeric field overflow")
        {
            Detail = $"A field with precision {precision}, scale {scale} must round to an absolute value less than {(precision == scale ? "1" : $"10^{precision - scale}")}.",
        };
    }

    /// <summary>At least 16 significant digits, and no fewer behind the point than either operand has (select_div_scale).</summary>
    internal static int DivisionScale(SqlNumeric left, SqlNumeric right)
    {
        var (weight1, first1) = LeadingDigit(left);
        var (weight2, first2) = LeadingDigit(right);
        var weight = weight1 - weight2;
        if (first1 <= first2)
            weight--;
        var scale = Math.Max(MinSignificantDigits - (weight * 4), Math.Max(left._scale, right._scale));
        return Math.Clamp(scale, 0, MaxDisplayScale);
    }

    /// <summary>Position and value of the leading digit in base 10000, as numeric.c stores numbers.</summary>
    internal static (int Weight, int Digit) LeadingDigit(SqlNumeric value)
    {
        if (value.IsZero)
            return (0, 0);
        var digits = value.DigitCount();
        var exponent = digits - 1 - value._scale;
        var weight = exponent >> 2;
        var drop = digits - (exponent - (4 * weight) + 1);
        if (value._large is null)
        {
            var small = Int128.Abs((Int128)value._small);
            return (weight, (int)(drop >= 0 ? small / SmallPower(drop) : small * SmallPower(-drop)));
        }

        var magnitude = BigInteger.Abs(value.Unscaled);
        return (weight, (int)(drop >= 0 ? magnitude / Power10(drop) : magnitude * Power10(-drop)));
    }

    /// <summary>The quotient rounded to a scale.</summary>
    internal static SqlNumeric Quotient(SqlNumeric left, SqlNumeric right, int scale)
    {
        var shift = scale + right._scale - left._scale;
        if (left._large is null && right._large is null && shift is >= 0 and <= 36 && left.DigitCount() + shift <= 37)
        {
            var dividend = (UInt128)Int128.Abs((Int128)left._small) * SmallPower128(shift);
            var divisor = (UInt128)Int128.Abs((Int128)right._small);
            var (quotient, remainder) = UInt128.DivRem(dividend, divisor);
            if (remainder >= divisor - remainder)
                quotient++;
            return FromInt128((left._small < 0) != (right._small < 0) ? -(Int128)quotient : (Int128)quotient, scale);
        }

        return Checked(shift >= 0
            ? RoundDivide(left.Unscaled * Power10(shift), right.Unscaled)
            : RoundDivide(left.Unscaled, right.Unscaled * Power10(-shift)), scale);
    }

    internal static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

    private static UInt128 SmallPower128(int exponent) =>
        exponent <= 18 ? (UInt128)SmallPower(exponent) : (UInt128)SmallPower(18) * (UInt128)SmallPower(exponent - 18);

    /// <summary>Rounds without a bound on the scale.</summary>
    private SqlNumeric RoundTo(int scale)
    {
        if (scale >= _scale)
            return Widen(scale);
        var drop = _scale - scale;
        if (_large is null && drop <= 18)
        {
            var unit = SmallPower(drop);
            var (quotient, rest) = Math.DivRem(_small, unit);
            // |rest| >= unit / 2 without overflow
            if (Math.Abs(rest) >= unit - Math.Abs(rest))
                quotient += Math.Sign(_small);
            return scale >= 0 ? FromScaled(quotient, scale) : FromInt128((Int128)quotient * SmallPower(Math.Min(18, -scale)), 0).WidenWhole(-scale - 18);
        }

        if (drop > DigitCount())
            return FromScaled(0, Math.Max(0, scale));
        var rounded = RoundDivide(Unscaled, Power10(drop));
        return scale >= 0 ? Checked(rounded, scale) : Checked(rounded * Power10(-scale), 0);
    }

    private SqlNumeric WidenWhole(int zeros) => zeros <= 0 ? this : Checked(Unscaled * Power10(zeros), 0);

    /// <summary>The same value with a larger scale.</summary>
    private SqlNumeric Widen(int scale)
    {
        var add = scale - _scale;
        if (add == 0)
            return this;
        if (_large is null && add <= 18)
            return FromInt128((Int128)_small * SmallPower(add), scale);
        return new SqlNumeric(Unscaled * Power10(add), scale);
    }

    private static SqlNumeric Checked(BigInteger unscaled, int scale)
    {
        if (unscaled.GetBitLength() > 400_000 && DigitCount(unscaled) - scale > MaxIntegerDigits)
            throw Overflow();
        return new SqlNumeric(unscaled, scale);
    }

    private static SqlNumeric AddSpecial(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN || (left.IsInfinity && right.IsInfinity && left.Sign != right.Sign))
            return NaN;
        return left.IsInfinity ? left : right;
    }

    private static SqlNumeric MultiplySpecial(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN || left.IsZero || right.IsZero)
            return NaN;
        return left.Sign * right.Sign > 0 ? PositiveInfinity : NegativeInfinity;
    }

    private static SqlNumeric DivideSpecial(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN || (left.IsInfinity && right.IsInfinity))
            return NaN;
        if (right.IsInfinity)
            return Zero;
        if (right.IsZero)
            throw DivisionByZero();
        return left.Sign * right.Sign > 0 ? PositiveInfinity : NegativeInfinity;
    }
}
