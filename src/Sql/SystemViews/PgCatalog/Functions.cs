using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.SystemViews.Facts;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_proc, pg_operator, pg_cast, pg_aggregate, pg_language: the built-in library as rows. They are made once and copied for databases whose pg_catalog has another OID.</summary>
internal static class Functions
{
    private const uint Internal = 12;
    private const uint Sql = 14;

    private static readonly Lazy<Dictionary<uint, FunctionEntry>> s_functions = new(() => FunctionRegistry.BuiltIn.AllFunctions.Where(f => f.Schema == SystemCatalog.PgCatalog).ToDictionary(f => f.Oid));

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_proc"].From(All, 2000).By("oid", static (c, key) => ById(c, key.AsOid())).By("proname", static (c, key) => ByName(c, key.AsString()));
        catalog["pg_operator"].From(static c => FunctionRegistry.BuiltIn.AllOperators.Select(o => Operator(c, o)), 600)
            .By("oid", static (c, key) => FunctionRegistry.BuiltIn.TryGetOperator(key.AsOid(), out var o) ? [Operator(c, o)] : []);
        catalog["pg_cast"].From(static _ => FunctionRegistry.BuiltIn.AllCasts.Select((cast, i) => Cells.Row(
            10000 + i, cast.Source.Oid, cast.Target.Oid, 0, cast.Context switch { CastContext.Implicit => 'i', CastContext.Assignment => 'a', _ => 'e' }, cast.Body is null ? 'b' : 'i')), 200);
        catalog["pg_aggregate"].From(static _ => FunctionRegistry.BuiltIn.AllFunctions.OfType<AggregateFunction>().Select(Aggregate), 100);
        catalog["pg_language"].From(static _ =>
        [
            Cells.Row(Internal, "internal", RoleIds.Root, false, false, 0, 0, 0, Cell.Null), Cells.Row(Sql, "sql", RoleIds.Root, false, true, 0, 0, 0, Cell.Null),
        ], 2);
    }

    private static IEnumerable<Datum[]> All(SystemContext c)
    {
        var schema = c.SchemaId(SystemCatalog.PgCatalog);
        return s_functions.Value.Values.Select(f => Row(f, schema)).Concat(SupportFunctions.All.Values.Where(f => !s_functions.Value.ContainsKey(f.Oid)).Select(f => Row(f, schema)));
    }

    private static IEnumerable<Datum[]> ById(SystemContext c, uint id)
    {
        var schema = c.SchemaId(SystemCatalog.PgCatalog);
        return s_functions.Value.TryGetValue(id, out var f) ? [Row(f, schema)] : SupportFunctions.All.TryGetValue(id, out var support) ? [Row(support, schema)] : [];
    }

    private static IEnumerable<Datum[]> ByName(SystemContext c, string name)
    {
        var schema = c.SchemaId(SystemCatalog.PgCatalog);
        return FunctionRegistry.BuiltIn.Functions(name).Where(f => f.Schema == SystemCatalog.PgCatalog).Select(f => Row(f, schema))
            .Concat(SupportFunctions.All.Values.Where(f => f.Name == name && !s_functions.Value.ContainsKey(f.Oid)).Select(f => Row(f, schema)));
    }

    private static Datum[] Row(FunctionEntry f, uint schema)
    {
        var table = f as TableFunction;
        var outputs = table?.Columns ?? [];
        var kind = f switch { AggregateFunction => 'a', WindowFunction => 'w', _ => 'f' };
        var inputs = f.ArgumentTypes.Select(t => (long)t.Oid);
        var variadic = !f.IsVariadic ? 0 : f.ArgumentTypes[^1].Oid == PgOid.Any ? PgOid.Any : f.ArgumentTypes[^1].ElementType?.Oid ?? PgOid.AnyElement;
        var hasModes = f.IsVariadic || outputs.Length > 0;
        var modes = f.ArgumentTypes.Select((_, i) => (long)(f.IsVariadic && i == f.ArgumentTypes.Length - 1 ? 'v' : 'i')).Concat(outputs.Select(_ => (long)'o'));
        var names = f.ArgumentNames.Length == 0 && outputs.Length == 0
            ? Datum.Null
            : Cells.Texts(SqlTypes.Text, f.ArgumentTypes.Select((_, i) => i < f.ArgumentNames.Length ? f.ArgumentNames[i] : "").Concat(outputs.Select(o => o.Name)));
        return Cells.Row(
            f.Oid, f.Name, schema, RoleIds.Root, Internal, 1.0, table is null ? 0.0 : 1000.0, variadic, 0, kind, false, false, kind == 'f' && f.IsStrict, table is not null,
            f.Volatility switch { Volatility.Immutable => 'i', Volatility.Stable => 's', _ => 'v' }, 's', f.ArgumentTypes.Length, f.Defaults.Length, f.ReturnType.Oid, Cells.Vector(SqlTypes.Oid, inputs),
            hasModes ? Cells.Numbers(SqlTypes.Oid, inputs.Concat(outputs.Select(o => (long)o.Type.Oid))) : Datum.Null, hasModes ? Cells.Numbers(SqlTypes.Char, modes) : Datum.Null, names,
            f.Defaults.Length > 0 ? "()" : null, Cell.Null, f.Name, Cell.Null, Cell.Null, Cell.Null, Cell.Null);
    }

    private static Datum[] Row(SupportFunction f, uint schema) => Cells.Row(
        f.Oid, f.Name, schema, RoleIds.Root, Internal, 1.0, 0.0, 0, 0, 'f', false, false, f.IsStrict, false, f.Volatility, 's', f.ArgumentTypes.Length, 0, f.ReturnType,
        Cells.Vector(SqlTypes.Oid, f.ArgumentTypes.Select(t => (long)t)), Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null, f.Name, Cell.Null, Cell.Null, Cell.Null, Cell.Null);

    private static Datum[] Operator(SystemContext c, OperatorEntry o)
    {
        var equality = o.Comparison == ComparisonKind.Equal;
        uint Other(string? symbol, bool swap) => symbol is null || o.Left is null ? 0
            : FunctionRegistry.BuiltIn.Operator(symbol, swap ? o.Right : o.Left, swap ? o.Left : o.Right)?.Oid ?? 0;
        return Cells.Row(
            o.Oid, o.Symbol, c.SchemaId(SystemCatalog.PgCatalog), RoleIds.Root, o.Left is null ? 'l' : 'b', equality, equality, o.Left?.Oid ?? 0, o.Right.Oid, o.Function.ReturnType.Oid,
            Other(o.Commutator, swap: true), Other(o.Negator, swap: false), o.Function.Oid, 0, 0);
    }

    private static Datum[] Aggregate(AggregateFunction f) => Cells.Row(
        f.Oid, f.IsHypothetical ? 'h' : f.DirectArguments >= 0 ? 'o' : 'n', Math.Max(f.DirectArguments, 0), 0, 0, 0, 0, 0, 0, 0, 0, false, false, 'r', 'r', 0, 2281, 0, 0, 0, Cell.Null, Cell.Null);
}
