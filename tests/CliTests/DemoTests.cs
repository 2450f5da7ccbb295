using System.Text.RegularExpressions;

namespace Chitin.CliTests;

public sealed partial class DemoTests
{
    [Fact]
    public async Task The_demo_starts_fills_its_bank_starts_again_and_stops()
    {
        using var directory = new TestDirectory();
        string[] demo = ["demo", "--background", "--listen-addr=localhost:0", "--http-addr=localhost:0"];
        var told = (await ChitinProgram.RunAsync(directory, demo)).Expect(0);
        var port = Port().Match(told.Output).Groups[1].Value;
        Assert.Contains("user=teller", told.Output, StringComparison.Ordinal);
        Assert.Contains("chitin-sql-audit.log", told.Output, StringComparison.Ordinal);
        Assert.Contains("Stop it:    chitin stop", told.Output, StringComparison.Ordinal);
        foreach (var secret in (string[])["keys/store.key", "keys/ca.key", "keys/teller.password", "certs/client.root.key", "certs/node.key", "logs/chitin-sql-audit.log"])
            Assert.Equal(TestDirectory.Secret, directory.Mode("chitin-data/" + secret));
        try
        {
            (await ChitinProgram.RunAsync(directory, demo)).Expect(1).Says("is running already");
            // Certificates are found in ./chitin-data without a flag.
            Assert.Equal("n\n5\n", (await ChitinProgram.RunAsync(directory, "sql", $"--host=localhost:{port}", "-d", "bank", "-e", "SELECT count(*) AS n FROM account_overview", "--format=csv")).Expect(0).Output);
            var teller = $"postgresql://teller@localhost:{port}/bank?sslrootcert=chitin-data/certs/ca.crt";
            var password = await File.ReadAllTextAsync(directory.File("chitin-data/keys/teller.password"), TestContext.Current.CancellationToken);
            (await ChitinProgram.RunAsync(directory, ["sql", $"--url={teller}", "-e", "SELECT * FROM customers"], null, ("PGPASSWORD", password))).Expect(1).Says("42501");
            Assert.Contains("customers", await File.ReadAllTextAsync(directory.File("chitin-data/logs/chitin-sql-audit.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            Assert.StartsWith("stopped process ", (await ChitinProgram.RunAsync(directory, "stop")).Expect(0).Output, StringComparison.Ordinal);
        }

        (await ChitinProgram.RunAsync(directory, "stop")).Expect(1).Says("no running node found");
    }

    [GeneratedRegex(@"SQL on port (\d+)")]
    private static partial Regex Port();
}
