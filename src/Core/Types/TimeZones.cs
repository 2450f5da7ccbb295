using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Chitin.Core.Types;

/// <summary>Time zones by the names that SQL takes: abbreviations, IANA names in any case, POSIX specifications.</summary>
public static class TimeZones
{
    private const string Folder = "/usr/share/zoneinfo";
    private const int MaxRemembered = 1000;

    /// <summary>Not zones, or second copies of zones.</summary>
    private static readonly FrozenSet<string> s_skipped = FrozenSet.ToFrozenSet(["posix", "right", "localtime", "posixrules", "leapseconds", "leap-seconds.list", "tzdata.zi"]);

    private static readonly FrozenDictionary<string, string> s_names = ReadNames();
    private static readonly ConcurrentDictionary<string, TimeZoneInfo> s_zones = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The system's zones, by their exact names.</summary>
    public static IReadOnlyCollection<string> Names => s_names.Values;

    /// <summary>An offset in seconds east of Greenwich or a zone with rules; both null when the name is unknown.</summary>
    public static (int? Offset, TimeZoneInfo? Zone) Find(string name)
    {
        Span<char> lower = stackalloc char[16];
        if (name.Length <= lower.Length && name.AsSpan().ToLowerInvariant(lower) is var length && ZoneAbbreviations.TryFind(lower[..length], out var abbreviation))
            return abbreviation.Zone is { } zone ? (null, FindZone(zone)) : (abbreviation.Offset, null);
        return (null, FindZone(name));
    }

    /// <summary>A zone by its IANA name in any case, or by a POSIX specification such as &lt;+02&gt;-02 or FOO5BAR; null when there is none such.</summary>
    public static TimeZoneInfo? FindZone(string name)
    {
        if (s_zones.TryGetValue(name, out var known))
            return known;
        var zone = name.Length is 0 or > 255 ? null : s_names.TryGetValue(name, out var exact)
            ? TimeZoneInfo.TryFindSystemTimeZoneById(exact, out var found) ? found : null
            : FindPosix(name);
        if (zone is not null && s_zones.Count < MaxRemembered)
            s_zones.TryAdd(name, zone);
        return zone;
    }

    /// <summary>A zone's abbreviation and offset (seconds east) at an instant (microseconds since 2000-01-01 UTC), and whether it is daylight saving time.</summary>
    public static (string Abbreviation, int Offset, bool IsDaylight) At(TimeZoneInfo zone, long utcMicroseconds)
    {
        var offset = ZoneRules.Of(zone).At(SqlDateTime.ToUnixSeconds(utcMicroseconds));
        return (offset.Abbreviation, offset.Seconds, offset.IsDaylight);
    }

    /// <summary>The path of a zone's compiled file; only names that were found in the folder have one.</summary>
    internal static string? FileOf(string name) => s_names.TryGetValue(name, out var exact) && Directory.Exists(Folder) ? Path.Combine(Folder, exact) : null;

    private static TimeZoneInfo? FindPosix(string name)
    {
        if (PosixZone.TryParse(name) is not { } rules)
            return null;
        // .NET wants whole minutes within 14 hours; the exact rules stand beside it.
        var minutes = Math.Clamp(rules.Standard.Seconds / 60, -14 * 60, 14 * 60);
        var zone = TimeZoneInfo.CreateCustomTimeZone(name, TimeSpan.FromMinutes(minutes), name, name);
        ZoneRules.Register(zone, rules);
        return zone;
    }

    private static FrozenDictionary<string, string> ReadNames()
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (Directory.Exists(Folder))
            AddNames(names, "");
        else
        {
            foreach (var zone in TimeZoneInfo.GetSystemTimeZones(skipSorting: true))
                names.TryAdd(zone.Id, zone.Id);
        }

        return names.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static void AddNames(Dictionary<string, string> names, string prefix)
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(Folder, prefix)).EnumerateFileSystemInfos())
        {
            if (s_skipped.Contains(entry.Name) || entry.Name.EndsWith(".tab", StringComparison.Ordinal))
                continue;
            var name = prefix + entry.Name;
            if (entry is DirectoryInfo)
                AddNames(names, name + "/");
            else
                names.TryAdd(name, name);
        }
    }
}
