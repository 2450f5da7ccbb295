using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Chitin.UnitTests.Architecture;

/// <summary>Rules of the house that the compiler does not hold.</summary>
public sealed partial class HouseRuleTests
{
    /// <summary>Folders that sort the files of one namespace: the operators, evaluators and writers of Execution share its internals.</summary>
    private static readonly Dictionary<string, string> s_sortedByFolder = new()
    {
        ["src/Sql/Execution/Operators"] = "Chitin.Sql.Execution",
        ["src/Sql/Execution/Expressions"] = "Chitin.Sql.Execution",
        ["src/Sql/Execution/Modification"] = "Chitin.Sql.Execution",
    };

    private static readonly string[] s_tests = ["Chitin.UnitTests", "Chitin.SimulationTests", "Chitin.SqlLogicTests", "Chitin.WireTests", "Chitin.FuzzTargets", "Chitin.Testing"];

    [Fact]
    public void A_namespace_is_its_folder()
    {
        foreach (var file in SourceTree.Files("src").Concat(SourceTree.Files("tests")))
        {
            var folder = file.Path[..file.Path.LastIndexOf('/')];
            var declared = file.Lines.Select(l => Namespace().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToList();
            // Top-level statements stand in no namespace.
            if (declared.Count == 0 && file.Path.EndsWith("/Program.cs", StringComparison.Ordinal))
                continue;
            var expected = s_sortedByFolder.GetValueOrDefault(folder) ?? "Chitin." + string.Join('.', folder.Split('/').Skip(1));
            Assert.True(declared is [var one] && one == expected, $"{file.Path}: namespace {string.Join(", ", declared)}, not {expected}");
        }
    }

    /// <summary>A folder's usings must show what it knows; the one that all share stands in Directory.Build.props.</summary>
    [Fact]
    public void There_are_no_usings_for_a_whole_project()
    {
        Assert.Empty(SourceTree.Files("src").SelectMany(f => f.Matches(GlobalUsing())));
        foreach (var project in SourceTree.Projects)
            Assert.DoesNotContain("<Using ", File.ReadAllText(SourceTree.ProjectFile(project)), StringComparison.Ordinal);
    }

    [Fact]
    public void Usings_are_in_order_with_System_first()
    {
        foreach (var file in SourceTree.Files("src").Concat(SourceTree.Files("tests")))
        {
            var names = file.Lines.Select(l => Using().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToList();
            var sorted = names.OrderBy(n => n == "System" || n.StartsWith("System.", StringComparison.Ordinal) ? 0 : 1).ThenBy(n => n.Replace('.', '\u0001'), StringComparer.OrdinalIgnoreCase).ToList();
            Assert.True(names.SequenceEqual(sorted), $"{file.Path}: the usings are not in order");
        }
    }

    /// <summary>The analyzer passes over an entry that it cannot resolve, so a misspelt one would ban nothing.</summary>
    [Fact]
    public void Banned_symbols_exist_and_the_list_is_in_force()
    {
        Assert.NotEmpty(Banned());
        foreach (var (type, member) in Banned())
            Assert.True((Type.GetType(type) ?? typeof(Console).Assembly.GetType(type))?.GetMember(member).Length > 0, $"{type}.{member} does not exist");
        Assert.Contains("dotnet_diagnostic.RS0030.severity = error", SourceTree.Read(".editorconfig"), StringComparison.Ordinal);
        Assert.Contains("BannedSymbols.txt", SourceTree.Read("Directory.Build.targets"), StringComparison.Ordinal);
        foreach (var project in SourceTree.Projects)
            Assert.DoesNotContain("NoWarn", File.ReadAllText(SourceTree.ProjectFile(project)), StringComparison.Ordinal);
        Assert.Empty(SourceTree.Files("src").SelectMany(f => f.Matches(SilencedBan())));
    }

    /// <summary>What the compiler wrote, whatever the analyzer was told.</summary>
    [Fact]
    public void No_assembly_calls_what_is_banned()
    {
        var banned = Banned().Select(b => $"{b.Type}.{b.Member}").ToHashSet();
        foreach (var project in SourceTree.Projects)
            Assert.Empty(Calls(AssemblyFile(project)).Where(c => banned.Contains(c.Name) && (c.Name != "System.Console.WriteLine" || c.TakesString)).Select(c => $"{project} calls {c.Name}"));
    }

    [Fact]
    public void Calls_are_found_in_an_assembly() =>
        Assert.Contains(Calls(typeof(HouseRuleTests).Assembly.Location), c => c.Name == "System.IO.File.ReadAllText");

    [Fact]
    public void Internals_are_open_to_the_tests_alone()
    {
        foreach (var project in SourceTree.Projects)
        {
            var friends = Assembly.LoadFrom(AssemblyFile(project)).GetCustomAttributes<InternalsVisibleToAttribute>().Select(a => a.AssemblyName).ToList();
            Assert.Empty(friends.Except(s_tests));
            Assert.Equal(friends.Count, friends.Distinct().Count());
        }

        Assert.Empty(SourceTree.Files("src").SelectMany(f => f.Matches(Backdoor())));
    }

    private static string AssemblyFile(string project) => Path.Combine(AppContext.BaseDirectory, project == "Cli" ? "chitin.dll" : $"Chitin.{project}.dll");

    /// <summary>Types and members as metadata names them: a property by its getter.</summary>
    private static IEnumerable<(string Type, string Member)> Banned() =>
        from line in SourceTree.Read("BannedSymbols.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let symbol = line.Split(';')[0].Split('(')[0].Trim()
        let name = symbol[2..]
        let dot = name.LastIndexOf('.')
        select (name[..dot], (symbol[0] == 'P' ? "get_" : "") + name[(dot + 1)..]);

    private static IEnumerable<(string Name, bool TakesString)> Calls(string assembly)
    {
        using var stream = File.OpenRead(assembly);
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        foreach (var reference in metadata.MemberReferences.Select(metadata.GetMemberReference))
        {
            if (reference.Parent.Kind != HandleKind.TypeReference)
                continue;
            var type = metadata.GetTypeReference((TypeReferenceHandle)reference.Parent);
            // ECMA-335 II.23.2.1: calling convention, count of parameters, return type, parameters; 0x0e is string.
            var signature = metadata.GetBlobBytes(reference.Signature);
            yield return ($"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}.{metadata.GetString(reference.Name)}", signature is [_, 1, _, 0x0e]);
        }
    }

    [GeneratedRegex(@"^namespace ([\w.]+)")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using ([\w.]+);")]
    private static partial Regex Using();

    [GeneratedRegex(@"^\s*global using")]
    private static partial Regex GlobalUsing();

    [GeneratedRegex(@"RS0030|#pragma warning disable\s*(//.*)?$")]
    private static partial Regex SilencedBan();

    [GeneratedRegex(@"InternalsVisibleTo|IgnoresAccessChecksTo|\bUnsafeAccessor|BindingFlags\.NonPublic")]
    private static partial Regex Backdoor();
}
