using System.CommandLine;
using System.CommandLine.Parsing;
using Chitin.Cli.Client;
using Chitin.Cli.Output;

namespace Chitin.Cli.Commands;

/// <summary>chitin sql: a shell, or statements from flags, a file or stdin.</summary>
internal static class SqlCommand
{
    public static Command Create()
    {
        var flags = new ClientFlags();
        var execute = new Option<string[]>("--execute", "-e") { Description = "Run these statements and end; may be given more than once.", HelpName = "STATEMENTS" };
        var file = new Option<string[]>("--file", "-f") { Description = "Run the statements of a file and end; - is standard input. With --execute, in the order given.", HelpName = "FILE" };
        var format = ResultFormats.Option($"{ResultFormats.Names}. Default: table on a terminal, else tsv.");
        var command = flags.AddTo(new Command("sql",
            "Open a SQL shell, or run statements.\n\n" +
            "Exit codes: 0 when all statements succeeded, 1 after the first that failed.\n\n" +
            "Examples:\n  chitin sql --certs-dir=certs\n  chitin sql --user=app -e \"SELECT * FROM bank.accounts\" --format=csv\n  chitin sql -f schema.sql -e \"SELECT count(*) FROM t\"") { execute, file, format });
        command.SetAction(async (result, cancellation) =>
        {
            var target = flags.Read(result);
            var sources = Sources(result, execute, file);
            if (sources.FirstOrDefault(s => s.IsFile && s.Text != SqlShell.StandardInput && !File.Exists(s.Text)) is { Text: { } missing })
                throw new CommandException($"--file: {missing} does not exist");
            await using var connection = await target.OpenAsync(cancellation);
            var shell = new SqlShell(connection, target, result.GetValue(format) ?? (Console.IsOutputRedirected ? ResultFormat.Tsv : ResultFormat.Table));
            foreach (var (isFile, text) in sources)
            {
                if (!(isFile ? await shell.RunFileAsync(text, cancellation) : await shell.RunTextAsync(text, cancellation)))
                    return 1;
            }

            if (sources.Count > 0)
                return 0;
            if (Console.IsInputRedirected)
                return await shell.RunInputAsync(cancellation) ? 0 : 1;
            await shell.RunInteractiveAsync(cancellation);
            return 0;
        });
        return command;
    }

    /// <summary>What --execute and --file gave, in the order in which it was given.</summary>
    private static List<(bool IsFile, string Text)> Sources(ParseResult result, Option<string[]> execute, Option<string[]> file)
    {
        var sources = new List<(bool, string)>();
        Option? last = null;
        foreach (var token in result.Tokens)
        {
            if (token.Type == TokenType.Option)
                last = new Option[] { execute, file }.FirstOrDefault(o => o.Name == token.Value || o.Aliases.Contains(token.Value));
            else if (last is not null)
                sources.Add((last == file, token.Value));
        }

        return sources;
    }
}
