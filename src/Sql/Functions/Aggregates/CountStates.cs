using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions.Aggregates;

/// <summary>count(*) and count(x).</summary>
sealed class CountState(bool countNulls) : AggregateState
{
    long _count;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (countNulls || !arguments[0].IsNull)
            _count++;
    }

    public override Datum Finish(EvaluationContext context) => Datum.FromInt64(_count);

    public override void Reset() => _count = 0;
}

/// <summary>min and max of types that are ordered by their 64 bits.</summary>
sealed class BitsExtremeState(bool largest) : AggregateState
{
    bool _any;
    long _best;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var value = arguments[0].AsInt64();
        if (!_any || (largest ? value > _best : value < _best))
            _best = value;
        _any = true;
    }

    public override Datum Finish(EvaluationContext context) => _any ? Datum.FromInt64(_best) : Datum.Null;

    public override void Reset() => _any = false;
}

sealed class ExtremeState(SqlType type, bool largest) : AggregateState
{
    Datum _best;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (_best.IsNull)
        {
            _best = arguments[0];
            return;
        }

        var order = type.Compare(arguments[0], _best);
        if (largest ? order > 0 : order < 0)
            _best = arguments[0];
    }

    public override Datum Finish(EvaluationContext context) => _best;

    public override void Reset() => _best = Datum.Null;
}

/// <summary>The first value that is not NULL.</summary>
sealed class AnyValueState : AggregateState
{
    Datum _value;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (_value.IsNull)
            _value = arguments[0];
    }

    public override Datum Finish(EvaluationContext context) => _value;

    public override void Reset() => _value = Datum.Null;
}

sealed class BoolState(bool and) : AggregateState
{
    bool _any;
    bool _decided;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        _any = true;
        _decided |= arguments[0].AsBool() != and;
    }

    public override Datum Finish(EvaluationContext context) => _any ? Datum.FromBool(_decided != and) : Datum.Null;

    public override void Reset() => _any = _decided = false;
}

enum BitOperation : byte { And, Or, Xor }

sealed class BitState(BitOperation operation) : AggregateState
{
    bool _any;
    long _bits;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var value = arguments[0].AsInt64();
        _bits = !_any ? value : operation switch
        {
            BitOperation.And => _bits & value,
            BitOperation.Or => _bits | value,
            _ => _bits ^ value,
        };
        _any = true;
    }

    public override Datum Finish(EvaluationContext context) => _any ? Datum.FromInt64(_bits) : Datum.Null;

    public override void Reset() => _any = false;
}

sealed class BitStringState(BitOperation operation) : AggregateState
{
    SqlBits? _bits;

    public override void Accumulate(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        var value = arguments[0].As<SqlBits>();
        _bits = _bits is null ? value : operation switch
        {
            BitOperation.And => BitFunctions.Combine(_bits, value, "AND", static (x, y) => (byte)(x & y)),
            BitOperation.Or => BitFunctions.Combine(_bits, value, "OR", static (x, y) => (byte)(x | y)),
            _ => BitFunctions.Combine(_bits, value, "XOR", static (x, y) => (byte)(x ^ y)),
        };
    }

    public override Datum Finish(EvaluationContext context) => _bits is null ? Datum.Null : Datum.FromObject(_bits);

    public override void Reset() => _bits = null;
}
