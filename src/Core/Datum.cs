using System.Runtime.CompilerServices;

namespace Chitin.Core;

/// <summary>
/// One SQL value, 16 bytes, typed by its context (a <see cref="Types.SqlType"/> known when the statement was bound).
/// <c>default</c> is NULL. By-value types live in the 64 bits, all others in the reference:
/// <list type="table">
/// <item>bool, int2, int4, int8, oid, reg*, xid, "char": the bits as a sign-extended integer (oid: zero-extended)</item>
/// <item>float4, float8: the bits of a <see cref="double"/> (a float4 is a double that has a float's value)</item>
/// <item>date: days since 2000-01-01 (int.MinValue and int.MaxValue are -infinity and infinity)</item>
/// <item>time: microseconds since midnight; timestamp, timestamptz: microseconds since 2000-01-01 (UTC), long.MinValue/MaxValue are the infinities</item>
/// <item>timetz: (microseconds &lt;&lt; 20) | (zone + 2^19), zone in seconds west of Greenwich, as PostgreSQL stores it</item>
/// <item>enum: the label's order value (see EnumType); the order of bits is the order of labels</item>
/// <item>text, varchar, bpchar, name, unknown, json, xml: <see cref="string"/>; bytea: byte[]; uuid: boxed <see cref="Guid"/></item>
/// <item>numeric: SqlNumeric; interval: SqlInterval; jsonb: JsonbValue; arrays: SqlArray; record: SqlRecord (all in Core/Types)</item>
/// </list>
/// </summary>
public readonly struct Datum
{
    private static readonly object s_inline = new();

    private readonly object? _reference;
    private readonly long _bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Datum(object reference, long bits)
    {
        _reference = reference;
        _bits = bits;
    }

    public static Datum Null => default;

    public static Datum True { get; } = new(s_inline, 1);

    public static Datum False { get; } = new(s_inline, 0);

    public bool IsNull => _reference is null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Datum FromBool(bool value) => new(s_inline, value ? 1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Datum FromInt64(long value) => new(s_inline, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Datum FromDouble(double value) => new(s_inline, BitConverter.DoubleToInt64Bits(value));

    public static Datum FromString(string value) => new(value, 0);

    public static Datum FromBytes(byte[] value) => new(value, 0);

    public static Datum FromGuid(Guid value) => new(value, 0);

    /// <summary>A value that lives in an object: SqlNumeric, SqlInterval, JsonbValue, SqlArray, SqlRecord.</summary>
    public static Datum FromObject(object value) => new(value, 0);

    /// <summary>True only for a non-null true: what WHERE, CHECK's opposite and JOIN conditions ask.</summary>
    public bool IsTrue => _reference is not null && _bits != 0;

    /// <summary>True only for a non-null false.</summary>
    public bool IsFalse => _reference is not null && _bits == 0;

    public bool AsBool() => _bits != 0;

    public long AsInt64() => _bits;

    public int AsInt32() => (int)_bits;

    public short AsInt16() => (short)_bits;

    public uint AsOid() => (uint)_bits;

    public double AsDouble() => BitConverter.Int64BitsToDouble(_bits);

    public string AsString() => Unsafe.As<string>(_reference!);

    public byte[] AsBytes() => Unsafe.As<byte[]>(_reference!);

    public Guid AsGuid() => (Guid)_reference!;

    public T As<T>() where T : class => (T)_reference!;

    /// <summary>The object of a value that lives in one; null for by-value types and NULL.</summary>
    public object? Reference => _reference is null || ReferenceEquals(_reference, s_inline) ? null : _reference;

    public long Bits => _bits;

    /// <summary>Never the value: a datum can hold personal data, and this text may end in a log.</summary>
    public override string ToString() => IsNull ? "NULL" : "datum";
}
