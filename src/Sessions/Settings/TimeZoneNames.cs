using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Chitin.Sessions.Settings;

/// <summary>Time zones by tz database name, by a number of hours east ("+02", "-5.5"), and in POSIX form, which counts west ("&lt;+02&gt;-02", "+02:00"); manual B.5.</summary>
public static class TimeZoneNames
{
    private static readonly ConcurrentDictionary<string, (string Name, TimeZoneInfo Zone)?> s_known = new(StringComparer.OrdinalIgnoreCase);
    private static Dictionary<string, string>? s_spellings;

    /// <summary>Finds a zone; <paramref name="name"/> is how SHOW timezone prints it.</summary>
    public static bool TryFind(string text, [NotNullWhen(true)] out string? name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        text = text.Trim();
        (name, zone) = (null, null);
        if (text.Length is 0 or > 64)
            return false;
        if (!s_known.TryGetValue(text, out var found))
        {
            found = Find(text);
            if (s_known.Count < 2000)
                s_known[text] = found;
        }

        if (found is null)
            return false;
        (name, zone) = found.Value;
        return true;
    }

    public static string Normalize(string text) => TryFind(text, out var name, out _) ? name : throw SettingErrors.InvalidValue("TimeZone", text);

    /// <summary>A fixed offset, shown as PostgreSQL shows SET TIME ZONE with a number: &lt;+02&gt;-02.</summary>
    public static (string Name, TimeZoneInfo Zone) FromOffset(TimeSpan east)
    {
        var text = OffsetText(east);
        var posix = $"<{text}>{OffsetText(-east)}";
        return (posix, TimeZoneInfo.CreateCustomTimeZone(posix, east, text, text));
    }

    private static (string Name, TimeZoneInfo Zone)? Find(string text)
    {
        if (text.Equals("utc", StringComparison.OrdinalIgnoreCase) || text.Equals("z", StringComparison.OrdinalIgnoreCase))
            return ("UTC", TimeZoneInfo.Utc);
        if (text.Equals("gmt", StringComparison.OrdinalIgnoreCase))
            return ("GMT", TimeZoneInfo.CreateCustomTimeZone("GMT", TimeSpan.Zero, "GMT", "GMT"));
        if (text[0] == '<')
            return FindPosix(text);
        if (TryOffset(text, out var offset))
            return text.Contains(':', StringComparison.Ordinal) ? (text, TimeZoneInfo.CreateCustomTimeZone(text, -offset, text, text)) : FromOffset(offset);
        // "../../etc/passwd" must not become a file name.
        if (text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('/' or '_' or '-' or '+')) || text.Contains("//", StringComparison.Ordinal) || text[0] == '/')
            return null;
        var spelling = Spelling(text);
        return spelling is not null && TimeZoneInfo.TryFindSystemTimeZoneById(spelling, out var zone) ? (spelling, zone) : null;
    }

    /// <summary>&lt;+02&gt;-02: the number after the name counts west.</summary>
    private static (string Name, TimeZoneInfo Zone)? FindPosix(string text)
    {
        var end = text.IndexOf('>', StringComparison.Ordinal);
        return end > 1 && TryOffset(text[(end + 1)..], out var west)
            ? (text, TimeZoneInfo.CreateCustomTimeZone(text, -west, text[1..end], text[1..end]))
            : null;
    }

    private static bool TryOffset(string text, out TimeSpan offset)
    {
        offset = default;
        var sign = text.StartsWith('-') ? -1 : 1;
        var parts = text.TrimStart('+', '-').Split(':');
        if (parts.Length > 3 || text.Length > 12)
            return false;
        var seconds = 0.0;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], i == 0 ? NumberStyles.AllowDecimalPoint : NumberStyles.None, CultureInfo.InvariantCulture, out var number) || (i > 0 && number >= 60))
                return false;
            seconds += number * (i == 0 ? 3600 : i == 1 ? 60 : 1);
        }

        // .NET knows zones up to 14 hours and whole minutes.
        if (seconds > 14 * 3600 || seconds % 60 != 0)
            return false;
        offset = TimeSpan.FromSeconds(sign * seconds);
        return true;
    }

    private static string OffsetText(TimeSpan offset)
    {
        var text = $"{(offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs((int)offset.TotalHours):00}";
        return offset.Minutes == 0 ? text : text + $":{Math.Abs(offset.Minutes):00}";
    }

    /// <summary>The tz database's spelling of a name given in any case.</summary>
    private static string? Spelling(string text)
    {
        if (s_spellings is null)
        {
            var spellings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var zone in TimeZoneInfo.GetSystemTimeZones(skipSorting: true))
                spellings[zone.Id] = zone.Id;
            s_spellings = spellings;
        }

        return s_spellings.GetValueOrDefault(text) ?? (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var found) ? found.Id : null);
    }
}
