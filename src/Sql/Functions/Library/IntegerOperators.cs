using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

/// <summary>Arithmetic and bits on int2, int4, int8 in every combination that PostgreSQL has (manual 9.3).</summary>
static class IntegerOperators
{
    internal static void Register(RegistryBuilder b)
    {
        // The wider type of the two decides the range.
        (string Left, string Right)[] pairs =
        [
            ("int2", "int2"), ("int2", "int4"), ("int2", "int8"), ("int4", "int2"), ("int4", "int4"), ("int4", "int8"), ("int8", "int2"), ("int8", "int4"), ("int8", "int8"),
        ];
        foreach (var (left, right) in pairs)
        {
            var (result, add, subtract, multiply, divide) = (left, right) switch
            {
                ("int8", _) or (_, "int8") => ("int8", (BinaryBody)Add8, (BinaryBody)Subtract8, (BinaryBody)Multiply8, (BinaryBody)Divide8),
                ("int4", _) or (_, "int4") => ("int4", Add4, Subtract4, Multiply4, Divide4),
                _ => ("int2", Add2, Subtract2, Multiply2, Divide2),
            };
            b.Operator($"{left} + {right} {result}", add);
            b.Operator($"{left} - {right} {result}", subtract);
            b.Operator($"{left} * {right} {result}", multiply);
            b.Operator($"{left} / {right} {result}", divide);
        }

        foreach (var type in (string[])["int2", "int4", "int8"])
        {
            b.Operator($"{type} % {type} {type}", Modulo);
            b.Binary($"mod({type}, {type}) {type}", Modulo);
            b.Operator($"{type} & {type} {type}", static (l, r, _) => Datum.FromInt64(l.AsInt64() & r.AsInt64()));
            b.Operator($"{type} | {type} {type}", static (l, r, _) => Datum.FromInt64(l.AsInt64() | r.AsInt64()));
            b.Operator($"{type} # {type} {type}", static (l, r, _) => Datum.FromInt64(l.AsInt64() ^ r.AsInt64()));
            b.Prefix($"~ {type} {type}", static (v, _) => Datum.FromInt64(~v.AsInt64()));
            b.Prefix($"+ {type} {type}", static (v, _) => v);
        }

        b.Operator("int2 << int4 int2", static (l, r, _) => Datum.FromInt64((short)(l.AsInt32() << r.AsInt32())));
        b.Operator("int2 >> int4 int2", static (l, r, _) => Datum.FromInt64((short)(l.AsInt32() >> r.AsInt32())));
        b.Operator("int4 << int4 int4", static (l, r, _) => Datum.FromInt64(l.AsInt32() << r.AsInt32()));
        b.Operator("int4 >> int4 int4", static (l, r, _) => Datum.FromInt64(l.AsInt32() >> r.AsInt32()));
        b.Operator("int8 << int4 int8", static (l, r, _) => Datum.FromInt64(l.AsInt64() << r.AsInt32()));
        b.Operator("int8 >> int4 int8", static (l, r, _) => Datum.FromInt64(l.AsInt64() >> r.AsInt32()));

        b.Prefix("- int2 int2", static (v, _) => Narrow2(-v.AsInt64()));
        b.Prefix("- int4 int4", static (v, _) => Narrow4(-v.AsInt64()));
        b.Prefix("- int8 int8", static (v, _) => Negate8(v));
        b.Prefix("@ int2 int2", static (v, _) => Narrow2(Math.Abs(v.AsInt64())));
        b.Prefix("@ int4 int4", static (v, _) => Narrow4(Math.Abs(v.AsInt64())));
        b.Prefix("@ int8 int8", static (v, _) => v.AsInt64() < 0 ? Negate8(v) : v);
        b.Unary("abs(int2) int2", static (v, _) => Narrow2(Math.Abs(v.AsInt64())));
        b.Unary("abs(int4) int4", static (v, _) => Narrow4(Math.Abs(v.AsInt64())));
        b.Unary("abs(int8) int8", static (v, _) => v.AsInt64() < 0 ? Negate8(v) : v);
        b.Binary("gcd(int4, int4) int4", static (l, r, _) => Narrow4(Gcd(l.AsInt64(), r.AsInt64(), "integer")));
        b.Binary("gcd(int8, int8) int8", static (l, r, _) => Datum.FromInt64(Gcd(l.AsInt64(), r.AsInt64(), "bigint")));
        b.Binary("lcm(int4, int4) int4", static (l, r, _) => Narrow4(Lcm(l.AsInt64(), r.AsInt64(), "integer")));
        b.Binary("lcm(int8, int8) int8", static (l, r, _) => Datum.FromInt64(Lcm(l.AsInt64(), r.AsInt64(), "bigint")));
    }

    internal static Datum Narrow2(long value) => value == (short)value ? Datum.FromInt64(value) : throw FunctionErrors.OutOfRange("smallint");

    internal static Datum Narrow4(long value) => value == (int)value ? Datum.FromInt64(value) : throw FunctionErrors.OutOfRange("integer");

    static readonly BinaryBody Add2 = static (l, r, _) => Narrow2(l.AsInt64() + r.AsInt64());
    static readonly BinaryBody Add4 = static (l, r, _) => Narrow4(l.AsInt64() + r.AsInt64());
    static readonly BinaryBody Subtract2 = static (l, r, _) => Narrow2(l.AsInt64() - r.AsInt64());
    static readonly BinaryBody Subtract4 = static (l, r, _) => Narrow4(l.AsInt64() - r.AsInt64());
    static readonly BinaryBody Multiply2 = static (l, r, _) => Narrow2(l.AsInt64() * r.AsInt64());
    static readonly BinaryBody Multiply4 = static (l, r, _) => Narrow4(l.AsInt64() * r.AsInt64());
    static readonly BinaryBody Divide2 = static (l, r, _) => Narrow2(Quotient(l.AsInt64(), r.AsInt64()));
    static readonly BinaryBody Divide4 = static (l, r, _) => Narrow4(Quotient(l.AsInt64(), r.AsInt64()));

    static readonly BinaryBody Add8 = static (l, r, _) =>
    {
        long left = l.AsInt64(), right = r.AsInt64(), sum = unchecked(left + right);
        // Overflow exactly when both operands have the sign that the sum lost.
        return ((left ^ sum) & (right ^ sum)) >= 0 ? Datum.FromInt64(sum) : throw FunctionErrors.OutOfRange("bigint");
    };

    static readonly BinaryBody Subtract8 = static (l, r, _) =>
    {
        long left = l.AsInt64(), right = r.AsInt64(), difference = unchecked(left - right);
        return ((left ^ right) & (left ^ difference)) >= 0 ? Datum.FromInt64(difference) : throw FunctionErrors.OutOfRange("bigint");
    };

    static readonly BinaryBody Multiply8 = static (l, r, _) =>
    {
        var high = Math.BigMul(l.AsInt64(), r.AsInt64(), out var low);
        return high == low >> 63 ? Datum.FromInt64(low) : throw FunctionErrors.OutOfRange("bigint");
    };

    static readonly BinaryBody Divide8 = static (l, r, _) =>
        r.AsInt64() == -1 ? Negate8(l) : Datum.FromInt64(Quotient(l.AsInt64(), r.AsInt64()));

    /// <summary>min % -1 is 0 in PostgreSQL, while the processor traps.</summary>
    static readonly BinaryBody Modulo = static (l, r, _) => r.AsInt64() switch
    {
        0 => throw FunctionErrors.DivisionByZero(),
        -1 => Datum.FromInt64(0),
        var divisor => Datum.FromInt64(l.AsInt64() % divisor),
    };

    static long Quotient(long left, long right) => right == 0 ? throw FunctionErrors.DivisionByZero() : left / right;

    static Datum Negate8(Datum value) => value.AsInt64() != long.MinValue ? Datum.FromInt64(-value.AsInt64()) : throw FunctionErrors.OutOfRange("bigint");

    static long Gcd(long left, long right, string type)
    {
        var a = (ulong)(left < 0 ? unchecked(-left) : left);
        var b = (ulong)(right < 0 ? unchecked(-right) : right);
        while (b != 0)
            (a, b) = (b, a % b);
        return a <= long.MaxValue ? (long)a : throw FunctionErrors.OutOfRange(type);
    }

    static long Lcm(long left, long right, string type)
    {
        if (left == 0 || right == 0)
            return 0;
        var product = Int128.Abs((Int128)left / Gcd(left, right, type) * right);
        return product <= long.MaxValue ? (long)product : throw FunctionErrors.OutOfRange(type);
    }
}
