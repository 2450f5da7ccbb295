using Chitin.Catalog;
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
}
