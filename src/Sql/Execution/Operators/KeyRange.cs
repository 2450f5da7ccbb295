using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Execution;

/// <summary>A bound of a range with its value compiled.</summary>
internal sealed record CompiledBound(Evaluator Value, bool Inclusive);

/// <summary>The compiled form of an index condition: evaluates values and writes the byte ranges to read.</summary>
internal sealed class KeyRangeBuilder
{
    private readonly byte[] _prefix;
    private readonly IndexPart[] _parts;
    private readonly bool _isPrimary;
    private readonly Evaluator[][] _equal;
    private readonly bool[] _isNullPart;
    private readonly int _arrayPart;
    private readonly CompiledBound? _lower;
    private readonly CompiledBound? _upper;

    public KeyRangeBuilder(byte[] prefix, IndexPart[] parts, bool isPrimary, Evaluator[][] equal, bool[] isNullPart, int arrayPart, CompiledBound? lower, CompiledBound? upper)
    {
        _prefix = prefix;
        _parts = parts;
        _isPrimary = isPrimary;
        _equal = equal;
        _isNullPart = isNullPart;
        _arrayPart = arrayPart;
        _lower = lower;
        _upper = upper;
        IsSingle = arrayPart < 0 && equal.All(e => e.Length == 1);
        CoversAllParts = equal.Length == parts.Length && lower is null && upper is null;
    }

    /// <summary>Exactly one range, whatever the values.</summary>
    public bool IsSingle { get; }

    public bool CoversAllParts { get; }

    /// <summary>Writes the key of the only point; false when a value is NULL or lies outside the column's type, so that nothing can match.</summary>
    public bool TryWritePoint(ExecutionState state, ByteWriter key)
    {
        key.Clear();
        key.Write(_prefix);
        for (var i = 0; i < _equal.Length; i++)
        {
            var value = _equal[i][0].Evaluate(state);
            if (!TryWriteEqual(i, value, key))
                return false;
        }

        return true;
    }

    /// <summary>All ranges in the index's order.</summary>
    public List<(byte[] Lower, byte[] Upper)> Ranges(ExecutionState state)
    {
        var ranges = new List<(byte[] Lower, byte[] Upper)>(1);
        var key = new ByteWriter(64);
        key.Write(_prefix);
        AddRanges(state, 0, key, ranges);
        if (ranges.Count > 1)
            SortAndMerge(ranges);
        return ranges;
    }

    /// <summary>The only range of a condition that is <see cref="IsSingle"/>.</summary>
    public bool TryWriteRange(ExecutionState state, ByteWriter lower, ByteWriter upper)
    {
        if (!TryWritePoint(state, lower))
            return false;
        return TryWriteBounds(state, lower, upper);
    }

    private void AddRanges(ExecutionState state, int part, ByteWriter key, List<(byte[] Lower, byte[] Upper)> ranges)
    {
        if (part == _equal.Length)
        {
            var lower = new ByteWriter(key.Length + 16);
            lower.Write(key.Span);
            var upper = new ByteWriter(key.Length + 16);
            if (TryWriteBounds(state, lower, upper))
                ranges.Add((lower.ToArray(), upper.ToArray()));
            return;
        }

        foreach (var value in Values(state, part))
        {
            var length = key.Length;
            if (TryWriteEqual(part, value, key))
                AddRanges(state, part + 1, key, ranges);
            key.Truncate(length);
        }
    }

    private IEnumerable<Datum> Values(ExecutionState state, int part)
    {
        if (part != _arrayPart)
            return _equal[part].Select(e => e.Evaluate(state));
        var array = _equal[part][0].Evaluate(state);
        return array.IsNull ? [] : array.As<SqlArray>().Elements;
    }

    private bool TryWriteEqual(int part, Datum value, ByteWriter key)
    {
        if (part < _isNullPart.Length && _isNullPart[part])
        {
            KeySpace.WritePart(key, _parts[part], Datum.Null);
            return true;
        }

        if (value.IsNull || !FitsInteger(_parts[part].Type, value))
            return false;
        if (_isPrimary)
            KeySpace.WritePrimaryPart(key, _parts[part], value);
        else
            KeySpace.WritePart(key, _parts[part], value);
        return true;
    }

    /// <summary>Turns a prefix in <paramref name="lower"/> into [lower, upper) under the range bounds.</summary>
    private bool TryWriteBounds(ExecutionState state, ByteWriter lower, ByteWriter upper)
    {
        upper.Clear();
        upper.Write(lower.Span);
        if (_lower is null && _upper is null)
            return ToPrefixEnd(upper);

        var part = _parts[_equal.Length];
        var first = part.Descending ? _upper : _lower;
        var last = part.Descending ? _lower : _upper;
        var firstState = WriteBound(state, part, first, lower, belowMinimum: !part.Descending);
        var lastState = WriteBound(state, part, last, upper, belowMinimum: part.Descending);
        if (firstState == BoundState.Empty || lastState == BoundState.Empty)
            return false;
        if (firstState == BoundState.Value && !first!.Inclusive && !ToPrefixEnd(lower))
            return false;
        return lastState == BoundState.Value && !last!.Inclusive || ToPrefixEnd(upper);
    }

    private enum BoundState { None, Value, Empty }

    /// <summary>Appends a bound's encoding. Without one, a secondary index still stays among its non-NULL entries.</summary>
    /// <param name="belowMinimum">Whether this bound is a lower one by value: an integer below the type's range then bounds nothing, above it leaves nothing; and the reverse.</param>
    private BoundState WriteBound(ExecutionState state, IndexPart part, CompiledBound? bound, ByteWriter key, bool belowMinimum)
    {
        if (bound is not null)
        {
            var value = bound.Value.Evaluate(state);
            if (value.IsNull)
                return BoundState.Empty;
            if (FitsInteger(part.Type, value))
            {
                if (_isPrimary)
                    KeySpace.WritePrimaryPart(key, part, value);
                else
                    KeySpace.WritePart(key, part, value);
                return BoundState.Value;
            }

            var isLowerByValue = part.Descending ? !belowMinimum : belowMinimum;
            if (value.AsInt64() < 0 != isLowerByValue)
                return BoundState.Empty;
        }

        if (!_isPrimary)
            key.WriteByte(2);
        return BoundState.None;
    }

    /// <summary>An int8 value compared with an int4 or int2 column may lie outside the column's type.</summary>
    private static bool FitsInteger(SqlType type, Datum value) => type.Oid switch
    {
        PgOid.Int2 => value.AsInt64() is >= short.MinValue and <= short.MaxValue,
        PgOid.Int4 => value.AsInt64() is >= int.MinValue and <= int.MaxValue,
        _ => true,
    };

    private static bool ToPrefixEnd(ByteWriter key)
    {
        var bytes = key.Region(0);
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            if (++bytes[i] != 0)
            {
                key.Truncate(i + 1);
                return true;
            }
        }

        return false;
    }

    private static void SortAndMerge(List<(byte[] Lower, byte[] Upper)> ranges)
    {
        ranges.Sort(static (a, b) => a.Lower.AsSpan().SequenceCompareTo(b.Lower));
        for (var i = ranges.Count - 1; i > 0; i--)
        {
            if (ranges[i].Lower.AsSpan().SequenceEqual(ranges[i - 1].Lower))
                ranges.RemoveAt(i);
        }
    }
}
