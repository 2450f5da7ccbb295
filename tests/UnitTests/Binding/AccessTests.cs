using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.UnitTests.Binding;

public sealed class AccessTests
{
    readonly FakeCatalog _catalog = new();

    /// <summary>Accesses but those to schemas, as "kind name privileges(columns)[@role]".</summary>
    string Accesses(string sql) => string.Join("; ", _catalog.Bind(sql).Accesses.Accesses.Where(a => a.Kind != ObjectKind.Schema || (a.Required & Privilege.Usage) == 0)
        .Select(a => $"{a.ObjectName} {(a.Rule == Security.AccessRule.Privileges ? a.Required.ToString() : a.Rule.ToString())}" +
                     $"({string.Join(',', a.Columns)})" + (a.OnBehalfOf == FakeCatalog.Alice ? "" : $"@{a.OnBehalfOf}")));

    [Theory]
    [InlineData("select a from t where c > 1", "t Select(1,3)")]
    [InlineData("select count(*) from t", "t Select()")]
    [InlineData("select * from t join u using (a)", "t Select(1,2,3); u Select(1,2,3,4)")]
    [InlineData("select t from t", "t Select(1,2,3)")]
    [InlineData("insert into t (a, b) values (1, 'x')", "t Insert(1,2)")]
    [InlineData("insert into t select id, b, 1 from u returning c", "u Select(1,3); t Insert(1,2,3); t Select(3)")]
    [InlineData("insert into t values (1) on conflict (a) do update set b = excluded.b where t.c > 1", "t Insert(1); t Select(1,2,3); t Update(2)")]
    [InlineData("update t set b = 'x'", "t Update(2)")]
    [InlineData("update t set b = 'x' where a = 1", "t Select(1); t Update(2)")]
    [InlineData("delete from t where a = 1", "t Delete(); t Select(1)")]
    [InlineData("delete from t using u where t.a = u.a", "t Delete(); t Select(1); u Select(2)")]
    [InlineData("upsert into t values (1, 'x', 2)", "t Insert(1,2,3); t Select(); t Update()")]
    [InlineData("select a from t for update", "t Select(1); t Update()")]
    [InlineData("copy t (a, b) from stdin", "t Insert(1,2)")]
    [InlineData("copy t to stdout", "t Select(1,2,3)")]
    [InlineData("explain select a from t", "t Select(1)")]
    [InlineData("create table n (a int references t)", "public Create(); t References(1)")]
    [InlineData("create view w as select a from t", "public Create(); t Select(1)")]
    [InlineData("create index on t (b)", "t Create()")]
    [InlineData("alter table t add column z int", "t Create()")]
    [InlineData("drop table t", "t Drop()")]
    [InlineData("truncate t, u", "t Truncate(); u Truncate()")]
    [InlineData("alter table t rename to t2", "t Drop(); public Create()")]
    [InlineData("alter table t owner to owner", "t Owner(); owner RoleMember()")]
    [InlineData("create schema s", "defaultdb Create()")]
    [InlineData("create database d", "CREATEDB SystemPrivilege()")]
    [InlineData("create user bob", "CREATEROLE SystemPrivilege()")]
    [InlineData("grant owner to alice", "owner RoleAdmin()")]
    [InlineData("show create table t", "t AnyPrivilege()")]
    public void Statements_note_what_they_touch(string sql, string expected) => Assert.Equal(expected, Accesses(sql));

    [Fact]
    public void A_view_is_read_as_the_caller_and_its_tables_as_its_owner()
    {
        _catalog.View("v", "SELECT t.a, t.b AS x FROM public.t WHERE t.c > 1", ("a", SqlTypes.Int4), ("x", SqlTypes.Text));
        Assert.Equal("v Select(2); t Select(1,2,3)@102", Accesses("select x from v"));
    }

    [Fact]
    public void Views_that_read_themselves_are_refused()
    {
        _catalog.View("v", "SELECT * FROM public.w", ("a", SqlTypes.Int4));
        _catalog.View("w", "SELECT * FROM public.v", ("a", SqlTypes.Int4));
        Assert.Equal("42P17", Assert.Throws<SqlException>(() => _catalog.Bind("select * from v")).State.Code);
    }

    [Fact]
    public void A_view_is_stored_with_its_names_qualified_and_its_stars_spelt_out()
    {
        string Text(string query) => ((BoundUtility)_catalog.Bind("create view n as " + query)).QualifiedText!;
        Assert.Equal("select t.a, t.b, t.c from public.t", Text("select * from t"));
        Assert.Equal("select x.id, x.a, x.b, x.at from public.u as x where exists (select 1 from public.t where t.a = x.a)",
            Text("select x.* from u as x where exists (select 1 from t where t.a = x.a)"));
        Assert.Equal("select t.a, t.c, u.id, u.at from (select t.a, t.c from public.t) t join (select id, a, at from public.u) u using (a)",
            Text("select * from (select t.a, t.c from t) t join (select id, a, at from u) u using (a)"));
    }

    [Fact]
    public void Relations_are_remembered_with_the_version_that_was_bound() =>
        Assert.Equal([(_catalog.T.Id, 1), (_catalog.U.Id, 1)], _catalog.Bind("select * from t, u").Relations.Order());
}
