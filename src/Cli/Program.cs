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
        var parsed = CreateRoot().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                Terminal.Error(error.Message);
            Terminal.Hint($"see {string.Join(' ', CommandPath(parsed))} --help");
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (Faults.Explain(e) is { } fault)
        {
            Terminal.Error(fault.Message);
            if (fault.Hint is { Length: > 0 } hint)
                Terminal.Hint(hint);
            return 1;
        }
    }

    internal static RootCommand CreateRoot() =>
        new RootCommand("Chitin: a SQL database server that is encrypted, authenticated and audited from the first start.")
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

    private static IEnumerable<string> CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(result.Command is RootCommand ? "chitin" : result.Command.Name);
        return names;
    }
}
