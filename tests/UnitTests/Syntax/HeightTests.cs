using Chitin.Core;
using Chitin.Sql.Syntax;
using Xunit;

namespace Chitin.UnitTests.Syntax;

/// <summary>What grows without nesting in the text still nests in the tree, and all that reads trees recurses.</summary>
public sealed class HeightTests
{
    public static TheoryData<string, string, string> Chains => new()
    {
        { "SELECT 1", "::int", "" },
        { "SELECT x", " + x", "" },
        { "SELECT x", " * x", "" },
        { "SELECT x", " || x", "" },
        { "SELECT x", " IS NULL", "" },
        { "SELECT x", " AT TIME ZONE 'utc'", "" },
        { "SELECT x", " COLLATE \"C\"", "" },
        { "SELECT x", " BETWEEN 1 AND 2", "" },
        { "SELECT x", " IN (1, 2)", "" },
        { "SELECT x", " LIKE x", "" },
        { "SELECT x", " OPERATOR(pg_catalog.+) x", "" },
        { "SELECT (x)", ".x", "" },
        { "SELECT ", "OPERATOR(pg_catalog.-) ", "x" },
        { "SELECT 1", " UNION ALL SELECT 1", "" },
        { "SELECT 1", " INTERSECT SELECT 1", "" },
        { "SELECT 1 FROM t", " CROSS JOIN t", "" },
        { "SELECT 1 FROM t", " NATURAL JOIN t", "" },
        { "SELECT 1 FROM t", ", t", "" },
        { "SELECT 1 FROM t", " JOIN t", "" },
        { "SELECT 1 FROM ", "(", "t" },
        { "", "EXPLAIN ", "SELECT 1" },
        { "", "WITH a AS (", "SELECT 1" },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void A_chain_is_bounded(string head, string link, string tail)
    {
        var error = Assert.Throws<SqlException>(() => Parser.ParseStatements(head + string.Concat(Enumerable.Repeat(link, 100_000)) + tail));
        Assert.Equal(SqlState.StatementTooComplex, error.State);
    }

    [Fact]
    public void Chains_in_chains_add_up()
    {
        var links = string.Concat(Enumerable.Repeat("::int", 500));
        var sql = "SELECT " + new string('(', 100) + "x" + string.Concat(Enumerable.Repeat(links + ")", 100));
        Assert.Equal(SqlState.StatementTooComplex, Assert.Throws<SqlException>(() => Parser.ParseStatements(sql)).State);
    }

    [Theory]
    [InlineData("x::int = 1", " OR ")]
    [InlineData("NOT x + 1 > 2", " AND ")]
    public void Siblings_do_not_add_up(string condition, string between) =>
        Assert.Single(Parser.ParseStatements("SELECT 1 FROM t WHERE " + string.Join(between, Enumerable.Repeat(condition, 20_000))));

    [Fact]
    public void Rows_do_not_add_up() =>
        Assert.Single(Parser.ParseStatements("INSERT INTO t VALUES " + string.Join(", ", Enumerable.Repeat("('a'::text, 1 + 2, x[1])", 20_000))));

    /// <summary>Each statement in a statement keeps its text.</summary>
    [Fact]
    public void Texts_of_nested_statements_do_not_multiply()
    {
        var sql = string.Concat(Enumerable.Repeat("WITH a AS (", 100)) + "SELECT '" + new string('x', 1_000_000) + "'" + string.Concat(Enumerable.Repeat(") SELECT 1", 100));
        Assert.Equal(SqlState.StatementTooComplex, Assert.Throws<SqlException>(() => Parser.ParseStatements(sql)).State);
    }
}
