namespace Chitin.Sql.Functions.Aggregates;

/// <summary>The aggregate functions (manual 9.21), with PostgreSQL's result types.</summary>
static class AggregateFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Aggregate("count() int8 called", static _ => new CountState(countNulls: true));
        b.Aggregate("count_rows() int8 called", static _ => new CountState(countNulls: true));
        b.Aggregate("count(any) int8 called", static _ => new CountState(countNulls: false));
        RegisterSums(b);
        RegisterExtremes(b);
        RegisterLogic(b);
        RegisterCollectors(b);
        RegisterStatistics(b);
        OrderedSetFunctions.Register(b);
    }

    static void RegisterSums(RegistryBuilder b)
    {
        b.Aggregate("sum(int2) int8", static _ => new IntegerSumState(asNumeric: false));
        b.Aggregate("sum(int4) int8", static _ => new IntegerSumState(asNumeric: false));
        b.Aggregate("sum(int8) numeric", static _ => new IntegerSumState(asNumeric: true));
        b.Aggregate("sum(numeric) numeric", static _ => new NumericSumState(average: false));
        b.Aggregate("sum(float4) float4", static _ => new FloatSumState(isSingle: true));
        b.Aggregate("sum(float8) float8", static _ => new FloatSumState(isSingle: false));
        b.Aggregate("sum(interval) interval", static _ => new IntervalSumState(average: false));
        foreach (var type in (string[])["int2", "int4", "int8"])
            b.Aggregate($"avg({type}) numeric", static _ => new IntegerAverageState());
        b.Aggregate("avg(numeric) numeric", static _ => new NumericSumState(average: true));
        foreach (var type in (string[])["float4", "float8"])
            b.Aggregate($"avg({type}) float8", static _ => new FloatMomentsState(FloatMoment.Average));
        b.Aggregate("avg(interval) interval", static _ => new IntervalSumState(average: true));
    }

    static void RegisterExtremes(RegistryBuilder b)
    {
        foreach (var type in (string[])["int2", "int4", "int8", "oid", "date", "time", "timestamp", "timestamptz", "anyenum"])
        {
            b.Aggregate($"min({type}) {type}", static _ => new BitsExtremeState(largest: false), ignoresDistinct: true);
            b.Aggregate($"max({type}) {type}", static _ => new BitsExtremeState(largest: true), ignoresDistinct: true);
        }

        foreach (var type in (string[])["float4", "float8", "numeric", "text", "bpchar", "timetz", "interval", "anyarray", "inet", "tid"])
        {
            b.Aggregate($"min({type}) {type}", static call => new ExtremeState(call.ArgumentTypes[0], largest: false), ignoresDistinct: true);
            b.Aggregate($"max({type}) {type}", static call => new ExtremeState(call.ArgumentTypes[0], largest: true), ignoresDistinct: true);
        }

        b.Aggregate("any_value(anyelement) anyelement", static _ => new AnyValueState(), ignoresDistinct: true);
    }

    static void RegisterLogic(RegistryBuilder b)
    {
        b.Aggregate("bool_and|every(bool) bool", static _ => new BoolState(and: true), ignoresDistinct: true);
        b.Aggregate("bool_or(bool) bool", static _ => new BoolState(and: false), ignoresDistinct: true);
        foreach (var type in (string[])["int2", "int4", "int8"])
        {
            // CockroachDB's names.
            b.Aggregate($"sum_int({type}) int8", static _ => new IntegerSumState(asNumeric: false));
            b.Aggregate($"xor_agg({type}) {type}", static _ => new BitState(BitOperation.Xor));
            b.Aggregate($"bit_and({type}) {type}", static _ => new BitState(BitOperation.And), ignoresDistinct: true);
            b.Aggregate($"bit_or({type}) {type}", static _ => new BitState(BitOperation.Or), ignoresDistinct: true);
            b.Aggregate($"bit_xor({type}) {type}", static _ => new BitState(BitOperation.Xor));
        }

        b.Aggregate("bit_and(bit) bit", static _ => new BitStringState(BitOperation.And), ignoresDistinct: true);
        b.Aggregate("bit_or(bit) bit", static _ => new BitStringState(BitOperation.Or), ignoresDistinct: true);
        b.Aggregate("bit_xor(bit) bit", static _ => new BitStringState(BitOperation.Xor));
    }

    static void RegisterCollectors(RegistryBuilder b)
    {
        b.Aggregate("string_agg(text, text) text called", static _ => new TextConcatState());
        b.Aggregate("string_agg(bytea, bytea) bytea called", static _ => new BytesConcatState());
        b.Aggregate("concat_agg(text) text called", static _ => new TextConcatState());
        b.Aggregate("array_agg(anynonarray) anyarray called", static call => new ArrayState(call.ArgumentTypes[0]));
        b.Aggregate("array_agg(anyarray) anyarray called", static call => new NestedArrayState(call.ArgumentTypes[0].ElementType!));
        b.Aggregate("json_agg(anyelement) json stable called", static call => new JsonArrayState(call.ArgumentTypes[0]));
        b.Aggregate("jsonb_agg(anyelement) jsonb stable called", static call => new JsonbArrayState(call.ArgumentTypes[0]));
        b.Aggregate("json_object_agg(any, any) json stable called", static call => new JsonObjectState(call.ArgumentTypes[0], call.ArgumentTypes[1]));
        b.Aggregate("jsonb_object_agg(any, any) jsonb called", static call => new JsonbObjectState(call.ArgumentTypes[0], call.ArgumentTypes[1]));
    }

    static void RegisterStatistics(RegistryBuilder b)
    {
        foreach (var (names, numeric, moment) in ((string, NumericMoment, FloatMoment)[])
            [
                ("variance|var_samp", NumericMoment.VarianceSample, FloatMoment.VarianceSample), ("var_pop", NumericMoment.VariancePopulation, FloatMoment.VariancePopulation),
                ("stddev|stddev_samp", NumericMoment.DeviationSample, FloatMoment.DeviationSample), ("stddev_pop", NumericMoment.DeviationPopulation, FloatMoment.DeviationPopulation),
            ])
        {
            foreach (var type in (string[])["int2", "int4", "int8"])
                b.Aggregate($"{names}({type}) numeric", _ => new IntegerMomentsState(numeric));
            b.Aggregate($"{names}(numeric) numeric", _ => new NumericMomentsState(numeric));
            b.Aggregate($"{names}(float4) float8", _ => new FloatMomentsState(moment));
            b.Aggregate($"{names}(float8) float8", _ => new FloatMomentsState(moment));
        }

        foreach (var statistic in Enum.GetValues<Regression>())
        {
            var name = statistic switch
            {
                Regression.Correlation => "corr",
                Regression.CovariancePopulation => "covar_pop",
                Regression.CovarianceSample => "covar_samp",
                _ => "regr_" + statistic.ToString().ToLowerInvariant(),
            };
            b.Aggregate($"{name}(float8, float8) {(statistic == Regression.Count ? "int8" : "float8")}", _ => new RegressionState(statistic));
        }
    }
}
