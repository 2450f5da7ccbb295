namespace Chitin.Testing;

/// <summary>A directory of its own for one test, gone afterwards.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chitin-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>All files below a store's directory, but for its lock and its ballast.</summary>
    public static void CopyStore(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from).Where(f => System.IO.Path.GetFileName(f) is not ("LOCK" or "BALLAST")))
            System.IO.File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
        foreach (var directory in Directory.GetDirectories(from))
            CopyStore(directory, System.IO.Path.Combine(to, System.IO.Path.GetFileName(directory)));
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
