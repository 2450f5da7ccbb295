using System.Buffers;
using System.Text;
using Chitin.Core;
using Chitin.Protocol;
using Chitin.Protocol.Backend;
using Chitin.Protocol.Frontend;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.Server.PgWire;

/// <summary>COPY: data from and to the client.</summary>
internal sealed partial class WireSink : ICopySource, ICopySink
{
    private int _copyStart = -1;

    /// <summary>The payload of the CopyData message under way.</summary>
    public IBufferWriter<byte> Output => _buffer;

    ValueTask ICopySource.BeginAsync(CopyFormat format, int columns, CancellationToken cancellationToken)
    {
        Writer.Write(new CopyInResponse(ToWire(format), columns));
        return FlushAsync(cancellationToken);
    }

    async ValueTask<ReadOnlyMemory<byte>> ICopySource.ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_input.TryTake(out var code, out var body))
            {
                if (!await _input.ReadAsync(cancellationToken))
                    throw new SqlException(SqlState.ConnectionFailure, "unexpected EOF on client connection with an open transaction") { IsFatal = true };
                continue;
            }

            switch (code)
            {
                case FrontendCode.CopyData when body.Length == 0:
                    continue;
                case FrontendCode.CopyData:
                    return body;
                case FrontendCode.CopyDone:
                    EmptyMessage.Read(body.Span);
                    return default;
                case FrontendCode.CopyFail:
                    throw new SqlException(SqlState.QueryCanceled, "COPY from stdin failed: " + Encoding.UTF8.GetString(CopyFail.Read(body.Span).Reason));
                case FrontendCode.Flush or FrontendCode.Sync:
                    // As PostgreSQL: a client may send them without knowing that COPY has begun.
                    continue;
                default:
                    throw ProtocolErrors.Fatal($"unexpected message type 0x{(byte)code:X2} during COPY from stdin");
            }
        }
    }

    ValueTask ICopySink.BeginAsync(CopyFormat format, int columns, CancellationToken cancellationToken)
    {
        Writer.Write(new CopyOutResponse(ToWire(format), columns));
        _copyStart = Writer.Begin(BackendCode.CopyData);
        return ValueTask.CompletedTask;
    }

    async ValueTask ICopySink.FlushRowAsync(CancellationToken cancellationToken)
    {
        Writer.End(_copyStart);
        _copyStart = -1;
        if (WantsFlush)
            await FlushAsync(cancellationToken);
        _copyStart = Writer.Begin(BackendCode.CopyData);
    }

    ValueTask ICopySink.EndAsync(CancellationToken cancellationToken)
    {
        // What was written since the last row (a binary trailer) is a message of its own.
        if (_buffer.Length > _copyStart + FrontendFrame.HeaderLength)
        {
            Writer.End(_copyStart);
            _copyStart = -1;
        }

        AbandonCopy();
        Writer.Write(default(CopyDone));
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes back a CopyData message that was begun and not ended.</summary>
    private void AbandonCopy()
    {
        if (_copyStart >= 0)
            _buffer.Truncate(_copyStart);
        _copyStart = -1;
    }

    private static WireFormat ToWire(CopyFormat format) => format == CopyFormat.Binary ? WireFormat.Binary : WireFormat.Text;
}
