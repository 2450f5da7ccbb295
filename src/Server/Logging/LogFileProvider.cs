using System.Text;
using Chitin.Cryptography.Certificates;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.Logging;

/// <summary>
/// Messages to chitin.log in the log directory, mode 0600. At 10 MiB the file is renamed to chitin.log.1 and so on; five old ones are kept.
/// A full disk loses messages, never the server.
/// </summary>
internal sealed class LogFileProvider : ILoggerProvider
{
    private const long MaxBytes = 10 * 1024 * 1024;
    private const int KeptFiles = 5;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly LogLevel _minimum;
    private readonly TimeProvider _clock;
    private FileStream? _file;

    public LogFileProvider(string directory, LogLevel minimum, TimeProvider clock)
    {
        _minimum = minimum;
        _clock = clock;
        UnixFiles.MakeDirectory(directory);
        _path = Path.Combine(directory, "chitin.log");
        _file = Open();
    }

    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, Write, StandardErrorProvider.ForCategory(categoryName, _minimum), _clock);

    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private FileStream Open() => new(_path, UnixFiles.SecretFile(FileMode.Append, FileShare.Read | FileShare.Delete));

    private void Write(string line)
    {
        lock (_lock)
        {
            if (_file is null)
                return;
            try
            {
                _file.Write(Encoding.UTF8.GetBytes(line));
                if (_file.Length > MaxBytes)
                    Rotate();
            }
            catch (IOException e)
            {
                // There is no other place to say it.
                Console.Error.Write($"chitin.log cannot be written: {e.Message}\n");
            }
        }
    }

    private void Rotate()
    {
        _file!.Dispose();
        for (var i = KeptFiles - 1; i >= 1; i--)
        {
            if (File.Exists($"{_path}.{i}"))
                File.Move($"{_path}.{i}", $"{_path}.{i + 1}", overwrite: true);
        }

        File.Move(_path, _path + ".1", overwrite: true);
        _file = Open();
    }
}
