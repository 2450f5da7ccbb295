using System.Globalization;
using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.DateTimeValues;

namespace Chitin.Sql.Functions.Library;

/// <summary>The current date and time (manual 9.9.5), under their function names and as the calls that the keyword forms are bound to; and pg_sleep.</summary>
static class ClockFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Scalar("now|transaction_timestamp|current_timestamp() timestamptz stable", static (_, c) => Datum.FromInt64(c.TransactionTimestamp));
        b.Scalar("statement_timestamp() timestamptz stable", static (_, c) => Datum.FromInt64(c.StatementTimestamp));
        b.Scalar("clock_timestamp() timestamptz volatile", static (_, c) => Datum.FromInt64(Clock(c)));
        b.Scalar("timeofday() text volatile", static (_, c) => Datum.FromString(TimeOfDay(c)));
        b.Unary("current_timestamp(int4) timestamptz stable", static (p, c) => Datum.FromInt64(SqlDateTime.RoundFraction(c.TransactionTimestamp, Precision(p))));
        b.Scalar("current_date() date stable", static (_, c) => Datum.FromInt64(ToDate(ToLocal(c.TransactionTimestamp, c))));
        b.Scalar("current_time() timetz stable", static (_, c) => CurrentTime(c, 6));
        b.Unary("current_time(int4) timetz stable", static (p, c) => CurrentTime(c, Precision(p)));
        b.Scalar("localtimestamp() timestamp stable", static (_, c) => Datum.FromInt64(ToLocal(c.TransactionTimestamp, c)));
        b.Unary("localtimestamp(int4) timestamp stable", static (p, c) => Datum.FromInt64(SqlDateTime.RoundFraction(ToLocal(c.TransactionTimestamp, c), Precision(p))));
        b.Scalar("localtime() time stable", static (_, c) => Datum.FromInt64(SqlDateTime.Split(ToLocal(c.TransactionTimestamp, c)).Time));
        b.Unary("localtime(int4) time stable", static (p, c) => Datum.FromInt64(SqlDateTime.RoundFraction(SqlDateTime.Split(ToLocal(c.TransactionTimestamp, c)).Time, Precision(p))));
        b.Unary("pg_sleep(float8) void volatile", static (s, c) => Sleep(s.AsDouble(), c));
        b.Unary("pg_sleep_for(interval) void volatile", static (i, c) => Sleep(Seconds(I(i)), c));
        b.Unary("pg_sleep_until(timestamptz) void volatile", static (t, c) => Sleep((t.AsInt64() - Clock(c)) / 1e6, c));
    }

    static int Precision(Datum value) => value.AsInt32() is >= 0 and var p ? Math.Min(p, 6) : throw FunctionErrors.Invalid($"TIME({value.AsInt32()}) precision must not be negative");

    static long Clock(EvaluationContext context) => SqlDateTime.FromDateTimeOffset(context.Clock.GetUtcNow());

    static Datum CurrentTime(EvaluationContext context, int precision) =>
        TimeTz(SqlDateTime.RoundFraction(SqlDateTime.Split(ToLocal(context.TransactionTimestamp, context)).Time, precision),
            -SqlDateTime.OffsetAt(context.Format.TimeZone, context.TransactionTimestamp));

    static string TimeOfDay(EvaluationContext context)
    {
        var utc = context.Clock.GetUtcNow();
        var micros = SqlDateTime.FromDateTimeOffset(utc);
        var local = utc.ToOffset(TimeSpan.FromSeconds(SqlDateTime.OffsetAt(context.Format.TimeZone, micros) / 60 * 60));
        return local.ToString("ddd MMM dd HH:mm:ss.ffffff yyyy ", CultureInfo.InvariantCulture) + SqlDateTime.Abbreviation(context.Format.TimeZone, micros);
    }

    static double Seconds(SqlInterval value) => ((value.Months * 30.0 + value.Days) * 86400) + value.Microseconds / 1e6;

    static Datum Sleep(double seconds, EvaluationContext context)
    {
        var start = context.Clock.GetTimestamp();
        while (true)
        {
            var left = seconds - context.Clock.GetElapsedTime(start).TotalSeconds;
            if (!(left > 0))
                return Datum.FromString("");
            context.Wait(TimeSpan.FromSeconds(Math.Min(left, 3600)));
        }
    }
}
