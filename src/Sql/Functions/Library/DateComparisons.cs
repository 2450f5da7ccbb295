using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Comparisons between date, timestamp and timestamptz. A date too large for a timestamp is greater than every finite one.</summary>
static class DateComparisons
{
    internal static void Register(RegistryBuilder b)
    {
        ComparisonOperators.AddBy(b, "date", "timestamp", static (l, r, _) => CompareDate(l.AsInt32(), r.AsInt64(), null));
        ComparisonOperators.AddBy(b, "timestamp", "date", static (l, r, _) => -CompareDate(r.AsInt32(), l.AsInt64(), null));
        ComparisonOperators.AddBy(b, "date", "timestamptz", static (l, r, c) => CompareDate(l.AsInt32(), r.AsInt64(), c.Format.TimeZone), Volatility.Stable);
        ComparisonOperators.AddBy(b, "timestamptz", "date", static (l, r, c) => -CompareDate(r.AsInt32(), l.AsInt64(), c.Format.TimeZone), Volatility.Stable);
        ComparisonOperators.AddBy(b, "timestamp", "timestamptz",
            static (l, r, c) => SqlDateTime.LocalToUtc(c.Format.TimeZone, l.AsInt64()).CompareTo(r.AsInt64()), Volatility.Stable);
        ComparisonOperators.AddBy(b, "timestamptz", "timestamp",
            static (l, r, c) => l.AsInt64().CompareTo(SqlDateTime.LocalToUtc(c.Format.TimeZone, r.AsInt64())), Volatility.Stable);
    }

    static int CompareDate(int date, long timestamp, TimeZoneInfo? zone)
    {
        switch (date)
        {
            case SqlDateTime.NegativeInfinityDate:
                return timestamp == long.MinValue ? 0 : -1;
            case SqlDateTime.InfinityDate:
                return timestamp == long.MaxValue ? 0 : 1;
        }

        if (date > SqlDateTime.EndTimestamp / SqlDateTime.MicrosecondsPerDay)
            return timestamp == long.MaxValue ? -1 : 1;
        var local = date * SqlDateTime.MicrosecondsPerDay;
        return (zone is null ? local : SqlDateTime.LocalToUtc(zone, local)).CompareTo(timestamp);
    }
}
