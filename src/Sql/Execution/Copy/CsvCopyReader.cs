using System.Buffers;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution.Copy;

/// <summary>The CSV format: quoted fields may hold delimiters and line ends.</summary>
internal sealed class CsvCopyReader : LineCopyReader
{
    private readonly SearchValues<byte> _outsideBytes;
    private readonly SearchValues<byte> _insideBytes;
    private readonly bool[] _forceNotNull;
    private readonly bool[] _forceNull;

    /// <summary>The escape character where it differs from the quote; else -1.</summary>
    private readonly int _escape;
    private bool _inQuote;
    private bool _escaped;

    public CsvCopyReader(CopyOptions options, string table, ImmutableArray<CopyColumn> columns, FormatSettings settings)
        : base(options, table, columns, settings)
    {
        _escape = options.Escape == options.Quote ? -1 : options.Escape;
        _outsideBytes = SearchValues.Create([(byte)'\n', (byte)'\r', options.Quote]);
        _insideBytes = SearchValues.Create([options.Quote, options.Escape, (byte)'\n', (byte)'\r']);
        _forceNotNull = [.. columns.Select(c => options.ForceNotNull.Contains(c.Name))];
        _forceNull = [.. columns.Select(c => options.ForceNull.Contains(c.Name))];
    }

    protected override string StrayWord => "unquoted";

    protected override string StrayHint(string character, string escape) => $"Use quoted CSV field to represent {character}.";

    protected override void BeginLine()
    {
        _inQuote = false;
        _escaped = false;
    }

    protected override bool FindEnd(out int to, out int next)
    {
        to = next = 0;
        if (Position == Start && Start < End && Data(Start, Start + 1)[0] == '\\')
        {
            if (Start + 1 >= End && !IsComplete)
                return false;
            if (Start + 1 < End && Data(Start + 1, Start + 2)[0] == '.')
            {
                switch (EndMarker(lenient: true))
                {
                    case Scan.NeedsMore:
                        return false;
                    case Scan.Found:
                        to = Start;
                        next = End;
                        IsAtEnd = true;
                        return true;
                }
            }
        }

        while (true)
        {
            var found = Data(Position, End).IndexOfAny(_inQuote ? _insideBytes : _outsideBytes);
            if (found < 0)
            {
                // A character between an escape and the chunk's end takes the escape's effect away.
                _escaped &= Position == End;
                Position = End;
                return false;
            }

            _escaped &= found == 0;
            Position += found;
            var c = Data(Position, Position + 1)[0];
            if (!_inQuote && c != Options.Quote)
            {
                to = Position;
                return LineBreak(out next) == Scan.Found;
            }

            Toggle(c);
            Position++;
        }
    }

    /// <summary>Quotes open and close; a line end within them counts as a line.</summary>
    private void Toggle(byte c)
    {
        if (_inQuote && c == _escape)
            _escaped = !_escaped;
        if (c == Options.Quote && !_escaped)
            _inQuote = !_inQuote;
        if (c != _escape)
            _escaped = false;
        if (_inQuote && c == InnerLineEnd)
            Line++;
    }

    protected override Field NextField(ref int position, int end)
    {
        var start = position;
        var rest = Data(start, end);
        var found = rest.IndexOfAny(Options.Delimiter, Options.Quote);
        if (found < 0 || rest[found] == Options.Delimiter)
        {
            var length = found < 0 ? rest.Length : found;
            position = start + length + 1;
            return new Field(start, length, rest[..length].SequenceEqual(Options.Null), false);
        }

        if (found == 0)
        {
            // "value" as a whole and without escapes is a range of the line.
            var close = rest[1..].IndexOfAny(Options.Quote, Options.Escape);
            if (close >= 0 && rest[close + 1] == Options.Quote && (close + 2 == rest.Length || rest[close + 2] == Options.Delimiter))
            {
                position = start + close + 3;
                return new Field(start + 1, close, false, false);
            }
        }

        return QuotedField(rest, ref position);
    }

    private Field QuotedField(ReadOnlySpan<byte> rest, ref int position)
    {
        var start = BeginUnescaped();
        var index = 0;
        while (true)
        {
            var found = rest[index..].IndexOfAny(Options.Delimiter, Options.Quote);
            var run = found < 0 ? rest.Length - index : found;
            AppendUnescaped(rest.Slice(index, run));
            index += run;
            if (index >= rest.Length || rest[index] == Options.Delimiter)
                break;
            index = Inside(rest, index + 1);
        }

        position += index + 1;
        return EndUnescaped(start);
    }

    /// <summary>Appends what stands within quotes; returns the index behind the closing one.</summary>
    private int Inside(ReadOnlySpan<byte> rest, int index)
    {
        while (true)
        {
            var found = rest[index..].IndexOfAny(Options.Quote, Options.Escape);
            if (found < 0)
                throw CopyErrors.BadFormat("unterminated CSV quoted field");
            AppendUnescaped(rest.Slice(index, found));
            index += found;
            if (rest[index] == Options.Escape && index + 1 < rest.Length && (rest[index + 1] == Options.Escape || rest[index + 1] == Options.Quote))
            {
                AppendUnescaped(rest[index + 1]);
                index += 2;
            }
            else if (rest[index] == Options.Quote)
            {
                return index + 1;
            }
            else
            {
                AppendUnescaped(rest[index++]);
            }
        }
    }

    protected override Field Force(int index, in Field field)
    {
        if (field.IsNull)
            return _forceNotNull[index] ? NullText() : field;
        return _forceNull[index] && IsNullText(field) ? field with { IsNull = true } : field;
    }
}
