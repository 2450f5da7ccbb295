namespace Chitin.Sql.Functions.Library;

/// <summary>How long a string that a function makes may become. PostgreSQL's own limit is 1 GB; ours keeps one row from taking the node's memory.</summary>
static class TextLimits
{
    internal const int MaxLength = 64 << 20;

    /// <summary>54000 when a result would be longer than <see cref="MaxLength"/> UTF-16 units or bytes.</summary>
    internal static int Check(long length) => length <= MaxLength ? (int)length : throw FunctionErrors.LimitExceeded("requested length too large");
}
