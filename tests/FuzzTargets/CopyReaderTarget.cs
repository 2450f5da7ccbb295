using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution.Copy;
using Chitin.Sql.Syntax;

namespace Chitin.FuzzTargets;

/// <summary>COPY data gives the same rows or the same error however it is cut into chunks. The first byte picks the format, the second the size of chunks.</summary>
public static class CopyReaderTarget
{
    private static readonly ImmutableArray<CopyColumn> s_columns = [new("a", SqlTypes.Int4), new("b", SqlTypes.Text), new("c", SqlTypes.Bool)];

    public static void Run(ReadOnlySpan<byte> data)
    {
        if (data.Length < 2)
            return;
        var options = CopyOptions.From(new CopyStatement
        {
            IsFrom = true, Format = (CopyFormat)(data[0] % 3), Header = data[0] % 3 != 2 && (data[0] & 0x40) != 0, HeaderMatch = (data[0] & 0x20) != 0,
            Escape = data[0] % 3 == 1 && (data[0] & 0x80) != 0 ? "\\" : null,
        });
        var whole = Read(options, data[2..], int.MaxValue);
        var cut = Read(options, data[2..], 1 + (data[1] % 16));
        if (whole != cut)
            throw new InvalidOperationException($"read in one piece:\n{whole}\nread in pieces of {1 + (data[1] % 16)} bytes:\n{cut}");
    }

    private static string Read(CopyOptions options, ReadOnlySpan<byte> data, int chunk)
    {
        var text = new StringBuilder();
        using var reader = CopyReader.Create(options, "t", s_columns, FormatSettings.Default);
        try
        {
            while (!data.IsEmpty)
            {
                var length = Math.Min(chunk, data.Length);
                reader.Feed(data[..length]);
                data = data[length..];
                Drain(reader, text);
            }

            reader.Complete();
            Drain(reader, text);
        }
        catch (SqlException error)
        {
            text.Append(error.State.Code).Append(' ').Append(error.Message);
        }

        return text.ToString();
    }

    private static void Drain(CopyReader reader, StringBuilder text)
    {
        var row = new Datum[s_columns.Length];
        while (reader.TryRead(row))
        {
            for (var i = 0; i < row.Length; i++)
                text.Append(row[i].IsNull ? "NULL" : s_columns[i].Type.Format(row[i], FormatSettings.Default)).Append('|');
            text.Append('\n');
        }
    }
}
