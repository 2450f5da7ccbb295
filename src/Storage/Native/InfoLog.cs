using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Chitin.Storage.Native;

/// <summary>RocksDB's own log, through a callback instead of a readable file. Below warnings nothing is passed on: such lines may hold keys.</summary>
internal sealed unsafe class InfoLog : IDisposable
{
    private const int WarnLevel = 2;
    private const int ErrorLevel = 3;
    private const int FatalLevel = 4;   // 5 is the header of the file, which says nothing

    private readonly ILogger _logger;
    private GCHandle _self;

    public InfoLog(ILogger logger)
    {
        _logger = logger;
        _self = GCHandle.Alloc(this);
        Handle = Rocks.LoggerCreateCallback(WarnLevel, &OnMessage, GCHandle.ToIntPtr(_self));
    }

    /// <summary>For <c>options_set_info_log</c>.</summary>
    public nint Handle { get; }

    /// <summary>After the database that logs here is closed.</summary>
    public void Dispose()
    {
        if (!_self.IsAllocated)
            return;
        Rocks.LoggerDestroy(Handle);
        _self.Free();
    }

    [UnmanagedCallersOnly]
    private static void OnMessage(nint state, uint level, byte* message, nuint length)
    {
        if (level is < WarnLevel or > FatalLevel)
            return;
        try
        {
            var logger = ((InfoLog)GCHandle.FromIntPtr(state).Target!)._logger;
            var text = Encoding.UTF8.GetString(message, (int)Math.Min(length, 4096)).TrimEnd('\n', '\0');
            if (level >= ErrorLevel)
                logger.EngineError(text);
            else
                logger.EngineWarning(text);
        }
        catch (Exception)
        {
            // A logger that throws must not unwind through the library, and there is nowhere to report it.
        }
    }
}
