namespace Chitin.Sql.Binding;

/// <summary>Puts common tables into an order in which each comes after those that it reads; otherwise the order of binding stays.</summary>
internal static class CommonTableOrder
{
    public static ImmutableArray<BoundCommonTable> Sort(IReadOnlyList<BoundCommonTable> tables)
    {
        if (tables.Count < 2)
            return [.. tables];
        var sorted = new List<BoundCommonTable>(tables.Count);
        var visited = new HashSet<BoundCommonTable>();
        foreach (var table in tables)
            Visit(table);
        return [.. sorted];

        void Visit(BoundCommonTable table)
        {
            if (!visited.Add(table))
                return;
            foreach (var read in ReadsOf(table))
            {
                if (tables.Contains(read))
                    Visit(read);
            }

            sorted.Add(table);
        }
    }

    static HashSet<BoundCommonTable> ReadsOf(BoundCommonTable table)
    {
        var collector = new Collector();
        switch (table.Statement)
        {
            case BoundQuery s:
                collector.Rewrite(s.Root);
                break;
            case BoundInsert s:
                collector.Rewrite(s.Source);
                collector.Visit(s.Returning);
                foreach (var (_, expression) in s.OnConflict?.Assignments ?? [])
                    collector.Rewrite(expression);
                collector.OrNull(s.OnConflict?.Where);
                break;
            case BoundUpdate s:
                collector.Rewrite(s.Source);
                foreach (var (_, expression) in s.Assignments)
                    collector.Rewrite(expression);
                collector.Visit(s.Returning);
                break;
            case BoundDelete s:
                collector.Rewrite(s.Source);
                collector.Visit(s.Returning);
                break;
        }

        if (table.RecursiveTerm is { } term)
            collector.Rewrite(term);
        collector.Tables.Remove(table);
        return collector.Tables;
    }

    sealed class Collector : BoundRewriter
    {
        public HashSet<BoundCommonTable> Tables { get; } = [];

        public void Visit(BoundReturning? returning)
        {
            foreach (var (_, expression) in returning?.Items ?? [])
                Rewrite(expression);
        }

        public override BoundNode Rewrite(BoundNode node)
        {
            if (node is BoundCommonTableScan scan)
                Tables.Add(scan.Table);
            return base.Rewrite(node);
        }
    }
}
