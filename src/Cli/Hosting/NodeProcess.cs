using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Chitin.Cli.Output;

namespace Chitin.Cli.Hosting;

/// <summary>A node that runs as another process, known by its pid file.</summary>
internal static partial class NodeProcess
{
    private const int SigTerm = 15;

    /// <summary>The id in a pid file, if that process runs and is one of ours; null otherwise (a stale file).</summary>
    public static int? Find(string pidFile)
    {
        if (!File.Exists(pidFile) || !int.TryParse(File.ReadAllText(pidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id <= 1)
            return null;
        return IsOurs(id) ? id : null;
    }

    /// <summary>Asks a node to drain and waits for its end; false when it has not ended in time.</summary>
    public static async Task<bool> StopAsync(int id, TimeSpan limit)
    {
        if (Kill(id, SigTerm) != 0)
            throw new CommandException($"cannot signal process {id}: {Marshal.GetLastPInvokeErrorMessage()}");
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < limit)
        {
            if (!IsOurs(id))
                return true;
            await Task.Delay(50);
        }

        return !IsOurs(id);
    }

    /// <summary>Whether a live process runs start-single-node; a zombie is no live one.</summary>
    private static bool IsOurs(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains("\0start-single-node", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
