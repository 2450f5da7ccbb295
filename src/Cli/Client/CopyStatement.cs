using Chitin.Cli.Output;
using Npgsql;

namespace Chitin.Cli.Client;

internal enum CopyDirection
{
    ToClient,
    FromClient,
}

/// <summary>COPY … TO STDOUT prints its lines as they come. COPY … FROM STDIN is psql's: the shell has one input, and its lines are statements.</summary>
internal static class CopyStatement
{
    private const int BufferLength = 64 << 10;

    /// <summary>Null for every statement that is no COPY between server and client.</summary>
    public static CopyDirection? DirectionOf(string statement)
    {
        if (StatementSplitter.SkipBlank(statement) is not { } text || !text.StartsWith("copy", StringComparison.OrdinalIgnoreCase) || (text.Length > 4 && !char.IsWhiteSpace(text[4]) && text[4] != '('))
            return null;
        // The query of COPY (query) TO may hold these words too, so the last pair decides; options follow it, and none is named TO or FROM.
        var words = text.Split([' ', '\t', '\r', '\n', '(', ')', ','], StringSplitOptions.RemoveEmptyEntries);
        for (var i = words.Length - 2; i > 0; i--)
        {
            if (words[i].Equals("to", StringComparison.OrdinalIgnoreCase) && words[i + 1].Equals("stdout", StringComparison.OrdinalIgnoreCase))
                return CopyDirection.ToClient;
            if (words[i].Equals("from", StringComparison.OrdinalIgnoreCase) && words[i + 1].Equals("stdin", StringComparison.OrdinalIgnoreCase))
                return CopyDirection.FromClient;
        }

        return null;
    }

    public static async Task RunAsync(NpgsqlConnection connection, string statement, CopyDirection direction, TextWriter output, CancellationToken cancellation)
    {
        if (direction == CopyDirection.FromClient)
            throw new CommandException("COPY … FROM STDIN is not possible in this shell", "load the file with psql: \\copy TABLE FROM 'FILE' WITH (FORMAT csv)");
        // Options follow the word STDOUT.
        if (statement[statement.LastIndexOf("stdout", StringComparison.OrdinalIgnoreCase)..].Contains("binary", StringComparison.OrdinalIgnoreCase))
            throw new CommandException("COPY … TO STDOUT in binary format is not possible in this shell", "use psql: \\copy TABLE TO 'FILE' WITH (FORMAT binary)");
        using var reader = await connection.BeginTextExportAsync(statement, cancellation);
        var buffer = new char[BufferLength];
        while (await reader.ReadAsync(buffer.AsMemory(), cancellation) is var count and > 0)
            await output.WriteAsync(buffer.AsMemory(0, count), cancellation);
        await output.FlushAsync(cancellation);
    }
}
