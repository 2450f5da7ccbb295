using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Bit strings (manual 9.6).</summary>
static class BitFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Cast("bit varbit", CastContext.Implicit, null);
        b.Cast("varbit bit", CastContext.Implicit, null);
        b.Cast("bit int4", CastContext.Explicit, static (v, _) => Datum.FromInt64((int)ToInteger(B(v), 32, "integer")));
        b.Cast("bit int8", CastContext.Explicit, static (v, _) => Datum.FromInt64(ToInteger(B(v), 64, "bigint")));
        b.Binary("bit(int4, int4) bit", static (v, n, _) => Of(FromInteger(v.AsInt64(), n.AsInt32())));
        b.Binary("bit(int8, int4) bit", static (v, n, _) => Of(FromInteger(v.AsInt64(), n.AsInt32())));
        b.Operator("bit & bit bit", static (l, r, _) => Of(Combine(B(l), B(r), "AND", static (x, y) => (byte)(x & y))));
        b.Operator("bit | bit bit", static (l, r, _) => Of(Combine(B(l), B(r), "OR", static (x, y) => (byte)(x | y))));
        b.Operator("bit # bit bit", static (l, r, _) => Of(Combine(B(l), B(r), "XOR", static (x, y) => (byte)(x ^ y))));
        b.Prefix("~ bit bit", static (v, _) => Of(Combine(B(v), B(v), "NOT", static (x, _) => (byte)~x)));
        b.Operator("bit << int4 bit", static (v, n, _) => Of(Shift(B(v), n.AsInt32())));
        b.Operator("bit >> int4 bit", static (v, n, _) => Of(Shift(B(v), -(long)n.AsInt32())));
        b.Operator("varbit || varbit varbit", static (l, r, _) => Of(Concat(B(l), B(r))));
        b.Unary("length|bit_length(bit) int4", static (v, _) => Datum.FromInt64(B(v).Length));
        b.Unary("octet_length(bit) int4", static (v, _) => Datum.FromInt64(B(v).Bytes.Length));
        b.Unary("bit_count(bit) int8", static (v, _) => Datum.FromInt64(Count(B(v))));
        b.Binary("get_bit(bit, int4) int4", static (v, n, _) => Datum.FromInt64(B(v)[CheckIndex(n.AsInt32(), B(v).Length)] ? 1 : 0));
        b.Scalar("set_bit(bit, int4, int4) bit", static (a, _) => Of(SetBit(B(a[0]), a[1].AsInt32(), a[2].AsInt32())));
        b.Binary("substring(bit, int4) bit", static (v, from, _) => Of(Substring(B(v), from.AsInt32(), null)));
        b.Scalar("substring(bit, int4, int4) bit", static (a, _) => Of(Substring(B(a[0]), a[1].AsInt32(), a[2].AsInt32())));
        b.Scalar("overlay(bit, bit, int4) bit", static (a, _) => Of(Overlay(B(a[0]), B(a[1]), a[2].AsInt32(), B(a[1]).Length)));
        b.Scalar("overlay(bit, bit, int4, int4) bit", static (a, _) => Of(Overlay(B(a[0]), B(a[1]), a[2].AsInt32(), a[3].AsInt32())));
        b.Binary("position(bit, bit) int4", static (v, sub, _) => Datum.FromInt64(Position(B(v), B(sub))));
    }

    internal static SqlBits B(Datum value) => value.As<SqlBits>();

    static Datum Of(SqlBits value) => Datum.FromObject(value);

    /// <summary>Made bit by bit; fine for the lengths that bit strings have.</summary>
    static SqlBits Make(long length, Func<int, bool> bitAt)
    {
        var count = TextLimits.Check(length);
        var bytes = new byte[(count + 7) / 8];
        for (var i = 0; i < count; i++)
            if (bitAt(i))
                bytes[i >> 3] |= (byte)(0x80 >> (i & 7));
        return new SqlBits(bytes, count);
    }

    internal static SqlBits Combine(SqlBits left, SqlBits right, string name, Func<byte, byte, byte> combine)
    {
        if (left.Length != right.Length)
            throw new SqlException(SqlState.StringDataLengthMismatch, $"cannot {name} bit strings of different sizes");
        var bytes = new byte[left.Bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = combine(left.Bytes[i], right.Bytes[i]);
        return new SqlBits(bytes, left.Length);
    }

    /// <summary>To the left for positive distances; zeros come in.</summary>
    static SqlBits Shift(SqlBits value, long distance) => Make(value.Length, i => i + distance >= 0 && i + distance < value.Length && value[(int)(i + distance)]);

    static SqlBits Concat(SqlBits left, SqlBits right) => Make((long)left.Length + right.Length, i => i < left.Length ? left[i] : right[i - left.Length]);

    static long Count(SqlBits value)
    {
        var count = 0L;
        foreach (var b in value.Bytes)
            count += byte.PopCount(b);
        return count;
    }

    static int CheckIndex(int index, int length) => index >= 0 && index < length
        ? index
        : throw new SqlException(SqlState.ArraySubscriptError, $"bit index {index} out of valid range (0..{length - 1})");

    static SqlBits SetBit(SqlBits value, int index, int bit)
    {
        CheckIndex(index, value.Length);
        if (bit is not (0 or 1))
            throw FunctionErrors.Invalid("new bit must be 0 or 1");
        return Make(value.Length, i => i == index ? bit == 1 : value[i]);
    }

    static SqlBits Substring(SqlBits value, int from, int? length)
    {
        long start = from, end = long.MaxValue;
        if (length is { } n)
            end = n < 0 ? throw new SqlException(SqlState.SubstringError, "negative substring length not allowed") : start + n;
        start = Math.Max(start, 1);
        end = Math.Min(end, value.Length + 1L);
        return Make(Math.Max(0, end - start), i => value[(int)(start - 1 + i)]);
    }

    static SqlBits Overlay(SqlBits value, SqlBits placing, int from, int length)
    {
        if (from <= 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        if (from > int.MaxValue - (long)length)
            throw FunctionErrors.OutOfRange("integer");
        return Concat(Concat(Substring(value, 1, from - 1), placing), Substring(value, from + length, null));
    }

    static int Position(SqlBits value, SqlBits sub)
    {
        for (var start = 0; start + sub.Length <= value.Length; start++)
        {
            var i = 0;
            while (i < sub.Length && value[start + i] == sub[i])
                i++;
            if (i == sub.Length)
                return value.Length == 0 ? 0 : start + 1;
        }

        return 0;
    }

    static long ToInteger(SqlBits value, int limit, string type)
    {
        if (value.Length > limit)
            throw FunctionErrors.OutOfRange(type);
        var result = 0UL;
        for (var i = 0; i < value.Length; i++)
            result = (result << 1) | (value[i] ? 1UL : 0UL);
        return (long)result;
    }

    /// <summary>The lowest bits, sign-extended to the left.</summary>
    static SqlBits FromInteger(long value, int length)
    {
        var count = length <= 0 ? 1 : length;
        return Make(count, i => (value >> Math.Min(63, count - 1 - i) & 1) != 0);
    }
}
