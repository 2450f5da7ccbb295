using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.Sql.SystemViews.InformationSchema;

/// <summary>routines, parameters and their grants: the built-in functions, which everybody may call.</summary>
internal static class Routines
{
    public static void Register(SystemCatalog catalog)
    {
        catalog.Information("routines").From(static c => Functions.Select(f => Routine(c, f)), 2000);
        catalog.Information("parameters").From(static c => Functions.SelectMany(f => Parameters(c, f)), 3000);
        foreach (var (table, isForRoles) in new[] { ("routine_privileges", false), ("role_routine_grants", true) })
        {
            catalog.Information(table).From(c => Functions.Select(f => Cells.Row(
                "root", isForRoles ? "root" : "PUBLIC", c.Database.Name, f.Schema, SpecificName(f), c.Database.Name, f.Schema, f.Name, "EXECUTE", isForRoles ? "YES" : "NO")), 2000);
        }
    }

    private static IEnumerable<FunctionEntry> Functions => FunctionRegistry.BuiltIn.AllFunctions.Where(f => f.Schema == SystemCatalog.PgCatalog && f is not (AggregateFunction or WindowFunction));

    private static string SpecificName(FunctionEntry f) => $"{f.Name}_{f.Oid}";

    private static Datum[] Routine(SystemContext c, FunctionEntry f)
    {
        var type = TypeDescription.Of(c, f.ReturnType, -1);
        Cell[] none = TypeDescription.None;
        Cell[] noCast = [.. Enumerable.Repeat(Cell.Null, 24)];
        return Cells.Row(
        [
            c.Database.Name, f.Schema, SpecificName(f), c.Database.Name, f.Schema, f.Name, "FUNCTION", .. none, .. none, type.DataType, Cell.Null, Cell.Null, .. none, .. none, .. none, .. none,
            .. type.Udt, .. none, Cell.Null, "0", "EXTERNAL", f.Name, f.Name, "INTERNAL", "GENERAL", Cells.YesOrNo(f.Volatility == Volatility.Immutable), "MODIFIES", Cells.YesOrNo(!f.IsStrict), Cell.Null,
            "YES", 0, Cell.Null, Cell.Null, "INVOKER", .. none, "NO", Cell.Null, Cell.Null, Cell.Null, "NO", .. noCast,
        ]);
    }

    private static IEnumerable<Datum[]> Parameters(SystemContext c, FunctionEntry f)
    {
        var inputs = f.ArgumentTypes.Select((t, i) => (Type: t, Name: i < f.ArgumentNames.Length ? f.ArgumentNames[i] : null, Mode: "IN"));
        var outputs = f is TableFunction table ? table.Columns.Select(o => (o.Type, Name: (string?)o.Name, Mode: "OUT")) : [];
        var position = 0;
        foreach (var (sqlType, name, mode) in inputs.Concat(outputs))
        {
            var type = TypeDescription.Of(c, sqlType, -1);
            Cell[] none = TypeDescription.None;
            position++;
            yield return Cells.Row(
            [
                c.Database.Name, f.Schema, SpecificName(f), position, mode, "NO", "NO", name, type.DataType, Cell.Null, Cell.Null, .. none, .. none, .. none, .. none, .. type.Udt, .. none, Cell.Null,
                Tables.Number(position), Cell.Null,
            ]);
        }
    }
}
