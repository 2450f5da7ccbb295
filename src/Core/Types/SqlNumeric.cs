using System.Numerics;

namespace Chitin.Core.Types;

/// <summary>
/// An exact decimal: an integer times a power of ten, with a display scale (digits behind the point), or NaN or an infinity. Result scales follow PostgreSQL's numeric.c.
/// Bounds: 131072 digits before the point, 16383 behind it (22003 beyond).
/// </summary>
/// <remarks>The integer is a <see cref="long"/> as long as it fits (the fast paths), else a <see cref="BigInteger"/>; never both, so the form tells the size.</remarks>
public sealed partial class SqlNumeric : IEquatable<SqlNumeric>, IComparable<SqlNumeric>
{
    public const int MaxScale = 16383;
    public const int MaxIntegerDigits = 131072;

    private const int MaxDisplayScale = 1000;
    private const int MinSignificantDigits = 16;

    /// <summary>Results of exp and power are bounded by this many digits, give or take.</summary>
    private const int MaxResultScale = 2000;

    private static readonly BigInteger[] s_powers = MakePowers();
    private static readonly SqlNumeric[] s_small = [.. Enumerable.Range(-1, 258).Select(i => new SqlNumeric((long)i, 0))];

    private readonly long _small;
    private readonly object? _large;
    private readonly short _scale;
    private readonly Kind _kind;

    private enum Kind : byte { Finite, NotANumber, PositiveInfinity, NegativeInfinity }

    private SqlNumeric(Kind kind) => _kind = kind;

    private SqlNumeric(long unscaled, int scale)
    {
        _small = unscaled;
        _scale = (short)scale;
    }

    public SqlNumeric(BigInteger unscaled, int scale)
    {
        if (unscaled >= long.MinValue && unscaled <= long.MaxValue)
            _small = (long)unscaled;
        else
            _large = unscaled;
        _scale = (short)scale;
    }

    public static SqlNumeric NaN { get; } = new(Kind.NotANumber);

    public static SqlNumeric PositiveInfinity { get; } = new(Kind.PositiveInfinity);

    public static SqlNumeric NegativeInfinity { get; } = new(Kind.NegativeInfinity);

    public static SqlNumeric Zero => s_small[1];

    public static SqlNumeric One => s_small[2];

    /// <summary>The value times 10^<see cref="Scale"/>.</summary>
    public BigInteger Unscaled => _large is null ? _small : (BigInteger)_large;

    /// <summary>The unscaled value of a finite number when it fits 64 bits, without making a BigInteger.</summary>
    public bool TryGetSmall(out long unscaled)
    {
        unscaled = _small;
        return _kind == Kind.Finite && _large is null;
    }

    public int Scale => _scale;

    public bool IsFinite => _kind == Kind.Finite;

    public bool IsNaN => _kind == Kind.NotANumber;

    public bool IsInfinity => _kind is Kind.PositiveInfinity or Kind.NegativeInfinity;

    public bool IsZero => _kind == Kind.Finite && _large is null && _small == 0;

    /// <summary>Whether the value has no fraction other than zeros.</summary>
    public bool IsIntegral => IsFinite && (_scale == 0 || Trimmed()._scale == 0);

    /// <summary>-1, 0 or 1; NaN counts as positive.</summary>
    public int Sign => _kind switch
    {
        Kind.Finite => _large is null ? Math.Sign(_small) : ((BigInteger)_large).Sign,
        Kind.NegativeInfinity => -1,
        _ => 1,
    };

    private bool IsSmall => _large is null && _kind == Kind.Finite;

    public static SqlNumeric FromInt64(long value) => value is >= -1 and <= 256 ? s_small[value + 1] : new SqlNumeric(value, 0);

    /// <summary>A whole number times 10^-scale.</summary>
    public static SqlNumeric FromScaled(long unscaled, int scale) => scale == 0 ? FromInt64(unscaled) : new SqlNumeric(unscaled, scale);

    public static SqlNumeric FromInt128(Int128 unscaled, int scale) =>
        unscaled >= long.MinValue && unscaled <= long.MaxValue ? new SqlNumeric((long)unscaled, scale) : new SqlNumeric((BigInteger)unscaled, scale);

    /// <summary>float8 to numeric keeps 15 significant digits, float4 6.</summary>
    public static SqlNumeric FromDouble(double value, bool isSingle = false)
    {
        if (double.IsNaN(value))
            return NaN;
        if (double.IsInfinity(value))
            return value > 0 ? PositiveInfinity : NegativeInfinity;
        if (value == Math.Truncate(value) && Math.Abs(value) < (isSingle ? 1e6 : 1e15))
            return FromInt64((long)value);
        Span<char> text = stackalloc char[32];
        value.TryFormat(text, out var length, isSingle ? "E5" : "E14", System.Globalization.CultureInfo.InvariantCulture);
        return Parse(text[..length]).TrimScale();
    }

    /// <summary>The nearest double; 22003 when the value is beyond its range.</summary>
    public double ToDouble()
    {
        var value = ToDoubleUnchecked();
        if (IsFinite && (double.IsInfinity(value) || (value == 0 && !IsZero)))
            throw TypeErrors.ValueOutOfRangeFloat(ToString(), SqlTypes.Float8);
        return value;
    }

    /// <summary>The nearest double; an infinity or zero beyond its range.</summary>
    public double ToDoubleUnchecked()
    {
        switch (_kind)
        {
            case Kind.NotANumber:
                return double.NaN;
            case Kind.PositiveInfinity:
                return double.PositiveInfinity;
            case Kind.NegativeInfinity:
                return double.NegativeInfinity;
        }

        // Both operands are exact in a double, so one division rounds once.
        if (_large is null && _small is >= -(1L << 53) and <= 1L << 53 && _scale <= 22)
            return _small / Math.Pow(10, _scale);
        return double.Parse(ToString(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Rounded half away from zero; 22003 when it does not fit, 0A000 for NaN and the infinities.</summary>
    public long ToInt64(string typeName, long minimum = long.MinValue, long maximum = long.MaxValue)
    {
        if (!IsFinite)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot convert {(IsNaN ? "NaN" : "infinity")} to {typeName}");
        var whole = _scale == 0 ? this : Round(0);
        return whole._large is null && whole._small >= minimum && whole._small <= maximum ? whole._small : throw TypeErrors.OutOfRange(typeName);
    }

    public int CompareTo(SqlNumeric? other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!IsFinite || !other.IsFinite)
            return Rank(this).CompareTo(Rank(other));
        if (_scale == other._scale)
            return _large is null && other._large is null ? _small.CompareTo(other._small) : Unscaled.CompareTo(other.Unscaled);
        var sign = Sign;
        if (sign != other.Sign)
            return sign.CompareTo(other.Sign);
        return _scale > other._scale ? -CompareScaled(other, this) : CompareScaled(this, other);
    }

    public bool Equals(SqlNumeric? other) => other is not null && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as SqlNumeric);

    public override int GetHashCode()
    {
        if (!IsFinite)
            return (int)_kind;
        var value = _scale == 0 ? this : Trimmed();
        return HashCode.Combine(value._large is null ? value._small.GetHashCode() : value._large.GetHashCode(), value._scale);
    }

    /// <summary>10^n.</summary>
    public static BigInteger Power10(int exponent) => exponent < s_powers.Length ? s_powers[exponent] : BigInteger.Pow(10, exponent);

    /// <summary>Division rounded half away from zero.</summary>
    public static BigInteger RoundDivide(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        if (BigInteger.Abs(remainder) * 2 >= BigInteger.Abs(divisor))
            quotient += dividend.Sign * divisor.Sign;
        return quotient;
    }

    /// <summary>The number of decimal digits of an integer's magnitude; 0 for 0.</summary>
    internal static int DigitCount(BigInteger value)
    {
        if (value.IsZero)
            return 0;
        var magnitude = BigInteger.Abs(value);
        var estimate = (int)((magnitude.GetBitLength() - 1) * 0.30102999566398120);
        return magnitude >= Power10(estimate + 1) ? estimate + 2 : magnitude >= Power10(estimate) ? estimate + 1 : estimate;
    }

    /// <summary>Without trailing zeros behind the point.</summary>
    public SqlNumeric TrimScale() => IsFinite && _scale > 0 ? Trimmed() : this;

    internal static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value overflows numeric format");

    /// <summary>10^n as a long, n up to 18.</summary>
    private static long SmallPower(int exponent) => SmallPowers[exponent];

    private static ReadOnlySpan<long> SmallPowers =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    private static int SmallDigitCount(long value)
    {
        var magnitude = value < 0 ? 0UL - (ulong)value : (ulong)value;
        var digits = 0;
        while (digits < 19 && magnitude >= (ulong)SmallPowers[digits])
            digits++;
        return digits;
    }

    private int DigitCount() => _large is null ? SmallDigitCount(_small) : DigitCount((BigInteger)_large);

    /// <summary>Compares a value with one of a larger scale and the same sign.</summary>
    private static int CompareScaled(SqlNumeric shorter, SqlNumeric longer)
    {
        var difference = longer._scale - shorter._scale;
        if (shorter._large is null && longer._large is null && difference <= 18)
            return ((Int128)shorter._small * SmallPower(difference)).CompareTo(longer._small);
        return (shorter.Unscaled * Power10(difference)).CompareTo(longer.Unscaled);
    }

    private SqlNumeric Trimmed()
    {
        if (IsZero)
            return Zero;
        int scale = _scale;
        if (_large is null)
        {
            var small = _small;
            while (scale > 0 && small % 10 == 0)
            {
                small /= 10;
                scale--;
            }

            return scale == _scale ? this : FromScaled(small, scale);
        }

        var unscaled = (BigInteger)_large;
        while (scale >= 8 && BigInteger.DivRem(unscaled, s_powers[8], out var rest) is var quotient && rest.IsZero)
        {
            unscaled = quotient;
            scale -= 8;
        }

        while (scale > 0 && BigInteger.DivRem(unscaled, 10, out var rest) is var quotient && rest.IsZero)
        {
            unscaled = quotient;
            scale--;
        }

        return new SqlNumeric(unscaled, scale);
    }

    private static int Rank(SqlNumeric value) => value._kind switch
    {
        Kind.NegativeInfinity => -1,
        Kind.PositiveInfinity => 1,
        Kind.NotANumber => 2,
        _ => 0,
    };

    private static BigInteger[] MakePowers()
    {
        var powers = new BigInteger[128];
        powers[0] = BigInteger.One;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
