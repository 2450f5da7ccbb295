using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_policy and pg_policies.</summary>
internal static class Policies
{
    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_policy"].From(static c => c.Tables.SelectMany(OfTable), 10)
            .By("polrelid", static (c, key) => c.TryGetTable(key.AsOid(), out var table) ? OfTable(table) : []);
        catalog["pg_policies"].From(static c => c.Tables.SelectMany(t => t.Policies.Select(p => Cells.Row(
            c.SchemaName(t.SchemaId), t.Name, p.Name, p.Restrictive ? "RESTRICTIVE" : "PERMISSIVE",
            Cells.Texts(SqlTypes.Name, p.Roles.IsEmpty ? ["public"] : p.Roles.Select(c.RoleName)), p.Commands.ToString().ToUpperInvariant(), Shown(p.Using), Shown(p.Check)))), 10);
    }

    private static IEnumerable<Datum[]> OfTable(TableDescriptor table) => table.Policies.Select(p => Cells.Row(
        p.Id, p.Name, table.Id, Command(p.Commands), !p.Restrictive, Cells.Numbers(SqlTypes.Oid, p.Roles.IsEmpty ? [0L] : p.Roles.Select(r => (long)r)), p.Using, p.Check));

    private static char Command(PolicyCommands commands) => commands switch
    {
        PolicyCommands.Select => 'r',
        PolicyCommands.Insert => 'a',
        PolicyCommands.Update => 'w',
        PolicyCommands.Delete => 'd',
        _ => '*',
    };

    /// <summary>pg_get_expr puts an operator expression in parentheses.</summary>
    private static string? Shown(string? expression) => expression is null or "true" or "false" or ['(', .., ')'] ? expression : $"({expression})";
}
