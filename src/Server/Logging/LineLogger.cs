using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.Logging;

/// <summary>One line per message: level letter, UTC time, category, event id, text; exceptions indented below. Line breaks inside a text are escaped, so that no input can forge a line.</summary>
internal static class LogLine
{
    public static string Format(DateTimeOffset time, LogLevel level, string category, EventId id, string message, Exception? exception)
    {
        var line = new StringBuilder(message.Length + 80);
        line.Append(level switch { LogLevel.Critical => 'F', LogLevel.Error => 'E', LogLevel.Warning => 'W', LogLevel.Information => 'I', _ => 'D' });
        line.Append(time.UtcDateTime.ToString("yyMMdd HH:mm:ss.ffffff ", CultureInfo.InvariantCulture));
        line.Append(category[(category.LastIndexOf('.') + 1)..]).Append(' ').Append(id.Id).Append(' ');
        foreach (var c in message)
        {
            if (char.IsControl(c))
                line.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                line.Append(c);
        }

        line.Append('\n');
        if (exception is not null)
        {
            foreach (var text in exception.ToString().Split('\n'))
                line.Append("    ").Append(text.TrimEnd('\r')).Append('\n');
        }

        return line.ToString();
    }
}

/// <summary>A logger that hands formatted lines to its provider.</summary>
internal sealed class LineLogger(string category, Action<string> write, LogLevel minimum, TimeProvider clock) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            write(LogLine.Format(clock.GetUtcNow(), logLevel, category, eventId, formatter(state, exception), exception));
    }
}

/// <summary>Messages to standard error.</summary>
internal sealed class StandardErrorProvider(LogLevel minimum, TimeProvider clock) : ILoggerProvider
{
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, Write, ForCategory(categoryName, minimum), clock);

    public void Dispose()
    {
    }

    /// <summary>What the web server says below a warning is noise.</summary>
    internal static LogLevel ForCategory(string category, LogLevel minimum) =>
        category.StartsWith("Microsoft.", StringComparison.Ordinal) && minimum < LogLevel.Warning ? LogLevel.Warning : minimum;

    private void Write(string line)
    {
        lock (_lock)
            Console.Error.Write(line);
    }
}
