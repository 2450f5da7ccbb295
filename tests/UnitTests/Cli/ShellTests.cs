using System.Collections.Immutable;
using Chitin.Cli.Client;
using Chitin.Cli.Output;

namespace Chitin.UnitTests.Cli;

public sealed class ShellTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2;", "SELECT 1|SELECT 2")]
    [InlineData("SELECT ';'; SELECT \";\";", "SELECT ';'|SELECT \";\"")]
    [InlineData("SELECT E'\\';'; SELECT 'a'';';", "SELECT E'\\';'|SELECT 'a'';'")]
    [InlineData("SELECT $$;$$; SELECT $a$;$$;$a$;", "SELECT $$;$$|SELECT $a$;$$;$a$")]
    [InlineData("SELECT 1 -- ; no\n;", "SELECT 1 -- ; no")]
    [InlineData("SELECT /* ; /* ; */ ; */ 1;", "SELECT /* ; /* ; */ ; */ 1")]
    [InlineData(";; -- nothing\n; /* nothing */;", "")]
    [InlineData("SELECT $1; SELECT a$b$c;", "SELECT $1|SELECT a$b$c")]
    [InlineData("SELECT E'a''b\\';c'; SELECT 2;", "SELECT E'a''b\\';c'|SELECT 2")]
    [InlineData("SELECT $a$\n;$b$\n;$a$; SELECT /*\n;/*;\n*/;*/ 2;", "SELECT $a$\n;$b$\n;$a$|SELECT /*\n;/*;\n*/;*/ 2")]
    public void Text_is_cut_at_the_semicolons_that_end_statements(string text, string statements) =>
        Assert.Equal(statements, string.Join('|', new StatementSplitter().Add(text)));

    [Fact]
    public void A_statement_may_span_lines_and_comments_wait_for_nothing()
    {
        var splitter = new StatementSplitter();
        Assert.Empty(splitter.Add("-- a comment"));
        Assert.Empty(splitter.Add("/* another */"));
        Assert.True(splitter.IsEmpty);
        Assert.Null(splitter.TakeRest());
        Assert.Empty(splitter.Add("SELECT 'a"));
        Assert.False(splitter.IsEmpty);
        Assert.Equal(["SELECT 'a\n;b'"], splitter.Add(";b'; SELECT 2"));
        Assert.Equal("SELECT 2", splitter.TakeRest());
        Assert.Empty(splitter.Add("/* open"));
        Assert.False(splitter.IsEmpty);
    }

    /// <summary>Line by line is as all at once; and a long statement is not scanned anew at each of its lines.</summary>
    [Fact]
    public void Long_statements_are_read_once()
    {
        var splitter = new StatementSplitter();
        var line = new string('x', 100);
        Assert.Empty(splitter.Add("SELECT '"));
        for (var i = 0; i < 200_000; i++)
            Assert.Empty(splitter.Add(line));
        Assert.False(splitter.IsEmpty);
        Assert.Equal(20_200_009 + 1, Assert.Single(splitter.Add("';")).Length);
        Assert.True(splitter.IsEmpty);
    }

    [Theory]
    [InlineData("create unique index i on t (a)", -1, "CREATE INDEX")]
    [InlineData("CREATE OR REPLACE VIEW v AS SELECT 1", -1, "CREATE VIEW")]
    [InlineData("-- first\nINSERT INTO t VALUES (1)", 1, "INSERT 1")]
    [InlineData("BEGIN", -1, "BEGIN")]
    public void The_tag_names_what_was_done(string statement, int affected, string tag) => Assert.Equal(tag, SqlShell.Tag(statement, affected));

    [Fact]
    public void Copy_between_server_and_client_is_recognised()
    {
        Assert.Equal(CopyDirection.ToClient, CopyStatement.DirectionOf("-- all\ncopy (SELECT * FROM t) TO STDOUT WITH (FORMAT csv)"));
        Assert.Equal(CopyDirection.ToClient, CopyStatement.DirectionOf("COPY(SELECT 1)TO STDOUT"));
        Assert.Equal(CopyDirection.FromClient, CopyStatement.DirectionOf("COPY t (a, b) FROM stdin"));
        Assert.Null(CopyStatement.DirectionOf("COPY t TO '/file'"));
        Assert.Null(CopyStatement.DirectionOf("SELECT 'copy t to stdout'"));
        Assert.Null(CopyStatement.DirectionOf("copyright"));
    }

    [Fact]
    public void Formats_tell_null_from_text_and_quote_what_would_break_a_line()
    {
        Assert.Equal("a,b\n1,\"x,\"\"y\"\"\"\nNULL,\"NULL\"\n", Write(ResultFormat.Csv, ["1", "x,\"y\""], [null, "NULL"]));
        Assert.Equal("a\tb\n1\tx\\ty\n", Write(ResultFormat.Tsv, ["1", "x\ty"]));
        Assert.Equal("-[ RECORD 1 ]\na | 1\nb | NULL\n", Write(ResultFormat.Records, ["1", null]));
        using var json = System.Text.Json.JsonDocument.Parse(Write(ResultFormat.Json, ["1", null]));
        Assert.Equal("1", json.RootElement[0].GetProperty("a").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.RootElement[0].GetProperty("b").ValueKind);
    }

    [Fact]
    public void A_table_aligns_wide_characters_and_shows_control_characters_by_code()
    {
        Assert.Equal(" a  | b\n----+------\n 10 | 日本\n  9 | \\x1b\n(2 rows)\n", Write(ResultFormat.Table, ["10", "日本"], ["9", "\u001b"]));
    }

    [Fact]
    public void A_url_is_read_and_what_it_cannot_mean_is_refused()
    {
        var target = ClientTarget.OfUrl("postgresql://app:p%40ss@db.example.com:5/bank?sslmode=verify-full&sslrootcert=ca.crt");
        Assert.Equal("app@db.example.com:5/bank", target.ToString());
        Assert.DoesNotContain("p@ss", target.ToString(), StringComparison.Ordinal);
        Assert.Equal("root@h:26257/defaultdb", ClientTarget.OfUrl("postgres://h").ToString());
        Assert.Throws<CommandException>(() => ClientTarget.OfUrl("http://h"));
        Assert.Throws<CommandException>(() => ClientTarget.OfUrl("postgresql://h?sslmode=prefer"));
        Assert.Throws<CommandException>(() => ClientTarget.OfUrl("postgresql://h?no=1"));
    }

    private static string Write(ResultFormat format, params IReadOnlyList<string?>[] rows)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        ResultWriter.Write(writer, format, ["a", "b"], rows, ImmutableHashSet.Create(0));
        return writer.ToString();
    }
}
