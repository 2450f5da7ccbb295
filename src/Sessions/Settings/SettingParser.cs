using System.Globalization;
using Chitin.Core;

namespace Chitin.Sessions.Settings;

/// <summary>Turns the text of a SET into a value, with PostgreSQL's units and words (section 20.1.1).</summary>
internal static class SettingParser
{
    private static readonly (string Name, double Factor)[] s_times =
        [("us", 0.001), ("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    private static readonly (string Name, double Factor)[] s_sizes =
        [("B", 1 / 1024.0), ("kB", 1), ("MB", 1024), ("GB", 1024 * 1024), ("TB", 1024.0 * 1024 * 1024)];

    public static SettingValue Parse(SettingDefinition definition, string text) => definition.Kind switch
    {
        SettingKind.Bool => ParseBool(text.Trim()) is { } flag
            ? new SettingValue(flag ? "on" : "off", flag ? 1 : 0)
            : throw SettingErrors.NotBoolean(definition.Name),
        SettingKind.Integer => ParseInteger(definition, text.Trim()),
        SettingKind.Real => ParseReal(definition, text.Trim()),
        SettingKind.Enum => ParseEnum(definition, text.Trim()),
        _ => new SettingValue(definition.Normalize is { } normalize ? normalize(text) : text, 0),
    };

    /// <summary>on, off, true, false, yes, no and their unique prefixes, 1 and 0; null for anything else.</summary>
    public static bool? ParseBool(string text)
    {
        if (text.Length == 0)
            return null;
        if ("true".StartsWith(text, StringComparison.OrdinalIgnoreCase) || "yes".StartsWith(text, StringComparison.OrdinalIgnoreCase) || text == "1" || text.Equals("on", StringComparison.OrdinalIgnoreCase))
            return true;
        if ("false".StartsWith(text, StringComparison.OrdinalIgnoreCase) || "no".StartsWith(text, StringComparison.OrdinalIgnoreCase) || text == "0" ||
            (text.Length > 1 && "off".StartsWith(text, StringComparison.OrdinalIgnoreCase)))
            return false;
        return null;
    }

    private static SettingValue ParseInteger(SettingDefinition definition, string text)
    {
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] is '.' or '-' or '+' || (text[digits] is 'e' or 'E' && digits + 1 < text.Length && char.IsAsciiDigit(text[digits + 1]))))
            digits++;
        if (!double.TryParse(text.AsSpan(0, digits), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw SettingErrors.InvalidValue(definition.Name, text);
        var unit = text[digits..].Trim();
        if (unit.Length != 0)
            number *= Factor(definition, unit, text);
        number = Math.Round(number, MidpointRounding.ToEven);
        if (!(number >= definition.Minimum && number <= definition.Maximum))
            throw SettingErrors.OutOfRange(definition.Name, Suffixed(number.ToString("F0"), definition.Unit), definition);
        return new SettingValue(Show((long)number, definition.Unit), (long)number);
    }

    private static string Suffixed(string number, SettingUnit unit) => unit switch
    {
        SettingUnit.Milliseconds => number + " ms",
        SettingUnit.Seconds => number + " s",
        SettingUnit.Kilobytes => number + " kB",
        _ => number,
    };

    private static double Factor(SettingDefinition definition, string unit, string text)
    {
        var (units, divisor, hint) = definition.Unit switch
        {
            SettingUnit.Milliseconds => (s_times, 1.0, "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"."),
            SettingUnit.Seconds => (s_times, 1000.0, "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"."),
            SettingUnit.Kilobytes => (s_sizes, 1.0, "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"."),
            _ => ([], 1.0, null as string),
        };
        foreach (var (name, factor) in units)
        {
            if (name == unit)
                return factor / divisor;
        }

        throw SettingErrors.InvalidValue(definition.Name, text, hint);
    }

    /// <summary>The largest unit that divides the number, as SHOW prints: 5s, 4MB, 90min.</summary>
    private static string Show(long number, SettingUnit unit)
    {
        if (number <= 0 || unit == SettingUnit.None)
            return number.ToString();
        var (units, divisor) = unit switch
        {
            SettingUnit.Milliseconds => (s_times, 1.0),
            SettingUnit.Seconds => (s_times, 1000.0),
            _ => (s_sizes, 1.0),
        };
        for (var i = units.Length - 1; i >= 0; i--)
        {
            var factor = units[i].Factor / divisor;
            if (factor >= 1 && number % (long)factor == 0)
                return (number / (long)factor).ToString() + units[i].Name;
        }

        return number.ToString();
    }

    private static SettingValue ParseReal(SettingDefinition definition, string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw SettingErrors.InvalidValue(definition.Name, text);
        if (!(number >= definition.Minimum && number <= definition.Maximum))
            throw SettingErrors.OutOfRange(definition.Name, text, definition);
        return new SettingValue(number.ToString("R", CultureInfo.InvariantCulture), (long)number);
    }

    private static SettingValue ParseEnum(SettingDefinition definition, string text)
    {
        text = definition.Normalize?.Invoke(text) ?? text;
        foreach (var choice in definition.Choices)
        {
            if (choice.Equals(text, StringComparison.OrdinalIgnoreCase))
                return new SettingValue(choice, 0);
        }

        throw SettingErrors.InvalidValue(definition.Name, text, $"Available values: {string.Join(", ", definition.Choices)}.");
    }
}
