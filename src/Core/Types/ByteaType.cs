using System.Buffers;
using System.Globalization;
using System.Text;

namespace Chitin.Core.Types;

/// <summary>bytea: hex form \x… by default; both forms are read (8.4).</summary>
public sealed class ByteaType : SqlType
{
    public override uint Oid => PgOid.Bytea;

    public override string Name => "bytea";

    public override TypeCategory Category => TypeCategory.UserDefined;

    public override short Length => -1;

    public override uint ArrayOid => PgOid.ByteaArray;

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        if (!text.StartsWith("\\x", StringComparison.Ordinal))
            return Datum.FromBytes(ParseEscape(text));
        text = text[2..];
        var bytes = new byte[text.Length / 2];
        return Convert.FromHexString(text, bytes, out var consumed, out _) == OperationStatus.Done && consumed == text.Length
            ? Datum.FromBytes(bytes)
            : Datum.FromBytes(ParseSpacedHex(text));
    }

    public override string Format(Datum value, FormatSettings settings)
    {
        var bytes = value.AsBytes();
        if (!settings.ByteaEscape)
            return "\\x" + Convert.ToHexStringLower(bytes);
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            if (b == '\\')
                text.Append("\\\\");
            else if (b is < 0x20 or > 0x7e)
                text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
            else
                text.Append((char)b);
        }

        return text.ToString();
    }

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings)
    {
        if (settings.ByteaEscape)
        {
            base.WriteText(value, output, settings);
            return;
        }

        ReadOnlySpan<byte> bytes = value.AsBytes();
        output.Write("\\x"u8);
        const int part = 4096;
        for (; bytes.Length > 0; bytes = bytes[Math.Min(part, bytes.Length)..])
        {
            var count = Math.Min(part, bytes.Length);
            Convert.TryToHexStringLower(bytes[..count], output.GetSpan(2 * count), out var written);
            output.Advance(written);
        }
    }

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => output.Write(value.AsBytes());

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => Datum.FromBytes(data.ToArray());

    public override int Compare(Datum left, Datum right) => left.AsBytes().AsSpan().SequenceCompareTo(right.AsBytes());

    public override bool AreEqual(Datum left, Datum right) => left.AsBytes().AsSpan().SequenceEqual(right.AsBytes());

    public override int Hash(Datum value)
    {
        var hash = new HashCode();
        hash.AddBytes(value.AsBytes());
        return hash.ToHashCode();
    }

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => KeyCodec.WriteBytes(value.AsBytes(), output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => Datum.FromBytes(KeyCodec.ReadBytes(ref input));

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => output.Write(value.AsBytes());

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => Datum.FromBytes(data.ToArray());

    private static byte[] ParseEscape(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = 0;
        while (text.Length > 0)
        {
            var plain = text.IndexOf('\\');
            if (plain < 0)
                plain = text.Length;
            count += Encoding.UTF8.GetBytes(text[..plain], bytes.AsSpan(count));
            text = text[plain..];
            if (text.Length >= 2 && text[1] == '\\')
            {
                bytes[count++] = (byte)'\\';
                text = text[2..];
            }
            else if (text.Length >= 4 && text[1] is >= '0' and <= '3' && text[2] is >= '0' and <= '7' && text[3] is >= '0' and <= '7')
            {
                bytes[count++] = (byte)(((text[1] - '0') << 6) | ((text[2] - '0') << 3) | (text[3] - '0'));
                text = text[4..];
            }
            else if (text.Length > 0)
                throw new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
        }

        return bytes[..count];
    }

    /// <summary>White space may stand between pairs of digits; also finds what is wrong.</summary>
    private static byte[] ParseSpacedHex(ReadOnlySpan<char> text)
    {
        var bytes = new byte[(text.Length / 2) + 1];
        var count = 0;
        for (var i = 0; i < text.Length; i += 2)
        {
            while (i < text.Length && text[i] is ' ' or '\n' or '\t' or '\r')
                i++;
            if (i >= text.Length)
                break;
            RequireDigit(text, i);
            if (i + 1 >= text.Length)
                throw new SqlException(SqlState.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
            RequireDigit(text, i + 1);
            bytes[count++] = byte.Parse(text.Slice(i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        return bytes[..count];
    }

    private static void RequireDigit(ReadOnlySpan<char> text, int position)
    {
        if (char.IsAsciiHexDigit(text[position]))
            return;
        var length = char.IsHighSurrogate(text[position]) && position + 1 < text.Length ? 2 : 1;
        throw new SqlException(SqlState.InvalidParameterValue, $"invalid hexadecimal digit: \"{text.Slice(position, length)}\"");
    }
}
