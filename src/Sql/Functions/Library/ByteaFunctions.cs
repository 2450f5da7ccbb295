using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

/// <summary>Functions on bytea (manual 9.5).</summary>
static class ByteaFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Operator("bytea || bytea bytea", static (l, r, _) =>
        {
            TextLimits.Check((long)l.AsBytes().Length + r.AsBytes().Length);
            return Datum.FromBytes([.. l.AsBytes(), .. r.AsBytes()]);
        });
        b.Unary("length|octet_length(bytea) int4", static (v, _) => Datum.FromInt64(v.AsBytes().Length));
        b.Unary("bit_length(bytea) int4", static (v, _) => Datum.FromInt64(8L * v.AsBytes().Length));
        b.Unary("bit_count(bytea) int8", static (v, _) => Datum.FromInt64(BitCount(v.AsBytes())));
        b.Binary("substr|substring(bytea, int4) bytea", static (v, from, _) => Datum.FromBytes(Substring(v.AsBytes(), from.AsInt32(), null)));
        b.Scalar("substr|substring(bytea, int4, int4) bytea", static (a, _) => Datum.FromBytes(Substring(a[0].AsBytes(), a[1].AsInt32(), a[2].AsInt32())));
        b.Scalar("overlay(bytea, bytea, int4) bytea", static (a, _) => Datum.FromBytes(Overlay(a[0].AsBytes(), a[1].AsBytes(), a[2].AsInt32(), a[1].AsBytes().Length)));
        b.Scalar("overlay(bytea, bytea, int4, int4) bytea", static (a, _) => Datum.FromBytes(Overlay(a[0].AsBytes(), a[1].AsBytes(), a[2].AsInt32(), a[3].AsInt32())));
        b.Binary("position(bytea, bytea) int4", static (v, sub, _) => Datum.FromInt64(v.AsBytes().AsSpan().IndexOf(sub.AsBytes()) + 1));
        b.Binary("btrim(bytea, bytea) bytea", static (v, set, _) => Datum.FromBytes(v.AsBytes().AsSpan().Trim(set.AsBytes()).ToArray()));
        b.Binary("ltrim(bytea, bytea) bytea", static (v, set, _) => Datum.FromBytes(v.AsBytes().AsSpan().TrimStart(set.AsBytes()).ToArray()));
        b.Binary("rtrim(bytea, bytea) bytea", static (v, set, _) => Datum.FromBytes(v.AsBytes().AsSpan().TrimEnd(set.AsBytes()).ToArray()));
        b.Binary("get_byte(bytea, int4) int4", static (v, n, _) => Datum.FromInt64(v.AsBytes()[CheckIndex(n.AsInt64(), v.AsBytes().Length)]));
        b.Scalar("set_byte(bytea, int4, int4) bytea", static (a, _) => Datum.FromBytes(SetByte(a[0].AsBytes(), a[1].AsInt64(), a[2].AsInt32())));
        b.Binary("get_bit(bytea, int8) int4", static (v, n, _) => Datum.FromInt64(GetBit(v.AsBytes(), n.AsInt64())));
        b.Scalar("set_bit(bytea, int8, int4) bytea", static (a, _) => Datum.FromBytes(SetBit(a[0].AsBytes(), a[1].AsInt64(), a[2].AsInt32())));
        b.Binary("encode(bytea, text) text", static (v, format, _) => Datum.FromString(ByteEncodings.Encode(v.AsBytes(), format.AsString())));
        b.Binary("decode(text, text) bytea", static (s, format, _) => Datum.FromBytes(ByteEncodings.Decode(s.AsString(), format.AsString())));
        b.Binary("convert_from(bytea, name) text stable", static (v, encoding, _) => Datum.FromString(Decode(v.AsBytes(), EncodingOf(encoding.AsString(), "source"))));
        b.Binary("convert_to(text, name) bytea stable", static (s, encoding, _) => Datum.FromBytes(EncodeText(s.AsString(), EncodingOf(encoding.AsString(), "destination"))));
        b.Scalar("convert(bytea, name, name) bytea stable", static (a, _) => Datum.FromBytes(EncodeText(Decode(a[0].AsBytes(), EncodingOf(a[1].AsString(), "source")),
            EncodingOf(a[2].AsString(), "destination"))));
        b.Binary("length(bytea, name) int4 stable", static (v, encoding, _) => Datum.FromInt64(CodePoints.Count(Decode(v.AsBytes(), EncodingOf(encoding.AsString(), "source")))));
    }

    static long BitCount(byte[] bytes)
    {
        var count = 0L;
        foreach (var value in bytes)
            count += byte.PopCount(value);
        return count;
    }

    static byte[] Substring(byte[] bytes, int from, int? length)
    {
        long start = from, end = long.MaxValue;
        if (length is { } n)
            end = n < 0 ? throw new SqlException(SqlState.SubstringError, "negative substring length not allowed") : start + n;
        start = Math.Max(start, 1);
        if (end <= start || start > bytes.Length)
            return [];
        return bytes[(int)(start - 1)..(int)Math.Min(end - 1, bytes.Length)];
    }

    static byte[] Overlay(byte[] bytes, byte[] placing, int from, int length)
    {
        if (from <= 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        if (from > int.MaxValue - (long)length)
            throw FunctionErrors.OutOfRange("integer");
        TextLimits.Check((long)bytes.Length + placing.Length);
        return [.. Substring(bytes, 1, from - 1), .. placing, .. Substring(bytes, from + length, null)];
    }

    static int CheckIndex(long index, long length) => index >= 0 && index < length
        ? (int)index
        : throw new SqlException(SqlState.ArraySubscriptError, $"index {index} out of valid range, 0..{length - 1}");

    static byte[] SetByte(byte[] bytes, long index, int value)
    {
        var at = CheckIndex(index, bytes.Length);
        var copy = (byte[])bytes.Clone();
        copy[at] = (byte)value;
        return copy;
    }

    static int GetBit(byte[] bytes, long index)
    {
        CheckIndex(Math.Min(index, int.MaxValue), Math.Max(bytes.Length * 8L, 0));
        return (bytes[index / 8] >> (int)(index % 8)) & 1;
    }

    static byte[] SetBit(byte[] bytes, long index, int value)
    {
        CheckIndex(Math.Min(index, int.MaxValue), bytes.Length * 8L);
        if (value is not (0 or 1))
            throw FunctionErrors.Invalid("new bit must be 0 or 1");
        var copy = (byte[])bytes.Clone();
        var mask = (byte)(1 << (int)(index % 8));
        copy[index / 8] = (byte)(value == 1 ? copy[index / 8] | mask : copy[index / 8] & ~mask);
        return copy;
    }

    static Encoding EncodingOf(string name, string role) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        "UTF8" or "UNICODE" => s_utf8,
        "LATIN1" or "ISO88591" => s_latin1,
        "SQLASCII" => s_ascii,
        _ => throw FunctionErrors.Invalid($"invalid {role} encoding name \"{name}\""),
    };

    static readonly Encoding s_utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
    static readonly Encoding s_latin1 = Encoding.GetEncoding("iso-8859-1", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
    static readonly Encoding s_ascii = Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    static string Decode(byte[] bytes, Encoding encoding)
    {
        try
        {
            if (Array.IndexOf(bytes, (byte)0) is >= 0)
                throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"{PgName(encoding)}\": 0x00");
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            var invalid = e.BytesUnknown is { Length: > 0 } unknown ? string.Join(" ", unknown.Select(x => $"0x{x:x2}")) : "";
            throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"{PgName(encoding)}\": {invalid}", e);
        }
    }

    static byte[] EncodeText(string text, Encoding encoding)
    {
        try
        {
            return encoding.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new SqlException(SqlState.UntranslatableCharacter, $"a character of the text has no equivalent in encoding \"{PgName(encoding)}\"", e);
        }
    }

    static string PgName(Encoding encoding) => ReferenceEquals(encoding, s_utf8) ? "UTF8" : ReferenceEquals(encoding, s_latin1) ? "LATIN1" : "SQL_ASCII";
}
