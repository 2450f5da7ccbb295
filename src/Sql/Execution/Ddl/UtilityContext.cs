using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>What SHOW looks at.</summary>
internal interface IShowContext
{
    ISessionServices Session { get; }

    ICatalogSnapshot Snapshot { get; }

    uint User => Session.Principal.CurrentUser;
}

/// <summary>What the commands of one utility statement work with.</summary>
internal sealed record UtilityContext(StatementEnvironment Environment, DdlServices Services) : IShowContext
{
    public ICatalogTransaction Catalog => Environment.CatalogTransaction;

    public ICatalogSnapshot Snapshot => Environment.CatalogTransaction.Snapshot;

    public ISessionServices Session => Environment.Session;

    public uint User => Environment.Session.Principal.CurrentUser;

    public CascadeLog Cascades { get; } = new();

    /// <summary>Rows and index entries of a table that goes, or that gets another storage.</summary>
    public void DropStorage(TableDescriptor table)
    {
        var (lower, upper) = KeySpace.TableRange(table.StorageId);
        Environment.Transaction.DropRange(lower, upper);
    }

    /// <summary>The entries of an index that goes.</summary>
    public void DropEntries(TableDescriptor table, IndexDescriptor index)
    {
        var (lower, upper) = KeySpace.IndexRange(table.StorageId, index.KeyId);
        Environment.Transaction.DropRange(lower, upper);
    }
}
