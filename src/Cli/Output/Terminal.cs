namespace Chitin.Cli.Output;

/// <summary>What the program says beside its results: to stderr, so that results can be piped.</summary>
internal static class Terminal
{
    public static bool IsInteractive => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    public static void Error(string message) => Console.Error.WriteLine("ERROR: " + message);

    public static void Hint(string hint) => Console.Error.WriteLine("HINT: " + hint);

    public static void Note(string text) => Console.Error.WriteLine(text);

    public static void Line(string text = "") => Console.Out.WriteLine(text);

    /// <summary>Asks for a secret without echo; from redirected input one line.</summary>
    public static string ReadPassword(string prompt)
    {
        if (Console.IsInputRedirected)
            return Console.In.ReadLine() ?? "";
        Console.Error.Write(prompt);
        var typed = new System.Text.StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
                break;
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (key.KeyChar != '\0' && !char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
