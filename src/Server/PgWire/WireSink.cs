using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Protocol;
using Chitin.Protocol.Backend;
using Chitin.Sessions;
using Chitin.Sql.Execution;

namespace Chitin.Server.PgWire;

/// <summary>Puts a session's results on the wire, buffered: bytes leave at a flush only, so that until then an attempt can be taken back.</summary>
internal sealed partial class WireSink : IResultSink, IDisposable
{
    /// <summary>Beyond this many waiting bytes a row is a reason to send.</summary>
    private const int FlushBytes = 16 * 1024;

    private const int InitialBytes = 8 * 1024;

    /// <summary>Beyond this the encryption of the bytes takes a while.</summary>
    private const int LargeBytes = 64 * 1024;

    private WireBuffer _buffer = new(InitialBytes);

    /// <summary>A write that its statement did not wait for, and what it writes.</summary>
    private (Task Write, WireBuffer Buffer)? _pending;
    private readonly WireInput _input;
    private SqlType[] _types = [];
    private WireFormat[] _formats = [];
    private int _columnCount;
    private ImmutableArray<ResultColumn> _columns;
    private ResultFormats? _resultFormats;
    private FormatSettings _settings = FormatSettings.Default;
    private long _sent;

    public WireSink(Stream stream, WireInput input)
    {
        Stream = stream;
        _input = input;
    }

    public Stream Stream { get; set; }

    public WireWriter Writer => new(_buffer);

    public bool WantsFlush => _buffer.Length >= FlushBytes;

    public bool IsEmpty => _buffer.Length == 0;

    /// <summary>A write waits for a client that does not read.</summary>
    public bool IsStuck => _pending is { Write.IsCompleted: false };

    public ICopySource? CopySource => this;

    public ICopySink? CopySink => this;

    /// <summary>Bytes sent so far, for the metrics.</summary>
    public long SentBytes => _sent;

    public void BeginRows(ImmutableArray<ResultColumn> columns, ResultFormats formats, bool describe, FormatSettings settings)
    {
        if (_columns != columns || !ReferenceEquals(_resultFormats, formats))
            Prepare(columns, formats);
        _settings = settings;
        if (describe)
            WriteDescription(columns, formats);
    }

    public void Row(ReadOnlySpan<Datum> row) => Writer.WriteRow(row, _types.AsSpan(0, _columnCount), _formats.AsSpan(0, _columnCount), _settings);

    /// <summary>RowDescription, or NoData.</summary>
    public void Describe(ImmutableArray<ResultColumn>? columns, ResultFormats formats)
    {
        if (columns is { } some)
            WriteDescription(some, formats);
        else
            Writer.Write(default(NoData));
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_buffer.Length == 0)
            return;
        var length = _buffer.Length;
        if (length > LargeBytes)
            await WorkerThread.SwitchAsync();
        var isWorker = WorkerThread.IsCurrent;
        if (_pending is { } pending)
        {
            await pending.Write.WaitAsync(cancellationToken);
            pending.Buffer.Dispose();
            _pending = null;
        }

        _sent += length;
        // Half a TLS record cannot be taken back: when a statement ends while its client does not read, the write goes on behind it.
        var write = Stream.WriteAsync(_buffer.WrittenMemory, CancellationToken.None);
        if (!write.IsCompletedSuccessfully)
            await FinishAsync(write.AsTask(), cancellationToken);
        // The wait for the client's socket ends on the socket's thread.
        if (isWorker)
            await WorkerThread.SwitchAsync();
        _buffer.Clear();
    }

    private async ValueTask FinishAsync(Task write, CancellationToken cancellationToken)
    {
        try
        {
            await write.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!write.IsCompleted)
        {
            _pending = (write, _buffer);
            _buffer = new WireBuffer(InitialBytes);
            throw;
        }
    }

    public void CommandComplete(string tag) => Writer.Write(new CommandComplete(tag));

    public void PortalSuspended() => Writer.Write(default(PortalSuspended));

    public void EmptyQuery() => Writer.Write(default(EmptyQueryResponse));

    public void Error(SqlException error)
    {
        AbandonCopy();
        Writer.Write(new ErrorResponse(error));
    }

    public void Notice(SqlNotice notice) => Writer.Write(new NoticeResponse(notice));

    public void ParameterStatus(string name, string value) => Writer.Write(new ParameterStatus(name, value));

    public void Notification(int processId, string channel, string payload) => Writer.Write(new NotificationResponse(processId, channel, payload));

    public long Mark() => _sent + _buffer.Length;

    public bool CanCut(long mark) => mark >= _sent;

    public byte[] Cut(long start, long end)
    {
        AbandonCopy();
        var tail = _buffer.Written[(int)(Math.Min(end, Mark()) - _sent)..].ToArray();
        _buffer.Truncate((int)(start - _sent));
        return tail;
    }

    public void Append(byte[] output) => Writer.WriteBytes(output);

    public void Dispose()
    {
        _buffer.Dispose();
        if (_pending is not { } pending)
            return;
        // Its buffer stays out of the pool while it is read; how it ends concerns nobody any more.
        _ = pending.Write.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        _pending = null;
    }

    private void Prepare(ImmutableArray<ResultColumn> columns, ResultFormats formats)
    {
        _columnCount = columns.Length;
        if (_types.Length < _columnCount)
            (_types, _formats) = (new SqlType[_columnCount], new WireFormat[_columnCount]);
        for (var i = 0; i < _columnCount; i++)
        {
            _types[i] = columns[i].Type;
            _formats[i] = (WireFormat)formats[i];
        }

        (_columns, _resultFormats) = (columns, formats);
    }

    private void WriteDescription(ImmutableArray<ResultColumn> columns, ResultFormats formats)
    {
        var writer = Writer;
        var start = writer.Begin(BackendCode.RowDescription);
        writer.WriteInt16((short)columns.Length);
        for (var i = 0; i < columns.Length; i++)
        {
            var column = columns[i];
            new FieldDescription(column.Name, column.TableOid, column.ColumnNumber, column.Type.Oid, column.Type.Length, column.TypeModifier, (WireFormat)formats[i]).Write(writer);
        }

        writer.End(start);
    }
}
