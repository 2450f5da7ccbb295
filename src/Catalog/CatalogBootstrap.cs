using Chitin.Transactions;

namespace Chitin.Catalog;

/// <summary>The catalog of a new store: root, admin, node, public; databases system, defaultdb and postgres with their schemas (SECURITY-SPEC 3.1, 4.3).</summary>
internal static class CatalogBootstrap
{
    private const uint PublicSchemaOid = 2200;
    private const uint PgCatalogOid = 11;

    public static async Task RunAsync(CatalogStore store, ITransactionManager transactions, CancellationToken cancellationToken)
    {
        await using var transaction = transactions.Begin(new TransactionOptions());
        var catalog = store.Begin(transaction);
        catalog.Put(new RoleDescriptor
        {
            Id = RoleIds.Root, Name = "root",
            Options = RoleOptions.Login | RoleOptions.CreateRole | RoleOptions.CreateDb | RoleOptions.CreateLogin,
            MemberOf = [new RoleMembership(RoleIds.Admin, true, RoleIds.Root)],
        });
        catalog.Put(new RoleDescriptor { Id = RoleIds.Admin, Name = "admin", Options = RoleOptions.CreateRole | RoleOptions.CreateDb | RoleOptions.CreateLogin });
        catalog.Put(new RoleDescriptor { Id = RoleIds.Node, Name = "node" });
        catalog.Put(new RoleDescriptor { Id = RoleIds.Public, Name = "public" });
        uint id = 5000;
        foreach (var name in new[] { "postgres", "defaultdb", "system" })
        {
            var database = new DatabaseDescriptor { Id = id++, Name = name, Owner = RoleIds.Root, Acl = DatabaseAcl(name == "system") };
            catalog.Put(database);
            var first = name == "postgres";
            foreach (var schema in Schemas(database, () => id++, first))
                catalog.Put(schema);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>admin and root hold all by rule; public may connect.</summary>
    internal static ImmutableArray<AclEntry> DatabaseAcl(bool isSystem) =>
        isSystem ? [] : [new AclEntry(RoleIds.Public, Privilege.Connect | Privilege.Temporary, Privilege.None, RoleIds.Root)];

    internal static IEnumerable<SchemaDescriptor> Schemas(DatabaseDescriptor database, Func<uint> newId, bool wellKnownIds)
    {
        yield return new SchemaDescriptor
        {
            Id = wellKnownIds ? PublicSchemaOid : newId(), Name = "public", DatabaseId = database.Id, Owner = database.Owner, Comment = "standard public schema",
            Acl = database.Name == "system" ? [] : [new AclEntry(RoleIds.Public, Privilege.Create | Privilege.Usage, Privilege.None, RoleIds.Root)],
        };
        yield return new SchemaDescriptor
        {
            Id = wellKnownIds ? PgCatalogOid : newId(), Name = "pg_catalog", DatabaseId = database.Id, Acl = [new AclEntry(RoleIds.Public, Privilege.Usage, Privilege.None, RoleIds.Root)],
        };
        yield return new SchemaDescriptor
        {
            Id = newId(), Name = "information_schema", DatabaseId = database.Id, Acl = [new AclEntry(RoleIds.Public, Privilege.Usage, Privilege.None, RoleIds.Root)],
        };
    }
}

/// <summary>What comes with a new database.</summary>
public static class DatabaseTemplate
{
    /// <summary>The default privileges on a new database.</summary>
    public static ImmutableArray<AclEntry> Acl => CatalogBootstrap.DatabaseAcl(false);

    /// <summary>The schemas of a new database: public, pg_catalog, information_schema.</summary>
    public static IEnumerable<SchemaDescriptor> Schemas(DatabaseDescriptor database, Func<uint> newId) => CatalogBootstrap.Schemas(database, newId, false);
}
