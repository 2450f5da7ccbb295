using Chitin.Catalog;
using Chitin.Security;

namespace Chitin.Sql.Binding;

/// <summary>What a statement does to one relation in one name; columns are added while names are resolved.</summary>
internal sealed class AccessEntry(ObjectKind kind, uint id, string name, Privilege privilege, uint onBehalfOf, AccessRule rule)
{
    private readonly SortedSet<int> _columns = [];
    private bool _whole;

    public void Use(int column)
    {
        if (column > 0)
            _columns.Add(column);
    }

    /// <summary>The object as a whole, whatever columns are named besides.</summary>
    public void UseWhole() => _whole = true;

    public ObjectAccess ToAccess() => new(kind, id, name, _whole ? [] : [.. _columns], privilege, onBehalfOf, rule);
}

/// <summary>Collects accesses; equal ones (object, privilege, role, rule) are one entry.</summary>
internal sealed class AccessRecorder
{
    private readonly Dictionary<(ObjectKind, uint, string, Privilege, uint, AccessRule), AccessEntry> _byKey = [];
    private readonly List<AccessEntry> _entries = [];

    public AccessEntry Add(ObjectKind kind, uint id, string name, Privilege privilege, uint onBehalfOf, AccessRule rule = AccessRule.Privileges)
    {
        var key = (kind, id, id == 0 ? name : "", privilege, onBehalfOf, rule);
        if (_byKey.TryGetValue(key, out var entry))
            return entry;
        entry = new AccessEntry(kind, id, name, privilege, onBehalfOf, rule);
        _byKey.Add(key, entry);
        _entries.Add(entry);
        return entry;
    }

    public void FlushTo(AccessSet accesses)
    {
        foreach (var entry in _entries)
            accesses.Add(entry.ToAccess());
    }
}
