using System.Globalization;

namespace Chitin.Server.Configuration;

/// <summary>
/// The value of --encryption: which store, the active store key and the one before it. A key is a file's path or the word plain.
/// Texts of faults as CockroachDB's (pkg/base/store_spec.go).
/// </summary>
public sealed record EncryptionSpecification
{
    public const string Plain = "plain";

    public static readonly TimeSpan DefaultRotationPeriod = TimeSpan.FromHours(168);

    /// <summary>The store's directory; * stands for the only one.</summary>
    public required string Path { get; init; }

    public required string Key { get; init; }

    public required string OldKey { get; init; }

    /// <summary>How long a data key is used for new files.</summary>
    public TimeSpan RotationPeriod { get; init; } = DefaultRotationPeriod;

    /// <summary>path=…,key=…[,old-key=…][,rotation-period=…]. A missing old-key means plain: the first start of a new store.</summary>
    public static EncryptionSpecification? Parse(string text, ICollection<string> problems)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = problems.Count;
        foreach (var part in text.Split(','))
        {
            if (part.Length == 0)
            {
                problems.Add("encryption: empty field");
                continue;
            }

            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                problems.Add($"encryption: field not in the form <key>=<value>: {part}");
                continue;
            }

            var (name, value) = (part[..equals].Trim().ToLowerInvariant(), part[(equals + 1)..].Trim());
            if (name is not ("path" or "key" or "old-key" or "rotation-period"))
                problems.Add($"encryption: {name} is not a valid encryption field");
            else if (value.Length == 0)
                problems.Add($"encryption: no value specified for {name}");
            else if (!fields.TryAdd(name, value))
                problems.Add($"encryption: {name} field was used twice in encryption definition");
        }

        if (!fields.ContainsKey("path"))
            problems.Add("encryption: no path specified");
        if (!fields.ContainsKey("key"))
            problems.Add("encryption: no key specified");
        var rotation = DefaultRotationPeriod;
        if (fields.TryGetValue("rotation-period", out var period) && (!Durations.TryParse(period, out rotation) || rotation <= TimeSpan.Zero))
            problems.Add($"encryption: could not parse rotation-duration value: {period}");
        return problems.Count > found ? null : new EncryptionSpecification
        {
            Path = fields["path"],
            Key = fields["key"],
            OldKey = fields.GetValueOrDefault("old-key", Plain),
            RotationPeriod = rotation,
        };
    }

    /// <summary>Whether this entry is meant for the store in that directory.</summary>
    public bool AppliesTo(string storeDirectory) =>
        Path == "*" || System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)) == System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(storeDirectory));
}

/// <summary>Durations as Go and CockroachDB write them: 168h, 1h30m, 500ms, 0.</summary>
public static class Durations
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0")
            return true;
        var rest = text.AsSpan();
        if (rest.IsEmpty)
            return false;
        while (!rest.IsEmpty)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
                digits++;
            var unit = digits;
            while (unit < rest.Length && char.IsAsciiLetter(rest[unit]))
                unit++;
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
                return false;
            var seconds = rest[digits..unit] switch
            {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                _ => double.NaN,
            };
            var total = duration.TotalSeconds + (amount * seconds);
            if (!(total <= 100.0 * 366 * 86400))
                return false;
            duration = TimeSpan.FromSeconds(total);
            rest = rest[unit..];
        }

        return true;
    }
}
