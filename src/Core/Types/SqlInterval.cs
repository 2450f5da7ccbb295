namespace Chitin.Core.Types;

/// <summary>A span of months, days and microseconds, kept apart as PostgreSQL keeps them. Comparison takes 30 days a month and 24 hours a day.</summary>
public sealed partial record SqlInterval(int Months, int Days, long Microseconds) : IComparable<SqlInterval>
{
    public static SqlInterval Zero { get; } = new(0, 0, 0);

    private Int128 Total => ((Int128)(((long)Months * 30) + Days) * SqlDateTime.MicrosecondsPerDay) + Microseconds;

    public int CompareTo(SqlInterval? other) => Total.CompareTo(other!.Total);

    public bool Equals(SqlInterval? other) => other is not null && Total == other.Total;

    public override int GetHashCode() => Total.GetHashCode();

    internal Int128 ComparisonValue => Total;

    public SqlInterval Negate() => Checked(-(long)Months, -(long)Days, -(Int128)Microseconds);

    public static SqlInterval Add(SqlInterval left, SqlInterval right) =>
        Checked((long)left.Months + right.Months, (long)left.Days + right.Days, (Int128)left.Microseconds + right.Microseconds);

    public static SqlInterval Subtract(SqlInterval left, SqlInterval right) =>
        Checked((long)left.Months - right.Months, (long)left.Days - right.Days, (Int128)left.Microseconds - right.Microseconds);

    /// <summary>Fractions of months become days (30 a month), fractions of days time (interval_mul).</summary>
    public SqlInterval Multiply(double factor) => Scale(Months * factor, Days * factor, Microseconds * factor);

    /// <summary>As <see cref="Multiply"/>; 22012 for zero (interval_div).</summary>
    public SqlInterval Divide(double divisor) =>
        divisor == 0 ? throw SqlNumeric.DivisionByZero() : Scale(Months / divisor, Days / divisor, Microseconds / divisor);

    private static SqlInterval Scale(double months, double days, double microseconds)
    {
        if (!(Math.Abs(months) <= int.MaxValue && Math.Abs(days) <= int.MaxValue && Math.Abs(microseconds) <= long.MaxValue))
            throw TypeErrors.DatetimeOutOfRange("interval");
        var wholeMonths = Math.Truncate(months);
        var wholeDays = Math.Truncate(days);
        // Rounded to microseconds at each step, so that a sum of binary fractions that should be whole is.
        var monthDays = RoundMicro((months - wholeMonths) * 30);
        var seconds = RoundMicro((days - wholeDays + monthDays - Math.Truncate(monthDays)) * 86400);
        if (Math.Abs(seconds) >= 86400)
        {
            wholeDays += Math.Truncate(seconds / 86400);
            seconds -= Math.Truncate(seconds / 86400) * 86400;
        }

        return Checked((long)wholeMonths, (long)(wholeDays + Math.Truncate(monthDays)), (Int128)Math.Round(microseconds + (seconds * 1e6)));
    }

    private static double RoundMicro(double value) => Math.Round(value * 1e6) / 1e6;

    public static SqlInterval Checked(long months, long days, Int128 microseconds)
    {
        if (months is < int.MinValue or > int.MaxValue || days is < int.MinValue or > int.MaxValue || microseconds < long.MinValue || microseconds > long.MaxValue)
            throw TypeErrors.DatetimeOutOfRange("interval");
        return new SqlInterval((int)months, (int)days, (long)microseconds);
    }
}
