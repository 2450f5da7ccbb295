using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Execution.Copy;

/// <summary>Errors of COPY FROM, class 22P04 with PostgreSQL's texts, and the CONTEXT lines that say where in the data they are.</summary>
internal static class CopyErrors
{
    /// <summary>Bytes of data that a CONTEXT line shows.</summary>
    private const int MaxShown = 100;

    public static SqlException BadFormat(string message, string? hint = null) => new(SqlState.BadCopyFileFormat, message) { Hint = hint };

    public static SqlException InvalidUtf8(ReadOnlySpan<byte> data)
    {
        var index = 0;
        while (index < data.Length && data[index] != 0 && Rune.DecodeFromUtf8(data[index..], out _, out var length) == System.Buffers.OperationStatus.Done)
            index += length;
        var text = new StringBuilder("invalid byte sequence for encoding \"UTF8\":");
        foreach (var value in data.Slice(index, Math.Min(SequenceLength(data[index]), data.Length - index)))
            text.Append(" 0x").Append(value.ToString("x2"));
        return new SqlException(SqlState.CharacterNotInRepertoire, text.ToString());
    }

    private static int SequenceLength(byte first) => first switch
    {
        < 0xc0 => 1,
        < 0xe0 => 2,
        < 0xf0 => 3,
        < 0xf8 => 4,
        _ => 1,
    };

    /// <summary>The same error with a CONTEXT line more.</summary>
    public static SqlException WithContext(SqlException error, string context) => new(error.State, error.Message, error.InnerException)
    {
        Detail = error.Detail, Hint = error.Hint, Position = error.Position, Where = error.Where is null ? context : error.Where + "\n" + context, SchemaName = error.SchemaName,
        TableName = error.TableName, ColumnName = error.ColumnName, DataTypeName = error.DataTypeName, ConstraintName = error.ConstraintName, IsFatal = error.IsFatal,
    };

    /// <summary>Data for a CONTEXT line: at most 100 bytes, cut between characters.</summary>
    public static string Show(ReadOnlySpan<byte> data)
    {
        if (data.Length <= MaxShown)
            return Encoding.UTF8.GetString(data);
        var length = MaxShown;
        while (length > 0 && (data[length] & 0xc0) == 0x80)
            length--;
        return Encoding.UTF8.GetString(data[..length]) + "...";
    }
}
