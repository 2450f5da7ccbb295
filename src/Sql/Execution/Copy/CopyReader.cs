using System.Buffers;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Copy;

/// <summary>
/// Rows out of COPY data that arrives in chunks cut anywhere. Feed a chunk, read rows until <see cref="TryRead"/> says false, feed the next; after the last chunk call
/// <see cref="Complete"/> and read once more until false. Errors carry a CONTEXT line as PostgreSQL writes it.
/// </summary>
public abstract class CopyReader : IDisposable
{
    /// <summary>Bytes of one row's data.</summary>
    public const int MaxRowBytes = 64 << 20;

    private const int FirstBufferSize = 64 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferSize);

    private protected CopyReader(CopyOptions options, string table, ImmutableArray<CopyColumn> columns)
    {
        Options = options;
        Table = table;
        Columns = columns;
    }

    /// <summary>The line or binary row read last, counted from 1.</summary>
    public long Line { get; protected set; }

    /// <summary>The CONTEXT line for an error that belongs to the whole row read last.</summary>
    public string Context => $"COPY {Table}, line {Line}";

    /// <summary>As <see cref="Context"/>, with the line's text where there is one. Valid until the next call.</summary>
    public virtual string RowContext => Context;

    protected CopyOptions Options { get; }

    protected string Table { get; }

    protected ImmutableArray<CopyColumn> Columns { get; }

    /// <summary>What is fed and not read yet begins here in the buffer.</summary>
    protected int Start { get; set; }

    protected int End { get; private set; }

    /// <summary>No more data will come.</summary>
    protected bool IsComplete { get; private set; }

    /// <summary>An end marker was read: what follows is ignored.</summary>
    protected bool IsAtEnd { get; set; }

    /// <param name="options">The checked options.</param>
    /// <param name="table">The table's name for CONTEXT lines.</param>
    /// <param name="columns">The columns in the order of the data.</param>
    /// <param name="settings">How dates and times are read.</param>
    public static CopyReader Create(CopyOptions options, string table, ImmutableArray<CopyColumn> columns, FormatSettings settings) => options.Format switch
    {
        CopyFormat.Binary => new BinaryCopyReader(options, table, columns),
        CopyFormat.Csv => new CsvCopyReader(options, table, columns, settings),
        _ => new TextCopyReader(options, table, columns, settings),
    };

    /// <summary>Takes a copy of a chunk. Call it when <see cref="TryRead"/> has returned false.</summary>
    public void Feed(ReadOnlySpan<byte> data)
    {
        if (IsAtEnd)
        {
            DataBehindEnd(data);
            return;
        }

        if (End - Start > MaxRowBytes)
            throw CopyErrors.WithContext(new SqlException(SqlState.ProgramLimitExceeded, $"a row of COPY data is longer than the limit of {MaxRowBytes} bytes"), $"COPY {Table}, line {Line + 1}");
        if (End + (long)data.Length > _buffer.Length)
            MakeRoom(data.Length);
        data.CopyTo(_buffer.AsSpan(End));
        End += data.Length;
    }

    /// <summary>Says that the last chunk was fed (CopyDone).</summary>
    public void Complete() => IsComplete = true;

    /// <summary>The next row, one datum per column; false when the data fed so far holds no whole row more.</summary>
    public abstract bool TryRead(Span<Datum> row);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_buffer.Length == 0)
            return;

        // Rows are user data: they do not stay in pooled memory.
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = [];
    }

    protected ReadOnlySpan<byte> Data(int from, int to) => _buffer.AsSpan(from, to - from);

    protected virtual void DataBehindEnd(ReadOnlySpan<byte> data)
    {
    }

    /// <summary>Called when kept data moves towards the buffer's begin by a distance.</summary>
    protected virtual void Moved(int distance)
    {
    }

    private void MakeRoom(int needed)
    {
        var kept = End - Start;
        var target = _buffer;
        if (kept + needed > _buffer.Length)
            target = ArrayPool<byte>.Shared.Rent(Math.Max(checked(kept + needed), (int)Math.Min(_buffer.Length * 2L, MaxRowBytes)));
        Buffer.BlockCopy(_buffer, Start, target, 0, kept);
        Moved(Start);
        End = kept;
        Start = 0;
        if (ReferenceEquals(target, _buffer))
            return;
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = target;
    }
}
