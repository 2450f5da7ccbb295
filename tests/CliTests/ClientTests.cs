using System.Text.Json;

namespace Chitin.CliTests;

/// <summary>The client verbs against a running node.</summary>
public sealed class ClientTests(RunningNode node)
{
    private const string TwoRows = "SELECT 1 AS id, 'x,y' AS text UNION ALL SELECT 2, NULL ORDER BY 1";

    [Theory]
    [InlineData("table", " id | text\n----+------\n  1 | x,y\n  2 | NULL\n(2 rows)\n")]
    [InlineData("csv", "id,text\n1,\"x,y\"\n2,NULL\n")]
    [InlineData("tsv", "id\ttext\n1\tx,y\n2\tNULL\n")]
    [InlineData("Records", "-[ RECORD 1 ]\nid   | 1\ntext | x,y\n-[ RECORD 2 ]\nid   | 2\ntext | NULL\n")]
    public async Task Results_have_the_format_that_was_asked_for(string format, string expected) =>
        Assert.Equal(expected, (await node.SqlAsync("-e", TwoRows, $"--format={format}")).Expect(0).Output);

    [Fact]
    public async Task Json_is_json_and_the_default_for_pipes_is_tabs()
    {
        using var document = JsonDocument.Parse((await node.SqlAsync("--execute=" + TwoRows, "--format=json")).Expect(0).Output);
        Assert.Equal("x,y", document.RootElement[0].GetProperty("text").GetString());
        Assert.Equal(JsonValueKind.Null, document.RootElement[1].GetProperty("text").ValueKind);
        Assert.Equal("id\ttext\n1\tx,y\n2\tNULL\n", (await node.SqlAsync("-e", TwoRows)).Expect(0).Output);
    }

    [Fact]
    public async Task Statements_and_files_run_in_the_order_given()
    {
        node.Directory.Write("first.sql", "CREATE TABLE ordered (a int);\nINSERT INTO ordered\n  VALUES (1), (2); -- and no semicolon at the end\nSELECT count(*) AS n FROM ordered");
        node.Directory.Write("last.sql", "DROP TABLE ordered;");
        var outcome = await node.SqlAsync("-f", "first.sql", "-e", "DELETE FROM ordered WHERE a = 1; SELECT a FROM ordered", "--file=last.sql", "-e", "SELECT 'end' AS e", "--format=csv");
        Assert.Equal("n\n2\na\n2\ne\nend\n", outcome.Expect(0).Output);
        (await node.SqlAsync("-e", "CREATE TABLE never (a int)", "-f", "none.sql")).Expect(1).Says("none.sql does not exist");
        Assert.Equal("", (await node.SqlAsync("-e", "SELECT 1 FROM pg_class WHERE relname = 'never'", "--format=json")).Expect(0).Output.Trim(' ', '[', ']', '\n'));
    }

    [Fact]
    public async Task Files_hold_commands_too()
    {
        node.Directory.Write("commands.sql", "SELECT 1 AS a;\n\\x\n\\i inner.sql\nSELECT 3 AS c");
        node.Directory.Write("inner.sql", "SELECT 2 AS b;\n\\q\nSELECT 0;");
        Assert.Equal("a\n1\n-[ RECORD 1 ]\nb | 2\n-[ RECORD 1 ]\nc | 3\n", (await node.SqlAsync("-f", "commands.sql", "--format=csv")).Expect(0).Output);
        node.Directory.Write("itself.sql", "\\i itself.sql\n");
        (await node.SqlAsync("-f", "itself.sql")).Expect(1).Says("16 deep");
    }

    [Fact]
    public async Task Standard_input_is_a_script()
    {
        const string script = "SELECT 1 AS a;\n\\x\nSELECT 2\n  AS b;\n\\q\nSELECT 3;\n";
        Assert.Equal("a\n1\n-[ RECORD 1 ]\nb | 2\n", (await node.ClientAsync(["sql", "--format=csv"], script)).Expect(0).Output);
        Assert.Equal("a\n0\nc\n4\n", (await node.ClientAsync(["sql", "--format=csv", "-e", "SELECT 0 AS a", "-f", "-"], "SELECT 4 AS c")).Expect(0).Output);
        (await node.ClientAsync(["sql"], "SELECT 1;\nSELEC 2;\nSELECT 3;")).Expect(1).Says("SQLSTATE: 42601");
    }

    [Fact]
    public async Task The_first_failure_ends_the_run_with_1_and_its_sqlstate()
    {
        var outcome = (await node.SqlAsync("-e", "SELECT 1 AS a; SELECT 1/0; SELECT 3", "-e", "SELECT 4", "--format=csv")).Expect(1).Says("ERROR: division by zero").Says("SQLSTATE: 22012");
        Assert.Equal("a\n1\n", outcome.Output);
        (await node.SqlAsync("-e", "SELECT * FROM none")).Expect(1).Says("SQLSTATE: 42P01");
        (await node.SqlAsync("-d", "none", "-e", "SELECT 1")).Expect(1).Says("database \"none\" does not exist");
        (await node.SqlAsync("--host=localhost:1", "-e", "SELECT 1")).Expect(1).Says("cannot reach the server").Says("HINT: is the node running?");
        (await node.SqlAsync("--host=a:b:c", "-e", "SELECT 1")).Expect(1).Says("--host: \"a:b:c\" is not an address");
    }

    [Fact]
    public async Task Copy_prints_its_lines_and_an_at_sign_is_text()
    {
        Assert.Equal("1,a\n", (await node.SqlAsync("-e", "COPY (SELECT 1, 'a') TO STDOUT WITH (FORMAT csv)")).Expect(0).Output);
        (await node.SqlAsync("-e", "@first.sql")).Expect(1).Says("SQLSTATE: 42601");
    }

    [Fact]
    public async Task Users_are_set_shown_and_removed_and_log_in_by_password()
    {
        Assert.Equal("user clerk exists with the password given\n", (await node.ClientAsync(["user", "set", "clerk", "--password"], "open sesame\n")).Expect(0).Output);
        Assert.StartsWith("username,", (await node.ClientAsync(["user", "get", "clerk", "--format=csv"])).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("\nclerk,", (await node.ClientAsync(["user", "ls", "--format=csv"])).Expect(0).Output, StringComparison.Ordinal);
        Assert.Equal("u\nclerk\n", (await node.ClientAsync(["sql", "--user=clerk", "-e", "SELECT current_user AS u", "--format=csv"], null, ("PGPASSWORD", "open sesame"))).Expect(0).Output);
        (await node.ClientAsync(["sql", "--user=clerk", "-e", "SELECT 1"], null, ("PGPASSWORD", "guess"))).Expect(1).Says("password authentication failed for user").Says("28P01");
        (await node.ClientAsync(["sql", "--user=clerk", "-e", "SELECT 1"])).Expect(1).Says("no password for user clerk").Says("HINT: set PGPASSWORD");
        (await node.ClientAsync(["user", "set", "clerk", "--password"], "\n")).Expect(1).Says("empty passwords are not permitted");
        Assert.Equal("user clerk removed\n", (await node.ClientAsync(["user", "rm", "clerk"])).Expect(0).Output);
        (await node.ClientAsync(["user", "rm", "clerk"])).Expect(1).Says("clerk does not exist").Says("42704");
        (await node.ClientAsync(["user", "get", "clerk"])).Expect(1).Says("user clerk does not exist").Says("HINT: chitin user ls");
        (await node.ClientAsync(["user", "set", "bad name"])).Expect(1).Says("\"bad name\" is no valid user name");
    }

    [Fact]
    public async Task The_encryption_of_a_store_is_told_with_its_key_and_the_active_key_without()
    {
        var outcome = (await ChitinProgram.RunAsync(node.Directory, "debug", "encryption-status", "store", "--encryption=path=store,key=store.key")).Expect(0);
        using var document = JsonDocument.Parse(outcome.Output);
        var key = document.RootElement[0];
        Assert.Equal("AES128_CTR", key.GetProperty("Type").GetString());
        Assert.True(key.GetProperty("Active").GetBoolean());
        Assert.NotEmpty(key.GetProperty("DataKeys")[0].GetProperty("Files").EnumerateArray());
        var id = key.GetProperty("ID").GetString();
        Assert.Equal(id + "\n", (await ChitinProgram.RunAsync(node.Directory, "debug", "encryption-status", "store", "--encryption=path=store,key=store.key", "--active-store-key-id-only")).Expect(0).Output);
        Assert.Equal($"AES128_CTR:{id}\n", (await ChitinProgram.RunAsync(node.Directory, "debug", "encryption-active-key", "store")).Expect(0).Output);
        // Without the flag the key file of the default name beside the store is taken.
        Assert.Equal(outcome.Output, (await ChitinProgram.RunAsync(node.Directory, "debug", "encryption-status", "store")).Expect(0).Output);
        (await ChitinProgram.RunAsync(node.Directory, "gen", "encryption-key", "wrong.key")).Expect(0);
        (await ChitinProgram.RunAsync(node.Directory, "debug", "encryption-status", "store", "--encryption=path=store,key=wrong.key")).Expect(1).Says("wrong.key");
    }
}
