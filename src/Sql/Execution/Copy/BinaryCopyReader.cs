using System.Buffers.Binary;
using Chitin.Core;

namespace Chitin.Sql.Execution.Copy;

/// <summary>The binary format: a signature, then rows of lengths and values in the types' binary forms.</summary>
internal sealed class BinaryCopyReader(CopyOptions options, string table, ImmutableArray<CopyColumn> columns) : CopyReader(options, table, columns)
{
    private const int FixedHeader = 19;

    private bool _headerRead;

    public static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0];

    public override bool TryRead(Span<Datum> row)
    {
        if (!_headerRead && !TryReadHeader())
            return false;
        if (IsAtEnd)
            return false;
        if (End - Start < 2)
        {
            if (IsComplete && End > Start)
                throw At(Line + 1, CopyErrors.BadFormat("unexpected EOF in COPY data"));
            return false;
        }

        int count = BinaryPrimitives.ReadInt16BigEndian(Data(Start, Start + 2));
        if (count == -1)
        {
            Start += 2;
            IsAtEnd = true;
            if (Start < End)
                DataBehindEnd(Data(Start, End));
            return false;
        }

        if (count != Columns.Length)
            throw At(Line + 1, CopyErrors.BadFormat($"row field count is {count}, expected {Columns.Length}"));
        if (!IsRowComplete())
        {
            if (IsComplete)
                throw At(Line + 1, CopyErrors.BadFormat("unexpected EOF in COPY data"));
            return false;
        }

        Line++;
        ReadFields(row);
        return true;
    }

    protected override void DataBehindEnd(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
            throw At(Line + 1, CopyErrors.BadFormat("received copy data after EOF marker"));
    }

    private SqlException At(long line, SqlException error) => CopyErrors.WithContext(error, $"COPY {Table}, line {line}");

    private bool TryReadHeader()
    {
        var data = Data(Start, End);
        var known = Math.Min(data.Length, Signature.Length);
        if (!data[..known].SequenceEqual(Signature[..known]) || (IsComplete && data.Length < Signature.Length))
            throw CopyErrors.BadFormat("COPY file signature not recognized");
        if (data.Length < FixedHeader)
        {
            if (!IsComplete)
                return false;
            throw CopyErrors.BadFormat(data.Length < Signature.Length + 4 ? "invalid COPY file header (missing flags)" : "invalid COPY file header (missing length)");
        }

        var flags = BinaryPrimitives.ReadUInt32BigEndian(data[Signature.Length..]);
        if ((flags & 0x1_0000) != 0)
            throw CopyErrors.BadFormat("invalid COPY file header (WITH OIDS)");
        if (flags >> 16 != 0)
            throw CopyErrors.BadFormat("unrecognized critical flags in COPY file header");
        var extension = BinaryPrimitives.ReadInt32BigEndian(data[(Signature.Length + 4)..]);
        if (extension is < 0 or > MaxRowBytes)
            throw CopyErrors.BadFormat("invalid COPY file header (wrong length)");
        if (data.Length < FixedHeader + extension)
            return IsComplete ? throw CopyErrors.BadFormat("invalid COPY file header (wrong length)") : false;
        Start += FixedHeader + extension;
        _headerRead = true;
        return true;
    }

    /// <summary>Whether all fields of the row at <see cref="CopyReader.Start"/> are there. A wrong length is an error as soon as it is seen.</summary>
    private bool IsRowComplete()
    {
        var position = Start + 2;
        for (var i = 0; i < Columns.Length; i++)
        {
            if (End - position < 4)
                return false;
            var size = BinaryPrimitives.ReadInt32BigEndian(Data(position, position + 4));
            if (size < -1)
                throw CopyErrors.WithContext(CopyErrors.BadFormat("invalid field size"), $"COPY {Table}, line {Line + 1}, column {Columns[i].Name}");
            if (size > MaxRowBytes)
                throw At(Line + 1, new SqlException(SqlState.ProgramLimitExceeded, $"a row of COPY data is longer than the limit of {MaxRowBytes} bytes"));
            position += 4;
            if (End - position < size)
                return false;
            position += Math.Max(size, 0);
        }

        return true;
    }

    private void ReadFields(Span<Datum> row)
    {
        var position = Start + 2;
        for (var i = 0; i < Columns.Length; i++)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(Data(position, position + 4));
            position += 4;
            if (size < 0)
            {
                row[i] = Datum.Null;
                continue;
            }

            try
            {
                row[i] = Columns[i].Type.ReadBinary(Data(position, position + size), Columns[i].TypeModifier);
            }
            catch (SqlException error)
            {
                throw CopyErrors.WithContext(error, $"{Context}, column {Columns[i].Name}");
            }

            position += size;
        }

        Start = position;
    }
}
