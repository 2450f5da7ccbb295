using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;

namespace Chitin.UnitTests.Binding;

public sealed class ChangeBindingTests
{
    readonly FakeCatalog _catalog = new();

    public ChangeBindingTests()
    {
        _catalog.Table("g", "id int!, n int, doubled int, s text", "id", t => t with
        {
            Columns = [t.Columns[0] with { Identity = IdentityKind.Always }, t.Columns[1] with { Default = "7" }, t.Columns[2] with { Generated = "n * 2" }, t.Columns[3]],
            Checks = [new CheckConstraint("positive", "n > 0", [2])],
            Indexes =
            [
                new IndexDescriptor { Id = 5000, KeyId = 2, Name = "g_s", Unique = true, Parts = [new IndexPart { Expression = "lower(s)", Type = Chitin.Core.Types.SqlTypes.Text }], Predicate = "n > 5" },
            ],
        });
    }

    [Theory]
    [InlineData("insert into t values (1, 2, 3, 4)", "42601")]
    [InlineData("insert into t (a, b) values (1)", "42601")]
    [InlineData("insert into t (a, nope) values (1, 2)", "42703")]
    [InlineData("insert into t (a, a) values (1, 2)", "42701")]
    [InlineData("insert into t values ('x')", "22P02")]
    [InlineData("insert into t (a) select b from t", "42804")]
    [InlineData("update t set a = b", "42804")]
    [InlineData("update t set a = 1, a = 2", "42601")]
    [InlineData("update t set nope = 1", "42703")]
    [InlineData("update t set (a, b) = row(1)", "42601")]
    [InlineData("insert into g (id) values (1)", "428C9")]
    [InlineData("insert into g (doubled) values (1)", "428C9")]
    [InlineData("update g set doubled = 1", "428C9")]
    [InlineData("insert into t values (1) on conflict (b) do nothing", "42P10")]
    [InlineData("insert into t values (1) on conflict do update set b = 'x'", "42601")]
    [InlineData("insert into t values (1) on conflict on constraint nope do nothing", "42704")]
    [InlineData("delete from missing", "42P01")]
    [InlineData("insert into t values (count(*))", "42803")]
    [InlineData("select * from t where a in (insert into t values (1) returning a)", "42601")]
    [InlineData("select * from (with x as (delete from t returning a) select * from x) y", "0A000")]
    public void Failing_changes_report_their_sqlstate(string sql, string expected) =>
        Assert.Equal(expected, Assert.Throws<SqlException>(() => _catalog.Bind(sql)).State.Code);

    [Fact]
    public void Defaults_fill_what_an_insert_leaves_out()
    {
        var insert = (BoundInsert)_catalog.Bind("insert into g (n, s, doubled) values (default, 'x', default)");
        Assert.Equal([1, 3], insert.TargetOrdinals);
        var row = ((BoundValues)insert.Source).Rows[0];
        Assert.Equal(7, ((BoundConstant)row[0]).Value.AsInt32());
        Assert.Single(insert.Target.Generated);
        Assert.Equal("positive", insert.Target.Checks[0].Name);
        Assert.NotNull(insert.Target.Indexes[1].Predicate);
        Assert.IsType<BoundCall>(insert.Target.Indexes[1].Parts[0]);
    }

    [Fact]
    public void On_conflict_finds_partial_and_expression_indexes()
    {
        var insert = (BoundInsert)_catalog.Bind("insert into g (s) values ('x') on conflict (lower(s)) where n > 5 do update set n = g.n + excluded.n");
        Assert.Equal("g_s", insert.OnConflict!.Arbiter!.Name);
        Assert.Single(insert.OnConflict.Assignments);
    }

    [Fact]
    public void Untyped_literals_of_a_selected_source_take_the_columns_type()
    {
        var insert = (BoundInsert)_catalog.Bind("insert into t (a, c) select '5', '1.5' from u");
        Assert.All(insert.Source.Output, c => Assert.NotEqual(PgOid.Unknown, c.Type.Oid));
    }

    [Fact]
    public void Assigning_several_columns_from_a_query_runs_it_once()
    {
        var update = (BoundUpdate)_catalog.Bind("update t set (b, c) = (select b, 1 from u where u.a = t.a) where a = 1");
        Assert.Equal(2, update.Assignments.Length);
        Assert.Equal(4, update.Source.Output.Length);
    }

    [Fact]
    public void Returning_sees_the_new_row_and_the_joined_tables()
    {
        var update = (BoundUpdate)_catalog.Bind("update t set b = u.b from u where u.a = t.a returning t.b, u.id, *");
        Assert.Equal(9, update.Returning!.Names.Length);
        Assert.Equal(update.Target.Row[1], ((BoundColumnReference)update.Returning.Items[0].Expression).Column);
    }

    [Fact]
    public void Table_expressions_are_checked_for_what_they_may_hold()
    {
        BoundExpression Bind(string text, TableExpressionKind kind) => Binder.BindTableExpression(Sql.Syntax.Parser.ParseExpression(text), "t", _catalog.T.Columns,
            [.. _catalog.T.Columns.Select(c => new BoundColumn(c.Name, c.Type))], kind, _catalog.Context(), kind == TableExpressionKind.Default ? _catalog.T.Columns[0] : null);
        Assert.Equal(Volatility.Immutable, BoundInspection.VolatilityOf(Bind("a > 1", TableExpressionKind.Check)));
        Assert.Equal("42804", Assert.Throws<SqlException>(() => Bind("a", TableExpressionKind.Check)).State.Code);
        Assert.Equal("0A000", Assert.Throws<SqlException>(() => Bind("a + 1", TableExpressionKind.Default)).State.Code);
        Assert.Equal("42P17", Assert.Throws<SqlException>(() => Bind("now()", TableExpressionKind.Generated)).State.Code);
        Assert.Equal("0A000", Assert.Throws<SqlException>(() => Bind("a in (select 1)", TableExpressionKind.Check)).State.Code);
        Assert.Equal("42803", Assert.Throws<SqlException>(() => Bind("sum(a) > 1", TableExpressionKind.Check)).State.Code);
    }
}
