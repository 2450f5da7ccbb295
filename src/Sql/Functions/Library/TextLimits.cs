namespace Chitin.Sql.Functions.Library;

/// <summary>How large a string or an array that a function makes may become. PostgreSQL's own limit is 1 GB; ours keeps one row from taking the node's memory.</summary>
static class TextLimits
{
    internal const int MaxLength = 64 << 20;

    internal const int MaxElements = 8 << 20;

    /// <summary>54000 when an array would hold more than <see cref="MaxElements"/> elements.</summary>
    internal static int CheckElements(long count) =>
        count <= MaxElements ? (int)count : throw FunctionErrors.LimitExceeded($"array size exceeds the maximum allowed ({MaxElements})");

    /// <summary>54000 when a result would be longer than <see cref="MaxLength"/> UTF-16 units or bytes.</summary>
    internal static int Check(long length) => length <= MaxLength ? (int)length : throw FunctionErrors.LimitExceeded("requested length too large");
}
