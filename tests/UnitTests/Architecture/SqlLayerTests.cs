using System.Text.RegularExpressions;

namespace Chitin.UnitTests.Architecture;

/// <summary>The order of the folders of src/Sql: a statement passes them from the first to the last, and none knows those after it.</summary>
public sealed class SqlLayerTests
{
    /// <summary>Each folder and those that it may name.</summary>
    private static readonly Dictionary<string, string[]> s_layers = new()
    {
        ["Syntax"] = [],
        ["Functions"] = ["Syntax"],
        ["Binding"] = ["Syntax", "Functions"],
        ["SystemViews"] = ["Syntax", "Functions", "Binding"],
        ["Planning"] = ["Syntax", "Functions", "Binding"],
        ["Execution"] = ["Syntax", "Functions", "Binding", "SystemViews", "Planning"],
    };

    /// <summary>Functions of the system's own information give what the system views show, so these read the same facts: sessions, the catalog's picture, and the OIDs of computed tables.</summary>
    private static readonly HashSet<string> s_readsFactsOfSystemViews =
    [
        "src/Sql/Functions/EvaluationContext.cs",
        "src/Sql/Functions/SystemInformation/CatalogNames.cs",
        "src/Sql/Functions/SystemInformation/InspectionFunctions.cs",
    ];

    [Fact]
    public void Every_folder_has_its_place() =>
        Assert.Equal(s_layers.Keys.Order(StringComparer.Ordinal), SourceTree.Files("src/Sql").Select(Folder).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void No_folder_names_one_that_comes_after_it() => Assert.Empty(SourceTree.Files("src/Sql").SelectMany(Violations));

    [Fact]
    public void The_files_that_are_excepted_need_it()
    {
        foreach (var path in s_readsFactsOfSystemViews)
            Assert.NotEmpty(SourceTree.Files("src/Sql").Single(f => f.Path == path).Matches(Naming("SystemViews")));
    }

    [Theory]
    [InlineData("src/Sql/Syntax/X.cs", "using Chitin.Sql.Binding;")]
    [InlineData("src/Sql/Syntax/X.cs", "using Scope = Chitin.Sql.Binding.Scope;")]
    [InlineData("src/Sql/Binding/X.cs", "using static Chitin.Sql.Planning.Cost;")]
    [InlineData("src/Sql/Planning/X.cs", "        Execution.Operator? made = null;")]
    [InlineData("src/Sql/Functions/Library/X.cs", "        _ = Sql.Binding.Binder.Bind(statement);")]
    [InlineData("src/Sql/SystemViews/PgCatalog/X.cs", "using Chitin.Sql.Execution;")]
    public void A_folder_that_names_a_later_one_is_found(string path, string line) => Assert.NotEmpty(Violations(SourceFile.Of(path, line)));

    [Theory]
    [InlineData("src/Sql/Binding/X.cs", "using Chitin.Sql.Syntax;")]
    [InlineData("src/Sql/Syntax/X.cs", "/// <see cref=\"Binding.Binder\"/> resolves it.")]
    [InlineData("src/Sql/Execution/X.cs", "using Chitin.Sql.Planning;")]
    public void A_folder_may_name_earlier_ones(string path, string line) => Assert.Empty(Violations(SourceFile.Of(path, line)));

    private static string Folder(SourceFile file) => file.Path.Split('/')[2];

    private static IEnumerable<string> Violations(SourceFile file) =>
        from later in s_layers.Keys.Except([.. s_layers[Folder(file)], Folder(file)])
        where later != "SystemViews" || !s_readsFactsOfSystemViews.Contains(file.Path)
        from found in file.Matches(Naming(later))
        select found;

    // The whole name, or the folder's name and a type, which C# finds from inside the namespace Chitin.Sql.
    private static Regex Naming(string folder) => new($@"\bChitin\.Sql\.{folder}\b|(?<![\w.""])(Sql\.)?{folder}\.[A-Z]");
}
