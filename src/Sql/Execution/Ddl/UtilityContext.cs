using Chitin.Catalog;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>What the commands of one utility statement work with.</summary>
internal sealed record UtilityContext(StatementEnvironment Environment, DdlServices Services)
{
    public ICatalogTransaction Catalog => Environment.CatalogTransaction;

    public ICatalogSnapshot Snapshot => Environment.CatalogTransaction.Snapshot;

    public ISessionServices Session => Environment.Session;

    public uint User => Environment.Session.Principal.CurrentUser;
}
