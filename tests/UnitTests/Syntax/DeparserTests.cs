using Chitin.Sql.Syntax;
using Xunit;

namespace Chitin.UnitTests.Syntax;

public sealed class DeparserTests
{
    [Theory]
    [InlineData("a + b * c - d")]
    [InlineData("a - (b - c)")]
    [InlineData("(a + b) * c")]
    [InlineData("(-5)::integer")]
    [InlineData("- (-a)", "-(-a)")]
    [InlineData("2 - -5")]
    [InlineData("-a ^ 2")]
    [InlineData("(-5) ^ 2", "-5 ^ 2")]
    [InlineData("a = (b = c)")]
    [InlineData("(a = b) = c")]
    [InlineData("a AND (b OR c) AND NOT d")]
    [InlineData("(a AND b) AND c")]
    [InlineData("NOT (a AND b)")]
    [InlineData("(NOT a) = b")]
    [InlineData("(a OR b) IS NULL")]
    [InlineData("a = b IS NOT NULL")]
    [InlineData("a BETWEEN b + 1 AND c AND d")]
    [InlineData("a NOT BETWEEN SYMMETRIC (b = c) AND (d AND e)")]
    [InlineData("a NOT IN (1, 'x', NULL)")]
    [InlineData("(a, b) IN (SELECT x, y FROM t)")]
    [InlineData("a LIKE 'x%' ESCAPE '!'")]
    [InlineData("a NOT ILIKE ALL (ARRAY['x', b])")]
    [InlineData("a = ANY ('{1,2}'::integer[])")]
    [InlineData("a || b || c")]
    [InlineData("a || (b || c)")]
    [InlineData("a OPERATOR(pg_catalog.+) b")]
    [InlineData("~ a & b")]
    [InlineData("a IS DISTINCT FROM (b IS NULL)")]
    [InlineData("CASE a WHEN 1 THEN 'x' ELSE b || 'y' END")]
    [InlineData("CASE WHEN a THEN 1 WHEN b THEN 2 END")]
    [InlineData("a::numeric(8, 2)::text")]
    [InlineData("'1'::interval DAY TO SECOND(3)")]
    [InlineData("'x'::timestamp(3) with time zone")]
    [InlineData("'x'::character varying(10)[]")]
    [InlineData("'x'::\"char\"")]
    [InlineData("now() AT TIME ZONE 'UTC'")]
    [InlineData("EXTRACT(year FROM a + b)")]
    [InlineData("SUBSTRING(a FROM 2 FOR 3)")]
    [InlineData("POSITION('a' IN b)")]
    [InlineData("TRIM(LEADING 'x' FROM y)")]
    [InlineData("OVERLAY(a PLACING b FROM 1 FOR 2)")]
    [InlineData("(a, b) OVERLAPS (c, d)")]
    [InlineData("count(*) FILTER (WHERE a > 1) OVER (PARTITION BY b ORDER BY c DESC NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)")]
    [InlineData("string_agg(DISTINCT a, ',' ORDER BY a)")]
    [InlineData("percentile_cont(0.5) WITHIN GROUP (ORDER BY a)")]
    [InlineData("sum(a) OVER w")]
    [InlineData("f(VARIADIC a)")]
    [InlineData("f(x => 1, y => 2)")]
    [InlineData("\"left\"(a, 1)")]
    [InlineData("(a).b")]
    [InlineData("((a).b).\"C\"")]
    [InlineData("(f(a)).*")]
    [InlineData("a[1][2:3]")]
    [InlineData("(a[1])[2]")]
    [InlineData("a[:]")]
    [InlineData("ROW(1, 2) = (a, b)")]
    [InlineData("ROW()")]
    [InlineData("ARRAY[[1, 2], [3, 4]]", "ARRAY[ARRAY[1, 2], ARRAY[3, 4]]")]
    [InlineData("CURRENT_TIMESTAMP(3)")]
    [InlineData("CURRENT_DATE")]
    [InlineData("E'a\\\\b'")]
    [InlineData("B'0101'")]
    [InlineData("a COLLATE \"C\" < b")]
    [InlineData("EXISTS (SELECT 1)")]
    [InlineData("(SELECT max(a) FROM t) + 1")]
    [InlineData("s.t.\"Column\"")]
    [InlineData("a -> 'b' ->> 'c'")]
    [InlineData("nextval('q'::regclass)")]
    public void Expressions_keep_their_form(string sql, string? expected = null)
    {
        var tree = Parser.ParseExpression(sql);
        var text = SqlDeparser.ToSql(tree);
        Assert.Equal(expected ?? sql, text);
        Assert.Equal(TreeText.Of(tree), TreeText.Of(Parser.ParseExpression(text)));
    }

    [Theory]
    [InlineData("SELECT")]
    [InlineData("SELECT DISTINCT ON (a) a, b AS c, t.* FROM s.t AS t(x, y) WHERE a > 1 GROUP BY a, b HAVING count(*) > 1 ORDER BY 1 DESC, b NULLS FIRST LIMIT 5 OFFSET 2")]
    [InlineData("SELECT a FROM t UNION ALL SELECT b FROM u EXCEPT SELECT c FROM v")]
    [InlineData("SELECT a FROM t UNION (SELECT b FROM u EXCEPT SELECT c FROM v) ORDER BY 1")]
    [InlineData("(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL SELECT b FROM u")]
    [InlineData("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3")]
    [InlineData("(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3")]
    [InlineData("VALUES (1, 'a'), (2, 'b')")]
    [InlineData("TABLE t")]
    [InlineData("WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r")]
    [InlineData("WITH x AS MATERIALIZED (INSERT INTO t (a) VALUES (1) RETURNING a) SELECT * FROM x FOR UPDATE OF x SKIP LOCKED")]
    [InlineData("SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y) CROSS JOIN d NATURAL JOIN e")]
    [InlineData("SELECT * FROM a JOIN (b LEFT JOIN c ON b.x = c.x) ON a.x = b.x")]
    [InlineData("SELECT * FROM (a JOIN b USING (x)) AS j(p, q)")]
    [InlineData("SELECT * FROM a, LATERAL (SELECT a.x) AS l, generate_series(1, 3) WITH ORDINALITY AS g(i, n)")]
    [InlineData("SELECT * FROM ROWS FROM (f(1), g(2)) AS r")]
    [InlineData("SELECT * FROM json_to_record('{}') AS r (a integer, b text)")]
    [InlineData("SELECT a, sum(b) FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS (a, (), ROLLUP (b))")]
    [InlineData("SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b)")]
    [InlineData("SELECT a FROM t ORDER BY a FETCH FIRST (3) ROWS WITH TIES")]
    [InlineData("INSERT INTO t AS x (a, b) VALUES (1, DEFAULT) ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE x.b IS NULL RETURNING *")]
    [InlineData("UPDATE t AS x SET a = 1, (b, c) = (SELECT 1, 2) FROM u WHERE x.a = u.a RETURNING x.a")]
    [InlineData("DELETE FROM t USING u WHERE t.a = u.a")]
    public void Statements_keep_their_form(string sql)
    {
        var tree = Parser.ParseStatements(sql)[0];
        var text = SqlDeparser.ToSql(tree);
        Assert.Equal(TreeText.Of(tree), TreeText.Of(Parser.ParseStatements(text)[0]));
        Assert.Equal(sql, text);
    }

    [Fact]
    public void The_longest_chain_of_operators_survives()
    {
        var sql = string.Join(" + ", Enumerable.Repeat("1", 2_400));
        Assert.Equal(sql, SqlDeparser.ToSql(Parser.ParseExpression(sql)));
    }
}
