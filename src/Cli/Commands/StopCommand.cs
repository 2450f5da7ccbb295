using System.CommandLine;
using Chitin.Cli.Hosting;
using Chitin.Cli.Output;

namespace Chitin.Cli.Commands;

/// <summary>chitin stop: SIGTERM to the node of a pid file, and a wait for its end.</summary>
internal static class StopCommand
{
    public static string DefaultPidFile(string store) => Path.TrimEndingDirectorySeparator(store) + ".pid";

    public static Command Create()
    {
        var pidFile = new Option<string>("--pid-file") { Description = "The node's pid file. Default: that of the demo in ./chitin-data, else chitin-data.pid." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait.", DefaultValueFactory = _ => 60 };
        var command = new Command("stop", "Stop a node that runs in the background: it refuses new sessions, lets running statements end, and closes its store.") { pidFile, timeout };
        command.SetAction(async (result, _) =>
        {
            string[] candidates = result.GetValue(pidFile) is { } given ? [given] : [DemoDirectory.PidFileOf(DemoDirectory.DefaultPath), DefaultPidFile("chitin-data")];
            if (candidates.Select(NodeProcess.Find).FirstOrDefault(id => id is not null) is not { } process)
                throw new CommandException($"no running node found by {string.Join(" or ", candidates)}", "give --pid-file");
            if (!await NodeProcess.StopAsync(process, TimeSpan.FromSeconds(result.GetValue(timeout))))
                throw new CommandException($"process {process} has not ended within {result.GetValue(timeout)} seconds", "wait with a longer --timeout; kill -9 is safe too: nothing acknowledged is lost");
            Terminal.Line($"stopped process {process}");
            return 0;
        });
        return command;
    }
}
