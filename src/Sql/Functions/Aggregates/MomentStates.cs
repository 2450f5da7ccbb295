using System.Numerics;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Aggregates;

enum NumericMoment : byte { VariancePopulation, VarianceSample, DeviationPopulation, DeviationSample }

enum FloatMoment : byte { Average, VariancePopulation, VarianceSample, DeviationPopulation, DeviationSample }

/// <summary>Variance from count, sum and sum of squares, exact; the result's scale is that of a division.</summary>
static class NumericVariance
{
    internal static Datum Compute(long count, SqlNumeric sum, SqlNumeric squares, NumericMoment moment)
    {
        var isSample = moment is NumericMoment.VarianceSample or NumericMoment.DeviationSample;
        if (count == 0 || (isSample && count == 1))
            return Datum.Null;
        if (!sum.IsFinite || !squares.IsFinite)
            return Datum.FromObject(SqlNumeric.NaN);
        var n = SqlNumeric.FromInt64(count);
        var numerator = SqlNumeric.Subtract(SqlNumeric.Multiply(n, squares), SqlNumeric.Multiply(sum, sum));
        if (numerator.Sign <= 0)
            return Datum.FromObject(SqlNumeric.Zero);
        var variance = SqlNumeric.Divide(numerator, SqlNumeric.Multiply(n, SqlNumeric.FromInt64(isSample ? count - 1 : count)));
        var isDeviation = moment is NumericMoment.DeviationPopulation or NumericMoment.DeviationSample;
        return Datum.FromObject(isDeviation ? RootAtOwnScale(variance) : variance);
    }

    /// <summary>The square root with as many decimals as the argument has, rounded half up.</summary>
    static SqlNumeric RootAtOwnScale(SqlNumeric value)
    {
        var root = IntegerRoot(value.Unscaled * SqlNumeric.Power10(value.Scale + 2));
        return new SqlNumeric(SqlNumeric.RoundDivide(root, 10), value.Scale);
    }

    static BigInteger IntegerRoot(BigInteger value)
    {
        if (value.IsZero)
            return value;
        var root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + value / root) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }
}

sealed class IntegerMomentsState(NumericMoment moment) : AggregateState
{
    long _count;
    Int128 _sum;
    Int128 _squares;
    BigInteger _carried;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var value = (Int128)arguments[0].AsInt64();
        _count++;
        _sum += value;
        _squares += value * value;
        // A square takes 126 bits at most, so one more fits as long as bit 126 is clear.
        if (_squares >> 125 != 0)
        {
            _carried += (BigInteger)_squares;
            _squares = 0;
        }
    }

    public override Datum Finish(EvaluationContext context) =>
        NumericVariance.Compute(_count, new SqlNumeric((BigInteger)_sum, 0), new SqlNumeric(_carried + (BigInteger)_squares, 0), moment);

    public override void Reset()
    {
        _count = 0;
        _sum = _squares = 0;
        _carried = 0;
    }
}

sealed class NumericMomentsState(NumericMoment moment) : AggregateState
{
    readonly NumericAccumulator _sum = new();
    readonly NumericAccumulator _squares = new();
    long _count;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var value = arguments[0].As<SqlNumeric>();
        _count++;
        _sum.Add(value);
        _squares.Add(SqlNumeric.Multiply(value, value));
    }

    public override Datum Finish(EvaluationContext context) => NumericVariance.Compute(_count, _sum.Total, _squares.Total, moment);

    public override void Reset()
    {
        _count = 0;
        _sum.Reset();
        _squares.Reset();
    }
}

/// <summary>Average and variance of floats by the method of Youngs and Cramer (1971), which keeps the sum of squared deviations.</summary>
sealed class FloatMomentsState(FloatMoment moment) : AggregateState
{
    double _count;
    double _sum;
    double _deviations;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var value = arguments[0].AsDouble();
        _count++;
        _sum += value;
        if (_count > 1)
        {
            var difference = value * _count - _sum;
            _deviations += difference * difference / (_count * (_count - 1));
            if (double.IsInfinity(_sum) && !double.IsInfinity(value) && double.IsFinite(_sum - value))
                throw FunctionErrors.FloatOverflow();
        }
        else if (!double.IsFinite(value))
        {
            _deviations = double.NaN;
        }
    }

    public override Datum Finish(EvaluationContext context)
    {
        var isSample = moment is FloatMoment.VarianceSample or FloatMoment.DeviationSample;
        if (_count == 0 || (isSample && _count == 1))
            return Datum.Null;
        if (moment == FloatMoment.Average)
            return Datum.FromDouble(_sum / _count);
        var variance = _deviations / (isSample ? _count - 1 : _count);
        return Datum.FromDouble(moment is FloatMoment.DeviationPopulation or FloatMoment.DeviationSample ? Math.Sqrt(variance) : variance);
    }

    public override void Reset() => _count = _sum = _deviations = 0;
}

/// <summary>The statistics of pairs (Y, X); the members' names are those of the regr_ functions.</summary>
enum Regression : byte { Count, Sxx, Syy, Sxy, AvgX, AvgY, R2, Slope, Intercept, Correlation, CovariancePopulation, CovarianceSample }

sealed class RegressionState(Regression statistic) : AggregateState
{
    double _n, _sx, _sxx, _sy, _syy, _sxy;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var (y, x) = (arguments[0].AsDouble(), arguments[1].AsDouble());
        _n++;
        _sx += x;
        _sy += y;
        if (_n > 1)
        {
            var (dx, dy) = (x * _n - _sx, y * _n - _sy);
            var scale = 1 / (_n * (_n - 1));
            _sxx += dx * dx * scale;
            _syy += dy * dy * scale;
            _sxy += dx * dy * scale;
        }
        else
        {
            if (!double.IsFinite(x))
                _sxx = _sxy = double.NaN;
            if (!double.IsFinite(y))
                _syy = _sxy = double.NaN;
        }
    }

    public override Datum Finish(EvaluationContext context)
    {
        if (statistic == Regression.Count)
            return Datum.FromInt64((long)_n);
        if (_n < 1 || (statistic == Regression.CovarianceSample && _n < 2))
            return Datum.Null;
        double? result = statistic switch
        {
            Regression.Sxx => _sxx,
            Regression.Syy => _syy,
            Regression.Sxy => _sxy,
            Regression.AvgX => _sx / _n,
            Regression.AvgY => _sy / _n,
            Regression.CovariancePopulation => _sxy / _n,
            Regression.CovarianceSample => _sxy / (_n - 1),
            Regression.Correlation => _sxx == 0 || _syy == 0 ? null : _sxy / Math.Sqrt(_sxx * _syy),
            Regression.R2 => _sxx == 0 ? null : _syy == 0 ? 1 : _sxy * _sxy / (_sxx * _syy),
            Regression.Slope => _sxx == 0 ? null : _sxy / _sxx,
            _ => _sxx == 0 ? null : (_sy - _sx * _sxy / _sxx) / _n,
        };
        return result is { } value ? Datum.FromDouble(value) : Datum.Null;
    }

    public override void Reset() => _n = _sx = _sxx = _sy = _syy = _sxy = 0;
}
