namespace Chitin.CliTests;

/// <summary>Keys and certificates as the program makes them (SECURITY-SPEC 1.2 to 1.4, 5.1).</summary>
public sealed class FileTests : IDisposable
{
    private static readonly string[] s_flags = ["--certs-dir=certs", "--ca-key=safe/ca.key"];

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(128, 48)]
    [InlineData(192, 56)]
    [InlineData(256, 64)]
    public async Task A_store_key_has_its_length_is_its_owners_alone_and_is_not_replaced_unasked(int bits, int length)
    {
        string[] line = ["gen", "encryption-key", $"--size={bits}", "store.key"];
        Assert.Equal($"successfully created AES-{bits} key: store.key\n", (await ChitinProgram.RunAsync(_directory, line)).Expect(0).Output);
        var first = _directory.Bytes("store.key");
        Assert.Equal(length, first.Length);
        Assert.Equal(TestDirectory.Secret, _directory.Mode("store.key"));
        (await ChitinProgram.RunAsync(_directory, line)).Expect(1).Says("store.key: file exists").Says("HINT: use --overwrite");
        Assert.Equal(first, _directory.Bytes("store.key"));
        (await ChitinProgram.RunAsync(_directory, [.. line, "--overwrite"])).Expect(0);
        Assert.NotEqual(first, _directory.Bytes("store.key"));
        Assert.Equal(TestDirectory.Secret, _directory.Mode("store.key"));
        Assert.Equal(["store.key"], _directory.Entries);
    }

    [Fact]
    public async Task A_store_key_is_not_made_in_a_directory_that_is_not_there() =>
        (await ChitinProgram.RunAsync(_directory, "gen", "encryption-key", "none/store.key")).Expect(1).Says("none/store.key: no such directory");

    [Fact]
    public async Task Certificates_are_made_listed_and_replaced_when_asked()
    {
        await CertAsync(0, "create-ca");
        await CertAsync(0, "create-node", "localhost", "127.0.0.1");
        await CertAsync(0, "create-client", "Root");
        await CertAsync(0, "create-ui", "localhost");
        Assert.Equal(TestDirectory.OwnersDirectory, _directory.Mode("certs"));
        Assert.Equal(TestDirectory.Secret, _directory.Mode("safe/ca.key"));
        foreach (var name in (string[])["ca", "node", "client.root", "ui"])
        {
            Assert.Equal(TestDirectory.Public, _directory.Mode($"certs/{name}.crt"));
            if (name != "ca")
                Assert.Equal(TestDirectory.Secret, _directory.Mode($"certs/{name}.key"));
        }

        var list = (await ChitinProgram.RunAsync(_directory, "cert", "list", "--certs-dir=certs")).Expect(0);
        Assert.Equal("Certificate directory: certs", list.Lines[0]);
        Assert.Matches(@"^ Usage +\| Certificate File +\| Key File +\| Expires +\| Notes +\| Error$", list.Lines[1]);
        Assert.Contains(list.Lines, l => l.Contains("| ca.crt ", StringComparison.Ordinal) && l.Contains("num certs: 1", StringComparison.Ordinal));
        Assert.Contains(list.Lines, l => l.Contains("| node.crt ", StringComparison.Ordinal) && l.Contains("addresses: localhost,127.0.0.1", StringComparison.Ordinal));
        Assert.Contains(list.Lines, l => l.Contains("| client.root.crt ", StringComparison.Ordinal) && l.Contains("user: root", StringComparison.Ordinal));

        var node = _directory.Bytes("certs/node.crt");
        (await CertAsync(1, "create-node", "localhost")).Says("failed to generate node certificate and key").Says("node.crt: file exists");
        Assert.Equal(node, _directory.Bytes("certs/node.crt"));
        await CertAsync(0, "create-node", "localhost", "--overwrite");
        Assert.NotEqual(node, _directory.Bytes("certs/node.crt"));
        Assert.Equal(TestDirectory.Secret, _directory.Mode("certs/node.key"));
    }

    [Fact]
    public async Task A_new_CA_stands_before_the_old_one_and_a_key_is_used_again_only_when_asked()
    {
        await CertAsync(0, "create-ca");
        var key = _directory.Bytes("safe/ca.key");
        (await CertAsync(1, "create-ca")).Says("CA key safe/ca.key exists, but key reuse is disabled").Says("HINT: Use --allow-ca-key-reuse");
        (await CertAsync(1, "create-ca", "--allow-ca-key-reuse")).Says("ca.crt: file exists").Says("HINT: Use --overwrite");
        await CertAsync(0, "create-ca", "--allow-ca-key-reuse", "--overwrite");
        Assert.Equal(key, _directory.Bytes("safe/ca.key"));
        var list = await ChitinProgram.RunAsync(_directory, "cert", "list", "--certs-dir=certs");
        Assert.Contains("num certs: 2", list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_must_not_be_is_refused_and_nothing_is_written()
    {
        (await ChitinProgram.RunAsync(_directory, "cert", "create-ca", "--certs-dir=certs")).Expect(1).Says("the path to the CA key is required").Says("CHITIN_CA_KEY");
        await CertAsync(0, "create-ca");
        (await CertAsync(1, "create-node")).Says("create-node requires at least one host name or address, none was specified");
        (await CertAsync(1, "create-client", "no such name")).Says("username is invalid");
        (await CertAsync(1, "create-client", "app", "--lifetime=200000h")).Says("shorter than the requested 200000.000000h").Says("--lifetime=");
        (await CertAsync(1, "create-client", "app", "--lifetime=soon")).Says("--lifetime: \"soon\" is not a duration");
        (await CertAsync(1, "create-client", "app", "--key-size=512")).Says("--key-size: 512 bits");
        _directory.SetMode("safe/ca.key", TestDirectory.Public);
        (await CertAsync(1, "create-client", "app")).Says("key file safe/ca.key has permissions -rw-r--r--, exceeds -rwx").Says("HINT: chmod 0600 safe/ca.key");
        Assert.Equal(["ca.crt"], Directory.GetFiles(_directory.File("certs")).Select(f => Path.GetFileName(f)));
    }

    [Fact]
    public async Task A_key_that_is_too_open_is_shown_in_the_list_and_not_used()
    {
        await CertAsync(0, "create-ca");
        await CertAsync(0, "create-client", "root");
        await CertAsync(0, "create-node", "localhost");
        _directory.SetMode("certs/client.root.key", TestDirectory.Public);
        _directory.SetMode("certs/node.key", TestDirectory.Public);
        Assert.Contains("client.root.key has permissions -rw-r--r--", (await ChitinProgram.RunAsync(_directory, "cert", "list", "--certs-dir=certs")).Output, StringComparison.Ordinal);
        (await ChitinProgram.RunAsync(_directory, "sql", "--certs-dir=certs", "--host=localhost:1", "-e", "SELECT 1")).Expect(1).Says("client.root.key has permissions 644").Says("HINT: chmod 0600");
        (await ChitinProgram.RunAsync(_directory, "gen", "encryption-key", "store.key")).Expect(0);
        (await ChitinProgram.RunAsync(_directory, "start-single-node", "--certs-dir=certs", "--store=store", "--encryption=path=store,key=store.key", "--listen-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0"))
            .Expect(1).Says("certs/node.key has permissions");
    }

    [Fact]
    public async Task A_store_key_that_is_missing_too_open_or_cut_keeps_the_node_from_starting_and_nothing_is_written()
    {
        await CertAsync(0, "create-ca");
        await CertAsync(0, "create-node", "localhost");
        string[] start = ["start-single-node", "--certs-dir=certs", "--store=store", "--encryption=path=store,key=store.key", "--listen-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0"];
        (await ChitinProgram.RunAsync(_directory, start)).Expect(1).Says("store.key: no such file");
        (await ChitinProgram.RunAsync(_directory, "gen", "encryption-key", "store.key")).Expect(0);
        _directory.SetMode("store.key", TestDirectory.Public);
        (await ChitinProgram.RunAsync(_directory, start)).Expect(1).Says("store key file store.key has permissions 644");
        _directory.SetMode("store.key", TestDirectory.Secret);
        File.WriteAllBytes(_directory.File("store.key"), _directory.Bytes("store.key")[..40]);
        (await ChitinProgram.RunAsync(_directory, start)).Expect(1).Says("store key file store.key: ");
        Assert.Equal(["certs", "safe", "store.key"], _directory.Entries.Where(e => e != ".dotnet"));
    }

    private async Task<Outcome> CertAsync(int code, params string[] arguments) => (await ChitinProgram.RunAsync(_directory, ["cert", .. arguments, .. s_flags])).Expect(code);
}
