using Chitin.Sql.Syntax;
using Xunit;

namespace Chitin.UnitTests.Syntax;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData("a_1", "a_1")]
    [InlineData("A", "\"A\"")]
    [InlineData("1a", "\"1a\"")]
    [InlineData("a$", "\"a$\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("select", "\"select\"")]
    [InlineData("int", "\"int\"")]
    [InlineData("left", "\"left\"")]
    [InlineData("name", "name")]
    [InlineData("ä", "\"ä\"")]
    public void Identifiers_are_quoted_only_when_needed(string name, string expected) => Assert.Equal(expected, SqlText.QuoteIdentifier(name));

    [Theory]
    [InlineData("it's", "'it''s'")]
    [InlineData("a\\b", "E'a\\\\b'")]
    public void Literals_are_quoted(string value, string expected) => Assert.Equal(expected, SqlText.QuoteLiteral(value));

    [Theory]
    [InlineData("CREATE USER a PASSWORD 's3cret'")]
    [InlineData("create role a with encrypted password E's3\\'s3cret' login")]
    [InlineData("ALTER USER a WITH PASSWORD $x$s3cret$x$ VALID UNTIL '2030-01-01'")]
    [InlineData("ALTER ROLE a PASSWORD 's3'\n's3cret'")]
    [InlineData("ALTER USER a PASSWORD = 's3cret'")]
    [InlineData("ALTER USER a PASSWORD s3cret")]
    [InlineData("ALTER USER a PASSWORD \"s3cret\"")]
    [InlineData("ALTER USER a PASSWORD 's3cret")]
    [InlineData("ALTER USER a PASSWORD 'x's3cret'")]
    [InlineData("ALTER USER a /* 's' */ PASSWORD /* c */ U&'s3cret'")]
    [InlineData("EXPLAIN ALTER USER a PASSWORD 'a' 's3cret'")]
    [InlineData("SET password = 's3cret'")]
    [InlineData("select 1; create user b password 's3cret'; select 2")]
    public void Passwords_are_hidden(string sql) => Assert.DoesNotContain("s3cret", SqlText.HideSecrets(sql), StringComparison.Ordinal);

    [Fact]
    public void Nothing_but_the_password_is_hidden() => Assert.Equal(
        "ALTER USER a WITH PASSWORD '********' VALID UNTIL '2030-01-01'; SELECT password FROM t WHERE b = 'x'",
        SqlText.HideSecrets("ALTER USER a WITH PASSWORD 'p' VALID UNTIL '2030-01-01'; SELECT password FROM t WHERE b = 'x'"));

    [Fact]
    public void Redaction_replaces_every_literal_and_drops_comments() => Assert.Equal(
        "SELECT a, _ FROM t WHERE b = _ AND c IN (_, _)  AND d = $1",
        SqlText.RedactLiterals("SELECT a, 1 FROM t WHERE b = 'x' AND c IN (1.5, E'y') /* z */ AND d = $1").Replace(") AND", ")  AND", StringComparison.Ordinal));
}
