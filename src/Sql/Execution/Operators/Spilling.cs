using System.Buffers.Binary;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>
/// Gives temporary files to whatever outgrows work_mem. What is written is encrypted with the store's keys; a file vanishes when its stream is disposed.
/// </summary>
public interface ISpillArea
{
    /// <summary>A stream that is written once from the start; the first time that its Position is set ends that, and it is read from there on, anywhere.</summary>
    Stream CreateFile();
}

/// <summary>Rows of fixed column types in a spill file: written in order, read back in order.</summary>
internal sealed class SpillFile(ISpillArea area, SqlType[] types) : IDisposable
{
    private readonly Stream _stream = area.CreateFile();
    private readonly ByteWriter _writer = new(4096);
    private byte[] _buffer = new byte[4096];

    public long Count { get; private set; }

    /// <summary>Bytes written: where the next row will stand.</summary>
    public long Length { get; private set; }

    public void Write(ReadOnlySpan<Datum> row)
    {
        _writer.Clear();
        _writer.WriteUInt32BigEndian(0);
        for (var i = 0; i < types.Length; i++)
        {
            if (row[i].IsNull)
            {
                _writer.WriteByte(0);
                continue;
            }

            _writer.WriteByte(1);
            var start = _writer.Length;
            types[i].EncodeValue(row[i], _writer);
            _writer.InsertVarint(start);
        }

        BinaryPrimitives.WriteInt32BigEndian(_writer.Region(0), _writer.Length - 4);
        _stream.Write(_writer.Span);
        Length += _writer.Length;
        Count++;
    }

    public void Rewind()
    {
        _stream.Flush();
        _stream.Position = 0;
    }

    /// <summary>Goes on reading at a row. Called after <see cref="Rewind"/>.</summary>
    public void Seek(long offset) => _stream.Position = offset;

    public bool TryRead(Span<Datum> row)
    {
        Span<byte> head = stackalloc byte[4];
        if (_stream.ReadAtLeast(head, 4, throwOnEndOfStream: false) < 4)
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (_buffer.Length < length)
            _buffer = new byte[length * 2];
        _stream.ReadExactly(_buffer.AsSpan(0, length));
        ReadOnlySpan<byte> rest = _buffer.AsSpan(0, length);
        for (var i = 0; i < types.Length; i++)
        {
            var present = rest[0];
            rest = rest[1..];
            if (present == 0)
            {
                row[i] = Datum.Null;
                continue;
            }

            var size = (int)ByteReader.ReadVarint(ref rest);
            row[i] = types[i].DecodeValue(rest[..size]);
            rest = rest[size..];
        }

        return true;
    }

    public void Dispose() => _stream.Dispose();
}

/// <summary>Estimates the memory that a row holds.</summary>
internal static class RowMemory
{
    private const long Nested = 96;

    /// <summary>Of a value in a list or a set of its own.</summary>
    public static long Of(Datum value) => Of([value]);

    public static long Of(ReadOnlySpan<Datum> row)
    {
        long bytes = 24 + (row.Length * 16L);
        foreach (var datum in row)
        {
            bytes += datum.Reference switch
            {
                SqlArray { ElementType.Length: > 0 } array => 64 + (array.Elements.Length * 16L),
                SqlArray array => 64 + OfParts(array.Elements),
                SqlRecord record => 64 + OfParts(record.Fields),
                var reference => Of(reference),
            };
        }

        return bytes;
    }

    /// <summary>Parts within parts are not looked at: they may be shared, so that there are far fewer than one would find.</summary>
    private static long OfParts(Datum[] parts)
    {
        var bytes = parts.Length * 16L;
        foreach (var part in parts)
            bytes += part.Reference is SqlArray or SqlRecord ? Nested : Of(part.Reference);
        return bytes;
    }

    private static long Of(object? reference) => reference switch
    {
        null => 0,
        string text => 24 + (text.Length * 2L),
        byte[] data => 24 + data.Length,
        SqlNumeric => 40,
        JsonbValue json => 64 + (2 * json.Size),
        _ => 0,
    };
}
