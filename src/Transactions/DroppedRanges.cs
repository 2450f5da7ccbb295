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

    /// <summary>The value is the first key behind the range; empty is the end of the store.</summary>
    public static byte[] KeyOf(ReadOnlySpan<byte> lower) => [.. Records.Lower, .. lower];
}
