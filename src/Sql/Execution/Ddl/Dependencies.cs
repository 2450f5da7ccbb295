using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>What depends on an object beyond what descriptors list: columns that views read, and defaults that draw from sequences (PostgreSQL, 5.14).</summary>
internal static class Dependencies
{
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
