using Chitin.Catalog;
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
        foreach (var database in catalog.Databases)
        {
            foreach (var schema in catalog.Schemas(database.Id).Where(s => s.Name.StartsWith("pg_temp_", StringComparison.Ordinal)))
                await InternalStatement.RunAsync(host, database, $"DROP SCHEMA {SqlText.QuoteIdentifier(schema.Name)} CASCADE");
        }

        catalog = host.Catalog.Current;
        foreach (var table in catalog.AllRelations.OfType<TableDescriptor>())
        {
            foreach (var index in table.Indexes.Where(i => i.State != IndexState.Public))
            {
                if (catalog.TryGet<DatabaseDescriptor>(table.DatabaseId, out var database) && catalog.TryGet<SchemaDescriptor>(table.SchemaId, out var schema))
                    await InternalStatement.RunAsync(host, database, $"DROP INDEX {SqlText.QuoteIdentifier(schema.Name)}.{SqlText.QuoteIdentifier(index.Name)}");
            }
        }
    }
}
