namespace Chitin.UnitTests.Architecture;

/// <summary>One C# file: its path from the repository's root, with forward slashes, and its lines without those that are comments alone.</summary>
internal sealed record SourceFile(string Path, ImmutableArray<string> Lines)
{
    public static SourceFile Of(string path, string text) =>
        new(path, [.. text.Split('\n').Select(l => l.TrimStart().StartsWith("//", StringComparison.Ordinal) ? "" : l)]);

    /// <summary>The lines that match, as PATH:LINE: TEXT.</summary>
    public IEnumerable<string> Matches(System.Text.RegularExpressions.Regex pattern) =>
        Lines.Index().Where(l => pattern.IsMatch(l.Item)).Select(l => $"{Path}:{l.Index + 1}: {l.Item.Trim()}");
}

/// <summary>The repository that these tests were built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>The product's projects, which are the folders of src.</summary>
    public static ImmutableArray<string> Projects { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(d => Path.GetFileName(d)!).Where(p => File.Exists(ProjectFile(p))).Order(StringComparer.Ordinal)];

    public static string ProjectFile(string project) => Path.Combine(Root, "src", project, project + ".csproj");

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>All C# files below a folder, without what builds leave there.</summary>
    public static IEnumerable<SourceFile> Files(string folder) =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
        orderby path
        select SourceFile.Of(path, File.ReadAllText(file));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Chitin.slnx")))
                return directory.FullName;
        }

        throw new InvalidOperationException($"no Chitin.slnx above {AppContext.BaseDirectory}");
    }
}
