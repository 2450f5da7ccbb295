using System.Diagnostics;
using Chitin.Cli.Output;
using Npgsql;

namespace Chitin.Cli.Client;

/// <summary>Runs statements over one connection and prints what they return; interactive or not.</summary>
internal sealed class SqlShell(NpgsqlConnection connection, ClientTarget target, ResultFormat format)
{
    private static readonly HashSet<string> s_numberTypes = ["smallint", "integer", "bigint", "real", "double precision", "numeric", "oid"];

    private const string Help =
        """
        Statements end with a semicolon. Commands:
          \q                 quit
          \? or \h           this help
          \l                 databases           \dn   schemas        \du   users
          \d or \dt          tables              \d T  columns of T   \z T  grants on T
          \i FILE            run a file          \x    records on/off \timing
        Keys: arrows, Ctrl-A/E/B/F, Ctrl-K/U/W, Ctrl-L, Ctrl-C to drop a statement, Ctrl-D to quit.
        """;

    /// <summary>Files that \i runs within files.</summary>
    private const int MaxOpenFiles = 16;

    /// <summary>The file name that means standard input.</summary>
    public const string StandardInput = "-";

    private ResultFormat _format = format;
    private bool _timing;
    private int _openFiles;

    /// <summary>Runs a whole text; false at the first failure.</summary>
    public async Task<bool> RunTextAsync(string text, CancellationToken cancellation)
    {
        var splitter = new StatementSplitter();
        var statements = splitter.Add(text).ToList();
        if (splitter.TakeRest() is { } rest)
            statements.Add(rest);
        foreach (var statement in statements)
        {
            if (!await RunAsync(statement, cancellation))
                return false;
        }

        return true;
    }

    /// <summary>Prints those rows of one statement that match; false when none does.</summary>
    public async Task<bool> PrintMatchingAsync(string statement, Predicate<IReadOnlyList<string?>> matches, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(statement, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (columns, rows, numbers) = await ReadAsync(reader, cancellation);
        rows.RemoveAll(row => !matches(row));
        if (rows.Count == 0)
            return false;
        ResultWriter.Write(Console.Out, _format, columns, rows, numbers);
        return true;
    }

    /// <summary>Runs statements and commands from redirected input to its end; false at the first failure.</summary>
    public Task<bool> RunInputAsync(CancellationToken cancellation) => RunLinesAsync(Console.In, cancellation);

    private async Task<bool> RunLinesAsync(TextReader lines, CancellationToken cancellation)
    {
        var splitter = new StatementSplitter();
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (splitter.IsEmpty && line.StartsWith('\\'))
            {
                if (line.Trim() == "\\q")
                    return true;
                if (!await CommandAsync(line.Trim(), cancellation))
                    return false;
                continue;
            }

            foreach (var statement in splitter.Add(line))
            {
                if (!await RunAsync(statement, cancellation))
                    return false;
            }
        }

        return splitter.TakeRest() is not { } rest || await RunAsync(rest, cancellation);
    }

    /// <summary>The shell: until \q or Ctrl-D.</summary>
    public async Task RunInteractiveAsync(CancellationToken cancellation)
    {
        Terminal.Line($"Connected to {target}. Server: {await ServerVersionAsync(cancellation)}");
        Terminal.Line("Statements end with a semicolon; \\? for help, \\q to quit.");
        var editor = new LineEditor(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".chitin_history"));
        var splitter = new StatementSplitter();
        while (!cancellation.IsCancellationRequested)
        {
            var line = editor.Read(splitter.IsEmpty ? $"{target}> " : $"{new string(' ', Math.Max(0, target.ToString().Length - 2))}-> ", out var interrupted);
            if (line is null)
                return;
            if (interrupted)
            {
                splitter.Clear();
                continue;
            }

            if (splitter.IsEmpty && line.TrimStart().StartsWith('\\'))
            {
                editor.Remember(line.Trim());
                if (line.Trim() is "\\q" or "\\quit")
                    return;
                await CommandAsync(line.Trim(), cancellation);
                continue;
            }

            if (splitter.IsEmpty && line.Trim().TrimEnd(';').ToLowerInvariant() is "exit" or "quit")
                return;
            foreach (var statement in splitter.Add(line))
            {
                editor.Remember(statement + ";");
                await RunAsync(statement, cancellation);
                if (connection.State != System.Data.ConnectionState.Open)
                    throw new CommandException("the connection to the server was lost");
            }
        }
    }

    private async Task<bool> CommandAsync(string line, CancellationToken cancellation)
    {
        var (name, argument) = line.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var first, var second] ? (first, second.TrimEnd(';')) : (line.TrimEnd(';'), "");
        switch (name)
        {
            case "\\?" or "\\h" or "\\help":
                Terminal.Line(Help);
                return true;
            case "\\l":
                return await RunAsync("SHOW DATABASES", cancellation);
            case "\\dn":
                return await RunAsync("SHOW SCHEMAS", cancellation);
            case "\\du":
                return await RunAsync("SHOW USERS", cancellation);
            case "\\d" or "\\dt" when argument.Length == 0:
                return await RunAsync("SHOW TABLES", cancellation);
            case "\\d":
                return await RunAsync("SHOW COLUMNS FROM " + argument, cancellation);
            case "\\z" when argument.Length > 0:
                return await RunAsync("SHOW GRANTS ON " + argument, cancellation);
            case "\\x":
                _format = _format == ResultFormat.Records ? ResultFormat.Table : ResultFormat.Records;
                return true;
            case "\\timing":
                _timing = !_timing;
                Terminal.Line(_timing ? "Timing is on." : "Timing is off.");
                return true;
            case "\\i" when argument.Length > 0:
                return await RunFileAsync(argument, cancellation);
            default:
                Terminal.Error($"unknown command {name}");
                Terminal.Hint("\\? lists the commands");
                return false;
        }
    }

    /// <summary>Runs a file's statements and commands; false at the first failure, or when the file cannot be read.</summary>
    public async Task<bool> RunFileAsync(string path, CancellationToken cancellation)
    {
        if (path == StandardInput)
            return await RunInputAsync(cancellation);
        if (_openFiles == MaxOpenFiles)
        {
            Terminal.Error($"{path}: files run files, {MaxOpenFiles} deep");
            return false;
        }

        _openFiles++;
        try
        {
            using var lines = new StreamReader(path);
            return await RunLinesAsync(lines, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Error(e.Message);
            return false;
        }
        finally
        {
            _openFiles--;
        }
    }

    private async Task<bool> RunAsync(string statement, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await using var command = new NpgsqlCommand(statement, connection) { AllResultTypesAreUnknown = true };
            void Noticed(object? sender, NpgsqlNoticeEventArgs e) => Terminal.Note($"{e.Notice.Severity}: {e.Notice.MessageText}");
            connection.Notice += Noticed;
            // Ctrl-C cancels the statement, not the shell.
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            void Cancelled(object? sender, ConsoleCancelEventArgs e)
            {
                e.Cancel = true;
                command.Cancel();
            }

            Console.CancelKeyPress += Cancelled;
            try
            {
                await PrintAsync(command, statement, stop.Token);
            }
            finally
            {
                Console.CancelKeyPress -= Cancelled;
                connection.Notice -= Noticed;
            }

            if (_timing)
                Terminal.Line(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Time: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.000} ms"));
            return true;
        }
        catch (PostgresException e)
        {
            Print(e);
            return false;
        }
        catch (CommandException e)
        {
            Terminal.Error(e.Message);
            if (e.Hint is { } hint)
                Terminal.Hint(hint);
            return false;
        }
    }

    private async Task PrintAsync(NpgsqlCommand command, string statement, CancellationToken cancellation)
    {
        if (CopyStatement.DirectionOf(statement) is { } direction)
        {
            await CopyStatement.RunAsync(connection, statement, direction, Console.Out, cancellation);
            return;
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (reader.FieldCount == 0)
        {
            if (_format is ResultFormat.Table or ResultFormat.Records)
                Terminal.Line(Tag(statement, reader.RecordsAffected));
            return;
        }

        var (columns, rows, numbers) = await ReadAsync(reader, cancellation);
        ResultWriter.Write(Console.Out, _format, columns, rows, numbers);
    }

    private static async Task<(List<string> Columns, List<IReadOnlyList<string?>> Rows, HashSet<int> Numbers)> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var columns = new List<string>();
        var numbers = new HashSet<int>();
        for (var i = 0; i < reader.FieldCount; i++)
        {
            columns.Add(reader.GetName(i));
            if (s_numberTypes.Contains(reader.GetDataTypeName(i).Split('(')[0]))
                numbers.Add(i);
        }

        var rows = new List<IReadOnlyList<string?>>();
        while (await reader.ReadAsync(cancellation))
        {
            var row = new string?[columns.Count];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            rows.Add(row);
        }

        return (columns, rows, numbers);
    }

    /// <summary>The command's words and the count of rows it changed.</summary>
    internal static string Tag(string statement, int affected)
    {
        var words = (StatementSplitter.SkipBlank(statement) ?? statement).Split((char[]?)null, 6, StringSplitOptions.RemoveEmptyEntries).Select(w => w.ToUpperInvariant()).ToList();
        var tag = words[0];
        if (tag is "CREATE" or "ALTER" or "DROP" && words.Skip(1).FirstOrDefault(w => w is not ("OR" or "REPLACE" or "UNIQUE" or "TEMP" or "TEMPORARY")) is { } kind)
            tag = $"{tag} {kind}";
        return affected >= 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{tag} {affected}") : tag;
    }

    private static void Print(PostgresException e)
    {
        Terminal.Error(e.MessageText);
        Terminal.Note($"SQLSTATE: {e.SqlState}");
        if (e.Detail is { Length: > 0 } detail)
            Terminal.Note($"DETAIL: {detail}");
        if (e.Hint is { Length: > 0 } hint)
            Terminal.Hint(hint);
    }

    private async Task<string> ServerVersionAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT version()", connection) { AllResultTypesAreUnknown = true };
        return (string?)await command.ExecuteScalarAsync(cancellation) ?? "";
    }
}
