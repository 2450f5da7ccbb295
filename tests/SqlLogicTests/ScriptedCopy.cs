using System.Buffers;
using System.Text;
using Chitin.Core;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.SqlLogicTests;

/// <summary>A client for COPY: sends a text in small pieces, keeps what it receives.</summary>
internal sealed class ScriptedCopy : ICopySource, ICopySink
{
    /// <summary>A line with this text stands for CopyFail.</summary>
    public const string Failure = "<fail>";

    private const int PieceLength = 7;

    private readonly ArrayBufferWriter<byte> _output = new();
    private ReadOnlyMemory<byte> _input;
    private bool _fails;

    public IBufferWriter<byte> Output => _output;

    public string Received => Encoding.UTF8.GetString(_output.WrittenSpan);

    public ReadOnlyMemory<byte> ReceivedBytes => _output.WrittenMemory;

    public void Send(ReadOnlyMemory<byte> data) => _input = data;

    public void Send(IReadOnlyList<string> lines)
    {
        _fails = lines.Count > 0 && lines[^1] == Failure;
        _input = Encoding.UTF8.GetBytes(string.Concat((_fails ? lines.SkipLast(1) : lines).Select(l => l + "\n")));
    }

    public void Clear()
    {
        _output.ResetWrittenCount();
        _input = default;
        _fails = false;
    }

    ValueTask ICopySource.BeginAsync(CopyFormat format, int columns, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    async ValueTask<ReadOnlyMemory<byte>> ICopySource.ReadAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (_input.IsEmpty && _fails)
            throw new SqlException(SqlState.QueryCanceled, "COPY from stdin failed: given up");
        var piece = _input[..Math.Min(_input.Length > 100_000 ? 10_000 : PieceLength, _input.Length)];
        _input = _input[piece.Length..];
        return piece;
    }

    ValueTask ICopySink.BeginAsync(CopyFormat format, int columns, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Called when a row of COPY TO may leave.</summary>
    public Action OnRow { get; set; } = () => { };

    ValueTask ICopySink.FlushRowAsync(CancellationToken cancellationToken)
    {
        OnRow();
        return ValueTask.CompletedTask;
    }

    ValueTask ICopySink.EndAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
