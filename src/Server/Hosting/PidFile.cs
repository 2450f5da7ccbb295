using System.Globalization;
using Chitin.Cryptography.Certificates;

namespace Chitin.Server.Hosting;

/// <summary>A file with this process's id, mode 0600, while the node serves.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _path;

    public PidFile(string path)
    {
        _path = path;
        using var file = new FileStream(path, UnixFiles.SecretFile(FileMode.Create));
        file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is stale then, which whoever reads it has to expect anyway after a crash.
        }
    }
}
