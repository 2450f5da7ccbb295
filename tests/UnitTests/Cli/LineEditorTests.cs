using Chitin.Cli.Client;
using Chitin.Server.Configuration;
using Chitin.Testing;

namespace Chitin.UnitTests.Cli;

/// <summary>The keys of the shell. In a line of keys, words in &lt; &gt; are keys and ^X is Ctrl-X; every line ends with Enter of its own.</summary>
public sealed class LineEditorTests
{
    [Theory]
    [InlineData("SELECT 1", "SELECT 1")]
    [InlineData("ac<Left>b", "abc")]
    [InlineData("bc^Aa^Ed", "abcd")]
    [InlineData("bc<Home>a<End>d", "abcd")]
    [InlineData("abc^B^Bx^F^Fy", "axbcy")]
    [InlineData("abc<Backspace>d", "abd")]
    [InlineData("abc<Left><Left><Delete>", "ac")]
    [InlineData("abc^A^D", "bc")]
    [InlineData("<Backspace><Delete><Left><Right>a", "a")]
    [InlineData("abc def^U", "")]
    [InlineData("abc def<Left><Left><Left>^U", "def")]
    [InlineData("abc def<Left><Left><Left>^K", "abc ")]
    [InlineData("select one  ^W", "select ")]
    [InlineData("a<Tab>b", "a b")]
    [InlineData("a\U0001F600b<Left><Backspace>", "ab")]
    [InlineData("a\U0001F600<Left><Delete>", "a")]
    public void Keys_edit_the_line(string keys, string line) => Assert.Equal(line, Type(null, keys).Line);

    [Fact]
    public void Arrows_walk_through_the_history_and_come_back_to_what_was_typed()
    {
        string[] history = ["SELECT 1;", "SELECT 2;"];
        Assert.Equal("SELECT 2;", Type(history, "<Up>").Line);
        Assert.Equal("SELECT 1;", Type(history, "<Up><Up><Up>").Line);
        Assert.Equal("SELECT 2;", Type(history, "<Up><Up><Down>").Line);
        Assert.Equal("typed", Type(history, "typed<Up><Down><Down>").Line);
        Assert.Equal("SELECT 1;x", Type(history, "^P^Px").Line);
        Assert.Equal("typed", Type(history, "typed^P^N").Line);
    }

    [Fact]
    public void Control_D_ends_an_empty_line_and_control_C_drops_a_full_one()
    {
        Assert.Null(Type(null, "^D").Line);
        var (line, interrupted) = Type(null, "SELECT ^C");
        Assert.Equal("", line);
        Assert.True(interrupted);
    }

    [Fact]
    public void A_long_line_is_drawn_over_itself_with_the_cursor_in_its_row()
    {
        using var output = new StringWriter();
        var editor = new LineEditor(null, Keys(new string('x', 79) + "<Home>"), output);
        Assert.Equal(79, editor.Read("> ", out _)!.Length);
        // 81 columns take two rows of 80: from the start of the line the cursor goes up one row and right by the prompt.
        Assert.Contains("\u001b[1A\r\u001b[2C", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_history_comes_back_in_the_next_shell_without_repetitions()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("history");
        var first = new LineEditor(path);
        foreach (var statement in (string[])["SELECT 'é';", "SELECT 'é';", "SELECT 2;"])
            first.Remember(statement);
        Assert.Equal(["SELECT 'é';", "SELECT 2;"], File.ReadAllLines(path));
        var second = new LineEditor(path, Keys("<Up><Up>"), TextWriter.Null);
        Assert.Equal("SELECT 'é';", second.Read("> ", out _));
    }

    [Fact]
    public void A_history_that_cannot_be_read_does_not_keep_the_shell_from_starting()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("history"));
        Assert.Equal("a", new LineEditor(directory.File("history"), Keys("a"), TextWriter.Null).Read("> ", out _));
    }

    [Theory]
    [InlineData("db", "db", 26257)]
    [InlineData("db:5", "db", 5)]
    [InlineData(":5", "localhost", 5)]
    [InlineData("::1", "::1", 26257)]
    [InlineData("[::1]:5", "::1", 5)]
    [InlineData("[::1]", "::1", 26257)]
    public void Hosts_are_read(string text, string host, int port) => Assert.Equal(new HostAddress(host, port), HostAddress.Parse(text));

    [Theory]
    [InlineData("db:x")]
    [InlineData("db:0")]
    [InlineData("db:65536")]
    [InlineData("a,b")]
    [InlineData("a:b:c")]
    [InlineData("[::1")]
    [InlineData("[::1]5")]
    [InlineData("a;Password=b")]
    public void What_is_no_host_is_refused(string text) => Assert.Null(HostAddress.Parse(text));

    [Fact]
    public void Client_and_server_agree_on_what_they_take_when_not_told()
    {
        Assert.Equal(ServerOptions.DefaultSqlPort, HostAddress.DefaultPort);
        Assert.Equal(ServerOptions.DefaultCertsDirectory, HostAddress.DefaultCertsDirectory);
    }

    [Fact]
    public void The_history_stays_short()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, Enumerable.Range(0, 5000).Select(i => $"SELECT {i}"));
            var editor = new LineEditor(file, Keys(""), TextWriter.Null);
            Assert.Equal(1000, File.ReadAllLines(file).Length);
            for (var i = 5000; i < 8000; i++)
                editor.Remember($"SELECT {i}");
            var lines = File.ReadAllLines(file);
            Assert.InRange(lines.Length, 1000, 2000);
            Assert.Equal("SELECT 7999", lines[^1]);
            Assert.Equal($"SELECT {8000 - lines.Length}", lines[0]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (string? Line, bool Interrupted) Type(string[]? history, string keys)
    {
        var editor = new LineEditor(null, Keys(keys), TextWriter.Null);
        foreach (var line in history ?? [])
            editor.Remember(line);
        var read = editor.Read("> ", out var interrupted);
        return (read, interrupted);
    }

    private static Func<ConsoleKeyInfo> Keys(string text)
    {
        var keys = new Queue<ConsoleKeyInfo>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '^')
                keys.Enqueue(new ConsoleKeyInfo((char)(text[++i] - 'A' + 1), Enum.Parse<ConsoleKey>(text[i..(i + 1)]), shift: false, alt: false, control: true));
            else if (text[i] == '<')
            {
                var close = text.IndexOf('>', i);
                var name = text[(i + 1)..close];
                keys.Enqueue(new ConsoleKeyInfo('\0', Enum.Parse<ConsoleKey>(name is "Up" or "Down" or "Left" or "Right" ? name + "Arrow" : name), shift: false, alt: false, control: false));
                i = close;
            }
            else
                keys.Enqueue(new ConsoleKeyInfo(text[i], ConsoleKey.None, shift: false, alt: false, control: false));
        }

        keys.Enqueue(new ConsoleKeyInfo('\r', ConsoleKey.Enter, shift: false, alt: false, control: false));
        return keys.Dequeue;
    }
}
