namespace Chitin.CliTests;

public sealed class CommandLineTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_verb_explains_itself()
    {
        string[] verbs =
        [
            "", "demo", "start-single-node", "stop", "sql", "user", "user get", "user ls", "user set", "user rm", "cert", "cert create-ca", "cert create-client-ca",
            "cert create-node", "cert create-client", "cert create-ui", "cert list", "gen", "gen encryption-key", "debug", "debug encryption-status", "debug encryption-active-key", "version",
        ];
        foreach (var some in verbs.Chunk(4))
        {
            var outcomes = await Task.WhenAll(some.Select(v => ChitinProgram.RunAsync(_directory, [.. v.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])));
            foreach (var (verb, outcome) in some.Zip(outcomes))
            {
                outcome.Expect(0);
                Assert.Contains($"chitin {verb}".TrimEnd(), outcome.Output, StringComparison.Ordinal);
                Assert.Equal("", outcome.Errors);
            }
        }
    }

    [Fact]
    public async Task The_version_is_told_in_one_line_or_in_full()
    {
        Assert.Matches(@"^chitin \d+\.\d+\.\d+\n$", (await ChitinProgram.RunAsync(_directory, "--version")).Expect(0).Output);
        Assert.Matches(@"^Chitin: +\d+\.\d+\.\d+\n", (await ChitinProgram.RunAsync(_directory, "version")).Expect(0).Output);
    }

    [Theory]
    [InlineData("strat-single-node", "unknown verb \"strat-single-node\"", "did you mean start-single-node? See chitin --help")]
    [InlineData("cert make-ca", "unknown verb \"make-ca\"", "see chitin cert --help")]
    [InlineData("sql --formt=csv", "unknown flag --formt", "did you mean --format? See chitin sql --help")]
    [InlineData("version more", "unexpected argument \"more\"", "see chitin version --help")]
    [InlineData("gen", "a verb is missing after chitin gen", "one of encryption-key; see chitin gen --help")]
    [InlineData("", "a verb is missing after chitin", "one of demo, start-single-node, stop, sql,")]
    [InlineData("sql --format=xml", "--format: \"xml\" is not table, csv, tsv, json or records", "see chitin sql --help")]
    [InlineData("stop --timeout=soon", "--timeout: \"soon\" is not a number", "see chitin stop --help")]
    [InlineData("gen encryption-key -s 100 key", "store key size should be 128, 192, or 256 bits, got 100", "see chitin gen encryption-key --help")]
    [InlineData("cert create-client --ca-key=k", "USERNAME", "see chitin cert create-client --help")]
    public async Task A_line_that_is_not_understood_ends_with_2_and_says_what_to_do(string line, string error, string hint)
    {
        var outcome = (await ChitinProgram.RunAsync(_directory, line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Expect(2).Says(error).Says("HINT: " + hint);
        Assert.Equal("", outcome.Output);
        Assert.Single(outcome.Errors.Split('\n'), l => l.StartsWith("ERROR: ", StringComparison.Ordinal));
        Assert.Empty(_directory.Entries);
    }

    [Fact]
    public async Task A_start_lists_every_fault_of_flags_variables_and_settings_at_once()
    {
        _directory.Write("settings.json", """{ "max-connections": 0, "no-such-setting": 1, "cache": "much" }""");
        var outcome = (await ChitinProgram.RunAsync(_directory, ["start-single-node", "--listen-addr=a:b", "--encryption=path=other,key=k", "--settings-file=settings.json"], null, ("CHITIN_DRAIN_TIMEOUT", "long"))).Expect(1);
        foreach (var fault in (string[])["listen-addr:", "encryption: no usage of path other", "max-connections: must be", "unknown setting \"no-such-setting\"", "cache: \"much\"", "drain-timeout: \"long\""])
            outcome.Says("ERROR: ").Says(fault);
        outcome.Says("HINT: see chitin start-single-node --help");
        Assert.Equal(["settings.json"], _directory.Entries);
    }

    [Fact]
    public async Task What_stands_nowhere_is_named()
    {
        (await ChitinProgram.RunAsync(_directory, "start-single-node", "--settings-file=none.json")).Expect(1).Says("none.json");
        (await ChitinProgram.RunAsync(_directory, "start-single-node", "--certs-dir=none")).Expect(1).Says("none").Says("HINT:");
        (await ChitinProgram.RunAsync(_directory, "sql", "--certs-dir=none", "-e", "SELECT 1")).Expect(1).Says("none/ca.crt").Says("HINT: give --certs-dir");
        (await ChitinProgram.RunAsync(_directory, "stop", "--pid-file=none.pid")).Expect(1).Says("no running node found by none.pid");
        (await ChitinProgram.RunAsync(_directory, "cert", "list", "--certs-dir=none")).Expect(1).Says("the certs directory none does not exist");
        (await ChitinProgram.RunAsync(_directory, "debug", "encryption-status", "none")).Expect(1).Says("none");
        Assert.DoesNotContain(_directory.Entries, e => e != ".dotnet");
    }
}
