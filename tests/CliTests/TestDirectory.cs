namespace Chitin.CliTests;

/// <summary>A directory for one test, in which the program runs; gone afterwards.</summary>
public sealed class TestDirectory : IDisposable
{
    public const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode OwnersDirectory = Secret | UnixFileMode.UserExecute;

    public string Path { get; } = Directory.CreateTempSubdirectory("chitin-cli-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public UnixFileMode Mode(string name) => System.IO.File.GetUnixFileMode(File(name));

    public void SetMode(string name, UnixFileMode mode) => System.IO.File.SetUnixFileMode(File(name), mode);

    public void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    public byte[] Bytes(string name) => System.IO.File.ReadAllBytes(File(name));

    /// <summary>The names of everything in it, in order.</summary>
    public IEnumerable<string> Entries => Directory.GetFileSystemEntries(Path).Select(e => System.IO.Path.GetFileName(e)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
