using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.SystemViews.Facts;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_attribute and pg_attrdef. A column's number is its id, so that numbers stay when another column is dropped.</summary>
internal static class Attributes
{
    /// <summary>Rows of the computed tables depend on no catalog.</summary>
    private static readonly Lazy<Dictionary<uint, Datum[][]>> s_system = new(() => SystemCatalog.Instance.All.ToDictionary(t => t.Id, System));

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_attribute"].From(All, 4000).By("attrelid", static (c, key) => Of(c, key.AsOid()));
        catalog["pg_attrdef"].From(static c => c.Tables.SelectMany(t => Defaults(c, t)), 20)
            .By("adrelid", static (c, key) => c.TryGetTable(key.AsOid(), out var table) ? Defaults(c, table) : []);
    }

    private static IEnumerable<Datum[]> All(SystemContext c)
    {
        foreach (var table in SystemCatalog.Instance.All)
        {
            if (c.SchemaId(table.Schema) == 0)
                continue;
            foreach (var row in s_system.Value[table.Id])
                yield return row;
        }

        foreach (var relation in c.Relations)
        {
            foreach (var row in OfRelation(c, relation))
                yield return row;
            if (relation is not TableDescriptor owner)
                continue;
            foreach (var index in SystemContext.Indexes(owner))
            {
                foreach (var row in OfIndex(owner, index))
                    yield return row;
            }
        }
    }

    private static IEnumerable<Datum[]> Of(SystemContext c, uint id)
    {
        if (c.TryGetRelation(id, out var relation))
            return OfRelation(c, relation);
        if (c.FindIndex(id) is var (owner, index))
            return OfIndex(owner, index);
        return s_system.Value.TryGetValue(id, out var rows) ? rows : [];
    }

    private static IEnumerable<Datum[]> OfRelation(SystemContext c, RelationDescriptor relation) => relation is SequenceDescriptor
        ? [Plain(relation.Id, 1, "last_value", SqlTypes.Int8, true), Plain(relation.Id, 2, "log_cnt", SqlTypes.Int8, true), Plain(relation.Id, 3, "is_called", SqlTypes.Bool, true)]
        : relation.Columns.Where(x => !x.Hidden).Select(x => Attribute(
            relation.Id, x.Id, x.Name, x.Type, x.TypeModifier, x.NotNull, x.Default is not null || x.Generated is not null,
            x.Identity switch { IdentityKind.Always => 'a', IdentityKind.ByDefault => 'd', _ => '\0' }, x.Generated is null ? '\0' : 's', c.Acl(x.Acl, ObjectKind.Table)));

    private static IEnumerable<Datum[]> OfIndex(TableDescriptor table, IndexDescriptor index)
    {
        var number = 0;
        var expressions = 0;
        foreach (var part in index.Parts)
        {
            var column = part.Expression is null ? table.Columns.FirstOrDefault(x => x.Id == part.ColumnId) : null;
            var name = column?.Name ?? (expressions++ == 0 ? "expr" : $"expr{expressions - 1}");
            yield return Attribute(index.Id, ++number, name, part.Type, column?.TypeModifier ?? -1, false, false, '\0', '\0', Datum.Null);
        }

        foreach (var id in index.Included)
        {
            if (table.Columns.FirstOrDefault(x => x.Id == id) is { } column)
                yield return Attribute(index.Id, ++number, column.Name, column.Type, column.TypeModifier, false, false, '\0', '\0', Datum.Null);
        }
    }

    private static Datum[][] System(SystemTable table) => [.. table.Details.Select((x, i) => Plain(table.Id, i + 1, x.Name, x.Type, x.NotNull))];

    private static Datum[] Plain(uint relation, int number, string name, SqlType type, bool notNull) => Attribute(relation, number, name, type, -1, notNull, false, '\0', '\0', Datum.Null);

    private static Datum[] Attribute(uint relation, int number, string name, SqlType type, int modifier, bool notNull, bool hasDefault, char identity, char generated, Datum acl)
    {
        var facts = TypeFacts.Of(type);
        return Cells.Row(
            relation, name, type.Oid, -1, type.Length, number, type is ArrayType ? 1 : 0, -1, modifier, facts.ByValue, facts.Alignment, facts.Storage, '\0', notNull, hasDefault, false, identity, generated,
            false, true, 0, facts.Collation, acl, Cell.Null, Cell.Null, Cell.Null);
    }

    private static IEnumerable<Datum[]> Defaults(SystemContext c, TableDescriptor table) => table.Columns
        .Where(x => !x.Hidden && (x.Default is not null || x.Generated is not null))
        .Select(x => Cells.Row(CatalogOids.Default(table.Id, x.Id), table.Id, x.Id, c.Expression(x)));
}
