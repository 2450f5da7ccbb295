using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.UnitTests.Binding;

public sealed class QueryBindingTests
{
    readonly FakeCatalog _catalog = new();

    /// <summary>Result columns as "name type, …".</summary>
    string Shape(string sql)
    {
        var query = (BoundQuery)_catalog.Bind(sql);
        return string.Join(", ", query.Root.Output.Select((c, i) => $"{query.Names[i]} {c.Type.FormatName(c.TypeModifier)}"));
    }

    [Theory]
    [InlineData("select 1, 'x', 1.5, null, true, 3000000000", "?column? integer, ?column? text, ?column? numeric, ?column? text, bool boolean, ?column? bigint")]
    [InlineData("select * from t", "a integer, b text, c numeric")]
    [InlineData("select x.*, t.a + 1 as n from t, u x", "id integer, a integer, b text, at timestamp without time zone, n integer")]
    [InlineData("select a, count(*), sum(c) from t group by a", "a integer, count bigint, sum numeric")]
    [InlineData("select a, b, c from t group by a", "a integer, b text, c numeric")]
    [InlineData("select coalesce(a, 1), case when a > 1 then 'x' end, nullif(a, 2), greatest(a, 1.5) from t", "coalesce integer, case text, nullif integer, greatest numeric")]
    [InlineData("select cast('5' as int), '5'::varchar(3), date '2020-01-01'", "int4 integer, varchar character varying(3), date date")]
    [InlineData("select * from t join u using (a)", "a integer, b text, c numeric, id integer, b text, at timestamp without time zone")]
    [InlineData("select * from t natural join u", "a integer, b text, c numeric, id integer, at timestamp without time zone")]
    [InlineData("select * from t full join u using (a)", "a integer, b text, c numeric, id integer, b text, at timestamp without time zone")]
    [InlineData("select (select max(a) from t), exists(select 1), array[1, 2], array(select a from t)", "max integer, exists boolean, array integer[], array integer[]")]
    [InlineData("select 1 union select 2.5 union all select null order by 1", "?column? numeric")]
    [InlineData("select 'a' union select 'b'", "?column? text")]
    [InlineData("select null union select 1", "?column? integer")]
    [InlineData("values (1, 'a'), (2.5, null)", "column1 numeric, column2 text")]
    [InlineData("with x as (select a from t) select * from x", "a integer")]
    [InlineData("with x(n) as (select a from t) select x.n, y.n from x, x y", "n integer, n integer")]
    [InlineData("with recursive r(n) as (select 1 union all select n + 1 from r where n < 10) select * from r", "n integer")]
    [InlineData("select row_number() over (partition by b order by a), sum(a) over w, rank() over (w) from t window w as (order by c)", "row_number bigint, sum bigint, rank bigint")]
    [InlineData("select generate_series(1, a) as g, a from t", "g integer, a integer")]
    [InlineData("select * from generate_series(1, 3) g", "g integer")]
    [InlineData("select * from generate_series(1, 3) with ordinality as g(v, n)", "v integer, n bigint")]
    [InlineData("select * from t, lateral (select u.id from u where u.a = t.a) x", "a integer, b text, c numeric, id integer")]
    [InlineData("select t from t", "t record")]
    [InlineData("select (x.t).a from (select t from t) x", "a integer")]
    [InlineData("select (t).b, (row(1, 'x')).f2 from t", "b text, f2 text")]
    [InlineData("select array[[1, 2], [3, 4]], (array[1, 2, 3])[2], (array[1, 2, 3])[1:2]", "array integer[], array integer, array integer[]")]
    [InlineData("select distinct on (a) a, b from t order by a, c desc", "a integer, b text")]
    [InlineData("select count(distinct b) filter (where a > 1), string_agg(b, ',' order by a) from t", "count bigint, string_agg text")]
    [InlineData("select percentile_cont(0.5) within group (order by a) from t", "percentile_cont double precision")]
    [InlineData("select a as x from t order by x", "x integer")]
    [InlineData("select -2147483648, - 9223372036854775808", "?column? integer, ?column? bigint")]
    [InlineData("table t", "a integer, b text, c numeric")]
    [InlineData("select a from t where b like 'x%' and c between 1 and 2 and a in (1, 2, 3) and b is not null limit 3 offset 1", "a integer")]
    [InlineData("select (1, 2) < (3, 4), (1, 2) = (select a, 1 from t), (1, 'x') in (select a, b from t)", "?column? boolean, ?column? boolean, ?column? boolean")]
    [InlineData("select a, grouping(a), count(*) from t group by rollup (a)", "a integer, grouping integer, count bigint")]
    [InlineData("select extract(year from at), at + interval '1 day', at at time zone 'UTC' from u", "extract numeric, ?column? timestamp without time zone, timezone timestamp with time zone")]
    [InlineData("select tableoid, tableoid = 't'::regclass from t", "tableoid oid, ?column? boolean")]
    public void Queries_have_PostgreSQLs_columns(string sql, string expected) => Assert.Equal(expected, Shape(sql));

    [Theory]
    [InlineData("select * from missing", "42P01")]
    [InlineData("select x from t", "42703")]
    [InlineData("select t.x from t", "42703")]
    [InlineData("select z.a from t", "42P01")]
    [InlineData("select a from t, u", "42702")]
    [InlineData("select * from t, t", "42712")]
    [InlineData("select a, count(*) from t", "42803")]
    [InlineData("select b from t group by c", "42803")]
    [InlineData("select count(*) from t where count(*) > 1", "42803")]
    [InlineData("select sum(count(*)) from t", "42803")]
    [InlineData("select a from t where row_number() over () = 1", "42P20")]
    [InlineData("select a from t order by 5", "42P10")]
    [InlineData("select distinct a from t order by b", "42P10")]
    [InlineData("select distinct on (a) a from t order by b", "42P10")]
    [InlineData("select a from t where a", "42804")]
    [InlineData("select 'x'::int", "22P02")]
    [InlineData("select case when true then 1 else 'x' end", "22P02")]
    [InlineData("select 1 union select 'x'", "22P02")]
    [InlineData("select 1 union select 1, 2", "42601")]
    [InlineData("select nosuch(1)", "42883")]
    [InlineData("select a + b from t", "42883")]
    [InlineData("select 1 limit 'x'", "22P02")]
    [InlineData("select (select a, b from t)", "42601")]
    [InlineData("select $1", null)]
    [InlineData("select * from t, (select t.a) x", "42P01")]
    [InlineData("select * from u right join lateral (select u.id) x on true", "42P10")]
    [InlineData("with recursive r as (select 1 union all select count(*)::int from r) select * from r", "42P19")]
    [InlineData("with recursive r as (select * from r) select 1", "42P19")]
    [InlineData("with x as (select 1), x as (select 2) select 1", "42712")]
    [InlineData("select a from t union select a from u order by a + 1", "0A000")]
    [InlineData("select a from t group by a for update", "0A000")]
    [InlineData("select array[]", "42P18")]
    [InlineData("select generate_series(1, 2) from t where generate_series(1, 2) = 1", "0A000")]
    [InlineData("select a from t limit a", "42P10")]
    [InlineData("select 1 from t having a > 1", "42803")]
    [InlineData("select b from t order by b using &&", "42809")]
    [InlineData("select a from t order by 'x'", "42601")]
    [InlineData("select b collate \"nosuch collation\" from t", "42704")]
    [InlineData("select 1::nosuch", "42704")]
    [InlineData("select is_null(1)", "42883")]
    public void Failing_queries_report_their_sqlstate(string sql, string? expected)
    {
        if (expected is null)
            _catalog.Bind(sql);
        else
            Assert.Equal(expected, Assert.Throws<SqlException>(() => _catalog.Bind(sql)).State.Code);
    }

    [Fact]
    public void Errors_carry_the_position_of_the_name()
    {
        var error = Assert.Throws<SqlException>(() => _catalog.Bind("select a, nope from t"));
        Assert.Equal(("column \"nope\" does not exist", 11), (error.Message, error.Position));
        Assert.Equal("Perhaps you meant to reference the column \"t.b\".",
            Assert.Throws<SqlException>(() => _catalog.Bind("select bb from t")).Hint);
    }

    [Theory]
    [InlineData("select a from t where a = $1", "integer")]
    [InlineData("select $1 || 'x'", "text")]
    [InlineData("select $2 + 1.5, $1::date", "date numeric")]
    [InlineData("insert into t values ($1, $2, $3)", "integer text numeric")]
    [InlineData("update t set c = $1 where b = $2", "numeric text")]
    [InlineData("select a from t where a = any($1) limit $2", "integer[] bigint")]
    [InlineData("select a from t where a in ($1, $2) and b like $3", "integer integer text")]
    [InlineData("select case when $1 then 1 else $2 end", "boolean integer")]
    public void Parameter_types_are_inferred(string sql, string expected)
    {
        var context = _catalog.Context();
        Binder.Bind(Parser.ParseStatements(sql)[0], context);
        Assert.Equal(expected, string.Join(' ', context.Parameters.Complete().Select(t => t.DisplayName)));
    }

    [Fact]
    public void A_parameter_that_nothing_types_is_refused() =>
        Assert.Equal("42P18", Assert.Throws<SqlException>(() => _catalog.Bind("select a from t where $2 = 1")).State.Code);

    [Fact]
    public void Constants_are_folded_unless_they_fail()
    {
        var query = (BoundQuery)_catalog.Bind("select 1 + 2, case when true then 1 else 1 / 0 end, 1 / 0");
        var items = ((BoundProject)query.Root).Items;
        Assert.Equal(3, ((BoundConstant)items[0].Expression).Value.AsInt32());
        Assert.IsType<BoundConstant>(items[1].Expression);
        Assert.IsType<BoundCall>(items[2].Expression);
    }

    [Fact]
    public void A_common_table_read_once_is_inlined_and_one_read_twice_is_computed_once()
    {
        Assert.Empty(_catalog.Bind("with x as (select a from t) select * from x").CommonTables);
        Assert.Single(_catalog.Bind("with x as (select a from t) select * from x, x y").CommonTables);
        Assert.Single(_catalog.Bind("with x as materialized (select a from t) select * from x").CommonTables);
        Assert.Empty(_catalog.Bind("with x as not materialized (select a from t) select * from x, x y").CommonTables);
        Assert.Empty(_catalog.Bind("with x as (select a from t) select 1").CommonTables);
        Assert.Equal(["y"], _catalog.Bind("with x as (select a from t), y as (select * from x) select * from y, y z").CommonTables.Select(c => c.Name));
    }

    [Fact]
    public void Common_tables_stand_after_those_that_they_read()
    {
        var statement = _catalog.Bind("with x as (select a from t), y as (insert into u (id) select a from x returning id) select * from y, (with w as (select * from x) select * from w, w v) q");
        var names = statement.CommonTables.Select(c => c.Name).ToList();
        Assert.Equal(["w", "x", "y"], names.Order());
        Assert.True(names.IndexOf("x") < names.IndexOf("y") && names.IndexOf("x") < names.IndexOf("w"));
    }

    [Fact]
    public void An_aggregate_over_outer_columns_belongs_to_the_outer_query()
    {
        var query = (BoundQuery)_catalog.Bind("select (select sum(t.a) from u limit 1) from t");
        Assert.Single(((BoundAggregate)((BoundProject)query.Root).Input).Calls);
        Assert.Equal("42803", Assert.Throws<SqlException>(() => _catalog.Bind("select (select t.b from u limit 1), count(*) from t")).State.Code);
    }

    [Fact]
    public void Deep_expressions_are_refused_and_long_chains_are_not()
    {
        _catalog.Bind("select " + string.Join(" || ", Enumerable.Repeat("'x'", 900)));
        var nested = new string('(', 5000) + "1" + new string(')', 5000);
        Assert.Throws<SqlException>(() => _catalog.Bind("select " + nested));
    }
}
