using System.Buffers;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution.Copy;

/// <summary>The text format: a delimiter between fields, backslash escapes.</summary>
internal sealed class TextCopyReader(CopyOptions options, string table, ImmutableArray<CopyColumn> columns, FormatSettings settings)
    : LineCopyReader(options, table, columns, settings)
{
    private static readonly SearchValues<byte> s_lineBytes = SearchValues.Create("\n\r\\"u8);

    protected override string StrayWord => "literal";

    protected override string StrayHint(string character, string escape) => $"Use \"{escape}\" to represent {character}.";

    protected override bool FindEnd(out int to, out int next)
    {
        to = next = 0;
        while (true)
        {
            var found = Data(Position, End).IndexOfAny(s_lineBytes);
            if (found < 0)
            {
                Position = End;
                return false;
            }

            Position += found;
            if (Data(Position, Position + 1)[0] != '\\')
            {
                to = Position;
                return LineBreak(out next) == Scan.Found;
            }

            if (Position + 1 >= End)
                return false;
            if (Data(Position + 1, Position + 2)[0] != '.')
            {
                Position += 2;
                continue;
            }

            if (EndMarker(lenient: false) == Scan.NeedsMore)
                return false;
            to = Position;
            next = End;
            IsAtEnd = true;
            return true;
        }
    }

    protected override Field NextField(ref int position, int end)
    {
        var start = position;
        var rest = Data(start, end);
        var found = rest.IndexOfAny(Options.Delimiter, (byte)'\\');
        if (found < 0 || rest[found] == Options.Delimiter)
        {
            var length = found < 0 ? rest.Length : found;
            position = start + length + 1;
            return new Field(start, length, rest[..length].SequenceEqual(Options.Null), false);
        }

        // The usual null text begins with a backslash.
        if (found == 0 && rest.StartsWith(Options.Null) && (rest.Length == Options.Null.Length || rest[Options.Null.Length] == Options.Delimiter))
        {
            position = start + Options.Null.Length + 1;
            return new Field(start, Options.Null.Length, true, false);
        }

        return EscapedField(rest, ref position);
    }

    private Field EscapedField(ReadOnlySpan<byte> rest, ref int position)
    {
        var start = BeginUnescaped();
        var index = 0;
        var needsCheck = false;
        var rawLength = -1;
        while (rawLength < 0)
        {
            var found = rest[index..].IndexOfAny(Options.Delimiter, (byte)'\\');
            var run = found < 0 ? rest.Length - index : found;
            AppendUnescaped(rest.Slice(index, run));
            index += run;
            if (index >= rest.Length || rest[index] == Options.Delimiter)
                rawLength = index;
            else if (++index >= rest.Length)
                rawLength = index - 1; // A backslash in front of the line's end is dropped, as in PostgreSQL.
            else
                needsCheck |= Escape(rest, ref index);
        }

        var isNull = rest[..rawLength].SequenceEqual(Options.Null);
        position += index + 1;
        if (needsCheck && !isNull)
            CheckUnescaped(start);
        return EndUnescaped(start) with { IsNull = isNull };
    }

    /// <summary>The escape whose character behind the backslash is at an index; true when it made a byte that may be no text.</summary>
    private bool Escape(ReadOnlySpan<byte> rest, ref int index)
    {
        var c = rest[index++];
        switch (c)
        {
            case (byte)'b':
                AppendUnescaped((byte)'\b');
                return false;
            case (byte)'f':
                AppendUnescaped((byte)'\f');
                return false;
            case (byte)'n':
                AppendUnescaped((byte)'\n');
                return false;
            case (byte)'r':
                AppendUnescaped((byte)'\r');
                return false;
            case (byte)'t':
                AppendUnescaped((byte)'\t');
                return false;
            case (byte)'v':
                AppendUnescaped((byte)'\v');
                return false;
            case >= (byte)'0' and <= (byte)'7':
                var value = c - '0';
                for (var digits = 1; digits < 3 && index < rest.Length && rest[index] is >= (byte)'0' and <= (byte)'7'; digits++)
                    value = (value * 8) + (rest[index++] - '0');
                return AppendByte((byte)value);
            case (byte)'x' when index < rest.Length && char.IsAsciiHexDigit((char)rest[index]):
                var code = 0;
                for (var digits = 0; digits < 2 && index < rest.Length && char.IsAsciiHexDigit((char)rest[index]); digits++)
                    code = (code * 16) + Convert.ToInt32(((char)rest[index++]).ToString(), 16);
                return AppendByte((byte)code);
            default:
                AppendUnescaped(c);
                return false;
        }
    }

    private bool AppendByte(byte value)
    {
        AppendUnescaped(value);
        return value is 0 or >= 0x80;
    }
}
