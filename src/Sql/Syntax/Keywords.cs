using System.Collections.Frozen;

namespace Chitin.Sql.Syntax;

/// <summary>PostgreSQL's keyword categories (appendix C). A word in none of the sets is unreserved or no keyword: usable as any name.</summary>
internal static class Keywords
{
    private static readonly FrozenSet<string> s_reserved = Set("""
        all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_catalog current_date current_role current_time
        current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
        leading limit localtime localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric table then to trailing true
        union unique user using variadic when where window with
        """);

    private static readonly FrozenSet<string> s_typeOrFunction = Set("""
        authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like natural notnull outer overlaps right similar tablesample verbose
        """);

    private static readonly FrozenSet<string> s_columnName = Set("""
        between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int integer interval least national nchar none normalize nullif
        numeric out overlay position precision real row setof smallint substring time timestamp treat trim values varchar
        """);

    private static readonly FrozenSet<string> s_needsAs = Set("""
        array as char character create day except fetch filter for from grant group having hour in intersect into isnull limit minute month notnull offset on order over overlaps
        precision returning second time to union varying where window with within without year
        """);

    public static bool IsReserved(string word) => s_reserved.Contains(word);

    public static bool IsTypeOrFunction(string word) => s_typeOrFunction.Contains(word);

    public static bool IsColumnName(string word) => s_columnName.Contains(word);

    /// <summary>Column names: anything unreserved, and keywords that are column names.</summary>
    public static bool CanBeColumnId(string word) => !s_reserved.Contains(word) && !s_typeOrFunction.Contains(word);

    public static bool CanBeFunctionName(string word) => !s_reserved.Contains(word) && !s_columnName.Contains(word);

    /// <summary>An output name without AS.</summary>
    public static bool CanBeBareLabel(string word) => !s_needsAs.Contains(word);

    /// <summary>Must be quoted to be a name.</summary>
    public static bool NeedsQuotes(string word) => s_reserved.Contains(word) || s_typeOrFunction.Contains(word) || s_columnName.Contains(word);

    private static FrozenSet<string> Set(string words) => words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
