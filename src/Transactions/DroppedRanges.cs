namespace Chitin.Transactions;

/// <summary>
/// Which key ranges were dropped: a row for each, written with the drop and read by <see cref="HistoryCollector"/> once no snapshot can ask for them any more. Keys are of storage id 0,
/// which no table has.
/// </summary>
internal static class DroppedRanges
{
    public static (byte[] Lower, byte[] Upper) Records => ([0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 3]);

    /// <summary>A row that is written to have a commit behind a drop when nobody else makes one.</summary>
    public static ReadOnlySpan<byte> Heartbeat => [0, 0, 0, 0, 0, 3];

    /// <summary>
    /// The upper bound of a range whose number may be used again, by a transaction that begins later: that of a load which was rolled back. No key lies between it and the bound given.
    /// </summary>
    public static byte[] ReusableUpper(byte[] upper) => [.. upper, 0];

    /// <summary>A range with these bounds was dropped by a commit, which has also made sure that its number is never used again.</summary>
    public static bool IsForGood(byte[] lower, byte[] upper) => upper.Length > 0 && upper.Length <= lower.Length;

    /// <summary>The value is the first key behind the range; empty is the end of the store.</summary>
    public static byte[] KeyOf(ReadOnlySpan<byte> lower) => [.. Records.Lower, .. lower];
}
