using System.Runtime.CompilerServices;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Execution;

/// <summary>A compiled expression: immutable, shared by all executions of its plan; what changes lives in the state.</summary>
internal abstract class Evaluator
{
    public abstract Datum Evaluate(ExecutionState state);

    /// <summary>Whether a condition holds: true and not NULL.</summary>
    public virtual bool Holds(ExecutionState state) => Evaluate(state).IsTrue;
}

internal sealed class ConstantEvaluator(Datum value) : Evaluator
{
    public Datum Value => value;

    public override Datum Evaluate(ExecutionState state) => value;
}

internal sealed class ParameterEvaluator(int index) : Evaluator
{
    public override Datum Evaluate(ExecutionState state) => state.Parameters[index];
}

internal sealed class SlotEvaluator(int slot) : Evaluator
{
    public int Slot => slot;

    public override Datum Evaluate(ExecutionState state) => state.Slots[slot];
}

internal sealed class UnaryCallEvaluator(UnaryBody body, Evaluator argument, bool strict) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = argument.Evaluate(state);
        return strict && value.IsNull ? Datum.Null : body(value, state);
    }
}

internal sealed class BinaryCallEvaluator(BinaryBody body, Evaluator left, Evaluator right, bool strict) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var first = left.Evaluate(state);
        if (strict && first.IsNull)
            return Datum.Null;
        var second = right.Evaluate(state);
        return strict && second.IsNull ? Datum.Null : body(first, second, state);
    }
}

[InlineArray(Size)]
internal struct DatumBuffer
{
    public const int Size = 8;

    private Datum _first;
}

internal sealed class CallEvaluator(ScalarBody body, Evaluator[] arguments, bool strict) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var buffer = default(DatumBuffer);
        Span<Datum> values = arguments.Length <= DatumBuffer.Size ? ((Span<Datum>)buffer)[..arguments.Length] : new Datum[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Evaluate(state);
            if (strict && values[i].IsNull)
                return Datum.Null;
        }

        return body(values, state);
    }
}

/// <summary>Comparison of two by-value integers (int2/4/8, oid, date, timestamp, bool, enum): no call through a delegate.</summary>
internal sealed class IntegerComparisonEvaluator(ComparisonKind kind, Evaluator left, Evaluator right) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var first = left.Evaluate(state);
        if (first.IsNull)
            return Datum.Null;
        var second = right.Evaluate(state);
        return second.IsNull ? Datum.Null : Datum.FromBool(Compare(first.AsInt64(), second.AsInt64()));
    }

    public override bool Holds(ExecutionState state)
    {
        var first = left.Evaluate(state);
        if (first.IsNull)
            return false;
        var second = right.Evaluate(state);
        return !second.IsNull && Compare(first.AsInt64(), second.AsInt64());
    }

    private bool Compare(long a, long b) => kind switch
    {
        ComparisonKind.Equal => a == b,
        ComparisonKind.NotEqual => a != b,
        ComparisonKind.Less => a < b,
        ComparisonKind.LessOrEqual => a <= b,
        ComparisonKind.Greater => a > b,
        _ => a >= b,
    };
}

internal sealed class AndEvaluator(Evaluator[] operands) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var unknown = false;
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(state);
            if (value.IsFalse)
                return Datum.False;
            unknown |= value.IsNull;
        }

        return unknown ? Datum.Null : Datum.True;
    }

    public override bool Holds(ExecutionState state)
    {
        foreach (var operand in operands)
        {
            if (!operand.Holds(state))
                return false;
        }

        return true;
    }
}

internal sealed class OrEvaluator(Evaluator[] operands) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var unknown = false;
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(state);
            if (value.IsTrue)
                return Datum.True;
            unknown |= value.IsNull;
        }

        return unknown ? Datum.Null : Datum.False;
    }

    public override bool Holds(ExecutionState state)
    {
        foreach (var operand in operands)
        {
            if (operand.Holds(state))
                return true;
        }

        return false;
    }
}

internal sealed class NotEvaluator(Evaluator operand) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        return value.IsNull ? Datum.Null : Datum.FromBool(!value.AsBool());
    }
}

internal sealed class IsNullEvaluator(Evaluator operand, bool negated, bool isRecord) : Evaluator
{
    public override Datum Evaluate(ExecutionState state) => Datum.FromBool(Holds(state));

    public override bool Holds(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        if (!isRecord || value.IsNull)
            return value.IsNull != negated;

        // A row is null when every field is, and not null when no field is (SQL:2016, 8.8).
        foreach (var field in value.As<SqlRecord>().Fields)
        {
            if (field.IsNull == negated)
                return false;
        }

        return true;
    }
}

internal sealed class IsTruthEvaluator(Evaluator operand, Syntax.TruthTest test, bool negated) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        var holds = test switch
        {
            Syntax.TruthTest.True => value.IsTrue,
            Syntax.TruthTest.False => value.IsFalse,
            _ => value.IsNull,
        };
        return Datum.FromBool(holds != negated);
    }
}

internal sealed class IsDistinctEvaluator(Evaluator left, Evaluator right, SqlType type, bool negated) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var first = left.Evaluate(state);
        var second = right.Evaluate(state);
        var same = first.IsNull || second.IsNull ? first.IsNull && second.IsNull : type.AreEqual(first, second);
        return Datum.FromBool(same == negated);
    }
}

internal sealed class CaseEvaluator((Evaluator Condition, Evaluator Result)[] whens, Evaluator otherwise) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        foreach (var (condition, result) in whens)
        {
            if (condition.Holds(state))
                return result.Evaluate(state);
        }

        return otherwise.Evaluate(state);
    }
}

internal sealed class LetEvaluator(int slot, Evaluator value, Evaluator body) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        state.Slots[slot] = value.Evaluate(state);
        return body.Evaluate(state);
    }
}

internal sealed class CoalesceEvaluator(Evaluator[] arguments) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        foreach (var argument in arguments)
        {
            var value = argument.Evaluate(state);
            if (!value.IsNull)
                return value;
        }

        return Datum.Null;
    }
}

internal sealed class NullIfEvaluator(Evaluator left, Evaluator right, BinaryBody equality) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var first = left.Evaluate(state);
        if (first.IsNull)
            return Datum.Null;
        var second = right.Evaluate(state);
        return !second.IsNull && equality(first, second, state).IsTrue ? Datum.Null : first;
    }
}

internal sealed class GreatestLeastEvaluator(bool greatest, Evaluator[] arguments, SqlType type) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var best = Datum.Null;
        foreach (var argument in arguments)
        {
            var value = argument.Evaluate(state);
            if (!value.IsNull && (best.IsNull || type.Compare(value, best) > 0 == greatest && type.Compare(value, best) != 0))
                best = value;
        }

        return best;
    }
}

internal sealed class TextCastEvaluator(Evaluator operand, SqlType source, SqlType target) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        if (value.IsNull)
            return value;
        var text = source.Category == TypeCategory.String || source.Oid == PgOid.Unknown ? value.AsString() : source.Format(value, state.Format);
        return target.Parse(text, -1, state.Format);
    }
}

internal sealed class ModifierEvaluator(Evaluator operand, SqlType type, int modifier, bool isExplicit) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        return value.IsNull ? value : type.ApplyModifier(value, modifier, isExplicit);
    }
}

/// <summary>x IN (constants): a hash set built when the plan was compiled.</summary>
internal sealed class InSetEvaluator(Evaluator operand, HashSet<Datum> items, bool hasNull, bool negated) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        if (value.IsNull)
            return Datum.Null;
        if (items.Contains(value))
            return Datum.FromBool(!negated);
        return hasNull ? Datum.Null : Datum.FromBool(negated);
    }
}

internal sealed class InListEvaluator(Evaluator operand, Evaluator[] items, BinaryBody equality, bool negated) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        if (value.IsNull)
            return items.Length == 0 ? Datum.FromBool(negated) : Datum.Null;
        var unknown = false;
        foreach (var item in items)
        {
            var candidate = item.Evaluate(state);
            if (candidate.IsNull)
                unknown = true;
            else
            {
                var equal = equality(value, candidate, state);
                if (equal.IsTrue)
                    return Datum.FromBool(!negated);
                unknown |= equal.IsNull;
            }
        }

        return unknown ? Datum.Null : Datum.FromBool(negated);
    }
}

internal sealed class QuantifiedArrayEvaluator(Evaluator left, Evaluator array, BinaryBody comparison, bool strict, bool all) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = left.Evaluate(state);
        var elements = array.Evaluate(state);
        if (elements.IsNull)
            return Datum.Null;
        var unknown = false;
        foreach (var element in elements.As<SqlArray>().Elements)
        {
            var result = strict && (value.IsNull || element.IsNull) ? Datum.Null : comparison(value, element, state);
            if (all ? result.IsFalse : result.IsTrue)
                return Datum.FromBool(!all);
            unknown |= result.IsNull;
        }

        return unknown ? Datum.Null : Datum.FromBool(all);
    }
}

/// <param name="names">Field names, which JSON shows; default for those of an anonymous row.</param>
/// <param name="isNullWhenEmpty">A row of NULLs only is NULL itself: the row of a relation that an outer join has filled up.</param>
internal sealed class RowEvaluator(Evaluator[] elements, SqlType[] types, ImmutableArray<string> names = default, bool isNullWhenEmpty = false) : Evaluator
{
    private readonly ImmutableArray<SqlType> _types = [.. types];

    public override Datum Evaluate(ExecutionState state)
    {
        var fields = new Datum[elements.Length];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = elements[i].Evaluate(state);
        return isNullWhenEmpty && Array.TrueForAll(fields, f => f.IsNull) ? Datum.Null : Datum.FromObject(new SqlRecord(_types, fields, names));
    }
}

internal sealed class FieldEvaluator(Evaluator operand, int index) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var value = operand.Evaluate(state);
        return value.IsNull ? Datum.Null : value.As<SqlRecord>().Fields[index];
    }
}

/// <summary>Row comparison as SQL:2016 8.2 defines it, element by element.</summary>
internal sealed class RowComparisonEvaluator(Evaluator[] left, Evaluator[] right, BinaryBody[] equalities, BinaryBody[] comparisons, ComparisonKind kind) : Evaluator
{
    public override Datum Evaluate(ExecutionState state)
    {
        var unknown = false;
        for (var i = 0; i < left.Length; i++)
        {
            var first = left[i].Evaluate(state);
            var second = right[i].Evaluate(state);
            var equal = first.IsNull || second.IsNull ? Datum.Null : equalities[i](first, second, state);
            if (equal.IsTrue)
                continue;
            if (kind is ComparisonKind.Equal or ComparisonKind.NotEqual)
            {
                if (equal.IsFalse)
                    return Datum.FromBool(kind == ComparisonKind.NotEqual);
                unknown = true;
                continue;
            }

            return equal.IsNull ? Datum.Null : comparisons[i](first, second, state);
        }

        return unknown ? Datum.Null : Datum.FromBool(kind is ComparisonKind.Equal or ComparisonKind.LessOrEqual or ComparisonKind.GreaterOrEqual);
    }
}

internal sealed class NextValueEvaluator(Catalog.SequenceDescriptor sequence) : Evaluator
{
    public override Datum Evaluate(ExecutionState state) => Datum.FromInt64(state.Session!.NextSequenceValue(sequence));
}

/// <summary>Equality and hash of datums of one type, for hash sets and tables. NULL equals NULL (grouping).</summary>
internal sealed class DatumComparer(SqlType type) : IEqualityComparer<Datum>
{
    public bool Equals(Datum x, Datum y) => x.IsNull || y.IsNull ? x.IsNull && y.IsNull : type.AreEqual(x, y);

    public int GetHashCode(Datum obj) => obj.IsNull ? 0 : type.Hash(obj);
}
