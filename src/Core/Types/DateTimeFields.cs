namespace Chitin.Core.Types;

/// <summary>What a piece of date and time input looks like before it is given a meaning.</summary>
internal enum FieldKind : byte { Number, Word, Date, Time, Zone, Special }

/// <summary>A piece of input in the lexer's buffer.</summary>
internal readonly record struct DateTimeField(FieldKind Kind, int Start, int Length);

/// <summary>Cuts date, time and interval input into fields, lower-cased, as PostgreSQL's appendix B.1 describes (steps 1 to 3).</summary>
internal ref struct DateTimeFields
{
    public const int MaxFields = 25;

    /// <summary>Longer input is no date.</summary>
    public const int BufferLength = 128 + MaxFields;

    public const int IntervalBufferLength = 256;

    private readonly Span<char> _buffer;
    private readonly Span<DateTimeField> _fields;
    private int _used;

    /// <param name="buffer">Its length bounds the input: <see cref="BufferLength"/> for dates and times, <see cref="IntervalBufferLength"/> for intervals.</param>
    /// <param name="fields">At least <see cref="MaxFields"/>.</param>
    public DateTimeFields(Span<char> buffer, Span<DateTimeField> fields)
    {
        _buffer = buffer;
        _fields = fields;
    }

    public int Count { get; private set; }

    public readonly DateTimeField this[int index] => _fields[index];

    public readonly ReadOnlySpan<char> Text(int index) => _buffer.Slice(_fields[index].Start, _fields[index].Length);

    /// <summary>False when the input has no such form.</summary>
    public bool TrySplit(ReadOnlySpan<char> text)
    {
        if (text.IndexOf('\0') is var end and >= 0)
            text = text[..end];
        var position = 0;
        while (position < text.Length)
        {
            var c = text[position];
            if (IsSpace(c) || (IsPunctuation(c) && c is not ('+' or '-' or '.')))
            {
                position++;
                continue;
            }

            var start = position;
            if (!TryScan(text, ref position, out var kind) || !Add(kind, text[start..position]))
                return false;
        }

        return true;
    }

    private static bool TryScan(ReadOnlySpan<char> text, ref int position, out FieldKind kind)
    {
        var c = text[position];
        if (char.IsAsciiDigit(c))
        {
            kind = ScanNumber(text, ref position);
            return true;
        }

        if (c == '.')
        {
            position++;
            SkipDigits(text, ref position);
            kind = FieldKind.Number;
            return true;
        }

        if (char.IsAsciiLetter(c))
        {
            kind = ScanWord(text, ref position);
            return true;
        }

        if (c is '+' or '-')
            return TryScanSigned(text, ref position, out kind);
        kind = default;
        return false;
    }

    private static FieldKind ScanNumber(ReadOnlySpan<char> text, ref int position)
    {
        SkipDigits(text, ref position);
        var delimiter = At(text, position);
        if (delimiter == ':')
        {
            while (At(text, position) is ':' or '.' || IsDigit(text, position))
                position++;
            return FieldKind.Time;
        }

        if (delimiter is not ('-' or '/' or '.'))
            return FieldKind.Number;
        position++;
        if (!IsDigit(text, position))
        {
            while (char.IsAsciiLetterOrDigit(At(text, position)) || At(text, position) == delimiter)
                position++;
            return FieldKind.Date;
        }

        SkipDigits(text, ref position);
        if (At(text, position) != delimiter)
            return delimiter == '.' ? FieldKind.Number : FieldKind.Date;
        while (IsDigit(text, position) || At(text, position) == delimiter)
            position++;
        return FieldKind.Date;
    }

    private static FieldKind ScanWord(ReadOnlySpan<char> text, ref int position)
    {
        var start = position;
        while (char.IsAsciiLetter(At(text, position)))
            position++;
        // A date with a month's name or the name of a zone may go on with punctuation and digits; words with a meaning of their own do not.
        var next = At(text, position);
        var goesOn = next is '-' or '/' or '.'
            || ((next == '+' || char.IsAsciiDigit(next)) && !DateTimeWords.TryFind(text[start..position], out _));
        if (!goesOn)
            return FieldKind.Word;
        while (At(text, position) is '+' or '-' or '/' or '_' or '.' or ':' || char.IsAsciiLetterOrDigit(At(text, position)))
            position++;
        return FieldKind.Date;
    }

    private static bool TryScanSigned(ReadOnlySpan<char> text, ref int position, out FieldKind kind)
    {
        position++;
        while (IsSpace(At(text, position)))
            position++;
        if (IsDigit(text, position))
        {
            kind = FieldKind.Zone;
            while (At(text, position) is ':' or '.' or '-' || IsDigit(text, position))
                position++;
            return true;
        }

        kind = FieldKind.Special;
        if (!char.IsAsciiLetter(At(text, position)))
            return false;
        while (char.IsAsciiLetter(At(text, position)))
            position++;
        return true;
    }

    /// <summary>Copies a field in lower case; white space behind a sign falls away.</summary>
    private bool Add(FieldKind kind, ReadOnlySpan<char> text)
    {
        if (Count >= MaxFields || _used + text.Length + 1 > _buffer.Length)
            return false;
        var start = _used;
        foreach (var c in text)
        {
            if (!IsSpace(c))
                _buffer[_used++] = char.ToLowerInvariant(c);
        }

        _fields[Count++] = new DateTimeField(kind, start, _used - start);
        _used++;
        return true;
    }

    private static void SkipDigits(ReadOnlySpan<char> text, ref int position)
    {
        while (IsDigit(text, position))
            position++;
    }

    private static char At(ReadOnlySpan<char> text, int position) => position < text.Length ? text[position] : '\0';

    private static bool IsDigit(ReadOnlySpan<char> text, int position) => position < text.Length && char.IsAsciiDigit(text[position]);

    private static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');

    private static bool IsPunctuation(char c) => c is > ' ' and < (char)127 && !char.IsAsciiLetterOrDigit(c);
}
