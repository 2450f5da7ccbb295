namespace Chitin.Core.Types;

/// <summary>Time zones by the names that SQL takes: offsets, abbreviations, IANA names in any case.</summary>
public static class TimeZones
{
    /// <summary>An offset in seconds east of Greenwich or a zone with rules; both null when the name is unknown.</summary>
    public static (int? Offset, TimeZoneInfo? Zone) Find(string name) => DateTimeParser.FindZone(name);
}
