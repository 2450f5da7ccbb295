using System.Text;
using Chitin.Cli.Output;

namespace Chitin.Cli.Client;

/// <summary>Reads lines from a terminal with the keys of readline and a history kept in a file of mode 0600.</summary>
internal sealed class LineEditor
{
    private const int MaximumHistory = 1000;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string? _historyFile;
    private readonly Func<ConsoleKeyInfo>? _keys;
    private readonly TextWriter _output;
    private readonly List<string> _history = [];
    private readonly StringBuilder _line = new();
    private int _cursor;
    private int _shownRows;

    /// <param name="historyFile">Null: nothing is kept.</param>
    /// <param name="keys">Where keys come from; null: the terminal.</param>
    /// <param name="output">Where the line is drawn; null: the terminal.</param>
    public LineEditor(string? historyFile, Func<ConsoleKeyInfo>? keys = null, TextWriter? output = null)
    {
        _historyFile = historyFile;
        _keys = keys;
        _output = output ?? Console.Out;
        if (historyFile is null || !File.Exists(historyFile))
            return;
        try
        {
            _history.AddRange(File.ReadLines(historyFile));
            if (_history.Count > 2 * MaximumHistory)
                Shorten();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _historyFile = null;
            Terminal.Note($"warning: the history cannot be read and is not kept: {e.Message}");
        }
    }

    /// <summary>The line typed; null at the end of input (Ctrl-D on an empty line), empty after Ctrl-C, which <paramref name="interrupted"/> tells.</summary>
    public string? Read(string prompt, out bool interrupted)
    {
        interrupted = false;
        _line.Clear();
        _cursor = 0;
        _shownRows = 0;
        var position = _history.Count;
        var typed = "";
        Show(prompt);
        var takesControlC = _keys is null && Console.TreatControlCAsInput;
        if (_keys is null)
            Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                var key = _keys is null ? Console.ReadKey(intercept: true) : _keys();
                var control = (key.Modifiers & ConsoleModifiers.Control) != 0;
                switch (key.Key)
                {
                    case ConsoleKey.Enter:
                        End(prompt);
                        return _line.ToString();
                    case ConsoleKey.D when control && _line.Length == 0:
                        End(prompt);
                        return null;
                    case ConsoleKey.C when control:
                        End(prompt);
                        interrupted = true;
                        return "";
                    case ConsoleKey.UpArrow or ConsoleKey.P when key.Key == ConsoleKey.UpArrow || control:
                        if (position == _history.Count)
                            typed = _line.ToString();
                        if (position > 0)
                            Replace(_history[--position]);
                        break;
                    case ConsoleKey.DownArrow or ConsoleKey.N when key.Key == ConsoleKey.DownArrow || control:
                        if (position < _history.Count)
                            Replace(++position == _history.Count ? typed : _history[position]);
                        break;
                    default:
                        Edit(key, control);
                        break;
                }

                Show(prompt);
            }
        }
        finally
        {
            if (_keys is null)
                Console.TreatControlCAsInput = takesControlC;
        }
    }

    /// <summary>Keeps a statement. Those that hold a password are not kept.</summary>
    public void Remember(string statement)
    {
        var line = statement.ReplaceLineEndings(" ");
        if (line.Length == 0 || line.Contains("password", StringComparison.OrdinalIgnoreCase) || (_history.Count > 0 && _history[^1] == line))
            return;
        _history.Add(line);
        try
        {
            if (_history.Count > 2 * MaximumHistory)
                Shorten();
            else
                Write(FileMode.Append, [line]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Note($"warning: the history is not kept: {e.Message}");
        }
    }

    /// <summary>Drops the oldest lines, here and in the file: when there are twice as many as are kept, so that it is rarely written anew.</summary>
    private void Shorten()
    {
        _history.RemoveRange(0, _history.Count - MaximumHistory);
        Write(FileMode.Create, _history);
    }

    private void Write(FileMode mode, IEnumerable<string> lines)
    {
        if (_historyFile is null)
            return;
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(_historyFile, s_utf8, options);
        foreach (var line in lines)
            writer.WriteLine(line);
    }

    private void Edit(ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow or ConsoleKey.B when key.Key == ConsoleKey.LeftArrow || control:
                _cursor = Before();
                break;
            case ConsoleKey.RightArrow or ConsoleKey.F when key.Key == ConsoleKey.RightArrow || control:
                _cursor = After();
                break;
            case ConsoleKey.Home or ConsoleKey.A when key.Key == ConsoleKey.Home || control:
                _cursor = 0;
                break;
            case ConsoleKey.End or ConsoleKey.E when key.Key == ConsoleKey.End || control:
                _cursor = _line.Length;
                break;
            case ConsoleKey.Backspace or ConsoleKey.H when key.Key == ConsoleKey.Backspace || control:
                var before = Before();
                _line.Remove(before, _cursor - before);
                _cursor = before;
                break;
            case ConsoleKey.Delete or ConsoleKey.D when key.Key == ConsoleKey.Delete || control:
                _line.Remove(_cursor, After() - _cursor);
                break;
            case ConsoleKey.L when control:
                _output.Write("\u001b[H\u001b[2J");
                _shownRows = 0;
                break;
            case ConsoleKey.U when control:
                _line.Remove(0, _cursor);
                _cursor = 0;
                break;
            case ConsoleKey.K when control:
                _line.Length = _cursor;
                break;
            case ConsoleKey.W when control:
                var start = _cursor;
                while (start > 0 && _line[start - 1] == ' ')
                    start--;
                while (start > 0 && _line[start - 1] != ' ')
                    start--;
                _line.Remove(start, _cursor - start);
                _cursor = start;
                break;
            default:
                if (key.KeyChar != '\0' && !char.IsControl(key.KeyChar))
                    _line.Insert(_cursor++, key.KeyChar);
                else if (key.Key == ConsoleKey.Tab)
                    _line.Insert(_cursor++, ' ');
                break;
        }
    }

    /// <summary>One character to the left; a surrogate pair is one.</summary>
    private int Before() => _cursor == 0 ? 0 : _cursor - (_cursor > 1 && char.IsSurrogatePair(_line[_cursor - 2], _line[_cursor - 1]) ? 2 : 1);

    private int After() => _cursor == _line.Length ? _cursor : _cursor + (_cursor + 1 < _line.Length && char.IsSurrogatePair(_line[_cursor], _line[_cursor + 1]) ? 2 : 1);

    private void Replace(string text)
    {
        _line.Clear().Append(text);
        _cursor = text.Length;
    }

    /// <summary>Draws prompt and line anew over what was drawn before, and puts the cursor where it belongs.</summary>
    private void Show(string prompt)
    {
        var width = _keys is null ? Math.Max(20, Console.BufferWidth) : 80;
        var output = new StringBuilder();
        if (_shownRows > 0)
            output.Append(System.Globalization.CultureInfo.InvariantCulture, $"\u001b[{_shownRows}A");
        output.Append('\r').Append("\u001b[J").Append(prompt).Append(_line);
        var line = _line.ToString();
        var start = ResultWriter.Width(prompt);
        var total = start + ResultWriter.Width(line);
        var at = start + ResultWriter.Width(line[.._cursor]);
        if (total % width == 0)
            output.Append(' ').Append('\r');
        var (endRow, row, column) = (total / width, at / width, at % width);
        if (endRow > row)
            output.Append(System.Globalization.CultureInfo.InvariantCulture, $"\u001b[{endRow - row}A");
        output.Append('\r');
        if (column > 0)
            output.Append(System.Globalization.CultureInfo.InvariantCulture, $"\u001b[{column}C");
        _shownRows = row;
        _output.Write(output);
    }

    private void End(string prompt)
    {
        _cursor = _line.Length;
        Show(prompt);
        _output.WriteLine();
    }
}
