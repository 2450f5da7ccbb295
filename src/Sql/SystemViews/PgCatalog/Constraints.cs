using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.SystemViews.Facts;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_index and pg_constraint. A primary key or unique constraint has the OID of its index, a foreign key its own, a check one made from its name.</summary>
internal static class Constraints
{
    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_index"].From(static c => c.Tables.SelectMany(t => SystemContext.Indexes(t).Select(i => Index(t, i))), 30)
            .By("indexrelid", static (c, key) => c.FindIndex(key.AsOid()) is var (table, index) ? [Index(table, index)] : [])
            .By("indrelid", static (c, key) => c.TryGetTable(key.AsOid(), out var table) ? SystemContext.Indexes(table).Select(i => Index(table, i)) : []);
        catalog["pg_constraint"].From(static c => c.Tables.SelectMany(OfTable).Concat(c.Types.SelectMany(OfDomain)), 30)
            .By("contypid", static (c, key) => c.Catalog.TryGet<TypeDescriptor>(key.AsOid(), out var type) ? OfDomain(type) : [])
            .By("conrelid", static (c, key) => c.TryGetTable(key.AsOid(), out var table) ? OfTable(table) : [])
            .By("confrelid", static (c, key) => Referencing(c, key.AsOid()));
    }

    private static Datum[] Index(TableDescriptor table, IndexDescriptor index)
    {
        var parts = index.Parts.Length;
        var isPublic = index.State == IndexState.Public;
        var expressions = index.Parts.Where(p => p.Expression is not null).Select(p => p.Expression!).ToList();
        return Cells.Row(
            index.Id, table.Id, parts + index.Included.Length, parts, index.Unique || index.Deferrable, index.NullsNotDistinct, index.Id == table.PrimaryIndex.Id, false, !index.Deferrable, false, isPublic, false, true, true, false,
            Cells.Vector(SqlTypes.Int2, index.Parts.Select(p => p.Expression is null ? (long)p.ColumnId : 0).Concat(index.Included.Select(id => (long)id))),
            Cells.Vector(SqlTypes.Oid, index.Parts.Select(p => (long)TypeFacts.Of(p.Type).Collation)),
            Cells.Vector(SqlTypes.Oid, index.Parts.Select(p => (long)IndexFacts.DefaultClass(p.Type))),
            Cells.Vector(SqlTypes.Int2, index.Parts.Select(p => (p.Descending ? 1L : 0) | (p.NullsFirst ? 2L : 0))),
            expressions.Count == 0 ? null : string.Join(", ", expressions), index.Predicate);
    }

    private static IEnumerable<Datum[]> OfTable(TableDescriptor table)
    {
        foreach (var check in table.Checks)
        {
            yield return Row(CatalogOids.Check(table.Id, check.Name), check.Name, table, 'c', validated: check.Validated, noInherit: check.NoInherit,
                key: Numbers(check.ColumnIds), expression: check.Expression);
        }

        foreach (var index in SystemContext.Indexes(table))
        {
            if (index.Constraint is { } name)
                yield return Row(index.Id, name, table, index.Id == table.PrimaryIndex.Id ? 'p' : 'u', index.Id, noInherit: true, deferrable: index.Deferrable, deferred: index.InitiallyDeferred, key: Numbers(index.Parts.Select(p => p.ColumnId)));
        }

        foreach (var key in table.ForeignKeys)
            yield return ForeignKey(table, key);
    }

    private static IEnumerable<Datum[]> OfDomain(TypeDescriptor type) => type.Type is not DomainType domain ? [] : domain.Checks.Select(k => Cells.Row(
        CatalogOids.Check(type.Id, k.Name), k.Name, type.SchemaId, 'c', false, false, k.Validated, 0, type.Id, 0, 0, 0, ' ', ' ', ' ', true, 0, true, Datum.Null, Datum.Null, Datum.Null, Datum.Null, Datum.Null,
        Datum.Null, Cell.Null, k.Expression));

    private static IEnumerable<Datum[]> Referencing(SystemContext c, uint id)
    {
        if (!c.TryGetTable(id, out var table))
            yield break;
        foreach (var child in table.ReferencedBy.Append(id).Distinct())
        {
            if (!c.Catalog.TryGet<TableDescriptor>(child, out var referencing))
                continue;
            foreach (var key in referencing.ForeignKeys.Where(k => k.ReferencedTable == id))
                yield return ForeignKey(referencing, key);
        }
    }

    private static Datum[] ForeignKey(TableDescriptor table, ForeignKey key)
    {
        var operators = Cells.Numbers(SqlTypes.Oid, key.Columns.Select(id => (long)IndexFacts.Equality(table.Columns.FirstOrDefault(x => x.Id == id)?.Type)));
        return Row(
            key.Id, key.Name, table, 'f', key.ReferencedIndex, key.ReferencedTable, key.Validated, true, key.Deferrable, key.InitiallyDeferred, Action(key.OnUpdate), Action(key.OnDelete),
            key.Match == ForeignKeyMatch.Full ? 'f' : 's', Numbers(key.Columns), Numbers(key.ReferencedColumns), operators, key.SetColumns.IsEmpty ? Datum.Null : Numbers(key.SetColumns));
    }

    internal static char Action(ForeignKeyAction action) => action switch
    {
        ForeignKeyAction.Restrict => 'r',
        ForeignKeyAction.Cascade => 'c',
        ForeignKeyAction.SetNull => 'n',
        ForeignKeyAction.SetDefault => 'd',
        _ => 'a',
    };

    private static Datum Numbers(IEnumerable<int> columns) => Cells.Numbers(SqlTypes.Int2, columns.Select(id => (long)id));

    private static Datum[] Row(
        uint id, string name, TableDescriptor table, char kind, uint index = 0, uint referenced = 0, bool validated = true, bool noInherit = false, bool deferrable = false, bool deferred = false,
        char onUpdate = ' ', char onDelete = ' ', char match = ' ', Datum key = default, Datum referencedKey = default, Datum operators = default, Datum setColumns = default, string? expression = null) => Cells.Row(
        id, name, table.SchemaId, kind, deferrable, deferred, validated, table.Id, 0, index, 0, referenced, onUpdate, onDelete, match, true, 0, noInherit, key, referencedKey, operators, operators, operators,
        setColumns, Cell.Null, expression);
}
