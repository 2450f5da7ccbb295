using Chitin.Catalog;

namespace Chitin.Security.Authorization;

/// <summary>Whom row-level policies bind (SECURITY-SPEC 4.8).</summary>
public static class RowSecurity
{
    /// <summary>
    /// Whether the table's policies filter what a role reads and writes there. Admins and holders of BYPASSRLS are exempt, and so are the owner and the members of the
    /// owning role unless the table says FORCE.
    /// </summary>
    public static bool IsActive(TableDescriptor table, uint role, IGate gate, ICatalogSnapshot catalog)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(gate);
        return table.RowSecurity && !gate.HasSystemPrivilege(role, Privilege.BypassRls, catalog) && (table.ForceRowSecurity || !gate.IsMember(role, table.Owner, catalog));
    }

    /// <summary>Whether a policy is among those for a role: it names public, the role, or one that it is a member of.</summary>
    public static bool Concerns(RowPolicy policy, uint role, IGate gate, ICatalogSnapshot catalog)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Roles.IsEmpty || policy.Roles.Any(r => gate.IsMember(role, r, catalog));
    }
}
