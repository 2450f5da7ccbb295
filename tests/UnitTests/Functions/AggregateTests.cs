namespace Chitin.UnitTests.Functions;

/// <summary>Aggregates over rows given as arrays.</summary>
public sealed class AggregateTests
{
    [Fact]
    public void Sums_and_averages_have_postgresqls_types_and_scales() => FunctionCases.Check("""
        sum<'{1,2,3}'::int4[]> ⇒ 6
        sum<'{1,NULL,3}'::int2[]> ⇒ 4
        sum<'{}'::int4[]> ⇒ ∅
        sum<'{9223372036854775807,1}'::int8[]> ⇒ 9223372036854775808
        sum<'{1.5,2.25,NULL}'::numeric[]> ⇒ 3.75
        sum<'{1.5,nan}'::numeric[]> ⇒ NaN
        sum<'{1.5,2.5}'::float8[]> ⇒ 4
        sum<'{1.1,2.2}'::float4[]> ⇒ 3.3000002
        sum<'{1e308,1e308}'::float8[]> ⇒ error 22003
        sum<'{1 day,2:00}'::interval[]> ⇒ 1 day 02:00:00
        avg<'{1,2,4}'::int4[]> ⇒ 2.3333333333333333
        avg<'{1,2}'::int8[]> ⇒ 1.5000000000000000
        avg<'{1.5,2.25}'::numeric[]> ⇒ 1.8750000000000000
        avg<'{100000,200000,300001}'::int4[]> ⇒ 200000.333333333333
        avg<'{1,2,4}'::float8[]> ⇒ 2.3333333333333335
        avg<'{1 day,2 days 3:00}'::interval[]> ⇒ 1 day 13:30:00
        count<'{1,NULL,3}'::int4[]> ⇒ 2
        """);

    [Fact]
    public void Extremes_and_logic() => FunctionCases.Check("""
        min<'{3,1,2}'::int4[]> ⇒ 1
        max<'{b,a,c}'::text[]> ⇒ c
        max<'{1.5,1.50,nan}'::numeric[]> ⇒ NaN
        min<'{nan,1}'::float8[]> ⇒ 1
        min<'{2020-01-01,2019-01-01}'::date[]> ⇒ 2019-01-01
        max<'{1 mon,31 days}'::interval[]> ⇒ 31 days
        bool_and<'{true,false,NULL}'::bool[]> ⇒ f
        bool_or<'{false,NULL}'::bool[]> ⇒ f
        every<'{true,true}'::bool[]> ⇒ t
        bit_and<'{7,5}'::int4[]> ⇒ 5
        bit_or<'{1,4}'::int8[]> ⇒ 5
        bit_xor<'{1,3}'::int2[]> ⇒ 2
        bool_and<'{}'::bool[]> ⇒ ∅
        """);

    [Fact]
    public void Collectors_gather_in_order() => FunctionCases.Check("""
        string_agg<'{a,b,NULL,c}'::text[] & '{",",",",",",";"}'::text[]> ⇒ a,b;c
        array_agg<'{1,NULL,3}'::int4[]> ⇒ {1,NULL,3}
        json_agg<'{1,NULL,3}'::int4[]> ⇒ [1, null, 3]
        json_agg<'{a,"b\"c"}'::text[]> ⇒ ["a", "b\"c"]
        jsonb_agg<'{1,NULL}'::int4[]> ⇒ [1, null]
        json_object_agg<'{a,b}'::text[] & '{1,NULL}'::int4[]> ⇒ { "a" : 1, "b" : null }
        jsonb_object_agg<'{b,a,b}'::text[] & '{1,2,3}'::int4[]> ⇒ {"a": 2, "b": 3}
        json_object_agg<'{NULL}'::text[] & '{1}'::int4[]> ⇒ error 22023
        """);

    [Fact]
    public void Statistics() => FunctionCases.Check("""
        stddev<'{1,2,3,4}'::int4[]> ⇒ 1.2909944487358056
        stddev_pop<'{1,2,3,4}'::int4[]> ⇒ 1.1180339887498948
        variance<'{1,2,3,4}'::int4[]> ⇒ 1.6666666666666667
        var_pop<'{1,2,3,4}'::int8[]> ⇒ 1.2500000000000000
        stddev<'{5}'::int4[]> ⇒ ∅
        var_pop<'{5}'::int4[]> ⇒ 0
        stddev<'{1.5,2.25,3.125}'::numeric[]> ⇒ 0.81330088733096395985
        var_samp<'{1.5,2.25,3.125}'::numeric[]> ⇒ 0.66145833333333333333
        stddev_samp<'{1000000,2000000,3500000}'::int4[]> ⇒ 1258305.7392
        variance<'{0.001,0.002,0.004}'::numeric[]> ⇒ 0.000002333333333333333333
        stddev<'{1,2,3,4}'::float8[]> ⇒ 1.2909944487358056
        var_pop<'{1.5,2.5,9}'::float4[]> ⇒ 11.055555555555555
        corr<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 0.9933992677987828
        covar_pop<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 1.6666666666666667
        covar_samp<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 2.5
        regr_count<'{1,2,NULL}'::float8[] & '{2,4,7}'::float8[]> ⇒ 2
        regr_slope<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 0.39473684210526316
        regr_intercept<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 0.28947368421052627
        regr_r2<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 0.986842105263158
        regr_avgx<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 4.333333333333333
        regr_avgy<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 2
        regr_sxx<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 12.666666666666666
        regr_sxy<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 5
        regr_syy<'{1,2,3}'::float8[] & '{2,4,7}'::float8[]> ⇒ 2
        """);

    [Fact]
    public void Ordered_sets() => FunctionCases.Check("""
        percentile_cont[0.5]<'{1,2,3,10}'::float8[]> ⇒ 2.5
        percentile_cont[0.25]<'{1,2,3,10}'::int4[]> ⇒ 1.75
        percentile_disc[0.5]<'{1,2,3,10}'::int4[]> ⇒ 2
        percentile_disc[0]<'{a,b}'::text[]> ⇒ a
        percentile_cont['{0,0.5,1}'::float8[]]<'{1,2,3,10}'::float8[]> ⇒ {1,2.5,10}
        percentile_disc['{0.25,0.75}'::float8[]]<'{1,2,3,10}'::int4[]> ⇒ {1,3}
        percentile_cont[0.5]<'{1 day,2 days,4 days}'::interval[]> ⇒ 2 days
        percentile_cont[1.5]<'{1,2}'::float8[]> ⇒ error 22003
        mode[]<'{1,2,2,3,3}'::int4[]> ⇒ 2
        rank[3]<'{1,2,2,3,5}'::int4[]> ⇒ 4
        dense_rank[3]<'{1,2,2,3,5}'::int4[]> ⇒ 3
        percent_rank[3]<'{1,2,2,3,5}'::int4[]> ⇒ 0.6
        cume_dist[3]<'{1,2,2,3,5}'::int4[]> ⇒ 0.8333333333333334
        rank[2 & 'b'::text]<'{1,2,2}'::int4[] & '{x,a,c}'::text[]> ⇒ 3
        """);
}
