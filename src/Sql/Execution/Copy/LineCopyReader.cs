using System.Text;
using System.Text.Unicode;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution.Copy;

/// <summary>What the text and CSV formats share: lines, their ends, headers, fields to values.</summary>
internal abstract class LineCopyReader : CopyReader
{
    private readonly FieldParser[] _parsers;
    private readonly Field[] _fields;
    private byte[] _unescaped = [];
    private int _unescapedLength;
    private char[] _characters = [];
    private bool _headerRead;
    private LineEnd _lineEnd;
    private int _rowStart;
    private int _rowEnd;

    protected LineCopyReader(CopyOptions options, string table, ImmutableArray<CopyColumn> columns, FormatSettings settings)
        : base(options, table, columns)
    {
        _parsers = [.. columns.Select(c => new FieldParser(c, settings))];
        _fields = new Field[columns.Length];
        _headerRead = !options.Header;
    }

    private enum LineEnd : byte { Unknown, Newline, Return, ReturnNewline }

    protected enum Scan : byte { NeedsMore, Found, Continue }

    /// <summary>The position at which looking for the line's end goes on.</summary>
    protected int Position { get; set; }

    /// <summary>"literal" or "unquoted", as PostgreSQL calls a stray line end.</summary>
    protected abstract string StrayWord { get; }

    protected abstract string StrayHint(string character, string escape);

    /// <summary>The character of line ends within quotes.</summary>
    protected byte InnerLineEnd => _lineEnd == LineEnd.Newline ? (byte)'\n' : (byte)'\r';

    public override string RowContext => LineContext(_rowStart, _rowEnd);

    public override bool TryRead(Span<Datum> row)
    {
        if (!_headerRead)
        {
            if (!TryReadLine(out var from, out var to))
                return false;
            _headerRead = true;
            if (Options.HeaderMatch)
                CheckHeader(from, to);
        }

        if (!TryReadLine(out var start, out var end))
            return false;
        ReadRow(start, end, row);
        return true;
    }

    private void ReadRow(int start, int end, Span<Datum> row)
    {
        (_rowStart, _rowEnd) = (start, end);
        int count;
        try
        {
            count = Split(start, end);
        }
        catch (SqlException error)
        {
            throw CopyErrors.WithContext(error, LineContext(start, end));
        }

        for (var i = 0; i < _fields.Length; i++)
        {
            if (i >= count)
                throw CopyErrors.WithContext(CopyErrors.BadFormat($"missing data for column \"{Columns[i].Name}\""), LineContext(start, end));
            try
            {
                row[i] = Value(i);
            }
            catch (SqlException error)
            {
                throw CopyErrors.WithContext(error, $"{Context}, column {Columns[i].Name}: " + (_fields[i].IsNull ? "null input" : $"\"{CopyErrors.Show(Bytes(_fields[i]))}\""));
            }
        }
    }

    private string LineContext(int from, int to) => Utf8.IsValid(Data(from, to)) && !Data(from, to).Contains((byte)0) ? $"{Context}: \"{CopyErrors.Show(Data(from, to))}\"" : Context;

    private void CheckHeader(int from, int to)
    {
        try
        {
            var names = Names(from, to);
            if (names.Count != Columns.Length)
                throw CopyErrors.BadFormat($"wrong number of fields in header line: field count is {names.Count}, expected {Columns.Length}");
            for (var i = 0; i < names.Count; i++)
            {
                if (names[i] != Columns[i].Name)
                {
                    var got = names[i] is { } name ? $"\"{name}\"" : $"null value (\"{Encoding.UTF8.GetString(Options.Null)}\")";
                    throw CopyErrors.BadFormat($"column name mismatch in header line field {i + 1}: got {got}, expected \"{Columns[i].Name}\"");
                }
            }
        }
        catch (SqlException error)
        {
            throw CopyErrors.WithContext(error, LineContext(from, to));
        }
    }

    /// <summary>The fields of the header line; null where it has the null text.</summary>
    private List<string?> Names(int from, int to)
    {
        CheckEncoding(from, to);
        var names = new List<string?>();
        _unescapedLength = 0;
        for (var position = from; position <= to;)
        {
            var field = NextField(ref position, to);
            names.Add(field.IsNull ? null : Encoding.UTF8.GetString(Bytes(field)));
        }

        return names;
    }

    /// <summary>Cuts a line into <see cref="_fields"/>; returns how many there are.</summary>
    private int Split(int from, int to)
    {
        CheckEncoding(from, to);
        _unescapedLength = 0;
        if (_fields.Length == 0)
            return from == to ? 0 : throw CopyErrors.BadFormat("extra data after last expected column");
        var count = 0;
        for (var position = from; position <= to;)
        {
            if (count == _fields.Length)
                throw CopyErrors.BadFormat("extra data after last expected column");
            _fields[count++] = NextField(ref position, to);
        }

        return count;
    }

    private void CheckEncoding(int from, int to)
    {
        var line = Data(from, to);
        if (line.Contains((byte)0) || !Utf8.IsValid(line))
            throw CopyErrors.InvalidUtf8(line);
    }

    /// <summary>The field at a position of a line, which moves behind its delimiter, or beyond <paramref name="end"/> after the last.</summary>
    protected abstract Field NextField(ref int position, int end);

    private ReadOnlySpan<byte> Bytes(in Field field) => field.IsUnescaped ? _unescaped.AsSpan(field.Start, field.Length) : Data(field.Start, field.Start + field.Length);

    private Datum Value(int index)
    {
        ref var field = ref _fields[index];
        field = Force(index, field);
        return field.IsNull ? Datum.Null : _parsers[index].Parse(Bytes(field), ref _characters);
    }

    /// <summary>FORCE_NULL and FORCE_NOT_NULL.</summary>
    protected virtual Field Force(int index, in Field field) => field;

    protected bool IsNullText(in Field field) => Bytes(field).SequenceEqual(Options.Null);

    protected Field NullText()
    {
        var start = BeginUnescaped();
        AppendUnescaped(Options.Null);
        return EndUnescaped(start);
    }

    protected int BeginUnescaped() => _unescapedLength;

    protected void AppendUnescaped(ReadOnlySpan<byte> bytes)
    {
        if (_unescapedLength + bytes.Length > _unescaped.Length)
            Array.Resize(ref _unescaped, Math.Max(256, (_unescapedLength + bytes.Length) * 2));
        bytes.CopyTo(_unescaped.AsSpan(_unescapedLength));
        _unescapedLength += bytes.Length;
    }

    protected void AppendUnescaped(byte value) => AppendUnescaped([value]);

    protected Field EndUnescaped(int start) => new(start, _unescapedLength - start, false, true);

    /// <summary>Escapes can make bytes that are no text: they are checked like the line was.</summary>
    protected void CheckUnescaped(int start)
    {
        var bytes = _unescaped.AsSpan(start, _unescapedLength - start);
        if (bytes.Contains((byte)0) || !Utf8.IsValid(bytes))
            throw CopyErrors.InvalidUtf8(bytes);
    }

    // ---- Lines

    /// <summary>The next line without its end; false when it is not there in full.</summary>
    private bool TryReadLine(out int from, out int to)
    {
        from = Start;
        to = Start;
        if (IsAtEnd)
            return false;
        try
        {
            if (FindEnd(out to, out var next))
            {
                Start = next;
                Position = next;
                Line++;
                BeginLine();
                return to > from || !IsAtEnd;
            }
        }
        catch (SqlException error)
        {
            Line++;
            throw CopyErrors.WithContext(error, Context);
        }

        if (!IsComplete || Start == End)
            return false;

        // The last line has no end of its own.
        to = End;
        Start = End;
        Position = End;
        Line++;
        IsAtEnd = true;
        return true;
    }

    /// <summary>Called when a line begins.</summary>
    protected virtual void BeginLine()
    {
    }

    /// <summary>Looks for the line's end from <see cref="Position"/> on; sets <see cref="CopyReader.IsAtEnd"/> at an end marker.</summary>
    protected abstract bool FindEnd(out int to, out int next);

    /// <summary>Handles a carriage return or newline at <see cref="Position"/> that ends a line.</summary>
    protected Scan LineBreak(out int next)
    {
        var c = Data(Position, Position + 1)[0];
        next = Position + 1;
        if (c == '\n')
        {
            if (_lineEnd is LineEnd.Return or LineEnd.ReturnNewline)
                throw CopyErrors.BadFormat($"{StrayWord} newline found in data", StrayHint("newline", "\\n"));
            _lineEnd = LineEnd.Newline;
            return Scan.Found;
        }

        if (_lineEnd == LineEnd.Newline)
            throw CopyErrors.BadFormat($"{StrayWord} carriage return found in data", StrayHint("carriage return", "\\r"));
        if (_lineEnd == LineEnd.Return)
            return Scan.Found;
        if (Position + 1 >= End && !IsComplete)
            return Scan.NeedsMore;
        if (Position + 1 < End && Data(Position + 1, Position + 2)[0] == '\n')
        {
            next = Position + 2;
            _lineEnd = LineEnd.ReturnNewline;
            return Scan.Found;
        }

        if (_lineEnd == LineEnd.ReturnNewline)
            throw CopyErrors.BadFormat($"{StrayWord} carriage return found in data", StrayHint("carriage return", "\\r"));
        _lineEnd = LineEnd.Return;
        return Scan.Found;
    }

    /// <summary>
    /// \. at <see cref="Position"/>, the end marker of the protocol before version 3. Continue means that it is data, which only <paramref name="lenient"/> (CSV) allows.
    /// </summary>
    protected Scan EndMarker(bool lenient)
    {
        var behind = Position + 2;
        var crlf = _lineEnd == LineEnd.ReturnNewline;
        if (behind + (crlf ? 1 : 0) >= End)
        {
            if (!IsComplete)
                return Scan.NeedsMore;

            // At the very end of the data the marker needs no line end.
            return behind >= End ? Scan.Found : lenient ? Scan.Continue : throw CopyErrors.BadFormat("end-of-copy marker corrupt");
        }

        var c = Data(behind, behind + 1)[0];
        if (crlf)
        {
            if (c != '\r')
                return lenient ? Scan.Continue : throw CopyErrors.BadFormat(c == '\n' ? "end-of-copy marker does not match previous newline style" : "end-of-copy marker corrupt");
            c = Data(behind + 1, behind + 2)[0];
        }

        if (c is not ((byte)'\r' or (byte)'\n'))
            return lenient ? Scan.Continue : throw CopyErrors.BadFormat("end-of-copy marker corrupt");
        var matches = _lineEnd switch { LineEnd.Newline or LineEnd.ReturnNewline => c == '\n', LineEnd.Return => c == '\r', _ => true };
        if (!matches)
            return lenient ? Scan.Continue : throw CopyErrors.BadFormat("end-of-copy marker does not match previous newline style");
        return Scan.Found;
    }

    protected override void Moved(int distance) => Position -= distance;

    /// <summary>A field as a range of the line, or of the unescaped bytes.</summary>
    protected readonly record struct Field(int Start, int Length, bool IsNull, bool IsUnescaped);
}
