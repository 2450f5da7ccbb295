using Chitin.Catalog;

namespace Chitin.Security;

/// <summary>One thing that a statement does to one object, and in whose name.</summary>
/// <param name="Kind">What <paramref name="ObjectId"/> refers to.</param>
/// <param name="ObjectId">The descriptor's id; 0 with <see cref="ObjectKind.System"/>.</param>
/// <param name="ObjectName">For messages and the audit record; the name at binding time.</param>
/// <param name="Columns">Ids of the columns touched; empty means the object as a whole.</param>
/// <param name="Required">The privileges needed, all of them.</param>
/// <param name="OnBehalfOf">The role whose rights count: the user's, or the owner of the view that led here.</param>
/// <param name="Rule">Which question the authoriser asks.</param>
public sealed record ObjectAccess(
    ObjectKind Kind,
    uint ObjectId,
    string ObjectName,
    ImmutableArray<int> Columns,
    Privilege Required,
    uint OnBehalfOf,
    AccessRule Rule = AccessRule.Privileges);

/// <summary>The kinds of question that the one gate answers.</summary>
public enum AccessRule : byte
{
    /// <summary>All of Required, by grant, role or ownership.</summary>
    Privileges,

    /// <summary>At least one privilege of any kind on the object (SHOW CREATE …).</summary>
    AnyPrivilege,

    /// <summary>42501 must be owner of …</summary>
    Owner,

    /// <summary>42501 only users with the admin role are allowed to … (the action stands in ObjectName).</summary>
    Admin,

    /// <summary>A system privilege or the role option of the same name.</summary>
    SystemPrivilege,

    /// <summary>Member of the role ObjectId with admin option, or admin.</summary>
    RoleAdmin,

    /// <summary>Membership in the role ObjectId.</summary>
    RoleMember,

    /// <summary>None: the server keeps a foreign key. For the record only.</summary>
    Integrity,
}

/// <summary>
/// Everything that one bound statement touches: what the authoriser checks, what the auditor records, what row-level policies hang on and what a cached
/// plan is checked against again. The binder alone adds to it.
/// </summary>
public sealed class AccessSet
{
    private readonly List<ObjectAccess> _accesses = [];

    public IReadOnlyList<ObjectAccess> Accesses => _accesses;

    /// <summary>True when the statement changes data or definitions.</summary>
    public bool Writes { get; private set; }

    public void Add(ObjectAccess access)
    {
        _accesses.Add(access);
        Writes |= (access.Required & (Privilege.Insert | Privilege.Update | Privilege.Delete | Privilege.Truncate | Privilege.Drop | Privilege.Create)) != 0;
    }
}
