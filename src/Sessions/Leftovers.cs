using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>
/// What sessions that a crash ended have left: temporary schemas, which no session owns any more and whose numbers will be given again, and indexes that were being built.
/// </summary>
public static class Leftovers
{
    /// <summary>Drops all of it, before the first client comes. What a statement fails with is thrown.</summary>
    public static async Task DropAsync(SessionHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var catalog = host.Catalog.Current;
        if (!catalog.TryGet<RoleDescriptor>(RoleIds.Root, out var root))
            return;
        foreach (var database in catalog.Databases)
        {
            foreach (var schema in catalog.Schemas(database.Id))
            {
                var name = SqlText.QuoteIdentifier(schema.Name);
                if (schema.Name.StartsWith("pg_temp_", StringComparison.Ordinal))
                    await RunAsync(host, root, database, $"DROP SCHEMA {name} CASCADE");
                else
                {
                    foreach (var index in catalog.Relations(schema.Id).OfType<TableDescriptor>().SelectMany(t => t.Indexes).Where(i => i.State != IndexState.Public))
                        await RunAsync(host, root, database, $"DROP INDEX {name}.{SqlText.QuoteIdentifier(index.Name)}");
                }
            }
        }
    }

    private static async Task RunAsync(SessionHost host, RoleDescriptor root, DatabaseDescriptor database, string statement)
    {
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
