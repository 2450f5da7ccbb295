using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

/// <summary>Arithmetic on float4 and float8: IEEE 754, but results that leave the range are errors (PostgreSQL's check_float8_val).</summary>
static class FloatOperators
{
    internal static void Register(RegistryBuilder b)
    {
        foreach (var (left, right) in ((string, string)[])[("float8", "float8"), ("float4", "float8"), ("float8", "float4")])
        {
            b.Operator($"{left} + {right} float8", static (l, r, _) => Overflow(l.AsDouble() + r.AsDouble(), l, r));
            b.Operator($"{left} - {right} float8", static (l, r, _) => Overflow(l.AsDouble() - r.AsDouble(), l, r));
            b.Operator($"{left} * {right} float8", static (l, r, _) => Product(l.AsDouble() * r.AsDouble(), l, r));
            b.Operator($"{left} / {right} float8", static (l, r, _) => Quotient(l.AsDouble() / Divisor(l, r), l, r));
        }

        b.Operator("float4 + float4 float4", static (l, r, _) => Overflow((float)l.AsDouble() + (float)r.AsDouble(), l, r));
        b.Operator("float4 - float4 float4", static (l, r, _) => Overflow((float)l.AsDouble() - (float)r.AsDouble(), l, r));
        b.Operator("float4 * float4 float4", static (l, r, _) => Product((float)l.AsDouble() * (float)r.AsDouble(), l, r));
        b.Operator("float4 / float4 float4", static (l, r, _) => Quotient((float)l.AsDouble() / (float)Divisor(l, r), l, r));
        foreach (var type in (string[])["float4", "float8"])
        {
            b.Prefix($"- {type} {type}", static (v, _) => Datum.FromDouble(-v.AsDouble()));
            b.Prefix($"+ {type} {type}", static (v, _) => v);
            b.Prefix($"@ {type} {type}", static (v, _) => Datum.FromDouble(Math.Abs(v.AsDouble())));
            b.Unary($"abs({type}) {type}", static (v, _) => Datum.FromDouble(Math.Abs(v.AsDouble())));
        }
    }

    static double Divisor(Datum left, Datum right) =>
        right.AsDouble() == 0 && !double.IsNaN(left.AsDouble()) ? throw FunctionErrors.DivisionByZero() : right.AsDouble();

    static Datum Overflow(double result, Datum left, Datum right) =>
        double.IsInfinity(result) && !double.IsInfinity(left.AsDouble()) && !double.IsInfinity(right.AsDouble())
            ? throw FunctionErrors.FloatOverflow()
            : Datum.FromDouble(result);

    static Datum Product(double result, Datum left, Datum right) =>
        result == 0 && left.AsDouble() != 0 && right.AsDouble() != 0 ? throw FunctionErrors.FloatUnderflow() : Overflow(result, left, right);

    static Datum Quotient(double result, Datum left, Datum right)
    {
        if (double.IsInfinity(result) && !double.IsInfinity(left.AsDouble()))
            throw FunctionErrors.FloatOverflow();
        if (result == 0 && left.AsDouble() != 0 && !double.IsInfinity(right.AsDouble()))
            throw FunctionErrors.FloatUnderflow();
        return Datum.FromDouble(result);
    }
}
