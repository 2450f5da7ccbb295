using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace Chitin.Cli.Output;

internal enum ResultFormat
{
    Table,
    Csv,
    Tsv,
    Json,
    Records,
}

/// <summary>The flag --format.</summary>
internal static class ResultFormats
{
    public const string Names = "table, csv, tsv, json or records";

    public static Option<ResultFormat?> Option(string description) => new("--format")
    {
        Description = description,
        HelpName = "FORMAT",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            foreach (var format in Enum.GetValues<ResultFormat>())
            {
                if (format.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                    return format;
            }

            result.AddError($"--format: \"{text}\" is not {Names}");
            return null;
        },
    };
}

/// <summary>Writes rows of texts (null is NULL) in the formats of chitin sql.</summary>
internal static class ResultWriter
{
    public static void Write(TextWriter writer, ResultFormat format, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows, IReadOnlySet<int> numbers)
    {
        switch (format)
        {
            case ResultFormat.Csv:
                WriteSeparated(writer, columns, rows, ',');
                break;
            case ResultFormat.Tsv:
                WriteTabbed(writer, columns, rows);
                break;
            case ResultFormat.Json:
                WriteJson(writer, columns, rows);
                break;
            case ResultFormat.Records:
                WriteRecords(writer, columns, rows);
                break;
            default:
                WriteTable(writer, columns, rows, numbers);
                writer.WriteLine(rows.Count == 1 ? "(1 row)" : $"({rows.Count} rows)");
                break;
        }
    }

    /// <summary>Columns side by side; those of <paramref name="numbers"/> to the right.</summary>
    public static void WriteTable(TextWriter writer, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows, IReadOnlySet<int> numbers)
    {
        var widths = new int[columns.Count];
        for (var i = 0; i < widths.Length; i++)
            widths[i] = Math.Max(Width(columns[i]), rows.Count == 0 ? 0 : rows.Max(r => Width(Shown(r[i]))));
        WriteLine(writer, columns, widths, i => -1);
        writer.WriteLine(string.Join('+', widths.Select(w => new string('-', w + 2))));
        foreach (var row in rows)
            WriteLine(writer, [.. row.Select(Shown)], widths, i => numbers.Contains(i) ? 1 : -1);
    }

    private static void WriteLine(TextWriter writer, IReadOnlyList<string> cells, int[] widths, Func<int, int> side)
    {
        var line = new StringBuilder();
        for (var i = 0; i < widths.Length; i++)
        {
            if (i > 0)
                line.Append('|');
            var gap = new string(' ', widths[i] - Width(cells[i]));
            line.Append(' ').Append(side(i) > 0 ? gap + cells[i] : cells[i] + gap).Append(' ');
        }

        writer.WriteLine(line.ToString().TrimEnd());
    }

    /// <summary>Control characters would change the terminal: they are shown by their code.</summary>
    private static string Shown(string? value)
    {
        if (value is null)
            return "NULL";
        if (!value.Any(char.IsControl))
            return value;
        var text = new StringBuilder(value.Length + 8);
        foreach (var c in value)
        {
            if (c == '\n')
                text.Append('↵');
            else if (char.IsControl(c))
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                text.Append(c);
        }

        return text.ToString();
    }

    /// <summary>Columns of a terminal that a text takes.</summary>
    internal static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += System.Globalization.CharUnicodeInfo.GetUnicodeCategory(rune.Value) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark
                ? 0
                : rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0x1F300 and <= 0x1F64F) or (>= 0x1F900 and <= 0x1F9FF)
                    ? 2
                    : 1;
        }

        return width;
    }

    /// <summary>RFC 4180.</summary>
    private static void WriteSeparated(TextWriter writer, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows, char separator)
    {
        foreach (var line in rows.Prepend(columns))
            writer.WriteLine(string.Join(separator, line.Select(v => v is null ? "NULL" : v.AsSpan().ContainsAny("\",\r\n") || v == "NULL" ? $"\"{v.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : v)));
    }

    private static void WriteTabbed(TextWriter writer, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows)
    {
        foreach (var line in rows.Prepend(columns))
            writer.WriteLine(string.Join('\t', line.Select(v => v is null ? "NULL" : v.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))));
    }

    private static void WriteJson(TextWriter writer, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var row in rows)
            {
                json.WriteStartObject();
                for (var i = 0; i < columns.Count; i++)
                    json.WriteString(columns[i], row[i]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        writer.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void WriteRecords(TextWriter writer, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows)
    {
        var width = columns.Count == 0 ? 0 : columns.Max(Width);
        for (var r = 0; r < rows.Count; r++)
        {
            writer.WriteLine($"-[ RECORD {r + 1} ]");
            for (var i = 0; i < columns.Count; i++)
                writer.WriteLine($"{columns[i]}{new string(' ', width - Width(columns[i]))} | {Shown(rows[r][i])}");
        }
    }
}
