using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>ANALYZE: counts rows and, from a sample of up to 30,000, distinct values, NULLs and histograms (100 bounds), as PostgreSQL's defaults do.</summary>
internal static class StatisticsCollector
{
    private const int SampleRows = 30_000;
    private const int HistogramBounds = 100;

    public static TableStatistics Collect(TableDescriptor table, StatementEnvironment environment)
    {
        var codec = RowCodec.Of(table);
        var reader = codec.CreateReader(Enumerable.Range(0, table.Columns.Length).ToArray());
        var random = new Random(1);
        var sample = new List<Datum[]>();
        long count = 0;
        using (var cursor = environment.Transaction.Scan(codec.Prefix, codec.PrefixEnd))
        {
            while (cursor.MoveNext())
            {
                environment.Interrupt.ThrowIfCancellationRequested();
                count++;
                // Reservoir sampling: every row has the same chance.
                var place = sample.Count < SampleRows ? sample.Count : random.NextInt64(count);
                if (place >= SampleRows)
                    continue;
                var row = new Datum[table.Columns.Length];
                reader.Read(cursor.Key, cursor.Value, row);
                if (place == sample.Count)
                    sample.Add(row);
                else
                    sample[(int)place] = row;
            }
        }

        return new TableStatistics(table.Id, count, [.. table.Columns.Select((c, i) => Collect(c, i, sample, count)).OfType<ColumnStatistics>()]);
    }

    private static ColumnStatistics? Collect(ColumnDescriptor column, int ordinal, List<Datum[]> sample, long rows)
    {
        if (sample.Count == 0 || !column.Type.IsOrdered)
            return null;
        var values = sample.Select(r => r[ordinal]).Where(v => !v.IsNull).ToList();
        var nulls = 1 - ((double)values.Count / sample.Count);
        values.Sort(column.Type.Compare);
        var distinct = 0;
        for (var i = 0; i < values.Count; i++)
        {
            if (i == 0 || column.Type.Compare(values[i], values[i - 1]) != 0)
                distinct++;
        }

        // Nearly all different in the sample: taken to grow with the table.
        var estimate = sample.Count < rows && distinct > values.Count * 0.9 ? -((double)distinct / Math.Max(1, values.Count)) : distinct;
        var bounds = ImmutableArray.CreateBuilder<byte[]>();
        for (var i = 0; values.Count > 1 && i <= HistogramBounds; i++)
        {
            var key = new ByteWriter(16);
            column.Type.EncodeKey(values[(int)((long)i * (values.Count - 1) / HistogramBounds)], key);
            bounds.Add(key.ToArray());
        }

        return new ColumnStatistics(column.Id, nulls, estimate, 8, bounds.ToImmutable(), []);
    }
}

/// <summary>Hidden row ids: time and a counter, unique in this process and rising.</summary>
internal static class RowIds
{
    private static long s_last;

    public static long Next()
    {
        var floor = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() << 20;
        while (true)
        {
            var last = Interlocked.Read(ref s_last);
            var next = Math.Max(last + 1, floor);
            if (Interlocked.CompareExchange(ref s_last, next, last) == last)
                return next;
        }
    }
}
