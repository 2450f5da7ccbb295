using Chitin.Core;

namespace Chitin.Sql.Functions.Windows;

/// <summary>The window functions (manual 9.22). Rows are evaluated in partition order, from row 0 on.</summary>
static class WindowFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Window("row_number() int8", static _ => new Simple(static p => Datum.FromInt64(p.Position + 1L)));
        b.Window("rank() int8", static _ => new Simple(static p => Datum.FromInt64(p.PeerStart(p.Position) + 1L)));
        b.Window("dense_rank() int8", static _ => new DenseRank());
        b.Window("percent_rank() float8", static _ => new Simple(static p =>
            Datum.FromDouble(p.RowCount <= 1 ? 0 : p.PeerStart(p.Position) / (double)(p.RowCount - 1))));
        b.Window("cume_dist() float8", static _ => new Simple(static p => Datum.FromDouble(p.PeerEnd(p.Position) / (double)p.RowCount)));
        b.Window("ntile(int4) int4", static _ => new Simple(Ntile));
        b.Window("lag(anyelement) anyelement", static _ => new Simple(static p => Shifted(p, -1)));
        b.Window("lead(anyelement) anyelement", static _ => new Simple(static p => Shifted(p, 1)));
        b.Window("lag(anyelement, int4) anyelement", static _ => new Simple(static p => ShiftedBy(p, -1, hasDefault: false)));
        b.Window("lead(anyelement, int4) anyelement", static _ => new Simple(static p => ShiftedBy(p, 1, hasDefault: false)));
        b.Window("lag(anycompatible, int4, anycompatible) anycompatible", static _ => new Simple(static p => ShiftedBy(p, -1, hasDefault: true)));
        b.Window("lead(anycompatible, int4, anycompatible) anycompatible", static _ => new Simple(static p => ShiftedBy(p, 1, hasDefault: true)));
        b.Window("first_value(anyelement) anyelement", static _ => new Simple(static p => InFrame(p, 1)));
        b.Window("last_value(anyelement) anyelement", static _ => new Simple(LastValue));
        b.Window("nth_value(anyelement, int4) anyelement", static _ => new Simple(NthValue));
    }

    /// <summary>A function that keeps nothing from row to row.</summary>
    sealed class Simple(Func<IWindowPartition, Datum> evaluate) : WindowState
    {
        public override Datum Evaluate(IWindowPartition partition, EvaluationContext context) => evaluate(partition);
    }

    sealed class DenseRank : WindowState
    {
        long _rank;

        public override Datum Evaluate(IWindowPartition partition, EvaluationContext context)
        {
            if (partition.Position == 0)
                _rank = 0;
            if (partition.PeerStart(partition.Position) == partition.Position)
                _rank++;
            return Datum.FromInt64(_rank);
        }
    }

    static Datum Ntile(IWindowPartition partition)
    {
        var argument = partition.Argument(0, 0);
        if (argument.IsNull)
            return Datum.Null;
        var buckets = argument.AsInt64();
        if (buckets <= 0)
            throw new SqlException(SqlState.InvalidArgumentForNtile, "argument of ntile must be greater than zero");
        var size = partition.RowCount / buckets;
        var larger = partition.RowCount % buckets;
        var inLarger = larger * (size + 1);
        return Datum.FromInt64(1 + (partition.Position < inLarger ? partition.Position / (size + 1) : larger + (partition.Position - inLarger) / size));
    }

    static Datum Shifted(IWindowPartition partition, int rows)
    {
        var target = partition.Position + rows;
        return target >= 0 && target < partition.RowCount ? partition.Argument(0, target) : Datum.Null;
    }

    static Datum ShiftedBy(IWindowPartition partition, int sign, bool hasDefault)
    {
        var offset = partition.Argument(1, partition.Position);
        if (offset.IsNull)
            return Datum.Null;
        var target = partition.Position + sign * offset.AsInt64();
        if (target >= 0 && target < partition.RowCount)
            return partition.Argument(0, (int)target);
        return hasDefault ? partition.Argument(2, partition.Position) : Datum.Null;
    }

    static Datum NthValue(IWindowPartition partition)
    {
        var n = partition.Argument(1, partition.Position);
        if (n.IsNull)
            return Datum.Null;
        if (n.AsInt64() <= 0)
            throw new SqlException(SqlState.InvalidArgumentForNthValue, "argument of nth_value must be greater than zero");
        return InFrame(partition, n.AsInt64());
    }

    /// <summary>The n-th row of the frame, those left out by EXCLUDE not counted.</summary>
    static Datum InFrame(IWindowPartition partition, long n)
    {
        for (var row = partition.FrameStart; row < partition.FrameEnd; row++)
            if (!partition.IsExcluded(row) && --n == 0)
                return partition.Argument(0, row);
        return Datum.Null;
    }

    static Datum LastValue(IWindowPartition partition)
    {
        for (var row = partition.FrameEnd - 1; row >= partition.FrameStart; row--)
            if (!partition.IsExcluded(row))
                return partition.Argument(0, row);
        return Datum.Null;
    }
}
