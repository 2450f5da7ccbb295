using System.CommandLine;
using Chitin.Cli;
using Chitin.Server.Configuration;

namespace Chitin.UnitTests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public void Every_command_has_a_help_text_that_describes_each_of_its_flags()
    {
        var root = Program.CreateRoot();
        foreach (var (path, command) in All([], root))
        {
            using var output = new StringWriter();
            var code = root.Parse([.. path, "--help"]).Invoke(new InvocationConfiguration { Output = output, Error = output });
            Assert.Equal(0, code);
            Assert.Contains("Usage:", output.ToString(), StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace(command.Description), string.Join(' ', path));
            foreach (var option in command.Options)
                Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{string.Join(' ', path)} {option.Name}");
        }
    }

    [Fact]
    public void Every_setting_of_the_server_is_a_flag_of_start()
    {
        var start = Program.CreateRoot().Subcommands.Single(c => c.Name == "start-single-node");
        var flags = start.Options.Select(o => o.Name.TrimStart('-')).ToHashSet();
        Assert.Empty(ServerOptionsReader.Names.Where(n => !flags.Contains(n)));
    }

    [Theory]
    [InlineData("start-single-node --certs-dir=c --store=s --encryption=path=s,key=k --listen-addr=:1 --http-addr=:2 --cache=25% --max-sql-memory=1GB --background --pid-file=p")]
    [InlineData("start-single-node --insecure --log-dir l --sql-audit-dir a")]
    [InlineData("stop --pid-file p")]
    [InlineData("cert create-ca --certs-dir=c --ca-key=k --allow-ca-key-reuse --overwrite --lifetime=10h --key-size=4096")]
    [InlineData("cert create-node localhost 127.0.0.1 --certs-dir=c --ca-key=k")]
    [InlineData("cert create-client app --certs-dir=c --ca-key=k --also-generate-pkcs8-key --disable-username-validation")]
    [InlineData("cert list --certs-dir=c")]
    [InlineData("gen encryption-key -s 256 --overwrite key")]
    [InlineData("sql -e 'SELECT_1' -e SELECT_2 --format records --user u -d bank --host h:1")]
    [InlineData("user set app --password")]
    [InlineData("debug encryption-status d --enterprise-encryption=path=d,key=k,old-key=plain --active-store-key-id-only")]
    [InlineData("debug encryption-active-key d")]
    [InlineData("demo --background")]
    public void Documented_lines_are_understood(string line) => Assert.Empty(Program.CreateRoot().Parse(line.Split(' ')).Errors);

    [Theory]
    [InlineData("gen encryption-key -s 100 key", "store key size should be 128, 192, or 256 bits, got 100")]
    [InlineData("cert create-client --certs-dir=c", "'USERNAME' missing")]
    [InlineData("start-single-node --no-such-flag", "--no-such-flag")]
    [InlineData("sql --format=xml", "xml")]
    public void Lines_that_are_not_understood_say_why(string line, string part) =>
        Assert.Contains(Program.CreateRoot().Parse(line.Split(' ')).Errors, e => e.Message.Contains(part, StringComparison.Ordinal));

    [Theory]
    [InlineData("no-such-verb", 2)]
    [InlineData("gen encryption-key -s 100 key", 2)]
    [InlineData("cert create-ca --certs-dir=/nonexistent/certs", 1)]
    [InlineData("start-single-node --cache=x --listen-addr=:a", 1)]
    [InlineData("start-single-node --settings-file=/nonexistent/settings.json", 1)]
    [InlineData("stop --pid-file=/nonexistent/chitin.pid", 1)]
    [InlineData("debug encryption-status /nonexistent/store", 1)]
    [InlineData("sql --certs-dir=/nonexistent/certs -e SELECT", 1)]
    [InlineData("version", 0)]
    public async Task Exit_codes_tell_a_bad_line_from_a_failure(string line, int code) => Assert.Equal(code, await Program.Main(line.Split(' ')));

    private static IEnumerable<(string[] Path, Command Command)> All(string[] path, Command command)
    {
        yield return (path, command);
        foreach (var found in command.Subcommands.SelectMany(c => All([.. path, c.Name], c)))
            yield return found;
    }
}
