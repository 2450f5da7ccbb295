using System.Collections.Frozen;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Principals;

namespace Chitin.Security.Authorization;

/// <summary>
/// The only place that answers "may this role…?" about SQL objects. <see cref="Decide"/> is that one answer: errors, has_*_privilege, SHOW and the audit
/// trail all come from it. Free of state but for a cache of memberships; any number of threads may ask.
/// </summary>
public sealed class Gate : IGate
{
    /// <summary>Which missing privilege is named first, as CockroachDB asks for them.</summary>
    static readonly Privilege[] s_order = [Privilege.Select, Privilege.Insert, Privilege.Update, Privilege.Delete];

    readonly RoleGraphCache _graphs = new();

    public void Check(AccessSet accesses, Principal principal, ICatalogSnapshot catalog)
    {
        var graph = _graphs.Get(catalog);
        var list = accesses.Accesses;
        for (var i = 0; i < list.Count; i++)
        {
            var decision = Decide(list[i], principal, catalog, graph);
            if (!decision.Allowed)
                throw Refusals.For(list[i], decision, principal, catalog);
        }
    }

    /// <summary>Whether one access is allowed, why, and through which role.</summary>
    public AccessDecision Decide(ObjectAccess access, Principal principal, ICatalogSnapshot catalog) => Decide(access, principal, catalog, _graphs.Get(catalog));

    public bool Allows(uint role, Descriptor target, Privilege privileges, bool withGrantOption, ICatalogSnapshot catalog) =>
        DecidePrivileges(role, target, privileges, [], withGrantOption, catalog, _graphs.Get(catalog)).Allowed;

    /// <summary>has_column_privilege: by the table's grants or by the column's own.</summary>
    public bool AllowsColumn(uint role, RelationDescriptor target, int columnId, Privilege privileges, bool withGrantOption, ICatalogSnapshot catalog) =>
        DecidePrivileges(role, target, privileges, [columnId], withGrantOption, catalog, _graphs.Get(catalog)).Allowed;

    public bool IsMember(uint member, uint role, ICatalogSnapshot catalog) => _graphs.Get(catalog).IsMember(member, role);

    public bool IsAdmin(uint role, ICatalogSnapshot catalog) => _graphs.Get(catalog).IsAdmin(role);

    public bool HasSystemPrivilege(uint role, Privilege privilege, ICatalogSnapshot catalog) => DecideSystem(role, privilege, catalog, _graphs.Get(catalog)).Allowed;

    public RoleGraph Graph(ICatalogSnapshot catalog) => _graphs.Get(catalog);

    static AccessDecision Decide(ObjectAccess access, Principal principal, ICatalogSnapshot catalog, RoleGraph graph)
    {
        var role = access.OnBehalfOf == RoleIds.None ? principal.CurrentUser : access.OnBehalfOf;
        switch (access.Rule)
        {
            case AccessRule.Integrity:
                return new AccessDecision(AccessReason.Integrity);
            case AccessRule.Admin:
                return Admin(role, graph);
            case AccessRule.SystemPrivilege:
                return DecideSystem(role, access.Required, catalog, graph);
            case AccessRule.RoleAdmin:
                return graph.HasAdminOption(role, access.ObjectId) ? new AccessDecision(AccessReason.Membership, access.ObjectId)
                    : access.ObjectId == RoleIds.Admin ? default : Admin(role, graph);
            case AccessRule.RoleMember:
                return graph.IsMember(role, access.ObjectId) ? new AccessDecision(AccessReason.Membership, access.ObjectId) : Admin(role, graph);
        }

        if (access.Kind == ObjectKind.System)
            return DecideSystem(role, access.Required, catalog, graph);
        if (!catalog.TryGet<Descriptor>(access.ObjectId, out var target))
            return new AccessDecision(AccessReason.UnknownObject);
        return access.Rule switch
        {
            AccessRule.Owner => Owner(role, target, graph) is { Allowed: true } owner ? owner : Admin(role, graph),
            AccessRule.AnyPrivilege => DecideAny(role, target, graph),
            _ => DecidePrivileges(role, target, access.Required, access.Columns, withGrantOption: false, catalog, graph),
        };
    }

    /// <summary>All of the privileges: by admin, by ownership, by grants to the role and those above it (added up), or column by column.</summary>
    static AccessDecision DecidePrivileges(uint role, Descriptor target, Privilege required, ImmutableArray<int> columns, bool withGrantOption, ICatalogSnapshot catalog, RoleGraph graph)
    {
        if (Admin(role, graph) is { Allowed: true } admin)
            return admin;
        if (Owner(role, target, graph) is { Allowed: true } owner)
            return owner;
        required = PrivilegeNames.Expand(required, target.Kind);
        var reach = graph.Reach(role);
        var via = RoleIds.None;
        var missing = required & ~Implied(Held(target.Acl, target.Kind, reach, withGrantOption, required, ref via), target.Kind);
        if (missing == Privilege.None)
            return new AccessDecision(via == RoleIds.Public ? AccessReason.Public : AccessReason.Granted, via);
        if (target is RelationDescriptor relation && !columns.IsDefaultOrEmpty && (missing & ~PrivilegeNames.ColumnPrivileges) == 0)
        {
            missing = MissingOnColumns(relation, columns, missing, reach, withGrantOption, ref via);
            if (missing == Privilege.None)
                return new AccessDecision(AccessReason.Columns, via);
        }

        return new AccessDecision(AccessReason.Missing, RoleIds.None, First(missing));
    }

    static Privilege MissingOnColumns(RelationDescriptor relation, ImmutableArray<int> columns, Privilege wanted, FrozenSet<uint> reach, bool withGrantOption, ref uint via)
    {
        foreach (var id in columns)
        {
            var held = Privilege.None;
            foreach (var column in relation.Columns)
            {
                if (column.Id == id)
                {
                    var acl = Held(column.Acl, ObjectKind.Table, reach, withGrantOption, wanted, ref via);
                    held = (acl & Privilege.All) != 0 ? PrivilegeNames.ColumnPrivileges : acl;
                }
            }

            if ((wanted & ~held) is not Privilege.None and var missing)
                return missing;
        }

        return Privilege.None;
    }

    static Privilege Held(ImmutableArray<AclEntry> acl, ObjectKind kind, FrozenSet<uint> reach, bool withGrantOption, Privilege wanted, ref uint via)
    {
        var held = Privilege.None;
        foreach (var entry in acl)
        {
            if (!reach.Contains(entry.Grantee))
                continue;
            var given = PrivilegeNames.Expand(withGrantOption ? entry.GrantOptions : entry.Privileges, kind);
            if ((given & wanted) != 0)
                via = entry.Grantee;
            held |= given;
        }

        return held;
    }

    /// <summary>TRUNCATE comes with DROP (CockroachDB asks for DROP, PostgreSQL for TRUNCATE); nextval may be called with UPDATE, as in PostgreSQL.</summary>
    static Privilege Implied(Privilege held, ObjectKind kind)
    {
        if ((held & Privilege.Drop) != 0)
            held |= Privilege.Truncate;
        if (kind == ObjectKind.Sequence && (held & Privilege.Update) != 0)
            held |= Privilege.Usage;
        return held;
    }

    static AccessDecision DecideAny(uint role, Descriptor target, RoleGraph graph)
    {
        if (Admin(role, graph) is { Allowed: true } admin)
            return admin;
        if (Owner(role, target, graph) is { Allowed: true } owner)
            return owner;
        var reach = graph.Reach(role);
        foreach (var entry in target.Acl)
        {
            if (entry.Privileges != Privilege.None && reach.Contains(entry.Grantee))
                return new AccessDecision(entry.Grantee == RoleIds.Public ? AccessReason.Public : AccessReason.Granted, entry.Grantee);
        }

        if (target is RelationDescriptor relation)
        {
            foreach (var column in relation.Columns)
            {
                foreach (var entry in column.Acl)
                {
                    if (entry.Privileges != Privilege.None && reach.Contains(entry.Grantee))
                        return new AccessDecision(AccessReason.Columns, entry.Grantee);
                }
            }
        }

        return default;
    }

    /// <summary>System privileges of a role stand in that role's own ACL and are inherited; role options of the same name are not inherited.</summary>
    static AccessDecision DecideSystem(uint role, Privilege required, ICatalogSnapshot catalog, RoleGraph graph)
    {
        if (Admin(role, graph) is { Allowed: true } admin)
            return admin;
        var missing = required;
        var via = role;
        var reason = AccessReason.Granted;
        foreach (var member in graph.Reach(role))
        {
            if (!catalog.TryGet<RoleDescriptor>(member, out var descriptor))
                continue;
            if (member == role && (missing & ImpliedSystem(OptionPrivileges(descriptor.Options))) != 0)
            {
                missing &= ~ImpliedSystem(OptionPrivileges(descriptor.Options));
                reason = AccessReason.RoleOption;
            }

            foreach (var entry in descriptor.Acl)
            {
                if (entry.Grantee != member)
                    continue;
                var given = ImpliedSystem(PrivilegeNames.Expand(entry.Privileges, ObjectKind.System) & ~Privilege.NoSqlLogin);
                if ((missing & given) != 0)
                    via = member;
                missing &= ~given;
            }
        }

        return missing == Privilege.None ? new AccessDecision(reason, via) : new AccessDecision(AccessReason.Missing, RoleIds.None, First(missing));
    }

    /// <summary>Who may change settings may change those for SQL and see them (SECURITY-SPEC 4.4).</summary>
    static Privilege ImpliedSystem(Privilege held)
    {
        if ((held & Privilege.ModifyClusterSetting) != 0)
            held |= Privilege.ModifySqlClusterSetting;
        if ((held & Privilege.ModifySqlClusterSetting) != 0)
            held |= Privilege.ViewClusterSetting;
        return held;
    }

    internal static Privilege OptionPrivileges(RoleOptions options)
    {
        var privileges = Privilege.None;
        foreach (var (option, privilege) in s_options)
        {
            if ((options & option) != 0)
                privileges |= privilege;
        }

        return privileges;
    }

    static readonly (RoleOptions Option, Privilege Privilege)[] s_options =
    [
        (RoleOptions.CreateRole, Privilege.CreateRole), (RoleOptions.CreateDb, Privilege.CreateDb), (RoleOptions.CreateLogin, Privilege.CreateLogin),
        (RoleOptions.ControlJob, Privilege.ControlJob), (RoleOptions.Replication, Privilege.Replication), (RoleOptions.BypassRls, Privilege.BypassRls),
        (RoleOptions.ModifyClusterSetting, Privilege.ModifyClusterSetting), (RoleOptions.CancelQuery, Privilege.CancelQuery),
        (RoleOptions.ControlChangefeed, Privilege.Changefeed), (RoleOptions.ViewActivity, Privilege.ViewActivity),
        (RoleOptions.ViewActivityRedacted, Privilege.ViewActivityRedacted), (RoleOptions.ViewClusterSetting, Privilege.ViewClusterSetting),
    ];

    static AccessDecision Admin(uint role, RoleGraph graph) => graph.IsAdmin(role) ? new AccessDecision(AccessReason.Admin, RoleIds.Admin) : default;

    static AccessDecision Owner(uint role, Descriptor target, RoleGraph graph) =>
        graph.IsMember(role, target.Owner) ? new AccessDecision(AccessReason.Owner, target.Owner) : default;

    static Privilege First(Privilege missing)
    {
        foreach (var privilege in s_order)
        {
            if ((missing & privilege) != 0)
                return privilege;
        }

        return PrivilegeNames.Singles(missing).First();
    }
}
