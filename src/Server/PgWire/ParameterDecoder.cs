using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Protocol;
using Chitin.Protocol.Frontend;

namespace Chitin.Server.PgWire;

/// <summary>Turns the values of a Bind message into datums of the statement's parameter types.</summary>
internal static class ParameterDecoder
{
    public static Datum[] Decode(Bind bind, ImmutableArray<SqlType> types, FormatSettings settings)
    {
        if (bind.ParameterCount != types.Length)
            throw ProtocolErrors.Violation($"bind message supplies {bind.ParameterCount} parameters, but prepared statement \"{Encoding.UTF8.GetString(bind.Statement)}\" requires {types.Length}");
        if (types.Length == 0)
            return [];
        var values = new Datum[types.Length];
        var reader = new WireValueReader(bind.Values);
        for (var i = 0; i < values.Length; i++)
        {
            if (!reader.TryReadNext(out var value))
                continue;
            values[i] = bind.ParameterFormats[i] == WireFormat.Binary ? types[i].ReadBinary(value, -1) : ReadText(value, types[i], settings);
        }

        return values;
    }

    private static Datum ReadText(ReadOnlySpan<byte> value, SqlType type, FormatSettings settings)
    {
        if (!Utf8.IsValid(value))
            throw ProtocolErrors.InvalidUtf8();
        if (value.Contains((byte)0))
            throw new SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");
        if (value.Length <= 256)
        {
            Span<char> small = stackalloc char[256];
            return type.Parse(small[..Encoding.UTF8.GetChars(value, small)], -1, settings);
        }

        var rented = ArrayPool<char>.Shared.Rent(value.Length);
        try
        {
            return type.Parse(rented.AsSpan(0, Encoding.UTF8.GetChars(value, rented)), -1, settings);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented, clearArray: true);
        }
    }

    public static Sessions.ResultFormats Formats(WireFormatList formats)
    {
        switch (formats.Count)
        {
            case 0:
                return Sessions.ResultFormats.Text;
            case 1:
                return formats[0] == WireFormat.Binary ? Sessions.ResultFormats.Binary : Sessions.ResultFormats.Text;
        }

        var codes = ImmutableArray.CreateBuilder<Sessions.ValueFormat>(formats.Count);
        for (var i = 0; i < formats.Count; i++)
            codes.Add((Sessions.ValueFormat)formats[i]);
        return Sessions.ResultFormats.PerColumn(codes.MoveToImmutable());
    }
}
