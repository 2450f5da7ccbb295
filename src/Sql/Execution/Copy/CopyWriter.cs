using System.Buffers;
using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Copy;

/// <summary>Rows to COPY data: header, rows, end, each appended to a buffer.</summary>
public abstract class CopyWriter
{
    private protected CopyWriter(CopyOptions options, ImmutableArray<CopyColumn> columns)
    {
        Options = options;
        Columns = columns;
    }

    protected CopyOptions Options { get; }

    protected ImmutableArray<CopyColumn> Columns { get; }

    /// <summary>One field's text or binary form before it is escaped or measured.</summary>
    protected ArrayBufferWriter<byte> Scratch { get; } = new();

    public static CopyWriter Create(CopyOptions options, ImmutableArray<CopyColumn> columns, FormatSettings settings) => options.Format switch
    {
        CopyFormat.Binary => new BinaryCopyWriter(options, columns),
        CopyFormat.Csv => new CsvCopyWriter(options, columns, settings),
        _ => new TextCopyWriter(options, columns, settings),
    };

    /// <summary>What comes before the first row: the binary signature, the HEADER line, or nothing.</summary>
    public abstract void WriteHeader(IBufferWriter<byte> output);

    public abstract void WriteRow(ReadOnlySpan<Datum> row, IBufferWriter<byte> output);

    /// <summary>What comes behind the last row: the binary trailer, or nothing.</summary>
    public virtual void WriteEnd(IBufferWriter<byte> output)
    {
    }
}

/// <summary>Text and CSV: fields as text between delimiters, lines ended by a newline.</summary>
internal abstract class LineCopyWriter : CopyWriter
{
    private readonly FormatSettings _settings;
    private readonly bool[] _plain;

    protected LineCopyWriter(CopyOptions options, ImmutableArray<CopyColumn> columns, FormatSettings settings)
        : base(options, columns)
    {
        _settings = settings;
        _plain = [.. columns.Select((column, index) => IsPlain(column, index))];
    }

    /// <summary>Integers are digits and a minus: they need no look for characters to escape, unless the options make these special.</summary>
    protected virtual bool IsPlain(CopyColumn column, int index) =>
        column.Type.Oid is PgOid.Int2 or PgOid.Int4 or PgOid.Int8 && Options.Delimiter != '-' && !char.IsAsciiDigit((char)Options.Delimiter);

    public override void WriteHeader(IBufferWriter<byte> output)
    {
        if (!Options.Header)
            return;
        for (var i = 0; i < Columns.Length; i++)
        {
            if (i > 0)
                Write(Options.Delimiter, output);
            Scratch.ResetWrittenCount();
            Encoding.UTF8.GetBytes(Columns[i].Name, Scratch);
            WriteField(Scratch.WrittenSpan, -1, output);
        }

        Write((byte)'\n', output);
    }

    public override void WriteRow(ReadOnlySpan<Datum> row, IBufferWriter<byte> output)
    {
        for (var i = 0; i < row.Length; i++)
        {
            if (i > 0)
                Write(Options.Delimiter, output);
            if (row[i].IsNull)
            {
                output.Write(Options.Null);
            }
            else if (_plain[i])
            {
                Columns[i].Type.WriteText(row[i], output, _settings);
            }
            else
            {
                Scratch.ResetWrittenCount();
                Columns[i].Type.WriteText(row[i], Scratch, _settings);
                WriteField(Scratch.WrittenSpan, i, output);
            }
        }

        Write((byte)'\n', output);
    }

    /// <summary>Appends one field; column -1 is a header's name.</summary>
    protected abstract void WriteField(ReadOnlySpan<byte> text, int column, IBufferWriter<byte> output);

    protected static void Write(byte value, IBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}

internal sealed class TextCopyWriter : LineCopyWriter
{
    private readonly SearchValues<byte> _special;

    public TextCopyWriter(CopyOptions options, ImmutableArray<CopyColumn> columns, FormatSettings settings)
        : base(options, columns, settings) =>
        _special = SearchValues.Create([.. "\b\f\n\r\t\v\\"u8, options.Delimiter]);

    protected override void WriteField(ReadOnlySpan<byte> text, int column, IBufferWriter<byte> output)
    {
        while (true)
        {
            var found = text.IndexOfAny(_special);
            if (found < 0)
            {
                output.Write(text);
                return;
            }

            output.Write(text[..found]);
            Write((byte)'\\', output);
            Write(
                text[found] switch
                {
                    (byte)'\b' => (byte)'b',
                    (byte)'\f' => (byte)'f',
                    (byte)'\n' => (byte)'n',
                    (byte)'\r' => (byte)'r',
                    (byte)'\t' => (byte)'t',
                    (byte)'\v' => (byte)'v',
                    var other => other,
                },
                output);
            text = text[(found + 1)..];
        }
    }
}

internal sealed class CsvCopyWriter : LineCopyWriter
{
    private readonly SearchValues<byte> _special;
    private readonly bool[] _forceQuote;

    public CsvCopyWriter(CopyOptions options, ImmutableArray<CopyColumn> columns, FormatSettings settings)
        : base(options, columns, settings)
    {
        _special = SearchValues.Create([options.Delimiter, options.Quote, (byte)'\n', (byte)'\r']);
        _forceQuote = [.. columns.Select(IsForced)];
    }

    private bool IsForced(CopyColumn column) => Options.ForceQuoteAll || Options.ForceQuote.Contains(column.Name);

    protected override bool IsPlain(CopyColumn column, int index) => base.IsPlain(column, index) && !IsForced(column) && Options.Quote != '-' && !char.IsAsciiDigit((char)Options.Quote)
        && (Options.Null.Length == 0 || !Options.Null.All(b => char.IsAsciiDigit((char)b) || b == '-'));

    protected override void WriteField(ReadOnlySpan<byte> text, int column, IBufferWriter<byte> output)
    {
        var quoted = (column >= 0 && (_forceQuote[column] || text.SequenceEqual(Options.Null))) || text.ContainsAny(_special) || (Columns.Length == 1 && text.SequenceEqual("\\."u8));
        if (!quoted)
        {
            output.Write(text);
            return;
        }

        Write(Options.Quote, output);
        while (true)
        {
            var found = text.IndexOfAny(Options.Quote, Options.Escape);
            if (found < 0)
                break;
            output.Write(text[..found]);
            Write(Options.Escape, output);
            Write(text[found], output);
            text = text[(found + 1)..];
        }

        output.Write(text);
        Write(Options.Quote, output);
    }
}

internal sealed class BinaryCopyWriter(CopyOptions options, ImmutableArray<CopyColumn> columns) : CopyWriter(options, columns)
{
    public override void WriteHeader(IBufferWriter<byte> output)
    {
        output.Write(BinaryCopyReader.Signature);
        WriteInt32(0, output);
        WriteInt32(0, output);
    }

    public override void WriteRow(ReadOnlySpan<Datum> row, IBufferWriter<byte> output)
    {
        WriteInt16((short)row.Length, output);
        for (var i = 0; i < row.Length; i++)
        {
            if (row[i].IsNull)
            {
                WriteInt32(-1, output);
                continue;
            }

            Scratch.ResetWrittenCount();
            Columns[i].Type.WriteBinary(row[i], Scratch);
            WriteInt32(Scratch.WrittenCount, output);
            output.Write(Scratch.WrittenSpan);
        }
    }

    public override void WriteEnd(IBufferWriter<byte> output) => WriteInt16(-1, output);

    private static void WriteInt16(short value, IBufferWriter<byte> output)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    private static void WriteInt32(int value, IBufferWriter<byte> output)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }
}
