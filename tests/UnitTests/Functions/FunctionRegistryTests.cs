using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.UnitTests.Functions;

public sealed class FunctionRegistryTests
{
    static readonly FunctionRegistry s_registry = FunctionRegistry.BuiltIn;

    [Theory]
    [InlineData("int4pl", 177u)]
    [InlineData("lower", 870u)]
    [InlineData("nextval", 1574u)]
    public void Known_functions_have_postgresqls_oids(string name, uint oid) => Assert.Contains(s_registry.Functions(name), f => f.Oid == oid);

    [Fact]
    public void Oids_of_functions_are_below_those_of_users() => Assert.All(s_registry.AllFunctions, f => Assert.InRange(f.Oid, 1u, PgOid.FirstNormal - 1));

    [Fact]
    public void Every_operator_agrees_with_its_function() => Assert.All(s_registry.AllOperators, o =>
    {
        Assert.Equal(o.Left is null ? [o.Right] : [o.Left, o.Right], o.Function.ArgumentTypes);
        Assert.True(o.Function.Unary is not null || o.Function.Binary is not null || o.Function.Body is not null || o.Function.BodyFactory is not null);
    });

    [Fact]
    public void Every_ordered_scalar_type_has_all_six_comparisons()
    {
        foreach (var type in (SqlType[])[SqlTypes.Bool, SqlTypes.Int2, SqlTypes.Int8, SqlTypes.Numeric, SqlTypes.Float4, SqlTypes.Text, SqlTypes.BpChar, SqlTypes.Bytea, SqlTypes.Uuid,
            SqlTypes.Date, SqlTypes.TimeTz, SqlTypes.TimestampTz, SqlTypes.Interval, SqlTypes.Jsonb, SqlTypes.Oid, SqlTypes.Name, SqlTypes.Char])
        {
            foreach (var (symbol, kind) in ((string, ComparisonKind)[])[("=", ComparisonKind.Equal), ("<>", ComparisonKind.NotEqual), ("<", ComparisonKind.Less),
                ("<=", ComparisonKind.LessOrEqual), (">", ComparisonKind.Greater), (">=", ComparisonKind.GreaterOrEqual)])
                Assert.Equal(kind, s_registry.Operator(symbol, type, type)?.Comparison);
        }
    }

    [Fact]
    public void Negators_and_commutators_exist() => Assert.All(s_registry.AllOperators.Where(o => o.Comparison != ComparisonKind.None), o =>
    {
        Assert.NotEmpty(s_registry.Operators(o.Commutator ?? o.Symbol));
        Assert.NotEmpty(s_registry.Operators(o.Negator ?? o.Symbol));
    });

    [Theory]
    [InlineData("repeat('x', 1000000000)", "54000")]
    [InlineData("lpad('x', 1000000000)", "54000")]
    [InlineData("array_fill(1, '{100000,100000}'::int4[])", "54000")]
    [InlineData("factorial(100000)", "22003")]
    [InlineData("power(10.0, 1000000)", "22003")]
    [InlineData("format('%1000000000s', 'x')", "54000")]
    [InlineData("regexp_replace('x', '((((a{1,255}){1,255}){1,255}){1,255})', '')", "2201B")]
    public void What_would_explode_is_refused(string expression, string state) =>
        Assert.Equal(state, Assert.Throws<SqlException>(() => Expression.Evaluate(expression)).State.Code);

    [Fact]
    public void A_long_series_can_be_interrupted()
    {
        var resolution = OverloadResolver.BuiltIn.ResolveFunction("generate_series", SqlTypes.Int8, SqlTypes.Int8);
        var rows = ((TableFunction)resolution.Call!.Function).BodyFactory(resolution.Call)([Datum.FromInt64(1), Datum.FromInt64(long.MaxValue)], new InterruptedContext());
        Assert.Throws<OperationCanceledException>(() => rows.Count());
    }

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "(a|aa)+$", true)]
    public void Hostile_regular_expressions_run_in_linear_time(string text, string pattern, bool expected)
    {
        var start = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(expected ? "t" : "f", Expression.Evaluate($"'{text}' ~ '{pattern}'"));
        Assert.True(start.Elapsed < TimeSpan.FromSeconds(1.5));
    }

    sealed class InterruptedContext : EvaluationContext
    {
        int _calls;

        public override void CheckInterrupts()
        {
            if (++_calls > 10)
                throw new OperationCanceledException();
        }
    }
}
