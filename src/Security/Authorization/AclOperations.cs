using Chitin.Catalog;
using Chitin.Core;

namespace Chitin.Security.Authorization;

/// <summary>
/// GRANT and REVOKE as functions on access control lists; who may call them is <see cref="RequireGrantOption"/>. An entry belongs to a grantee and a grantor,
/// as in PostgreSQL; entries that hold nothing are dropped.
/// </summary>
public static class AclOperations
{
    /// <summary>What everybody gets on a new object (SECURITY-SPEC 4.3 rule 4); the owner's and admin's rights need no entry.</summary>
    public static ImmutableArray<AclEntry> Initial(ObjectKind kind, uint owner, bool isPublicSchema = false) => kind switch
    {
        ObjectKind.Database => [new AclEntry(RoleIds.Public, Privilege.Connect | Privilege.Temporary, Privilege.None, owner)],
        ObjectKind.Schema when isPublicSchema => [new AclEntry(RoleIds.Public, Privilege.Create | Privilege.Usage, Privilege.None, owner)],
        ObjectKind.Type => [new AclEntry(RoleIds.Public, Privilege.Usage, Privilege.None, owner)],
        ObjectKind.Function => [new AclEntry(RoleIds.Public, Privilege.Execute, Privilege.None, owner)],
        _ => [],
    };

    /// <summary>Adds what ALTER DEFAULT PRIVILEGES says for objects that this creator makes there.</summary>
    public static ImmutableArray<AclEntry> WithDefaults(ImmutableArray<AclEntry> acl, ObjectKind kind, uint databaseId, uint schemaId, uint creator, ImmutableArray<DefaultPrivilege> defaults)
    {
        foreach (var entry in defaults.OrderBy(d => d.Privileges != Privilege.None))
        {
            var isForKind = entry.Kind == kind || (entry.Kind == ObjectKind.Table && kind == ObjectKind.View);
            if (!isForKind || entry.DatabaseId != databaseId || (entry.SchemaId != 0 && entry.SchemaId != schemaId) || (entry.Creator != 0 && entry.Creator != creator))
                continue;
            if (entry.Privileges == Privilege.None)
                acl = acl.RemoveAll(e => e.Grantee == entry.Grantee);
            else
                acl = Add(acl, kind, entry.Grantee, creator, entry.Privileges, entry.GrantOptions);
        }

        return acl;
    }

    /// <summary>The grantor that is recorded: the owner when an admin or a member of the owner grants, else the user or the role that gives the user the grant option.</summary>
    public static uint GrantorFor(uint user, Descriptor target, IGate gate, ICatalogSnapshot catalog)
    {
        if (ActsAsOwner(user, target, gate, catalog))
            return target.Owner;
        if (target.Acl.Any(e => e.Grantee == user && e.GrantOptions != Privilege.None))
            return user;
        return target.Acl.FirstOrDefault(e => e.GrantOptions != Privilege.None && gate.IsMember(user, e.Grantee, catalog))?.Grantee ?? user;
    }

    /// <summary>Whether a REVOKE by this user takes what others granted too.</summary>
    public static bool ActsAsOwner(uint user, Descriptor target, IGate gate, ICatalogSnapshot catalog) =>
        gate.IsAdmin(user, catalog) || gate.IsMember(user, target.Owner, catalog);

    /// <summary>Grants to each grantee. The grant option cannot be given to public (0LP01).</summary>
    public static ImmutableArray<AclEntry> Grant(ImmutableArray<AclEntry> acl, ObjectKind kind, Privilege privileges, IEnumerable<uint> grantees, uint grantor, bool withGrantOption)
    {
        foreach (var grantee in grantees)
        {
            if (withGrantOption && grantee == RoleIds.Public)
                throw new SqlException(SqlState.InvalidGrantOperation, "grant options can only be granted to roles");
            acl = Add(acl, kind, grantee, grantor, privileges, withGrantOption ? privileges : Privilege.None);
        }

        return acl;
    }

    /// <summary>
    /// Takes privileges, or only their grant option, from each grantee: with <paramref name="ofAllGrantors"/> (see <see cref="ActsAsOwner"/>) whoever gave them, else what
    /// <paramref name="grantor"/> gave. What the grantee passed on goes with <paramref name="cascade"/>; without, it is 2BP01.
    /// </summary>
    public static ImmutableArray<AclEntry> Revoke(ImmutableArray<AclEntry> acl, ObjectKind kind, Privilege privileges, IEnumerable<uint> grantees, uint grantor, uint owner, bool ofAllGrantors, bool grantOptionOnly, bool cascade)
    {
        var bits = PrivilegeNames.Expand(privileges, kind);
        foreach (var grantee in grantees)
        {
            acl = Take(acl, kind, bits, privileges, e => e.Grantee == grantee && (ofAllGrantors || e.Grantor == grantor), grantOptionOnly);
            acl = FollowUp(acl, kind, bits, grantee, owner, cascade, depth: 0);
        }

        return acl;
    }

    /// <summary>Removes every entry of a role, as grantee and as grantor (DROP OWNED).</summary>
    public static ImmutableArray<AclEntry> Forget(ImmutableArray<AclEntry> acl, uint role) => acl.RemoveAll(e => e.Grantee == role || e.Grantor == role);

    public static bool Mentions(ImmutableArray<AclEntry> acl, uint role) => acl.Any(e => e.Grantee == role || e.Grantor == role);

    /// <summary>
    /// Granting and revoking need the grant option on each privilege, ownership or admin: else 01007 (grant) or 01006 (revoke), as CockroachDB answers; who holds nothing at all on the object gets 42501.
    /// </summary>
    public static void RequireGrantOption(Descriptor target, Privilege privileges, bool isGrant, uint user, string userName, IGate gate, ICatalogSnapshot catalog)
    {
        var missing = new List<string>();
        if (!HoldsAnything(target, user, gate, catalog))
            throw Refusals.Denied($"user {userName} has no privileges on {PrivilegeNames.WordInRefusal(target.Kind)} {target.Name}");
        foreach (var single in PrivilegeNames.Singles(PrivilegeNames.Expand(privileges, target.Kind)))
        {
            if (!gate.Allows(user, target, single, withGrantOption: true, catalog))
                missing.Add(PrivilegeNames.Name(single));
        }

        if (missing.Count == 0)
            return;
        Refuse(missing, privileges, isGrant, userName);
    }

    /// <summary>The same for GRANT SELECT (a): by the table's grants or by those on each column.</summary>
    public static void RequireGrantOption(RelationDescriptor target, ImmutableArray<int> columns, Privilege privileges, bool isGrant, uint user, string userName, IGate gate, ICatalogSnapshot catalog)
    {
        var missing = new List<string>();
        if (!HoldsAnything(target, user, gate, catalog))
            throw Refusals.Denied($"user {userName} has no privileges on {PrivilegeNames.WordInRefusal(target.Kind)} {target.Name}");
        foreach (var single in PrivilegeNames.Singles(privileges))
        {
            if (!columns.All(c => gate.AllowsColumn(user, target, c, single, withGrantOption: true, catalog)))
                missing.Add(PrivilegeNames.Name(single));
        }

        if (missing.Count != 0)
            Refuse(missing, privileges, isGrant, userName);
    }

    static void Refuse(List<string> missing, Privilege privileges, bool isGrant, string userName)
    {
        var what = (privileges & Privilege.All) != 0 ? "ALL" : missing.Count == 1 ? missing[0] : "one or more of " + string.Join(", ", missing.Order(StringComparer.Ordinal));
        throw new SqlException(isGrant ? SqlState.PrivilegeNotGranted : SqlState.PrivilegeNotRevoked, $"user {userName} missing WITH GRANT OPTION privilege on {what}");
    }

    static bool HoldsAnything(Descriptor target, uint user, IGate gate, ICatalogSnapshot catalog) =>
        ActsAsOwner(user, target, gate, catalog) || target.Acl.Any(e => e.Privileges != Privilege.None && gate.IsMember(user, e.Grantee, catalog))
        || (target is RelationDescriptor relation && relation.Columns.Any(c => c.Acl.Any(e => e.Privileges != Privilege.None && gate.IsMember(user, e.Grantee, catalog))));

    /// <summary>What SHOW GRANTS lists: the standing rights of admin, root and the owner, then the entries, one per grantee.</summary>
    public static IEnumerable<AclEntry> Effective(Descriptor target)
    {
        var standing = new HashSet<uint> { RoleIds.Admin, RoleIds.Root, target.Owner };
        foreach (var role in standing)
            yield return new AclEntry(role, Privilege.All, Privilege.All, target.Owner);
        foreach (var group in target.Acl.Where(e => !standing.Contains(e.Grantee)).GroupBy(e => e.Grantee))
        {
            var (privileges, options) = (Privilege.None, Privilege.None);
            foreach (var entry in group)
                (privileges, options) = (privileges | entry.Privileges, options | entry.GrantOptions);
            yield return new AclEntry(group.Key, Normalize(privileges, target.Kind), Normalize(options, target.Kind), group.First().Grantor);
        }
    }

    /// <summary>After ALTER … OWNER TO: what the old owner granted counts as granted by the new one (PostgreSQL, ALTER TABLE).</summary>
    public static ImmutableArray<AclEntry> ChangeOwner(ImmutableArray<AclEntry> acl, ObjectKind kind, uint oldOwner, uint newOwner)
    {
        if (oldOwner == newOwner)
            return acl;
        ImmutableArray<AclEntry> result = [];
        foreach (var entry in acl)
            result = Add(result, kind, entry.Grantee, entry.Grantor == oldOwner ? newOwner : entry.Grantor, entry.Privileges, entry.GrantOptions);
        return result;
    }

    static ImmutableArray<AclEntry> Add(ImmutableArray<AclEntry> acl, ObjectKind kind, uint grantee, uint grantor, Privilege privileges, Privilege options)
    {
        for (var i = 0; i < acl.Length; i++)
        {
            if (acl[i].Grantee == grantee && acl[i].Grantor == grantor)
                return acl.SetItem(i, acl[i] with { Privileges = Normalize(acl[i].Privileges | privileges, kind), GrantOptions = Normalize(acl[i].GrantOptions | options, kind) });
        }

        return acl.Add(new AclEntry(grantee, Normalize(privileges, kind), Normalize(options, kind), grantor));
    }

    /// <summary>The ALL bit swallows the others.</summary>
    static Privilege Normalize(Privilege privileges, ObjectKind kind) =>
        (privileges & Privilege.All) != 0 || (PrivilegeNames.Valid(kind) is not Privilege.None and var all && (privileges & all) == all && kind is not (ObjectKind.Type or ObjectKind.Function or ObjectKind.Schema))
            ? Privilege.All
            : privileges;

    /// <summary>Taking a part of ALL leaves the rest, bit by bit.</summary>
    static Privilege Without(Privilege held, ObjectKind kind, Privilege bits, Privilege asked) =>
        (asked & Privilege.All) != 0 ? Privilege.None : (held & bits) == 0 && (held & Privilege.All) == 0 ? held : PrivilegeNames.Expand(held, kind) & ~bits;

    static ImmutableArray<AclEntry> Take(ImmutableArray<AclEntry> acl, ObjectKind kind, Privilege bits, Privilege asked, Func<AclEntry, bool> matches, bool grantOptionOnly)
    {
        var result = ImmutableArray.CreateBuilder<AclEntry>(acl.Length);
        foreach (var entry in acl)
        {
            if (!matches(entry))
            {
                result.Add(entry);
                continue;
            }

            var left = entry with
            {
                Privileges = grantOptionOnly ? entry.Privileges : Without(entry.Privileges, kind, bits, asked),
                GrantOptions = Without(entry.GrantOptions, kind, bits, asked),
            };
            if (left.Privileges != Privilege.None)
                result.Add(left);
        }

        return result.ToImmutable();
    }

    /// <summary>Grants that the grantee made without holding the option any longer depend on what was taken.</summary>
    static ImmutableArray<AclEntry> FollowUp(ImmutableArray<AclEntry> acl, ObjectKind kind, Privilege bits, uint formerGrantor, uint owner, bool cascade, int depth)
    {
        if (formerGrantor == owner)
            return acl;
        var stillGrantable = Privilege.None;
        foreach (var entry in acl)
        {
            if (entry.Grantee == formerGrantor && entry.Grantor != formerGrantor)
                stillGrantable |= PrivilegeNames.Expand(entry.GrantOptions, kind);
        }

        var lost = bits & ~stillGrantable;
        var dependents = acl.Where(e => e.Grantor == formerGrantor && e.Grantee != formerGrantor && (PrivilegeNames.Expand(e.Privileges, kind) & lost) != 0).Select(e => e.Grantee).Distinct().ToArray();
        if (dependents.Length == 0 || depth > 64)
            return acl;
        if (!cascade)
            throw new SqlException(SqlState.DependentObjectsStillExist, "dependent privileges exist") { Hint = "Use CASCADE to revoke them too." };
        foreach (var dependent in dependents)
        {
            acl = Take(acl, kind, lost, Privilege.None, e => e.Grantee == dependent && e.Grantor == formerGrantor, grantOptionOnly: false);
            acl = FollowUp(acl, kind, lost, dependent, owner, cascade, depth + 1);
        }

        return acl;
    }
}
