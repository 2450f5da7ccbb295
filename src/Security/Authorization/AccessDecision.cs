using Chitin.Catalog;

namespace Chitin.Security.Authorization;

public enum AccessReason : byte
{
    /// <summary>Nothing gives the right.</summary>
    Missing,

    /// <summary>The object is not in the catalog any more.</summary>
    UnknownObject,

    /// <summary>root, admin or a member of admin.</summary>
    Admin,

    /// <summary>The owner, or a member of the owning role.</summary>
    Owner,

    /// <summary>Done by the server to keep a foreign key: nobody's right is asked for.</summary>
    Integrity,

    /// <summary>Granted to the role or to one that it is a member of.</summary>
    Granted,

    /// <summary>Granted to public.</summary>
    Public,

    /// <summary>Granted on every column that the statement touches.</summary>
    Columns,

    /// <summary>An option of the role itself (CREATEROLE …).</summary>
    RoleOption,

    /// <summary>Membership, with the admin option where the rule asks for it.</summary>
    Membership,
}

/// <summary>The answer of the gate to one question.</summary>
/// <param name="Via">The role that the right comes through: the grantee, the owner or admin; the path to it is RoleGraph.Path.</param>
/// <param name="Missing">The first privilege that is not held.</param>
public readonly record struct AccessDecision(AccessReason Reason, uint Via = RoleIds.None, Privilege Missing = Privilege.None)
{
    public bool Allowed => Reason > AccessReason.UnknownObject;
}
