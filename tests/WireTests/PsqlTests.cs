namespace Chitin.WireTests;

/// <summary>psql, the client that everybody judges a server by.</summary>
public sealed class PsqlTests(RunningNode node)
{
    private static readonly Dictionary<string, string> s_password = new() { ["PGPASSWORD"] = RunningNode.Password };

    private async Task<string> Psql(string connection, params string[] commands)
    {
        var (code, output, errors) = await Programs.RunAsync("psql", ["-X", "-v", "ON_ERROR_STOP=1", "-P", "pager=off", connection, .. commands.SelectMany(c => new[] { "-c", c })], s_password);
        Assert.True(code == 0, $"psql ended with {code}: {errors}");
        return output;
    }

    [Fact]
    public async Task A_certificate_signs_in() =>
        Assert.Contains("root", await Psql(node.LibpqString("root", "defaultdb", password: false), "SELECT current_user"), StringComparison.Ordinal);

    [Fact]
    public async Task A_password_signs_in() =>
        Assert.Contains("app", await Psql(node.LibpqString(), "SELECT current_user"), StringComparison.Ordinal);

    [Fact]
    public async Task A_wrong_password_and_an_unknown_user_get_the_same_answer()
    {
        var wrong = await Programs.RunAsync("psql", ["-X", node.LibpqString(), "-c", "SELECT 1"], new Dictionary<string, string> { ["PGPASSWORD"] = "wrong" });
        var unknown = await Programs.RunAsync("psql", ["-X", node.LibpqString("nobody"), "-c", "SELECT 1"], new Dictionary<string, string> { ["PGPASSWORD"] = "wrong" });
        Assert.Equal(2, wrong.Code);
        Assert.Equal(2, unknown.Code);
        Assert.Equal(wrong.Errors.Replace("user app", "user nobody", StringComparison.Ordinal), unknown.Errors);
        Assert.Contains("password authentication failed for user app", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_user_does_not_sign_in()
    {
        var connection = node.LibpqString("root", "defaultdb", password: false).Replace("client.root", "client.app", StringComparison.Ordinal);
        var (code, _, errors) = await Programs.RunAsync("psql", ["-X", connection, "-c", "SELECT 1"], s_password);
        Assert.Equal(2, code);
        Assert.Contains("certificate authentication failed for user root", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_TLS_is_refused()
    {
        var connection = node.LibpqString().Replace("sslmode=verify-full", "sslmode=disable", StringComparison.Ordinal);
        var (code, _, errors) = await Programs.RunAsync("psql", ["-X", connection, "-c", "SELECT 1"], s_password);
        Assert.Equal(2, code);
        Assert.Contains("node is running secure mode, SSL connection required", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backslash_commands_describe_the_database()
    {
        await Psql(node.LibpqString(),
            "CREATE TABLE described (id int PRIMARY KEY, name text NOT NULL DEFAULT 'x', amount numeric(10,2) CHECK (amount > 0), tags text[])",
            "CREATE UNIQUE INDEX described_name ON described (name)",
            "CREATE TABLE describing (id serial PRIMARY KEY, of int REFERENCES described ON DELETE CASCADE)",
            "CREATE VIEW described_names AS SELECT name FROM described");
        var output = await Psql(node.LibpqString(), @"\d described", @"\d describing", @"\l", @"\dn", @"\dt", @"\di", @"\dv", @"\ds", @"\du", @"\dp", @"\df", @"\d+ described_names");
        foreach (var expected in (string[])
        [
            "numeric(10,2)", "\"described_pkey\" PRIMARY KEY, btree (id)", "\"described_name\" UNIQUE, btree (name)", "CHECK (amount > 0",
            "TABLE \"describing\" CONSTRAINT \"describing_of_fkey\" FOREIGN KEY (of) REFERENCES described(id) ON DELETE CASCADE", "nextval('describing_id_seq'::regclass)",
            "described_names", "describing_id_seq", "public", "work",
        ])
            Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_moves_rows_both_ways()
    {
        await Psql(node.LibpqString(), "CREATE TABLE copied (id int PRIMARY KEY, name text)");
        var (code, output, errors) = await Programs.RunAsync("psql", ["-X", "-v", "ON_ERROR_STOP=1", node.LibpqString(), "-c", @"\copy copied from stdin with (format csv)", "-c", @"\copy copied to stdout"], s_password,
            "1,one\n2,\"with, comma\"\n3,\n");
        Assert.True(code == 0, errors);
        Assert.Contains("COPY 3\n1\tone\n2\twith, comma\n3\t\\N\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_name_their_state_and_leave_the_connection_open()
    {
        var (code, output, errors) = await Programs.RunAsync("psql", ["-X", "-v", "VERBOSITY=verbose", node.LibpqString(), "-c", "SELECT 1/0", "-c", "SELEC", "-c", "SELECT 'alive'"], s_password);
        Assert.Equal(0, code);
        Assert.Contains("ERROR:  22012: division by zero", errors, StringComparison.Ordinal);
        Assert.Contains("ERROR:  42601: syntax error at or near \"SELEC\"", errors, StringComparison.Ordinal);
        Assert.Contains("alive", output, StringComparison.Ordinal);
    }
}
