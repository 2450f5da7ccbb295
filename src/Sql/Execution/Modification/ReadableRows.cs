using Chitin.Catalog;
using Chitin.Security;
using Chitin.Security.Authorization;

namespace Chitin.Sql.Execution;

/// <summary>
/// Which values of a row an error may show to the user who met it: those that SELECT would show (PostgreSQL 15, ExecBuildSlotValueDescription and BuildIndexValueDescription).
/// Where row-level security applies, none: which rows there are is what it hides.
/// </summary>
internal static class ReadableRows
{
    public static bool All(TableDescriptor table, StatementEnvironment environment) =>
        !IsFiltered(table, environment) && Holds(table, environment);

    /// <summary>By the right to the table or to the column.</summary>
    public static bool Column(TableDescriptor table, int columnId, StatementEnvironment environment)
    {
        var session = environment.Session;
        return !IsFiltered(table, environment)
            && (Holds(table, environment) || session.Gate.AllowsColumn(session.Principal.CurrentUser, table, columnId, Privilege.Select, withGrantOption: false, environment.CatalogTransaction.Snapshot));
    }

    private static bool Holds(TableDescriptor table, StatementEnvironment environment)
    {
        var session = environment.Session;
        return session.Gate.Allows(session.Principal.CurrentUser, table, Privilege.Select, withGrantOption: false, environment.CatalogTransaction.Snapshot);
    }

    private static bool IsFiltered(TableDescriptor table, StatementEnvironment environment)
    {
        var session = environment.Session;
        return table.RowSecurity && RowSecurity.IsActive(table, session.Principal.CurrentUser, session.Gate, environment.CatalogTransaction.Snapshot);
    }
}
