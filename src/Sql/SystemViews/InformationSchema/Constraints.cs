using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Functions.SystemInformation;

namespace Chitin.Sql.SystemViews.InformationSchema;

/// <summary>table_constraints, key_column_usage, referential_constraints and their kin. A NOT NULL column counts as a check constraint with a made-up name, as in PostgreSQL 15.</summary>
internal static class Constraints
{
    private const Privilege Changing = Privilege.Insert | Privilege.Update | Privilege.Delete | Privilege.Truncate | Privilege.References | Privilege.Trigger;

    /// <summary>A constraint with the columns that it is on, and for a foreign key where it leads.</summary>
    private sealed record Constraint(TableDescriptor Table, string Name, string Kind, ImmutableArray<int> Columns, string? Clause = null, ForeignKey? ForeignKey = null, bool NullsDistinct = true);

    public static void Register(SystemCatalog catalog)
    {
        catalog.Information("table_constraints").From(static c => All(c).Where(x => MayChange(c, x.Table)).Select(x => Cells.Row(
            c.Database.Name, Schema(c, x.Table), x.Name, c.Database.Name, Schema(c, x.Table), x.Table.Name, x.Kind, Cells.YesOrNo(x.ForeignKey?.Deferrable == true),
            Cells.YesOrNo(x.ForeignKey?.InitiallyDeferred == true), "YES", x.Kind == "UNIQUE" ? Cells.YesOrNo(x.NullsDistinct) : null)), 50);
        catalog.Information("check_constraints").From(static c => All(c).Where(x => x.Clause is not null && IsOwner(c, x.Table)).Select(x => Cells.Row(
            c.Database.Name, Schema(c, x.Table), x.Name, x.Clause)), 50);
        catalog.Information("key_column_usage").From(static c => All(c).Where(x => x.Clause is null && c.MayAccess(x.Table)).SelectMany(x => KeyColumns(c, x)), 50);
        catalog.Information("referential_constraints").From(static c => All(c).Where(x => x.ForeignKey is not null && MayChange(c, x.Table)).Select(x => Referential(c, x)), 20);
        catalog.Information("constraint_column_usage").From(static c => All(c).SelectMany(x => Used(c, x)), 50);
        catalog.Information("constraint_table_usage").From(static c => All(c).Where(x => x.Clause is null).Select(x => (x, Target(c, x))).Where(p => p.Item2 is not null && IsOwner(c, p.Item2)).Select(p => Cells.Row(
            c.Database.Name, Schema(c, p.Item2!), p.Item2!.Name, c.Database.Name, Schema(c, p.x.Table), p.x.Name)), 50);
    }

    private static string Schema(SystemContext c, TableDescriptor table) => c.SchemaName(table.SchemaId);

    private static bool IsOwner(SystemContext c, Descriptor target) => c.IsAdmin || c.IsMember(target.Owner);

    /// <summary>Owner, or holder of anything but SELECT.</summary>
    private static bool MayChange(SystemContext c, TableDescriptor table) =>
        IsOwner(c, table) || table.Acl.Any(e => (e.Privileges & (Changing | Privilege.All)) != 0 && c.IsGranteeOf(e));

    private static IEnumerable<Constraint> All(SystemContext c) => c.Tables.SelectMany(Of);

    private static IEnumerable<Constraint> Of(TableDescriptor table)
    {
        foreach (var index in SystemContext.Indexes(table))
        {
            if (index.Constraint is { } name)
                yield return new Constraint(table, name, index.Id == table.PrimaryIndex.Id ? "PRIMARY KEY" : "UNIQUE", [.. index.Parts.Select(p => p.ColumnId)], NullsDistinct: !index.NullsNotDistinct);
        }

        foreach (var key in table.ForeignKeys)
            yield return new Constraint(table, key.Name, "FOREIGN KEY", key.Columns, ForeignKey: key);
        foreach (var check in table.Checks)
            yield return new Constraint(table, check.Name, "CHECK", check.ColumnIds, $"({Definitions.Full(check.Expression)})");
        foreach (var column in table.Columns)
        {
            if (column is { NotNull: true, Hidden: false })
                yield return new Constraint(table, $"{table.SchemaId}_{table.Id}_{column.Id}_not_null", "CHECK", [], $"{column.Name} IS NOT NULL");
        }
    }

    private static IEnumerable<Datum[]> KeyColumns(SystemContext c, Constraint x)
    {
        var referenced = x.ForeignKey is { } key ? c.FindIndex(key.ReferencedIndex)?.Index : null;
        for (var i = 0; i < x.Columns.Length; i++)
        {
            if (x.Table.Columns.FirstOrDefault(t => t.Id == x.Columns[i]) is not { } column || !c.MayAccess(x.Table, column))
                continue;
            Cell position = Cell.Null;
            for (var p = 0; referenced is not null && p < referenced.Parts.Length; p++)
            {
                if (referenced.Parts[p].ColumnId == x.ForeignKey!.ReferencedColumns[i])
                    position = p + 1;
            }

            yield return Cells.Row(c.Database.Name, Schema(c, x.Table), x.Name, c.Database.Name, Schema(c, x.Table), x.Table.Name, column.Name, i + 1, position);
        }
    }

    private static Datum[] Referential(SystemContext c, Constraint x)
    {
        var key = x.ForeignKey!;
        var unique = c.FindIndex(key.ReferencedIndex);
        return Cells.Row(
            c.Database.Name, Schema(c, x.Table), x.Name, c.Database.Name, unique is var (table, _) ? Schema(c, table) : null, unique?.Index.Constraint, key.Match == ForeignKeyMatch.Full ? "FULL" : "NONE",
            Rule(key.OnUpdate), Rule(key.OnDelete));
    }

    private static string Rule(ForeignKeyAction action) => action switch
    {
        ForeignKeyAction.Restrict => "RESTRICT",
        ForeignKeyAction.Cascade => "CASCADE",
        ForeignKeyAction.SetNull => "SET NULL",
        ForeignKeyAction.SetDefault => "SET DEFAULT",
        _ => "NO ACTION",
    };

    /// <summary>The table whose columns a constraint uses: for a foreign key the referenced one.</summary>
    private static TableDescriptor? Target(SystemContext c, Constraint x) =>
        x.ForeignKey is null ? x.Table : c.TryGetTable(x.ForeignKey.ReferencedTable, out var referenced) ? referenced : null;

    private static IEnumerable<Datum[]> Used(SystemContext c, Constraint x)
    {
        if (Target(c, x) is not { } table || !IsOwner(c, table))
            yield break;
        foreach (var id in x.ForeignKey?.ReferencedColumns ?? x.Columns)
        {
            if (table.Columns.FirstOrDefault(t => t.Id == id) is { } column)
                yield return Cells.Row(c.Database.Name, Schema(c, table), table.Name, column.Name, c.Database.Name, Schema(c, x.Table), x.Name);
        }
    }
}
