using System.Text;
using Chitin.Protocol.Frontend;

namespace Chitin.Server.PgWire;

/// <summary>Session settings out of a startup packet: its own parameters and the words of "options" (-c name=value, --name=value; backslash escapes a blank).</summary>
internal static class StartupOptions
{
    private static readonly string[] s_notSettings = ["user", "database", "options", "replication"];

    public static ImmutableArray<KeyValuePair<string, string>> Settings(StartupPacket packet)
    {
        var settings = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        if (packet.Parameters.TryGetValue("options", out var options))
            AddOptions(options, settings);
        foreach (var (name, value) in packet.Parameters)
        {
            if (!s_notSettings.Contains(name))
                settings.Add(new(name, value));
        }

        return settings.ToImmutable();
    }

    private static void AddOptions(string options, ImmutableArray<KeyValuePair<string, string>>.Builder settings)
    {
        var words = Words(options);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            string assignment;
            if (word.StartsWith("--", StringComparison.Ordinal))
                assignment = word[2..];
            else if (word == "-c" && i + 1 < words.Count)
                assignment = words[++i];
            else if (word.StartsWith("-c", StringComparison.Ordinal) && word.Length > 2)
                assignment = word[2..];
            else
                throw LoginErrors.BadOptions();
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw LoginErrors.BadOptions();
            // In this place a dash stands for an underscore.
            settings.Add(new(assignment[..equals].Replace('-', '_'), assignment[(equals + 1)..]));
        }
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length)
                (c, inWord) = (text[++i], true);
            else if (char.IsWhiteSpace(c))
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            inWord = true;
            word.Append(c);
        }

        if (inWord)
            words.Add(word.ToString());
        return words;
    }
}
