namespace Chitin.Core.Types;

/// <summary>The order of text under collation "C" in UTF-8: by code point. UTF-16 differs from it only where surrogates meet U+E000 and above.</summary>
public static class TextOrder
{
    public static int Compare(string left, string right) => ReferenceEquals(left, right) ? 0 : Compare(left.AsSpan(), right.AsSpan());

    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var count = left.CommonPrefixLength(right);
        if (count == left.Length || count == right.Length)
            return left.Length.CompareTo(right.Length);
        var a = left[count];
        var b = right[count];
        if (a >= 0xd800 && b >= 0xd800)
        {
            a = Rank(a);
            b = Rank(b);
        }

        return a.CompareTo(b);
    }

    /// <summary>Moves surrogates behind the rest of the plane.</summary>
    private static char Rank(char unit) => unit >= 0xe000 ? (char)(unit - 0x800) : (char)(unit + 0x2000);
}
