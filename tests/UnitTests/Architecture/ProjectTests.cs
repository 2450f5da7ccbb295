using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Chitin.UnitTests.Architecture;

/// <summary>Which project may use which: the table of docs/architecture.md is the rule, read from there.</summary>
public sealed partial class ProjectTests
{
    /// <summary>What a project may say of projects that its row does not name, and why. What it refers to is still the row's alone: these types come through it.</summary>
    private static readonly Dictionary<string, string[]> s_alsoSeen = new()
    {
        // The timestamps that versions carry.
        ["Catalog"] = ["Storage"],
        ["Sql"] = ["Storage"],
        // It opens transactions and reads the catalog for the statements that it runs.
        ["Sessions"] = ["Catalog", "Transactions", "Storage"],
        // Verbs that work on files without a server: cert, gen, user names, debug.
        ["Cli"] = ["Core", "Cryptography", "Security", "Sessions", "Sql", "Storage"],
    };

    /// <summary>Packages and frameworks, each fenced into one project.</summary>
    private static readonly Dictionary<string, string[]> s_packages = new()
    {
        ["RocksDB"] = ["Storage"],
        ["Npgsql"] = ["Cli"],
        ["System.CommandLine"] = ["Cli"],
        ["Spectre.Console"] = ["Cli"],
        ["Microsoft.AspNetCore.App"] = ["Server"],
        ["Microsoft.Extensions.Logging.Abstractions"] = ["Storage", "Transactions", "Security", "Sessions"],
    };

    private static readonly Dictionary<string, ImmutableArray<string>> s_rows = ReadTable(SourceTree.Read("docs/architecture.md"));

    [Fact]
    public void The_table_has_a_row_for_every_project_and_its_arrows_point_down()
    {
        Assert.Equal(SourceTree.Projects, s_rows.Keys.Order(StringComparer.Ordinal));
        var order = s_rows.Keys.ToList();
        foreach (var (project, used) in s_rows)
            Assert.All(used, u => Assert.True(order.IndexOf(u) > order.IndexOf(project), $"{project} may use {u}, which stands above it"));
    }

    [Fact]
    public void Projects_refer_to_what_their_row_allows()
    {
        foreach (var project in SourceTree.Projects)
            Assert.Empty(References(SourceTree.ProjectFile(project), "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r)!).Except([.. s_rows[project], "Core"]).Select(r => $"{project} refers to {r}"));
    }

    [Fact]
    public void Code_names_only_the_projects_of_its_row()
    {
        foreach (var project in SourceTree.Projects)
        {
            string[] allowed = [project, .. s_rows[project], "Core", .. s_alsoSeen.GetValueOrDefault(project, [])];
            Assert.Empty(SourceTree.Files($"src/{project}").SelectMany(f => Strangers(f, allowed)));
        }
    }

    [Fact]
    public void Naming_a_project_that_is_not_in_the_row_is_found()
    {
        Assert.NotEmpty(Strangers(SourceFile.Of("src/Sql/X.cs", "using Chitin.Protocol;"), ["Sql"]));
        Assert.NotEmpty(Strangers(SourceFile.Of("src/Sql/X.cs", "    var x = Chitin.Server.ServerHost.Version;"), ["Sql"]));
        Assert.Empty(Strangers(SourceFile.Of("src/Sql/X.cs", "/// <see cref=\"Chitin.Server.ServerHost\"/>"), ["Sql"]));
    }

    [Fact]
    public void Packages_stay_in_the_projects_that_they_are_fenced_into()
    {
        foreach (var project in SourceTree.Projects)
        {
            var file = SourceTree.ProjectFile(project);
            Assert.Empty(References(file, "PackageReference").Concat(References(file, "FrameworkReference"))
                .Where(p => !s_packages.GetValueOrDefault(p, []).Contains(project)).Select(p => $"{project} refers to {p}"));
        }

        Assert.Empty(SourceTree.Files("src").Where(f => !f.Path.StartsWith("src/Storage/", StringComparison.Ordinal)).SelectMany(f => f.Matches(RocksDb())));
        Assert.Empty(SourceTree.Files("src").Where(f => !f.Path.StartsWith("src/Cli/", StringComparison.Ordinal)).SelectMany(f => f.Matches(Npgsql())));
    }

    /// <summary>The shell and the client's flags prove daily that the server speaks PostgreSQL's protocol: they may know nothing else of it.</summary>
    [Fact]
    public void The_client_knows_the_server_through_its_protocol_alone() =>
        Assert.Empty(SourceTree.Files("src/Cli/Client").SelectMany(ClientViolations));

    [Fact]
    public void A_client_that_knows_more_is_found()
    {
        Assert.NotEmpty(ClientViolations(SourceFile.Of("src/Cli/Client/X.cs", "using Chitin.Server.Configuration;")));
        Assert.NotEmpty(ClientViolations(SourceFile.Of("src/Cli/Client/X.cs", "        _ = Server.ServerHost.Version;")));
        Assert.NotEmpty(ClientViolations(SourceFile.Of("src/Cli/Client/X.cs", "using Chitin.Cli.Hosting;")));
        Assert.Empty(ClientViolations(SourceFile.Of("src/Cli/Client/X.cs", "using Chitin.Cli.Output;\nusing Npgsql;\nnamespace Chitin.Cli.Client;")));
    }

    private static IEnumerable<string> Strangers(SourceFile file, string[] allowed) =>
        file.Lines.Index().SelectMany(l => ProjectName().Matches(l.Item).Where(m => !allowed.Contains(m.Groups[1].Value)).Select(m => $"{file.Path}:{l.Index + 1}: {m.Value}"));

    private static IEnumerable<string> ClientViolations(SourceFile file) => file.Matches(ClientStranger());

    private static IEnumerable<string> References(string projectFile, string element) =>
        XDocument.Load(projectFile).Descendants(element).Select(e => e.Attribute("Include")!.Value.Replace('\\', '/'));

    /// <summary>Rows «| Project | what it does | may use |»; «all below» are the rows that follow, «nothing» is none.</summary>
    private static Dictionary<string, ImmutableArray<string>> ReadTable(string text)
    {
        var rows = TableRow().Matches(text).Select(m => (Project: m.Groups[1].Value, Used: m.Groups[2].Value.Trim())).Where(r => r.Project != "project").ToList();
        return rows.Index().ToDictionary(r => r.Item.Project, r => r.Item.Used switch
        {
            "nothing" => [],
            "all below" => [.. rows.Skip(r.Index + 1).Select(x => x.Project)],
            var names => names.Split(", ").ToImmutableArray(),
        });
    }

    [GeneratedRegex(@"^\| (\w+) \|[^|]*\|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"\bChitin\.(Core|Cryptography|Storage|Transactions|Catalog|Security|Sql|Sessions|Protocol|Server|Cli)\b")]
    private static partial Regex ProjectName();

    [GeneratedRegex(@"\bRocksDbSharp\b")]
    private static partial Regex RocksDb();

    [GeneratedRegex(@"\busing Npgsql\b")]
    private static partial Regex Npgsql();

    // Chitin.X, where X is neither the client itself nor the output; or X.Type, which C# finds from inside the namespace Chitin.
    [GeneratedRegex(@"\bChitin\.(?!Cli\.(Client|Output)\b)|(?<![\w.""])(Core|Cryptography|Storage|Transactions|Catalog|Security|Sql|Sessions|Protocol|Server|Commands|Hosting)\.[A-Z]")]
    private static partial Regex ClientStranger();
}
