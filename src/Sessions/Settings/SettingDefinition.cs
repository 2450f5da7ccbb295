namespace Chitin.Sessions.Settings;

public enum SettingKind : byte { Bool, Integer, Real, Enum, Text, List }

/// <summary>The unit that an integer setting is kept in; a value with a unit is converted to it.</summary>
public enum SettingUnit : byte { None, Milliseconds, Seconds, Kilobytes }

/// <summary>A parameter's value: the text that SHOW prints, and its number in the base unit (integers; 1 and 0 for booleans).</summary>
public readonly record struct SettingValue(string Text, long Number)
{
    public override string ToString() => Text;
}

/// <summary>One session parameter: its type, default, bounds and who is told of changes (PostgreSQL 15, chapter 20).</summary>
public sealed class SettingDefinition
{
    public required string Name { get; init; }

    public required SettingKind Kind { get; init; }

    public required string Default { get; init; }

    public SettingUnit Unit { get; init; }

    public long Minimum { get; init; }

    public long Maximum { get; init; } = int.MaxValue;

    /// <summary>Values of an enum in the order in which a refusal lists them.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>Sent as ParameterStatus at login and at every change (GUC_REPORT).</summary>
    public bool IsReported { get; init; }

    /// <summary>SET is refused with 55P02.</summary>
    public bool IsReadOnly { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Checks and normalises a text value; throws 22023. Null = any text.</summary>
    public Func<string, string>? Normalize { get; init; }

    /// <summary>Its place in the value array.</summary>
    public int Index { get; internal set; }
}
