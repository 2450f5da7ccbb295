using System.Globalization;
using System.Numerics;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Templates;
using static Chitin.Sql.Functions.Library.DateTimeValues;

namespace Chitin.Sql.Functions.Library;

/// <summary>to_char, to_number, to_date, to_timestamp (manual 9.8).</summary>
static class FormattingFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Binary("to_char(int4, text) text stable", static (v, f, _) => Datum.FromString(FormatNumber(SqlNumeric.FromInt64(v.AsInt64()), f.AsString())));
        b.Binary("to_char(int8, text) text stable", static (v, f, _) => Datum.FromString(FormatNumber(SqlNumeric.FromInt64(v.AsInt64()), f.AsString())));
        b.Binary("to_char(numeric, text) text stable", static (v, f, _) => Datum.FromString(FormatNumber(v.As<SqlNumeric>(), f.AsString())));
        b.Binary("to_char(float4, text) text stable", static (v, f, _) => Datum.FromString(FormatFloat(v.AsDouble(), f.AsString(), 6)));
        b.Binary("to_char(float8, text) text stable", static (v, f, _) => Datum.FromString(FormatFloat(v.AsDouble(), f.AsString(), 15)));
        b.Binary("to_char(timestamp, text) text stable", static (v, f, _) => FormatTimestamp(v.AsInt64(), f.AsString()));
        b.Binary("to_char(timestamptz, text) text stable", static (v, f, c) => FormatTimestampTz(v.AsInt64(), f.AsString(), c));
        b.Binary("to_char(interval, text) text stable", static (v, f, _) => FormatInterval(I(v), f.AsString()));
        b.Binary("to_number(text, text) numeric stable", static (s, f, _) => f.AsString().Length == 0 ? Datum.Null : Datum.FromObject(NumberTemplate.Get(f.AsString()).Parse(s.AsString())));
        b.Binary("to_date(text, text) date stable", static (s, f, _) => ToDateValue(DateTemplate.Get(f.AsString()).Parse(s.AsString()), s.AsString()));
        b.Binary("to_timestamp(text, text) timestamptz stable", static (s, f, c) => ToTimestampValue(DateTemplate.Get(f.AsString()).Parse(s.AsString()), c));
    }

    static string FormatNumber(SqlNumeric value, string format)
    {
        if (format.Length == 0)
            return "";
        var template = NumberTemplate.Get(format);
        if (template.IsExponent)
            return template.FormatExponent(value.IsFinite ? Exponential(value, template.After) : null);
        if (!value.IsFinite)
            return template.Format(value.Sign < 0, null);
        if (template.ShiftDigits > 0)
            value = SqlNumeric.Multiply(value, new SqlNumeric(SqlNumeric.Power10(template.ShiftDigits), 0));
        value = value.Round(template.IsRoman ? 0 : template.After);
        return template.Format(value.Sign < 0, SqlNumeric.Abs(value).ToString());
    }

    static string Exponential(SqlNumeric value, int digits)
    {
        if (value.IsZero)
            return (digits > 0 ? "0." + new string('0', digits) : "0") + "e+00";
        var magnitude = BigInteger.Abs(value.Unscaled).ToString(CultureInfo.InvariantCulture);
        var exponent = magnitude.Length - 1 - value.Scale;
        var mantissa = SqlNumeric.Abs(new SqlNumeric(value.Unscaled, 0).Round(digits - magnitude.Length + 1)).ToString();
        mantissa = mantissa.Replace(".", "", StringComparison.Ordinal);
        if (BigInteger.Parse(mantissa, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture).Length > Math.Max(magnitude.Length, digits + 1))
            exponent++;
        mantissa = mantissa[..Math.Min(mantissa.Length, digits + 1)].PadRight(digits + 1, '0');
        return $"{(value.Sign < 0 ? "-" : "")}{mantissa[0]}{(digits > 0 ? "." + mantissa[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>No more digits are shown than the type has (precision: 6 or 15).</summary>
    static string FormatFloat(double value, string format, int precision)
    {
        if (format.Length == 0)
            return "";
        var template = NumberTemplate.Get(format);
        if (template.IsExponent)
        {
            if (!double.IsFinite(value))
                return template.FormatExponent(null);
            return template.FormatExponent(value.ToString((template.After > 0 ? "0." + new string('0', template.After) : "0") + "e+00", CultureInfo.InvariantCulture));
        }

        if (!double.IsFinite(value))
            return template.Format(value < 0, null);
        var shifted = template.ShiftDigits > 0 ? value * Math.Pow(10, template.ShiftDigits) : value;
        var whole = Math.Abs(shifted).ToString("F0", CultureInfo.InvariantCulture).Length;
        var decimals = template.IsRoman || whole >= precision ? 0 : Math.Min(template.After, precision - whole);
        return template.Format(shifted < 0, Math.Abs(shifted).ToString("F" + decimals, CultureInfo.InvariantCulture));
    }

    static Datum FormatTimestamp(long local, string format)
    {
        if (format.Length == 0 || SqlDateTime.IsInfinite(local))
            return Datum.Null;
        return Datum.FromString(DateTemplate.Get(format).Format(Split(local)));
    }

    static Datum FormatTimestampTz(long utc, string format, EvaluationContext context)
    {
        if (format.Length == 0 || SqlDateTime.IsInfinite(utc))
            return Datum.Null;
        var zone = context.Format.TimeZone;
        var time = Split(SqlDateTime.UtcToLocal(zone, utc));
        time.HasZone = true;
        time.ZoneOffset = SqlDateTime.OffsetAt(zone, utc);
        time.ZoneName = SqlDateTime.Abbreviation(zone, utc);
        return Datum.FromString(DateTemplate.Get(format).Format(time));
    }

    static TemplateTime Split(long local)
    {
        var (days, micros) = SqlDateTime.Split(local);
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        return new TemplateTime
        {
            Year = year, Month = month, Day = day, Hour = micros / SqlDateTime.MicrosecondsPerHour, Minute = (int)(micros / SqlDateTime.MicrosecondsPerMinute % 60),
            Second = (int)(micros / SqlDateTime.MicrosecondsPerSecond % 60), Microsecond = (int)(micros % SqlDateTime.MicrosecondsPerSecond), ZoneName = "",
        };
    }

    static Datum FormatInterval(SqlInterval value, string format)
    {
        if (format.Length == 0)
            return Datum.Null;
        return Datum.FromString(DateTemplate.Get(format).Format(new TemplateTime
        {
            Year = value.Months / 12, Month = value.Months % 12, Day = value.Days, Hour = value.Microseconds / SqlDateTime.MicrosecondsPerHour,
            Minute = (int)(value.Microseconds / SqlDateTime.MicrosecondsPerMinute % 60), Second = (int)(value.Microseconds / SqlDateTime.MicrosecondsPerSecond % 60),
            Microsecond = (int)(value.Microseconds % SqlDateTime.MicrosecondsPerSecond), ZoneName = "", IsInterval = true,
        }));
    }

    static Datum ToDateValue(TemplateTime time, string text)
    {
        var days = SqlDateTime.DaysFromCivil(time.Year, time.Month, time.Day);
        return days is < SqlDateTime.MinDate or > SqlDateTime.MaxDate
            ? throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{text}\"")
            : Datum.FromInt64(days);
    }

    static Datum ToTimestampValue(TemplateTime time, EvaluationContext context)
    {
        var micros = time.Hour * SqlDateTime.MicrosecondsPerHour + time.Minute * SqlDateTime.MicrosecondsPerMinute + time.Second * SqlDateTime.MicrosecondsPerSecond + time.Microsecond;
        var local = SqlDateTime.CheckTimestamp(SqlDateTime.DaysFromCivil(time.Year, time.Month, time.Day), micros);
        return Datum.FromInt64(time.HasZone ? CheckTimestamp((Int128)local - time.ZoneOffset * SqlDateTime.MicrosecondsPerSecond) : ToUtc(local, context));
    }
}
