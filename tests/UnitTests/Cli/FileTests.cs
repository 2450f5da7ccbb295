using Chitin.Cli;
using Chitin.Cli.Client;
using Chitin.Testing;

namespace Chitin.UnitTests.Cli;

/// <summary>The files that verbs make: their modes, and that none is replaced unasked (SECURITY-SPEC 1.2, 5.1).</summary>
public sealed class FileTests
{
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OwnersDirectory = Secret | UnixFileMode.UserExecute;

    [Theory]
    [InlineData(128, 48)]
    [InlineData(192, 56)]
    [InlineData(256, 64)]
    public async Task A_store_key_has_its_length_and_mode_and_is_not_replaced_unasked(int bits, int length)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("store.key");
        string[] line = ["gen", "encryption-key", "-s", bits.ToString(System.Globalization.CultureInfo.InvariantCulture), path];
        Assert.Equal(0, await Program.Main(line));
        var first = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(length, first.Length);
        AssertMode(Secret, path);
        Assert.Equal(1, await Program.Main(line));
        Assert.Equal(first, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(0, await Program.Main([.. line, "--overwrite"]));
        Assert.NotEqual(first, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        AssertMode(Secret, path);
    }

    [Fact]
    public async Task Certificates_may_be_read_by_all_and_keys_by_their_owner_alone()
    {
        using var directory = new TemporaryDirectory();
        var (certs, key) = (directory.File("certs"), directory.File("safe/ca.key"));
        string[] common = ["--certs-dir=" + certs, "--ca-key=" + key];
        Assert.Equal(0, await Program.Main(["cert", "create-ca", .. common]));
        Assert.Equal(0, await Program.Main(["cert", "create-node", "localhost", .. common]));
        Assert.Equal(0, await Program.Main(["cert", "create-client", "Root", .. common]));
        Assert.Equal(0, await Program.Main(["cert", "create-ui", "localhost", .. common]));
        Assert.Equal(0, await Program.Main(["cert", "list", "--certs-dir=" + certs]));

        Assert.Equal(["ca.crt", "client.root.crt", "client.root.key", "node.crt", "node.key", "ui.crt", "ui.key"], Directory.GetFiles(certs).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        AssertMode(OwnersDirectory, certs);
        AssertMode(Secret, key);
        foreach (var file in Directory.GetFiles(certs))
            AssertMode(file.EndsWith(".key", StringComparison.Ordinal) ? Secret : Public, file);
    }

    [Fact]
    public async Task A_certificate_is_not_made_without_a_host_for_a_bad_name_or_over_another()
    {
        using var directory = new TemporaryDirectory();
        string[] common = ["--certs-dir=" + directory.File("certs"), "--ca-key=" + directory.File("ca.key")];
        Assert.Equal(0, await Program.Main(["cert", "create-ca", .. common]));
        Assert.Equal(1, await Program.Main(["cert", "create-ca", .. common]));
        Assert.Equal(1, await Program.Main(["cert", "create-node", .. common]));
        Assert.Equal(1, await Program.Main(["cert", "create-client", "no such name", .. common]));
        Assert.Equal(0, await Program.Main(["cert", "create-client", "app", .. common]));
        Assert.Equal(1, await Program.Main(["cert", "create-client", "app", .. common]));
        Assert.Equal(0, await Program.Main(["cert", "create-client", "app", "--overwrite", "--also-generate-pkcs8-key", .. common]));
        AssertMode(Secret, Path.Combine(directory.File("certs"), "client.app.key.pk8"));
    }

    [Fact]
    public void The_history_is_its_owners_alone_and_keeps_no_password()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("history");
        var editor = new LineEditor(path);
        editor.Remember("SELECT 1;");
        editor.Remember("ALTER USER app WITH PASSWORD 'secret';");
        editor.Remember("SELECT\n2;");
        Assert.Equal(["SELECT 1;", "SELECT 2;"], File.ReadAllLines(path));
        AssertMode(Secret, path);
    }

    private static void AssertMode(UnixFileMode mode, string path)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(mode, File.GetUnixFileMode(path));
    }
}
