namespace Chitin.Catalog;

/// <summary>An older picture as those of today may look at it (docs/threat-model.md, Old versions).</summary>
internal sealed partial class CatalogSnapshot
{
    /// <summary>
    /// The objects of this picture under the rights of a newer one. Roles with their memberships and options, cluster settings and default privileges are the newer one's. An object that is
    /// still there has the owner, the privileges and the row-level policies that it has there, and is audited when it is so in either; the privileges on a column that is gone went with it. An object that is gone
    /// has those of its time. A view that is gone, or that does not read the same any more, reads with the rights of who asks: what its owner shows today is another thing.
    /// </summary>
    public CatalogSnapshot UnderRightsOf(CatalogSnapshot today)
    {
        var byId = _byId.ToBuilder();
        var byName = _byName.ToBuilder();
        var views = new Dictionary<uint, bool>();
        foreach (var descriptor in _byId.Values)
        {
            var now = today._byId.GetValueOrDefault(descriptor.Id);
            if (descriptor is RoleDescriptor)
            {
                byId.Remove(descriptor.Id);
                byName.RemoveRange(Names(descriptor));
            }
            else if (descriptor is ViewDescriptor view && !ReadsTheSame(view, today, views))
                byId[view.Id] = WithRights(view, now ?? view, view with { SecurityInvoker = true });
            else if (now is not null && !ReferenceEquals(descriptor, now))
                byId[descriptor.Id] = WithRights(descriptor, now, descriptor);
        }

        foreach (var role in today._byId.Values.OfType<RoleDescriptor>())
        {
            byId[role.Id] = role;
            foreach (var name in Names(role))
                byName[name] = role.Id;
        }

        return new CatalogSnapshot
        {
            _byId = byId.ToImmutable(),
            _byName = byName.ToImmutable(),
            _types = _types,
            _statistics = _statistics,
            ClusterSettings = today.ClusterSettings,
            DefaultPrivileges = today.DefaultPrivileges,
        };
    }

    /// <summary>Whether the view and all views below it are the same today.</summary>
    private bool ReadsTheSame(ViewDescriptor view, CatalogSnapshot today, Dictionary<uint, bool> known)
    {
        if (known.TryGetValue(view.Id, out var same))
            return same;
        known[view.Id] = true;
        same = today.TryGet<ViewDescriptor>(view.Id, out var now) && now.Query == view.Query && now.DependsOn.AsSpan().SequenceEqual(view.DependsOn.AsSpan());
        foreach (var id in view.DependsOn)
            same &= !TryGet<ViewDescriptor>(id, out var below) || ReadsTheSame(below, today, known);
        known[view.Id] = same;
        return same;
    }

    /// <param name="then">The object as it was.</param>
    /// <param name="now">The object whose rights count.</param>
    /// <param name="result">What the rights are put on.</param>
    private static Descriptor WithRights(Descriptor then, Descriptor now, Descriptor result)
    {
        result = result with { Owner = now.Owner, Acl = now.Acl };
        if (result is RelationDescriptor relation && now is RelationDescriptor relationNow && !ReferenceEquals(then, now))
            result = relation with { Columns = [.. relation.Columns.Select(c => c with { Acl = relationNow.Columns.FirstOrDefault(n => n.Id == c.Id)?.Acl ?? [] })] };
        return (result, now) switch
        {
            (TableDescriptor table, TableDescriptor tableNow) => table with
            {
                Audited = table.Audited || tableNow.Audited,
                RowSecurity = tableNow.RowSecurity,
                ForceRowSecurity = tableNow.ForceRowSecurity,
                Policies = [.. tableNow.Policies.Select(p => ReadsTheSame(p, table, tableNow) ? p : p with { Using = "false", Check = "false" })],
            },
            (ViewDescriptor view, ViewDescriptor { SecurityInvoker: true }) => view with { SecurityInvoker = true },
            _ => result,
        };
    }

    /// <summary>Whether a policy's names do not stand for other columns there: then nothing passes it. Names that stand for none make the statement fail.</summary>
    private static bool ReadsTheSame(RowPolicy policy, TableDescriptor then, TableDescriptor now) => policy.Columns.All(id =>
        now.Columns.FirstOrDefault(c => c.Id == id) is { } column && then.Columns.FirstOrDefault(c => c.Name == column.Name) is var found && (found is null || found.Id == id));
}
