using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Arithmetic and functions of numeric (manual 9.3); scales are SqlNumeric's business.</summary>
static class NumericOperators
{
    internal static void Register(RegistryBuilder b)
    {
        b.Operator("numeric + numeric numeric", static (l, r, _) => Of(SqlNumeric.Add(N(l), N(r))));
        b.Operator("numeric - numeric numeric", static (l, r, _) => Of(SqlNumeric.Subtract(N(l), N(r))));
        b.Operator("numeric * numeric numeric", static (l, r, _) => Of(SqlNumeric.Multiply(N(l), N(r))));
        b.Operator("numeric / numeric numeric", static (l, r, _) => Of(SqlNumeric.Divide(N(l), N(r))));
        b.Operator("numeric % numeric numeric", static (l, r, _) => Of(SqlNumeric.Modulo(N(l), N(r))));
        b.Operator("numeric ^ numeric numeric", static (l, r, _) => Of(SqlNumeric.Power(N(l), N(r))));
        b.Prefix("- numeric numeric", static (v, _) => Of(SqlNumeric.Negate(N(v))));
        b.Prefix("+ numeric numeric", static (v, _) => v);
        b.Prefix("@ numeric numeric", static (v, _) => Of(SqlNumeric.Abs(N(v))));
        b.Unary("abs(numeric) numeric", static (v, _) => Of(SqlNumeric.Abs(N(v))));
        b.Unary("ceil|ceiling(numeric) numeric", static (v, _) => Of(N(v).Ceiling()));
        b.Unary("floor(numeric) numeric", static (v, _) => Of(N(v).Floor()));
        b.Unary("round(numeric) numeric", static (v, _) => Of(N(v).Round(0)));
        b.Unary("trunc(numeric) numeric", static (v, _) => Of(N(v).Truncate(0)));
        b.Binary("round(numeric, int4) numeric", static (v, n, _) => Of(N(v).Round(n.AsInt32())));
        b.Binary("trunc(numeric, int4) numeric", static (v, n, _) => Of(N(v).Truncate(n.AsInt32())));
        b.Unary("sign(numeric) numeric", static (v, _) => Of(N(v).IsNaN ? SqlNumeric.NaN : SqlNumeric.FromInt64(N(v).Sign)));
        b.Unary("sqrt(numeric) numeric", static (v, _) => Of(SqlNumeric.Sqrt(N(v))));
        b.Unary("exp(numeric) numeric", static (v, _) => Of(SqlNumeric.Exp(N(v))));
        b.Unary("ln(numeric) numeric", static (v, _) => Of(SqlNumeric.Ln(N(v))));
        b.Unary("log|log10(numeric) numeric", static (v, _) => Of(SqlNumeric.Log(s_ten, N(v))));
        b.Binary("log(numeric, numeric) numeric", static (@base, v, _) => Of(SqlNumeric.Log(N(@base), N(v))));
        b.Binary("power|pow(numeric, numeric) numeric", static (l, r, _) => Of(SqlNumeric.Power(N(l), N(r))));
        b.Binary("div(numeric, numeric) numeric", static (l, r, _) => Of(SqlNumeric.DivideTruncated(N(l), N(r))));
        b.Binary("mod(numeric, numeric) numeric", static (l, r, _) => Of(SqlNumeric.Modulo(N(l), N(r))));
        b.Unary("scale(numeric) int4", static (v, _) => N(v).IsFinite ? Datum.FromInt64(N(v).Scale) : Datum.Null);
        b.Unary("min_scale(numeric) int4", static (v, _) => N(v).IsFinite ? Datum.FromInt64(N(v).TrimScale().Scale) : Datum.Null);
        b.Unary("trim_scale(numeric) numeric", static (v, _) => Of(N(v).TrimScale()));
        b.Binary("gcd(numeric, numeric) numeric", static (l, r, _) => Of(Gcd(N(l), N(r))));
        b.Binary("lcm(numeric, numeric) numeric", static (l, r, _) => Of(Lcm(N(l), N(r))));
        b.Unary("factorial(int8) numeric", static (n, c) => Of(Factorial(n.AsInt64(), c)));
        b.Scalar("width_bucket(numeric, numeric, numeric, int4) int4", static (a, _) => WidthBucket(N(a[0]), N(a[1]), N(a[2]), a[3].AsInt32()));
    }

    static readonly SqlNumeric s_ten = SqlNumeric.FromInt64(10);

    internal static SqlNumeric N(Datum value) => value.As<SqlNumeric>();

    internal static Datum Of(SqlNumeric value) => Datum.FromObject(value);

    static SqlNumeric Gcd(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return SqlNumeric.NaN;
        var scale = Math.Max(left.Scale, right.Scale);
        return new SqlNumeric(System.Numerics.BigInteger.GreatestCommonDivisor(left.Round(scale).Unscaled, right.Round(scale).Unscaled), scale);
    }

    static SqlNumeric Lcm(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return SqlNumeric.NaN;
        var scale = Math.Max(left.Scale, right.Scale);
        if (left.IsZero || right.IsZero)
            return SqlNumeric.Zero.Round(scale);
        var (l, r) = (left.Round(scale).Unscaled, right.Round(scale).Unscaled);
        return new SqlNumeric(System.Numerics.BigInteger.Abs(l / System.Numerics.BigInteger.GreatestCommonDivisor(l, r) * r), scale);
    }

    static SqlNumeric Factorial(long n, EvaluationContext context)
    {
        if (n < 0)
            throw new SqlException(SqlState.NumericValueOutOfRange, "factorial of a negative number is undefined");
        // numeric_fac's own bound: 32178! is past 10^131072.
        if (n > 32177)
            throw new SqlException(SqlState.NumericValueOutOfRange, "value overflows numeric format");
        var product = System.Numerics.BigInteger.One;
        for (long i = 2; i <= n; i++)
        {
            if ((i & 0xFF) == 0)
                context.CheckInterrupts();
            product *= i;
        }

        return new SqlNumeric(product, 0);
    }

    static Datum WidthBucket(SqlNumeric value, SqlNumeric low, SqlNumeric high, int count)
    {
        if (count <= 0)
            throw WidthBucketError("count must be greater than zero");
        if (value.IsNaN || low.IsNaN || high.IsNaN)
            throw WidthBucketError("operand, lower bound, and upper bound cannot be NaN");
        if (low.IsInfinity || high.IsInfinity)
            throw WidthBucketError("lower and upper bounds must be finite");
        var order = low.CompareTo(high);
        if (order == 0)
            throw WidthBucketError("lower bound cannot equal upper bound");
        // Descending bounds mirror the axis.
        if (order > 0)
            (value, low, high) = (SqlNumeric.Negate(value), SqlNumeric.Negate(low), SqlNumeric.Negate(high));
        if (value.CompareTo(low) < 0)
            return Datum.FromInt64(0);
        if (value.CompareTo(high) >= 0)
            return IntegerOperators.Narrow4(count + 1L);
        var share = SqlNumeric.DivideTruncated(SqlNumeric.Multiply(SqlNumeric.Subtract(value, low), SqlNumeric.FromInt64(count)), SqlNumeric.Subtract(high, low));
        return IntegerOperators.Narrow4(share.ToInt64("integer") + 1);
    }

    internal static SqlException WidthBucketError(string message) => new(SqlState.InvalidArgumentForWidthBucket, message);
}
