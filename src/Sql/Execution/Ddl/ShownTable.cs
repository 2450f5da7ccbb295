using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>[SHOW …] as a data source (CockroachDB). The binder has noted what the statement needs, so the gate has passed it when rows are asked for.</summary>
internal sealed class ShownTable(BoundUtility utility) : IVirtualTable
{
    public uint Id => 0;

    public string Schema => "";

    public string Name => "show";

    public ImmutableArray<(string Name, SqlType Type)> Columns => utility.Columns;

    public IEnumerable<Datum[]> Rows(ISessionServices session, EvaluationContext context)
    {
        if (utility.Syntax is ShowStatement { Kind: "VARIABLE", Name: { } name })
        {
            var value = session.GetSetting(name) ?? throw new SqlException(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");
            return [[Datum.FromString(value)]];
        }

        return ShowCommands.Rows(new Context(session), utility);
    }

    private sealed record Context(ISessionServices Session) : IShowContext
    {
        public ICatalogSnapshot Snapshot => Session.Catalog;
    }
}
