using System.Diagnostics.CodeAnalysis;
using Chitin.Core.Types;
using Chitin.Storage;

namespace Chitin.Catalog;

/// <summary>An immutable picture of the catalog on persistent maps: a change costs a logarithm, a lookup a few comparisons.</summary>
internal sealed partial class CatalogSnapshot : ICatalogSnapshot
{
    private static long s_lastVersion;

    private ImmutableDictionary<uint, Descriptor> _byId = ImmutableDictionary<uint, Descriptor>.Empty;
    private ImmutableDictionary<(ObjectKind Kind, uint Parent, string Name), uint> _byName = ImmutableDictionary<(ObjectKind, uint, string), uint>.Empty;
    private ImmutableDictionary<uint, SqlType> _types = ImmutableDictionary<uint, SqlType>.Empty;
    private ImmutableDictionary<uint, Timestamp> _changedAt = ImmutableDictionary<uint, Timestamp>.Empty;
    private ImmutableDictionary<uint, TableStatistics> _statistics = ImmutableDictionary<uint, TableStatistics>.Empty;

    public static CatalogSnapshot Empty { get; } = new();

    public long Version { get; private init; } = Interlocked.Increment(ref s_lastVersion);

    public ImmutableSortedDictionary<string, string> ClusterSettings { get; private init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    public ImmutableArray<DefaultPrivilege> DefaultPrivileges { get; private init; } = [];

    public IEnumerable<DatabaseDescriptor> Databases => _byId.Values.OfType<DatabaseDescriptor>().OrderBy(d => d.Name, StringComparer.Ordinal);

    public IEnumerable<RoleDescriptor> Roles => _byId.Values.OfType<RoleDescriptor>().OrderBy(d => d.Name, StringComparer.Ordinal);

    public bool TryGetDatabase(string name, [NotNullWhen(true)] out DatabaseDescriptor? database) => TryGetByName(ObjectKind.Database, 0, name, out database);

    public bool TryGetSchema(uint databaseId, string name, [NotNullWhen(true)] out SchemaDescriptor? schema) => TryGetByName(ObjectKind.Schema, databaseId, name, out schema);

    public bool TryGetRelation(uint schemaId, string name, [NotNullWhen(true)] out RelationDescriptor? relation) => TryGetByName(ObjectKind.Table, schemaId, name, out relation);

    public bool TryGetType(uint schemaId, string name, [NotNullWhen(true)] out TypeDescriptor? type) => TryGetByName(ObjectKind.Type, schemaId, name, out type);

    public bool TryGetRole(string name, [NotNullWhen(true)] out RoleDescriptor? role) => TryGetByName(ObjectKind.Role, 0, name, out role);

    public bool TryGetIndex(uint schemaId, string name, [NotNullWhen(true)] out TableDescriptor? table, [NotNullWhen(true)] out IndexDescriptor? index)
    {
        index = null;
        if (!TryGetByName(ObjectKind.Index, schemaId, name, out table))
            return false;
        index = table.PrimaryIndex.Name == name ? table.PrimaryIndex : table.Indexes.FirstOrDefault(i => i.Name == name);
        return index is not null;
    }

    public bool TryGet<T>(uint id, [NotNullWhen(true)] out T? descriptor)
        where T : Descriptor
    {
        descriptor = _byId.TryGetValue(id, out var found) ? found as T : null;
        return descriptor is not null;
    }

    public IEnumerable<SchemaDescriptor> Schemas(uint databaseId) => _byId.Values.OfType<SchemaDescriptor>().Where(s => s.DatabaseId == databaseId).OrderBy(s => s.Id);

    public IEnumerable<RelationDescriptor> Relations(uint schemaId) => _byId.Values.OfType<RelationDescriptor>().Where(r => r.SchemaId == schemaId).OrderBy(r => r.Id);

    public IEnumerable<RelationDescriptor> AllRelations => _byId.Values.OfType<RelationDescriptor>();

    public IEnumerable<TypeDescriptor> Types(uint schemaId) => _byId.Values.OfType<TypeDescriptor>().Where(t => t.SchemaId == schemaId).OrderBy(t => t.Id);

    public SqlType? TypeByOid(uint oid) => SqlTypes.TryGetByOid(oid) ?? _types.GetValueOrDefault(oid);

    public TableStatistics? Statistics(uint tableId) => _statistics.GetValueOrDefault(tableId);

    public Timestamp DataChangedAt(uint tableId) => _changedAt.GetValueOrDefault(tableId);

    /// <summary>The picture after a change that was committed at an instant.</summary>
    public CatalogSnapshot With(CatalogChange change, Timestamp at)
    {
        var next = With(change);
        switch (change)
        {
            case PutDescriptor { Descriptor: TableDescriptor table } when !TryGet<TableDescriptor>(table.Id, out var old) || IsReadOtherwise(old, table):
                next._changedAt = _changedAt.SetItem(table.Id, at);
                break;
            case RemoveDescriptor { Descriptor: TableDescriptor removed }:
                next._changedAt = _changedAt.Remove(removed.Id);
                break;
        }

        return next;
    }

    public CatalogSnapshot With(CatalogChange change) => change switch
    {
        PutDescriptor put => WithDescriptor(put.Descriptor),
        RemoveDescriptor remove => WithoutDescriptor(remove.Descriptor),
        PutTableStatistics put => Copy(statistics: _statistics.SetItem(put.Statistics.TableId, put.Statistics)),
        PutSetting { Value: null } put => Copy(settings: ClusterSettings.Remove(put.Name)),
        PutSetting put => Copy(settings: ClusterSettings.SetItem(put.Name, put.Value!)),
        PutDefaults put => Copy(defaults: put.Entries),
        _ => throw new Core.InvariantException("an unknown catalog change"),
    };

    /// <summary>The names that a descriptor occupies: relations share one name space in their schema, and so do their indexes.</summary>
    public static IEnumerable<(ObjectKind Kind, uint Parent, string Name)> Names(Descriptor descriptor)
    {
        switch (descriptor)
        {
            case DatabaseDescriptor:
                yield return (ObjectKind.Database, 0, descriptor.Name);
                break;
            case SchemaDescriptor schema:
                yield return (ObjectKind.Schema, schema.DatabaseId, schema.Name);
                break;
            case RoleDescriptor:
                yield return (ObjectKind.Role, 0, descriptor.Name);
                break;
            case TypeDescriptor type:
                yield return (ObjectKind.Type, type.SchemaId, type.Name);
                break;
            case RelationDescriptor relation:
                yield return (ObjectKind.Table, relation.SchemaId, relation.Name);
                if (relation is TableDescriptor table)
                {
                    yield return (ObjectKind.Index, table.SchemaId, table.PrimaryIndex.Name);
                    foreach (var index in table.Indexes)
                        yield return (ObjectKind.Index, table.SchemaId, index.Name);
                }

                break;
        }
    }

    private static bool IsReadOtherwise(TableDescriptor old, TableDescriptor table) =>
        old.StorageId != table.StorageId || old.Columns != table.Columns || old.Indexes != table.Indexes || old.PrimaryIndex != table.PrimaryIndex;

    private bool TryGetByName<T>(ObjectKind kind, uint parent, string name, [NotNullWhen(true)] out T? descriptor)
        where T : Descriptor
    {
        if (_byName.TryGetValue((kind, parent, name), out var id))
            return TryGet(id, out descriptor);
        descriptor = null;
        return false;
    }

    private CatalogSnapshot WithDescriptor(Descriptor descriptor)
    {
        var names = _byName.ToBuilder();
        if (_byId.TryGetValue(descriptor.Id, out var old))
            names.RemoveRange(Names(old));
        foreach (var name in Names(descriptor))
            names[name] = descriptor.Id;
        var byId = _byId.SetItem(descriptor.Id, descriptor);
        var types = _types;
        if (descriptor is TypeDescriptor type)
        {
            (types, byId) = WithNewType(types, byId, type.Type);
        }

        return Copy(byId, names.ToImmutable(), types);
    }

    /// <summary>Columns and domains hold the type itself: a new label or constraint must be seen by all of them.</summary>
    private static (ImmutableDictionary<uint, SqlType> Types, ImmutableDictionary<uint, Descriptor> ById) WithNewType(
        ImmutableDictionary<uint, SqlType> types, ImmutableDictionary<uint, Descriptor> byId, SqlType type)
    {
        var array = new ArrayType(type, type.ArrayOid);
        types = types.SetItem(type.Oid, type).SetItem(type.ArrayOid, array);
        foreach (var relation in byId.Values.OfType<RelationDescriptor>().Where(r => r.Columns.Any(c => Is(c.Type))).ToList())
            byId = byId.SetItem(relation.Id, relation with { Columns = [.. relation.Columns.Select(c => Is(c.Type) ? c with { Type = Renewed(c.Type) } : c)] });
        foreach (var user in byId.Values.OfType<TypeDescriptor>().Where(t => t.Type is DomainType domain && Is(domain.BaseType)).ToList())
        {
            var domain = (DomainType)user.Type;
            domain = domain.With(Renewed(domain.BaseType));
            (types, byId) = WithNewType(types, byId.SetItem(user.Id, user with { Type = domain }), domain);
        }

        foreach (var user in byId.Values.OfType<TypeDescriptor>().Where(t => t.Type is CompositeType composite && composite.Attributes.Any(a => Is(a.Type))).ToList())
        {
            var composite = (CompositeType)user.Type;
            composite = composite.With(newAttributes: [.. composite.Attributes.Select(a => Is(a.Type) ? a with { Type = Renewed(a.Type) } : a)]);
            (types, byId) = WithNewType(types, byId.SetItem(user.Id, user with { Type = composite }), composite);
        }

        return (types, byId);

        bool Is(SqlType used) => used.Oid == type.Oid || used.Oid == type.ArrayOid;

        SqlType Renewed(SqlType used) => used.Oid == type.Oid ? type : array;
    }

    private CatalogSnapshot WithoutDescriptor(Descriptor descriptor)
    {
        var names = _byName.ToBuilder();
        if (_byId.TryGetValue(descriptor.Id, out var old))
            names.RemoveRange(Names(old));
        var types = descriptor is TypeDescriptor type ? _types.Remove(type.Type.Oid).Remove(type.Type.ArrayOid) : _types;
        return Copy(_byId.Remove(descriptor.Id), names.ToImmutable(), types, _statistics.Remove(descriptor.Id));
    }

    private CatalogSnapshot Copy(
        ImmutableDictionary<uint, Descriptor>? byId = null, ImmutableDictionary<(ObjectKind Kind, uint Parent, string Name), uint>? byName = null, ImmutableDictionary<uint, SqlType>? types = null,
        ImmutableDictionary<uint, TableStatistics>? statistics = null, ImmutableSortedDictionary<string, string>? settings = null, ImmutableArray<DefaultPrivilege>? defaults = null) => new()
        {
            _byId = byId ?? _byId,
            _byName = byName ?? _byName,
            _types = types ?? _types,
            _statistics = statistics ?? _statistics,
            _changedAt = _changedAt,
            ClusterSettings = settings ?? ClusterSettings,
            DefaultPrivileges = defaults ?? DefaultPrivileges,
        };
}

internal abstract record CatalogChange;

internal sealed record PutDescriptor(Descriptor Descriptor) : CatalogChange;

internal sealed record RemoveDescriptor(Descriptor Descriptor) : CatalogChange;

internal sealed record PutTableStatistics(TableStatistics Statistics) : CatalogChange;

internal sealed record PutSetting(string Name, string? Value) : CatalogChange;

internal sealed record PutDefaults(ImmutableArray<DefaultPrivilege> Entries) : CatalogChange;
