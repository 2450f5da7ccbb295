using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.UnitTests.Functions;

public sealed class OverloadResolverTests
{
    static readonly OverloadResolver s_resolver = OverloadResolver.BuiltIn;

    static SqlType T(string name) => Expression.TypeNamed(name);

    [Theory]
    [InlineData("+", "int4", "unknown", "int4")]
    [InlineData("+", "int4", "int8", "int8")]
    [InlineData("+", "int2", "numeric", "numeric")]
    [InlineData("+", "float4", "int4", "float8")]
    [InlineData("||", "unknown", "unknown", "text")]
    [InlineData("||", "varchar", "unknown", "text")]
    [InlineData("-", "timestamp", "date", "interval")]
    [InlineData("<", "varchar", "varchar", "bool")]
    [InlineData("=", "int8", "int2", "bool")]
    [InlineData("=", "regclass", "unknown", "bool")]
    [InlineData("^", "int4", "int4", "float8")]
    public void Operators_resolve_to_result_types(string symbol, string left, string right, string result) =>
        Assert.Equal(T(result), s_resolver.ResolveOperator(symbol, T(left), T(right)).Call.ReturnType);

    [Theory]
    [InlineData("=", "int4", "text", "42883", "operator does not exist: integer = text")]
    [InlineData("+", "unknown", "unknown", "42725", "operator is not unique: unknown + unknown")]
    [InlineData("+", "date", "unknown", "42725", "operator is not unique: date + unknown")]
    [InlineData("+", "bool", "bool", "42883", "operator does not exist: boolean + boolean")]
    public void Operators_that_do_not_resolve_say_why(string symbol, string left, string right, string state, string message)
    {
        var error = Assert.Throws<SqlException>(() => s_resolver.ResolveOperator(symbol, T(left), T(right)));
        Assert.Equal((state, message), (error.State.Code, error.Message));
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void Unknown_function_names_its_argument_types()
    {
        var error = Assert.Throws<SqlException>(() => s_resolver.ResolveFunction("foo", T("int4"), T("unknown")));
        Assert.Equal("function foo(integer, unknown) does not exist", error.Message);
    }

    [Theory]
    [InlineData("UNION", "int4,numeric,unknown", "numeric")]
    [InlineData("CASE", "unknown,unknown", "text")]
    [InlineData("VALUES", "text,varchar", "text")]
    [InlineData("COALESCE", "date,timestamptz", "timestamptz")]
    [InlineData("ARRAY", "int2,int4,float4", "float4")]
    public void Common_type_is_found(string context, string types, string expected) =>
        Assert.Equal(T(expected), s_resolver.SelectCommonType([.. types.Split(',').Select(T)], context));

    [Fact]
    public void Types_without_a_common_one_are_a_mismatch() =>
        Assert.Equal("UNION types integer and text cannot be matched", Assert.Throws<SqlException>(() => s_resolver.SelectCommonType([T("int4"), T("text")], "UNION")).Message);

    [Theory]
    [InlineData("int4", "int8", CastContext.Implicit, true)]
    [InlineData("int8", "int4", CastContext.Implicit, false)]
    [InlineData("int8", "int4", CastContext.Assignment, true)]
    [InlineData("int4", "text", CastContext.Implicit, false)]
    [InlineData("int4", "text", CastContext.Assignment, true)]
    [InlineData("text", "int4", CastContext.Assignment, false)]
    [InlineData("text", "int4", CastContext.Explicit, true)]
    [InlineData("int4[]", "int8[]", CastContext.Implicit, true)]
    [InlineData("bool", "int8", CastContext.Explicit, false)]
    public void Casts_are_allowed_by_context(string source, string target, CastContext context, bool expected) =>
        Assert.Equal(expected, s_resolver.CanCoerce(T(source), T(target), context));

    [Fact]
    public void A_type_name_used_as_function_casts() => Assert.Equal(T("date"), s_resolver.ResolveFunction("date", T("unknown")).CastTarget);

    [Fact]
    public void Named_arguments_find_their_places_and_defaults()
    {
        var resolution = s_resolver.ResolveFunction(new FunctionCallShape("make_interval", [T("int4")]) { ArgumentNames = ["days"] });
        Assert.Equal([-1, -2, -3, 0, -5, -6, -7], resolution.Arguments);
    }

    [Fact]
    public void An_enum_takes_the_polymorphic_operators()
    {
        var color = new EnumType(20000, 20001, "color", EnumType.MakeLabels(["red", "green"]));
        var equality = s_resolver.ResolveOperator("=", color, T("unknown"));
        Assert.Equal(ComparisonKind.Equal, equality.Operator.Comparison);
        Assert.Equal([color, color], equality.Call.ArgumentTypes);
    }
}
