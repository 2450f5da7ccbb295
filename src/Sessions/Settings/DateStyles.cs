using Chitin.Core.Types;

namespace Chitin.Sessions.Settings;

/// <summary>DateStyle: an output style and a field order (section 20.11.2).</summary>
internal static class DateStyles
{
    /// <summary>The normal form ("ISO, MDY"). Parts that are not named keep PostgreSQL's default.</summary>
    public static string Normalize(string text)
    {
        var (style, order) = Parse(text);
        return Name(style) + ", " + order switch { DateOrder.Dmy => "DMY", DateOrder.Ymd => "YMD", _ => "MDY" };
    }

    public static (DateStyle Style, DateOrder Order) Parse(string text)
    {
        DateStyle? style = null;
        DateOrder? order = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (newStyle, newOrder) = ParsePart(part.Trim('"').ToLowerInvariant(), text);
            if ((newStyle is not null && style is not null && style != newStyle) || (newOrder is not null && order is not null && order != newOrder))
                throw SettingErrors.InvalidValue("DateStyle", text);
            style ??= newStyle;
            order ??= newOrder;
        }

        return (style ?? DateStyle.Iso, order ?? (style == DateStyle.German ? DateOrder.Dmy : DateOrder.Mdy));
    }

    private static (DateStyle? Style, DateOrder? Order) ParsePart(string part, string text) => part switch
    {
        "iso" => (DateStyle.Iso, null),
        "sql" => (DateStyle.Sql, null),
        "german" => (DateStyle.German, null),
        "ymd" => (null, DateOrder.Ymd),
        "mdy" or "us" or "noneuropean" or "noneuro" => (null, DateOrder.Mdy),
        "dmy" or "european" or "euro" => (null, DateOrder.Dmy),
        "default" => (DateStyle.Iso, DateOrder.Mdy),
        _ when part.StartsWith("postgres", StringComparison.Ordinal) => (DateStyle.Postgres, null),
        _ => throw SettingErrors.InvalidValue("DateStyle", text),
    };

    private static string Name(DateStyle style) => style switch
    {
        DateStyle.Sql => "SQL",
        DateStyle.Postgres => "Postgres",
        DateStyle.German => "German",
        _ => "ISO",
    };
}
