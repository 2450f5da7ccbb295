using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution;

namespace Chitin.Sessions;

/// <summary>A statement of the node's own, run as root in a session without a client; its rows go nowhere.</summary>
public static class InternalStatement
{
    /// <summary>Runs it to its end. What it fails with is thrown.</summary>
    public static async Task RunAsync(SessionHost host, DatabaseDescriptor database, string statement)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!host.Catalog.Current.TryGet<RoleDescriptor>(RoleIds.Root, out var root))
            throw new SqlException(SqlState.DataCorrupted, "the catalog has no role root");
        await using var session = Session.Open(host, new SessionIdentity { Role = root, Database = database, AuthenticationMethod = "internal" }, new SilentSink());
        if (await session.QueryAsync(statement) is { } error)
            throw error;
    }

    private sealed class SilentSink : IResultSink
    {
        public bool WantsFlush => false;

        public ICopySource? CopySource => null;

        public ICopySink? CopySink => null;

        public void BeginRows(ImmutableArray<ResultColumn> columns, ResultFormats formats, bool describe, FormatSettings settings)
        {
        }

        public void Row(ReadOnlySpan<Datum> row)
        {
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void CommandComplete(string tag)
        {
        }

        public void PortalSuspended()
        {
        }

        public void EmptyQuery()
        {
        }

        public void Error(SqlException error)
        {
        }

        public void Notice(SqlNotice notice)
        {
        }

        public void ParameterStatus(string name, string value)
        {
        }

        public void Notification(int processId, string channel, string payload)
        {
        }

        public long Mark() => 0;

        public bool CanCut(long mark) => true;

        public byte[] Cut(long start, long end) => [];

        public void Append(byte[] output)
        {
        }
    }
}
