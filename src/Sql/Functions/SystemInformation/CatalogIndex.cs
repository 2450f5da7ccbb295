using System.Runtime.CompilerServices;
using Chitin.Catalog;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>
/// OIDs that pg_constraint and pg_attrdef need and that descriptors do not have: check constraints and column defaults. They are computed from their table and name or column,
/// above 2^31, where no object id is; equal in every session and at every start.
/// </summary>
public static class CatalogOids
{
    public static uint Check(uint tableId, string name)
    {
        var hash = Mix(2166136261, tableId);
        foreach (var c in name)
            hash = (hash ^ c) * 16777619;
        return hash | 0x8000_0000;
    }

    public static uint Default(uint tableId, int columnId) => Mix(Mix(2166136261, tableId), (uint)columnId) | 0x8000_0000;

    static uint Mix(uint hash, uint value)
    {
        for (var i = 0; i < 4; i++)
        {
            hash = (hash ^ (value & 0xFF)) * 16777619;
            value >>= 8;
        }

        return hash;
    }
}

/// <summary>What a catalog snapshot does not look up itself: indexes and constraints by OID. Made once per snapshot, on first use.</summary>
sealed class CatalogIndex
{
    static readonly ConditionalWeakTable<ICatalogSnapshot, CatalogIndex> s_cache = [];

    CatalogIndex(ICatalogSnapshot catalog)
    {
        foreach (var table in catalog.Databases.SelectMany(d => catalog.Schemas(d.Id)).SelectMany(s => catalog.Relations(s.Id)).OfType<TableDescriptor>())
        {
            Indexes[table.PrimaryIndex.Id] = (table, table.PrimaryIndex);
            foreach (var index in table.Indexes)
                Indexes[index.Id] = (table, index);
            foreach (var check in table.Checks)
                Checks[CatalogOids.Check(table.Id, check.Name)] = (table, check);
            foreach (var key in table.ForeignKeys)
                ForeignKeys[key.Id] = (table, key);
        }

        foreach (var type in catalog.Databases.SelectMany(d => catalog.Schemas(d.Id)).SelectMany(s => catalog.Types(s.Id)))
        {
            foreach (var check in (type.Type as Core.Types.DomainType)?.Checks ?? [])
                DomainChecks[CatalogOids.Check(type.Id, check.Name)] = check;
        }
    }

    internal Dictionary<uint, (TableDescriptor Table, IndexDescriptor Index)> Indexes { get; } = [];

    internal Dictionary<uint, (TableDescriptor Table, CheckConstraint Check)> Checks { get; } = [];

    internal Dictionary<uint, (TableDescriptor Table, ForeignKey Key)> ForeignKeys { get; } = [];

    internal Dictionary<uint, Core.Types.DomainCheck> DomainChecks { get; } = [];

    internal static CatalogIndex Of(ICatalogSnapshot catalog) => s_cache.GetValue(catalog, static c => new CatalogIndex(c));
}
