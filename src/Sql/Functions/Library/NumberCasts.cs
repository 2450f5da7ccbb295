using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Casts between numbers, booleans and oids, in PostgreSQL's contexts (pg_cast).</summary>
static class NumberCasts
{
    static readonly string[] s_regTypes = ["regproc", "regprocedure", "regoper", "regoperator", "regclass", "regtype", "regconfig", "regnamespace", "regrole"];

    internal static void Register(RegistryBuilder b)
    {
        RegisterIntegers(b);
        RegisterFloats(b);
        RegisterNumeric(b);
        RegisterOids(b);
        b.Cast("bool int4", CastContext.Explicit, static (v, _) => Datum.FromInt64(v.AsBool() ? 1 : 0));
        b.Cast("int4 bool", CastContext.Explicit, static (v, _) => Datum.FromBool(v.AsInt64() != 0));
    }

    static void RegisterIntegers(RegistryBuilder b)
    {
        b.Cast("int2 int4", CastContext.Implicit, s_same);
        b.Cast("int2 int8", CastContext.Implicit, s_same);
        b.Cast("int4 int8", CastContext.Implicit, s_same);
        b.Cast("int4 int2", CastContext.Assignment, static (v, _) => IntegerOperators.Narrow2(v.AsInt64()));
        b.Cast("int8 int2", CastContext.Assignment, static (v, _) => IntegerOperators.Narrow2(v.AsInt64()));
        b.Cast("int8 int4", CastContext.Assignment, static (v, _) => IntegerOperators.Narrow4(v.AsInt64()));
    }

    static void RegisterFloats(RegistryBuilder b)
    {
        foreach (var type in (string[])["int2", "int4", "int8"])
        {
            b.Cast($"{type} float4", CastContext.Implicit, static (v, _) => Datum.FromDouble((float)v.AsInt64()));
            b.Cast($"{type} float8", CastContext.Implicit, static (v, _) => Datum.FromDouble(v.AsInt64()));
            b.Cast($"{type} numeric", CastContext.Implicit, static (v, _) => Datum.FromObject(SqlNumeric.FromInt64(v.AsInt64())));
        }

        foreach (var type in (string[])["float4", "float8"])
        {
            b.Cast($"{type} int2", CastContext.Assignment, static (v, _) => ToInteger(v.AsDouble(), short.MinValue, short.MaxValue, "smallint"));
            b.Cast($"{type} int4", CastContext.Assignment, static (v, _) => ToInteger(v.AsDouble(), int.MinValue, int.MaxValue, "integer"));
            b.Cast($"{type} int8", CastContext.Assignment, static (v, _) => ToInteger(v.AsDouble(), long.MinValue, long.MaxValue, "bigint"));
        }

        b.Cast("float4 float8", CastContext.Implicit, s_same);
        b.Cast("float8 float4", CastContext.Assignment, static (v, _) => Datum.FromDouble(ToSingle(v.AsDouble())));
        b.Cast("float4 numeric", CastContext.Assignment, static (v, _) => Datum.FromObject(SqlNumeric.FromDouble(v.AsDouble(), isSingle: true)));
        b.Cast("float8 numeric", CastContext.Assignment, static (v, _) => Datum.FromObject(SqlNumeric.FromDouble(v.AsDouble())));
    }

    static void RegisterNumeric(RegistryBuilder b)
    {
        b.Cast("numeric int2", CastContext.Assignment, static (v, _) => Datum.FromInt64(v.As<SqlNumeric>().ToInt64("smallint", short.MinValue, short.MaxValue)));
        b.Cast("numeric int4", CastContext.Assignment, static (v, _) => Datum.FromInt64(v.As<SqlNumeric>().ToInt64("integer", int.MinValue, int.MaxValue)));
        b.Cast("numeric int8", CastContext.Assignment, static (v, _) => Datum.FromInt64(v.As<SqlNumeric>().ToInt64("bigint")));
        b.Cast("numeric float4", CastContext.Implicit, static (v, _) => Datum.FromDouble(ToSingle(v.As<SqlNumeric>())));
        b.Cast("numeric float8", CastContext.Implicit, static (v, _) => Datum.FromDouble(ToDouble(v.As<SqlNumeric>())));
    }

    static void RegisterOids(RegistryBuilder b)
    {
        foreach (var type in (string[])["oid", .. s_regTypes])
        {
            b.Cast($"int2 {type}", CastContext.Implicit, static (v, _) => Datum.FromInt64((uint)v.AsInt32()));
            b.Cast($"int4 {type}", CastContext.Implicit, static (v, _) => Datum.FromInt64((uint)v.AsInt32()));
            b.Cast($"int8 {type}", CastContext.Implicit, static (v, _) => v.AsInt64() is >= 0 and <= uint.MaxValue ? v : throw FunctionErrors.OutOfRange("OID"));
            b.Cast($"{type} int4", CastContext.Assignment, static (v, _) => Datum.FromInt64(v.AsInt32()));
            b.Cast($"{type} int8", CastContext.Assignment, s_same);
        }

        foreach (var type in s_regTypes)
        {
            b.Cast($"oid {type}", CastContext.Implicit, null);
            b.Cast($"{type} oid", CastContext.Implicit, null);
        }

        b.Cast("regproc regprocedure", CastContext.Implicit, null);
        b.Cast("regprocedure regproc", CastContext.Implicit, null);
        b.Cast("regoper regoperator", CastContext.Implicit, null);
        b.Cast("regoperator regoper", CastContext.Implicit, null);
        b.Cast("text regclass", CastContext.Implicit, s_toRegClass, Volatility.Stable);
        b.Cast("varchar regclass", CastContext.Implicit, s_toRegClass, Volatility.Stable);
    }

    static readonly UnaryBody s_same = static (v, _) => v;

    static readonly UnaryBody s_toRegClass = static (v, c) => SqlTypes.RegClass.Parse(v.AsString(), -1, c.Format);

    /// <summary>Rounds half to even, as rint() does.</summary>
    static Datum ToInteger(double value, long minimum, long maximum, string type)
    {
        var rounded = Math.Round(value, MidpointRounding.ToEven);
        // maximum + 1 is exact as a double where maximum may not be.
        if (!(rounded >= minimum) || rounded >= maximum + 1.0)
            throw FunctionErrors.OutOfRange(type);
        return Datum.FromInt64((long)rounded);
    }

    static double ToSingle(double value)
    {
        var single = (float)value;
        if (float.IsInfinity(single) && !double.IsInfinity(value))
            throw FunctionErrors.FloatOverflow();
        if (single == 0 && value != 0)
            throw FunctionErrors.FloatUnderflow();
        return single;
    }

    /// <summary>Through the decimal digits, so that no value is rounded twice.</summary>
    static double ToSingle(SqlNumeric value)
    {
        if (!value.IsFinite)
            return value.ToDouble();
        var single = float.Parse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture);
        return float.IsInfinity(single) ? throw new SqlException(SqlState.NumericValueOutOfRange, $"\"{value}\" is out of range for type real") : single;
    }

    internal static double ToDouble(SqlNumeric value)
    {
        var result = value.ToDouble();
        return double.IsInfinity(result) && value.IsFinite ? throw new SqlException(SqlState.NumericValueOutOfRange, $"\"{value}\" is out of range for type double precision") : result;
    }
}
