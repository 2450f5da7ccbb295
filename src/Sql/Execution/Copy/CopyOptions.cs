using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Copy;

/// <summary>A column that takes part in COPY, in the order of the data.</summary>
public readonly record struct CopyColumn(string Name, SqlType Type, int TypeModifier = -1);

/// <summary>COPY's options with PostgreSQL's defaults filled in and its rules checked (https://www.postgresql.org/docs/15/sql-copy.html).</summary>
public sealed class CopyOptions
{
    public CopyFormat Format { get; private init; }

    public byte Delimiter { get; private init; }

    public byte Quote { get; private init; }

    public byte Escape { get; private init; }

    /// <summary>What stands for NULL, in UTF-8.</summary>
    public byte[] Null { get; private init; } = [];

    public bool Header { get; private init; }

    public bool HeaderMatch { get; private init; }

    public bool ForceQuoteAll { get; private init; }

    public ImmutableArray<string> ForceQuote { get; private init; } = [];

    public ImmutableArray<string> ForceNotNull { get; private init; } = [];

    public ImmutableArray<string> ForceNull { get; private init; } = [];

    /// <summary>Checks a statement's options. Errors: 42601, 22023 and 0A000 with PostgreSQL's texts.</summary>
    public static CopyOptions From(CopyStatement statement)
    {
        var csv = statement.Format == CopyFormat.Csv;
        CheckFormat(statement, csv);
        var delimiter = statement.Delimiter ?? (csv ? "," : "\t");
        var nullText = statement.NullText ?? (csv ? "" : "\\N");
        var quote = statement.Quote ?? "\"";
        CheckDelimiter(delimiter, nullText, csv);
        if (csv && !IsOneByte(quote))
            throw NotSupported("COPY quote must be a single one-byte character");
        if (csv && delimiter == quote)
            throw Invalid("COPY delimiter and quote must be different");
        var escape = statement.Escape ?? quote;
        if (csv && !IsOneByte(escape))
            throw NotSupported("COPY escape must be a single one-byte character");
        CheckForced(statement, csv);
        if (nullText.Contains(delimiter, StringComparison.Ordinal) && statement.Format != CopyFormat.Binary)
            throw NotSupported("COPY delimiter must not appear in the NULL specification");
        if (csv && nullText.Contains(quote, StringComparison.Ordinal))
            throw NotSupported("CSV quote character must not appear in the NULL specification");
        CheckEncoding(statement.Encoding);
        return new CopyOptions
        {
            Format = statement.Format, Delimiter = (byte)delimiter[0], Quote = (byte)quote[0], Escape = (byte)escape[0], Null = Encoding.UTF8.GetBytes(nullText), Header = statement.Header,
            HeaderMatch = statement.HeaderMatch, ForceQuoteAll = statement.ForceQuoteAll, ForceQuote = statement.ForceQuote, ForceNotNull = statement.ForceNotNull,
            ForceNull = statement.ForceNull,
        };
    }

    private static void CheckFormat(CopyStatement statement, bool csv)
    {
        if (statement.Format == CopyFormat.Binary)
        {
            if (statement.Delimiter is not null)
                throw new SqlException(SqlState.SyntaxError, "cannot specify DELIMITER in BINARY mode");
            if (statement.NullText is not null)
                throw new SqlException(SqlState.SyntaxError, "cannot specify NULL in BINARY mode");
            if (statement.Header)
                throw NotSupported("cannot specify HEADER in BINARY mode");
        }

        if (statement is { HeaderMatch: true, IsFrom: false })
            throw NotSupported("cannot use \"match\" with HEADER in COPY TO");
        if (!csv && statement.Quote is not null)
            throw NotSupported("COPY quote available only in CSV mode");
        if (!csv && statement.Escape is not null)
            throw NotSupported("COPY escape available only in CSV mode");
    }

    private static void CheckDelimiter(string delimiter, string nullText, bool csv)
    {
        if (!IsOneByte(delimiter))
            throw NotSupported("COPY delimiter must be a single one-byte character");
        if (delimiter is "\r" or "\n")
            throw Invalid("COPY delimiter cannot be newline or carriage return");
        if (nullText.AsSpan().ContainsAny('\r', '\n'))
            throw Invalid("COPY null representation cannot use newline or carriage return");
        if (!csv && delimiter[0] is '\\' or '.' or (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            throw Invalid($"COPY delimiter cannot be \"{delimiter}\"");
    }

    private static void CheckForced(CopyStatement statement, bool csv)
    {
        var forcesQuote = statement.ForceQuoteAll || !statement.ForceQuote.IsEmpty;
        if (forcesQuote && !csv)
            throw NotSupported("COPY force quote available only in CSV mode");
        if (forcesQuote && statement.IsFrom)
            throw NotSupported("COPY force quote only available using COPY TO");
        if (!statement.ForceNotNull.IsEmpty && !csv)
            throw NotSupported("COPY force not null available only in CSV mode");
        if (!statement.ForceNotNull.IsEmpty && !statement.IsFrom)
            throw NotSupported("COPY force not null only available using COPY FROM");
        if (!statement.ForceNull.IsEmpty && !csv)
            throw NotSupported("COPY force null available only in CSV mode");
        if (!statement.ForceNull.IsEmpty && !statement.IsFrom)
            throw NotSupported("COPY force null only available using COPY FROM");
    }

    private static void CheckEncoding(string? encoding)
    {
        if (encoding is null || encoding.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() is "UTF8" or "UNICODE" or "SQL_ASCII")
            return;
        throw NotSupported($"COPY encoding \"{encoding}\" is not supported; data must be UTF-8");
    }

    private static bool IsOneByte(string text) => text.Length == 1 && text[0] is > '\0' and < (char)0x80;

    private static SqlException NotSupported(string message) => new(SqlState.FeatureNotSupported, message);

    private static SqlException Invalid(string message) => new(SqlState.InvalidParameterValue, message);
}
