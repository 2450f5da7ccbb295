using Chitin.Sql.Syntax;
using Xunit;

namespace Chitin.UnitTests.Syntax;

public sealed class CorpusTests
{
    public static TheoryData<string> Statements => [.. Corpus.Statements];

    [Theory]
    [MemberData(nameof(Statements))]
    public void Every_statement_of_the_corpus_parses(string sql)
    {
        var statement = Assert.Single(Parser.ParseStatements(sql));
        Assert.Equal(sql, statement.Text);
    }
}
