namespace Chitin.Storage;

/// <summary>
/// A hybrid logical clock reading: microseconds since 1970-01-01 UTC in the upper 52 bits, a logical counter in the lower 12.
/// Every version of a key carries one; no two versions of a key share one.
/// </summary>
public readonly record struct Timestamp(ulong Value) : IComparable<Timestamp>
{
    public const int LogicalBits = 12;

    public static Timestamp Zero => default;

    public static Timestamp Max => new(ulong.MaxValue);

    public long UnixMicroseconds => (long)(Value >> LogicalBits);

    public Timestamp Next() => new(Value + 1);

    public Timestamp Previous() => new(Value - 1);

    public static Timestamp FromUnixMicroseconds(long microseconds) => new((ulong)microseconds << LogicalBits);

    public int CompareTo(Timestamp other) => Value.CompareTo(other.Value);

    public static bool operator <(Timestamp left, Timestamp right) => left.Value < right.Value;

    public static bool operator >(Timestamp left, Timestamp right) => left.Value > right.Value;

    public static bool operator <=(Timestamp left, Timestamp right) => left.Value <= right.Value;

    public static bool operator >=(Timestamp left, Timestamp right) => left.Value >= right.Value;

    public override string ToString() => $"{UnixMicroseconds}.{Value & ((1 << LogicalBits) - 1)}";
}
