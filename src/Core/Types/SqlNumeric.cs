using System.Globalization;
using System.Numerics;

namespace Chitin.Core.Types;

/// <summary>
/// An exact decimal: an integer times a power of ten, with a display scale (digits behind the point), or NaN or an infinity. Result scales follow PostgreSQL's numeric.c.
/// Bounds: 131072 digits before the point, 16383 behind it (22003 beyond).
/// </summary>
public sealed partial class SqlNumeric : IEquatable<SqlNumeric>, IComparable<SqlNumeric>
{
    public const int MaxScale = 16383;
    public const int MaxIntegerDigits = 131072;

    private const int MaxDisplayScale = 1000;
    private const int MinSignificantDigits = 16;

    private static readonly BigInteger[] s_powers = MakePowers();

    private readonly Kind _kind;

    private enum Kind : byte { Finite, NotANumber, PositiveInfinity, NegativeInfinity }

    private SqlNumeric(Kind kind) => _kind = kind;

    public SqlNumeric(BigInteger unscaled, int scale)
    {
        Unscaled = unscaled;
        Scale = scale;
    }

    public static SqlNumeric NaN { get; } = new(Kind.NotANumber);

    public static SqlNumeric PositiveInfinity { get; } = new(Kind.PositiveInfinity);

    public static SqlNumeric NegativeInfinity { get; } = new(Kind.NegativeInfinity);

    public static SqlNumeric Zero { get; } = new(BigInteger.Zero, 0);

    public static SqlNumeric One { get; } = new(BigInteger.One, 0);

    /// <summary>The value times 10^<see cref="Scale"/>.</summary>
    public BigInteger Unscaled { get; }

    public int Scale { get; }

    public bool IsFinite => _kind == Kind.Finite;

    public bool IsNaN => _kind == Kind.NotANumber;

    public bool IsInfinity => _kind is Kind.PositiveInfinity or Kind.NegativeInfinity;

    public bool IsZero => IsFinite && Unscaled.IsZero;

    /// <summary>-1, 0 or 1; NaN counts as positive.</summary>
    public int Sign => _kind switch
    {
        Kind.Finite => Unscaled.Sign,
        Kind.NegativeInfinity => -1,
        _ => 1,
    };

    public static SqlNumeric FromInt64(long value) => new(value, 0);

    /// <summary>float8 to numeric keeps 15 significant digits, float4 6.</summary>
    public static SqlNumeric FromDouble(double value, bool isSingle = false)
    {
        if (double.IsNaN(value))
            return NaN;
        if (double.IsInfinity(value))
            return value > 0 ? PositiveInfinity : NegativeInfinity;
        var parsed = Parse(value.ToString(isSingle ? "E5" : "E14", CultureInfo.InvariantCulture));
        return parsed.TrimScale();
    }

    public static SqlNumeric Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var value) ? value : throw TypeErrors.InvalidSyntax("numeric", text);

    public static bool TryParse(ReadOnlySpan<char> text, out SqlNumeric value)
    {
        value = Zero;
        var body = text.Trim(" \t\n\r\f\v");
        var negative = false;
        if (body.Length > 0 && body[0] is '+' or '-')
        {
            negative = body[0] == '-';
            body = body[1..];
        }

        if (body.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            value = NaN;
            return true;
        }

        if (body.Equals("infinity", StringComparison.OrdinalIgnoreCase) || body.Equals("inf", StringComparison.OrdinalIgnoreCase))
        {
            value = negative ? NegativeInfinity : PositiveInfinity;
            return true;
        }

        var exponent = 0;
        var e = body.IndexOfAny('e', 'E');
        if (e >= 0)
        {
            if (!int.TryParse(body[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
                return false;
            body = body[..e];
        }

        var point = body.IndexOf('.');
        var whole = point < 0 ? body : body[..point];
        var fraction = point < 0 ? [] : body[(point + 1)..];
        if (whole.Length + fraction.Length == 0 || whole.IndexOfAnyExceptInRange('0', '9') >= 0 || fraction.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        if (Math.Abs((long)exponent) > MaxIntegerDigits + MaxScale || whole.TrimStart('0').Length + (long)exponent > MaxIntegerDigits + 1)
            throw Overflow();
        var unscaled = ParseDigits(whole, fraction);
        var scale = fraction.Length - exponent;
        if (scale < 0)
        {
            unscaled *= Power10(-scale);
            scale = 0;
        }

        if (scale > MaxScale)
        {
            unscaled = RoundDivide(unscaled, Power10(scale - MaxScale));
            scale = MaxScale;
        }

        value = new SqlNumeric(negative ? -unscaled : unscaled, scale);
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

        var digits = BigInteger.Abs(Unscaled).ToString(CultureInfo.InvariantCulture);
        if (Scale > 0)
        {
            digits = digits.PadLeft(Scale + 1, '0');
            digits = string.Concat(digits.AsSpan(0, digits.Length - Scale), ".", digits.AsSpan(digits.Length - Scale));
        }

        return Unscaled.Sign < 0 ? "-" + digits : digits;
    }

    public double ToDouble() => _kind switch
    {
        Kind.NotANumber => double.NaN,
        Kind.PositiveInfinity => double.PositiveInfinity,
        Kind.NegativeInfinity => double.NegativeInfinity,
        _ => double.Parse(ToString(), CultureInfo.InvariantCulture),
    };

    /// <summary>Rounded half away from zero; 22003 when it does not fit.</summary>
    public long ToInt64(string typeName, long minimum = long.MinValue, long maximum = long.MaxValue)
    {
        if (!IsFinite)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot convert {(IsNaN ? "NaN" : "infinity")} to {typeName}");
        var rounded = Scale == 0 ? Unscaled : RoundDivide(Unscaled, Power10(Scale));
        return rounded >= minimum && rounded <= maximum ? (long)rounded : throw TypeErrors.OutOfRange(typeName);
    }

    public int CompareTo(SqlNumeric? other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!IsFinite || !other.IsFinite)
            return Rank(this).CompareTo(Rank(other));
        if (Scale == other.Scale)
            return Unscaled.CompareTo(other.Unscaled);
        if (Unscaled.Sign != other.Unscaled.Sign)
            return Unscaled.Sign.CompareTo(other.Unscaled.Sign);
        return Scale > other.Scale
            ? Unscaled.CompareTo(other.Unscaled * Power10(Scale - other.Scale))
            : (Unscaled * Power10(other.Scale - Scale)).CompareTo(other.Unscaled);
    }

    public bool Equals(SqlNumeric? other) => other is not null && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as SqlNumeric);

    public override int GetHashCode() => IsFinite ? Trimmed().Unscaled.GetHashCode() * 31 : (int)_kind;

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
    public SqlNumeric TrimScale() => IsFinite ? Trimmed() : this;

    internal static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value overflows numeric format");

    private SqlNumeric Trimmed()
    {
        if (Unscaled.IsZero)
            return Zero;
        var unscaled = Unscaled;
        var scale = Scale;
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

    private static BigInteger ParseDigits(ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction)
    {
        if (whole.Length + fraction.Length <= 18)
        {
            long small = 0;
            foreach (var digit in whole)
                small = (small * 10) + digit - '0';
            foreach (var digit in fraction)
                small = (small * 10) + digit - '0';
            return small;
        }

        return BigInteger.Parse(string.Concat(whole, fraction), CultureInfo.InvariantCulture);
    }

    private static BigInteger[] MakePowers()
    {
        var powers = new BigInteger[128];
        powers[0] = BigInteger.One;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
