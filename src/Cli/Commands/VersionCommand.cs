using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Chitin.Cli.Output;
using Chitin.Server;

namespace Chitin.Cli.Commands;

internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Print the version of the program and of what it stands on.");
        command.SetAction(_ =>
        {
            Terminal.Line($"Chitin:           {ServerHost.Version}");
            Terminal.Line($"Platform:         {RuntimeInformation.RuntimeIdentifier}");
            Terminal.Line($".NET:             {Environment.Version}");
            Terminal.Line($"Protocol:         PostgreSQL 3.0, as version {Sessions.Settings.SettingTable.ServerVersion}");
            return 0;
        });
        return command;
    }

    /// <summary>chitin --version: one line.</summary>
    internal sealed class PrintShort : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override int Invoke(ParseResult parseResult)
        {
            Terminal.Line($"chitin {ServerHost.Version}");
            return 0;
        }
    }
}
