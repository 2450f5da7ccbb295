using System.Buffers;
using System.Buffers.Text;

namespace Chitin.Sql.Syntax;

/// <summary>A constant in a text: <see cref="Start"/> and <see cref="Length"/> in bytes, a string's quotes included. Kind: Integer, Decimal or String.</summary>
public readonly record struct ScannedConstant(LiteralKind Kind, int Start, int Length)
{
    /// <summary>An integer beyond int4: int8 by PostgreSQL's rule for constants (4.1.2.6).</summary>
    public bool IsInt8 { get; init; }
}

/// <summary>
/// A statement's text with a mark in the place of each constant, so that texts that differ in constants only have the same bytes, made without parsing.
/// Knows a part of the lexical rules (4.1) and gives up on anything else; what it accepts, <see cref="Lexer"/> cuts into the same tokens. One per session, used again and again.
/// </summary>
public sealed class StatementScan
{
    /// <summary>Longer texts and more constants are parsed as they come.</summary>
    public const int MaxBytes = 4096;

    public const int MaxConstants = 100;

    private const int MaxNameBytes = 63;
    private const byte Int4Mark = 1;
    private const byte Int8Mark = 2;
    private const byte DecimalMark = 3;
    private const byte StringMark = 4;

    private static readonly SearchValues<byte> s_operators = SearchValues.Create("+-*/<>=~!@#%^&|`?"u8);

    private readonly byte[] _shape = new byte[MaxBytes];
    private readonly List<ScannedConstant> _constants = [];
    private int _length;

    /// <summary>The text without its constants, after <see cref="TryScan"/>.</summary>
    public ReadOnlySpan<byte> Shape => _shape.AsSpan(0, _length);

    public IReadOnlyList<ScannedConstant> Constants => _constants;

    /// <summary>False for other statements than SELECT, INSERT, UPDATE and DELETE, for several in one text, and for what this does not understand.</summary>
    public bool TryScan(ReadOnlySpan<byte> text)
    {
        _constants.Clear();
        _length = 0;
        if (text.Length is < 8 or > MaxBytes || (text[0] | 0x20) is not ((byte)'s' or (byte)'i' or (byte)'u' or (byte)'d'))
            return false;
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            int end;
            if (IsNameStart(c))
            {
                end = NameEnd(text, i);
                if (end - i > MaxNameBytes || (end < text.Length && text[end] is (byte)'\'' or (byte)'"' or (byte)'&'))
                    return false;
            }
            else if (char.IsAsciiDigit((char)c))
            {
                if (!TryNumber(text, i, out end))
                    return false;
                i = end;
                continue;
            }
            else if (c == '\'')
            {
                if (!TryString(text, i, out end))
                    return false;
                i = end;
                continue;
            }
            else if (c == '"')
            {
                end = text[(i + 1)..].IndexOf((byte)'"') + i + 2;
                if (end < i + 3 || end - i > MaxNameBytes)
                    return false;
            }
            else if (s_operators.Contains(c))
            {
                end = i + 1;
                if (end < text.Length && ((c == '-' && text[end] == '-') || (c == '/' && text[end] == '*')))
                    return false;
            }
            else if (c == ';')
            {
                if (!text[(i + 1)..].Trim(" \t\r\n"u8).IsEmpty)
                    return false;
                break;
            }
            else if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'(' or (byte)')' or (byte)',' or (byte)'.' or (byte)'[' or (byte)']' or (byte)':')
                end = i + 1;
            else
                return false;
            text[i..end].CopyTo(_shape.AsSpan(_length));
            _length += end - i;
            i = end;
        }

        return _constants.Count is > 0 and <= MaxConstants;
    }

    private static bool IsNameStart(byte c) => char.IsAsciiLetter((char)c) || c == '_';

    private static int NameEnd(ReadOnlySpan<byte> text, int i)
    {
        while (i < text.Length && (IsNameStart(text[i]) || char.IsAsciiDigit((char)text[i])))
            i++;
        return i;
    }

    private bool TryNumber(ReadOnlySpan<byte> text, int start, out int end)
    {
        end = Digits(text, start);
        var mark = Utf8Parser.TryParse(text[start..end], out int _, out var used) && used == end - start ? Int4Mark : Int8Mark;
        // The value at which a sign decides on the type, and what is no int8.
        if (mark == Int8Mark && (end - start > 18 || text[start..end].SequenceEqual("2147483648"u8)))
            return false;
        if (end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit((char)text[end + 1]))
        {
            end = Digits(text, end + 1);
            mark = DecimalMark;
        }

        // No junk, no exponent, no range, no $ or letter of another alphabet behind it; a point in front makes it a part of something else.
        if (end < text.Length && (IsNameStart(text[end]) || text[end] is (byte)'.' or (byte)'$' or >= 0x80))
            return false;
        if (start > 0 && text[start - 1] is (byte)'.' or (byte)'$')
            return false;
        Add(mark == DecimalMark ? LiteralKind.Decimal : LiteralKind.Integer, mark, start, end);
        return true;
    }

    private static int Digits(ReadOnlySpan<byte> text, int i)
    {
        while (i < text.Length && char.IsAsciiDigit((char)text[i]))
            i++;
        return i;
    }

    private bool TryString(ReadOnlySpan<byte> text, int start, out int end)
    {
        end = start + 1;
        while (true)
        {
            var quote = text[end..].IndexOf((byte)'\'');
            if (quote < 0)
                return false;
            end += quote + 1;
            if (end >= text.Length || text[end] != '\'')
                break;
            end++;
        }

        // A string behind white space may be a part of this one.
        var next = end;
        while (next < text.Length && text[next] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f' or (byte)'\v')
            next++;
        if (next < text.Length && text[next] == '\'')
            return false;
        Add(LiteralKind.String, StringMark, start, end);
        return true;
    }

    private void Add(LiteralKind kind, byte mark, int start, int end)
    {
        _constants.Add(new ScannedConstant(kind, start, end - start) { IsInt8 = mark == Int8Mark });
        _shape[_length++] = mark;
    }
}
