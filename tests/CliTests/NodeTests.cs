using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Chitin.CliTests;

/// <summary>start-single-node as a process: its ports, signals, settings and modes.</summary>
public sealed partial class NodeTests(RunningNode node)
{
    [Fact]
    public async Task Health_and_metrics_are_served_over_HTTPS_alone()
    {
        using var client = Client();
        using var health = await client.GetAsync(new Uri($"https://localhost:{node.HttpPort}/health?ready=1"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        var metrics = await client.GetStringAsync(new Uri($"https://localhost:{node.HttpPort}/_status/vars"), TestContext.Current.CancellationToken);
        Assert.Contains("# TYPE sql_conns gauge", metrics, StringComparison.Ordinal);
        using var none = await client.GetAsync(new Uri($"https://localhost:{node.HttpPort}/none"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var plain = new HttpClient();
        HttpStatusCode? answered = null;
        try
        {
            using var refused = await plain.GetAsync(new Uri($"http://localhost:{node.HttpPort}/health"), TestContext.Current.CancellationToken);
            answered = refused.StatusCode;
        }
        catch (HttpRequestException)
        {
            // Nothing but TLS is spoken there.
        }

        Assert.NotEqual(HttpStatusCode.OK, answered);
    }

    [Fact]
    public async Task A_hang_up_reads_the_certificates_again_and_a_bad_one_leaves_the_old_in_use()
    {
        var first = await SerialAsync();
        var (certificate, key) = (node.Directory.Bytes("certs/node.crt"), node.Directory.Bytes("certs/node.key"));
        (await ChitinProgram.RunAsync(node.Directory, "cert", "create-node", "localhost", "127.0.0.1", "--certs-dir=certs", "--ca-key=safe/ca.key", "--overwrite")).Expect(0);
        Assert.Equal(first, await SerialAsync());
        ChitinProgram.Signal(node.Process, ChitinProgram.SigHup);
        var second = await WaitAsync(SerialAsync, s => s != first);
        (await node.SqlAsync("-e", "SELECT 1")).Expect(0);

        node.Directory.Write("certs/node.crt", "no certificate");
        ChitinProgram.Signal(node.Process, ChitinProgram.SigHup);
        await WaitAsync(() => File.ReadAllTextAsync(node.Directory.File("store/logs/chitin.log")), log => log.Contains("Certificates were not read again", StringComparison.Ordinal));
        Assert.Equal(second, await SerialAsync());

        await File.WriteAllBytesAsync(node.Directory.File("certs/node.crt"), certificate, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(node.Directory.File("certs/node.key"), key, TestContext.Current.CancellationToken);
        ChitinProgram.Signal(node.Process, ChitinProgram.SigHup);
        await WaitAsync(SerialAsync, s => s == first);
    }

    [Fact]
    public async Task A_store_or_a_port_in_use_keeps_a_second_node_from_starting()
    {
        (await ChitinProgram.RunAsync(node.Directory, "start-single-node", "--certs-dir=certs", "--store=store", "--encryption=path=store,key=store.key", "--listen-addr=localhost:0", "--http-addr=localhost:0"))
            .Expect(1).Says("is in use by another process");
        var outcome = (await ChitinProgram.RunAsync(
            node.Directory, "start-single-node", "--certs-dir=certs", "--store=second", "--encryption=path=second,key=store.key", $"--listen-addr=127.0.0.1:{node.SqlPort}", "--http-addr=localhost:0", "--background"))
            .Expect(1).Says($"127.0.0.1:{node.SqlPort}: address already in use").Says("HINT: another process listens there").Says("ERROR: the node did not start");
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(node.Directory.File("second.pid")));
    }

    /// <summary>A variable beats the settings file, a flag beats both; the running statement ends, the session is told, and the process ends with 0.</summary>
    [Fact]
    public async Task A_node_started_by_variables_and_a_file_drains_at_SIGTERM()
    {
        using var directory = new TestDirectory();
        (await ChitinProgram.RunAsync(directory, "cert", "create-ca", "--certs-dir=certs", "--ca-key=ca.key")).Expect(0);
        (await ChitinProgram.RunAsync(directory, "cert", "create-node", "localhost", "--certs-dir=certs", "--ca-key=ca.key")).Expect(0);
        (await ChitinProgram.RunAsync(directory, "cert", "create-client", "root", "--certs-dir=certs", "--ca-key=ca.key")).Expect(0);
        directory.Write("settings.json", """{ "listen-addr": "localhost:1", "certs-dir": "certs", "store": "wrong", "cache": "16MiB" /* enough */ }""");
        using var process = ChitinProgram.Start(
            directory, ["start-single-node", "--store=data"], ("CHITIN_SETTINGS_FILE", "settings.json"), ("CHITIN_LISTEN_ADDR", "localhost:0"), ("CHITIN_HTTP_ADDR", "localhost:0"), ("CHITIN_STORE", "wrong too"), ("CHITIN_PID_FILE", "node.pid"));
        process.StandardInput.Close();
        var ready = await ReadUntilAsync(process, Ready());
        Assert.Equal(["ca.key", "certs", "data", "data.key", "node.pid", "settings.json"], directory.Entries.Where(e => e != ".dotnet"));
        var host = $"--host=localhost:{ready.Groups[1].Value}";
        var statement = ChitinProgram.RunAsync(directory, ["sql", host, "--certs-dir=certs", "-e", "SELECT 'runs' AS a; SELECT pg_sleep(3), 'done' AS b", "--format=csv"], null);
        var seen = await WaitAsync(
            () => ChitinProgram.RunAsync(directory, "sql", host, "--certs-dir=certs", "--format=csv", "-e", "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND state = 'active' AND pid <> pg_backend_pid()"),
            o => o.Output == "n\n1\n" || statement.IsCompleted);
        seen.Expect(0);
        ChitinProgram.Signal(process.Id, ChitinProgram.SigTerm);
        Assert.Contains("done", (await statement).Expect(0).Output, StringComparison.Ordinal);
        (await ChitinProgram.EndAsync(process)).Expect(0).Says("Draining: ").Says("Stopped");
        Assert.False(File.Exists(directory.File("node.pid")));
        (await ChitinProgram.RunAsync(directory, "sql", host, "--certs-dir=certs", "-e", "SELECT 1")).Expect(1).Says("cannot reach the server");
    }

    /// <summary>The log stands in the store's directory before there is a store. A store that has lost its key gets no other.</summary>
    [Fact]
    public async Task A_first_start_in_the_background_makes_the_stores_key()
    {
        using var directory = new TestDirectory();
        (await ChitinProgram.RunAsync(directory, "cert", "create-ca", "--certs-dir=certs", "--ca-key=ca.key")).Expect(0);
        (await ChitinProgram.RunAsync(directory, "cert", "create-node", "localhost", "--certs-dir=certs", "--ca-key=ca.key")).Expect(0);
        string[] start = ["start-single-node", "--certs-dir=certs", "--store=data", "--listen-addr=localhost:0", "--http-addr=localhost:0", "--background"];
        (await ChitinProgram.RunAsync(directory, start)).Expect(0);
        Assert.Equal(TestDirectory.Secret, directory.Mode("data.key"));
        (await ChitinProgram.RunAsync(directory, "stop", "--pid-file=data.pid")).Expect(0);
        File.Delete(directory.File("data.key"));
        (await ChitinProgram.RunAsync(directory, start)).Expect(1).Says("data.key");
        Assert.False(File.Exists(directory.File("data.key")));
    }

    /// <summary>It would hold keys and rows in clear.</summary>
    [Fact]
    public async Task A_node_that_dies_leaves_no_dump_of_its_memory()
    {
        var pattern = await File.ReadAllTextAsync("/proc/sys/kernel/core_pattern", TestContext.Current.CancellationToken);
        if (pattern.StartsWith('|') || pattern.StartsWith('/'))
            Assert.Skip($"dumps do not go to the working directory here, but to {pattern.Trim()}");
        using var directory = new TestDirectory();
        using var process = ChitinProgram.Start(directory, ["start-single-node", "--insecure", "--encryption=plain", "--store=data", "--listen-addr=localhost:0", "--http-addr=localhost:0"]);
        process.StandardInput.Close();
        await ReadUntilAsync(process, ReadyOrTaken());
        using (var limit = System.Diagnostics.Process.Start("prlimit", ["--core=unlimited", $"--pid={process.Id}"]))
            await limit.WaitForExitAsync(TestContext.Current.CancellationToken);
        ChitinProgram.Signal(process.Id, ChitinProgram.SigSystemCall);
        Assert.Equal(128 + ChitinProgram.SigSystemCall, (await ChitinProgram.EndAsync(process)).Code);
        Assert.DoesNotContain(directory.Entries, e => e.StartsWith("core", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_insecure_mode_warns_and_takes_no_passwords()
    {
        using var directory = new TestDirectory();
        var started = (await ChitinProgram.RunAsync(directory, "start-single-node", "--insecure", "--encryption=plain", "--store=data", "--listen-addr=localhost:0", "--http-addr=localhost:0", "--background")).Expect(0)
            .Says("ALL SECURITY CONTROLS HAVE BEEN DISABLED BY --insecure!").Says("without password");
        var (process, sqlPort, httpPort) = RunningNode.Read(started.Output);
        try
        {
            string[] client = ["--insecure", $"--host=localhost:{sqlPort}"];
            Assert.Equal("u\nroot\n", (await ChitinProgram.RunAsync(directory, ["sql", .. client, "-e", "SELECT current_user AS u", "--format=csv"])).Expect(0).Output);
            (await ChitinProgram.RunAsync(directory, ["user", "set", "app", "--password", .. client], "secret\n")).Expect(1).Says("28P01");
            using var http = new HttpClient();
            Assert.Equal("{}\n", await http.GetStringAsync(new Uri($"http://localhost:{httpPort}/health"), TestContext.Current.CancellationToken));
        }
        finally
        {
            Assert.Equal($"stopped process {process}\n", (await ChitinProgram.RunAsync(directory, "stop", "--pid-file=data.pid")).Expect(0).Output);
        }
    }

    /// <summary>Whether the usual ports are free here or not: loopback is where it wants to listen.</summary>
    [Fact]
    public async Task The_insecure_mode_listens_on_loopback_when_not_told_otherwise()
    {
        using var directory = new TestDirectory();
        using var process = ChitinProgram.Start(directory, ["start-single-node", "--insecure", "--encryption=plain", "--store=data"]);
        process.StandardInput.Close();
        var told = await ReadUntilAsync(process, ReadyOrTaken());
        Assert.Matches(@"SQL on 127\.0\.0\.1:26257, HTTP on 127\.0\.0\.1:8080|address 127\.0\.0\.1:(26257|8080): address already in use", told.Value);
        if (told.Value.Contains(" is ready", StringComparison.Ordinal))
            ChitinProgram.Signal(process.Id, ChitinProgram.SigTerm);
        await ChitinProgram.EndAsync(process);
    }

    private HttpClient Client() => new(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Policy() } });

    /// <summary>Trusts the node's CA alone.</summary>
    private X509ChainPolicy Policy()
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(node.Directory.File("certs/ca.crt"));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }

    /// <summary>The serial number of the certificate that the node shows now.</summary>
    private async Task<string> SerialAsync()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("localhost", node.HttpPort, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, CertificateChainPolicy = Policy() }, TestContext.Current.CancellationToken);
        return tls.RemoteCertificate!.GetSerialNumberString();
    }

    [Fact]
    public async Task Long_statements_and_clients_that_read_slowly_leave_the_sockets_threads_to_others()
    {
        (await node.SqlAsync("-e", "CREATE TABLE quick (id int PRIMARY KEY, v text)", "-e", "INSERT INTO quick VALUES (1, 'here')")).Expect(0);
        string[] statements =
        [
            "SELECT count(*) FROM generate_series(1, 100000000000)", "SELECT pg_sleep(600)", "UPDATE quick SET v = 'x' WHERE id = 1 AND pg_sleep(600) IS NULL",
            "SELECT max(repeat('x', 1000 + (g % 7)::int)) FROM generate_series(1, 100000000000) g",
        ];
        var busy = statements.Select(s => ChitinProgram.Start(node.Directory, ["sql", "--certs-dir=certs", $"--host=localhost:{node.SqlPort}", "-e", s])).ToList();

        // Nobody reads what this one prints.
        busy.Add(ChitinProgram.Start(node.Directory, ["sql", "--certs-dir=certs", $"--host=localhost:{node.SqlPort}", "--format=csv", "-e", "SELECT g, repeat('x', 100) FROM generate_series(1, 20000000) g"]));
        try
        {
            await WaitAsync(() => node.SqlAsync("--format=csv", "-e", "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"), o => o.Lines[1] is "6");
            for (var i = 0; i < 2; i++)
                Assert.Equal("here", (await node.SqlAsync("--format=csv", "-e", "SELECT v FROM quick WHERE id = 1")).Expect(0).Lines[1]);
            Assert.All(busy, b => Assert.False(b.HasExited));
        }
        finally
        {
            await node.SqlAsync("-e", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()");
            foreach (var client in busy)
            {
                client.Kill();
                client.Dispose();
            }
        }
    }

    private static async Task<T> WaitAsync<T>(Func<Task<T>> read, Predicate<T> enough)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var value = await read();
            if (enough(value))
                return value;
            await Task.Delay(100, limit.Token);
        }
    }

    private static async Task<Match> ReadUntilAsync(System.Diagnostics.Process process, Regex pattern)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var read = new System.Text.StringBuilder();
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (pattern.Match(line) is { Success: true } match)
                return match;
            read.AppendLine(CultureInfo.InvariantCulture, $"{line}");
        }

        throw new InvalidOperationException($"the node ended: {read}");
    }

    [GeneratedRegex(@"is ready: SQL on localhost:(\d+)")]
    private static partial Regex Ready();

    [GeneratedRegex(@".* is ready: SQL on .*|.*address already in use.*")]
    private static partial Regex ReadyOrTaken();
}
