using System.CommandLine;
using Chitin.Cli.Commands;
using Chitin.Cli.Output;

namespace Chitin.Cli;

/// <summary>The program <c>chitin</c>: exit codes are 0 for success, 1 for a failure, 2 for a command line that cannot be understood.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        // Statements go to the server as they were typed, not as the driver reads them.
        AppContext.SetSwitch("Npgsql.EnableSqlRewriting", false);
        // An argument that starts with @ is text, not the name of a file with more arguments.
        var parsed = CreateRoot().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            CommandLineFaults.Print(parsed);
            return 2;
        }

        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            // A node ends by itself once it has drained; after this time the command line would end it in the middle.
            if (parsed.CommandResult.Command.Name == StartCommand.Name)
                configuration.ProcessTerminationTimeout = Timeout.InfiniteTimeSpan;
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception e) when (Faults.Explain(e) is { } fault)
        {
            Terminal.Error(fault.Message);
            if (fault.Hint is { Length: > 0 } hint)
                Terminal.Hint(hint);
            return 1;
        }
    }

    internal static RootCommand CreateRoot()
    {
        var root = new RootCommand("Chitin: a SQL database server that is encrypted, authenticated and audited from the first start.")
        {
            DemoCommand.Create(),
            StartCommand.Create(),
            StopCommand.Create(),
            SqlCommand.Create(),
            UserCommands.Create(),
            CertCommands.Create(),
            GenCommands.Create(),
            DebugCommands.Create(),
            VersionCommand.Create(),
        };
        root.Options.OfType<VersionOption>().Single().Action = new VersionCommand.PrintShort();
        return root;
    }
}
