using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Protocol;

/// <summary>A message that the server sends. It knows its bytes and nothing else.</summary>
public interface IBackendMessage
{
    static abstract BackendCode Code { get; }

    void WriteBody(WireWriter writer);
}

/// <summary>Writes messages and their parts into a <see cref="WireBuffer"/>.</summary>
public readonly struct WireWriter(WireBuffer buffer)
{
    public WireBuffer Buffer => buffer;

    public void Write<T>(in T message) where T : struct, IBackendMessage
    {
        var start = Begin(T.Code);
        message.WriteBody(this);
        End(start);
    }

    /// <summary>Starts a message; <see cref="End"/> takes what it returns and writes the length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Begin(BackendCode code)
    {
        var start = buffer.Length;
        buffer.GetSpan(5)[0] = (byte)code;
        buffer.Advance(5);
        return start;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End(int start) => buffer.PatchInt32(start + 1, buffer.Length - start - 1);

    public void WriteByte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    public void WriteInt16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(buffer.GetSpan(2), value);
        buffer.Advance(2);
    }

    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(buffer.GetSpan(value.Length));
        buffer.Advance(value.Length);
    }

    /// <summary>A zero-terminated UTF-8 string. A zero inside it would end the field early, so the text stops there.</summary>
    public void WriteCString(ReadOnlySpan<char> value)
    {
        var zero = value.IndexOf('\0');
        if (zero >= 0)
            value = value[..zero];
        var span = buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length) + 1);
        var length = Encoding.UTF8.GetBytes(value, span);
        span[length] = 0;
        buffer.Advance(length + 1);
    }

    /// <summary>A DataRow. On an exception (a value that has no text) the half-written row is taken back.</summary>
    public void WriteRow(ReadOnlySpan<Datum> row, ReadOnlySpan<SqlType> types, ReadOnlySpan<WireFormat> formats, FormatSettings settings)
    {
        var start = Begin(BackendCode.DataRow);
        try
        {
            WriteInt16((short)row.Length);
            for (var i = 0; i < row.Length; i++)
                WriteValue(row[i], types[i], formats[i], settings);
        }
        catch
        {
            buffer.Truncate(start);
            throw;
        }

        End(start);
    }

    /// <summary>A length word and a value; -1 for NULL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteValue(Datum value, SqlType type, WireFormat format, FormatSettings settings)
    {
        if (value.IsNull)
        {
            WriteInt32(-1);
            return;
        }

        buffer.GetSpan(4);
        buffer.Advance(4);
        var start = buffer.Length;
        if (format == WireFormat.Binary)
            type.WriteBinary(value, buffer);
        else
            type.WriteText(value, buffer, settings);
        buffer.PatchInt32(start - 4, buffer.Length - start);
    }
}
