using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions.Aggregates;

/// <summary>sum of int2, int4 (an int8) and int8 (a numeric), in 128 bits, which 2^63 rows cannot overflow.</summary>
sealed class IntegerSumState(bool asNumeric) : AggregateState
{
    bool _any;
    Int128 _sum;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        _any = true;
        _sum += arguments[0].AsInt64();
    }

    public override Datum Finish(EvaluationContext context)
    {
        if (!_any)
            return Datum.Null;
        if (asNumeric)
            return Datum.FromObject(SqlNumeric.FromInt128(_sum, 0));
        return _sum >= long.MinValue && _sum <= long.MaxValue ? Datum.FromInt64((long)_sum) : throw FunctionErrors.OutOfRange("bigint");
    }

    public override void Reset()
    {
        _any = false;
        _sum = 0;
    }
}

sealed class IntegerAverageState : AggregateState
{
    long _count;
    Int128 _sum;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        _count++;
        _sum += arguments[0].AsInt64();
    }

    public override Datum Finish(EvaluationContext context) =>
        _count == 0 ? Datum.Null : Datum.FromObject(SqlNumeric.Average(SqlNumeric.FromInt128(_sum, 0), _count));

    public override void Reset()
    {
        _count = 0;
        _sum = 0;
    }
}

/// <summary>Sums numerics; those of one scale that fit 63 bits are added without allocation.</summary>
sealed class NumericAccumulator
{
    SqlNumeric _total = SqlNumeric.Zero;
    Int128 _small;
    int _scale = -1;

    internal void Add(SqlNumeric value)
    {
        if (value.TryGetSmall(out var unscaled))
        {
            if (value.Scale != _scale)
            {
                Flush();
                _scale = value.Scale;
            }

            _small += unscaled;
        }
        else
        {
            _total = SqlNumeric.Add(_total, value);
        }
    }

    internal SqlNumeric Total
    {
        get
        {
            Flush();
            return _total;
        }
    }

    internal void Reset()
    {
        _total = SqlNumeric.Zero;
        _small = 0;
        _scale = -1;
    }

    void Flush()
    {
        if (_scale >= 0)
            _total = SqlNumeric.Add(_total, SqlNumeric.FromInt128(_small, _scale));
        _small = 0;
    }
}

sealed class NumericSumState(bool average) : AggregateState
{
    readonly NumericAccumulator _sum = new();
    long _count;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        _count++;
        _sum.Add(arguments[0].As<SqlNumeric>());
    }

    public override Datum Finish(EvaluationContext context)
    {
        if (_count == 0)
            return Datum.Null;
        return Datum.FromObject(average ? SqlNumeric.Average(_sum.Total, _count) : _sum.Total);
    }

    public override void Reset()
    {
        _count = 0;
        _sum.Reset();
    }
}

sealed class FloatSumState(bool isSingle) : AggregateState
{
    bool _any;
    double _sum;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var value = arguments[0].AsDouble();
        var sum = _any ? isSingle ? (float)_sum + (float)value : _sum + value : value;
        if (double.IsInfinity(sum) && !double.IsInfinity(value) && !double.IsInfinity(_sum))
            throw FunctionErrors.FloatOverflow();
        _sum = sum;
        _any = true;
    }

    public override Datum Finish(EvaluationContext context) => _any ? Datum.FromDouble(_sum) : Datum.Null;

    public override void Reset()
    {
        _any = false;
        _sum = 0;
    }
}

sealed class IntervalSumState(bool average) : AggregateState
{
    long _count;
    SqlInterval _sum = SqlInterval.Zero;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        _count++;
        _sum = SqlInterval.Add(_sum, arguments[0].As<SqlInterval>());
    }

    public override Datum Finish(EvaluationContext context)
    {
        if (_count == 0)
            return Datum.Null;
        return Datum.FromObject(average ? DateTimeOperators.Divide(_sum, _count) : _sum);
    }

    public override void Reset()
    {
        _count = 0;
        _sum = SqlInterval.Zero;
    }
}
