using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution;

namespace Chitin.Sessions;

/// <summary>Temporary schemas of sessions that a crash ended: no session owns them any more, and their numbers will be given again.</summary>
public static class TemporaryLeftovers
{
    /// <summary>Drops them, before the first client comes. What a statement fails with is thrown.</summary>
    public static async Task DropAsync(SessionHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var catalog = host.Catalog.Current;
        if (!catalog.TryGet<RoleDescriptor>(RoleIds.Root, out var root))
            return;
        foreach (var database in catalog.Databases)
        {
            foreach (var schema in catalog.Schemas(database.Id).Where(s => s.Name.StartsWith("pg_temp_", StringComparison.Ordinal)))
            {
                await using var session = Session.Open(host, new SessionIdentity { Role = root, Database = database, AuthenticationMethod = "internal" }, new SilentSink());
                var error = await session.QueryAsync(System.Text.Encoding.UTF8.GetBytes($"DROP SCHEMA {schema.Name} CASCADE"));
                if (error is not null)
                    throw error;
            }
        }
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
