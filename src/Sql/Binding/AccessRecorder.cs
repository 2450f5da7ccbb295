using Chitin.Catalog;
using Chitin.Security;

namespace Chitin.Sql.Binding;

/// <summary>What a statement does to one relation in one name; columns are added while names are resolved.</summary>
internal sealed class AccessEntry(ObjectKind kind, uint id, string name, Privilege privilege, uint onBehalfOf, AccessRule rule)
{
    private readonly SortedSet<int> _columns = [];
    private bool _whole;
    private bool _onlyWhenUsed;

    /// <summary>False while it was only noted in case a column is read.</summary>
    public bool Counts => !_onlyWhenUsed || _whole || _columns.Count > 0;

    public void Use(int column)
    {
        if (column > 0)
            _columns.Add(column);
    }

    /// <summary>The object as a whole, whatever columns are named besides.</summary>
    public void UseWhole() => _whole = true;

    public void OnlyWhenUsed() => _onlyWhenUsed = true;

    public void Always() => _onlyWhenUsed = false;

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
        {
            entry.Always();
            return entry;
        }

        entry = new AccessEntry(kind, id, name, privilege, onBehalfOf, rule);
        _byKey.Add(key, entry);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>As Add, but it counts only once a column is read.</summary>
    public AccessEntry AddOnUse(ObjectKind kind, uint id, string name, Privilege privilege, uint onBehalfOf)
    {
        var known = _byKey.ContainsKey((kind, id, "", privilege, onBehalfOf, AccessRule.Privileges));
        var entry = Add(kind, id, name, privilege, onBehalfOf);
        if (!known)
            entry.OnlyWhenUsed();
        return entry;
    }

    public void FlushTo(AccessSet accesses)
    {
        foreach (var entry in _entries.Where(e => e.Counts))
            accesses.Add(entry.ToAccess());
    }
}
