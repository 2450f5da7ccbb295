using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions.Aggregates;

/// <summary>Ordered-set and hypothetical-set aggregates (manual tables 9.61 and 9.62). Rows come sorted; NULL values do not count for the percentiles and mode.</summary>
static class OrderedSetFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Aggregate("percentile_disc(float8, anyelement) anyelement", static call => new PercentileState(call.ArgumentTypes[1], Discrete), direct: 1);
        b.Aggregate("percentile_disc(float8[], anyelement) anyarray", static call => new PercentileArrayState(call.ArgumentTypes[1], Discrete), direct: 1);
        b.Aggregate("percentile_cont(float8, float8) float8", static _ => new PercentileState(SqlTypes.Float8, ContinuousFloat), direct: 1);
        b.Aggregate("percentile_cont(float8, interval) interval", static _ => new PercentileState(SqlTypes.Interval, ContinuousInterval), direct: 1);
        b.Aggregate("percentile_cont(float8[], float8) float8[]", static _ => new PercentileArrayState(SqlTypes.Float8, ContinuousFloat), direct: 1);
        b.Aggregate("percentile_cont(float8[], interval) interval[]", static _ => new PercentileArrayState(SqlTypes.Interval, ContinuousInterval), direct: 1);
        b.Aggregate("mode(anyelement) anyelement", static call => new ModeState(call.ArgumentTypes[0]), direct: 0);
        b.Aggregate("rank(variadic any) int8 called", static call => new HypotheticalState(call, static h => Datum.FromInt64(h.Before + 1)), direct: 0, hypothetical: true);
        b.Aggregate("dense_rank(variadic any) int8 called", static call => new HypotheticalState(call, static h => Datum.FromInt64(h.DistinctBefore + 1)), direct: 0, hypothetical: true);
        b.Aggregate("percent_rank(variadic any) float8 called",
            static call => new HypotheticalState(call, static h => Datum.FromDouble(h.Rows == 0 ? 0 : h.Before / (double)h.Rows)), direct: 0, hypothetical: true);
        b.Aggregate("cume_dist(variadic any) float8 called",
            static call => new HypotheticalState(call, static h => Datum.FromDouble((h.BeforeOrEqual + 1) / (double)(h.Rows + 1))), direct: 0, hypothetical: true);
    }

    delegate Datum Percentile(double fraction, List<Datum> values);

    static double Check(double fraction) => fraction is >= 0 and <= 1
        ? fraction
        : throw new SqlException(SqlState.NumericValueOutOfRange, FormattableString.Invariant($"percentile value {fraction} is not between 0 and 1"));

    /// <summary>The first value whose share of the rows reaches the fraction.</summary>
    static Datum Discrete(double fraction, List<Datum> values) => values[Math.Max(0, (int)Math.Ceiling(Check(fraction) * values.Count) - 1)];

    static Datum ContinuousFloat(double fraction, List<Datum> values)
    {
        var (low, high, part) = Neighbours(fraction, values);
        var (from, to) = (low.AsDouble(), high.AsDouble());
        return part == 0 ? low : Datum.FromDouble(from + part * (to - from));
    }

    static Datum ContinuousInterval(double fraction, List<Datum> values)
    {
        var (low, high, part) = Neighbours(fraction, values);
        var from = low.As<SqlInterval>();
        return part == 0 ? low : Datum.FromObject(SqlInterval.Add(from, SqlInterval.Subtract(high.As<SqlInterval>(), from).Multiply(part)));
    }

    static (Datum Low, Datum High, double Part) Neighbours(double fraction, List<Datum> values)
    {
        var position = Check(fraction) * (values.Count - 1);
        var low = (int)Math.Floor(position);
        return (values[low], values[(int)Math.Ceiling(position)], position - low);
    }

    sealed class PercentileState(SqlType type, Percentile percentile) : CollectingState(type)
    {
        double _fraction;

        public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
        {
            _fraction = arguments[0].AsDouble();
            Collect(arguments[1]);
        }

        public override Datum Finish(EvaluationContext context) => Values.Count == 0 ? Datum.Null : percentile(_fraction, Values);
    }

    sealed class PercentileArrayState(SqlType element, Percentile percentile) : CollectingState(element)
    {
        SqlArray? _fractions;

        public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
        {
            _fractions = ArrayAccess.A(arguments[0]);
            Collect(arguments[1]);
        }

        public override Datum Finish(EvaluationContext context)
        {
            if (_fractions is null)
                return Datum.Null;
            var results = Array.ConvertAll(_fractions.Elements, f => f.IsNull ? Datum.Null : percentile(f.AsDouble(), Values));
            return Datum.FromObject(new SqlArray(ElementType, _fractions.Lengths, _fractions.LowerBounds, results));
        }
    }

    /// <summary>The most frequent value, the first of several in order.</summary>
    sealed class ModeState(SqlType type) : AggregateState
    {
        Datum _best, _current;
        long _bestCount, _currentCount;

        public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
        {
            if (_currentCount == 0 || !type.AreEqual(_current, arguments[0]))
                (_current, _currentCount) = (arguments[0], 0);
            if (++_currentCount > _bestCount)
                (_best, _bestCount) = (_current, _currentCount);
        }

        public override Datum Finish(EvaluationContext context) => _best;

        public override void Reset()
        {
            _best = _current = Datum.Null;
            _bestCount = _currentCount = 0;
        }
    }

    /// <summary>Counts the rows that sort before a row made of the direct arguments.</summary>
    sealed class HypotheticalState(ResolvedCall call, Func<HypotheticalState, Datum> result) : AggregateState
    {
        Datum[]? _last;

        internal long Rows { get; private set; }

        internal long Before { get; private set; }

        internal long BeforeOrEqual { get; private set; }

        internal long DistinctBefore { get; private set; }

        public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
        {
            var keys = arguments.Length / 2;
            Rows++;
            var order = Compare(arguments[keys..], arguments[..keys], keys);
            if (order <= 0)
                BeforeOrEqual++;
            if (order >= 0)
                return;
            Before++;
            if (_last is null || Compare(arguments[keys..], _last, keys) != 0)
                DistinctBefore++;
            _last = arguments[keys..].ToArray();
        }

        public override Datum Finish(EvaluationContext context) => result(this);

        public override void Reset()
        {
            Rows = Before = BeforeOrEqual = DistinctBefore = 0;
            _last = null;
        }

        int Compare(ReadOnlySpan<Datum> left, ReadOnlySpan<Datum> right, int keys)
        {
            for (var i = 0; i < keys; i++)
            {
                var direction = i < call.Order.Length ? call.Order[i] : default;
                int order;
                if (left[i].IsNull || right[i].IsNull)
                {
                    order = left[i].IsNull == right[i].IsNull ? 0 : left[i].IsNull == direction.NullsFirst ? -1 : 1;
                }
                else
                {
                    order = call.ArgumentTypes[keys + i].Compare(left[i], right[i]);
                    if (direction.Descending)
                        order = -order;
                }

                if (order != 0)
                    return order;
            }

            return 0;
        }
    }
}
