using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>generate_series (manual 9.25), one row at a time and interruptible.</summary>
static class SeriesFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Table("generate_series(int4, int4) setof int4", static (a, c) => Integers(a[0].AsInt64(), a[1].AsInt64(), 1, c));
        b.Table("generate_series(int4, int4, int4) setof int4", static (a, c) => Integers(a[0].AsInt64(), a[1].AsInt64(), a[2].AsInt64(), c));
        b.Table("generate_series(int8, int8) setof int8", static (a, c) => Integers(a[0].AsInt64(), a[1].AsInt64(), 1, c));
        b.Table("generate_series(int8, int8, int8) setof int8", static (a, c) => Integers(a[0].AsInt64(), a[1].AsInt64(), a[2].AsInt64(), c));
        b.Table("generate_series(numeric, numeric) setof numeric", static (a, c) => Numerics(a[0].As<SqlNumeric>(), a[1].As<SqlNumeric>(), SqlNumeric.One, c));
        b.Table("generate_series(numeric, numeric, numeric) setof numeric", static (a, c) => Numerics(a[0].As<SqlNumeric>(), a[1].As<SqlNumeric>(), a[2].As<SqlNumeric>(), c));
        b.Table("generate_series(timestamp, timestamp, interval) setof timestamp", static (a, c) => Timestamps(a[0].AsInt64(), a[1].AsInt64(), a[2].As<SqlInterval>(), null, c));
        b.Table("generate_series(timestamptz, timestamptz, interval) setof timestamptz stable",
            static (a, c) => Timestamps(a[0].AsInt64(), a[1].AsInt64(), a[2].As<SqlInterval>(), c.Format.TimeZone, c));
    }

    static SqlException ZeroStep() => FunctionErrors.Invalid("step size cannot equal zero");

    static IEnumerable<Datum[]> Integers(long start, long stop, long step, EvaluationContext context)
    {
        if (step == 0)
            throw ZeroStep();
        return Run(start, stop, step, context);

        static IEnumerable<Datum[]> Run(long start, long stop, long step, EvaluationContext context)
        {
            var row = new Datum[1];
            for (Int128 value = start; step > 0 ? value <= stop : value >= stop; value += step)
            {
                if (((long)value & 0x3F) == 0)
                    context.CheckInterrupts();
                row[0] = Datum.FromInt64((long)value);
                yield return row;
            }
        }
    }

    static IEnumerable<Datum[]> Numerics(SqlNumeric start, SqlNumeric stop, SqlNumeric step, EvaluationContext context)
    {
        foreach (var (value, name) in ((SqlNumeric, string)[])[(start, "start value"), (stop, "stop value"), (step, "step size")])
            if (!value.IsFinite)
                throw FunctionErrors.Invalid($"{name} cannot be {(value.IsNaN ? "NaN" : "infinity")}");
        if (step.IsZero)
            throw ZeroStep();
        return Run(start, stop, step, context);

        static IEnumerable<Datum[]> Run(SqlNumeric value, SqlNumeric stop, SqlNumeric step, EvaluationContext context)
        {
            for (; step.Sign > 0 ? value.CompareTo(stop) <= 0 : value.CompareTo(stop) >= 0; value = SqlNumeric.Add(value, step))
            {
                context.CheckInterrupts();
                yield return [Datum.FromObject(value)];
            }
        }
    }

    static IEnumerable<Datum[]> Timestamps(long start, long stop, SqlInterval step, TimeZoneInfo? zone, EvaluationContext context)
    {
        var direction = step.CompareTo(SqlInterval.Zero);
        if (direction == 0)
            throw ZeroStep();
        return Run(start, stop, step, direction, zone, context);

        static IEnumerable<Datum[]> Run(long value, long stop, SqlInterval step, int direction, TimeZoneInfo? zone, EvaluationContext context)
        {
            while (direction > 0 ? value <= stop : value >= stop)
            {
                context.CheckInterrupts();
                yield return [Datum.FromInt64(value)];
                if (SqlDateTime.IsInfinite(value))
                    continue;
                value = zone is null ? SqlDateTime.AddInterval(value, step, 1) : SqlDateTime.AddInterval(value, step, 1, zone);
            }
        }
    }
}
