using System.Buffers;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

public sealed partial class Session
{
    /// <summary>
    /// COPY TO a client. Rows leave while the statement runs, in pieces of what the client's buffer holds: the first piece of an audited table waits for the record. A result that fits the buffer
    /// leaves with its end, on a record that counts its rows.
    /// </summary>
    private sealed class AuditedCopySink(ICopySink inner, Session session, PreparedStatement statement) : ICopySink
    {
        public IBufferWriter<byte> Output => inner.Output;

        public ValueTask BeginAsync(CopyFormat format, int columns, CancellationToken cancellationToken) => inner.BeginAsync(format, columns, cancellationToken);

        public ValueTask FlushRowAsync(CancellationToken cancellationToken)
        {
            if (statement.IsAudited && session._sink.WantsFlush)
                session.AuditStream(statement);
            return inner.FlushRowAsync(cancellationToken);
        }

        public ValueTask EndAsync(CancellationToken cancellationToken) => inner.EndAsync(cancellationToken);
    }
}
