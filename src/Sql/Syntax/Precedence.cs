namespace Chitin.Sql.Syntax;

/// <summary>Binding strengths, weakest first (PostgreSQL 15, section 4.1.6).</summary>
internal static class Precedence
{
    public const int Lowest = 0;
    public const int Or = 1;
    public const int And = 2;
    public const int Not = 3;
    public const int Is = 4;
    public const int Comparison = 5;

    /// <summary>BETWEEN, IN, LIKE, ILIKE, SIMILAR.</summary>
    public const int Pattern = 6;

    /// <summary>Any operator that has no level of its own, infix or prefix.</summary>
    public const int Operator = 7;
    public const int Additive = 8;
    public const int Multiplicative = 9;
    public const int Power = 10;
    public const int AtTimeZone = 11;
    public const int Collate = 12;
    public const int UnarySign = 13;

    /// <summary>Subscripts, ::, field selection and everything that needs no parentheses.</summary>
    public const int Primary = 14;

    /// <summary>The level of an infix operator without a schema.</summary>
    public static int OfInfix(string symbol) => symbol switch
    {
        "<" or ">" or "=" or "<=" or ">=" or "<>" => Comparison,
        "+" or "-" => Additive,
        "*" or "/" or "%" => Multiplicative,
        "^" => Power,
        _ => Operator,
    };
}
