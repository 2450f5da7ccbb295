using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution.Copy;

/// <summary>Text fields in UTF-8 to values of one column, without a string where the type allows. The input is known to be valid UTF-8 without NUL.</summary>
internal sealed class FieldParser
{
    /// <summary>Digits that fit in 64 bits whatever they are.</summary>
    private const int SafeDigits = 18;

    private readonly CopyColumn _column;
    private readonly FormatSettings _settings;
    private readonly Kind _kind;
    private readonly long _minimum;
    private readonly long _maximum;

    public FieldParser(CopyColumn column, FormatSettings settings)
    {
        _column = column;
        _settings = settings;
        (_kind, _minimum, _maximum) = column.Type.Oid switch
        {
            PgOid.Int2 => (Kind.Integer, short.MinValue, short.MaxValue),
            PgOid.Int4 => (Kind.Integer, int.MinValue, int.MaxValue),
            PgOid.Int8 => (Kind.Integer, long.MinValue, long.MaxValue),
            PgOid.Text or PgOid.VarChar or PgOid.BpChar => (Kind.Text, 0L, 0L),
            _ => (Kind.Other, 0L, 0L),
        };
    }

    private enum Kind : byte { Other, Integer, Text }

    /// <summary><paramref name="characters"/> is room that grows as needed and is shared between columns.</summary>
    public Datum Parse(ReadOnlySpan<byte> field, ref char[] characters)
    {
        switch (_kind)
        {
            case Kind.Integer when TryParseInteger(field, out var value):
                return Datum.FromInt64(value);
            case Kind.Text:
                var text = Datum.FromString(Encoding.UTF8.GetString(field));
                return _column.TypeModifier < 0 ? text : _column.Type.ApplyModifier(text, _column.TypeModifier, isExplicit: false);
            default:
                if (characters.Length < field.Length)
                    characters = new char[Math.Max(field.Length, characters.Length * 2)];
                var length = Encoding.UTF8.GetChars(field, characters);
                return _column.Type.Parse(characters.AsSpan(0, length), _column.TypeModifier, _settings);
        }
    }

    /// <summary>Plain digits with an optional minus; everything else, also what is out of range, is left to the type.</summary>
    private bool TryParseInteger(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var negative = field.Length > 0 && field[0] == '-';
        var digits = negative ? field[1..] : field;
        if (digits.Length is 0 or > SafeDigits)
            return false;
        foreach (var digit in digits)
        {
            var number = (uint)(digit - '0');
            if (number > 9)
                return false;
            value = (value * 10) + number;
        }

        if (negative)
            value = -value;
        return value >= _minimum && value <= _maximum;
    }
}
