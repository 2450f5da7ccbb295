using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>What depends on an object beyond what descriptors list: columns that views read, and defaults that draw from sequences (PostgreSQL, 5.14).</summary>
internal static class Dependencies
{
    /// <summary>A database's views as they are now, whatever is changed while the caller goes through them.</summary>
    public static List<ViewDescriptor> Views(ICatalogSnapshot snapshot, uint databaseId) => [.. snapshot.Schemas(databaseId).SelectMany(s => snapshot.Relations(s.Id)).OfType<ViewDescriptor>()];

    /// <summary>The views that name the relation.</summary>
    public static List<ViewDescriptor> ViewsOn(ICatalogSnapshot snapshot, RelationDescriptor relation) => [.. Views(snapshot, relation.DatabaseId).Where(v => v.DependsOn.Contains(relation.Id))];

    /// <summary>Policies of other tables whose subqueries read the relation.</summary>
    public static List<(TableDescriptor Table, RowPolicy Policy)> PoliciesOn(ICatalogSnapshot snapshot, RelationDescriptor relation) =>
    [
        .. from schema in snapshot.Schemas(relation.DatabaseId)
           from table in snapshot.Relations(schema.Id).OfType<TableDescriptor>()
           where table.Id != relation.Id
           from policy in table.Policies
           where policy.DependsOn.Contains(relation.Id)
           select (table, policy),
    ];

    /// <summary>2BP01: what cannot be dropped without CASCADE, as "table t", and what depends on it.</summary>
    public static SqlException Remain(string what, string detail) =>
        new(SqlState.DependentObjectsStillExist, $"cannot drop {what} because other objects depend on it") { Detail = detail, Hint = "Use DROP ... CASCADE to drop the dependent objects too." };

    /// <summary>Whether the view, or one below it, reads the column. A view that reads the table as a whole counts as reading each.</summary>
    public static bool Reads(SqlEngine engine, UtilityContext context, ViewDescriptor view, TableDescriptor table, ColumnDescriptor column)
    {
        var schema = context.Snapshot.TryGet<SchemaDescriptor>(view.SchemaId, out var found) ? found : throw new InvariantException("a view's schema is missing");
        var database = context.Snapshot.TryGet<DatabaseDescriptor>(view.DatabaseId, out var home) ? home : throw new InvariantException("a view's database is missing");
        var name = string.Join('.', new[] { database.Name, schema.Name, view.Name }.Select(SqlText.QuoteIdentifier));
        var bound = Binder.Bind(Parser.ParseStatements($"SELECT * FROM {name}")[0], engine.MakeContext(context.Environment, []));
        return bound.Accesses.Accesses.Any(a => a.ObjectId == table.Id && (a.Columns.IsEmpty || a.Columns.Contains(column.Id)));
    }

    /// <summary>Columns whose default draws from the sequence, the one that owns it too.</summary>
    public static List<(TableDescriptor Table, ColumnDescriptor Column)> DefaultsOf(IShowContext context, SequenceDescriptor sequence)
    {
        var system = ShowDefinitions.System(context);
        return
        [
            .. from schema in context.Snapshot.Schemas(sequence.DatabaseId)
               from table in context.Snapshot.Relations(schema.Id).OfType<TableDescriptor>()
               from column in table.Columns
               where system.SequencesOf(column).Contains(sequence.Id)
               select (table, column),
        ];
    }
}
