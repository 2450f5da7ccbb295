using System.Globalization;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;
using Chitin.Storage;

namespace Chitin.Sessions;

/// <summary>
/// AS OF SYSTEM TIME 'timestamp' | '-10s' | nanoseconds since 1970, as CockroachDB takes it. follower_read_timestamp() is five seconds ago. "Ago" counts from the transaction's start (now()),
/// so that the same words mean the same instant all through it.
/// </summary>
internal static class AsOfTimes
{
    public static Timestamp Resolve(SyntaxExpression expression, DateTimeOffset now, FormatSettings format)
    {
        while (expression is CastExpression cast)
            expression = cast.Operand;
        return expression switch
        {
            LiteralExpression { Kind: LiteralKind.String } literal => FromText(literal.Text.Trim(), now, format),
            LiteralExpression { Kind: LiteralKind.Integer or LiteralKind.Decimal } literal => FromNanoseconds(literal.Text),
            FunctionCall { Name: [.., "follower_read_timestamp"] } => Ago(TimeSpan.FromSeconds(5), now),
            _ => throw Invalid(),
        };
    }

    private static Timestamp FromText(string text, DateTimeOffset now, FormatSettings format)
    {
        if (text.StartsWith('-'))
        {
            // The sign is the whole duration's: -1h30m is ninety minutes ago.
            var interval = SqlTypes.Interval.Parse(text.AsSpan(1), -1, format).As<SqlInterval>();
            return Timestamp.FromUnixMicroseconds(UnixMicroseconds(now.AddMonths(-interval.Months)) - (interval.Days * 86_400_000_000L) - interval.Microseconds);
        }

        if (text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c == '.') && text.IndexOf('.', StringComparison.Ordinal) is < 0 or > 10)
            return FromNanoseconds(text);
        var parsed = SqlTypes.TimestampTz.Parse(text, -1, format).AsInt64();
        if (parsed is long.MinValue or long.MaxValue)
            throw Invalid();
        return Timestamp.FromUnixMicroseconds(parsed + 946_684_800_000_000);
    }

    private static Timestamp FromNanoseconds(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var nanoseconds) && nanoseconds < 4e18m
            ? Timestamp.FromUnixMicroseconds((long)(nanoseconds / 1000))
            : throw Invalid();

    private static Timestamp Ago(TimeSpan span, DateTimeOffset now) => Timestamp.FromUnixMicroseconds(UnixMicroseconds(now - span));

    private static long UnixMicroseconds(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10;

    private static SqlException Invalid() => new(SqlState.InvalidParameterValue, "AS OF SYSTEM TIME: only a constant timestamp, a negative interval or a number of nanoseconds is allowed");
}
