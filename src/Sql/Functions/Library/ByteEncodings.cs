using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

/// <summary>encode() and decode(): base64 (RFC 2045, lines of 76), hex, escape.</summary>
static class ByteEncodings
{
    internal static string Encode(byte[] bytes, string format)
    {
        TextLimits.Check(bytes.Length * 4L);
        return format.ToLowerInvariant() switch
        {
            "hex" => Convert.ToHexStringLower(bytes),
            "base64" => WrapLines(Convert.ToBase64String(bytes)),
            "escape" => Escape(bytes),
            _ => throw Unrecognized(format),
        };
    }

    internal static byte[] Decode(string text, string format) => format.ToLowerInvariant() switch
    {
        "hex" => FromHex(text),
        "base64" => FromBase64(text),
        "escape" => Unescape(text),
        _ => throw Unrecognized(format),
    };

    static SqlException Unrecognized(string format) => FunctionErrors.Invalid($"unrecognized encoding: \"{format}\"");

    static string WrapLines(string base64)
    {
        if (base64.Length <= 76)
            return base64;
        var result = new StringBuilder(base64.Length + base64.Length / 76);
        for (var i = 0; i < base64.Length; i += 76)
        {
            if (i > 0)
                result.Append('\n');
            result.Append(base64, i, Math.Min(76, base64.Length - i));
        }

        return result.ToString();
    }

    static string Escape(byte[] bytes)
    {
        var result = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            if (value is 0 or >= 0x80)
                result.Append('\\').Append((char)('0' + (value >> 6))).Append((char)('0' + ((value >> 3) & 7))).Append((char)('0' + (value & 7)));
            else if (value == '\\')
                result.Append("\\\\");
            else
                result.Append((char)value);
        }

        return result.ToString();
    }

    static byte[] FromHex(string text)
    {
        var result = new List<byte>(text.Length / 2);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is ' ' or '\n' or '\t' or '\r')
                continue;
            var high = HexDigit(text[i]);
            if (++i >= text.Length)
                throw FunctionErrors.Invalid("invalid hexadecimal data: odd number of digits");
            result.Add((byte)((high << 4) | HexDigit(text[i])));
        }

        return [.. result];
    }

    static int HexDigit(char c) => char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : throw FunctionErrors.Invalid($"invalid hexadecimal digit: \"{c}\"");

    static byte[] FromBase64(string text)
    {
        var symbols = new StringBuilder(text.Length);
        var padding = 0;
        foreach (var c in text)
        {
            if (c is ' ' or '\t' or '\n' or '\r')
                continue;
            if (c == '=')
            {
                if (symbols.Length % 4 < 2 || ++padding > 2)
                    throw FunctionErrors.Invalid("unexpected \"=\" while decoding base64 sequence");
            }
            else if (padding > 0 || !(char.IsAsciiLetterOrDigit(c) || c is '+' or '/'))
            {
                throw FunctionErrors.Invalid($"invalid symbol \"{c}\" found while decoding base64 sequence");
            }
            else
            {
                symbols.Append(c);
            }
        }

        if ((symbols.Length + padding) % 4 != 0)
            throw new SqlException(SqlState.InvalidParameterValue, "invalid base64 end sequence") { Hint = "Input data is missing padding, is truncated, or is otherwise corrupted." };
        return Convert.FromBase64String(symbols.Append('=', padding).ToString());
    }

    static byte[] Unescape(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var result = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\\')
            {
                result.Add(bytes[i]);
            }
            else if (i + 1 < bytes.Length && bytes[i + 1] == '\\')
            {
                result.Add((byte)'\\');
                i++;
            }
            else if (i + 3 < bytes.Length && bytes[i + 1] is >= (byte)'0' and <= (byte)'3' && bytes[i + 2] is >= (byte)'0' and <= (byte)'7' && bytes[i + 3] is >= (byte)'0' and <= (byte)'7')
            {
                result.Add((byte)(((bytes[i + 1] - '0') << 6) | ((bytes[i + 2] - '0') << 3) | (bytes[i + 3] - '0')));
                i += 3;
            }
            else
            {
                throw new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
            }
        }

        return [.. result];
    }
}
