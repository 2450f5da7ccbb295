namespace Chitin.WireTests;

/// <summary>Drivers of other languages, from Debian's packages (./test installs them).</summary>
public sealed class DriverTests(RunningNode node)
{
    private Dictionary<string, string> Environment => new()
    {
        ["PORT"] = node.Endpoints.SqlPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["PASSWORD"] = RunningNode.Password,
        ["CA"] = Path.Combine(node.CertsDirectory, "ca.crt"),
        ["NODE_PATH"] = $"/usr/share/nodejs:{LocalModules}",
    };

    /// <summary>Where ./test puts node-postgres when Debian's package does not fit the machine's node.</summary>
    private static string LocalModules
    {
        get
        {
            for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            {
                if (File.Exists(Path.Combine(directory.FullName, "Chitin.slnx")))
                    return Path.Combine(directory.FullName, "artifacts", "drivers", "node_modules");
            }

            return "";
        }
    }

    [Fact]
    public async Task Node_postgres_works()
    {
        if (!Directory.Exists("/usr/share/nodejs/pg") && !Directory.Exists(Path.Combine(LocalModules, "pg")))
            Assert.Skip("node-postgres is neither installed as Debian's node-pg nor from npm");
        var (code, output, errors) = await Programs.RunAsync("node", [Path.Combine(AppContext.BaseDirectory, "scripts", "node-postgres.js")], Environment);
        Assert.True(code == 0, errors);
        Assert.Equal("ok\n", output);
    }

    [Fact]
    public async Task Psycopg_works()
    {
        if (!Directory.Exists("/usr/lib/python3/dist-packages/psycopg2"))
            Assert.Skip("Debian's python3-psycopg2 is not installed");
        var (code, output, errors) = await Programs.RunAsync("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "scripts", "psycopg.py")], Environment);
        Assert.True(code == 0, errors);
        Assert.Equal("ok\n", output);
    }
}
