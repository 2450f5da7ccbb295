namespace Chitin.Sql.Functions.Library;

/// <summary>
/// Trigonometry in degrees that is exact where the result is (sind(30) = 0.5): angles are first brought into a range where one value is known, and results are scaled by what the
/// library gives for that value.
/// </summary>
static class DegreeFunctions
{
    const double Radian = Math.PI / 180;

    static readonly double s_sin30 = Math.Sin(30 * Radian);
    static readonly double s_oneMinusCos60 = 1 - Math.Cos(60 * Radian);
    static readonly double s_asinHalf = Math.Asin(0.5);
    static readonly double s_acosHalf = Math.Acos(0.5);
    static readonly double s_atan1 = Math.Atan(1);
    static readonly double s_tan45 = FirstQuadrantSin(45) / FirstQuadrantCos(45);

    internal static double Sin(double degrees)
    {
        var x = Math.IEEERemainder(degrees, 360);
        var sign = 1;
        if (x < 0)
            (x, sign) = (-x, -1);
        if (x > 90)
            x = 180 - x;
        return sign * FirstQuadrantSin(x);
    }

    internal static double Cos(double degrees)
    {
        var x = Math.Abs(Math.IEEERemainder(degrees, 360));
        return x > 90 ? -FirstQuadrantCos(180 - x) : FirstQuadrantCos(x);
    }

    internal static double Tan(double degrees)
    {
        var (x, sign) = Fold(degrees);
        return sign * (FirstQuadrantSin(x) / FirstQuadrantCos(x) / s_tan45) + 0;
    }

    internal static double Cot(double degrees)
    {
        var (x, sign) = Fold(degrees);
        return sign * (FirstQuadrantCos(x) / FirstQuadrantSin(x) * s_tan45) + 0;
    }

    internal static double Asin(double value) => value >= 0 ? FirstQuadrantAsin(value) : -FirstQuadrantAsin(-value);

    internal static double Acos(double value) => value >= 0 ? FirstQuadrantAcos(value) : 90 + FirstQuadrantAsin(-value);

    internal static double Atan(double value) => Math.Atan(value) / s_atan1 * 45;

    internal static double Atan2(double y, double x) => Math.Atan2(y, x) / s_atan1 * 45;

    /// <summary>An angle of 0 to 90 and the sign of its tangent.</summary>
    static (double Angle, int Sign) Fold(double degrees)
    {
        var x = Math.IEEERemainder(degrees, 360);
        var sign = 1;
        if (x < 0)
            (x, sign) = (-x, -1);
        return x > 90 ? (180 - x, -sign) : (x, sign);
    }

    static double FirstQuadrantSin(double x) => x <= 30 ? Math.Sin(x * Radian) / s_sin30 / 2 : CosTo60(90 - x);

    static double FirstQuadrantCos(double x) => x <= 60 ? CosTo60(x) : Math.Sin((90 - x) * Radian) / s_sin30 / 2;

    static double CosTo60(double x) => 1 - (1 - Math.Cos(x * Radian)) / s_oneMinusCos60 / 2;

    static double FirstQuadrantAsin(double value) => value <= 0.5 ? Math.Asin(value) / s_asinHalf * 30 : 90 - Math.Acos(value) / s_acosHalf * 60;

    static double FirstQuadrantAcos(double value) => value <= 0.5 ? 90 - Math.Asin(value) / s_asinHalf * 30 : Math.Acos(value) / s_acosHalf * 60;
}
