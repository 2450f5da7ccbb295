using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Authorization;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Owners: changing them, REASSIGN and DROP OWNED, and what keeps a role from being dropped (SECURITY-SPEC 3.2, 4.9).</summary>
internal static class OwnershipCommands
{
    /// <summary>2BP01, with what depends on the role in the detail.</summary>
    public static void RequireUnused(UtilityContext context, RoleDescriptor role)
    {
        var owned = new List<string>();
        var granted = new List<string>();
        foreach (var target in Objects(context.Snapshot))
        {
            if (target is TableDescriptor table)
                owned.AddRange(table.Policies.Where(p => p.Roles.Contains(role.Id)).Select(p => $"target of policy {p.Name} on table {FullName(context.Snapshot, table)}"));
            if (target.Owner == role.Id)
                owned.Add($"owner of {PrivilegeNames.Word(target.Kind)} {FullName(context.Snapshot, target)}");
            else if (Mentions(target, role.Id))
                granted.Add(FullName(context.Snapshot, target));
        }

        if (context.Snapshot.DefaultPrivileges.Any(d => d.Creator == role.Id || d.Grantee == role.Id))
            owned.Add("default privileges");
        if (role.Acl.Any(e => e.Grantee == role.Id))
            owned.Add("system privileges");
        if (granted.Count != 0)
            throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop role/user {role.Name}: grants still exist on {string.Join(", ", granted.Take(20))}");
        if (owned.Count != 0)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist, $"role {role.Name} cannot be dropped because some objects depend on it")
            {
                Detail = string.Join('\n', owned.Take(20)),
            };
        }
    }

    /// <summary>The descriptor with its new owner; grants that the old one made count as the new one's.</summary>
    public static Descriptor WithOwner(Descriptor target, uint newOwner)
    {
        var changed = target with { Owner = newOwner, Acl = AclOperations.ChangeOwner(target.Acl, target.Kind, target.Owner, newOwner), Version = target.Version + 1 };
        return changed is RelationDescriptor relation
            ? relation with { Columns = [.. relation.Columns.Select(c => c.Acl.IsEmpty ? c : c with { Acl = AclOperations.ChangeOwner(c.Acl, ObjectKind.Table, target.Owner, newOwner) })] }
            : changed;
    }

    /// <summary>
    /// ALTER … OWNER TO: a table takes its own sequences along. Unless an admin asks, the new owner must be able to make the object where it stands: CREATE on the schema, for a schema on
    /// the database (PostgreSQL, ALTER TABLE and ALTER SCHEMA).
    /// </summary>
    public static void ChangeOwner(UtilityContext context, Descriptor target, RoleDescriptor newOwner)
    {
        if (newOwner.Id is RoleIds.Public or RoleIds.Node)
            throw new SqlException(SqlState.ReservedName, $"role name \"{newOwner.Name}\" is reserved");
        var schemaId = target switch { RelationDescriptor r => r.SchemaId, TypeDescriptor t => t.SchemaId, _ => 0u };
        var gate = context.Session.Gate;
        var placeId = target is SchemaDescriptor moved ? moved.DatabaseId : schemaId;
        if (!gate.IsAdmin(context.User, context.Snapshot) && context.Snapshot.TryGet<Descriptor>(placeId, out var place) && !gate.Allows(newOwner.Id, place, Privilege.Create, false, context.Snapshot))
            throw new SqlException(SqlState.InsufficientPrivilege, $"user {newOwner.Name} does not have CREATE privilege on {PrivilegeNames.Word(place.Kind)} {place.Name}");
        context.Catalog.Put(WithOwner(target, newOwner.Id));
        if (target is not TableDescriptor)
            return;
        foreach (var sequence in context.Snapshot.Relations(schemaId).OfType<SequenceDescriptor>().Where(s => s.OwnerTable == target.Id).ToList())
            context.Catalog.Put(WithOwner(sequence, newOwner.Id));
    }

    public static async ValueTask ReassignAsync(UtilityContext context, ReassignOwnedStatement statement, CancellationToken cancellationToken)
    {
        var to = RoleCommands.Require(context, statement.To);
        foreach (var name in statement.From)
        {
            var from = RoleCommands.Require(context, name);
            if (from.Id is RoleIds.Root or RoleIds.Node or RoleIds.Public or RoleIds.Admin)
                throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot reassign objects owned by role {from.Name} because they are required by the database system");
            foreach (var target in InDatabase(context).Where(o => o.Owner == from.Id && o.Id != 0).ToList())
            {
                await LockAsync(context, target, cancellationToken);
                if (context.Snapshot.TryGet<Descriptor>(target.Id, out var current) && current.Owner == from.Id)
                    ChangeOwner(context, current, to);
            }
        }
    }

    /// <summary>Drops what the roles own in this database and takes their privileges there away. CASCADE is not supported.</summary>
    public static async ValueTask DropOwnedAsync(SqlEngine engine, UtilityContext context, DropOwnedStatement statement, CancellationToken cancellationToken)
    {
        if (statement.Cascade)
            throw new SqlException(SqlState.FeatureNotSupported, "DROP OWNED BY … CASCADE is not supported");
        List<RoleDescriptor> roles = [.. statement.Roles.Select(r => RoleCommands.Require(context, r))];
        foreach (var role in roles)
        {
            if (role.Id is RoleIds.Root or RoleIds.Admin or RoleIds.Node or RoleIds.Public)
                throw new SqlException(SqlState.DependentObjectsStillExist, $"cannot drop objects owned by role {role.Name} because they are required by the database system");
            if (role.Acl.Any(e => e.Grantee == role.Id))
            {
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"cannot perform drop if role {role.Name} has system privileges")
                {
                    Hint = "Revoke them with REVOKE SYSTEM first.",
                };
            }
        }

        var ids = roles.Select(r => r.Id).ToHashSet();
        List<Descriptor> owned = [.. InDatabase(context).Where(o => ids.Contains(o.Owner) && o is not DatabaseDescriptor)];
        var objects = new ObjectCommands(engine, context, cancellationToken);
        // Relations before the types that their columns have and the schemas they stand in.
        foreach (var group in new[] { owned.OfType<RelationDescriptor>().Cast<Descriptor>(), owned.OfType<TypeDescriptor>(), owned.OfType<SchemaDescriptor>() })
            await objects.DropAllAsync([.. group]);
        foreach (var target in InDatabase(context).Where(o => ids.Any(id => Mentions(o, id) || IsInPolicy(o, id))).ToList())
        {
            await LockAsync(context, target, cancellationToken);
            if (context.Snapshot.TryGet<Descriptor>(target.Id, out var current))
                context.Catalog.Put(Forget(current, ids));
        }

        var database = context.Session.Database.Id;
        context.Catalog.PutDefaultPrivileges(context.Snapshot.DefaultPrivileges.RemoveAll(d => d.DatabaseId == database && (ids.Contains(d.Creator) || ids.Contains(d.Grantee))));
    }

    private static Descriptor Forget(Descriptor target, HashSet<uint> roles)
    {
        var changed = target with { Acl = Without(target.Acl), Version = target.Version + 1 };
        if (changed is TableDescriptor table)
        {
            // A policy for these roles alone goes; everybody is what an empty list would mean.
            changed = table with
            {
                Policies = [.. table.Policies.Where(p => p.Roles.IsEmpty || !p.Roles.All(roles.Contains)).Select(p => p with { Roles = p.Roles.RemoveAll(roles.Contains) })],
            };
        }

        return changed is RelationDescriptor relation ? relation with { Columns = [.. relation.Columns.Select(c => c.Acl.IsEmpty ? c : c with { Acl = Without(c.Acl) })] } : changed;

        ImmutableArray<AclEntry> Without(ImmutableArray<AclEntry> acl) => roles.Aggregate(acl, AclOperations.Forget);
    }

    private static bool Mentions(Descriptor target, uint role) =>
        AclOperations.Mentions(target.Acl, role) || (target is RelationDescriptor relation && relation.Columns.Any(c => AclOperations.Mentions(c.Acl, role)));

    private static bool IsInPolicy(Descriptor target, uint role) => target is TableDescriptor table && table.Policies.Any(p => p.Roles.Contains(role));

    private static async ValueTask LockAsync(UtilityContext context, Descriptor target, CancellationToken cancellationToken)
    {
        if (target is RelationDescriptor)
            await context.Environment.Transaction.LockRelationAsync(target.Id, RelationLock.Exclusive, cancellationToken);
    }

    public static IEnumerable<Descriptor> InDatabase(IShowContext context) =>
        Objects(context.Snapshot, context.Snapshot.Databases.Where(d => d.Id == context.Session.Database.Id));

    private static IEnumerable<Descriptor> Objects(ICatalogSnapshot catalog) => Objects(catalog, catalog.Databases);

    private static IEnumerable<Descriptor> Objects(ICatalogSnapshot catalog, IEnumerable<DatabaseDescriptor> databases)
    {
        foreach (var database in databases)
        {
            yield return database;
            foreach (var schema in catalog.Schemas(database.Id))
            {
                yield return schema;
                foreach (var relation in catalog.Relations(schema.Id))
                    yield return relation;
                foreach (var type in catalog.Types(schema.Id))
                    yield return type;
            }
        }
    }

    private static string FullName(ICatalogSnapshot catalog, Descriptor target)
    {
        var schemaId = target switch { RelationDescriptor r => r.SchemaId, TypeDescriptor t => t.SchemaId, SchemaDescriptor s => s.Id, _ => 0u };
        if (!catalog.TryGet<SchemaDescriptor>(schemaId, out var schema))
            return target.Name;
        var prefix = catalog.TryGet<DatabaseDescriptor>(schema.DatabaseId, out var database) ? database.Name + "." : "";
        return target is SchemaDescriptor ? prefix + schema.Name : $"{prefix}{schema.Name}.{target.Name}";
    }
}
