using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Chitin.Cli.Output;

/// <summary>Says why a command line is not understood, in the program's own words, and what may have been meant.</summary>
internal static partial class CommandLineFaults
{
    public static void Print(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = string.Join(' ', Path(parsed));
        var verbs = command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).ToList();
        if (parsed.UnmatchedTokens is [var token, ..])
        {
            var name = token.Split('=')[0];
            var isFlag = token.StartsWith('-');
            Terminal.Error(isFlag ? $"unknown flag {name}" : verbs.Count > 0 ? $"unknown verb \"{token}\"" : $"unexpected argument \"{token}\"");
            var meant = Nearest(name, isFlag ? command.Options.SelectMany(o => o.Aliases.Prepend(o.Name)) : verbs);
            Terminal.Hint(meant is null ? $"see {path} --help" : $"did you mean {meant}? See {path} --help");
        }
        else if (verbs.Count > 0)
        {
            Terminal.Error($"a verb is missing after {path}");
            Terminal.Hint($"one of {string.Join(", ", verbs)}; see {path} --help");
        }
        else
        {
            foreach (var error in parsed.Errors)
                Terminal.Error(NotOfType().Replace(error.Message, "$2: \"$1\" is not a number"));
            Terminal.Hint($"see {path} --help");
        }
    }

    /// <summary>The candidate that the fewest typing mistakes lead to; null when none is near.</summary>
    internal static string? Nearest(string typed, IEnumerable<string> candidates) =>
        candidates.Where(c => c.Length > 2).Select(c => (Name: c, Distance: Distance(typed, c))).Where(c => c.Distance <= Math.Max(1, c.Name.Length / 3)).OrderBy(c => c.Distance).FirstOrDefault().Name;

    /// <summary>Levenshtein's: letters to insert, delete or replace.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }

    private static IEnumerable<string> Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
            names.Push(result.Command is RootCommand ? "chitin" : result.Command.Name);
        return names;
    }

    [GeneratedRegex(@"^Cannot parse argument '(.*)' for option '(.*)' as expected type '.*'\.$")]
    private static partial Regex NotOfType();
}
