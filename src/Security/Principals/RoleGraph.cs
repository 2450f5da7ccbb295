using System.Collections.Frozen;
using Chitin.Catalog;

namespace Chitin.Security.Principals;

/// <summary>
/// Who is a member of what, directly or not, worked out once per catalog version. Everybody is a member of itself and of public; root is a member of
/// admin with the admin option whatever the rows say (SECURITY-SPEC 3.1).
/// </summary>
public sealed class RoleGraph
{
    static readonly FrozenSet<uint> s_nobody = new[] { RoleIds.Public }.ToFrozenSet();

    readonly FrozenDictionary<uint, Closure> _closures;

    RoleGraph(FrozenDictionary<uint, Closure> closures) => _closures = closures;

    public static RoleGraph Of(ICatalogSnapshot catalog)
    {
        var direct = catalog.Roles.ToDictionary(r => r.Id, r => r.MemberOf);
        direct.TryAdd(RoleIds.Root, []);
        direct.TryAdd(RoleIds.Node, []);
        foreach (var id in (ReadOnlySpan<uint>)[RoleIds.Root, RoleIds.Node])
        {
            if (!direct[id].Any(m => m is { Role: RoleIds.Admin, AdminOption: true }))
                direct[id] = direct[id].Add(new RoleMembership(RoleIds.Admin, AdminOption: true, RoleIds.Node));
        }

        return new RoleGraph(direct.Keys.ToFrozenDictionary(id => id, id => Walk(id, direct)));
    }

    /// <summary>Whether <paramref name="member"/> is <paramref name="role"/>, or a member of it through any chain.</summary>
    public bool IsMember(uint member, uint role) => member == role || Reach(member).Contains(role);

    public bool IsAdmin(uint role) => role is RoleIds.Root or RoleIds.Admin or RoleIds.Node || Reach(role).Contains(RoleIds.Admin);

    /// <summary>The admin option may come through a role: a member of a role that administers <paramref name="role"/> administers it too.</summary>
    public bool HasAdminOption(uint member, uint role) =>
        (_closures.TryGetValue(member, out var closure) && closure.Administers.Contains(role)) || member is RoleIds.Root or RoleIds.Node;

    /// <summary>The role itself, every role above it, and public.</summary>
    public FrozenSet<uint> Reach(uint role) => _closures.TryGetValue(role, out var closure) ? closure.Reach : s_nobody;

    /// <summary>A chain of memberships from member to role, both included; empty when there is none. For explanations.</summary>
    public static ImmutableArray<uint> Path(uint member, uint role, ICatalogSnapshot catalog)
    {
        var cameFrom = new Dictionary<uint, uint> { [member] = member };
        var queue = new Queue<uint>([member]);
        while (queue.TryDequeue(out var at))
        {
            if (at == role)
            {
                var path = new List<uint> { at };
                while (at != member)
                    path.Add(at = cameFrom[at]);
                path.Reverse();
                return [.. path];
            }

            if (!catalog.TryGet<RoleDescriptor>(at, out var descriptor))
                continue;
            foreach (var parent in descriptor.MemberOf)
            {
                if (cameFrom.TryAdd(parent.Role, at))
                    queue.Enqueue(parent.Role);
            }
        }

        return [];
    }

    static Closure Walk(uint start, Dictionary<uint, ImmutableArray<RoleMembership>> direct)
    {
        var reach = new HashSet<uint> { start };
        var administers = new HashSet<uint>();
        var queue = new Queue<uint>([start]);
        while (queue.TryDequeue(out var at))
        {
            if (!direct.TryGetValue(at, out var parents))
                continue;
            foreach (var parent in parents)
            {
                if (parent.AdminOption)
                    administers.Add(parent.Role);
                if (reach.Add(parent.Role))
                    queue.Enqueue(parent.Role);
            }
        }

        reach.Add(RoleIds.Public);
        return new Closure(reach.ToFrozenSet(), administers.ToFrozenSet());
    }

    sealed record Closure(FrozenSet<uint> Reach, FrozenSet<uint> Administers);
}

/// <summary>Keeps the graph of the newest catalog versions, so that a check does not build it again.</summary>
sealed class RoleGraphCache
{
    Entry? _newest;

    /// <summary>Snapshots of transactions with uncommitted DDL may share a version with others: the snapshot itself is the key.</summary>
    public RoleGraph Get(ICatalogSnapshot catalog)
    {
        var entry = Volatile.Read(ref _newest);
        if (entry is not null && ReferenceEquals(entry.Catalog.Target, catalog))
            return entry.Graph;
        var graph = entry is not null && entry.Matches(catalog) ? entry.Graph : RoleGraph.Of(catalog);
        Volatile.Write(ref _newest, new Entry(catalog, graph));
        return graph;
    }

    sealed class Entry(ICatalogSnapshot catalog, RoleGraph graph)
    {
        readonly ImmutableArray<RoleDescriptor> _roles = [.. catalog.Roles];

        public WeakReference Catalog { get; } = new(catalog);

        public RoleGraph Graph => graph;

        /// <summary>Descriptors are immutable and shared between snapshots: the same objects mean the same memberships.</summary>
        public bool Matches(ICatalogSnapshot other)
        {
            var at = 0;
            foreach (var role in other.Roles)
            {
                if (at >= _roles.Length || !ReferenceEquals(_roles[at++], role))
                    return false;
            }

            return at == _roles.Length;
        }
    }
}
