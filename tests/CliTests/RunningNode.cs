using System.Globalization;
using System.Text.RegularExpressions;

[assembly: AssemblyFixture(typeof(Chitin.CliTests.RunningNode))]

namespace Chitin.CliTests;

/// <summary>One secure node for all tests that need one, made and started as its manual says: certificates, store key, start in the background; in the end it is stopped by its pid file.</summary>
public sealed partial class RunningNode : IAsyncLifetime
{
    public TestDirectory Directory { get; } = new();

    public int Process { get; private set; }

    public int SqlPort { get; private set; }

    public int HttpPort { get; private set; }

    public async ValueTask InitializeAsync()
    {
        await RunAsync("cert", "create-ca", "--certs-dir=certs", "--ca-key=safe/ca.key");
        await RunAsync("cert", "create-node", "localhost", "127.0.0.1", "--certs-dir=certs", "--ca-key=safe/ca.key");
        await RunAsync("cert", "create-client", "root", "--certs-dir=certs", "--ca-key=safe/ca.key");
        await RunAsync("gen", "encryption-key", "store.key");
        var started = await RunAsync(
            "start-single-node", "--certs-dir=certs", "--store=store", "--encryption=path=store,key=store.key", "--listen-addr=localhost:0", "--http-addr=localhost:0", "--cache=32MiB", "--background", "--pid-file=node.pid");
        (Process, SqlPort, HttpPort) = Read(started.Output);
        Assert.Equal(Process.ToString(CultureInfo.InvariantCulture), File.ReadAllText(Directory.File("node.pid")).Trim());
        Assert.Equal(TestDirectory.Secret, Directory.Mode("node.pid"));
    }

    public async ValueTask DisposeAsync()
    {
        var stopped = await RunAsync("stop", "--pid-file=node.pid");
        Assert.Equal($"stopped process {Process}\n", stopped.Output);
        Assert.False(File.Exists(Directory.File("node.pid")));
        Directory.Dispose();
    }

    /// <summary>A client command: as root by certificate, unless the environment gives more.</summary>
    internal Task<Outcome> ClientAsync(IEnumerable<string> arguments, string? input = null, params (string Name, string Value)[] environment) =>
        ChitinProgram.RunAsync(Directory, arguments, input, [("CHITIN_CERTS_DIR", "certs"), ("CHITIN_HOST", $"localhost:{SqlPort}"), .. environment]);

    internal Task<Outcome> SqlAsync(params string[] arguments) => ClientAsync(["sql", .. arguments]);

    /// <summary>What start-single-node --background says.</summary>
    internal static (int Process, int SqlPort, int HttpPort) Read(string text)
    {
        var match = Running().Match(text);
        Assert.True(match.Success, text);
        int Number(int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        return (Number(1), Number(2), Number(3));
    }

    private async Task<Outcome> RunAsync(params string[] arguments) => (await ChitinProgram.RunAsync(Directory, arguments)).Expect(0);

    [GeneratedRegex(@"^node running: process (\d+), SQL port (\d+), HTTP port (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Running();
}
