using System.Diagnostics.CodeAnalysis;
using Chitin.Core.Types;
using Chitin.Storage;
using Chitin.Transactions;

namespace Chitin.Catalog;

/// <summary>
/// An immutable picture of all descriptors. A transaction's own DDL gives it a picture of its own (<see cref="ICatalogTransaction.Snapshot"/>).
/// Lookups are dictionary reads; holding one for the life of a statement is free.
/// </summary>
public interface ICatalogSnapshot
{
    /// <summary>Rises with every published change; equal versions mean equal content.</summary>
    long Version { get; }

    bool TryGetDatabase(string name, [NotNullWhen(true)] out DatabaseDescriptor? database);

    bool TryGetSchema(uint databaseId, string name, [NotNullWhen(true)] out SchemaDescriptor? schema);

    /// <summary>A table, view or sequence by name.</summary>
    bool TryGetRelation(uint schemaId, string name, [NotNullWhen(true)] out RelationDescriptor? relation);

    bool TryGetType(uint schemaId, string name, [NotNullWhen(true)] out TypeDescriptor? type);

    bool TryGetRole(string name, [NotNullWhen(true)] out RoleDescriptor? role);

    bool TryGetIndex(uint schemaId, string name, [NotNullWhen(true)] out TableDescriptor? table, [NotNullWhen(true)] out IndexDescriptor? index);

    bool TryGet<T>(uint id, [NotNullWhen(true)] out T? descriptor) where T : Descriptor;

    IEnumerable<DatabaseDescriptor> Databases { get; }

    IEnumerable<SchemaDescriptor> Schemas(uint databaseId);

    IEnumerable<RelationDescriptor> Relations(uint schemaId);

    /// <summary>Of all databases, in no order.</summary>
    IEnumerable<RelationDescriptor> AllRelations { get; }

    IEnumerable<TypeDescriptor> Types(uint schemaId);

    IEnumerable<RoleDescriptor> Roles { get; }

    /// <summary>A type of any kind by OID: built in, enum, or array of either.</summary>
    SqlType? TypeByOid(uint oid);

    TableStatistics? Statistics(uint tableId);

    /// <summary>When the table's storage, columns or indexes changed last, as far as this process has seen it; a snapshot before that may not read it under this description.</summary>
    Timestamp DataChangedAt(uint tableId) => Timestamp.Zero;

    /// <summary>Cluster settings that differ from their default.</summary>
    ImmutableSortedDictionary<string, string> ClusterSettings { get; }

    /// <summary>ALTER DEFAULT PRIVILEGES entries.</summary>
    ImmutableArray<DefaultPrivilege> DefaultPrivileges { get; }
}

/// <summary>
/// ALTER DEFAULT PRIVILEGES: what later objects of a creator get. Creator 0 = all roles; schema 0 = the whole database. An entry for public without privileges takes away what public
/// gets on such objects without any entry.
/// </summary>
public sealed record DefaultPrivilege(uint DatabaseId, uint SchemaId, uint Creator, ObjectKind Kind, uint Grantee, Privilege Privileges, Privilege GrantOptions);

/// <summary>The published catalog and the way to change it.</summary>
public interface ICatalog
{
    /// <summary>The newest published picture.</summary>
    ICatalogSnapshot Current { get; }

    /// <summary>
    /// The catalog as one SQL transaction sees it: the published picture plus its own changes; for one that <see cref="ITransaction.KeepsSnapshot"/>, what <see cref="AsOf"/> gives.
    /// </summary>
    ICatalogTransaction Begin(ITransaction transaction);

    /// <summary>The objects as of a transaction's snapshot, under the rights of today.</summary>
    ICatalogSnapshot AsOf(ITransaction transaction);
}

/// <summary>
/// Descriptor changes inside one transaction. They are written as rows of the system database in that transaction and are published, in commit order, when
/// it commits; a concurrent change of the same descriptor ends in 40001.
/// </summary>
public interface ICatalogTransaction
{
    ICatalogSnapshot Snapshot { get; }

    bool HasChanges { get; }

    /// <summary>Whether the table's storage is new in this transaction: nobody else can know of its rows.</summary>
    bool HasNewStorage(TableDescriptor table);

    /// <summary>A fresh object id, never used before, also when the transaction rolls back.</summary>
    uint NewId();

    uint NewRoleId();

    /// <summary>Adds or replaces a descriptor. A replacement must carry the next version. The caller holds the exclusive relation lock where the object is a relation.</summary>
    void Put(Descriptor descriptor);

    void Remove(Descriptor descriptor);

    void PutStatistics(TableStatistics statistics);

    void PutClusterSetting(string name, string? value);

    void PutDefaultPrivileges(ImmutableArray<DefaultPrivilege> entries);

    int SetSavepoint();

    void RollbackTo(int savepoint);
}
