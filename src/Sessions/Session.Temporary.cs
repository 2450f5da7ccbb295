using Chitin.Catalog;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <content>Temporary objects: they live in a schema of the session's own, which comes with the first of them and goes with the session (PostgreSQL 15, CREATE TABLE).</content>
public sealed partial class Session
{
    /// <summary>Tables of ON COMMIT DROP and ON COMMIT DELETE ROWS, by name in the temporary schema.</summary>
    private readonly List<(uint Database, string Table, bool Drops)> _onCommit = [];

    /// <summary>Makes the session's temporary schema if the statement is the first to need it; notes what is to happen to the table at the commit.</summary>
    private void PrepareTemporary(Statement syntax)
    {
        var (isTemporary, onCommit, name) = syntax switch
        {
            CreateTableStatement table => (table.Temporary || IsInTemporarySchema(table.Name), table.OnCommit, table.Name.Name),
            CreateTableAsStatement table => (table.Temporary || IsInTemporarySchema(table.Name), table.OnCommit, table.Name.Name),
            CreateViewStatement view => (view.Temporary, null, view.Name.Name),
            CreateSequenceStatement sequence => (sequence.Temporary, null, sequence.Name.Name),
            _ => (false, null, ""),
        };
        if (!isTemporary)
            return;
        EnsureTransaction();
        if (!_catalogTransaction!.Snapshot.TryGetSchema(Database.Id, TemporarySchemaName, out _))
            _catalogTransaction.Put(new SchemaDescriptor { Id = _catalogTransaction.NewId(), Name = TemporarySchemaName, DatabaseId = Database.Id, Owner = Principal.SessionUser });
        _onCommit.RemoveAll(t => t.Table == name && t.Database == Database.Id);
        if (onCommit is "DROP" or "DELETE ROWS")
            _onCommit.Add((Database.Id, name, onCommit == "DROP"));
    }

    private static bool IsInTemporarySchema(ObjectName name) => name.Schema == "pg_temp";

    /// <summary>What ON COMMIT asks for, in the transaction that is about to commit.</summary>
    private async ValueTask RunOnCommitAsync()
    {
        foreach (var (database, table, drops) in _onCommit.ToArray())
        {
            if (!_catalogTransaction!.Snapshot.TryGetSchema(database, TemporarySchemaName, out var schema) || !_catalogTransaction.Snapshot.TryGetRelation(schema.Id, table, out _))
                _onCommit.Remove((database, table, drops));
            else if (database == Database.Id)
                await RunInternalAsync($"{(drops ? "DROP" : "TRUNCATE")} TABLE {TemporarySchemaName}.{SqlText.QuoteIdentifier(table)}");
        }
    }

    private async ValueTask RunInternalAsync(string text)
    {
        var environment = MakeEnvironment();
        var plan = _host.Engine.Prepare(_host.Engine.Parse(text)[0], [], environment);
        _host.Gate.Check(plan.Accesses, Principal, _catalogTransaction!.Snapshot);
        await using var result = await _host.Engine.ExecuteAsync(plan, [], environment, _interrupt.Token);
        while (await result.MoveNextAsync(_interrupt.Token))
        {
            // Neither statement has rows.
        }
    }
}
