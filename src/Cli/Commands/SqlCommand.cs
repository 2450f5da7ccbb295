using System.CommandLine;
using Chitin.Cli.Client;
using Chitin.Cli.Output;

namespace Chitin.Cli.Commands;

/// <summary>chitin sql: a shell, or statements from flags, a file or stdin.</summary>
internal static class SqlCommand
{
    public static Command Create()
    {
        var flags = new ClientFlags();
        var execute = new Option<string[]>("--execute", "-e") { Description = "Run these statements and end; may be given more than once." };
        var file = new Option<string>("--file", "-f") { Description = "Run the statements of a file and end." };
        var format = new Option<ResultFormat?>("--format") { Description = "table, csv, tsv, json or records. Default: table on a terminal, else tsv." };
        var command = flags.AddTo(new Command("sql",
            "Open a SQL shell, or run statements.\n\n" +
            "Exit codes: 0 when all statements succeeded, 1 after the first that failed.\n\n" +
            "Examples:\n  chitin sql --certs-dir=certs\n  chitin sql --user=app -e \"SELECT * FROM bank.accounts\" --format=csv") { execute, file, format });
        command.SetAction(async (result, cancellation) =>
        {
            var target = flags.Read(result);
            await using var connection = await target.OpenAsync(cancellation);
            var shell = new SqlShell(connection, target, result.GetValue(format) ?? (Console.IsOutputRedirected ? ResultFormat.Tsv : ResultFormat.Table));
            if (result.GetValue(execute) is { Length: > 0 } texts)
            {
                foreach (var text in texts)
                {
                    if (!await shell.RunTextAsync(text, cancellation))
                        return 1;
                }

                return 0;
            }

            if (result.GetValue(file) is { } path)
                return await shell.RunTextAsync(await File.ReadAllTextAsync(path, cancellation), cancellation) ? 0 : 1;
            if (Console.IsInputRedirected)
                return await shell.RunInputAsync(cancellation) ? 0 : 1;
            await shell.RunInteractiveAsync(cancellation);
            return 0;
        });
        return command;
    }
}
