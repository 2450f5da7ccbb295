namespace Chitin.Transactions;

/// <summary>
/// The keys that one commit writes, in order. Very large commits are known by the ranges that they cover, which can only refuse more.
/// </summary>
internal sealed class WrittenKeys(byte[][] keys, ulong[]? weak, (byte[] Lower, byte[] Upper)[] ranges)
{
    public const int MaxKeys = 16 * 1024;

    /// <summary>How many keys one range of a large commit stands for.</summary>
    public const int KeysPerRange = 256;

    /// <summary>In rising order.</summary>
    public byte[][] Keys => keys;

    /// <summary>Ranges with their upper bounds left out; an empty bound is the end of the store.</summary>
    public (byte[] Lower, byte[] Upper)[] Ranges => ranges;

    /// <summary>A write under a NO KEY UPDATE lock: the row stays and so does its key.</summary>
    public bool IsWeak(int index) => weak is not null && (weak[index >> 6] >> (index & 63) & 1) != 0;

    public bool Touches(in ReadEntry read)
    {
        foreach (var (lower, upper) in ranges)
        {
            if (read.Overlaps(lower, upper))
                return true;
        }

        int low = 0, high = keys.Length;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (keys[middle].AsSpan().SequenceCompareTo(read.Lower) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low < keys.Length && !read.IsBehind(keys[low]);
    }
}
