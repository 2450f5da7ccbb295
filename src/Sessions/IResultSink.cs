using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution;

namespace Chitin.Sessions;

public enum ValueFormat : byte { Text, Binary }

/// <summary>The formats of a result's columns as the client asked for them: one for all, or one for each.</summary>
public sealed class ResultFormats
{
    private readonly ImmutableArray<ValueFormat> _formats;

    private ResultFormats(ImmutableArray<ValueFormat> formats) => _formats = formats;

    public static ResultFormats Text { get; } = new([ValueFormat.Text]);

    public static ResultFormats Binary { get; } = new([ValueFormat.Binary]);

    public ValueFormat this[int column] => _formats[_formats.Length == 1 ? 0 : column];

    /// <summary>How many codes were given; one stands for all columns.</summary>
    public int Count => _formats.Length;

    public static ResultFormats PerColumn(ImmutableArray<ValueFormat> formats) => formats.Length == 0 ? Text : new(formats);
}

/// <summary>Where a session puts what its client is to see: the wire, a page, a test. The session never knows of sockets.</summary>
/// <remarks>Used by one session, by one thread at a time. Nothing has left the process before <see cref="FlushAsync"/>, so that an attempt can be taken back.</remarks>
public interface IResultSink
{
    /// <summary>Announces rows of these columns; <paramref name="describe"/>: the client has not been told of the columns yet.</summary>
    void BeginRows(ImmutableArray<ResultColumn> columns, ResultFormats formats, bool describe, FormatSettings settings);

    void Row(ReadOnlySpan<Datum> row);

    /// <summary>Enough is waiting that a flush is due.</summary>
    bool WantsFlush { get; }

    ValueTask FlushAsync(CancellationToken cancellationToken);

    void CommandComplete(string tag);

    /// <summary>The portal has more rows than were asked for.</summary>
    void PortalSuspended();

    void EmptyQuery();

    void Error(SqlException error);

    void Notice(SqlNotice notice);

    void ParameterStatus(string name, string value);

    void Notification(int processId, string channel, string payload);

    /// <summary>COPY FROM STDIN; null when this client cannot.</summary>
    ICopySource? CopySource { get; }

    ICopySink? CopySink { get; }

    /// <summary>A place in the output.</summary>
    long Mark();

    /// <summary>Whether all output since a mark is still here.</summary>
    bool CanCut(long mark);

    /// <summary>Takes output from <paramref name="start"/> on back and returns the part from <paramref name="end"/> on, which may be given to <see cref="Append"/>.</summary>
    byte[] Cut(long start, long end);

    void Append(byte[] output);
}
