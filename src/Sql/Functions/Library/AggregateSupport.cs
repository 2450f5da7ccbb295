using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.ArrayAccess;

namespace Chitin.Sql.Functions.Library;

/// <summary>
/// Transition and combining functions of PostgreSQL's aggregates that can be called by themselves. Sums of squares are kept as Youngs and Cramer do (float.c): {N, Sx, Sxx}, and for two
/// variables {N, Sx, Sxx, Sy, Syy, Sxy}.
/// </summary>
static class AggregateSupport
{
    internal static void Register(RegistryBuilder b)
    {
        b.Binary("float8_accum(float8[], float8) float8[]", static (s, x, _) => Accumulate(State(s, 3, "float8_accum"), x.AsDouble()));
        b.Binary("float8_combine(float8[], float8[]) float8[]", static (l, r, _) => Combine(State(l, 3, "float8_combine"), State(r, 3, "float8_combine")));
        b.Scalar("float8_regr_accum(float8[], float8, float8) float8[]", static (a, _) => AccumulatePair(State(a[0], 6, "float8_regr_accum"), a[1].AsDouble(), a[2].AsDouble()));
        b.Binary("float8_regr_combine(float8[], float8[]) float8[]", static (l, r, _) => CombinePairs(State(l, 6, "float8_regr_combine"), State(r, 6, "float8_regr_combine")));
        b.Scalar("booland_statefunc(bool, bool) bool", static (a, _) => Datum.FromBool(a[0].AsBool() && a[1].AsBool()));
        b.Scalar("boolor_statefunc(bool, bool) bool", static (a, _) => Datum.FromBool(a[0].AsBool() || a[1].AsBool()));
        b.Unary("int8inc(int8) int8", static (v, _) => Datum.FromInt64(v.AsInt64() == long.MaxValue ? throw FunctionErrors.OutOfRange("bigint") : v.AsInt64() + 1));
        b.Unary("numeric_inc(numeric) numeric", static (v, _) => Datum.FromObject(SqlNumeric.Add(v.As<SqlNumeric>(), SqlNumeric.One)));
    }

    private static double[] State(Datum value, int length, string function)
    {
        var array = A(value);
        if (array.Dimensions != 1 || array.Lengths[0] != length || Array.Exists(array.Elements, e => e.IsNull))
            throw new SqlException(SqlState.InternalError, $"{function}: expected {length}-element float8 array");
        return [.. array.Elements.Select(e => e.AsDouble())];
    }

    private static Datum ToArray(params ReadOnlySpan<double> values)
    {
        var elements = new Datum[values.Length];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = Datum.FromDouble(values[i]);
        return Datum.FromObject(SqlArray.Of(SqlTypes.Float8, elements));
    }

    private static Datum Accumulate(double[] s, double x)
    {
        var (n, sum) = (s[0] + 1, s[1] + x);
        if (s[0] == 0)
            return ToArray(n, sum, double.IsFinite(x) ? s[2] : double.NaN);
        var deviation = (x * n) - sum;
        return ToArray(n, sum, Checked(s[2] + (deviation * deviation / (n * s[0])), s[1], x));
    }

    private static Datum Combine(double[] l, double[] r)
    {
        if (l[0] == 0 || r[0] == 0)
            return ToArray(l[0] == 0 ? r : l);
        var n = l[0] + r[0];
        var distance = (l[1] / l[0]) - (r[1] / r[0]);
        return ToArray(n, Checked(l[1] + r[1], l[1], r[1]), Checked(l[2] + r[2] + (l[0] * r[0] * distance * distance / n), l[2], r[2]));
    }

    private static Datum AccumulatePair(double[] s, double y, double x)
    {
        var (n, sumX, sumY) = (s[0] + 1, s[1] + x, s[3] + y);
        if (s[0] == 0)
        {
            var (isX, isY) = (double.IsFinite(x), double.IsFinite(y));
            return ToArray(n, sumX, isX ? s[2] : double.NaN, sumY, isY ? s[4] : double.NaN, isX && isY ? s[5] : double.NaN);
        }

        var (dx, dy, scale) = ((x * n) - sumX, (y * n) - sumY, 1 / (n * s[0]));
        return ToArray(n, sumX, Checked(s[2] + (dx * dx * scale), s[1], x), sumY, Checked(s[4] + (dy * dy * scale), s[3], y), s[5] + (dx * dy * scale));
    }

    private static Datum CombinePairs(double[] l, double[] r)
    {
        if (l[0] == 0 || r[0] == 0)
            return ToArray(l[0] == 0 ? r : l);
        var n = l[0] + r[0];
        var (dx, dy) = ((l[1] / l[0]) - (r[1] / r[0]), (l[3] / l[0]) - (r[3] / r[0]));
        var scale = l[0] * r[0] / n;
        return ToArray(n, Checked(l[1] + r[1], l[1], r[1]), Checked(l[2] + r[2] + (scale * dx * dx), l[2], r[2]), Checked(l[3] + r[3], l[3], r[3]),
            Checked(l[4] + r[4] + (scale * dy * dy), l[4], r[4]), Checked(l[5] + r[5] + (scale * dx * dy), l[5], r[5]));
    }

    /// <summary>22003 when finite inputs gave an infinity.</summary>
    private static double Checked(double result, double first, double second) =>
        double.IsInfinity(result) && double.IsFinite(first) && double.IsFinite(second) ? throw FunctionErrors.FloatOverflow() : result;
}
