using System.Numerics;

namespace Chitin.Core.Types;

/// <summary>Arithmetic with PostgreSQL's result scales (numeric.c).</summary>
public sealed partial class SqlNumeric
{
    public static SqlNumeric Add(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return AddSpecial(left, right);
        if (left.Scale == right.Scale)
            return Checked(left.Unscaled + right.Unscaled, left.Scale);
        return left.Scale > right.Scale
            ? Checked(left.Unscaled + (right.Unscaled * Power10(left.Scale - right.Scale)), left.Scale)
            : Checked((left.Unscaled * Power10(right.Scale - left.Scale)) + right.Unscaled, right.Scale);
    }

    public static SqlNumeric Subtract(SqlNumeric left, SqlNumeric right) => Add(left, Negate(right));

    public static SqlNumeric Negate(SqlNumeric value) => value._kind switch
    {
        Kind.Finite => new SqlNumeric(-value.Unscaled, value.Scale),
        Kind.PositiveInfinity => NegativeInfinity,
        Kind.NegativeInfinity => PositiveInfinity,
        _ => NaN,
    };

    public static SqlNumeric Abs(SqlNumeric value) => value.Sign < 0 ? Negate(value) : value;

    public static SqlNumeric Multiply(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return MultiplySpecial(left, right);
        var product = left.Unscaled * right.Unscaled;
        var scale = left.Scale + right.Scale;
        if (scale > MaxScale)
            return Checked(RoundDivide(product, Power10(scale - MaxScale)), MaxScale);
        return Checked(product, scale);
    }

    public static SqlNumeric Divide(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return DivideSpecial(left, right);
        if (right.IsZero)
            throw DivisionByZero();
        var scale = DivisionScale(left, right);
        return Checked(Quotient(left, right, scale), scale);
    }

    /// <summary>div(): the quotient truncated towards zero.</summary>
    public static SqlNumeric DivideTruncated(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return right.IsInfinity && left.IsFinite ? Zero : DivideSpecial(left, right);
        if (right.IsZero)
            throw DivisionByZero();
        var scale = Math.Max(left.Scale, right.Scale);
        return Checked(BigInteger.Divide(left.Unscaled * Power10(scale - left.Scale), right.Unscaled * Power10(scale - right.Scale)), 0);
    }

    /// <summary>The remainder has the dividend's sign.</summary>
    public static SqlNumeric Modulo(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN || left.IsInfinity)
            return right.IsZero ? throw DivisionByZero() : NaN;
        if (right.IsInfinity)
            return left;
        if (right.IsZero)
            throw DivisionByZero();
        var scale = Math.Max(left.Scale, right.Scale);
        return new SqlNumeric(BigInteger.Remainder(left.Unscaled * Power10(scale - left.Scale), right.Unscaled * Power10(scale - right.Scale)), scale);
    }

    /// <summary>Rounds half away from zero to a scale that may be negative.</summary>
    public SqlNumeric Round(int scale)
    {
        if (!IsFinite)
            return this;
        scale = Math.Clamp(scale, -MaxIntegerDigits, MaxScale);
        if (scale >= Scale)
            return new SqlNumeric(Unscaled * Power10(scale - Scale), scale);
        var rounded = RoundDivide(Unscaled, Power10(Scale - scale));
        return scale >= 0 ? Checked(rounded, scale) : Checked(rounded * Power10(-scale), 0);
    }

    public SqlNumeric Truncate(int scale)
    {
        if (!IsFinite)
            return this;
        scale = Math.Clamp(scale, -MaxIntegerDigits, MaxScale);
        if (scale >= Scale)
            return new SqlNumeric(Unscaled * Power10(scale - Scale), scale);
        var cut = BigInteger.Divide(Unscaled, Power10(Scale - scale));
        return scale >= 0 ? new SqlNumeric(cut, scale) : new SqlNumeric(cut * Power10(-scale), 0);
    }

    public SqlNumeric Ceiling()
    {
        if (!IsFinite || Scale == 0)
            return this;
        var quotient = BigInteger.DivRem(Unscaled, Power10(Scale), out var rest);
        return new SqlNumeric(rest.Sign > 0 ? quotient + 1 : quotient, 0);
    }

    public SqlNumeric Floor()
    {
        if (!IsFinite || Scale == 0)
            return this;
        var quotient = BigInteger.DivRem(Unscaled, Power10(Scale), out var rest);
        return new SqlNumeric(rest.Sign < 0 ? quotient - 1 : quotient, 0);
    }

    /// <summary>The same value with the display scale of PostgreSQL's avg(): a division by a count.</summary>
    public static SqlNumeric Average(SqlNumeric sum, long count) => Divide(sum, FromInt64(count));

    /// <summary>Rounds to a declared precision and scale; 22003 with PostgreSQL's DETAIL when the integer part is too long.</summary>
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

        var rounded = Round(scale);
        var digits = DigitCount(rounded.Unscaled) - (scale >= 0 ? scale : 0);
        if (rounded.Unscaled.IsZero || digits <= precision - scale)
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
        var scale = Math.Max(MinSignificantDigits - (weight * 4), Math.Max(left.Scale, right.Scale));
        return Math.Clamp(scale, 0, MaxDisplayScale);
    }

    /// <summary>Position and value of the leading digit in base 10000, as numeric.c stores numbers.</summary>
    internal static (int Weight, int Digit) LeadingDigit(SqlNumeric value)
    {
        if (value.Unscaled.IsZero)
            return (0, 0);
        var digits = DigitCount(value.Unscaled);
        var exponent = digits - 1 - value.Scale;
        var weight = (int)Math.Floor(exponent / 4.0);
        var wanted = exponent - (4 * weight) + 1;
        var magnitude = BigInteger.Abs(value.Unscaled);
        var leading = digits >= wanted ? magnitude / Power10(digits - wanted) : magnitude * Power10(wanted - digits);
        return (weight, (int)leading);
    }

    internal static BigInteger Quotient(SqlNumeric left, SqlNumeric right, int scale)
    {
        var shift = scale + right.Scale - left.Scale;
        return shift >= 0
            ? RoundDivide(left.Unscaled * Power10(shift), right.Unscaled)
            : RoundDivide(left.Unscaled, right.Unscaled * Power10(-shift));
    }

    internal static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

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
