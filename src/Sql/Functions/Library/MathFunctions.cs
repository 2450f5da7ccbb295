using System.Runtime.CompilerServices;
using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

/// <summary>Functions of float8 (manual 9.3): an infinite result of finite arguments is an overflow, not a value.</summary>
static class MathFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Operator("float8 ^ float8 float8", static (l, r, _) => Power(l.AsDouble(), r.AsDouble()));
        b.Binary("power|pow(float8, float8) float8", static (l, r, _) => Power(l.AsDouble(), r.AsDouble()));
        b.Prefix("|/ float8 float8", static (v, _) => Sqrt(v.AsDouble()));
        b.Prefix("||/ float8 float8", static (v, _) => Datum.FromDouble(Math.Cbrt(v.AsDouble())));
        b.Unary("sqrt(float8) float8", static (v, _) => Sqrt(v.AsDouble()));
        b.Unary("cbrt(float8) float8", static (v, _) => Datum.FromDouble(Math.Cbrt(v.AsDouble())));
        b.Unary("exp(float8) float8", static (v, _) => Exp(v.AsDouble()));
        b.Unary("ln(float8) float8", static (v, _) => Datum.FromDouble(Math.Log(CheckLogarithm(v.AsDouble()))));
        b.Unary("log|log10(float8) float8", static (v, _) => Datum.FromDouble(Math.Log10(CheckLogarithm(v.AsDouble()))));
        b.Unary("ceil|ceiling(float8) float8", static (v, _) => Datum.FromDouble(Math.Ceiling(v.AsDouble())));
        b.Unary("floor(float8) float8", static (v, _) => Datum.FromDouble(Math.Floor(v.AsDouble())));
        b.Unary("round(float8) float8", static (v, _) => Datum.FromDouble(Math.Round(v.AsDouble(), MidpointRounding.ToEven)));
        b.Unary("trunc(float8) float8", static (v, _) => Datum.FromDouble(Math.Truncate(v.AsDouble())));
        b.Unary("sign(float8) float8", static (v, _) => Datum.FromDouble(double.IsNaN(v.AsDouble()) ? double.NaN : Math.Sign(v.AsDouble())));
        b.Scalar("pi() float8", static (_, _) => Datum.FromDouble(Math.PI));
        b.Unary("degrees(float8) float8", static (v, _) => Finite(v.AsDouble() / (Math.PI / 180), v.AsDouble()));
        b.Unary("radians(float8) float8", static (v, _) => Datum.FromDouble(v.AsDouble() * (Math.PI / 180)));
        RegisterTrigonometry(b);
        RegisterRandom(b);
        b.Scalar("width_bucket(float8, float8, float8, int4) int4", static (a, _) => WidthBucket(a[0].AsDouble(), a[1].AsDouble(), a[2].AsDouble(), a[3].AsInt32()));
        b.Typed("width_bucket(anycompatible, anycompatiblearray) int4", static call => (a, _) => Datum.FromInt64(WidthBucket(call.ArgumentTypes[0], a[0], ArrayAccess.A(a[1]))));
    }

    static void RegisterTrigonometry(RegistryBuilder b)
    {
        b.Unary("sin(float8) float8", static (v, _) => Datum.FromDouble(Math.Sin(NotInfinite(v.AsDouble()))));
        b.Unary("cos(float8) float8", static (v, _) => Datum.FromDouble(Math.Cos(NotInfinite(v.AsDouble()))));
        b.Unary("tan(float8) float8", static (v, _) => Datum.FromDouble(Math.Tan(NotInfinite(v.AsDouble()))));
        b.Unary("cot(float8) float8", static (v, _) => Datum.FromDouble(1 / Math.Tan(NotInfinite(v.AsDouble()))));
        b.Unary("asin(float8) float8", static (v, _) => Datum.FromDouble(Math.Asin(InUnit(v.AsDouble()))));
        b.Unary("acos(float8) float8", static (v, _) => Datum.FromDouble(Math.Acos(InUnit(v.AsDouble()))));
        b.Unary("atan(float8) float8", static (v, _) => Datum.FromDouble(Math.Atan(v.AsDouble())));
        b.Binary("atan2(float8, float8) float8", static (y, x, _) => Datum.FromDouble(Math.Atan2(y.AsDouble(), x.AsDouble())));
        b.Unary("sinh(float8) float8", static (v, _) => Datum.FromDouble(Math.Sinh(v.AsDouble())));
        b.Unary("cosh(float8) float8", static (v, _) => Datum.FromDouble(Math.Cosh(v.AsDouble())));
        b.Unary("tanh(float8) float8", static (v, _) => Datum.FromDouble(Math.Tanh(v.AsDouble())));
        b.Unary("asinh(float8) float8", static (v, _) => Datum.FromDouble(Math.Asinh(v.AsDouble())));
        b.Unary("acosh(float8) float8", static (v, _) => Datum.FromDouble(v.AsDouble() < 1 ? throw FunctionErrors.InputOutOfRange() : Math.Acosh(v.AsDouble())));
        b.Unary("atanh(float8) float8", static (v, _) => Datum.FromDouble(Math.Atanh(InUnit(v.AsDouble()))));
        b.Unary("sind(float8) float8", static (v, _) => Datum.FromDouble(DegreeFunctions.Sin(NotInfinite(v.AsDouble()))));
        b.Unary("cosd(float8) float8", static (v, _) => Datum.FromDouble(DegreeFunctions.Cos(NotInfinite(v.AsDouble()))));
        b.Unary("tand(float8) float8", static (v, _) => Datum.FromDouble(DegreeFunctions.Tan(NotInfinite(v.AsDouble()))));
        b.Unary("cotd(float8) float8", static (v, _) => Datum.FromDouble(DegreeFunctions.Cot(NotInfinite(v.AsDouble()))));
        b.Unary("asind(float8) float8", static (v, _) => Datum.FromDouble(DegreeFunctions.Asin(InUnit(v.AsDouble()))));
        b.Unary("acosd(float8) float8", static (v, _) => Datum.FromDouble(DegreeFunctions.Acos(InUnit(v.AsDouble()))));
        b.Unary("atand(float8) float8", static (v, _) => Datum.FromDouble(DegreeFunctions.Atan(v.AsDouble())));
        b.Binary("atan2d(float8, float8) float8", static (y, x, _) => Datum.FromDouble(DegreeFunctions.Atan2(y.AsDouble(), x.AsDouble())));
    }

    static void RegisterRandom(RegistryBuilder b)
    {
#pragma warning disable CA5394 // random() is documented as not cryptographic
        b.Scalar("random() float8 volatile", static (_, c) =>
            Datum.FromDouble(c.Session is { } session && s_seeded.TryGetValue(session, out var seeded) ? seeded.NextDouble() : Random.Shared.NextDouble()));
        b.Unary("setseed(float8) void volatile", static (v, c) =>
        {
            var seed = v.AsDouble();
            if (!(seed is >= -1 and <= 1))
                throw FunctionErrors.Invalid(FormattableString.Invariant($"setseed parameter {seed} is out of allowed range [-1,1]"));
            s_seeded.AddOrUpdate(c.Session ?? throw FunctionErrors.NoSession(), new Random(seed.GetHashCode()));
            return Datum.FromString("");
        });
#pragma warning restore CA5394
    }

    /// <summary>Sessions that called setseed; the entry goes with the session.</summary>
    static readonly ConditionalWeakTable<ISessionServices, Random> s_seeded = [];

    static Datum Finite(double result, double argument) =>
        double.IsInfinity(result) && !double.IsInfinity(argument) ? throw FunctionErrors.FloatOverflow() : Datum.FromDouble(result);

    static double NotInfinite(double value) => double.IsInfinity(value) ? throw FunctionErrors.InputOutOfRange() : value;

    static double InUnit(double value) => value is < -1 or > 1 ? throw FunctionErrors.InputOutOfRange() : value;

    static Datum Sqrt(double value) =>
        value < 0 ? throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number") : Datum.FromDouble(Math.Sqrt(value));

    static Datum Exp(double value)
    {
        var result = Math.Exp(value);
        if (result == 0 && !double.IsInfinity(value))
            throw FunctionErrors.FloatUnderflow();
        return Finite(result, value);
    }

    static double CheckLogarithm(double value) => value switch
    {
        0 => throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero"),
        < 0 => throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number"),
        _ => value,
    };

    static Datum Power(double @base, double exponent)
    {
        if (double.IsNaN(@base))
            return Datum.FromDouble(exponent == 0 ? 1 : double.NaN);
        if (double.IsNaN(exponent))
            return Datum.FromDouble(@base == 1 ? 1 : double.NaN);
        if (@base == 0 && exponent < 0)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        if (@base < 0 && Math.Floor(exponent) != exponent)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        var result = Math.Pow(@base, exponent);
        if (double.IsInfinity(@base) || double.IsInfinity(exponent))
            return Datum.FromDouble(result);
        if (double.IsInfinity(result))
            throw FunctionErrors.FloatOverflow();
        return result == 0 && @base != 0 ? throw FunctionErrors.FloatUnderflow() : Datum.FromDouble(result);
    }

    static Datum WidthBucket(double value, double low, double high, int count)
    {
        if (count <= 0)
            throw NumericOperators.WidthBucketError("count must be greater than zero");
        if (double.IsNaN(value) || double.IsNaN(low) || double.IsNaN(high))
            throw NumericOperators.WidthBucketError("operand, lower bound, and upper bound cannot be NaN");
        if (double.IsInfinity(low) || double.IsInfinity(high))
            throw NumericOperators.WidthBucketError("lower and upper bounds must be finite");
        if (low == high)
            throw NumericOperators.WidthBucketError("lower bound cannot equal upper bound");
        var (position, span) = low < high ? (value - low, high - low) : (low - value, low - high);
        if (position < 0)
            return Datum.FromInt64(0);
        // The quotient may round up to 1 for a value just below the upper bound.
        return position >= span ? IntegerOperators.Narrow4(count + 1L) : IntegerOperators.Narrow4(Math.Min((long)(count * (position / span)), count - 1L) + 1);
    }

    static int WidthBucket(Core.Types.SqlType type, Datum value, Core.Types.SqlArray thresholds)
    {
        if (thresholds.Dimensions > 1)
            throw new SqlException(SqlState.ArraySubscriptError, "thresholds must be one-dimensional array");
        if (thresholds.Elements.Any(e => e.IsNull))
            throw FunctionErrors.NullNotAllowed("thresholds array must not contain NULLs");
        var (low, high) = (0, thresholds.Elements.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (type.Compare(value, thresholds.Elements[middle]) < 0)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
