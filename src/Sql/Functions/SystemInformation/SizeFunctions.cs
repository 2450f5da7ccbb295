using System.Numerics;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Object sizes (manual 9.27.7). Sizes of relations are estimates from ANALYZE's row counts and widths: in the store, tables share files.</summary>
static class SizeFunctions
{
    static readonly string[] s_units = ["bytes", "kB", "MB", "GB", "TB", "PB"];

    internal static void Register(RegistryBuilder b)
    {
        b.Unary("pg_size_pretty(int8) text", static (v, _) => Datum.FromString(Pretty(v.AsInt64())));
        b.Unary("pg_size_pretty(numeric) text", static (v, _) => Datum.FromString(Pretty(v.As<SqlNumeric>())));
        b.Unary("pg_size_bytes(text) int8", static (s, _) => Datum.FromInt64(Bytes(s.AsString())));
        b.Unary("pg_relation_size|pg_table_size(regclass) int8 volatile", static (r, c) => Size(c, r.AsOid(), table: true, indexes: false));
        b.Binary("pg_relation_size(regclass, text) int8 volatile", static (r, fork, c) => fork.AsString() == "main" ? Size(c, r.AsOid(), table: true, indexes: false) : Datum.FromInt64(0));
        b.Unary("pg_indexes_size(regclass) int8 volatile", static (r, c) => Size(c, r.AsOid(), table: false, indexes: true));
        b.Unary("pg_total_relation_size(regclass) int8 volatile", static (r, c) => Size(c, r.AsOid(), table: true, indexes: true));
        b.Unary("pg_database_size(oid) int8 volatile", static (o, c) => CatalogSearch.Session(c).Catalog.TryGet<DatabaseDescriptor>(o.AsOid(), out var database) ? DatabaseSize(c, database) : Datum.Null);
        b.Unary("pg_database_size(name) int8 volatile", static (n, c) => CatalogSearch.Session(c).Catalog.TryGetDatabase(n.AsString(), out var database)
            ? DatabaseSize(c, database)
            : throw new SqlException(SqlState.InvalidCatalogName, $"database \"{n.AsString()}\" does not exist"));
        b.Unary("pg_tablespace_size(oid) int8 volatile", static (_, c) => AllDatabases(c));
        b.Unary("pg_tablespace_size(name) int8 volatile", static (_, c) => AllDatabases(c));
    }

    /// <summary>Rounded half away from zero at each step of 1024; a unit is kept up to 10239.</summary>
    static string Pretty(long size)
    {
        var unit = 0;
        Int128 value = size;
        // One bit more than the unit needs is kept, so that the last step rounds.
        while (Int128.Abs(unit == 0 ? value : Half(value)) >= 10 * 1024 && unit < s_units.Length - 1)
        {
            value /= unit == 0 ? 512 : 1024;
            unit++;
        }

        return $"{(unit == 0 ? value : Half(value))} {s_units[unit]}";
    }

    static Int128 Half(Int128 value) => value < 0 ? (value - 1) / 2 : (value + 1) / 2;

    static string Pretty(SqlNumeric size)
    {
        if (!size.IsFinite)
            return $"{size} bytes";
        var unit = 0;
        var limit = SqlNumeric.FromInt64(10 * 1024);
        if (SqlNumeric.Abs(size).CompareTo(limit) < 0)
            return $"{size} bytes";
        var value = size.Truncate(0).Unscaled / 512;
        unit++;
        while (BigInteger.Abs(Half(value)) >= 10 * 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return $"{Half(value)} {s_units[unit]}";
    }

    static BigInteger Half(BigInteger value) => value.Sign < 0 ? (value - 1) / 2 : (value + 1) / 2;

    static long Bytes(string text)
    {
        var trimmed = text.Trim();
        var end = trimmed.Length;
        while (end > 0 && char.IsAsciiLetter(trimmed[end - 1]))
            end--;
        var unit = trimmed[end..];
        if (!SqlNumeric.TryParse(trimmed.AsSpan(0, end).Trim(), out var number))
            throw FunctionErrors.Invalid($"invalid size: \"{text}\"");
        var power = unit.ToLowerInvariant() switch { "" or "b" or "bytes" => 0, "kb" => 1, "mb" => 2, "gb" => 3, "tb" => 4, "pb" => 5, _ => -1 };
        if (power < 0)
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid size: \"{text}\"")
            {
                Detail = $"Invalid size unit: \"{unit}\".", Hint = "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".",
            };
        return SqlNumeric.Multiply(number, new SqlNumeric(BigInteger.Pow(1024, power), 0)).ToInt64("bigint");
    }

    static Datum Size(EvaluationContext context, uint oid, bool table, bool indexes)
    {
        var session = CatalogSearch.Session(context);
        if (CatalogSearch.Index(session, oid) is var (owner, index))
            return Datum.FromInt64(table ? IndexSize(session.Catalog, owner, index) : 0);
        if (session.Catalog.TryGet<TableDescriptor>(oid, out var descriptor))
            return Datum.FromInt64(TableSize(session.Catalog, descriptor, table, indexes));
        return session.Catalog.TryGet<RelationDescriptor>(oid, out _) || session.VirtualTableName(oid) is not null ? Datum.FromInt64(0) : Datum.Null;
    }

    static long TableSize(ICatalogSnapshot catalog, TableDescriptor table, bool rows, bool indexes)
    {
        var size = 0L;
        if (rows && catalog.Statistics(table.Id) is { } statistics)
            size += (long)(statistics.RowCount * (16 + statistics.Columns.Sum(c => c.AverageWidth)));
        return indexes ? size + table.Indexes.Sum(i => IndexSize(catalog, table, i)) : size;
    }

    static long IndexSize(ICatalogSnapshot catalog, TableDescriptor table, IndexDescriptor index)
    {
        if (catalog.Statistics(table.Id) is not { } statistics)
            return 0;
        var widths = statistics.Columns.ToDictionary(c => c.ColumnId, c => c.AverageWidth);
        return (long)(statistics.RowCount * (16 + index.Parts.Concat(table.PrimaryIndex.Parts).Sum(p => widths.GetValueOrDefault(p.ColumnId, 8))));
    }

    static Datum DatabaseSize(EvaluationContext context, DatabaseDescriptor database)
    {
        var catalog = CatalogSearch.Session(context).Catalog;
        return Datum.FromInt64(catalog.Schemas(database.Id).SelectMany(s => catalog.Relations(s.Id)).OfType<TableDescriptor>().Sum(t => TableSize(catalog, t, rows: true, indexes: true)));
    }

    static Datum AllDatabases(EvaluationContext context) =>
        Datum.FromInt64(CatalogSearch.Session(context).Catalog.Databases.Sum(d => DatabaseSize(context, d).AsInt64()));
}
